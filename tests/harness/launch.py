"""Run a service as a test wants it: killed or stopped at a named place, with some of its waits made short.

    python -m tests.harness.launch --arm notify.before_send=1 -- services.notify worker run
    python -m tests.harness.launch --traps DIR --quick lease=5 -- services.notify worker run
    python -m tests.harness.launch --traps DIR --lose 700 -- services.notify worker run

`--arm NAME=N`: SIGKILL when the place is reached for the n-th time. `--traps DIR`: looks there at every place for a
file of that name with `KILL N` or `STOP N` inside, which can be laid while the service runs. A trap that springs is
renamed to `<name>.sprung`, so it springs once, in whichever process of the service comes there first. Deliveries that
the broker had to take back before are written down there too, one count a line, in `returned`. `--lose N`: the N-th
report that comes is thrown away as if it had been handled, and its id written into `lost`. Nothing in the product knows
of this module.
"""

from __future__ import annotations

import argparse
import importlib
import itertools
import os
import runpy
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from shared import crashpoints

# What an experiment may make shorter (seconds) or smaller (bytes). Everything else is as in production.
KNOBS = {
    "lease": "services.notify.store.claims:LEASE",
    "call": "services.notify.dispatching:CALL",
    "gap": "services.notify.gap_alarm:GapAlarm.__init__/age",
    "reassert": "shared.messaging.consumer:Consumer.__init__/reassert_every",
    "tally": "services.intake.tally:_QUIET",
    "tally_again": "services.intake.tally:_AGAIN",
    "room": "services.intake.spool.spool:_ROOM",
}


class Traps:
    """Wraps `crashpoints.reach`. A place is passed by any thread of any process of the service."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._passed: dict[str, int] = {}
        self._lock = threading.Lock()
        self._reach = crashpoints.reach

    def reach(self, name: str) -> None:
        self._reach(name)
        trap = self._folder / name
        if not trap.exists():
            return
        with self._lock:
            try:
                what, count = trap.read_text(encoding="ascii").split()
                self._passed[name] = self._passed.get(name, 0) + 1
                if self._passed[name] < int(count):
                    return
                trap.rename(trap.with_name(f"{name}.sprung"))  # who comes second finds nothing to rename
            except (FileNotFoundError, ValueError):
                return
            self._passed[name] = 0
        os.kill(os.getpid(), signal.SIGKILL if what == "KILL" else signal.SIGSTOP)


def note_returned(file: Path) -> None:
    """Write down the delivery count of each delivery that has one. The broker's own statistics are seconds late."""
    from shared.messaging import session

    usual = session.delivery_count_of

    def noted(headers: Mapping[str, object]) -> int:
        count = usual(headers)
        if count:
            with file.open("a", encoding="ascii") as lines:
                lines.write(f"{count}\n")
        return count

    session.delivery_count_of = noted


def lose(at: int, file: Path) -> None:
    """A consumer with the worst of mistakes: it says Done to a report and has done nothing."""
    from shared.messaging.consumer import Consumer
    from shared.messaging.outcomes import Done

    usual = Consumer._handle
    came = itertools.count(1)

    def handle(consumer: Any, works: Sequence[Any]) -> None:
        kept = []
        for work in works:
            if work.delivery.event.name == "incident.reported" and next(came) == at:
                file.write_text(work.delivery.event.id, encoding="ascii")
                consumer._settlement.settle([(work.taken, Done())])
            else:
                kept.append(work)
        if kept:
            usual(consumer, kept)

    Consumer._handle = handle  # type: ignore[method-assign]


def turn(knob: str, value: float) -> None:
    """Set a constant, or the default of a keyword, before the service reads it."""
    module, _, path = KNOBS[knob].partition(":")
    path, _, keyword = path.partition("/")
    *way, last = path.split(".")
    place: Any = importlib.import_module(module)
    for name in way:
        place = getattr(place, name)
    if not hasattr(place, last):
        raise SystemExit(f"{KNOBS[knob]} is not there any more")
    if keyword:
        defaults = getattr(place, last).__kwdefaults__
        defaults[keyword] = _like(defaults[keyword], value)
    else:
        setattr(place, last, _like(getattr(place, last), value))


def _like(old: Any, value: float) -> Any:
    return timedelta(seconds=value) if isinstance(old, timedelta) else type(old)(value)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.harness.launch")
    parser.add_argument("--arm", action="append", default=[], metavar="NAME=N")
    parser.add_argument("--traps", type=Path)
    parser.add_argument("--lose", type=int, metavar="N")
    parser.add_argument("--quick", action="append", default=[], metavar="KNOB=VALUE")
    parser.add_argument("module")
    parser.add_argument("words", nargs="*")
    given = parser.parse_args()
    armed = [word.partition("=") for word in given.arm]
    crashpoints.arm({name: int(count or 1) for name, _, count in armed})
    if given.traps:
        crashpoints.reach = Traps(given.traps).reach
        note_returned(given.traps / "returned")
    if given.lose:
        lose(given.lose, given.traps / "lost")
    for name, _, value in (word.partition("=") for word in given.quick):
        turn(name, float(value))
    sys.argv = [given.module, *given.words]
    runpy.run_module(given.module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
