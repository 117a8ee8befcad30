"""The commands on the machine: accounts imported, made and disabled; the access log verified."""

from __future__ import annotations

import json
import re

from tests.integration.reporting.account_forms import FIELDS
from tests.integration.reporting.people import PASSWORD, SECRET


def test_accounts_are_imported_once_however_often(office, command):
    given = json.dumps(
        [{**FIELDS, "password": PASSWORD, "totp_secret": SECRET}, {**FIELDS, "user": "khong.khoa", "contact": "ca-3"}]
    )
    first = command("account", "import", given=given)
    assert json.loads(first.output) == {"made": 2, "changed": 0, "unchanged": 0}
    assert office.browser().sign_in("nguyen.mau").status_code == 303
    assert office.browser().sign_in("khong.khoa").status_code == 401
    again = command("account", "import", given=given)
    assert json.loads(again.output) == {"made": 0, "changed": 0, "unchanged": 2}
    browser = office.signed_in("nguyen.mau")
    moved = json.dumps([{**FIELDS, "contact": "ca-1", "password": "khác", "totp_secret": SECRET}])
    assert json.loads(command("account", "import", given=moved).output)["changed"] == 1
    assert browser.get("/staff/toi").status_code == 303  # what was signed says the old contact
    office.clock.forward(seconds=30)
    assert office.browser().sign_in("nguyen.mau").status_code == 303  # a password is never written over
    actions = [row["action"] for row in office.rows() if row["action"] != "SIGNED_IN"]
    assert actions == ["ACCOUNT_MADE", "ACCOUNT_MADE", "ACCOUNT_CHANGED"]
    shown = command("account", "list").output
    assert "nguyen.mau" in shown
    assert SECRET not in shown + first.output
    assert "argon2" not in shown


def test_what_cannot_be_imported_is_said_in_a_sentence(office, command):
    for given, words in (
        ("{", "JSON list"),
        ("7", "JSON list"),
        (json.dumps([{**FIELDS, "role": "king"}]), "role"),
        (json.dumps([{**FIELDS, "unit": "khong-co"}]), "unit"),
    ):
        done = command("account", "import", given=given)
        assert (done.exit_code, words in done.output) == (1, True), done.output
        assert "Traceback" not in done.output
    assert office.store.accounts.count_documents({}) == 0


def test_an_administrator_is_made_and_disabled_on_the_machine(office, command):
    words = ["account", "new", "mac.moi", "--name", "Mạc Mới", "--role", "administrator", "--unit", "binh-luong"]
    done = command(*words)
    code = re.search(r"(\d{4} \d{4} \d{4})", done.output).group(1)
    assert command(*words).exit_code == 1
    assert office.browser().send("/staff/kich-hoat", user="mac.moi", code=code).status_code == 303
    assert "ended" in command("account", "disable", "mac.moi").output
    assert "already" in command("account", "disable", "mac.moi").output
    assert command("account", "disable", "khong.co").exit_code == 1


def test_audit_verify_names_the_first_row_that_does_not_fit(office, command):
    account = office.account("dam.kiemtra", "auditor")
    from services.reporting import access_log
    from services.reporting.staff import entering

    for _ in range(3):
        entering.note(office.store, account, "SESSIONS_ENDED", office.clock())
    head = str(access_log.head(office.store))
    fine = command("audit", "verify", "--head", head)
    assert (fine.exit_code, "3 rows in order" in fine.output) == (0, True)
    office.store.access_log.delete_one({"_id": 3})
    assert command("audit", "verify").exit_code == 0  # nobody can tell from the rows alone
    cut = command("audit", "verify", "--head", head)
    assert (cut.exit_code, "row 3 is missing" in cut.output) == (1, True)
    office.store.access_log.update_one({"_id": 2}, {"$set": {"account": "other"}})
    broken = command("audit", "verify")
    assert (broken.exit_code, "row 2 was changed" in broken.output) == (1, True)
    assert command("audit", "verify", "--head", "five").exit_code == 1


def test_an_import_that_changes_an_account_ends_the_codes_that_were_handed_out(office, command):
    """The code was given to whoever the account was for before."""
    given = {**FIELDS, "role": "village", "agency": None, "contact": None}
    words = ["account", "new", "nguyen.mau", "--name", "Nguyễn Mẫu", "--role", "village", "--unit", "binh-luong"]
    code = re.search(r"(\d{4} \d{4} \d{4})", command(*words).output).group(1)
    assert command("account", "import", given=json.dumps([{**given, "name": "Người Bịa Khác"}])).exit_code == 0
    assert office.browser().send("/staff/kich-hoat", user="nguyen.mau", code=code).status_code == 401
