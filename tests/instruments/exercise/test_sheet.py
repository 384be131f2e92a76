"""The MSEL as a table, as people fill it in."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from tests.instruments.exercise.sheets import CAST, msels
from tests.instruments.exercise.test_plan import FILE, plan

from laurel.instruments.exercise.plan import cast
from laurel.instruments.exercise.plan.cast import Cast, cast_of
from laurel.instruments.exercise.plan.msel import BadPlan, Inject, parse
from laurel.instruments.exercise.plan.sheet import COLUMNS, from_csv, injects_of, rows_of, to_csv


@given(msels())
def test_a_table_gives_back_what_was_written_into_it(injects: tuple[Inject, ...]) -> None:
    table = to_csv(injects)
    assert from_csv(table) == injects
    for cells in csv.reader(io.StringIO(table, newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells), "a spreadsheet would reckon"


@given(CAST)
def test_a_table_of_objectives_and_cells_gives_back_what_was_written_into_it(whole: Cast) -> None:
    assert cast_of(cast.rows_of(whole)) == whole


def test_the_table_of_the_file_is_one_that_people_can_read() -> None:
    head, launch, question = to_csv(plan().injects).splitlines()
    assert head == ",".join(COLUMNS)
    assert launch.startswith('launch,"One missile, over northern Japan",control,0:01:00,')
    assert launch.endswith("alert,JPN,warning.alert.v1,0:02:00,warn,The alert names Japan's territory")
    assert ",warning.alert.v1,JPN,1,,launch,0:00:30," in question


def test_a_time_that_the_file_writes_as_one_comes_back_as_what_a_command_takes() -> None:
    file = FILE.replace(b"at_s = 60.0", b"at_s = 60.0\nask = { due = 2027-03-02T00:00:00Z }")
    [launch, _] = from_csv(to_csv(parse(file).injects))
    assert launch.ask == {"due": "2027-03-02T00:00:00+00:00"}


@pytest.mark.parametrize(
    ("old", "new", "facts"),
    [
        ("title", "tittle", {"row": 1, "column": "tittle"}),
        (",criterion", "", {"row": 1, "column": "criterion"}),
        (",ask,words", ",ask,ask", {"row": 1, "column": "words"}),
        ("0:01:00", "noon", {"row": 2, "column": "at", "value": "noon"}),
        ("0:01:00", "0:61:00", {"row": 2, "column": "at", "value": "0:61:00"}),
        ("0:01:00", "-1", {"row": 2, "column": "at", "value": -1.0}),
        ("0:02:00", "999:00:00", {"row": 2, "column": "within", "value": 3_596_400.0}),
        ("launch,", ",", {"row": 2, "column": "id"}),
        ("question,", "x,y\r\nquestion,", {"row": 3}),
        ("launch,", "bad name,", {"row": 2, "column": "id", "value": "bad name"}),
        ("question,", "launch,", {"row": 3, "column": "id", "value": "launch", "why": "row 2 has that name"}),
        ("request,", "alert,", {"row": 3, "column": "expected_id", "value": "alert"}),
        (",launch,0:00:30", ",lunch,0:00:30", {"row": 3, "column": "after", "value": "lunch"}),
        ("question,", ",", {"row": 3, "column": "title"}),
        ("request,", ",", {"row": 3, "column": "expected_id"}),
        ("JPN,1,,launch", "JPN,1.5,,launch", {"row": 3, "column": "when_times"}),
        (",warning.alert.v1,JPN,1,", ",,JPN,1,", {"row": 3, "column": "when_by"}),
        ("JPN,1,,launch", "JPN,1,maybe,launch", {"row": 3, "column": "by_hand", "value": "maybe"}),
        ("question,", 'x,"y" z', {}),
        ("0:01:00", "6" * 2_000_000, {"limit": 1024 * 1024}),
    ],
)
def test_a_table_that_is_wrong_is_refused_by_row_and_column(old: str, new: str, facts: dict[str, object]) -> None:
    written = to_csv(plan().injects)
    assert old in written
    with pytest.raises(BadPlan) as refused:
        from_csv(written.replace(old, new, 1))
    assert facts.items() <= refused.value.facts.items()


@pytest.mark.parametrize("ask", ["{", '{"a": null}', "[1]", "[" * 100_000])
def test_an_ask_that_no_plan_can_hold_is_refused_by_its_cell(ask: str) -> None:
    rows = rows_of(plan().injects)
    rows[1][COLUMNS.index("ask")] = ask
    with pytest.raises(BadPlan) as refused:
        injects_of(rows)
    assert (refused.value.facts["row"], refused.value.facts["column"]) == (2, "ask")


@pytest.mark.parametrize(
    ("row", "column", "value"),
    [
        (1, "part", "goal"),
        (1, "id", "consult"),
        (1, "member", "JPN"),
        (3, "words", "Warn"),
        (3, "role", "chief"),
        (3, "member", "Japan"),
    ],
)
def test_an_objective_or_a_cell_that_is_wrong_is_refused_by_row_and_column(row: int, column: str, value: str) -> None:
    rows = cast.rows_of(Cast(plan().objectives, plan().cells))
    rows[row][cast.COLUMNS.index(column)] = value
    with pytest.raises(BadPlan) as refused:
        cast_of(rows)
    assert refused.value.facts["column"] == column
    assert refused.value.facts["row"] == (row + 1 if column != "id" else 3)
