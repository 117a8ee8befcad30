"""The accounts of a sandbox: one for each role, with a password and a second factor that were made on the first run.

Invented people. Those whose role has to do with cases are people of the sample's contacts, because an account whose
contact nobody knows sees no case. The head of the primary school also sits on the committee (person p-21).
"""

from __future__ import annotations

import base64
import json
import secrets
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from deploy.local.place import REPO
from deploy.local.vault import Vault


@dataclass(frozen=True)
class Account:
    role: str
    user: str
    name: str
    unit: str
    agency: str | None = None
    contact: str | None = None


COMMITTEE = "bvte-binh-luong"
ACCOUNTS = (
    Account("committee", "le.mot", "Lê Thị Mẫu Một", "binh-luong", COMMITTEE, "bvte-1"),
    Account("chairman", "vi.hai", "Vi Văn Mẫu Hai", "binh-luong", COMMITTEE, "bvte-2"),
    Account("clerk", "lo.ba", "Lò Văn Mẫu Ba", "binh-luong", COMMITTEE, "bvte-4"),
    Account("police", "ha.truc", "Hà Văn Mẫu Trực Một", "binh-luong", "ca-binh-luong", "ca-1"),
    Account("school", "luong.hieutruong", "Lương Thị Mẫu Hiệu Trưởng", "binh-luong", "th-binh-luong", "th-1"),
    Account("village", "ha.thon3", "Hà Thị Mẫu Thôn Ba", "thon-3"),
    Account("member", "bui.doanthe", "Bùi Thị Mẫu Đoàn Thể", "binh-luong"),
    Account("district", "trinh.kenhiem", "Trịnh Thị Mẫu Kế Nhiệm", "ke-nhiem-nhu-xuan", "te-ke-nhiem-nhu-xuan",
            "te-ke-nhiem-1"),
    Account("province", "tong.tinh", "Tống Thị Mẫu Tỉnh", "thanh-hoa", "te-thanh-hoa", "te-tinh-1"),
    Account("auditor", "dam.kiemtra", "Đàm Văn Mẫu Kiểm Tra", "binh-luong"),
    Account("administrator", "mac.quantri", "Mạc Thị Mẫu Quản Trị", "binh-luong"),
)  # fmt: skip
COMMAND = (sys.executable, "-m", "services.reporting", "account", "import")


def ready(vault: Vault) -> dict[str, dict[str, str]]:
    """For ready.json: by role what signs the account in."""
    return {
        account.role: {
            "user": account.user,
            "password": vault.have(f"staff-{account.role}-password", _typeable),
            "totp_secret": vault.have(f"staff-{account.role}-totp", _totp_secret),
        }
        for account in ACCOUNTS
    }


def listed(vault: Vault) -> str:
    """What `account import` reads, as JSON."""
    secret = ready(vault)
    return json.dumps(
        [
            {
                **secret[account.role],
                "name": account.name,
                "role": account.role,
                "unit": account.unit,
                "agency": account.agency,
                "contact": account.contact,
            }
            for account in ACCOUNTS
        ],
        ensure_ascii=False,
    )


def import_all(environment: Mapping[str, str], accounts: str) -> str | None:
    """None, or why it did not work. Through the command's standard input, so that no secret is seen in `ps`."""
    done = subprocess.run(COMMAND, cwd=REPO, env=dict(environment), input=accounts, capture_output=True, text=True,
                          timeout=120, check=False)  # fmt: skip
    return None if done.returncode == 0 else (done.stderr.strip() or f"mã thoát {done.returncode}")


def _typeable() -> str:
    """For a sandbox alone: people type it on a telephone. Four groups of two syllables, some 50 bits."""
    syllables = [secrets.choice("bcdghklmnprstvxz") + secrets.choice("aeiou") for _ in range(8)]
    return "-".join("".join(syllables[at : at + 2]) for at in range(0, 8, 2))


def _totp_secret() -> str:
    return base64.b32encode(secrets.token_bytes(20)).decode()
