"""Verbs that play: the demo, a sensor feed, and a scenario's own figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from laurel.cli.show import AsJson, show


def feed(
    source: Annotated[str, typer.Argument(help="A file of scans, one JSON line each; - is standard input.")],
    url: Annotated[str, typer.Option("--to", help="The node's address: http://host:port")],
    world: Annotated[str, typer.Option("--world", help="The world's name.")],
    credential: Annotated[Path, typer.Option("--credential", help="The sensor's credential file.")],
    rate: Annotated[
        float | None, typer.Option("--rate", help="Pace by the scans' own times, this many to one.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Report a sensor's scans to its node."""
    from laurel.gateways.feed import feed_file

    show(feed_file(source, url, world, credential, rate), as_json=as_json)


def demo(
    scenario: Annotated[str, typer.Option(help="A file of scenarios/.")] = "2022-10-04-overflight",
    speed: Annotated[float | None, typer.Option(help="Exercise seconds in one real second.")] = None,
    headless: Annotated[bool, typer.Option("--headless", help="Play, print the summary, stop.")] = False,
    to: Annotated[Path | None, typer.Option("--json", help="Write the summary to this file.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Keep the three nodes here.")] = None,
) -> None:
    """Three nodes on this machine share the warning of a flight that really happened."""
    from laurel.gateways.demo import run_demo

    raise typer.Exit(run_demo(scenario, speed=speed, headless=headless, to=to, folder=folder))


def add_to(app: typer.Typer) -> None:
    """These verbs stand at the top."""
    app.command("feed")(feed)
    app.command("demo")(demo)
