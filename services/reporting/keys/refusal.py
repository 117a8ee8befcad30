"""What stops a backup or a restore, in words for whoever stands before the machine."""

from __future__ import annotations


class Refused(Exception):
    """Nothing of what was asked for was done. The text says in two languages what is wrong and what to do."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(f"{vi}\n{en}")
