"""Bearer tokens: made here, stored only as hashes."""

from __future__ import annotations

import hashlib
import secrets


def new_token(prefix: str) -> str:
    """`lt_<prefix>_<43 random characters>`: 256 random bits, so a plain hash is enough to store it by."""
    return f"lt_{prefix}_{secrets.token_urlsafe(32)}"


def token_hash(token: str) -> str:
    """SHA-256 of the token as 64 hex characters, the form that a directory or a database may hold."""
    return hashlib.sha256(token.encode()).hexdigest()
