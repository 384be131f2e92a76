"""Sources: what somebody published, filed and graded by an officer, graded again by whoever thinks otherwise.

The grades of several members stand side by side; of each member the last one holds, and what it said before is shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import Boolean, Column, Index, MetaData, Row, Table, Text, bindparam, select

from laurel.core.errors import Nothing
from laurel.core.fields import Language, Line, RecordId
from laurel.core.instrument import Command, Desk, Fold, Kept, Meet, Noun, Query, Role, Rows, View
from laurel.core.label import Label
from laurel.core.record import Draft, Record, Utc, as_text
from laurel.core.tables import label_of, said_columns, said_row
from laurel.instruments.region import heads
from laurel.instruments.region.board_types import GradeRow, ReportRow, Reports, ReportWhole
from laurel.instruments.region.checks import check_interval, check_past, check_within, held
from laurel.instruments.region.records import (
    GRADED,
    REPORT,
    Grade,
    Graded,
    ReadFrom,
    SourcedReport,
    Stated,
)
from laurel.instruments.region.scales import grade_means

WRITERS = frozenset({Role.WATCH_OFFICER, Role.ANALYST, Role.PRINCIPAL})
EXCERPT = 200
MOST = 200
MOST_FOUND = 1_000
LEAST_TIME, GREATEST_TIME = "0", "9"
"""Before and after every moment, as text."""
DATED_AHEAD = timedelta(days=1)
"""Publishers err by their time zone, and no more."""

# Kept

_metadata = MetaData()
reports = Kept(
    Table(
        "region_report",
        _metadata,
        *said_columns(),
        Column("title", Text, nullable=False),
        Column("language", Text, nullable=False),
        Column("text", Text, nullable=False),
        Column("publisher", Text, nullable=False),
        Column("url", Text, nullable=False),
        Column("licence", Text, nullable=False),
        Column("published_at", Text),
        Column("retrieved_at", Text, nullable=False),
        Column("sha256", Text, nullable=False),
        Column("read_from", Text, nullable=False),
        Column("grade", Text, nullable=False),
        Column("whole", Boolean, nullable=False),
        Column("stated", Text, nullable=False),
        Index("region_report_at", "at"),
    ),
    Meet.ONCE,
    searched=("title", "text", "publisher", "url"),
)
grades = Kept(
    Table(
        "region_grade",
        _metadata,
        *said_columns(),
        Column("report", Text, nullable=False),
        Column("grade", Text, nullable=False),
        Column("language", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Index("region_grade_report", "report"),
    ),
    Meet.ONCE,
    searched=("reason",),
)
_R, _G = reports.table.c, grades.table.c
_LATEST = (
    select(reports.table)
    .where(_R.at >= bindparam("since"), _R.at < bindparam("until"))
    .order_by(_R.at.desc(), _R.id)
    .limit(bindparam("most"))
)
_FOUND = _LATEST.where(_R.id.in_(bindparam("ids", expanding=True)))
_OF = select(reports.table).where(_R.id.in_(bindparam("ids", expanding=True)))
_GRADES = (
    select(grades.table)
    .where(_G.report.in_(bindparam("ids", expanding=True)))
    .order_by(_G.at, _G.by_member, _G.number, _G.id)
)


def fold_report(record_id: str, record: Record[SourcedReport]) -> Rows:
    """One row for each report."""
    body = record.body
    row = {
        "title": body.title,
        "language": body.language,
        "text": body.text,
        "publisher": body.publisher,
        "url": body.url,
        "licence": body.licence,
        "published_at": None if body.published_at is None else as_text(body.published_at),
        "retrieved_at": as_text(body.retrieved_at),
        "sha256": body.sha256,
        "read_from": body.read_from.value,
        "grade": body.grade,
        "whole": body.whole,
        "stated": msgspec.json.encode(body.stated).decode(),
    }
    return ((reports, {**said_row(record_id, record), **row}),)


def fold_graded(record_id: str, record: Record[Graded]) -> Rows:
    """One row for each grade."""
    body = record.body
    row = {"report": body.report, "grade": body.grade, "language": body.language, "reason": body.reason}
    return ((grades, {**said_row(record_id, record), **row}),)


# Read


def rows_of(view: View, ids: Sequence[str]) -> list[ReportRow]:
    """Those of these reports that stand here, in that order."""
    found = {row.id: row for row in view.rows(_OF, ids=list(ids))}
    return _shown(view, [found[one] for one in dict.fromkeys(ids) if one in found])


def _shown(view: View, rows: Sequence[Row[Any]]) -> list[ReportRow]:
    ids = [row.id for row in rows]
    given = _grades(view, ids)
    resting = heads.resting_on(view, ids)
    return [_row(row, given[row.id], resting.get(row.id, ())) for row in rows]


def _grades(view: View, ids: Sequence[str]) -> defaultdict[str, list[GradeRow]]:
    """The grades that were given after filing, by report, oldest first."""
    found: defaultdict[str, list[GradeRow]] = defaultdict(list)
    for row in view.rows(_GRADES, ids=list(ids)):
        at = datetime.fromisoformat(row.at)
        one = GradeRow(row.by_member, row.grade, grade_means(row.grade), row.language, row.reason, at)
        found[row.report].append(one)
    return found


def _filed(row: Row[Any]) -> GradeRow:
    return GradeRow(row.by_member, row.grade, grade_means(row.grade), row.language, "", datetime.fromisoformat(row.at))


def _row(row: Row[Any], given: Sequence[GradeRow], incidents: Sequence[str]) -> ReportRow:
    last = {one.member: one for one in (_filed(row), *given)}
    published_at = None if row.published_at is None else datetime.fromisoformat(row.published_at)
    retrieved_at = datetime.fromisoformat(row.retrieved_at)
    line = " ".join(row.text.split())
    return ReportRow(
        id=row.id,
        member=row.by_member,
        author=row.author,
        at=datetime.fromisoformat(row.at),
        title=row.title,
        language=row.language,
        excerpt=line if len(line) <= EXCERPT else f"{line[:EXCERPT]}…",
        publisher=row.publisher,
        url=row.url,
        published_at=published_at,
        retrieved_at=retrieved_at,
        sha256=row.sha256,
        read_from=ReadFrom(row.read_from),
        licence=row.licence,
        stated=msgspec.json.decode(row.stated, type=Stated),
        # Who filed it first, then the others by their codes.
        grades=tuple(sorted(last.values(), key=lambda one: (one.member != row.by_member, one.member))),
        incidents=tuple(incidents),
        doubts=_doubts(published_at, retrieved_at, whole=row.whole),
        banner=label_of(row.label).banner,
    )


def _doubts(published_at: datetime | None, retrieved_at: datetime, *, whole: bool) -> tuple[str, ...]:
    """What to know before it is believed, in words."""
    found: list[str] = []
    if published_at is None:
        found.append("It does not say when it was published.")
    elif published_at > retrieved_at + DATED_AHEAD:
        found.append("It bears a date of publication after the time it was read.")
    if not whole:
        found.append("Only its beginning was kept.")
    return tuple(found)


# Asked


class FileReportAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """File a source, with its grade. `label`: who is told."""

    report: SourcedReport
    label: Label


class GradeReportAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Our grade of a report from now on, and why. `label`: who is told, nobody who was not told of the report."""

    report: RecordId
    grade: Grade
    language: Language
    reason: Line
    label: Label


class ReportsAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Sources filed in that time in which all these words stand."""

    words: Annotated[str, Meta(max_length=500)] = ""
    since: Utc | None = None
    until: Utc | None = None
    most: Annotated[int, Meta(ge=1, le=500)] = MOST


class ReportAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """One source."""

    report: RecordId


def file(ask: FileReportAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say what was read. Raises BadField."""
    del view
    check_past("report.retrieved_at", ask.report.retrieved_at, desk.now)
    if ask.report.stated.when is not None:
        check_interval("report.stated.when", ask.report.stated.when)
    return (Draft(ask.report, ask.label),)


def grade(ask: GradeReportAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say what we think of it. Raises Nothing, TakenBack, TooWide."""
    del desk
    found = held(ask.report, view, list="laurel region reports")
    if found.kind != REPORT.name:
        raise Nothing(report=ask.report, list="laurel region reports")
    check_within(ask.report, ask.label, found.label)
    body = Graded(ask.report, ask.grade, ask.language, ask.reason)
    return (Draft(body, ask.label, about=(ask.report,), answers=ask.report),)


def answer_reports(ask: ReportsAsk, view: View, now: datetime) -> Reports:
    """The sources that were filed last, with the grades of every member."""
    since = LEAST_TIME if ask.since is None else as_text(ask.since)
    until = GREATEST_TIME if ask.until is None else as_text(ask.until)
    values: dict[str, Any] = {"since": since, "until": until, "most": ask.most + 1}
    if ask.words.strip():
        rows = view.rows(_FOUND, ids=list(view.search(reports, ask.words, MOST_FOUND)), **values)
    else:
        rows = view.rows(_LATEST, **values)
    return Reports(now, tuple(_shown(view, rows[: ask.most])), len(rows) > ask.most)


def answer_report(ask: ReportAsk, view: View, now: datetime) -> ReportWhole:
    """A source whole, and every grade it was ever given. Raises Nothing."""
    rows = view.rows(_OF, ids=[ask.report])
    if not rows:
        raise Nothing(report=ask.report, list="laurel region reports")
    history = (_filed(rows[0]), *_grades(view, [ask.report])[ask.report])
    return ReportWhole(now, _shown(view, rows)[0], rows[0].text, rows[0].whole, history)


COMMANDS: tuple[Command[Any], ...] = (
    Command("file-report", FileReportAsk, file, WRITERS),
    Command("grade-report", GradeReportAsk, grade, WRITERS),
)
QUERIES: tuple[Query[Any, Any], ...] = (
    Query("reports", ReportsAsk, Reports, answer_reports),
    Query("report", ReportAsk, ReportWhole, answer_report),
)
FOLDS: Mapping[str, Fold] = {REPORT.name: fold_report, GRADED.name: fold_graded}
NOUN = Noun(tables=(reports, grades), folds=FOLDS, commands=COMMANDS, queries=QUERIES)
