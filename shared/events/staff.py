"""What staff and villages tell: steps of a case, activities, nil reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from marshmallow import fields

from shared.events.fields import EventSchema, Moment, codes, text
from shared.events.incident import SealedSchema


class StepSchema(EventSchema):
    """A step for one child. `by` is an account or a partner, `at` when it was done, `recorded_at` when it was told.

    `role`, `agency` and `contact` are the author's, `client` the partner's that told it; `hats` and `contacts` all that
    this person is by the roster: agencies with their kinds and units, and contact ids. `until` is the end that the
    step sets (an isolation). `withhold_from` names agencies, kinds of agency or units that must not know,
    `withhold_contacts` contact ids; `released` and `released_contacts` may know again. Beside a kind or a unit stand
    its agencies. `spared_at`: the author was kept out and was told as the last resort, by a grant of that
    moment. What was written about it is sealed in the one part "step":
    `{"note": text, "fields": {name: value}}`.
    """

    incident_id = text(required=True)
    case_id = text(required=True)
    step = text(required=True)
    at = Moment(required=True)
    recorded_at = Moment(required=True)
    by = text(required=True)
    code = text()
    commune = text()
    role = text()
    agency = text()
    contact = text()
    hats = codes()
    contacts = codes()
    client = text()
    risk = text()
    until = Moment(load_default=None, allow_none=True)
    spared_at = Moment(load_default=None, allow_none=True)
    withhold_from = codes()
    withhold_contacts = codes()
    released = codes()
    released_contacts = codes()
    merged_into = text()
    sealed = fields.Nested(SealedSchema, load_default=None, allow_none=True)


class ActivitySchema(EventSchema):
    activity_id = text(required=True)
    kind = text(required=True)
    plan_item = text()
    on = fields.Date(required=True)
    commune = text(required=True)
    village = text()
    children = fields.Integer(load_default=None, allow_none=True)
    participants = fields.Integer(load_default=None, allow_none=True)
    amount_vnd = fields.Integer(load_default=None, allow_none=True)
    sealed = fields.Nested(SealedSchema, load_default=None, allow_none=True)


class NilSchema(EventSchema):
    unit = text(required=True)
    period = text(required=True)
    declared_by = text(required=True)
    declared_at = Moment(required=True)


@dataclass(frozen=True)
class StepRecorded:
    """The clear part of `case.step_recorded`. Times are aware; what was written stays sealed."""

    incident_id: str
    case_id: str
    step: str
    at: datetime
    recorded_at: datetime
    by: str
    code: str | None
    commune: str | None
    role: str | None
    agency: str | None
    contact: str | None
    client: str | None
    risk: str | None
    until: datetime | None
    withhold_from: tuple[str, ...]
    withhold_contacts: tuple[str, ...]
    released: tuple[str, ...]
    merged_into: str | None
    sealed: Mapping[str, Any] | None
    hats: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    released_contacts: tuple[str, ...] = ()
    spared_at: datetime | None = None

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> StepRecorded:
        """From an event's data that the catalogue has validated, or raises marshmallow's `ValidationError`."""
        loaded: dict[str, Any] = _step_schema().load(dict(data))
        for name in ("withhold_from", "withhold_contacts", "released", "released_contacts", "hats", "contacts"):
            loaded[name] = tuple(loaded[name])
        return cls(**loaded)


@cache
def _step_schema() -> StepSchema:
    return StepSchema()
