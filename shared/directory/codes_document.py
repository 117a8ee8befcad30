"""The one labelled code table (vi, en) of everything, as GET /v1/codes gives it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from shared.directory.directory import Directory


def codes_document(directory: Directory) -> dict[str, object]:
    """{"name", "serial", "tables": {table: {"vi", "en", "codes": [{"code", "vi", "en", "valid_from", "valid_to", …}]}}}

    Tables of codes.yaml, and from the rest of the folder: units, agencies, clocks, indicators, age_bands. Days are ISO
    texts or null; closed codes are in it, because old data still carry them.
    """
    tables: dict[str, object] = {
        name: _table(
            directory.table_labels[name],
            (
                _row(one.code, one.vi, one.en, one.valid_from, one.valid_to, confirmed=one.confirmed, **one.attrs)
                for one in codes.values()
            ),
        )
        for name, codes in directory.tables.items()
    }
    tables["units"] = _table(
        ("Đơn vị", "Units"),
        (
            _row(
                one.code,
                one.vi,
                one.en,
                one.valid_from,
                one.valid_to,
                confirmed=one.confirmed,
                level=one.level,
                parents=[{"unit": up.to, **_dates(up.valid_from, up.valid_to)} for up in one.parents],
            )
            for one in directory.units.values()
        ),
    )
    tables["agencies"] = _table(
        ("Cơ quan", "Agencies"),
        (
            _row(
                one.code,
                one.vi,
                one.en,
                one.valid_from,
                one.valid_to,
                confirmed=one.confirmed,
                kind=one.kind,
                unit=one.unit,
            )
            for one in directory.all_agencies.values()
        ),
    )
    tables["clocks"] = _table(
        ("Thời hạn", "Deadlines"),
        (
            _row(one.code, one.vi, one.en, basis=one.basis, basis_kind=one.basis_kind, verified=one.verified)
            for one in directory.clocks.values()
        ),
    )
    tables["indicators"] = _table(
        ("Chỉ tiêu", "Indicators"),
        (
            _row(one.code, one.vi, one.en, one.valid_from, one.valid_to, verified=one.verified)
            for one in directory.indicators.values()
        ),
    )
    tables["age_bands"] = _table(
        ("Nhóm tuổi", "Age bands"),
        (_row(one.code, one.vi, one.en, from_age=one.from_age, to_age=one.to_age) for one in directory.age_bands),
    )
    return {"name": directory.name, "serial": directory.serial, "tables": tables}


def _table(labels: tuple[str, str], rows: Iterable[dict[str, object]]) -> dict[str, object]:
    return {"vi": labels[0], "en": labels[1], "codes": list(rows)}


def _dates(valid_from: date | None, valid_to: date | None) -> dict[str, object]:
    return {
        "valid_from": valid_from.isoformat() if valid_from else None,
        "valid_to": valid_to.isoformat() if valid_to else None,
    }


def _row(
    code: str, vi: str, en: str, valid_from: date | None = None, valid_to: date | None = None, **more: object
) -> dict[str, object]:
    return {"code": code, "vi": vi, "en": en, **_dates(valid_from, valid_to), **more}
