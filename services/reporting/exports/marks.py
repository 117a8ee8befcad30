"""How a number is shown that this reader does not get."""

from __future__ import annotations

HIDDEN = "…"
HIDDEN_WORDS = (
    "“…”: số không công bố, để không nhận ra được một trẻ em nào: số từ 1 đến 2, hoặc một số lớn hơn phải giấu cùng "
    "để không tính ra được số nhỏ."
)
LEGEND = f"{HIDDEN_WORDS} “<3”: tổng số từ 1 đến 2."
LEGEND_EN = (
    "“…”: withheld, so that no child can be recognised: 1 or 2, or a larger number that would give a small one away. "
    "“<3”: a total of 1 or 2."
)
WITHHELD = "Bảng này không công bố ở phiên bản này: so với phiên bản trước sẽ lộ một số nhỏ. Tổng số vẫn đúng."
MULTI_VALUED = "Một trẻ em có thể thuộc nhiều dòng của bảng này; cộng các dòng có thể lớn hơn tổng số."


def shown(value: int | None, *, threshold: int, total: bool = False) -> int | str:
    """A hidden cell has one mark whatever it hides: only a total that is hidden is known to be small."""
    if value is not None:
        return value
    return f"<{threshold}" if total else HIDDEN
