"""The directory as the services use it: one frozen object, loaded whole and swapped whole."""

from __future__ import annotations

import hashlib
import hmac
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from shared.calendar import WorkDays
from shared.directory.codes_document import codes_document
from shared.directory.duties import Matrix
from shared.directory.model import AgeBand, Agency, Clock, Code, Duty, Indicator, Partner, Report, Unit
from shared.directory.tree import Tree
from shared.directory.version import serial_of

COMMUNE = "COMMUNE"


@dataclass(frozen=True)
class Directory:
    """Read-only. A code that it lacks is answered with None or an unknown Code, never with an exception."""

    version: str
    name: str
    home: str
    tree: Tree
    matrix: Matrix
    clocks: Mapping[str, Clock]
    tables: Mapping[str, Mapping[str, Code]]
    table_labels: Mapping[str, tuple[str, str]]
    indicators: Mapping[str, Indicator]
    age_bands: tuple[AgeBand, ...]
    partners: tuple[Partner, ...]
    workdays: WorkDays = field(default_factory=WorkDays)
    reports: Mapping[str, Report] = field(default_factory=dict)

    @property
    def serial(self) -> int:
        return serial_of(self.version)

    # --- units and agencies -------------------------------------------------------------------------------------

    @property
    def units(self) -> Mapping[str, Unit]:
        return self.tree.units

    def unit(self, code: str) -> Unit | None:
        return self.tree.units.get(code)

    def parent(self, code: str, on: date | datetime) -> Unit | None:
        return self.tree.parent(code, on)

    def units_above(self, code: str, on: date | datetime) -> tuple[Unit, ...]:
        return self.tree.units_above(code, on)

    def units_under(self, code: str, on: date | datetime) -> tuple[Unit, ...]:
        return self.tree.units_under(code, on)

    def agency(self, code: str) -> Agency | None:
        return self.tree.agencies.get(code)

    def agencies(self, unit: str, kind: str | None = None, at: date | datetime | None = None) -> tuple[Agency, ...]:
        return self.tree.agencies_of(unit, kind, at)

    @property
    def all_agencies(self) -> Mapping[str, Agency]:
        return self.tree.agencies

    def agencies_called(self, place: str) -> Sequence[str]:
        """Codes of the agencies that go by this code or name, however it is typed."""
        return self._by_name.get(_plain(place), ())

    @cached_property
    def _by_name(self) -> Mapping[str, Sequence[str]]:
        """Made once for a directory: the public form asks for hundreds of names in one request."""
        found: dict[str, list[str]] = {}
        for agency in self.all_agencies.values():
            for name in {_plain(agency.code), _plain(agency.vi), _plain(agency.en)}:
                found.setdefault(name, []).append(agency.code)
        return found

    def superior(self, agency: str, at: date | datetime) -> Agency | None:
        return self.tree.superior(agency, at)

    def place(self, unit: str | None, at: date | datetime) -> str:
        """The unit to work with: the given one if it is in force, else the home commune.

        A report whose commune nobody knows still reaches a committee and the unit above it.
        """
        found = self.unit(unit) if unit is not None else None
        return found.code if found is not None and found.in_force(at) else self.home

    def commune_of(self, unit: str | None, at: date | datetime) -> str:
        """The commune whose agencies act for a place: the unit or the one it lies in, else the home commune.

        A district or a province has no committee and no police of a commune, so a report "from" there is the home's.
        """
        found = self.unit(unit) if unit is not None else None
        while found is not None and found.in_force(at):
            if found.level == COMMUNE:
                return found.code
            found = self.parent(found.code, at)
        return self.home

    # --- duties and clocks --------------------------------------------------------------------------------------

    def duties(self, kinds: Iterable[str], danger: bool | None, environment: str | None) -> tuple[Duty, ...]:
        """Who owes what, by the matrix: one duty per agency kind, never empty, the committee always among them."""
        return self.matrix.duties(kinds, danger, environment)

    def serious(self, kinds: Iterable[str]) -> bool:
        """An abuse kind, an unknown one or none given."""
        return self.matrix.serious(kinds)

    def urgent(self, kinds: Iterable[str], danger: bool | None) -> bool:
        """Danger now or unknown, or a serious kind: what intake sounds its own alarm for."""
        return danger is not False or self.serious(kinds)

    def responsible(
        self, agency_kind: str, commune: str | None, schools: Iterable[str], at: date | datetime
    ) -> tuple[Agency, ...]:
        """The agencies that a duty of this kind falls on.

        Per-child kinds (school): those of the given codes that are agencies of the kind in force, wherever they are.
        Others: those of the commune, or, where it has none, of the nearest unit above that has one.
        """
        if self.code("agency_kinds", agency_kind).flag("per_child"):
            named = [self.agency(code) for code in dict.fromkeys(schools)]
            return tuple(one for one in named if one is not None and one.kind == agency_kind and one.in_force(at))
        place = self.commune_of(commune, at)
        for unit in (place, *(above.code for above in self.units_above(place, at))):
            found = self.agencies(unit, agency_kind, at)
            if found:
                return found
        return ()

    def clock(self, code: str) -> Clock:
        """Raises KeyError for a clock that isn't in clocks.yaml; load() refuses a folder without the ones we need."""
        return self.clocks[code]

    # --- codes --------------------------------------------------------------------------------------------------

    def codes(self, table: str) -> Mapping[str, Code]:
        """Every code of a table, closed ones too. Raises KeyError for a table that doesn't exist."""
        return self.tables[table]

    def codes_in_force(self, table: str, at: date | datetime) -> tuple[Code, ...]:
        """What a form offers on that day, in the order of the file."""
        return tuple(code for code in self.tables[table].values() if code.in_force(at))

    def code(self, table: str, code: str) -> Code:
        """The code, or one with known=False whose label is the code itself."""
        return self.tables[table].get(code) or Code(code=code, vi=code, en=code, known=False)

    def codes_document(self) -> dict[str, object]:
        """JSON-ready body of GET /v1/codes; see codes_document.py."""
        return codes_document(self)

    @property
    def codes_version(self) -> str:
        """16 hex digits over the body of GET /v1/codes: its ETag. A new partner doesn't change it."""
        body = json.dumps(self.codes_document(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(body.encode()).hexdigest()[:16]

    def age_band(self, age: int | None) -> AgeBand:
        """The band of an age in completed years; the unknown band for None and for an age outside every band."""
        unknown = next(band for band in self.age_bands if band.from_age is None and band.to_age is None)
        if age is None:
            return unknown
        for band in self.age_bands:
            if band is not unknown and (band.from_age or 0) <= age <= (band.to_age if band.to_age is not None else age):
                return band
        return unknown

    # --- partners -----------------------------------------------------------------------------------------------

    def partner_by_token_hash(self, token_hash: str, at: datetime | None = None) -> Partner | None:
        """The partner of a token's SHA-256 (hex); with `at`, only one that has not expired.

        Every stored hash is compared, whichever fits, so that the time taken says nothing about them.
        """
        given = token_hash.encode()
        found: Partner | None = None
        for partner in self.partners:
            for stored in partner.token_sha256:
                if hmac.compare_digest(stored.encode(), given):
                    found = partner
        if found is not None and at is not None and found.expired(at):
            return None
        return found


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text[:300]).casefold().split())
