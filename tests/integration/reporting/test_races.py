"""Two who work at once, and a process that dies between two steps: the number is right and nothing is left old."""

from __future__ import annotations

import threading

import pytest

from services.reporting.rollups import Rollups
from shared import crashpoints
from tests.integration.reporting.made import accepted_elsewhere, alert, delivered

STEPS = ("reporting.facts_written", "reporting.cases_written", "reporting.segments_wanted")


class Killed(BaseException):
    """Stands for SIGKILL: no handler of the product catches it."""


class Once:
    """A hook that does something the first time it is reached."""

    def __init__(self, action):
        self._action, self._reached = action, False

    def __call__(self):
        if not self._reached:
            self._reached = True
            self._action()


class Held:
    """A hook that stops the first thread that comes until it is let go."""

    def __init__(self):
        self.reached, self.go = threading.Event(), threading.Event()
        self._first = True

    def __call__(self):
        if self._first:
            self._first = False
            self.reached.set()
            assert self.go.wait(10)


def test_a_projector_held_between_read_and_write_does_not_undo_the_other(service, reports):
    report = reports.report(received="2023-06-20T08:00:00+07:00")
    service.project(report)
    held = Held()
    slow = service.another_projector(between=held)
    thread = threading.Thread(target=slow, args=([delivered(alert(report.id, "raised", 1))],))
    thread.start()
    assert held.reached.wait(10)
    service.project(accepted_elsewhere(report, "2023-06-02T08:00:00+07:00"), alert(report.id, "acknowledged", 2))
    held.go.set()
    thread.join(10)
    assert not thread.is_alive()
    case = service.store.cases.find_one()
    assert case["segments"]["received_at"] == "2023-06a"
    assert [one["state"] for one in case["alerts"]] == ["acknowledged"]
    service.clean()
    assert service.store.segments.count_documents({"dirty": True}) == 0
    assert service.total("2023-06", calendar="administrative") == 1
    assert service.total("2023-07", calendar="administrative") == 0
    service.no_old_numbers()


def test_two_projectors_of_the_same_new_report_make_one_case(service, reports):
    report = reports.report()
    other = service.another_projector()
    slow = service.another_projector(between=Once(lambda: other([delivered(report)])))
    slow([delivered(report)])
    assert service.store.cases.count_documents({}) == 1
    assert service.total("2023-06") == 1


@pytest.mark.parametrize("slow_unit", ["binh-luong", "thanh-hoa"])
def test_a_recompute_that_is_overtaken_leaves_no_old_number(service, reports, slow_unit):
    """The slow one has read its mark; meanwhile a report is projected and another recompute writes the newer number."""
    service.project(reports.report())

    def overtake():
        service.project(reports.report())
        assert service.total("2023-06") == 2
        assert service.total("2023", "province", unit="thanh-hoa") == 2

    slow = Rollups(service.store, between=Once(overtake))
    slow.read(slow_unit, ["2023-06a"], service.folder.current())
    assert service.total("2023-06") == 2
    assert service.total("2023", "province", unit="thanh-hoa") == 2
    service.clean()
    service.no_old_numbers()


def test_a_number_computed_while_a_report_comes_in_is_asked_for_again(service, reports):
    """The recompute reads the cases after a case was written and before its mark, so the mark asks for it again."""
    service.project(reports.report())
    slow = Rollups(service.store, between=Once(lambda: service.project(reports.report())))
    slow.read("binh-luong", ["2023-06a"], service.folder.current())
    service.clean()
    assert service.total("2023-06") == 2
    assert service.total("2023-06", "district", unit="nhu-xuan") == 2


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("event", ["first", "earlier"])
def test_a_crash_between_two_steps_costs_nothing(service, reports, monkeypatch, step, event):
    first = reports.report(received="2023-06-20T08:00:00+07:00")
    victim = first
    if event == "earlier":
        service.project(first)
        service.clean()
        victim = accepted_elsewhere(first, "2023-06-02T08:00:00+07:00")

    def reach(name):
        if name == step:
            raise Killed

    monkeypatch.setattr(crashpoints, "reach", reach)
    with pytest.raises(Killed):
        service.project(victim)
    monkeypatch.undo()
    service.clean()  # whoever comes next may compute before the message is delivered again
    service.another_projector()([delivered(victim)])
    early = 1 if event == "earlier" else 0
    assert service.total("2023-06", calendar="administrative") == early
    assert service.total("2023-07", calendar="administrative") == 1 - early
    assert service.total("2023", "province", unit="thanh-hoa") == 1
    service.clean()
    service.no_old_numbers()


def test_a_crash_between_the_marks_of_a_commune_and_those_above_costs_nothing(service, reports, monkeypatch):
    from services.reporting import marking

    service.project(reports.report())
    service.clean()
    real = marking.segments.want
    calls = []

    def want(segments, pairs):
        calls.append(1)
        if len(calls) == 2:
            raise Killed
        real(segments, pairs)

    report = reports.report()
    monkeypatch.setattr(marking.segments, "want", want)
    with pytest.raises(Killed):
        service.project(report)
    monkeypatch.undo()
    service.clean()
    service.project(report)
    assert service.total("2023-06", "district", unit="nhu-xuan") == 2
    service.clean()
    service.no_old_numbers()


def test_many_projectors_and_recomputes_at_once_end_right(service, reports):
    batches = [[reports.report(children=[{}, {}]) for _ in range(5)] for _ in range(8)]
    failures = []

    def work(batch):
        try:
            service.another_projector()([delivered(event) for event in batch * 2])
            Rollups(service.store).read("thanh-hoa", ["2023-06a"], service.folder.current())
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(batch,)) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    service.clean()
    assert service.total("2023-06") == 80
    assert service.total("2023", "province", unit="thanh-hoa") == 80
    assert service.store.segments.count_documents({"dirty": True}) == 0
    service.no_old_numbers()


def test_one_thread_at_a_time_folds(service, reports):
    """One that has the tree of before would mark under it what the other has just marked under the new one."""
    free = []

    def look():
        other = threading.Thread(target=lambda: free.append(projector._one_at_a_time.acquire(blocking=False)))
        other.start()
        other.join()

    projector, report = service.another_projector(between=look), reports.report()
    projector([delivered(report)])
    projector.refold([report.id])
    assert free == [False, False]
