"""What an alert says in one text message (pure): code, urgency, village, deadline and link, and nothing else.

Without diacritics, because one of them makes the carrier count 70 characters instead of 160. Too long: words that say
least go first; code, urgency and link never go, so nobody gets half a link. The agency whose duty it is comes last and
goes first: it tells two messages to one number apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from services.notify.gsm7 import SEGMENT, plain, septets
from shared.calendar import LOCAL

# Danger that nobody ruled out is said as such where there is room, and as urgent where there is none. Never THUONG for
# what can wait: without its marks it reads as "wound" as well.
_SHORT = {"NOW": "KHAN", "UNKNOWN": "KHAN", "NOT_NOW": "KHONG KHAN"}
_CLOCK = {"WARNED": "SAP HET HAN", "MISSED": "QUA HAN"}
_LONG = {"UNKNOWN": "CHUA RO, COI NHU KHAN"}
# First words of a message that climbed: nobody acknowledged, or somebody did and no step followed.
NOBODY_ANSWERED, NOBODY_ACTED = "CHUA AI NHAN: ", "CHUA AI XU LY: "
# As such agencies are written on every door plate; the longer name first where one begins with the other.
_ABBREVIATED = {
    "ban bao ve tre em": "BVTE",
    "cong an": "CA",
    "trung hoc pho thong": "THPT",
    "trung hoc co so": "THCS",
    "tieu hoc": "TH",
    "mam non": "MN",
    "truong": "",
}


@dataclass(frozen=True)
class SmsFacts:
    """`due_at` is aware. `urgency` is NOW, UNKNOWN or NOT_NOW, and of a clock WARNED or MISSED.

    `commune`, `village` and `agency` (whose duty it is) are names; each may be empty. `louder` are the first words of a
    message that climbed.
    """

    code: str
    urgency: str
    drill: bool
    commune: str
    village: str
    due_at: datetime
    link: str
    agency: str = ""
    louder: str = ""


def alert_text(facts: SmsFacts) -> str:
    """At most 160 septets. Raises `ValueError` only if code and link alone do not fit, which settings prevent."""
    bare = list(_of_an_alert(facts))
    chosen = _fitting(iter(bare))
    for name in _short_names(facts.agency, facts.commune):
        named = list(_of_an_alert(facts, f" ({name})"))[bare.index(chosen)]
        if _fits(named):
            return named
    return chosen


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
        if _fits(candidate):
            return candidate
    raise ValueError("code and link do not fit into one text message")


def _fits(text: str) -> bool:
    size = septets(text)
    return size is not None and size <= SEGMENT


def _of_an_alert(facts: SmsFacts, whose: str = "") -> Iterator[str]:
    """From the full sentence to the bare minimum."""
    drill = f"{'DIEN TAP ' if facts.drill else ''}{facts.louder}"
    commune, village = plain(facts.commune), plain(facts.village)
    head = f"{drill}BVTE {commune}:" if commune else f"{drill}BVTE:"
    urgency = _SHORT.get(facts.urgency, "KHAN")
    in_full = _LONG.get(facts.urgency, urgency)
    due = facts.due_at.astimezone(LOCAL).strftime("%H:%M %d/%m")
    code, link = plain(facts.code), facts.link
    at = f", {village}" if village else ""
    yield f"{head} vu viec {code} {in_full}{at}{whose}. Han {due}. Xem va xac nhan: {link}"
    yield f"{head} vu viec {code} {in_full}{at}{whose}. Han {due}. Xac nhan: {link}"
    yield f"{head} vu viec {code} {urgency}{at}{whose}. Han {due}. Xac nhan: {link}"
    yield f"{head} {code} {urgency}{at}{whose}. Han {due}. {link}"
    yield f"{drill}BVTE: {code} {urgency}{at}{whose}. Han {due}. {link}"
    for shorter in _shortened(village):
        yield f"{drill}BVTE: {code} {urgency}, {shorter}{whose}. Han {due}. {link}"
    yield f"{drill}BVTE: {code} {urgency}{whose}. Han {due}. {link}"
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


def _short_names(agency: str, commune: str) -> Iterator[str]:
    """The agency's name without its commune, which the message has said already; then abbreviated."""
    name, place = plain(re.sub(r"\s*\([^)]*\)", "", agency)), plain(commune)
    for ending in (place, place.partition(" ")[2]):
        if ending and name.lower().endswith(f" {ending.lower()}"):
            name = name[: -len(ending)].strip()
    if not name:
        return
    yield name
    shorter = name
    for words, letters in _ABBREVIATED.items():
        shorter = re.sub(rf"\b{words}\b", letters, shorter, flags=re.IGNORECASE)
    shorter = " ".join(shorter.split())
    if shorter and shorter != name:
        yield shorter
