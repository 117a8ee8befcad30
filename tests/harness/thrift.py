"""What hundreds of tests would each do again and again, for the same result."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import flask
import jinja2
import pytest

from shared.directory import Directory, folder
from shared.directory.build import build


@contextmanager
def made_once(templates: Path) -> Iterator[None]:
    """In this process a directory of the same bytes is built once, and a template is compiled once."""
    built: dict[tuple[tuple[str, bytes], ...], Directory] = {}

    def once(contents: Mapping[str, bytes]) -> Directory:
        key = tuple(sorted(contents.items()))
        if key not in built:
            built[key] = build(contents)
        return built[key]

    options = {**flask.Flask.jinja_options, "bytecode_cache": jinja2.FileSystemBytecodeCache(str(templates))}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folder, "build", once)
        patch.setattr(flask.Flask, "jinja_options", options)
        yield


def in_memory(need: int) -> str | None:
    """A folder that costs no disk if there is one with `need` bytes to spare; None: wherever temporary files go.

    Engines of tests wait for the disk more than for anything else, and a power cut is nothing that they are tested for.
    """
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free >= need else None
