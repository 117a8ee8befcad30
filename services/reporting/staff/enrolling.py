"""Setting up what proves who somebody is, for the first time or anew; without anybody from IT.

For a reset the user asks for a number and reads it to a second person of the unit, who sees whose it is and lets it
pass. The number alone opens nothing: what is approved goes on in the browser that asked, and there alone. An account
that an administrator made or changed waits for a second person in the same way.
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

from services.reporting.documents import Store, accounts, enrolments, notices, translated
from services.reporting.documents.enrolments import APPROVED, ASKED, CONFIRM, NEW, RESET
from services.reporting.staff import account_making, second_factor
from services.reporting.staff.desk import Desk
from services.reporting.staff.entering import note, user_of
from services.reporting.staff.passwords import weakness
from services.reporting.telling import account_changed, noted, stored
from shared.authority.table import APART
from shared.failures import Temporary

RESET_LASTS = timedelta(minutes=30)
CODE_LASTS = timedelta(days=3)
# So long no case opens after a reset or a first setting up: the contact is told at once and has time to call.
CASES_WAIT = timedelta(minutes=30)
APART_RESET = "APART_RESET"
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


def ask(store: Store, desk: Desk, user: str, now: datetime, by: str | None = None) -> Ticket:
    """A number for whoever calls himself that. There is one for a user whom nobody knows too, and nobody can pass it.

    `by`: the account that is signed in where it is asked. Raises `DependencyDown`.
    """
    with translated():
        found = accounts.by_user(store.accounts, user_of(user))
    account = found["_id"] if found is not None and found["disabled_at"] is None else None
    return _asked(store, desk, RESET, account, now, by)


def ask_to_confirm(store: Store, desk: Desk, account: Mapping[str, Any], now: datetime) -> Ticket:
    """A number for somebody who has just proved who it is, and whose account nobody has confirmed yet.

    Raises `DependencyDown`.
    """
    return _asked(store, desk, CONFIRM, account["_id"], now, None)


def _asked(store: Store, desk: Desk, kind: str, account: str | None, now: datetime, by: str | None) -> Ticket:
    secret = secrets.token_urlsafe(24)
    for _ in range(_TRIES):
        ticket = Ticket(str(uuid4()), secret, second_factor.random_digits(_NUMBER_DIGITS))
        document = _document(desk, kind, account, ticket.number, ASKED, now, now + RESET_LASTS)
        document |= {"_id": ticket.id, "browser": ticket.browser, "asked_by": by}
        with translated():
            if enrolments.insert(store.enrolments, document):
                return ticket
    raise Temporary("there are too many numbers in use")


def hand_over(store: Store, desk: Desk, account: str, by: str, now: datetime) -> str:
    """The code with which a new account is set up, once; older ones of the account end. Raises `DependencyDown`."""
    code = second_factor.random_digits(_CODE_DIGITS)
    document = _document(desk, NEW, account, code, APPROVED, now, now + CODE_LASTS)
    with translated():
        enrolments.drop(store.enrolments, account)
        if not enrolments.insert(store.enrolments, document | {"_id": str(uuid4()), "approved_by": by}):
            raise Temporary("this code is in use")
    return code


def take(store: Store, desk: Desk, user: str, code: str, now: datetime) -> Ticket | None:
    """Bind the code to this browser; None when it is not one of this user, or was used.

    Where the account waits for a second person, the ticket has the number that is read to them. Raises
    `DependencyDown`.
    """
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
    if found is None or account is None:
        return None
    if not account.get("unconfirmed"):
        return Ticket(found["_id"], ticket.secret)
    for _ in range(_TRIES):
        number = second_factor.random_digits(_NUMBER_DIGITS)
        with translated():
            if enrolments.ask(store.enrolments, found["_id"], _number(desk, number)):
                return Ticket(found["_id"], ticket.secret, number)
    raise Temporary("there are too many numbers in use")


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
    # Somebody may have changed the account after the second person had seen it.
    if account is None or account["disabled_at"] is not None or account.get("unconfirmed") or secret is None:
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
    anew = account["password"] is not None
    note(store, account, "RESET_DONE" if anew else "ACCOUNT_SET_UP", now)
    with translated():
        weighs = account_making.weighs(store, account, now)
        # Before it is so: one message too many is a question, one too few a stranger in the account. The first time
        # too: the contact is of a person who may know nothing of an account in his name.
        if account["contact"]:
            what = "PASSWORD_RESET" if anew else "ACCOUNT_SET_UP"
            notices.put(store.operator_notices, stored(account_changed(account, what, now)))
        if anew and account["role"] in APART:
            said = f"{account['role']}, {account['unit']}"
            notices.put(store.operator_notices, stored(noted(APART_RESET, enrolment["_id"], said, now)))
        done = accounts.enrol(
            store.accounts,
            account["_id"],
            account["generation"],
            password=hashed,
            totp=desk.vault.seal(account["_id"], secret),
            step=step,
            recovery=[desk.vault.mark("recovery", account["_id"], code) for code in recovery],
            cases_from=now + CASES_WAIT if weighs else None,
        )
        if anew and done:
            accounts.remember(store.accounts, account["_id"], "PASSWORD_RESET", now)
        enrolments.drop(store.enrolments, account["_id"])
        now_stored = accounts.one(store.accounts, account["_id"])
    desk.throttle.proved_anew(account["user"])
    return Enrolled(now_stored, recovery) if done and now_stored is not None else None


def find(store: Store, desk: Desk, number: str, now: datetime) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """(enrolment, account) of the number of what waits for a second person. Raises `DependencyDown`."""
    with translated():
        found = enrolments.of_number(store.enrolments, _number(desk, second_factor.digits_of(number)), now)
        if found is None or found["state"] != ASKED or found["account"] is None:
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
        "asked_by": None,
        "state": state,
        "approved_by": None,
        "totp": None,
        "created_at": now,
        "expires_at": until,
    }


def _number(desk: Desk, number: str) -> str:
    return desk.vault.mark("number", number)
