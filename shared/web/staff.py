"""The door for staff: who comes with a session's cookie, and whether a form was really sent from our own pages."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from flask import Response, request

from shared import sessions
from shared.sessions import Session
from shared.signing import PublicKeys, Refused

FIELD, HEADER = "csrf", "X-CSRF-Token"


class NoSession(Exception):
    """Nobody is signed in here. `expired`: somebody was, until a while ago."""

    def __init__(self, *, expired: bool = False) -> None:
        super().__init__("expired" if expired else "none")
        self.expired = expired


class ForeignForm(Exception):
    """The form was not sent from a page of ours, or not from one of the same sign-in."""


class StaffDoor:
    """`own_addresses`: under which people reach our services; the first says whether the cookie is for https only."""

    def __init__(
        self,
        keys: PublicKeys,
        own_addresses: Sequence[str],
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._keys, self._clock = keys, clock
        self._own = frozenset(origin_of(address) for address in own_addresses)
        self._secure = own_addresses[0].startswith("https://")
        # The prefix makes browsers refuse a cookie of this name from any other host or without https.
        self.cookie = "__Host-lentieng" if self._secure else "lentieng"

    def session(self) -> Session:
        """The session of this request, signed, in time and of this browser. Raises `NoSession`."""
        token = request.cookies.get(self.cookie, "")
        if not token:
            raise NoSession
        try:
            session = sessions.decode(token, self._keys, self._clock())
        except Refused as refused:
            raise NoSession(expired=refused.expired) from None
        if not hmac.compare_digest(session.browser, sessions.browser_of(request.headers.get("User-Agent", ""))):
            raise NoSession
        return session

    def from_our_page(self) -> None:
        """For every POST, signed in or not. Raises `ForeignForm`.

        No Origin, or "null", is refused: browsers send it with every POST, and our pages allow them to.
        """
        if request.headers.get("Origin") not in self._own:
            raise ForeignForm

    def of_this_session(self, session: Session) -> None:
        """For a POST in somebody's name: Origin and the session's own token. Raises `ForeignForm`."""
        self.from_our_page()
        given = request.headers.get(HEADER) or request.form.get(FIELD, "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), session.csrf.encode()):
            raise ForeignForm

    def let_in(self, response: Response, token: str) -> None:
        """No Max-Age: the browser forgets it when it is closed, and the token itself ends after its hours."""
        response.set_cookie(self.cookie, token, secure=self._secure, httponly=True, samesite="Lax", path="/")

    def let_out(self, response: Response) -> None:
        self._drop(response, self.cookie)

    def keep(self, response: Response, name: str, value: str, lasts: timedelta) -> None:
        """Something else that this browser is to bring along, as well guarded as the session."""
        response.set_cookie(
            f"{self.cookie}-{name}",
            value,
            max_age=lasts,
            secure=self._secure,
            httponly=True,
            samesite="Lax",
            path="/",
        )

    def kept(self, name: str) -> str:
        """What `keep` gave this browser; empty without."""
        return request.cookies.get(f"{self.cookie}-{name}", "")

    def forget(self, response: Response, name: str) -> None:
        self._drop(response, f"{self.cookie}-{name}")

    def _drop(self, response: Response, cookie: str) -> None:
        response.delete_cookie(cookie, secure=self._secure, httponly=True, samesite="Lax", path="/")


def origin_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
