"""What to do with a claimed delivery, before the call and after it (pure)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.notify import states
from services.notify.channels.base import Failed, Result, Sent
from services.notify.store.claims import Held
from shared.backoff import delay

_FIRST_WAIT, _LONGEST_WAIT = 5.0, 300.0
_UNKNOWN_FIRST, _UNKNOWN_CAP = 2.0, 60.0
# One call and one repeat: a repeated alert beats a missing one, a third one only teaches people to ignore them.
_DOUBTFUL_CALLS = 2
# As long as the slowest call takes: begun later, it would end after the lease, and another one would repeat it.
CALL = timedelta(seconds=12)


@dataclass(frozen=True)
class Outcome:
    """`state` and `next_at` of the delivery from now on, and the reason kept with the attempt."""

    state: str
    next_at: datetime | None
    outcome: str
    reason: str | None = None
    provider_id: str | None = None
    failure: bool = False


def before(held: Held, *, wanted: bool, repeats_safely: bool, now: datetime) -> Outcome | None:
    """None: send it. Otherwise what to write instead of sending."""
    if not wanted:
        # Acknowledged, or not to be told any more. Whether an earlier call arrived stays unknown.
        return Outcome(states.UNKNOWN if held.doubtful else states.EXPIRED, None, "not_sent", "not_wanted")
    if now >= held.expires_at:
        return Outcome(states.UNKNOWN if held.doubtful else states.EXPIRED, None, "not_sent", "too_old")
    if held.doubtful >= _DOUBTFUL_CALLS and not repeats_safely:
        return Outcome(states.UNKNOWN, None, "not_sent", "repeated_once")
    if now > held.lease_ends - CALL:
        return put_back(held, now, "no_time_left")
    return None


def put_back(held: Held, now: datetime, reason: str) -> Outcome:
    """Nothing was sent and it is due again at once."""
    return Outcome(states.UNKNOWN if held.doubtful else states.PENDING, now, "not_sent", reason)


def after(held: Held, result: Result, *, repeats_safely: bool, now: datetime, rand: Callable[[], float]) -> Outcome:
    """What became of the call."""
    if isinstance(result, Sent):
        reason = "known_to_provider" if result.repeated else None
        return Outcome(states.ACCEPTED, None, states.ACCEPTED, reason, result.provider_id)
    if isinstance(result, Failed):
        if result.kind == "permanent":
            return Outcome(states.FAILED_PERMANENT, None, states.FAILED_PERMANENT, result.reason, failure=True)
        wait = delay(held.failures + 1, first=_FIRST_WAIT, cap=_LONGEST_WAIT, rand=rand)
        return Outcome(
            states.FAILED_TEMPORARY,
            now + timedelta(seconds=wait),
            states.FAILED_TEMPORARY,
            result.reason,
            failure=True,
        )
    doubtful = held.doubtful + 1
    if doubtful >= _DOUBTFUL_CALLS and not repeats_safely:
        return Outcome(states.UNKNOWN, None, states.UNKNOWN, result.reason)
    wait = delay(doubtful, first=_UNKNOWN_FIRST, cap=_UNKNOWN_CAP, rand=rand)
    return Outcome(states.UNKNOWN, now + timedelta(seconds=wait), states.UNKNOWN, result.reason)


def changes_of(outcome: Outcome, held: Held, now: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fields of the delivery and of the attempt."""
    delivery: dict[str, Any] = {"state": outcome.state, "next_at": outcome.next_at, "updated_at": now}
    if outcome.failure:
        delivery["failures"] = held.failures + 1
    attempt = {"ended_at": now, "outcome": outcome.outcome}
    attempt |= {"reason": outcome.reason, "provider_id": outcome.provider_id}
    return delivery, attempt
