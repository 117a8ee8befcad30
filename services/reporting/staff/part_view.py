"""An opened part as a list of labelled values (pure). What it holds is shown and forgotten: nothing here keeps it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.reporting.staff.wording import birth
from shared.directory import Directory

_PHONE = re.compile(r"\+?[0-9][0-9 .()-]{1,19}")
_YES = {True: "Có", False: "Không", None: "Không rõ"}

_CHILD = {
    "full_name": "Họ và tên",
    "where_now": "Trẻ đang ở",
    "address": "Địa chỉ",
    "birth_date": "Ngày sinh",
    "age": "Tuổi",
    "sex": "Giới tính",
    "carer": "Người chăm sóc",
    "mother": "Mẹ",
    "father": "Cha",
    "condition": "Tình trạng",
    "likely_consequence": "Hậu quả có thể xảy ra",
    "family_circumstances": "Hoàn cảnh gia đình",
    "prior_actions": "Đã làm trước khi báo",
    "school": "Trường",
    "residence_commune": "Xã nơi ở",
    "ethnic_group": "Dân tộc",
    "groups": "Hoàn cảnh đặc biệt",
}
_INCIDENT = {
    "place": "Chỗ xảy ra",
    "description": "Nội dung tin báo",
    "external_id": "Mã của nơi gửi",
    "extra": "Điều khác đã ghi",
}
_SUSPECT = {
    "full_name": "Họ và tên",
    "relation": "Là gì với trẻ",
    "works_at": "Nơi làm việc",
    "description": "Mô tả",
}
# When and whether it is safe to ring stands before the number.
_REPORTER = {
    "full_name": "Họ và tên",
    "may_be_called": "Có thể gọi lại",
    "safe_time_to_call": "Giờ gọi an toàn",
    "phone": "Điện thoại",
    "relation": "Là gì với trẻ",
    "address": "Địa chỉ",
    "note": "Ghi chú",
}
_PERSON = {"full_name": "", "age": "tuổi", "occupation": "", "phone": ""}
_PEOPLE = ("mother", "father")
# The relations under which a parent may be the suspected person.
_SUSPECTED = {"father": frozenset({"FATHER", "PARENT"}), "mother": frozenset({"MOTHER", "PARENT"})}
_PLACES = ("school", "works_at", "residence_commune")
# The child's own fields stand under a heading of their own; an id says nothing to anybody.
_NEVER = frozenset({"case_id", "child"})
_TABLES = {"sex": "sexes", "ethnic_group": "ethnic_groups", "groups": "special_groups"}


@dataclass(frozen=True)
class Line:
    """`call`: the number to ring, for a link that a telephone understands; none where ringing may do harm, and then
    `warning` says why. `first`: shown large."""

    label: str
    value: str
    call: str = ""
    warning: str = ""
    first: bool = False


@dataclass(frozen=True)
class Section:
    title: str
    lines: list[Line]


def sections_of(
    part: str, content: Any, directory: Directory, suspected: Collection[str] = (), *, whole: bool = True
) -> list[Section]:
    """What was opened, by headings; an empty list when there is nothing in it.

    `suspected`: the relations of the suspected persons to the child. Nobody rings one of them by a tap. `whole`: with
    what was written of the incident, which may name its other children too.
    """
    if part == "child":
        found = [("Trẻ em", _CHILD, _child_of(content))]
        found += [("Tin báo", _INCIDENT, content)] if whole else []
    elif part == "suspect":
        people = list(content.get("suspects") or ()) if isinstance(content, Mapping) else []
        title = "Người bị nghi" if len(people) == 1 else "Người bị nghi {number}"
        found = [(title.format(number=number), _SUSPECT, one) for number, one in enumerate(people, start=1)]
    elif part == "reporter":
        found = [("Người báo tin", _REPORTER, content)]
    else:
        note = content.get("note") if isinstance(content, Mapping) else None
        more = content.get("fields") if isinstance(content, Mapping) else None
        found = [("Ghi chú của bước", {"note": "Ghi chú"}, {"note": note}), ("Biểu mẫu", {}, more)]
    relation = "reporter_relations" if part == "reporter" else "relations"
    made = [
        Section(title, list(_lines(known, values, directory, relation, suspected))) for title, known, values in found
    ]
    return [section for section in made if section.lines]


def _child_of(content: Any) -> Any:
    return content.get("child") if isinstance(content, Mapping) else None


def _lines(
    known: Mapping[str, str], values: Any, directory: Directory, relation: str, suspected: Collection[str]
) -> Iterator[Line]:
    """Known fields in their order; what has no label yet is shown under its own name rather than kept back."""
    if not isinstance(values, Mapping):
        return
    names = [*known, *(name for name in values if name not in known and name not in _NEVER)]
    for name in names:
        value = values.get(name)
        if name == "may_be_called" and name in values:
            yield Line(known[name], _YES.get(value, "Không rõ"))
            continue
        if value in (None, "", [], {}):
            continue
        text, warning = _text(name, value, directory, relation), _warning(name, values, suspected)
        call = "" if warning else _call(name, value)
        yield Line(known.get(name, name), text, call, warning, first=name == "full_name")


def _text(name: str, value: Any, directory: Directory, relation: str) -> str:
    if isinstance(value, list):
        return "; ".join(_text(name, one, directory, relation) for one in value)
    if isinstance(value, Mapping):
        if name in _PEOPLE:
            return ", ".join(_person(value))
        return "; ".join(f"{key}: {_text(str(key), one, directory, relation)}" for key, one in value.items())
    if value is None or isinstance(value, bool):
        return _YES[value]
    return _word(name, str(value), directory, relation)


def _word(name: str, value: str, directory: Directory, relation: str) -> str:
    if name == "birth_date":
        return birth(value)
    if name in _PLACES:
        named = directory.agency(value) or directory.unit(value)
        return named.vi if named is not None else value
    table = relation if name == "relation" else _TABLES.get(name)
    return directory.code(table, value).vi if table is not None else value


def _person(value: Mapping[str, Any]) -> Iterator[str]:
    for name, words in _PERSON.items():
        if value.get(name) not in (None, ""):
            yield f"{value[name]} {words}".strip()


def _warning(name: str, values: Mapping[str, Any], suspected: Collection[str]) -> str:
    if not _SUSPECTED.get(name, frozenset()).isdisjoint(suspected):
        return "Có thể là người bị nghi: đừng gọi trước khi trẻ an toàn."
    if name == "phone" and values.get("may_be_called") is False:
        return "Người báo tin không muốn được gọi."
    return ""


def _call(name: str, value: Any) -> str:
    number = value.get("phone") if name in _PEOPLE and isinstance(value, Mapping) else None
    number = value if name == "phone" else number
    text = str(number or "").strip()
    return re.sub(r"[^0-9+]", "", text) if _PHONE.fullmatch(text) else ""
