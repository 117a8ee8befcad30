"""Partners and their tokens: new, changed for another, ended. The folder is checked before it is written."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from shared import durable
from shared.directory import partners_file
from shared.directory.build import NAMES, OPTIONAL, build
from shared.directory.checks import check
from shared.directory.errors import DirectoryError
from shared.directory.folder import load
from shared.directory.model import Partner
from shared.directory.reading import read_folder
from shared.tokens import new_token, token_hash

PARTNERS, HEAD = "partners.yaml", "directory.yaml"
# While a partner changes its token, the old one and the new one work. A third would be one that nobody remembers.
LIVE = 2
_VERSION = re.compile(r"^(version:[ \t]*)(\d+)", re.MULTILINE)


class WrongPartner(Exception):
    """The change can't be made; the text says why."""


class Desk:
    """Changes one folder. Every method raises DirectoryError for a folder that can't be used, before or after.

    A token is returned once and stored nowhere; the file has its hash.
    """

    def __init__(self, folder: Path, today: date) -> None:
        self._folder = folder
        self._today = today

    def listed(self) -> Sequence[Partner]:
        return load(self._folder).partners

    def new(
        self, partner: str, *, name: str, unit: str, scopes: Sequence[str], expires: date, channels: Sequence[str] = ()
    ) -> str:
        """The token of a partner that wasn't there. Raises WrongPartner."""
        self._not_over(expires)
        token = new_token(partner)
        entry = {
            "id": partner,
            "name": name,
            "unit": unit,
            "scopes": list(dict.fromkeys(scopes)),
            "expires": expires.isoformat(),
            **({"channels": list(dict.fromkeys(channels))} if channels else {}),
            "token_sha256": [token_hash(token)],
        }

        def add(text: str, present: Partner | None) -> str:
            if present is not None:
                raise WrongPartner(f'"{partner}" is there already; rotate gives it another token')
            return partners_file.added(text, entry)

        self._edit(partner, add)
        return token

    def rotate(self, partner: str, *, expires: date | None = None) -> str:
        """Another token; the newest of the old ones goes on working until it is revoked. Raises WrongPartner.

        A partner whose time was over starts again with this token alone.
        """
        if expires is not None:
            self._not_over(expires)
        token = new_token(partner)

        def change(text: str, present: Partner | None) -> str:
            if present is None:
                raise WrongPartner(f'"{partner}" is not in {PARTNERS}; new makes a partner')
            over = present.expires < self._today
            if over and expires is None:
                raise WrongPartner(f'"{partner}" ended on {present.expires}; say with --expires until when it works')
            kept = () if over else present.token_sha256[-(LIVE - 1) :]
            text = partners_file.changed(text, partner, token_sha256=[*kept, token_hash(token)])
            return text if expires is None else partners_file.changed(text, partner, expires=expires.isoformat())

        self._edit(partner, change)
        return token

    def revoke(self, partner: str, *, old_only: bool = False) -> None:
        """No token works from now on; with `old_only` the newest still does. Raises WrongPartner.

        The entry stays, because cases name the partner that reported them.
        """

        def change(text: str, present: Partner | None) -> str:
            if present is None:
                raise WrongPartner(f'"{partner}" is not in {PARTNERS}')
            if old_only:
                return partners_file.changed(text, partner, token_sha256=list(present.token_sha256[-1:]))
            last = min(present.expires, self._today - timedelta(days=1))
            return partners_file.changed(text, partner, token_sha256=[], expires=last.isoformat())

        self._edit(partner, change)

    def _not_over(self, expires: date) -> None:
        if expires < self._today:
            raise WrongPartner(f"{expires} is over; a token has to last")

    def _edit(self, partner: str, change: Callable[[str, Partner | None], str]) -> None:
        with self._alone():
            present = next((one for one in load(self._folder).partners if one.id == partner), None)
            contents = read_folder(self._folder, NAMES, OPTIONAL)
            text = contents[PARTNERS].decode("utf-8")
            edited = change(text, present)
            if edited == text:
                return
            contents[PARTNERS] = edited.encode()
            contents[HEAD] = _raised(contents[HEAD].decode("utf-8")).encode()
            # What is wrong with the edit is said here, in the words of the folder, and nothing is written.
            check(build(contents))
            # The head last: a service that reads in between has the new partners under the old number, no harm.
            for name in (PARTNERS, HEAD):
                _replace(self._folder / name, contents[name])

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two people at two terminals: one after the other."""
        opened = os.open(self._folder, os.O_RDONLY)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX)
            yield
        finally:
            os.close(opened)


def _raised(head: str) -> str:
    if _VERSION.search(head) is None:
        raise DirectoryError(HEAD, "version", "is not on a line of its own; raise it by hand")
    return _VERSION.sub(lambda found: f"{found[1]}{int(found[2]) + 1}", head, count=1)


def _replace(path: Path, content: bytes) -> None:
    """Whole, since the services read while we write; owner and mode stay."""
    was = path.stat()
    owner = (was.st_uid, was.st_gid) if os.geteuid() == 0 else None
    durable.write(path, content, was.st_mode & 0o777, owner)
