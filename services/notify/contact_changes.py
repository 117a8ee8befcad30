"""What a new list of contacts would change (pure): who is added, who is changed and in what, who goes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Changes:
    """By the id of the row. `bare`: agencies that had somebody and would have nobody; `strange`: those that the
    directory lacks, so that whoever is listed there is never told of anything.
    """

    added: tuple[str, ...] = ()
    changed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()
    strange: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)

    def lines(self) -> list[str]:
        """For the operator's terminal: ids and names of fields, no name of a person and no number."""
        return [
            *(f"+ {one}" for one in self.added),
            *(f"~ {one}: {', '.join(fields)}" for one, fields in self.changed.items()),
            *(f"- {one}" for one in self.removed),
            *(f"! {agency}: không còn ai / nobody is left" for agency in self.bare),
            *(f"! {agency}: không có trong danh mục / is not in the directory" for agency in self.strange),
        ]


def compared(now: Iterable[Row], wanted: Iterable[Row], agencies: Collection[str]) -> Changes:
    """`now` is what is stored and `wanted` what the file says, both as they are stored; `agencies` are all that are."""
    before, after = {row["_id"]: row for row in now}, {row["_id"]: row for row in wanted}
    changed = {
        one: tuple(sorted(name for name in {*row, *before[one]} if row.get(name) != before[one].get(name)))
        for one, row in sorted(after.items())
        if one in before
    }
    had, has = ({row["agency"] for row in rows.values()} for rows in (before, after))
    return Changes(
        added=tuple(sorted(after.keys() - before.keys())),
        changed={one: fields for one, fields in changed.items() if fields},
        removed=tuple(sorted(before.keys() - after.keys())),
        bare=tuple(sorted(had - has)),
        strange=tuple(sorted(has - set(agencies))),
    )
