"""Verbs of the doors that are written by hand: who we are, what is open, taking part in an exercise, and ending it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from laurel.cli.show import AsJson, show
from laurel.cli.verbs import AskId, Token, Url, call, new_ask_id


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


def join_here(
    exercise: Annotated[str, typer.Argument(help="Its name, as announced.")],
    url: Url = None,
    token: Token = None,
    ask_id: AskId = None,
    as_json: AsJson = False,
) -> None:
    """Take part from this node: makes its keys for the exercise world, and says its card live."""
    path = f"exercise/join-here/{exercise}"
    show(call(url, token, "POST", path, {}, ask_id or new_ask_id()), as_json=as_json)


def end_here(
    exercise: Annotated[str, typer.Argument(help="Its name, as announced.")],
    yes: Annotated[bool, typer.Option("--yes", help="Confirm without being asked.")] = False,
    url: Url = None,
    token: Token = None,
    ask_id: AskId = None,
    as_json: AsJson = False,
) -> None:
    """End it at this node: stops play here, archives it, destroys its keys and stores. Nothing of it comes back."""
    if not yes:
        typer.confirm(f"End {exercise} at this node? It is archived; its keys and database are destroyed.", abort=True)
    asked = ask_id or new_ask_id()
    while True:
        come = call(url, token, "POST", f"exercise/end-here/{exercise}", {}, asked)
        if come["ended"]:
            break
        typer.echo("the archive is being made and verified", err=True)
    show(come, as_json=as_json)
    if come["playing"]:
        typer.echo(f"play may go on at {', '.join(come['playing'])}: each member ends its own world", err=True)


def archives(url: Url = None, token: Token = None, as_json: AsJson = False) -> None:
    """What this node keeps of exercises that ended here; laurel replay opens the files."""
    show(call(url, token, "GET", "exercise/archives", {}, None), as_json=as_json)


def add_to(app: typer.Typer, groups: Mapping[str, typer.Typer]) -> None:
    """Three at the top, the others among the verbs of the exercise instrument."""
    app.command("about")(about)
    app.command("docket")(docket)
    app.command("search")(search)
    groups["exercise"].command("join-here")(join_here)
    groups["exercise"].command("end-here")(end_here)
    groups["exercise"].command("archives")(archives)
