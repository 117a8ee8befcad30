"""A grant: what one person may write on one case, so that intake can judge a form without looking the case up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.sessions import moment_of, text_of
from shared.signing import PublicKeys, Refused, SigningKey

KIND = "grant"
LASTS = timedelta(hours=12)


@dataclass(frozen=True)
class Grant:
    """`steps` are codes of the table "steps"; `code` is the case's (incident code, hyphen, number). Times are aware.

    `hats` and `contacts` are everything that the person behind the account is by the roster: agencies with their kinds
    and units, and contact ids. `people`: contacts whose conflict may be declared. `spared`: this person was declared or
    asked to be kept out and may know all the same, because nobody else of the highest unit may. A grant of before there
    were any has none.
    """

    account: str
    role: str
    unit: str
    agency: str | None
    contact: str | None
    incident: str
    case: str
    code: str
    commune: str
    steps: tuple[str, ...]
    drill: bool
    issued_at: datetime
    expires_at: datetime
    hats: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    spared: bool = False


def encode(grant: Grant, key: SigningKey) -> str:
    claims = {
        "sub": grant.account,
        "role": grant.role,
        "unit": grant.unit,
        "agency": grant.agency,
        "contact": grant.contact,
        "hats": list(grant.hats),
        "contacts": list(grant.contacts),
        "people": " ".join(grant.people),
        "spared": grant.spared,
        "incident": grant.incident,
        "case": grant.case,
        "code": grant.code,
        "commune": grant.commune,
        "steps": list(grant.steps),
        "drill": grant.drill,
    }
    return key.sign(KIND, claims, issued_at=grant.issued_at, expires_at=grant.expires_at)


def decode(token: str, keys: PublicKeys, now: datetime) -> Grant:
    """Raises `shared.signing.Refused`."""
    claims = keys.verify(KIND, token, now)
    try:
        return Grant(
            account=text_of(claims, "sub"),
            role=text_of(claims, "role"),
            unit=text_of(claims, "unit"),
            agency=claims.get("agency"),
            contact=claims.get("contact"),
            incident=text_of(claims, "incident"),
            case=text_of(claims, "case"),
            code=text_of(claims, "code"),
            commune=text_of(claims, "commune"),
            steps=tuple(str(step) for step in claims["steps"]),
            drill=claims["drill"] is True,
            issued_at=moment_of(claims, "iat"),
            expires_at=moment_of(claims, "exp"),
            hats=tuple(str(hat) for hat in claims.get("hats", ())),
            contacts=tuple(str(contact) for contact in claims.get("contacts", ())),
            people=tuple(str(claims.get("people", "")).split()),
            spared=claims.get("spared") is True,
        )
    except (KeyError, TypeError, ValueError):
        raise Refused("incomplete") from None
