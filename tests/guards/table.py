"""The guards, one row each."""

from __future__ import annotations

from tests.guards.authority import AUTHORITY
from tests.guards.cases import CASES
from tests.guards.conftest import Guard
from tests.guards.intake import INTAKE
from tests.guards.keys import KEYS
from tests.guards.notify import NOTIFY
from tests.guards.signing_in import SIGNING_IN

_SIGNED = ("tests/unit/shared/test_signed.py",)

GUARDS = (
    *AUTHORITY,
    *CASES,
    *INTAKE,
    *KEYS,
    *NOTIFY,
    *SIGNING_IN,
    Guard(
        "a token is for one purpose",
        "shared/signing.py",
        'if header.get("typ") != _typ(kind):',
        "if False:",
        _SIGNED,
    ),
    Guard(
        "a token ends",
        "shared/signing.py",
        'if now.timestamp() >= claims["exp"]:',
        "if False:",
        _SIGNED,
    ),
    Guard(
        "a key that was taken away is good no more",
        "shared/signing.py",
        "if kid not in self._keys or self._monotonic() - self._looked >= _LOOK_AGAIN:",
        "if kid not in self._keys:",
        _SIGNED,
    ),
    Guard(
        "an empty claim is none",
        "shared/sessions.py",
        "if not isinstance(value, str) or not value:",
        "if not isinstance(value, str):",
        _SIGNED,
    ),
    Guard(
        "a case token is sealed",
        "shared/case_tokens.py",
        "if not hmac.compare_digest(seal, _seal(key, content)):",
        "if False:",
        _SIGNED,
    ),
)
