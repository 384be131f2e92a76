"""Verbs of the doors that are written by hand: who we are, what is open, what was said."""

from __future__ import annotations

from typing import Annotated

import typer

from laurel.cli.show import AsJson, show
from laurel.cli.verbs import Token, Url, call


def about(url: Url = None, token: Token = None, as_json: AsJson = False) -> None:
    """Who and where a world is, what time it is there, and the line to every member."""
    show(call(url, token, "GET", "about", {}, None), as_json=as_json)


def docket(url: Url = None, token: Token = None, as_json: AsJson = False) -> None:
    """What every instrument has open, the soonest due first."""
    show(call(url, token, "GET", "docket", {}, None), as_json=as_json)


def search(
    words: Annotated[list[str], typer.Argument(help="All of them stand in what is found, or parts of words.")],
    most: Annotated[int, typer.Option(min=1, max=200, help="So many, the last taken in.")] = 50,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """What was said in these words, by any member, whatever it is about."""
    found = call(url, token, "GET", "search", {"words": " ".join(words), "most": most}, None)
    if as_json or not found:
        show(found, as_json=as_json)
        return
    for one in found:
        at = one["at"][:16].replace("T", " ")
        typer.echo(f"{at}Z  {one['origin']} {one['author']}  {one['kind']}  {one['banner']}")
        typer.echo(f"  {one['record']}\n  {one['excerpt']}\n")


def add_to(app: typer.Typer) -> None:
    """These verbs stand at the top."""
    app.command("about")(about)
    app.command("docket")(docket)
    app.command("search")(search)
