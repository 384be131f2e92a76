"""The MSEL as a table: one row for each expected action, or for an inject that expects nothing.

An inject's own columns stand in its first row; a row without a name goes on with the inject above. Times are h:mm:ss
of play. As CSV, what a spreadsheet would take for a formula has a `'` before it, which is taken off again.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, cast

from laurel.instruments.exercise.files import BadFile, shaped
from laurel.instruments.exercise.plan.msel import MAX_PLAN_BYTES, BadPlan, Expected, Inject
from laurel.instruments.exercise.plan.table import Cells, clock, number, numbered, seconds

INJECT = (
    *("id", "title", "cell", "at", "when_kind", "when_by", "when_times", "by_hand", "after", "delay", "command"),
    *("ask", "words"),
)
EXPECTED = ("expected_id", "member", "kind", "within", "objective", "criterion")
COLUMNS = INJECT + EXPECTED
TIMES = frozenset({"at", "delay", "within"})
FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")

_COLUMN = {"at_s": "at", "delay_s": "delay", "within_s": "within", "when": "when_kind"}
_FIELD = re.compile(r"(?:expects\[(?P<answer>\d+)\]\.)?(?P<name>[a-z_]+)(?:\.(?P<of>[a-z_]+))?.*")


def rows_of(injects: Sequence[Inject]) -> list[list[str]]:
    """The table, its head first."""
    rows = [list(COLUMNS)]
    for inject in injects:
        own = _own(inject)
        for expected in inject.expects or (None,):
            rows.append([*own, *_answer(expected)])
            own = [""] * len(INJECT)
    return rows


def injects_of(table: Sequence[Sequence[str]]) -> tuple[Inject, ...]:
    """The injects of such a table. Raises BadPlan, which names the row and the column."""
    begun: list[_Begun] = []
    for row, cells in numbered(table, COLUMNS):
        if cells["id"]:
            begun.append(_Begun(row, _said(cells, row)))
        elif not begun:
            raise BadPlan(row=row, column="id", why="the first row has no name")
        elif stray := [name for name in INJECT if cells[name]]:
            raise BadPlan(row=row, column=stray[0], why=f"name the inject, or leave it empty: {begun[-1].name} goes on")
        if cells["expected_id"]:
            begun[-1].expect(_expected(cells, row), row)
        elif stray := [name for name in EXPECTED if cells[name]]:
            raise BadPlan(row=row, column="expected_id", why=f"there is a {stray[0]}, of an action without a name")
    injects = tuple(one.inject() for one in begun)
    _check_names(begun)
    return injects


def to_csv(injects: Sequence[Inject]) -> str:
    """The table as text."""
    written = _Written()
    rows = csv.writer(written, lineterminator="\r\n")
    for row in rows_of(injects):
        rows.writerow([_shielded(cell) for cell in row])
    return "".join(written.parts)


def from_csv(text: str) -> tuple[Inject, ...]:
    """The injects of such a text. Raises BadPlan, which names the row and the column."""
    if len(text.encode()) > MAX_PLAN_BYTES:
        raise BadPlan(bytes=len(text.encode()), limit=MAX_PLAN_BYTES)
    try:
        return injects_of([[cell.removeprefix("'") for cell in row] for row in csv.reader(_lines(text), strict=True)])
    except csv.Error as error:
        raise BadPlan(why=str(error)) from None


@dataclass(frozen=True)
class _Begun:
    """An inject as its rows say it, and where each of them stands."""

    row: int
    said: dict[str, Any]
    rows: list[int] = field(default_factory=list[int])

    @property
    def name(self) -> str:
        """Of the inject."""
        return self.said["id"]

    def expect(self, said: dict[str, Any], row: int) -> None:
        """One more expected action."""
        self.said["expects"].append(said)
        self.rows.append(row)

    def inject(self) -> Inject:
        """Whole. Raises BadPlan."""
        try:
            return shaped(self.said, Inject)
        except BadFile as error:
            found = _FIELD.fullmatch(str(error.facts["field"]))
            if found is None:
                raise BadPlan(row=self.row, **error.facts) from None
            answer, name, of = found.group("answer", "name", "of")
            column = f"when_{of}" if name == "when" and of else _COLUMN.get(name, name)
            if answer is not None and name == "id":
                column = "expected_id"
            facts = {one: value for one, value in error.facts.items() if one != "field"}
            row = self.row if answer is None else self.rows[int(answer)]
            raise BadPlan(row=row, column=column, **facts) from None


def _check_names(begun: Sequence[_Begun]) -> None:
    """Raises BadPlan for a name that stands twice, or that nobody has."""
    rows: dict[tuple[str, str], int] = {}
    for one in begun:
        expected = ((said["id"], row) for said, row in zip(one.said["expects"], one.rows, strict=True))
        for column, name, row in (("id", one.name, one.row), *(("expected_id", *each) for each in expected)):
            if (first := rows.setdefault((column, name), row)) != row:
                raise BadPlan(row=row, column=column, value=name, why=f"row {first} has that name")
    for one in begun:
        for name in one.said["after"]:
            if ("id", name) not in rows:
                raise BadPlan(row=one.row, column="after", value=name, why="no inject of this table has that name")


class _Written:
    """What a writer of tables has written."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def write(self, part: str) -> None:
        self.parts.append(part)


def _lines(text: str) -> Iterator[str]:
    """Each with its end. A text may hold other signs that Python takes for the end of a line."""
    *whole, rest = text.split("\n")
    yield from (f"{one}\n" for one in whole)
    if rest:
        yield rest


def _own(inject: Inject) -> list[str]:
    when = inject.when
    return [
        *(inject.id, inject.title, inject.cell, clock(inject.at_s)),
        *(("", "", "") if when is None else (when.kind, when.by or "", str(when.times))),
        *("yes" if inject.by_hand else "", " ".join(inject.after), clock(inject.delay_s or None)),
        *(inject.command or "", _json(inject.ask), inject.words or ""),
    ]


def _answer(expected: Expected | None) -> list[str]:
    if expected is None:
        return [""] * len(EXPECTED)
    within = clock(expected.within_s)
    return [expected.id, expected.member, expected.kind, within, expected.objective, expected.criterion]


def _json(ask: dict[str, Any]) -> str:
    """A time that TOML itself writes comes back as text: a command takes either."""
    return json.dumps(ask, ensure_ascii=False, default=_moment) if ask else ""


def _moment(value: object) -> str:
    if isinstance(value, date | time):
        return value.isoformat()
    raise TypeError(value)


def _said(cells: Cells, row: int) -> dict[str, Any]:
    found: dict[str, Any] = {"id": cells["id"], "title": cells["title"], "cell": cells["cell"], "expects": []}
    for name in ("at", "delay"):
        if cells[name]:
            found[f"{name}_s"] = seconds(cells, name, row)
    if cells["when_kind"]:
        many = number(cells, "when_times", row) if cells["when_times"] else 1.0
        times = int(many) if many.is_integer() else many
        found["when"] = {"kind": cells["when_kind"], "by": cells["when_by"] or None, "times": times}
    elif stray := [name for name in ("when_by", "when_times") if cells[name]]:
        raise BadPlan(row=row, column=stray[0], why="of a condition without when_kind")
    if cells["by_hand"] not in {"", "yes", "no"}:
        raise BadPlan(row=row, column="by_hand", value=cells["by_hand"], why="say yes or no")
    found["by_hand"] = cells["by_hand"] == "yes"
    found["after"] = cells["after"].split()
    for name in ("command", "words"):
        found[name] = cells[name] or None
    if cells["ask"]:
        found["ask"] = _ask(cells["ask"], row)
    return found


def _ask(text: str, row: int) -> Any:
    try:
        ask = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadPlan(row=row, column="ask", why=str(error) or "nested too deeply") from None
    if _holds_nothing(ask):
        raise BadPlan(row=row, column="ask", why="a plan holds no null: leave the field out")
    return ask


def _holds_nothing(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_nothing(one) for one in cast("dict[str, Any]", value).values())
    if isinstance(value, list):
        return any(_holds_nothing(one) for one in cast("list[Any]", value))
    return value is None


def _expected(cells: Cells, row: int) -> dict[str, Any]:
    found: dict[str, Any] = {name: cells[name] for name in ("member", "kind", "objective", "criterion")}
    return {**found, "id": cells["expected_id"], "within_s": seconds(cells, "within", row)}


def _shielded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell
