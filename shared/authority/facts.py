"""The clear facts of an incident: all that routing and authority may look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Clear:
    """danger: True now, False not now, None unknown. kinds and relations may be empty: nothing is known of them.

    schools: codes of the children's schools; residences: communes where they live. withhold_from: agencies that the
    reporter or the staff named (also an agency kind or a unit). released: agencies that the worker let back in; it
    lifts what follows from the suspected person's relation, never what somebody asked to withhold. withheld_contacts:
    ids of contacts that must not know, where the conflict is one person's and not the agency's.
    """

    commune: str | None = None
    village: str | None = None
    kinds: tuple[str, ...] = ()
    environment: str | None = None
    danger: bool | None = None
    schools: tuple[str, ...] = ()
    residences: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()
    withhold_from: frozenset[str] = frozenset()
    released: frozenset[str] = frozenset()
    withheld_contacts: frozenset[str] = frozenset()

    @classmethod
    def from_reported(cls, data: Mapping[str, Any]) -> Clear:
        """From the data of `incident.reported`; what is missing is unknown."""
        cases = data.get("cases") or []
        return cls(
            commune=data.get("commune"),
            village=data.get("village"),
            kinds=_codes(data.get("kinds")),
            environment=data.get("environment"),
            danger=data.get("immediate_danger"),
            schools=_codes(case.get("school") for case in cases),
            residences=_codes(case.get("residence_commune") for case in cases),
            relations=_codes(data.get("suspect_relations")),
            withhold_from=frozenset(_codes(data.get("withhold_from"))),
        )

    @classmethod
    def from_case(cls, document: Mapping[str, Any]) -> Clear:
        """From a case as reporting folds it: one child's school and commune, the incident's everything else.

        So the school of one child learns nothing of another child in the same report.
        """
        return cls(
            commune=document.get("commune"),
            village=document.get("village"),
            kinds=_codes(document.get("kinds")),
            environment=document.get("environment"),
            danger=document.get("immediate_danger"),
            schools=_codes([document.get("school")]),
            residences=_codes([document.get("residence_commune")]),
            relations=_codes(document.get("suspect_relations")),
            withhold_from=frozenset(_codes(document.get("withhold_from"))),
            released=frozenset(_codes(document.get("released"))),
            withheld_contacts=frozenset(_codes(document.get("withhold_contacts"))),
        )

    def withholding(self, codes: Iterable[str], contacts: Iterable[str] = ()) -> Clear:
        """The same facts with more agencies and contacts withheld: a supplement, or a conflict that staff declared."""
        return replace(
            self,
            withhold_from=self.withhold_from | frozenset(codes),
            withheld_contacts=self.withheld_contacts | frozenset(contacts),
        )

    def releasing(self, codes: Iterable[str]) -> Clear:
        """The same facts after the worker released these agencies."""
        return replace(self, released=self.released | frozenset(codes))


def _codes(values: Iterable[str | None] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values or () if value))
