"""Guards of what staff and partners carry, and of the door they come through: tokens, cookie, browser, form."""

from __future__ import annotations

from tests.guards.conftest import Guard

_FILE = "shared/web/staff.py"
_TESTS = ("tests/unit/shared/test_staff_door.py",)
_SIGNED = ("tests/unit/shared/test_signed.py",)

DOOR = (
    Guard(
        "a real installation is given no partner",
        "deploy/local/files.py",
        "return _our_partners(place, vault, anew=nobody_yet) if sandbox else {}",
        "return _our_partners(place, vault, anew=nobody_yet)",
        ("tests/unit/local/test_handout.py",),
    ),
    Guard(
        "a partner that was taken out stays out",
        "deploy/local/partners.py",
        "        if not partner.fresh:\n",
        "        if False:\n",
        ("tests/unit/local/test_partners.py",),
    ),
    Guard(
        "a partner's channels hold for what it leaves out",
        "services/intake/api/incidents.py",
        'if not partner.channels or "APP" in partner.channels:',
        "if True:",
        ("tests/unit/intake/test_report_api.py",),
    ),
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
    Guard(
        "a session is of one browser, at every service",
        _FILE,
        'if not hmac.compare_digest(session.browser, sessions.browser_of(request.headers.get("User-Agent", ""))):',
        "if False:",
        _TESTS,
    ),
    Guard(
        "a form without an Origin is nobody's",
        _FILE,
        'if request.headers.get("Origin") not in self._own:',
        'if request.headers.get("Origin") not in {*self._own, None, "null"}:',
        _TESTS,
    ),
    Guard(
        "a form of a session comes from a page of ours",
        _FILE,
        """        self.from_our_page()
        given =""",
        "        given =",
        _TESTS,
    ),
    Guard(
        "a form is of its session",
        _FILE,
        'if not hmac.compare_digest(given.encode("utf-8", "replace"), session.csrf.encode()):',
        "if False:",
        _TESTS,
    ),
    Guard(
        "a cookie is for no script",
        _FILE,
        "response.set_cookie(self.cookie, token, secure=self._secure, httponly=True",
        "response.set_cookie(self.cookie, token, secure=self._secure, httponly=False",
        _TESTS,
    ),
)
