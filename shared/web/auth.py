"""Bearer tokens of partners, checked against the directory."""

from __future__ import annotations

from datetime import datetime

from flask import request

from shared.directory import Directory, Partner
from shared.tokens import token_hash
from shared.web.problem import Problem


def bearer(directory: Directory, scope: str, at: datetime) -> Partner:
    """The partner whose token came with this request. Raises `Problem` 401 (who?) or 403 (may not)."""
    partner = known(directory, at)
    if scope not in partner.scopes:
        raise Problem(403, f"The token of this partner has no scope {scope}. Ask the administrator of the commune.")
    return partner


def known(directory: Directory, at: datetime) -> Partner:
    """The partner of the token, whatever its scopes. Raises `Problem` 401."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    challenge = {"WWW-Authenticate": 'Bearer realm="lentieng"'}
    if scheme.lower() != "bearer" or not token.strip():
        raise Problem(401, "Send the header Authorization: Bearer <token>.", headers=challenge)
    partner = directory.partner_by_token_hash(token_hash(token.strip()), at)
    if partner is None:
        raise Problem(401, "This token is unknown or has expired.", headers=challenge)
    return partner
