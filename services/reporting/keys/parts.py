"""Opens what is sealed of a case. Whoever asks has asked authority and written the access log before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from services.reporting.documents import Store, case_keys, sealed_parts, translated
from services.reporting.keys.keyring import Keyring, Unopened


class Erased(Exception):
    """The identity of this case was erased; nothing that is sealed of it can ever be opened."""


_NOTHING = "nothing of this name is sealed of this case"


class NotSealed(Exception):
    """Nothing of this name is sealed of this case: nobody has told it, or its original has not been opened yet."""


def open_part(store: Store, keyring: Keyring, case_id: str, part: str) -> Any:
    """The JSON value of one part of one case.

    `child`: {"child": {...}, "description", "place", "external_id", "extra"}, the child as intake took it, without its
    case id. `suspect`: {"suspects": [...]}. `reporter`: {...}. `step:<event id>`: {"note", "fields"}.
    Supplements: `<name>:<event id>` with what intake sealed under that name.

    `note:<token>`: the text itself, which somebody gave with a reason.

    Raises `Erased`, `NotSealed`, `Unopened` (another key than the one it was sealed under) or `DependencyDown`.
    """
    with translated():
        found = sealed_parts.find(store.sealed_parts, case_id, source_of(part))
        document = case_keys.get(store.case_keys, [case_id]).get(case_id, {})
    if "erased_at" in document:
        raise Erased("the identity of this case was erased")
    if found is None or "wrapped" not in document:
        raise NotSealed(_NOTHING)
    key = keyring.unwrap(document)
    own = key.open(part, found.parts[part]) if part in found.parts else None
    if part not in found.shares:
        if part not in found.parts:
            raise NotSealed(_NOTHING)
        return own
    where, wrapped = found.shares[part]
    with translated():
        blob = sealed_parts.shared(store.sealed_parts, where)
    if blob is None:
        raise NotSealed(_NOTHING)
    shared = key.open_share(where, part, wrapped).open(blob)
    return {**shared, **own} if isinstance(own, dict) and isinstance(shared, dict) else shared


def each_own(
    store: Store, keyring: Keyring, case_ids: Iterable[str], part: str, broken: Callable[[str], None] | None = None
) -> Iterator[tuple[str, Any]]:
    """The same part of many cases, one after the other, then what supplements added to it; those that are erased or
    have none are left out.

    Without the long text that all children share: of a child that is who it is. Forget each before the next is asked
    for: never is more than one of them in memory. `broken` is told of a case of which something does not open; without
    it that raises `Unopened`. Raises `DependencyDown`.
    """
    for case in case_ids:
        with translated():
            told = sealed_parts.told_of(store.sealed_parts, case, part)
            document = case_keys.get(store.case_keys, [case]).get(case, {})
        if "wrapped" not in document:
            continue
        for name, blob in told:
            try:
                content = keyring.unwrap(document).open(name, blob)
            except Unopened:
                if broken is None:
                    raise
                broken(case)
                break
            yield case, content


def names(store: Store, case_id: str) -> list[str]:
    """What is sealed of a case; nothing of an erased one. Raises `DependencyDown`."""
    with translated():
        return [] if case_keys.erased(store.case_keys, [case_id]) else sealed_parts.names(store.sealed_parts, case_id)


def source_of(part: str) -> str:
    """The event that told a part: the report itself, or the one that the part's name ends in."""
    return part.partition(":")[2] or sealed_parts.REPORT


__all__ = ["Erased", "NotSealed", "Unopened", "each_own", "names", "open_part", "source_of"]
