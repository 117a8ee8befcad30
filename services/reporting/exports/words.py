"""Periods and times in Vietnamese, as a report writes them (pure)."""

from __future__ import annotations

from datetime import date

from shared.calendar import ADMINISTRATIVE

_QUARTERS = {"Q1": "Quý I", "Q2": "Quý II", "Q3": "Quý III", "Q4": "Quý IV"}
_PARTS = {"H1": "6 tháng đầu năm", "H2": "6 tháng cuối năm", "M09": "9 tháng đầu năm"}


def period(code: str) -> str:
    """2023-06 -> Tháng 6 năm 2023."""
    year, _, part = code.partition("-")
    if not part:
        return f"Năm {year}"
    if part in _QUARTERS:
        return f"{_QUARTERS[part]} năm {year}"
    if part in _PARTS:
        return f"{_PARTS[part]} {year}"
    return f"Tháng {int(part)} năm {year}"


def calendar(code: str) -> str:
    return "theo kỳ báo cáo hành chính" if code == ADMINISTRATIVE else "theo tháng dương lịch"


def day(iso: str) -> str:
    return f"{date.fromisoformat(iso):%d/%m/%Y}"
