"""The guards of signing in, of slowing down, of sessions and of the pages that they open."""

from __future__ import annotations

from tests.guards.conftest import Guard, tests_of

_STAFF = "services/reporting/staff"
_GUARD, _ENTERING = f"{_STAFF}/guard.py", f"{_STAFF}/entering.py"
_STORED = "services/reporting/documents"
_PROOF = ("tests/unit/reporting/staff/test_proof.py",)
_CUT = ("tests/unit/reporting/staff/test_proof.py::test_what_is_typed_is_cut_before_it_is_brought_into_one_form",)
_entering = tests_of("tests/integration/reporting/test_signing_in.py")
_slow = tests_of("tests/integration/reporting/test_slowing_down.py")
_access = tests_of("tests/integration/reporting/test_access_to_staff_pages.py")
_CSRF = _access("test_every_post_wants_a_form_of_this_very_session_and_of_our_own_pages")

SIGNING_IN = (
    Guard(
        "a code is good once",
        f"{_STORED}/accounts.py",
        '{**_as_read(account), "totp_step": {"$lt": step}}, {"$set": {"totp_step": step}})',
        '_as_read(account), {"$set": {"totp_step": step}, "$inc": {"times": 1}})',
        _entering("test_of_two_requests_with_one_code_at_the_same_moment_one_is_let_in"),
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
        "        end_session_here()\n        response = see(_after",
        "        response = see(_after",
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
        "a page is for whom the table names",
        _GUARD,
        "if endpoint is not None and not may(endpoint):",
        "if False:",
        _access("test_pages_are_for_whom_the_table_names"),
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
        "until = throttles.blocked(self._store.throttles, [*keys, *half], now)",
        "until = throttles.blocked(self._store.throttles, half, now)",
        _slow("test_what_waits_for_the_failures_of_others_is_not_counted_against_who_came"),
    ),
    Guard(
        "asking early costs nothing more",
        f"{_STAFF}/throttle.py",
        "until = throttles.blocked(self._store.throttles, list(keys), now)",
        "until = None",
        _slow("test_who_asks_while_the_whole_network_waits_is_not_counted"),
    ),
    Guard(
        "the mark of a browser is of one account",
        f"{_STAFF}/signin.py",
        'return desk().vault.mark("known browser", user, str(generation), nonce)[:32]',
        'return desk().vault.mark("known browser", str(generation), nonce)[:32]',
        _slow("test_the_mark_of_a_browser_is_good_for_its_account_alone"),
    ),
)
