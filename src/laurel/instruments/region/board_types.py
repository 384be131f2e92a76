"""What the region shows: sources with every member's grade, incidents with every member's assessment, notices."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from laurel.instruments.region.records import (
    Confidence,
    DatasetLine,
    Disputed,
    Figure,
    Interval,
    NotifiedLaunch,
    Place,
    ReadFrom,
    Severity,
    Stated,
)
from laurel.instruments.warning.records import NoticeFit

NoticeState = Literal["standing", "over", "cancelled", "replaced"]


class Word(Struct, frozen=True):
    """A word of a scale and what it means, so that whoever reads it need not guess."""

    word: str
    means: str


class GradeRow(Struct, frozen=True):
    """A member's grade of a report in letters and words, and why; no reason for the grade it was filed with."""

    member: str
    grade: str
    means: str
    language: str
    reason: str
    at: datetime


class ReportRow(Struct, frozen=True):
    """A source. `grades` are each member's last one, side by side; `incidents` those that rest on it.

    `doubts` say in words what to know before it is believed.
    """

    id: str
    member: str
    author: str
    at: datetime
    title: str
    language: str
    excerpt: str
    publisher: str
    url: str
    published_at: datetime | None
    retrieved_at: datetime
    sha256: str
    read_from: ReadFrom
    licence: str
    stated: Stated
    grades: tuple[GradeRow, ...]
    incidents: tuple[str, ...]
    doubts: tuple[str, ...]
    banner: str


class Reports(Struct, frozen=True):
    """Sources, the last filed first; `more`: there are others."""

    at: datetime
    reports: tuple[ReportRow, ...]
    more: bool


class ReportWhole(Struct, frozen=True):
    """A source and its words; `history` is every grade that was ever given, oldest first."""

    at: datetime
    report: ReportRow
    text: str
    whole: bool
    history: tuple[GradeRow, ...]


class Claim(Struct, frozen=True):
    """What one source says of a fact, in words. `report` is empty for the incident's own word."""

    report: str
    said_by: str
    grade: str
    words: str


class Contradiction(Struct, frozen=True):
    """Two that cannot both be right about one fact (when, where, count, outcome). Nothing is averaged."""

    fact: str
    first: Claim
    second: Claim
    words: str


class AssessmentRow(Struct, frozen=True):
    """A member's own assessment, its last; `revised` counts those before it."""

    member: str
    severity: Severity
    confidence: Confidence
    attribution: str
    place: str
    language: str
    text: str
    at: datetime
    revised: int
    banner: str


class ConsultationOver(Struct, frozen=True):
    """A consultation that was requested over it."""

    id: str
    member: str
    subject: str
    at: datetime


class IncidentRow(Struct, frozen=True):
    """An incident as its member says it now. `recent` stands on the docket; `contradictions` counts them.

    `grades` are those of the members that filed its sources, the best first.
    """

    id: str
    member: str
    at: datetime
    type: str
    title: str
    language: str
    when: Interval
    where: Place | None
    disputed: tuple[Disputed, ...]
    outcome: str | None
    taken_from: DatasetLine | None
    grades: tuple[str, ...]
    reports: int
    assessments: int
    gravest: Severity | None
    contradictions: int
    consultations: int
    amended: int
    recent: bool
    banner: str


class Incidents(Struct, frozen=True):
    """Incidents, the latest first; `more`: there are others."""

    at: datetime
    incidents: tuple[IncidentRow, ...]
    more: bool


class Amendment(Struct, frozen=True):
    """That the incident was changed, and why."""

    at: datetime
    language: str
    reason: str


class IncidentWhole(Struct, frozen=True):
    """All there is of an incident. `not_here` are sources that this node was not given, or that were taken back."""

    at: datetime
    incident: IncidentRow
    text: str
    figures: tuple[Figure, ...]
    sources: tuple[ReportRow, ...]
    not_here: tuple[str, ...]
    rests_on: tuple[str, ...]
    assessments: tuple[AssessmentRow, ...]
    contradictions: tuple[Contradiction, ...]
    amendments: tuple[Amendment, ...]
    consultations: tuple[ConsultationOver, ...]
    severities: tuple[Word, ...]
    confidences: tuple[Word, ...]


class MatchRow(Struct, frozen=True):
    """A member's alert that named the notice: which tracks, and how well time, place and path agree."""

    alert: str
    member: str
    at: datetime
    tracks: tuple[str, ...]
    fit: NoticeFit
    words: str


class NoticeRow(Struct, frozen=True):
    """A notified launch. `state`: standing, over (its windows have passed), cancelled or replaced, and `because`."""

    id: str
    member: str
    at: datetime
    notice: NotifiedLaunch
    grade_means: str
    state: NoticeState
    because: str
    replaced_by: str | None
    matches: tuple[MatchRow, ...]
    banner: str


class Notices(Struct, frozen=True):
    """Notified launches, the next window first; then those that are over, the last first. `more`: there are others."""

    at: datetime
    notices: tuple[NoticeRow, ...]
    more: bool


class OutcomeCount(Struct, frozen=True):
    """How many ended so; an empty outcome where none is known."""

    outcome: str
    incidents: int


class YearCount(Struct, frozen=True):
    """How many incidents began in a year, UTC, and how they ended."""

    year: int
    incidents: int
    outcomes: tuple[OutcomeCount, ...]


class Years(Struct, frozen=True):
    """Incidents by year, the earliest first. What two members took from the same line of a list counts once."""

    at: datetime
    incidents: int
    years: tuple[YearCount, ...]
