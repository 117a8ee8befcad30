"""Everything but facts can be made again."""

from __future__ import annotations

import shutil

from services.reporting.documents import facts
from services.reporting.rebuild import rebuild
from services.reporting.rollups import Rollups
from shared.events import encode
from shared.messaging.outcomes import Dead, Done
from shared.sealing import Sealer, generate, load_public
from tests.integration.reporting.conftest import NOW
from tests.integration.reporting.made import accepted_elsewhere, alert, delivered

GIRL = {"sex": "FEMALE", "age_received": 9}


def run(service):
    return rebuild(service.store, service.another_projector(), Rollups(service.store), service.folder.current())


def some(reports):
    moved = reports.report(received="2023-06-20T08:00:00+07:00", children=[GIRL, {}])
    return [
        moved,
        accepted_elsewhere(moved, "2023-05-20T08:00:00+07:00"),
        reports.report(kinds=["NEGLECT"], village="thon-1"),
        reports.report(received="2025-08-20T08:00:00+07:00"),
        reports.report(drill=True),
        alert(moved.id, "raised", 1),
    ]


def test_a_rebuild_gives_identical_rollups(service, reports):
    for event in some(reports):
        service.project(event)
        service.clean()
    before = service.figures()
    assert len(before) > 5
    run(service)
    assert service.figures() == before


def test_a_rebuild_restores_cases_and_rollups_that_were_lost(service, reports):
    service.project(*some(reports))
    service.clean()
    before = {key: numbers for key, numbers in service.figures().items() if not key.endswith("|2023-06b")}
    for collection in (service.store.cases, service.store.rollups, service.store.segments):
        collection.delete_many({})
    run(service)
    assert service.figures() == before
    assert service.total("2023-06") == 1
    assert service.total("2023", "province", unit="thanh-hoa") == 3


def test_a_rebuild_leaves_what_is_not_its_own(service, reports):
    service.project(*some(reports))
    service.store.database["snapshots"].insert_one({"_id": 1, "approved": True})
    before = list(service.store.facts.find().sort("_id", 1))
    run(service)
    assert list(service.store.facts.find().sort("_id", 1)) == before
    assert service.store.database["snapshots"].find_one() == {"_id": 1, "approved": True}


def test_a_child_whose_part_was_sealed_with_another_key_is_counted_as_unknown(service, reports, tmp_path):
    generate(tmp_path / "other", tmp_path / "other.pem")
    other = Sealer(*load_public(tmp_path / "other.pem"))
    service.project(reports.report(children=[GIRL, GIRL], sealer=other, village="thon-2"))
    assert service.total("2023-06") == 2
    assert service.table("2023-06", "sex") == {"UNKNOWN": 2}
    assert service.table("2023-06", "village") == {"thon-2": 2}
    assert service.store.dead_letters.count_documents({}) == 0


def test_the_key_that_arrives_later_opens_what_was_kept(service, reports, keys, tmp_path):
    generate(tmp_path / "other", tmp_path / "other.pem")
    other = Sealer(*load_public(tmp_path / "other.pem"))
    service.project(reports.report(children=[GIRL], sealer=other))
    service.clean()
    for file in (tmp_path / "other").glob("*.pem"):
        shutil.copy(file, keys)
    assert service.projector.refold_incomplete() == 1
    assert service.table("2023-06", "sex") == {"FEMALE": 1}
    assert service.projector.refold_incomplete() == 0


def test_a_part_moved_to_another_incident_does_not_open(service, reports):
    good, bad = reports.report(children=[GIRL]), reports.report(children=[GIRL])
    bad.data["sealed"] = good.data["sealed"]
    service.project(bad)
    assert service.table("2023-06", "sex") == {"UNKNOWN": 1}


def test_no_sealed_content_stands_in_the_database(service, reports):
    service.project(reports.report(children=[GIRL | {"full_name": "MARKER-A"}]))
    service.clean()
    for name in service.store.database.list_collection_names():
        for document in service.store.database[name].find():
            assert "MARKER-A" not in str(document)


def unfoldable(reports, **facts):
    """As a broken producer might write it; intake does not."""
    return reports.report(received="0001-01-01T00:00:00+07:00", accepted_at="0001-01-01T00:00:00+07:00", **facts)


def test_a_time_of_the_year_one_keeps_no_child_out_of_the_number(service, reports):
    odd = reports.report(occurred_at="0001-01-01T00:00:00+07:00")
    service.project(odd, reports.report())
    service.project(alert(odd.id, "raised", 1))
    assert service.total("2023-06") == 2
    assert service.store.cases.find_one({"incident_id": odd.id})["alerts"]
    assert run(service) == []


def test_what_cannot_be_folded_is_named_and_keeps_nobody_else_waiting(service, reports):
    bad, good = unfoldable(reports), reports.report()
    outcomes = service.projector([delivered(one) for one in (bad, alert(bad.id, "raised", 1), good)])
    assert outcomes == [Dead("cannot be folded: no usable time of reception"), Done(), Done()]
    assert service.total("2023-06") == 1
    found = service.get("/v1/reconciliation", "operator").get_json()
    assert (found["missing"], found["unfolded_count"]) == (0, 1)
    assert [(one["incident_id"], one["reason"]) for one in found["unfolded"]] == [
        (bad.id, "no usable time of reception")
    ]
    assert run(service) == [bad.id]
    assert service.total("2023-06") == 1


def test_what_folds_again_is_no_longer_listed(service, reports):
    bad = unfoldable(reports)
    service.project(bad)
    # Whatever mends it: here an earlier copy that is whole, as another replica may have written it.
    service.store.facts.update_one({"_id": bad.id}, {"$set": {"body": encode(reports.report(incident=bad.id)).body}})
    assert run(service) == []
    assert service.get("/v1/reconciliation", "operator").get_json()["unfolded"] == []
    assert service.total("2023-06") == 1


def test_a_case_that_cannot_be_written_keeps_nobody_else_from_the_rebuild(service, reports):
    large, good = reports.report(), reports.report()
    service.project(large, good)
    event = alert(large.id, "raised", 2**70)
    facts.write(service.store.facts, [facts.Kept(event, encode(event))], NOW)
    assert run(service) == [large.id]
    assert service.total("2023-06") == 2
