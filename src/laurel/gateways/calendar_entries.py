"""What the dialogue answers as entries of a calendar: meetings, what is due, what is usual, whose turn it is. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from laurel.core.label import Classification
from laurel.gateways.calendar import WHOLE_DAY, Entry, Rule, visible
from laurel.instruments.dialogue.meeting_types import CalendarFacts, MeetingRow, Owed, SeriesList, SeriesRow
from laurel.instruments.dialogue.months import add_months, usual_on
from laurel.instruments.dialogue.records import Recurrence, Rotation, Tier

STATES = {
    "held": "Held.",
    "moved": "Moved.",
    "cancelled": "Cancelled.",
    "past": "Its time is over; that it was held is not on record.",
}
SHORTEST_MONTH = 28


def entries_of(facts: CalendarFacts, series: SeriesList, tier: Tier, ceiling: Classification) -> tuple[Entry, ...]:
    """What a feed of that tier may show: nothing more strictly classified than its ceiling, nothing with a caveat."""
    found = [
        *(_meeting(one) for one in facts.meetings),
        *(_owed(one) for one in facts.owed),
        *(entry for row in series.series if row.series.tier is tier for entry in _standing(row)),
    ]
    return tuple(one for one in found if visible(one.label, ceiling))


def _meeting(row: MeetingRow) -> Entry:
    begins: datetime | date = row.begins_at
    ends: datetime | date = row.ends_at
    if row.all_day:
        begins, ends = _day(row.begins_at), _day(row.ends_at) + WHOLE_DAY
    words = (
        row.series_title,
        STATES.get(row.state, ""),
        row.reason,
        f"Host: {row.host}" if row.host else "",
        f"Convened by {row.convener}",
        row.source.url if row.source else "",
    )
    return Entry(
        uid=row.id,
        sequence=row.changes,
        changed_at=row.changed_at,
        begins=begins,
        ends=ends,
        zone=row.time_zone,
        title=row.title,
        language=row.language,
        words="\n".join(filter(None, words)),
        place=row.place,
        label=row.label,
        cancelled=row.state == "cancelled",
    )


def _owed(one: Owed) -> Entry:
    whose = ", ".join(filter(None, (one.member, one.office)))
    what = {"series": "A meeting is owed by this day.", "milestone": "A milestone is due."}.get(one.what, "Due.")
    return Entry(
        uid=one.uid,
        sequence=one.changes,
        changed_at=one.changed_at,
        begins=_day(one.due_at),
        ends=_day(one.due_at) + WHOLE_DAY,
        zone="UTC",
        title=one.title,
        language=one.language,
        words="\n".join(filter(None, (what, whose, f"State: {one.state}"))),
        place="",
        label=one.label,
        busy=False,
    )


def _standing(row: SeriesRow) -> Iterator[Entry]:
    """What truly recurs: the day on which a series is usually held, and each member's turn at its secretariat."""
    if row.series.recurrence is not None:
        yield from _usual(row, row.series.recurrence)
    if row.series.secretariat is not None:
        yield from _turns(row, row.series.secretariat)


def _usual(row: SeriesRow, recurrence: Recurrence) -> Iterator[Entry]:
    starts_on = row.series.starts_on
    first = usual_on(recurrence, starts_on, starts_on)
    if first is not None and (row.series.until is None or first < row.series.until):
        rule = _rule(recurrence.every_months, recurrence.day, starts_on, row.series.until)
        yield _on_days(row, "usual", first, f"Usually held: {row.series.title}", rule)


def _turns(row: SeriesRow, rotation: Rotation) -> Iterator[Entry]:
    """One entry for each place in the order: it comes round when all have had their turn."""
    round_months = rotation.months * len(rotation.members)
    for place, member in enumerate(rotation.members):
        begins = add_months(rotation.since, rotation.months * place)
        rule = _rule(round_months, None, rotation.since, row.series.until)
        yield _on_days(row, f"turn-{place}", begins, f"Secretariat passes to {member}: {row.series.title}", rule)


def _rule(every_months: int, day: int | None, anchor: date, until: date | None) -> Rule:
    """Every so many months on that day; without one on the anchor's, or the last of a shorter month."""
    rule: Rule = {"FREQ": "MONTHLY", "INTERVAL": every_months, "BYMONTHDAY": day or anchor.day}
    if day is None and anchor.day > SHORTEST_MONTH:
        # Of the days that such a month has, the last: RFC 5545 leaves out what a month does not have.
        rule = {**rule, "BYMONTHDAY": list(range(SHORTEST_MONTH, anchor.day + 1)), "BYSETPOS": -1}
    return rule if until is None else {**rule, "UNTIL": until - WHOLE_DAY}


def _on_days(row: SeriesRow, what: str, begins: date, title: str, rule: Rule) -> Entry:
    return Entry(
        uid=f"{what}-{row.series.name}",
        sequence=row.changes,
        changed_at=row.said_at,
        begins=begins,
        ends=begins + WHOLE_DAY,
        zone="UTC",
        title=title,
        language=row.series.language,
        words=f"As declared by {', '.join(row.declared_by)}.",
        place="",
        label=row.label,
        busy=False,
        rule=rule,
    )


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()
