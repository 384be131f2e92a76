"""Years by the calendar: month ends, leap years, turns; each held against counting day by day."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.instruments.dialogue.months import (
    NeverFalls,
    add_months,
    check_falls,
    later,
    months_between,
    next_host,
    secretariat,
    usual_on,
)
from laurel.instruments.dialogue.records import Recurrence, Rotation

DAYS = st.dates(date(1999, 1, 1), date(2101, 12, 31))
RECURRENCES = st.builds(
    Recurrence,
    every_months=st.integers(1, 40),
    month=st.none() | st.integers(1, 12),
    day=st.none() | st.integers(1, 31),
)


@pytest.mark.parametrize(
    ("start", "months", "then"),
    [
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2027, 1, 31), 2, date(2027, 3, 31)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2096, 2, 29), 48, date(2100, 2, 28)),
        (date(2023, 8, 18), 12, date(2024, 8, 18)),
        (date(9999, 12, 1), 1, date.max),
    ],
)
def test_a_month_later_is_that_day_or_the_last_of_a_shorter_month(start: date, months: int, then: date) -> None:
    assert add_months(start, months) == then


@given(DAYS, st.integers(0, 240))
def test_months_are_counted_from_the_anchor_and_nothing_drifts(start: date, months: int) -> None:
    then = add_months(start, months)
    assert months_between(start, then) == months
    assert then.day == min(start.day, monthrange(then.year, then.month)[1])
    assert add_months(start, months + 1) > then


def test_the_hour_of_what_is_owed_stays() -> None:
    assert later(datetime(2024, 2, 29, 23, 59, tzinfo=UTC), 12) == datetime(2025, 2, 28, 23, 59, tzinfo=UTC)


def anchor_of(recurrence: Recurrence, starts_on: date) -> date:
    """The first day of the month from which its months are counted."""
    months = (add_months(starts_on.replace(day=1), ahead) for ahead in range(12))
    return next(month for month in months if recurrence.month in {None, month.month})


def falls_on(recurrence: Recurrence, starts_on: date, day: date) -> bool:
    """The rule in one sentence, asked of each day."""
    last = monthrange(day.year, day.month)[1]
    wanted = recurrence.day if recurrence.day is not None else min(starts_on.day, last)
    return (
        day >= starts_on
        and day.day == wanted
        and months_between(anchor_of(recurrence, starts_on), day) % recurrence.every_months == 0
        and day >= anchor_of(recurrence, starts_on)
    )


@given(RECURRENCES, DAYS, st.integers(-400, 2_000))
def test_the_usual_day_is_the_first_that_counting_day_by_day_finds(
    recurrence: Recurrence, starts_on: date, after: int
) -> None:
    today = starts_on + timedelta(days=after)
    since = max(today, starts_on)
    until = add_months(since, 120)
    days = (since + timedelta(days=ahead) for ahead in range((until - since).days + 1))
    assert usual_on(recurrence, starts_on, today) == next(
        (day for day in days if falls_on(recurrence, starts_on, day)), None
    )


@given(RECURRENCES, DAYS)
def test_what_never_falls_is_refused_and_nothing_else(recurrence: Recurrence, starts_on: date) -> None:
    until = add_months(starts_on, 120)
    days = (starts_on + timedelta(days=ahead) for ahead in range(1, (until - starts_on).days + 1))
    if any(falls_on(recurrence, starts_on, day) for day in days):
        check_falls(recurrence, starts_on)
    else:
        with pytest.raises(NeverFalls):
            check_falls(recurrence, starts_on)


@pytest.mark.parametrize(
    ("recurrence", "starts_on"),
    [
        (Recurrence(0), date(2027, 1, 1)),
        (Recurrence(12, month=2, day=30), date(2027, 2, 1)),
        (Recurrence(121), date(2027, 1, 15)),
        (Recurrence(1_200), date(2027, 1, 15)),
        (Recurrence(84, day=29), date(2030, 2, 1)),
        (Recurrence(12, month=11, day=31), date(2027, 11, 1)),
    ],
)
def test_a_recurrence_that_never_falls_says_what_would(recurrence: Recurrence, starts_on: date) -> None:
    with pytest.raises(NeverFalls, match="every_months from 1 to 120"):
        check_falls(recurrence, starts_on)


def test_a_leap_day_falls_in_leap_years() -> None:
    yearly = Recurrence(12, month=2, day=29)
    check_falls(yearly, date(2027, 2, 1))
    assert usual_on(yearly, date(2027, 2, 1), date(2027, 3, 1)) == date(2028, 2, 29)
    assert usual_on(yearly, date(2027, 2, 1), date(2096, 3, 1)) == date(2104, 2, 29)


def test_the_secretariat_of_the_three_goes_round_by_terms_of_two_years() -> None:
    rotation = Rotation(("KOR", "USA", "JPN"), 24, date(2024, 11, 20))
    assert secretariat(rotation, date(2024, 11, 19)) is None
    assert secretariat(rotation, date(2024, 11, 20)) == ("KOR", date(2026, 11, 20))
    assert secretariat(rotation, date(2026, 11, 19)) == ("KOR", date(2026, 11, 20))
    assert secretariat(rotation, date(2026, 11, 20)) == ("USA", date(2028, 11, 20))
    assert secretariat(rotation, date(2030, 12, 31)) == ("KOR", date(2032, 11, 20))


@given(st.integers(1, 30), DAYS, st.integers(0, 8_000))
def test_every_day_belongs_to_one_term_and_terms_follow_without_a_gap(months: int, since: date, after: int) -> None:
    rotation = Rotation(("KOR", "USA", "JPN"), months, since)
    today = since + timedelta(days=after)
    found = secretariat(rotation, today)
    assert found is not None
    member, until = found
    term = 0
    while add_months(since, (term + 1) * months) <= today:
        term += 1
    assert (member, until) == (rotation.members[term % 3], add_months(since, (term + 1) * months))
    following = secretariat(rotation, until)
    assert following is not None
    assert following[0] == rotation.members[(term + 1) % 3]


@given(st.lists(st.sampled_from([None, "CHL", "DEU"]), max_size=5), st.integers(1, 30))
def test_turns_are_fair_whoever_hosts_on_the_margins_of_another_meeting(margins: list[str | None], times: int) -> None:
    hosts, before = ("USA", "JPN", "KOR"), list[str | None]()
    for _ in range(times):
        before.append(next_host(hosts, before))
        before += margins
    counted = Counter(one for one in before if one in hosts)
    assert max(counted.values()) - min((counted[one] for one in hosts), default=0) <= 1
    assert next_host((), before) is None
