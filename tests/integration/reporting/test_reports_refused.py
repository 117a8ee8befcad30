"""What is said to those who may not, and to what cannot be."""

from __future__ import annotations

import pytest

PATH = "/v1/reports/children-reported"
LIST = "/v1/reports"


def refused(answer, status, word):
    body = answer.get_json(force=True)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert word in body["detail"]
    return body


def post(service, query, token="clerk", **more):
    return service.client.post(f"{PATH}?{query}", headers={"Authorization": f"Bearer {token}"}, **more)


def test_an_unknown_format_is_named_by_pointer(service):
    for path in (f"{PATH}?period=2023-06&format=pdf", f"{LIST}?definition=x&period=2023-06&format=xlsx"):
        body = refused(service.get(path), 422, "")
        assert body["errors"][0]["pointer"] == "/query/format"
        assert "csv" in body["errors"][0]["detail"]
        assert "pdf" not in str(body)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("", "/query/period"),
        ("period=thang-sau", "/query/period"),
        ("period=2023-13", "/query/period"),
        ("period=2023-06&calendar=lunar", "/query/calendar"),
        ("period=2023-06&version=0", "/query/version"),
        ("period=2023-06&unit=thon-3", "/query/unit"),
    ],
)
def test_a_wrong_question_is_named_by_pointer(service, query, pointer):
    body = refused(service.get(f"{PATH}?{query}"), 422, "")
    assert pointer in {one["pointer"] for one in body["errors"]}
    assert not {"thang-sau", "lunar"} & set(str(body).split("'"))


def test_a_time_without_a_zone_is_refused(service):
    for since in ("2023-07-01T00:00:00", "hom-qua"):
        body = refused(
            service.get(f"{LIST}?definition=children-reported&period=2023-06&changed_since={since}"), 422, ""
        )
        assert body["errors"][0]["pointer"] == "/query/changed_since"
        assert "+07:00" in body["errors"][0]["detail"]


def test_who_may_not(service):
    refused(service.client.get(f"{PATH}?period=2023-06"), 401, "Bearer")
    refused(service.get(f"{PATH}?period=2023-06", "school"), 403, "report:read")
    refused(service.get(f"{PATH}?period=2023-06", "planner"), 403, "report:read")
    refused(service.get(f"{PATH}?period=2023-06&unit=nhu-xuan"), 403, "below")
    refused(service.get(f"{PATH}?period=2025-08&unit=binh-luong", "district"), 403, "last day")
    refused(service.get(f"{LIST}?definition=children-reported&period=2023-06&under=nhu-xuan"), 403, "below")
    refused(post(service, "period=2023-06", "commune"), 403, "report:make")
    refused(post(service, "period=2023-06&unit=nhu-xuan"), 403, "below")
    refused(post(service, "period=2025-08&unit=binh-luong", "planner"), 403, "last day")


def test_what_there_is_not(service):
    refused(service.get("/v1/reports/nothing?period=2023-06"), 404, "children-reported")
    refused(service.get(f"{LIST}?definition=nothing&period=2023-06"), 404, "children-reported")
    refused(service.get(f"{PATH}?period=2023-06&unit=khong-co"), 404, "unit")
    refused(service.get(f"{PATH}?period=2023-06"), 404, "POST")
    refused(service.get(f"{PATH}?period=2023-06&version=2"), 404, "version")
    refused(post(service, "period=2027-01"), 422, "not begun")
    body = refused(post(service, ""), 422, "period")
    assert body["errors"][0]["pointer"] == "/query/period"


def test_a_report_is_asked_for_in_the_address_or_in_the_body(service, reports):
    service.project(reports.report())
    asked = {"unit": "binh-luong", "calendar": "administrative", "period": "2023-H1"}
    assert post(service, "", json=asked).status_code == 201
    again = post(service, "unit=binh-luong&calendar=administrative&period=2023-H1")
    assert (again.status_code, again.get_json()["version"]) == (200, 1)
    body = refused(post(service, "", json={"period": 5}), 422, "")
    assert body["errors"][0]["pointer"] == "/json/period"


def test_the_running_period_can_be_made_and_says_as_of_when(service, reports):
    service.project(reports.report(received="2026-11-02T08:00:00+07:00"))
    assert post(service, "period=2026-11").status_code == 201
    assert service.get(f"{PATH}?period=2026-11").get_json()["as_of"] == "2026-11-23T10:00:00+07:00"
