"""The formats there are. To add one: a module with a `render`, and a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from services.reporting.exports import csv_file, json_file, xlsx_file
from services.reporting.exports.copy import Copy


@dataclass(frozen=True)
class Format:
    """`disposition`: a browser shows JSON and saves the rest."""

    name: str
    media_type: str
    render: Callable[[Copy], bytes]
    disposition: str = "attachment"


FORMATS = {
    form.name: form
    for form in (
        Format("json", "application/json", json_file.render, "inline"),
        Format("csv", "text/csv; charset=utf-8", csv_file.render),
        Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx_file.render),
    )
}
