"""A plan as people read it: without the asks of its injects, each beside the second at which it goes by itself."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from graphlib import CycleError, TopologicalSorter

from msgspec import Struct

from laurel.instruments.exercise.plan.msel import CellRole, Condition, Expected, Objective, Plan


class OutlineCell(Struct, frozen=True):
    """Some people of one member."""

    id: str
    member: str
    role: CellRole
    office: str


class OutlineInject(Struct, frozen=True):
    """An inject as it is read. `goes_s` is None where a hand, a condition or a circle decides when it goes."""

    id: str
    title: str
    cell: str
    command: str | None
    words: str | None
    goes_s: float | None
    when: Condition | None
    by_hand: bool
    after: tuple[str, ...]
    delay_s: float
    expects: tuple[Expected, ...]


class Outline(Struct, frozen=True):
    """The whole plan. Injects stand in the order of time, those that no time decides last and as in the file."""

    title: str
    summary: str
    starts_at: datetime
    lasts_s: float
    objectives: tuple[Objective, ...]
    cells: tuple[OutlineCell, ...]
    injects: tuple[OutlineInject, ...]
    answers: int


def outline(plan: Plan) -> Outline:
    """The plan as people read it."""
    goes = _goes_s(plan)
    rows = (
        OutlineInject(
            *(one.id, one.title, one.cell, one.command, one.words),
            *(goes.get(one.id), one.when, one.by_hand, one.after, one.delay_s, one.expects),
        )
        for one in plan.injects
    )
    cells = tuple(OutlineCell(one.id, one.member, one.role, one.office) for one in plan.cells)
    injects = tuple(sorted(rows, key=lambda row: (row.goes_s is None, row.goes_s or 0.0)))
    return Outline(
        *(plan.title, plan.summary, plan.starts_at, plan.lasts_s),
        *(plan.objectives, cells, injects, len(plan.answers)),
    )


def _goes_s(plan: Plan) -> Mapping[str, float]:
    """Seconds of play at which each inject goes that waits for nothing but time and such injects."""
    injects = {one.id: one for one in plan.injects}
    order = TopologicalSorter({one.id: one.after for one in plan.injects})
    with suppress(CycleError):
        # Whoever waits in a circle never comes up, and all the others do.
        order.prepare()
    goes: dict[str, float] = {}
    while ready := order.get_ready():
        for name in ready:
            one = injects.get(name)
            if one is None or one.by_hand or one.when is not None or any(name not in goes for name in one.after):
                continue
            if one.at_s is not None or one.after:
                goes[name] = max([*(goes[after] for after in one.after), one.at_s or 0.0]) + one.delay_s
        order.done(*ready)
    return goes
