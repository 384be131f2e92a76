"""The list of published missile tests of nagix/nk-missile-tests: its lines, and past incidents made from them.

The list (Apache-2.0) follows the database of the James Martin Center for Nonproliferation Studies; its author added
bearings. A day stands there alone, or with a time in UTC; what is not known is said as unknown.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any, cast

import msgspec
from msgspec import Struct

from laurel.core.errors import BadField
from laurel.instruments.region.records import DatasetLine, Figure, Incident, Interval, Place, Spot

DATASET = "missile-tests"
TITLE = "nk-missile-tests: published flight tests"
PUBLISHER = "nagix/nk-missile-tests"
ADDRESS = "https://github.com/nagix/nk-missile-tests"
LICENCE = "Apache-2.0"
UNKNOWN = "unknown"
LOCAL = timedelta(hours=9)
"""Of the sites, and of Seoul and Tokyo (from August 2015 to May 2018 the sites' own clocks showed UTC+8:30)."""

_TIME = re.compile(r"(\d\d):(\d\d) \(UTC\)")
_MONTH = re.compile(r"(\d{4})-(\d\d)")


class Facility(Struct, frozen=True):
    """A launch site, degrees, WGS84."""

    name: str
    lat: float
    lon: float


class Line(Struct, frozen=True):
    """One test. `slug` is its day and its place among those of that day; None is what was not published.

    `place` is the list's own, also where it stands for an unknown site.
    """

    slug: str
    day: str
    time: str
    when: Interval
    missile: str
    facility: str
    place: Facility | None
    landing: str
    apogee_km: float | None
    distance_km: float | None
    bearing_deg: float | None
    outcome: str | None
    description: str


class Listed(Struct, frozen=True):
    """The list's lines in its order, its own count by year, and what could not be read."""

    lines: tuple[Line, ...]
    years: dict[int, int]
    findings: tuple[str, ...]


class _Facilities(Struct, frozen=True):
    facilities: dict[str, Facility]


class _Bin(Struct, frozen=True):
    year: int
    data: list[dict[str, Any]]


class _Bins(Struct, frozen=True, rename="camel"):
    time_bins: list[_Bin]


def read_tests(tests: bytes, facilities: bytes) -> Listed:
    """The list as it was published. A line that is none is named, and the rest goes on. Raises BadField."""
    try:
        bins = msgspec.json.decode(tests, type=_Bins).time_bins
        places = msgspec.json.decode(facilities, type=_Facilities).facilities
    except (ValueError, RecursionError) as error:
        raise BadField(field="file", why=str(error), must_be="test.en.json and facility.en.json") from None
    lines: list[Line] = []
    findings: list[str] = []
    of_day: defaultdict[str, int] = defaultdict(int)
    for part in bins:
        for nth, one in enumerate(part.data, 1):
            day = str(one.get("date", ""))
            of_day[day] += 1
            try:
                line = _line(one, f"{day}-{of_day[day]}", places)
            except (ValueError, KeyError) as error:
                findings.append(f"{part.year}, line {nth}: left out: {type(error).__name__} {error}")
                continue
            lines.append(line)
            if line.place is None:
                findings.append(f"{line.slug}: facility {line.facility!r} is not among the facilities: place unknown")
            if line.when.begins_at.year != part.year:
                findings.append(f"{line.slug}: stands under {part.year}")
    return Listed(tuple(lines), {part.year: len(part.data) for part in bins}, tuple(findings))


def past_incident(line: Line, report: str) -> Incident:
    """The test as a past incident that rests on the report of the list."""
    known = line.place if line.facility != UNKNOWN else None
    figures = (
        ("apogee", line.apogee_km, "km"),
        ("distance", line.distance_km, "km"),
        ("bearing", line.bearing_deg, "deg"),
    )
    kind = "a missile of unknown type" if line.missile == UNKNOWN else line.missile
    return Incident(
        type="missile-launch",
        title=f"Launch of {kind}, {'site unknown' if known is None else known.name}",
        language="en",
        text="\n\n".join(part for part in (line.description, _facts(line)) if part),
        when=line.when,
        where=None if known is None else Place(known.name, "en", Spot(known.lat, known.lon)),
        outcome=line.outcome,
        figures=tuple(Figure(name, value, unit) for name, value, unit in figures if value is not None),
        reports=(report,),
        taken_from=DatasetLine(DATASET, line.slug),
    )


def by_year(lines: tuple[Line, ...]) -> dict[int, int]:
    """How many began in each year, UTC."""
    return dict(sorted(Counter(line.when.begins_at.year for line in lines).items()))


def _line(one: Mapping[str, Any], slug: str, places: Mapping[str, Facility]) -> Line:
    day, time, outcome = str(one["date"]), str(one["time"]), str(one["outcome"])
    return Line(
        slug=slug,
        day=day,
        time=time,
        when=_when(day, time),
        missile=str(one["missile"]),
        facility=str(one["facility"]),
        place=places.get(str(one["facility"])),
        landing=str(one["landing"]),
        apogee_km=_figure(one["apogee"]),
        distance_km=_figure(one["distance"]),
        bearing_deg=_figure(one["bearing"]),
        outcome=None if outcome == UNKNOWN else outcome,
        description=str(one["description"]).strip(),
    )


def _when(day: str, time: str) -> Interval:
    """To the minute, else the whole day or the whole month, UTC. Raises ValueError."""
    month = _MONTH.fullmatch(day)
    if month is not None:
        begins_at = datetime(int(month[1]), int(month[2]), 1, tzinfo=UTC)
        return Interval(begins_at, (begins_at + timedelta(days=31)).replace(day=1))
    begins_at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    clock = _TIME.fullmatch(time)
    if clock is None:
        return Interval(begins_at, begins_at + timedelta(days=1))
    at = begins_at.replace(hour=int(clock[1]), minute=int(clock[2]))
    return Interval(at, at)


def _figure(value: object) -> float | None:
    """The figure, if one was published."""
    try:
        figure = float(cast("str", value))
    except (TypeError, ValueError):
        return None
    return figure if isfinite(figure) else None


def _facts(line: Line) -> str:
    """What the list says in columns, in its own words, and what it does not say."""

    def km(value: float | None) -> str:
        return UNKNOWN if value is None else f"{value:g} km"

    bearing = UNKNOWN if line.bearing_deg is None else f"{line.bearing_deg:g} degrees (added by the list's author)"
    facility = line.facility if line.place is None or line.facility == UNKNOWN else line.place.name
    columns = (
        f"In the list: date {line.day}, time {line.time}, missile {line.missile}, facility {facility}, "
        f"landing {line.landing}, apogee {km(line.apogee_km)}, distance {km(line.distance_km)}, bearing {bearing}, "
        f"outcome {line.outcome or UNKNOWN}."
    )
    if line.when.begins_at == line.when.ends_at:
        return f"{columns} Local time at the site (UTC+9): {line.when.begins_at + LOCAL:%Y-%m-%d %H:%M}."
    span = "day" if line.when.ends_at - line.when.begins_at == timedelta(days=1) else "month"
    return (
        f"{columns} The time is unknown: the whole {span} in UTC is meant, which at the site (UTC+9) is from "
        f"{line.when.begins_at + LOCAL:%Y-%m-%d %H:%M} to {line.when.ends_at + LOCAL:%Y-%m-%d %H:%M}."
    )
