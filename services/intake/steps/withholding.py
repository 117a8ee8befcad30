"""How far a step may keep others out, and the agencies that a kind or a unit stands for (pure).

Whoever may keep anybody out can bury a case. So a school and a clerk speak for their own agency, a partner for agencies
one by one; a person, whose conflict it is, anybody may name: it can be lifted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from services.intake.steps.author import Author
from services.intake.steps.rules import CONFLICT, RELEASED, Finding
from services.intake.steps.told import Told
from shared.authority import expanded
from shared.directory import Directory

# Unless whoever may also let others back in has delegated that to them.
_FOR_THEMSELVES = frozenset({"school", "clerk"})
# An event's list holds a thousand.
_MOST_CODES = 900


def findings(told: Told, author: Author, directory: Directory) -> Iterator[Finding]:
    """What this author may not keep out."""
    if told.step != CONFLICT:
        return
    kinds_and_units = any(
        directory.unit(one) or directory.code("agency_kinds", one).known for one in told.withhold_from
    )
    if author.client is not None:
        if kinds_and_units:
            yield Finding("withhold_from", "Chỉ ghi từng cơ quan.", "A partner names agencies, no kinds and no units.")
        return
    for_themselves = author.role in _FOR_THEMSELVES and RELEASED not in author.steps
    if for_themselves and any(code != author.agency for code in told.withhold_from):
        vi = (
            "Bạn chỉ khai báo được cho cơ quan của mình. Với cơ quan khác: xin chọn từng người, hoặc báo Ủy ban nhân "
            "dân xã."
        )
        yield Finding("withhold_from", vi, "This role names its own agency alone; persons of any.")


def written_out(codes: Iterable[str], commune: str, directory: Directory) -> list[str]:
    """The codes, and beside each kind and unit its agencies, the commune's own first: whoever reads the event compares
    codes and looks nothing up.
    """
    named = list(dict.fromkeys(codes))
    near = {agency.code for agency in directory.agencies(commune)}
    more = sorted(expanded(named, directory) - set(named), key=lambda code: (code not in near, code))
    return [*named, *more[: max(0, _MOST_CODES - len(named))]]
