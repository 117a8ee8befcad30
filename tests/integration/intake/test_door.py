"""Reports in over HTTP, on disk before the 202, in the broker after it."""

from __future__ import annotations

import json
import socket

import pytest

from shared.sealing import Opener, load_private_dir
from tests.harness.waiting import until

from .conftest import FULL, PARTNERS


def test_an_accepted_report_reaches_the_broker_sealed(replicas, broker, sealing_keys):
    answer = replicas().post()

    assert answer.status_code == 202
    told = answer.json()
    (event,) = broker.events(1)
    assert event.id == event.subject == told["incident_id"] == told["event_id"]
    assert (event.name, event.source, event.seq, event.commune) == ("incident.reported", "/intake/a", 1, "binh-luong")
    assert [case["case_id"] for case in event.data["cases"]] == told["case_ids"]
    assert event.data["code"] == told["code"]
    opened = Opener(load_private_dir(sealing_keys / "private")).open(event.id, event.data["sealed"], "child")
    assert opened["children"][0]["full_name"] == FULL["children"][0]["full_name"]
    assert opened["external_id"] == "KB-2023-17"


def test_the_same_body_and_key_to_two_replicas_is_one_report(replicas, broker):
    first, second = replicas("a"), replicas("b")
    answers = [replica.post() for replica in (first, second, first, second)]

    assert [answer.status_code for answer in answers] == [202] * 4
    assert len({answer.text for answer in answers}) == 1
    events = broker.events(2)
    assert len({event.id for event in events}) == 1
    assert {event.source for event in events} == {"/intake/a", "/intake/b"}
    assert first.process.pid != second.process.pid
    assert first.spool("status")["last_seq"] == second.spool("status")["last_seq"] == 1


def test_a_key_for_another_body_is_refused_where_the_first_is_on_record(replicas, broker):
    replica, other = replicas("a"), replicas("b")
    replica.post()

    refused = replica.post({**FULL, "village": "thon-4"})
    taken = other.post({**FULL, "village": "thon-4"})

    assert refused.status_code == 422
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert taken.status_code == 202


def test_without_a_key_every_post_is_a_report(replicas, broker):
    replica = replicas()
    body = {"kinds": ["NEGLECT"]}

    ids = {replica.post(body).json()["incident_id"] for _ in range(3)}

    assert len(ids) == 3


def test_the_idempotency_key_may_be_quoted_or_bare(replicas, broker):
    replica = replicas()
    body = {"kinds": ["NEGLECT"]}
    headers = [{"Idempotency-Key": '"k-1"'}, {"Idempotency-Key": "k-1"}]

    assert len({replica.post(body, headers=one).json()["incident_id"] for one in headers}) == 1


def test_a_dry_run_shows_what_would_be_readable_and_stores_nothing(replicas, broker):
    replica = replicas()
    answer = replica.client.post(
        "/v1/incidents?dry_run=1", json=FULL, headers={"Authorization": f"Bearer {PARTNERS['app'].token}"}
    )

    assert answer.status_code == 200
    assert answer.json()["readable"]["kinds"] == ["VIOLENCE", "NEGLECT"]
    assert FULL["children"][0]["full_name"] not in answer.text
    assert "full_name" in answer.json()["sealed"]["reporter"]
    assert replica.spool("status")["last_seq"] == 0


BAD = [
    ({"content": b"{", "headers": {"Content-Type": "application/json"}}, "app", 400, None),
    ({"content": b"[]", "headers": {"Content-Type": "application/json"}}, "app", 400, None),
    ({"content": b'{"kinds":["VIOLENCE"],"x":NaN}', "headers": {"Content-Type": "application/json"}}, "app", 400, None),
    ({"content": b"\xff", "headers": {"Content-Type": "application/json"}}, "app", 400, None),
    ({"content": b"{}", "headers": {"Content-Type": "text/plain"}}, "app", 415, None),
    ({"content": b" " * (1024 * 1024 + 1), "headers": {"Content-Type": "application/json"}}, "app", 413, None),
    ({"body": {}}, "app", 422, "/description"),
    ({"body": {"description": "   "}}, "app", 422, "/description"),
    ({"body": {"kinds": ["NONSENSE"]}}, "app", 422, "/kinds/0"),
    ({"body": {"kinds": "VIOLENCE"}}, "app", 422, "/kinds"),
    ({"body": {**FULL, "received_at": "2023-06-01T07:55:00"}}, "app", 422, "/received_at"),
    ({"body": {**FULL, "received_at": "2093-06-01T07:55:00+07:00"}}, "app", 422, "/received_at"),
    ({"body": {**FULL, "occurred_at": "2023-06-02T07:55:00+07:00"}}, "app", 422, "/occurred_at"),
    ({"body": {**FULL, "occurred_at": "0001-01-01T00:00:00+14:00"}}, "app", 422, "/occurred_at"),
    ({"body": {**FULL, "received_at": "0001-01-01T00:00:00+07:00"}}, "app", 422, "/received_at"),
    ({"body": {**FULL, "village": "thon-99"}}, "app", 422, "/village"),
    ({"body": {**FULL, "immediate_danger": "yes"}}, "app", 422, "/immediate_danger"),
    ({"body": {**FULL, "withhold_from": ["nobody"]}}, "app", 422, "/withhold_from/0"),
    ({"body": {**FULL, "children": [{"sex": "X"}]}}, "app", 422, "/children/0/sex"),
    ({"body": {**FULL, "children": [{"age": -1}]}}, "app", 422, "/children/0/age"),
    ({"body": {**FULL, "children": [{"age": 9.5}]}}, "app", 422, "/children/0/age"),
    ({"body": {**FULL, "children": [{"birth_date": "1950-01-01"}]}}, "app", 422, "/children/0/birth_date"),
    ({"body": {**FULL, "children": [{"school": "ca-binh-luong"}]}}, "app", 422, "/children/0/school"),
    ({"body": {**FULL, "children": [{"full_name": "a\u0000b"}]}}, "app", 422, "/children/0/full_name"),
    ({"body": {**FULL, "children": [{"fullname": "x"}]}}, "app", 422, "/children/0/fullname"),
    ({"body": {**FULL, "suspects": [{"relation": "UNCLE"}]}}, "app", 422, "/suspects/0/relation"),
    ({"body": {**FULL, "commune": "nhu-xuan"}}, "app", 422, "/commune"),
    ({"body": {"kinds": ["VIOLENCE"]}}, "trainer", 422, "/commune"),
    ({"body": {**FULL, "drill": True}}, "app", 403, None),
    ({"body": {**FULL, "backfill": True}}, "app", 403, None),
    ({"body": FULL}, "reader", 403, None),
    ({"body": FULL}, "phone", 403, None),
    ({"body": FULL}, "village", 403, None),
    ({"body": FULL}, "gone", 401, None),
    ({"body": FULL, "headers": {"Authorization": "Bearer nobody"}}, "app", 401, None),
    ({"body": FULL, "headers": {"Authorization": ""}}, "app", 401, None),
    ({"body": FULL, "headers": {"Idempotency-Key": "k" * 256}}, "app", 400, None),
]


def test_every_bad_input_has_its_status_and_a_sentence_and_is_not_stored(replicas, broker):
    replica = replicas()
    wrong = []
    for request, partner, status, pointer in BAD:
        answer = replica.post(partner=partner, **request)
        problem = answer.json()
        found = [error["pointer"] for error in problem.get("errors", [])]
        if (answer.status_code, problem.get("status")) != (status, status) or (pointer and pointer not in found):
            wrong.append((request.get("body", request.get("content")), status, pointer, answer.text))
        if answer.headers["Content-Type"] != "application/problem+json" or len(problem["detail"]) < 15:
            wrong.append(("no problem document", answer.text))

    assert wrong == []
    assert replica.spool("status")["last_seq"] == 0


def test_a_refusal_echoes_no_value(replicas, broker):
    marker = "Bịa-Đặt-Tên"
    body = {
        **FULL,
        marker: marker,
        "village": marker,
        "kinds": [marker],
        "children": [{"sex": marker, "birth_date": marker, marker: 1}],
        "withhold_from": [marker],
    }
    answer = replicas().post(body)

    assert answer.status_code == 422
    for form in (marker, json.dumps(marker)[1:-1], marker.encode().hex()):
        assert form not in answer.text


def test_codes_are_served_once_and_then_304(replicas, broker):
    replica = replicas()
    first = replica.client.get("/v1/codes")
    again = replica.client.get("/v1/codes", headers={"If-None-Match": first.headers["ETag"]})

    assert "VIOLENCE" in first.text
    assert "Bạo lực trẻ em" in first.text
    assert (again.status_code, again.content) == (304, b"")


def test_the_contract_is_published_as_openapi(replicas, broker):
    described = replicas().client.get("/v1/openapi/intake.json").json()

    assert described["openapi"] == "3.1.0"
    assert {"/v1/incidents", "/v1/codes"} <= set(described["paths"])
    assert set(described["components"]["schemas"]["Child"]["properties"]) >= {"full_name", "school", "groups"}


def test_the_directory_is_followed_without_a_restart(replicas, broker, directory_folder):
    replica = replicas()
    body = {"kinds": ["NEW_KIND"]}
    assert replica.post(body).status_code == 422
    codes = directory_folder / "codes.yaml"
    text = codes.read_text()
    row = "      - {code: VIOLENCE, vi: Bạo lực trẻ em"
    new = "      - {code: NEW_KIND, vi: Loại mới, en: New kind, abuse: false, group: RISK}\n"
    assert row in text
    codes.write_text(text.replace(row, new + row))

    until(lambda: replica.post(body).status_code == 202, what="the new code is known")


@pytest.mark.parametrize("fields", [{"description": "Trẻ bị đánh", "form_key": "k1"}, {"kinds": ["DROWNING"]}])
def test_the_form_gives_a_receipt_in_its_answer_and_in_no_address(replicas, broker, fields):
    replica = replicas()
    answer = replica.client.post("/", data=fields)

    assert answer.status_code == 200
    assert "Số biên nhận" in answer.text
    (event,) = broker.events(1)
    assert event.data["channel"] == "WEB"
    assert event.data["client"] == "public"
    assert "location" not in answer.headers


def test_a_form_sent_twice_is_one_report_and_edited_it_is_another(replicas, broker):
    replica = replicas()
    fields = {"description": "Trẻ bị đánh", "form_key": "k1"}
    pages = [replica.client.post("/", data=fields).text for _ in range(2)]
    edited = replica.client.post("/", data={**fields, "immediate_danger": "yes"})

    assert pages[0] == pages[1] != edited.text
    assert edited.status_code == 200
    assert replica.spool("status")["last_seq"] == 2


def test_an_empty_form_keeps_what_was_typed_and_says_what_is_missing(replicas, broker):
    answer = replicas().client.post("/", data={"reporter_name": "Hà Thị Bịa", "village": "thon-2"})

    assert answer.status_code == 400
    assert "Xin cho biết chuyện gì đã xảy ra" in answer.text
    assert "Hà Thị Bịa" in answer.text


def test_the_form_takes_two_megabytes_of_text_and_keeps_them(replicas, broker, sealing_keys):
    story = "Chuyện dài (bịa ra). " * 100_000
    assert len(story.encode()) > 2_000_000

    assert replicas().client.post("/", data={"description": story}).status_code == 200

    (event,) = broker.events(1)
    opened = Opener(load_private_dir(sealing_keys / "private")).open(event.id, event.data["sealed"], "child")
    assert opened["description"] == story.strip()


def test_what_is_too_long_even_for_the_form_gets_a_page_in_vietnamese(replicas, broker):
    answer = replicas().client.post("/", content=b"description=" + b"x" * (9 * 1024 * 1024),
                                    headers={"Content-Type": "application/x-www-form-urlencoded"})  # fmt: skip

    assert answer.status_code == 413
    assert "Tin quá dài" in answer.text


def test_a_form_with_more_than_three_megabytes_of_text_gets_the_page_that_says_so(replicas, broker):
    replica = replicas()
    fields = {"description": "x" * 3_000_000, "where_now": "x" * 200_000}

    answer = replica.client.post("/", data=fields)

    assert answer.status_code == 413
    assert "tối đa 3 MB chữ" in answer.text
    assert replica.spool("status")["last_seq"] == 0


def test_a_flood_of_fields_or_an_event_too_large_gets_the_page_and_is_not_stored(replicas, broker):
    replica = replicas()
    fields = "&".join(f"f{number}=x" for number in range(50_000))
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answers = [
        replica.client.post("/", content=f"description=x&{fields}".encode(), headers=form),
        replica.client.post("/", content=b"description=" + b'"' * (8 * 1024 * 1024 - 100), headers=form),
    ]

    assert [answer.status_code for answer in answers] == [413, 413]
    assert replica.spool("status")["last_seq"] == 0


def test_a_malformed_request_leaves_neither_its_sender_nor_its_content_in_the_log(replicas, broker):
    replica = replicas()
    with socket.create_connection(("127.0.0.1", int(replica.environment["PORT"])), timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nAuthorization Bearer lt_secret_token\r\n\r\n")
        assert b"400" in connection.recv(1000)
    assert replica.stop() == 0

    written = replica.log.read_text()
    assert "library" in written or "Invalid request" in written
    assert "lt_secret_token" not in written
    assert "ip=127.0.0.1" not in written
