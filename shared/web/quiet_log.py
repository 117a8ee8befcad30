"""gunicorn's own log, as lines like all others: what happened, never who asked or what was sent.

Its messages carry addresses, header lines and tracebacks in their arguments; the formatter of `shared.logs` writes the
constant part of a message alone.
"""

from __future__ import annotations

import logging
from typing import Any

from gunicorn.glogging import Logger


class QuietLog(Logger):  # type: ignore[misc]
    """Hands everything to the root logger that `shared.logs.configure` has set up."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            log.handlers = []
        self.error_log.propagate = True
        self.access_log.disabled = True
        self.error_log.setLevel(logging.WARNING)
