"""Recovery codes: each lets in once, and new ones take a code of the telephone."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from services.reporting.documents import accounts
from tests.integration.reporting.setting_up import NEW, approve, ask, choose, codes_on


def test_a_recovery_code_lets_in_once_and_is_written_down(people):
    office = people
    browser, number = ask(office, "ha.truc")
    approve(office.signed_in("vi.hai"), number)
    codes = codes_on(choose(office, browser)[0])
    inside = office.browser()
    answer = inside.sign_in("ha.truc", NEW, codes[0])
    assert answer.headers["Location"] == "/staff/toi"
    assert "<strong>7</strong>" in inside.get("/staff/toi").text
    assert office.browser().sign_in("ha.truc", NEW, codes[0]).status_code == 401
    assert office.browser().sign_in("ha.truc", "sai", codes[1]).status_code == 401
    assert office.browser().sign_in("ha.truc", NEW, codes[1].replace(" ", "-")).status_code == 303
    assert [row["action"] for row in office.rows()][-2:] == ["RECOVERY_CODE_USED"] * 2


def test_of_two_requests_with_one_recovery_code_one_is_let_in(people, monkeypatch):
    office = people
    hashed = office.desk.vault.mark("recovery", "acc-ha.truc", "123456789012")
    office.store.accounts.update_one({"_id": "acc-ha.truc"}, {"$set": {"recovery": [hashed]}})
    together, real = threading.Barrier(2, timeout=10), accounts.use_recovery

    def use(*given):
        together.wait()
        return real(*given)

    monkeypatch.setattr(accounts, "use_recovery", use)
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(lambda _: office.browser().sign_in("ha.truc", code="123456789012").status_code, range(2))
        )
    assert sorted(answers) == [303, 401]


def test_new_recovery_codes_take_a_code_of_the_telephone(people):
    office = people
    browser = office.signed_in("ha.truc")
    assert browser.send("/staff/toi", "/staff/toi/ma-du-phong", code="000000").status_code == 422
    answer = browser.send("/staff/toi", "/staff/toi/ma-du-phong", code=office.code())
    codes = codes_on(answer)
    assert len(codes) == 8
    assert "mã dự phòng cũ" in answer.text
    assert browser.send("/staff/toi", "/staff/toi/ma-du-phong", code=office.code()).status_code == 422  # used
    assert office.browser().sign_in("ha.truc", code=codes[3]).status_code == 303
