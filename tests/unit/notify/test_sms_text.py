from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.gsm7 import SEGMENT, plain, septets
from services.notify.sms_text import NOBODY_ACTED, NOBODY_ANSWERED, SmsFacts, alert_text, clock_text, notice_text

LINK = "https://lentieng.binhluong.example.vn/a/Ab3dEf6hJk9mNp2q"
DUE = datetime(2026, 1, 5, 7, 30, tzinfo=UTC)


def facts(**changed):
    given_ = {"code": "7K2F93QDXY", "urgency": "NOW", "drill": False, "commune": "Bình Lương", "village": "Thôn 3"}
    return SmsFacts(**{**given_, "due_at": DUE, "link": LINK, **changed})


def test_it_reads_as_a_person_would_write_it():
    short = facts(link="http://127.0.0.1:8002/a/Ab3dEf6hJk9mNp2q")

    assert alert_text(short) == (
        "BVTE Binh Luong: vu viec 7K2F93QDXY KHAN, Thon 3. Han 14:30 05/01. "
        "Xem va xac nhan: http://127.0.0.1:8002/a/Ab3dEf6hJk9mNp2q"
    )


def test_words_go_before_facts():
    long = alert_text(facts(commune="Xã " + "Rất Dài " * 9))

    assert long.startswith("BVTE: 7K2F93QDXY KHAN, Thon 3. Han 14:30 05/01.")
    assert long.endswith(LINK)


def test_a_village_loses_its_last_words_before_it_goes():
    text = alert_text(facts(village="Thôn Một Hai Ba Bốn " + "Năm Sáu Bảy " * 9))

    assert ", Thon Mot Hai" in text
    assert septets(text) <= 160


def test_a_message_that_climbed_begins_with_why():
    text = alert_text(facts(louder=NOBODY_ANSWERED))

    assert text.startswith("CHUA AI NHAN: BVTE Binh Luong: vu viec 7K2F93QDXY KHAN, Thon 3.")
    assert septets(text) <= SEGMENT
    assert alert_text(facts(louder=NOBODY_ANSWERED, drill=True)).startswith("DIEN TAP CHUA AI NHAN: ")


@pytest.mark.parametrize(
    ("agency", "base", "shown"),
    [
        ("Trường Tiểu học Bình Lương", "http://h", " (Truong Tieu hoc). Han"),
        ("Trường Trung học cơ sở Bình Lương", "https://lentieng.binhluong.example.vn", " (THCS). Han"),
        ("Công an xã Bình Lương", "http://h", " (Cong an). Han"),
        ("Ban bảo vệ trẻ em xã Bình Lương", "http://h", " (Ban bao ve tre em). Han"),
        ("Cơ quan cấp trên về trẻ em (cần xác nhận)", "http://h", " (Co quan cap tren ve tre em). Han"),
    ],
)
def test_the_agency_tells_two_messages_to_one_number_apart(agency, base, shown):
    text = alert_text(facts(commune="Xã Bình Lương", agency=agency, link=f"{base}/a/Ab3dEf6hJk9mNp2q"))

    assert shown in text
    assert septets(text) <= SEGMENT


@given(
    agency=st.text(max_size=120),
    base=st.text("abcdefgh.-/:", max_size=60),
    louder=st.sampled_from(["", NOBODY_ANSWERED]),
)
def test_the_agency_takes_no_room_from_anything_else(agency, base, louder):
    given_ = facts(commune="Xã Bình Lương", link=f"{base}/a/Ab3dEf6hJk9mNp2q", louder=louder)
    named = alert_text(facts(commune="Xã Bình Lương", link=given_.link, louder=louder, agency=agency))

    bare, rest = alert_text(given_).split(". Han", 1)
    assert named.startswith(bare)
    assert named.endswith(f". Han{rest}")


@pytest.mark.parametrize(
    ("urgency", "word"), [("NOW", " KHAN"), ("UNKNOWN", " CHUA RO, COI NHU KHAN"), ("NOT_NOW", " KHONG KHAN")]
)
def test_urgency_is_said_in_words(urgency, word):
    assert f"7K2F93QDXY{word}" in alert_text(facts(urgency=urgency, link="http://h/a/Ab3dEf6hJk9mNp2q"))


def test_a_drill_says_so_however_little_room_there_is():
    assert alert_text(facts(drill=True, village="x" * 300, commune="y" * 300)).startswith("DIEN TAP ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thôn Đồng Lương", "Thon Dong Luong"),
        ("ƯỜNG ừng ựớ", "UONG ung uo"),
        ("Làng [cũ] {mới}", "Lang (cu) (moi)"),
        ("村 ☃ a?b#c&d^e~f|g\\h€", "abcdefgh"),
        ("một\n\thai  ba", "mot hai ba"),
        ("`x’", "'x'"),
    ],
)
def test_plain(text, expected):
    assert plain(text) == expected


@given(
    village=st.text(max_size=300),
    commune=st.text(max_size=300),
    urgency=st.sampled_from(["NOW", "UNKNOWN", "NOT_NOW"]),
    drill=st.booleans(),
    base=st.text("abcdefgh.-/:", max_size=56),
    agency=st.text(max_size=300),
    louder=st.sampled_from(["", NOBODY_ANSWERED, NOBODY_ACTED]),
)
def test_one_segment_of_gsm_7_with_code_and_whole_link_whatever_the_names(
    village, commune, urgency, drill, base, agency, louder
):
    link = f"https://{base}/a/Ab3dEf6hJk9mNp2q"

    names = {"village": village, "commune": commune, "agency": agency}
    text = alert_text(facts(**names, urgency=urgency, drill=drill, link=link, louder=louder))

    size = septets(text)
    assert size is not None
    assert size <= 160
    assert text.isascii()
    assert "?" not in text
    assert "7K2F93QDXY" in text
    assert louder in text
    assert text.endswith(link)


@given(st.text(max_size=400))
def test_a_notice_fits_too(text):
    assert (septets(notice_text(text)) or 0) <= 160
    assert "?" not in notice_text(text)


def test_extension_characters_count_two():
    assert septets("€[]") == 6
    assert septets("ă") is None


@pytest.mark.parametrize(("state", "words"), [("WARNED", "SAP HET HAN"), ("MISSED", "QUA HAN")])
@pytest.mark.parametrize("base", ["https://h.vn", "https://" + "x" * 56])
def test_a_clock_says_code_urgency_village_deadline_and_link_in_one_message(state, words, base):
    link = f"{base}/staff/truong-hop/7K2F93QD0A-12"
    text = clock_text(
        SmsFacts(
            code="7K2F93QD0A-12",
            urgency=state,
            drill=False,
            commune="Xã Bình Lương",
            village="Thôn 3",
            due_at=datetime(2026, 1, 5, 13, tzinfo=UTC),
            link=link,
        )
    )

    assert septets(text) <= SEGMENT
    assert text.endswith(link)
    assert "7K2F93QD0A-12" in text
    assert words in text
    assert "20:00 05/01" in text
