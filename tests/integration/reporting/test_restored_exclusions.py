"""Whatever data are restored: who must not know of a case does not, and nobody is taken for who sat there once."""

from __future__ import annotations

import pytest

from services.reporting.keys.backup import backup
from tests.integration.reporting.case_files import conflict, contacts_listed
from tests.integration.reporting.machines import AT
from tests.integration.reporting.made import supplement

ONE = [{"contact": "ca-1", "person": None, "addresses": ["aa"]}]


@pytest.fixture
def saved(service, here, backups, envelope):
    def save(**only):
        return backup(service.store, backups, envelope.to_public(), here, AT, **only)

    return save


def test_who_was_kept_out_after_the_data_were_written_stays_out(
    service, reports, sealer, saved, backups, envelope, elsewhere
):
    report = reports.report(children=[{}, {}])
    service.project(report)
    saved()
    told = conflict(report, withhold_contacts=["ca-1"])
    service.project(told, supplement(report, sealer, {}), conflict(report, 2, withhold_from=["th-binh-luong"]))
    saved(keys_only=True)
    machine = elsewhere()
    machine.restore(backups, envelope)
    found = list(machine.store.cases.find())
    assert [one["withhold_contacts"] for one in found] == [["ca-1"]] * 2
    assert [one["withhold_from"] for one in found] == [["th-binh-luong"]] * 2
    # What says nothing of who may know is the data's.
    assert machine.store.facts.count_documents({"name": "incident.supplemented"}) == 0


def test_what_is_in_both_files_is_there_once(service, reports, saved, backups, envelope, elsewhere):
    report = reports.report()
    service.project(report, conflict(report, withhold_contacts=["ca-1"]))
    saved()
    machine = elsewhere()
    machine.restore(backups, envelope)
    assert machine.store.facts.count_documents({}) == 2
    assert machine.store.cases.find_one()["withhold_contacts"] == ["ca-1"]


def test_who_sits_where_is_not_restored_from_any_data(service, saved, backups, envelope, elsewhere):
    """Without a list nobody sees a case; by an old one somebody is taken for who he was."""
    service.project(contacts_listed("ca-binh-luong", 1, ONE))
    saved()
    machine = elsewhere()
    machine.restore(backups, envelope)
    assert machine.store.rosters.count_documents({}) == 0


def test_a_worker_that_was_started_once_is_not_in_the_way(service, reports, saved, backups, envelope, elsewhere):
    service.project(reports.report())
    service.projector.refold_incomplete()
    saved()
    machine = elsewhere()
    machine.service().project()
    machine.service().projector.refold_incomplete()
    assert machine.store.state.count_documents({}) > 0
    machine.restore(backups, envelope)
    assert machine.store.access_log.find_one({"action": "RESTORED"}) is not None
    assert machine.store.state.find_one({"_id": "backup serial"})["number"] == 1
