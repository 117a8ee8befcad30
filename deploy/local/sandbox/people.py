"""Whose phone and whose mailbox: read from the contacts and the directory that the services read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class Owner:
    agency: str
    agency_kind: str | None
    agency_name: str
    name: str


class People:
    """By address. One may belong to several: a school's only phone, a police chief who sits on the committee."""

    def __init__(self, owners: dict[str, list[Owner]] | None = None) -> None:
        self._owners = owners or {}

    def of(self, address: str) -> list[Owner]:
        return self._owners.get(plain(address), [])

    def addresses(self) -> list[str]:
        """In the order of the contacts; numbers and mailboxes together."""
        return list(self._owners)

    @classmethod
    def read(cls, contacts: Path | None, directory: Path | None, operator: tuple[str, ...] = ()) -> People:
        """Whatever cannot be read is left out: the sandbox shows messages to strangers too.

        `operator` are the addresses of whoever runs the system, who is in no directory.
        """
        agencies = {entry.get("code"): entry for entry in _list(directory and directory / "agencies.yaml", "agencies")}
        owners: dict[str, list[Owner]] = {}
        for entry in _list(contacts, "contacts"):
            code = str(entry.get("agency", ""))
            agency = agencies.get(code, {})
            owner = Owner(code, agency.get("kind"), str(agency.get("vi", code)), _name(entry))
            for address in [*_strings(entry.get("phones")), *_strings(entry.get("mailboxes"))]:
                owners.setdefault(plain(address), []).append(owner)
        for address in operator:
            owners.setdefault(plain(address), []).append(Owner("operator", "operator", "Người vận hành hệ thống", ""))
        return cls(owners)


def plain(address: str) -> str:
    """One spelling of an address: mailboxes in lower case, numbers with the country's code (+84912345678)."""
    if "@" in address:
        return address.strip().lower()
    digits = re.sub(r"\D", "", address)
    for home in ("0084", "0"):
        if digits.startswith(home):
            return f"+84{digits[len(home) :]}"
    return f"+{digits}" if len(digits) > 9 else digits or address.strip()


def _name(entry: dict[str, Any]) -> str:
    return str(entry.get("name") or entry.get("id") or "")


def _list(path: Path | None, key: str) -> list[dict[str, Any]]:
    if path is None or not path.exists():
        return []
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError):
        return []
    entries = content.get(key) if isinstance(content, dict) else None
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _strings(value: Any) -> list[str]:
    """Addresses as strings, also where an entry is a mapping with more about the address."""
    found = []
    for item in value if isinstance(value, list) else [value] if value else []:
        address = item.get("number") or item.get("address") or "" if isinstance(item, dict) else item
        if address:
            found.append(str(address))
    return found
