"""Who is asking, and may they? Every page for staff begins here.

A session is good as long as its signature, its browser, its own record and its account all say so: signing out, a reset
and disabling an account each end it at the next request. What somebody may do is asked of the account as it is now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar, cast

from flask import g, request

from services.reporting.documents import accounts, rosters, staff_sessions, translated
from services.reporting.parts import parts
from services.reporting.staff.desk import Desk
from services.reporting.staff.entering import waits_until
from services.reporting.staff.viewers import viewer_of
from shared import authority
from shared.authority import CaseFacts, Reachable, Viewer
from shared.sessions import Session
from shared.web.staff import NoSession

# What an account that was set up anew a moment ago could spread to others.
_LATER = frozenset({"delegate", "reset.approve"})
View = TypeVar("View", bound=Callable[..., Any])


class Forbidden(Exception):
    """Signed in, and this is not for them. What it was is not said."""


@dataclass(frozen=True)
class Who:
    """`account` is the stored document as it is now."""

    session: Session
    viewer: Viewer
    account: dict[str, Any]

    @property
    def waits_until(self) -> datetime | None:
        """From when on this account opens cases and vouches for others, if that is yet to come."""
        return waits_until(self.account, parts().now())

    @property
    def name(self) -> str:
        return str(self.account["name"])


def desk() -> Desk:
    found = parts().desk
    assert found is not None, "this application was assembled without a desk"
    return found


def current() -> Who:
    """Who sent this request. Raises `NoSession` or `DependencyDown`."""
    if "who" not in g:
        g.who = _found()
    return cast(Who, g.who)


def visitor() -> Who | None:
    """The same where nobody has to be signed in."""
    try:
        return current()
    except NoSession:
        return None


def may(endpoint: str, case: CaseFacts | None = None, *, unit: str | None = None) -> bool:
    """Whether who is asking may do this now (see `shared.authority.may`). Raises `NoSession` or `DependencyDown`."""
    shared, who = parts(), current()
    if who.waits_until is not None and endpoint in _LATER:
        return False
    viewer = who.viewer
    return authority.may(viewer, endpoint, case, shared.directory(), roster(), shared.now(), unit=unit)


def roster() -> list[Reachable]:
    """The contacts of every agency, read once for each request."""
    if "roster" not in g:
        with translated():
            g.roster = rosters.everyone(parts().store.rosters)
    return cast(list[Reachable], g.roster)


def signed_in(view: View) -> View:
    """For anybody with an account; a POST must come from a form of this very session."""
    return _guarded(view, None)


def asks(endpoint: str) -> Callable[[View], View]:
    """For those whom the table lets do this; a POST must come from a form of this very session."""

    def guard(view: View) -> View:
        return _guarded(view, endpoint)

    return guard


def _guarded(view: View, endpoint: str | None) -> View:
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        who = current()
        if request.method not in {"GET", "HEAD"}:
            desk().door.of_this_session(who.session)
        if endpoint is not None and not may(endpoint):
            raise Forbidden
        return view(*args, **kwargs)

    return cast(View, guarded)


def _found() -> Who:
    session = desk().door.session()
    store, now = parts().store, parts().now()
    with translated():
        record = staff_sessions.one(store.staff_sessions, session.id)
        account = accounts.one(store.accounts, session.account)
    # Somebody was signed in here until this moment: the page says so and asks to sign in again.
    if record is None or account is None or record["account"] != account["_id"] or record["ended_at"] is not None:
        raise NoSession(expired=True)
    if (
        account["disabled_at"] is not None
        or account.get("unconfirmed")
        or record["generation"] != account["generation"]
    ):
        raise NoSession(expired=True)
    if record["expires_at"] <= now:
        raise NoSession(expired=True)
    return Who(session, viewer_of(store, account, now), account)
