from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.notify import states
from services.notify.channels.base import Failed, Sent, Unknown
from services.notify.dispatching import after, before, changes_of
from services.notify.store.claims import Held

NOW = datetime(2026, 1, 5, 3, tzinfo=UTC)
HELD = Held("d", "c", "sms", "+84000000101", 1, "claim", 0, 0, NOW + timedelta(hours=1), NOW + timedelta(seconds=40))


def judged(held, result, safe=True):
    return after(held, result, repeats_safely=safe, now=NOW, rand=lambda: 1.0)


@pytest.mark.parametrize(
    ("held", "wanted", "safe", "state"),
    [
        (HELD, True, True, None),
        (HELD, False, True, states.EXPIRED),
        (replace(HELD, doubtful=1), False, True, states.UNKNOWN),
        (replace(HELD, expires_at=NOW), True, True, states.EXPIRED),
        (replace(HELD, doubtful=1), True, False, None),
        (replace(HELD, doubtful=2), True, False, states.UNKNOWN),
        (replace(HELD, doubtful=9), True, True, None),
        (replace(HELD, lease_ends=NOW + timedelta(seconds=12)), True, True, None),
    ],
)
def test_before_the_call(held, wanted, safe, state):
    outcome = before(held, wanted=wanted, repeats_safely=safe, now=NOW)

    assert (outcome.state if outcome else None) == state
    assert outcome is None or outcome.next_at is None


@pytest.mark.parametrize(
    ("held", "result", "safe", "state", "seconds"),
    [
        (HELD, Sent("id"), True, states.ACCEPTED, None),
        (HELD, Failed("x", "permanent"), True, states.FAILED_PERMANENT, None),
        (HELD, Failed("x", "temporary"), True, states.FAILED_TEMPORARY, 5),
        (replace(HELD, failures=2), Failed("x", "temporary"), True, states.FAILED_TEMPORARY, 20),
        (replace(HELD, failures=99), Failed("x", "temporary"), True, states.FAILED_TEMPORARY, 300),
        (HELD, Unknown("x"), True, states.UNKNOWN, 2),
        (HELD, Unknown("x"), False, states.UNKNOWN, 2),
        (replace(HELD, doubtful=1), Unknown("x"), False, states.UNKNOWN, None),
        (replace(HELD, doubtful=1), Unknown("x"), True, states.UNKNOWN, 4),
    ],
)
def test_after_the_call(held, result, safe, state, seconds):
    outcome = judged(held, result, safe)

    assert outcome.state == state
    assert outcome.next_at == (None if seconds is None else NOW + timedelta(seconds=seconds))


def test_only_refusals_count_as_failures():
    assert changes_of(judged(HELD, Failed("x", "temporary")), HELD, NOW)[0]["failures"] == 1
    assert "failures" not in changes_of(judged(HELD, Unknown("x")), HELD, NOW)[0]


def test_a_call_that_would_outlive_its_lease_is_not_begun():
    late = replace(HELD, lease_ends=NOW + timedelta(seconds=11))

    outcome = before(late, wanted=True, repeats_safely=True, now=NOW)

    assert outcome is not None
    assert (outcome.state, outcome.next_at, outcome.outcome) == (states.PENDING, NOW, "not_sent")
