"""What members tell each other over the years: series, meetings and what came of them, commitments, offices."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from laurel.core.fields import Code, Language, Line, Name, RecordId, Sha256, Slug
from laurel.core.instrument import FOREVER, Kind
from laurel.core.record import Utc
from laurel.instruments.consult.records import Version
from laurel.instruments.hotline.records import Attachment

MOST_MONTHS = 120
"""An obligation, or a recurrence, of more than ten years is none."""

Months = Annotated[int, Meta(ge=1, le=MOST_MONTHS)]
Url = Annotated[str, Meta(pattern=r"^https?://[^\s]{1,2000}$")]
TimeZone = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_+-]{1,40}(/[A-Za-z0-9_+-]{1,40}){0,2}$")]
"""A name of the IANA time zone database: `Asia/Seoul`."""
Versions = Annotated[tuple[Version, ...], Meta(min_length=1, max_length=6)]
"""A text in several languages, the original first."""


class Tier(StrEnum):
    """Who meets."""

    LEADERS = "leaders"
    MINISTERS = "ministers"
    ADVISERS = "advisers"
    OFFICIALS = "officials"
    WORKING = "working"


class Initiative(StrEnum):
    """What a commitment builds together, where it builds something."""

    TECHNOLOGY = "technology"
    EDUCATION = "education"
    JOINT_DEVELOPMENT = "joint-development"
    PARTNER_CAPACITY = "partner-capacity"


class Citation(Struct, frozen=True):
    """A public source: what it is called, where it stands, and of which day it is."""

    title: Line
    url: Url
    date: date


class Evidence(Struct, frozen=True):
    """What shows it: a record, or a public page, or both."""

    title: Line
    record: RecordId | None = None
    url: Url | None = None


class Seat(Struct, frozen=True):
    """The office of a member that attends, or that a promise is bound to."""

    member: Code
    office: Name


class Recurrence(Struct, frozen=True):
    """When it is usually held: every so many months, on that day.

    They are counted from the first month of that name that has not passed when the series starts; without a `month`,
    from the one in which it starts. A day that a month does not have is no occurrence; without a `day` it is that of
    the start, or the last of a shorter month.
    """

    every_months: Annotated[int, Meta(ge=0, le=1_200)]
    month: Annotated[int, Meta(ge=1, le=12)] | None = None
    day: Annotated[int, Meta(ge=1, le=31)] | None = None


class Rotation(Struct, frozen=True):
    """Who has the secretariat: each in this order, for so many months, the first since that day."""

    members: Annotated[tuple[Code, ...], Meta(min_length=1, max_length=20)]
    months: Months
    since: date


class Series(Struct, frozen=True):
    """Meetings that follow each other, as this member understands it; what it says of that name later replaces it.

    `at_least_every_months` is what the members owe each other, counted from the last meeting that was held, or from
    `starts_on`. `hosts` take turns in that order. `until`: the series ended on that day, and nothing is owed since.
    """

    name: Slug
    title: Line
    language: Language
    tier: Tier
    topic: Slug
    starts_on: date
    at_least_every_months: Months | None = None
    recurrence: Recurrence | None = None
    hosts: Annotated[tuple[Code, ...], Meta(max_length=20)] = ()
    secretariat: Rotation | None = None
    offices: Annotated[tuple[Seat, ...], Meta(max_length=60)] = ()
    source: Citation | None = None
    until: date | None = None


class Meeting(Struct, frozen=True):
    """One meeting of a series, called by this record's id. Who says it convenes it, and says what becomes of it.

    `time_zone` is that of the place. `previous` is the one that it follows; where it is not said, it follows the one
    before it of its series. `held`: it is put on record only after it was held, with its `source`. `all_day`: the hours
    are not known, and the meeting has the whole days of `begins_at` and `ends_at` as UTC counts them.
    """

    series: Slug
    title: Line
    language: Language
    begins_at: Utc
    ends_at: Utc
    place: Line
    time_zone: TimeZone
    host: Code | None = None
    previous: RecordId | None = None
    held: bool = False
    all_day: bool = False
    source: Citation | None = None


class Change(StrEnum):
    """What became of a meeting."""

    MOVED = "moved"
    CANCELLED = "cancelled"
    HELD = "held"


class MeetingChanged(Struct, frozen=True):
    """The convener's word on what became of a meeting; the last one holds. A moved one has all its new facts."""

    meeting: RecordId
    change: Change
    reason: Annotated[str, Meta(max_length=1_000)] = ""
    begins_at: Utc | None = None
    ends_at: Utc | None = None
    place: Annotated[str, Meta(max_length=1_000)] = ""
    time_zone: TimeZone | None = None


class AgendaItem(Struct, frozen=True):
    """A point of an agenda: an item of the docket by its subject, with the records that say it, or a title alone."""

    title: Line
    language: Language
    summary: Annotated[str, Meta(max_length=2_000)] = ""
    subject: Annotated[str, Meta(max_length=1_000)] = ""
    records: Annotated[tuple[RecordId, ...], Meta(max_length=20)] = ()


class Agenda(Struct, frozen=True):
    """What the meeting speaks of, set by its convener; the last one holds."""

    meeting: RecordId
    language: Language
    items: Annotated[tuple[AgendaItem, ...], Meta(min_length=1, max_length=100)]


class Paper(Struct, frozen=True):
    """A paper for a meeting, with a label of its own: a text, or files that the hotline carries."""

    meeting: RecordId
    title: Line
    versions: Annotated[tuple[Version, ...], Meta(max_length=6)] = ()
    attachments: Annotated[tuple[Attachment, ...], Meta(max_length=20)] = ()


class Minutes(Struct, frozen=True):
    """The convener's minutes; the last ones hold. What was agreed to be done are commitments that name the meeting."""

    meeting: RecordId
    versions: Versions


class Milestone(Struct, frozen=True):
    """A step on the way to what was promised."""

    title: Line
    due_at: Utc | None = None


class Commitment(Struct, frozen=True):
    """An office of a member does this, until then. Called by this record's id.

    It is that member's own word: said by another, as an action in its minutes, it is proposed until the member takes
    it up (`Progress`). `name` is that of the compact's file. `meeting` is the one in which it was agreed.
    """

    member: Code
    office: Name
    words: Line
    language: Language
    topic: Slug
    due_at: Utc | None = None
    name: Slug | None = None
    source: Citation | None = None
    meeting: RecordId | None = None
    series: Slug | None = None
    initiative: Initiative | None = None
    partners: Annotated[tuple[Name, ...], Meta(max_length=30)] = ()
    milestones: Annotated[tuple[Milestone, ...], Meta(max_length=30)] = ()


class Step(StrEnum):
    """What a member says of a commitment of its own."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    UNDER_WAY = "under-way"
    FULFILLED = "fulfilled"
    WITHDRAWN = "withdrawn"


class Progress(Struct, frozen=True):
    """How far a commitment of ours is; our last word holds. `reached` are its milestones so far, counted from 0."""

    commitment: RecordId
    step: Step
    words: Line
    language: Language
    reached: Annotated[tuple[Annotated[int, Meta(ge=0, le=29)], ...], Meta(max_length=30)] = ()
    evidence: Annotated[tuple[Evidence, ...], Meta(max_length=30)] = ()


class Review(Struct, frozen=True):
    """A member's judgement of a commitment, its own or another's: kept (1), open (0), not kept (-1). Its last holds."""

    commitment: RecordId
    score: Annotated[int, Meta(ge=-1, le=1)]
    reason: Line
    language: Language
    evidence: Annotated[tuple[Evidence, ...], Meta(max_length=30)] = ()


class OfficeOpened(Struct, frozen=True):
    """An office of ours, and what it is called in other languages. Promises are bound to it, never to who holds it."""

    office: Name
    also: Annotated[tuple[Name, ...], Meta(max_length=10)] = ()


class OfficeHeld(Struct, frozen=True):
    """Who holds an office of ours from now on, as far as those may know whom the label names. None: it is vacant."""

    office: Name
    holder: Name | None


class OfficeAbolished(Struct, frozen=True):
    """An office of ours is no more. What it promised passes to `successor`; to nobody when there is none."""

    office: Name
    reason: Line
    successor: Name | None = None


class Part(StrEnum):
    """Which of the two signs for a dossier."""

    LEAVING = "leaving"
    COMING = "coming"


class Handover(Struct, frozen=True):
    """An officer signs for the dossier of an office of ours. Kept at home.

    Who leaves puts its whole content on record, and `sha256` is over exactly that text; who comes names the hash.
    """

    office: Name
    part: Part
    holder: Name
    sha256: Sha256
    content: Annotated[str, Meta(max_length=200_000)] = ""


SERIES = Kind("dialogue.series.v1", Series, FOREVER, undone_by="say it again, with its end")
MEETING = Kind("dialogue.meeting.v1", Meeting, FOREVER, undone_by="cancel the meeting")
MEETING_CHANGED = Kind("dialogue.meeting-changed.v1", MeetingChanged, FOREVER, undone_by="say what became of it since")
AGENDA = Kind("dialogue.agenda.v1", Agenda, FOREVER, retractable=True)
PAPER = Kind("dialogue.paper.v1", Paper, FOREVER, retractable=True)
MINUTES = Kind("dialogue.minutes.v1", Minutes, FOREVER, retractable=True)
COMMITMENT = Kind("dialogue.commitment.v1", Commitment, FOREVER, undone_by="withdraw it")
PROGRESS = Kind("dialogue.progress.v1", Progress, FOREVER, undone_by="say how far it is now")
REVIEW = Kind("dialogue.review.v1", Review, FOREVER, undone_by="review it again")
OFFICE_OPENED = Kind("dialogue.office-opened.v1", OfficeOpened, FOREVER, undone_by="abolish the office")
OFFICE_HELD = Kind("dialogue.office-held.v1", OfficeHeld, FOREVER, retractable=True)
OFFICE_ABOLISHED = Kind("dialogue.office-abolished.v1", OfficeAbolished, FOREVER, undone_by="open it again")
HANDOVER = Kind("dialogue.handover.v1", Handover, FOREVER, undone_by="hand over again")

KINDS = (
    SERIES,
    MEETING,
    MEETING_CHANGED,
    AGENDA,
    PAPER,
    MINUTES,
    COMMITMENT,
    PROGRESS,
    REVIEW,
    OFFICE_OPENED,
    OFFICE_HELD,
    OFFICE_ABOLISHED,
    HANDOVER,
)
