"""Collections: all objects of one TLP level for one audience, in the order in which our own node took them in.

What a TAXII 2.1 server needs (https://docs.oasis-open.org/cti/taxii/v2.1/os/taxii-v2.1-os.html, 5.1 to 5.8). The
order is that of our log: what comes later stands later, whatever its author's clock said.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, func, or_, select, tuple_

from laurel.core.errors import BadField
from laurel.core.instrument import NoAsk, Noun, Query, View
from laurel.core.record import as_text
from laurel.core.tables import label_of, taken
from laurel.instruments.cyber.asked import OfCollection
from laurel.instruments.cyber.browse import stix_of
from laurel.instruments.cyber.judge import Course, courses
from laurel.instruments.cyber.objects import LIGHT, H, T, held
from laurel.instruments.cyber.records import STIX_OBJECT
from laurel.instruments.cyber.shown import Added, CollectionRow, Collections, Page
from laurel.instruments.cyber.stix import BadStix, moment
from laurel.instruments.cyber.tlp import collection_title, ranked

FIRST, LAST, ALL, MOMENTS = "first", "last", "all", "moments"
EARLIEST = ""

_other = held.table.alias("other")
_beside = (_other.c.collection == H.collection, _other.c.stix_id == H.stix_id)
_its, _this = tuple_(_other.c.version, _other.c.id), tuple_(H.version, H.id)
_IS = {
    LAST: ~select(_other.c.id).where(*_beside, _its > _this).exists(),
    FIRST: ~select(_other.c.id).where(*_beside, _its < _this).exists(),
    # A version that two members told stands there once.
    ALL: ~select(_other.c.id).where(*_beside, _other.c.version == H.version, _other.c.id > H.id).exists(),
}
_IN_ORDER = (
    select(*LIGHT, T.position, T.at.label("taken_at"))
    .join(taken, T.record == H.id)
    .where(
        H.collection == bindparam("collection"),
        T.kind == STIX_OBJECT.name,
        T.position > bindparam("after"),
        T.at > bindparam("added_after"),
    )
    .order_by(T.position)
    .limit(bindparam("most"))
)
_COLLECTIONS = (
    select(H.collection, H.tlp, H.label, func.count(H.id).label("objects"))
    .group_by(H.collection, H.tlp, H.label)
    .order_by(H.tlp, H.label)
)


@cache
def _statement(narrowed: frozenset[str]) -> Select[Any]:
    """The page, narrowed by these of what TAXII filters by."""
    statement = _IN_ORDER
    for name, column in (("ids", H.stix_id), ("types", H.type), ("specs", H.spec_version)):
        if name in narrowed:
            statement = statement.where(column.in_(bindparam(name, expanding=True)))
    either = [_IS[one] for one in (FIRST, LAST, ALL) if one in narrowed]
    if MOMENTS in narrowed:
        either.append(and_(_IS[ALL], H.version.in_(bindparam(MOMENTS, expanding=True))))
    return statement.where(or_(*either))


def answer_collections(ask: NoAsk, view: View, now: datetime) -> Collections:
    """The collections that hold something, those of the least strict level first."""
    del ask, now
    found: dict[str, CollectionRow] = {}
    for row in view.rows(_COLLECTIONS):
        before = found.get(row.collection)
        tlp, rel_to = ranked(row.tlp), label_of(row.label).rel_to
        count = row.objects + (before.objects if before else 0)
        found[row.collection] = CollectionRow(row.collection, collection_title(tlp, rel_to), tlp, rel_to, count)
    return Collections(tuple(found.values()))


def answer_collection(ask: OfCollection, view: View, now: datetime) -> Page:
    """Objects of a collection in our own order of taking, from after a position. Raises BadField.

    One that somebody marked more strictly than this collection is not among them.
    """
    del now
    rows = _rows(ask, view)
    page = rows[: ask.most]
    found = courses(view, {row.stix_id for row in page})
    shown = [row for row in page if found[row.stix_id].tlp(row) is ranked(row.tlp)]
    return Page(
        objects=tuple(_added(view, row, found[row.stix_id], manifest=ask.manifest) for row in shown),
        next=page[-1].position if len(rows) > ask.most else None,
    )


def _rows(ask: OfCollection, view: View) -> Sequence[Row[Any]]:
    """One more than a page holds, when there are more."""
    moments = [_moment(one) for one in ask.match_version if one not in {FIRST, LAST, ALL}]
    lists = {"ids": ask.match_id, "types": ask.match_type, "specs": ask.match_spec_version, MOMENTS: moments}
    given = {name: list(values) for name, values in lists.items() if values}
    named = {one for one in ask.match_version if one in {FIRST, LAST, ALL}}
    since = EARLIEST if ask.added_after is None else as_text(ask.added_after)
    return view.rows(
        _statement(frozenset(named | given.keys()) if named or moments else frozenset({LAST} | given.keys())),
        collection=ask.collection,
        after=ask.after,
        added_after=since,
        most=ask.most + 1,
        **given,
    )


def _moment(value: str) -> str:
    try:
        return moment("match_version", value)
    except BadStix:
        raise BadField(field="match_version", value=value[:80], must_be="first, last, all or a moment") from None


def _added(view: View, row: Row[Any], course: Course, *, manifest: bool) -> Added:
    return Added(
        position=row.position,
        added=datetime.fromisoformat(row.taken_at),
        id=row.stix_id,
        type=row.type,
        version=row.modified or row.created,
        spec_version=row.spec_version,
        tlp=course.tlp(row),
        label=label_of(row.label),
        record=row.id,
        stix=None if manifest else stix_of(view, row.id),
    )


NOUN = Noun(
    queries=(
        Query("collections", NoAsk, Collections, answer_collections),
        Query("collection", OfCollection, Page, answer_collection),
    )
)
