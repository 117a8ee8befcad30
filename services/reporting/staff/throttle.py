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
# Who rents a server gets an IPv6 /48, which is 65,536 places.
WIDE = (*(0,) * 120, *PLACE[30:])
WIDE_ASKING = (*(0,) * 40, *ASKING[10:])
# The password was right and the code was not: this often it may be the owner's clock. Then somebody knows the password.
PATIENCE = 10
HALF = (*(0,) * (PATIENCE - 1), *PAIR[3:])
_PAIR_KEPT, _KEPT, _HALF_KEPT = timedelta(hours=24), timedelta(hours=1), timedelta(days=7)


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
        half = [self._mark("half", user)] if browser is None else []
        with translated():
            until = throttles.blocked(self._store.throttles, [*keys, *half], now)
            for key, (waits, kept) in keys.items():
                until = until or throttles.reserve(self._store.throttles, key, waits, now, kept)
        return _slow(until, now)

    def passed(self, user: str, address: str, browser: str | None, now: datetime) -> None:
        keys, places = self._keys(user, address, browser), self._places(address)
        with translated():
            throttles.forget(self._store.throttles, [key for key in keys if key not in places])
            for place in places.keys() & keys.keys():
                throttles.forgive(self._store.throttles, place, now)

    def unlooked(self, user: str, address: str, browser: str | None, now: datetime) -> None:
        """It was counted, and then nobody had the time to look at it: nothing against the account.

        The place still counts it: whoever keeps everybody busy from there must not do so for ever.
        """
        keys = self._keys(user, address, browser)
        with translated():
            for key in keys.keys() - self._places(address).keys():
                throttles.forgive(self._store.throttles, key, now)

    def half(self, user: str, browser: str | None, right: bool, now: datetime) -> bool:
        """The code was wrong; was the password `right`? True when that has just been so too often.

        From then on every browser that is not known waits ever longer, wherever it is. A wrong password is counted too,
        apart and for nothing, because it must not take less time.
        """
        if browser is not None:
            return False
        with translated():
            key = self._mark("half" if right else "neither", user)
            times = throttles.failed(self._store.throttles, key, HALF, now, _HALF_KEPT if right else _KEPT)
        return right and times % PATIENCE == 0

    def proved_anew(self, user: str) -> None:
        """Another password: what was known of the old one is worth nothing."""
        with translated():
            throttles.forget(self._store.throttles, [self._mark("half", user)])

    def asking(self, address: str, now: datetime) -> Slow | None:
        """For what may be asked without signing in: a reset's number, the code of a new account."""
        keys = self._asking(address)
        with translated():
            until = throttles.blocked(self._store.throttles, list(keys), now)
            for key, waits in keys.items():
                until = until or throttles.reserve(self._store.throttles, key, waits, now, _KEPT)
        return _slow(until, now)

    def asked_well(self, address: str, now: datetime) -> None:
        """The code was right: that was no guess."""
        with translated():
            for key in self._asking(address):
                throttles.forgive(self._store.throttles, key, now)

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
        return {
            self._mark("pair", user, "place", network_of(address)): (PAIR, _PAIR_KEPT),
            self._mark("account", user): (ACCOUNT, _KEPT),
            **self._places(address),
        }

    def _places(self, address: str) -> dict[str, tuple[tuple[int, ...], timedelta]]:
        found = {self._mark("place", network_of(address)): (PLACE, _KEPT)}
        wide = wide_network_of(address)
        return found | ({self._mark("place", wide): (WIDE, _KEPT)} if wide else {})

    def _asking(self, address: str) -> dict[str, tuple[int, ...]]:
        found = {self._mark("asking", network_of(address)): ASKING}
        wide = wide_network_of(address)
        return found | ({self._mark("asking", wide): WIDE_ASKING} if wide else {})


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


def wide_network_of(address: str) -> str | None:
    """The /48 around an IPv6 address; None where there is nothing wider."""
    network = network_of(address)
    if not network.endswith("/64"):
        return None
    return str(ipaddress.ip_network(network).supernet(new_prefix=48))


def _slow(until: datetime | None, now: datetime) -> Slow | None:
    if until is None:
        return None
    return Slow(max(1, int((until - now).total_seconds() + 0.999)))
