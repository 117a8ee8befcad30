"""From events to published versions: what a reader gets, and what a late event does."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json

import openpyxl
import pytest

from services.reporting.reports.making import Maker
from services.reporting.reports.republish import Republish
from shared.stopping import Stopping
from tests.integration.reporting.conftest import NOW

GIRL = {"sex": "FEMALE", "age_received": 9}
BOY = {"sex": "MALE", "age_received": 12}
PATH = "/v1/reports/children-reported"
JUNE = f"{PATH}?unit=binh-luong&period=2023-06"


@pytest.fixture
def republish(service):
    """The worker's part, on the marks as they are; `once` is called by hand."""
    maker = Maker(service.store, service.rollups, now=lambda: NOW)
    made = Republish(service.store, maker, service.folder.current, Stopping())

    def once():
        service.clean()
        made.recomputed([(one["unit"], one["segment"]) for one in service.store.segments.find()])
        return made.once()

    return once


def make(service, token="clerk", **asked):
    asked = {"unit": "binh-luong", "period": "2023-06", **asked}
    return service.client.post(PATH, query_string=asked, headers={"Authorization": f"Bearer {token}"})


def rows(data, by):
    (table,) = [table for table in data["tables"] if table["by"] == by]
    return {row["code"]: row["value"] for row in table["rows"] if row["value"] != 0}


def changed(body):
    return {(one["table"], one["row"]): (one["old"], one["new"]) for one in body["changes"]}


def test_a_report_exists_once_it_is_made(service, reports):
    service.project(reports.report(children=[GIRL, BOY]))
    missing = service.get(JUNE)
    assert missing.status_code == 404
    assert "POST /v1/reports/children-reported" in missing.get_json(force=True)["detail"]
    made = make(service)
    assert (made.status_code, made.get_json()["made"], made.headers["X-Report-Version"]) == (201, True, "1")
    assert made.get_json()["state"] == "approved"
    body = service.get(made.headers["Location"]).get_json()
    assert (body["version"], body["data"]["total"], body["changes"]) == (1, 2, [])
    assert rows(body["data"], "sex") == {"FEMALE": 1, "MALE": 1}
    assert [table["by"] for table in body["data"]["tables"]] == ["kind", "sex", "age_band", "village"]


def test_unchanged_numbers_make_no_version_however_often_and_late(service, reports, republish):
    service.project(reports.report())
    assert make(service).status_code == 201
    again = make(service)
    assert (again.status_code, again.get_json()["made"], again.get_json()["version"]) == (200, False, 1)
    service.project(reports.report(drill=True), reports.report(received="2024-06-01T08:00:00+07:00"))
    assert republish() == 0
    assert make(service).get_json()["version"] == 1
    assert service.store.snapshots.count_documents({}) == 1


def test_a_late_event_is_a_second_version_that_says_what_changed(service, reports, republish):
    service.project(reports.report(children=[GIRL] * 4), reports.report(children=[BOY] * 3, village="thon-3"))
    make(service)
    first = service.get(JUNE)
    tag = first.headers["ETag"]
    unchanged = service.client.get(JUNE, headers={"Authorization": "Bearer commune", "If-None-Match": tag})
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    service.project(reports.report(children=[GIRL], kinds=["NEGLECT"], village="thon-2"))
    assert service.get(JUNE).headers["X-Report-Version"] == "1"  # a reader makes no version
    assert republish() == 1
    assert republish() == 0
    second = service.client.get(JUNE, headers={"Authorization": "Bearer commune", "If-None-Match": tag})
    assert (second.status_code, second.headers["X-Report-Version"]) == (200, "2")
    assert changed(second.get_json()) == {
        (None, None): (7, 8),
        ("kind", "NEGLECT"): (0, 1),
        ("sex", "FEMALE"): (4, 5),
        ("age_band", "6-10"): (4, 5),
        ("village", "thon-2"): (0, 1),
    }
    old = service.get(f"{JUNE}&version=1")
    assert (old.data, old.headers["ETag"]) == (first.data, tag)
    assert service.get(f"{JUNE}&version=3").status_code == 404


def test_every_audience_has_its_own_numbers(service, reports):
    service.project(reports.report(children=[GIRL, BOY], village="thon-3"))
    make(service)
    full, upward, wider = (service.get(JUNE, token).get_json() for token in ("commune", "district", "province"))
    assert [one["data"]["audience"] for one in (full, upward, wider)] == ["full", "upward", "wider"]
    assert [one["data"]["total"] for one in (full, upward, wider)] == [2, 2, None]
    assert rows(full["data"], "village") == {"thon-3": 2}
    for hidden in (upward, wider):
        for table in hidden["data"]["tables"]:
            assert {row["value"] for row in table["rows"]} == {None}
    assert len({one["sha256"] for one in (full, upward, wider)}) == 3
    assert "FEMALE" in service.get(JUNE, "district").text  # the rows are there, their numbers are not


def test_two_versions_side_by_side_tell_the_unit_above_nothing_of_one_child(service, reports, republish):
    service.project(reports.report(children=[GIRL] * 4), reports.report(children=[BOY] * 3))
    make(service)
    assert rows(service.get(JUNE, "district").get_json()["data"], "sex") == {"FEMALE": 4, "MALE": 3}
    service.project(reports.report(children=[GIRL], kinds=["NEGLECT"]))
    republish()
    second = service.get(JUNE, "district").get_json()
    assert second["data"]["total"] == 8
    for table in second["data"]["tables"]:
        assert table["withheld"]
        assert {row["value"] for row in table["rows"]} == {None}
    service.project(reports.report(children=[GIRL] * 2 + [BOY] * 3, kinds=["VIOLENCE", "NEGLECT"]))
    republish()
    third = service.get(JUNE, "district").get_json()["data"]
    assert third["total"] == 13
    assert rows(third, "sex") == {"FEMALE": 7, "MALE": 6}  # three and three more than what it was shown first


def test_stored_bytes_are_the_same_for_everybody_and_for_ever(service, reports, republish):
    service.project(reports.report(children=[GIRL] * 5))
    make(service)
    kept = {}
    for form in ("json", "csv", "xlsx"):
        got = [service.get(f"{JUNE}&format={form}") for _ in range(3)]
        assert len({one.data for one in got}) == len({one.headers["ETag"] for one in got}) == 1
        digest = base64.b64encode(hashlib.sha256(got[0].data).digest()).decode()
        assert got[0].headers["Repr-Digest"] == f"sha-256=:{digest}:"
        assert f"children-reported_binh-luong_2023-06_statistical_v1.{form}" in got[0].headers["Content-Disposition"]
        assert got[0].headers["Last-Modified"] == "Mon, 23 Nov 2026 03:00:00 GMT"
        assert got[0].headers["Cache-Control"] == "private, no-cache"
        kept[form] = got[0].data
    service.project(reports.report(children=[BOY]))
    republish()
    for form, content in kept.items():
        assert service.get(f"{JUNE}&format={form}&version=1").data == content
        assert service.get(f"{JUNE}&format={form}").data != content
    assert service.store.renderings.count_documents({}) == 6


def test_the_hash_is_of_the_canonical_data(service, reports):
    service.project(reports.report(children=[GIRL] * 5))
    make(service)
    body = service.get(JUNE).get_json()
    text = json.dumps(body["data"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(text.encode()).hexdigest() == body["sha256"]


@pytest.mark.parametrize("sent", ["{tag}", "W/{tag}", '"other", {tag}', '"other",W/{tag} , "x"', "*"])
def test_a_conditional_request_in_every_form(service, reports, sent):
    service.project(reports.report())
    make(service)
    for path in (JUNE, f"{JUNE}&format=xlsx", "/v1/reports?definition=children-reported&period=2023-06"):
        first = service.get(path)
        tag = first.headers["ETag"]
        assert tag.startswith('"')
        headers = {"Authorization": "Bearer commune", "If-None-Match": sent.format(tag=tag)}
        second = service.client.get(path, headers=headers)
        assert (second.status_code, second.data, second.headers["ETag"]) == (304, b"", tag)
        assert second.headers.get("X-Report-Version") == first.headers.get("X-Report-Version")
    headers = {"Authorization": "Bearer commune", "If-None-Match": '"other"'}
    assert service.client.get(JUNE, headers=headers).status_code == 200


def test_the_table_and_the_sheet_say_what_the_json_says(service, reports):
    service.project(reports.report(children=[GIRL] * 4 + [BOY], village="thon-3"))
    make(service)
    data = service.get(JUNE, "district").get_json()["data"]
    expected = {("total", ""): data["total"]}
    expected |= {(t["by"], row["code"]): row["value"] for t in data["tables"] for row in t["rows"]}
    answer = service.get(f"{JUNE}&format=csv", "district")
    assert answer.data.startswith(b"\xef\xbb\xbfdefinition,unit,")
    lines = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    assert {(one["table"], one["row"]): int(one["value"]) if one["value"] else None for one in lines} == expected
    assert {one["shown"] for one in lines if not one["value"]} == {"…"}
    book = openpyxl.load_workbook(io.BytesIO(service.get(f"{JUNE}&format=xlsx", "district").data))
    cells = list(book["Báo cáo"].iter_rows(values_only=True))
    numbers = {row[1]: row[2] for row in cells if isinstance(row[2], int) or row[2] == "…"}
    assert numbers["thon-3"] == 5
    assert (numbers["FEMALE"], numbers["MALE"]) == ("…", "…")
    assert [row[2] for row in cells if row[0] == "Số trẻ em trong các tin báo đã nhận"] == [5]


def test_a_unit_above_publishes_too(service, reports):
    service.project(reports.report(children=[GIRL] * 4), reports.report(children=[BOY] * 3))
    make(service, "planner", unit="nhu-xuan")
    body = service.get(f"{PATH}?unit=nhu-xuan&period=2023-06", "district").get_json()
    assert (body["data"]["audience"], body["data"]["total"]) == ("upward", 7)
    assert [table["by"] for table in body["data"]["tables"]] == ["kind", "sex", "age_band"]


def test_the_state_of_every_unit_below(service, reports):
    service.project(reports.report(children=[GIRL] * 5))
    path = "/v1/reports?definition=children-reported&period=2023-06"
    before = service.get(path, "district")
    assert {one["unit"]: one["state"] for one in before.get_json()["units"]} == {
        "nhu-xuan": "missing",
        "binh-luong": "missing",
    }
    make(service)
    after = service.get(path, "district")
    assert before.headers["ETag"] != after.headers["ETag"] == service.get(path, "district").headers["ETag"]
    (line,) = [one for one in after.get_json()["units"] if one["unit"] == "binh-luong"]
    assert (line["state"], line["version"], line["total"]) == ("approved", 1, 5)
    assert line["sha256"] == service.get(JUNE, "district").get_json()["sha256"]
    table = service.get(f"{path}&format=csv", "district")
    lines = list(csv.DictReader(io.StringIO(table.data.decode("utf-8-sig"), newline="")))
    assert {one["state"] for one in lines if one["unit"] == "nhu-xuan"} == {"missing"}
    assert [one["value"] for one in lines if (one["unit"], one["table"]) == ("binh-luong", "total")] == ["5"]
    for since, units in (("2026-11-23T10:00:00%2B07:00", ["binh-luong"]), ("2026-11-24T00:00:00Z", [])):
        found = service.get(f"{path}&changed_since={since}", "district").get_json()["units"]
        assert [one["unit"] for one in found] == units
    assert [one["unit"] for one in service.get(path).get_json()["units"]] == ["binh-luong"]


def test_one_answer_about_many_units_gives_no_hidden_total_away(service, reports):
    service.project(reports.report(children=[GIRL]))
    for token, unit in (("clerk", "binh-luong"), ("planner", "nhu-xuan")):
        make(service, token, unit=unit)
    path = "/v1/reports?definition=children-reported&period=2023-06"
    units = {one["unit"]: one for one in service.get(path, "province").get_json()["units"]}
    assert [units[unit]["total"] for unit in ("nhu-xuan", "binh-luong")] == [None, None]
    assert units["nhu-xuan"]["sha256"] is None  # of data that hold the number
    table = service.get(f"{path}&format=csv", "province").data.decode("utf-8-sig")
    lines = [one for one in csv.DictReader(io.StringIO(table, newline="")) if one["table"]]
    assert {one["value"] for one in lines} == {""}
    assert [one["shown"] for one in lines if one["table"] == "total"] == ["…", "<3"]
    later = service.get(f"{path}&changed_since=2026-11-23T03:00:00Z&under=nhu-xuan", "province").get_json()["units"]
    assert {one["total"] for one in later} == {None}
    # The district is directly above: exact totals, no tables.
    assert [one["total"] for one in service.get(path, "district").get_json()["units"]] == [1, 1]


def test_a_declared_nil_is_not_missing(service, reports):
    from dataclasses import replace

    nil = replace(
        reports.tally(1),
        name="nil.declared",
        data={"unit": "binh-luong", "period": "2023-05", "declared_by": "x", "declared_at": "2023-06-01T00:00:00Z"},
    )
    service.project(nil)
    for period, state in (("2023-05", "nil"), ("2023-04", "missing")):
        answer = service.get(f"/v1/reports?definition=children-reported&period={period}").get_json()
        assert answer["units"][0]["state"] == state
