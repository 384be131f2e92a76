"""Verbs beside those of the dialogue instrument: addresses of calendar feeds, and pages to print."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

import typer

from laurel.cli.show import AsJson, show
from laurel.cli.verbs import Token, Url, call, fetch

Out = Annotated[Path, typer.Option("--out", help="The file to write.")]

calendar = typer.Typer(
    help="Addresses at which calendar programs read what is due, and when they meet.", no_args_is_help=True
)


@calendar.command()
def make(
    name: Annotated[str, typer.Argument(help="For whom, such as 'Minister's office'.")],
    tier: Annotated[str, typer.Option(help="leaders, ministers, advisers, officials or working.")],
    ceiling: Annotated[str, typer.Option(help="Nothing stricter: UNCLASSIFIED, RESTRICTED, CONFIDENTIAL, SECRET.")],
    days: Annotated[int, typer.Option(min=1, max=400, help="Good for so many days.")],
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Make an address. It is shown this once, and whoever has it reads the calendar."""
    ask = {"name": name, "tier": tier, "ceiling": ceiling, "days": days}
    show(call(url, token, "POST", "calendar/make", ask, None), as_json=as_json)


@calendar.command("list")
def list_(url: Url = None, token: Token = None, as_json: AsJson = False) -> None:
    """The addresses of this world: for whom, how far they see, until when."""
    show(call(url, token, "GET", "calendar", {}, None), as_json=as_json)


@calendar.command()
def revoke(
    calendar_id: Annotated[str, typer.Argument(metavar="ID", help="Its id in the list.")],
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """End an address at once."""
    show(call(url, token, "POST", "calendar/revoke", {"id": calendar_id}, None), as_json=as_json)


def print_dossier(
    office: Annotated[str, typer.Argument(help="An office of ours.")],
    out: Out,
    sha256: Annotated[
        str | None, typer.Option(help="The dossier that was signed under this hash; else as it is.")
    ] = None,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Write the dossier of an office as a page to print, with its hash and who signed for it."""
    asked = {"office": office} if sha256 is None else {"office": office, "sha256": sha256}
    _page(url, token, f"dialogue/dossier/page?{urlencode(asked)}", out, as_json=as_json)


def print_minutes(
    meeting: Annotated[str, typer.Argument(help="The meeting's id.")],
    out: Out,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Write a meeting's agenda, minutes and actions as a page to print."""
    _page(url, token, f"dialogue/minutes/page?{urlencode({'meeting': meeting})}", out, as_json=as_json)


def _page(url: str | None, token: Path | None, path: str, out: Path, *, as_json: bool) -> None:
    made = b"".join(fetch(url, token, "POST", path))
    out.write_bytes(made)
    show({"wrote": str(out), "bytes": len(made)}, as_json=as_json)


def add_to(app: typer.Typer, groups: Mapping[str, typer.Typer]) -> None:
    """A group of its own, and two verbs of the dialogue."""
    app.add_typer(calendar, name="calendar")
    groups["dialogue"].command("print-dossier")(print_dossier)
    groups["dialogue"].command("print-minutes")(print_minutes)
