"""The guards of signing in, of sessions, of accounts and of the access log."""

from __future__ import annotations

from tests.guards.conftest import Guard

_STAFF = "services/reporting/staff"
_GUARD, _ENTERING, _ENROLLING = f"{_STAFF}/guard.py", f"{_STAFF}/entering.py", f"{_STAFF}/enrolling.py"
_STORED = "services/reporting/documents"
_PROOF = ("tests/unit/reporting/staff/test_proof.py",)
_CUT = ("tests/unit/reporting/staff/test_proof.py::test_what_is_typed_is_cut_before_it_is_brought_into_one_form",)
_LOG = ("tests/unit/reporting/test_access_log.py",)
_CONTACTS = "tests/integration/reporting/test_account_contacts.py"


def _entering(*names: str) -> tuple[str, ...]:
    return tuple(f"tests/integration/reporting/test_signing_in.py::{name}" for name in names)


def _setting_up(*names: str) -> tuple[str, ...]:
    return tuple(f"tests/integration/reporting/test_setting_up.py::{name}" for name in names)


def _accounts(*names: str) -> tuple[str, ...]:
    return tuple(f"tests/integration/reporting/test_accounts.py::{name}" for name in names)


def _slow(*names: str) -> tuple[str, ...]:
    return tuple(f"tests/integration/reporting/test_slowing_down.py::{name}" for name in names)


_CSRF = _accounts("test_every_post_wants_a_form_of_this_very_session_and_of_our_own_pages")

SIGNING_IN = (
    Guard(
        "a code is good once",
        f"{_STORED}/accounts.py",
        '{**_as_read(account), "totp_step": {"$lt": step}}, {"$set": {"totp_step": step, "last_sign_in": now}}',
        '_as_read(account), {"$set": {"totp_step": step, "last_sign_in": now}, "$inc": {"times": 1}}',
        _entering("test_of_two_requests_with_one_code_at_the_same_moment_one_is_let_in"),
    ),
    Guard(
        "a recovery code is good once",
        f"{_STORED}/accounts.py",
        '{**_as_read(account), "recovery": code}, {"$pull"',
        '_as_read(account), {"$inc": {"times": 1}, "$pull"',
        _setting_up("test_of_two_requests_with_one_recovery_code_one_is_let_in"),
    ),
    Guard(
        "a user whom nobody knows costs a hash too",
        f"{_STAFF}/passwords.py",
        "            if self._nobody is None:",
        "            if not stored:\n                return False\n            if self._nobody is None:",
        ("tests/unit/reporting/staff/test_proof.py::test_the_same_work_is_done_for_nobody",),
    ),
    Guard(
        "one hash at a time",
        f"{_STAFF}/passwords.py",
        "if not passwords._one.acquire(timeout=passwords._wait):",
        "if False:",
        _PROOF,
    ),
    Guard(
        "the queue for a hash has an end",
        f"{_STAFF}/passwords.py",
        "if not place.acquire(blocking=False):",
        "if False:",
        _PROOF,
    ),
    Guard(
        "strangers leave places for those who work here",
        f"{_STAFF}/passwords.py",
        "(passwords._places,) if known else (passwords._strangers, passwords._places)",
        "(passwords._places,)",
        ("tests/unit/reporting/staff/test_proof.py::test_strangers_do_not_take_the_places_of_people_who_work_here",),
    ),
    Guard(
        "a place is counted though nobody had time",
        f"{_STAFF}/throttle.py",
        "for key in keys.keys() - self._places(address).keys():",
        "for key in keys:",
        _slow("test_who_keeps_everybody_busy_is_counted_by_the_place"),
    ),
    Guard(
        "a wide network is a place too",
        f"{_STAFF}/throttle.py",
        'return found | ({self._mark("place", wide): (WIDE, _KEPT)} if wide else {})',
        "return found",
        _slow("test_a_wide_ipv6_network_has_not_a_place_for_each_attempt"),
    ),
    Guard("a user name is cut first", _ENTERING, "typed[: 4 * _LONGEST_USER]", "typed", _CUT),
    Guard("a code is cut first", f"{_STAFF}/second_factor.py", "typed[:_LONGEST_TYPED]", "typed", _CUT),
    Guard("a password is cut first", f"{_STAFF}/passwords.py", "password[: 4 * LONGEST]", "password", _CUT),
    Guard(
        "who knows the password guesses no code",
        f"{_STAFF}/throttle.py",
        'half = [self._mark("half", user)] if browser is None else []',
        "half = list[str]()",
        _slow("test_who_knows_the_password_has_no_patience_with_the_code"),
    ),
    Guard(
        "the owner hears that the password is known",
        f"{_STAFF}/throttle.py",
        "return right and times % PATIENCE == 0",
        "return False",
        _slow("test_the_owner_is_told_that_somebody_knows_the_password"),
    ),
    Guard(
        "a sign-in is a row of the log",
        _ENTERING,
        "if entered.recovery_left is None and not",
        "if False and not",
        _entering("test_each_sign_in_is_one_row_of_the_log_and_no_other_page_is"),
    ),
    Guard("next is a page of ours", _ENTERING, "not _OURS.fullmatch(given)", "not _OURS.match(given)", _PROOF),
    Guard(
        "a form elsewhere signs nobody in",
        f"{_STAFF}/signin.py",
        "    desk().door.from_our_page()\n    user, wanted",
        "    user, wanted",
        _entering("test_a_form_on_another_site_signs_nobody_in"),
    ),
    Guard(
        "a form elsewhere does nothing in anybodys name",
        "shared/web/staff.py",
        'if request.headers.get("Origin") not in self._own:',
        "if False:",
        _CSRF,
    ),
    Guard(
        "a form of another session does nothing",
        "shared/web/staff.py",
        'if not hmac.compare_digest(given.encode("utf-8", "replace"), session.csrf.encode()):',
        "if False:",
        _CSRF,
    ),
    Guard(
        "every form of staff is asked where it is from",
        _GUARD,
        'if request.method not in {"GET", "HEAD"}:',
        "if False:",
        _CSRF,
    ),
    Guard(
        "a planted session ends",
        f"{_STAFF}/signin.py",
        "        _leave()\n        response = make_response(redirect(_after",
        "        response = make_response(redirect(_after",
        _entering("test_a_session_that_was_planted_is_not_the_one_that_is_used"),
    ),
    Guard(
        "a cookie is of one browser",
        "shared/web/staff.py",
        "if not hmac.compare_digest(session.browser, sessions.browser_of(",
        "if False and not hmac.compare_digest(session.browser, sessions.browser_of(",
        _entering("test_a_cookie_that_was_carried_away_is_no_good_in_another_browser"),
    ),
    Guard(
        "signing out ends the session",
        _GUARD,
        ' or record["ended_at"] is not None:',
        ":",
        _entering("test_signing_out_ends_the_session_wherever_its_cookie_went"),
    ),
    Guard(
        "a reset ends every session",
        _GUARD,
        '        or record["generation"] != account["generation"]\n',
        "",
        _setting_up("test_a_second_person_lets_the_owner_set_everything_anew"),
    ),
    Guard(
        "a page is for whom the table names",
        _GUARD,
        "if endpoint is not None and not may(endpoint):",
        "if False:",
        _accounts("test_pages_are_for_whom_the_table_names"),
    ),
    Guard(
        "no page is shown in a frame",
        f"{_STAFF}/pages.py",
        "\"base-uri 'none'; frame-ancestors 'none'\"",
        "\"base-uri 'none'\"",
        _entering("test_every_page_of_staff_forbids_frames_scripts_and_copies"),
    ),
    Guard(
        "who fails again and again waits",
        f"{_STAFF}/throttle.py",
        "until = until or throttles.reserve(self._store.throttles, key, waits, now, kept)",
        "until = until",
        _slow("test_three_slips_cost_nothing_and_what_follows_ever_more"),
    ),
    Guard(
        "being early costs nothing more",
        f"{_STAFF}/throttle.py",
        "until = throttles.blocked(self._store.throttles, list(keys), now)",
        "until = None",
        _slow("test_what_waits_for_the_failures_of_others_is_not_counted_against_who_came"),
    ),
    Guard(
        "the mark of a browser is of one account",
        f"{_STAFF}/signin.py",
        'return desk().vault.mark("known browser", user, nonce)[:32]',
        'return desk().vault.mark("known browser", nonce)[:32]',
        _slow("test_the_mark_of_a_browser_is_good_for_its_account_alone"),
    ),
    Guard(
        "a reset goes on in the browser that asked",
        f"{_STORED}/enrolments.py",
        'return enrolments.find_one({"_id": key, "browser": browser, "expires_at": {"$gt": now}})',
        'return enrolments.find_one({"_id": key, "expires_at": {"$gt": now}})',
        _setting_up("test_what_was_approved_goes_on_in_the_browser_that_asked_and_in_no_other"),
    ),
    Guard(
        "a reset waits for the second person",
        f"{_STAFF}/recovery.py",
        'found is None or found["state"] != APPROVED:',
        "found is None:",
        _setting_up("test_nothing_goes_on_without_the_second_person"),
    ),
    Guard(
        "nobody is the second person for himself",
        f"{_STAFF}/resets.py",
        'if account["_id"] == me.account:',
        "if False:",
        _setting_up("test_nobody_is_the_second_person_for_himself"),
    ),
    Guard(
        "a reset is let pass by the own unit",
        f"{_STAFF}/resets.py",
        'if not may(_ENDPOINT, unit=account["unit"]) or',
        "if",
        _setting_up("test_somebody_of_another_unit_is_not_for_us"),
    ),
    Guard(
        "who sees cases is let pass by the very unit",
        f"{_STAFF}/resets.py",
        '(weighs and account["unit"] != me.unit)',
        "False",
        _setting_up("test_people_above_help_each_other_and_nobody_below"),
    ),
    Guard(
        "who sees no case vouches for nobody who does",
        f"{_STAFF}/resets.py",
        "if weighs and not vouches(roles_of(me)):",
        "if False:",
        _setting_up("test_who_sees_no_case_vouches_for_nobody_who_does"),
    ),
    Guard(
        "nobody lets pass what he asked for",
        f"{_STAFF}/resets.py",
        '{enrolment.get("asked_by"), account.get("unconfirmed")}',
        '{account.get("unconfirmed")}',
        _setting_up("test_nobody_lets_pass_what_he_asked_for_himself"),
    ),
    Guard(
        "nobody lets pass what he made",
        f"{_STAFF}/resets.py",
        '{enrolment.get("asked_by"), account.get("unconfirmed")}',
        '{enrolment.get("asked_by")}',
        _accounts("test_who_made_it_is_not_the_second_person"),
    ),
    Guard(
        "the browser that asked does not approve",
        f"{_STAFF}/resets.py",
        'if ticket is not None and ticket.browser == enrolment["browser"]:',
        "if False:",
        _setting_up("test_nobody_lets_pass_what_he_asked_for_himself"),
    ),
    Guard(
        "what was shown is what is confirmed",
        f"{_STAFF}/resets.py",
        'if (confirmed, request.form.get("generation")) != (account["_id"], str(account["generation"])):',
        'if confirmed != account["_id"]:',
        _accounts("test_what_was_shown_is_what_is_confirmed"),
    ),
    Guard(
        "a reset is told to the owner",
        _ENROLLING,
        'if anew and account["contact"]:',
        "if False:",
        _setting_up("test_the_owner_is_told_at_once_by_the_contact_that_he_had"),
    ),
    Guard(
        "a reset opens no case at once",
        _GUARD,
        'contact=None if waits_until(account, now) else account["contact"]',
        'contact=account["contact"]',
        _setting_up("test_after_a_reset_no_case_opens_before_the_owner_had_time"),
    ),
    Guard(
        "a reset opens no case elsewhere either",
        _ENTERING,
        'contact=None if waits_until(account, now) else account["contact"]',
        'contact=account["contact"]',
        _setting_up("test_after_a_reset_no_case_opens_before_the_owner_had_time"),
    ),
    Guard(
        "a reset is not the key to the next",
        _GUARD,
        "if who.waits_until is not None and endpoint in _LATER:",
        "if False:",
        _setting_up("test_who_was_let_in_a_moment_ago_lets_nobody_in"),
    ),
    Guard(
        "a second person cannot guess numbers",
        f"{_STAFF}/resets.py",
        "    if slow is not None:",
        "    if False:",
        _setting_up("test_numbers_cannot_be_guessed"),
    ),
    Guard(
        "an enrolment is finished once",
        f"{_STORED}/enrolments.py",
        'return enrolments.update_one({"_id": key, "state": APPROVED}, {"$set": {"state": DONE}}).modified_count == 1',
        'return enrolments.update_one({"_id": key}, {"$set": {"state": DONE}}).matched_count == 1',
        _setting_up("test_two_forms_at_the_same_moment_set_one_password"),
    ),
    Guard(
        "a form of an enrolment is its own",
        f"{_STAFF}/recovery.py",
        'if not enrolling.from_its_form(desk(), ticket, request.form.get("csrf", "")):',
        "if False:",
        _setting_up("test_a_form_on_another_site_starts_and_ends_nothing"),
    ),
    Guard(
        "a code of a new account is good once",
        f"{_STORED}/enrolments.py",
        '            "browser": None,\n            "expires_at"',
        '            "expires_at"',
        _accounts("test_a_code_is_good_once_for_its_user_and_for_three_days"),
    ),
    Guard(
        "an administrator makes no other one",
        f"{_STAFF}/accounts_pages.py",
        'if not account_making.may_be_given(fields["role"], current().viewer):',
        "if False:",
        _accounts("test_what_will_not_do_is_said_beside_its_field"),
    ),
    Guard(
        "a contact is one of the agency",
        f"{_STAFF}/account_making.py",
        "elif not listed(fields, roster):",
        "elif False:",
        (f"{_CONTACTS}::test_a_contact_that_is_not_of_the_agency_is_refused_beside_its_field",),
    ),
    Guard(
        "an account that is set up gets no new code",
        f"{_STAFF}/accounts_pages.py",
        'if account["disabled_at"] is not None or _set_up(account):',
        'if account["disabled_at"] is not None:',
        _accounts("test_an_administrator_takes_over_no_account_that_is_set_up_and_does_not_end_his_own"),
    ),
    Guard(
        "an account that sees cases is made by two",
        f"{_STAFF}/accounts_pages.py",
        'waits = me.viewer.account if sees_cases(fields["role"]) else None',
        "waits = None",
        _accounts("test_an_account_that_sees_cases_waits_for_a_second_person"),
    ),
    Guard(
        "an account that sees cases is changed by two",
        f"{_STAFF}/accounts_pages.py",
        "waits = account_making.unconfirmed(store, account, fields, me.viewer.account, now)",
        "waits = None",
        _accounts("test_what_is_changed_signs_in_to_nothing_before_a_second_person_has_seen_it"),
    ),
    Guard(
        "an account that sees cases is enabled by two",
        f"{_STAFF}/accounts_pages.py",
        "accounts.enable(store.accounts, key, waits)",
        "accounts.enable(store.accounts, key, None)",
        _accounts("test_what_is_changed_signs_in_to_nothing_before_a_second_person_has_seen_it"),
    ),
    Guard(
        "an account that is enabled has its password",
        f"{_STORED}/accounts.py",
        '{"$set": {"disabled_at": None, "unconfirmed": unconfirmed}',
        '{"$set": {"disabled_at": None, "unconfirmed": unconfirmed, "password": None}',
        _accounts("test_disabling_ends_everything_at_once_and_enabling_gives_nobody_a_code"),
    ),
    Guard(
        "a code alone sets up no account that sees cases",
        f"{_STAFF}/accounts_pages.py",
        "if account_making.weighs(store, account, parts().now()):\n        with",
        "if False:\n        with",
        _accounts("test_a_code_for_an_account_made_on_the_machine_does_not_lead_past_the_second_person"),
    ),
    Guard(
        "what is delegated is sight too",
        f"{_STAFF}/account_making.py",
        'return delegations.open_for(store.delegations, account["_id"], now)',
        "return False",
        _accounts("test_who_stands_in_for_the_chairman_is_one_who_sees_cases"),
    ),
    Guard(
        "who waits signs in to nothing",
        f"{_STAFF}/signin.py",
        'if isinstance(verdict, Entered) and verdict.account.get("unconfirmed"):',
        "if False:",
        _accounts("test_what_is_changed_signs_in_to_nothing_before_a_second_person_has_seen_it"),
    ),
    Guard(
        "who waits has no session",
        _GUARD,
        '        or account.get("unconfirmed")\n',
        "",
        _accounts("test_what_is_changed_signs_in_to_nothing_before_a_second_person_has_seen_it"),
    ),
    Guard(
        "who waits sets nothing up",
        _ENROLLING,
        'or account.get("unconfirmed") or secret is None',
        "or secret is None",
        _accounts("test_what_changes_after_the_second_person_saw_it_is_not_set_up"),
    ),
    Guard(
        "who is confirmed keeps the password",
        f"{_STAFF}/recovery.py",
        'return (ticket, found) if found["kind"] != CONFIRM else None',
        "return ticket, found",
        _accounts("test_what_is_changed_signs_in_to_nothing_before_a_second_person_has_seen_it"),
    ),
    Guard(
        "people above are nobodys business below",
        f"{_STAFF}/accounts_pages.py",
        'if account is None or not may(_ENDPOINT, unit=account["unit"]):',
        "if account is None:",
        _accounts("test_people_of_units_above_and_beside_are_not_there_for_him"),
    ),
    Guard(
        "a delegation ends with what the giver was",
        _GUARD,
        'and (giver["role"], giver["unit"]) == (one["role"], one["unit"])',
        "and True",
        _accounts("test_it_ends_with_what_the_giver_was"),
    ),
    Guard(
        "a delegation is taken back at once",
        f"{_STORED}/delegations.py",
        '{"receiver": receiver, "revoked_at": None, "starts_at"',
        '{"receiver": receiver, "starts_at"',
        _accounts("test_it_is_taken_back_at_once"),
    ),
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
        _accounts("test_the_auditor_reads_who_did_what_and_nobody_elses_business"),
    ),
)
