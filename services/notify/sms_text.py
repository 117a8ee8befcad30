"""What an alert says in one text message (pure): code, urgency, village, deadline and link, and nothing else.

Without diacritics, because one of them makes the carrier count 70 characters instead of 160. Too long: words that say
least go first; code, urgency and link never go, so nobody gets half a link.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from services.notify.gsm7 import SEGMENT, plain, septets
from shared.calendar import LOCAL

# Danger that nobody ruled out is said as such where there is room, and as urgent where there is none.
_SHORT = {"NOW": "KHAN", "UNKNOWN": "KHAN", "NOT_NOW": "THUONG"}
_CLOCK = {"WARNED": "SAP HET HAN", "MISSED": "QUA HAN"}
_LONG = {"UNKNOWN": "CHUA RO, COI NHU KHAN"}


@dataclass(frozen=True)
class SmsFacts:
    """`due_at` is aware. `urgency` is NOW, UNKNOWN or NOT_NOW, and of a clock WARNED or MISSED.

    `commune` and `village` are names; both may be empty.
    """

    code: str
    urgency: str
    drill: bool
    commune: str
    village: str
    due_at: datetime
    link: str


def alert_text(facts: SmsFacts) -> str:
    """At most 160 septets. Raises `ValueError` only if code and link alone do not fit, which settings prevent."""
    return _fitting(_of_an_alert(facts))


def clock_text(facts: SmsFacts) -> str:
    """A clock that runs out (`urgency` WARNED) or has run out (MISSED). At most 160 septets; raises as `alert_text`."""
    return _fitting(_of_a_clock(facts))


def notice_text(text: str) -> str:
    """A sentence for the operator, made to fit by cutting at a word."""
    words, kept = plain(text).split(), ""
    for word in words:
        longer = f"{kept} {word}".strip()
        if len(longer) > SEGMENT:
            break
        kept = longer
    return kept or plain(text)[:SEGMENT]


def _fitting(candidates: Iterator[str]) -> str:
    for candidate in candidates:
        size = septets(candidate)
        if size is not None and size <= SEGMENT:
            return candidate
    raise ValueError("code and link do not fit into one text message")


def _of_an_alert(facts: SmsFacts) -> Iterator[str]:
    """From the full sentence to the bare minimum."""
    drill = "DIEN TAP " if facts.drill else ""
    commune, village = plain(facts.commune), plain(facts.village)
    head = f"{drill}BVTE {commune}:" if commune else f"{drill}BVTE:"
    urgency = _SHORT.get(facts.urgency, "KHAN")
    in_full = _LONG.get(facts.urgency, urgency)
    due = facts.due_at.astimezone(LOCAL).strftime("%H:%M %d/%m")
    code, link = plain(facts.code), facts.link
    at = f", {village}" if village else ""
    yield f"{head} vu viec {code} {in_full}{at}. Han {due}. Xem va xac nhan: {link}"
    yield f"{head} vu viec {code} {in_full}{at}. Han {due}. Xac nhan: {link}"
    yield f"{head} vu viec {code} {urgency}{at}. Han {due}. Xac nhan: {link}"
    yield f"{head} {code} {urgency}{at}. Han {due}. {link}"
    yield f"{drill}BVTE: {code} {urgency}{at}. Han {due}. {link}"
    for shorter in _shortened(village):
        yield f"{drill}BVTE: {code} {urgency}, {shorter}. Han {due}. {link}"
    yield f"{drill}BVTE: {code} {urgency}. Han {due}. {link}"
    yield f"{drill}{code} {urgency} {link}"


def _of_a_clock(facts: SmsFacts) -> Iterator[str]:
    drill = "DIEN TAP " if facts.drill else ""
    commune, village = plain(facts.commune), plain(facts.village)
    head = f"{drill}BVTE {commune}:" if commune else f"{drill}BVTE:"
    urgency = _CLOCK.get(facts.urgency, "QUA HAN")
    due = facts.due_at.astimezone(LOCAL).strftime("%H:%M %d/%m")
    code, link = plain(facts.code), facts.link
    at = f", {village}" if village else ""
    yield f"{head} truong hop {code} {urgency}{at}. Han {due}. Xem: {link}"
    yield f"{drill}BVTE: {code} {urgency}{at}. Han {due}. {link}"
    for shorter in _shortened(village):
        yield f"{drill}BVTE: {code} {urgency}, {shorter}. Han {due}. {link}"
    yield f"{drill}BVTE: {code} {urgency}. Han {due}. {link}"
    yield f"{drill}{code} {urgency} {link}"


def _shortened(name: str) -> Iterator[str]:
    """The name with fewer and fewer words: the last ones of a village's name tell it apart least."""
    words = name.split()
    for count in range(len(words) - 1, 0, -1):
        yield " ".join(words[:count])
