"""The calendar feed: two parsers that know nothing of us find the same, across daylight-saving changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from laurel.core.label import Classification, Label, label
from laurel.gateways.calendar import Entry, Feed, calendar_feed
from laurel.gateways.calendar_entries import entries_of
from laurel.instruments.dialogue.meeting_types import CalendarFacts, MeetingRow, Owed, SeriesList, SeriesRow
from laurel.instruments.dialogue.months import usual_on
from laurel.instruments.dialogue.records import Recurrence, Rotation, Series, Tier

SAID = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
OPEN = label(Classification.UNCLASSIFIED, {"JPN", "KOR", "USA"})
RESTRICTED = label(Classification.RESTRICTED, {"JPN", "KOR", "USA"})
NEW_YORK, TOKYO, SEOUL = (ZoneInfo(name) for name in ("America/New_York", "Asia/Tokyo", "Asia/Seoul"))
NINE = {
    # Before and after the second Sunday of March, and the first Sunday of November.
    "march-before": (datetime(2026, 3, 5, 9, tzinfo=NEW_YORK), 14),
    "march-after": (datetime(2026, 3, 12, 9, tzinfo=NEW_YORK), 13),
    "november-before": (datetime(2026, 10, 29, 9, tzinfo=NEW_YORK), 13),
    "november-after": (datetime(2026, 11, 5, 9, tzinfo=NEW_YORK), 14),
}


def a_meeting(record: str, begins_at: datetime, zone: str = "America/New_York", **more: Any) -> MeetingRow:
    facts: dict[str, Any] = {
        "id": record,
        "convener": "USA",
        "series": "cyber",
        "series_title": "Cyber",
        "tier": Tier.OFFICIALS,
        "title": f"Cyber, {record}",
        "language": "en",
        "begins_at": begins_at.astimezone(UTC),
        "ends_at": begins_at.astimezone(UTC) + timedelta(hours=2),
        "place": "Washington",
        "time_zone": zone,
        "host": "USA",
        "all_day": False,
        "state": "planned",
        "reason": "",
        "previous": None,
        "next": None,
        "source": None,
        "said_at": SAID,
        "changed_at": SAID,
        "changes": 0,
        "label": OPEN,
        "banner": OPEN.banner,
    }
    return MeetingRow(**{**facts, **more})


def a_series(recurrence: Recurrence | None = None, rotation: Rotation | None = None, **more: Any) -> SeriesRow:
    starts_on = more.pop("starts_on", date(2026, 1, 15))
    series = Series(
        name="cyber",
        title="Cyber",
        language="en",
        tier=Tier.OFFICIALS,
        topic="cyber",
        starts_on=starts_on,
        recurrence=recurrence,
        secretariat=rotation,
    )
    facts: dict[str, Any] = dict.fromkeys(SeriesRow.__struct_fields__)
    facts |= {"series": structs.replace(series, **more), "declared_by": ("JPN", "USA"), "differs": (), "records": ()}
    facts |= {"said_at": SAID, "changes": 2, "label": OPEN, "banner": OPEN.banner, "overdue": False, "ended": False}
    return SeriesRow(**facts)


def some_owed(uid: str, due_at: datetime, label: Label = OPEN) -> Owed:
    return Owed(
        uid=uid,
        what="commitment",
        title="港を開く",
        language="ja",
        due_at=due_at,
        state="open",
        member="JPN",
        office="Minister",
        record=uid,
        changed_at=SAID,
        changes=1,
        label=label,
        banner=label.banner,
    )


def entries(
    meetings: Sequence[MeetingRow] = (),
    owed: Sequence[Owed] = (),
    series: Sequence[SeriesRow] = (),
    ceiling: Classification = Classification.SECRET,
) -> tuple[Entry, ...]:
    facts = CalendarFacts(SAID, (Tier.OFFICIALS,), SAID, SAID, tuple(meetings), tuple(owed))
    return entries_of(facts, SeriesList(SAID, tuple(series)), Tier.OFFICIALS, ceiling)


def feed(found: Sequence[Entry], exercise: str | None = None) -> bytes:
    return calendar_feed(Feed("camp-david", exercise, "Camp David: officials", found))


def by_icalendar(made: bytes, first: date, last: date) -> list[tuple[str, datetime | date]]:
    """Every occurrence, by icalendar and recurring-ical-events."""
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(made)).between(first, last)
    return sorted(((str(one["UID"]), _utc(one["DTSTART"].dt)) for one in found), key=_in_order)


def by_vobject(made: bytes, first: date, last: date) -> list[tuple[str, datetime | date]]:
    """Every occurrence, by vobject and dateutil, which read the feed's own time zones."""
    found: list[tuple[str, datetime | date]] = []
    for one in events_of_vobject(made):
        # Its rule set knows moments alone: of a whole day, that at midnight.
        occurrences = [one.dtstart.value] if one.rruleset is None else [at.date() for at in one.rruleset]
        found += [(one.uid.value, _utc(at)) for at in occurrences if first <= _day(at) < last]
    return sorted(found, key=_in_order)


def events_of_vobject(made: bytes) -> list[Any]:
    return vobject.readOne(made.decode()).contents.get("vevent", [])


def events_of(made: bytes) -> list[Any]:
    return icalendar.Calendar.from_ical(made).events


def _in_order(one: tuple[str, datetime | date]) -> tuple[str, str]:
    return one[0], one[1].isoformat()


def _utc(at: datetime | date) -> datetime | date:
    return at.astimezone(UTC) if isinstance(at, datetime) else at


def _day(at: datetime | date) -> date:
    return at.date() if isinstance(at, datetime) else at


def test_two_parsers_agree_on_meetings_at_nine_in_new_york_across_both_changes_of_the_clock() -> None:
    made = feed(entries([a_meeting(name, at) for name, (at, _) in NINE.items()]))
    year = (date(2026, 1, 1), date(2027, 1, 1))
    found = by_icalendar(made, *year)
    assert found == by_vobject(made, *year)
    assert dict(found) == {f"{name}@camp-david": at.astimezone(UTC) for name, (at, _) in NINE.items()}
    hours = {name.partition("@")[0]: at.hour for name, at in found if isinstance(at, datetime)}
    assert hours == {name: hour for name, (_, hour) in NINE.items()}


def test_a_meeting_is_the_same_moment_in_washington_tokyo_and_seoul() -> None:
    at = NINE["march-after"][0]
    made = feed(entries([a_meeting(zone, at, zone) for zone in ("America/New_York", "Asia/Tokyo", "Asia/Seoul")]))
    found = {one.uid.value: one.dtstart.value for one in events_of_vobject(made)}
    assert {moment.astimezone(UTC) for moment in found.values()} == {at.astimezone(UTC)}
    walls = [found[f"{zone}@camp-david"].strftime("%H:%M") for zone in ("America/New_York", "Asia/Tokyo", "Asia/Seoul")]
    assert walls == ["09:00", "22:00", "22:00"]
    assert at.astimezone(TOKYO).hour == at.astimezone(SEOUL).hour == 22
    assert made.count(b"BEGIN:VTIMEZONE") == 3


@pytest.mark.parametrize(
    ("starts_on", "recurrence"),
    [
        (date(2026, 1, 15), Recurrence(1)),
        (date(2026, 1, 31), Recurrence(1)),
        (date(2026, 1, 31), Recurrence(3, day=31)),
        (date(2024, 2, 29), Recurrence(12)),
        (date(2026, 8, 30), Recurrence(6, month=2)),
        (date(2026, 11, 20), Recurrence(24)),
    ],
)
def test_what_recurs_falls_on_the_days_that_the_dialogue_counts(starts_on: date, recurrence: Recurrence) -> None:
    _same_days(starts_on, recurrence)


STARTS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
RECURRENCES = st.builds(Recurrence, st.integers(1, 30), st.none() | st.integers(1, 12), st.none() | st.integers(1, 31))


@settings(max_examples=5, deadline=None)
@given(starts_on=STARTS, recurrence=RECURRENCES)
def test_any_recurrence_that_falls_is_the_same_in_both_parsers(starts_on: date, recurrence: Recurrence) -> None:
    _same_days(starts_on, recurrence)


@pytest.mark.long
@settings(max_examples=300, deadline=None)
@given(starts_on=STARTS, recurrence=RECURRENCES)
def test_three_hundred_recurrences_are_the_same_in_both_parsers(starts_on: date, recurrence: Recurrence) -> None:
    _same_days(starts_on, recurrence)


def _same_days(starts_on: date, recurrence: Recurrence) -> None:
    last = date(starts_on.year + 5, 1, 1)
    expected: list[date] = []
    found = usual_on(recurrence, starts_on, starts_on)
    while found is not None and found < last:
        expected.append(found)
        found = usual_on(recurrence, starts_on, found + timedelta(days=1))
    made = feed(entries(series=[a_series(recurrence, starts_on=starts_on, until=last)]))
    assert [at for _, at in by_icalendar(made, starts_on, last)] == expected
    assert [at for _, at in by_vobject(made, starts_on, last)] == expected


def test_the_secretariat_passes_on_every_two_years_and_comes_round_after_six() -> None:
    rotation = Rotation(("KOR", "USA", "JPN"), 24, date(2024, 11, 20))
    made = feed(entries(series=[a_series(rotation=rotation, until=date(2035, 1, 1))]))
    first, last = date(2024, 1, 1), date(2035, 1, 1)
    found = by_icalendar(made, first, last)
    assert found == by_vobject(made, first, last)
    years = {at.year: uid for uid, at in found}
    turns = {year: int(uid.split("-")[1]) for year, uid in years.items()}
    assert turns == {2024: 0, 2026: 1, 2028: 2, 2030: 0, 2032: 1, 2034: 2}
    assert {(at.month, at.day) for _, at in found} == {(11, 20)}


def test_what_moved_keeps_its_name_and_its_number_grows_and_what_is_cancelled_says_so() -> None:
    planned = a_meeting("m", NINE["march-before"][0])
    moved = structs.replace(planned, begins_at=SAID, ends_at=SAID + timedelta(hours=1), changes=1, state="moved")
    cancelled = structs.replace(moved, changes=2, state="cancelled", reason="typhoon")
    found = [events_of(feed(entries([one])))[0] for one in (planned, moved, cancelled)]
    assert {str(one["UID"]) for one in found} == {"m@camp-david"}
    assert [one["SEQUENCE"] for one in found] == [0, 1, 2]
    assert [str(one["STATUS"]) for one in found] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert "typhoon" in found[2]["DESCRIPTION"]


def test_what_is_due_and_what_has_no_hour_are_whole_days() -> None:
    days = {"begins_at": datetime(2024, 6, 27, tzinfo=UTC), "ends_at": datetime(2024, 6, 29, 23, 59, 59, tzinfo=UTC)}
    exercise = structs.replace(a_meeting("e", SAID, "Asia/Seoul"), all_day=True, **days)
    due = some_owed("d", datetime(2026, 12, 31, 23, 59, tzinfo=UTC))
    events = {str(one["UID"]): one for one in events_of(feed(entries([exercise], [due])))}
    held, owed = events["e@camp-david"], events["d@camp-david"]
    assert (held["DTSTART"].dt, held["DTEND"].dt) == (date(2024, 6, 27), date(2024, 6, 30))
    assert (owed["DTSTART"].dt, owed["DTEND"].dt) == (date(2026, 12, 31), date(2027, 1, 1))
    assert owed["SUMMARY"].params["LANGUAGE"] == "ja"
    assert str(owed["TRANSP"]) == "TRANSPARENT"


def test_in_an_exercise_every_title_says_so() -> None:
    series = a_series(Recurrence(1), Rotation(("KOR", "USA"), 24, date(2024, 11, 20)), until=date(2027, 1, 1))
    found = entries([a_meeting("m", SAID)], [some_owed("d", SAID)], [series])
    assert len(found) == 5
    events = events_of(feed(found, "freedom-27"))
    assert all(str(one["SUMMARY"]).startswith("EXERCISE freedom-27: ") for one in events)


def test_a_feed_shows_nothing_above_its_ceiling_and_nothing_with_a_caveat() -> None:
    caveated = label(Classification.UNCLASSIFIED, {"JPN"}, frozenset({"EYES-ONLY"}))
    meetings = [a_meeting("open", SAID), a_meeting("restricted", SAID, label=RESTRICTED)]
    owed = [some_owed("due", SAID), some_owed("caveated", SAID, caveated)]
    for ceiling, seen in (
        (Classification.UNCLASSIFIED, {"open", "due"}),
        (Classification.RESTRICTED, {"open", "due", "restricted"}),
    ):
        assert {one.uid for one in entries(meetings, owed, ceiling=ceiling)} == seen
    made = feed(entries(meetings, owed, ceiling=Classification.RESTRICTED))
    assert b"RESTRICTED//REL TO USA\\, JPN\\, KOR" in made


@pytest.mark.attack("calendar")
def test_a_title_cannot_write_other_lines_into_the_feed() -> None:
    title = "x\r\nATTENDEE:mailto:a@example.org\r\nEND:VEVENT\u202e\x00, y; z"
    events = icalendar.Calendar.from_ical(feed(entries([a_meeting("m", SAID, title=title)]))).events
    assert len(events) == 1
    assert "ATTENDEE" not in events[0]
    assert "\u202e" not in str(events[0]["SUMMARY"])


def test_nothing_at_all_is_a_calendar_too() -> None:
    assert events_of(feed(())) == []
