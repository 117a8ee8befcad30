"""The staff of a running stack: signed in over HTTP or in a browser, with the codes their telephones would show."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pyotp

from tests.harness.forms import Form, form
from tests.harness.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

STEP = 30
# A session belongs to the browser it was begun in: one name for all that are to share a cookie.
BROWSER = "Mozilla/5.0 (Linux; Android 13) lentieng-tests"
SIGN_IN = "/staff/dang-nhap"


class Telephone:
    """Shows codes; one that was used is of no use again, so it never shows one twice."""

    def __init__(self, secret: str) -> None:
        self._totp = pyotp.TOTP(secret)
        self._last = 0

    def code(self) -> str:
        """The oldest code that is still taken and was not used; at most half a minute of waiting."""

        def fresh() -> int:
            now = int(time.time()) // STEP
            # The code before this one counts as well, but not in the last seconds before it no longer does.
            oldest = now if time.time() % STEP > STEP - 8 else now - 1
            step = max(oldest, self._last + 1)
            return step if step <= now + 1 else 0

        self._last = until(fresh, timeout=STEP + 5, what="a code that was not used", every=0.2)
        return str(self._totp.generate_otp(self._last))


class Staff:
    """`ready` is ready.json. Each role signs in once and is kept signed in."""

    def __init__(self, ready: Mapping[str, Any]) -> None:
        self.ready, self.url = ready, str(ready["reporting"])
        self.telephones = {role: Telephone(one["totp_secret"]) for role, one in ready["staff"].items()}
        self._clients: dict[str, httpx.Client] = {}
        self._made: list[httpx.Client] = []

    def close(self) -> None:
        for client in self._made:
            client.close()

    def client(self, role: str) -> httpx.Client:
        """Signed in; follows no redirect."""
        if role not in self._clients:
            self._clients[role] = self.fresh(role)
        return self._clients[role]

    def fresh(self, role: str, browser: str = BROWSER) -> httpx.Client:
        """A session of its own."""
        client = self.stranger(browser)
        answer = self.sign_in(client, role)
        assert answer.status_code == 303, f"{role}: {answer.status_code} {answer.text[:2000]}"
        return client

    def stranger(self, browser: str = BROWSER) -> httpx.Client:
        client = httpx.Client(base_url=self.url, timeout=20, headers={"User-Agent": browser})
        self._made.append(client)
        return client

    def sign_in(self, client: httpx.Client, role: str, **changes: str) -> httpx.Response:
        shown = form(client.get(SIGN_IN).text, having="password")
        return self.send(client, shown, **{**self.proof(role), **changes})

    def proof(self, role: str) -> dict[str, str]:
        account = self.ready["staff"][role]
        return {
            "user": account["user"],
            "password": account["password"],
            "code": self.telephones[role].code(),
        }

    def send(
        self, client: httpx.Client, shown: Form, path: str = SIGN_IN, /, *, follow: bool = False, **changes: str
    ) -> httpx.Response:
        """A form as a browser sends it, with where it was shown as its Origin. `path` is the page it was on."""
        url = httpx.URL(self.url).join(path).join(shown.action or path)
        headers = {"Origin": self.url}
        return client.post(url, data={**shown.fields, **changes}, headers=headers, follow_redirects=follow)

    def context(self, browser: Browser, role: str, size: Mapping[str, int]) -> BrowserContext:
        """A browser that is signed in, of this size in pixels."""
        context = browser.new_context(user_agent=BROWSER, viewport=dict(size))  # type: ignore[arg-type]
        host = str(urlsplit(self.url).hostname)
        context.add_cookies(
            [
                {"name": name, "value": value, "domain": host, "path": "/"}
                for name, value in self.client(role).cookies.items()
            ]
        )
        return context
