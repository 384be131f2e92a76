"""Verbs of the machine a node runs on: make it, meet peers, run it."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from laurel.cli.show import AsJson, show
from laurel.core.errors import BadField

if TYPE_CHECKING:
    from laurel.core.record import World
    from laurel.node.home.layout import Layout

Folder = Annotated[Path, typer.Argument(help="The node's folder.")]
WorldName = Annotated[str | None, typer.Option("--world", help="The live world of the node, if not named.")]


def init(
    folder: Folder,
    member: Annotated[str, typer.Option(help="Three letters: USA, JPN, KOR.")],
    compact: Annotated[str, typer.Option(help="A file of compacts/.")] = "camp-david",
    name: Annotated[
        str | None, typer.Option(help="The member's name; needed of one that the compact does not name yet.")
    ] = None,
    host: Annotated[str, typer.Option(help="How peers reach this machine.")] = "127.0.0.1",
    http_port: Annotated[int, typer.Option(help="Where officers reach this node.")] = 8440,
    nats_port: Annotated[int, typer.Option(help="Where peers reach this node.")] = 4440,
    as_json: AsJson = False,
) -> None:
    """Make a node: its folder, its keys and its live world."""
    from laurel.node.clock import RealClock
    from laurel.node.home.compact import load_compact
    from laurel.node.home.keys import init_node
    from laurel.node.home.layout import Layout, Settings

    names = load_compact(compact).names
    settings = Settings(member, name or names.get(member, member), compact, host, http_port, nats_port)
    init_node(Layout(folder), settings, RealClock().now(), newcomer=name is not None)
    show({"made": str(folder), "member": member, "compact": compact}, as_json=as_json)


def join(
    folder: Folder,
    compact: Annotated[str, typer.Argument(help="A file of compacts/.")],
    http_port: Annotated[int | None, typer.Option(help="Where officers reach it; a free port if not given.")] = None,
    newcomer: Annotated[
        bool, typer.Option("--newcomer", help="The compact does not name us: its members admit us by record.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take part in one more compact from this node: its own world, keys and port; the same machine and officers."""
    from laurel.node.clock import RealClock
    from laurel.node.doorstep import free_port, world_url
    from laurel.node.home.keys import join_compact
    from laurel.node.home.layout import Layout

    layout = Layout(folder)
    world = join_compact(layout, compact, http_port or free_port(layout), RealClock().now(), newcomer=newcomer)
    show({"joined": world.name, "url": world_url(layout, world)}, as_json=as_json)


def card(
    folder: Folder,
    to: Annotated[Path, typer.Option("--to", help="The file to write.")],
    world: WorldName = None,
    as_json: AsJson = False,
) -> None:
    """Write our signed card: hand it to the others, and read them its fingerprint over another channel."""
    from laurel.core.roster import fingerprint, open_card
    from laurel.node.clock import RealClock
    from laurel.node.home import keys
    from laurel.node.home.layout import write_file

    layout, named = _world(folder, world)
    file = keys.card(layout, named, RealClock().now())
    write_file(to, file)
    opened = open_card(file)
    show({"card": str(to), "member": opened.member, "fingerprint": fingerprint(opened)}, as_json=as_json)


def admit(
    folder: Folder,
    file: Annotated[Path, typer.Argument(help="The card a member handed over.")],
    fingerprint: Annotated[str | None, typer.Option(help="What that member read out; asked for if not given.")] = None,
    world: WorldName = None,
    as_json: AsJson = False,
) -> None:
    """Admit a founding member by its card, once its fingerprint was compared. Later ones come by record."""
    from laurel.core import roster
    from laurel.node.home import keys
    from laurel.node.keep.ledger import told_keys

    layout, named = _world(folder, world)
    offered = file.read_bytes()
    opened = roster.open_card(offered)
    shown = roster.fingerprint(opened)
    if fingerprint is None:
        typer.echo(f"{opened.member} ({opened.name}) at {opened.address}\nfingerprint {shown}")
        typer.confirm("Did that member read out the same fingerprint?", abort=True)
    elif fingerprint.split() != shown.split():
        raise BadField(field="fingerprint", card_has=shown, you_gave=fingerprint)
    keys.admit_card(layout, named, offered, told_keys(layout, named, opened.member))
    show({"admitted": opened.member, "world": named.name, "fingerprint": shown}, as_json=as_json)


def expel(
    folder: Folder,
    member: Annotated[str, typer.Argument(help="Three letters: USA, JPN, KOR.")],
    world: WorldName = None,
    as_json: AsJson = False,
) -> None:
    """Cut a member off from this node alone, now: its card is taken away. What it is to others is agreed by record."""
    from laurel.node.home import keys

    layout, named = _world(folder, world)
    keys.expel_member(layout, named, member)
    show({"expelled": member, "world": named.name}, as_json=as_json)


def run(folder: Folder) -> None:
    """Run the node: its NATS server and one process for each world. Ctrl-C stops it."""
    from laurel.gateways.cold import cold
    from laurel.node.home.layout import Layout, read_settings
    from laurel.node.run import run_node

    _log_to_stderr()
    # Where there is no node, that is said before anything is compiled for it.
    read_settings(Layout(folder))
    if cold():
        warm()
    asyncio.run(run_node(folder))


def serve(folder: Folder, world: Annotated[str, typer.Argument(help="The world's name.")]) -> None:
    """Serve one world; `laurel node` starts this for each."""
    # Nothing that is imported is ever garbage: it is not searched for any while it comes, nor afterwards.
    gc.disable()
    import uvloop

    from laurel.api import make_app
    from laurel.api.wire import BoundedProtocol
    from laurel.node.serve import serve_world, world_named

    gc.freeze()
    gc.enable()
    _log_to_stderr()
    uvloop.run(serve_world(folder, world_named(world), make_app, BoundedProtocol))


def end_world(folder: Folder, world: Annotated[str, typer.Argument(help="The world's name.")]) -> None:
    """Bring one exercise world to its end; `laurel node` starts this when an officer asked for it."""
    from laurel.node import ending
    from laurel.node.home.layout import Layout
    from laurel.node.serve import world_named

    _log_to_stderr()
    os.nice(ending.NICE)
    asyncio.run(ending.end_world(Layout(folder), world_named(world)))


def warm() -> None:
    """Compile what flies and tracks, once, into a cache, so that nothing waits for it later."""
    from rich.progress import Progress

    from laurel.gateways.demo.warm import warming

    with Progress() as progress, warming() as steps:
        for step in progress.track(steps, description="compiling, once"):
            step()


def add_to(app: typer.Typer) -> None:
    """These verbs stand at the top."""
    app.command("init")(init)
    app.command("join")(join)
    app.command("card")(card)
    app.command("admit")(admit)
    app.command("expel")(expel)
    app.command("node")(run)
    app.command("serve", hidden=True)(serve)
    app.command("end-world", hidden=True)(end_world)
    app.command("warm")(warm)


def _world(folder: Path, world: str | None) -> tuple[Layout, World]:
    from laurel.node.doorstep import find_world

    return find_world(folder, world)


def _log_to_stderr() -> None:
    level = os.environ.get("LAUREL_LOG", "INFO").upper()
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("nats").setLevel(logging.ERROR)
