"""`incident-full.json` is the contract's complete body: every field of version 1, valid, postable."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from marshmallow import fields

from services.intake import checks
from services.intake.schemas import IncidentSchema
from shared.directory import load

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
BODY = json.loads((HERE / "incident-full.json").read_text())


def fields_of(schema, at=""):
    for name, field in schema.fields.items():
        inner = field.inner if isinstance(field, fields.List) else field
        yield f"{at}/{name}"
        if isinstance(inner, fields.Nested):
            yield from fields_of(inner.schema, f"{at}/{name}")


def names_in(value, at=""):
    if isinstance(value, dict):
        for name, content in value.items():
            yield f"{at}/{name}"
            yield from names_in(content, f"{at}/{name}")
    elif isinstance(value, list):
        for content in value:
            yield from names_in(content, at)


def test_the_full_body_has_every_field():
    assert set(fields_of(IncidentSchema())) == set(names_in(BODY))


def test_the_full_body_is_valid_in_the_shipped_directory():
    directory = load(REPOSITORY / "deploy" / "directory" / "binh-luong")
    now = datetime(2026, 1, 1, tzinfo=UTC)
    loaded = IncidentSchema().load(BODY)

    assert checks.findings(loaded, directory, now) == []
    assert checks.warnings(loaded, directory, now) == []
