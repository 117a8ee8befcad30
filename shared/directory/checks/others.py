"""Clocks, indicators, age bands, reports and partners."""

from __future__ import annotations

from shared.directory.directory import Directory
from shared.directory.errors import DirectoryError
from shared.directory.schemas import SCOPES

# The ladder counts these in minutes through nights and holidays: a child in danger does not wait for a working day.
LADDER = ("ACKNOWLEDGE", "ESCALATE", "STEP_AFTER_ACKNOWLEDGED")
CLOCKS = (*LADDER, "EMERGENCY_MEASURE", "PLAN_SUBMITTED", "PLAN_APPROVED", "ISOLATION_END")
GROUPINGS = ("kind", "sex", "age_band", "village", "environment", "ethnic_group", "special_group", "channel")


def check(directory: Directory) -> None:
    _clocks(directory)
    _figures(directory)
    _reports(directory)
    _partners(directory)


def _clocks(directory: Directory) -> None:
    for code in CLOCKS:
        if code not in directory.clocks:
            raise DirectoryError("clocks.yaml", "clocks", f'"{code}" is missing; add it')
    for number, clock in enumerate(directory.clocks.values()):
        for name in ("limit", "urgent_limit"):
            limit = getattr(clock, name)
            if clock.code in LADDER and limit is not None and limit.wall is None:
                raise DirectoryError(
                    "clocks.yaml", f"clocks[{number}].{name}", "can't be working days here; write {minutes: 30}"
                )


def _figures(directory: Directory) -> None:
    for number, indicator in enumerate(directory.indicators.values()):
        for name in ("groupings", "multi_valued"):
            allowed = GROUPINGS if name == "groupings" else indicator.groupings
            for grouping in getattr(indicator, name):
                if grouping not in allowed:
                    raise DirectoryError(
                        "indicators.yaml",
                        f"indicators[{number}].{name}",
                        f'"{grouping}" is not a grouping; use {", ".join(allowed)}',
                    )
    bands = directory.age_bands
    unknown = [band for band in bands if band.from_age is None and band.to_age is None]
    if len(unknown) != 1:
        raise DirectoryError("indicators.yaml", "age_bands.bands", "needs one band without ages, for the unknown age")
    if len({band.code for band in bands}) != len(bands):
        raise DirectoryError("indicators.yaml", "age_bands.bands", "has a code twice; give one of them another")
    for age in range(0, 31):
        fits = [
            band.code
            for band in bands
            if band not in unknown and (band.from_age or 0) <= age <= (30 if band.to_age is None else band.to_age)
        ]
        if len(fits) > 1:
            raise DirectoryError("indicators.yaml", "age_bands.bands", f"age {age} lies in {' and '.join(fits)}")


def _reports(directory: Directory) -> None:
    for number, report in enumerate(directory.reports.values()):
        path = f"reports[{number}]"
        indicator = directory.indicators.get(report.indicator)
        if indicator is None:
            raise DirectoryError(
                "reports.yaml", f"{path}.indicator", f'"{report.indicator}" is not an indicator; see indicators.yaml'
            )
        for table in report.tables:
            if table not in indicator.groupings:
                raise DirectoryError(
                    "reports.yaml",
                    f"{path}.tables",
                    f'"{table}" is not a grouping of {indicator.code}; use {", ".join(indicator.groupings)}',
                )


def _partners(directory: Directory) -> None:
    if set(directory.codes("scopes")) != set(SCOPES):
        raise DirectoryError("codes.yaml", "tables.scopes.codes", f"must be these and no others: {', '.join(SCOPES)}")
    seen: dict[str, str] = {}
    for number, partner in enumerate(directory.partners):
        path = f"partners[{number}]"
        if partner.unit not in directory.units:
            raise DirectoryError("partners.yaml", f"{path}.unit", f'"{partner.unit}" is not a unit; see units.yaml')
        for channel in partner.channels:
            if channel not in directory.codes("channels"):
                raise DirectoryError("partners.yaml", f"{path}.channels", f'"{channel}" is not in the table channels')
        for place, stored in enumerate(partner.token_sha256):
            if stored in seen:
                raise DirectoryError(
                    "partners.yaml", f"{path}.token_sha256[{place}]", f'is also of "{seen[stored]}"; make a new token'
                )
            seen[stored] = partner.id
