"""Agendas: drafted from what is open, so that nothing that was promised is forgotten; and set by the convener."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from laurel.core.errors import NotPermitted
from laurel.core.fields import Language, RecordId
from laurel.core.instrument import Command, Desk, Item, Noun, Query, Role, View
from laurel.core.label import Label, join
from laurel.core.record import Draft
from laurel.core.tables import label_of
from laurel.instruments.dialogue import commitments_said, meetings_said
from laurel.instruments.dialogue.commitment_types import CommitmentRow
from laurel.instruments.dialogue.labels import check_quotes, check_within
from laurel.instruments.dialogue.meeting_board import carried
from laurel.instruments.dialogue.meetings_said import Told
from laurel.instruments.dialogue.offices_said import key_of, register
from laurel.instruments.dialogue.records import Agenda, AgendaItem
from laurel.instruments.dialogue.series_said import declared

OFFICERS = frozenset({Role.WATCH_OFFICER, Role.PRINCIPAL, Role.ANALYST})
MOST_ITEMS = 100
MOST_PROMISES = 300
ENGLISH = "en"


class SetAgendaAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Set the agenda of a meeting of ours, instead of the one before. `laurel dialogue ready-agenda` drafts it."""

    meeting: RecordId
    language: Language
    items: Annotated[tuple[AgendaItem, ...], Meta(min_length=1, max_length=MOST_ITEMS)]
    label: Label


class ReadyAgendaAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Draft the agenda of that meeting."""

    meeting: RecordId


class AgendaDraft(Struct, frozen=True):
    """A drafted agenda, to be looked through and set; its label is the strictest of its points.

    For our own house only: `left_out` is how many open things are for fewer than those who meet, and `more` how many
    did not fit. Neither is in what is set.
    """

    items: tuple[AgendaItem, ...]
    ask: SetAgendaAsk | None
    left_out: int
    more: int


@dataclass(frozen=True)
class _Point:
    item: AgendaItem
    label: Label


def answer_ready_agenda(ask: ReadyAgendaAsk, view: View, now: datetime) -> AgendaDraft:
    """First what earlier meetings of the series left open, then what the offices that meet promised, then the docket.

    Nothing is in it whose label does not let all who meet know. Raises Nothing.
    """
    told = meetings_said.one(view, ask.meeting)
    label = label_of(told.label_text)
    points = {one.item.subject: one for one in _points(view, told, now)}
    all_may = [one for one in points.values() if set(label.rel_to) <= set(one.label.rel_to)]
    chosen = all_may[:MOST_ITEMS]
    items = tuple(one.item for one in chosen)
    strictest = reduce(join, (one.label for one in chosen), label)
    return AgendaDraft(
        items=items,
        ask=SetAgendaAsk(ask.meeting, told.meeting.language, items, strictest) if items else None,
        left_out=len(points) - len(all_may),
        more=len(all_may) - len(chosen),
    )


def _points(view: View, told: Told, now: datetime) -> Iterable[_Point]:
    """The last of a subject takes the place of the first, in which it stays."""
    offices = register(view)
    series = declared(view).get(told.meeting.series)
    seats = series.series.offices if series else ()
    attend = {(one.member, key_of(offices.heir(one.member, one.office) or "")) for one in seats}
    promised = commitments_said.rows_of(view, commitments_said.chosen(view, most=MOST_PROMISES), offices, now)
    attending = [one for one in promised if (one.member, key_of(one.bound_to or "")) in attend]
    for_series = [one for one in promised if one.series == told.meeting.series]
    for one in (*carried(view, told, offices, now), *for_series, *attending):
        yield _promise(one)
    known = {one.id for one in promised}
    # The meeting itself is no point of its agenda, nor that it is owed.
    own = {told.id, *(series.records.values() if series else ())}
    for item in view.docket(now):
        if item.subject not in known | own:
            yield _docketed(item, view)
    for one in promised:
        yield _promise(one)


def _promise(one: CommitmentRow) -> _Point:
    day = f"due {one.due_at:%d %b %Y}" if one.due_at else "no day set"
    title = f"{one.member}, {one.bound_to or one.office}: {one.words}"
    summary = f"{one.state}, {day}" + ("; nobody's" if one.nobodys else "; overdue" if one.overdue else "")
    language = ENGLISH if one.language == commitments_said.UNDETERMINED else one.language
    return _Point(AgendaItem(_line(title), language, summary, one.id, (one.id,)), one.label)


def _docketed(item: Item, view: View) -> _Point:
    language = _language(item, view)
    records = item.records[:20]
    return _Point(AgendaItem(_line(item.title), language, item.summary[:2_000], item.subject, records), item.label)


def _line(text: str) -> str:
    return text if len(text) <= 1_000 else f"{text[:999]}…"


class _Own(Struct, frozen=True):
    language: Language = ENGLISH


def _language(item: Item, view: View) -> str:
    """That of the record that says it."""
    found = view.record(item.subject) if item.subject in item.records else None
    try:
        return ENGLISH if found is None else msgspec.json.decode(found.body, type=_Own).language
    except msgspec.ValidationError:
        return ENGLISH


def set_agenda(ask: SetAgendaAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Set it, for those who meet. Raises Nothing, NotPermitted, BadField, BeyondAudience, TooWide."""
    told = meetings_said.one(view, ask.meeting)
    if told.convener != desk.member:
        raise NotPermitted(why=f"{told.convener} convened it, and sets its agenda", meeting=ask.meeting)
    check_within(ask.label, label_of(told.label_text), desk)
    records = tuple(dict.fromkeys(record for item in ask.items for record in item.records))
    check_quotes(ask.label, records, view)
    body = Agenda(ask.meeting, ask.language, ask.items)
    return (Draft(body, ask.label, about=(told.id, *records), answers=told.id),)


COMMANDS: tuple[Command[Any], ...] = (Command("set-agenda", SetAgendaAsk, set_agenda, OFFICERS),)
NOUN = Noun(commands=COMMANDS, queries=(Query("ready-agenda", ReadyAgendaAsk, AgendaDraft, answer_ready_agenda),))
