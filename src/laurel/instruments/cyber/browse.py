"""Looking through the objects: lists, one whole with its versions, and what is wrong with any."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Raw
from sqlalchemy import Row, bindparam, func, select, tuple_

from laurel.core.errors import Nothing
from laurel.core.instrument import NoAsk, Noun, Query, View
from laurel.core.record import as_text
from laurel.core.tables import label_of, taken
from laurel.instruments.cyber import advisories, sightings
from laurel.instruments.cyber.asked import ObjectsAsk, OfObject
from laurel.instruments.cyber.judge import Course, courses
from laurel.instruments.cyber.objects import LIGHT, H, T, fold_object, held, joined_to, misread
from laurel.instruments.cyber.records import STIX_OBJECT, StixObject
from laurel.instruments.cyber.shown import FindingRow, Findings, ObjectCourse, ObjectRow, Objects, Relation, Told

MOST_FOUND = 2_000
MOST_JOINED = 500
MOST_FINDINGS = 200
EARLIEST, LAST = "", 2**62

_other = held.table.alias("other")
_IS_GREATEST = (
    ~select(_other.c.id)
    .where(_other.c.stix_id == H.stix_id, tuple_(_other.c.version, _other.c.id) > tuple_(H.version, H.id))
    .exists()
)
_PAGE = (
    select(*LIGHT, T.position)
    .join(taken, T.record == H.id)
    .where(
        T.kind == STIX_OBJECT.name,
        T.position < bindparam("before"),
        T.at >= bindparam("since"),
        H.revoked <= bindparam("revoked"),
        _IS_GREATEST,
    )
    .order_by(T.position.desc())
    .limit(bindparam("most"))
)
_PAGE_OF_TYPES = _PAGE.where(H.type.in_(bindparam("types", expanding=True)))
_FOUND = (
    select(*LIGHT, T.position)
    .join(taken, T.record == H.id)
    .where(
        H.id.in_(bindparam("ids", expanding=True)),
        T.position < bindparam("before"),
        T.at >= bindparam("since"),
        H.revoked <= bindparam("revoked"),
    )
    .order_by(T.position.desc())
)
_COUNT = select(func.count(H.stix_id.distinct()))
_COUNT_OF_TYPES = _COUNT.where(H.type.in_(bindparam("types", expanding=True)))
_NAMES = select(H.stix_id, H.name, H.type).where(H.stix_id.in_(bindparam("of", expanding=True)))
_M = misread.table.c
_MISREAD = select(misread.table).order_by(_M.at.desc(), _M.id).limit(bindparam("most"))


def answer_objects(ask: ObjectsAsk, view: View, now: datetime) -> Objects:
    """Objects of these types, with these words, taken in since then: each as it stands, the last taken in first."""
    del now
    rows = _rows(ask, view)
    page = rows[: ask.most]
    found = courses(view, {row.stix_id for row in page})
    each = dict.fromkeys(row.stix_id for row in page)
    shown = [found[one] for one in each if ask.revoked or not found[one].revoked]
    types = {"types": list(ask.types)} if ask.types else {}
    [counted] = view.rows(_COUNT_OF_TYPES if types else _COUNT, **types)
    return Objects(
        objects=tuple(row_of(one.current, one) for one in shown),
        next=page[-1].position if len(rows) > ask.most else None,
        total=len(rows) if ask.words.strip() else counted[0],
    )


def _rows(ask: ObjectsAsk, view: View) -> Sequence[Row[Any]]:
    """One more than a page holds, when there are more; of those with certain words, all."""
    since = EARLIEST if ask.since is None else as_text(ask.since)
    bound = {"before": ask.after or LAST, "since": since, "revoked": int(ask.revoked)}
    if ask.words.strip():
        ids = view.search(held, ask.words, MOST_FOUND)
        rows = view.rows(_FOUND, ids=list(ids), **bound)
        return [row for row in rows if not ask.types or row.type in ask.types]
    if ask.types:
        return view.rows(_PAGE_OF_TYPES, types=list(ask.types), most=ask.most + 1, **bound)
    return view.rows(_PAGE, most=ask.most + 1, **bound)


def row_of(row: Row[Any], course: Course) -> ObjectRow:
    """One version as it is shown."""
    label = label_of(row.label)
    return ObjectRow(
        id=row.stix_id,
        type=row.type,
        name=row.name,
        created=row.created,
        modified=row.modified,
        revoked=bool(row.revoked),
        tlp=course.tlp(row),
        record=row.id,
        member=row.by_member,
        at=datetime.fromisoformat(row.at),
        label=label,
        banner=label.banner,
        flags=course.flags(row),
    )


def answer_object(ask: OfObject, view: View, now: datetime) -> ObjectCourse:
    """One object: all its versions, letter for letter, what it is joined to, who saw it. Raises Nothing."""
    course = courses(view, [ask.id]).get(ask.id)
    if course is None:
        raise Nothing(object=ask.id, list="laurel cyber objects")
    current = course.current
    versions = sorted(course.versions, key=lambda row: (row.id == current.id, row.version, row.id), reverse=True)
    seen = sightings.of_indicator(view, current, now)
    return ObjectCourse(
        id=ask.id,
        type=current.type,
        name=current.name,
        revoked=course.revoked,
        versions=tuple(Told(row_of(row, course), stix_of(view, row.id)) for row in versions),
        relations=_relations(view, ask.id),
        sightings=seen,
        advisories=advisories.about(view, ask.id),
    )


def stix_of(view: View, record_id: str) -> Raw:
    """The object as its author wrote it. Raises Nothing."""
    record = view.record(record_id)
    if record is None:
        raise Nothing(record=record_id)
    return msgspec.json.decode(record.body, type=StixObject).stix


def _relations(view: View, stix_id: str) -> tuple[Relation, ...]:
    rows = [row for row in joined_to(view, stix_id, MOST_JOINED) if row.type == "relationship"]
    found = courses(view, {row.stix_id for row in rows})
    standing = [one.current for one in found.values() if not one.revoked]
    ends = {row.id: row.target if row.source == stix_id else row.source for row in standing}
    names = _names(view, ends.values())
    return tuple(
        Relation(
            id=row.stix_id,
            relationship=row.sort,
            outward=row.source == stix_id,
            to=ends[row.id],
            name=names.get(ends[row.id], ""),
            type=ends[row.id].partition("--")[0],
            record=row.id,
        )
        for row in sorted(standing, key=lambda row: (row.sort, row.stix_id))
    )


def _names(view: View, ids: Iterable[str]) -> Mapping[str, str]:
    return {row.stix_id: row.name for row in view.rows(_NAMES, of=sorted(set(ids)))}


def answer_findings(ask: NoAsk, view: View, now: datetime) -> Findings:
    """Records that members said as objects and that are none, the last first. They are kept as they came."""
    del ask, now
    rows = view.rows(_MISREAD, most=MOST_FINDINGS)
    return Findings(
        tuple(FindingRow(row.id, row.by_member, datetime.fromisoformat(row.at), row.object, row.why) for row in rows)
    )


NOUN = Noun(
    tables=(held, misread),
    folds={STIX_OBJECT.name: fold_object},
    queries=(
        Query("objects", ObjectsAsk, Objects, answer_objects),
        Query("object", OfObject, ObjectCourse, answer_object),
        Query("findings", NoAsk, Findings, answer_findings),
    ),
)
