"""The table at the end of a bench: each figure beside its floor, each aim beside what was reached, misses marked."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True)
class Line:
    """`ratio` is measured against `floor`; `at_most` turns the aim around. Without an aim it is told, not judged."""

    what: str
    reached: str
    floor: str
    ratio: float | None = None
    aim: float | None = None
    at_most: bool = False

    @property
    def missed(self) -> bool:
        if self.ratio is None or self.aim is None:
            return False
        return self.ratio > self.aim if self.at_most else self.ratio < self.aim

    def cells(self) -> tuple[str, ...]:
        shown = "" if self.ratio is None else f"{self.ratio:.2f} ×"
        wanted = "" if self.aim is None else f"{'≤' if self.at_most else '≥'} {self.aim:g} ×"
        verdict = "" if self.aim is None else "MISSED" if self.missed else "ok"
        return self.what, self.reached, self.floor, shown, wanted, verdict


@dataclass
class Board:
    lines: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, *lines: Line) -> None:
        self.lines += lines
        for line in lines:
            print("   " + "  ".join(cell for cell in line.cells() if cell), flush=True)

    def note(self, text: str) -> None:
        self.notes.append(text)
        print(f"   {text}", flush=True)

    def render(self) -> str:
        head = ("what", "reached", "floor", "ratio", "aim", "")
        rows = [head, *(line.cells() for line in self.lines)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
        shown = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        shown.insert(1, "-" * max(map(len, shown)))
        return "\n".join([*shown, "", *(f"* {note}" for note in self.notes)])


def load_average() -> str:
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank: a value that was really seen."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered) + 0.5) - 1))]


def rates(values: Sequence[float]) -> str:
    """The median, and every round beside it: how noisy the machine was shows."""
    return f"{median(values):,.0f}/s ({' '.join(f'{value:.0f}' for value in values)})"


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
