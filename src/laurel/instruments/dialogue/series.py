"""Series of meetings: what the members owe each other by the clock, when it usually falls, whose turn it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import bindparam, func, select

from laurel.core.errors import BadField
from laurel.core.instrument import Command, Desk, Item, NoAsk, Noun, Query, Role, View
from laurel.core.label import Label
from laurel.core.record import Draft, as_text
from laurel.instruments.dialogue import meetings_said, months, series_said
from laurel.instruments.dialogue.labels import check_told
from laurel.instruments.dialogue.meeting_types import MeetingRow, SeriesList, SeriesRow
from laurel.instruments.dialogue.meetings_said import Place
from laurel.instruments.dialogue.records import SERIES, Series
from laurel.instruments.dialogue.series_said import Declared, declared

OFFICERS = frozenset({Role.WATCH_OFFICER, Role.PRINCIPAL, Role.ANALYST})
LONGEST = timedelta(days=40)
"""Longer than any meeting: what began before that is over."""
_FAR = datetime.max.replace(tzinfo=UTC)

_M = meetings_said.meetings.table.c
_LAST_HELD = (
    select(_M.series, func.max(meetings_said.BEGINS).label("begins"))
    .select_from(meetings_said.TOGETHER)
    .where(meetings_said.HELD, _M.series.in_(bindparam("series", expanding=True)))
    .group_by(_M.series)
)


class DeclareSeriesAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """A series as we understand it, instead of what we said of that name before. `label`: who is told."""

    series: Series
    label: Label


def declare_series(ask: DeclareSeriesAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say it. Raises BadField, NeverFalls."""
    del view
    check_told(ask.label, desk)
    check_series(ask.series, desk)
    return (Draft(ask.series, ask.label),)


def check_series(series: Series, desk: Desk) -> None:
    """Raises BadField for strangers and an end before the start; NeverFalls."""
    rotation = series.secretariat.members if series.secretariat is not None else ()
    known = {desk.member, *desk.members, *desk.readers, *desk.founded}
    named = {*series.hosts, *rotation, *(one.member for one in series.offices)}
    if not named <= known:
        must = f"of {', '.join(sorted(known))}"
        raise BadField(field="hosts, secretariat, offices", value=", ".join(sorted(named - known)), must_be=must)
    if len(set(series.hosts)) < len(series.hosts):
        raise BadField(field="hosts", value=", ".join(series.hosts), must_be="each member once")
    if series.until is not None and series.until < series.starts_on:
        raise BadField(field="until", value=series.until, must_be=f"{series.starts_on} or later")
    if series.recurrence is not None:
        months.check_falls(series.recurrence, series.starts_on)


def owed_by(series: Series, last_held: datetime | None, now: datetime) -> datetime | None:
    """When the next must be held at the latest; None where nothing is owed, or no more."""
    if series.at_least_every_months is None or ended(series, now):
        return None
    since = last_held or datetime.combine(series.starts_on, time(), UTC)
    return months.later(since, series.at_least_every_months)


def ended(series: Series, now: datetime) -> bool:
    """Whether it is over by then."""
    return series.until is not None and now.date() >= series.until


# Read


def answer_series(ask: NoAsk, view: View, now: datetime) -> SeriesList:
    """Every series, what is owed in it by when, and whose turn it is."""
    del ask
    known = declared(view)
    lines = meetings_said.lines(view, list(known))
    since = as_text(now - LONGEST)
    near = [each.id for line in lines.values() for each in line if not each.held and each.begins >= since]
    last = [line[-1].id for line in map(_held, lines.values()) if line]
    told = [one for one in meetings_said.some(view, [*near, *last]) if one.held or meetings_said.over_at(one) >= now]
    shown = {row.id: row for row in meetings_said.rows_of(view, told, now)}
    rows = [row_of(each, lines.get(name, ()), shown, now) for name, each in known.items()]
    return SeriesList(now, tuple(sorted(rows, key=lambda row: (row.ended, row.owed_by or _FAR, row.series.name))))


def row_of(of: Declared, line: Sequence[Place], shown: dict[str, MeetingRow], now: datetime) -> SeriesRow:
    """A series as it is shown. `line` are its meetings that were not cancelled, the first first."""
    series, held = of.series, _held(line)
    last = shown[held[-1].id] if held else None
    owed = owed_by(series, last.begins_at if last else None, now)
    has = months.secretariat(series.secretariat, now.date()) if series.secretariat else None
    over = ended(series, now)
    usual = series.recurrence and not over and months.usual_on(series.recurrence, series.starts_on, now.date())
    return SeriesRow(
        series=series,
        declared_by=tuple(of.records),
        differs=of.differs,
        records=tuple(of.records.values()),
        held=len(held),
        last=last,
        next=next((shown[each.id] for each in line if not each.held and each.id in shown), None),
        owed_by=owed,
        overdue=owed is not None and now > owed,
        ended=over,
        usual_on=usual or None,
        next_host=None if over else months.next_host(series.hosts, [each.host for each in line]),
        secretariat=has[0] if has and not over else None,
        secretariat_until=has[1] if has and not over else None,
        said_at=of.at,
        changes=of.number,
        label=of.label,
        banner=of.label.banner,
    )


def _held(line: Sequence[Place]) -> list[Place]:
    return [each for each in line if each.held]


def docket(view: View, now: datetime) -> Sequence[Item]:
    """One line for each series that is overdue."""
    known = declared(view)
    held = {row.series: datetime.fromisoformat(row.begins) for row in view.rows(_LAST_HELD, series=list(known))}
    owed = [(one, owed_by(one.series, held.get(name), now)) for name, one in known.items()]
    return [_item(one, due, held.get(one.series.name)) for one, due in owed if due is not None and now > due]


def _item(of: Declared, due: datetime, last: datetime | None) -> Item:
    series = of.series
    since = f"last held on {last:%d %b %Y}" if last else f"not held since it began on {series.starts_on:%d %b %Y}"
    return Item(
        subject=of.id,
        title=f"{series.title}: the next is overdue",
        state="overdue",
        due=due,
        offices=tuple(dict.fromkeys(seat.office for seat in series.offices)) or ("principal",),
        label=of.label,
        summary=f"Owed every {series.at_least_every_months} months; {since}.",
    )


COMMANDS: tuple[Command[Any], ...] = (Command("declare-series", DeclareSeriesAsk, declare_series, OFFICERS),)
NOUN = Noun(
    tables=(series_said.series,),
    folds={SERIES.name: series_said.fold_series},
    commands=COMMANDS,
    queries=(Query("series", NoAsk, SeriesList, answer_series, live=True),),
    docket=docket,
)
