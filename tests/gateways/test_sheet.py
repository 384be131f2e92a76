"""The MSEL as a workbook, there and back, and put into the file of a plan."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from msgspec import structs
from openpyxl import Workbook, load_workbook
from tests.instruments.exercise.sheets import CAST, msels
from tests.instruments.exercise.test_plan import FILE, plan
from typer.testing import CliRunner

from laurel.cli import app
from laurel.gateways.exercise.into import put_into
from laurel.gateways.exercise.workbook import MSEL, Sheets, from_workbook, to_workbook
from laurel.instruments.exercise.plan.cast import Cast
from laurel.instruments.exercise.plan.msel import BadPlan, Inject, parse
from laurel.instruments.exercise.plan.sheet import rows_of

SCENARIOS = Path(__file__).parents[2] / "scenarios"
PLANS = [SCENARIOS / "three-days/plan.toml", SCENARIOS / "ministers/plan.toml"]
SLOW = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def changed(change: Callable[[Any], None], file: bytes | None = None) -> bytes:
    """The workbook of a plan after somebody opened, changed and saved it."""
    book = load_workbook(io.BytesIO(file or to_workbook(plan())))
    change(book)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


@SLOW
@given(msels(), CAST)
def test_a_workbook_gives_back_what_was_written_into_it_and_holds_no_formula(
    injects: tuple[Inject, ...], whole: Cast
) -> None:
    file = to_workbook(plan(injects=injects, objectives=whole.objectives, cells=whole.cells))
    assert from_workbook(file) == Sheets(injects, whole)
    assert from_workbook(changed(lambda _: None, file)) == Sheets(injects, whole), "as another program saves it"
    kinds = {cell.data_type for page in load_workbook(io.BytesIO(file)) for row in page for cell in row if cell.value}
    assert kinds == {"s"}


@SLOW
@given(msels(), msels(), CAST)
def test_what_a_table_says_is_what_the_plan_then_says(
    before: tuple[Inject, ...], after: tuple[Inject, ...], whole: Cast
) -> None:
    nothing = FILE.split(b"[[injects]]")[0].replace(b"[[objectives]]", b"injects = []\n\n[[objectives]]", 1)
    first = put_into(nothing, Sheets(before))
    assert rows_of(parse(first.text.encode()).injects) == rows_of(before)
    second = put_into(first.text.encode(), Sheets(after, whole))
    read = parse(second.text.encode())
    assert (rows_of(read.injects), read.objectives, read.cells) == (rows_of(after), whole.objectives, whole.cells)


@pytest.mark.parametrize("file", PLANS, ids=lambda one: one.parent.name)
def test_a_plan_that_nobody_changed_comes_back_to_the_letter(file: Path) -> None:
    text = file.read_bytes()
    put = put_into(text, from_workbook(to_workbook(parse(text))))
    assert put.text.encode() == text
    assert put.added == put.removed == put.changed == ()


def test_a_change_touches_its_own_line_alone() -> None:
    text = PLANS[1].read_text()
    before = parse(text.encode())
    late = structs.replace(before.injects[0], at_s=360.0)
    put = put_into(text.encode(), Sheets((late, *before.injects[1:])))
    assert put.changed == (late.id,)
    [line] = [(old, new) for old, new in zip(text.splitlines(), put.text.splitlines(), strict=True) if old != new]
    assert line == ("at_s = 300.0", "at_s = 360.0")


def test_numbers_and_times_that_somebody_typed_are_read_as_such() -> None:
    def typed(book: Any) -> None:
        head = [cell.value for cell in book[MSEL][1]]
        for column, value in {"at": 90, "within": dt.time(0, 4, 30), "delay": dt.timedelta(hours=30)}.items():
            book[MSEL].cell(2, head.index(column) + 1).value = value
        book[MSEL].cell(3, head.index("when_times") + 1).value = 2

    launch, question = from_workbook(changed(typed)).injects
    assert (launch.at_s, launch.expects[0].within_s, launch.delay_s) == (90.0, 270.0, 108_000.0)
    assert question.when is not None
    assert question.when.times == 2


def merged(book: Any) -> None:
    book[MSEL].merge_cells("B2:C3")


def without_names(book: Any) -> None:
    book[MSEL].delete_cols(1)


def renamed(book: Any) -> None:
    book[MSEL].title = "Sheet1"


def put(row: int, column: int, value: object) -> Callable[[Any], None]:
    """Somebody typed this there."""

    def change(book: Any) -> None:
        book[MSEL].cell(row, column).value = value

    return change


@pytest.mark.parametrize(
    ("change", "facts"),
    [
        (put(2, 2, 7), {"sheet": MSEL, "row": 2, "column": "title", "value": "7"}),
        (put(2, 2, "=1+1"), {"sheet": MSEL, "row": 2, "column": "title", "value": "=1+1"}),
        (put(2, 4, dt.datetime.fromisoformat("2027-03-01")), {"sheet": MSEL, "row": 2, "column": "at"}),
        (put(1, 2, None), {"sheet": MSEL, "row": 1}),
        (put(3, 1, "launch"), {"sheet": MSEL, "row": 3, "column": "id", "value": "launch"}),
        (put(3, 9, "lunch"), {"sheet": MSEL, "row": 3, "column": "after", "value": "lunch"}),
        (put(3, 30, "a note"), {"sheet": MSEL, "row": 3, "column": "AD"}),
        (put(500_000, 1, "far"), {"sheet": MSEL}),
        (merged, {"sheet": MSEL, "row": 2, "column": "B"}),
        (without_names, {"sheet": MSEL, "row": 1, "column": "id"}),
        (renamed, {"sheet": MSEL}),
    ],
)
def test_a_workbook_that_is_wrong_is_refused_by_sheet_row_and_column(
    change: Callable[[Any], None], facts: dict[str, object]
) -> None:
    with pytest.raises(BadPlan) as refused:
        from_workbook(changed(change))
    assert facts.items() <= refused.value.facts.items()


def zipped(name: str, content: bytes) -> bytes:
    """A zip of one part."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("file", "fact"),
    [
        (b"id,title\n", "why"),
        (b"\xd0\xcf\x11\xe0" * 100, "why"),
        (zipped("xl/workbook.xml", b"<workbook/>"), "why"),
        (zipped("xl/workbook.xml", b"0" * 40_000_000), "unpacked_bytes"),
        (zipped("xl/workbook.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "part"),
        (b"PK" * 3_000_000, "limit"),
        (to_workbook(plan())[:-200], "why"),
    ],
    ids=["no zip", "locked", "no workbook", "bomb", "entities", "too large", "cut"],
)
def test_what_is_no_workbook_or_too_large_is_refused_before_it_is_unpacked(file: bytes, fact: str) -> None:
    with pytest.raises(BadPlan) as refused:
        from_workbook(file)
    assert fact in refused.value.facts


def test_a_text_that_no_workbook_can_hold_is_told_by_its_cell_and_never_cut() -> None:
    launch = plan().injects[0]
    for wrong in (
        structs.replace(launch, words="a bell \a rings"),
        structs.replace(launch, ask={"text": "x" * 40_000}),
    ):
        with pytest.raises(BadPlan) as refused:
            to_workbook(plan(injects=(wrong,)))
        assert (refused.value.facts["sheet"], refused.value.facts["row"]) == (MSEL, 2)


def test_the_page_is_made_to_be_read_and_printed() -> None:
    page: Any = load_workbook(io.BytesIO(to_workbook(plan())))[MSEL]
    assert page.freeze_panes == "C2"
    assert page["D2"].value == "0:01:00"
    assert all(cell.alignment.wrap_text for row in page for cell in row)
    assert page.column_dimensions["B"].width > page.column_dimensions["D"].width
    assert page.print_title_rows == "$1:$1"
    assert (page.page_setup.orientation, page.page_setup.fitToWidth) == ("landscape", 1)
    # No heading is cut, each inject begins under a line, and the paper says of what exercise it is.
    assert all(page.column_dimensions[cell.column_letter].width > len(cell.value) for cell in page[1])
    assert [bool(row[0].value) for row in page] == [row[0].border.top.style == "thin" for row in page]
    assert page.oddHeader.center.text == plan().title.replace("&", "&&")
    assert page.oddFooter.center.text == "&A, &P / &N"


def laurel(*words: object) -> Any:
    return CliRunner().invoke(app, ["exercise", *map(str, words)])


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_plan_goes_out_as_a_table_and_comes_back(tmp_path: Path, kind: str) -> None:
    file, table = tmp_path / "plan.toml", tmp_path / f"msel.{kind}"
    file.write_bytes(FILE)
    assert laurel("sheet", file, "--to", table).exit_code == 0
    assert laurel("sheet", file, "--to", table).exit_code == 1, "what somebody works on is not written over"
    assert laurel("from-sheet", table, "--into", file).exit_code == 0
    assert file.read_bytes() == FILE


def test_a_wrong_table_leaves_the_plan_as_it_was(tmp_path: Path) -> None:
    file, table = tmp_path / "plan.toml", tmp_path / "msel.xlsx"
    file.write_bytes(FILE)
    Workbook().save(table)
    told = laurel("from-sheet", table, "--into", file)
    assert told.exit_code == 1
    assert isinstance(told.exception, BadPlan)
    table.with_suffix(".csv").write_bytes("題名".encode("cp932"))
    assert "UTF-8" in str(laurel("from-sheet", table.with_suffix(".csv"), "--into", file).exception)
    assert file.read_bytes() == FILE
