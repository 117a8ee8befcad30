"""Splits a report into what routing may read and what only reporting can open (pure).

Nothing of a child, a suspected person or a reporter is in the clear part: ids, codes, times and flags only.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from services.intake.report import Report
from shared.calendar import age_on, local_date
from shared.case_ids import case_id
from shared.directory import Directory

# A routing hint for pre-school children, who cannot ask for help themselves; not a legal term.
YOUNG_BELOW = 6


def clear_part(
    report: Report, directory: Directory, *, incident_id: str, code: str, accepted_at: datetime, client: str
) -> dict[str, Any]:
    """The data of `incident.reported` without `sealed` and `warnings`."""
    ages = [_age(child, report.received_at, report.received_at) for child in report.children]
    works_at = [str(suspect.get("works_at")) for suspect in report.suspects if suspect.get("works_at")]
    barred = [agency for place in works_at for agency in directory.agencies_called(place)]
    return {
        "incident_id": incident_id,
        "code": code,
        "received_at": report.received_at.isoformat(),
        "accepted_at": accepted_at.isoformat(),
        "occurred_at": report.occurred_at.isoformat() if report.occurred_at else None,
        "channel": report.channel,
        "commune": report.commune,
        "village": report.village,
        "kinds": list(report.kinds),
        "environment": report.environment,
        "online": report.online,
        "immediate_danger": report.immediate_danger,
        "young_child": any(age is not None and age < YOUNG_BELOW for age in ages),
        "backfill": report.backfill,
        "client": client,
        "cases": [
            {
                "case_id": case_id,
                "number": number,
                "school": child.get("school"),
                "residence_commune": child.get("residence_commune"),
            }
            for number, (case_id, child) in enumerate(_cases(report, incident_id), start=1)
        ],
        # A second suspect of whom nothing is said may be anybody: it counts as one of unknown relation.
        "suspect_relations": _distinct(str(suspect.get("relation") or "UNKNOWN") for suspect in report.suspects),
        "withhold_from": _distinct([*report.withhold_from, *barred]),
    }


def sealed_parts(report: Report, *, incident_id: str) -> dict[str, object]:
    """The four parts by name; each is a JSON value."""
    cases = _cases(report, incident_id)
    return {
        "counting": {"cases": [_counted(case_id, child, report) for case_id, child in cases]},
        "child": {
            "description": report.description,
            "place": report.place,
            "external_id": report.external_id,
            "children": [{"case_id": case_id, **child} for case_id, child in cases],
            "extra": report.extra,
        },
        "suspect": {"suspects": list(report.suspects)},
        "reporter": report.reporter,
    }


def case_ids(report: Report, incident_id: str) -> list[str]:
    """One per child; a report without children is one case of an unknown child."""
    return [case_id for case_id, _ in _cases(report, incident_id)]


def _cases(report: Report, incident_id: str) -> list[tuple[str, dict[str, Any]]]:
    children = report.children or ({},)
    return [(case_id(incident_id, number), child) for number, child in enumerate(children, start=1)]


def _counted(case_id: str, child: dict[str, Any], report: Report) -> dict[str, Any]:
    occurred = report.occurred_at or report.received_at
    return {
        "case_id": case_id,
        "sex": child.get("sex", "UNKNOWN"),
        "age_received": _age(child, report.received_at, report.received_at),
        "age_occurred": _age(child, occurred, report.received_at),
        "ethnic_group": child.get("ethnic_group"),
        "groups": list(child.get("groups", [])),
    }


def _age(child: dict[str, Any], at: datetime, told_at: datetime) -> int | None:
    """Completed years on the local day of `at`; an age that was told counts as that of the day it was told on."""
    day = local_date(at)
    if child.get("birth_date"):
        born = date.fromisoformat(child["birth_date"])
        return age_on(born, day) if born <= day else None
    if child.get("age") is None:
        return None
    told_on = local_date(told_at)
    years_before = told_on.year - day.year - ((told_on.month, told_on.day) < (day.month, day.day))
    return max(0, int(child["age"]) - max(0, years_before))


def _distinct(values: Any) -> list[str]:
    return list(dict.fromkeys(values))
