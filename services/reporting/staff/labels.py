"""Words for what an account is, as the directory has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.reporting.parts import parts


def role_of(code: str) -> str:
    return parts().directory().code("roles", code).vi


def unit_of(code: str) -> str:
    found = parts().directory().unit(code)
    return found.vi if found is not None else code


def agency_of(code: str | None) -> str:
    found = parts().directory().agency(code) if code else None
    return found.vi if found is not None else code or ""


def shown(account: Mapping[str, Any]) -> dict[str, Any]:
    """An account with its words, for a list or a page."""
    return {
        "id": account["_id"],
        "user": account["user"],
        "name": account["name"],
        "role": role_of(account["role"]),
        "unit": unit_of(account["unit"]),
        "agency": agency_of(account["agency"]),
        "contact": account["contact"] or "",
        "last_sign_in": account.get("last_sign_in"),
        "disabled_at": account["disabled_at"],
        "unconfirmed": bool(account.get("unconfirmed")),
    }
