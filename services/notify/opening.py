"""What stands behind a short link, if its holder may see it now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.notify import escalation, standing
from services.notify.incident import Incident
from services.notify.incident_rows import clear_now
from services.notify.routing import barrier_around
from services.notify.store import alerts, contacts, incidents
from services.notify.store.collections import Row
from services.notify.stored_incidents import judged
from shared import logs
from shared.directory import Directory

log = logs.get(__name__)


@dataclass(frozen=True)
class Opened:
    """`incident` is None for the moment between an alert and its incident being stored. `over`: the link has had its
    time, and shows nothing more.
    """

    alert: Row
    link: Row
    incident: Incident | None
    over: bool = False


def by_token(token_sha256: str, directory: Directory, now: datetime) -> Opened | None:
    """None for a link that nobody has, or whose holder must not know: both look the same. Raises `DependencyDown`.

    The facts are read here and not from the alert, so that a conflict counts from the moment it is stored, whether its
    alerts were settled by then or not.
    """
    alert = alerts.by_link(token_sha256)
    if alert is None:
        return None
    link = next(one for one in alert["links"] if one["token_sha256"] == token_sha256)
    row = incidents.get(alert["incident_id"])
    everyone = contacts.everyone()
    clear = clear_now(row, alert["facts"])
    if not standing.may_open(link, alert, barrier_around(clear, directory, everyone, now), everyone):
        log.warning("a link shows nothing any more", alert_id=alert["_id"], agency=link["agency"])
        return None
    incident = judged(row)
    return Opened(alert, link, incident, over=incident is not None and standing.link_over(incident, alert, now))


def step_due(opened: Opened, directory: Directory, now: datetime) -> datetime | None:
    """When a step has to be recorded after an acknowledgement now; None if nobody waits for one (any more)."""
    incident, alert = opened.incident, opened.alert
    if incident is not None:
        answered = {"agency": alert["agency"], "occasion": alert["occasion"], "acknowledged_at": now}
        if incident.acted_since(alert["occasion"]) or not standing.chased(incident, answered):
            return None
    return escalation.step_due(directory, alert.get("danger"), now)
