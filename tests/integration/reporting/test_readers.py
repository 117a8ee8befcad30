"""Who reads which numbers, and what is said to those who may not."""

from __future__ import annotations

import pytest

GIRL = {"sex": "FEMALE", "age_received": 9}
BOY = {"sex": "MALE", "age_received": 12}
PATH = "/v1/indicators/REPORTED_CHILDREN"


def refused(answer, status, word):
    body = answer.get_json(force=True)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert word in body["detail"]
    return body


def test_the_list_names_what_can_be_asked_for(service):
    found = service.get("/v1/indicators").get_json()["indicators"]
    assert [one["code"] for one in found] == ["REPORTED_CHILDREN"]
    assert set(found[0]["groupings"]) == {"kind", "sex", "age_band", "village"}


def test_the_answer_has_the_fields_of_the_contract(service, reports):
    service.project(reports.report(children=[GIRL]))
    found = service.ask("2023-H1", calendar="administrative", by="sex")
    assert found == {
        "code": "REPORTED_CHILDREN",
        "unit": "binh-luong",
        "calendar": "administrative",
        "period": "2023-H1",
        "from": "2022-12-15",
        "to": "2023-06-14",
        "as_of": "2026-11-23T03:00:00+00:00",
        "cells": [
            {"sex": "MALE", "value": 0},
            {"sex": "FEMALE", "value": 1},
            {"sex": "UNKNOWN", "value": 0},
        ],
        "total": 1,
        "suppressed": False,
    }


def test_the_unit_defaults_to_the_readers_own(service, reports):
    service.project(reports.report())
    answer = service.get(f"{PATH}?period=2023-06")
    assert (answer.get_json()["unit"], answer.get_json()["total"]) == ("binh-luong", 1)


@pytest.mark.parametrize(
    ("reader", "period", "allowed"),
    [
        ("district", "2023-06", True),
        ("district", "2025-06", True),
        ("district", "2025-08", False),
        ("successor", "2025-08", True),
        ("successor", "2023-06", False),
        ("province", "2023-06", True),
        ("province", "2025-08", True),
    ],
)
def test_a_unit_reads_those_below_as_of_the_last_day_of_the_period(service, reader, period, allowed):
    answer = service.get(f"{PATH}?unit=binh-luong&period={period}", reader)
    assert answer.status_code == (200 if allowed else 403)


def test_nobody_reads_upwards(service):
    refused(service.get(f"{PATH}?unit=nhu-xuan&period=2023-06"), 403, "below")


def test_the_unit_directly_above_reads_the_exact_total_and_a_suppressed_table(service, reports):
    service.project(reports.report(children=[GIRL, BOY]))
    found = service.ask("2023-06", "district", by="sex")
    assert (found["total"], found["suppressed"]) == (2, True)
    assert {cell["sex"]: cell["value"] for cell in found["cells"]} == {"MALE": None, "FEMALE": None, "UNKNOWN": None}


def make(service, token="clerk", unit="binh-luong"):
    answer = service.client.post(
        "/v1/reports/children-reported",
        query_string={"unit": unit, "period": "2023-06"},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code in {200, 201}


def test_the_unit_above_reads_grouped_figures_of_the_published_version_alone(service, reports):
    service.project(reports.report(children=[GIRL] * 4 + [BOY] * 3))
    found = service.ask("2023-06", "district", by="sex")
    assert (found["total"], found["suppressed"]) == (7, True)
    assert [cell["value"] for cell in found["cells"]] == [None, None, None]
    assert "published" in found["note"]
    make(service)
    found = service.ask("2023-06", "district", by="sex")
    assert {cell["sex"]: cell["value"] for cell in found["cells"]} == {"FEMALE": 4, "MALE": 3, "UNKNOWN": 0}
    assert (found["total"], found["suppressed"]) == (7, False)
    assert (found["report"], found["version"]) == ("children-reported", 1)
    # A child more: the live difference would be its sex, its age and its village.
    service.project(reports.report(children=[GIRL]))
    assert service.table("2023-06", "sex", "district") == {"FEMALE": 4, "MALE": 3}
    assert service.total("2023-06", "district") == 8
    make(service)
    found = service.ask("2023-06", "district", by="sex")
    assert {cell["value"] for cell in found["cells"]} == {None}
    assert (found["total"], found["suppressed"]) == (8, True)
    assert "withholds" in found["note"]
    assert service.table("2023-06", "sex") == {"FEMALE": 5, "MALE": 3}  # the commune's own, live and exact
    assert "note" not in service.ask("2023-06", by="sex")


def test_a_unit_above_reads_its_own_table_only_as_far_as_it_gives_nothing_below_away(service, reports):
    service.project(reports.report(children=[GIRL] * 4 + [BOY] * 3))
    make(service, "planner", "nhu-xuan")
    assert service.table("2023-06", "sex", "district", unit="nhu-xuan") == {"FEMALE": 4, "MALE": 3}
    service.project(reports.report(children=[BOY]))
    make(service)
    found = service.ask("2023-06", "district", unit="nhu-xuan", by="sex")  # one child less than its commune
    assert {cell["value"] for cell in found["cells"]} == {None}
    assert "withholds" in found["note"]


def test_a_row_that_a_table_does_not_always_have_is_not_told_by_its_presence(service, reports):
    service.project(reports.report(children=[GIRL], village="nhu-xuan"))
    own, above = (service.ask("2023-06", token, by="village")["cells"] for token in ("commune", "district"))
    assert {"village": "nhu-xuan", "value": 1} in own
    assert "nhu-xuan" not in {cell["village"] for cell in above}


def test_who_is_further_up_reads_no_small_total_of_a_commune(service, reports):
    service.project(reports.report(children=[GIRL, BOY]))
    found = service.ask("2023-06", "province", by="sex")
    assert found["total"] is None
    assert {cell["value"] for cell in found["cells"]} == {None}
    assert found["suppressed"]


def test_a_unit_above_has_its_own_exact_total_and_no_small_cell(service, reports):
    service.project(reports.report(children=[GIRL, BOY]))
    found = service.ask("2023-06", "district", unit="nhu-xuan", by="sex")
    assert (found["total"], found["suppressed"]) == (2, True)


def test_errors_say_what_to_do_and_quote_nothing(service):
    refused(service.client.get(f"{PATH}?period=2023-06"), 401, "Bearer")
    refused(service.get(f"{PATH}?period=2023-06", "nobody"), 401, "unknown")
    refused(service.get(f"{PATH}?period=2023-06", "school"), 403, "report:read")
    refused(service.get("/v1/indicators/NOTHING?period=2023-06"), 404, "/v1/indicators")
    refused(service.get(f"{PATH}?unit=khong-co&period=2023-06"), 404, "unit")
    refused(service.get(f"{PATH}?unit=thon-3&period=2023-06"), 422, "by=village")
    refused(service.get(f"{PATH}?period=2023-06&by=ethnic_group"), 422, "kind")
    refused(service.get(f"{PATH}?unit=nhu-xuan&period=2023-06&by=village", "district"), 422, "grouping")
    refused(service.get("/v1/khong-co"), 404, "address")
    for query in ("period=2023-13", "period=thang-sau", "", "period=2023-06&calendar=lunar", "period=0001"):
        body = refused(service.get(f"{PATH}?{query}"), 422, "")
        assert body["errors"]
        assert "thang-sau" not in str(body)
        assert "lunar" not in str(body)


def test_the_database_that_does_not_answer_is_said_in_words(service, monkeypatch):
    from pymongo.errors import ServerSelectionTimeoutError

    def down(*_, **__):
        raise ServerSelectionTimeoutError("127.0.0.1:1 with the password")

    monkeypatch.setattr(service.store.segments, "find", down)
    answer = service.get(f"{PATH}?period=2023-06")
    refused(answer, 503, "again")
    assert answer.headers["Retry-After"] == "5"
    assert b"password" not in answer.data
