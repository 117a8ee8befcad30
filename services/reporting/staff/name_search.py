"""Search by name: there is no index of names, so the searcher's own cases are opened in memory and forgotten (pure)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

MOST_CASES = 500
SHORTEST = 2
LONGEST = 100
_PEOPLE = ("mother", "father")


def words_of(text: str) -> frozenset[str]:
    """The words of a name without tones and letter case: "Nguyễn Thị Đào" is found by "dao nguyen"."""
    plain = unicodedata.normalize("NFD", text[:LONGEST].casefold()).replace("đ", "d")
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    return frozenset("".join(char if char.isalnum() else " " for char in letters).split())


def names_in(content: Any) -> Iterable[str]:
    """The names that an opened part `child` holds: the child's, its parents' and its carer's."""
    child = content.get("child") if isinstance(content, Mapping) else None
    if not isinstance(child, Mapping):
        return
    yield str(child.get("full_name") or "")
    yield str(child.get("carer") or "")
    for one in _PEOPLE:
        person = child.get(one)
        if isinstance(person, Mapping):
            yield str(person.get("full_name") or "")


def matches(wanted: frozenset[str], content: Any) -> bool:
    """Whether one of the names has every word that was asked for, perhaps only begun."""
    return bool(wanted) and any(_has(wanted, words_of(name)) for name in names_in(content))


def _has(wanted: frozenset[str], name: frozenset[str]) -> bool:
    return all(any(other.startswith(word) for other in name) for word in wanted)
