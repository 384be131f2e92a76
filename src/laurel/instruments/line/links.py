"""How the line to each peer was, by what our own node saw: a record whenever that changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct
from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text, bindparam, select

from laurel.core.fields import Code
from laurel.core.instrument import Command, Desk, Kept, Meet, Noun, Query, Role, Rows, View
from laurel.core.label import Classification, label
from laurel.core.record import Draft, Record, as_text
from laurel.instruments.line.records import LINK_CHANGED, LinkChanged
from laurel.instruments.office.records import ours

links = Kept(
    Table(
        "line_link",
        MetaData(),
        Column("id", Text, primary_key=True),
        Column("at", Text, nullable=False),
        Column("number", BigInteger, nullable=False),
        Column("peer", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("via", Text, nullable=False),
        Column("since", Text, nullable=False),
        Column("alive_before", Text),
        Index("line_link_peer", "peer", "number"),
    ),
    Meet.ONCE,
)
_L = links.table.c
_LATEST = select(links.table).order_by(_L.number.desc(), _L.id).limit(bindparam("most"))
_OF_PEER = _LATEST.where(_L.peer == bindparam("of"))


class NoteLinks(Struct, frozen=True, forbid_unknown_fields=True):
    """The node sees the lines to these peers otherwise than before."""

    changes: tuple[LinkChanged, ...]


class LinksAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """How many changes, the last ones seen; of one peer or of all."""

    peer: Code | None = None
    most: Annotated[int, Meta(ge=1, le=1_000)] = 100


class LinkRow(Struct, frozen=True):
    """The line to a peer was so, since then. `alive_before`: our own node was down from then until `at`."""

    peer: str
    state: str
    via: str
    since: datetime
    at: datetime
    alive_before: datetime | None


class LinkHistory(Struct, frozen=True):
    """What our node saw of the lines, newest first."""

    links: tuple[LinkRow, ...]


def note_links(ask: NoteLinks, view: View, desk: Desk) -> Sequence[Draft]:
    """For our own screens alone. An exercise has lines too, and no history of them."""
    del view
    if desk.world.exercise is not None:
        return ()
    return [Draft(one, label(Classification.RESTRICTED, {desk.member})) for one in ask.changes]


def fold_link(record_id: str, record: Record[LinkChanged]) -> Rows:
    """One row for each change that our own node saw."""
    body = record.body
    row = {
        "id": record_id,
        "at": as_text(record.at),
        "number": record.number,
        "peer": body.peer,
        "state": body.state,
        "via": body.via,
        "since": as_text(body.since),
        "alive_before": None if body.alive_before is None else as_text(body.alive_before),
    }
    return ((links, row),) if ours(record) else ()


def answer_links(ask: LinksAsk, view: View, now: datetime) -> LinkHistory:
    """How the lines were, as our own node saw them."""
    del now
    all_peers = ask.peer is None
    rows = view.rows(_LATEST, most=ask.most) if all_peers else view.rows(_OF_PEER, of=ask.peer, most=ask.most)
    return LinkHistory(
        tuple(
            LinkRow(
                peer=row.peer,
                state=row.state,
                via=row.via,
                since=datetime.fromisoformat(row.since),
                at=datetime.fromisoformat(row.at),
                alive_before=None if row.alive_before is None else datetime.fromisoformat(row.alive_before),
            )
            for row in rows
        )
    )


COMMANDS: tuple[Command[Any], ...] = (Command("note-links", NoteLinks, note_links, frozenset({Role.NODE})),)
NOUN = Noun(
    tables=(links,),
    folds={LINK_CHANGED.name: fold_link},
    commands=COMMANDS,
    queries=(Query("links", LinksAsk, LinkHistory, answer_links),),
)
