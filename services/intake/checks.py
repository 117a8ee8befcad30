"""Whether a well-shaped report means something: codes in force, units that belong together, times in order (pure).

Sentences say what to do and never quote what was sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from shared.calendar import age_on, local_date
from shared.directory import Directory

# Clocks of senders differ; more than this is a mistake in the data.
AHEAD = timedelta(minutes=10)
# Luật Trẻ em 2016, Điều 1: a child is a person under 16. A report about somebody older is still taken.
_CHILD_BELOW = 16

# Before it nobody was born who was a child when this law came; it also keeps every zone's day within the calendar.
OLDEST_YEAR = 1950

Finding = dict[str, str]


def findings(body: Mapping[str, Any], directory: Directory, now: datetime) -> list[Finding]:
    """Everything that is wrong with a body that `IncidentSchema` has loaded, as JSON pointer and sentence."""
    # A time outside the calendar has no local day, and the other checks ask for it.
    strange = list(_strange_years(body, now))
    parts = (_codes, _places, _times, _children, _enough) if not strange else ()
    found = [*strange, *(finding for part in parts for finding in part(body, directory, now))]
    return [{"pointer": pointer, "detail": detail} for pointer, detail in found]


def warnings(body: Mapping[str, Any], directory: Directory, now: datetime) -> list[str]:
    """Codes of the table `warnings`: nothing that stops a report, something a person should look at.

    They depend on the body alone wherever it tells a time, because every replica must give the same answer.
    """
    found = []
    received = body.get("received_at") or now
    if _strange_workplace(body, directory):
        found.append("WORKPLACE_UNKNOWN")
    if not body.get("children"):
        found.append("NO_CHILD")
    for child in body.get("children") or []:
        born, told = child.get("birth_date"), child.get("age")
        age = age_on(born, local_date(received)) if born and born <= local_date(received) else told
        if age is not None and age >= _CHILD_BELOW:
            found.append("NOT_A_CHILD")
        if born and told is not None and age is not None and abs(age - told) > 1:
            found.append("AGE_MISMATCH")
    return list(dict.fromkeys(found))


def _strange_workplace(body: Mapping[str, Any], directory: Directory) -> bool:
    """A workplace in words that no agency goes by bars nobody: somebody should look at who must not know."""
    places = (suspect.get("works_at") for suspect in body.get("suspects") or [])
    return any(place and not directory.agencies_called(place) for place in places)


def _codes(body: Mapping[str, Any], directory: Directory, now: datetime) -> Iterator[tuple[str, str]]:
    on = body.get("received_at") or now
    for pointer, table, code in _coded(body):
        if code is None:
            continue
        known = directory.code(table, code)
        if not known.known:
            yield pointer, f"Is not a code of the table {table}; the codes are in /v1/codes."
        elif not (known.in_force(on) or known.in_force(now)):
            yield pointer, f"This code of the table {table} is closed; the codes in force are in /v1/codes."


def _coded(body: Mapping[str, Any]) -> Iterator[tuple[str, str, str | None]]:
    yield "/channel", "channels", body.get("channel")
    yield "/environment", "environments", body.get("environment")
    for at, kind in enumerate(body.get("kinds") or []):
        yield f"/kinds/{at}", "kinds", kind
    for at, child in enumerate(body.get("children") or []):
        yield f"/children/{at}/sex", "sexes", child.get("sex")
        yield f"/children/{at}/ethnic_group", "ethnic_groups", child.get("ethnic_group")
        for place, group in enumerate(child.get("groups") or []):
            yield f"/children/{at}/groups/{place}", "special_groups", group
    for at, suspect in enumerate(body.get("suspects") or []):
        yield f"/suspects/{at}/relation", "relations", suspect.get("relation")
    yield "/reporter/relation", "reporter_relations", (body.get("reporter") or {}).get("relation")


def _places(body: Mapping[str, Any], directory: Directory, now: datetime) -> Iterator[tuple[str, str]]:
    commune = directory.unit(body["commune"]) if body.get("commune") else None
    if body.get("commune") and (commune is None or commune.level != "COMMUNE"):
        yield "/commune", "Is not a commune of this directory; the units are in /v1/codes."
    village = body.get("village")
    if village and commune and village not in {unit.code for unit in directory.units_under(commune.code, now)}:
        yield "/village", "Is not a village of that commune; leave it out and describe the place in `place`."
    for at, agency in enumerate(body.get("withhold_from") or []):
        if agency is None or directory.agency(agency) is None:
            yield f"/withhold_from/{at}", "Is not an agency; the agencies are in /v1/codes."
    for at, child in enumerate(body.get("children") or []):
        school = directory.agency(child["school"]) if child.get("school") else None
        if child.get("school") and (school is None or school.kind != "school"):
            yield (
                f"/children/{at}/school",
                "Is not a school of this directory; leave it out and name it in `where_now`.",
            )
        home = child.get("residence_commune")
        if home and directory.unit(home) is None:
            yield f"/children/{at}/residence_commune", "Is not a known unit; leave it out and write it into `address`."


def _strange_years(body: Mapping[str, Any], now: datetime) -> Iterator[tuple[str, str]]:
    for field in ("received_at", "occurred_at"):
        if body.get(field) and body[field].year > now.year + 1:
            yield f"/{field}", "Lies in the future; check the year."
        elif body.get(field) and body[field].year < OLDEST_YEAR:
            yield f"/{field}", "Lies too far back to be about somebody who is a child; check the year."


def _times(body: Mapping[str, Any], directory: Directory, now: datetime) -> Iterator[tuple[str, str]]:
    received, occurred = body.get("received_at"), body.get("occurred_at")
    if received and received > now + AHEAD:
        yield "/received_at", "Lies in the future; check the clock and the zone of the sender."
    if occurred and occurred > (received or now) + AHEAD:
        yield "/occurred_at", "Lies after received_at; one of the two is wrong."


def _children(body: Mapping[str, Any], directory: Directory, now: datetime) -> Iterator[tuple[str, str]]:
    today = local_date(now)
    for at, child in enumerate(body.get("children") or []):
        born = child.get("birth_date")
        if born and not date(today.year - 30, 1, 1) <= born <= today:
            yield f"/children/{at}/birth_date", "Is not the birth date of a child; send `age` if only that is known."


def _enough(body: Mapping[str, Any], directory: Directory, now: datetime) -> Iterator[tuple[str, str]]:
    if not body.get("kinds") and not (body.get("description") or "").strip():
        yield "/description", "Send at least one of `kinds` or `description`: what happened?"
