"""What the terminal shows: one line per thing that starts, with how long it took."""

from __future__ import annotations

import contextlib
import os
import sys
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

LABEL = 26


@dataclass
class Step:
    note: str = ""


class Screen:
    """Colours and lines that change in place on a terminal only; plain lines elsewhere."""

    def __init__(self, out: TextIO | None = None, quiet: bool = False) -> None:
        self._out = out or sys.stdout
        self._quiet = quiet
        self._terminal = self._out.isatty() and os.environ.get("TERM") != "dumb"
        self._colour = self._terminal and "NO_COLOR" not in os.environ

    def line(self, text: str = "") -> None:
        if not self._quiet:
            print(text, file=self._out, flush=True)

    def title(self, text: str, hint: str = "") -> None:
        self.line()
        self.line(f"  {self.bold(text)}{'   ' + self.dim(hint) if hint else ''}")
        self.line()

    @contextlib.contextmanager
    def step(self, label: str, note: str = "") -> Iterator[Step]:
        """While it runs: the label and "…"; after it: a tick, the seconds, and the note as it is then."""
        step, started = Step(note), time.monotonic()
        if self._terminal and not self._quiet:
            print(f"  {self.dim('…')} {pad(label, LABEL)} {self.dim(note)}", end="\r", file=self._out, flush=True)
        try:
            yield step
        except BaseException:
            self._settle(self._paint("31", "✗"), label, step.note, started)
            raise
        self._settle(self._paint("32", "✓"), label, step.note, started)

    def _settle(self, mark: str, label: str, note: str, started: float) -> None:
        clear = "\033[2K" if self._terminal else ""
        self.line(f"{clear}  {mark} {pad(label, LABEL)} {pad(seconds(time.monotonic() - started), 8)} {note}".rstrip())

    def bold(self, text: str) -> str:
        return self._paint("1", text)

    def dim(self, text: str) -> str:
        return self._paint("2", text)

    def warning(self, text: str) -> str:
        return self._paint("33", text)

    def _paint(self, code: str, text: str) -> str:
        return f"\033[{code}m{text}\033[0m" if self._colour and text else text


def seconds(value: float) -> str:
    """Seconds as they are written in Vietnamese: "5,2 s"."""
    return f"{value:.1f} s".replace(".", ",")


def pad(text: str, width: int) -> str:
    """To `width` columns; a combining mark takes none."""
    composed = unicodedata.normalize("NFC", text)
    return composed + " " * max(0, width - sum(not unicodedata.combining(mark) for mark in composed))
