"""Who comes with a session's cookie, and which forms are ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask, Response

from shared import sessions, signing
from shared.signing import PublicKeys, SigningKey
from shared.web.staff import ForeignForm, NoSession, StaffDoor

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
OWN = ("https://lentieng.example.invalid", "https://bao.example.invalid")


class Place:
    def __init__(self, tmp_path, addresses=OWN):
        signing.generate(tmp_path / "private.pem", tmp_path / "public")
        self.now = NOW
        self.app = Flask(__name__)
        self.door = StaffDoor(PublicKeys(tmp_path / "public"), addresses, clock=lambda: self.now)
        self.session = sessions.begin(
            account="acc-1", name="Người Mẫu", role="police", unit="binh-luong", agency="ca-binh-luong",
            contact="ca-1", user_agent="Firefox", now=NOW,
        )  # fmt: skip
        self.token = sessions.encode(self.session, SigningKey.load(tmp_path / "private.pem"))

    def request(self, *, cookie=None, agent="Firefox", origin=OWN[0], csrf=None, header=None):
        headers = {"User-Agent": agent, "Cookie": f"{self.door.cookie}={self.token if cookie is None else cookie}"}
        headers |= {} if origin is None else {"Origin": origin}
        headers |= {} if header is None else {"X-CSRF-Token": header}
        form = {} if csrf is None else {"csrf": csrf}
        return self.app.test_request_context("/", method="POST", headers=headers, data=form)


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def test_a_session_is_known_by_its_cookie(place):
    with place.request():
        assert place.door.session() == place.session


def test_a_cookie_that_was_carried_to_another_browser_opens_nothing(place):
    with place.request(agent="curl"), pytest.raises(NoSession):
        place.door.session()


@pytest.mark.parametrize("cookie", ["", "rubbish", "a.b.c"])
def test_no_cookie_or_rubbish_is_nobody(place, cookie):
    with place.request(cookie=cookie), pytest.raises(NoSession) as nobody:
        place.door.session()
    assert not nobody.value.expired


def test_an_ended_session_is_told_apart_from_none(place):
    place.now = NOW + timedelta(hours=10)

    with place.request(), pytest.raises(NoSession) as nobody:
        place.door.session()
    assert nobody.value.expired


@pytest.mark.parametrize("origin", OWN)
def test_a_form_of_ours_comes_from_one_of_our_addresses(place, origin):
    with place.request(origin=origin, csrf=place.session.csrf):
        place.door.of_this_session(place.session)


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "https://evil.example.invalid",
        "http://lentieng.example.invalid",
        "https://lentieng.example.invalid:8",
    ],
)
def test_a_form_from_elsewhere_is_refused_even_with_the_right_token(place, origin):
    with place.request(origin=origin, csrf=place.session.csrf), pytest.raises(ForeignForm):
        place.door.of_this_session(place.session)


@pytest.mark.parametrize("csrf", [None, "", "guess", "ù"])
def test_a_form_without_the_sessions_own_token_is_refused_even_from_our_page(place, csrf):
    with place.request(csrf=csrf), pytest.raises(ForeignForm):
        place.door.of_this_session(place.session)


def test_the_token_may_come_in_a_header(place):
    with place.request(header=place.session.csrf):
        place.door.of_this_session(place.session)


def test_the_cookie_is_for_this_host_alone_and_for_no_script(place):
    response = Response()
    place.door.let_in(response, "token")

    (cookie,) = response.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-lentieng=token;")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} == set(cookie.split("; ")[1:])


def test_without_https_the_cookie_has_a_plain_name_because_browsers_would_drop_it(tmp_path):
    assert Place(tmp_path, ("http://127.0.0.1:8003",)).door.cookie == "lentieng"
