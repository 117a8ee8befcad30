"""What questions about a unit and a period have in common. All raise `Problem`, and never quote what was sent."""

from __future__ import annotations

from services.reporting.units import VILLAGE
from shared.authority import may_read_unit
from shared.calendar import Period, PeriodError, parse
from shared.directory import Directory, Partner
from shared.web.problem import Problem

_PERIODS = "Write 2023-06, 2023-Q2, 2023-H1, 2023 or 2023-M09."


def period_of(code: str, calendar: str) -> Period:
    try:
        return parse(code, calendar)
    except PeriodError:
        # Its own text quotes what was sent.
        raise Problem(
            422, f"This is not a period. {_PERIODS}", errors=[{"pointer": "/query/period", "detail": _PERIODS}]
        ) from None


def unit_of(code: str, directory: Directory, village_hint: str) -> str:
    unit = directory.unit(code)
    if unit is None:
        raise Problem(404, "There is no such unit in the directory.")
    if unit.level == VILLAGE:
        raise Problem(422, village_hint, errors=[{"pointer": "/query/unit", "detail": village_hint}])
    return code


def allow(partner: Partner, unit: str, period: Period, directory: Directory) -> None:
    """The unit rule: its own and those below, as the tree stood on the period's last day."""
    if not may_read_unit(partner.unit, unit, period.last, directory):
        raise Problem(403, "This token reads its own unit and those below it, as of the last day of the period.")
