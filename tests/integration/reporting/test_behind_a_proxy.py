"""Where somebody comes from is what our own proxy says, and nothing that the visitor says of himself."""

from __future__ import annotations

import pytest

from services.reporting.app import create, stop
from services.reporting.settings import read_web
from shared.signing import generate

FORM = "/staff/dang-nhap"


@pytest.fixture
def environment(mongo_database, folder, keys, tmp_path):
    generate(tmp_path / "session-key.pem", tmp_path / "session-public")
    return {
        "AMQP_URL": "amqp://u:p@127.0.0.1:1/",
        "MONGO_URL": mongo_database.url,
        "MONGO_DATABASE": mongo_database.name,
        "LENTIENG_DIRECTORY": str(folder),
        "SEALING_PRIVATE_DIR": str(keys),
        "CASE_KEY": "ef" * 32,
        "SESSION_KEY_FILE": str(tmp_path / "session-key.pem"),
        "SESSION_PUBLIC_DIR": str(tmp_path / "session-public"),
        "STAFF_KEY": "a1" * 32,
        "CASE_TOKEN_KEY": "b2" * 32,
        "PUBLIC_URL": "http://localhost",
        "SANDBOX": "1",
    }


@pytest.fixture
def served(environment):
    made = []

    def serve(**more):
        app = create(read_web(environment | more))
        made.append(app)
        return app.test_client()

    yield serve
    for app in made:
        stop(app)


def fail(client, forwarded, user):
    headers = {"Origin": "http://localhost", "X-Forwarded-For": forwarded}
    return client.post(FORM, data={"user": user, "password": "sai", "code": "1"}, headers=headers).status_code


def test_behind_one_proxy_the_last_address_counts(served):
    client = served(PROXIES="1")
    answers = [fail(client, f"198.51.100.{number}, 203.0.113.7", "le.mot") for number in range(5)]
    assert answers == [401] * 4 + [429]
    assert fail(client, "203.0.113.8", "le.mot") == 401


def test_without_a_proxy_nobody_says_where_he_comes_from(served):
    client = served()
    answers = [fail(client, f"203.0.113.{number}", "vi.hai") for number in range(5)]
    assert answers == [401] * 4 + [429]


def test_a_sandbox_says_so_on_every_page(served):
    page = served().get(FORM)
    assert "THỬ NGHIỆM" in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
