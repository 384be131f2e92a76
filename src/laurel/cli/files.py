"""Verbs that carry files: attachments in parts, conversations and joint statements as signed bundles and pages."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from laurel.cli.show import AsJson, show
from laurel.cli.verbs import Token, Url, call, fetch
from laurel.core.errors import BadField, Broken

if TYPE_CHECKING:
    from rich.progress import Progress

BLOCK = 1024 * 1024
NAMED = "application/octet-stream"


class NotTheFile(Broken):
    """What came is not what was asked for."""

    says = "what came is not the file of that hash"
    remedy = "download it again; if it stays so, the node's log is damaged: laurel log verify"


def upload(
    file: Annotated[Path, typer.Argument(help="The file.", exists=True, dir_okay=False)],
    to: Annotated[str, typer.Option("--to", help="The members that may have it: JPN,KOR.")],
    classification: Annotated[str, typer.Option(help="UNCLASSIFIED, RESTRICTED, CONFIDENTIAL, SECRET, TOP SECRET.")],
    caveats: Annotated[str, typer.Option(help="Caveats, with commas between them.")] = "",
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Say a file in parts, so that a message can name it. What broke off goes on where it was: ask again.

    Prints what goes into a message's `attachments`.
    """
    from laurel.instruments.hotline.attachments import parts_of
    from laurel.instruments.hotline.records import MAX_FILE_BYTES, MAX_PART_BYTES

    size, sha256 = file.stat().st_size, _sha256(file)
    if size > MAX_FILE_BYTES:
        raise BadField(field="file", bytes=size, limit=MAX_FILE_BYTES)
    common = {
        "to": _codes(to),
        "classification": classification,
        "caveats": _codes(caveats),
        "sha256": sha256,
        "size": size,
        "parts": parts_of(size),
    }
    held = _held(call(url, token, "GET", "hotline/attachment", {"sha256": sha256}, None), common, url, token)
    wanted = [index for index in range(parts_of(size)) if index not in held]
    with _progress(quiet=as_json) as progress, file.open("rb") as from_:
        bar = progress.add_task(f"{file.name}, {len(held)} parts were there", total=len(held) + len(wanted))
        progress.advance(bar, len(held))
        for index in wanted:
            from_.seek(index * MAX_PART_BYTES)
            ask = {**common, "index": index, "content": _base64(from_.read(MAX_PART_BYTES))}
            call(url, token, "POST", "hotline/attach", ask, _ask_id(common, index))
            progress.advance(bar)
    media_type = mimetypes.guess_type(file.name)[0] or NAMED
    show({"sha256": sha256, "name": file.name, "media_type": media_type, "size": size}, as_json=as_json)


def download(
    sha256: Annotated[str, typer.Argument(help="The file's hash, as its message names it.")],
    to: Annotated[Path, typer.Option("--to", help="The file to write.")],
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Save an attachment, once all of it is here. It is written whole and checked, or not at all."""
    part = to.with_name(f"{to.name}.part")
    digest, size = hashlib.sha256(), 0
    try:
        with _progress(quiet=as_json) as progress, part.open("wb") as file:
            bar = progress.add_task(to.name, total=None)
            for block in fetch(url, token, "GET", f"hotline/attachments/{sha256}"):
                file.write(block)
                digest.update(block)
                size += len(block)
                progress.advance(bar)
        if digest.hexdigest() != sha256:
            raise NotTheFile(wanted=sha256, got=digest.hexdigest(), bytes=size)
        part.replace(to)
    finally:
        part.unlink(missing_ok=True)
    show({"wrote": str(to), "bytes": size, "sha256": sha256}, as_json=as_json)


def export(
    conversation: Annotated[str, typer.Argument(help="Its id: that of the message which opened it.")],
    bundle: Annotated[Path | None, typer.Option("--bundle", help="Write the signed records to this file.")] = None,
    page: Annotated[Path | None, typer.Option("--page", help="Write a page to print to this file.")] = None,
    home: Annotated[bool, typer.Option("--home", help="With what we noted for ourselves.")] = False,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Write a conversation as a signed file that anyone can check, and as a page to print."""
    from laurel.gateways.conversation_page import conversation_page

    path = f"hotline/export/{conversation}{'?home=true' if home else ''}"
    made = _export(url, token, path, bundle, page)
    if page is not None:
        page.write_text(conversation_page(made), encoding="utf-8")
    _show_export(made, bundle, page, as_json=as_json)


def publish(
    consultation: Annotated[str, typer.Argument(help="Its id: that of the request.")],
    file: Annotated[Path | None, typer.Option("--file", help="Write what the members signed to this file.")] = None,
    page: Annotated[Path | None, typer.Option("--page", help="Write a page to print to this file.")] = None,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Write a joint statement as a file that everybody can check, and as a page. Nothing else goes in."""
    from laurel.gateways.bundle import check
    from laurel.gateways.statement import statement_page

    made = _export(url, token, f"consult/publish/{consultation}", file, page)
    if page is not None:
        page.write_text(statement_page(made, check(made)), encoding="utf-8")
    _show_export(made, file, page, as_json=as_json)


def _export(url: str | None, token: Path | None, path: str, file: Path | None, page: Path | None) -> bytes:
    if file is None and page is None:
        raise BadField(missing="a file to write: see --help")
    made = b"".join(fetch(url, token, "POST", path))
    if file is not None:
        file.write_bytes(made)
    return made


def _show_export(made: bytes, file: Path | None, page: Path | None, *, as_json: bool) -> None:
    from laurel.gateways.bundle import check

    head = check(made).verdict.head
    records, banner = (0, "") if head is None else (len(head.records), head.label.banner)
    wrote = [str(one) for one in (file, page) if one is not None]
    sha256 = hashlib.sha256(made).hexdigest()
    show({"wrote": wrote, "label": banner, "records": records, "sha256": sha256}, as_json=as_json)


def _held(found: Any, common: Mapping[str, Any], url: str | None, token: Path | None) -> set[int]:
    """The parts of ours that are there already for just these members."""
    member = call(url, token, "GET", "about", {}, None)["member"]
    told = (common["classification"], sorted({member, *common["to"]}), sorted(common["caveats"]))
    for one in found["files"]:
        label = one["label"]
        if one["member"] == member and (label["classification"], label["rel_to"], label["caveats"]) == told:
            return set(one["held"])
    return set()


def _ask_id(common: Mapping[str, Any], index: int) -> str:
    """The same for the same part to the same members, so that a repeat says nothing twice."""
    told = repr((common["classification"], sorted(common["to"]), sorted(common["caveats"])))
    return f"upload:{common['sha256'][:32]}:{hashlib.sha256(told.encode()).hexdigest()[:16]}:{index}"


def _sha256(file: Path) -> str:
    with file.open("rb") as from_:
        return hashlib.file_digest(from_, "sha256").hexdigest()


def _codes(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def _base64(content: bytes) -> str:
    import base64

    return base64.b64encode(content).decode()


def _progress(*, quiet: bool) -> Progress:
    from rich.console import Console
    from rich.progress import Progress

    return Progress(console=Console(stderr=True), disable=quiet, transient=True)


def add_to(groups: Mapping[str, typer.Typer]) -> None:
    """Among the verbs of their instruments."""
    groups["hotline"].command("upload")(upload)
    groups["hotline"].command("download")(download)
    groups["hotline"].command("export")(export)
    groups["consult"].command("publish")(publish)
