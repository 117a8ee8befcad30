"""Numbers and mailboxes as operators may see them (pure)."""

from __future__ import annotations


def masked(target: str) -> str:
    """`+84*****321`, `c***@xa.example`: enough to recognise a target one knows, not enough to write to it."""
    if "@" in target:
        name, _, host = target.partition("@")
        return f"{name[:1]}***@{host}"
    if len(target) <= 6:
        return "*" * len(target)
    return target[:3] + "*" * (len(target) - 6) + target[-3:]
