"""Launches that were announced, and how well what flies agrees with them.

On 25 January 1995 a sounding rocket had been announced, and the notice never reached those who saw it rise. Here it
stands on the track itself. It takes nothing away: what agrees is tracked, predicted and warned of like everything else,
and what agrees in time and place but flies elsewhere may hide behind the notice, and is said to.

- Time: the launch lies in a window, or outside by no more than three sigma, and never by more than `LATE_S`.
- Place: the 90 % ellipse of the launch point touches the circle of the site.
- Path: the 90 % ellipse of the impact touches a notified area; with a direction alone, the way there leads that way.
  Before there is an impact point only the heading can tell that it leads elsewhere; that it comes down where it was
  announced, it cannot. What orbits as it was announced to is told by its heading.
- A notice announces one launch. When several fit it in time and place, none is taken for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from math import atan2, cos, degrees, hypot, radians, sin

import msgspec
import numpy as np
from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, Table, Text, bindparam, select

from laurel.core.instrument import Kept, Meet, Rows, View
from laurel.core.label import Label, join
from laurel.core.record import Record
from laurel.instruments.region.records import LaunchClass, NoticeCancelled, NotifiedLaunch
from laurel.instruments.warning.judgement import parent
from laurel.instruments.warning.picture_types import (
    Ellipse,
    Launch,
    MemberTrack,
    NoticeMatch,
    ObservedImpactPoint,
    PredictedImpactPoint,
)
from laurel.instruments.warning.records import LaunchPoint, NoticeFit, NoticeNamed
from laurel.instruments.warning.view import FLIGHT_LASTS, micros
from laurel.physics.compiled import Matrix
from laurel.physics.earth import MEAN_RADIUS_M, geodesic
from laurel.physics.outline import way_to

LATE_S = 120.0
SIGMAS = 3.0
MARGIN_DEG = 15.0
"""A motor steers, and a direction is announced in round numbers."""
LEAST_WAY_M = 30_000.0
"""Nearer than that to its launch point nothing has a heading."""
FARTHEST_M = 200_000.0
"""No ellipse of a launch point that is told reaches farther."""
MOST_HELD = 8
"""Against so many notices a launch is held: the same one may have been passed on by several members."""
RELIABLE, CREDIBLE = "ABC", "123"
"""Grades of a notice that may change a confidence."""

_metadata = MetaData()
notice = Kept(
    Table(
        "warning_notice",
        _metadata,
        Column("record", Text, primary_key=True),
        Column("origin", Text, nullable=False),
        Column("begins_us", BigInteger, nullable=False),
        Column("ends_us", BigInteger, nullable=False),
        Column("label", LargeBinary, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Index("warning_notice_ends", "ends_us"),
    ),
    Meet.ONCE,
)
ended = Kept(
    Table(
        "warning_notice_ended",
        _metadata,
        Column("record", Text, primary_key=True),
        Column("origin", Text, nullable=False),
        Column("notice", Text, nullable=False),
        Index("warning_notice_ended_notice", "notice"),
    ),
    Meet.ONCE,
)
TABLES = (notice, ended)
_N, _E = notice.table.c, ended.table.c
_ENDED = select(_E.record).where(_E.notice == _N.record, _E.origin == _N.origin).correlate(notice.table)
_STANDING = (
    select(notice.table)
    .where(_N.ends_us >= bindparam("since_us"), _N.begins_us <= bindparam("until_us"), ~_ENDED.exists())
    .order_by(_N.begins_us, _N.ends_us, _N.origin, _N.record)
)


def fold_notice(record_id: str, record: Record[NotifiedLaunch]) -> Rows:
    """The notice, and the end of the one it replaces."""
    body = record.body
    row = {
        "record": record_id,
        "origin": record.origin,
        "begins_us": micros(min(one.begins_at for one in body.windows)),
        "ends_us": micros(max(one.ends_at for one in body.windows)),
        "label": msgspec.msgpack.encode(record.label),
        "body": msgspec.msgpack.encode(body),
    }
    if body.replaces is None:
        return ((notice, row),)
    return ((notice, row), (ended, {"record": record_id, "origin": record.origin, "notice": body.replaces}))


def fold_cancelled(record_id: str, record: Record[NoticeCancelled]) -> Rows:
    """The end of a notice."""
    return ((ended, {"record": record_id, "origin": record.origin, "notice": record.body.notice}),)


@dataclass(frozen=True, eq=False)
class Notice:
    """A notice that stands, who passed it on and to whom."""

    record: str
    member: str
    label: Label
    body: NotifiedLaunch

    @property
    def counts(self) -> bool:
        """Whether its grade is good enough to change a confidence."""
        return self.body.grade[0] in RELIABLE and self.body.grade[1] in CREDIBLE


def standing(view: View, now: datetime) -> tuple[Notice, ...]:
    """The notices that what flies now may have been announced by."""
    since = micros(now - FLIGHT_LASTS - timedelta(seconds=LATE_S))
    rows = view.rows(_STANDING, since_us=since, until_us=micros(now + timedelta(seconds=LATE_S)))
    return tuple(_notice(row.record, row.origin, row.label, row.body) for row in rows)


@lru_cache(maxsize=512)
def _notice(record: str, member: str, label: bytes, body: bytes) -> Notice:
    """Every screen asks for the same ones."""
    return Notice(record, member, _label_of.decode(label), _body_of.decode(body))


_label_of = msgspec.msgpack.Decoder(Label)
_body_of = msgspec.msgpack.Decoder(NotifiedLaunch)


def may_name(notices: Iterable[Notice], label: Label) -> tuple[Notice, ...]:
    """Those that everyone may have who is told something under that label."""
    return tuple(
        one for one in notices if set(label.rel_to) <= set(one.label.rel_to) and join(label, one.label) == label
    )


# Judged


@dataclass(frozen=True)
class Flown:
    """What is known of one thing's flight: where it was launched, where it is, where it came or will come down."""

    launch: Launch
    lat_deg: float
    lon_deg: float
    sigma_m: float
    impact: PredictedImpactPoint | ObservedImpactPoint | None
    in_orbit: bool


def near(launches: Sequence[Launch | LaunchPoint | None], notices: Sequence[Notice]) -> list[list[Notice]]:
    """For each launch the notices that it may fit in time and place, the nearest site first, `MOST_HELD` at most.

    A coarse look at all of both at once, on a sphere.
    """
    found: list[list[Notice]] = [[] for _ in launches]
    known = [at for at, one in enumerate(launches) if one is not None]
    if not known or not notices:
        return found
    made = [one for one in launches if one is not None]
    at_us = np.array([micros(one.at) for one in made])
    begins = np.array([min(micros(window.begins_at) for window in one.body.windows) for one in notices])
    ends = np.array([max(micros(window.ends_at) for window in one.body.windows) for one in notices])
    late_us = LATE_S * 1e6
    fits = (at_us[:, None] >= begins - late_us) & (at_us[:, None] <= ends + late_us)
    places = _upright([(one.lat_deg, one.lon_deg) for one in made])
    sites = _upright([(one.body.site.lat_deg, one.body.site.lon_deg) for one in notices])
    apart_m = MEAN_RADIUS_M * np.arccos(np.clip(places @ sites.T, -1.0, 1.0))
    fits &= apart_m <= np.array([one.body.site.within_m for one in notices]) + FARTHEST_M
    for one in np.flatnonzero(fits.any(axis=1)).tolist():
        others = np.flatnonzero(fits[one])
        nearest = others[np.argsort(apart_m[one, others], kind="stable")][:MOST_HELD]
        found[known[one]] = [notices[other] for other in nearest.tolist()]
    return found


def _upright(places: Sequence[tuple[float, float]]) -> Matrix:
    """(n, 3) unit vectors."""
    lat, lon = np.radians(np.array(places)).T
    return np.column_stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)))


def crowded(groups: Sequence[Sequence[MemberTrack]], notices: Sequence[Notice]) -> dict[str, int]:
    """By notice: how many things were launched that fit it in time and place, if more than one. Parts do not count."""
    first = [next((one.track.launch for one in group if one.track.launch is not None), None) for group in groups]
    fit: Counter[str] = Counter()
    for group, point, candidates in zip(groups, first, near(first, notices), strict=True):
        if point is None or not candidates or parent(group) is not None:
            continue
        reach_m = SIGMAS * max(point.covariance_m2[0], point.covariance_m2[2], 0.0) ** 0.5
        for one in candidates:
            site = one.body.site
            apart_m = geodesic(point.lat_deg, point.lon_deg, site.lat_deg, site.lon_deg).distance_m
            if _late_s(one, point.at) <= _allowed_s(point.at_sigma_s) and apart_m <= site.within_m + reach_m:
                fit[one.record] += 1
    return {record: count for record, count in fit.items() if count > 1}


RANK = (NoticeFit.AS_NOTIFIED, NoticeFit.PATH_UNKNOWN, NoticeFit.TOO_MANY, NoticeFit.OFF_PATH)


def fitting(launch: Launch, candidates: Sequence[Notice]) -> list[Notice]:
    """Those that it fits in time and place."""
    return [
        one for one in candidates if _late_s(one, launch.at) <= _allowed_s(launch.at_sigma_s) and _there(launch, one)
    ]


def _there(launch: Launch, one: Notice) -> bool:
    way = geodesic(launch.lat_deg, launch.lon_deg, one.body.site.lat_deg, one.body.site.lon_deg)
    return way.distance_m <= one.body.site.within_m + _reach_m(launch.ellipse90, way.azimuth_deg)


def match(flown: Flown, fit: Sequence[Notice], crowds: dict[str, int]) -> NoticeMatch | None:
    """Of the notices that it fits in time and place, the one that it fits best in path; None when there are none."""
    found = [_match(flown, one, crowds.get(one.record, 1)) for one in fit]
    return min(found, key=lambda one: (not one.counts, RANK.index(one.fit), one.notice), default=None)


def _match(flown: Flown, one: Notice, launched: int) -> NoticeMatch:
    launch, site = flown.launch, one.body.site
    late_s = _late_s(one, launch.at)
    way = geodesic(launch.lat_deg, launch.lon_deg, site.lat_deg, site.lon_deg)
    fit, path = _path(flown, one.body)
    if launched > 1 and fit is not NoticeFit.OFF_PATH:
        fit = NoticeFit.TOO_MANY
    time = f"launched at {launch.at:%H:%M:%S} UTC ± {launch.at_sigma_s:.0f} s, " + (
        "within the notified window" if late_s == 0.0 else f"{late_s:.0f} s outside the notified window"
    )
    place = (
        f"{way.distance_m / 1e3:,.1f} km from {one.body.site_name} (radius {site.within_m / 1e3:,.1f} km), known to "
        f"± {launch.ellipse90.semi_major_m / 1e3:,.1f} km (90 %)"
    )
    return NoticeMatch(
        notice=one.record,
        member=one.member,
        notifier=one.body.notifier,
        number=one.body.number,
        vehicle=one.body.vehicle.value,
        grade=one.body.grade,
        counts=one.counts,
        fit=fit,
        time=time,
        place=place,
        path=path,
        words=_words(one, fit, time, place, path, launched),
    )


def _words(one: Notice, fit: NoticeFit, time: str, place: str, path: str, launched: int) -> str:
    """In a few sentences which notice, how well it fits, and what follows."""
    body = one.body
    vehicle = body.vehicle.value.replace("-", " ")
    of = f"a {vehicle} notified by {body.notifier} ({body.source} {body.number}, graded {body.grade})"
    if fit is NoticeFit.TOO_MANY:
        follows = f"{launched} launches fit the notice of {of}, which announces one: none is taken for it."
    else:
        follows = FOLLOWS[fit].format(of)
    doubt = "" if one.counts else f" A notice graded {body.grade} changes no confidence."
    return f"{follows} It was {time}, {place}; {path}.{doubt}"


FOLLOWS = {
    NoticeFit.AS_NOTIFIED: "It flies as {}: less likely an attack, and not ruled out.",
    NoticeFit.PATH_UNKNOWN: "It may be {}, by time and place; its path does not tell yet.",
    NoticeFit.OFF_PATH: "It is NOT on the path of {}, though time and place fit: it may hide behind that notice.",
}


def _late_s(one: Notice, at: datetime) -> float:
    """Seconds outside the nearest of its windows; 0.0 within one."""
    return min(
        max((window.begins_at - at).total_seconds(), (at - window.ends_at).total_seconds(), 0.0)
        for window in one.body.windows
    )


def _allowed_s(sigma_s: float) -> float:
    return min(SIGMAS * sigma_s, LATE_S)


def _reach_m(ellipse: Ellipse, azimuth_deg: float) -> float:
    """How far the ellipse reaches that way."""
    turn = radians(azimuth_deg - ellipse.azimuth_deg)
    across = hypot(ellipse.semi_minor_m * cos(turn), ellipse.semi_major_m * sin(turn))
    return ellipse.semi_major_m * ellipse.semi_minor_m / across if across > 0.0 else 0.0


def _path(flown: Flown, body: NotifiedLaunch) -> tuple[NoticeFit, str]:
    """What its impact, or its heading until there is one, says of the notified areas or direction."""
    impact = flown.impact
    if not body.areas and body.direction_deg is None:
        return NoticeFit.PATH_UNKNOWN, "the notice names neither an area nor a direction"
    if impact is not None and body.areas:
        return _into_areas(impact, body)
    heading = _heading(flown)
    if heading is None:
        return NoticeFit.PATH_UNKNOWN, "it is too near its launch point for a heading"
    way_deg, doubt_deg = heading
    middle_deg, half_deg = _sector(flown.launch, body)
    off_deg = max(abs((way_deg - middle_deg + 180.0) % 360.0 - 180.0) - half_deg, 0.0)
    leads = f"it leads {way_deg:.0f}° ± {doubt_deg:.0f}°"
    if off_deg > MARGIN_DEG + doubt_deg:
        return NoticeFit.OFF_PATH, f"{leads}, {off_deg:.0f}° away from where the notice says"
    if impact is not None:
        return NoticeFit.AS_NOTIFIED, f"{leads}, as notified; the notice names no area"
    if flown.in_orbit and body.vehicle is LaunchClass.SATELLITE_LAUNCH:
        return NoticeFit.AS_NOTIFIED, f"{leads}, as notified, into an orbit"
    return NoticeFit.PATH_UNKNOWN, f"{leads}, as notified; where it comes down is not known yet"


def _into_areas(impact: PredictedImpactPoint | ObservedImpactPoint, body: NotifiedLaunch) -> tuple[NoticeFit, str]:
    down = "came down" if isinstance(impact, ObservedImpactPoint) else "is predicted to come down"
    ways = [
        (area, way_to([(one.lat_deg, one.lon_deg) for one in area.outline], impact.lat_deg, impact.lon_deg))
        for area in body.areas
    ]
    area, way = min(ways, key=lambda one: 0.0 if one[1] is None else one[1].distance_m)
    if way is None:
        return NoticeFit.AS_NOTIFIED, f"it {down} in the notified area {area.name}"
    outside = f"it {down} {way.distance_m / 1e3:,.0f} km outside the notified area {area.name}"
    reach_m = _reach_m(impact.ellipse90, way.azimuth_deg)
    if way.distance_m <= reach_m:
        return NoticeFit.AS_NOTIFIED, f"{outside}, which its 90 % ellipse touches"
    return NoticeFit.OFF_PATH, f"{outside}, beyond its 90 % ellipse"


def _heading(flown: Flown) -> tuple[float, float] | None:
    """Where it leads from its launch point, and how well that is known (90 %), degrees; None while it is too near."""
    launch, impact = flown.launch, flown.impact
    lat, lon = (flown.lat_deg, flown.lon_deg) if impact is None else (impact.lat_deg, impact.lon_deg)
    way = geodesic(launch.lat_deg, launch.lon_deg, lat, lon)
    doubt_m = launch.ellipse90.semi_major_m + (2.0 * flown.sigma_m if impact is None else impact.ellipse90.semi_major_m)
    if way.distance_m < max(LEAST_WAY_M, 2.0 * doubt_m):
        return None
    return way.azimuth_deg, degrees(atan2(doubt_m, way.distance_m))


def _sector(launch: Launch, body: NotifiedLaunch) -> tuple[float, float]:
    """The middle of the notified directions, and half their width, degrees."""
    if body.direction_deg is not None:
        return body.direction_deg, 0.0
    outlines = [[(one.lat_deg, one.lon_deg) for one in area.outline] for area in body.areas]
    if any(way_to(outline, launch.lat_deg, launch.lon_deg) is None for outline in outlines):
        return 0.0, 180.0
    bearings = sorted(
        geodesic(launch.lat_deg, launch.lon_deg, lat, lon).azimuth_deg for outline in outlines for lat, lon in outline
    )
    # The widest gap between neighbours is what no area lies in; the rest, round the other way, is the sector.
    gaps = [
        (later - sooner) % 360.0 for sooner, later in zip(bearings, [*bearings[1:], bearings[0] + 360.0], strict=True)
    ]
    widest = max(range(len(gaps)), key=gaps.__getitem__)
    width = 360.0 - gaps[widest]
    return (bearings[(widest + 1) % len(bearings)] + width / 2.0) % 360.0, width / 2.0


def named(found: NoticeMatch | None) -> NoticeNamed | None:
    """What an alert says of it."""
    return None if found is None else NoticeNamed(found.notice, found.fit, found.words)


def with_notice(confidence: str, found: NoticeMatch | None) -> str:
    """How it was seen, and how it agrees with a notice that may be believed: `two kinds; as notified`."""
    return confidence if found is None or not found.counts else f"{confidence}; {found.fit.value}"


def as_seen(confidence: str) -> str:
    """How it was seen, without what was made of a notice."""
    return confidence.partition("; ")[0]
