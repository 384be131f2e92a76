"""Data sets: imported at run time, kept at home, each number with its source, licence and year.

A set is a header and its rows in parts. The rows of a digest are the same however often they are sent, so an import can
be repeated; until all parts are here the set says that it is not whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import Boolean, Column, Index, Integer, MetaData, Row, Table, Text, bindparam, func, select

from laurel.core.errors import BadField, Nothing
from laurel.core.fields import Code, Line, Sha256, Slug
from laurel.core.instrument import Command, Desk, Fold, Kept, Meet, NoAsk, Noun, Query, Role, Rows, View
from laurel.core.label import Classification, Label
from laurel.core.record import Draft, Record
from laurel.core.tables import said_columns, said_row
from laurel.instruments.office.records import ours
from laurel.instruments.supply.answers import DatasetRow, Datasets, Origin
from laurel.instruments.supply.records import (
    DATASET_PUT,
    MAX_CHUNKS,
    MAX_ROWS,
    NOTICE_FIRMS,
    ROWS_PUT,
    DatasetPut,
    Edge,
    Input,
    NoticeFirms,
    Provider,
    Provision,
    Remark,
    RowsPut,
)
from laurel.instruments.supply.words import ProviderSort

Keyed = TypeVar("Keyed", Input, Provider)
STAGE = "stage"
"""The sort of an input that is a whole stage: it has shares of its own, and is not counted among the inputs."""
MOST = 50
MAX_CHUNK_BYTES = 200_000
WRITERS = frozenset({Role.ANALYST, Role.WATCH_OFFICER, Role.PRINCIPAL, Role.ADMINISTRATOR})


@dataclass(frozen=True)
class Dataset:
    """A data set as we hold it: its header, and all rows that came, in the order of the files."""

    record: str
    imported_at: datetime
    header: DatasetPut
    chunks_here: int
    inputs: tuple[Input, ...]
    providers: tuple[Provider, ...]
    provisions: tuple[Provision, ...]
    edges: tuple[Edge, ...]

    @cached_property
    def input_of(self) -> Mapping[str, Input]:
        """Each input by its key; of two that bear one key the first holds."""
        return _first(self.inputs)

    @cached_property
    def provider_of(self) -> Mapping[str, Provider]:
        """Each provider by its key; of two that bear one key the first holds."""
        return _first(self.providers)

    def origin(self, years: Sequence[int] | None = None) -> Origin:
        """Whence its numbers are; of these years, else of all that stand in it."""
        own = {one.year for one in self.provisions if one.year is not None}
        return Origin(
            dataset=self.header.name,
            title=self.header.title,
            source=self.header.source,
            licence=self.header.licence,
            years=tuple(sorted(own if years is None else set(years))),
            imported_at=self.imported_at,
        )

    def called(self, name: str) -> Input:
        """The input of that key, or of that name in small or capital letters. Raises Nothing."""
        if name in self.input_of:
            return self.input_of[name]
        wanted = plain(name)
        for one in self.inputs:
            if plain(one.name) == wanted:
                return one
        raise Nothing(input=name, dataset=self.header.name, list="laurel supply inputs")


def _first(rows: Sequence[Keyed]) -> dict[str, Keyed]:
    found: dict[str, Keyed] = {}
    for one in rows:
        found.setdefault(one.key, one)
    return found


def plain(name: str) -> str:
    """A name as it is compared: without regard to case and to how its words are spaced."""
    return " ".join(name.casefold().split())


# Kept

_metadata = MetaData()
headers = Kept(
    Table(
        "supply_dataset",
        _metadata,
        *said_columns(),
        Column("name", Text, nullable=False),
        Column("title", Text, nullable=False),
        Column("source", Text, nullable=False),
        Column("digest", Text, nullable=False),
        Column("body", Text, nullable=False),
        Index("supply_dataset_at", "at"),
    ),
    Meet.ONCE,
    searched=("title", "source"),
)
chunks = Kept(
    Table(
        "supply_rows",
        _metadata,
        *said_columns(),
        Column("digest", Text, nullable=False),
        Column("place", Integer, nullable=False),
        Column("body", Text, nullable=False),
        Index("supply_rows_digest", "digest", "place"),
    ),
    Meet.ONCE,
)
named = Kept(
    Table(
        "supply_named",
        _metadata,
        Column("id", Text, primary_key=True),
        Column("place", Integer, primary_key=True),
        Column("firm", Boolean, nullable=False),
        Column("name", Text, nullable=False),
        Column("words", Text, nullable=False),
        Index("supply_named_firm", "firm"),
    ),
    Meet.ONCE,
    searched=("name", "words"),
)
"""Inputs and firms by each of their names: to be found, and firms to be kept at home."""

_H, _R, _N = headers.table.c, chunks.table.c, named.table.c
_LAST = select(headers.table).order_by(_H.at.desc(), _H.number.desc(), _H.id.desc())
_LATEST = _LAST.limit(bindparam("most"))
_CALLED = _LAST.where(_H.name == bindparam("called")).limit(1)
_PARTS = select(_R.id, _R.place, _R.body).where(_R.digest == bindparam("of")).order_by(_R.place, _R.id)
_HERE = select(_R.digest, func.count(_R.place.distinct()).label("here")).group_by(_R.digest)
_FIRMS = select(_N.name).where(_N.firm).distinct().order_by(_N.name)


def fold_dataset(record_id: str, record: Record[DatasetPut]) -> Rows:
    """One row for each header of our own."""
    body = record.body
    if not ours(record):
        return ()
    row = {
        "name": body.name,
        "title": body.title,
        "source": f"{body.source}\n{body.licence}",
        "digest": body.digest,
        "body": _text(body),
    }
    return ((headers, {**said_row(record_id, record), **row}),)


def fold_rows(record_id: str, record: Record[RowsPut]) -> Rows:
    """One row for each part of our own, and one for each input and firm by name."""
    body = record.body
    if not ours(record):
        return ()
    part = {**said_row(record_id, record), "digest": body.digest, "place": body.index, "body": _text(body)}
    found = [(False, one.name, one.text) for one in body.inputs]
    firms = [one for one in body.providers if one.sort is ProviderSort.FIRM and not one.rest]
    found += [(True, name, "") for one in firms for name in (one.name, one.alias) if name]
    return ((chunks, part), *_named(record_id, found))


def fold_firms(record_id: str, record: Record[NoticeFirms]) -> Rows:
    """The firms that a notice of ours is about, by each of their names."""
    if not ours(record):
        return ()
    found = [(True, name, one.text) for one in record.body.firms for name in (one.name, *one.aliases)]
    return _named(record_id, found)


def _named(record_id: str, found: Sequence[tuple[bool, str, str]]) -> Rows:
    return [
        (named, {"id": record_id, "place": place, "firm": firm, "name": name, "words": words})
        for place, (firm, name, words) in enumerate(found)
    ]


def _text(body: Struct) -> str:
    return msgspec.json.encode(body).decode()


# Read


def read(view: View, name: str | None) -> Dataset:
    """Our data set of that name as it was last imported, or the one imported last of all. Raises Nothing."""
    found = view.rows(_LATEST, most=1) if name is None else view.rows(_CALLED, called=name)
    if not found:
        raise Nothing(dataset=name or "any", list="laurel supply datasets", do="laurel supply import FOLDER")
    row = found[0]
    header = msgspec.json.decode(row.body, type=DatasetPut)
    parts = {part.place: part.body for part in reversed(view.rows(_PARTS, of=header.digest))}
    here = [_rows(parts[place]) for place in range(header.chunks) if place in parts]
    return Dataset(
        record=row.id,
        imported_at=datetime.fromisoformat(row.at),
        header=header,
        chunks_here=len(here),
        inputs=tuple(one for part in here for one in part.inputs),
        providers=tuple(one for part in here for one in part.providers),
        provisions=tuple(one for part in here for one in part.provisions),
        edges=tuple(one for part in here for one in part.edges),
    )


@lru_cache(maxsize=32)
def _rows(body: str) -> RowsPut:
    return msgspec.json.decode(body, type=RowsPut)


def firms_named(view: View) -> tuple[str, ...]:
    """Every name of every firm that our own data know."""
    return tuple(row.name for row in view.rows(_FIRMS))


# Asked


class PutDatasetAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Take in the header of a data set; its rows are put part by part. It stays at home."""

    name: Slug
    title: Line
    source: Remark
    licence: Line
    digest: Sha256
    chunks: Annotated[int, Meta(ge=1, le=MAX_CHUNKS)]
    inputs: Annotated[int, Meta(ge=0)]
    providers: Annotated[int, Meta(ge=0)]
    provisions: Annotated[int, Meta(ge=0)]
    edges: Annotated[int, Meta(ge=0)]
    market: Code | None = None
    left_out: Annotated[tuple[Line, ...], Meta(max_length=200)] = ()
    left_out_in_all: Annotated[int, Meta(ge=0)] = 0


class PutRowsAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Take in one part of a data set's rows, the `index`-th from 0 of those of that digest. It stays at home."""

    digest: Sha256
    index: Annotated[int, Meta(ge=0, lt=MAX_CHUNKS)]
    inputs: Annotated[tuple[Input, ...], Meta(max_length=MAX_ROWS)] = ()
    providers: Annotated[tuple[Provider, ...], Meta(max_length=MAX_ROWS)] = ()
    provisions: Annotated[tuple[Provision, ...], Meta(max_length=MAX_ROWS)] = ()
    edges: Annotated[tuple[Edge, ...], Meta(max_length=MAX_ROWS)] = ()


def home(desk: Desk) -> Label:
    """The label of what never leaves."""
    return Label(Classification.SECRET, (desk.member,))


def put_dataset(ask: PutDatasetAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Keep the header."""
    del view
    return (Draft(DatasetPut(**msgspec.structs.asdict(ask)), home(desk)),)


def put_rows(ask: PutRowsAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Keep that part; nothing when it is here already. Raises BadField when it is too long for one record."""
    if any(row.place == ask.index for row in view.rows(_PARTS, of=ask.digest)):
        return ()
    body = RowsPut(**msgspec.structs.asdict(ask))
    if (size := len(msgspec.json.encode(body))) > MAX_CHUNK_BYTES:
        raise BadField(field="rows", value=f"{size} bytes", must_be=f"{MAX_CHUNK_BYTES} bytes at most: send more parts")
    return (Draft(body, home(desk)),)


def answer_datasets(ask: NoAsk, view: View, now: datetime) -> Datasets:
    """What was imported, the last first; and whether all of it came."""
    del ask, now
    here = {row.digest: row.here for row in view.rows(_HERE)}
    rows = view.rows(_LATEST, most=MOST)
    last: dict[str, str] = {}
    for row in rows:
        last.setdefault(row.name, row.id)
    return Datasets(tuple(_row(row, here.get(row.digest, 0), holds=last[row.name] == row.id) for row in rows))


def _row(row: Row[Any], here: int, *, holds: bool) -> DatasetRow:
    body = msgspec.json.decode(row.body, type=DatasetPut)
    return DatasetRow(
        record=row.id,
        name=body.name,
        title=body.title,
        source=body.source,
        licence=body.licence,
        market=body.market,
        digest=body.digest,
        imported_at=datetime.fromisoformat(row.at),
        by=row.author,
        chunks=body.chunks,
        chunks_here=here,
        inputs=body.inputs,
        providers=body.providers,
        provisions=body.provisions,
        edges=body.edges,
        left_out=body.left_out_in_all,
        holds=holds,
    )


COMMANDS: tuple[Command[Any], ...] = (
    Command("put-dataset", PutDatasetAsk, put_dataset, WRITERS),
    Command("put-rows", PutRowsAsk, put_rows, WRITERS),
)
QUERIES: tuple[Query[Any, Any], ...] = (Query("datasets", NoAsk, Datasets, answer_datasets),)
FOLDS: Mapping[str, Fold] = {
    DATASET_PUT.name: fold_dataset,
    ROWS_PUT.name: fold_rows,
    NOTICE_FIRMS.name: fold_firms,
}
NOUN = Noun(tables=(headers, chunks, named), folds=FOLDS, commands=COMMANDS, queries=QUERIES)
