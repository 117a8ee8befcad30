"""One marshmallow schema per file of the folder. They check shapes; `checks` looks at what refers to what.

A key that no schema knows is an error here: it is a clerk's typing slip. Tolerance is for events, not for edits.
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from shared.directory.limits import parse_limit
from shared.directory.model import AgeBand, Agency, Clock, Code, Indicator, Link, Partner, Report, Unit

ID = validate.Regexp(r"[a-z0-9][a-z0-9-]{0,63}\Z", error="is not a code; use small letters, digits and -")
UPPER = validate.Regexp(r"[A-Z0-9][A-Z0-9_]{0,63}\Z", error="is not a code; use capital letters, digits and _")
HASH = validate.Regexp(r"[0-9a-f]{64}\Z", error="is not a SHA-256; write its 64 small hex digits")
SOME = validate.Length(min=1, error="must not be empty")
SCOPES = (
    "incident:write",
    "incident:backfill",
    "step:write",
    "drill:write",
    "report:read",
    "report:make",
    "alert:read",
    "operator",
)


class LimitField(fields.Field[Any]):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            return parse_limit(value)
        except ValueError as error:
            raise ValidationError(str(error)) from None


class DatedSchema(Schema):
    valid_from = fields.Date(load_default=None, allow_none=True)
    valid_to = fields.Date(load_default=None, allow_none=True)


class NamedSchema(Schema):
    vi = fields.Str(required=True, validate=SOME)
    en = fields.Str(required=True, validate=SOME)


class DirectoryFile(Schema):
    version = fields.Int(required=True, strict=True, validate=validate.Range(min=1, max=999_999_999))
    name = fields.Str(required=True, validate=SOME)
    home = fields.Str(required=True)


class LinkSchema(DatedSchema):
    """The key of the thing above is "agency" or "unit", as the file reads best."""


class UnitLink(LinkSchema):
    unit = fields.Str(required=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Link:
        return Link(to=data.pop("unit"), **data)


class AgencyLink(LinkSchema):
    agency = fields.Str(required=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Link:
        return Link(to=data.pop("agency"), **data)


class UnitSchema(NamedSchema, DatedSchema):
    code = fields.Str(required=True, validate=ID)
    level = fields.Str(required=True)
    parents = fields.List(fields.Nested(UnitLink), load_default=[])
    confirmed = fields.Bool(load_default=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Unit:
        return Unit(parents=tuple(data.pop("parents")), **data)


class UnitsFile(Schema):
    units = fields.List(fields.Nested(UnitSchema), required=True, validate=SOME)


class AgencySchema(NamedSchema, DatedSchema):
    code = fields.Str(required=True, validate=ID)
    kind = fields.Str(required=True)
    unit = fields.Str(required=True)
    superior = fields.List(fields.Nested(AgencyLink), load_default=[])
    confirmed = fields.Bool(load_default=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Agency:
        return Agency(superiors=tuple(data.pop("superior")), **data)


class AgenciesFile(Schema):
    agencies = fields.List(fields.Nested(AgencySchema), required=True, validate=SOME)


class RowSchema(Schema):
    name = fields.Str(required=True, validate=SOME)
    kinds = fields.List(fields.Str(), required=True, validate=SOME)
    danger = fields.List(
        fields.Str(
            validate=validate.OneOf(("any", "now", "not_now", "unknown"), error="must be any, now, not_now or unknown")
        ),
        required=True,
        validate=SOME,
    )
    environment = fields.List(fields.Str(), required=True, validate=SOME)
    tell = fields.Dict(keys=fields.Str(), values=fields.Str(), required=True, validate=SOME)


class DutiesFile(Schema):
    rows = fields.List(fields.Nested(RowSchema), required=True, validate=SOME)


class ClockSchema(NamedSchema):
    code = fields.Str(required=True, validate=UPPER)
    starts = fields.Str(required=True, validate=SOME)
    per = fields.Str(required=True, validate=validate.OneOf(("alert", "case"), error="must be alert or case"))
    limit = LimitField(required=True)
    urgent_limit = LimitField(load_default=None, allow_none=True)
    basis = fields.Str(required=True, validate=SOME)
    basis_kind = fields.Str(
        required=True,
        validate=validate.OneOf(
            ("decree", "published_procedure", "internal"), error="must be decree, published_procedure or internal"
        ),
    )
    verified = fields.Bool(required=True)
    note = fields.Str(load_default="")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Clock:
        return Clock(**data)


class ClocksFile(Schema):
    clocks = fields.List(fields.Nested(ClockSchema), required=True, validate=SOME)


class CodeSchema(NamedSchema, DatedSchema):
    code = fields.Str(required=True, validate=UPPER)
    confirmed = fields.Bool(load_default=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Code:
        known = ("code", "vi", "en", "valid_from", "valid_to", "confirmed")
        attrs = {name: value for name, value in data.items() if name not in known}
        return Code(attrs=attrs, **{name: data[name] for name in known})


class KindSchema(CodeSchema):
    abuse = fields.Bool(required=True)
    group = fields.Str(required=True)
    article = fields.Str()
    no_suspect = fields.Bool()
    environment = fields.Str()


class RelationSchema(CodeSchema):
    bars = fields.List(fields.Str(), required=True)
    bars_where = fields.Dict(keys=fields.Str(), values=fields.List(fields.Str()))


class AgencyKindSchema(CodeSchema):
    code = fields.Str(required=True, validate=validate.Regexp(r"[a-z][a-z_]{0,63}\Z", error="is not an agency kind"))
    per_child = fields.Bool()
    general = fields.Bool()


class StepSchema(CodeSchema):
    state_vi = fields.Str(validate=SOME)
    state_en = fields.Str(validate=SOME)


class LowerCodeSchema(CodeSchema):
    code = fields.Str(required=True, validate=SOME)


class LetteredSchema(CodeSchema):
    letter = fields.Str(required=True)


SPECIAL_TABLES: dict[str, type[CodeSchema]] = {
    "kinds": KindSchema,
    "relations": RelationSchema,
    "agency_kinds": AgencyKindSchema,
    "special_groups": LetteredSchema,
    "steps": StepSchema,
    "scopes": LowerCodeSchema,
    "roles": LowerCodeSchema,
}


class TableSchema(NamedSchema):
    note = fields.Str()


class AgeBandSchema(NamedSchema):
    code = fields.Str(required=True, validate=SOME)
    from_age = fields.Int(load_default=None, allow_none=True, strict=True, validate=validate.Range(min=0, max=30))
    to_age = fields.Int(load_default=None, allow_none=True, strict=True, validate=validate.Range(min=0, max=30))

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> AgeBand:
        return AgeBand(**data)


class AgeBandsSchema(Schema):
    verified = fields.Bool(required=True)
    note = fields.Str(load_default="")
    bands = fields.List(fields.Nested(AgeBandSchema), required=True, validate=SOME)


class IndicatorSchema(NamedSchema, DatedSchema):
    code = fields.Str(required=True, validate=UPPER)
    date_field = fields.Str(
        required=True,
        validate=validate.OneOf(
            ("received_at", "occurred_at_else_received_at"), error="must be received_at or occurred_at_else_received_at"
        ),
    )
    way = fields.Str(
        required=True,
        validate=validate.OneOf(("sum", "last", "distinct"), error="must be sum, last or distinct"),
    )
    groupings = fields.List(fields.Str(), required=True)
    multi_valued = fields.List(fields.Str(), load_default=[])
    verified = fields.Bool(required=True)
    note = fields.Str(load_default="")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Indicator:
        groupings, multi = tuple(data.pop("groupings")), tuple(data.pop("multi_valued"))
        return Indicator(groupings=groupings, multi_valued=multi, **data)


class IndicatorsFile(Schema):
    age_bands = fields.Nested(AgeBandsSchema, required=True)
    indicators = fields.List(fields.Nested(IndicatorSchema), required=True)


class ReportSchema(NamedSchema, DatedSchema):
    code = fields.Str(required=True, validate=ID)
    version = fields.Int(required=True, strict=True, validate=validate.Range(min=1, max=999_999))
    indicator = fields.Str(required=True, validate=UPPER)
    tables = fields.List(fields.Str(), required=True, validate=SOME)
    verified = fields.Bool(required=True)
    note = fields.Str(load_default="")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Report:
        return Report(tables=tuple(data.pop("tables")), **data)


class ReportsFile(Schema):
    reports = fields.List(fields.Nested(ReportSchema), required=True)


class PartnerSchema(Schema):
    id = fields.Str(required=True, validate=ID)
    name = fields.Str(required=True, validate=SOME)
    unit = fields.Str(required=True)
    scopes = fields.List(
        fields.Str(validate=validate.OneOf(SCOPES, error=f"is not a scope; use one of {', '.join(SCOPES)}")),
        required=True,
        validate=SOME,
    )
    expires = fields.Date(required=True)
    channels = fields.List(fields.Str(), load_default=[])
    # Empty: a partner whose tokens were all revoked.
    token_sha256 = fields.List(fields.Str(validate=HASH), required=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Partner:
        return Partner(
            scopes=frozenset(data.pop("scopes")),
            channels=tuple(data.pop("channels")),
            token_sha256=tuple(data.pop("token_sha256")),
            **data,
        )


class PartnersFile(Schema):
    partners = fields.List(fields.Nested(PartnerSchema), required=True)


class HolidaySchema(Schema):
    date = fields.Date(required=True)
    working = fields.Bool(required=True)
    name = fields.Str(required=True, validate=SOME)


class HolidaysFile(Schema):
    days = fields.List(fields.Nested(HolidaySchema), required=True)
