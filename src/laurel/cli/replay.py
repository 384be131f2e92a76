"""The verb that shows a log again as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def replay(
    of: Annotated[Path, typer.Argument(help="A node's folder, or a file that laurel log export wrote.")],
    world: Annotated[str | None, typer.Option("--world", help="The live world of the node, if not named.")] = None,
    node: Annotated[
        Path | None, typer.Option("--node", help="For a file: the folder of the node whose officers may see it.")
    ] = None,
    port: Annotated[int, typer.Option(help="Where it is shown; a free port if not given.")] = 0,
    leave: Annotated[float | None, typer.Option(help="End when nobody has looked for so many seconds.")] = None,
) -> None:
    """Show a log again, read-only, at a port of its own. Prints its address; Ctrl-C ends it."""
    import uvloop

    from laurel.api.replays import make_replay_app
    from laurel.api.wire import BoundedProtocol
    from laurel.cli.node import warm
    from laurel.gateways.cold import cold
    from laurel.node.doorstep import find_world
    from laurel.node.replay.serve import Asked, serve_replay

    if of.is_dir():
        layout, found = find_world(of, world)
        asked = Asked(layout.folder, found, port, leave)
    else:
        asked = Asked(node, of, port, leave)

    if cold():
        warm()
    uvloop.run(serve_replay(asked, make_replay_app, BoundedProtocol, lambda url: print(url, flush=True)))


def add_to(app: typer.Typer) -> None:
    """This verb stands at the top."""
    app.command("replay")(replay)
