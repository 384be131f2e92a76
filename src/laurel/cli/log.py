"""Verbs of the log. They read the world's database itself, so they work while the node is down."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from laurel.cli.show import AsJson, show
from laurel.core.errors import Broken

if TYPE_CHECKING:
    from laurel.core.record import World
    from laurel.node.home.layout import Layout

app = typer.Typer(help="List, verify, export and rebuild a world's log.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(help="The node's folder.")]
WorldName = Annotated[str | None, typer.Option("--world", help="The live world of the node, if not named.")]


class ViewsDiffer(Broken):
    """A view was not what its log says."""

    says = "the rebuilt views differ from those before"
    remedy = "the new ones follow from the log and are in force; report the difference"


@app.command("list")
def list_(folder: Folder, world: WorldName = None, as_json: AsJson = False) -> None:
    """Count records by origin and kind."""
    from laurel.node.keep.ledger import counts

    layout, named = _world(folder, world)
    rows = counts(layout, named)
    show({"world": named.name, "records": sum(row["records"] for row in rows), "by": rows}, as_json=as_json)


@app.command()
def verify(folder: Folder, world: WorldName = None, as_json: AsJson = False) -> None:
    """Check every signature, hash, number and link of the log."""
    from laurel.node.keep.ledger import must_hold
    from laurel.node.keep.ledger import verify as check

    layout, named = _world(folder, world)
    found = check(layout, named)
    show(found, as_json=as_json)
    must_hold(found)


@app.command()
def export(
    folder: Folder,
    to: Annotated[str, typer.Option("--to", help="The file to write; - is standard output.")] = "-",
    world: WorldName = None,
) -> None:
    """Write every record as a DSSE envelope, one JSON line each, and the keys beside it."""
    from laurel.node.keep.ledger import export as write

    layout, named = _world(folder, world)
    if to == "-":
        write(layout, named, sys.stdout.buffer)
        return
    with Path(to).open("wb") as file:
        write(layout, named, file)
    typer.echo(f"wrote {to}", err=True)


@app.command()
def rebuild(folder: Folder, world: WorldName = None, as_json: AsJson = False) -> None:
    """Make every view again from the log. The node must be stopped."""
    from laurel.node.keep.ledger import rebuild as remake

    layout, named = _world(folder, world)
    result = remake(layout, named)
    show(result, as_json=as_json)
    if result["differs"]:
        raise ViewsDiffer(tables=", ".join(result["differs"]))


def _world(folder: Path, world: str | None) -> tuple[Layout, World]:
    from laurel.node.doorstep import find_world

    return find_world(folder, world)
