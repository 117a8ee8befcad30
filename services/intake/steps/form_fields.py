"""Reads the form that staff fill in (pure). What is wrong is said beside its field; nothing typed is dropped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.intake import plain_text
from services.intake.steps.rules import Finding
from services.intake.steps.told import Told, case_called
from shared.calendar import LOCAL
from shared.directory import Directory

# What proves a right or names the post: never part of what was told.
PROOFS = ("grant", "csrf", "form_key")
# The names that the page showed beside its boxes, "<field>|<code>|<name>" each: only shown again, never kept.
SHOWN = "shown"
KNOWN = (
    "step",
    "at",
    "risk",
    "until",
    "withhold_from",
    "withhold_contacts",
    "released",
    "released_contacts",
    "merged_into",
    "note",
)
_NOT_TOLD = (*PROOFS, SHOWN)
_FORMATS = ("%d/%m/%Y %H:%M", "%H:%M %d/%m/%Y", "%d/%m/%Y")
_CHOSEN = ("withhold_from", "withhold_contacts", "released", "released_contacts")
_LONGEST_CODE, _LONGEST_NAME, _MOST_SHOWN, _LONGEST_TIME = 64, 200, 200, 40

Fields = Mapping[str, Sequence[str]]


@dataclass
class Reading:
    """`told` is complete but for what the findings name."""

    told: Told
    findings: list[Finding] = field(default_factory=list)


def read(fields: Fields, directory: Directory, now: datetime) -> Reading:
    """`fields` as the browser sent them: every name may be missing, repeated or hold anything.

    No time means "just now". A field of a name that nobody knows is kept, sealed like the note.
    """
    found: list[Finding] = []
    merged = _text(fields, "merged_into")
    told = Told(
        step=_text(fields, "step") or "",
        at=_moment(fields, "at", found) or now,
        risk=_text(fields, "risk"),
        until=_moment(fields, "until", found),
        withhold_from=_distinct(one for text in _all(fields, "withhold_from") for one in _places(text, directory)),
        withhold_contacts=_distinct(_all(fields, "withhold_contacts")),
        released=_distinct(one for text in _all(fields, "released") for one in _places(text, directory)),
        released_contacts=_distinct(_all(fields, "released_contacts")),
        merged_into=(case_called(merged) or merged) if merged else None,
        note=_text(fields, "note"),
        fields={name: text for name in further(fields) if (text := _text(fields, name))},
    )
    return Reading(told, found)


def told_in(fields: Fields) -> dict[str, list[str]]:
    """The fields that say something, for a digest: the same form sent again with a newer right is the same."""
    return {name: list(values) for name, values in sorted(fields.items()) if name not in _NOT_TOLD}


def further(fields: Fields) -> list[str]:
    """Names of fields that a form of the decree has besides."""
    return [name for name in fields if name not in KNOWN and name not in _NOT_TOLD]


def shown(fields: Fields) -> dict[str, dict[str, str]]:
    """Of each field with boxes: the code and the name of every box that the page had, in its order.

    They come from the browser: names to show to whoever sent them, and to nobody else. What is malformed is left out.
    """
    found: dict[str, dict[str, str]] = {name: {} for name in _CHOSEN}
    for line in list(fields.get(SHOWN, ()))[:_MOST_SHOWN]:
        name, _, rest = _clean(line).partition("|")
        code, _, label = rest.partition("|")
        if name in found and 0 < len(code) <= _LONGEST_CODE and 0 < len(label) <= _LONGEST_NAME:
            found[name].setdefault(code, label)
    return found


def as_field(fields: Fields, name: str) -> str | None:
    """A time as a browser's field of date and time takes it; None where none was sent or it cannot be read."""
    moment = _moment(fields, name, [])
    try:
        local = moment.astimezone(LOCAL) if moment else None
    except OverflowError:
        return None
    return local.strftime(f"{local.year:04}-%m-%dT%H:%M") if local else None


def _all(fields: Fields, name: str) -> list[str]:
    return [clean for text in fields.get(name, ()) if (clean := _clean(text))]


def _text(fields: Fields, name: str) -> str | None:
    return "\n".join(_all(fields, name)) or None


def _clean(text: str) -> str:
    return plain_text.cleaned(text).strip()


def _places(text: str, directory: Directory) -> Sequence[str]:
    """Codes of the agencies meant, by code or name; else the words themselves, in a code's small letters."""
    return directory.agencies_called(text) or [text.lower()]


def _moment(fields: Fields, name: str, found: list[Finding]) -> datetime | None:
    """A browser sends the wall clock's time without a zone; older ones send what was typed."""
    text = _text(fields, name)
    if text is None:
        return None
    # What is longer is no time, and is not looked at: anybody may send it, signed in or not.
    for form in (None, *_FORMATS) if len(text) <= _LONGEST_TIME else ():
        try:
            moment = _written(text, form) if form else datetime.fromisoformat(text)
        except ValueError:
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)
    found.append(Finding(name, "Không đọc được. Xin ghi như 01/06/2023 07:55.", "Is not a time."))
    return None


def _written(text: str, form: str) -> datetime:
    return datetime.strptime(text, form).replace(tzinfo=LOCAL)


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
