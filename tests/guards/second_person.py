"""The guards of setting up anew: the second person, the owner's browser, and the time after a reset."""

from __future__ import annotations

from tests.guards.conftest import Guard, tests_of

_STAFF = "services/reporting/staff"
_GUARD, _ENTERING, _ENROLLING = f"{_STAFF}/guard.py", f"{_STAFF}/entering.py", f"{_STAFF}/enrolling.py"
_STORED = "services/reporting/documents"
_setting_up = tests_of("tests/integration/reporting/test_setting_up.py")
_second = tests_of("tests/integration/reporting/test_second_person.py")
_after = tests_of("tests/integration/reporting/test_after_a_reset.py")
_recovery = tests_of("tests/integration/reporting/test_recovery_codes.py")
SECOND_PERSON = (
    Guard(
        "a recovery code is good once",
        f"{_STORED}/accounts.py",
        '{**_as_read(account), "recovery": code}, {"$pull"',
        '_as_read(account), {"$inc": {"times": 1}, "$pull"',
        _recovery("test_of_two_requests_with_one_recovery_code_one_is_let_in"),
    ),
    Guard(
        "a reset ends every session",
        _GUARD,
        '        or record["generation"] != account["generation"]\n',
        "",
        _setting_up("test_a_second_person_lets_the_owner_set_everything_anew"),
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
        _second("test_nothing_goes_on_without_the_second_person"),
    ),
    Guard(
        "nobody is the second person for himself",
        f"{_STAFF}/resets.py",
        'if account["_id"] == me.account:',
        "if False:",
        _second("test_nobody_is_the_second_person_for_himself"),
    ),
    Guard(
        "a reset is let pass by the own unit",
        f"{_STAFF}/resets.py",
        'if not may(_ENDPOINT, unit=account["unit"]) or',
        "if",
        _second("test_somebody_of_another_unit_is_not_for_us"),
    ),
    Guard(
        "who sees cases is let pass by the very unit",
        f"{_STAFF}/resets.py",
        '(weighs and account["unit"] != me.unit)',
        "False",
        _second("test_people_above_help_each_other_and_nobody_below"),
    ),
    Guard(
        "who sees no case vouches for nobody who does",
        f"{_STAFF}/resets.py",
        "if weighs and not vouches(roles_of(me)):",
        "if False:",
        _second("test_who_sees_no_case_vouches_for_nobody_who_does"),
    ),
    Guard(
        "who sees cases resets nobody who stands apart",
        f"{_STAFF}/resets.py",
        'if _sets_anew(enrolment, account) and account["role"] in APART and any(map(sees_cases, roles_of(me))):',
        "if False:",
        _second("test_who_sees_cases_lets_nobody_into_an_account_that_stands_apart"),
    ),
    Guard(
        "a first setting up opens no case at once",
        _ENROLLING,
        "weighs = account_making.weighs(store, account, now)",
        "weighs = anew and account_making.weighs(store, account, now)",
        _after("test_a_first_setting_up_is_told_and_waits_too"),
    ),
    Guard(
        "nobody lets pass what he asked for",
        f"{_STAFF}/resets.py",
        '{enrolment.get("asked_by"), account.get("unconfirmed")}',
        '{account.get("unconfirmed")}',
        _second("test_nobody_lets_pass_what_he_asked_for_himself"),
    ),
    Guard(
        "the browser that asked does not approve",
        f"{_STAFF}/resets.py",
        'if ticket is not None and ticket.browser == enrolment["browser"]:',
        "if False:",
        _second("test_nobody_lets_pass_what_he_asked_for_himself"),
    ),
    Guard(
        "a reset is told to the owner",
        _ENROLLING,
        'if account["contact"]:',
        "if False:",
        _after("test_the_owner_is_told_at_once_by_the_contact_that_he_had"),
    ),
    Guard(
        "a reset opens no case at once",
        f"{_STAFF}/viewers.py",
        'contact=None if waits_until(account, now) else account["contact"]',
        'contact=account["contact"]',
        _after("test_after_a_reset_no_case_opens_before_the_owner_had_time"),
    ),
    Guard(
        "a reset opens no case elsewhere either",
        _ENTERING,
        'contact=None if waits_until(account, now) else account["contact"]',
        'contact=account["contact"]',
        _after("test_after_a_reset_no_case_opens_before_the_owner_had_time"),
    ),
    Guard(
        "a reset is not the key to the next",
        _GUARD,
        "if who.waits_until is not None and endpoint in _LATER:",
        "if False:",
        _after("test_who_was_let_in_a_moment_ago_lets_nobody_in"),
    ),
    Guard(
        "a second person cannot guess numbers",
        f"{_STAFF}/resets.py",
        "    if slow is not None:",
        "    if False:",
        _second("test_numbers_cannot_be_guessed"),
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
)
