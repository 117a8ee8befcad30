"""Passwords: argon2id, one at a time, so that a flood of attempts cannot take the memory of the whole machine."""

from __future__ import annotations

import secrets
import threading
import unicodedata

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 10, 200
# RFC 9106's second choice is 64 MiB and 3 passes; one lane, because two cores serve everything else too.
MEMORY_KIB, PASSES = 64 * 1024, 3
_WAIT, _QUEUE = 4.0, 12
# Of those places, how many are for browsers that nobody knows: the others stay free for people who work here.
_STRANGERS = 4
# A shorter user name is a word of any sentence.
_TELLING_USER = 4
# The beginnings of what people choose when they must choose something.
_COMMON = ("1234567890", "0123456789", "matkhau", "password", "lentieng", "qwertyuiop", "binhluong", "abc123")


class Busy(Exception):
    """Too many people are signing in at this moment; in a few seconds it will do."""


class Passwords:
    """Thread-safe. `wait`: how long one may stand in the queue; `queue`: how many may, `strangers` of them unknown."""

    def __init__(
        self,
        *,
        memory_kib: int = MEMORY_KIB,
        passes: int = PASSES,
        wait: float = _WAIT,
        queue: int = _QUEUE,
        strangers: int = _STRANGERS,
    ) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1, type=Type.ID)
        self._one = threading.Lock()
        self._places = threading.Semaphore(queue)
        self._strangers = threading.Semaphore(strangers)
        self._wait = wait
        self._nobody: str | None = None

    def hash(self, password: str) -> str:
        """Raises `Busy`."""
        with _Turn(self):
            return self._hasher.hash(normal(password))

    def right(self, stored: str | None, password: str, *, known: bool = False) -> bool:
        """Whether it is the one. Without a stored hash the same work is done, and the answer is no. Raises `Busy`.

        `known`: the browser has been in this account before.
        """
        with _Turn(self, known=known):
            if self._nobody is None:
                self._nobody = self._hasher.hash(secrets.token_urlsafe())
            try:
                return self._hasher.verify(stored or self._nobody, normal(password)) and bool(stored)
            except (VerificationError, InvalidHashError):
                return False

    def outdated(self, stored: str) -> bool:
        """Whether it was made with less work than is asked now."""
        return self._hasher.check_needs_rehash(stored)


class _Turn:
    def __init__(self, passwords: Passwords, *, known: bool = True) -> None:
        self._passwords = passwords
        self._places = (passwords._places,) if known else (passwords._strangers, passwords._places)

    def __enter__(self) -> None:
        passwords, taken = self._passwords, list[threading.Semaphore]()
        try:
            for place in self._places:
                if not place.acquire(blocking=False):
                    raise Busy
                taken.append(place)
            if not passwords._one.acquire(timeout=passwords._wait):
                raise Busy
        except Busy:
            for place in taken:
                place.release()
            raise

    def __exit__(self, *_: object) -> None:
        self._passwords._one.release()
        for place in self._places:
            place.release()


def normal(password: str) -> str:
    """One form for what looks the same: keyboards write ế in more than one way. Cut first, because that takes time."""
    return unicodedata.normalize("NFC", password[: 4 * LONGEST])[:LONGEST]


def weakness(password: str, user: str) -> str | None:
    """Why this password will not do, as a sentence; None when it will."""
    plain = normal(password)
    folded = plain.casefold().replace(" ", "")
    if len(plain) < SHORTEST:
        return f"Mật khẩu cần ít nhất {SHORTEST} ký tự. Một câu ngắn dễ nhớ là tốt nhất."
    if len(password) > LONGEST:
        return f"Mật khẩu dài nhất {LONGEST} ký tự."
    if len(set(folded)) < 5 or any(common in folded and len(folded) < len(common) + 5 for common in _COMMON):
        return "Mật khẩu này quá dễ đoán. Xin chọn một câu khác."
    if len(user) >= _TELLING_USER and user in folded:
        return "Mật khẩu không được chứa tên đăng nhập."
    return None
