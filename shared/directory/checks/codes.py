"""The code tables and the duty matrix: that what they name exists, and that nothing falls through."""

from __future__ import annotations

from itertools import product

from shared.directory.directory import Directory
from shared.directory.duties import ABUSE, ANY
from shared.directory.errors import DirectoryError

TABLES = (
    "channels kinds kind_groups environments sexes ethnic_groups special_groups relations reporter_relations urgencies "
    "risk_levels agency_kinds unit_levels duties steps roles open_reasons scopes warnings"
).split()
COMMITTEE = "committee"


def check_tables(directory: Directory) -> None:
    for name in TABLES:
        if name not in directory.tables:
            raise DirectoryError("codes.yaml", f"tables.{name}", "is missing; add this table")
    for name in ("environments", "sexes", "ethnic_groups", "relations"):
        if "UNKNOWN" not in directory.codes(name):
            raise DirectoryError("codes.yaml", f"tables.{name}.codes", "has no UNKNOWN; every report must fit; add it")


def check(directory: Directory) -> None:
    _codes(directory)
    _matrix(directory)


def _codes(directory: Directory) -> None:
    """What code tables say about each other."""
    groups, places, agency_kinds = (directory.codes(name) for name in ("kind_groups", "environments", "agency_kinds"))
    for number, kind in enumerate(directory.codes("kinds").values()):
        path = f"tables.kinds.codes[{number}]"
        if kind.attrs["group"] not in groups:
            raise DirectoryError("codes.yaml", f"{path}.group", f'"{kind.attrs["group"]}" is not in kind_groups')
        if kind.attrs.get("environment", "UNKNOWN") not in places:
            raise DirectoryError(
                "codes.yaml", f"{path}.environment", f'"{kind.attrs["environment"]}" is not in environments'
            )
        if kind.code in groups:
            raise DirectoryError("codes.yaml", f"{path}.code", f'"{kind.code}" is also a group; rename the group')
    for number, relation in enumerate(directory.codes("relations").values()):
        path = f"tables.relations.codes[{number}]"
        where = relation.attrs.get("bars_where", {})
        assert isinstance(where, dict)
        for place in where:
            if place not in places:
                raise DirectoryError("codes.yaml", f"{path}.bars_where", f'"{place}" is not in environments')
        for barred in (*relation.listed("bars"), *(kind for kinds in where.values() for kind in kinds)):
            if barred not in agency_kinds:
                raise DirectoryError("codes.yaml", f"{path}.bars", f'"{barred}" is not in agency_kinds')


def _matrix(directory: Directory) -> None:
    kinds, groups, places = (directory.codes(name) for name in ("kinds", "kind_groups", "environments"))
    for number, row in enumerate(directory.matrix.rows):
        path = f"rows[{number}]"
        for word in sorted(row.kinds):
            if word not in (ANY, ABUSE) and word not in kinds and word not in groups:
                raise DirectoryError("duties.yaml", f"{path}.kinds", f'"{word}" is not a kind, a group, abuse or any')
        for word in sorted(row.environment):
            if word != ANY and word not in places:
                raise DirectoryError("duties.yaml", f"{path}.environment", f'"{word}" is not an environment or any')
        for agency_kind, duty in row.tell.items():
            if agency_kind not in directory.codes("agency_kinds"):
                raise DirectoryError("duties.yaml", f"{path}.tell", f'"{agency_kind}" is not in the table agency_kinds')
            if duty not in directory.codes("duties"):
                raise DirectoryError(
                    "duties.yaml", f"{path}.tell.{agency_kind}", f'"{duty}" is not in the table duties'
                )
    for kind, danger, place in product((None, *kinds), (True, False, None), (None, *places)):
        told = {duty.agency_kind for duty in directory.duties([kind] if kind else [], danger, place)}
        if COMMITTEE not in told:
            words = f"kind {kind or '(none)'}, danger {danger}, environment {place or '(none)'}"
            raise DirectoryError(
                "duties.yaml", "rows", f"nobody tells the committee of {words}; add a last row for all"
            )
