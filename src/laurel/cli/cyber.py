"""Verbs that carry STIX bundles: a whole one in, and one out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from laurel.cli.show import AsJson, show
from laurel.cli.verbs import AskId, Token, Url, fetch, new_ask_id, send

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

BLOCK = 256 * 1024


def share_bundle(
    file: Annotated[Path, typer.Argument(help="The bundle: STIX 2.1, JSON.", exists=True, dir_okay=False)],
    to: Annotated[str, typer.Option("--to", help="The members that may have it: JPN,KOR.")],
    classification: Annotated[str, typer.Option(help="UNCLASSIFIED, RESTRICTED, CONFIDENTIAL, SECRET, TOP SECRET.")],
    tlp: Annotated[str, typer.Option(help="TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT, TLP:RED: at least.")],
    caveats: Annotated[str, typer.Option(help="Caveats, with commas between them.")] = "",
    red_to: Annotated[str, typer.Option(help="The members, of these, that may have what is TLP:RED.")] = "",
    url: Url = None,
    token: Token = None,
    ask_id: AskId = None,
    as_json: AsJson = False,
) -> None:
    """Share a STIX bundle, each object under the stricter of this and its own markings. A repeat says nothing twice.

    What is malformed is named, with why; the rest goes on.
    """
    from rich.console import Console
    from rich.progress import Progress

    params = {"to": to, "classification": classification, "tlp": tlp, "caveats": caveats, "red_to": red_to}
    size = file.stat().st_size
    with Progress(console=Console(stderr=True), disable=as_json, transient=True) as progress:
        bar = progress.add_task(file.name, total=size)
        blocks = _blocks(file, progress, bar)
        shared = send(url, token, "cyber/bundles", params, blocks, size, ask_id or new_ask_id())
    # Thousands of ids tell a reader nothing.
    show(shared if as_json else {**shared, "records": len(shared["records"])}, as_json=as_json)


def _blocks(file: Path, progress: Progress, bar: TaskID) -> Iterator[bytes]:
    with file.open("rb") as from_:
        while block := from_.read(BLOCK):
            progress.advance(bar, len(block))
            yield block
    # The node now checks, signs and writes each object: how long it takes is not known here.
    progress.update(bar, description=f"{file.name}, at the node", total=None)


def export(
    to: Annotated[Path, typer.Option("--to", help="The file to write.")],
    up_to: Annotated[str, typer.Option(help="The strictest that may leave: TLP:GREEN, say.")],
    bundle: Annotated[str, typer.Option(help="A bundle by its id; else all that stands here.")] = "",
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Write a STIX bundle, each object with a marking as strict as its label. The audit names who did it."""
    from urllib.parse import urlencode

    asked: Mapping[str, str] = {"up_to": up_to, "bundle": bundle}
    made = b"".join(fetch(url, token, "GET", f"cyber/bundles/export?{urlencode(asked)}"))
    to.write_bytes(made)
    show({"wrote": str(to), "bytes": len(made)}, as_json=as_json)


def add_to(groups: Mapping[str, typer.Typer]) -> None:
    """Among the verbs of their instrument."""
    groups["cyber"].command("share-bundle")(share_bundle)
    groups["cyber"].command("export")(export)
