"""Objectives and cells as one table: a row for each, which says in `part` what it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from laurel.instruments.exercise.files import BadFile, shaped
from laurel.instruments.exercise.plan.msel import BadPlan, Cell, Objective
from laurel.instruments.exercise.plan.table import Cells, numbered

T = TypeVar("T", Objective, Cell)

COLUMNS = ("part", "id", "words", "capability", "member", "role", "office")
OBJECTIVE, CELL = "objective", "cell"
_OF_OBJECTIVE, _OF_CELL = ("words", "capability"), ("member", "role", "office")


@dataclass(frozen=True)
class Cast:
    """What is to be learnt, and by whom."""

    objectives: tuple[Objective, ...]
    cells: tuple[Cell, ...]


def rows_of(cast: Cast) -> list[list[str]]:
    """The table, its head first."""
    objectives = [[OBJECTIVE, one.id, one.words, one.capability, "", "", ""] for one in cast.objectives]
    cells = [[CELL, one.id, "", "", one.member, one.role.value, one.office] for one in cast.cells]
    return [list(COLUMNS), *objectives, *cells]


def cast_of(table: Sequence[Sequence[str]]) -> Cast:
    """The objectives and cells of such a table. Raises BadPlan, which names the row and the column."""
    objectives: list[Objective] = []
    cells: list[Cell] = []
    stands: dict[tuple[str, str], int] = {}
    for row, said in numbered(table, COLUMNS):
        place = (said["part"], said["id"])
        if place in stands:
            raise BadPlan(row=row, column="id", value=said["id"], why=f"row {stands[place]} has that name")
        stands[place] = row
        if said["part"] == OBJECTIVE:
            objectives.append(_shaped(said, row, _OF_OBJECTIVE, _OF_CELL, Objective))
        elif said["part"] == CELL:
            cells.append(_shaped(said, row, _OF_CELL, _OF_OBJECTIVE, Cell))
        else:
            raise BadPlan(row=row, column="part", value=said["part"], why=f"say {OBJECTIVE} or {CELL}")
    return Cast(tuple(objectives), tuple(cells))


def _shaped(said: Cells, row: int, own: Sequence[str], others: Sequence[str], part: type[T]) -> T:
    if stray := [column for column in others if said[column]]:
        raise BadPlan(
            row=row, column=stray[0], value=said[stray[0]], why=f"this is of no {said['part']}: leave it empty"
        )
    try:
        return shaped({"id": said["id"], **{column: said[column] for column in own}}, part)
    except BadFile as error:
        raise BadPlan(row=row, column=error.facts["field"], why=error.facts["why"]) from None
