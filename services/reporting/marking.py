"""Which units' half-months have to be computed again."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from services.reporting.documents import Store, segments
from services.reporting.documents.segments import Pair
from services.reporting.documents.store import Documents
from services.reporting.units import Units

_FORM = "form of the tree"


def mark(marks: Documents, communes: Iterable[Pair], units: Units) -> None:
    """Mark each commune's half-month, and then those of the units above it.

    In this order: a unit above is summed from its communes' rollups. Marked first, it could be summed from a commune
    that is not marked yet, and nothing would be left to say that the sum is old.
    """
    pairs = set(communes)
    segments.want(marks, pairs)
    segments.want(marks, {(above, segment) for commune, segment in pairs for above in units.above(commune, segment)})


def mark_everything_if_moved(store: Store, units: Units) -> bool:
    """After an edit of the tree mark all that was ever counted, under the new tree; true if there was such an edit.

    The projector does it itself, between two batches: a batch under the old tree would mark the units of the old tree.
    """
    form = sha256(units.form.encode()).hexdigest()
    known = store.state.find_one({"_id": _FORM})
    if known is not None and known["value"] == form:
        return False
    mark(store.segments, [pair for pair in segments.every(store.segments) if units.is_commune(pair[0])], units)
    store.state.replace_one({"_id": _FORM}, {"value": form}, upsert=True)
    return True
