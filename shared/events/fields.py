"""Field types that several event schemas share."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate


class EventSchema(Schema):
    """Unknown fields are ignored: only optional fields may be added to a version, and older readers meet them."""

    class Meta:
        unknown = EXCLUDE


class Moment(fields.AwareDateTime):
    """RFC 3339 with a zone."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)


def text(*, required: bool = False, longest: int = 200, **kwargs: Any) -> fields.String:
    """A short string; missing or null unless required."""
    if not required:
        kwargs.setdefault("load_default", None)
        kwargs.setdefault("allow_none", True)
    return fields.String(required=required, validate=validate.Length(max=longest), **kwargs)


def codes(**kwargs: Any) -> fields.List[Any]:
    """A list of codes. Their meaning is the directory's; an unknown one is data, not an error."""
    kwargs.setdefault("load_default", list)
    return fields.List(
        fields.String(validate=validate.Length(min=1, max=80)), validate=validate.Length(max=1000), **kwargs
    )


def optional_flag() -> fields.Boolean:
    """True, false or unknown (null)."""
    return fields.Boolean(load_default=None, allow_none=True)
