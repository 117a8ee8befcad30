"""What was promised, set against what was done (after Jepsen's total-queue checker).

The client writes down every report that was answered with 202. When everything is quiet, the sets are compared:
accepted = alerted, by every duty and once; alerted is allowed by `shared.authority`; accepted = counted, once; a second
identical call to the gateway only after a call of which nobody knows whether it arrived.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.notify.routing import route
from shared.authority import Barrier, Clear, Contact, excluded_agencies, normal_mailbox, normal_phone
from shared.directory import Directory, load

Row = Mapping[str, Any]
SHOWN = 5
DOUBTFUL = {None, "unknown"}
AGAIN = DOUBTFUL | {"failed_temporary"}


@dataclass(frozen=True)
class Accepted:
    """One 202: the body as posted, the ids as answered."""

    incident_id: str
    code: str
    cases: tuple[str, ...]
    body: Row = field(repr=False)

    @property
    def clear(self) -> Clear:
        """From what was posted and not from what intake made of it."""
        body = self.body
        children = body.get("children") or []
        return Clear(
            commune=body["commune"],
            village=body.get("village"),
            kinds=tuple(body["kinds"]),
            environment=body.get("environment"),
            danger=body.get("immediate_danger"),
            schools=tuple(dict.fromkeys(one["school"] for one in children if one.get("school"))),
            residences=tuple(
                dict.fromkeys(one["residence_commune"] for one in children if one.get("residence_commune"))
            ),
            relations=tuple(dict.fromkeys(one["relation"] for one in body.get("suspects", []) if one.get("relation"))),
            withhold_from=frozenset(body.get("withhold_from", [])),
        )


@dataclass(frozen=True)
class Seen:
    """What the services have, read from the outside when everything is quiet.

    `alerts`, `facts`, `cases` as stored (facts need `_id`, `name`); `total` is the indicator that the district reads;
    `calls` is every raw call of the SMS gateway, `mails` what lies in the mailboxes; `incidents` have the messages
    about deadlines, `notices` the operator's, whose addresses are `operator`.
    """

    alerts: Sequence[Row]
    facts: Sequence[Row]
    cases: Sequence[Row]
    total: int
    calls: Sequence[Row]
    mails: Sequence[Row]
    notices: Sequence[Row]
    operator: frozenset[str]
    incidents: Sequence[Row] = ()


class Ledger:
    """`before`: what the district's indicator said when the ledger was opened. `erased`: cases that must not open."""

    def __init__(self, directory: Directory, contacts: Sequence[Contact], before: int = 0) -> None:
        self._directory, self.contacts, self._before = directory, contacts, before
        self.accepted: dict[str, Accepted] = {}
        self.unanswered = 0
        self.erased: set[str] = set()
        self.declared: dict[str, frozenset[str]] = {}
        self._owing: dict[str, frozenset[tuple[str, str, str, str]]] = {}
        self._barriers: dict[str, Barrier] = {}

    @classmethod
    def of(cls, directory: Path, contacts: Sequence[Contact]) -> Ledger:
        """`directory` is a folder."""
        return cls(load(directory), contacts)

    def accept(self, body: Row, answer: Row) -> None:
        found = Accepted(answer["incident_id"], answer["code"], tuple(answer["case_ids"]), body)
        self.accepted[found.incident_id] = found

    def declare(self, incident_id: str, agencies: Iterable[str]) -> None:
        """These must not know of it from now on."""
        self.declared[incident_id] = self.declared.get(incident_id, frozenset()) | frozenset(agencies)

    @property
    def children(self) -> int:
        return sum(len(one.cases) for one in self.accepted.values())

    def problems(self, seen: Seen) -> list[str]:
        """One sentence for each kind of breach, naming the first few; empty when every promise was kept."""
        return [
            *self._alerted(seen),
            *self._moved(seen),
            *self._authorised(seen),
            *self._counted(seen),
            *self._sent(seen),
        ]

    # --- accepted = alerted -----------------------------------------------------------------------------------------

    def _alerted(self, seen: Seen) -> Iterable[str]:
        found = Counter((a["incident_id"], a["agency"], a["duty"], a["occasion"]) for a in seen.alerts)
        # Where a conflict was declared, duties moved: see _moved.
        found -= Counter({key: times for key, times in found.items() if key[0] in self.declared and times == 1})
        owed = {key for one in self.accepted.values() if one.incident_id not in self.declared for key in self.owed(one)}
        told = {alert["incident_id"] for alert in seen.alerts}
        yield from told_as("accepted and nobody alerted", set(self.accepted) - told)
        yield from told_as("a duty without its alert", {key for key in owed - set(found) if key[0] in told})
        yield from told_as("alerted twice", {key for key, times in found.items() if times > 1})
        yield from told_as(
            "an alert for which there is no duty", {k for k in set(found) - owed if k[0] in self.accepted}
        )
        if not self.unanswered:
            yield from told_as("alerted and never accepted", told - set(self.accepted))
        open_ = {a["_id"] for a in seen.alerts if any(d.get("next_at") is not None for d in a["deliveries"])}
        yield from told_as("a delivery that is not settled", open_)

    def owed(self, one: Accepted) -> frozenset[tuple[str, str, str, str]]:
        """(incident, agency, duty, occasion) of every alert that this report must raise."""
        if one.incident_id not in self._owing:
            now = datetime.now(UTC)
            routed = route(one.clear, self._directory, self.contacts, at=now, received_at=now)
            owed = frozenset((one.incident_id, duty.agency, duty.duty, "first") for duty in routed.duties)
            self._owing[one.incident_id] = owed
        return self._owing[one.incident_id]

    def _moved(self, seen: Seen) -> Iterable[str]:
        """After a conflict: every duty by what is known now stands, once, and nothing is open to whom must not know."""
        now = datetime.now(UTC)
        lacking, doubled, open_ = set(), set(), set()
        for incident_id, agencies in self.declared.items():
            clear = self.accepted[incident_id].clear.withholding(agencies)
            routed = route(clear, self._directory, self.contacts, at=now, received_at=now)
            alerts = [alert for alert in seen.alerts if alert["incident_id"] == incident_id]
            live = Counter((a["agency"], a["duty"]) for a in alerts if a["state"] != "withdrawn")
            lacking |= {(incident_id, d.agency, d.duty) for d in routed.duties if not live[d.agency, d.duty]}
            doubled |= {(incident_id, *key) for key, times in live.items() if times > 1}
            open_ |= {(incident_id, agency) for agency, _ in live if agency in routed.barrier.agencies}
            open_ |= {
                (incident_id, row["contact"])
                for alert in alerts
                for row in (*alert["links"], *alert["deliveries"])
                if row.get("agency") in routed.barrier.agencies and row.get("ended_at") is None
            }
        yield from told_as("a duty that did not move up", lacking)
        yield from told_as("a duty that moved up twice", doubled)
        yield from told_as("open to somebody who must not know any more", open_)

    # --- alerted is allowed -----------------------------------------------------------------------------------------

    def _authorised(self, seen: Seen) -> Iterable[str]:
        barriers = {id_: self._barrier(one) for id_, one in self.accepted.items()}
        barred_agency, barred_target = set(), set()
        for alert in seen.alerts:
            barrier = barriers.get(alert["incident_id"])
            if barrier is None:
                continue
            if alert["agency"] in barrier.agencies:
                barred_agency.add((alert["incident_id"], alert["agency"]))
            for delivery in alert["deliveries"]:
                if plain(delivery["to"]) in barrier.addresses or delivery.get("agency") in barrier.agencies:
                    barred_target.add((alert["incident_id"], delivery["to"]))
        yield from told_as("alerted an agency that must not know", barred_agency)
        yield from told_as("a delivery to somebody who must not know", barred_target)
        yield from told_as("a message to somebody who must not know", self._leaked(seen, barriers))

    def _barrier(self, one: Accepted) -> Barrier:
        if one.incident_id not in self._barriers:
            excluded = excluded_agencies(one.clear, self._directory, datetime.now(UTC))
            self._barriers[one.incident_id] = Barrier.around(excluded, self.contacts)
        return self._barriers[one.incident_id]

    def _leaked(self, seen: Seen, barriers: Mapping[str, Barrier]) -> set[tuple[str, str]]:
        by_code = {one.code: id_ for id_, one in self.accepted.items()}
        found = set()
        for message in (*seen.calls, *seen.mails):
            if message["to"] in seen.operator:
                continue
            text = f"{message['text']} {message.get('subject') or ''}"
            for word in set(text.replace("-", " ").replace(":", " ").replace(".", " ").replace(",", " ").split()):
                if word in by_code and plain(message["to"]) in barriers[by_code[word]].addresses:
                    found.add((by_code[word], message["to"]))
        return found

    # --- accepted = counted -----------------------------------------------------------------------------------------

    def _counted(self, seen: Seen) -> Iterable[str]:
        facts = {fact["_id"] for fact in seen.facts if fact["name"] == "incident.reported"}
        cases = Counter(case["_id"] for case in seen.cases)
        expected = {case for one in self.accepted.values() for case in one.cases}
        yield from told_as("accepted and no fact", set(self.accepted) - facts)
        yield from told_as("accepted and no case", expected - set(cases))
        yield from told_as("a case twice", {case for case, times in cases.items() if times > 1})
        if not self.unanswered:
            yield from told_as("a fact of nothing accepted", facts - set(self.accepted))
            yield from told_as("a case of nothing accepted", set(cases) - expected)
            if seen.total - self._before != len(expected):
                yield f"{seen.total - self._before} children counted of {len(expected)} accepted"

    # --- sent once, or again after a doubt --------------------------------------------------------------------------

    def _sent(self, seen: Seen) -> Iterable[str]:
        senders = (*seen.alerts, *seen.notices, *seen.incidents)
        deliveries = {row["id"]: row for one in senders for row in one.get("deliveries", ())}
        calls = Counter(call["request_id"] for call in seen.calls)
        texts: dict[str, set[tuple[str, str]]] = {}
        for call in seen.calls:
            texts.setdefault(call["request_id"], set()).add((call["to"], call["text"]))
        yield from told_as("a repeat with another text", {id_ for id_, forms in texts.items() if len(forms) > 1})
        too_often, never = set(), set()
        for id_, row in deliveries.items():
            if row["channel"] != "sms":
                continue
            outcomes = [attempt.get("outcome") for attempt in row["attempts"]]
            excuses = sum(outcome in AGAIN for outcome in outcomes)
            # The last one may be in doubt without having been repeated; every repeat needs a doubt before it.
            if calls[id_] > 1 + excuses:
                too_often.add((id_, f"{calls[id_]} calls", f"outcomes {outcomes}"))
            if row["state"] in {"accepted", "delivered"} and not calls[id_]:
                never.add(id_)
        yield from told_as("the same call again without a doubt", too_often)
        yield from told_as("recorded as sent and never called", never)
        yield from told_as("the same mail again without a doubt", self._mailed_too_often(seen))

    def _mailed_too_often(self, seen: Seen) -> set[tuple[str, ...]]:
        allowed: Counter[tuple[str, str]] = Counter()
        for sender in (*seen.alerts, *seen.incidents):
            for row in sender.get("deliveries", ()):
                if row["channel"] == "email":
                    doubts = sum(attempt.get("outcome") in AGAIN for attempt in row["attempts"])
                    allowed[(plain(row["to"]), sender["code"])] += 1 + doubts
        codes = {one.code for one in self.accepted.values()}
        got: Counter[tuple[str, str]] = Counter()
        for mail in seen.mails:
            for code in codes.intersection((mail.get("subject") or "").replace(":", " ").replace(",", " ").split()):
                got[(plain(mail["to"]), code)] += 1
        return {(*key, f"{times} mails") for key, times in got.items() if times > allowed[key]}


def plain(address: str) -> str:
    return normal_mailbox(address) if "@" in address else normal_phone(address)


def told_as(what: str, which: Iterable[Any]) -> Iterable[str]:
    found = sorted(map(str, which))
    if found:
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        yield f"{what}: {len(found)} ({'; '.join(found[:SHOWN])}{more})"
