"""The partners that a local run makes for itself, added to the directory's list without fighting an editor."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

# These tokens never leave the machine they were made on; `make clean` ends them.
FAR = "2099-12-31"


@dataclass(frozen=True)
class Wanted:
    """`fresh`: the token was made in this run, so whatever hash an existing entry has is of a token nobody knows."""

    id: str
    name: str
    unit: str
    scopes: tuple[str, ...]
    token_hash: str
    fresh: bool = False


def ensure(file: Path, wanted: list[Wanted]) -> None:
    """Adds who is missing. An entry that is there stays as it is, edited or not, unless its token was lost."""
    text = file.read_text(encoding="utf-8") if file.exists() else "partners: []\n"
    present = {entry.get("id"): entry for entry in _entries(text)}
    for partner in wanted:
        if partner.id not in present:
            text = _append(text, partner)
        elif partner.fresh:
            text = _with_hash(text, partner)
    half = file.with_name(f".{file.name}.{os.getpid()}")
    half.write_text(text, encoding="utf-8")
    half.replace(file)  # the services reload this folder while they run


def _append(text: str, partner: Wanted) -> str:
    """As text, so that comments and order survive; through YAML only where the file is written in another way."""
    entry = (
        f"  - id: {partner.id}\n"
        f"    name: {partner.name}\n"
        f"    unit: {partner.unit}\n"
        f"    expires: {FAR}\n"
        f"    scopes: [{', '.join(partner.scopes)}]\n"
        f'    token_sha256:\n      - "{partner.token_hash}"\n'
    )
    opened = re.sub(r"^partners:\s*\[\s*\]\s*$", "partners:", text, flags=re.MULTILINE).rstrip("\n")
    longer = f"{opened}\n{entry}"
    try:
        entries = _entries(longer)
    except yaml.YAMLError:
        entries = []
    if entries and entries[-1].get("id") == partner.id and len(entries) == len(_entries(text)) + 1:
        return longer
    return _dump([*_entries(text), yaml.safe_load(entry)[0]])


def _with_hash(text: str, partner: Wanted) -> str:
    entries = _entries(text)
    for entry in entries:
        if entry.get("id") == partner.id and partner.token_hash not in entry.get("token_sha256", []):
            entry["token_sha256"] = [partner.token_hash]
    return _dump(entries)


def _entries(text: str) -> list[dict[str, Any]]:
    content = yaml.safe_load(text)
    return list((content or {}).get("partners") or [])


def _dump(entries: list[dict[str, Any]]) -> str:
    return yaml.safe_dump({"partners": entries}, allow_unicode=True, sort_keys=False)
