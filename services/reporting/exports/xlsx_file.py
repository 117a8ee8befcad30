"""XLSX: one sheet to read and print, and a second with what changed since the version before."""

from __future__ import annotations

import io
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from services.reporting.exports import marks, words
from services.reporting.exports.constant_zip import constant
from services.reporting.exports.copy import Copy
from services.reporting.exports.safe import text
from shared.calendar import in_words

_FONT = "Times New Roman"  # what official documents are set in
_WIDTHS = (56, 25, 14)
_LINE = Side(style="thin", color="999999")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEAD = PatternFill("solid", fgColor="E3EAF2")
_GREY = "666666"
_CHARACTERS = 88  # that fit on a line of the three columns together


def render(copy: Copy) -> bytes:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    _report(_Page(sheet, "Báo cáo"), copy)
    if copy.changes:
        _changes(_Page(book.create_sheet(), "Thay đổi"), copy)
    book.properties.creator = "Lên Tiếng"
    book.properties.title = text(copy.labels["title"][0])
    out = io.BytesIO()
    book.save(out)
    return constant(out.getvalue(), copy.as_of)


def _report(page: _Page, copy: Copy) -> None:
    data, labels = copy.data, copy.labels
    page.wide(labels["title"][0].upper(), size=14, bold=True, centred=True)
    page.wide(labels["title"][1], italic=True, centred=True)
    page.wide(labels["unit"][0], bold=True, centred=True)
    dates = f"từ {words.day(data['from'])} đến {words.day(data['to'])}"
    page.wide(f"{words.period(copy.period)} ({dates}, {words.calendar(copy.calendar)})", centred=True)
    page.wide(f"Phiên bản {copy.version}, số liệu đến {in_words(copy.as_of)}", centred=True)
    page.skip()
    total = marks.shown(data["total"], threshold=data["threshold"], total=True)
    page.row(labels["indicator"][0], "", total, bold=True)
    for table in data["tables"]:
        page.skip()
        name = table["by"]
        page.row(f"{copy.table_label(name)} ({copy.table_label(name, 1)})", "Mã", "Số trẻ em", head=True)
        for row in table["rows"]:
            value = marks.shown(row["value"], threshold=data["threshold"])
            page.row(copy.row_label(name, row["code"]), row["code"], value)
        if table["multi_valued"]:
            page.wide(marks.MULTI_VALUED, italic=True)
        if table["withheld"]:
            page.wide(marks.WITHHELD, italic=True)
    page.skip()
    page.wide(marks.LEGEND, italic=True)
    page.wide(marks.LEGEND_EN, italic=True)
    if not labels["verified"] and labels["note"]:
        page.wide(labels["note"], italic=True)
    page.wide(f"Danh mục {copy.directory}. SHA-256: {copy.sha256}", size=8)


def _changes(page: _Page, copy: Copy) -> None:
    page.wide(f"Thay đổi so với phiên bản {copy.version - 1}", size=14, bold=True, centred=True)
    page.skip()
    page.row("Bảng và dòng", "Số cũ", "Số mới", head=True, numbers=(2, 3))
    threshold = copy.data["threshold"]
    for change in copy.changes:
        table = change["table"]
        name = copy.table_label(None)
        if table is not None:
            name = f"{copy.table_label(table)}: {copy.row_label(table, change['row'])}"
        old, new = (marks.shown(change[one], threshold=threshold, total=table is None) for one in ("old", "new"))
        page.row(name, old, new, numbers=(2, 3))


class _Page:
    """A sheet that is written from the top down, three columns wide, for A4."""

    def __init__(self, sheet: Worksheet, title: str) -> None:
        self._sheet = sheet
        self._next = 1
        sheet.title = title
        sheet.sheet_view.showGridLines = False
        for column, width in enumerate(_WIDTHS, 1):
            sheet.column_dimensions[get_column_letter(column)].width = width
        sheet.page_setup.paperSize = 9
        sheet.page_setup.fitToWidth = 1
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.print_options.horizontalCentered = True
        sheet.page_margins = PageMargins(top=0.6, bottom=0.8, footer=0.4)
        footer = sheet.oddFooter
        assert footer is not None
        footer.right.text = "&P/&N"

    def skip(self) -> None:
        self._next += 1

    def wide(self, words: str, *, size: int = 11, centred: bool = False, **font: Any) -> None:
        """A paragraph over all columns; its row is made as high as its lines, because merged cells don't grow."""
        self._sheet.merge_cells(start_row=self._next, end_row=self._next, start_column=1, end_column=len(_WIDTHS))
        cell = self._put(1, words, Font(name=_FONT, size=size, **font))
        cell.alignment = Alignment(horizontal="center" if centred else "left", vertical="top", wrap_text=True)
        lines = -(-len(words) * size // (_CHARACTERS * 11))
        self._sheet.row_dimensions[self._next].height = lines * size * 1.45
        self._next += 1

    def row(self, *values: int | str, head: bool = False, bold: bool = False, numbers: tuple[int, ...] = (3,)) -> None:
        """`numbers` are the columns of numbers; what is between them and the first is less important."""
        for column, value in enumerate(values, 1):
            colour = "000000" if column in {1, *numbers} or head else _GREY
            cell = self._put(column, value, Font(name=_FONT, size=11, bold=head or bold, color=colour))
            cell.border = _BOX
            side = "right" if column in numbers else "left"
            cell.alignment = Alignment(horizontal=side, vertical="center", wrap_text=True, indent=1)
            if head:
                cell.fill = _HEAD
        lines = max(-(-len(str(value)) // _WIDTHS[column]) for column, value in enumerate(values))
        self._sheet.row_dimensions[self._next].height = max(lines, 1) * 15.5
        self._next += 1

    def _put(self, column: int, value: int | str, font: Font) -> Any:
        cell: Any = self._sheet.cell(self._next, column)
        if isinstance(value, str):
            # openpyxl takes a text that begins with = for a formula; as a quoted string no program calculates it.
            cell.value = text(value)
            cell.data_type = "s"
            cell.quotePrefix = text(value)[:1] in {"=", "+", "-", "@"}
        else:
            cell.value = value
            cell.number_format = "#,##0"
        cell.font = font
        return cell
