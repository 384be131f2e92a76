"""Where tracks were seen: read from the points that a node keeps of each, one in five seconds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select

from laurel.core.instrument import View
from laurel.instruments.warning.picture_types import MemberTrack, PathPoint, Position, TrackMoment
from laurel.instruments.warning.records import Phase, TrackState
from laurel.instruments.warning.view import SLOT_US, micros, moment, trail

_TRAIL = trail.table.c
_TRAILS = select(trail.table).where(
    _TRAIL.origin == bindparam("member"), _TRAIL.number.in_(bindparam("numbers", expanding=True))
)
_TRAIL_LEG = (
    select(_TRAIL.at_us, _TRAIL.lon_deg, _TRAIL.lat_deg, _TRAIL.alt_m)
    .where(
        _TRAIL.origin == bindparam("member"),
        _TRAIL.number == bindparam("number"),
        _TRAIL.slot > bindparam("after"),
        _TRAIL.slot % bindparam("every") == 0,
        _TRAIL.state == TrackState.TRACKED.value,
    )
    .order_by(_TRAIL.slot)
)


def trail_of(view: View, tracks: Sequence[MemberTrack]) -> list[TrackMoment]:
    """What was reported of these tracks, oldest first."""
    numbers: dict[str, list[int]] = {}
    for one in tracks:
        numbers.setdefault(one.member, []).append(one.track.number)
    rows = [row for member, of in numbers.items() for row in view.rows(_TRAILS, member=member, numbers=of)]
    return [_moment_of(row) for row in sorted(rows, key=lambda row: (row.at_us, row.origin, row.number))]


def seen_trail(view: View, tracks: Sequence[MemberTrack], first_at: datetime, most: int) -> list[PathPoint]:
    """Where something was seen, oldest first: about `most` points, each leg from one of its tracks."""
    first_us = micros(first_at)
    slots = (max(micros(one.track.seen_at) for one in tracks) - first_us) // SLOT_US + 1
    every = -(-slots // most)
    return [
        PathPoint(row.lon_deg, row.lat_deg, max(row.alt_m, 0.0), (row.at_us - first_us) / 1e6)
        for leg, after in legs(tracks)
        for row in view.rows(
            _TRAIL_LEG, member=leg.member, number=leg.track.number, after=after // SLOT_US, every=every
        )
    ]


def legs(tracks: Sequence[MemberTrack]) -> list[tuple[MemberTrack, int]]:
    """As few tracks as cover all that was seen, in order, and after which microsecond each is needed."""
    found: list[tuple[MemberTrack, int]] = []
    left = sorted(tracks, key=lambda one: (one.track.first_at, one.member, one.track.number))
    reached = micros(left[0].track.first_at) - SLOT_US
    while left:
        begun = [one for one in left if micros(one.track.first_at) <= reached + SLOT_US] or left[:1]
        leg = max(begun, key=lambda one: one.track.seen_at)
        found.append((leg, reached))
        reached = micros(leg.track.seen_at)
        left = [one for one in left if micros(one.track.seen_at) >= reached + SLOT_US]
    return found


def _moment_of(row: Row[Any]) -> TrackMoment:
    return TrackMoment(
        track=f"{row.origin}-{row.number}",
        at=moment(row.at_us),
        state=TrackState(row.state),
        phase=Phase(row.phase),
        position=Position(row.lat_deg, row.lon_deg, row.alt_m),
        position_sigma_m=row.sigma_m,
        speed_mps=row.speed_mps,
    )
