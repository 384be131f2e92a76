"""What a table says, put into the file of a plan: what did not change stays as it was written, comments and all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import msgspec
import tomlkit
from tomlkit.items import AoT, Table

from laurel.gateways.exercise.workbook import Sheets
from laurel.instruments.exercise.plan.cast import Cast
from laurel.instruments.exercise.plan.msel import BadPlan, Cell, Expected, Inject, Objective, Plan, parse
from laurel.instruments.exercise.plan.sheet import rows_of

Part = Objective | Cell | Inject | Expected
Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Put:
    """The file as it is now, and the names of what came, went, and says something else."""

    text: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


def put_into(file: bytes, said: Sheets) -> Put:
    """The plan's file with what the sheets say. Raises BadPlan."""
    before = parse(file)
    text = file.decode()
    document = tomlkit.parse(text)
    now: dict[str, tuple[Sequence[Part], Sequence[Part]]] = {"injects": (before.injects, said.injects)}
    if said.cast is not None:
        now["objectives"] = before.objectives, said.cast.objectives
        now["cells"] = before.cells, said.cast.cells
    for name, (was, will) in now.items():
        _put(document, name, was, will)
    written = tomlkit.dumps(document)
    _check_holds(parse(written.encode()), said)
    was_all = {one.id: one for was, _ in now.values() for one in was}
    will_all = {one.id: one for _, will in now.values() for one in will}
    return Put(
        written,
        added=tuple(one for one in will_all if one not in was_all),
        removed=tuple(one for one in was_all if one not in will_all),
        changed=tuple(name for name, one in will_all.items() if name in was_all and not _same(was_all[name], one)),
    )


def _check_holds(plan: Plan, said: Sheets) -> None:
    """Raises BadPlan where the way in which the file is written took something else of what was put into it."""
    held = rows_of(plan.injects) == rows_of(said.injects)
    if not held or (said.cast is not None and Cast(plan.objectives, plan.cells) != said.cast):
        raise BadPlan(why="the table cannot be put into the way this file is written: write its parts as [[injects]]")


def _put(table: Any, name: str, was: Sequence[Part], will: Sequence[Part]) -> None:
    """Each part in its place: as it stood, or changed where it says something else."""
    written: Any = table.get(name)
    if not _is_list_of_tables(written):
        if was == will:
            return
        table.pop(name, None)
        if will:
            table[name] = tomlkit.aot()
            written = table[name]
        was = ()
    before = {one.id: one for one in was}
    order = [one.id for one in was]
    for place, one in enumerate(will):
        if one.id not in before:
            written.insert(place, _table(one))
            order.insert(place, one.id)
            continue
        stands = order.index(one.id)
        if stands != place:
            written.insert(place, written.pop(stands))
            order.insert(place, order.pop(stands))
        _change(written[place], before[one.id], one)
    del written[len(will) :]


def _is_list_of_tables(written: object) -> bool:
    return isinstance(written, AoT)


def _change(table: Any, was: Part, will: Part) -> None:
    if _same(was, will):
        return
    old, new = _fields(was), _fields(will)
    for name in old.keys() | new.keys():
        if name == "expects":
            _put(table, name, cast("Inject", was).expects, cast("Inject", will).expects)
        elif name not in new:
            table.pop(name, None)
        elif old.get(name) != new[name]:
            table[name] = _item(new[name])


def _same(one: Part, other: Part) -> bool:
    """Whether a table says the same of both: of a time in an ask it has the text."""
    if isinstance(one, Inject) and isinstance(other, Inject):
        return rows_of((one,)) == rows_of((other,))
    return one == other


def _fields(part: Part) -> dict[str, Any]:
    """What it says beyond what goes without saying."""
    silent = dict(zip(part.__struct_fields__[::-1], part.__struct_defaults__[::-1], strict=False))
    fields: dict[str, Any] = msgspec.to_builtins(part, builtin_types=())
    return {name: value for name, value in fields.items() if name == "id" or getattr(part, name) != silent.get(name)}


def _table(part: Part) -> Table:
    table = tomlkit.table()
    for name, value in _fields(part).items():
        if name == "expects":
            answers: Any = tomlkit.aot()
            for one in cast("Inject", part).expects:
                answers.append(_table(one))
            table[name] = answers
        else:
            table[name] = _item(value)
    return table


def _item(value: Any) -> Any:
    if isinstance(value, dict):
        table = tomlkit.inline_table()
        for name, one in cast("dict[str, Any]", value).items():
            if one is not None:
                table[name] = _item(one)
        return table
    if isinstance(value, list | tuple):
        array: Any = tomlkit.array()
        for one in cast("Sequence[Any]", value):
            array.append(_item(one))
        return array
    return value
