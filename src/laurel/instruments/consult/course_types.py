"""What a consultation shows: where it stands, who was asked, what was said, and what each text is waiting for."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from laurel.instruments.consult.records import (
    Caveat,
    Convening,
    Edit,
    Part,
    Source,
    Version,
)
from laurel.instruments.consult.words import (
    Activity,
    Field,
    Ground,
    Level,
    Position,
    Purpose,
    RemarkKind,
)


class Stage(StrEnum):
    """How far a consultation has come. It never goes back."""

    REQUESTED = "requested"
    CONVENED = "convened"
    ASSESSED = "assessed"
    OPTIONS = "options"
    TEXT = "text"
    ADOPTED = "adopted"
    NOT_ADOPTED = "not-adopted"
    CLOSED = "closed"
    FOLLOWED_UP = "followed-up"


class TextState(StrEnum):
    """Where a text stands. Adopted, broken and overtaken are final."""

    OPEN = "open"
    """The deadline has not come, by our clock."""
    PROVISIONAL = "provisional"
    """The deadline has passed, nobody objected, and the assent of some is still not here."""
    ADOPTED = "adopted"
    BROKEN = "broken"
    """A member objected, asked for an amendment, left or closed: never to be adopted."""
    OVERTAKEN = "overtaken"
    """Members have spent their one assent of the round, or the later one, elsewhere: never to be adopted."""


class ResponseRow(Struct, frozen=True):
    """What a member answered to the request, and how long it took by the requester's clock. None while it has not."""

    member: str
    office: str | None
    language: str | None
    text: str | None
    convening: int | None
    at: datetime | None
    seconds: float | None
    overdue: bool


class AssessmentRow(Struct, frozen=True):
    """A member's own assessment."""

    member: str
    language: str
    text: str
    at: datetime


class StanceRow(Struct, frozen=True):
    """A member's position on an option or a text."""

    member: str
    position: Position
    language: str
    reason: str
    at: datetime


class ForbiddenRow(Struct, frozen=True):
    """Why a member cannot take part in an option as it stands: the caveat, by name, title and legal source."""

    member: str
    of_member: str
    caveat: str
    title: str
    source: str
    activities: tuple[Activity, ...]
    consent_lifts: bool
    open_activities: tuple[Activity, ...]


class OptionRow(Struct, frozen=True):
    """An option as it stands. It is `available` to those members alone for whom no caveat forbids their part."""

    id: str
    member: str
    title: str
    field: Field
    language: str
    text: str
    parts: tuple[Part, ...]
    begins_at: datetime
    at: datetime
    available_to: tuple[str, ...]
    forbidden: tuple[ForbiddenRow, ...]
    stances: tuple[StanceRow, ...]
    instead: str | None
    replaced_by: str | None


class VoteKind(StrEnum):
    """What a member did with a text."""

    PROPOSED = "proposed"
    SILENT = "silent"
    AGREED = "agreed"
    OBJECTED = "objected"
    AMENDED = "amended"
    ELSEWHERE = "elsewhere"
    LEFT = "left"


class VoteRow(Struct, frozen=True):
    """Where one of those asked stands towards a text: its vote, or how far the text came to it."""

    member: str
    vote: VoteKind | None
    at: datetime | None
    record: str | None
    held_at: datetime | None
    shown_to: tuple[str, ...]
    reason: str
    language: str | None
    edits: tuple[Edit, ...]


class RemarkRow(Struct, frozen=True):
    """A reservation or an interpretative statement."""

    member: str
    what: RemarkKind
    language: str
    words: str
    at: datetime


class TextRow(Struct, frozen=True):
    """A joint text: its versions, its state, whom it waits for and what each has done with it."""

    id: str
    member: str
    purpose: Purpose
    round: int
    versions: tuple[Version, ...]
    clauses: tuple[Version, ...]
    options: tuple[str, ...]
    text_hash: str
    deadline: datetime
    at: datetime
    amends: str | None
    reason: str
    state: TextState
    waits_for: tuple[str, ...]
    votes: tuple[VoteRow, ...]
    remarks: tuple[RemarkRow, ...]
    stances: tuple[StanceRow, ...]


class ActionRow(Struct, frozen=True):
    """What follows from an adopted text."""

    id: str
    member: str
    office: str
    words: str
    due_at: datetime
    option: str | None


class StatementRow(Struct, frozen=True):
    """Which members have issued the joint statement, and since when."""

    text: str
    text_hash: str
    issued_by: tuple[str, ...]
    missing: tuple[str, ...]


class ConsultationRow(Struct, frozen=True):
    """One consultation in the list. `waits_for_us` says in words what our own officers should do, if anything."""

    id: str
    subject: str
    member: str
    members: tuple[str, ...]
    ground: Ground
    level: Level
    banner: str
    at: datetime
    stage: Stage
    state: str
    waits_for: tuple[str, ...]
    waits_for_us: str | None
    due: datetime | None


class Consultations(Struct, frozen=True):
    """All that is open, and what was lately, newest first."""

    at: datetime
    consultations: tuple[ConsultationRow, ...]


class Consultation(Struct, frozen=True):
    """One consultation whole."""

    row: ConsultationRow
    language: str
    opinion: str
    sources: tuple[Source, ...]
    convening: tuple[Convening, ...]
    convened: Convening | None
    responses: tuple[ResponseRow, ...]
    assessments: tuple[AssessmentRow, ...]
    options: tuple[OptionRow, ...]
    texts: tuple[TextRow, ...]
    actions: tuple[ActionRow, ...]
    statement: StatementRow | None
    departed: tuple[str, ...]
    closed_by: tuple[str, ...]


class CaveatRow(Struct, frozen=True):
    """A caveat that stands, and the record that says so."""

    member: str
    record: str
    caveat: Caveat
    at: datetime


class Caveats(Struct, frozen=True):
    """All caveats that stand, by member and name."""

    caveats: tuple[CaveatRow, ...]


class RequestedInformation(Struct, frozen=True):
    """A request for information, what was answered, and who has not."""

    id: str
    member: str
    subject: str
    language: str
    question: str
    at: datetime
    due: datetime
    sources: tuple[Source, ...]
    answers: tuple[InformationRow, ...]
    waits_for: tuple[str, ...]


class InformationRow(Struct, frozen=True):
    """One member's graded answer."""

    member: str
    language: str
    text: str
    grade: str | None
    at: datetime


class InformationRequests(Struct, frozen=True):
    """The questions asked last, newest first."""

    at: datetime
    requests: tuple[RequestedInformation, ...]
