"""The guards of accounts, made and changed by two, and of delegations."""

from __future__ import annotations

from tests.guards.conftest import Guard, tests_of

_STAFF = "services/reporting/staff"
_GUARD, _ENROLLING = f"{_STAFF}/guard.py", f"{_STAFF}/enrolling.py"
_STORED = "services/reporting/documents"
_CONTACTS = "tests/integration/reporting/test_account_contacts.py"
_alone = tests_of("tests/integration/reporting/test_administering_accounts.py")
_by_two = tests_of("tests/integration/reporting/test_accounts_by_two.py")
_delegating = tests_of("tests/integration/reporting/test_delegating.py")

ACCOUNTS = (
    Guard(
        "nobody lets pass what he made",
        f"{_STAFF}/resets.py",
        '{enrolment.get("asked_by"), account.get("unconfirmed")}',
        '{enrolment.get("asked_by")}',
        _by_two("test_who_made_it_is_not_the_second_person"),
    ),
    Guard(
        "what was shown is what is confirmed",
        f"{_STAFF}/resets.py",
        'if (confirmed, request.form.get("generation")) != (account["_id"], str(account["generation"])):',
        'if confirmed != account["_id"]:',
        _by_two("test_what_was_shown_is_what_is_confirmed"),
    ),
    Guard(
        "a code of a new account is good once",
        f"{_STORED}/enrolments.py",
        '            "browser": None,\n            "expires_at"',
        '            "expires_at"',
        _alone("test_the_code_of_who_sees_no_case_is_good_once_too"),
    ),
    Guard(
        "an administrator makes no other one",
        f"{_STAFF}/accounts_pages.py",
        'if not account_making.may_be_given(fields["role"], current().viewer):',
        "if False:",
        _alone("test_what_will_not_do_is_said_beside_its_field"),
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
        _alone("test_an_administrator_takes_over_no_account_that_is_set_up_and_does_not_end_his_own"),
    ),
    Guard(
        "an account that sees cases is made by two",
        f"{_STAFF}/accounts_pages.py",
        'waits = me.viewer.account if account_making.made_by_two(fields["role"]) else None',
        "waits = None",
        _by_two("test_an_account_that_sees_cases_waits_for_a_second_person"),
    ),
    Guard(
        "an auditor is made by two",
        f"{_STAFF}/account_making.py",
        'return sees_cases(role) or reach(role, "access_log") is not Reach.NONE',
        "return sees_cases(role)",
        _by_two("test_an_auditor_waits_for_a_second_person_who_sees_cases"),
    ),
    Guard(
        "a contact has one account in use",
        f"{_STAFF}/accounts_pages.py",
        'if "contact" not in errors and account_making.contact_taken(parts().store, fields, key):',
        "if False:",
        (f"{_CONTACTS}::test_a_contact_has_one_account_in_use",),
    ),
    Guard(
        "an account that sees cases is changed by two",
        f"{_STAFF}/accounts_pages.py",
        "waits = account_making.unconfirmed(store, account, fields, me.viewer.account, now)",
        "waits = None",
        _by_two("test_what_is_changed_signs_in_to_nothing_before_a_second_person_has_seen_it"),
    ),
    Guard(
        "an account that sees cases is enabled by two",
        f"{_STAFF}/accounts_pages.py",
        "accounts.enable(store.accounts, key, waits)",
        "accounts.enable(store.accounts, key, None)",
        _by_two("test_what_is_changed_signs_in_to_nothing_before_a_second_person_has_seen_it"),
    ),
    Guard(
        "an account that is enabled has its password",
        f"{_STORED}/accounts.py",
        '{"$set": {"disabled_at": None, "unconfirmed": unconfirmed}',
        '{"$set": {"disabled_at": None, "unconfirmed": unconfirmed, "password": None}',
        _alone("test_disabling_ends_everything_at_once_and_enabling_gives_nobody_a_code"),
    ),
    Guard(
        "a code alone sets up no account that sees cases",
        f"{_STAFF}/accounts_pages.py",
        "if account_making.by_two(store, account, parts().now()):\n        with",
        "if False:\n        with",
        _by_two("test_a_code_for_an_account_made_on_the_machine_does_not_lead_past_the_second_person"),
    ),
    Guard(
        "what is delegated is sight too",
        f"{_STAFF}/account_making.py",
        'return delegations.open_for(store.delegations, account["_id"], now)',
        "return False",
        _by_two("test_who_stands_in_for_the_chairman_is_one_who_sees_cases"),
    ),
    Guard(
        "who waits signs in to nothing",
        f"{_STAFF}/signin.py",
        'if isinstance(verdict, Entered) and verdict.account.get("unconfirmed"):',
        "if False:",
        _by_two("test_what_is_changed_signs_in_to_nothing_before_a_second_person_has_seen_it"),
    ),
    Guard(
        "who waits has no session",
        _GUARD,
        '        or account.get("unconfirmed")\n',
        "",
        _by_two("test_what_is_changed_signs_in_to_nothing_before_a_second_person_has_seen_it"),
    ),
    Guard(
        "who waits sets nothing up",
        _ENROLLING,
        'or account.get("unconfirmed") or secret is None',
        "or secret is None",
        _by_two("test_what_changes_after_the_second_person_saw_it_is_not_set_up"),
    ),
    Guard(
        "who is confirmed keeps the password",
        f"{_STAFF}/recovery.py",
        'return (ticket, found) if found["kind"] != CONFIRM else None',
        "return ticket, found",
        _by_two("test_what_is_changed_signs_in_to_nothing_before_a_second_person_has_seen_it"),
    ),
    Guard(
        "people above are nobodys business below",
        f"{_STAFF}/accounts_pages.py",
        'if account is None or not may(_ENDPOINT, unit=account["unit"]):',
        "if account is None:",
        _alone("test_people_of_units_above_and_beside_are_not_there_for_him"),
    ),
    Guard(
        "a delegation ends with what the giver was",
        f"{_STAFF}/viewers.py",
        'and (giver["role"], giver["unit"]) == (one["role"], one["unit"])',
        "and True",
        _delegating("test_it_ends_with_what_the_giver_was"),
    ),
    Guard(
        "a delegation is taken back at once",
        f"{_STORED}/delegations.py",
        '{"receiver": receiver, "revoked_at": None, "starts_at"',
        '{"receiver": receiver, "starts_at"',
        _delegating("test_it_is_taken_back_at_once"),
    ),
)
