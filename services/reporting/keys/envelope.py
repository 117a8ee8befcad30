"""The key envelope: an age key. Its public half is in a file, its private half on paper in a safe.

Any `age` tool opens with it what `backup` has written.
"""

from __future__ import annotations

from pathlib import Path

from pyrage import IdentityError, RecipientError, x25519

from services.reporting.keys.refusal import Refused

_PRIVATE = "AGE-SECRET-KEY-"


def recipient(path: Path | None) -> x25519.Recipient:
    """Whom backups are encrypted to. Raises `Refused`."""
    if path is None:
        raise Refused(
            "ENVELOPE_PUBLIC_FILE chưa được đặt: chưa biết mã hóa bản sao lưu cho phong bì nào.",
            "ENVELOPE_PUBLIC_FILE is not set: it names the public half of the key envelope.",
        )
    try:
        return x25519.Recipient.from_str(path.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError, RecipientError):
        raise Refused(
            f"{path} không phải là phần công khai của phong bì khóa (age1…).",
            f"{path} is not the public half of a key envelope (age1…).",
        ) from None


def identity(text: str) -> x25519.Identity:
    """From what is on the paper, the lines around it included. Raises `Refused`."""
    try:
        (line,) = [line.strip() for line in text.splitlines() if line.strip().upper().startswith(_PRIVATE)]
        return x25519.Identity.from_str(line.upper())
    except (ValueError, IdentityError):
        raise Refused(
            f"Đây không phải là phong bì khóa: cần đúng một dòng bắt đầu bằng {_PRIVATE}. Hãy chép lại từng chữ.",
            f"This is no key envelope: one line beginning with {_PRIVATE} is needed. Copy it again, letter by letter.",
        ) from None
