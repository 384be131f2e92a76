"""The verb by which an officer lets a node speak again that lost records of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from laurel.cli.show import AsJson, show
from laurel.cli.verbs import Token, call, new_ask_id
from laurel.core.errors import BadField

EVERYTHING = "all"


def resume(
    folder: Annotated[Path, typer.Argument(help="The node's folder.")],
    lost: Annotated[
        str | None, typer.Option("--lost", metavar="N..M|all", help="Numbers to declare lost; all: as listed.")
    ] = None,
    lane: Annotated[
        str | None, typer.Option("--lane", metavar="MEMBERS/PRECEDENCE", help='Such as "JPN KOR USA/FLASH".')
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="What every reader of the lane is told.")] = None,
    world: Annotated[str | None, typer.Option("--world", help="The live world of the node, if not named.")] = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Show whether the node speaks to its peers and what it lacks; declare lost what nobody has.

    Declare more rather than less: numbers cost nothing, and one that a peer turns out to hold under another record
    is a fork. What turns up later of what was declared lost is kept in its place.
    """
    from laurel.node.doorstep import find_world, world_url

    layout, named = find_world(folder, world)
    url = f"{world_url(layout, named)}/{named.name}"
    found = call(url, token, "GET", "resumption", {}, None)
    if lost is None:
        show(found, as_json=as_json)
        return
    if reason is None:
        raise BadField(missing="--reason", must_be="what happened, in words that all readers of the lane may read")
    for audience, precedence, first, last in _declared(found["lanes"], lost, lane):
        ask = {"audience": audience, "precedence": precedence, "first": first, "last": last, "reason": reason}
        call(url, token, "POST", "line/declare-gap", ask, new_ask_id())
    show(call(url, token, "GET", "resumption", {}, None), as_json=as_json)


def _declared(
    lanes: Sequence[Mapping[str, Any]], lost: str, lane: str | None
) -> list[tuple[Sequence[str], int, int, int]]:
    """What to declare: audience, precedence, first and last number. Raises BadField."""
    from laurel.core.record import Precedence

    names = {f"{' '.join(one['audience'])}/{Precedence(one['precedence']).name}": one for one in lanes}
    if lost == EVERYTHING:
        chosen = [one for name, one in names.items() if lane in {None, name}]
        return [(one["audience"], one["precedence"], one["first"], one["last"]) for one in chosen]
    first, dots, last = lost.partition("..")
    if not (dots and first.isdecimal() and last.isdecimal()):
        raise BadField(field="--lost", value=lost, must_be="N..M, such as 6..20, or all")
    if lane is None and len(names) == 1:
        [lane] = names
    members, _, precedence = (lane or "").rpartition("/")
    if not members or precedence not in Precedence.__members__:
        raise BadField(field="--lane", value=lane, must_be="one of " + ", ".join(names) if names else "MEMBERS/FLASH")
    return [(members.split(), int(Precedence[precedence]), int(first), int(last))]
