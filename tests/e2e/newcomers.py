"""An account from its first code to a forgotten password, as its owner and those who help go through the pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyotp

from tests.harness.forms import form
from tests.harness.staff import Telephone
from tests.harness.waiting import until

if TYPE_CHECKING:
    import httpx

    from tests.harness.staff import Staff

PASSWORD = "một câu ngắn dễ nhớ"
CHOOSE = "/staff/dat-mat-khau"


@dataclass
class Newcomer:
    """`client` is this person's browser, `invitation` the code that was handed over, `ticket` the cookie by which the
    browser is known until the password is set.
    """

    user: str
    client: httpx.Client
    invitation: str = ""
    password: str = PASSWORD
    secret: str = ""
    recovery: list[str] = field(default_factory=list)
    ticket: str = ""
    telephone: Telephone | None = None

    def proof(self) -> dict[str, str]:
        assert self.telephone is not None
        return {"user": self.user, "password": self.password, "code": self.telephone.code()}


def invited(staff: Staff, user: str, role: str = "village", unit: str = "thon-2") -> str:
    """The administrator makes an account: the code to hand over."""
    client, path = staff.client("administrator"), "/staff/tai-khoan/moi"
    shown = form(client.get(path).text, action=path)
    made = staff.send(client, shown, path, user=user, name="Người Bịa Ra", role=role, unit=unit)
    assert made.status_code == 200, made.text
    return number_in(made.text)


def activated(staff: Staff, user: str, code: str) -> Newcomer:
    person = Newcomer(user, staff.stranger(), code)
    shown = form(person.client.get("/staff/kich-hoat").text, action="/staff/kich-hoat")
    answer = in_time(lambda: staff.send(person.client, shown, "/staff/kich-hoat", user=user, code=code))
    assert answer.status_code == 303, answer.text
    return set_up(staff, person)


def set_up(staff: Staff, person: Newcomer, password: str = PASSWORD) -> Newcomer:
    """Choose a password and add the account to the telephone."""
    page = person.client.get(CHOOSE)
    assert page.status_code == 200, page.text
    person.ticket = "".join(person.client.cookies.values())
    person.secret = re.sub(r"\s", "", page.text.partition('class="secret">')[2].partition("<")[0])
    person.telephone, person.password = Telephone(person.secret), password
    shown = form(page.text, action=CHOOSE)
    code = pyotp.TOTP(person.secret).now()
    done = staff.send(person.client, shown, CHOOSE, password=password, again=password, code=code)
    assert done.status_code == 200, done.text
    person.recovery = re.findall(r"<li>([\d ]{12,})</li>", done.text)
    return person


def forgot(staff: Staff, person: Newcomer) -> str:
    """The number that the user's own browser shows."""
    person.client = staff.stranger()
    shown = form(person.client.get("/staff/quen").text, action="/staff/quen")
    waiting = in_time(lambda: staff.send(person.client, shown, "/staff/quen", follow=True, user=person.user))
    return number_in(waiting.text)


def let_pass(staff: Staff, number: str, role: str = "committee") -> None:
    """A second person types the number, sees whose it is, and says that it is right."""
    client, path = staff.client(role), "/staff/dat-lai"
    asked = staff.send(client, form(client.get(path).text, having="number"), path, number=number)
    done = staff.send(client, form(asked.text, having="account"), path)
    assert done.status_code == 200, done.text
    assert 'class="done"' in done.text


def in_time(ask: Callable[[], httpx.Response]) -> httpx.Response:
    """Asked again while so much was asked from one place that each waits a little."""

    def answered() -> httpx.Response | None:
        answer = ask()
        return None if answer.status_code == 429 else answer

    return until(answered, timeout=90, what="another number from this place", every=1)  # type: ignore[return-value]


def number_in(page: str) -> str:
    return page.partition('class="number">')[2].partition("<")[0].strip()
