"""The guards of cases: the fold, the pages, the search, the figures and the state for partners."""

from __future__ import annotations

from tests.guards.conftest import Guard

_LIFE = ("tests/unit/reporting/test_lifecycle.py",)
_SIGHT = ("tests/unit/reporting/staff/test_sight.py",)
_CLOCKS = ("tests/unit/reporting/staff/test_case_clocks.py",)
_FORMS = ("tests/unit/reporting/staff/test_step_forms.py",)
_VIEWS = ("tests/unit/reporting/staff/test_case_views.py",)
_FIGURES = ("tests/integration/reporting/test_case_figures.py",)
_STATE = ("tests/integration/reporting/test_state.py",)
_SHOWING = ("tests/integration/reporting/test_openings.py",)
_LOOKUP, _OPENING = "services/reporting/staff/case_lookup.py", "services/reporting/staff/opening.py"
_LIFECYCLE, _SEEN = "services/reporting/lifecycle.py", "services/reporting/staff/sight.py"


def _opens(*names: str) -> tuple[str, ...]:
    return tuple(f"tests/integration/reporting/test_opening_parts.py::{name}" for name in names)


def _sees(*names: str) -> tuple[str, ...]:
    return tuple(f"tests/integration/reporting/test_who_sees_a_case.py::{name}" for name in names)


def _search(*names: str) -> tuple[str, ...]:
    return tuple(f"tests/integration/reporting/test_searching_cases.py::{name}" for name in names)


def _steps(*names: str) -> tuple[str, ...]:
    return tuple(f"tests/integration/reporting/test_case_steps.py::{name}" for name in names)


CASES = (
    Guard(
        "a conflict declared for one child holds for all",
        "services/reporting/cases.py",
        '"withhold_from": sorted(said.withhold_from),',
        '"withhold_from": _union(data, more, "withhold_from"),',
        _LIFE,
    ),
    Guard(
        "what a supplement asks counts for who writes late",
        _LIFECYCLE,
        "declared([*map(_Said, steps), *added], asked)",
        "declared(map(_Said, steps), asked)",
        _LIFE,
    ),
    Guard(
        "what the report asks counts for who writes late",
        _LIFECYCLE,
        "*added], asked)",
        "*added])",
        _LIFE,
    ),
    Guard(
        "what somebody writes who must not know decides nothing",
        _LIFECYCLE,
        '("afterwards", "own_plan", "no_plan")',
        '("own_plan", "no_plan")',
        _LIFE,
    ),
    Guard(
        "nobody approves their own plan",
        _LIFECYCLE,
        '("afterwards", "own_plan", "no_plan")',
        '("afterwards", "no_plan")',
        _LIFE,
    ),
    Guard(
        "nobody approves a plan that was not submitted",
        _LIFECYCLE,
        '("afterwards", "own_plan", "no_plan")',
        '("afterwards", "own_plan")',
        _LIFE,
    ),
    Guard(
        "nobody is offered to approve a plan that was not submitted",
        _SEEN,
        "approvable = plan is not None and not self._wrote(plan)",
        "approvable = plan is None or not self._wrote(plan)",
        _SIGHT,
    ),
    Guard(
        "nobody is offered to approve the plan of another hat",
        _SEEN,
        " or not told.isdisjoint(self.hats()[1])",
        "",
        _SIGHT,
    ),
    Guard(
        "a grant carries every hat",
        "services/reporting/staff/grants.py",
        "        hats=hats,\n        contacts=contacts,\n",
        "",
        _steps("test_a_grant_carries_every_hat_of_the_person"),
    ),
    Guard(
        "no gap in a form names who must not know",
        "services/reporting/staff/grants.py",
        "for agency in directory.agencies(unit, at=at)]",
        'for agency in directory.agencies(unit, at=at) if agency.code not in case["withhold_from"]]',
        _FORMS,
    ),
    Guard(
        "a school is offered its own agency alone",
        "services/reporting/staff/grants.py",
        "agencies=_own(sight) if narrow else agencies_near(case, sight),",
        "agencies=agencies_near(case, sight),",
        _FORMS,
    ),
    Guard(
        "those above do not read the relation from what they may let in",
        "services/reporting/staff/grants.py",
        "if sight.may_open(SUSPECT, case):",
        "if True:",
        _FORMS,
    ),
    Guard(
        "an alert that was taken back names nobody",
        "services/reporting/staff/case_view.py",
        'if inner or one.get("state") != "withdrawn"]',
        "]",
        _VIEWS,
    ),
    Guard(
        "the alert for another child's school is not shown",
        "services/reporting/cases.py",
        'if one.get("agency") not in schools - {child.get("school")}]',
        "]",
        _VIEWS,
    ),
    Guard(
        "what a search showed is written down",
        "services/reporting/staff/search_pages.py",
        '    _log_found(now, [case["code"] for case in shown])\n',
        "",
        _search("test_a_name_is_found_among_ones_own_cases_and_the_search_is_one_row"),
    ),
    Guard(
        "what was typed for a code stands in no address",
        "services/reporting/templates/staff/case_search.html",
        '<form method="post" action="{{ url_for(\'search.by_code\') }}">\n{{ csrf() }}\n<label for="ma">',
        '<form method="get" action="{{ url_for(\'search.form\') }}">\n<label for="ma">',
        _search("test_a_name_that_was_typed_where_the_code_belongs_stands_in_no_address"),
    ),
    Guard(
        "a few pages wait and no more",
        _LOOKUP,
        "waits = _waiting.acquire(blocking=False)",
        "waits = True",
        _steps("test_only_a_few_pages_wait_at_a_time_and_the_next_says_at_once_that_it_is_on_its_way"),
    ),
    Guard(
        "whose every alert was withdrawn is not involved",
        _LIFECYCLE,
        "if owner[alert] and not gone}",
        "if owner[alert]}",
        _LIFE,
    ),
    Guard(
        "the school of one child is nobody in the case of another",
        "services/reporting/cases.py",
        "if agency not in schools - {school}]",
        "if True]",
        _LIFE,
    ),
    Guard(
        "while cases are written the stricter holds",
        _SEEN,
        "for case in agreed(cases) if",
        "for case in cases if",
        _SIGHT,
    ),
    Guard(
        "the note of a step needs every part",
        _SEEN,
        "parts = PARTS if part.startswith(STEP_PART) else (part,)",
        'parts = ("child",) if part.startswith(STEP_PART) else (part,)',
        _SIGHT,
    ),
    Guard(
        "who submitted a plan does not approve it",
        _SEEN,
        "if step != APPROVED or approvable)",
        "if True)",
        _SIGHT,
    ),
    Guard(
        "an unverified length is not shown as law",
        "services/reporting/staff/case_clocks.py",
        'if clock.verified or clock.basis_kind != "decree" else _UNVERIFIED',
        "if True else _UNVERIFIED",
        _CLOCKS,
    ),
    Guard(
        "nobody rings a suspected parent by a tap",
        "services/reporting/staff/part_view.py",
        "if not _SUSPECTED.get(name, frozenset()).isdisjoint(suspected):",
        "if False:",
        _VIEWS,
    ),
    Guard(
        "who is suspected is for those who may open it",
        "services/reporting/staff/case_view.py",
        '("Người bị nghi là", "; ".join(relations) if inner else "")',
        '("Người bị nghi là", "; ".join(relations))',
        _VIEWS,
    ),
    Guard(
        "a list shows what authority lets",
        _LOOKUP,
        "return sight.only(endpoint, found[:limit]), len(found) > limit",
        "return found[:limit], len(found) > limit",
        _sees("test_excluded_is_absent_everywhere"),
    ),
    Guard(
        "a page shows what authority lets",
        _LOOKUP,
        'visible = sight.only("case.show", found or [_NOBODYS])',
        "visible = found",
        _sees("test_excluded_is_absent_everywhere"),
    ),
    Guard(
        "related codes are those one may see",
        _LOOKUP,
        'return sight.only("case.show", found)',
        "return found",
        _sees("test_excluded_is_absent_everywhere"),
    ),
    Guard(
        "a part opens to whoever may open it",
        _OPENING,
        "if not is_part(part) or not sight.may_open(part, case):",
        "if not is_part(part):",
        _sees("test_what_a_role_may_open_of_a_case_that_it_sees"),
    ),
    Guard(
        "an opening is written down",
        _OPENING,
        "    log(store, sight, OPENED, case=case, part=part, reason=reason, note=note)\n",
        "",
        _opens("test_from_the_code_of_an_sms_two_taps_lead_to_name_and_address"),
    ),
    Guard(
        "an opening has a reason",
        _OPENING,
        "if code not in {one.code for one in reasons(directory, at)}:",
        "if False:",
        _opens("test_without_a_reason_nothing_opens_and_nothing_is_written"),
    ),
    Guard(
        "what came about while the row was written counts",
        _OPENING,
        "    if not sight.may_open(part, case):\n        raise Forbidden\n    found",
        "    found",
        _SHOWING,
    ),
    Guard(
        "what was opened is shown once",
        "services/reporting/documents/openings.py",
        "openings.find_one_and_delete(asked)",
        "openings.find_one(asked)",
        _SHOWING,
    ),
    Guard(
        "what was opened is shown to the session that asked",
        "services/reporting/documents/openings.py",
        '"session": session, "case": case, "part": part, "expires_at": {"$gt": now}',
        '"case": case, "part": part, "expires_at": {"$gt": now}',
        _SHOWING,
    ),
    Guard(
        "what was opened is shown for two minutes",
        "services/reporting/documents/openings.py",
        '"part": part, "expires_at": {"$gt": now}}',
        '"part": part}',
        _SHOWING,
    ),
    Guard(
        "the key of one part opens no other",
        "services/reporting/documents/openings.py",
        '"case": case, "part": part, "expires_at": {"$gt": now}',
        '"case": case, "expires_at": {"$gt": now}',
        _SHOWING,
    ),
    Guard(
        "who worked on a case is named to those who may open everything",
        "services/reporting/staff/cases_pages.py",
        "names=names_of(sight, known) if everything else None,",
        "names=names_of(sight, known),",
        _SHOWING,
    ),
    Guard(
        "that a step was written is told to whoever wrote it",
        _LOOKUP,
        'step["event_id"] == event_id and step["by"] == sight.viewer.account and not step["client"]',
        'step["event_id"] == event_id',
        (
            "tests/integration/reporting/test_openings.py::test_who_declares_their_own_conflict_is_told_that_it_was_recorded",
        ),
    ),
    Guard(
        "after the wait for a step the case is read anew",
        "services/reporting/staff/cases_pages.py",
        "            sight = sight_now()\n            found = case_lookup.case_called(code, sight)\n    except",
        "    except",
        _steps("test_after_a_step_the_page_waits_for_it"),
    ),
    Guard(
        "who opens no identity does not search by one",
        "services/reporting/staff/search_pages.py",
        'if not sight.may(f"case.open.{CHILD}"):',
        "if False:",
        _search("test_who_may_open_no_identity_may_not_search_by_one"),
    ),
    Guard(
        "a search is written down",
        "services/reporting/staff/search_pages.py",
        '    log(parts().store, sight, SEARCHED, part=CHILD, note=f"{len(cases)}")\n',
        "",
        _search("test_a_name_is_found_among_ones_own_cases_and_the_search_is_one_row"),
    ),
    Guard(
        "of two lists of contacts the newer holds",
        "services/reporting/documents/rosters.py",
        '{"_id": agency, "version": {"$lt": roster["version"]}}',
        '{"_id": agency}',
        _sees("test_of_two_lists_the_newer_holds_in_whatever_order_they_come"),
    ),
    Guard(
        "nobody reads a small number of their own commune",
        "services/reporting/staff/figures_pages.py",
        "below, _NOBODY, sight.directory)",
        "below, unit.code, sight.directory)",
        _FIGURES,
    ),
    Guard(
        "a partner of a unit that must not know follows nothing",
        "services/reporting/api/state.py",
        "return [] if kept_out else found",
        "return found",
        _STATE,
    ),
    Guard(
        "a school reads nothing that is said of all children together",
        "services/reporting/staff/part_view.py",
        'found += [("Tin báo", _INCIDENT, content)] if whole else []',
        'found += [("Tin báo", _INCIDENT, content)]',
        _VIEWS,
    ),
    Guard(
        "whether all children may be seen is asked of authority",
        _LOOKUP,
        'return len(sight.only("case.show", everyone)) == 1 + siblings',
        "return True",
        _sees("test_nor_does_it_read_what_is_said_of_all_children_together"),
    ),
    Guard(
        "a child whose case is yet to be written counts as one that is not seen",
        _LOOKUP,
        'siblings: int = case.get("siblings", len(everyone) - 1)',
        "siblings = len(everyone) - 1",
        _sees("test_nor_while_the_other_childs_case_is_yet_to_be_written"),
    ),
    Guard(
        "a state is for the partner and the report of its token",
        "services/reporting/api/state.py",
        "if token is None or token.client != partner or token.incident != incident_id:",
        "if token is None:",
        _STATE,
    ),
)
