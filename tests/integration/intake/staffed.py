"""Staff at the door of a running intake: signed by the key whose public half it reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shared import grants, sessions
from shared.grants import Grant
from shared.signing import SigningKey

BROWSER = "Mozilla/5.0 (Android 13) tests"
STAFF = "http://staff.lentieng.test"


@dataclass(frozen=True)
class Desk:
    """One officer with a session, and grants for the cases of a report that was answered with 202."""

    key: SigningKey

    def post(self, replica: Any, told: dict[str, Any], number: int = 1, **fields: Any) -> Any:
        """The form of the case page of child `number`."""
        now = datetime.now(UTC)
        session = sessions.begin(
            account="u-1",
            name="Hà Văn Mẫu",
            role="committee",
            unit="binh-luong",
            agency="bvte-binh-luong",
            contact="bvte-1",
            user_agent=BROWSER,
            now=now,
        )
        case = told["case_ids"][number - 1]
        grant = Grant(
            account="u-1",
            role="committee",
            unit="binh-luong",
            agency="bvte-binh-luong",
            contact="bvte-1",
            incident=told["incident_id"],
            case=case,
            code=f"{told['code']}-{number}",
            commune="binh-luong",
            steps=("EMERGENCY_APPLIED", "CONFLICT_DECLARED"),
            drill=False,
            issued_at=now,
            expires_at=now + grants.LASTS,
        )
        return replica.client.post(
            f"/ghi-nhan/{case}",
            data={"grant": grants.encode(grant, self.key), "csrf": session.csrf, "form_key": "k-1", **fields},
            headers={
                "Origin": STAFF,
                "User-Agent": BROWSER,
                "Cookie": f"lentieng={sessions.encode(session, self.key)}",
            },
        )


def desk_of(signing_key: Path) -> Desk:
    return Desk(SigningKey.load(signing_key))
