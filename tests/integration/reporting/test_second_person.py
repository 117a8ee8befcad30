"""Who may be the second person of a reset, and for whom; without one nothing goes on."""

from __future__ import annotations

from services.reporting.telling import restored
from shared.events import validate
from tests.integration.reporting.setting_up import CHOOSE, NEW, approve, ask, choose, number_on


def test_nothing_goes_on_without_the_second_person(people):
    browser, _ = ask(people, "ha.truc")
    assert browser.get(CHOOSE).status_code == 410
    assert browser.post(CHOOSE, password=NEW, again=NEW, code="1").status_code == 410


def test_a_user_whom_nobody_knows_gets_a_number_too_and_nobody_can_let_it_pass(people):
    office = people
    office.account("da.khoa", disabled_at=office.clock())
    helper = office.signed_in("vi.hai")
    _, known = ask(office, "ha.truc")
    for user in ("khong.co", "da.khoa"):
        browser, number = ask(office, user)
        assert len(number) == len(known)
        answer = helper.send("/staff/dat-lai", number=number)
        assert (answer.status_code, "chưa đúng" in answer.text) == (422, True)
        assert browser.get("/staff/quen/cho").status_code == 200


def test_nobody_is_the_second_person_for_himself(people):
    _, number = ask(people, "vi.hai")
    answer = people.signed_in("vi.hai").send("/staff/dat-lai", number=number)
    assert (answer.status_code, "tự cấp lại" in answer.text) == (422, True)


def test_who_sees_no_case_vouches_for_nobody_who_does(people):
    office = people
    office.account("ha.thon3", "village", "thon-3")
    administrator = office.signed_in("mac.quantri")
    for user in ("le.mot", "vi.hai", "ha.truc"):
        answer = administrator.send("/staff/dat-lai", number=ask(office, user)[1])
        assert (answer.status_code, "Tài khoản này xem vụ việc" in answer.text) == (422, True), user
    assert approve(administrator, ask(office, "ha.thon3")[1]).status_code == 200


def test_nobody_lets_pass_what_he_asked_for_himself(people):
    """One person in one browser: signed in and asking, or asking first and then signing in."""
    office = people
    helper = office.signed_in("le.mot")
    helper.send("/staff/quen", user="vi.hai")
    number = number_on(helper.get("/staff/quen/cho"))
    elsewhere = office.signed_in("le.mot")  # the same person in another browser
    answer = elsewhere.send("/staff/dat-lai", number=number)
    assert (answer.status_code, "người xin số này" in answer.text) == (422, True)
    browser, number = ask(office, "ha.truc")
    assert browser.sign_in("le.mot").status_code == 303
    answer = browser.send("/staff/dat-lai", number=number)
    assert (answer.status_code, "chính máy này" in answer.text) == (422, True)
    assert office.store.enrolments.count_documents({"state": "asked"}) == 2


def test_people_above_help_each_other_and_nobody_below(people):
    office = people
    office.account("lo.kenhiem", "district", "ke-nhiem-nhu-xuan", "te-ke-nhiem-nhu-xuan", "te-ke-nhiem-2")
    helper = office.signed_in("lo.kenhiem")
    assert approve(helper, ask(office, "trinh.kenhiem")[1]).status_code == 200
    answer = helper.send("/staff/dat-lai", number=ask(office, "vi.hai")[1])
    assert (answer.status_code, "đơn vị khác" in answer.text) == (422, True)


def test_who_may_not_approve_does_not_see_the_page(people):
    office = people
    _, number = ask(office, "le.mot")
    office.account("ha.thon3", "village", "thon-3")
    for user in ("ha.truc", "ha.thon3"):
        assert office.signed_in(user).get("/staff/dat-lai").status_code == 403
    browser = office.signed_in("ha.truc")
    assert browser.submit(browser.get("/staff/toi"), "/staff/dang-xuat").status_code == 303
    assert office.store.enrolments.find_one()["state"] == "asked", number


def test_somebody_of_another_unit_is_not_for_us(people):
    people.account("dam.kenhiem", "auditor", "ke-nhiem-nhu-xuan")
    for user in ("trinh.kenhiem", "dam.kenhiem"):
        _, number = ask(people, user)
        answer = people.signed_in("mac.quantri").send("/staff/dat-lai", number=number)
        assert (answer.status_code, "đơn vị khác" in answer.text) == (422, True), user


def test_a_confirmation_is_for_the_person_who_was_shown(people):
    office = people
    _, number = ask(office, "ha.truc")
    helper = office.signed_in("vi.hai")
    shown = helper.send("/staff/dat-lai", number=number)
    answer = helper.submit(shown, "/staff/dat-lai", account="acc-le.mot")
    assert answer.status_code == 422
    assert office.store.enrolments.find_one()["state"] == "asked"
    assert office.rows() == []


def test_numbers_cannot_be_guessed(people):
    helper = people.signed_in("vi.hai")
    answers = [helper.send("/staff/dat-lai", number=f"{number:06d}").status_code for number in range(6)]
    assert answers == [422] * 4 + [429] * 2


def test_who_sees_cases_lets_nobody_into_an_account_that_stands_apart(people):
    """With an administrator's account in the same hand one person would make the second one, and confirm it."""
    office = people
    office.account("dam.kiemtra", "auditor")
    for user in ("mac.quantri", "dam.kiemtra"):
        _, number = ask(office, user)
        for helper in ("le.mot", "vi.hai"):
            answer = office.signed_in(helper).send("/staff/dat-lai", number=number)
            assert (answer.status_code, "đứng ngoài vụ việc" in answer.text) == (422, True), (user, helper)
    assert approve(office.signed_in("mac.quantri"), number).status_code == 200


def test_the_operator_hears_that_an_account_that_stands_apart_was_reset(people):
    office = people
    office.account("mai.quantri", "administrator")
    browser, number = ask(office, "mac.quantri")
    assert approve(office.signed_in("mai.quantri"), number).status_code == 200
    choose(office, browser)
    [notice] = office.store.operator_notices.find()
    [event] = [restored(row) for row in notice["outgoing"]]
    validate(event)
    assert event.name == "operator.noted"
    assert (event.data["topic"], event.data["detail"]) == ("APART_RESET", "administrator, binh-luong")
