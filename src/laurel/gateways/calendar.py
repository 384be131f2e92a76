"""A calendar that other programs subscribe to (iCalendar, RFC 5545), made from what is given. Pure.

An entry keeps its `uid` for ever, so a calendar program moves it when it moves; `sequence` grows with every change, and
what is called off stays in the feed as cancelled. A meeting stands in the time of its place, with that place's rules
for summer time in the feed: whoever reads it elsewhere sees the same moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar

from laurel import __version__
from laurel.core.label import Classification, Label
from laurel.gateways.page import HIDDEN

MEDIA_TYPE = "text/calendar"
LOOK_AGAIN = timedelta(hours=1)
ZONE_HORIZON = timedelta(days=365 * 30)
"""So long after its last entry the feed's rules for summer time hold: what recurs without end is read that far."""
WHOLE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Recurs:
    """Every `every` weeks, months or years, from the first on, up to `until` if that is set.

    In a month or a year it falls on the weekday and week of its first: the second Thursday, the last Monday.
    """

    unit: str
    every: int
    until: datetime | None = None


@dataclass(frozen=True)
class Entry:
    """A meeting, from one moment to another in the time of `zone`; or what is due on a day, `ends` being None.

    `language` is that of `title` and `words`.
    """

    uid: str
    sequence: int
    changed_at: datetime
    begins: datetime | date
    ends: datetime | None
    zone: str
    title: str
    words: str
    language: str
    place: str
    label: Label
    cancelled: bool = False
    tentative: bool = False
    recurs: Recurs | None = None


@dataclass(frozen=True)
class Feed:
    """What one address shows: `title` is the compact's and tier's name."""

    world: str
    exercise: str | None
    title: str
    entries: Sequence[Entry]


def calendar_feed(feed: Feed) -> bytes:
    """The feed, the soonest entry first. In an exercise every title says so."""
    made = icalendar.Calendar()
    name = _marked(feed, feed.title)
    for property_, value in (
        ("prodid", f"-//Laurel//{__version__}//EN"),
        ("version", "2.0"),
        ("calscale", "GREGORIAN"),
        ("method", "PUBLISH"),
        ("name", name),
        ("x-wr-calname", name),
        ("refresh-interval", icalendar.vDuration(LOOK_AGAIN, params={"VALUE": "DURATION"})),
        ("x-published-ttl", icalendar.vDuration(LOOK_AGAIN)),
    ):
        made.add(property_, value)
    entries = sorted(feed.entries, key=lambda one: (_moment(one.begins), one.uid))
    for entry in entries:
        made.add_component(_event(feed, entry))
    if entries:
        first, last = _moment(entries[0].begins), max(_moment(one.ends or one.begins) for one in entries)
        made.add_missing_timezones(date(first.year - 1, 1, 1), (last + ZONE_HORIZON).date())
    return made.to_ical()


def _event(feed: Feed, entry: Entry) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", f"{entry.uid}@{feed.world}")
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.changed_at.astimezone(UTC))
    event.add("last-modified", entry.changed_at.astimezone(UTC))
    if isinstance(entry.begins, datetime):
        zone = ZoneInfo(entry.zone)
        event.add("dtstart", entry.begins.astimezone(zone))
        event.add("dtend", (entry.ends or entry.begins).astimezone(zone))
    else:
        event.add("dtstart", entry.begins)
        event.add("dtend", entry.begins + WHOLE_DAY)
        event.add("transp", "TRANSPARENT")
    if entry.recurs is not None:
        event.add("rrule", _rule(entry, entry.recurs))
    event.add("summary", _marked(feed, entry.title), {"LANGUAGE": entry.language})
    event.add("description", _plain(f"{entry.label.banner}\n\n{entry.words}".strip()), {"LANGUAGE": entry.language})
    if entry.place:
        event.add("location", _plain(entry.place))
    event.add("class", "PUBLIC" if entry.label.classification is Classification.UNCLASSIFIED else "CONFIDENTIAL")
    event.add("status", "CANCELLED" if entry.cancelled else "TENTATIVE" if entry.tentative else "CONFIRMED")
    return event


def _rule(entry: Entry, recurs: Recurs) -> icalendar.vRecur:
    rule: dict[str, object] = {"FREQ": recurs.unit, "INTERVAL": recurs.every}
    begins = entry.begins
    if isinstance(begins, datetime):
        begins = begins.astimezone(ZoneInfo(entry.zone))
    if recurs.unit in {"MONTHLY", "YEARLY"}:
        weeks = (begins.day - 1) // 7 + 1
        # A month has a fifth Monday now and then; it always has a last one.
        rule["BYDAY"] = f"{-1 if weeks == 5 else weeks}{_weekday(begins)}"
        if recurs.unit == "YEARLY":
            rule["BYMONTH"] = begins.month
    if recurs.until is not None:
        rule["UNTIL"] = recurs.until.astimezone(UTC)
    return icalendar.vRecur(rule)


def _weekday(day: date) -> str:
    return ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[day.weekday()]


def _marked(feed: Feed, title: str) -> str:
    return _plain(title if feed.exercise is None else f"EXERCISE {feed.exercise}: {title}")


def _plain(words: str) -> str:
    """Without what no calendar prints, and marks that turn the order of letters round."""
    return HIDDEN.sub("", words)


def _moment(at: datetime | date) -> datetime:
    return at.astimezone(UTC) if isinstance(at, datetime) else datetime(at.year, at.month, at.day, tzinfo=UTC)


def on_day(at: datetime, zone: str) -> date:
    """The day that a moment falls on where `zone` counts."""
    return at.astimezone(ZoneInfo(zone)).date()


def visible(label: Label, ceiling: Classification) -> bool:
    """Whether a feed with this ceiling may show it. What carries a caveat it may not: nobody watches over a link."""
    return label.classification.rank <= ceiling.rank and not label.caveats


def only_visible(entries: Iterable[Entry], ceiling: Classification) -> tuple[Entry, ...]:
    """Those that the feed may show."""
    return tuple(one for one in entries if visible(one.label, ceiling))
