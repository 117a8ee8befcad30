"""What is still sealed as it came, by the door's key: as long as there is any, that key can't be destroyed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.reporting.documents import Store, dead_letters, facts, notices, translated
from services.reporting.telling import noted, stored
from shared import logs

TOO_LONG = timedelta(days=20)
TOPIC = "SEALED_TOO_LONG"

log = logs.get(__name__)


@dataclass(frozen=True)
class Originals:
    """Of one key: how many there are, and since when the oldest waits."""

    count: int
    since: datetime

    def __add__(self, other: Originals) -> Originals:
        return Originals(self.count + other.count, min(self.since, other.since))


def originals(store: Store) -> dict[str, Originals]:
    """By key id: facts that did not open, and dead letters that nobody has sent again. Raises `DependencyDown`."""
    with translated():
        found = {key: Originals(*one) for key, one in facts.originals(store.facts).items()}
        for letter in dead_letters.bodies(store.dead_letters):
            key_id = letter.get("sealed_under") or _key_of(letter["body"])
            if key_id is not None:
                one = Originals(1, letter["at"])
                found[key_id] = found[key_id] + one if key_id in found else one
    return found


def tell_of_old(store: Store, now: datetime) -> int:
    """Tell the operator of what waits for longer than 20 days, once a day. Returns how much. Raises `DependencyDown`.

    A key is destroyed 35 days after its successor came; what is sealed under it could then never be opened.
    """
    count = sum(one.count for one in originals(store).values() if now - one.since > TOO_LONG)
    if count:
        log.error("sealed for too long", count=count)
        with translated():
            notices.put(store.operator_notices, stored(noted(TOPIC, now.date().isoformat(), str(count), now)))
    return count


def _key_of(body: bytes | None) -> str | None:
    """None of what is not sealed under a key that is ours to destroy."""
    try:
        data = json.loads(bytes(body or b"{}"))
        sealed = data.get("sealed") if isinstance(data, dict) else None
        return str(sealed["key_id"]) if isinstance(sealed, dict) and sealed.get("parts") else None
    except (ValueError, KeyError):
        return None
