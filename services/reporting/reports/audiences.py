"""Who reads which form of a report (pure). Every audience has its own numbers, bytes and hash of each version.

full    the commune itself: everything exact
upward  the unit directly above, and a unit above communes for itself: exact total, tables suppressed
wider   everybody else who may read: also a small total is withheld
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.reporting.indicators import view_of
from services.reporting.units import Units
from shared.calendar import Period

FULL, UPWARD, WIDER = "full", "upward", "wider"
AUDIENCES = (FULL, UPWARD, WIDER)
_OF_VIEW = {"own": FULL, "exact_total": UPWARD, "suppressed": WIDER}


def copy_for(audiences: Mapping[str, Any], audience: str) -> str:
    """The audience whose copy is there for this one: a unit that counts cases of its own since an edit of the directory
    has older versions without a full copy."""
    return audience if audience in audiences else UPWARD


def audience_of(reader: str, unit: str, period: Period, units: Units) -> str:
    """For a reader that may read the unit; by the tree as of the period's last day."""
    return _OF_VIEW[view_of(reader, unit, period, units)]
