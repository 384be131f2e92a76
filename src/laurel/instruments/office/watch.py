"""The watch: who has it, and how it is handed over.

Who has it offers it with what must be known; the next takes it and names the offer that was read. A watch that
nobody has is just taken. One whose officer cannot hand it over is taken by a principal, or by anyone of the watch
once it is older than any session lasts; the record says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import BigInteger, Column, MetaData, Table, Text, bindparam, select

from laurel.core.errors import BadAsk, BadField, Nothing, NotPermitted
from laurel.core.fields import Line, RecordId
from laurel.core.instrument import (
    OFFICER_AUTHOR,
    Command,
    Desk,
    Fold,
    Item,
    Kept,
    Meet,
    NoAsk,
    Noun,
    Query,
    Role,
    Rows,
    View,
)
from laurel.core.record import Draft, Record
from laurel.instruments.office.records import (
    WATCH_OFFERED,
    WATCH_TAKEN,
    WatchOffered,
    WatchTaken,
    ours,
)
from laurel.instruments.office.twofold import home, is_person, micros, moment

LONGEST = timedelta(hours=12)
"""No session lasts longer, so whoever took the watch before that is signed in no more."""
LAST = 5
"""Hand-overs that are shown."""
WATCH = frozenset({Role.WATCH_OFFICER, Role.PRINCIPAL})


class WatchHeld(BadAsk):
    """Somebody has the watch and did not offer it to the asker."""

    says = "another officer has the watch"
    remedy = "ask him to offer it; when he cannot, a principal takes it over"


class OfferWatchAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Offer the watch to another officer, with what he must know and what is open."""

    to: Line
    notes: str
    open_items: tuple[str, ...] = ()


class TakeWatchAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Take the watch: the offer that was read, or none where nobody has the watch or its officer is long gone."""

    offer: RecordId | None = None


class TakeOverWatchAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Take the watch from an officer who cannot hand it over, and say why."""

    reason: Line


class HandOver(Struct, frozen=True):
    """The watch was taken: by whom, from whom, with what was told. `reason` when it was not offered."""

    by: str
    at: datetime
    before: str | None
    notes: str
    reason: str


class Offer(Struct, frozen=True):
    """An offer that may be taken now."""

    id: str
    by: str
    to: str
    at: datetime
    notes: str
    open_items: tuple[str, ...]


class Watch(Struct, frozen=True):
    """Who has the watch since when, the offer that stands, and the last hand-overs, newest first."""

    holder: str | None
    since: datetime | None
    offer: Offer | None
    hand_overs: tuple[HandOver, ...]


# Kept. Numbers order what one office says of its watch: a clock that stands still does not.

_metadata = MetaData()
offered = Kept(
    Table(
        "office_watch_offered",
        _metadata,
        Column("id", Text, primary_key=True),
        Column("origin", Text, nullable=False),
        Column("author", Text, nullable=False),
        Column("at_us", BigInteger, nullable=False),
        Column("number", BigInteger, nullable=False),
        Column("next", Text, nullable=False),
        Column("notes", Text, nullable=False),
        Column("items", Text, nullable=False),
    ),
    Meet.ONCE,
    searched=("notes", "items"),
)
taken = Kept(
    Table(
        "office_watch_taken",
        _metadata,
        Column("id", Text, primary_key=True),
        Column("author", Text, nullable=False),
        Column("at_us", BigInteger, nullable=False),
        Column("number", BigInteger, nullable=False),
        Column("offer", Text),
        Column("instead_of", Text),
        Column("reason", Text, nullable=False),
    ),
    Meet.ONCE,
    searched=("reason",),
)
TABLES: tuple[Kept, ...] = (offered, taken)


def fold_offered(record_id: str, record: Record[WatchOffered]) -> Rows:
    """One row for each offer of our own office."""
    body = record.body
    row = {
        "id": record_id,
        "origin": record.origin,
        "author": record.author,
        "at_us": micros(record.at),
        "number": record.number,
        "next": body.to,
        "notes": body.notes,
        "items": "\n".join(" ".join(one.split()) for one in body.open_items),
    }
    return ((offered, row),) if ours(record) else ()


def fold_taken(record_id: str, record: Record[WatchTaken]) -> Rows:
    """One row for each time our own watch was taken."""
    body = record.body
    row = {
        "id": record_id,
        "author": record.author,
        "at_us": micros(record.at),
        "number": record.number,
        "offer": body.offer,
        "instead_of": body.instead_of,
        "reason": body.reason,
    }
    return ((taken, row),) if ours(record) else ()


FOLDS: Mapping[str, Fold] = {WATCH_OFFERED.name: fold_offered, WATCH_TAKEN.name: fold_taken}

# Judged

_O, _T = offered.table.c, taken.table.c
_TAKEN = (
    select(taken.table, _O.author.label("offered_by"), _O.notes)
    .join_from(taken.table, offered.table, _T.offer == _O.id, isouter=True)
    .order_by(_T.number.desc(), _T.id)
    .limit(LAST)
)
_OFFERED = select(offered.table).where(_O.author == bindparam("holder")).order_by(_O.number.desc(), _O.id).limit(1)


@dataclass(frozen=True)
class _Held:
    """Who has the watch, and the last offer he made while he had it."""

    holder: str
    since: datetime
    offer: Offer | None
    member: str | None


def _held(view: View) -> _Held | None:
    rows = view.rows(_TAKEN)
    if not rows:
        return None
    last = rows[0]
    offers = view.rows(_OFFERED, holder=last.author)
    if not offers or offers[0].number < last.number:
        return _Held(last.author, moment(last.at_us), None, None)
    row = offers[0]
    offer = Offer(
        row.id, row.author, row.next, moment(row.at_us), row.notes, tuple(row.items.split("\n")) if row.items else ()
    )
    return _Held(last.author, moment(last.at_us), offer, row.origin)


def answer_watch(ask: NoAsk, view: View, now: datetime) -> Watch:
    """Who has the watch, since when, and how it came to him."""
    del ask, now
    held = _held(view)
    if held is None:
        return Watch(None, None, None, ())
    hand_overs = tuple(
        HandOver(row.author, moment(row.at_us), row.offered_by or row.instead_of, row.notes or "", row.reason)
        for row in view.rows(_TAKEN)
    )
    return Watch(held.holder, held.since, held.offer, hand_overs)


# Asked


def offer_watch(ask: OfferWatchAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Offer what one has. A later offer replaces it. Raises NotPermitted, BadField."""
    held = _held(view)
    if held is None or held.holder != desk.author:
        raise NotPermitted(author=desk.author, needs="the watch", has_it=held and held.holder)
    to = _officer(ask.to)
    if to == desk.author:
        raise BadField(field="to", value=ask.to, must_be="another officer")
    return (Draft(WatchOffered(to, ask.notes, ask.open_items), home(desk.member)),)


def take_watch(ask: TakeWatchAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Have the watch from now on. Raises NotPermitted, Nothing, WatchHeld."""
    _person(desk)
    held = _held(view)
    if held is None:
        if ask.offer is not None:
            raise Nothing(offer=ask.offer)
        return (Draft(WatchTaken(None), home(desk.member)),)
    if ask.offer is not None:
        if held.offer is None or held.offer.id != ask.offer:
            raise Nothing(offer=ask.offer, stands=held.offer and held.offer.id)
        if held.offer.to != desk.author:
            raise NotPermitted(author=desk.author, offered_to=held.offer.to)
        return (Draft(WatchTaken(ask.offer), home(desk.member), about=(ask.offer,)),)
    if held.holder == desk.author or desk.now - held.since < LONGEST:
        raise WatchHeld(holder=held.holder, since=held.since.isoformat())
    gone = f"taken at {held.since:%H:%M} UTC and not handed over since: no session lasts so long"
    return (Draft(WatchTaken(None, held.holder, gone), home(desk.member)),)


def take_over_watch(ask: TakeOverWatchAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Have the watch without an offer, and say why. Raises NotPermitted, BadField."""
    _person(desk)
    held = _held(view)
    if held is not None and held.holder == desk.author:
        raise BadField(field="watch", value=held.holder, must_be="another's")
    return (Draft(WatchTaken(None, held and held.holder, ask.reason), home(desk.member)),)


def _officer(name: str) -> str:
    """As authors are named, whether typed with `officer:` or without."""
    return name if is_person(name) else OFFICER_AUTHOR + name


def _person(desk: Desk) -> None:
    if not is_person(desk.author):
        raise NotPermitted(author=desk.author, needs="an officer: programs keep no watch")


def docket(view: View, now: datetime) -> Sequence[Item]:
    """One line for an offer that waits to be taken."""
    del now
    held = _held(view)
    if held is None or held.offer is None or held.member is None:
        return ()
    return [
        Item(
            subject=held.offer.id,
            title=f"The watch is offered to {held.offer.to}",
            state="offered",
            due=None,
            offices=("watch officer",),
            label=home(held.member),
            summary=f"By {held.offer.by}. {held.offer.notes}".strip(),
        )
    ]


COMMANDS: tuple[Command[Any], ...] = (
    Command("offer-watch", OfferWatchAsk, offer_watch, WATCH),
    Command("take-watch", TakeWatchAsk, take_watch, WATCH),
    Command(
        "take-over-watch",
        TakeOverWatchAsk,
        take_over_watch,
        frozenset({Role.PRINCIPAL}),
        confirm="Take the watch from an officer who did not offer it?",
    ),
)
QUERIES: tuple[Query[Any, Any], ...] = (Query("watch", NoAsk, Watch, answer_watch, live=True),)
NOUN = Noun(tables=TABLES, folds=FOLDS, commands=COMMANDS, queries=QUERIES, docket=docket)
