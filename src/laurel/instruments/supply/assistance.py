"""Help: who asks for so much of an input, who offers it, and what was agreed between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import Column, Index, MetaData, Row, Table, Text, bindparam, select

from laurel.core import fields
from laurel.core.errors import BadField, Nothing, NotPermitted
from laurel.core.fields import Language, Line, Name, RecordId
from laurel.core.instrument import Command, Desk, Fold, Item, Kept, Meet, NoAsk, Noun, Query, Rows, View
from laurel.core.label import Label
from laurel.core.record import Draft, Precedence, Record, Utc
from laurel.core.tables import label_of, said_columns, said_row
from laurel.instruments.supply.dataset import plain
from laurel.instruments.supply.firms import clean
from laurel.instruments.supply.notices import FILERS, told
from laurel.instruments.supply.records import (
    HELP_ACCEPTED,
    HELP_OFFERED,
    HELP_REQUESTED,
    HelpAccepted,
    HelpOffered,
    HelpRequested,
)
from laurel.instruments.supply.told_types import AcceptanceRow, Help, OfferRow, RequestRow

MOST = 50
"""Requests and offers that are shown, those said last."""
FORGOTTEN = timedelta(days=60)
"""So long after the help was needed nobody is reminded of a request any more."""

# Kept

_metadata = MetaData()
requests = Kept(
    Table(
        "supply_request",
        _metadata,
        *said_columns(),
        Column("input", Text, nullable=False),
        Column("title", Text, nullable=False),
        Column("words", Text, nullable=False),
        Column("body", Text, nullable=False),
        Index("supply_request_at", "at"),
    ),
    Meet.ONCE,
    searched=("title", "words"),
)
offers = Kept(
    Table(
        "supply_offer",
        _metadata,
        *said_columns(),
        Column("input", Text, nullable=False),
        Column("title", Text, nullable=False),
        Column("words", Text, nullable=False),
        Column("body", Text, nullable=False),
        Index("supply_offer_at", "at"),
    ),
    Meet.ONCE,
    searched=("title", "words"),
)
accepted = Kept(
    Table(
        "supply_accepted",
        _metadata,
        *said_columns(),
        Column("request", Text, nullable=False),
        Column("offer", Text, nullable=False),
        Column("language", Text, nullable=False),
        Column("words", Text, nullable=False),
        Index("supply_accepted_offer", "offer"),
    ),
    Meet.ONCE,
    searched=("words",),
)
_R, _O, _A = requests.table.c, offers.table.c, accepted.table.c
_REQUESTS = select(requests.table).order_by(_R.at.desc(), _R.id).limit(bindparam("most"))
_OFFERS = select(offers.table).order_by(_O.at.desc(), _O.id).limit(bindparam("most"))
_REQUEST = select(requests.table).where(_R.id == bindparam("called"))
_OFFER = select(offers.table).where(_O.id == bindparam("called"))
_ACCEPTED = select(accepted.table).where(_A.offer.in_(bindparam("ids", expanding=True))).order_by(_A.at, _A.id)


def fold_help(record_id: str, record: Record[HelpRequested | HelpOffered]) -> Rows:
    """One row for each request, and for each offer."""
    body = record.body
    row = {
        "input": plain(body.input),
        "title": body.title,
        "words": f"{body.input}\n{body.text}",
        "body": msgspec.json.encode(body).decode(),
    }
    return ((requests if isinstance(body, HelpRequested) else offers, {**said_row(record_id, record), **row}),)


def fold_accepted(record_id: str, record: Record[HelpAccepted]) -> Rows:
    """One row for each offer that was taken."""
    body = record.body
    row = {"request": body.request, "offer": body.offer, "language": body.language, "words": body.text}
    return ((accepted, {**said_row(record_id, record), **row}),)


# Judged


def help_now(view: View, now: datetime) -> Help:
    """Requests and offers said last, and what became of them. An offer is taken by who asked, and by nobody else."""
    asked = {row.id: row for row in view.rows(_REQUESTS, most=MOST)}
    given = {row.id: row for row in view.rows(_OFFERS, most=MOST)}
    bodies = {key: msgspec.json.decode(row.body, type=HelpOffered) for key, row in given.items()}
    wanted = {key: msgspec.json.decode(row.body, type=HelpRequested) for key, row in asked.items()}
    taken = {
        row.offer: row
        for row in reversed(view.rows(_ACCEPTED, ids=list(given)))
        if row.request in asked and asked[row.request].by_member == row.by_member
    }
    alike = defaultdict[str, list[str]](list)
    for key, row in asked.items():
        alike[row.input].append(key)
    fits: dict[str, list[str]] = {}
    fitting = defaultdict[str, list[str]](list)
    for offer, body in bodies.items():
        audience = label_of(given[offer].label).rel_to
        fits[offer] = [
            key
            for key in alike.get(given[offer].input, ())
            if _fits(given[offer].by_member, body, audience, asked[key].by_member, wanted[key])
        ]
        for key in fits[offer]:
            fitting[key].append(offer)
    named = defaultdict[str, list[str]](list)
    for offer, body in bodies.items():
        named[body.request or ""].append(offer)
    took = defaultdict[str, list[Row[Any]]](list)
    for row in taken.values():
        took[row.request].append(row)
    return Help(
        at=now,
        requests=tuple(
            _request(row, wanted[key], bodies, named[key], fitting[key], took[key], now) for key, row in asked.items()
        ),
        offers=tuple(
            OfferRow(
                id=key,
                member=row.by_member,
                at=datetime.fromisoformat(row.at),
                banner=label_of(row.label).banner,
                offer=bodies[key],
                fits=tuple(fits[key]),
                accepted=taken[key].request if key in taken else None,
            )
            for key, row in given.items()
        ),
    )


def _fits(by: str, offer: HelpOffered, audience: Sequence[str], member: str, request: HelpRequested) -> bool:
    """Whether an offer of that input which names no request serves this one: who asks, in what unit, and in time."""
    return (
        offer.request is None
        and by != member
        and member in audience
        and (not offer.unit or not request.unit or plain(offer.unit) == plain(request.unit))
        and offer.available_from <= request.needed_by
    )


def _request(
    row: Row[Any],
    body: HelpRequested,
    bodies: Mapping[str, HelpOffered],
    named: Sequence[str],
    fits: Sequence[str],
    took: Sequence[Row[Any]],
    now: datetime,
) -> RequestRow:
    agreed = tuple(one.offer for one in took)
    amounts = [bodies[key].quantity for key in agreed if plain(bodies[key].unit) == plain(body.unit)]
    state = "offered" if named else "open"
    return RequestRow(
        id=row.id,
        member=row.by_member,
        at=datetime.fromisoformat(row.at),
        banner=label_of(row.label).banner,
        request=body,
        state="agreed" if agreed else "overdue" if now > body.needed_by else state,
        offers=tuple(named),
        fits=tuple(fits),
        accepted=agreed,
        acceptances=tuple(
            AcceptanceRow(one.id, one.offer, datetime.fromisoformat(one.at), one.language, one.words) for one in took
        ),
        agreed=sum(one for one in amounts if one is not None) if amounts else None,
    )


# Asked


class RequestHelpAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Ask those whom `label.rel_to` names, ourselves included, for so much of an input until then.

    `notice` is the disruption that it is for.
    """

    title: Line
    language: Language
    text: fields.Text
    input: Line
    needed_by: Utc
    office: Name
    label: Label
    quantity: Annotated[float, Meta(gt=0)] | None = None
    unit: Annotated[str, Meta(max_length=60)] = ""
    notice: RecordId | None = None


class OfferHelpAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Offer so much of an input from then on, to a request or to whom it may serve.

    `label.rel_to` holds ourselves; with a `request`, also who asked, and nobody whom it did not ask.
    """

    title: Line
    language: Language
    text: fields.Text
    input: Line
    available_from: Utc
    office: Name
    label: Label
    quantity: Annotated[float, Meta(gt=0)] | None = None
    unit: Annotated[str, Meta(max_length=60)] = ""
    request: RecordId | None = None


class AcceptHelpAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Take this offer for this request of ours. Those are told who were told of both."""

    request: RecordId
    offer: RecordId
    language: Language
    text: fields.Text


def request_help(ask: RequestHelpAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Ask for it. Raises BadField, NamesFirm."""
    _ours_among(ask.label, desk)
    body = HelpRequested(**_given(ask))
    clean(body, view)
    return (Draft(body, ask.label, Precedence.PRIORITY, about=() if ask.notice is None else (ask.notice,)),)


def offer_help(ask: OfferHelpAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Offer it. Raises BadField, Nothing, NotPermitted, NamesFirm."""
    _ours_among(ask.label, desk)
    body = HelpOffered(**_given(ask))
    clean(body, view)
    if ask.request is None:
        return (Draft(body, ask.label, Precedence.PRIORITY),)
    row = _called(_REQUEST, ask.request, view)
    if row.by_member == desk.member:
        raise NotPermitted(why="our own request is not for us to answer", request=ask.request)
    heard, to = set(label_of(row.label).rel_to), set(ask.label.rel_to)
    if not {desk.member, row.by_member} <= to <= heard:
        must = f"with {desk.member} and {row.by_member}, and within {', '.join(sorted(heard))}"
        raise BadField(field="label.rel_to", value=", ".join(sorted(to)), must_be=must)
    return (Draft(body, ask.label, Precedence.PRIORITY, about=(row.id,), answers=row.id),)


def accept_help(ask: AcceptHelpAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Take it. Raises Nothing, NotPermitted, BadField, NamesFirm."""
    row, offer = _called(_REQUEST, ask.request, view), _called(_OFFER, ask.offer, view)
    if row.by_member != desk.member or offer.by_member == desk.member:
        raise NotPermitted(why="an offer is taken by who asked", request=ask.request, of=row.by_member)
    named = msgspec.json.decode(offer.body, type=HelpOffered).request
    if named not in {None, ask.request}:
        raise BadField(field="offer", value=ask.offer, must_be=f"for this request; it is for {named}")
    body = HelpAccepted(**msgspec.structs.asdict(ask))
    clean(body, view)
    label = told(label_of(offer.label), desk)
    both = tuple(one for one in label.rel_to if one in label_of(row.label).rel_to)
    to = msgspec.structs.replace(label, rel_to=both)
    return (Draft(body, to, Precedence.PRIORITY, about=(row.id, offer.id), answers=offer.id),)


def _given(ask: Struct) -> dict[str, Any]:
    return {name: value for name, value in msgspec.structs.asdict(ask).items() if name != "label"}


def _ours_among(label: Label, desk: Desk) -> None:
    if desk.member not in label.rel_to:
        raise BadField(field="label.rel_to", value=", ".join(label.rel_to), must_be=f"with {desk.member}")


def _called(statement: Any, called: str, view: View) -> Row[Any]:
    found = next(iter(view.rows(statement, called=called)), None)
    if found is None:
        raise Nothing(record=called, list="laurel supply help")
    return found


# Shown


def answer_help(ask: NoAsk, view: View, now: datetime) -> Help:
    """Who asks for what, who offers it, what was agreed, and which offers would fit."""
    del ask
    return help_now(view, now)


def docket(view: View, now: datetime) -> Sequence[Item]:
    """One line for each request that nobody's offer was taken for."""
    labels = {row.id: label_of(row.label) for row in view.rows(_REQUESTS, most=MOST)}
    return [
        Item(
            subject=one.id,
            title=f"{one.member} asks for help: {one.request.title}",
            state=one.state,
            due=one.request.needed_by,
            offices=(one.request.office,),
            label=labels[one.id],
            summary=_summary(one),
            about=()
            if one.request.notice is None or view.record(one.request.notice) is None
            else (one.request.notice,),
        )
        for one in help_now(view, now).requests
        if one.state != "agreed" and now - FORGOTTEN <= one.request.needed_by
    ]


def _summary(one: RequestRow) -> str:
    body = one.request
    amount = body.input if body.quantity is None else f"{body.quantity:g} {body.unit} of {body.input}"
    fitting = f", {len(one.fits)} others fit" if one.fits else ""
    return f"{amount} by {body.needed_by:%d %b %Y}; {len(one.offers)} offers{fitting}."


COMMANDS: tuple[Command[Any], ...] = (
    Command("request-help", RequestHelpAsk, request_help, FILERS),
    Command("offer-help", OfferHelpAsk, offer_help, FILERS),
    Command("accept-help", AcceptHelpAsk, accept_help, FILERS),
)
QUERIES: tuple[Query[Any, Any], ...] = (Query("help", NoAsk, Help, answer_help),)
FOLDS: Mapping[str, Fold] = {
    HELP_REQUESTED.name: fold_help,
    HELP_OFFERED.name: fold_help,
    HELP_ACCEPTED.name: fold_accepted,
}
NOUN = Noun(tables=(requests, offers, accepted), folds=FOLDS, commands=COMMANDS, queries=QUERIES, docket=docket)
