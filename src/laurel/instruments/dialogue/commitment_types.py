"""What is answered of commitments, offices and dossiers."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from laurel.core.label import Label
from laurel.instruments.dialogue.records import Citation, Evidence, Initiative, Milestone, Part, Step


class ReviewRow(Struct, frozen=True):
    """A member's last judgement of a commitment."""

    id: str
    member: str
    score: int
    reason: str
    language: str
    evidence: tuple[Evidence, ...]
    said_at: datetime
    banner: str


class ProgressRow(Struct, frozen=True):
    """What its member said of a commitment."""

    id: str
    step: Step
    words: str
    language: str
    reached: tuple[int, ...]
    evidence: tuple[Evidence, ...]
    said_at: datetime
    banner: str


class CommitmentRow(Struct, frozen=True):
    """What an office of a member does until when, where that comes from, and how far it is.

    `source` is consultation, minutes, charter or own. `state` is proposed, open, under-way, fulfilled, withdrawn or
    declined. `office` is as it was said; `bound_to` is the office that has it now, None when it is nobody's
    (`nobodys`). `unreviewed` are members who have it and have not judged it.
    """

    id: str
    member: str
    by: str
    office: str
    bound_to: str | None
    nobodys: bool
    words: str
    language: str
    topic: str | None
    due_at: datetime | None
    overdue: bool
    state: str
    open: bool
    source: str
    citation: Citation | None
    name: str | None
    consultation: str | None
    text: str | None
    option: str | None
    meeting: str | None
    series: str | None
    initiative: Initiative | None
    partners: tuple[str, ...]
    milestones: tuple[Milestone, ...]
    reached: tuple[int, ...]
    progress: ProgressRow | None
    reviews: tuple[ReviewRow, ...]
    unreviewed: tuple[str, ...]
    said_at: datetime
    label: Label
    banner: str


class Commitments(Struct, frozen=True):
    """What was promised, the first due first; what has no day comes last."""

    at: datetime
    commitments: tuple[CommitmentRow, ...]


class WholeCommitment(Struct, frozen=True):
    """One commitment with all that its member said of it, and every judgement, the last first."""

    at: datetime
    commitment: CommitmentRow
    progress: tuple[ProgressRow, ...]
    reviews: tuple[ReviewRow, ...]


class OfficeRow(Struct, frozen=True):
    """An office of a member. `holder` is None where it is vacant, or where we were not told.

    `held_since` is when that was said. `state` is open or abolished; then `successor` has what it promised, or nobody.
    """

    member: str
    office: str
    also: tuple[str, ...]
    state: str
    holder: str | None
    held_since: datetime | None
    successor: str | None
    reason: str
    commitments: int
    record: str
    banner: str


class Offices(Struct, frozen=True):
    """Every office that a member opened, by member and name."""

    at: datetime
    offices: tuple[OfficeRow, ...]


class DossierCommitment(Struct, frozen=True):
    """A promise that the next holder takes over."""

    id: str
    office: str
    words: str
    language: str
    due_at: datetime | None
    state: str
    source: str
    citation: Citation | None
    milestones: tuple[Milestone, ...]
    reached: tuple[int, ...]
    last_word: str
    reviews: tuple[str, ...]
    banner: str


class DossierMeeting(Struct, frozen=True):
    """A meeting that the office attends: the last one of each series, and those to come."""

    id: str
    series: str
    title: str
    language: str
    begins_at: datetime
    ends_at: datetime
    place: str
    time_zone: str
    state: str
    banner: str


class DossierItem(Struct, frozen=True):
    """A consultation, or another thing on the docket, that waits for the office."""

    subject: str
    title: str
    summary: str
    due: datetime | None
    banner: str


class Dossier(Struct, frozen=True):
    """What the next holder of an office must know. Its hash is over its canonical JSON: nothing in it but facts."""

    member: str
    office: str
    also: tuple[str, ...]
    commitments: tuple[DossierCommitment, ...]
    meetings: tuple[DossierMeeting, ...]
    consultations: tuple[DossierItem, ...]
    items: tuple[DossierItem, ...]


class Signature(Struct, frozen=True):
    """Somebody signed for a dossier."""

    id: str
    part: Part
    holder: str
    author: str
    said_at: datetime


class DossierAnswer(Struct, frozen=True):
    """A dossier, its hash, the strictest label in it, and who signed for exactly that.

    `now` says whether it is what holds now, rather than what was signed then.
    """

    at: datetime
    sha256: str
    dossier: Dossier
    label: Label
    now: bool
    signatures: tuple[Signature, ...]
