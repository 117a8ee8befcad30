"""Is the installation's key the one that the cases are sealed under?"""

from __future__ import annotations

from services.reporting.documents import Store, case_keys, translated
from services.reporting.keys.keyring import Keyring


class WrongKey(Exception):
    """The sentence says what to do."""


def check(store: Store, keyring: Keyring) -> None:
    """Raises `WrongKey` or `DependencyDown`. With another key new cases could be read, and no old one ever again."""
    with translated():
        under = case_keys.under(store.case_keys)
    if under is not None and under != keyring.id:
        raise WrongKey(
            f"CASE_KEY_FILE is not the key of this database: cases are sealed under {under}, this is {keyring.id}. "
            "Put the right file back; if it is lost, restore the newest backup into an empty database."
        )
