"""`incident.*` and `attachment.chunk`: what people told the system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from marshmallow import fields, validate

from shared.events.fields import EventSchema, Moment, codes, optional_flag, text


class SealedSchema(EventSchema):
    schema = fields.Integer(required=True)
    key_id = text(required=True)
    wrapped = text(required=True, longest=1000)
    parts = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class CaseSchema(EventSchema):
    case_id = text(required=True)
    number = fields.Integer(required=True, validate=validate.Range(min=1))
    school = text()
    residence_commune = text()


class ReportedSchema(EventSchema):
    incident_id = text(required=True)
    code = text(required=True)
    received_at = Moment(required=True)
    accepted_at = Moment(required=True)
    occurred_at = Moment(load_default=None, allow_none=True)
    channel = text()
    commune = text(required=True)
    village = text()
    kinds = codes()
    environment = text()
    online = optional_flag()
    immediate_danger = optional_flag()
    young_child = fields.Boolean(load_default=False)
    backfill = fields.Boolean(load_default=False)
    client = text(required=True)
    cases = fields.List(fields.Nested(CaseSchema), required=True, validate=validate.Length(min=1))
    suspect_relations = codes()
    withhold_from = codes()
    warnings = codes()
    sealed = fields.Nested(SealedSchema, required=True)


class SupplementedSchema(EventSchema):
    incident_id = text()
    receipt_ref = text()
    accepted_at = Moment(required=True)
    immediate_danger = optional_flag()
    kinds = codes()
    withhold_from = codes()
    sealed = fields.Nested(SealedSchema, required=True)


class ChunkSchema(EventSchema):
    incident_id = text(required=True)
    attachment_id = text(required=True)
    number = fields.Integer(required=True)
    of = fields.Integer(required=True)
    sha256 = text(required=True)
    sealed = fields.Nested(SealedSchema, required=True)


@dataclass(frozen=True)
class Case:
    """One child of an incident; `number` counts from 1 within it."""

    case_id: str
    number: int
    school: str | None
    residence_commune: str | None


@dataclass(frozen=True)
class Reported:
    """The clear part of `incident.reported`: what routing and counting need, no identity. Times are aware."""

    incident_id: str
    code: str
    received_at: datetime
    accepted_at: datetime
    occurred_at: datetime | None
    channel: str | None
    commune: str
    village: str | None
    kinds: tuple[str, ...]
    environment: str | None
    online: bool | None
    immediate_danger: bool | None
    young_child: bool
    backfill: bool
    client: str
    cases: tuple[Case, ...]
    suspect_relations: tuple[str, ...]
    withhold_from: tuple[str, ...]
    warnings: tuple[str, ...]
    sealed: Mapping[str, Any]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Reported:
        """From an event's data that the catalogue has validated, or raises marshmallow's `ValidationError`."""
        loaded: dict[str, Any] = _reported_schema().load(dict(data))
        loaded["cases"] = tuple(Case(**case) for case in loaded["cases"])
        for name in ("kinds", "suspect_relations", "withhold_from", "warnings"):
            loaded[name] = tuple(loaded[name])
        return cls(**loaded)


@cache
def _reported_schema() -> ReportedSchema:
    return ReportedSchema()
