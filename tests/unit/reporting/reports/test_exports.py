"""The bytes that a reader stores."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import openpyxl
import pytest

from services.reporting.exports import FORMATS, Copy, words
from services.reporting.exports.safe import cell, text
from services.reporting.reports.canonical import canonical, digest

DATA = {
    "definition": "children-reported",
    "definition_version": 1,
    "indicator": "REPORTED_CHILDREN",
    "unit": "binh-luong",
    "calendar": "statistical",
    "period": "2023-06",
    "from": "2023-06-01",
    "to": "2023-06-30",
    "audience": "upward",
    "threshold": 3,
    "total": 5,
    "tables": [
        {
            "by": "sex",
            "multi_valued": False,
            "withheld": False,
            "rows": [{"code": "FEMALE", "value": None}, {"code": "MALE", "value": None}, {"code": "U", "value": 0}],
        },
        {
            "by": "village",
            "multi_valued": False,
            "withheld": False,
            "rows": [{"code": "thon-1", "value": 5}, {"code": "thon-2", "value": 0}],
        },
    ],
}
LABELS = {
    "title": ["Trẻ em trong các tin báo", "Children in reports"],
    "note": "Mẫu của hệ thống.",
    "verified": False,
    "indicator": ["Số trẻ em", "Children"],
    "unit": ["Xã Bình Lương", "Binh Luong commune"],
    "tables": {"sex": ["Giới tính", "Sex"], "village": ["Thôn", "Village"]},
    "rows": {
        "sex": {"FEMALE": ["Nữ", "Female"], "MALE": ["Nam", "Male"], "U": ["Không rõ", "Unknown"]},
        "village": {"thon-1": ['=HYPERLINK("http://x","Thôn 1")', "x"], "thon-2": ['Thôn 2, "mới"', "x"]},
    },
}
COPY = Copy(
    definition="children-reported",
    unit="binh-luong",
    calendar="statistical",
    period="2023-06",
    version=2,
    as_of=datetime(2023, 7, 3, 2, 0, tzinfo=UTC),
    directory="1-0123abcd",
    data=DATA,
    sha256=digest(canonical(DATA)),
    changes=[{"table": None, "row": None, "old": 4, "new": 5}, {"table": "sex", "row": "MALE", "old": 4, "new": None}],
    labels=LABELS,
)
HEAD = (
    "children-reported,binh-luong,Xã Bình Lương,statistical,2023-06,2023-06-01,2023-06-30,2,2023-07-03T09:00:00+07:00"
)
GOLDEN = "\r\n".join(
    [
        "\ufeffdefinition,unit,unit_name,calendar,period,from,to,version,as_of,table,table_name,row,row_name,value,shown",
        f"{HEAD},total,Tổng số,,Tổng số,5,5",
        f"{HEAD},sex,Giới tính,FEMALE,Nữ,,…",
        f"{HEAD},sex,Giới tính,MALE,Nam,,…",
        f"{HEAD},sex,Giới tính,U,Không rõ,0,0",
        f'{HEAD},village,Thôn,thon-1,"\'=HYPERLINK(""http://x"",""Thôn 1"")",5,5',
        f'{HEAD},village,Thôn,thon-2,"Thôn 2, ""mới""",0,0',
        "",
    ]
)


def test_the_csv_is_these_bytes():
    assert FORMATS["csv"].render(COPY) == GOLDEN.encode()


def test_the_json_is_canonical_and_begins_like_this():
    content = FORMATS["json"].render(COPY)
    assert content.startswith(b'{"as_of":"2023-07-03T09:00:00+07:00","changes":[{"new":5,"old":4,"row":null,')
    assert canonical(DATA) in content  # what the hash is of stands in the file as it is


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_the_same_copy_is_the_same_bytes(form):
    assert FORMATS[form].render(COPY) == FORMATS[form].render(replace(COPY))


def read(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def test_the_sheet_reads_back_with_numbers_accents_and_marks():
    book = read(FORMATS["xlsx"].render(COPY))
    assert book.sheetnames == ["Báo cáo", "Thay đổi"]
    rows = [row for row in book["Báo cáo"].iter_rows(values_only=True) if any(row)]
    assert [row[0] for row in rows[:5]] == [
        "TRẺ EM TRONG CÁC TIN BÁO",
        "Children in reports",
        "Xã Bình Lương",
        "Tháng 6 năm 2023 (từ 01/06/2023 đến 30/06/2023, theo tháng dương lịch)",
        "Phiên bản 2, số liệu đến 09:00 ngày 03/07/2023",
    ]
    numbers = {row[1]: row[2] for row in rows}
    assert (numbers["thon-1"], numbers["thon-2"], numbers["FEMALE"]) == (5, 0, "…")
    assert isinstance(numbers["thon-1"], int)
    assert any(row[0].startswith("“…”: số không công bố") for row in rows)
    changes = list(book["Thay đổi"].iter_rows(min_row=3, values_only=True))
    assert changes[1:] == [("Tổng số", 4, 5), ("Giới tính: Nam", 4, "…")]


def test_no_cell_of_the_sheet_is_a_formula():
    cells = [one for row in read(FORMATS["xlsx"].render(COPY))["Báo cáo"].iter_rows() for one in row]
    assert [one.value for one in cells if one.data_type == "f"] == []
    (label,) = [one for one in cells if str(one.value).startswith("=")]
    assert label.data_type == "s"
    assert label.quotePrefix


def test_the_sheet_says_nothing_of_when_and_where_it_was_written():
    content = FORMATS["xlsx"].render(COPY)
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert {entry.date_time for entry in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        properties = file.read("docProps/core.xml").decode()
    assert properties.count("2023-07-03T02:00:00Z") == 2
    assert read(content).properties.creator == "Lên Tiếng"


def test_a_small_total_is_below_the_threshold():
    copy = replace(COPY, data={**DATA, "total": None}, changes=[])
    assert ",total,Tổng số,,Tổng số,,<3\r\n" in FORMATS["csv"].render(copy).decode()
    rows = list(read(FORMATS["xlsx"].render(copy))["Báo cáo"].iter_rows(values_only=True))
    assert [row[2] for row in rows if row[0] == "Số trẻ em"] == ["<3"]


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1", "＝1", "%x", "|x"])
def test_what_a_spreadsheet_would_calculate_is_text(value):
    assert cell(value).startswith("'")


def test_ordinary_text_stays_as_it_is():
    assert cell("Thôn 1 - mới") == "Thôn 1 - mới"
    assert cell("…") == "…"
    assert text("a\x00b\nBi\u0300nh") == "a b Bình"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("2023-06", "Tháng 6 năm 2023"),
        ("2023-Q2", "Quý II năm 2023"),
        ("2023-H1", "6 tháng đầu năm 2023"),
        ("2023-H2", "6 tháng cuối năm 2023"),
        ("2023-M09", "9 tháng đầu năm 2023"),
        ("2023", "Năm 2023"),
    ],
)
def test_periods_in_words(code, said):
    assert words.period(code) == said
