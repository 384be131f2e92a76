"""A calendar that other programs subscribe to (iCalendar, RFC 5545), made from what the dialogue answers. Pure.

An entry keeps its `uid` for ever, so a calendar program moves it when it moves; `sequence` grows with every change, and
what is called off stays in the feed as cancelled. A meeting stands in the time of its place, with that place's rules
for summer time in the feed: whoever reads it elsewhere sees the same moment. What is due is due on a day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar

from laurel import __version__
from laurel.core.label import Classification, Label
from laurel.gateways.page import HIDDEN

MEDIA_TYPE = "text/calendar"
LOOK_AGAIN = timedelta(hours=1)
ZONE_HORIZON = timedelta(days=366 * 10)
"""So long after its last entry the feed's rules for summer time hold."""
WHOLE_DAY = timedelta(days=1)

Rule = Mapping[str, Any]


@dataclass(frozen=True)
class Entry:
    """A meeting from one moment to another, in the time of `zone`; or what has whole days, `ends` being the day after.

    `language` is that of `title`; `words` are ours, in English. `rule` makes it recur (RFC 5545, 3.3.10). What is
    not `busy` takes nobody's time.
    """

    uid: str
    sequence: int
    changed_at: datetime
    begins: datetime | date
    ends: datetime | date
    zone: str
    title: str
    language: str
    words: str
    place: str
    label: Label
    cancelled: bool = False
    busy: bool = True
    rule: Rule | None = None


@dataclass(frozen=True)
class Feed:
    """What one address shows. `title` names the compact and the tier."""

    world: str
    exercise: str | None
    title: str
    entries: Sequence[Entry]


def visible(label: Label, ceiling: Classification) -> bool:
    """Whether a feed with this ceiling may show it. What carries a caveat it may not: nobody watches over a link."""
    return label.classification.rank <= ceiling.rank and not label.caveats


def calendar_feed(feed: Feed) -> bytes:
    """The feed, the first to begin first. In an exercise every title says so."""
    made = icalendar.Calendar()
    name = _marked(feed, feed.title)
    made.add("prodid", f"-//Laurel//{__version__}//EN")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("name", name)
    made.add("x-wr-calname", name)
    made.add("refresh-interval", LOOK_AGAIN, {"VALUE": "DURATION"})
    made.add("x-published-ttl", icalendar.vDuration(LOOK_AGAIN))
    entries = sorted(feed.entries, key=lambda one: (_moment(one.begins), one.uid))
    for entry in entries:
        made.add_component(_event(feed, entry))
    if entries:
        first, last = _moment(entries[0].begins), max(_moment(one.ends) for one in entries)
        made.add_missing_timezones(date(first.year - 1, 1, 1), (last + ZONE_HORIZON).date())
    return made.to_ical()


def _event(feed: Feed, entry: Entry) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", f"{entry.uid}@{feed.world}")
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.changed_at.astimezone(UTC))
    event.add("last-modified", entry.changed_at.astimezone(UTC))
    event.add("dtstart", _there(entry.begins, entry.zone))
    event.add("dtend", _there(entry.ends, entry.zone))
    if entry.rule is not None:
        event.add("rrule", icalendar.vRecur(dict(entry.rule)))
    event.add("summary", _marked(feed, entry.title), {"LANGUAGE": entry.language})
    event.add("description", _plain(f"{entry.label.banner}\n\n{entry.words}".rstrip()))
    if entry.place:
        event.add("location", _plain(entry.place))
    event.add("class", "PUBLIC" if entry.label.classification is Classification.UNCLASSIFIED else "CONFIDENTIAL")
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("transp", "OPAQUE" if entry.busy and not entry.cancelled else "TRANSPARENT")
    return event


def _there(at: datetime | date, zone: str) -> datetime | date:
    return at.astimezone(ZoneInfo(zone)) if isinstance(at, datetime) else at


def _marked(feed: Feed, title: str) -> str:
    return _plain(title if feed.exercise is None else f"EXERCISE {feed.exercise}: {title}")


def _plain(words: str) -> str:
    """Without what no calendar prints, and marks that turn the order of letters round."""
    return HIDDEN.sub("", words)


def _moment(at: datetime | date) -> datetime:
    return at if isinstance(at, datetime) else datetime.combine(at, time(), UTC)
