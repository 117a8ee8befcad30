"""Makes a report out of whatever a person typed (pure). Nothing but an empty report is refused.

What is wrong is stripped or kept as text, with a warning, and the report alerts all the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.intake import plain_text
from services.intake.checks import AHEAD, OLDEST_YEAR
from services.intake.report import Report
from shared.calendar import LOCAL
from shared.directory import Directory

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{1,40}")
_MOST_CHILDREN = 20
_OLDEST = 25

Fields = Mapping[str, Sequence[str]]
FIELDS = (
    "form_key", "commune", "description", "immediate_danger", "kinds", "village", "place", "environment",
    "occurred_at", "child_name", "child_age", "child_sex", "child_school", "children_count", "where_now",
    "suspect_relation", "suspect_works_at", "withhold_from", "reporter_name", "reporter_phone",
    "may_be_called", "safe_time_to_call",
)  # fmt: skip


@dataclass
class Reading:
    """`report` is None for an empty form; `errors` are Vietnamese sentences by field, `warnings` codes."""

    report: Report | None
    errors: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def read(fields: Fields, directory: Directory, commune: str, now: datetime) -> Reading:
    """`fields` as the browser sent them: every name may be missing, repeated or hold anything."""
    reader = _Reader(fields, directory, now)
    report = reader.report(commune)
    if not (report.description or report.kinds or report.children or report.place or report.extra):
        return Reading(None, {"description": "Xin cho biết chuyện gì đã xảy ra, dù chỉ một câu."})
    return Reading(report, warnings=list(dict.fromkeys(reader.warnings)))


class _Reader:
    def __init__(self, fields: Fields, directory: Directory, now: datetime) -> None:
        self._fields, self._directory, self._now = fields, directory, now
        self._kept: list[str] = []
        self.warnings: list[str] = []

    def report(self, commune: str) -> Report:
        children = self._children()
        if not children:
            self.warnings.append("NO_CHILD")
        return Report(
            commune=commune,
            received_at=self._now,
            occurred_at=self._moment("occurred_at"),
            channel="WEB",
            village=self._village(commune),
            place=self._text("place"),
            kinds=tuple(self._codes("kinds", "kinds")),
            environment=self._code("environment", "environments"),
            immediate_danger=self._flag("immediate_danger"),
            description=self._text("description"),
            withhold_from=tuple(self._agencies("withhold_from")),
            children=children,
            suspects=self._suspects(),
            reporter=self._reporter(),
            extra="\n".join(self._kept) or None,
        )

    def _children(self) -> tuple[dict[str, Any], ...]:
        child = _filled(
            full_name=self._text("child_name"),
            age=self._number("child_age", _OLDEST),
            sex=self._code("child_sex", "sexes"),
            school=self._agency("child_school", "school"),
            where_now=self._text("where_now"),
        )
        count = self._number("children_count", 1000)
        if count is not None and count > _MOST_CHILDREN:
            self._keep("children_count", str(count))
            count = _MOST_CHILDREN
        if not child and not count:
            return ()
        return (child, *({} for _ in range(1, count or 1)))

    def _suspects(self) -> tuple[dict[str, Any], ...]:
        suspect = _filled(
            relation=self._code("suspect_relation", "relations"),
            works_at=self._workplace(),
        )
        return (suspect,) if suspect else ()

    def _workplace(self) -> str | None:
        """The agency meant, however it is typed; else the words themselves."""
        value = self._text("suspect_works_at")
        if value is None:
            return None
        known = self._directory.agencies_called(value)
        if not known:
            self.warnings.append("WORKPLACE_UNKNOWN")
        return known[0] if known else value

    def _reporter(self) -> dict[str, Any]:
        return _filled(
            full_name=self._text("reporter_name"),
            phone=self._text("reporter_phone"),
            may_be_called=self._flag("may_be_called"),
            safe_time_to_call=self._text("safe_time_to_call"),
        )

    def _text(self, name: str) -> str | None:
        raw = "\n".join(self._fields.get(name, ()))
        if not plain_text.is_readable(raw):
            self.warnings.append("TEXT_STRIPPED")
        return plain_text.cleaned(raw).strip() or None

    def _one(self, name: str) -> str | None:
        return next((value.strip() for value in self._fields.get(name, ()) if value.strip()), None)

    def _codes(self, name: str, table: str) -> list[str]:
        known = []
        for value in dict.fromkeys(value.strip() for value in self._fields.get(name, ()) if value.strip()):
            if self._directory.code(table, value).known:
                known.append(value)
            else:
                self._keep(name, value)
        return known

    def _code(self, name: str, table: str) -> str | None:
        value = self._one(name)
        if value is None or self._directory.code(table, value).known:
            return value
        self._keep(name, value)
        return None

    def _agency(self, name: str, kind: str | None = None) -> str | None:
        value = self._one(name)
        agency = self._directory.agency(value) if value else None
        if value is None or (agency is not None and kind in {None, agency.kind}):
            return value
        self._keep(name, value)
        return None

    def _agencies(self, name: str) -> list[str]:
        """Every one counts: an agency that this directory lacks stays, for a newer one may have it."""
        asked: list[str] = []
        for value in (value.strip() for value in self._fields.get(name, ())):
            known = self._directory.agencies_called(value) if value else []
            asked += known
            if value and not known:
                self._keep(name, value)
                if _CODE.fullmatch(value.lower()):
                    asked.append(value.lower())
        return list(dict.fromkeys(asked))

    def _village(self, commune: str) -> str | None:
        value = self._one("village")
        villages = {unit.code for unit in self._directory.units_under(commune, self._now)}
        if value is None or value in villages:
            return value
        self._keep("village", value)
        return None

    def _flag(self, name: str) -> bool | None:
        return {"yes": True, "no": False}.get(self._one(name) or "")

    def _number(self, name: str, highest: int) -> int | None:
        value = self._one(name)
        if value is None:
            return None
        digits = value.lstrip("0") or "0"
        if value.isascii() and value.isdigit() and len(digits) <= 6 and int(digits) <= highest:
            return int(digits)
        self._keep(name, value)
        return None

    def _moment(self, name: str) -> datetime | None:
        value = self._one(name)
        if value is None:
            return None
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.warnings.append("BAD_TIME")
            self._keep(name, value)
            return None
        # A browser sends the time of the wall clock without a zone.
        moment = moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)
        if moment.year < OLDEST_YEAR:
            self.warnings.append("BAD_TIME")
            self._keep(name, value)
            return None
        if moment > self._now + AHEAD:
            self.warnings.append("FUTURE_TIME")
            self._keep(name, value)
            return None
        return moment

    def _keep(self, name: str, value: str) -> None:
        self.warnings.append("KEPT_AS_TEXT")
        self._kept.append(f"{name}: {value}")


def _filled(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
