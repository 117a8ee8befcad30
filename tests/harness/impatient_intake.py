"""Intake that cuts a request after two seconds instead of thirty. Tests only."""

from __future__ import annotations

from services.intake.__main__ import main
from shared.web import bounded_worker

if __name__ == "__main__":
    bounded_worker.LONGEST = 2.0
    main()
