"""What stands in a calendar: meetings of a tier, and what is due. Facts alone; a gateway writes them as iCalendar.

A commitment is in the calendar of a tier whose series it was promised for, or whose meetings its office attends; one
that no tier can be told for is in every calendar.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated

from msgspec import Meta, Struct
from sqlalchemy import bindparam, func, select

from laurel.core.errors import BadField
from laurel.core.instrument import NoAsk, Noun, Query, View
from laurel.core.record import Utc
from laurel.instruments.dialogue import commitments_said, meetings_said
from laurel.instruments.dialogue.commitment_types import CommitmentRow
from laurel.instruments.dialogue.meeting_types import CalendarFacts, Owed, SeriesRow
from laurel.instruments.dialogue.offices_said import Register, key_of, register
from laurel.instruments.dialogue.records import Tier
from laurel.instruments.dialogue.series import answer_series
from laurel.instruments.dialogue.series_said import Declared, declared

BEFORE, AFTER = timedelta(days=400), timedelta(days=800)
LONGEST = timedelta(days=3_660)
MOST = 1_000
_W = commitments_said.words.table.c
_TIMES = (
    select(_W.commitment, func.count().label("times"))
    .where(_W.commitment.in_(bindparam("of", expanding=True)))
    .group_by(_W.commitment)
)


class CalendarAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in the calendar of these tiers (none: all) between two times; else about a year and two ahead."""

    tiers: Annotated[tuple[Tier, ...], Meta(max_length=5)] = ()
    since: Utc | None = None
    until: Utc | None = None


def answer_calendar(ask: CalendarAsk, view: View, now: datetime) -> CalendarFacts:
    """Meetings, cancelled ones too, and what is due: series, commitments and their milestones. Raises BadField."""
    since, until = ask.since or now - BEFORE, ask.until or now + AFTER
    if not timedelta() <= until - since <= LONGEST:
        raise BadField(field="until", value=until.isoformat(), must_be=f"within ten years after {since.isoformat()}")
    tiers = tuple(tier for tier in Tier if not ask.tiers or tier in ask.tiers)
    known = declared(view)
    told = [
        one
        for one in meetings_said.between(view, since, until)
        if one.meeting.series not in known or known[one.meeting.series].series.tier in tiers
    ]
    owed = [*_series(view, tiers, now), *_promised(view, known, tiers, since, now)]
    chosen = sorted((one for one in owed if since <= one.due_at <= until), key=lambda one: (one.due_at, one.uid))
    return CalendarFacts(now, tiers, since, until, meetings_said.rows_of(view, told, now), tuple(chosen))


def _series(view: View, tiers: Sequence[Tier], now: datetime) -> Iterable[Owed]:
    for row in answer_series(NoAsk(), view, now).series:
        if row.owed_by is not None and row.series.tier in tiers:
            yield _owed(row, row.owed_by)


def _owed(row: SeriesRow, due_at: datetime) -> Owed:
    last = row.last
    return Owed(
        uid=f"series-{row.series.name}",
        what="series",
        title=row.series.title,
        language=row.series.language,
        due_at=due_at,
        state="overdue" if row.overdue else "owed",
        member=row.next_host,
        office=None,
        record=row.records[0],
        changed_at=max(row.said_at, last.changed_at) if last else row.said_at,
        changes=row.changes + row.held,
        label=row.label,
        banner=row.banner,
    )


def _promised(
    view: View,
    known: Mapping[str, Declared],
    tiers: Sequence[Tier],
    since: datetime,
    now: datetime,
) -> Iterable[Owed]:
    offices = register(view)
    found = commitments_said.due_since(view, since, MOST)
    rows = commitments_said.rows_of(view, found, offices, now)
    times: Counter[str] = Counter({row.commitment: row.times for row in view.rows(_TIMES, of=[row.id for row in rows])})
    attended = _attended(known, offices)
    for row in rows:
        series = known.get(row.series or "")
        of = {series.series.tier} if series else attended[row.member, key_of(row.bound_to or "")]
        if not of or of & set(tiers):
            yield from _each(row, times[row.id])


def _attended(known: Mapping[str, Declared], offices: Register) -> defaultdict[tuple[str, str], set[Tier]]:
    found: defaultdict[tuple[str, str], set[Tier]] = defaultdict(set)
    for one in known.values():
        for seat in one.series.offices:
            found[seat.member, key_of(offices.heir(seat.member, seat.office) or "")].add(one.series.tier)
    return found


def _each(row: CommitmentRow, times: int) -> Iterable[Owed]:
    """The commitment, and each of its milestones, where they have a day."""
    heard = row.progress.said_at if row.progress else row.said_at
    state = "nobody's" if row.nobodys and row.open else "overdue" if row.overdue else row.state
    steps = [
        (f"{row.id}-{place}", "milestone", one.title, one.due_at, "reached" if place in row.reached else state)
        for place, one in enumerate(row.milestones)
    ]
    for uid, what, title, due_at, stands in ((row.id, "commitment", row.words, row.due_at, state), *steps):
        if due_at is not None:
            yield Owed(
                uid=uid,
                what=what,
                title=title,
                language=row.language,
                due_at=due_at,
                state=stands,
                member=row.member,
                office=row.bound_to,
                record=row.id,
                changed_at=heard,
                changes=times,
                label=row.label,
                banner=row.banner,
            )


NOUN = Noun(queries=(Query("calendar", CalendarAsk, CalendarFacts, answer_calendar),))
