"""From events to the numbers that an indicator answers."""

from __future__ import annotations

import random

from tests.integration.reporting.made import accepted_elsewhere, alert

GIRL = {"sex": "FEMALE", "age_received": 9}
BOY = {"sex": "MALE", "age_received": 12}


def test_a_report_counts_its_children_by_kind_sex_age_and_village(service, reports):
    service.project(
        reports.report(children=[GIRL, BOY], kinds=["VIOLENCE", "NEGLECT"], village="thon-3"),
        reports.report(children=[GIRL], kinds=[], village="không rõ ở đâu"),
    )
    assert service.total("2023-06") == 3
    assert service.table("2023-06", "sex") == {"FEMALE": 2, "MALE": 1}
    assert service.table("2023-06", "age_band") == {"6-10": 2, "11-15": 1}
    assert service.table("2023-06", "kind") == {"VIOLENCE": 2, "NEGLECT": 2, "UNKNOWN": 1}
    assert service.table("2023-06", "village") == {"thon-3": 2, "UNKNOWN": 1}


def test_a_report_counts_in_every_period_of_both_calendars_that_holds_its_local_day(service, reports):
    service.project(
        reports.report(received="2023-05-31T18:00:00+00:00"),  # 1 June, one in the morning
        reports.report(received="2023-06-15T00:00:00+07:00"),
    )
    assert service.total("2023-05") == 0
    assert service.total("2023-06") == 2
    assert service.total("2023-06", calendar="administrative") == 1
    assert service.total("2023-07", calendar="administrative") == 1
    assert service.total("2023-H1") == 2
    assert service.total("2023-H1", calendar="administrative") == 1


def test_the_units_above_have_the_sum(service, reports):
    service.project(reports.report(), reports.report(received="2025-08-05T08:00:00+07:00"))
    assert service.total("2023-06", "district", unit="nhu-xuan") == 1
    assert service.total("2023", "province", unit="thanh-hoa") == 1
    assert service.total("2025-08", "successor", unit="ke-nhiem-nhu-xuan") == 1
    assert service.total("2025", "province", unit="thanh-hoa") == 1


def test_duplicates_and_any_order_give_the_same_documents(service, reports):
    first, second, drill = reports.report(), reports.report(children=[GIRL, BOY]), reports.report(drill=True)
    events = [first, second, drill, alert(first.id, "raised", 1), alert(first.id, "acknowledged", 3)]
    events += [alert(first.id, "sent", 2), accepted_elsewhere(second, "2023-04-02T08:00:00+07:00")]
    expected = None
    for seed in range(4):
        for collection in (service.store.facts, service.store.cases, service.store.segments, service.store.rollups):
            collection.delete_many({})
        shuffled = events * 2
        random.Random(seed).shuffle(shuffled)
        for start in range(0, len(shuffled), 3):
            service.project(*shuffled[start : start + 3])
        found = list(service.store.cases.find({}, {"version": 0, "ever": 0}).sort("_id", 1))
        expected = expected or found
        assert found == expected
        assert (service.total("2023-04"), service.total("2023-06")) == (2, 1)
    assert [one["state"] for one in expected[0]["alerts"]] in (["acknowledged"], [])
    assert sorted(one["version"] for case in expected for one in case["alerts"]) == [3]


def test_the_alert_that_comes_before_its_report_is_not_lost(service, reports):
    report = reports.report()
    service.project(alert(report.id, "raised", 1))
    assert service.store.cases.count_documents({}) == 0
    service.project(report)
    assert service.store.cases.find_one()["alerts"][0]["state"] == "raised"


def test_a_drill_is_projected_and_counts_nowhere(service, reports):
    drill = reports.report(drill=True)
    service.project(drill)
    assert service.total("2023-06") == 0
    assert service.total("2023", "province", unit="thanh-hoa") == 0
    trace = service.get(f"/v1/trace/{drill.id}", "operator").get_json()
    assert (trace["stored"], trace["cases"], trace["drill"]) == (True, 1, True)


def test_backfill_counts(service, reports):
    service.project(reports.report(backfill=True))
    assert service.total("2023-06") == 1


def test_an_earlier_reception_moves_the_case_and_both_half_months_are_right(service, reports):
    report = reports.report(received="2023-06-20T08:00:00+07:00", children=[GIRL])
    service.project(report)
    assert service.total("2023-06") == 1
    service.project(accepted_elsewhere(report, "2023-06-02T08:00:00+07:00"))
    service.clean()
    assert service.total("2023-06", calendar="administrative") == 1
    assert service.total("2023-07", calendar="administrative") == 0
    assert service.total("2023-06", "district", unit="nhu-xuan") == 1
    service.project(report)  # the later one again: nothing moves back
    assert service.total("2023-07", calendar="administrative") == 0
    service.no_old_numbers()


def test_indicators_answer_from_rollups_alone(service, reports):
    service.project(reports.report(children=[GIRL, BOY]))
    service.clean()
    service.store.facts.rename("facts_hidden")
    service.store.cases.rename("cases_hidden")
    assert service.total("2023-06") == 2
    assert service.table("2023-H1", "sex") == {"FEMALE": 1, "MALE": 1}
    assert service.total("2023", "province", unit="thanh-hoa") == 2


def test_a_report_about_a_commune_that_nobody_knows_is_counted_at_home(service, reports):
    service.project(reports.report(commune="xa-la"))
    assert service.total("2023-06") == 1
    assert service.total("2023", "province", unit="thanh-hoa") == 1
