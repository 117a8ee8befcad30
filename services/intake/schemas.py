"""The shape of version 1 of the HTTP contract. Meaning (codes, order of times) is checked in `checks.py`.

The API is strict, so that a partner's mistake shows on the first day; the public form uses none of this.
"""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from services.intake import plain_text

_LINE, _TEXT, _STORY = 200, 4_000, 50_000
_MANY = 50


class Strict(Schema):
    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "This field is not known. The fields of version 1 are in /v1/openapi/intake.json."}


def _readable(value: str) -> None:
    if not plain_text.is_readable(value):
        raise ValidationError("Holds control characters or broken Unicode; send plain text.")


def _text(longest: int, **kwargs: Any) -> fields.String:
    too_long = f"Longer than {longest} characters."
    return fields.String(
        allow_none=True,
        validate=[validate.Length(max=longest, error=too_long), _readable],
        error_messages={"invalid": "Must be a text."},
        **kwargs,
    )


def _code(table: str, **kwargs: Any) -> fields.String:
    return fields.String(
        allow_none=not kwargs.get("required", False),
        validate=validate.Length(max=80, error="Longer than any code."),
        error_messages={"invalid": f"Must be a code of the table {table} in /v1/codes."},
        metadata={"description": f"A code of the table {table} of /v1/codes.", "table": table},
        **kwargs,
    )


def _list(inner: Any, **kwargs: Any) -> fields.List[Any]:
    return fields.List(
        inner,
        validate=validate.Length(max=_MANY, error=f"At most {_MANY}."),
        error_messages={"invalid": "Must be a list."},
        **kwargs,
    )


def _flag(text: str) -> fields.Boolean:
    return fields.Boolean(
        allow_none=True,
        truthy={True},
        falsy={False},
        error_messages={"invalid": "Must be true, false or null (unknown)."},
        metadata={"description": text},
    )


def _moment(text: str, **kwargs: Any) -> fields.AwareDateTime:
    return fields.AwareDateTime(
        format="iso",
        allow_none=not kwargs.get("required", False),
        error_messages={
            "invalid": "Must be RFC 3339 with a zone, for example 2023-06-01T07:55:00+07:00.",
            "invalid_awareness": "Has no zone; write it with one, for example 2023-06-01T07:55:00+07:00.",
        },
        metadata={"description": text},
        **kwargs,
    )


class CarerSchema(Strict):
    full_name = _text(_LINE)
    age = fields.Integer(strict=True, allow_none=True, validate=validate.Range(0, 130, error="Between 0 and 130."))
    occupation = _text(_LINE)
    phone = _text(40)


class ChildSchema(Strict):
    full_name = _text(_LINE)
    birth_date = fields.Date(allow_none=True, error_messages={"invalid": "Must be a date like 2014-03-02."})
    age = fields.Integer(
        strict=True,
        allow_none=True,
        validate=validate.Range(0, 25, error="Between 0 and 25, in completed years."),
        error_messages={"invalid": "Must be a whole number of years."},
    )
    sex = _code("sexes")
    ethnic_group = _code("ethnic_groups")
    address = _text(_TEXT)
    residence_commune = _code("units")
    school = _code("agencies")
    groups = _list(_code("special_groups"))
    condition = _text(_TEXT)
    likely_consequence = _text(_TEXT)
    family_circumstances = _text(_TEXT)
    carer = _text(_TEXT)
    father = fields.Nested(CarerSchema, allow_none=True)
    mother = fields.Nested(CarerSchema, allow_none=True)
    prior_actions = _text(_TEXT)
    where_now = _text(_TEXT)


class SuspectSchema(Strict):
    relation = _code("relations")
    works_at = _text(_LINE, metadata={"description": "An agency code (that agency is then not told), or a text."})
    full_name = _text(_LINE)
    description = _text(_TEXT)


class ReporterSchema(Strict):
    full_name = _text(_LINE)
    phone = _text(40)
    address = _text(_TEXT)
    relation = _code("reporter_relations")
    may_be_called = _flag("Whether the reporter agrees to be called.")
    safe_time_to_call = _text(_LINE)
    note = _text(_TEXT)


class IncidentSchema(Strict):
    external_id = _text(_LINE, metadata={"description": "The sender's own id; makes re-sending safe. Sealed."})
    channel = _code("channels")
    received_at = _moment("When somebody first took the information in; the law's clocks run from it.")
    occurred_at = _moment("When it happened, if known.")
    commune = _code("units")
    village = _code("units")
    place = _text(_TEXT)
    kinds = _list(_code("kinds"))
    environment = _code("environments")
    online = _flag("Whether the internet is involved.")
    immediate_danger = _flag("Whether the child is in danger now; null when unknown.")
    description = _text(_STORY)
    withhold_from = _list(_code("agencies"))
    children = _list(fields.Nested(ChildSchema))
    suspects = _list(fields.Nested(SuspectSchema))
    reporter = fields.Nested(ReporterSchema, allow_none=True)
    drill = fields.Boolean(truthy={True}, falsy={False}, error_messages={"invalid": "Must be true or false."})
    backfill = fields.Boolean(truthy={True}, falsy={False}, error_messages={"invalid": "Must be true or false."})


_WITHHELD = (
    "CONFLICT_DECLARED: agencies; by a session of a committee, a chairman, the police or those above also kinds and "
    "units. A school and a clerk name their own agency alone."
)


class StepSchema(Strict):
    """One proof of the right to write: `grant` with a session's cookie, or `case_token` with a bearer token."""

    step = _code("steps", required=True)
    at = _moment("When it was done.", required=True)
    risk = _code("risk_levels")
    until = _moment("ISOLATED: the end that was decided, if one was; else the law's.")
    withhold_from = _list(_code("agencies"), metadata={"description": _WITHHELD})
    withhold_contacts = _list(_text(80), metadata={"description": "CONFLICT_DECLARED: ids of contacts."})
    released = _list(_code("agencies"), metadata={"description": "AGENCY_RELEASED: who may know again."})
    released_contacts = _list(_text(80), metadata={"description": "AGENCY_RELEASED: ids of contacts."})
    merged_into = _text(80, metadata={"description": "MERGED_INTO: the other case's id, or its code like AB…-1."})
    note = _text(_STORY, metadata={"description": "Sealed."})
    more = fields.Dict(
        data_key="fields",
        keys=fields.String(validate=validate.Regexp(r"[a-z][a-z0-9_]{0,39}\Z", error="Is not a name like next_visit.")),
        values=_text(_TEXT),
        allow_none=True,
        validate=validate.Length(max=_MANY, error=f"At most {_MANY}."),
        error_messages={"invalid": "Must be an object of texts."},
        metadata={"description": "What a form of the decree asks besides. Sealed."},
    )
    grant = _text(4_096, metadata={"description": "From the case page; with a session."})
    case_token = _text(1_024, metadata={"description": "From the 202; with a bearer token."})


class RecordedSchema(Schema):
    event_id = fields.UUID(required=True)
    incident_id = fields.UUID(required=True)
    case_id = fields.UUID(required=True)


class AcceptedSchema(Schema):
    incident_id = fields.UUID(required=True)
    event_id = fields.UUID(required=True)
    code = fields.String(required=True, metadata={"description": "10 characters; what an SMS carries."})
    case_ids = fields.List(fields.UUID(), required=True, metadata={"description": "One per child, in order."})
    receipt = fields.String(required=True, metadata={"description": "20 digits in groups of four, for the reporter."})
    case_token = fields.String(allow_none=True, required=True)
    follow_up_url = fields.Url(
        required=True,
        metadata={"description": "The state of the report: GET with the same bearer token and X-Case-Token."},
    )
    warnings = fields.List(fields.String(), required=True)


class ProblemSchema(Schema):
    """RFC 9457."""

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    errors = fields.List(fields.Nested(Schema.from_dict({"pointer": fields.String(), "detail": fields.String()})))
