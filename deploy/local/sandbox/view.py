"""Messages as the page shows them: laid onto phones and into mailboxes, the most recent first. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from deploy.local.sandbox.people import People, plain


@dataclass
class Device:
    """One phone or one mailbox; `owners` are (names of agencies, person), each person once."""

    address: str
    owners: list[tuple[str, str]] = field(default_factory=list)
    kind: str = "unknown"
    messages: list[dict[str, Any]] = field(default_factory=list)

    @property
    def shown(self) -> str:
        """A number in groups, as people write it."""
        number = self.address
        return f"{number[:3]} {number[3:6]} {number[6:9]} {number[9:]}".strip() if number.startswith("+84") else number

    @property
    def last_at(self) -> str:
        return self.messages[-1]["at"] if self.messages else ""


def phones(people: People, messages: Iterable[dict[str, Any]]) -> list[Device]:
    return _devices([a for a in people.addresses() if "@" not in a], people, messages, "sms")


def mailboxes(people: People, messages: Iterable[dict[str, Any]]) -> list[Device]:
    return _devices([a for a in people.addresses() if "@" in a], people, messages, "email")


def _devices(known: list[str], people: People, messages: Iterable[dict[str, Any]], channel: str) -> list[Device]:
    devices = {address: _device(address, people) for address in known}
    for message in messages:
        if message["channel"] != channel:
            continue
        address = plain(message["to"])
        if address not in devices:
            devices[address] = _device(address, people)
        devices[address].messages.append(message)
    # Stable: those without messages stay in the order of the contacts.
    return sorted(devices.values(), key=lambda device: device.last_at, reverse=True)


def _device(address: str, people: People) -> Device:
    owners = people.of(address)
    kind = (owners[0].agency_kind or "unknown") if owners else "unknown"
    agencies: dict[str, list[str]] = {}
    for owner in owners:
        agencies.setdefault(owner.name, []).append(owner.agency_name)
    return Device(address, [(", ".join(dict.fromkeys(names)), person) for person, names in agencies.items()], kind)
