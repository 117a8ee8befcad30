from __future__ import annotations

import io

import pytest

from deploy.local.screen import Screen, pad, seconds


def test_off_a_terminal_lines_are_plain_and_complete():
    out = io.StringIO()
    with Screen(out).step("Tiếp nhận", "http://127.0.0.1:8001") as step:
        step.note = "xong"
    assert out.getvalue() == f"  ✓ {'Tiếp nhận':<26} 0,0 s    xong\n"


def test_what_fails_is_marked_and_raised():
    out = io.StringIO()
    with pytest.raises(RuntimeError), Screen(out).step("MongoDB"):
        raise RuntimeError
    assert "✗ MongoDB" in out.getvalue()


def test_decomposed_vietnamese_takes_the_columns_it_is_seen_in():
    assert pad("Tiê\u0301p", 6) == "Ti\u1ebfp  "
    assert seconds(5.21) == "5,2 s"
