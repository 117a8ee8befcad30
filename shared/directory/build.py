"""From the bytes of the folder to a Directory: parse, check shapes, put together. `checks` then looks at the whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import Schema, ValidationError

from shared.calendar import WorkDays
from shared.directory import schemas
from shared.directory.directory import Directory
from shared.directory.duties import Matrix, Row
from shared.directory.errors import DirectoryError
from shared.directory.model import Code
from shared.directory.reading import parse
from shared.directory.tree import Tree
from shared.directory.version import version_of

FILES: dict[str, type[Schema]] = {
    "directory.yaml": schemas.DirectoryFile,
    "units.yaml": schemas.UnitsFile,
    "agencies.yaml": schemas.AgenciesFile,
    "duties.yaml": schemas.DutiesFile,
    "clocks.yaml": schemas.ClocksFile,
    "indicators.yaml": schemas.IndicatorsFile,
    "partners.yaml": schemas.PartnersFile,
    "holidays.yaml": schemas.HolidaysFile,
}
CODES = "codes.yaml"
NAMES = (*FILES, CODES)
# A folder from before this file existed stays valid: it has no reports.
REPORTS = "reports.yaml"
OPTIONAL = (REPORTS,)


def build(contents: Mapping[str, bytes]) -> Directory:
    """contents: file name -> bytes, one for each of NAMES, perhaps of OPTIONAL. Raises DirectoryError."""
    data = {name: _shape(name, schema(), parse(name, contents[name])) for name, schema in FILES.items()}
    labels, tables = _tables(parse(CODES, contents[CODES]))
    head = data["directory.yaml"]
    reports: dict[str, Any] = {"reports": []}
    if REPORTS in contents:
        reports = _shape(REPORTS, schemas.ReportsFile(), parse(REPORTS, contents[REPORTS]))
    kinds, environments = tables.get("kinds", {}), tables.get("environments", {})
    rows = tuple(
        Row(
            name=row["name"],
            kinds=frozenset(row["kinds"]),
            danger=frozenset(row["danger"]),
            environment=frozenset(row["environment"]),
            tell=row["tell"],
        )
        for row in data["duties.yaml"]["rows"]
    )
    return Directory(
        version=version_of(head["version"], contents),
        name=head["name"],
        home=head["home"],
        tree=Tree(
            units=_keyed("units.yaml", "units", "code", data["units.yaml"]["units"]),
            agencies=_keyed("agencies.yaml", "agencies", "code", data["agencies.yaml"]["agencies"]),
        ),
        matrix=Matrix(rows, kinds, environments),
        clocks=_keyed("clocks.yaml", "clocks", "code", data["clocks.yaml"]["clocks"]),
        tables=tables,
        table_labels=labels,
        indicators=_keyed("indicators.yaml", "indicators", "code", data["indicators.yaml"]["indicators"]),
        age_bands=tuple(data["indicators.yaml"]["age_bands"]["bands"]),
        partners=tuple(_keyed("partners.yaml", "partners", "id", data["partners.yaml"]["partners"]).values()),
        reports=_keyed(REPORTS, "reports", "code", reports["reports"]),
        workdays=WorkDays({day["date"]: day["working"] for day in data["holidays.yaml"]["days"]}),
    )


def _tables(raw: Any) -> tuple[dict[str, tuple[str, str]], dict[str, dict[str, Code]]]:
    """codes.yaml by hand, since each table has its own schema."""
    if not isinstance(raw, dict) or set(raw) != {"tables"} or not isinstance(raw["tables"], dict):
        raise DirectoryError(CODES, "", 'must hold one key, "tables", with the tables under it')
    labels: dict[str, tuple[str, str]] = {}
    tables: dict[str, dict[str, Code]] = {}
    for name, table in raw["tables"].items():
        if not isinstance(table, dict):
            raise DirectoryError(CODES, f"tables.{name}", "must hold vi, en and codes")
        rows = table.get("codes")
        if not isinstance(rows, list) or not rows:
            raise DirectoryError(CODES, f"tables.{name}.codes", "must be a list with at least one code")
        head = _shape(CODES, schemas.TableSchema(), {k: v for k, v in table.items() if k != "codes"}, f"tables.{name}")
        schema = schemas.SPECIAL_TABLES.get(name, schemas.CodeSchema)
        codes = _shape(CODES, schema(many=True), rows, f"tables.{name}.codes")
        labels[name] = (head["vi"], head["en"])
        tables[name] = _keyed(CODES, f"tables.{name}.codes", "code", codes)
    return labels, tables


def _keyed(file: str, path: str, key: str, items: Iterable[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number, item in enumerate(items):
        code = getattr(item, key)
        if code in found:
            raise DirectoryError(file, f"{path}[{number}].{key}", f'"{code}" is there twice; give one of them another')
        found[code] = item
    return found


def _shape(file: str, schema: Schema, raw: Any, under: str = "") -> Any:
    """What the schema makes of the raw value. Raises DirectoryError with the first wrong place in the file."""
    expected = list if schema.many else dict
    if not isinstance(raw, expected):
        raise DirectoryError(
            file, under, f"must be a {'list' if schema.many else 'mapping'}; see the file's first lines"
        )
    try:
        return schema.load(raw)
    except ValidationError as error:
        path, what = _first(error.messages, under)
        raise DirectoryError(file, path, what) from None


def _first(messages: Any, path: str) -> tuple[str, str]:
    """The first leaf of marshmallow's nested messages, with a readable path."""
    while isinstance(messages, dict) and messages:
        key = next(iter(messages))
        messages = messages[key]
        # "key"/"value" are marshmallow's own words for the two sides of a mapping's entry.
        if key in ("_schema", "key", "value"):
            continue
        path += f"[{key}]" if isinstance(key, int) else (f".{key}" if path else str(key))
    text = messages[0] if isinstance(messages, list) and messages else messages
    return path, _plain(str(text))


def _plain(text: str) -> str:
    known = {
        "Unknown field.": "is not a key of this file; look for a typing slip",
        "Missing data for required field.": "is missing; add it",
        "Not a valid date.": "is not a day; write it as 2025-06-30",
        "Field may not be null.": "is empty; give it a value or take it out",
        "Not a valid string.": "must be a text; put it in quotes",
        "Not a valid boolean.": "must be true or false",
        "Not a valid integer.": "must be a whole number",
        "Not a valid list.": "must be a list: [a, b]",
        "Not a valid mapping type.": "must be a mapping: {a: b}",
        "Invalid input type.": "must be a mapping: {a: b}",
    }
    return known.get(text, text)
