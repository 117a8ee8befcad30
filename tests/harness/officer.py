"""Somebody of the staff at intake's door, signed by the installation's own key: no page, no account, no waiting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared import grants, sessions
from shared.grants import Grant
from shared.signing import SigningKey

_BROWSER = "lentieng-tests"


@dataclass(frozen=True)
class Officer:
    """Of no agency, so that no report of the tests keeps this one out."""

    key: SigningKey

    def proof(self, told: dict[str, Any], door: str) -> tuple[dict[str, str], str]:
        """Headers and grant for the first child of a report that was answered with 202 at this door."""
        now = datetime.now(UTC)
        session = sessions.begin(
            account="u-1",
            name="Người Mẫu Kiểm Thử",
            role="chairman",
            unit="binh-luong",
            agency=None,
            contact=None,
            user_agent=_BROWSER,
            now=now,
        )
        grant = Grant(
            account="u-1",
            role="chairman",
            unit="binh-luong",
            agency=None,
            contact=None,
            incident=told["incident_id"],
            case=told["case_ids"][0],
            code=f"{told['code']}-1",
            commune="binh-luong",
            steps=("EMERGENCY_APPLIED", "CONFLICT_DECLARED"),
            drill=False,
            issued_at=now,
            expires_at=now + grants.LASTS,
        )
        headers = {
            "Origin": door,
            "User-Agent": _BROWSER,
            "Cookie": f"lentieng={sessions.encode(session, self.key)}",
            "X-CSRF-Token": session.csrf,
        }
        return headers, grants.encode(grant, self.key)
