"""`laurel talk`: the hotline on a bare terminal. Scripts have a verb for each ask and query: `laurel hotline ...`."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import typer

from laurel.cli.verbs import Token, Url
from laurel.core.errors import BadAsk, BadField


class NoTerminal(BadAsk):
    """Nobody sees it."""

    says = "this is no terminal"
    remedy = "from a script ask laurel hotline board, conversation, send, acknowledge ... with --json"


def talk(
    url: Url = None,
    token: Token = None,
    officer: Annotated[
        str | None, typer.Option(help="Sign in as this officer; the password is asked for. Else a program's --token.")
    ] = None,
    office: Annotated[str, typer.Option(help="The office you acknowledge for, such as 'Watch 2'.")] = "",
    language: Annotated[str, typer.Option(help="The language you write in: en, ja, ko.")] = "",
) -> None:
    """Read, write, acknowledge and watch the hotline, on a plain 80x24 console."""
    if url is None or (officer is None and token is None):
        raise BadField(missing="--url, and --officer or --token", or_set="LAUREL_URL and LAUREL_TOKEN")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise NoTerminal(stdin=sys.stdin.isatty(), stdout=sys.stdout.isatty())
    password = None if officer is None else typer.prompt(f"Password of {officer}", hide_input=True)
    bearer = "" if token is None or officer is not None else token.read_text().strip()
    asyncio.run(_talk(url.rstrip("/"), bearer, officer, password, office=office, language=language))


async def _talk(
    url: str, bearer: str, officer: str | None, password: str | None, *, office: str, language: str
) -> None:
    import httpx

    from laurel.cli.terminal.app import Talk
    from laurel.cli.terminal.wire import Wire

    async with httpx.AsyncClient(trust_env=False) as to:
        wire = Wire(url, {"Authorization": f"Bearer {bearer}"} if bearer else {}, to)
        if officer is not None and password is not None:
            await wire.sign_in(officer, password)
        await Talk(wire, office, language).run_async()


def add_to(app: typer.Typer) -> None:
    """One verb."""
    app.command("talk")(talk)
