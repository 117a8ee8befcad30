"""Whether a step means something: a step that exists, done in the past, with what belongs to it (pure).

A finding is the name of a field and a sentence in Vietnamese and in English; none quotes what was sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from services.intake.checks import AHEAD, OLDEST_YEAR
from services.intake.steps.told import Told, case_called
from shared.case_steps import ASSESSMENTS, CONFLICT, ISOLATED, MERGED, RELEASED, WORDS_NEEDED
from shared.directory import Directory

_WHY = ("Xin ghi rõ vì sao.", "Say why.")
_WORDS = {
    "QUESTION_TO_REPORTER": ("Xin ghi đã hỏi gì, được trả lời thế nào.", "Write what was asked, and the answer."),
    "EMERGENCY_NOT_NEEDED": ("Xin ghi rõ vì sao không cần.", "Say why no emergency measure is needed."),
    "CLOSED": ("Xin ghi rõ vì sao kết thúc.", "Say why the case is closed."),
    "UNFOUNDED": ("Xin ghi rõ vì sao tin báo không có cơ sở.", "Say why the report is unfounded."),
    "TRANSFERRED": ("Xin ghi rõ chuyển cho ai, vì sao.", "Say to whom it is transferred, and why."),
    MERGED: ("Xin ghi rõ vì sao là cùng một vụ.", "Say why both are one."),
}
# The law has 15 days "unless a competent authority requires more", so more is taken; a year is a slip of the pen.
_LONGEST_ISOLATION = timedelta(days=366)
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_BELONGS = {
    "until": (ISOLATED, "tạm thời cách ly", "isolation"),
    "withhold_from": (CONFLICT, "khai báo xung đột lợi ích", "declared conflict"),
    "withhold_contacts": (CONFLICT, "khai báo xung đột lợi ích", "declared conflict"),
    "released": (RELEASED, "cho phép một nơi được biết", "release of an agency"),
    "released_contacts": (RELEASED, "cho phép một nơi được biết", "release of an agency"),
    "merged_into": (MERGED, "gộp vào vụ khác", "merging"),
}


class Finding(NamedTuple):
    field: str
    vi: str
    en: str


def findings(told: Told, directory: Directory, now: datetime, *, own: tuple[str, ...], strict: bool) -> list[Finding]:
    """Everything that is wrong. `own`: id and code of the case itself.

    Without `strict` a code that this directory lacks is let through: who must not know was chosen on a page of a
    directory that may be newer, and leaving them out would tell them.
    """
    step = directory.code("steps", told.step)
    if not step.known or not step.in_force(now):
        return [
            Finding("step", "Xin chọn một bước trong danh sách.", "Is not a step in force; see steps in /v1/codes.")
        ]
    return [
        *_times(told, now),
        *_risk(told, directory, now),
        *_misplaced(told),
        *_conflict(told, directory, strict=strict),
        *_release(told, directory, strict=strict),
        *_merging(told, own),
        *_words(told),
    ]


def _times(told: Told, now: datetime) -> Iterator[Finding]:
    if told.at.year < OLDEST_YEAR:
        yield Finding("at", "Năm này quá xa. Xin xem lại.", "Lies too far back; check the year.")
    elif told.at > now + AHEAD:
        vi = "Lúc này còn ở phía trước. Xin ghi lúc việc đã làm xong."
        yield Finding("at", vi, "Lies in the future; say when it was done, and check the clock and the zone.")
    if told.step == ISOLATED and told.until is not None and not told.at < told.until <= told.at + _LONGEST_ISOLATION:
        vi = "Cách ly phải hết sau lúc bắt đầu, và trong vòng một năm."
        yield Finding("until", vi, "Must lie after `at`, and within a year of it.")


def _risk(told: Told, directory: Directory, now: datetime) -> Iterator[Finding]:
    if told.risk is not None:
        level = directory.code("risk_levels", told.risk)
        if not level.known or not level.in_force(now):
            yield Finding("risk", "Xin chọn một mức trong danh sách.", "Is not in force; see risk_levels in /v1/codes.")
    elif told.step in ASSESSMENTS:
        yield Finding("risk", "Đánh giá nguy cơ phải có mức độ.", "An assessment needs its level of risk.")


def _misplaced(told: Told) -> Iterator[Finding]:
    """What belongs to another step is not dropped in silence: whoever wrote it believes that it was done."""
    for field, (step, vi, en) in _BELONGS.items():
        if getattr(told, field) and told.step != step:
            yield Finding(
                field, f"Chỉ dùng cho bước {vi}. Xin chọn bước đó, hoặc bỏ trống ô này.", f"Belongs to {step} ({en})."
            )


def _conflict(told: Told, directory: Directory, *, strict: bool) -> Iterator[Finding]:
    if told.step != CONFLICT:
        return
    if not told.withhold_from and not told.withhold_contacts:
        yield Finding("withhold_from", "Xin chọn ai không được biết.", "Say who must not know.")
    for code in told.withhold_from:
        if not _known(code, directory) and (strict or not _CODE.fullmatch(code)):
            vi, en = "Không có nơi nào tên như vậy.", "Must be agencies, kinds of agency or units of /v1/codes."
            yield Finding("withhold_from", vi, en)
            break
    if not all(_CODE.fullmatch(contact) for contact in told.withhold_contacts):
        yield Finding("withhold_contacts", "Không có người nào tên như vậy.", "Must be ids of contacts.")


def _release(told: Told, directory: Directory, *, strict: bool) -> Iterator[Finding]:
    if told.step != RELEASED:
        return
    if not told.released and not told.released_contacts:
        yield Finding("released", "Xin chọn ai nay được biết.", "Say who may know again.")
    if not all(_CODE.fullmatch(contact) for contact in told.released_contacts):
        yield Finding("released_contacts", "Không có người nào tên như vậy.", "Must be ids of contacts.")
    if not all(_known(code, directory) or (not strict and _CODE.fullmatch(code)) for code in told.released):
        vi, en = "Không có nơi nào tên như vậy.", "Must be agencies, kinds of agency or units of /v1/codes."
        yield Finding("released", vi, en)


def _merging(told: Told, own: tuple[str, ...]) -> Iterator[Finding]:
    if told.step != MERGED:
        return
    if told.merged_into is None or case_called(told.merged_into) is None:
        yield Finding("merged_into", "Xin ghi mã trường hợp kia, như 7K2F93QD0A-1.", "Say which case, by code or id.")
    elif told.merged_into in own:
        yield Finding("merged_into", "Đây chính là trường hợp này.", "Is this case itself.")


def _words(told: Told) -> Iterator[Finding]:
    if told.step in WORDS_NEEDED and not told.note:
        yield Finding("note", *_WORDS.get(told.step, _WHY))


def _known(code: str, directory: Directory) -> bool:
    return bool(directory.agency(code) or directory.unit(code) or directory.code("agency_kinds", code).known)
