"""The MSEL of a plan as a workbook (XLSX), and back: one sheet of injects and what is expected, one of who and why.

Every cell is text, so that no program reckons with it; a time or a number that somebody typed is read as one.
What is read is bounded before it is unpacked, and a formula, a merged cell or an entity of XML is refused.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from io import BytesIO
from typing import TypeVar
from zipfile import BadZipFile, ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from laurel.instruments.exercise.plan import cast, sheet
from laurel.instruments.exercise.plan.cast import Cast, cast_of
from laurel.instruments.exercise.plan.msel import BadPlan, Inject, Plan
from laurel.instruments.exercise.plan.sheet import TIMES, injects_of
from laurel.instruments.exercise.plan.table import clock

MSEL, CAST = "MSEL", "Objectives and cells"
MAX_FILE_BYTES = 4 * 1024 * 1024
MAX_UNPACKED_BYTES = 16 * 1024 * 1024
MAX_PARTS = 200
MAX_ROWS, MAX_COLUMNS = 12_000, 64
MAX_LETTERS = 32_767
"""Of one cell, in units of UTF-16: a workbook holds no more."""

_WIDTH = {
    **dict.fromkeys(("title", "ask", "words", "criterion", "capability"), 36),
    **dict.fromkeys(("office", "command", "kind", "when_kind"), 28),
    **dict.fromkeys(("id", "expected_id", "cell", "objective", "after"), 20),
}
_NARROW = 11
_MARGIN_IN = 0.4
"""All around: a sheet of so many columns needs the paper that there is."""
_NUMBERS = frozenset({*TIMES, "when_times"})
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CALLED: dict[type, str] = {
    bool: "yes or no",
    int: "number",
    float: "number",
    datetime: "date",
    time: "time of day",
}
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_ENTITY = re.compile(rb"<!\s*(DOCTYPE|ENTITY)")

UNREADABLE_BOOK = (LookupError, ValueError, TypeError, AttributeError, OSError, SyntaxError, InvalidFileException)
"""What openpyxl raises for parts that are not there, or not as they should be; an error of XML is a SyntaxError."""

T = TypeVar("T")


@dataclass(frozen=True)
class Sheets:
    """What a table file says of a plan; `cast` is None where it says nothing of objectives and cells."""

    injects: tuple[Inject, ...]
    cast: Cast | None = None


def to_workbook(plan: Plan) -> bytes:
    """The file. Raises BadPlan for what no workbook can hold, by sheet, row and column."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in {
        MSEL: sheet.rows_of(plan.injects),
        CAST: cast.rows_of(Cast(plan.objectives, plan.cells)),
    }.items():
        _write(book.create_sheet(name), rows, plan.title)
    book.properties.title = plan.title
    book.properties.creator = "laurel"
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def from_workbook(file: bytes) -> Sheets:
    """What stands in the file. Raises BadPlan, which names the sheet, the row and the column."""
    _check_unpacked(file)
    try:
        book = load_workbook(BytesIO(file), keep_links=False)
    except UNREADABLE_BOOK as error:
        raise BadPlan(why=f"no workbook (XLSX): {error}") from None
    sheets = {one.title: one for one in book.worksheets}
    if MSEL not in sheets:
        raise BadPlan(sheet=MSEL, why=f"there is no such sheet; there are {', '.join(sheets) or 'none'}")
    injects = _of(sheets[MSEL], injects_of)
    return Sheets(injects, _of(sheets[CAST], cast_of) if CAST in sheets else None)


def _write(page: Worksheet, rows: Sequence[Sequence[str]], title: str) -> None:
    head = rows[0]
    for number, row in enumerate(rows, 1):
        for place, text in enumerate(row, 1):
            cell = page.cell(number, place, _holdable(text, page.title, number, head[place - 1]) or None)
            cell.number_format = "@"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            # What has no name goes on with what is above it.
            cell.border = Border(top=Side("thin", "5B6B7B")) if row[0] else Border()
            if text:
                # "=..." is what somebody wrote, not a formula; "#N/A" no error.
                cell.data_type = "s"
                cell.quotePrefix = True
    for place, name in enumerate(head, 1):
        top = page.cell(1, place)
        top.font, top.fill = Font(bold=True), PatternFill("solid", fgColor="D9E1EC")
        page.column_dimensions[get_column_letter(place)].width = max(_WIDTH.get(name, _NARROW), len(name) + 4)
    page.freeze_panes = "C2"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", page.PAPERSIZE_A3
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.page_margins = PageMargins(_MARGIN_IN, _MARGIN_IN, 2 * _MARGIN_IN, 2 * _MARGIN_IN, _MARGIN_IN, _MARGIN_IN)
    page.print_title_rows = "1:1"
    # In a header a & begins a command.
    for edge, text in ((page.oddHeader, title.replace("&", "&&")), (page.oddFooter, "&A, &P / &N")):
        if edge is not None:
            edge.center.text = text


def _holdable(text: str, page: str, row: int, column: str) -> str:
    """The same, where `_x0041_` would be read as an A. Raises BadPlan."""
    if found := _NO_XML.search(text):
        why = f"a workbook cannot hold the character U+{ord(found[0]):04X}: take it out, or write CSV"
        raise BadPlan(sheet=page, row=row, column=column, why=why)
    escaped = _ESCAPE.sub("_x005F_", text)
    if len(escaped.encode("utf-16-le")) // 2 > MAX_LETTERS:
        why = f"longer than {MAX_LETTERS} letters, which a cell of a workbook holds: write CSV"
        raise BadPlan(sheet=page, row=row, column=column, why=why)
    return escaped


def _check_unpacked(file: bytes) -> None:
    """Raises BadPlan for what is no zip, too large when unpacked, or of its own XML entities."""
    if len(file) > MAX_FILE_BYTES:
        raise BadPlan(bytes=len(file), limit=MAX_FILE_BYTES)
    try:
        with ZipFile(BytesIO(file)) as parts:
            unpacked = sum(one.file_size for one in parts.infolist())
            if unpacked > MAX_UNPACKED_BYTES:
                raise BadPlan(unpacked_bytes=unpacked, limit=MAX_UNPACKED_BYTES)
            if len(parts.infolist()) > MAX_PARTS:
                raise BadPlan(parts=len(parts.infolist()), limit=MAX_PARTS)
            for one in parts.infolist():
                if _ENTITY.search(parts.read(one).replace(b"\0", b"")):
                    raise BadPlan(part=one.filename, why="it defines entities of its own, which no workbook needs")
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        why = f"no workbook (XLSX), or locked with a password: {error}. Save it as an Excel workbook without one"
        raise BadPlan(why=why) from None


def _of(page: Worksheet, read: Callable[[Sequence[Sequence[str]]], T]) -> T:
    try:
        return read(_rows(page))
    except BadPlan as error:
        raise BadPlan(sheet=page.title, **error.facts) from None


def _rows(page: Worksheet) -> list[list[str]]:
    """Its cells as text, as wide as its head. Raises BadPlan."""
    if merged := page.merged_cells.ranges:
        first = min(merged, key=lambda one: (one.min_row, one.min_col))
        why = f"{first.coord} are merged cells: part them, and fill in each"
        raise BadPlan(row=first.min_row, column=get_column_letter(first.min_col), why=why)
    if page.max_row > MAX_ROWS or page.max_column > MAX_COLUMNS:
        why = f"it reaches to {get_column_letter(page.max_column)}{page.max_row}: delete the empty rows and columns"
        raise BadPlan(limit=f"{get_column_letter(MAX_COLUMNS)}{MAX_ROWS}", why=why)
    rows = [list(row) for row in page.iter_rows()]
    head = [_text(cell, get_column_letter(place)) for place, cell in enumerate(rows[0], 1)] if rows else []
    while head and not head[-1]:
        head.pop()
    return [head, *(_of_row(row, head) for row in rows[1:])]


def _of_row(row: Sequence[Cell | MergedCell], head: Sequence[str]) -> list[str]:
    stray = [cell for cell in row[len(head) :] if cell.value is not None]
    if stray:
        raise BadPlan(row=stray[0].row, column=stray[0].column_letter, why="it stands beside the table: delete it")
    return [_text(cell, name) for cell, name in zip(row, head, strict=False)]


def _text(cell: Cell | MergedCell, column: str) -> str:
    """What a cell says. Raises BadPlan for what is no text where text belongs."""
    value = cell.value
    match value:
        case None:
            return ""
        case str() if cell.data_type == "s":
            return value.replace("_x005F_", "_").replace("_x000D_", "\r")
        case time() if column in TIMES:
            return clock(value.hour * 3_600.0 + value.minute * 60.0 + value.second + value.microsecond / 1e6)
        case timedelta() if column in TIMES:
            return clock(value.total_seconds())
        case int() | float() if column in _NUMBERS and not isinstance(value, bool):
            return repr(value)
        case _:
            said = "formula" if cell.data_type == "f" else _CALLED.get(type(value), "value")
            why = f"a {said}, where words belong: make the cell text, and write it again"
            raise BadPlan(row=cell.row, column=column, value=str(value), why=why)
