"""Opens what is sealed of a case. Whoever asks has asked authority and written the access log before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from services.reporting.documents import Store, case_keys, sealed_parts, translated
from services.reporting.keys.keyring import Keyring, Unopened


class Erased(Exception):
    """The identity of this case was erased; nothing that is sealed of it can ever be opened."""


class NotSealed(Exception):
    """Nothing of this name is sealed of this case: nobody has told it, or its original has not been opened yet."""


def open_part(store: Store, keyring: Keyring, case_id: str, part: str) -> Any:
    """The JSON value of one part of one case.

    `child`: {"child": {...}, "description", "place", "external_id", "extra"}, the child as intake took it, without its
    case id. `suspect`: {"suspects": [...]}. `reporter`: {...}. `step:<event id>`: {"note", "fields"}.
    Supplements: `<name>:<event id>` with what intake sealed under that name.

    Raises `Erased`, `NotSealed`, `Unopened` (another key than the one it was sealed under) or `DependencyDown`.
    """
    found = open_parts(store, keyring, [case_id], part)
    if case_id in found:
        return found[case_id]
    with translated():
        erased = bool(case_keys.erased(store.case_keys, [case_id]))
    if erased:
        raise Erased("the identity of this case was erased")
    raise NotSealed("nothing of this name is sealed of this case")


def open_parts(store: Store, keyring: Keyring, case_ids: Iterable[str], part: str) -> dict[str, Any]:
    """The same part of many cases, by case; those that are erased or have none are left out.

    Two reads however many there are. Raises `Unopened` or `DependencyDown`.
    """
    wanted = list(case_ids)
    with translated():
        sealed = sealed_parts.find(store.sealed_parts, wanted, source_of(part))
        keys = case_keys.get(store.case_keys, sealed)
    return {
        case: keyring.unwrap(keys[case]).open(part, parts[part])
        for case, parts in sealed.items()
        if part in parts and "wrapped" in keys.get(case, {})
    }


def names(store: Store, case_id: str) -> list[str]:
    """What is sealed of a case; nothing of an erased one. Raises `DependencyDown`."""
    with translated():
        return [] if case_keys.erased(store.case_keys, [case_id]) else sealed_parts.names(store.sealed_parts, case_id)


def source_of(part: str) -> str:
    """The event that told a part: the report itself, or the one that the part's name ends in."""
    return part.partition(":")[2] or sealed_parts.REPORT


__all__ = ["Erased", "NotSealed", "Unopened", "names", "open_part", "open_parts", "source_of"]
