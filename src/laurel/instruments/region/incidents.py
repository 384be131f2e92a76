"""Incidents: said and amended by one member, assessed by each, shown whole with what they rest on.

No two assessments are joined. What is recent stands on the docket, so that a consultation over it can be requested.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import Column, Index, MetaData, Table, Text, and_, bindparam, or_, select

from laurel.core.errors import BadField, Nothing
from laurel.core.fields import RecordId, Slug
from laurel.core.instrument import Fold, Item, Kept, Meet, Noun, Query, Rows, View
from laurel.core.record import Record, Utc, as_text
from laurel.core.tables import label_of, said_columns, said_row
from laurel.instruments.consult.records import REQUESTED, ConsultationRequest
from laurel.instruments.region import reports
from laurel.instruments.region.board_types import (
    Amendment,
    AssessmentRow,
    ConsultationOver,
    Contradiction,
    IncidentRow,
    Incidents,
    IncidentWhole,
    ReportRow,
)
from laurel.instruments.region.contradictions import Teller, contradictions, stated_by
from laurel.instruments.region.heads import Head, heads_of
from laurel.instruments.region.heads import incidents as kept_incidents
from laurel.instruments.region.records import (
    INCIDENT_ASSESSED,
    Confidence,
    Incident,
    IncidentAssessed,
    Latitude,
    Longitude,
    Severity,
)
from laurel.instruments.region.scales import CONFIDENCES, SEVERITIES

RECENT = timedelta(days=14)
"""For so long after it ended an incident stands on the docket."""
MOST = 100
MOST_FOUND = 1_000
MOST_ON_DOCKET = 30
GRAVITY = tuple(Severity)
ANY = ""

# Kept beside heads.py

_metadata = MetaData()
assessments = Kept(
    Table(
        "region_assessment",
        _metadata,
        *said_columns(),
        Column("incident", Text, nullable=False),
        Column("severity", Text, nullable=False),
        Column("confidence", Text, nullable=False),
        Column("language", Text, nullable=False),
        Column("text", Text, nullable=False),
        Column("attribution", Text, nullable=False),
        Column("place", Text, nullable=False),
        Index("region_assessment_incident", "incident"),
    ),
    Meet.ONCE,
    searched=("text", "attribution", "place"),
)
over = Kept(
    Table(
        "region_over",
        _metadata,
        *said_columns(),
        Column("source", Text, primary_key=True),
        Column("subject", Text, nullable=False),
        Index("region_over_source", "source"),
    ),
    Meet.ONCE,
)
_I, _A, _O = kept_incidents.table.c, assessments.table.c, over.table.c
_ASSESSED = (
    select(assessments.table).where(_A.incident.in_(bindparam("ids", expanding=True))).order_by(_A.at, _A.number, _A.id)
)
_OVER = select(over.table).where(_O.source.in_(bindparam("ids", expanding=True))).order_by(_O.at, _O.id)
_BESIDE = (
    (_I.west_deg + turn <= bindparam("east")) & (_I.east_deg + turn >= bindparam("west"))
    for turn in (-360.0, 0.0, 360.0)
)
_WANTED = (
    select(_I.incident)
    .where(
        _I.ends >= bindparam("since"),
        _I.begins < bindparam("until"),
        or_(bindparam("type") == ANY, _I.type == bindparam("type")),
        or_(bindparam("dataset") == ANY, _I.dataset == bindparam("dataset")),
        or_(
            bindparam("anywhere") == 1,
            and_(_I.south_deg <= bindparam("north"), _I.north_deg >= bindparam("south"), or_(*_BESIDE)),
        ),
    )
    .order_by(_I.begins.desc(), _I.id)
    .limit(bindparam("most"))
)
_WANTED_WITH_WORDS = _WANTED.where(_I.id.in_(bindparam("ids", expanding=True)))
_LATEST = (
    select(_I.incident)
    .where(_I.ends >= bindparam("since"), _I.begins < bindparam("until"))
    .order_by(_I.ends.desc(), _I.id)
    .limit(bindparam("most"))
)
_CALLED = select(_I.incident).where(_I.id.in_(bindparam("ids", expanding=True)))


def fold_assessed(record_id: str, record: Record[IncidentAssessed]) -> Rows:
    """One row for each assessment."""
    body = record.body
    row = {
        "incident": body.incident,
        "severity": body.severity.value,
        "confidence": body.confidence.value,
        "language": body.language,
        "text": body.text,
        "attribution": body.attribution,
        "place": body.place,
    }
    return ((assessments, {**said_row(record_id, record), **row}),)


def fold_requested(record_id: str, record: Record[ConsultationRequest]) -> Rows:
    """One row for each record that a consultation rests on."""
    said = {**said_row(record_id, record), "subject": record.body.subject}
    named = sorted({one.record for one in record.body.sources})
    return [(over, {**said, "source": source}) for source in named]


# Shown


def rows_of(view: View, heads: Sequence[Head], now: datetime) -> list[IncidentRow]:
    """These incidents in short."""
    ids = [one.id for one in heads]
    assessed = assessed_by(view, ids)
    asked = _consultations(view, heads)
    bodies = [one.body for one in heads]
    found = {one.id: one for one in reports.rows_of(view, [report for body in bodies for report in body.reports])}
    return [
        _row(head, body, found, assessed[head.id], len(asked[head.id]), now)
        for head, body in zip(heads, bodies, strict=True)
    ]


def _row(
    head: Head,
    body: Incident,
    found: Mapping[str, ReportRow],
    assessed: Sequence[AssessmentRow],
    asked: int,
    now: datetime,
) -> IncidentRow:
    return IncidentRow(
        id=head.id,
        member=head.first.by_member,
        at=datetime.fromisoformat(head.last.at),
        type=body.type,
        title=body.title,
        language=body.language,
        when=body.when,
        where=body.where,
        disputed=body.disputed,
        outcome=body.outcome,
        taken_from=body.taken_from,
        grades=tuple(sorted(found[one].grades[0].grade for one in body.reports if one in found)),
        reports=len(body.reports),
        assessments=len(assessed),
        gravest=max((one.severity for one in assessed), key=GRAVITY.index, default=None),
        contradictions=len(contradicting(head, body, found)),
        consultations=asked,
        amended=len(head.said) - 1,
        recent=_recent(head, now),
        banner=label_of(head.last.label).banner,
    )


def _recent(head: Head, now: datetime) -> bool:
    return datetime.fromisoformat(head.last.ends) >= now - RECENT and head.begins_at <= now


def contradicting(head: Head, body: Incident, found: Mapping[str, ReportRow]) -> tuple[Contradiction, ...]:
    """Where the sources of an incident, and its own word, contradict each other."""
    said = [
        Teller(one.id, one.publisher, one.grades[0].grade, one.stated)
        for one in (found[report] for report in body.reports if report in found)
    ]
    own = Teller("", f"{head.first.by_member} itself", "", stated_by(body))
    return contradictions([own, *said])


def assessed_by(view: View, ids: Sequence[str]) -> defaultdict[str, tuple[AssessmentRow, ...]]:
    """Each member's last assessment of each incident, by the members' codes."""
    last: defaultdict[str, dict[str, AssessmentRow]] = defaultdict(dict)
    times: Counter[tuple[str, str]] = Counter()
    for row in view.rows(_ASSESSED, ids=list(ids)):
        last[row.incident][row.by_member] = AssessmentRow(
            member=row.by_member,
            severity=Severity(row.severity),
            confidence=Confidence(row.confidence),
            attribution=row.attribution,
            place=row.place,
            language=row.language,
            text=row.text,
            at=datetime.fromisoformat(row.at),
            revised=times[row.incident, row.by_member],
            banner=label_of(row.label).banner,
        )
        times[row.incident, row.by_member] += 1
    found: defaultdict[str, tuple[AssessmentRow, ...]] = defaultdict(tuple)
    found.update({incident: tuple(by[member] for member in sorted(by)) for incident, by in last.items()})
    return found


def _consultations(view: View, heads: Sequence[Head]) -> defaultdict[str, dict[str, ConsultationOver]]:
    """The consultations over each incident: over any word of it, each once."""
    of = {row.id: head.id for head in heads for row in head.said}
    found: defaultdict[str, dict[str, ConsultationOver]] = defaultdict(dict)
    for row in view.rows(_OVER, ids=list(of)):
        one = ConsultationOver(row.id, row.by_member, row.subject, datetime.fromisoformat(row.at))
        found[of[row.source]][row.id] = one
    return found


# Looked up


class IncidentsAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Incidents that touch that time and that area, of that type, from that list, in which all these words stand.

    The area is all four of its sides or none; `east` less than `west` is across the date line.
    """

    since: Utc | None = None
    until: Utc | None = None
    type: Slug | None = None
    dataset: Slug | None = None
    words: Annotated[str, Meta(max_length=500)] = ""
    south: Latitude | None = None
    west: Longitude | None = None
    north: Latitude | None = None
    east: Longitude | None = None
    most: Annotated[int, Meta(ge=1, le=500)] = MOST


class IncidentAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """One incident, by its id or that of an amendment."""

    incident: RecordId


def answer_incidents(ask: IncidentsAsk, view: View, now: datetime) -> Incidents:
    """The incidents that were asked for, the latest first. Raises BadField."""
    area = _area(ask)
    south, west, north, east = area or (0.0, 0.0, 0.0, 0.0)
    values: dict[str, Any] = {
        "since": reports.LEAST_TIME if ask.since is None else as_text(ask.since),
        "until": reports.GREATEST_TIME if ask.until is None else as_text(ask.until),
        "type": ask.type or ANY,
        "dataset": ask.dataset or ANY,
        "anywhere": int(area is None),
        "south": south,
        "west": west,
        "north": north,
        "east": east,
        # An incident that was amended stands there several times.
        "most": 2 * ask.most + 1,
    }
    if ask.words.strip():
        found = list(view.search(kept_incidents, ask.words, MOST_FOUND))
        rows = view.rows(_WANTED_WITH_WORDS, ids=found, **values)
    else:
        rows = view.rows(_WANTED, **values)
    # Found by what an earlier word said, it is shown by what holds; if that is of another time or type, it is not.
    heads = [one for one in heads_of(view, [row.incident for row in rows]).values() if _wanted(one, values)]
    heads.sort(key=lambda one: (one.begins_at, one.id), reverse=True)
    more = len(heads) > ask.most or len(rows) > 2 * ask.most
    return Incidents(now, tuple(rows_of(view, heads[: ask.most], now)), more)


def _wanted(head: Head, values: Mapping[str, Any]) -> bool:
    last = head.last
    sorts = all(values[name] in (ANY, getattr(last, name)) for name in ("type", "dataset"))
    return sorts and last.ends >= values["since"] and last.begins < values["until"]


def _area(ask: IncidentsAsk) -> tuple[float, float, float, float] | None:
    """South, west, north and east; None for anywhere."""
    south, west, north, east = ask.south, ask.west, ask.north, ask.east
    if south is None and west is None and north is None and east is None:
        return None
    if south is None or west is None or north is None or east is None:
        raise BadField(field="south, west, north, east", value="some of them", must_be="all four, or none")
    return south, west, north, east if east >= west else east + 360.0


def answer_incident(ask: IncidentAsk, view: View, now: datetime) -> IncidentWhole:
    """An incident with all that it rests on and all that was said of it. Raises Nothing."""
    called = [row.incident for row in view.rows(_CALLED, ids=[ask.incident])]
    head = next(iter(heads_of(view, called).values()), None)
    if head is None:
        raise Nothing(incident=ask.incident, list="laurel region incidents")
    body = head.body
    found = {one.id: one for one in reports.rows_of(view, body.reports)}
    return IncidentWhole(
        at=now,
        incident=rows_of(view, [head], now)[0],
        text=body.text,
        figures=body.figures,
        sources=tuple(found.values()),
        not_here=tuple(one for one in body.reports if one not in found),
        rests_on=body.rests_on,
        assessments=assessed_by(view, [head.id])[head.id],
        contradictions=contradicting(head, body, found),
        amendments=tuple(_amendments(head)),
        consultations=tuple(_consultations(view, [head])[head.id].values()),
        severities=SEVERITIES,
        confidences=CONFIDENCES,
    )


def _amendments(head: Head) -> Iterable[Amendment]:
    for row in head.said[1:]:
        language = msgspec.json.decode(row.body, type=Incident).language
        yield Amendment(datetime.fromisoformat(row.at), language, row.reason)


def docket(view: View, now: datetime) -> Sequence[Item]:
    """One line for each recent incident."""
    values = {"since": as_text(now - RECENT), "until": as_text(now), "most": MOST_ON_DOCKET}
    heads = heads_of(view, [row.incident for row in view.rows(_LATEST, **values)])
    assessed = assessed_by(view, list(heads))
    return [_item(one, assessed[one.id]) for one in heads.values() if _recent(one, now)]


def _item(head: Head, assessed: Sequence[AssessmentRow]) -> Item:
    body = head.body
    place = "" if body.where is None else f", {body.where.name}"
    said = ", ".join(f"{one.member}: {one.severity.value}" for one in assessed)
    return Item(
        subject=head.id,
        title=f"Incident: {body.title}",
        state=max((one.severity for one in assessed), key=GRAVITY.index).value if assessed else "not assessed",
        due=None,
        offices=("watch officer", "analyst"),
        label=label_of(head.last.label),
        summary=f"{head.begins_at:%d %b %Y %H:%M} UTC{place}. {said or 'Nobody has assessed it yet'}.",
        about=() if head.last is head.first else (str(head.last.id),),
    )


QUERIES: tuple[Query[Any, Any], ...] = (
    Query("incidents", IncidentsAsk, Incidents, answer_incidents),
    Query("incident", IncidentAsk, IncidentWhole, answer_incident),
)
FOLDS: Mapping[str, Fold] = {INCIDENT_ASSESSED.name: fold_assessed, REQUESTED.name: fold_requested}
NOUN = Noun(tables=(assessments, over), folds=FOLDS, queries=QUERIES, docket=docket)
