"""Who sits where: the contacts of every agency as notify lists them, without names and with hashed addresses."""

from __future__ import annotations

from collections.abc import Iterable

from pymongo import ReplaceOne
from pymongo.errors import BulkWriteError

from services.reporting.documents.failures import duplicates
from services.reporting.documents.store import Documents
from shared import logs
from shared.authority import Listed
from shared.events import Event

LISTED = "contacts.listed"

log = logs.get(__name__)
_TRIES = 3


def observe(rosters: Documents, events: Iterable[Event]) -> None:
    """Keep the newest list of each agency: of two lists the higher version holds, in whatever order they come."""
    newest: dict[str, dict[str, object]] = {}
    for event in events:
        if event.name == LISTED and event.data["version"] > newest.get(event.data["agency"], {}).get("version", -1):
            newest[event.data["agency"]] = {
                "version": event.data["version"],
                "contacts": [
                    {"contact": one["contact"], "person": one.get("person"), "addresses": list(one["addresses"])}
                    for one in event.data["contacts"]
                ],
                "agencies": list(event.data.get("agencies") or ()),
            }
    operations = [
        ReplaceOne({"_id": agency, "version": {"$lt": roster["version"]}}, {"_id": agency, **roster}, upsert=True)
        for agency, roster in newest.items()
    ]
    for _ in range(_TRIES):
        if not operations:
            return
        try:
            rosters.bulk_write(operations, ordered=False)
        except BulkWriteError as error:
            # A duplicate key: a newer list is there, or another projector has just inserted one to compare with.
            operations = [operations[position] for position in duplicates(error)]
        else:
            return


def everyone(rosters: Documents) -> list[Listed]:
    """The contacts of every agency, the excluded ones too, or their people could not be recognised elsewhere.

    Nobody at all while an agency is missing that has contacts by the newest list: its people would not be recognised,
    and without a roster nobody sees a case.
    """
    found = list(rosters.find().sort("_id", 1))
    newest = max((roster["version"] for roster in found), default=0)
    named = {agency for roster in found if roster["version"] == newest for agency in roster.get("agencies") or ()}
    missing = named - {roster["_id"] for roster in found}
    if missing:
        log.warning("the contacts of some agencies have not come yet: nobody sees a case", rows=len(missing))
        return []
    return [
        Listed(one["contact"], roster["_id"], one["person"], tuple(one["addresses"]))
        for roster in found
        for one in roster["contacts"]
    ]
