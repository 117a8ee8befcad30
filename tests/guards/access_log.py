"""The guards of the access log: what was done to it is seen, and who reads it."""

from __future__ import annotations

from tests.guards.conftest import Guard, tests_of

_STAFF = "services/reporting/staff"
_LOG = ("tests/unit/reporting/test_access_log.py",)
_log_page = tests_of("tests/integration/reporting/test_log_page.py")

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
        f"{_STAFF}/log_rows.py",
        '{**match, "unit": {"$in": sorted({*self.mine, *self.above})}}',
        "{**match}",
        _log_page("test_nobody_elses_rows_are_found_by_a_filter"),
    ),
    Guard(
        "an auditor reads nothing else of those above",
        f"{_STAFF}/log_rows.py",
        'return row if row["unit"] in self.mine else None',
        "return row",
        _log_page("test_a_page_that_looked_at_enough_leads_on"),
    ),
    Guard(
        "an auditor reads of those above what is about cases of his place",
        f"{_STAFF}/log_rows.py",
        'if row["unit"] not in self.mine and case.get("counted_in") not in self.mine:',
        "if False:",
        _log_page("test_of_those_above_the_auditor_reads_what_they_did_with_cases_of_here"),
    ),
    Guard(
        "an auditor who must not know finds no row",
        f"{_STAFF}/log_rows.py",
        "return self.sight.viewer.contact is None or not self.sight.kept_from(case)",
        "return True",
        _log_page("test_an_auditor_finds_no_row_of_a_case_that_is_kept_from_him"),
    ),
)
