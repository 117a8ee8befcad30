"""A delay that grows with each failure and never locks anybody out.

What fails again and again from one place waits ever longer, up to a quarter of an hour; an account that is tried from
many places waits a few seconds between any two attempts. A browser that has been in this account before carries a mark
of its own: it waits only for its own failures, so nobody can keep the owner out by failing in his name.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.reporting.documents import Store, throttles, translated

# Seconds after the n-th failure. Three mistyped codes cost nothing.
PAIR = (0, 0, 0, 2, 5, 10, 20, 40, 80, 160, 320, 640, 900)
ACCOUNT = (0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
PLACE = (*(0,) * 30, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
ASKING = (*(0,) * 10, 2, 5, 10, 20, 40, 60)
_PAIR_KEPT, _KEPT = timedelta(hours=24), timedelta(hours=1)


@dataclass(frozen=True)
class Slow:
    """Not yet: `seconds` until the next attempt is looked at."""

    seconds: int


class Throttle:
    """`mark` makes a keyed hash of a kind and its parts: what is stored names neither person nor place."""

    def __init__(self, store: Store, mark: Callable[..., str]) -> None:
        self._store, self._mark = store, mark

    def sign_in(self, user: str, address: str, browser: str | None, now: datetime) -> Slow | None:
        """Count an attempt before it is looked at; it counts as failed until `passed`. `browser`: a known one's mark.

        An attempt that comes too early is not looked at and not counted: whoever is impatient waits no longer for it.
        Raises `DependencyDown`.
        """
        keys = self._keys(user, address, browser)
        with translated():
            until = throttles.blocked(self._store.throttles, list(keys), now)
            for key, (waits, kept) in keys.items():
                until = until or throttles.reserve(self._store.throttles, key, waits, now, kept)
        return _slow(until, now)

    def passed(self, user: str, address: str, browser: str | None, now: datetime) -> None:
        keys = self._keys(user, address, browser)
        place = self._mark("place", network_of(address))
        with translated():
            throttles.forget(self._store.throttles, [key for key in keys if key != place])
            if place in keys:
                throttles.forgive(self._store.throttles, place, now)

    def unlooked(self, user: str, address: str, browser: str | None, now: datetime) -> None:
        """It was counted, and then nobody had the time to look at it."""
        with translated():
            for key in self._keys(user, address, browser):
                throttles.forgive(self._store.throttles, key, now)

    def asking(self, address: str, now: datetime) -> Slow | None:
        """For what may be asked without signing in: a reset's number, the code of a new account."""
        with translated():
            key = self._mark("asking", network_of(address))
            until = throttles.reserve(self._store.throttles, key, ASKING, now, _KEPT)
        return _slow(until, now)

    def asked_well(self, address: str, now: datetime) -> None:
        """The code was right: that was no guess."""
        with translated():
            throttles.forgive(self._store.throttles, self._mark("asking", network_of(address)), now)

    def approving(self, account: str, now: datetime) -> Slow | None:
        """For numbers that a second person types: so many guesses and no more."""
        with translated():
            until = throttles.reserve(self._store.throttles, self._mark("approving", account), PAIR, now, _KEPT)
        return _slow(until, now)

    def approved(self, account: str) -> None:
        with translated():
            throttles.forget(self._store.throttles, [self._mark("approving", account)])

    def _keys(self, user: str, address: str, browser: str | None) -> dict[str, tuple[tuple[int, ...], timedelta]]:
        if browser is not None:
            return {self._mark("pair", user, "browser", browser): (PAIR, _PAIR_KEPT)}
        network = network_of(address)
        return {
            self._mark("pair", user, "place", network): (PAIR, _PAIR_KEPT),
            self._mark("account", user): (ACCOUNT, _KEPT),
            self._mark("place", network): (PLACE, _KEPT),
        }


def network_of(address: str) -> str:
    """An IPv6 address stands for its /64: whoever has one has them all."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def _slow(until: datetime | None, now: datetime) -> Slow | None:
    if until is None:
        return None
    return Slow(max(1, int((until - now).total_seconds() + 0.999)))
