"""The steps of a case that the software itself acts on (pure); what else can be recorded is the directory's."""

from __future__ import annotations

from collections.abc import Mapping

CONFLICT, RELEASED = "CONFLICT_DECLARED", "AGENCY_RELEASED"
REOPENED, MERGED = "REOPENED", "MERGED_INTO"
ENDS = frozenset({"CLOSED", "UNFOUNDED", "TRANSFERRED", MERGED})
PLAN, APPROVED = "PLAN_SUBMITTED", "PLAN_APPROVED"
ISOLATED, ISOLATION_ENDED = "ISOLATED", "ISOLATION_ENDED"

# An assessment without its result would say nothing to whoever decides by it.
ASSESSMENTS = frozenset({"INITIAL_ASSESSED", "DETAILED_ASSESSED"})
# Here what was written is the step itself, or what ends a clock or a case would have no reason.
WORDS_NEEDED = frozenset({"QUESTION_TO_REPORTER", "EMERGENCY_NOT_NEEDED", *ENDS})
# These declare conflicts of their own agency and its people alone, unless whoever may also let others back in has
# delegated that to them.
FOR_THEMSELVES = frozenset({"school", "clerk"})

# Of each clock the steps that meet it.
MEETS: Mapping[str, frozenset[str]] = {
    "EMERGENCY_MEASURE": frozenset({"EMERGENCY_APPLIED", "EMERGENCY_NOT_NEEDED", ISOLATED}),
    "PLAN_SUBMITTED": frozenset({PLAN}),
    "PLAN_APPROVED": frozenset({APPROVED}),
    "ISOLATION_END": frozenset({ISOLATION_ENDED}),
}
