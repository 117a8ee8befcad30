"""What is wrong with a directory folder, said so that a clerk can put it right."""

from __future__ import annotations


class DirectoryError(Exception):
    """The folder can't be used.

    file: name in the folder; path: place inside it, such as agencies[3].superior[0].agency ("" for the whole file);
    what: what is wrong and what to do about it.
    """

    def __init__(self, file: str, path: str, what: str) -> None:
        self.file = file
        self.path = path
        self.what = what
        super().__init__(f"{file}: {path}: {what}" if path else f"{file}: {what}")
