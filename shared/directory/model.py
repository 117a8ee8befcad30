"""What a directory holds. All frozen; days are local days, valid_from and valid_to are both included, None is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from shared.calendar import local_date
from shared.directory.limits import Limit


def day_of(at: date | datetime) -> date:
    """The local day of a day or of an aware instant."""
    return local_date(at) if isinstance(at, datetime) else at


@dataclass(frozen=True)
class Dated:
    valid_from: date | None = field(default=None, kw_only=True)
    valid_to: date | None = field(default=None, kw_only=True)

    def in_force(self, at: date | datetime) -> bool:
        day = day_of(at)
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Named:
    """Labels in Vietnamese and English. confirmed is False for what the commune still has to confirm."""

    vi: str
    en: str
    confirmed: bool = field(default=True, kw_only=True)

    def label(self, lang: str = "vi") -> str:
        return self.en if lang == "en" else self.vi


@dataclass(frozen=True)
class Code(Named, Dated):
    """One row of a code table. known is False for a code that this directory lacks; its label is the code itself."""

    code: str
    attrs: Mapping[str, object] = field(default_factory=dict)
    known: bool = True

    def flag(self, name: str) -> bool:
        return self.attrs.get(name) is True

    def listed(self, name: str) -> tuple[str, ...]:
        value = self.attrs.get(name)
        return tuple(str(one) for one in value) if isinstance(value, list | tuple) else ()


@dataclass(frozen=True)
class Link(Dated):
    """A dated tie to the unit or agency above."""

    to: str


@dataclass(frozen=True)
class Unit(Named, Dated):
    code: str
    level: str
    parents: tuple[Link, ...]


@dataclass(frozen=True)
class Agency(Named, Dated):
    code: str
    kind: str
    unit: str
    superiors: tuple[Link, ...]


@dataclass(frozen=True)
class Duty:
    """What an agency of that kind owes; code is of the table "duties"."""

    agency_kind: str
    code: str


@dataclass(frozen=True)
class Clock(Named):
    """A deadline. verified is True only if the length itself was read in the text of the law."""

    code: str
    starts: str
    per: str
    limit: Limit
    urgent_limit: Limit | None
    basis: str
    basis_kind: str
    verified: bool
    note: str = ""

    def limit_for(self, urgent: bool = False) -> Limit:
        return self.urgent_limit if urgent and self.urgent_limit is not None else self.limit


@dataclass(frozen=True)
class Indicator(Named, Dated):
    code: str
    date_field: str
    way: str
    groupings: tuple[str, ...]
    multi_valued: tuple[str, ...]
    verified: bool
    note: str = ""


@dataclass(frozen=True)
class Report(Named, Dated):
    """What a report consists of: one one-way table of an indicator per grouping. A new `version` is a new form."""

    code: str
    version: int
    indicator: str
    tables: tuple[str, ...]
    verified: bool
    note: str = ""


@dataclass(frozen=True)
class AgeBand(Named):
    """Completed years, both ends included; None at both ends is the band of the unknown age."""

    code: str
    from_age: int | None
    to_age: int | None


@dataclass(frozen=True)
class Partner:
    """A client with tokens. expires: last local day on which they work. The hashes are kept out of every repr."""

    id: str
    name: str
    unit: str
    scopes: frozenset[str]
    expires: date
    channels: tuple[str, ...] = ()
    token_sha256: tuple[str, ...] = field(default=(), repr=False)

    def expired(self, at: datetime) -> bool:
        return local_date(at) > self.expires

    def may(self, scope: str) -> bool:
        return scope in self.scopes
