"""The objects that are here: kept version by version, each as one member told it, and found again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Index, Integer, MetaData, Row, Table, Text, bindparam, select

from laurel.core.instrument import Kept, Meet, Rows, View
from laurel.core.record import Record
from laurel.core.tables import said_columns, said_row, taken
from laurel.instruments.cyber.records import StixObject
from laurel.instruments.cyber.stix import BadStix, Stix, digest, pattern_key, read
from laurel.instruments.cyber.tlp import collection_id, stricter, tlp_of

JOINS = frozenset({"relationship", "sighting"})

_metadata = MetaData()
held = Kept(
    Table(
        "cyber_object",
        _metadata,
        *said_columns(),
        Column("stix_id", Text, nullable=False),
        Column("type", Text, nullable=False),
        Column("name", Text, nullable=False),
        Column("created", Text, nullable=False),
        Column("modified", Text, nullable=False),
        Column("version", Text, nullable=False),
        Column("spec_version", Text, nullable=False),
        Column("revoked", Integer, nullable=False),
        Column("created_by", Text, nullable=False),
        # Its rank among the levels; and the markings that are none of TLP.
        Column("tlp", Integer, nullable=False),
        Column("foreign", Text, nullable=False),
        Column("sort", Text, nullable=False),
        Column("collection", Text, nullable=False),
        Column("digest", Text, nullable=False),
        Column("pattern", Text),
        # Of a relationship or a sighting: what it joins.
        Column("source", Text),
        Column("target", Text),
        Column("words", Text, nullable=False),
        Index("cyber_object_stix_id", "stix_id", "version"),
        Index("cyber_object_type", "type", "at"),
        Index("cyber_object_collection", "collection", "stix_id", "version"),
        Index("cyber_object_digest", "digest"),
        Index("cyber_object_pattern", "pattern"),
        Index("cyber_object_source", "source"),
        Index("cyber_object_target", "target"),
    ),
    Meet.ONCE,
    searched=("words",),
)
misread = Kept(
    Table(
        "cyber_misread",
        _metadata,
        *said_columns(),
        Column("object", Text, nullable=False),
        Column("why", Text, nullable=False),
        Index("cyber_misread_at", "at"),
    ),
    Meet.ONCE,
)

H = held.table.c
T = taken.c
LIGHT = tuple(column for column in held.table.c if column.name not in {"words", "author", "precedence"})
"""All that is judged by; what is searched stays where it is."""
_OF_IDS = select(*LIGHT).where(H.stix_id.in_(bindparam("of", expanding=True))).order_by(H.stix_id, H.version, H.id)
_OF_DIGESTS = select(*LIGHT).where(H.digest.in_(bindparam("of", expanding=True))).order_by(H.id)
_OF_RECORDS = select(*LIGHT).where(H.id.in_(bindparam("of", expanding=True)))
_JOINED = (
    select(*LIGHT)
    .where((H.source == bindparam("of")) | (H.target == bindparam("of")))
    .order_by(H.at.desc(), H.id)
    .limit(bindparam("most"))
)


def fold_object(record_id: str, record: Record[StixObject]) -> Rows:
    """One row for each that has the form of an object; for one that has not, why."""
    body = record.body
    try:
        found = read(body.stix)
    except BadStix as error:
        why = ", ".join(f"{name}={value}" for name, value in error.facts.items())
        row = {"object": str(error.facts.get("object", "")), "why": why.encode(errors="replace").decode()[:1_000]}
        return ((misread, {**said_row(record_id, record), **row}),)
    level = stricter(stricter(body.tlp, found.own_tlp), tlp_of(record.label))
    row = {
        "stix_id": found.id,
        "type": found.type,
        "name": found.name,
        "created": found.created,
        "modified": found.modified,
        "version": found.version,
        "spec_version": found.spec_version,
        "revoked": int(found.revoked),
        "created_by": found.created_by,
        "tlp": level.rank,
        "foreign": " ".join(found.foreign),
        "sort": sort_of(found),
        "collection": collection_id(level, record.label.rel_to),
        "digest": digest(found.properties),
        "pattern": pattern_key(found.properties),
        **_ends(found),
        "words": found.words,
    }
    return ((held, {**said_row(record_id, record), **row}),)


def sort_of(found: Stix) -> str:
    """What kind of marking or relationship it is, in its author's word."""
    name = {"marking-definition": "definition_type", "relationship": "relationship_type"}.get(found.type)
    value = found.properties.get(name, "") if name else ""
    return value[:120] if isinstance(value, str) else ""


def _ends(found: Stix) -> dict[str, str | None]:
    """A sighting joins itself to what was seen."""
    of = found.properties
    ends = {
        "relationship": (of.get("source_ref"), of.get("target_ref")),
        "sighting": (found.id, of.get("sighting_of_ref")),
    }
    source, target = ends.get(found.type, (None, None))
    both = found.type in JOINS and isinstance(source, str) and isinstance(target, str)
    return {"source": source if both else None, "target": target if both else None}


# Read


def rows_of(view: View, ids: Iterable[str]) -> Mapping[str, Sequence[Row[Any]]]:
    """By STIX id, every version that any member told, the lesser versions first."""
    return _grouped(view.rows(_OF_IDS, of=sorted(set(ids))), "stix_id")


def with_digests(view: View, digests: Iterable[str]) -> Mapping[str, Sequence[Row[Any]]]:
    """By digest, every record of an equal object."""
    return _grouped(view.rows(_OF_DIGESTS, of=sorted(set(digests))), "digest")


def with_records(view: View, ids: Iterable[str]) -> Mapping[str, Row[Any]]:
    """By record."""
    return {row.id: row for row in view.rows(_OF_RECORDS, of=list(ids))}


def joined_to(view: View, stix_id: str, most: int) -> Sequence[Row[Any]]:
    """Relationships and sightings with this at an end of theirs."""
    return view.rows(_JOINED, of=stix_id, most=most)


def _grouped(rows: Iterable[Row[Any]], by: str) -> Mapping[str, Sequence[Row[Any]]]:
    found: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[getattr(row, by)].append(row)
    return found
