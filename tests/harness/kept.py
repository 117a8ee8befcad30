"""What must be kept of each child besides its number: who it is, and every step that was told.

Opened with the installation's own keys: a part that lies there under a key that is lost is as good as none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from services.notify.clocks import EMERGENCY, LATE, MET
from services.reporting.documents.sealed_parts import REPORT, id_of
from services.reporting.keys import Keyring, Unopened
from tests.harness.ledger import Ledger, told_as

Database = Any


def identities(ledger: Ledger, reporting: Database, keyring: Keyring) -> Iterator[str]:
    """Every accepted case opens, to its own child; an erased one does not."""
    lost, wrong = set(), set()
    keys = {row["_id"]: row for row in reporting.case_keys.find()}
    sealed = {row["_id"]: dict(row["parts"]) for row in reporting.sealed_parts.find()}
    for one in ledger.accepted.values():
        for case, child in zip(one.cases, one.body["children"], strict=True):
            try:
                found = keyring.unwrap(keys[case]).open("child", bytes(sealed[id_of(case, REPORT)]["child"]))
            except (Unopened, LookupError):
                lost.add(case)
            else:
                if found["child"]["full_name"] != child["full_name"]:
                    wrong.add(case)
    yield from told_as("accepted and who it is does not open", lost - ledger.erased)
    yield from told_as("erased and opens", ledger.erased - lost)
    yield from told_as("a case that opens to another child", wrong)
    still = reporting.facts.find({"sealed_under": {"$gt": ""}}, {"_id": 1})
    yield from told_as("a fact that keeps what was sealed at the door", {fact["_id"] for fact in still})


def steps(told: Mapping[str, str], notify: Database, reporting: Database) -> Iterator[str]:
    """`told`: event id -> case id of every accepted EMERGENCY_APPLIED."""
    facts = {row["_id"] for row in reporting.facts.find({"name": "case.step_recorded"}, {"_id": 1})}
    yield from told_as("a step that reporting has not kept", set(told) - facts)
    rows = list(notify.incidents.find({}, {"facts.id": 1, "clocks": 1}))
    kept = Counter(fact["id"] for row in rows for fact in row.get("facts", ()))
    yield from told_as("a step that notify has not kept", set(told) - set(kept))
    yield from told_as("a step kept twice", {id_ for id_, times in kept.items() if times > 1})
    running = {
        clock["case_id"]
        for row in rows
        for clock in row.get("clocks", ())
        if clock["clock"] == EMERGENCY and clock["state"] not in {MET, LATE}
    }
    yield from told_as("a clock that its step has not met", running & set(told.values()))
