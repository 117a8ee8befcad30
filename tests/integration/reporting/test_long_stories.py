"""A long story that is told of many children costs its own length and no more, and goes with the last of them."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from bson import encode as bson_encode
from pymongo import MongoClient, monitoring

from services.reporting.documents import facts
from services.reporting.documents.writes import MOST_BYTES, in_calls
from services.reporting.keys import Erased, NotSealed, Unopened, each_own, names, open_part
from services.reporting.keys.erasing import erase
from shared.messaging.outcomes import Done
from shared.sealing import Sealer, generate, load_public
from tests.integration.reporting.made import accepted_elsewhere, case_id, delivered, supplement
from tests.integration.reporting.test_erasing import AT, WHO

STORY = "Chuyện dài (bịa ra). " * 80_000  # 2 MB
CHILDREN = 20
# Beside the story of an incident: keys, cases, facts, and one child's own words for each of twenty.
REST = 100_000


def long_report(reports, story=STORY, *, children=CHILDREN, incident=None, **facts):
    import uuid

    incident = incident or str(uuid.uuid4())
    told = {
        "child": {
            "description": story,
            "extra": "x",
            "children": [{"case_id": f"{incident}-{n}", "full_name": f"Bé {n}"} for n in range(1, children + 1)],
        },
        "suspect": {"suspects": [{"description": story[: len(story) // 4]}]},
        "reporter": {"full_name": "Người báo"},
    }
    return reports.report(incident=incident, children=[{}] * children, told=told, **facts)


class Sizes(monitoring.CommandListener):
    """Of every write, what it has in it."""

    def __init__(self):
        self.calls = []

    def started(self, event):
        for field in ("documents", "updates"):
            if field in event.command:
                size = sum(len(bson_encode(one)) for one in event.command[field])
                self.calls.append((event.command_name, event.command.get(event.command_name), size))

    def succeeded(self, event): ...

    def failed(self, event): ...


@contextmanager
def watched(store):
    sizes = Sizes()
    client = MongoClient(*store.client.address, event_listeners=[sizes], directConnection=True, tz_aware=True)
    before = {name: getattr(store, name) for name in ("case_keys", "sealed_parts", "facts", "cases")}
    try:
        for name, collection in before.items():
            setattr(store, name, client[store.database.name][collection.name])
        yield sizes
    finally:
        for name, collection in before.items():
            setattr(store, name, collection)
        client.close()


def stored(service):
    return sum(len(bson_encode(one)) for one in service.store.sealed_parts.find())


def opens(service, report, number, story=STORY):
    child = open_part(service.store, service.keyring, case_id(report, number), "child")
    assert child == {"description": story, "extra": "x", "child": {"full_name": f"Bé {number}"}}
    suspect = open_part(service.store, service.keyring, case_id(report, number), "suspect")
    assert suspect == {"suspects": [{"description": story[: len(story) // 4]}]}


def test_a_flood_of_long_reports_with_many_children_is_projected_in_bounded_bytes(service, reports, monkeypatch):
    flood = [long_report(reports) for _ in range(20)]
    length = len(STORY.encode()) * 5 // 4
    held = []
    real = service.projector._rewrap

    def rewrap(received, *more):
        kept = list(received)
        if kept:
            held.append(sum(len(message.body) for _, message in kept))
        return real(kept, *more)

    monkeypatch.setattr(service.projector, "_rewrap", rewrap)
    with watched(service.store) as sizes:
        assert service.projector([delivered(one) for one in flood]) == [Done()] * 20
    written = [size for _, _, size in sizes.calls]
    assert max(written) <= MOST_BYTES + REST
    assert sum(written) <= 20 * (length + REST)
    assert max(held) <= MOST_BYTES
    assert service.store.cases.count_documents({}) == 20 * CHILDREN
    for report in (flood[0], flood[-1]):
        opens(service, report, 1)
        opens(service, report, CHILDREN)


def test_who_a_child_is_is_read_without_the_story(service, reports):
    report = long_report(reports)
    service.project(report)
    found = list(each_own(service.store, service.keyring, [case_id(report, 3)], "child"))
    assert found == [(case_id(report, 3), {"child": {"full_name": "Bé 3"}})]
    assert names(service.store, case_id(report)) == ["child", "reporter", "suspect"]


def test_the_story_goes_with_the_last_child(service, reports):
    report = long_report(reports, children=3)
    service.project(report)
    assert service.store.sealed_parts.count_documents({"case_id": report.id}) == 2
    for number in (1, 2):
        # The first is the one whose key the story's own came from.
        erase(service.store, service.keyring, case_id(report, number), WHO, "r", AT)
        with pytest.raises(Erased):
            open_part(service.store, service.keyring, case_id(report, number), "child")
        opens(service, report, 3)
    text = list(service.store.sealed_parts.find({"case_id": report.id}))
    erase(service.store, service.keyring, case_id(report, 3), WHO, "r", AT)
    assert service.store.sealed_parts.count_documents({}) == 0
    # Nor does a copy of the text itself open, from whatever backup: nobody has its key.
    service.store.sealed_parts.insert_many(text)
    service.project(report)
    assert service.store.sealed_parts.count_documents({}) == len(text)
    with pytest.raises(Erased):
        open_part(service.store, service.keyring, case_id(report, 3), "child")


def test_copies_and_repeats_store_the_story_once(service, reports):
    report = long_report(reports, children=2)
    again = long_report(reports, children=2, incident=report.id, received="2023-05-20T08:00:00+07:00")
    service.project(report)
    before = list(service.store.sealed_parts.find().sort("_id", 1))
    service.project(report, accepted_elsewhere(again, "2023-05-20T08:00:00+07:00"), report)
    service.another_projector()([delivered(report)])
    assert list(service.store.sealed_parts.find().sort("_id", 1)) == before
    opens(service, report, 2)


def test_after_a_crash_between_text_and_cases_both_belong_together(service, reports):
    report = long_report(reports, children=2)
    service.project(report)
    # The cases' documents were not written; then the first child was erased, whose key the text's came from.
    service.store.sealed_parts.delete_many({"_id": {"$regex": rf"^{report.id}-\d+\|"}})
    service.store.facts.delete_many({})
    erase(service.store, service.keyring, case_id(report, 1), WHO, "r", AT)
    service.project(report)
    opens(service, report, 2)


def test_a_text_or_its_key_that_was_moved_does_not_open(service, reports):
    report, other = long_report(reports, children=2), long_report(reports, children=2)
    service.project(report, other)
    parts, one, two = service.store.sealed_parts, case_id(report, 1), case_id(report, 2)
    shares = {case: parts.find_one({"case_id": case})["shares"] for case in (one, two)}
    parts.update_one({"case_id": two}, {"$set": {"shares": shares[one]}})
    with pytest.raises(Unopened):
        open_part(service.store, service.keyring, two, "child")
    foreign = parts.find_one({"case_id": other.id, "_id": {"$regex": r"\|child\|"}})
    parts.update_one({"_id": shares[one][0][1]}, {"$set": {"parts": foreign["parts"]}})
    with pytest.raises(Unopened):
        open_part(service.store, service.keyring, one, shares[one][0][0])
    parts.delete_one({"_id": shares[one][0][1]})
    with pytest.raises(NotSealed):
        open_part(service.store, service.keyring, one, shares[one][0][0])


def test_a_long_supplement_is_shared_too(service, reports, sealer):
    report = long_report(reports, "kể", children=5)
    more = supplement(report, sealer, {"child": {"description": STORY}})
    service.project(report, more)
    assert stored(service) < len(STORY.encode()) + REST
    for number in (1, 5):
        found = open_part(service.store, service.keyring, case_id(report, number), f"child:{more.id}")
        assert found == {"description": STORY}
    assert f"child:{more.id}" in names(service.store, case_id(report))


def test_two_copies_in_one_batch_lose_nothing_that_either_told(service, reports):
    from dataclasses import replace

    report = long_report(reports, children=2)
    sealed = report.data["sealed"]
    broken = {**sealed, "parts": {**sealed["parts"], "child": sealed["parts"]["suspect"]}}
    service.project(replace(report, data={**report.data, "sealed": broken}), report)
    opens(service, report, 1)
    opens(service, report, 2)


def test_originals_whose_key_came_later_are_opened_a_few_at_a_time(service, reports, tmp_path, keys):
    generate(tmp_path / "other", tmp_path / "other.pem")
    stranger = Sealer(*load_public(tmp_path / "other.pem"))
    some = [long_report(reports, children=2, sealer=stranger) for _ in range(6)]
    service.project(*some)
    first = facts.still_sealed(service.store.facts, "", 500)
    assert 1 <= len(first) < len(some)
    for file in (tmp_path / "other").glob("*.pem"):
        (keys / file.name).write_bytes(file.read_bytes())
    assert service.projector.refold_incomplete() >= len(some)
    for report in some:
        opens(service, report, 2)


def test_what_is_larger_than_a_call_goes_alone():
    assert list(in_calls([3, 4, 9, 1, 1], lambda one: one, most=7)) == [[3, 4], [9], [1, 1]]
    assert list(in_calls([], len)) == []
