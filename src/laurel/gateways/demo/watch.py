"""What the nodes' own screens show while it flies, set beside what truly flies."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import httpx
import numpy as np
from msgspec import Struct

from laurel.gateways.demo.door import Door
from laurel.gateways.demo.play import Stage
from laurel.instruments.exercise.simulate import Truth
from laurel.instruments.warning.picture_types import Picture, SystemTrack
from laurel.instruments.warning.records import Track
from laurel.physics.earth import geodesic, geodetic_to_ecef

LOOK_EVERY_S = 0.4
NEAR_M = 200_000.0

Tell = Callable[[float, str], None]
"""(seconds since launch, what happened)."""


class Sample(Struct, frozen=True):
    """One look at one node's picture of the flight: seconds since launch, and errors against the truth."""

    t_s: float
    track: str
    members: tuple[str, ...]
    sensors: int
    position_error_km: float
    impact_error_km: float | None
    impact_90_km: float | None
    impact_time_error_s: float | None


@dataclass
class Watch:
    """What one node has shown so far."""

    member: str
    samples: list[Sample] = field(default_factory=list[Sample])
    told: set[str] = field(default_factory=set[str])


def seconds_since(truth: Truth, at: datetime) -> float:
    """Exercise seconds since launch."""
    return (at - truth.launched_at).total_seconds()


def is_the_flight(truth: Truth, track: Track) -> bool:
    """Whether one member's track is of what truly flies."""
    error_m = _off_m(truth, np.array(track.position_ecef_m), track.at)
    return error_m is not None and error_m < NEAR_M


def _off_m(truth: Truth, position_ecef_m: np.ndarray, at: datetime) -> float | None:
    t_s = seconds_since(truth, at)
    if not truth.flight.start_t_s <= t_s <= truth.flight.impact_t_s:
        return None
    return float(np.linalg.norm(position_ecef_m - truth.flight.at(t_s)[0]))


def sample(truth: Truth, picture: Picture) -> Sample | None:
    """The system track nearest to the truth, measured against it; None while there is none."""
    nearest: tuple[float, SystemTrack] | None = None
    for track in picture.tracks:
        place = geodetic_to_ecef(track.position.lat_deg, track.position.lon_deg, track.position.alt_m)
        off_m = _off_m(truth, place, track.at)
        if off_m is not None and off_m < NEAR_M and (nearest is None or off_m < nearest[0]):
            nearest = (off_m, track)
    if nearest is None:
        return None
    off_m, track = nearest
    impact = track.impact
    return Sample(
        t_s=round(seconds_since(truth, track.at), 1),
        track=track.number,
        members=track.members,
        sensors=track.sensors,
        position_error_km=round(off_m / 1e3, 3),
        impact_error_km=None
        if impact is None
        else round(impact_error_m(truth, impact.lat_deg, impact.lon_deg) / 1e3, 2),
        impact_90_km=None if impact is None else round(impact.ellipse90.semi_major_m / 1e3, 2),
        impact_time_error_s=None if impact is None else round((impact.at - truth.impact_at).total_seconds(), 1),
    )


def impact_error_m(truth: Truth, lat_deg: float, lon_deg: float) -> float:
    """Over the ground, from a predicted point to where it truly falls."""
    flight = truth.flight
    return geodesic(lat_deg, lon_deg, flight.impact_lat_deg, flight.impact_lon_deg).distance_m


async def follow(stage: Stage, truth: Truth, mine: Watch, tell: Tell) -> None:
    """Look at one node's picture again and again, until cancelled."""
    while True:
        picture = await _look(stage.to, stage.doors[mine.member])
        if picture is not None:
            _note(truth, mine, picture, tell)
        await asyncio.sleep(LOOK_EVERY_S)


async def _look(to: httpx.AsyncClient, door: Door) -> Picture | None:
    try:
        return await door.look(to, "warning/picture", Picture)
    except httpx.TransportError:
        return None


def _note(truth: Truth, mine: Watch, picture: Picture, tell: Tell) -> None:
    for alert in picture.alerts:
        if alert.member == mine.member and alert.id not in mine.told:
            mine.told.add(alert.id)
            tell(seconds_since(truth, alert.said_at), f"{mine.member} alerts ({alert.reason.value}): {alert.words}")
    seen = sample(truth, picture)
    if seen is None or (mine.samples and seen.t_s <= mine.samples[-1].t_s):
        return
    mine.samples.append(seen)
    if "track" not in mine.told:
        mine.told.add("track")
        tell(seen.t_s, f"{mine.member} shows track {seen.track} of {', '.join(seen.members)}")
    if "shared" not in mine.told and len(seen.members) > 1:
        mine.told.add("shared")
        tell(seen.t_s, f"{mine.member} shows {seen.track} fused from {', '.join(seen.members)}")
    if "impact" not in mine.told and seen.impact_error_km is not None:
        mine.told.add("impact")
        off, wide = seen.impact_error_km, seen.impact_90_km
        tell(seen.t_s, f"{mine.member} predicts the impact: {off:.1f} km off, 90 % ellipse {wide:.1f} km")
