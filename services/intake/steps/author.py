"""Who tells a step, and what they may tell: a person with a grant, or a partner with the token of its 202 (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from shared.case_ids import number_of
from shared.case_tokens import CaseToken
from shared.directory import Partner
from shared.grants import Grant
from shared.sessions import Session

# What the decree leaves to the commune, who may know again, and whatever ends a case or the law's twelve hours: nobody
# but the commune's own staff says that, or a partner's slip would stop the clocks of a child in danger.
NOT_FOR_PARTNERS = frozenset(
    {
        "PLAN_APPROVED",
        "AGENCY_RELEASED",
        "MERGED_INTO",
        "EMERGENCY_NOT_NEEDED",
        "CLOSED",
        "UNFOUNDED",
        "TRANSFERRED",
    }
)


class NotAllowed(Exception):
    """This person or partner may not write that. A sentence in Vietnamese and one in English; none quotes a token."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.vi, self.en = vi, en


@dataclass(frozen=True)
class Author:
    """`case_code` is the incident's code with the child's number. `steps` are the codes that may be told; `hats`,
    `contacts` and `people` as in a grant, `spared_at` when one was given to somebody who is told as the last resort.
    `unit`: a partner's.
    """

    by: str
    role: str | None
    agency: str | None
    contact: str | None
    client: str | None
    incident: str
    case: str
    case_code: str
    commune: str
    drill: bool
    steps: frozenset[str]
    hats: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    spared_at: datetime | None = None
    unit: str | None = None

    @property
    def code(self) -> str:
        return self.case_code.rpartition("-")[0]

    @property
    def key_space(self) -> str:
        """Whose keys these are: the same key for another case or by somebody else is another key."""
        return f"steps/{self.case}/{'partner' if self.client else 'account'}/{self.by}"

    def must_be_allowed(self, step: str) -> None:
        """Raises `NotAllowed`."""
        if step not in self.steps:
            raise NotAllowed("Bạn không được ghi bước này.", "This step may not be told with what was sent.")


def by_grant(grant: Grant, session: Session, case: str) -> Author:
    """Raises `NotAllowed`."""
    if grant.account != session.account:
        raise NotAllowed(
            "Trang này do một tài khoản khác mở. Xin mở lại trường hợp bằng tài khoản của bạn.",
            "This grant is another account's.",
        )
    if grant.case != case:
        raise NotAllowed("Quyền ghi này là của trường hợp khác.", "This grant is for another case.")
    return Author(
        by=grant.account,
        role=grant.role,
        agency=grant.agency,
        contact=grant.contact,
        client=None,
        incident=grant.incident,
        case=grant.case,
        case_code=grant.code,
        commune=grant.commune,
        drill=grant.drill,
        steps=frozenset(grant.steps),
        hats=grant.hats,
        contacts=grant.contacts,
        people=grant.people,
        spared_at=grant.issued_at if grant.spared else None,
    )


def by_token(token: CaseToken | None, partner: Partner, case: str, known: Iterable[str]) -> Author:
    """`known`: every step there is. Raises `NotAllowed`."""
    if token is None or token.client != partner.id:
        raise NotAllowed("Mã trường hợp không đúng.", "This case_token is not one that was given to this partner.")
    number = number_of(token.incident, case, token.cases)
    if number is None:
        raise NotAllowed("Mã trường hợp là của vụ khác.", "This case_token is for another incident's cases.")
    return Author(
        by=partner.id,
        role=None,
        agency=None,
        contact=None,
        client=partner.id,
        incident=token.incident,
        case=case,
        case_code=f"{token.code}-{number}",
        commune=token.commune,
        drill=token.drill,
        steps=frozenset(known) - NOT_FOR_PARTNERS,
        unit=partner.unit,
    )
