"""Signing in: one form, one verdict, and nothing that helps whoever has no business here."""

from __future__ import annotations


def test_user_password_and_code_open_a_session(office):
    office.account("le.mot")
    browser = office.browser()
    answer = browser.send("/staff/dang-nhap", user="le.mot", password="mười hai con voi xanh", code=office.code())
    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/vao")
    assert browser.get("/staff/vao").status_code == 303
