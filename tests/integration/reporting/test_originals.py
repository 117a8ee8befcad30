"""What stays sealed as it came holds its key, and after 20 days the operator is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.reporting.deadletters import Cupboard
from services.reporting.keys.housekeeping import Housekeeping
from services.reporting.keys.originals import Originals, originals, tell_of_old
from services.reporting.keys.rotation import rotate
from services.reporting.outbox import of_notices
from shared.events import decode, encode, validate
from shared.sealing import Sealer, generate, load_public, private_files
from shared.stopping import Stopping
from tests.integration.reporting.identities import Told
from tests.integration.reporting.test_erasing import AT, letter

NOW = datetime.now(UTC)


@pytest.fixture
def stranger(tmp_path):
    generate(tmp_path / "other", tmp_path / "other.pem")
    return Sealer(*load_public(tmp_path / "other.pem"))


def test_nothing_waits_where_everything_opens(service, reports, sealer):
    service.project(Told(reports, sealer).report)
    assert originals(service.store) == {}
    assert tell_of_old(service.store, NOW + timedelta(days=400)) == 0


def test_told_after_twenty_days_once_a_day(service, reports, stranger):
    service.project(Told(reports, stranger).report, Told(reports, stranger).report)
    stored = service.store.facts.find_one()["stored_at"]
    assert originals(service.store)[stranger.key_id].count == 2
    assert tell_of_old(service.store, stored + timedelta(days=19)) == 0
    day = stored.replace(hour=1) + timedelta(days=21)
    for hour in (0, 1, 2):
        assert tell_of_old(service.store, day + timedelta(hours=hour)) == 2
    waiting = of_notices(service.store).pending(10, set())
    assert len(waiting) == 1
    event = decode(waiting[0].message)
    validate(event)
    assert (event.name, event.data["topic"], event.data["detail"]) == ("operator.noted", "SEALED_TOO_LONG", "2")
    tell_of_old(service.store, day + timedelta(days=1))
    assert len(of_notices(service.store).pending(10, set())) == 2


def test_a_dead_letter_holds_its_key_until_it_is_sent_again(service, reports, sealer, keys, tmp_path):
    cupboard = Cupboard(service.store, tmp_path / "letters", keys)
    dead = letter(Told(reports, sealer).report)
    cupboard.put(dead)
    cupboard.put(replace(letter(Told(reports, sealer).report, body=b"[" + b"1" * 1024 * 1024), large=True))
    assert originals(service.store) == {sealer.key_id: Originals(2, AT)}
    service.store.dead_letters.update_many({"event_id": dead.event_id}, {"$set": {"replayed_at": NOW}})
    assert originals(service.store) == {sealer.key_id: Originals(1, AT)}


def test_a_key_with_an_original_outlives_its_time(service, reports, sealer, keys, tmp_path):
    told = Told(reports, sealer)
    broken = dict(told.report.data["sealed"]["parts"]) | {"reporter": "AAAA"}
    service.project(
        replace(told.report, data={**told.report.data, "sealed": {**told.report.data["sealed"], "parts": broken}})
    )
    public = tmp_path / "public.pem"
    rotate(service.store, keys, public, NOW + timedelta(days=31))
    done = rotate(service.store, keys, public, NOW + timedelta(days=70))
    assert (done.kept, done.destroyed, done.too_long) == ((sealer.key_id,), (), 1)
    done = rotate(service.store, keys, public, NOW + timedelta(days=71), give_up=[sealer.key_id])
    assert done.destroyed == (sealer.key_id,)
    assert sealer.key_id not in [file.key_id for file in private_files(keys)]
    # What had opened stays open: the case has its own key.
    assert service.table("2023-06", "sex") == {"FEMALE": 1, "MALE": 1}


def test_a_worker_takes_the_new_key_without_a_restart(service, reports, keys, tmp_path):
    public = tmp_path / "public.pem"
    rotate(service.store, keys, public, NOW + timedelta(days=31))
    told = Told(reports, Sealer(*load_public(public)))
    service.project(told.report)
    told.opens(service)


def test_the_house_is_looked_after_once_a_day(service, reports, stranger, tmp_path):
    service.project(Told(reports, stranger).report)
    day = [NOW + timedelta(days=30)]
    told = []
    tried = []
    house = Housekeeping(
        service.store,
        Stopping(),
        told=lambda: told.append(day[0]),
        again=lambda: tried.append(day[0]) or 0,
        now=lambda: day[0],
    )
    for _ in range(3):
        house.once()
    assert len(told) == 1
    day[0] += timedelta(days=1)
    house.once()
    house.once()
    assert (len(told), len(tried)) == (2, 1)


def test_an_old_letter_stays_in_the_notice_without_a_word_of_it(service, reports, stranger):
    told = Told(reports, stranger)
    service.project(told.report)
    tell_of_old(service.store, NOW + timedelta(days=30))
    assert told.markers.found_in({"notices": str(list(service.store.operator_notices.find())).encode()}) == []
    assert encode(told.report).body not in str(list(service.store.operator_notices.find())).encode()
