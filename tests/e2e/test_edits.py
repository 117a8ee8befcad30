"""What an operator changes while everything runs."""

from __future__ import annotations

import pymongo
import pytest

from tests.e2e.conftest import FULL
from tests.harness.waiting import until


def asked(people, told):
    return {alert["agency"] for alert in people.sent(told["incident_id"])}


@pytest.fixture
def edited(stack):
    """Edits files below the stack's folder and puts them back."""
    before = {}

    def edit(name, old, new):
        path = stack.home / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        before.setdefault(path, text)
        path.write_text(text.replace(old, new), encoding="utf-8")

    yield edit
    for path, text in before.items():
        path.write_text(text, encoding="utf-8")


ROW = "  - {name: Thử, kinds: [SPECIAL_CIRCUMSTANCE], danger: [any], environment: [any], tell: {police: PROTECT_NOW}}"
CALM = {"kinds": ["SPECIAL_CIRCUMSTANCE"], "immediate_danger": False, "environment": "FAMILY"}


def test_the_next_report_follows_an_edited_duty_matrix(people, stack, edited):
    assert "ca-binh-luong" not in asked(people, people.report(**CALM))

    edited("directory/duties.yaml", "\nrows:\n", f"\nrows:\n{ROW}\n")

    until(lambda: "ca-binh-luong" in asked(people, people.report(**CALM)), timeout=20, what="police by the new matrix")


def test_indicators_answer_while_facts_and_cases_are_hidden(people, stack):
    before = people.total()
    told = people.report()
    people.total_becomes(before + FULL_CHILDREN)
    people.sent(told["incident_id"])
    name = f"{stack.mongo_prefix}reporting"
    with pymongo.MongoClient(stack.engines.mongo, timeoutMS=10_000) as client:
        # What notify tells of the alerts is folded too: nothing may be on its way when the collections disappear.
        until(lambda: quiet(client[name], told["incident_id"]), timeout=20, what="everything is projected")
        hidden = [one for one in ("facts", "cases") if one in client[name].list_collection_names()]
        assert hidden == ["facts", "cases"]
        for one in hidden:
            client[name][one].rename(f"hidden_{one}")
        try:
            answer = people.indicator(by="sex")
            assert answer.status_code == 200
            assert answer.json()["total"] == before + FULL_CHILDREN
        finally:
            for one in hidden:
                # What the worker wrote meanwhile made the collection anew.
                client[name][f"hidden_{one}"].rename(one, dropTarget=True)


def quiet(database, incident_id):
    """Every alert of the incident was told as sent, and nothing waits to be computed."""
    names = [fact["name"] for fact in database.facts.find({"incident_id": incident_id}, {"name": 1})]
    told = 0 < names.count("alert.raised") <= names.count("alert.sent")
    return told and not database.segments.count_documents({"dirty": True})


FULL_CHILDREN = len(FULL["children"])


def test_two_intakes_give_one_answer_and_one_set_of_alerts(people):
    replicas = people.ready["intake_replicas"]
    assert len(replicas) == 2
    first, second = (people.report(intake=url, external_id="e2e-replicas") for url in replicas)
    people.sent(first["incident_id"])
    probe = people.report(intake=replicas[1])
    people.sent(probe["incident_id"])

    assert first == second
    alerts = people.alerts(first["incident_id"])
    assert len({(alert["agency"], alert["duty"]) for alert in alerts}) == len(alerts)
    calls = people.http.get(f"{people.ready['sandbox']}/calls").json()
    sent = [one for one in calls if first["code"] in one.get("text", "")]
    assert len({(one["to"], one["text"]) for one in sent}) == len(sent)
