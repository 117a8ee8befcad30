"""JSON log lines that can hold nothing personal.

A line carries only the keys below: whatever else a call passes is dropped and its key is named in `dropped`. So a
forgotten `log.info(..., body=...)` costs a field, not a child's name.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

ALLOWED = frozenset(
    """
    event level timestamp service logger module action agency alert_id alerts at attempt batch cases channel code
    commune count delay delivery dependency deadline directory dropped duration_ms duty error event_id exchange file
    from_seq gap gaps held host incident_id intervals key_id kind level_no lines message method name node occasion
    outcome path_rule pending pid port problem provider queue reason retry routing_key rows rule scope seq seqs
    since spool state status step target_kind threads to_seq trace unit units url_host value version wanted
    warnings worker
    """.split()
)


def configure(service: str, level: str = "INFO") -> None:
    """Send everything, the standard library's loggers included, to stderr as one JSON object a line."""
    shared = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _stamp(service),
        _exception_type_only,
        _allow_listed,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_StandardLibrary(service))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def get(name: str) -> Any:
    """A structlog logger bound to the name of a module."""
    # Bound lazily: modules ask for their logger at import, before the process has configured anything.
    return structlog.get_logger(module=name)


def _stamp(service: str) -> Any:
    def stamp(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        line["service"] = service
        return line

    return stamp


def _exception_type_only(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    # The text of an exception may quote the document that failed (BulkWriteError does): only its type and place stay.
    info = line.pop("exc_info", None)
    if info:
        error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
        line["error"], line["trace"] = type(error).__name__, _frames(error)
    elif isinstance(line.get("error"), BaseException):
        line["error"], line["trace"] = type(line["error"]).__name__, _frames(line["error"])
    return line


def _frames(error: Any) -> list[str]:
    frames, trace = [], getattr(error, "__traceback__", None)
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename.rsplit('/', 2)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return frames[-8:]


def _allow_listed(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    unknown = [key for key in line if key not in ALLOWED]
    for key in unknown:
        del line[key]
    if unknown:
        # Names only of keyword arguments that our own code passes; a key is never made from data.
        line["dropped"] = sorted(unknown)
    return line


class _StandardLibrary(logging.Formatter):
    """Foreign libraries: their logger, level and the constant part of the message, never its arguments."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "event": record.msg if isinstance(record.msg, str) and record.args else "library message",
            "level": record.levelname.lower(),
            "logger": record.name,
            "service": self._service,
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"], line["trace"] = type(record.exc_info[1]).__name__, _frames(record.exc_info[1])
        return str(structlog.processors.JSONRenderer(ensure_ascii=False)(None, "", line))
