"""What the API takes and gives; its OpenAPI document comes from here."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate

from shared.calendar import CALENDARS, STATISTICAL


class Question(Schema):
    """The query of an indicator. Unknown parameters are ignored, so that a later version may add one."""

    class Meta:
        unknown = EXCLUDE

    unit = fields.String(validate=validate.Length(min=1, max=80), metadata={"description": "default: the token's own"})
    calendar = fields.String(
        load_default=STATISTICAL,
        validate=validate.OneOf(CALENDARS, error=f"Use one of {', '.join(CALENDARS)}."),
    )
    period = fields.String(
        required=True,
        validate=validate.Length(max=10, error="Write 2023-06, 2023-Q2, 2023-H1, 2023 or 2023-M09."),
        metadata={"description": "2023-06, 2023-Q2, 2023-H1, 2023 or 2023-M09", "example": "2023-06"},
    )
    by = fields.String(
        validate=validate.Length(max=80), metadata={"description": "one published grouping", "example": "sex"}
    )


class IndicatorSchema(Schema):
    code = fields.String()
    vi = fields.String()
    en = fields.String()
    date_field = fields.String()
    groupings = fields.List(fields.String())
    multi_valued = fields.List(
        fields.String(), metadata={"description": "their rows may add up to more than the total"}
    )
    verified = fields.Boolean()
    note = fields.String()


class IndicatorsSchema(Schema):
    indicators = fields.List(fields.Nested(IndicatorSchema))
    directory = fields.String()


class AnswerSchema(Schema):
    """`from` and `to` are local days, both included; a cell is a row of the grouping, its value null when withheld."""

    code = fields.String()
    unit = fields.String()
    calendar = fields.String()
    period = fields.String()
    first = fields.Date(data_key="from")
    last = fields.Date(data_key="to")
    as_of = fields.AwareDateTime()
    cells = fields.List(fields.Dict(keys=fields.String()))
    total = fields.Integer(allow_none=True)
    suppressed = fields.Boolean(metadata={"description": "true when a number of this answer is withheld"})
    report = fields.String(metadata={"description": "where the cells are those of a published version"})
    version = fields.Integer(metadata={"description": "of that report"})
    note = fields.String(metadata={"description": "where the cells come from, or why they are null"})


class TraceSchema(Schema):
    stored = fields.Boolean()
    cases = fields.Integer()
    drill = fields.Boolean(allow_none=True)
    at = fields.AwareDateTime(allow_none=True)


class SpoolSchema(Schema):
    spool = fields.String()
    accepted = fields.Integer(metadata={"description": "highest number known"})
    stored = fields.Integer(metadata={"description": "how many numbers arrived"})
    missing = fields.Integer()
    gaps = fields.List(fields.List(fields.Integer()), metadata={"description": "closed intervals of missing numbers"})
    updated_at = fields.AwareDateTime()


class UnfoldedSchema(Schema):
    incident_id = fields.String()
    reason = fields.String()
    since = fields.AwareDateTime()


class ReconciliationSchema(Schema):
    spools = fields.List(fields.Nested(SpoolSchema))
    missing = fields.Integer()
    unfolded = fields.List(
        fields.Nested(UnfoldedSchema),
        metadata={"description": "incidents that arrived and could not become cases, the oldest 100"},
    )
    unfolded_count = fields.Integer()


class CaseStateSchema(Schema):
    """`state` is RECEIVED or the code of the step of `/v1/codes` that the case has come to; `since`: when it did."""

    case_id = fields.String()
    code = fields.String()
    state = fields.String()
    vi = fields.String()
    en = fields.String()
    since = fields.AwareDateTime(allow_none=True)
    open = fields.Boolean()


class IncidentStateSchema(Schema):
    """`acknowledged_at`: when the first of those who were told took it in hand."""

    incident_id = fields.String()
    code = fields.String()
    as_of = fields.AwareDateTime()
    projected = fields.Boolean()
    acknowledged_at = fields.AwareDateTime(allow_none=True)
    cases = fields.List(fields.Nested(CaseStateSchema))
