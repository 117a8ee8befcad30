"""What `dead` and `rollups` do on the command line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click

from services.reporting.command_line import opened
from services.reporting.deadletters import Cupboard
from services.reporting.documents import Store, dead_letters
from services.reporting.keys import Keyring
from services.reporting.keys.checking import WrongKey, check
from services.reporting.keys.rewrap import Rewrap
from services.reporting.opening import Opening
from services.reporting.projector import Projector
from services.reporting.rebuild import rebuild
from services.reporting.rollups import Rollups
from services.reporting.settings import Settings
from shared.directory import DirectoryFolder
from shared.messaging.publisher import Publisher
from shared.messaging.replay import replay

_CONFIRM = 15.0


def dead_list(settings: Settings, everything: bool, limit: int) -> None:
    with opened(settings) as store:
        for letter in dead_letters.listed(store.dead_letters, limit, replayed=everything):
            click.echo(json.dumps(_shown(letter), ensure_ascii=False))


def dead_show(settings: Settings, key: str) -> None:
    with opened(settings) as store:
        letter = _letter(store, key)
        # The body is not shown: a terminal has a scrollback, and what could not be decoded may hold a name.
        click.echo(json.dumps({**_shown(letter), "headers": dict(letter["headers"])}, ensure_ascii=False, indent=2))


def dead_replay(settings: Settings, key: str) -> None:
    with opened(settings) as store:
        letter = _letter(store, key)
        body = Cupboard(store, settings.dead_letter_dir, settings.sealing_private_dir).body(letter)
        publisher = Publisher(settings.amqp_url, name="reporting-replay")
        publisher.start()
        try:
            replay(publisher, letter["queue"], dead_letters.message_of(letter, body)).result(_CONFIRM)
        except TimeoutError:
            raise click.ClickException("the broker did not confirm; the letter is kept, try again") from None
        finally:
            publisher.close()
        dead_letters.replayed(store.dead_letters, key, datetime.now(UTC))
        click.echo(f"sent to {letter['queue']}")


def rollups_rebuild(settings: Settings) -> None:
    with opened(settings) as store:
        store.ensure_indexes()
        try:
            unfolded = rebuilt(store, settings)
        except WrongKey as wrong:
            raise click.ClickException(str(wrong)) from None
    for incident in unfolded:
        click.echo(f"cannot be folded, left as it was: {incident}", err=True)
    if unfolded:
        raise SystemExit(1)


def rebuilt(store: Store, settings: Settings) -> list[str]:
    """Everything anew from the facts, said as it goes on; the incidents that cannot be folded.

    Raises `WrongKey`: with another key every late part would be sealed under it, and open for nobody.
    """
    check(store, Keyring(settings.case_key))
    folder = DirectoryFolder(settings.directory)
    opening = Opening.from_dir(settings.sealing_private_dir)
    projector = Projector(store, folder.at_least, Rewrap(store, opening, Keyring(settings.case_key)))
    return rebuild(store, projector, Rollups(store), folder.current(), tell=told)


def told(what: str, count: int) -> None:
    click.echo(f"{what}: {count}")


def rollups_status(settings: Settings) -> None:
    with opened(settings) as store:
        waiting = store.segments.count_documents({"dirty": True})
        status = {
            "facts": store.facts.estimated_document_count(),
            "cases": store.cases.estimated_document_count(),
            "half_months": store.segments.estimated_document_count(),
            "rollups": store.rollups.estimated_document_count(),
            "waiting": waiting,
        }
    click.echo(json.dumps(status))
    raise SystemExit(1 if waiting else 0)


def _letter(store: Store, key: str) -> dict[str, Any]:
    letter = dead_letters.one(store.dead_letters, key)
    if letter is None:
        raise click.ClickException("there is no dead letter with this key; dead list shows them")
    return letter


def _shown(letter: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "key": letter["_id"],
        "event_id": letter["event_id"],
        "name": letter["name"],
        "reason": letter["reason"],
        "at": letter["at"].isoformat(),
        "size": letter["size"],
        "replayed_at": letter["replayed_at"].isoformat() if letter["replayed_at"] else None,
    }
