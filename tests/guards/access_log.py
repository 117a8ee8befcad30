"""The guards of the access log: what was done to it is seen, and who reads it."""

from __future__ import annotations

from tests.guards.conftest import Guard

_STAFF = "services/reporting/staff"
_LOG = ("tests/unit/reporting/test_access_log.py",)


def _log_page(*names: str) -> tuple[str, ...]:
    return tuple(f"tests/integration/reporting/test_log_page.py::{name}" for name in names)


ACCESS_LOG = (
    Guard(
        "a changed row is seen",
        "services/reporting/access_log.py",
        'if row.get("hash") != hash_of(row):',
        "if False:",
        _LOG,
    ),
    Guard(
        "a row that is missing is seen",
        "services/reporting/access_log.py",
        'if row["_id"] != number:',
        "if False:",
        _LOG,
    ),
    Guard(
        "a log written anew is seen",
        "services/reporting/access_log.py",
        "if known.pop(number, {previous}) != {previous}:",
        "if known.pop(number, None) is None and False:",
        _LOG,
    ),
    Guard(
        "a log that was cut off is seen", "services/reporting/access_log.py", "    if known:\n", "    if False:\n", _LOG
    ),
    Guard(
        "an auditor reads of his own place",
        f"{_STAFF}/log_pages.py",
        '{"unit": {"$in": _units()}}',
        "{}",
        _log_page("test_the_auditor_reads_who_did_what_and_nobody_elses_business"),
    ),
)
