"""Intake's HTTP without the broker: a session, a grant and a partner, and what came to lie in the spool."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from services.intake.app import create
from services.intake.settings import Settings
from services.intake.wiring import Intake
from shared import grants, sealing, sessions, signing
from shared.case_ids import case_id
from shared.case_tokens import CaseToken, make
from shared.events import Event, decode
from shared.grants import Grant
from shared.sealing import Opener, load_private_dir
from shared.sessions import Session
from shared.signing import SigningKey
from shared.tokens import token_hash

REPOSITORY = Path(__file__).resolve().parents[3]
NOW = datetime(2023, 6, 1, 1, 0, tzinfo=UTC)
INTAKE, STAFF = "https://bao.example.invalid", "https://lentieng.example.invalid"
BROWSER = "Mozilla/5.0 (Android 13) tests"
INCIDENT = "5f0c7f0a-7d7e-5d0f-9d0a-000000000001"
CASE = case_id(INCIDENT, 2)
CASE_TOKEN_KEY = b"\xef" * 32
STEPS = ("INITIAL_ASSESSED", "EMERGENCY_NOT_NEEDED", "ISOLATED", "CONFLICT_DECLARED", "MERGED_INTO", "REOPENED")
PARTNERS = {"app": ["incident:write", "step:write"], "other": ["step:write"], "reader": ["incident:write"]}
PARTNERS |= {"hotline": ["incident:write"], "desk": ["incident:write"]}
CHANNELS = {"hotline": ["HOTLINE_111"], "desk": ["HEALTH", "SCHOOL"]}


class Stand:
    def __init__(self, home: Path, directory: Path) -> None:
        """`directory`: as `directory_of` makes it."""
        self.home, self.now, self._directory = home, NOW, directory
        self.key = self.signing_key("ours")
        sealing.generate(home / "private", home / "public.pem")
        self.intake = Intake(self._settings(), clock=lambda: self.now)
        self.app = create(self.intake.settings, self.intake)

    def signing_key(self, name: str, *, published: bool = True) -> SigningKey:
        folder = self.home / "session-public" if published else self.home / "elsewhere"
        signing.generate(self.home / f"{name}.pem", folder)
        return SigningKey.load(self.home / f"{name}.pem")

    def close(self) -> None:
        self.intake.spool.close()

    # --- rights -------------------------------------------------------------------------------------------------

    def session(self, key: SigningKey | None = None, **changes: Any) -> tuple[Session, str]:
        session = sessions.begin(
            account="u-1",
            name="Hà Văn Mẫu",
            role="committee",
            unit="binh-luong",
            agency="bvte-binh-luong",
            contact="bvte-1",
            user_agent=changes.pop("user_agent", BROWSER),
            now=self.now,
        )
        session = replace(session, **changes)
        return session, sessions.encode(session, key or self.key)

    def grant(self, key: SigningKey | None = None, **changes: Any) -> str:
        grant = Grant(
            account="u-1",
            role="committee",
            unit="binh-luong",
            agency="bvte-binh-luong",
            contact="bvte-1",
            incident=INCIDENT,
            case=CASE,
            code="7K2F93QD0A-2",
            commune="binh-luong",
            steps=STEPS,
            drill=False,
            issued_at=self.now,
            expires_at=self.now + grants.LASTS,
        )
        return grants.encode(replace(grant, **changes), key or self.key)

    def case_token(self, key: bytes = CASE_TOKEN_KEY, **changes: Any) -> str:
        token = CaseToken(INCIDENT, "app", "binh-luong", "7K2F93QD0A", 3, drill=False)
        return make(key, replace(token, **changes))

    # --- requests -----------------------------------------------------------------------------------------------

    def form(
        self,
        fields: dict[str, Any],
        *,
        session: tuple[Session, str] | None,
        case: str = CASE,
        origin: str | None = STAFF,
        **more: str,
    ) -> Any:
        """A form as a browser posts it; its csrf field is the session's unless the fields have one."""
        data = {"grant": self.grant(), "form_key": "k-1", **({"csrf": session[0].csrf} if session else {}), **fields}
        return self._client(session).post(
            f"/ghi-nhan/{case}", data={n: v for n, v in data.items() if v is not None}, headers=_headers(origin, more)
        )

    def call(
        self, body: Any, *, session: tuple[Session, str] | None = None, case: str = CASE, partner: str = "", **more: str
    ) -> Any:
        """A JSON step by a partner, or by a session (whose Origin and token `more` may change or leave out)."""
        headers: dict[str, str | None] = {}
        if partner:
            headers["Authorization"] = f"Bearer lt_{partner}"
        elif session:
            headers |= {"Origin": STAFF, "X-CSRF-Token": session[0].csrf}
        headers |= {name.replace("_", "-"): value for name, value in more.items()}
        return self._client(session).post(
            f"/v1/cases/{case}/steps", json=body, headers=_headers(headers.pop("Origin", None), headers)
        )

    def _client(self, session: tuple[Session, str] | None) -> Any:
        client = self.app.test_client()
        if session is not None:
            client.set_cookie(self.intake.staff.cookie, session[1])
        return client

    # --- what is kept -------------------------------------------------------------------------------------------

    def events(self) -> list[Event]:
        return [decode(row.message) for row in self.intake.spool.waiting(100)]

    def written(self, event: Event) -> Any:
        """What was sealed in a step, opened with reporting's key."""
        keys = load_private_dir(self.home / "private")
        return Opener(keys).open(event.subject or "", event.data["sealed"], "step")

    def _settings(self) -> Settings:
        return Settings(
            host="127.0.0.1",
            port=8001,
            log_level="INFO",
            directory=self._directory,
            amqp_url="amqp://nobody.invalid/",
            public_url=INTAKE,
            staff_url=STAFF,
            node="a",
            spool_file=self.home / "spool" / "spool.db",
            sealing_public_key=self.home / "public.pem",
            receipt_key=b"\xab" * 32,
            receipt_check_key=b"\xcd" * 32,
            case_token_key=CASE_TOKEN_KEY,
            session_public_dir=self.home / "session-public",
            alarm_gateway=None,
            alarm_to=(),
            sandbox=False,
            threads=4,
        )


def directory_of(home: Path) -> Path:
    """The sample directory with the partners above."""
    folder = home / "directory"
    shutil.copytree(REPOSITORY / "deploy" / "directory" / "binh-luong", folder)
    partners = [
        {
            "id": name,
            "name": name,
            "unit": "binh-luong",
            "scopes": scopes,
            "channels": CHANNELS.get(name, []),
            "expires": "2099-12-31",
            "token_sha256": [token_hash(f"lt_{name}")],
        }
        for name, scopes in PARTNERS.items()
    ]
    (folder / "partners.yaml").write_text(yaml.safe_dump({"partners": partners}))
    return folder


def _headers(origin: str | None, more: Any) -> dict[str, str]:
    given = {"User-Agent": BROWSER, "Origin": origin, **{name.replace("_", "-"): value for name, value in more.items()}}
    return {name: value for name, value in given.items() if value is not None}


def later(moment: datetime, **by: float) -> datetime:
    return moment + timedelta(**by)
