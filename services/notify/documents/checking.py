"""What is stored is checked against its model first, without making the model's objects of it.

On the way of a report to the people it counts: building the objects of an alert and its deliveries, only to throw them
away, took half of the time until it was stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from mongoengine import Document, EmbeddedDocumentListField, ValidationError


def check(model: type[Document], identity: str, fields: Mapping[str, Any]) -> None:
    """Raises mongoengine's `ValidationError`, which names the field and quotes nothing.

    Every field that the model requires is there and each is of its kind; of embedded documents, which one place of ours
    makes, that they have what is required of them.
    """
    if not identity or not isinstance(identity, str):
        raise ValidationError("_id")
    for name, field in model._fields.items():
        value = fields.get(name)
        if name == "id":
            continue
        if value is None:
            if field.required:
                raise ValidationError(name)
        elif isinstance(field, EmbeddedDocumentListField):
            needed = _required(field.field.document_type)
            if not isinstance(value, list) or any(row.get(one) is None for row in value for one in needed):
                raise ValidationError(name)
        else:
            _of_its_kind(name, field, value)


def _of_its_kind(name: str, field: Any, value: Any) -> None:
    try:
        field.validate(value)
    except ValidationError:
        raise ValidationError(name) from None


@cache
def _required(model: Any) -> tuple[str, ...]:
    return tuple(name for name, field in model._fields.items() if field.required)
