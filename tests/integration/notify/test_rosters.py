"""What the other services hear of the contacts, and what the operator finds in the mailbox."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
import yaml

from services.notify.roster_teller import RosterTeller
from services.notify.store import collections, contacts
from services.notify.telling import restored
from shared.events import Event, validate
from shared.settings import WrongSetting
from tests.harness.waiting import until

AGENCIES = ("bvte-binh-luong", "ca-binh-luong")


@pytest.fixture
def teller(by_hand, settings):
    def made() -> RosterTeller:
        return RosterTeller(by_hand.directory, settings.link_key, lambda: None, now=by_hand.now)

    return made


def told(agency: str) -> list[Event]:
    row = collections.rosters().find_one({"_id": agency}) or {"outgoing": []}
    return [restored(event) for event in row["outgoing"]]


def seconds(by_hand) -> int:
    return int(by_hand.at.timestamp())


def confirm() -> None:
    collections.rosters().update_many({}, {"$set": {"outgoing": []}})


def test_all_agencies_are_told_of_at_the_start_without_a_number_or_a_name(teller, by_hand):
    teller().once()

    everyone = list(collections.contacts().find())
    agencies = {row["agency"] for row in everyone}
    assert {row["_id"] for row in collections.rosters().find({"contacts": {"$ne": []}})} == agencies
    [event] = told("ca-binh-luong")
    validate(event)
    assert (event.commune, event.data["version"]) == ("binh-luong", seconds(by_hand))
    assert set(event.data["agencies"]) == agencies
    assert [one["contact"] for one in event.data["contacts"]] == ["ca-1", "ca-2", "ca-3"]
    stored = str(list(collections.rosters().find()))
    assert not any(secret in stored for row in everyone for secret in (row["name"], *row["phones"], *row["mailboxes"]))


def test_a_change_is_told_with_the_next_version_and_only_of_its_agency(teller, by_hand):
    running = teller()
    running.once()
    confirm()
    collections.contacts().update_one({"_id": "ca-1"}, {"$set": {"phones": ["+84000000121"]}})
    by_hand.forward(seconds=5)

    assert (running.once(), running.once()) == (1, 0)

    [event] = told("ca-binh-luong")
    assert event.data["version"] == seconds(by_hand)
    assert told("bvte-binh-luong") == []


def test_two_changes_in_one_second_have_two_versions(teller):
    running = teller()
    running.once()
    [first] = told("ca-binh-luong")
    collections.contacts().update_one({"_id": "ca-1"}, {"$set": {"phones": ["+84000000121"]}})

    running.once()

    [event] = told("ca-binh-luong")
    assert event.data["version"] == first.data["version"] + 1, "what still waited is told no more"


def test_a_start_tells_all_again_with_the_next_version(teller):
    teller().once()
    [before] = told("ca-binh-luong")

    teller().once()

    [event] = told("ca-binh-luong")
    assert event.data["contacts"] == before.data["contacts"]
    assert event.data["version"] > before.data["version"]


def test_after_the_database_is_lost_the_lists_are_newer_than_all_before(teller, by_hand):
    teller().once()
    [before] = told("ca-binh-luong")
    collections.rosters().delete_many({})
    collections.contacts().delete_many({"agency": "th-binh-luong"})
    by_hand.forward(minutes=5)

    teller().once()

    [event] = told("ca-binh-luong")
    assert event.data["version"] > before.data["version"]
    [gone] = told("th-binh-luong")
    assert gone.data["contacts"] == [], "whoever was listed in what is lost is told to be gone"


def test_a_database_that_is_put_back_under_a_running_worker_is_told_of_anew(teller, by_hand):
    running = teller()
    running.once()
    put_back = list(collections.rosters().find())
    by_hand.forward(minutes=5)
    collections.contacts().update_one({"_id": "ca-1"}, {"$set": {"phones": ["+84000000121"]}})
    running.once()
    [newest] = told("ca-binh-luong")
    collections.rosters().delete_many({})
    collections.rosters().insert_many(put_back)
    collections.contacts().update_one({"_id": "ca-1"}, {"$set": {"phones": ["+84000000111"]}})

    assert running.once() == len(put_back)

    [event] = told("ca-binh-luong")
    assert event.data["version"] > newest.data["version"]


def test_an_agency_that_has_nobody_left_is_told_of(teller):
    running = teller()
    running.once()
    confirm()
    collections.contacts().delete_many({"agency": "ca-binh-luong"})

    running.once()

    [event] = told("ca-binh-luong")
    assert event.data["contacts"] == []
    assert "ca-binh-luong" not in event.data["agencies"]


def test_a_worker_tells_of_its_contacts_through_the_broker(system):
    until(lambda: collections.rosters().count_documents({}) > 5)
    until(lambda: collections.rosters().count_documents({"outgoing.0": {"$exists": True}}) == 0)


def noted(topic: str, detail: str) -> Event:
    at = datetime.now(UTC)
    return Event(
        id=str(uuid4()),
        name="operator.noted",
        source="/reporting",
        time=at,
        data={"topic": topic, "detail": detail, "at": at.isoformat()},
    )


def test_the_head_of_the_access_log_is_mailed_and_rings_nowhere(by_hand, gateway, mail):
    event = noted("ACCESS_LOG_HEAD", "412 9f86d081884c7d65")
    by_hand.handle(event)
    by_hand.handle(event)
    by_hand.dispatcher.send_due()

    [letter] = mail.to("operator@example.invalid")
    body = letter.get_body(("plain",)).get_content()
    assert "412 dòng" in body
    assert "9f86d081884c7d65" in body
    assert gateway.calls == []


def test_what_asks_for_a_hand_rings_as_well(by_hand, gateway, mail):
    by_hand.handle(noted("SEALED_TOO_LONG", "3"))
    by_hand.dispatcher.send_due()

    assert "qua 20 ngay" in gateway.to("+84000000900")[0]["text"]
    assert mail.to("operator@example.invalid")


def test_the_operator_is_rung_up_about_a_reset_of_those_who_stand_apart(by_hand, gateway, mail):
    by_hand.handle(noted("APART_RESET", "administrator, binh-luong"))
    by_hand.dispatcher.send_due()

    assert "administrator, binh-luong" in gateway.to("+84000000900")[0]["text"]
    assert "khoa ngay" in gateway.to("+84000000900")[0]["text"]


def test_a_topic_of_a_later_version_is_mailed_as_it_is(by_hand, mail):
    by_hand.handle(noted("FROM_THE_FUTURE", "7"))
    by_hand.dispatcher.send_due()

    assert "FROM_THE_FUTURE: 7" in mail.to("operator@example.invalid")[0].get_body(("plain",)).get_content()


def test_a_list_that_was_put_right_by_its_file_holds_and_is_told(teller, by_hand, settings, tmp_path):
    running, now = teller(), by_hand.now()
    running.once()
    confirm()
    file = tmp_path / "contacts.yaml"
    listed = yaml.safe_load(settings.contacts_seed_file.read_text(encoding="utf-8"))["contacts"]
    kept = [one for one in listed if one["id"] != "ca-2"]
    next(one for one in kept if one["id"] == "ca-1")["phones"] = ["+84000000121"]
    file.write_text(yaml.safe_dump({"contacts": kept}), encoding="utf-8")

    shown = contacts.replace_all(file, now, AGENCIES, sure=False)
    assert (shown.removed, dict(shown.changed), running.once()) == (("ca-2",), {"ca-1": ("phones",)}, 0)
    assert contacts.replace_all(file, now, AGENCIES, sure=True) == shown

    assert running.once() == 1
    [event] = told("ca-binh-luong")
    assert [one["contact"] for one in event.data["contacts"]] == ["ca-1", "ca-3"]
    assert [one.phones for one in contacts.everyone() if one.id == "ca-1"] == [("+84000000121",)]
    assert not contacts.replace_all(file, now, AGENCIES, sure=True)


@pytest.mark.parametrize("text", ["contacts: []", "contacts: [{id: a}]", "people: []"])
def test_a_list_of_nobody_takes_nobody_out(by_hand, tmp_path, text):
    before = contacts.everyone()
    (tmp_path / "contacts.yaml").write_text(text)
    with pytest.raises(WrongSetting):
        contacts.replace_all(tmp_path / "contacts.yaml", by_hand.now(), AGENCIES, sure=True)
    assert contacts.everyone() == before
