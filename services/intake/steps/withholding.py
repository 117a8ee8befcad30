"""How far a step may keep others out, and the agencies that a kind or a unit stands for (pure).

Whoever may keep anybody out can bury a case. So a school and a clerk speak for their own agency and its people, a
partner for agencies of its own unit and for no person. Which persons somebody may name is in their grant: intake has no
list of contacts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from services.intake.steps.author import Author
from services.intake.steps.rules import Finding
from services.intake.steps.told import Told
from shared.authority import expanded
from shared.case_steps import CONFLICT, FOR_THEMSELVES, RELEASED
from shared.directory import Directory

# An event's list holds a thousand.
_MOST_CODES = 900


def findings(told: Told, author: Author, directory: Directory) -> Iterator[Finding]:
    """What this author may not keep out."""
    if told.step != CONFLICT:
        return
    if author.client is not None:
        yield from _of_partner(told, author, directory)
        return
    for_themselves = author.role in FOR_THEMSELVES and RELEASED not in author.steps
    if for_themselves and any(code != author.agency for code in told.withhold_from):
        vi = "Bạn chỉ khai báo được cho cơ quan của mình. Với cơ quan khác: xin báo Ủy ban nhân dân xã."
        yield Finding("withhold_from", vi, "This role names its own agency alone.")
    if not {*told.withhold_contacts} <= {*author.people, author.contact}:
        vi = (
            "Có người mà trang này không cho bạn khai báo. Xin mở lại trường hợp và chọn trong danh sách ở đó; người "
            "của cấp trên thì cấp trên khai báo."
        )
        yield Finding(
            "withhold_contacts", vi, "Names somebody whom this grant does not; those above are declared there."
        )


def _of_partner(told: Told, author: Author, directory: Directory) -> Iterator[Finding]:
    agencies = [directory.agency(code) for code in told.withhold_from]
    if any(agency is None or agency.unit != author.unit for agency in agencies):
        vi = "Chỉ ghi từng cơ quan của đơn vị mình."
        yield Finding("withhold_from", vi, "A partner names agencies of its own unit, no kinds and no units.")
    if told.withhold_contacts:
        vi = "Đối tác không khai báo cho từng người."
        yield Finding("withhold_contacts", vi, "A partner names no persons.")


def written_out(codes: Iterable[str], commune: str, directory: Directory) -> list[str]:
    """The codes, and beside each kind and unit its agencies, the commune's own first: whoever reads the event compares
    codes and looks nothing up.
    """
    named = list(dict.fromkeys(codes))
    near = {agency.code for agency in directory.agencies(commune)}
    more = sorted(expanded(named, directory) - set(named), key=lambda code: (code not in near, code))
    return [*named, *more[: max(0, _MOST_CODES - len(named))]]
