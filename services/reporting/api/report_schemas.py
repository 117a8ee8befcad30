"""What the reports' API takes and gives; its OpenAPI document comes from here."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate

from shared.calendar import CALENDARS, STATISTICAL

_PERIODS = "2023-06, 2023-Q2, 2023-H1, 2023 or 2023-M09"


def _period(*, required: bool) -> fields.String:
    return fields.String(
        required=required,
        validate=validate.Length(min=4, max=10, error=f"Write {_PERIODS}."),
        metadata={"description": _PERIODS, "example": "2023-06"},
    )


def _calendar(**kwargs: Any) -> fields.String:
    return fields.String(
        validate=validate.OneOf(CALENDARS, error=f"Use one of {', '.join(CALENDARS)}."),
        metadata={"description": f"default: {STATISTICAL}"},
        **kwargs,
    )


def _unit(text: str) -> fields.String:
    return fields.String(validate=validate.Length(min=1, max=80), metadata={"description": text})


class _Query(Schema):
    """Unknown parameters are ignored, so that a later version may add one."""

    class Meta:
        unknown = EXCLUDE


class ReportQuestion(_Query):
    unit = _unit("default: the token's own")
    calendar = _calendar(load_default=STATISTICAL)
    period = _period(required=True)
    format = fields.String(
        load_default="json",
        validate=validate.OneOf(("json", "csv", "xlsx"), error="Use format=json, csv or xlsx."),
        metadata={"description": "json, csv or xlsx"},
    )
    version = fields.Integer(
        strict=False,
        validate=validate.Range(min=1, max=999_999, error="A version is a number from 1 on."),
        metadata={"description": "an older version; default: the newest approved one"},
    )


class MakeQuestion(_Query):
    """In the address or as a JSON object, as one likes; the body wins."""

    unit = _unit("default: the token's own")
    calendar = _calendar()
    period = _period(required=False)


class ListQuestion(_Query):
    definition = fields.String(required=True, validate=validate.Length(min=1, max=80))
    calendar = _calendar(load_default=STATISTICAL)
    period = _period(required=True)
    under = _unit("this unit and all below it; default: the token's own")
    changed_since = fields.AwareDateTime(
        format="iso",
        error_messages={
            "invalid": "Write a time with its zone, such as 2023-07-01T00:00:00+07:00 (in an address + is %2B).",
            "invalid_awareness": "Write the zone too, such as 2023-07-01T00:00:00+07:00 (in an address + is %2B).",
        },
        metadata={"description": "only reports with a version made at or after this time"},
    )
    format = fields.String(
        load_default="json",
        validate=validate.OneOf(("json", "csv"), error="Use format=json or csv."),
        metadata={"description": "json: a state per unit; csv: every number of every unit"},
    )


class UnitStateSchema(Schema):
    unit = fields.String()
    vi = fields.String()
    en = fields.String()
    level = fields.String()
    state = fields.String(metadata={"description": "draft, approved, locked, nil or missing"})
    version = fields.Integer(allow_none=True)
    as_of = fields.AwareDateTime(allow_none=True)
    sha256 = fields.String(
        allow_none=True,
        metadata={
            "description": "of the canonical data for this reader; null where numbers are withheld for a unit below"
        },
    )
    total = fields.Integer(
        allow_none=True,
        metadata={"description": "null: nothing published, a small number, or one that gives a small one below away"},
    )


class StatesSchema(Schema):
    definition = fields.String()
    calendar = fields.String()
    period = fields.String()
    first = fields.Date(data_key="from")
    last = fields.Date(data_key="to")
    under = fields.String()
    units = fields.List(fields.Nested(UnitStateSchema))


class RowSchema(Schema):
    code = fields.String()
    value = fields.Integer(allow_none=True, metadata={"description": "null: withheld"})


class TableSchema(Schema):
    by = fields.String()
    multi_valued = fields.Boolean()
    withheld = fields.Boolean(metadata={"description": "the whole table, because of an earlier version"})
    rows = fields.List(fields.Nested(RowSchema))


class DataSchema(Schema):
    """Canonical JSON (sorted keys, no spaces, NFC) of this object is what `sha256` is of."""

    definition = fields.String()
    definition_version = fields.Integer()
    indicator = fields.String()
    unit = fields.String()
    calendar = fields.String()
    period = fields.String()
    first = fields.Date(data_key="from")
    last = fields.Date(data_key="to")
    audience = fields.String(metadata={"description": "full, upward or wider"})
    threshold = fields.Integer()
    total = fields.Integer(allow_none=True)
    tables = fields.List(fields.Nested(TableSchema))


class ChangeSchema(Schema):
    table = fields.String(allow_none=True, metadata={"description": "null: the total"})
    row = fields.String(allow_none=True)
    old = fields.Integer(allow_none=True)
    new = fields.Integer(allow_none=True)


class ReportSchema(Schema):
    version = fields.Integer()
    as_of = fields.AwareDateTime()
    directory = fields.String()
    sha256 = fields.String()
    data = fields.Nested(DataSchema)
    changes = fields.List(fields.Nested(ChangeSchema), metadata={"description": "against the version before"})
    labels = fields.Dict(keys=fields.String(), metadata={"description": "[vi, en]"})


class MadeSchema(Schema):
    definition = fields.String()
    unit = fields.String()
    calendar = fields.String()
    period = fields.String()
    version = fields.Integer()
    state = fields.String()
    as_of = fields.AwareDateTime()
    made = fields.Boolean(metadata={"description": "false: no number has changed since this version"})
