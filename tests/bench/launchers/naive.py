"""Intake as it is often written: each request connects to the broker, publishes in the clear and awaits the confirm."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pika

from services.intake import identity, split
from services.intake.__main__ import main
from services.intake.door import Accepted, Door
from services.intake.report import Report
from services.intake.spool import Kept
from shared.events import Event, encode
from shared.messaging.wire import properties_of

_BROKER = pika.URLParameters(os.environ["AMQP_URL"])


def accept(
    door: Door, report: Report, *, client: str, key: str | None, digest: str, warnings: Sequence[str] = ()
) -> Accepted:
    incident_id = identity.event_id(client, key, digest)
    directory, now = door._directory.current(), door._clock()
    code = identity.incident_code(incident_id, door._keys.receipt)
    clear = split.clear_part(report, directory, incident_id=incident_id, code=code, accepted_at=now, client=client)
    event = Event(
        id=incident_id,
        name="incident.reported",
        source=door._source,
        time=now,
        subject=incident_id,
        commune=report.commune,
        directory=directory.version,
        data={**clear, "warnings": list(warnings), "sealed": split.sealed_parts(report, incident_id=incident_id)},
    )
    message = encode(event)
    with pika.BlockingConnection(_BROKER) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.basic_publish("events", message.routing_key, message.body, properties_of(message), mandatory=True)
    return door._answer(report, incident_id, Kept("", 0, again=False), warnings, client)


if __name__ == "__main__":
    Door.accept = accept  # type: ignore[method-assign]
    main()
