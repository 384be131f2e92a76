"""Incidents as they were said and amended, and which of these words holds: the last of the member whose incident it is.

An amendment of another member's incident, or of one that is not here or was taken back, counts for nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Column, Float, Index, MetaData, Row, Table, Text, bindparam, select

from laurel.core.instrument import Fold, Kept, Meet, Noun, Rows, View
from laurel.core.record import Record, as_text
from laurel.core.tables import said_columns, said_row
from laurel.instruments.region.records import INCIDENT, INCIDENT_AMENDED, Incident, IncidentAmended, Place
from laurel.physics.outline import box, box_around

_metadata = MetaData()
incidents = Kept(
    Table(
        "region_incident",
        _metadata,
        *said_columns(),
        Column("incident", Text, nullable=False),
        Column("begins", Text, nullable=False),
        Column("ends", Text, nullable=False),
        Column("type", Text, nullable=False),
        Column("outcome", Text, nullable=False),
        Column("dataset", Text, nullable=False),
        Column("line", Text, nullable=False),
        Column("south_deg", Float),
        Column("west_deg", Float),
        Column("north_deg", Float),
        Column("east_deg", Float),
        Column("title", Text, nullable=False),
        Column("text", Text, nullable=False),
        Column("place", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("body", Text, nullable=False),
        Index("region_incident_called", "incident"),
        Index("region_incident_begins", "begins"),
        Index("region_incident_ends", "ends"),
        Index("region_incident_line", "dataset", "line"),
    ),
    Meet.ONCE,
    searched=("title", "text", "place", "reason"),
)
rests = Kept(
    Table(
        "region_rests",
        _metadata,
        Column("id", Text, primary_key=True),
        Column("report", Text, primary_key=True),
        Column("incident", Text, nullable=False),
        Index("region_rests_report", "report"),
    ),
    Meet.ONCE,
)
TABLES = (incidents, rests)
_I, _S = incidents.table.c, rests.table.c
SAID = (_I.id, _I.incident, _I.at, _I.number, _I.by_member, _I.begins, _I.type, _I.outcome, _I.dataset, _I.line)
"""Enough of a row to tell which holds and to count it, without its words."""
_VERSIONS = (
    select(incidents.table).where(_I.incident.in_(bindparam("ids", expanding=True))).order_by(_I.at, _I.number, _I.id)
)
_EVERY = select(*SAID).order_by(_I.at, _I.number, _I.id)
_RESTING = select(rests.table).where(_S.report.in_(bindparam("ids", expanding=True)))
_HOLDING = select(*SAID).where(_I.incident.in_(bindparam("ids", expanding=True))).order_by(_I.at, _I.number, _I.id)
_LINES = select(_I.incident).where(_I.dataset == bindparam("dataset"), _I.line.in_(bindparam("lines", expanding=True)))


def fold_incident(record_id: str, record: Record[Incident]) -> Rows:
    """One row for each incident, and one for each report it rests on."""
    return _rows(record_id, record, record_id, "")


def fold_amended(record_id: str, record: Record[IncidentAmended]) -> Rows:
    """One row for each amendment, and one for each report that it then rests on."""
    return _rows(record_id, record, record.body.amends, record.body.reason)


def _rows(record_id: str, record: Record[Any], incident: str, reason: str) -> Rows:
    body: Incident = record.body
    south, west, north, east = _box(body.where)
    names = [] if body.where is None else [body.where.name]
    names += [f"{one.name} {each.area}" for each in body.disputed for one in each.names]
    row = {
        "incident": incident,
        "begins": as_text(body.when.begins_at),
        "ends": as_text(max(body.when.begins_at, body.when.ends_at)),
        "type": body.type,
        "outcome": body.outcome or "",
        "dataset": "" if body.taken_from is None else body.taken_from.dataset,
        "line": "" if body.taken_from is None else body.taken_from.line,
        "south_deg": south,
        "west_deg": west,
        "north_deg": north,
        "east_deg": east,
        "title": body.title,
        "text": body.text,
        "place": "\n".join(names),
        "reason": reason,
        "body": msgspec.json.encode(body).decode(),
    }
    resting = [(rests, {"id": record_id, "report": one, "incident": incident}) for one in sorted(set(body.reports))]
    return ((incidents, {**said_row(record_id, record), **row}), *resting)


def _box(where: Place | None) -> tuple[float | None, float | None, float | None, float | None]:
    if where is not None and where.outline is not None:
        return box([(one.lat_deg, one.lon_deg) for one in where.outline])
    if where is not None and where.spot is not None:
        return box_around(where.spot.lat_deg, where.spot.lon_deg, where.spot.within_m)
    return None, None, None, None


FOLDS: Mapping[str, Fold] = {INCIDENT.name: fold_incident, INCIDENT_AMENDED.name: fold_amended}


@dataclass(frozen=True)
class Head:
    """An incident as its member says it now: the first word of it, and all of that member's since, the last holding."""

    said: tuple[Row[Any], ...]

    @property
    def first(self) -> Row[Any]:
        """The record by which it is called."""
        return self.said[0]

    @property
    def last(self) -> Row[Any]:
        """The word that holds."""
        return self.said[-1]

    @property
    def id(self) -> str:
        """What it is called by."""
        return str(self.first.id)

    @property
    def body(self) -> Incident:
        """What holds, whole."""
        return msgspec.json.decode(self.last.body, type=Incident)

    @property
    def begins_at(self) -> datetime:
        """When it began."""
        return datetime.fromisoformat(self.last.begins)


def heads_of(view: View, ids: Iterable[str]) -> dict[str, Head]:
    """Those of these incidents that are here, by their ids in that order, with all their words."""
    wanted = list(dict.fromkeys(ids))
    found = _heads(view.rows(_VERSIONS, ids=wanted))
    return {one: found[one] for one in wanted if one in found}


def every_head(view: View) -> list[Head]:
    """All incidents, without their words."""
    return list(_heads(view.rows(_EVERY)).values())


def of_lines(view: View, dataset: str, lines: Sequence[str], member: str) -> dict[str, Head]:
    """The incidents that this member took from those lines of a list, by line."""
    called = [row.incident for row in view.rows(_LINES, dataset=dataset, lines=list(lines))]
    found = [one for one in heads_of(view, called).values() if one.first.by_member == member]
    return {one.last.line: one for one in found if one.last.dataset == dataset}


def resting_on(view: View, reports: Sequence[str]) -> dict[str, list[str]]:
    """The incidents that rest on each of these reports, as they are said now."""
    rows = view.rows(_RESTING, ids=list(reports))
    last = {one.last.id: one.id for one in _heads(view.rows(_HOLDING, ids=[row.incident for row in rows])).values()}
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.id):
        if row.id in last:
            found[row.report].append(last[row.id])
    return found


def _heads(rows: Iterable[Row[Any]]) -> dict[str, Head]:
    """By incident: the first word, then its member's own amendments in order. Rows are in the order of saying."""
    said: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        said[row.incident].append(row)
    found: dict[str, Head] = {}
    for incident, words in said.items():
        first = next((row for row in words if row.id == incident), None)
        if first is not None:
            later = (row for row in words if row.id != incident and row.by_member == first.by_member)
            found[incident] = Head((first, *later))
    return found


NOUN = Noun(tables=TABLES, folds=FOLDS)
