"""The verb of the audit. It reads the world's database itself, whether the node runs or not."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from laurel.cli.show import AsJson, show
from laurel.core.errors import BadField, Broken

if TYPE_CHECKING:
    from laurel.core.record import World
    from laurel.node.home.layout import Layout
    from laurel.node.keep.audit import Line
    from laurel.node.keep.inquiry import Wanted


WHOLE_ID = re.compile("[0-9a-f]{64}")


class AuditDoesNotHold(Broken):
    """Somebody wrote in the audit."""

    says = "the audit does not hold"
    remedy = "keep the database as evidence; an older export or backup shows what the lines were"


def audit(
    folder: Annotated[Path, typer.Argument(help="The node's folder.")],
    record: Annotated[str | None, typer.Option(help="Tell this record's whole story. The id or how it begins.")] = None,
    who: Annotated[str | None, typer.Option(help="Only what this author did: officer:sato, sensor:NORTH.")] = None,
    member: Annotated[str | None, typer.Option(help="Only what went to, or came from, this member.")] = None,
    decision: Annotated[str | None, typer.Option(help="Only these: release, withheld, refused, saw, ...")] = None,
    since: Annotated[str | None, typer.Option(help="Only from this time on: 2026-08-18T03:00Z or 2026-08-18.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="The last so many lines.")] = 100,
    verify: Annotated[bool, typer.Option("--verify", help="Check the chain, and the anchors in the log.")] = False,
    export: Annotated[Path | None, typer.Option("--export", help="Write all of it to this file, signed.")] = None,
    world: Annotated[str | None, typer.Option("--world", help="The live world of the node, if not named.")] = None,
    as_json: AsJson = False,
) -> None:
    """Who saw what, what went to whom by which policy, who was refused: every decision of this node, in order."""
    from laurel.node.doorstep import find_world
    from laurel.node.keep.inquiry import Wanted

    layout, named = find_world(folder, world)
    if verify or export is not None:
        _verify(layout, named, as_json=as_json)
        if export is not None:
            _export(layout, named, export)
        return
    if record is not None:
        _tell(layout, named, record, as_json=as_json)
        return
    wanted = Wanted(None, who, member, decision, _time(since), None, limit)
    _list(layout, named, wanted, as_json=as_json)


def add_to(app: typer.Typer) -> None:
    """The verb."""
    app.command()(audit)


def _verify(layout: Layout, world: World, *, as_json: bool) -> None:
    from laurel.node.keep.inquiry import verify

    found = verify(layout, world)
    show(found, as_json=as_json)
    if found["fault"] is not None:
        raise AuditDoesNotHold(world=world.name, fault=found["fault"])


def _export(layout: Layout, world: World, file: Path) -> None:
    from laurel.node.clock import RealClock
    from laurel.node.keep.inquiry import export

    with file.open("wb") as to:
        export(layout, world, to, RealClock().now())
    typer.echo(f"wrote {file}", err=True)


def _tell(layout: Layout, world: World, prefix: str, *, as_json: bool) -> None:
    from laurel.node.keep.inquiry import full_id, reading
    from laurel.node.keep.story import story

    with reading(layout, world) as from_:
        record = full_id(from_, prefix)
        events = story(from_, record)
    rows = (
        events if as_json else [{**event, "at": _short(event["at"]), "more": _ids(event["more"])} for event in events]
    )
    show({"record": record, "world": world.name, "story": rows}, as_json=as_json)


def _list(layout: Layout, world: World, wanted: Wanted, *, as_json: bool) -> None:
    from msgspec import to_builtins

    from laurel.node.keep.inquiry import lines, reading

    with reading(layout, world) as from_:
        found = lines(from_, wanted)
    show([to_builtins(one) for one in found] if as_json else [_row(one) for one in found], as_json=as_json)


def _row(one: Line) -> dict[str, object]:
    """A line as people read it: short times, the beginning of an id."""
    return {
        "line": one.line,
        "at": _short(one.at),
        "decision": one.decision,
        "member": one.member,
        "who": one.author,
        "record": one.record[:12],
        "policy": one.policy,
        "why": one.why,
    }


def _ids(text: str) -> str:
    """With the beginnings of ids only: enough to ask on."""
    return WHOLE_ID.sub(lambda found: found.group()[:12], text)


def _short(at: str) -> str:
    return at[:23].replace("T", " ")


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise BadField(field="since", value=text, must_be="a time such as 2026-08-18T03:00Z") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
