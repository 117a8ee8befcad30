"""Contacts as other services may know them (pure): who is a person in which agency, and keyed hashes of the addresses.

Equal numbers give equal hashes, so that reporting sees a head teacher's number in the committee's list as well; the key
stays here, and without it a hash cannot be tried against all numbers there are.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from shared.authority import Contact, normal_mailbox, normal_phone


def key_of(link_key: bytes) -> bytes:
    """The key of the hashes, from the secret that there is."""
    return hmac.new(link_key, b"lentieng/roster", hashlib.sha256).digest()


def listed(contacts: Iterable[Contact], key: bytes) -> Mapping[str, list[dict[str, Any]]]:
    """By agency, in a stable order."""
    found: dict[str, list[dict[str, Any]]] = {}
    for contact in sorted(contacts, key=lambda contact: contact.id):
        addresses = {normal_phone(phone) for phone in contact.phones} | {
            normal_mailbox(mailbox) for mailbox in contact.mailboxes
        }
        found.setdefault(contact.agency, []).append(
            {
                "contact": contact.id,
                "person": contact.person,
                "addresses": sorted(_hash(key, address) for address in addresses if address),
            }
        )
    return found


def next_version(before: int, now: datetime) -> int:
    """Above `before`, and above what a database that is lost or put back may have told: the seconds since 1970."""
    return max(before + 1, int(now.timestamp()))


def _hash(key: bytes, address: str) -> str:
    return hmac.new(key, address.encode(), hashlib.sha256).hexdigest()[:32]
