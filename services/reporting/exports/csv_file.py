"""CSV: one line per number, for programs and for a spreadsheet. UTF-8 with BOM, CRLF, commas.

`value` is empty where a number is not shown, `shown` then says how; so a column of numbers stays one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from services.reporting.exports.copy import Copy
from services.reporting.exports.marks import shown
from services.reporting.exports.safe import cell
from shared.calendar import LOCAL

COLUMNS = (
    "definition",
    "unit",
    "unit_name",
    "calendar",
    "period",
    "from",
    "to",
    "version",
    "as_of",
    "table",
    "table_name",
    "row",
    "row_name",
    "value",
    "shown",
)
TOTAL = "total"


def render(copy: Copy) -> bytes:
    return written([COLUMNS, *lines(copy)])


def lines(copy: Copy, *, total_small: bool = True) -> list[tuple[str, ...]]:
    """The total first, then every row of every table. `total_small`: a total that is not shown may be said to be."""
    data = copy.data
    head = (
        copy.definition,
        copy.unit,
        copy.labels["unit"][0],
        copy.calendar,
        copy.period,
        data["from"],
        data["to"],
        str(copy.version),
        copy.as_of.astimezone(LOCAL).isoformat(timespec="seconds"),
    )
    numbers: list[tuple[str | None, str | None, int | None]] = [(None, None, data["total"])]
    numbers += [(table["by"], row["code"], row["value"]) for table in data["tables"] for row in table["rows"]]
    return [
        (
            *head,
            table or TOTAL,
            copy.table_label(table),
            row or "",
            copy.row_label(table, row),
            "" if value is None else str(value),
            str(shown(value, threshold=data["threshold"], total=table is None and total_small)),
        )
        for table, row, value in numbers
    ]


def written(rows: Iterable[Iterable[str]]) -> bytes:
    """Any table as a file of this form."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([[cell(value) for value in row] for row in rows])
    return b"\xef\xbb\xbf" + out.getvalue().encode()
