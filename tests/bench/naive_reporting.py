"""Reporting as it is often written: each event saved as a document, and its counters raised, one after the other.

It reads the same messages, opens the same sealed values, and keeps the same tables for the same units under the same
write concern; what it cannot do is take an event twice, or one that corrects another.
"""

from __future__ import annotations

from typing import Any

from mongoengine import (
    BinaryField,
    DateTimeField,
    DictField,
    Document,
    IntField,
    MapField,
    StringField,
    connect,
    disconnect,
)

from services.reporting.opening import Opening, values_of
from services.reporting.units import Units
from shared.calendar import local_date, segment_of
from shared.directory import Directory
from shared.events import Message
from shared.events.incident import Reported
from shared.messaging.consumer import decode

_ALIAS = "naive"


class Saved(Document):
    event_id = StringField(primary_key=True)
    name = StringField(required=True)
    incident_id = StringField(required=True)
    commune = StringField(required=True)
    time = DateTimeField(required=True)
    headers = DictField()
    body = BinaryField(required=True)
    meta = {"db_alias": _ALIAS, "collection": "saved", "indexes": ["incident_id"]}


class Table(Document):
    place = StringField(primary_key=True)
    unit = StringField(required=True)
    segment = StringField(required=True)
    total = IntField(default=0)
    sex = MapField(IntField())
    age_band = MapField(IntField())
    kind = MapField(IntField())
    village = MapField(IntField())
    meta = {"db_alias": _ALIAS, "collection": "tables", "indexes": [("segment", "unit")]}


class NaiveReporting:
    def __init__(self, url: str, database: str, directory: Directory, opening: Opening) -> None:
        connect(host=url, db=database, alias=_ALIAS, w="majority", journal=True, tz_aware=True,
                uuidRepresentation="standard")  # fmt: skip
        for model in (Saved, Table):
            model.drop_collection()
            model.ensure_indexes()
        self._directory, self._units, self._opening = directory, Units(directory), opening

    def close(self) -> None:
        disconnect(_ALIAS)

    def prepare(self, segments: list[str], commune: str) -> None:
        """The rows are there before the clock starts, so that every event is one save and one update."""
        for segment in segments:
            for unit in (commune, *self._units.above(commune, segment)):
                Table(place=f"{unit}|{segment}", unit=unit, segment=segment).save()

    def take(self, message: Message) -> None:
        event = decode(message)
        reported = Reported.from_data(event.data)
        values = values_of(self._opening(event, reported.incident_id).counting) or {}
        Saved(
            event_id=event.id,
            name=event.name,
            incident_id=reported.incident_id,
            commune=reported.commune,
            time=event.time,
            headers=dict(message.headers),
            body=message.body,
        ).save(force_insert=True)
        segment = segment_of(local_date(reported.received_at))
        units = (reported.commune, *self._units.above(reported.commune, segment))
        Table.objects(segment=segment, unit__in=units).update(**self._raised(reported, values))

    def total(self, unit: str) -> int:
        found: int = Table.objects(unit=unit).sum("total")
        return found

    def _raised(self, reported: Reported, values: Any) -> dict[str, int]:
        raised: dict[str, int] = {}

        def more(name: str) -> None:
            raised[name] = raised.get(name, 0) + 1

        for case in values.values():
            more("inc__total")
            more(f"inc__sex__{case['sex'] or 'UNKNOWN'}")
            more(f"inc__age_band__{self._band(case['age_received'])}")
            more(f"inc__village__{reported.village or 'UNKNOWN'}")
            for kind in reported.kinds:
                more(f"inc__kind__{kind}")
        return raised

    def _band(self, age: int | None) -> str:
        for band in self._directory.age_bands:
            if age is not None and band.from_age is not None and band.from_age <= age <= (band.to_age or 200):
                return band.code
        return "UNKNOWN"
