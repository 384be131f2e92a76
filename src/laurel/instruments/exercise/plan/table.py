"""Tables that people fill in: cells by the names of their columns, and what is wrong by row and column."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from laurel.instruments.exercise.plan.msel import BadPlan

Cells = Mapping[str, str]
"""What stands in each column of a row."""

_CLOCK = re.compile(r"(\d{1,4}):([0-5]\d):([0-5]\d)")


def numbered(table: Sequence[Sequence[str]], columns: Sequence[str]) -> Iterator[tuple[int, Cells]]:
    """Every row that is not empty, with its number as a spreadsheet counts; the head is row 1. Raises BadPlan."""
    head, *rows = table or [()]
    if unknown := [name for name in head if name not in columns]:
        raise BadPlan(row=1, column=unknown[0], why="no such column; there are " + ", ".join(columns))
    if missing := [name for name in columns if name not in head]:
        raise BadPlan(row=1, column=missing[0], why="the column is missing")
    if twice := [name for name, times in Counter(head).items() if times > 1]:
        raise BadPlan(row=1, column=twice[0], why="the column stands there twice")
    for number, cells in enumerate(rows, 2):
        if any(cells):
            if len(cells) != len(head):
                raise BadPlan(row=number, why=f"it has {len(cells)} columns, the head {len(head)}")
            yield number, dict(zip(head, cells, strict=True))


def clock(seconds: float | None) -> str:
    """Seconds of play as h:mm:ss; as a number where they are not whole, so that none is lost; none is empty."""
    if seconds is None:
        return ""
    if not seconds.is_integer():
        return repr(seconds)
    whole = int(seconds)
    return f"{whole // 3_600}:{whole // 60 % 60:02}:{whole % 60:02}"


def clocked(text: str) -> float:
    """Seconds of play, written as h:mm:ss or as a number. Raises ValueError."""
    if found := _CLOCK.fullmatch(text.strip()):
        hours, minutes, rest = map(int, found.groups())
        return float(hours * 3_600 + minutes * 60 + rest)
    return float(text)


def seconds(cells: Cells, column: str, row: int) -> float:
    """What a cell says, as h:mm:ss or a number of seconds. Raises BadPlan."""
    try:
        return clocked(cells[column])
    except ValueError:
        why = "no time: write h:mm:ss, or seconds"
        raise BadPlan(row=row, column=column, value=cells[column], why=why) from None


def number(cells: Cells, column: str, row: int) -> float:
    """What a cell says. Raises BadPlan."""
    try:
        return float(cells[column])
    except ValueError:
        raise BadPlan(row=row, column=column, value=cells[column], why="not a number") from None
