"""Meetings as they are looked up: all of them, one with all that was said for it, and what waits on the docket."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import Row

from laurel.core.fields import RecordId, Slug
from laurel.core.instrument import Item, Noun, Query, View
from laurel.core.record import Utc, as_text
from laurel.core.tables import label_of
from laurel.instruments.dialogue import commitments_said
from laurel.instruments.dialogue import meetings_said as said
from laurel.instruments.dialogue.commitment_types import CommitmentRow
from laurel.instruments.dialogue.meeting_types import (
    AgendaRow,
    MeetingChangeRow,
    Meetings,
    MinutesRow,
    PaperRow,
    WholeMeeting,
)
from laurel.instruments.dialogue.meetings_said import Place, Told
from laurel.instruments.dialogue.offices_said import Register, register
from laurel.instruments.dialogue.records import (
    AGENDA,
    MEETING_CHANGED,
    MINUTES,
    PAPER,
    Agenda,
    MeetingChanged,
    Minutes,
    Paper,
)
from laurel.instruments.dialogue.series_said import declared

SOON = timedelta(days=30)
"""What begins within this time stands on the docket."""
LONG_PAST = timedelta(days=90)
"""So long the docket asks whether a meeting was held."""
MOST = 100
EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class MeetingsAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Meetings of a series, or of all, that begin then: so many, the last ones."""

    series: Slug | None = None
    since: Utc | None = None
    until: Utc | None = None
    most: Annotated[int, Meta(ge=1, le=1_000)] = MOST


class MeetingAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """One meeting, by the record that convened it."""

    meeting: RecordId


def answer_meetings(ask: MeetingsAsk, view: View, now: datetime) -> Meetings:
    """Meetings and how each stands, the last to begin first; what was cancelled too."""
    since, until = ask.since or EARLIEST, ask.until or LATEST
    if ask.series is None:
        found = said.last_of(view, since, until, ask.most)
    else:
        line = [one for one in said.of_series(view, ask.series) if since <= one.begins_at <= until]
        found = line[::-1][: ask.most]
    return Meetings(now, said.rows_of(view, found, now))


def answer_meeting(ask: MeetingAsk, view: View, now: datetime) -> WholeMeeting:
    """The meeting with its agenda, papers, minutes and actions, and what earlier ones left open. Raises Nothing."""
    told = said.one(view, ask.meeting)
    [shown] = said.rows_of(view, [told], now)
    rows = said.words_of(view, ask.meeting)
    own = [row for row in rows if row.by_member == told.convener]
    offices = register(view)
    actions = commitments_said.rows_of(view, commitments_said.in_meetings(view, [told.id]), offices, now)
    return WholeMeeting(
        at=now,
        meeting=shown,
        changes=tuple(
            MeetingChangeRow(row.id, msgspec.json.decode(row.body, type=MeetingChanged), _at(row))
            for row in own
            if row.kind == MEETING_CHANGED.name
        ),
        agenda=next((_agenda(row) for row in reversed(own) if row.kind == AGENDA.name), None),
        papers=tuple(_paper(row) for row in rows if row.kind == PAPER.name),
        minutes=next((_minutes(row) for row in reversed(own) if row.kind == MINUTES.name), None),
        actions=actions,
        carried=carried(view, told, offices, now),
    )


def carried(view: View, told: Told, offices: Register, now: datetime) -> tuple[CommitmentRow, ...]:
    """What was agreed in the meetings of its series before it, and is open still, the first due first."""
    own = Place(as_text(told.begins_at), told.id)
    line = said.lines(view, [told.meeting.series]).get(told.meeting.series, ())
    before = [one.id for one in line if one < own]
    rows = commitments_said.in_meetings(view, before) if before else ()
    return tuple(one for one in commitments_said.rows_of(view, rows, offices, now) if one.open)


def _at(row: Row[Any]) -> datetime:
    return datetime.fromisoformat(row.at)


def _agenda(row: Row[Any]) -> AgendaRow:
    body, label = msgspec.json.decode(row.body, type=Agenda), label_of(row.label)
    return AgendaRow(row.id, body.language, body.items, _at(row), label, label.banner)


def _paper(row: Row[Any]) -> PaperRow:
    body, label = msgspec.json.decode(row.body, type=Paper), label_of(row.label)
    at = _at(row)
    return PaperRow(row.id, row.by_member, body.title, body.versions, body.attachments, at, label, label.banner)


def _minutes(row: Row[Any]) -> MinutesRow:
    body, label = msgspec.json.decode(row.body, type=Minutes), label_of(row.label)
    return MinutesRow(row.id, body.versions, _at(row), row.author, label, label.banner)


def docket(view: View, now: datetime) -> Sequence[Item]:
    """One line for each meeting that is soon, and for each whose time is over and nobody says that it was held."""
    found = [one for one in said.between(view, now - LONG_PAST, now + SOON) if not (one.off or one.held)]
    if not found:
        return []
    series = declared(view)
    titles = {name: one.series for name, one in series.items()}
    items: list[Item] = []
    for told in found:
        meeting, of = told.meeting, titles.get(told.meeting.series)
        state = said.state_of(told, now)
        items.append(
            Item(
                subject=told.id,
                title=meeting.title,
                state="was it held?" if state == "past" else "soon",
                due=told.begins_at,
                offices=tuple(dict.fromkeys(seat.office for seat in of.offices)) if of else (),
                label=label_of(told.label_text),
                summary=f"{of.title if of else meeting.series}; convened by {told.convener}, {meeting.place}.",
            )
        )
    return items


NOUN = Noun(
    tables=said.TABLES,
    folds=said.FOLDS,
    queries=(
        Query("meetings", MeetingsAsk, Meetings, answer_meetings, live=True),
        Query("meeting", MeetingAsk, WholeMeeting, answer_meeting),
    ),
    docket=docket,
)
