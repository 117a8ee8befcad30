"""What somebody wrote after it was declared that they must not know (pure).

A grant is good for its hours and intake looks nothing up, so a form that was open may still be sent. It is kept and
shown with its author; but it ends nothing, lets nobody back in and stops no clock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Protocol


class Told(Protocol):
    """A step of an incident, of whichever of its cases. `agency` and `contact` are those of who told it."""

    @property
    def id(self) -> str: ...
    @property
    def recorded_at(self) -> datetime: ...
    @property
    def agency(self) -> str | None: ...
    @property
    def contact(self) -> str | None: ...
    @property
    def withhold_from(self) -> Collection[str]: ...
    @property
    def withhold_contacts(self) -> Collection[str]: ...


def written_afterwards(steps: Iterable[Told], withheld_from: Collection[str] = ()) -> frozenset[str]:
    """Ids of the steps whose author was withheld from by an earlier step, or by the report itself (`withheld_from`).

    By the code of the agency and the id of the contact, as they were declared. Somebody who declares their own conflict
    says so in time: what a step withholds counts from the next one on.
    """
    agencies, contacts = set(withheld_from), set[str]()
    found = set()
    for step in sorted(steps, key=lambda step: (step.recorded_at, step.id)):
        if step.agency in agencies or step.contact in contacts:
            found.add(step.id)
        agencies.update(step.withhold_from)
        contacts.update(step.withhold_contacts)
    return frozenset(found)
