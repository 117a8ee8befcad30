"""Whatever goes wrong with the form of staff, it comes back filled in, with the names and ticks that it had."""

from __future__ import annotations

import re
from html import unescape

import pytest

from services.intake.spool import SpoolUnavailable

from .filled_form import CONFLICT, FILLED, NOTE, SHOWN, filled_again, same
from .stand import INTAKE, STAFF, later


def test_an_expired_session_loses_nothing(stand):
    """Signed in again elsewhere, the very page is sent again: first the new session's token, then it is kept."""
    session = stand.session()
    grant = stand.grant()
    stand.now = later(stand.now, hours=11)
    answer = stand.form({**FILLED, "grant": grant}, session=session)

    assert answer.status_code == 401
    assert same(answer)
    assert "lần nữa là xong" in answer.text
    assert f'href="{STAFF}/staff/dang-nhap?next=%2Fstaff%2Ftruong-hop%2F7K2F93QD0A-2"' in answer.text
    assert stand.events() == []

    renewed = stand.session()
    once_more = stand.form(filled_again(answer), session=renewed, origin=INTAKE)
    assert once_more.status_code == 403
    assert same(once_more)
    assert "Xem lại rồi bấm lần nữa" in once_more.text
    assert 'class="error' not in once_more.text

    kept = stand.form(filled_again(once_more), session=renewed, origin=INTAKE)
    assert kept.status_code == 303
    assert stand.written(stand.events()[0])["note"] == NOTE


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"step": ""}, "step"),
        ({"step": "EATEN"}, "step"),
        ({"at": "2031-01-01T00:00"}, "at"),
        ({"at": "hôm qua"}, "at"),
        ({"risk": "TERRIBLE"}, "risk"),
        ({"until": "2023-06-09T08:00"}, "until"),
        ({"withhold_from": "th-binh-luong"}, "withhold_from"),
        ({"withhold_contacts": "th-1"}, "withhold_contacts"),
        ({"merged_into": "vụ hôm qua"}, "merged_into"),
        ({"released": "th-binh-luong"}, "released"),
        ({"step": "EMERGENCY_NOT_NEEDED", "note": ""}, "note"),
    ],
)
def test_a_wrong_field_comes_back_with_a_sentence_beside_it(stand, changes, field):
    answer = stand.form({**FILLED, **changes}, session=stand.session())

    assert answer.status_code == 422
    assert same(answer, {**FILLED, **changes})
    assert f'id="{field}-error"' in answer.text
    assert stand.events() == []


@pytest.mark.parametrize(
    ("typed", "kind", "shown"),
    [
        ("2031-01-01T00:00", "datetime-local", "2031-01-01T00:00"),
        ("01/06/2031 07:55", "datetime-local", "2031-06-01T07:55"),
        ("2031-06-01T00:55:00+00:00", "datetime-local", "2031-06-01T07:55"),
        ("hôm qua", "text", "hôm qua"),
        ("9999-12-31T23:59:00-12:00", "text", "9999-12-31T23:59:00-12:00"),
    ],
)
def test_a_time_that_can_be_read_comes_back_in_a_field_of_times(stand, typed, kind, shown):
    answer = stand.form({**FILLED, "at": typed}, session=stand.session())

    assert answer.status_code == 422
    assert f'<input type="{kind}" name="at" id="at" value="{shown}"' in answer.text


def test_a_full_spool_gives_the_form_back(stand, monkeypatch):
    def full(*_):
        raise SpoolUnavailable("full", 30)

    monkeypatch.setattr(stand.intake.spool, "append", full)
    answer = stand.form(FILLED, session=stand.session())

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert same(answer)
    monkeypatch.undo()
    assert stand.form(filled_again(answer), session=stand.session(csrf=filled_again(answer)["csrf"])).status_code == 303


def test_a_fault_of_ours_gives_the_form_back(stand, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError

    monkeypatch.setattr(stand.intake.steps, "record", broken)
    answer = stand.form(FILLED, session=stand.session())

    assert answer.status_code == 500
    assert same(answer)


def test_a_note_longer_than_the_engines_hold_comes_back(stand, monkeypatch):
    monkeypatch.setattr("services.intake.steps.door.LARGEST_EVENT", 2000)
    answer = stand.form({**FILLED, "note": NOTE * 50}, session=stand.session())

    assert answer.status_code == 413
    assert 'id="note-error"' in answer.text
    assert same(answer, {"note": NOTE * 50})
    assert stand.events() == []


def test_a_flood_of_fields_gets_a_page_and_is_not_kept(stand):
    answer = stand.form({f"f{n}": "x" for n in range(2000)}, session=stand.session())

    assert answer.status_code == 413
    assert stand.events() == []


# --- the names that the case page showed ------------------------------------------------------------------------------


def boxes(page):
    """(field, code) of each box, and whether it is ticked."""
    found = re.findall(r'<input type="checkbox" name="(\w+)" value="([^"]*)"( checked)?>', page)
    return {(name, code): bool(ticked) for name, code, ticked in found}


def hidden(page):
    return [unescape(one) for one in re.findall(r'<input type="hidden" name="shown" value="([^"]*)">', page)]


def test_a_form_that_comes_back_shows_the_people_by_name_with_the_same_ticks(stand):
    ticked = {"withhold_contacts": "ca-2", "withhold_from": "te-thanh-hoa"}
    answer = stand.form({**CONFLICT, **ticked}, session=stand.session())

    assert answer.status_code == 422
    assert boxes(answer.text) == {
        ("withhold_contacts", "bvte-1"): False,
        ("withhold_contacts", "ca-2"): True,
        ("withhold_from", "th-binh-luong"): False,
        ("withhold_from", "te-thanh-hoa"): True,
    }
    assert "Lò Thị &lt;Mẫu&gt; | phó, Công an xã" in answer.text
    assert sorted(hidden(answer.text)) == sorted(SHOWN), "and a second time they come back again"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "|",
        "ca-2",
        "withhold_contacts|ca-2",
        "withhold_contacts||A",
        "note|x|A",
        "withhold_contacts|ca-2|" + "x" * 201,
    ],
)
def test_what_is_malformed_is_left_out(stand, line):
    answer = stand.form({**CONFLICT, "shown": [line], "withhold_contacts": "ca-2"}, session=stand.session())

    assert answer.status_code == 422
    assert hidden(answer.text) == []
    assert boxes(answer.text)["withhold_contacts", "ca-2"]
