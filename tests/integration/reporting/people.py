"""Accounts for the tests of the pages for staff, and browsers in which they are signed in."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
from flask import Flask
from flask.testing import FlaskClient

from services.reporting.app import assemble
from services.reporting.documents import Store, accounts
from services.reporting.parts import Parts
from services.reporting.rollups import Rollups
from services.reporting.settings import Web
from services.reporting.staff import entering
from services.reporting.staff.desk import Desk
from services.reporting.staff.passwords import Passwords
from shared.directory import DirectoryFolder
from shared.signing import generate
from tests.harness.forms import forms

ADDRESS = "http://localhost"
PHONE = "Mozilla/5.0 (Linux; Android 13) Chrome/120"
PASSWORD = "mười hai con voi xanh"
SECRET = "JBSWY3DPEHPK3PXP" * 2
CASE_KEY = bytes.fromhex("ef" * 32)


class Clock:
    """Time stands still until a test moves it.

    It begins now, in the first third of a code's half minute: MongoDB takes away what is over by its own clock.
    """

    def __init__(self) -> None:
        self.now = datetime.fromtimestamp(int(time.time()) // 30 * 30 + 10, UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


class Office:
    """Reporting's application with pages for staff, on a real MongoDB, with cheap password hashes."""

    def __init__(self, store: Store, folder: DirectoryFolder, home: Path, *, address: str = ADDRESS) -> None:
        self.store, self.folder, self.clock = store, folder, Clock()
        generate(home / "session-key.pem", home / "session-public")
        self.web = Web(
            session_key_file=home / "session-key.pem",
            session_public_dir=home / "session-public",
            staff_key=b"\xa1" * 32,
            case_token_key=b"\xb2" * 32,
            public_url=address,
            intake_url="http://intake.example.invalid",
            notify_url="http://notify.example.invalid",
            proxies=0,
            sandbox=False,
        )
        self.passwords = Passwords(memory_kib=64, passes=1)
        self.desk = Desk.of(self.web, store, CASE_KEY, now=self.clock, passwords=self.passwords)
        self.app: Flask = assemble(Parts(store, Rollups(store), folder.current, self.clock, self.desk))

    def account(
        self,
        user: str,
        role: str = "committee",
        unit: str = "binh-luong",
        agency: str | None = None,
        contact: str | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """An account that has been set up, with `PASSWORD` and `SECRET`."""
        key = f"acc-{user}"
        made: dict[str, Any] = {
            "_id": key,
            "user": user,
            "name": f"Người {user}",
            "role": role,
            "unit": unit,
            "agency": agency,
            "contact": contact,
            "generation": 1,
            "password": self.passwords.hash(PASSWORD),
            "totp": self.desk.vault.seal(key, SECRET),
            "totp_step": 0,
            "recovery": [],
            "created_at": self.clock(),
            "created_by": "test",
            "last_sign_in": None,
            "disabled_at": None,
            **more,
        }
        assert accounts.insert(self.store.accounts, made)
        return made

    def code(self) -> str:
        """What the telephone shows now."""
        return pyotp.TOTP(SECRET).at(self.clock())

    def browser(self, agent: str = PHONE) -> Browser:
        return Browser(self, agent)

    def signed_in(self, user: str, agent: str = PHONE) -> Browser:
        """A browser with a session, without the way through the form."""
        browser = self.browser(agent)
        account = accounts.by_user(self.store.accounts, user)
        assert account is not None
        _, token = entering.begin(self.store, self.desk, account, agent, self.clock())
        browser.client.set_cookie(self.desk.door.cookie, token)
        return browser

    def rows(self) -> list[dict[str, Any]]:
        """The access log."""
        return list(self.store.access_log.find().sort("_id", 1))


class Browser:
    """Sends forms as a browser does: with the Origin of our pages, and with what the page's form had in it."""

    def __init__(self, office: Office, agent: str) -> None:
        self.office, self.agent = office, agent
        self.client: FlaskClient = office.app.test_client()

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(path, headers={"User-Agent": self.agent}, **more)

    def post(self, path: str, *, origin: str | None = "own", **fields: str) -> Any:
        headers = {"User-Agent": self.agent}
        if origin is not None:
            headers["Origin"] = self.office.web.public_url if origin == "own" else origin
        return self.client.post(path, data=fields, headers=headers)

    def send(self, page: str, action: str | None = None, **fields: str) -> Any:
        """Open a page, fill its form and send it. `action`: which form, where there are several."""
        shown = self.get(page)
        assert shown.status_code == 200, (page, shown.status_code)
        return self.submit(shown, action or page.partition("?")[0], **fields)

    def submit(self, shown: Any, action: str, **fields: str) -> Any:
        form = forms_of(shown.text).get(action)
        assert form is not None, (action, list(forms_of(shown.text)))
        return self.post(action, **{**form, **fields})

    def followed(self, answer: Any) -> Any:
        """What a browser shows in the end."""
        return self.get(answer.headers["Location"]) if answer.status_code == 303 else answer

    def sign_in(self, user: str, password: str = PASSWORD, code: str | None = None, **fields: str) -> Any:
        code = self.office.code() if code is None else code
        return self.post("/staff/dang-nhap", user=user, password=password, code=code, **fields)


def forms_of(html: str) -> dict[str, dict[str, str]]:
    """action -> the fields that the page fills itself, of all forms with that action together."""
    found: dict[str, dict[str, str]] = {}
    for form in forms(html):
        found.setdefault(form.action, {}).update(form.fields)
    return found
