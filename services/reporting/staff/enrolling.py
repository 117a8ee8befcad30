"""Setting up what proves who somebody is, for the first time or anew; without anybody from IT.

For a reset the user asks for a number and reads it to a second person of the unit, who sees whose it is and lets it
pass. The number alone opens nothing: what is approved goes on in the browser that asked, and there alone.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

from services.reporting.documents import Store, accounts, enrolments, translated
from services.reporting.documents.enrolments import APPROVED, ASKED, NEW, RESET
from services.reporting.staff import second_factor
from services.reporting.staff.desk import Desk
from services.reporting.staff.entering import note, user_of
from services.reporting.staff.passwords import weakness
from shared.failures import Temporary

RESET_LASTS = timedelta(minutes=30)
CODE_LASTS = timedelta(days=3)
_NUMBER_DIGITS, _CODE_DIGITS = 6, 12
_TRIES = 20


@dataclass(frozen=True)
class Ticket:
    """What the one browser keeps: which enrolment, its secret, and the number to show again."""

    id: str
    secret: str
    number: str = ""

    def __str__(self) -> str:
        return f"{self.id}.{self.secret}.{self.number}"

    @classmethod
    def parse(cls, text: str) -> Ticket | None:
        parts = text.split(".")
        return cls(*parts) if len(parts) == 3 and parts[0] and parts[1] else None

    @property
    def browser(self) -> str:
        return sha256(f"lentieng/enrolment/{self.secret}".encode()).hexdigest()


def ask(store: Store, desk: Desk, user: str, now: datetime) -> Ticket:
    """A number for whoever calls himself that. There is one for a user whom nobody knows too, and nobody can pass it.

    Raises `DependencyDown`.
    """
    with translated():
        found = accounts.by_user(store.accounts, user_of(user))
    account = found["_id"] if found is not None and found["disabled_at"] is None else None
    secret = secrets.token_urlsafe(24)
    for _ in range(_TRIES):
        number = f"{secrets.randbelow(10**_NUMBER_DIGITS):0{_NUMBER_DIGITS}d}"
        ticket = Ticket(str(uuid4()), secret, number)
        document = _document(desk, RESET, account, number, ASKED, now, now + RESET_LASTS)
        with translated():
            if enrolments.insert(store.enrolments, document | {"_id": ticket.id, "browser": ticket.browser}):
                return ticket
    raise Temporary("there are too many numbers in use")


def hand_over(store: Store, desk: Desk, account: str, by: str, now: datetime) -> str:
    """The code with which a new account is set up, once; older ones of the account end. Raises `DependencyDown`."""
    code = f"{secrets.randbelow(10**_CODE_DIGITS):0{_CODE_DIGITS}d}"
    document = _document(desk, NEW, account, code, APPROVED, now, now + CODE_LASTS)
    with translated():
        enrolments.drop(store.enrolments, account)
        if not enrolments.insert(store.enrolments, document | {"_id": str(uuid4()), "approved_by": by}):
            raise Temporary("this code is in use")
    return code


def take(store: Store, desk: Desk, user: str, code: str, now: datetime) -> Ticket | None:
    """Bind the code to this browser; None when it is not one of this user, or was used. Raises `DependencyDown`."""
    ticket = Ticket("-", secrets.token_urlsafe(24))
    with translated():
        account = accounts.by_user(store.accounts, user_of(user))
        found = enrolments.take(
            store.enrolments,
            _number(desk, second_factor.digits_of(code)),
            account["_id"] if account is not None and account["disabled_at"] is None else "",
            ticket.browser,
            now + RESET_LASTS,
            now,
        )
    return Ticket(found["_id"], ticket.secret) if found is not None else None


def of_ticket(store: Store, ticket: Ticket | None, now: datetime) -> dict[str, Any] | None:
    """The enrolment that this browser may go on with. Raises `DependencyDown`."""
    if ticket is None:
        return None
    with translated():
        return enrolments.of_browser(store.enrolments, ticket.id, ticket.browser, now)


def secret_of(store: Store, desk: Desk, enrolment: Mapping[str, Any]) -> str | None:
    """The second factor's secret that is being set up, the same each time; None when it is over."""
    account = enrolment["account"]
    sealed = enrolment["totp"]
    if sealed is None:
        with translated():
            found = enrolments.prepared(
                store.enrolments, enrolment["_id"], desk.vault.seal(account, second_factor.new_secret())
            )
        sealed = found["totp"] if found is not None else None
    return desk.vault.open(account, sealed)


def csrf_of(desk: Desk, ticket: Ticket) -> str:
    return desk.vault.mark("enrolment form", ticket.id, ticket.secret)[:32]


def from_its_form(desk: Desk, ticket: Ticket, given: str) -> bool:
    return hmac.compare_digest(csrf_of(desk, ticket).encode(), given.encode("utf-8", "replace"))


@dataclass(frozen=True)
class Enrolled:
    account: dict[str, Any]
    recovery: list[str]


def finish(
    store: Store, desk: Desk, enrolment: Mapping[str, Any], form: Mapping[str, str], now: datetime
) -> Enrolled | dict[str, str] | None:
    """Set password, second factor and recovery codes; every session of the account ends.

    Wrong fields come back with a sentence each; None when it is over or somebody was first. Raises `Busy`,
    `DependencyDown`.
    """
    with translated():
        account = accounts.one(store.accounts, enrolment["account"])
    secret = secret_of(store, desk, enrolment)
    if account is None or account["disabled_at"] is not None or secret is None:
        return None
    step = second_factor.step_of(secret, second_factor.digits_of(form.get("code", "")), now)
    errors = _errors(form, account["user"], step)
    if errors or step is None:
        return errors
    hashed = desk.passwords.hash(form["password"])
    recovery = second_factor.recovery_codes()
    with translated():
        if not enrolments.finish(store.enrolments, enrolment["_id"]):
            return None
    note(store, account, "RESET_DONE" if enrolment["kind"] == RESET else "ACCOUNT_SET_UP", now)
    with translated():
        done = accounts.enrol(
            store.accounts,
            account["_id"],
            account["generation"],
            password=hashed,
            totp=desk.vault.seal(account["_id"], secret),
            step=step,
            recovery=[desk.vault.mark("recovery", account["_id"], code) for code in recovery],
        )
        enrolments.drop(store.enrolments, account["_id"])
        now_stored = accounts.one(store.accounts, account["_id"])
    return Enrolled(now_stored, recovery) if done and now_stored is not None else None


def find(store: Store, desk: Desk, number: str, now: datetime) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """(enrolment, account) of the number of a reset that waits for a second person. Raises `DependencyDown`."""
    with translated():
        found = enrolments.of_number(store.enrolments, _number(desk, second_factor.digits_of(number)), now)
        if found is None or found["kind"] != RESET or found["state"] != ASKED or found["account"] is None:
            return None
        account = accounts.one(store.accounts, found["account"])
    return (found, account) if account is not None and account["disabled_at"] is None else None


def _errors(form: Mapping[str, str], user: str, step: int | None) -> dict[str, str]:
    errors = {}
    weak = weakness(form.get("password", ""), user)
    if weak:
        errors["password"] = weak
    elif form.get("password") != form.get("again"):
        errors["again"] = "Hai lần gõ mật khẩu chưa giống nhau."
    if step is None:
        errors["code"] = "Mã chưa đúng. Xin xem lại mã 6 số trên điện thoại; giờ của điện thoại phải đúng."
    return errors


def _document(
    desk: Desk, kind: str, account: str | None, number: str, state: str, now: datetime, until: datetime
) -> dict[str, Any]:
    return {
        "kind": kind,
        "account": account,
        "number": _number(desk, number),
        "browser": None,
        "state": state,
        "approved_by": None,
        "totp": None,
        "created_at": now,
        "expires_at": until,
    }


def _number(desk: Desk, number: str) -> str:
    return desk.vault.mark("number", number)
