from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from deploy.local.sandbox.app import clickable, create_app
from deploy.local.sandbox.gateway import Gateway
from deploy.local.sandbox.people import People, plain
from deploy.local.sandbox.store import Store
from deploy.local.sandbox.view import phones

CONTACTS = """\
contacts:
  - {id: bvte-1, agency: bvte, person: p-21, name: Lương Mẫu, phones: ["+84000000121"], mailboxes: [m@example.invalid]}
  - {id: th-1, agency: th, person: p-21, name: Lương Mẫu, phones: ["+84000000121"], mailboxes: [m@example.invalid]}
"""
AGENCIES = """\
agencies:
  - {code: bvte, kind: committee, vi: Ban bảo vệ trẻ em}
  - {code: th, kind: school, vi: Trường Tiểu học}
"""
SMS = {"to": "+84000000121", "text": "Xem http://127.0.0.1:8002/a/Ab12.", "request_id": "one"}


class Sandbox:
    def __init__(self, tmp_path):
        (tmp_path / "contacts.yaml").write_text(CONTACTS, encoding="utf-8")
        (tmp_path / "agencies.yaml").write_text(AGENCIES, encoding="utf-8")
        self.file = tmp_path / "messages.jsonl"
        self.people = People.read(tmp_path / "contacts.yaml", tmp_path)
        self.stopping = threading.Event()
        self.stopping.set()  # so that a call that is to hang is answered at once
        self.store = Store(self.file, clock=lambda: datetime(2023, 6, 1, 1, 0, tzinfo=UTC))
        self.http = create_app(self.store, self.people, Gateway(self.store, self.people, self.stopping)).test_client()

    def send(self, **changes):
        return self.http.post("/gateway/sms", json=SMS | changes)

    def messages(self):
        return self.http.get("/messages").json


@pytest.fixture
def sandbox(tmp_path):
    return Sandbox(tmp_path)


def test_an_sms_is_on_the_phone_with_its_agencies_and_links(sandbox):
    assert sandbox.send().json["status"] == "accepted"
    assert sandbox.messages() == [
        {
            "channel": "sms",
            "to": "+84000000121",
            "agency": "bvte",
            "agency_kind": "committee",
            "agencies": ["bvte", "th"],
            "person": "Lương Mẫu",
            "text": "Xem http://127.0.0.1:8002/a/Ab12.",
            "subject": None,
            "at": "2023-06-01T01:00:00.000Z",
            "links": ["http://127.0.0.1:8002/a/Ab12"],
        }
    ]


def test_the_same_request_id_is_a_duplicate_and_shown_once(sandbox):
    first = sandbox.send().json
    assert sandbox.send().json == {"status": "duplicate", "id": first["id"]}
    assert len(sandbox.messages()) == 1


@pytest.mark.parametrize(
    ("fault", "http", "status", "shown"),
    [
        ("ok", 200, "accepted", 1),
        ("timeout", 504, "timeout", 0),
        ("reject", 200, "rejected", 0),
        ("error500", 500, "error", 0),
        ("accept_then_timeout", 200, "accepted", 1),
        ("no_balance", 200, "no_balance", 0),
        ("accepted_never_delivered", 200, "accepted", 0),
    ],
)
def test_each_fault_does_what_it_says(sandbox, fault, http, status, shown):
    assert sandbox.http.post("/faults", json={"sms": fault}).json == {"sms": fault, "email": "ok"}
    answer = sandbox.send()
    assert (answer.status_code, answer.json["status"], len(sandbox.messages())) == (http, status, shown)
    assert [call["fault"] for call in sandbox.http.get("/calls").json] == [fault]


def test_a_call_that_timed_out_undelivered_may_be_repeated(sandbox):
    sandbox.http.post("/faults", json={"sms": "timeout"})
    sandbox.send()
    sandbox.http.post("/faults", json={"sms": "ok"})
    assert sandbox.send().json["status"] == "accepted"


def test_a_call_accepted_without_an_answer_is_a_duplicate_when_repeated(sandbox):
    sandbox.http.post("/faults", json={"sms": "accept_then_timeout"})
    sandbox.send()
    sandbox.http.post("/faults", json={"sms": "ok"})
    assert sandbox.send().json["status"] == "duplicate"
    assert len(sandbox.messages()) == 1


@pytest.mark.parametrize("wrong", [{"sms": "explode"}, {"email": "timeout"}, {"fax": "ok"}, [], "ok"])
def test_an_unknown_fault_is_refused_and_changes_nothing(sandbox, wrong):
    assert sandbox.http.post("/faults", json=wrong).status_code == 422
    assert (sandbox.store.faults.sms, sandbox.store.faults.email) == ("ok", "ok")


def test_delete_forgets_messages_but_a_repeat_stays_a_repeat(sandbox):
    sandbox.send()
    assert sandbox.http.delete("/messages").status_code == 204
    assert sandbox.messages() == []
    assert sandbox.send().json["status"] == "duplicate"


def test_messages_survive_a_restart_even_with_half_a_line(sandbox):
    sandbox.send()
    with sandbox.file.open("a") as file:
        file.write('{"id": "half')
    assert [message["to"] for message in Store(sandbox.file).messages()] == ["+84000000121"]


def test_the_page_says_it_is_a_test_and_never_lets_a_text_become_markup(sandbox):
    sandbox.send(text="<script>alert(1)</script> http://127.0.0.1:8002/a/x")
    page = sandbox.http.get("/").text
    assert "THỬ NGHIỆM" in page
    assert "<script>alert" not in page
    assert '<a href="http://127.0.0.1:8002/a/x" target="_blank" rel="noopener">' in page


def test_a_link_ends_before_the_full_stop():
    assert clickable("a http://x.vn/a/b. c").count('href="http://x.vn/a/b"') == 1


@pytest.mark.parametrize("written", ["+84000000121", "84000000121", "0000000121", "+84 000 000 121", "0084000000121"])
def test_a_number_is_the_same_however_it_is_written(written):
    assert plain(written) == "+84000000121"


def test_the_phone_that_received_last_comes_first(sandbox):
    messages = [
        {"channel": "sms", "to": "+84999999999", "at": "2023-06-01T01:00:01Z"},
        {"channel": "sms", "to": "+84000000121", "at": "2023-06-01T01:00:02Z"},
    ]
    shown = phones(sandbox.people, messages)
    assert [phone.address for phone in shown] == ["+84000000121", "+84999999999"]
    assert shown[0].owners == [("Ban bảo vệ trẻ em, Trường Tiểu học", "Lương Mẫu")]
    assert shown[1].owners == []
