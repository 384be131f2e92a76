"""Verbs of a node's own services: whether services.toml is in order, and trying one before it is needed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from laurel.cli.show import AsJson, show
from laurel.core.errors import BadAsk

app = typer.Typer(help="Check and try the services that the node sends errands to.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(help="The node's folder.")]


class BadlySetUp(BadAsk):
    """Somebody would not be called."""

    says = "services are set up wrongly and would do nothing"
    remedy = "mend them in services.toml; the node reads it again by itself"


@app.command()
def check(folder: Folder, as_json: AsJson = False) -> None:
    """Say which services are set up, how much each tells, and what is wrong with the others."""
    from msgspec import to_builtins

    from laurel.node.home.layout import Layout, read_settings
    from laurel.node.services.settings import read_services

    read_settings(Layout(folder))
    found = read_services(folder)
    rows = {name: to_builtins(one, enc_hook=str) for name, one in found.of.items()}
    faults = {name: str(error) for name, error in found.faults.items()}
    show({"services": rows, "faults": faults}, as_json=as_json)
    if faults:
        raise BadlySetUp(services=", ".join(faults))


@app.command("try")
def try_(
    folder: Folder,
    name: Annotated[str, typer.Argument(help="A notifier's name, or translate.")],
    text: Annotated[str, typer.Option("--text", help="What to translate.")] = "This is a test.",
    source: Annotated[str, typer.Option("--from", help="Its language.")] = "en",
    target: Annotated[str, typer.Option("--to", help="The language to translate it into.")] = "ja",
    as_json: AsJson = False,
) -> None:
    """Send one errand now, that says it is a test, and show what came of it. The node need not run."""
    from laurel.node import services
    from laurel.node.clock import RealClock
    from laurel.node.home.layout import Layout, read_settings
    from laurel.node.services.settings import NOTIFY, TRANSLATE, read_services

    settings = read_settings(Layout(folder))
    now = RealClock().now()
    service = services.service_of(read_services(folder), name if name == TRANSLATE else f"{NOTIFY}{name}")
    notice = f"This is a test by the node of {settings.name}. Nothing waits."
    facts = {"text": text, "source": source, "target": target}
    if name != TRANSLATE:
        facts = {"id": f"test:{now.isoformat()}", "office": "watch officer", "notice": notice, "text": notice}
    answer = asyncio.run(services.run(service, f"test:{now.isoformat()}", facts, now))
    show({"tried": name, "done": True, "answered": answer}, as_json=as_json)
