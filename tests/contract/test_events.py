"""Events on the wire: golden per version, CloudEvents by the SDK's own reading, tolerant of what is added later."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cloudevents.core.bindings import rabbitmq
from cloudevents.core.formats.json import JSONFormat

from shared.events import Event, Message, decode, encode, validate
from shared.events.catalogue import SCHEMAS
from shared.events.incident import Reported
from shared.failures import InvalidEvent, UnknownEvent

GOLDEN = Path(__file__).parent / "events"
FILES = sorted(GOLDEN.glob("*.json"))


def golden(path: Path) -> Message:
    raw = json.loads(path.read_text())
    return Message(
        routing_key=raw["routing_key"],
        body=json.dumps(raw["body"], ensure_ascii=False).encode(),
        message_id=raw["headers"]["ce-id"],
        type=raw["headers"]["ce-type"],
        headers=raw["headers"],
    )


def test_every_version_in_the_catalogue_has_a_golden_event():
    assert {path.stem for path in FILES} == {f"{name}.v{version}" for name, version in SCHEMAS}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_golden_event_is_read_for_ever(path):
    event = decode(golden(path))

    validate(event)
    assert f"{event.name}.v{event.version}" == path.stem
    assert golden(path).routing_key == event.name


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_encoding_and_decoding_are_inverse(path):
    event = decode(golden(path))
    again = encode(event)

    assert decode(again) == event
    assert again.headers == golden(path).headers
    assert (again.delivery_mode, again.message_id, again.content_type) == (2, event.id, "application/json")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_cloudevents_sdk_reads_what_we_write_and_writes_what_we_read(path):
    event = decode(golden(path))
    message = encode(event)
    seen = rabbitmq.from_binary(
        rabbitmq.RabbitMQMessage(headers=message.headers, content_type=message.content_type, body=message.body),
        JSONFormat(),
    )

    assert (seen.get_id(), seen.get_source(), seen.get_type()) == (event.id, event.source, message.type)
    assert (seen.get_time(), seen.get_subject()) == (event.time, event.subject)
    assert seen.get_data() == event.data

    theirs = rabbitmq.to_binary(seen, JSONFormat())
    assert decode(replace(message, headers=theirs.headers, body=theirs.body)) == event


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_fields_added_later_are_ignored(path):
    event = decode(golden(path))

    validate(replace(event, data={**event.data, "added_in_2031": {"deep": [1]}}))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_missing_field_is_named_and_its_neighbours_are_not_quoted(path):
    event = decode(golden(path))
    name = next(field for field, value in SCHEMAS[event.name, event.version]().fields.items() if value.required)
    data = {**event.data, "note": "Lường Thị Bịa"}
    del data[name]

    with pytest.raises(InvalidEvent) as invalid:
        validate(replace(event, data=data))

    assert name in invalid.value.reason
    assert "Bịa" not in invalid.value.reason


def base(**changes: object) -> Message:
    event = Event("id-1", "intake.tally", "/intake/a", datetime(2023, 6, 1, tzinfo=UTC), {"spool": "s", "last_seq": 1})
    return replace(encode(event), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"body": b"\xff\xfe"}, InvalidEvent),
        ({"body": b"[1]"}, InvalidEvent),
        ({"body": b"{" * 3000}, InvalidEvent),
        ({"body": b'{"a":' * 60 + b"1" + b"}" * 60}, InvalidEvent),
        ({"body": b'{"a":' * 200_000}, InvalidEvent),
        ({"headers": {}}, InvalidEvent),
        ({"headers": {**base().headers, "ce-time": "yesterday"}}, InvalidEvent),
        ({"headers": {**base().headers, "ce-time": "2023-06-01T00:00:00"}}, InvalidEvent),
        ({"headers": {**base().headers, "ce-seq": "٣"}}, InvalidEvent),
        ({"headers": {**base().headers, "ce-type": "org.example.thing.v1"}}, UnknownEvent),
    ],
)
def test_what_is_no_event_of_ours_is_refused_with_a_reason(changes, error):
    with pytest.raises(error):
        decode(base(**changes))


@pytest.mark.parametrize("type_", ["vn.lentieng.incident.reported.v2", "vn.lentieng.incident.eaten.v1"])
def test_an_unknown_name_or_major_version_is_said_to_be_unknown(type_):
    event = decode(base(headers={**base().headers, "ce-type": type_}))

    with pytest.raises(UnknownEvent):
        validate(event)


def test_the_typed_report_is_what_the_event_says():
    event = decode(golden(GOLDEN / "incident.reported.v1.json"))
    reported = Reported.from_data(event.data)

    assert reported.incident_id == event.subject == event.id
    assert reported.received_at == datetime(2023, 6, 1, 0, 55, tzinfo=UTC)
    assert [case.number for case in reported.cases] == [1, 2]
    assert reported.immediate_danger is True
