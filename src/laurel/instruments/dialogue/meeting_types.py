"""What is answered of series, meetings, agendas and the calendar."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from laurel.core.label import Label
from laurel.instruments.consult.records import Version
from laurel.instruments.dialogue.commitment_types import CommitmentRow
from laurel.instruments.dialogue.records import (
    AgendaItem,
    Attachment,
    Citation,
    MeetingChanged,
    Series,
    Tier,
)

MeetingState = Literal["planned", "moved", "cancelled", "held", "past"]


class MeetingRow(Struct, frozen=True):
    """A meeting as it stands: with what its convener said of it since.

    `state` is planned, moved, cancelled, held, or past (its time is over, and nobody said that it was held).
    `previous` and `next` are those before and after it in its series.
    """

    id: str
    convener: str
    series: str
    series_title: str
    tier: Tier | None
    title: str
    language: str
    begins_at: datetime
    ends_at: datetime
    place: str
    time_zone: str
    host: str | None
    all_day: bool
    state: MeetingState
    reason: str
    previous: str | None
    next: str | None
    source: Citation | None
    said_at: datetime
    changed_at: datetime
    changes: int
    label: Label
    banner: str


class SeriesRow(Struct, frozen=True):
    """A series: as most of those who declared it say it is, what is owed by when, and what is usual.

    `differs` are members who declare it otherwise. `owed_by` is when the next must be held at the latest; `overdue`:
    that is past. `usual_on` is the next day on which it is usually held. `next_host` is the host of the next one to be
    convened. `said_at` is when it was declared last, and `changes` grows whenever it is.
    """

    series: Series
    declared_by: tuple[str, ...]
    differs: tuple[str, ...]
    records: tuple[str, ...]
    held: int
    last: MeetingRow | None
    next: MeetingRow | None
    owed_by: datetime | None
    overdue: bool
    ended: bool
    usual_on: date | None
    next_host: str | None
    secretariat: str | None
    secretariat_until: date | None
    said_at: datetime
    changes: int
    label: Label
    banner: str


class SeriesList(Struct, frozen=True):
    """Every series, the first owed first."""

    at: datetime
    series: tuple[SeriesRow, ...]


class Meetings(Struct, frozen=True):
    """Meetings, the last to begin first."""

    at: datetime
    meetings: tuple[MeetingRow, ...]


class AgendaRow(Struct, frozen=True):
    """The agenda as its convener set it last."""

    id: str
    language: str
    items: tuple[AgendaItem, ...]
    said_at: datetime
    label: Label
    banner: str


class PaperRow(Struct, frozen=True):
    """A paper for the meeting."""

    id: str
    member: str
    title: str
    versions: tuple[Version, ...]
    attachments: tuple[Attachment, ...]
    said_at: datetime
    label: Label
    banner: str


class MinutesRow(Struct, frozen=True):
    """The minutes as the convener took them last."""

    id: str
    versions: tuple[Version, ...]
    said_at: datetime
    author: str
    label: Label
    banner: str


class MeetingChangeRow(Struct, frozen=True):
    """What the convener said of the meeting, and when."""

    id: str
    change: MeetingChanged
    said_at: datetime


class WholeMeeting(Struct, frozen=True):
    """One meeting with all that was said for it and in it.

    `actions` are the commitments that were agreed in it; `carried` are those of the meetings before it, of the same
    series, that are open still.
    """

    at: datetime
    meeting: MeetingRow
    changes: tuple[MeetingChangeRow, ...]
    agenda: AgendaRow | None
    papers: tuple[PaperRow, ...]
    minutes: MinutesRow | None
    actions: tuple[CommitmentRow, ...]
    carried: tuple[CommitmentRow, ...]


class Owed(Struct, frozen=True):
    """Something due on a calendar: a series to be held (`series`), a commitment or one of its milestones.

    `uid` names it for good: the calendar of tomorrow calls the same thing the same. `changes` grows whenever it does.
    """

    uid: str
    what: str
    title: str
    language: str
    due_at: datetime
    state: str
    member: str | None
    office: str | None
    record: str
    changed_at: datetime
    changes: int
    label: Label
    banner: str


class CalendarFacts(Struct, frozen=True):
    """What stands in the calendar of these tiers between two times: meetings, and what is due."""

    at: datetime
    tiers: tuple[Tier, ...]
    since: datetime
    until: datetime
    meetings: tuple[MeetingRow, ...]
    owed: tuple[Owed, ...]
