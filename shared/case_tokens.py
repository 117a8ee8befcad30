"""The token of a 202: a partner's right to the state and the steps of what it reported (pure).

The same on every replica and at every repeat, so it holds no time and no chance; it ends with the partner's own key,
which is asked for beside it.
"""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass

_PREFIX = "ltc1"
_LONGEST = 1024


@dataclass(frozen=True)
class CaseToken:
    """`client` is the partner's id, `code` the incident's, `cases` how many children it has."""

    incident: str
    client: str
    commune: str
    code: str
    cases: int
    drill: bool


def make(key: bytes, token: CaseToken) -> str:
    content = json.dumps(asdict(token), sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
    return ".".join((_PREFIX, _text(content), _text(_seal(key, content))))


def read(key: bytes, text: str) -> CaseToken | None:
    """None for whatever was not made by `make` with this key."""
    prefix, _, rest = text.partition(".")
    if prefix != _PREFIX or len(text) > _LONGEST or not text.isascii():
        return None
    try:
        content, seal = (urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in rest.split("."))
    except ValueError:
        return None
    if not hmac.compare_digest(seal, _seal(key, content)):
        return None
    try:
        return CaseToken(**json.loads(content))
    except (TypeError, ValueError):
        # Sealed by another release with other fields: the partner gets a new one by sending its report again.
        return None


def _seal(key: bytes, content: bytes) -> bytes:
    return hmac.digest(key, b"lentieng/case-token/" + content, "sha256")


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")
