"""What an API answers when the fault is not in the report alone: the status, what to do, and nothing kept twice."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.intake import door
from services.intake.spool.entries import SpoolUnavailable

BODY = {"external_id": "KB-1", "kinds": ["NEGLECT"], "description": "Trẻ bị bỏ mặc (bịa ra)."}


def post(stand, body):
    return stand.app.test_client().post("/v1/incidents", json=body, headers={"Authorization": "Bearer lt_app"})


def no_room(stand, monkeypatch):
    def append(entry):
        raise SpoolUnavailable("full", retry_after=7)

    monkeypatch.setattr(stand.intake.spool, "append", append)
    return post(stand, BODY)


def the_key_has_another_body(stand, monkeypatch):
    assert post(stand, BODY).status_code == 202
    return post(stand, {**BODY, "description": "Chuyện khác (bịa ra)."})


def sealed_too_large(stand, monkeypatch):
    monkeypatch.setattr(door, "LARGEST_EVENT", 500)
    return post(stand, BODY)


@pytest.mark.parametrize(
    ("provoked", "status", "to_do", "after", "kept"),
    [
        (no_room, 503, "send the same request with the same key again", "7", 0),
        (the_key_has_another_body, 422, "Use a new key for a new report", None, 1),
        (sealed_too_large, 413, "Send the long text separately", None, 0),
    ],
)
def test_nothing_is_promised_and_a_sentence_says_what_to_do(stand, monkeypatch, provoked, status, to_do, after, kept):
    answer = provoked(stand, monkeypatch)

    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert to_do in answer.json["detail"]
    assert answer.headers.get("Retry-After") == after
    assert len(stand.events()) == kept


def test_the_same_key_twice_at_once_is_told_to_wait_and_then_gets_the_first_answer(stand, monkeypatch):
    entered, go_on = threading.Event(), threading.Event()
    append = stand.intake.spool.append

    def slowly(entry):
        entered.set()
        assert go_on.wait(10)
        return append(entry)

    monkeypatch.setattr(stand.intake.spool, "append", slowly)
    with ThreadPoolExecutor(1) as first:
        answered = first.submit(post, stand, BODY)
        try:
            assert entered.wait(10)
            meanwhile = post(stand, BODY)
        finally:
            go_on.set()

    assert meanwhile.status_code == 409
    assert "send the same request again" in meanwhile.json["detail"]
    assert meanwhile.headers["Retry-After"] == "1"
    assert post(stand, BODY).data == answered.result().data
    assert len(stand.events()) == 1
