"""The duty matrix: kind × danger × environment -> which kinds of agency owe what (pure).

Rows add up: every row that fits speaks. An agency kind gets one duty, that of the first row that names it, so the most
serious rows stand first. What is empty, unknown or not in the tables fits every row: it may be the most serious thing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shared.directory.model import Code, Duty

ANY = "any"
ABUSE = "abuse"


@dataclass(frozen=True)
class Row:
    """kinds: codes, kind groups, "abuse" or "any"; danger: now, not_now, unknown or any; environment: codes or any."""

    name: str
    kinds: frozenset[str]
    danger: frozenset[str]
    environment: frozenset[str]
    tell: Mapping[str, str]


@dataclass(frozen=True)
class Matrix:
    rows: tuple[Row, ...]
    kinds: Mapping[str, Code]
    environments: Mapping[str, Code]

    def serious(self, kinds: Iterable[str]) -> bool:
        """True for an abuse kind, an unknown kind or none at all: what never waits for office hours or a bundle."""
        given = list(kinds)
        return not given or any(code not in self.kinds or self.kinds[code].flag("abuse") for code in given)

    def duties(self, kinds: Iterable[str], danger: bool | None, environment: str | None) -> tuple[Duty, ...]:
        """One duty per agency kind, in the order of the rows."""
        given = list(kinds)
        words = None if self._unknown(given) else self._words(given)
        state = "unknown" if danger is None else ("now" if danger else "not_now")
        place = environment if environment in self.environments and environment != "UNKNOWN" else None
        owed: dict[str, str] = {}
        for row in self.rows:
            fits = (
                (words is None or ANY in row.kinds or bool(words & row.kinds))
                and (ANY in row.danger or state in row.danger)
                and (place is None or ANY in row.environment or place in row.environment)
            )
            if fits:
                for agency_kind, code in row.tell.items():
                    owed.setdefault(agency_kind, code)
        return tuple(Duty(agency_kind, code) for agency_kind, code in owed.items())

    def _unknown(self, kinds: list[str]) -> bool:
        return not kinds or any(code not in self.kinds for code in kinds)

    def _words(self, kinds: list[str]) -> frozenset[str]:
        """Everything a row may call these kinds by."""
        words = set(kinds)
        for code in kinds:
            words.add(str(self.kinds[code].attrs.get("group", code)))
            if self.kinds[code].flag("abuse"):
                words.add(ABUSE)
        return frozenset(words)
