"""The invented accounts of a sandbox and the code that each one's telephone would show now. Read from one file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyotp
import yaml

EVERY = 30


@dataclass(frozen=True)
class Account:
    user: str
    password: str
    totp_secret: str
    name: str
    role: str
    where: str

    def code(self, at: datetime) -> str:
        return pyotp.TOTP(self.totp_secret, interval=EVERY).at(at)


def read(file: Path | None, directory: Path | None) -> list[Account]:
    """Empty where there is no such file. Roles and agencies are named by the directory's labels."""
    if file is None or not file.exists():
        return []
    roles, agencies, units = _labels(directory)
    return [
        Account(
            user=entry["user"],
            password=entry["password"],
            totp_secret=entry["totp_secret"],
            name=entry["name"],
            role=roles.get(entry["role"], entry["role"]),
            where=agencies.get(entry["agency"]) or units.get(entry["unit"]) or entry["unit"],
        )
        for entry in json.loads(file.read_text(encoding="utf-8"))
    ]


def left(at: datetime) -> int:
    """For how many seconds the codes of this moment are the newest."""
    return EVERY - int(at.timestamp()) % EVERY


def _labels(directory: Path | None) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    if directory is None:
        return {}, {}, {}
    codes, agencies, units = (
        yaml.safe_load((directory / f"{name}.yaml").read_text(encoding="utf-8"))
        for name in ("codes", "agencies", "units")
    )
    return (
        {entry["code"]: entry["vi"] for entry in codes["tables"]["roles"]["codes"]},
        {entry["code"]: entry["vi"] for entry in agencies["agencies"]},
        {entry["code"]: entry["vi"] for entry in units["units"]},
    )
