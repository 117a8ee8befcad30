"""The guards of alerts: whom a link shows something, whom a message reaches, and that somebody always has the duty."""

from __future__ import annotations

from tests.guards.conftest import Guard, tests_of

_STANDING = "services/notify/standing.py"
_SETTLING = "services/notify/settling.py"
_VIEWS = ("tests/unit/notify/test_views.py",)
_INCIDENT, _FACTS = "services/notify/incident.py", "tests/unit/notify/test_incident.py"
_conflict = tests_of("tests/integration/notify/test_conflicts.py")
_release = tests_of("tests/integration/notify/test_releases.py")
_killed = tests_of("tests/integration/notify/test_conflicts_killed.py")
_any_order = tests_of("tests/integration/notify/test_conflicts_in_any_order.py")
NOTIFY = (
    Guard(
        "a link asks authority anew",
        "services/notify/opening.py",
        "if not standing.may_open(link, alert, barrier_around(clear, directory, everyone, now), everyone):",
        "if False:",
        _killed("test_the_link_shows_nothing_though_the_alerts_are_not_settled_yet"),
    ),
    Guard(
        "a link counts what was declared since its alert",
        "services/notify/opening.py",
        'clear = clear_now(row, alert["facts"])',
        'clear = clear_now(None, alert["facts"])',
        _killed("test_the_link_shows_nothing_though_the_alerts_are_not_settled_yet"),
    ),
    Guard(
        "an excluded agency's alert is withdrawn",
        _STANDING,
        'if alert["agency"] in barrier.agencies:\n        return Verdict(withdrawn=True)',
        "if False:\n        return Verdict(withdrawn=True)",
        _conflict("test_a_conflict_ends_the_links_of_the_agency_and_moves_its_duty_up"),
    ),
    Guard(
        "a message under way is not repeated to whom must not know",
        "services/notify/desks.py",
        'open_ = document.get("acknowledged_at") is None and document["state"] != states.WITHDRAWN\n'
        '        return open_ and bool(row) and row.get("ended_at") is None',
        'return document.get("acknowledged_at") is None',
        _conflict("test_a_message_that_is_under_way_is_not_repeated"),
    ),
    Guard(
        "a message that waited for a thread is judged by what is stored now",
        "services/notify/lane.py",
        'return desk.read(document["_id"]) or {**document, "deliveries": []}',
        "return document",
        ("tests/unit/notify/test_lane.py",),
    ),
    Guard(
        "who must not know of a case moves none of its clocks by merging",
        "services/notify/merging.py",
        "or not _may_know(fact, into, directory, everyone):",
        "or False:",
        ("tests/unit/notify/test_merging.py",),
    ),
    Guard(
        "one agency's end silences no other that has not answered",
        _STANDING,
        'return alert["agency"] not in incident.ended_by',
        "return False",
        ("tests/unit/notify/test_standing.py",),
    ),
    Guard(
        "a merge into a case that nobody has silences nobody",
        "services/notify/merging.py",
        "    if found is None:\n        return False\n    into, child = found\n",
        "    if found is None:\n        return True\n    into, child = found\n",
        ("tests/unit/notify/test_merging.py",),
    ),
    Guard(
        "an acknowledgement by whom must not know counts no more",
        _STANDING,
        "lapsed = acknowledged and _by_barred(alert, barrier, by_id)",
        "lapsed = False",
        _conflict("test_an_acknowledgement_by_whom_must_not_know_counts_no_more"),
    ),
    Guard(
        "who must not know decides nothing any more",
        _INCIDENT,
        "facts = [_dated(fact, received) for fact in self.facts if fact.id not in late]",
        "facts = [_dated(fact, received) for fact in self.facts]",
        (_FACTS,),
    ),
    Guard(
        "a form under another hat of the same person is too late as well",
        "services/notify/incident_events.py",
        "contacts=tuple(sorted(set(step.contacts))),",
        "contacts=(),",
        _conflict("test_who_is_kept_out_keeps_out_nobody_else"),
    ),
    Guard(
        "nobody's approval of their own plan meets a clock",
        _INCIDENT,
        "void = own_approvals(steps) | planless_approvals(steps)",
        "void = planless_approvals(steps)",
        (_FACTS,),
    ),
    Guard(
        "a partner's key meets no clock and rests no ladder",
        _INCIDENT,
        "return tuple(fact for fact in self.deciding if fact.kind == STEP and fact.by_staff)",
        "return tuple(fact for fact in self.deciding if fact.kind == STEP)",
        (_FACTS, "tests/unit/notify/test_clocks.py"),
    ),
    Guard(
        "a date of before the report meets no clock",
        "shared/step_times.py",
        "return at if at >= received_at - _BEFORE else recorded_at",
        "return at",
        (_FACTS,),
    ),
    Guard(
        "what a partner told ends no clock on a page",
        "services/reporting/staff/case_clocks.py",
        'steps = (step for step in case["steps"] if not step["client"])',
        'steps = case["steps"]',
        ("tests/unit/reporting/staff/test_case_clocks.py",),
    ),
    Guard(
        "what was declared is lifted whatever an alert was last settled by",
        "services/notify/incident_rows.py",
        "return incident.clear if incident is not None else merged(clear_of(first), facts_in(row or {}))",
        "return merged(clear_of(first), facts_in(row or {}))",
        (_FACTS,),
    ),
    Guard(
        "a duty that is owed again is told by what gave it back",
        _STANDING,
        "found = {key: found.get(key, occasion) for key in ((duty.agency, duty.duty) for duty in routed.duties)}",
        "found |= {(duty.agency, duty.duty): FIRST_OCCASION for duty in routed.duties}",
        _release("test_an_agency_whose_conflict_is_lifted_gets_its_duty_again"),
    ),
    Guard(
        "the duty of an excluded agency goes up",
        _SETTLING,
        "owed = standing.lacking(incident, stored, routed, directory, everyone, now)",
        "owed = ()",
        _conflict("test_a_conflict_ends_the_links_of_the_agency_and_moves_its_duty_up"),
    ),
    Guard(
        "a fact that came meanwhile is looked at",
        _SETTLING,
        'if incidents.facts_version(incident_id) == row["facts_version"]:',
        "if True:",
        _any_order("test_two_workers_at_once_leave_nothing_open_to_whom_must_not_know"),
    ),
    Guard(
        "the ladder asks authority anew",
        "services/notify/ladder_runner.py",
        'clear = clear_now(row, alert["facts"])',
        'clear = clear_now(None, alert["facts"])',
        _killed("test_the_ladder_asks_anew_though_the_alerts_are_not_settled_yet"),
    ),
    Guard(
        "staff read alerts of cases that they may see",
        "services/notify/api.py",
        "return outer_views(found, session.agency, directory) if allowed else []",
        "return outer_views(found, session.agency, directory)",
        ("tests/integration/notify/test_staff_reading.py",),
    ),
    Guard(
        "what alerts tell of exclusions is for the circle alone",
        "services/notify/api.py",
        'if may(viewer, f"case.open.{SUSPECT}", case, directory, everyone, now):',
        'if may(viewer, "case.show", case, directory, everyone, now):',
        ("tests/integration/notify/test_staff_reading.py",),
    ),
    Guard(
        "an alert that was taken back is not shown outside the circle",
        "services/notify/views.py",
        'if alert["state"] != WITHDRAWN',
        "if True",
        _VIEWS,
    ),
    Guard(
        "nobody outside the circle reads in whose place somebody acts",
        "services/notify/views.py",
        '    del shown["why"]\n',
        "",
        _VIEWS,
    ),
    Guard(
        "a session that reporting may have ended is nobody's elsewhere",
        "services/notify/api.py",
        "return session if now - session.issued_at <= _FRESH else None",
        "return session",
        ("tests/integration/notify/test_staff_reading.py",),
    ),
    Guard(
        "the owner of an account hears what was done to it",
        "services/notify/handlers.py",
        "self._ports.account_changed(event)",
        "pass",
        ("tests/integration/notify/test_accounts.py",),
    ),
    Guard(
        "outcomes that are written together overwrite no newer claim",
        "services/notify/store/claims.py",
        'filters.append({f"{row}.id": one.held.id, f"{row}.generation": one.held.generation})',
        'filters.append({f"{row}.id": one.held.id})',
        (
            "tests/integration/notify/test_delivering.py"
            "::test_outcomes_that_are_written_together_are_each_its_own_and_none_overwrites_a_newer_claim",
        ),
    ),
    Guard(
        "messages on clocks end for whom must not know",
        "services/notify/store/incidents.py",
        '"deliveries.$[one].ended_at": now,\n                    "deliveries.$[open].state": states.EXPIRED,\n'
        '                    "deliveries.$[open].next_at": None,',
        '"deliveries.$[one].updated_at": now,',
        ("tests/integration/notify/test_clocks.py::test_clock_messages_do_not_reach_whom_must_not_know",),
    ),
    Guard(
        "no number leaves notify",
        "services/notify/rosters.py",
        "return hmac.new(key, address.encode(), hashlib.sha256).hexdigest()[:32]",
        "return address",
        ("tests/unit/notify/test_rosters.py",),
    ),
    Guard(
        "lists of a lost database are newer than all before",
        "services/notify/rosters.py",
        "return max(before + 1, int(now.timestamp()))",
        "return before + 1",
        ("tests/integration/notify/test_rosters.py",),
    ),
    Guard(
        "a database that was put back is told of anew",
        "services/notify/roster_teller.py",
        "everything = not self._started or known < self._newest",
        "everything = not self._started",
        ("tests/integration/notify/test_rosters.py",),
    ),
    Guard(
        "an agency that a lost database listed is told to have nobody",
        "services/notify/roster_teller.py",
        "agencies = sorted({*listed, *before, *self._directory().all_agencies})",
        "agencies = sorted({*listed, *before})",
        ("tests/integration/notify/test_rosters.py",),
    ),
    Guard(
        "without every agency's list nobody sees a case",
        "services/reporting/documents/rosters.py",
        "    if missing:\n",
        "    if False:\n",
        ("tests/integration/reporting/test_rosters.py",),
    ),
)
