"""Intake without its door: a report is read, judged and answered, and nothing is sealed, kept or published."""

from __future__ import annotations

from typing import Any

from services.intake.__main__ import main
from services.intake.door import Accepted, Door
from services.intake.report import Report

_CANNED = Accepted(
    incident_id="018c84a0-0000-5000-8000-000000000000",
    code="7K3M9QX2AB",
    case_ids=("018c84a0-0000-5000-8000-000000000001", "018c84a0-0000-5000-8000-000000000002"),
    receipt="0000 0000 0000 0000 0000",
    follow_up_url="http://lentieng.test/v1/incidents/5f0c7f0a-7d7e-5d0f-9d0a-000000000001/state",
    warnings=(),
    again=False,
)


def accept(door: Door, report: Report, **_: Any) -> Accepted:
    return _CANNED


if __name__ == "__main__":
    Door.accept = accept  # type: ignore[method-assign]
    main()
