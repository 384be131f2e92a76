"""What members tell each other of their dependence: country by country, never firm by firm."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import Column, Index, Integer, MetaData, Row, Table, Text, bindparam, select

from laurel.core.errors import BadField, Nothing
from laurel.core.fields import Line, Slug
from laurel.core.instrument import Command, Desk, Kept, Meet, Noun, Query, Role, Rows, View
from laurel.core.label import Label
from laurel.core.record import Draft, Record
from laurel.core.tables import label_of, said_columns, said_row
from laurel.instruments.supply.answers import NotShared, Shared, TheirInput, TheirSet, ToShare
from laurel.instruments.supply.cells import as_set, cells_of, makers_of
from laurel.instruments.supply.dataset import Dataset, plain, read
from laurel.instruments.supply.firms import Known, clean, known_to, named_in
from laurel.instruments.supply.records import DEPENDENCE, Dependence, InputShares
from laurel.instruments.supply.shares import sets_of
from laurel.instruments.supply.words import Basis

SHARERS = frozenset({Role.RELEASE_AUTHORITY, Role.PRINCIPAL})
MOST_INPUTS = 200
SOURCE_WITHHELD = "A source that is not told: it names a firm."
MOST = 100
"""Tellings that are read, those said last."""

_metadata = MetaData()
tellings = Kept(
    Table(
        "supply_dependence",
        _metadata,
        *said_columns(),
        Column("dataset", Text, nullable=False),
        Column("title", Text, nullable=False),
        Column("words", Text, nullable=False),
        Column("body", Text, nullable=False),
        Index("supply_dependence_at", "at"),
    ),
    Meet.ONCE,
    searched=("title", "words"),
)
told_inputs = Kept(
    Table(
        "supply_told_input",
        _metadata,
        Column("id", Text, primary_key=True),
        Column("place", Integer, primary_key=True),
        Column("input", Text, nullable=False),
        Index("supply_told_input_input", "input"),
    ),
    Meet.ONCE,
)
_D, _I = tellings.table.c, told_inputs.table.c
_LATEST = select(tellings.table).order_by(_D.at.desc(), _D.number.desc(), _D.id.desc()).limit(bindparam("most"))
_ABOUT = (
    select(tellings.table)
    .where(_D.id.in_(select(_I.id).where(_I.input == bindparam("called"))))
    .order_by(_D.at.desc(), _D.number.desc(), _D.id.desc())
    .limit(bindparam("most"))
)


def fold_dependence(record_id: str, record: Record[Dependence]) -> Rows:
    """One row for each telling, and one for each input in it."""
    body = record.body
    row = {
        "dataset": body.dataset,
        "title": body.title,
        "words": "\n".join((body.source, body.licence, *(one.input for one in body.inputs))),
        "body": msgspec.json.encode(body).decode(),
    }
    inputs = sorted({plain(one.input) for one in body.inputs})
    return (
        (tellings, {**said_row(record_id, record), **row}),
        *((told_inputs, {"id": record_id, "place": place, "input": one}) for place, one in enumerate(inputs)),
    )


# Asked


class ToShareAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """What would be told of these inputs, or of all that have a set on that basis."""

    basis: Basis
    dataset: Slug | None = None
    inputs: Annotated[tuple[Line, ...], Meta(max_length=MOST_INPUTS)] = ()


class ShareDependenceAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Tell those whom `label.rel_to` names the shares of countries in these inputs, or in all, on that basis.

    `laurel supply to-share` shows beforehand what is told, and what is withheld.
    """

    basis: Basis
    label: Label
    dataset: Slug | None = None
    inputs: Annotated[tuple[Line, ...], Meta(max_length=MOST_INPUTS)] = ()


def share(ask: ShareDependenceAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Tell what may be told. Raises Nothing when that is nothing; BadField, NamesFirm."""
    if desk.member not in ask.label.rel_to:
        raise BadField(field="label.rel_to", value=", ".join(ask.label.rel_to), must_be=f"with {desk.member}")
    dataset = read(view, ask.dataset)
    tell, withheld = _split(dataset, ask.basis, ask.inputs, known_to(view))
    if not tell:
        raise Nothing(to_share=f"{len(withheld)} sets are withheld", basis=ask.basis.value)
    header = dataset.header
    body = Dependence(header.name, header.title, header.source, header.licence, header.market, tuple(tell))
    clean(body, view)
    return (Draft(body, ask.label),)


def _split(
    dataset: Dataset, basis: Basis, inputs: Sequence[str], known: Known
) -> tuple[list[InputShares], list[NotShared]]:
    """What is told, and what is not. Raises BadField, Nothing."""
    if basis is Basis.FIRM:
        raise BadField(field="basis", value=basis.value, must_be="a basis over countries: firms do not cross")
    keys = {dataset.called(name).key for name in inputs} or None
    makers = makers_of(dataset)
    chosen = [one for sets in sets_of(dataset, keys).values() for one in sets if one.basis is basis]
    found = [_without_firms(cells_of(one, makers), known) for one in chosen]
    if len(found) > MOST_INPUTS:
        raise BadField(field="inputs", value=len(found), must_be=f"{MOST_INPUTS} at most: name them")
    tell = [one for one in found if isinstance(one, InputShares)]
    return tell, [one for one in found if isinstance(one, NotShared)]


def _without_firms(told: InputShares | NotShared, known: Known) -> InputShares | NotShared:
    """Without sources that name a firm; withheld where the input itself does."""
    if named_in(told.input, known):
        return NotShared(told.input, told.basis, "its name is that of a firm in our data")
    if isinstance(told, NotShared):
        return told
    sources = dict.fromkeys(SOURCE_WITHHELD if named_in(one, known) else one for one in told.sources)
    return msgspec.structs.replace(told, sources=tuple(sources))


# Shown


class SharedAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """What members told of the input of that name, or of every input."""

    input: Annotated[str, Meta(max_length=1_000)] = ""


def answer_to_share(ask: ToShareAsk, view: View, now: datetime) -> ToShare:
    """What share-dependence would tell, and what it would withhold. Raises Nothing, BadField."""
    del now
    dataset = read(view, ask.dataset)
    tell, withheld = _split(dataset, ask.basis, ask.inputs, known_to(view))
    return ToShare(dataset.origin(), tuple(tell), tuple(withheld))


def answer_shared(ask: SharedAsk, view: View, now: datetime) -> Shared:
    """What each member told of an input, side by side; of each member's data set the last word."""
    del now
    wanted = plain(ask.input)
    rows = view.rows(_ABOUT, called=wanted, most=MOST) if wanted else view.rows(_LATEST, most=MOST)
    found: defaultdict[str, dict[tuple[str, str, Basis], TheirSet]] = defaultdict(dict)
    names: dict[str, str] = {}
    for row in rows:
        body = msgspec.json.decode(row.body, type=Dependence)
        for one in body.inputs:
            key = plain(one.input)
            if wanted in {"", key}:
                names.setdefault(key, one.input)
                found[key].setdefault((row.by_member, row.dataset, one.basis), _theirs(row, body, one))
    inputs = (TheirInput(names[key], tuple(found[key][each] for each in sorted(found[key]))) for key in sorted(found))
    return Shared(tuple(inputs))


def _theirs(row: Row[Any], body: Dependence, one: InputShares) -> TheirSet:
    return TheirSet(
        record=row.id,
        member=row.by_member,
        at=datetime.fromisoformat(row.at),
        banner=label_of(row.label).banner,
        dataset=body.dataset,
        title=body.title,
        source=body.source,
        licence=body.licence,
        market=body.market,
        shares=as_set(one),
    )


NOUN = Noun(
    tables=(tellings, told_inputs),
    folds={DEPENDENCE.name: fold_dependence},
    commands=(
        Command(
            "share-dependence",
            ShareDependenceAsk,
            share,
            SHARERS,
            confirm="Tell these members the shares of countries in our data? Firms are not told.",
        ),
    ),
    queries=(
        Query("to-share", ToShareAsk, ToShare, answer_to_share),
        Query("shared", SharedAsk, Shared, answer_shared),
    ),
)
