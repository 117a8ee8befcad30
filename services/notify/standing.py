"""What an incident's alerts are to look like after what is known now (pure).

Compared with what is stored, and never with what was done before: whoever asks a second time, or after a crash, gets
only what is still missing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.notify import states, telling
from services.notify.incident import FIRST_OCCASION, SUPPLEMENT, Fact, Incident, merged
from services.notify.routing import Duty, Routed, route
from shared.authority import Barrier, Contact
from shared.case_steps import ENDS
from shared.directory import Directory

Row = Mapping[str, Any]

# How long a link still shows something once all is done: long enough to look something up, and then a phone that was
# lost or passed on opens nothing. No law's number.
_LINK_LASTS = timedelta(days=30)


@dataclass(frozen=True)
class Verdict:
    """What has to end in one alert: all of it (`withdrawn`), or what is for these contacts (`ended`).

    `lapsed`: whoever acknowledged must not know, so nobody has it in hand. `climbs`: nobody is left of those who were
    told, so it goes up at once.
    """

    withdrawn: bool = False
    ended: frozenset[str] = frozenset()
    lapsed: bool = False
    climbs: bool = False

    def __bool__(self) -> bool:
        return self.withdrawn or bool(self.ended) or self.lapsed or self.climbs


@dataclass(frozen=True)
class Owed:
    duty: Duty
    occasion: str


def judge(alert: Row, barrier: Barrier, everyone: Sequence[Contact]) -> Verdict:
    """`everyone`: the contacts of every agency."""
    if alert["state"] == states.WITHDRAWN:
        return Verdict()
    if alert["agency"] in barrier.agencies:
        return Verdict(withdrawn=True)
    by_id = {contact.id: contact for contact in everyone}
    live = [row for row in (*alert.get("links", ()), *alert.get("deliveries", ())) if row.get("ended_at") is None]
    ended = frozenset(row["contact"] for row in live if barred(row, barrier, by_id))
    remaining = [row for row in live if row["contact"] not in ended]
    acknowledged = alert.get("acknowledged_at") is not None
    lapsed = acknowledged and _by_barred(alert, barrier, by_id)
    left_alone = bool(ended) and not remaining and (not acknowledged or lapsed)
    return Verdict(ended=ended, lapsed=lapsed, climbs=lapsed or left_alone)


def barred(row: Row, barrier: Barrier, by_id: Mapping[str, Contact]) -> bool:
    """Whether the one of a link or a delivery must not be reached; its own address counts if the contact is gone."""
    contact = by_id.get(row["contact"])
    if contact is not None and barrier.bars(contact):
        return True
    return (
        row.get("agency") in barrier.agencies
        or row["contact"] in barrier.contacts
        or row.get("to") in barrier.addresses
    )


def _by_barred(alert: Row, barrier: Barrier, by_id: Mapping[str, Contact]) -> bool:
    by = {"contact": alert.get("acknowledged_contact"), "agency": alert.get("acknowledged_agency")}
    return barred(by, barrier, by_id)


def lacking(
    incident: Incident,
    alerts: Iterable[Row],
    routed: Routed,
    directory: Directory,
    everyone: Sequence[Contact],
    now: datetime,
) -> tuple[Owed, ...]:
    """The duties that no living alert stands for, each with what gave rise to it. Nothing for what was backfilled.

    Once staff have ended it, an alert is raised for what the report itself asks for (it may come after the step), for
    what the reporter added, and for a duty that moves on before anybody has answered for it: one agency's end is not
    another's. A case that was opened again is an occasion of its own: whoever had finished with it is told anew.
    """
    if incident.backfill:
        return ()
    stored, again = list(alerts), incident.reopened
    living = {(alert["agency"], alert["duty"]) for alert in stored if alert["state"] != states.WITHDRAWN}
    open_ = {(alert["agency"], alert["duty"]) for alert in stored if _stands(alert, again)}
    wanted = [duty for duty in routed.duties if (duty.agency, duty.duty) not in open_]
    if not wanted:
        return ()
    taken = {alert["_id"] for alert in stored}
    unanswered = {alert["duty"] for alert in stored if _unanswered(alert)}
    causes = _causes(incident, wanted, directory, everyone, now)
    found = list[Owed]()
    for duty in wanted:
        key = duty.agency, duty.duty
        cause = again.id if again is not None and key in living else causes[key]
        owed = Owed(duty, _free(incident, duty, cause, taken))
        alert = {"agency": duty.agency, "occasion": owed.occasion}
        moved = duty.duty in unanswered and chased(incident, alert)
        if not incident.ended or owed.occasion == FIRST_OCCASION or moved or _added_after_all(incident, owed.occasion):
            found.append(owed)
    return tuple(found)


def _unanswered(alert: Row) -> bool:
    """Whether it was taken back while it still asked."""
    return alert["state"] == states.WITHDRAWN and alert.get("acknowledged_at") is None and alert.get("over_at") is None


def _stands(alert: Row, again: Fact | None) -> bool:
    """Whether this alert asks for its duty. One that nobody was asked for any more when a case was opened again asks
    for nothing since then.
    """
    if alert["state"] == states.WITHDRAWN:
        return False
    if again is None or alert["raised_at"] >= again.recorded_at or _cause(alert["occasion"]) == again.id:
        return True
    done = alert.get("acknowledged_at")
    if done is None and alert.get("next_action_at") is not None:
        return True
    done = done or alert.get("exhausted_at")
    return done is not None and bool(done >= again.recorded_at)


def chased(incident: Incident, alert: Row) -> bool:
    """Whether anybody is still asked by an alert, of which its agency, its occasion and an acknowledgement count.

    Once staff have ended the case of every child, those are not who acknowledged, nor the agency in whose name it was
    ended; another one, which may have heard of nothing yet, is asked until it answers. Merging asks nobody any more:
    the other case has alerts of its own. What the reporter added after all that is asked for: they judged without it.
    """
    if not incident.ended or _added_after_all(incident, alert["occasion"]):
        return True
    if incident.merged_away or alert.get("acknowledged_at") is not None:
        return False
    return alert["agency"] not in incident.ended_by


def _added_after_all(incident: Incident, occasion: str) -> bool:
    """Whether the occasion is what the reporter added after every end."""
    ends = [fact.recorded_at for fact in incident.by_staff if fact.step in ENDS]
    cause = _cause(occasion)
    return any(f.kind == SUPPLEMENT and f.id == cause and f.recorded_at >= max(ends) for f in incident.facts)


def _cause(occasion: str) -> str:
    """The fact behind an occasion, without its number."""
    return occasion.partition("/")[0]


def chase_changed(incident: Incident, alert: Row) -> bool | None:
    """False: nobody is asked by this alert any more. True: somebody is asked again, because what had ended the case
    turned out to count for nothing. None: as it was.
    """
    if alert["state"] == states.WITHDRAWN:
        return None
    asked = chased(incident, alert)
    if alert.get("over_at") is not None:
        return True if asked and _stands(alert, incident.reopened) else None
    waits = alert.get("next_action_at") is not None or alert["state"] == states.EXHAUSTED
    return False if waits and not asked else None


def _causes(
    incident: Incident, wanted: Iterable[Duty], directory: Directory, everyone: Sequence[Contact], now: datetime
) -> dict[tuple[str, str], str]:
    """For each duty the fact since which it is owed; the same whoever works it out, and in whatever order they came."""
    facts = [fact for fact in incident.facts if fact.opens_or_closes]
    found: dict[tuple[str, str], str] = {}
    for count in range(len(facts) + 1):
        clear = merged(incident.reported, facts[:count])
        routed = route(clear, directory, everyone, at=now, received_at=incident.received_at)
        occasion = facts[count - 1].id if count else FIRST_OCCASION
        # A duty that fell away and is owed again (a conflict that was lifted) is owed since the fact that says so.
        found = {key: found.get(key, occasion) for key in ((duty.agency, duty.duty) for duty in routed.duties)}
    last = _last(facts)
    return {(duty.agency, duty.duty): found.get((duty.agency, duty.duty), last) for duty in wanted}


def _last(facts: Sequence[Fact]) -> str:
    return facts[-1].id if facts else FIRST_OCCASION


def _free(incident: Incident, duty: Duty, occasion: str, taken: Collection[str]) -> str:
    """The occasion, with a number behind it if its alert was withdrawn: who is needed again is told again."""
    free, number = occasion, 1
    while telling.alert_id(incident.id, duty.agency, duty.duty, free) in taken:
        number += 1
        free = f"{occasion}/{number}"
    return free


def link_over(incident: Incident, alert: Row, now: datetime) -> bool:
    """Whether what a link of this alert is about has been done with for a month: staff have ended it, or whoever
    acknowledged has acted, and nothing was told since.
    """
    answered = alert.get("acknowledged_at") is not None and incident.acted_since(alert["occasion"])
    if alert.get("next_action_at") is not None or not (incident.ended or answered):
        return False
    times = [alert["raised_at"], alert.get("acknowledged_at"), *(fact.recorded_at for fact in incident.facts)]
    last: datetime = max(at for at in times if at is not None)
    return now - last > _LINK_LASTS


def may_open(link: Row, alert: Row, barrier: Barrier, everyone: Sequence[Contact]) -> bool:
    """Whether the holder of this link may still see what it is about. A contact that is gone from the lists may not."""
    if alert["state"] == states.WITHDRAWN or link.get("ended_at") is not None or alert["agency"] in barrier.agencies:
        return False
    contact = next((one for one in everyone if one.id == link["contact"]), None)
    return contact is not None and link["agency"] not in barrier.agencies and not barrier.bars(contact)
