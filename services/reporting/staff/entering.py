"""Signing in: user name, password and code together get one verdict, and nothing says which of them was wrong."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.reporting import access_log
from services.reporting.documents import Store, accounts, notices, staff_sessions, translated
from services.reporting.staff import second_factor
from services.reporting.staff.desk import Desk
from services.reporting.staff.passwords import Busy
from services.reporting.staff.throttle import PATIENCE, Slow
from services.reporting.telling import account_changed, stored
from shared import sessions
from shared.sessions import Session

_LONGEST_USER = 60
# What follows is a place in the pages for staff: no host, no scheme, no way up, nothing encoded. A step's note has ":".
_OURS = re.compile(r"/staff(?:/[A-Za-z0-9_-][A-Za-z0-9._:+-]*)*/?(?:\?[A-Za-z0-9=&._:+-]*)?")
WRONG_OFTEN = "CODE_WRONG_OFTEN"
_TOLD_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Entered:
    """`account` as it was stored before; `recovery_left`: how many recovery codes there are, if one was used."""

    account: dict[str, Any]
    recovery_left: int | None


def enter(
    store: Store,
    desk: Desk,
    *,
    user: str,
    password: str,
    code: str,
    address: str,
    browser: str | None,
    now: datetime,
) -> Entered | Slow | None:
    """Who this is; how long to wait; or None. `browser`: the mark of one that has been in this account before.

    Raises `Busy` (not looked at), `DependencyDown`.
    """
    named = user_of(user)
    slow = desk.throttle.sign_in(named, address, browser, now)
    if slow is not None:
        return slow
    with translated():
        found = accounts.by_user(store.accounts, named)
    # A disabled account, one that was never set up and one that does not exist all cost the same and say the same.
    account = found if found is not None and found["disabled_at"] is None else None
    try:
        right = desk.passwords.right(account["password"] if account else None, password, known=browser is not None)
    except Busy:
        desk.throttle.unlooked(named, address, browser, now)
        raise
    entered = _second(store, desk, account, second_factor.digits_of(code), right, now)
    if entered is None:
        if desk.throttle.half(named, browser, account is not None and right, now) and account is not None:
            _somebody_knows_the_password(store, account, now)
        return None
    desk.throttle.passed(named, address, browser, now)
    _again_with_more_work(store, desk, entered.account, password)
    if entered.recovery_left is None and not entered.account.get("unconfirmed"):
        note(store, entered.account, "SIGNED_IN", now)
    return entered


def _somebody_knows_the_password(store: Store, account: dict[str, Any], now: datetime) -> None:
    """A row and a line on the owner's page each time; a message once, until the owner was here or a week is over."""
    told = [one["at"] for one in account.get("happened") or () if one["what"] == WRONG_OFTEN]
    seen = account["last_sign_in"]
    fresh = any(at > now - _TOLD_FOR and (seen is None or at > seen) for at in told)
    with translated():
        if account["contact"] and not fresh:
            notices.put(store.operator_notices, stored(account_changed(account, WRONG_OFTEN, now)))
    note(store, account, WRONG_OFTEN, now, f"{PATIENCE} lần mật khẩu đúng, mã sai")
    with translated():
        accounts.remember(store.accounts, account["_id"], WRONG_OFTEN, now)


def _second(
    store: Store, desk: Desk, account: dict[str, Any] | None, code: str, right: bool, now: datetime
) -> Entered | None:
    secret = desk.vault.open(account["_id"], account["totp"]) if account else None
    step = second_factor.step_of(secret, code, now)
    recovery = desk.vault.mark("recovery", account["_id"] if account else "", code)
    if account is None or not right:
        return None
    if step is not None:
        with translated():
            spent = accounts.use_step(store.accounts, account, step)
        return Entered(account, None) if spent else None
    with translated():
        spent = accounts.use_recovery(store.accounts, account, recovery)
    if not spent:
        return None
    left = len(account["recovery"]) - 1
    note(store, account, "RECOVERY_CODE_USED", now, f"còn {left} mã")
    return Entered(account, left)


def begin(store: Store, desk: Desk, account: dict[str, Any], user_agent: str, now: datetime) -> tuple[Session, str]:
    """A new session and its signed token, recorded before anybody has it. Raises `DependencyDown`."""
    session = sessions.begin(
        account=account["_id"],
        name=account["name"],
        role=account["role"],
        unit=account["unit"],
        agency=account["agency"],
        # Others judge by what is signed: as long as no case opens here, none does there.
        contact=None if waits_until(account, now) else account["contact"],
        user_agent=user_agent,
        now=now,
    )
    with translated():
        staff_sessions.begin(
            store.staff_sessions, session.id, account["_id"], account["generation"], now, session.expires_at
        )
    return session, sessions.encode(session, desk.signing_key)


def waits_until(account: Mapping[str, Any], now: datetime) -> datetime | None:
    """From when on the account opens cases, as long as that is yet to come: the password was set anew a moment ago."""
    opens_at: datetime | None = account.get("cases_from")
    return opens_at if opens_at is not None and opens_at > now else None


def unseen(account: Mapping[str, Any]) -> bool:
    """Whether something happened to it since its owner signed in last."""
    last = account["last_sign_in"]
    return any(last is None or one["at"] > last for one in account.get("happened") or ())


def note(store: Store, account: dict[str, Any], action: str, now: datetime, text: str | None = None) -> None:
    """One row of the access log in the name of an account."""
    access_log.append(
        store,
        at=now,
        account=account["_id"],
        role=account["role"],
        unit=account["unit"],
        action=action,
        note=text,
    )


def user_of(typed: str) -> str:
    """A user name as it is stored: letter case and blanks around it do not count."""
    # Cut first: one form for a million combining marks takes minutes, and anybody may send them.
    return unicodedata.normalize("NFKC", typed[: 4 * _LONGEST_USER]).strip().casefold()[:_LONGEST_USER]


def next_of(given: str | None) -> str | None:
    """Where to go after signing in, if it is a page of ours."""
    if given is None or len(given) > 300 or not _OURS.fullmatch(given):
        return None
    return given


def _again_with_more_work(store: Store, desk: Desk, account: dict[str, Any], password: str) -> None:
    if not desk.passwords.outdated(account["password"]):
        return
    try:
        hashed = desk.passwords.hash(password)
    except Busy:
        return  # next time
    with translated():
        accounts.rehashed(store.accounts, account, hashed)
