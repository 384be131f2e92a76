"""The verb that takes a supply chain data set in. Its files are read here; the node is told rows, like by anybody."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from laurel.cli.show import AsJson, show
from laurel.cli.verbs import Token, Url, call
from laurel.core.errors import BadField

if TYPE_CHECKING:
    from laurel.instruments.supply.dataset import PutDatasetAsk

MOST_BYTES = 64 * 1024 * 1024
SHOWN = 40
"""So many findings are printed; --json has all."""


def import_files(
    folder: Annotated[Path, typer.Argument(help="The folder with the five CSV files.", exists=True, file_okay=False)],
    name: Annotated[
        str, typer.Option(help="What the data set is called: the last imported of a name holds.")
    ] = "chips",
    title: Annotated[str | None, typer.Option(help="Its title, if it is not that of CSET's data set.")] = None,
    source: Annotated[str | None, typer.Option(help="Whose it is.")] = None,
    licence: Annotated[str | None, typer.Option(help="On what terms you have it.")] = None,
    market: Annotated[
        str | None, typer.Option(help="Whose purchases its shares speak of: JPN. Else the world's.")
    ] = None,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Take in a supply chain data set, which stays at home, and say what is missing from it. May be repeated.

    What cannot be read is left out and said; the rest goes on.
    """
    from msgspec import structs, to_builtins
    from rich.console import Console
    from rich.progress import Progress

    from laurel.gateways.chips import read_chips

    told = {"title": title, "source": source, "licence": licence}
    header, parts = read_chips(
        _read(folder), name=name, **{key: text for key, text in told.items() if text is not None}
    )
    header = structs.replace(header, market=market)
    held = _held(header, url, token)
    said = 0
    with Progress(console=Console(stderr=True), disable=as_json, transient=True) as progress:
        bar = progress.add_task(f"{folder.name}: {header.provisions} provisions", total=len(parts) + 1)
        for part in parts:
            ask_id = f"supply-rows:{header.digest[:40]}:{part.index}"
            said += _put("rows", to_builtins(part), ask_id, url, token)
            progress.advance(bar)
        if held is not None:
            # Another set may have been of that name meanwhile: then this is said anew.
            digest = hashlib.sha256(repr((structs.astuple(header), held)).encode()).hexdigest()
            ask_id = f"supply-dataset:{digest[:40]}"
            said += _put("dataset", to_builtins(header), ask_id, url, token)
        progress.advance(bar)
    findings = call(url, token, "GET", "supply/findings", {"dataset": name}, None)
    _tell(header, findings, said, as_json=as_json)


def _put(what: str, ask: Mapping[str, Any], ask_id: str, url: str | None, token: Path | None) -> int:
    """How many records this said: none when it was said before."""
    told = call(url, token, "POST", f"supply/put-{what}", ask, ask_id)
    return 0 if told["again"] else len(told["records"])


def _read(folder: Path) -> dict[str, bytes]:
    """The files that are there. Raises BadField."""
    from laurel.gateways.chips import COLUMNS

    there = [folder / file for file in COLUMNS if (folder / file).is_file()]
    for file in there:
        if file.stat().st_size > MOST_BYTES:
            raise BadField(field=file.name, bytes=file.stat().st_size, limit=MOST_BYTES)
    return {file.name: file.read_bytes() for file in there}


def _held(header: PutDatasetAsk, url: str | None, token: Path | None) -> str | None:
    """The record of the set that holds under that name, "" for none; None when it is this very set."""
    listed: list[Mapping[str, Any]] = call(url, token, "GET", "supply/datasets", {}, None)["datasets"]
    row = next((one for one in listed if one["name"] == header.name and one["holds"]), None)
    if row is None:
        return ""
    same = ("digest", "title", "source", "licence", "market")
    return None if all(row[name] == getattr(header, name) for name in same) else str(row["record"])


def _tell(header: PutDatasetAsk, findings: Mapping[str, Any], said: int, *, as_json: bool) -> None:
    """What is here now, on what terms, and what is missing from it."""
    now = {
        "dataset": header.name,
        "title": header.title,
        "source": header.source,
        "licence": header.licence,
        "digest": header.digest,
        "records_said": said,
        **{name: findings[name] for name in ("inputs", "providers", "provisions", "edges")},
        "left_out": header.left_out_in_all,
    }
    found: list[Mapping[str, Any]] = findings["findings"]
    if as_json:
        show({**now, "tally": findings["tally"], "findings": found}, as_json=True)
        return
    from laurel.instruments.supply.findings import SORTS

    tally = [{"found": sort, "times": n, "means": SORTS.get(sort, "")} for sort, n in findings["tally"].items()]
    show({**now, "what is missing": tally}, as_json=False)
    if found:
        show({"where": found[:SHOWN]}, as_json=False)
    if len(found) > SHOWN:
        typer.echo(f"and {len(found) - SHOWN} more: --json, or laurel supply findings")


def add_to(groups: Mapping[str, typer.Typer]) -> None:
    """Among the verbs of supply."""
    groups["supply"].command("import")(import_files)
