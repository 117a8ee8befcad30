"""Every thing that a gateway can do has one of five outcomes."""

from __future__ import annotations

import json

import httpx
import pytest

from shared.gateway import GatewayConfig, WrongGateway, send

FILE = """
url: http://gateway.test/send
headers: {Authorization: Bearer key}
body: {to: "{to}", text: "{text}", request_id: "{request_id}", sender: BVTE}
status_field: status
accepted: [accepted]
duplicate: [duplicate]
temporary: [no_balance]
"""


@pytest.fixture
def config(tmp_path):
    (tmp_path / "gateway.yaml").write_text(FILE)
    return GatewayConfig.load(tmp_path / "gateway.yaml")


def reply(config, answer):
    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        return send(client, config, to="+84000000001", text="xin {request_id} chao", request_id="r-1")


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, {"status": "accepted", "id": 7}, "accepted"),
        (200, {"status": "duplicate", "id": 7}, "duplicate"),
        (200, {"status": "no_balance"}, "temporary"),
        (200, {"status": "rejected", "error": "bad number +84000000001"}, "permanent"),
        (400, {"status": "bad"}, "permanent"),
        (429, {}, "temporary"),
        (500, {}, "temporary"),
        (503, {"status": "accepted"}, "temporary"),
    ],
)
def test_a_reply_has_one_outcome(config, status, body, outcome):
    got = reply(config, lambda request: httpx.Response(status, json=body))

    assert got.outcome == outcome
    assert "+84" not in (got.reason or "")


def test_200_with_something_else_than_json_is_unknown(config):
    assert reply(config, lambda request: httpx.Response(200, text="<html>")).outcome == "unknown"


def test_no_connection_is_temporary_and_a_time_out_after_it_is_unknown(config):
    def refuse(request):
        raise httpx.ConnectError("refused")

    def hang(request):
        raise httpx.ReadTimeout("late")

    assert reply(config, refuse).outcome == "temporary"
    assert reply(config, hang).outcome == "unknown"


def test_the_call_is_what_the_file_says(config):
    seen = []

    def answer(request):
        seen.append(request)
        return httpx.Response(200, json={"status": "accepted"})

    reply(config, answer)

    (request,) = seen
    assert request.headers["Authorization"] == "Bearer key"
    assert b'"text":"xin {request_id} chao"' in request.content.replace(b": ", b":")
    assert b"BVTE" in request.content


def test_what_is_no_text_goes_out_as_it_stands_and_texts_are_filled_in_however_deep(tmp_path):
    body = 'body: {sms_type: 2, flash: false, none: null, to: ["{to}"], message: {text: "{text}", parts: [1, "{to}"]}}'
    (tmp_path / "gateway.yaml").write_text(FILE.replace(FILE.splitlines()[3], body))
    seen = []

    def answer(request):
        seen.append(json.loads(request.content))
        return httpx.Response(200, json={"status": "accepted"})

    assert reply(GatewayConfig.load(tmp_path / "gateway.yaml"), answer).outcome == "accepted"
    assert seen == [
        {
            "sms_type": 2,
            "flash": False,
            "none": None,
            "to": ["+84000000001"],
            "message": {"text": "xin {request_id} chao", "parts": [1, "+84000000001"]},
        }
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "url: http://x",
        FILE + "\ntypo: 1",
        ": : :",
        FILE.replace("accepted: [accepted]", "accepted: accepted"),
        FILE.replace("url: http://gateway.test/send", "url: 7"),
        FILE.replace("http://gateway.test/send", "gateway.test/send"),
        FILE.replace("http://gateway.test/send", "http://gateway.test:port/send"),
        FILE.replace("sender: BVTE", "since: 2026-01-01"),
        FILE.replace('{to: "{to}", text: "{text}", request_id: "{request_id}", sender: BVTE}', '["{to}"]'),
        FILE.replace("Bearer key", "Bearer khóa"),
    ],
)
def test_a_wrong_file_is_named(tmp_path, text):
    (tmp_path / "gateway.yaml").write_text(text)

    with pytest.raises(WrongGateway, match=r"gateway\.yaml"):
        GatewayConfig.load(tmp_path / "gateway.yaml")
