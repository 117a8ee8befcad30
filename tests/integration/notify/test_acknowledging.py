"""The short link, from the message to the button."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from services.notify import app as web
from services.notify import states
from services.notify.store import collections
from shared.tokens import token_hash
from tests.harness.waiting import until
from tests.integration.notify.system import COMMITTEE_FIRST, COMMITTEE_SECOND, POLICE_FIRST, SUPERIOR, hurry


@pytest.fixture
def client(settings, system):
    """The web process on the worker's database."""
    return web.create_app(settings).test_client()


def link_in(text: str) -> str:
    return re.search(r"(/a/[0-9A-Za-z]{16})", text)[1]


@pytest.fixture
def police(client, system):
    event = system.report()
    text = until(lambda: system.gateway.to(POLICE_FIRST[0]))[0]["text"]
    return event, link_in(text)


def police_alert(event):
    return collections.alerts().find_one({"incident_id": event.id, "agency_kind": "police"})


def test_opening_the_link_shows_what_is_owed_and_changes_nothing(client, police):
    event, link = police
    until(lambda: {row["state"] for row in police_alert(event)["deliveries"]} == {states.ACCEPTED})
    before = police_alert(event)

    page, head = client.get(link), client.head(link)

    assert page.status_code == head.status_code == 200
    text = page.get_data(as_text=True)
    for shown in (event.data["code"], "KHẨN", "Thôn 3", "Công an xã Bình Lương", "Đã nhận, tôi xử lý"):
        assert shown in text
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert page.headers["Referrer-Policy"] == "same-origin"
    after = police_alert(event)
    assert (before["version"], before["state"]) == (after["version"], after["state"])


def test_the_button_acknowledges_for_that_agency_alone_and_twice_is_once(client, police):
    event, link = police

    first = client.post(link)
    alert = police_alert(event)
    second = client.post(link)

    assert first.status_code == second.status_code == 200
    text = first.get_data(as_text=True)
    assert "Bạn đã nhận xử lý" in text
    assert text.index('class="done"') < text.index('class="button"') < text.index('class="card'), (
        "next to the green box"
    )
    assert "Hà Văn Mẫu Trực Một" in second.get_data(as_text=True)
    assert alert["state"] == states.ACKNOWLEDGED
    assert alert["next_action_at"] - alert["acknowledged_at"] == timedelta(minutes=30), "then a step is due"
    assert police_alert(event)["acknowledged_at"] == alert["acknowledged_at"]
    committee = collections.alerts().find_one({"incident_id": event.id, "agency_kind": "committee"})
    assert committee.get("acknowledged_at") is None


def test_the_colleague_sees_who_has_it(client, police, system):
    _, link = police
    client.post(link)
    other = link_in(until(lambda: system.gateway.to(POLICE_FIRST[1]))[0]["text"])

    text = client.get(other).get_data(as_text=True)

    assert other != link
    assert "Hà Văn Mẫu Trực Một" in text
    assert "Đã có người nhận xử lý" in text
    assert "Bạn đã nhận" not in text
    assert "<button" not in text


def test_a_form_on_another_site_is_refused(client, police):
    _, link = police

    refused = client.post(link, headers={"Origin": "https://elsewhere.example"})
    own = client.post(link, headers={"Origin": "http://127.0.0.1:8002"})

    assert refused.status_code == 403
    assert own.status_code == 200


@pytest.mark.parametrize("path", ["/a/AAAAAAAAAAAAAAAA", "/a/short", "/a/%00", "/a/" + "x" * 300])
def test_an_unknown_link_says_so_in_vietnamese(client, path):
    for answer in (client.get(path), client.post(path)):
        assert answer.status_code == 404
        assert "Đường dẫn này không dùng được" in answer.get_data(as_text=True)


def test_the_database_holds_the_hash_of_a_link_and_never_the_link(client, police, system):
    _, link = police
    token = link.removeprefix("/a/")

    stored = str(list(collections.alerts().find()))

    assert token not in stored
    assert token_hash(token) in stored


def test_nobody_answers_so_the_second_and_then_those_above_are_told(start, environment, tmp_path):
    hurry(tmp_path / "directory")
    system = start()

    event = system.report()

    until(lambda: system.gateway.to(COMMITTEE_SECOND), timeout=15)
    until(lambda: system.gateway.to(SUPERIOR), timeout=15)
    until(lambda: all(alert["state"] == states.EXHAUSTED for alert in system.alerts(event.id)), timeout=40)
    assert until(lambda: system.gateway.to("+84000000900"))
    for alert in system.alerts(event.id):
        assert len({(row["channel"], row["to"]) for row in alert["deliveries"]}) == len(alert["deliveries"])


def test_after_the_acknowledgement_nobody_else_is_told(start, settings, environment, tmp_path):
    hurry(tmp_path / "directory", seconds=3)
    system = start()
    event = system.report()
    link = link_in(until(lambda: system.gateway.to(POLICE_FIRST[0]))[0]["text"])

    web.create_app(settings).test_client().post(link)

    until(lambda: system.gateway.to(COMMITTEE_SECOND), timeout=20)  # the committee's ladder goes on
    assert system.gateway.to("+84000000113") == []
    assert police_alert(event)["escalation_level"] == 0


def test_whoever_is_told_because_nobody_acknowledged_reads_so_and_acts_in_its_own_name(by_hand, settings, gateway):
    report = by_hand.report()
    by_hand.handle(report)
    for _ in range(3):
        by_hand.dispatcher.send_due()
        by_hand.forward(minutes=31)
        by_hand.ladder.once()
    client = web.create_app(settings).test_client()
    [first], [second], [above] = (gateway.to(one) for one in (COMMITTEE_FIRST[0], COMMITTEE_SECOND, SUPERIOR))

    pages = [client.get(link_in(call["text"])).get_data(as_text=True) for call in (first, second, above)]
    done = client.post(link_in(above["text"])).get_data(as_text=True)

    assert [call["text"].startswith("CHUA AI NHAN: ") for call in (first, second, above)] == [False, True, True]
    assert "Bạn nhận tin này" not in pages[0]
    assert "Bạn nhận tin này vì chưa ai của cơ quan xác nhận." in pages[1]
    assert "thay mặt Ban bảo vệ trẻ em xã Bình Lương" in pages[1]
    assert "Bạn nhận tin này vì Ban bảo vệ trẻ em xã Bình Lương chưa xác nhận." in pages[2]
    assert "Cơ quan cấp trên về trẻ em (cần xác nhận), thay cho Ban bảo vệ trẻ em xã Bình Lương" in pages[2]
    assert "Bạn đã nhận xử lý" in done
    assert "Bạn nhận tin này" not in done
