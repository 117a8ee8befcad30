"""A staff member's session: signed by reporting, read by every service from the cookie of the one host.

Reporting also keeps a record of it and asks that record at each request, so a session that was ended is ended there at
once; intake and notify know only what is signed, and a write needs a grant of its own besides.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from shared.signing import PublicKeys, Refused, SigningKey

KIND = "session"
LASTS = timedelta(hours=10)


@dataclass(frozen=True)
class Session:
    """`role`, `unit`, `agency` and `contact` are those of the account when it signed in. Times are aware.

    `csrf` goes into the forms of its pages; `browser` is the hash of the browser's name, so that a cookie that was
    carried away is at least not good in any other browser.
    """

    id: str
    account: str
    name: str
    role: str
    unit: str
    agency: str | None
    contact: str | None
    csrf: str
    browser: str
    issued_at: datetime
    expires_at: datetime


def begin(
    *,
    account: str,
    name: str,
    role: str,
    unit: str,
    agency: str | None,
    contact: str | None,
    user_agent: str,
    now: datetime,
) -> Session:
    """A new session with an id of its own: whatever cookie the browser had before is worth nothing."""
    return Session(
        id=secrets.token_urlsafe(18),
        account=account,
        name=name,
        role=role,
        unit=unit,
        agency=agency,
        contact=contact,
        csrf=secrets.token_urlsafe(18),
        browser=browser_of(user_agent),
        issued_at=now,
        expires_at=now + LASTS,
    )


def browser_of(user_agent: str) -> str:
    return sha256(user_agent.encode("utf-8", "replace")).hexdigest()[:32]


def encode(session: Session, key: SigningKey) -> str:
    claims = {
        "jti": session.id,
        "sub": session.account,
        "name": session.name,
        "role": session.role,
        "unit": session.unit,
        "agency": session.agency,
        "contact": session.contact,
        "csrf": session.csrf,
        "browser": session.browser,
    }
    return key.sign(KIND, claims, issued_at=session.issued_at, expires_at=session.expires_at)


def decode(token: str, keys: PublicKeys, now: datetime) -> Session:
    """Raises `shared.signing.Refused`."""
    claims = keys.verify(KIND, token, now)
    try:
        return Session(
            id=text_of(claims, "jti"),
            account=text_of(claims, "sub"),
            name=text_of(claims, "name"),
            role=text_of(claims, "role"),
            unit=text_of(claims, "unit"),
            agency=claims.get("agency"),
            contact=claims.get("contact"),
            csrf=text_of(claims, "csrf"),
            browser=text_of(claims, "browser"),
            issued_at=moment_of(claims, "iat"),
            expires_at=moment_of(claims, "exp"),
        )
    except (KeyError, TypeError, ValueError):
        raise Refused("incomplete") from None


def text_of(claims: Mapping[str, Any], name: str) -> str:
    """Raises `KeyError` or `TypeError`: an empty or missing claim must never match something that is also empty."""
    value = claims[name]
    if not isinstance(value, str) or not value:
        raise TypeError(name)
    return value


def moment_of(claims: Mapping[str, Any], name: str) -> datetime:
    return datetime.fromtimestamp(claims[name], UTC)
