"""The MSEL as a table (CSV): one row for each expected action, or for an inject that expects nothing.

An inject's own columns stand in its first row; a row without a name goes on with the inject above. What a spreadsheet
would take for a formula has a `'` before it, which is taken off again.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from laurel.instruments.exercise.files import BadFile, shaped
from laurel.instruments.exercise.plan.msel import MAX_PLAN_BYTES, BadPlan, Expected, Inject

INJECT = (
    *("id", "title", "cell", "at_s", "when_kind", "when_by", "when_times", "by_hand", "after", "delay_s", "command"),
    *("ask", "words"),
)
EXPECTED = ("expected_id", "member", "kind", "within_s", "objective", "criterion")
COLUMNS = INJECT + EXPECTED
FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")


def to_csv(injects: Sequence[Inject]) -> str:
    """The table, with a head."""
    written = _Written()
    rows = csv.writer(written, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for inject in injects:
        own = [_shielded(one) for one in _own(inject)]
        for expected in inject.expects or (None,):
            rows.writerow([*own, *(_shielded(one) for one in _answer(expected))])
            own = [""] * len(INJECT)
    return "".join(written.parts)


def from_csv(text: str) -> tuple[Inject, ...]:
    """The injects of such a table. Raises BadPlan, which names the row and the column."""
    if len(text.encode()) > MAX_PLAN_BYTES:
        raise BadPlan(bytes=len(text.encode()), limit=MAX_PLAN_BYTES)
    try:
        table = [[_bare(cell) for cell in row] for row in csv.reader(_lines(text), strict=True)]
    except csv.Error as error:
        raise BadPlan(why=str(error)) from None
    head, *rows = table or [[]]
    if unknown := [name for name in head if name not in COLUMNS]:
        raise BadPlan(row=1, column=unknown[0], why="no such column; there are " + ", ".join(COLUMNS))
    if missing := [name for name in COLUMNS if name not in head]:
        raise BadPlan(row=1, column=missing[0], why="the column is missing")
    return tuple(_injects(head, rows))


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
        *(inject.id, inject.title, inject.cell, _number(inject.at_s)),
        *(("", "", "") if when is None else (when.kind, when.by or "", str(when.times))),
        *("yes" if inject.by_hand else "", " ".join(inject.after), _number(inject.delay_s or None)),
        *(inject.command or "", json.dumps(inject.ask, ensure_ascii=False) if inject.ask else "", inject.words or ""),
    ]


def _answer(expected: Expected | None) -> list[str]:
    if expected is None:
        return [""] * len(EXPECTED)
    within = _number(expected.within_s)
    return [expected.id, expected.member, expected.kind, within, expected.objective, expected.criterion]


def _number(value: float | None) -> str:
    return "" if value is None else repr(value)


def _injects(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[Inject]:
    """Each inject when its last row has been read."""
    begun: dict[str, Any] | None = None
    begun_at = 0
    for number, cells in enumerate(rows, 2):
        if not any(cells):
            continue
        if len(cells) != len(head):
            raise BadPlan(row=number, why=f"it has {len(cells)} columns, the head {len(head)}")
        row = dict(zip(head, cells, strict=True))
        if row["id"]:
            if begun is not None:
                yield _inject(begun, begun_at)
            begun, begun_at = _begun(row, number), number
        elif begun is None:
            raise BadPlan(row=number, column="id", why="the first row has no name")
        if row["expected_id"]:
            begun["expects"].append(_expected(row, number))
    if begun is not None:
        yield _inject(begun, begun_at)


def _begun(row: Mapping[str, str], number: int) -> dict[str, Any]:
    found: dict[str, Any] = {"id": row["id"], "title": row["title"], "cell": row["cell"], "expects": []}
    for name in ("at_s", "delay_s"):
        if row[name]:
            found[name] = _float(row, name, number)
    if row["when_kind"]:
        times = int(_float(row, "when_times", number)) if row["when_times"] else 1
        found["when"] = {"kind": row["when_kind"], "by": row["when_by"] or None, "times": times}
    if row["by_hand"] not in {"", "yes", "no"}:
        raise BadPlan(row=number, column="by_hand", value=row["by_hand"], why="say yes or no")
    found["by_hand"] = row["by_hand"] == "yes"
    found["after"] = row["after"].split()
    for name in ("command", "words"):
        found[name] = row[name] or None
    if row["ask"]:
        try:
            found["ask"] = json.loads(row["ask"])
        except ValueError as error:
            raise BadPlan(row=number, column="ask", why=str(error)) from None
    return found


def _expected(row: Mapping[str, str], number: int) -> dict[str, Any]:
    found: dict[str, Any] = {name: row[name] for name in ("member", "kind", "objective", "criterion")}
    return {**found, "id": row["expected_id"], "within_s": _float(row, "within_s", number)}


def _float(row: Mapping[str, str], name: str, number: int) -> float:
    try:
        return float(row[name])
    except ValueError:
        raise BadPlan(row=number, column=name, value=row[name], why="not a number") from None


def _inject(raw: dict[str, Any], number: int) -> Inject:
    try:
        return shaped(raw, Inject)
    except BadFile as error:
        raise BadPlan(row=number, **error.facts) from None


def _shielded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _bare(cell: str) -> str:
    return cell.removeprefix("'")
