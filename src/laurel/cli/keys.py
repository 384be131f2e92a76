"""Verbs of a world's keys. They write into the node's folder; the node makes the change within half a second."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from laurel.cli.show import AsJson, show
from laurel.core.errors import Broken

PATIENCE_S = 20.0
LOOK_EVERY_S = 0.1

app = typer.Typer(help="Change the keys of a world.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(help="The node's folder.")]
WorldName = Annotated[str | None, typer.Option("--world", help="The live world of the node, if not named.")]


class KeyNotChanged(Broken):
    """The node runs, and has not done it."""

    says = "the node has not changed its keys yet"
    remedy = "see the node's log for why; the change stays asked for, and the keys in force stay"


@app.callback()
def _verbs() -> None:
    """Change the keys of a world."""


@app.command()
def rotate(
    folder: Folder,
    signing: Annotated[bool, typer.Option("--signing", help="Only the key that records are signed with.")] = False,
    sealing: Annotated[bool, typer.Option("--sealing", help="Only the key that others seal for us with.")] = False,
    world: WorldName = None,
    as_json: AsJson = False,
) -> None:
    """Replace our keys in a world, both if none is named, and tell the members. A stopped node does it when it starts.

    The old signing key signs nothing more and is destroyed; the old sealing key lives on until the outbox horizon.
    """
    from laurel.node.doorstep import find_world, is_served, key_names
    from laurel.node.rotation import Which, ask_for_change, asked_for

    layout, named = find_world(folder, world)
    place = layout.world(named)
    wanted = [Which.SIGNING] * signing + [Which.SEALING] * sealing or list(Which)
    before = key_names(layout, named)
    for which in wanted:
        ask_for_change(place, which, before[which])
    served = is_served(place.database)
    last_s = time.monotonic() + PATIENCE_S
    while served and asked_for(place):
        if time.monotonic() > last_s:
            raise KeyNotChanged(world=named.name, within_s=PATIENCE_S, waits=", ".join(asked_for(place)))
        time.sleep(LOOK_EVERY_S)
    now = key_names(layout, named)
    changed = {which.value: {"was": before[which], "now": now[which]} for which in wanted}
    show({"world": named.name, "done": served, "keys": changed}, as_json=as_json)
