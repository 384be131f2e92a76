"""Years by the calendar: when the next meeting is owed, when it usually falls, whose turn it is.

Every date is counted from its anchor, never from the date before, so a 31st that became a 30th is a 31st again. A day
that is missing at the end of a shorter month becomes that month's last, as the civil codes of all three members have
it (Japan article 143, Korea article 160); a day that a recurrence names must be there, as in RFC 5545 section 3.3.10.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from laurel.core.errors import BadAsk
from laurel.instruments.dialogue.records import MOST_MONTHS, Recurrence, Rotation


class NeverFalls(BadAsk):
    """A day that no calendar has, or too rare to be kept."""

    says = "this recurrence never falls within ten years of its start"
    remedy = "every_months from 1 to 120; a day that its months have"


def add_months(day: date, months: int) -> date:
    """That day so many months later, or the last day of a shorter month; no later than the last day there is."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def later(at: datetime, months: int) -> datetime:
    """That moment so many months later, at the same hour."""
    return datetime.combine(add_months(at.date(), months), at.timetz())


def months_between(first: date, second: date) -> int:
    """How many months of the calendar from the one's month to the other's."""
    return (second.year - first.year) * 12 + second.month - first.month


def check_falls(recurrence: Recurrence, starts_on: date) -> None:
    """Raises NeverFalls when it has no day after `starts_on` within ten years."""
    until = add_months(starts_on, MOST_MONTHS)
    if all(day == starts_on for day in _days(recurrence, starts_on, starts_on, until)):
        raise NeverFalls(
            every_months=recurrence.every_months, month=recurrence.month, day=recurrence.day, starts_on=starts_on
        )


def usual_on(recurrence: Recurrence, starts_on: date, today: date) -> date | None:
    """The first day, today or later, on which it usually falls; None when that is not within ten years."""
    since = max(today, starts_on)
    return next(_days(recurrence, starts_on, since, add_months(since, MOST_MONTHS)), None)


def _days(recurrence: Recurrence, starts_on: date, since: date, until: date) -> Iterator[date]:
    """Every day of it from `since` to `until`, both counted."""
    every = recurrence.every_months
    if every < 1:
        return
    ahead = 0 if recurrence.month is None else (recurrence.month - starts_on.month) % 12
    anchor = add_months(starts_on.replace(day=1), ahead)
    soonest = max(months_between(anchor, since), 0) // every
    for step in range(soonest, soonest + MOST_MONTHS // every + 2):
        first = add_months(anchor, step * every)
        length = monthrange(first.year, first.month)[1]
        day = min(starts_on.day, length) if recurrence.day is None else recurrence.day
        if day <= length and since <= (found := first.replace(day=day)) <= until:
            yield found


def secretariat(rotation: Rotation, today: date) -> tuple[str, date] | None:
    """Who has it on that day, and the day on which the next takes it over; None before the first."""
    if today < rotation.since:
        return None
    term = months_between(rotation.since, today) // rotation.months
    # Only the day within the month tells whether the term that begins in this month has begun.
    if add_months(rotation.since, term * rotation.months) > today:
        term -= 1
    return rotation.members[term % len(rotation.members)], add_months(rotation.since, (term + 1) * rotation.months)


def next_host(hosts: Sequence[str], before: Sequence[str | None]) -> str | None:
    """Who comes after the last host of `before` who takes turns; the first when there was none; None without turns."""
    if not hosts:
        return None
    last = next((one for one in reversed(before) if one in hosts), None)
    return hosts[0] if last is None else hosts[(hosts.index(last) + 1) % len(hosts)]
