"""What is posted, and who may be told of it."""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from shared.authority import Contact

FULL = json.loads((Path(__file__).parents[1] / "contract" / "incident-full.json").read_text())
# Who may know differs: a parent; a teacher, so no school; the police withheld; nothing known; violence between pupils.
VARIANTS: tuple[dict[str, Any], ...] = (
    {},
    {"kinds": ["SCHOOL_VIOLENCE"], "environment": "SCHOOL", "suspects": [{"relation": "TEACHER"}]},
    {"withhold_from": ["ca-binh-luong"], "immediate_danger": False},
    {"kinds": [], "environment": None, "immediate_danger": None, "suspects": []},
    {"kinds": ["SCHOOL_VIOLENCE"], "environment": "SCHOOL", "suspects": [{"relation": "PUPIL"}]},
)


def body_of(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The full body with an id of its own and these changes."""
    return {**copy.deepcopy(FULL), "external_id": f"ledger-{uuid.uuid4()}", **changes}


def contacts_of(seed: Path) -> list[Contact]:
    return [
        Contact(
            id=one["id"],
            agency=one["agency"],
            person=one.get("person"),
            phones=tuple(one.get("phones", ())),
            mailboxes=tuple(one.get("mailboxes", ())),
            order=one.get("order", "first"),
        )
        for one in yaml.safe_load(seed.read_text(encoding="utf-8"))["contacts"]
    ]
