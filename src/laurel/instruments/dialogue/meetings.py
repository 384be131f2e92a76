"""Meetings: convened, moved, cancelled, held; their papers and minutes, and what was agreed in them to be done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Meta, Struct, structs

from laurel.core.errors import BadAsk, BadField, Nothing, NotPermitted
from laurel.core.fields import Code, Language, Line, Name, RecordId, Slug
from laurel.core.instrument import Command, Desk, Noun, Query, Role, View
from laurel.core.label import Label
from laurel.core.record import Draft, Utc, in_utc
from laurel.core.tables import label_of
from laurel.instruments.consult.records import Version
from laurel.instruments.dialogue import meetings_said as said
from laurel.instruments.dialogue import months
from laurel.instruments.dialogue.labels import check_told, check_within, same_as
from laurel.instruments.dialogue.meetings_said import Told
from laurel.instruments.dialogue.offices_said import register
from laurel.instruments.dialogue.pledges import checked
from laurel.instruments.dialogue.records import (
    Attachment,
    Change,
    Citation,
    Commitment,
    Initiative,
    Meeting,
    MeetingChanged,
    Milestone,
    Minutes,
    Paper,
    TimeZone,
    Versions,
)
from laurel.instruments.dialogue.series_said import declared

OFFICERS = frozenset({Role.WATCH_OFFICER, Role.PRINCIPAL, Role.ANALYST})
LONGEST = timedelta(days=31)
CONVENED_AFTER = timedelta(days=30)
"""Where a series has no usual day, its next meeting is proposed so much later."""
MOST_BYTES = 200_000
"""Texts that leave room in a record of 256 kB."""


class MeetingOver(BadAsk):
    """What was cancelled, or was held, has no other time."""

    says = "this meeting cannot be changed so any more"
    remedy = "convene another; see laurel dialogue meetings"


class ConveneAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Convene a meeting of a series. `label.rel_to` are those who meet, ourselves included.

    `laurel dialogue ready-meeting` proposes it: title, host by rotation, the day on which it usually falls.
    """

    series: Slug
    title: Line
    language: Language
    begins_at: Utc
    ends_at: Utc
    place: Line
    time_zone: TimeZone
    label: Label
    host: Code | None = None
    previous: RecordId | None = None
    held: bool = False
    all_day: bool = False
    source: Citation | None = None


class MoveMeetingAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Another time for a meeting of ours, or another place with its time zone."""

    meeting: RecordId
    begins_at: Utc
    ends_at: Utc
    reason: Line
    place: Line | None = None
    time_zone: TimeZone | None = None


class CancelMeetingAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """A meeting of ours is not held."""

    meeting: RecordId
    reason: Line


class NoteHeldAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """A meeting of ours was held. What was owed is counted anew from it."""

    meeting: RecordId


class FilePaperAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """A paper for a meeting, for all who meet or for some: a text in languages, or files that the hotline carried."""

    meeting: RecordId
    title: Line
    label: Label
    versions: Annotated[tuple[Version, ...], Meta(max_length=6)] = ()
    attachments: Annotated[tuple[Attachment, ...], Meta(max_length=20)] = ()


class Action(Struct, frozen=True, forbid_unknown_fields=True):
    """What an office of a member shall do, as it was agreed in the meeting."""

    member: Code
    office: Name
    words: Line
    language: Language
    topic: Slug
    due_at: Utc | None = None
    initiative: Initiative | None = None
    partners: Annotated[tuple[Name, ...], Meta(max_length=30)] = ()
    milestones: Annotated[tuple[Milestone, ...], Meta(max_length=30)] = ()


class TakeMinutesAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Our minutes of a meeting of ours, the original first, and what was agreed to be done.

    Actions become commitments: those of our offices at once, those of others once their member takes them up. Minutes
    taken again replace those before; actions are said once, and not again with them.
    """

    meeting: RecordId
    versions: Versions
    label: Label
    actions: Annotated[tuple[Action, ...], Meta(max_length=50)] = ()


# Asked


def convene(ask: ConveneAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Convene it, or put it on record after it was held. Raises BadField, Nothing."""
    check_told(ask.label, desk)
    if ask.series not in declared(view):
        raise Nothing(series=ask.series, list="laurel dialogue series")
    if ask.host is not None and ask.host not in {desk.member, *desk.members, *desk.readers}:
        raise BadField(field="host", value=ask.host, must_be=f"of {', '.join(desk.members)}")
    check_times(ask.begins_at, ask.ends_at, ask.time_zone)
    if ask.held != (ask.begins_at <= desk.now):
        must = "before now, for a meeting that was held" if ask.held else f"after {desk.now.isoformat()}"
        raise BadField(field="begins_at", value=ask.begins_at.isoformat(), must_be=must)
    if ask.previous is not None:
        check_within(ask.label, label_of(said.one(view, ask.previous).label_text), desk)
    body = Meeting(**{name: getattr(ask, name) for name in Meeting.__struct_fields__})
    body = structs.replace(body, begins_at=in_utc(ask.begins_at), ends_at=in_utc(ask.ends_at))
    return (Draft(body, ask.label, about=tuple(one for one in (ask.previous,) if one)),)


def check_times(begins_at: datetime, ends_at: datetime, time_zone: str) -> None:
    """It ends after it begins, in a time zone that there is. Raises BadField."""
    if not timedelta() <= ends_at - begins_at <= LONGEST:
        raise BadField(
            field="ends_at", value=ends_at.isoformat(), must_be=f"within a month after {begins_at.isoformat()}"
        )
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        must = "a name of the IANA time zone database, such as Asia/Seoul"
        raise BadField(field="time_zone", value=time_zone, must_be=must) from None


def move_meeting(ask: MoveMeetingAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """At another time, or elsewhere; one that was cancelled is on again. Raises Nothing, NotPermitted, BadField."""
    told = _ours(view, ask.meeting, desk)
    if told.held:
        raise MeetingOver(meeting=ask.meeting, state=Change.HELD.value)
    zone = ask.time_zone or _zone(told)
    check_times(ask.begins_at, ask.ends_at, zone)
    if ask.begins_at <= desk.now:
        raise BadField(field="begins_at", value=ask.begins_at.isoformat(), must_be=f"after {desk.now.isoformat()}")
    body = MeetingChanged(
        ask.meeting,
        Change.MOVED,
        ask.reason,
        in_utc(ask.begins_at),
        in_utc(ask.ends_at),
        ask.place or _place(told),
        zone,
    )
    return (_changed(told, body, desk),)


def cancel_meeting(ask: CancelMeetingAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """It is not held. Raises Nothing, NotPermitted, MeetingOver."""
    told = _ours(view, ask.meeting, desk)
    if told.off:
        raise MeetingOver(meeting=ask.meeting, state=Change.CANCELLED.value)
    return (_changed(told, _as_it_is(told, Change.CANCELLED, ask.reason), desk),)


def note_held(ask: NoteHeldAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """It was held. Raises Nothing, NotPermitted, MeetingOver, BadField."""
    told = _ours(view, ask.meeting, desk)
    if told.held:
        raise MeetingOver(meeting=ask.meeting, state=Change.HELD.value)
    if told.begins_at > desk.now:
        raise BadField(
            field="meeting", value=told.begins_at.isoformat(), must_be=f"begun before {desk.now.isoformat()}"
        )
    return (_changed(told, _as_it_is(told, Change.HELD), desk),)


def _ours(view: View, meeting: str, desk: Desk) -> Told:
    told = said.one(view, meeting)
    if told.convener != desk.member:
        raise NotPermitted(why=f"{told.convener} convened it, and says what becomes of it", meeting=meeting)
    return told


def _changed(told: Told, body: MeetingChanged, desk: Desk) -> Draft:
    return Draft(body, same_as(label_of(told.label_text), desk), about=(told.id,), answers=told.id)


def _as_it_is(told: Told, change: Change, reason: str = "") -> MeetingChanged:
    return MeetingChanged(told.id, change, reason, told.begins_at, told.ends_at, _place(told), _zone(told))


def _place(told: Told) -> str:
    return (told.changed and told.changed.place) or told.meeting.place


def _zone(told: Told) -> str:
    return (told.changed and told.changed.time_zone) or told.meeting.time_zone


def file_paper(ask: FilePaperAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Put it before those whom the label names. Raises Nothing, BadField, BeyondAudience."""
    told = said.one(view, ask.meeting)
    if not (ask.versions or ask.attachments):
        raise BadField(field="versions, attachments", value="", must_be="a text or a file")
    _check_languages(ask.versions)
    check_within(ask.label, label_of(told.label_text), desk)
    body = Paper(ask.meeting, ask.title, ask.versions, ask.attachments)
    return (Draft(body, ask.label, about=(told.id,), answers=told.id),)


def take_minutes(ask: TakeMinutesAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """The minutes, and a commitment for each action. Raises Nothing, NotPermitted, BadField, AbolishedOffice."""
    told = _ours(view, ask.meeting, desk)
    if told.off or told.begins_at > desk.now:
        raise MeetingOver(
            meeting=ask.meeting, state=said.state_of(told, desk.now), begins_at=told.begins_at.isoformat()
        )
    _check_languages(ask.versions)
    check_within(ask.label, label_of(told.label_text), desk)
    offices = register(view)
    actions = [_commitment(one, told, desk) for one in ask.actions]
    return (
        Draft(Minutes(ask.meeting, ask.versions), ask.label, about=(told.id,), answers=told.id),
        *(Draft(checked(one, offices, None), ask.label, about=(told.id,), answers=told.id) for one in actions),
    )


def _commitment(action: Action, told: Told, desk: Desk) -> Commitment:
    if action.member not in {desk.member, *desk.members}:
        raise BadField(field="actions.member", value=action.member, must_be=f"of {', '.join(desk.members)}")
    return Commitment(**structs.asdict(action), meeting=told.id, series=told.meeting.series)


def _check_languages(versions: Sequence[Version]) -> None:
    languages = [one.language for one in versions]
    if len(set(languages)) < len(languages):
        raise BadField(field="versions", value=", ".join(languages), must_be="one text for each language")
    size = sum(len(one.text.encode()) for one in versions)
    if size > MOST_BYTES:
        raise BadField(field="versions", value=f"{size} bytes", must_be=f"{MOST_BYTES} bytes together, or papers apart")


class ReadyMeetingAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """The next meeting of that series, to be looked through and convened."""

    series: Slug


def answer_ready_meeting(ask: ReadyMeetingAsk, view: View, now: datetime) -> ConveneAsk:
    """The next by rotation, where that host had it last, on the day on which it usually falls. Raises Nothing.

    It is for those who were told of the series.
    """
    found = declared(view).get(ask.series)
    if found is None:
        raise Nothing(series=ask.series, list="laurel dialogue series")
    series = found.series
    line = [each for each in said.of_series(view, ask.series) if not each.off]
    usual = series.recurrence and months.usual_on(series.recurrence, series.starts_on, now.date())
    day = usual if usual and usual > now.date() else (now + CONVENED_AFTER).date()
    host = months.next_host(series.hosts, [each.meeting.host for each in line])
    there = next((each for each in reversed(line) if host is not None and each.meeting.host == host), None)
    begins_at = datetime(day.year, day.month, day.day, 1, tzinfo=UTC)
    return ConveneAsk(
        series=ask.series,
        title=series.title,
        language=series.language,
        begins_at=begins_at,
        ends_at=begins_at + timedelta(hours=2),
        place=_place(there) if there else "to be agreed",
        time_zone=_zone(there) if there else "Etc/UTC",
        label=found.label,
        host=host,
        previous=line[-1].id if line else None,
    )


COMMANDS: tuple[Command[Any], ...] = (
    Command("convene", ConveneAsk, convene, OFFICERS),
    Command("move-meeting", MoveMeetingAsk, move_meeting, OFFICERS),
    Command("cancel-meeting", CancelMeetingAsk, cancel_meeting, OFFICERS, confirm="Cancel this meeting?"),
    Command("note-held", NoteHeldAsk, note_held, OFFICERS),
    Command("file-paper", FilePaperAsk, file_paper, OFFICERS),
    Command("take-minutes", TakeMinutesAsk, take_minutes, OFFICERS),
)
NOUN = Noun(commands=COMMANDS, queries=(Query("ready-meeting", ReadyMeetingAsk, ConveneAsk, answer_ready_meeting),))
