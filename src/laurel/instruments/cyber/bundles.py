"""Bundles: which records came together, in which order, and what of them may leave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Raw, Struct
from sqlalchemy import Column, Index, Integer, MetaData, Row, Table, Text, bindparam, select

from laurel.core.errors import Nothing
from laurel.core.instrument import Kept, Meet, NoAsk, Noun, Query, Rows, View
from laurel.core.label import Label
from laurel.core.record import Record
from laurel.core.tables import label_of, said_columns, said_row, taken
from laurel.instruments.cyber.judge import courses
from laurel.instruments.cyber.objects import H, with_records
from laurel.instruments.cyber.records import BUNDLE, Bundle, StixId, StixObject, Tlp
from laurel.instruments.cyber.tlp import leaving

MOST = 50
BATCH = 200

kept = Kept(
    Table(
        "cyber_bundle",
        MetaData(),
        *said_columns(),
        Column("bundle", Text, nullable=False),
        Column("objects", Text, nullable=False),
        Column("size", Integer, nullable=False),
        Index("cyber_bundle_bundle", "bundle"),
        Index("cyber_bundle_at", "at"),
    ),
    Meet.ONCE,
)
_B, _T = kept.table.c, taken.c
_OF = select(kept.table).join(taken, _T.record == _B.id).where(_B.bundle == bindparam("of")).order_by(_T.position)
_LAST = select(kept.table).order_by(_B.at.desc(), _B.id).limit(bindparam("most"))
_STANDING = select(H.stix_id).where(H.tlp <= bindparam("rank")).distinct().order_by(H.stix_id)


def fold_bundle(record_id: str, record: Record[Bundle]) -> Rows:
    """One row for each record of a bundle."""
    body = record.body
    row = {"bundle": body.bundle, "objects": _text(body), "size": len(body.objects)}
    return ((kept, {**said_row(record_id, record), **row}),)


def _text(body: Bundle) -> str:
    return " ".join(body.objects)


def body_of(bundle: str, rows: Sequence[Row[Any]]) -> Bundle:
    """A record of that bundle that names these, once each."""
    return Bundle(bundle, tuple(dict.fromkeys(row.id for row in rows)))


def was_said(view: View, body: Bundle, member: str, told: Label) -> bool:
    """Whether we said just that before."""
    rows = view.rows(_OF, of=body.bundle)
    return any((row.by_member, label_of(row.label), row.objects) == (member, told, _text(body)) for row in rows)


# Read


class BundleRow(Struct, frozen=True):
    """A record of a bundle: what came together, and to whom. A bundle with several labels has several."""

    bundle: str
    record: str
    member: str
    author: str
    at: datetime
    objects: int
    label: Label
    banner: str


class Bundles(Struct, frozen=True):
    """The bundles told last, newest first."""

    bundles: tuple[BundleRow, ...]


class LeavingAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """What of a bundle may leave: nothing that is stricter than `up_to`. Without a bundle, all that stands here."""

    up_to: Tlp
    bundle: StixId | None = None


def answer_bundles(ask: NoAsk, view: View, now: datetime) -> Bundles:
    """What was shared together, by whom and to whom."""
    del ask, now
    return Bundles(tuple(_row(row) for row in view.rows(_LAST, most=MOST)))


def _row(row: Row[Any]) -> BundleRow:
    label = label_of(row.label)
    at = datetime.fromisoformat(row.at)
    return BundleRow(row.bundle, row.id, row.by_member, row.author, at, row.size, label, label.banner)


def out_of(view: View, ask: LeavingAsk) -> Iterator[Raw | None]:
    """Each object as it may leave; None for one that may not. Raises Nothing."""
    records = _of_bundle(view, ask.bundle) if ask.bundle is not None else None
    if records is None:
        ids = [row.stix_id for row in view.rows(_STANDING, rank=ask.up_to.rank)]
        yield from _standing(view, ids, ask.up_to)
        return
    for start in range(0, len(records), BATCH):
        rows = with_records(view, records[start : start + BATCH])
        found = courses(view, {row.stix_id for row in rows.values()})
        for record in records[start : start + BATCH]:
            row = rows.get(record)
            if row is not None:
                yield _out(view, row, found[row.stix_id].tlp(row), ask.up_to)


def _of_bundle(view: View, bundle: str) -> list[str]:
    rows = view.rows(_OF, of=bundle)
    if not rows:
        raise Nothing(bundle=bundle, list="laurel cyber bundles")
    return list(dict.fromkeys(record for row in rows for record in row.objects.split()))


def _standing(view: View, ids: Sequence[str], up_to: Tlp) -> Iterator[Raw | None]:
    """Of each object the version that stands, unless its author took it back."""
    for start in range(0, len(ids), BATCH):
        for course in courses(view, ids[start : start + BATCH]).values():
            if not course.revoked:
                yield _out(view, course.current, course.tlp(course.current), up_to)


def _out(view: View, row: Row[Any], level: Tlp, up_to: Tlp) -> Raw | None:
    record = view.record(row.id)
    if record is None or level.rank > up_to.rank:
        return None
    return leaving(msgspec.json.decode(record.body, type=StixObject).stix, level)


NOUN = Noun(
    tables=(kept,),
    folds={BUNDLE.name: fold_bundle},
    queries=(Query("bundles", NoAsk, Bundles, answer_bundles),),
)
