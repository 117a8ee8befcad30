"""The form of staff for a step, filled in, and what a browser would send again of the page that comes back."""

from __future__ import annotations

from tests.harness.forms import form

NOTE = "Đã gặp cháu <Mẫu> & mẹ.\nCháu an toàn, ở nhà bà ngoại."
FILLED = {
    "step": "INITIAL_ASSESSED",
    "at": "2023-06-01T07:30",
    "risk": "HIGH",
    "note": NOTE,
    "next_visit": "thứ Hai 9 giờ",
}
SHOWN = [
    "withhold_contacts|bvte-1|Hà Văn Mẫu, Ban bảo vệ trẻ em",
    "withhold_contacts|ca-2|Lò Thị <Mẫu> | phó, Công an xã",
    "withhold_from|th-binh-luong|Trường Tiểu học Bình Lương",
    "withhold_from|te-thanh-hoa|Sở ở tỉnh",
]
CONFLICT = {"step": "CONFLICT_DECLARED", "at": "2031-01-01T00:00", "shown": SHOWN}


def filled_again(answer):
    """What the browser would send if the page were sent again."""
    return form(answer.get_data(as_text=True), action="/ghi-nhan/").fields


def same(answer, fields=None):
    again = filled_again(answer)
    return {name: again.get(name) for name in fields or FILLED} == (fields or FILLED)
