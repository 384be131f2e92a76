"""A flight that nobody hears of, through tracker, fusion and prediction: it loads what is compiled, ahead of need."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np

from laurel.core.label import Classification, Label
from laurel.instruments.warning.fuse import associate
from laurel.instruments.warning.picture import assess, draw
from laurel.instruments.warning.picture_types import MemberTrack
from laurel.instruments.warning.records import Plot, Scan, Sensor, SensorKind, Track
from laurel.instruments.warning.tracker import Tracker
from laurel.physics.earth import enu_matrix, enu_to_ecef, geodetic_to_ecef
from laurel.physics.flight import Flight, fly
from laurel.physics.infrared import infrared_h, satellite_frame
from laurel.physics.radar import radar_h

NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)
SECONDS = 40
RADAR = Sensor("RADAR", SensorKind.RADAR, 37.0, 137.0, 0.0, 1e-3, 50.0, 3e6, 1.0, 1.0, 0.95)
SATELLITE = Sensor("SATELLITE", SensorKind.INFRARED, 0.0, 130.0, 35_786_000.0, 2e-5, None, 1e8, 2.0, 1.0, 0.95)
MEMBERS = ("JPN", "KOR")
LABEL = Label(Classification.UNCLASSIFIED, MEMBERS)


def rehearse() -> None:
    """Plays it, and keeps nothing."""
    up = 2_800.0 * np.array([0.7, 0.0, 0.7])
    flight = fly(geodetic_to_ecef(40.0, 130.0, 120e3), enu_to_ecef(up, 40.0, 130.0), 4_000.0)
    tracker = Tracker((RADAR, SATELLITE))
    tracks = [track for scan in _scans(flight) for track in tracker.update(scan)][-1:]
    reports = [_reported(member, track) for member in MEMBERS for track in tracks]
    for group in associate(reports):
        draw(assess(group), (), None, NOON + timedelta(seconds=SECONDS + 1))


def _scans(flight: Flight) -> Iterator[Scan]:
    radar, satellite = (geodetic_to_ecef(one.lat_deg, one.lon_deg, one.alt_m) for one in (RADAR, SATELLITE))
    east_north_up, frame = enu_matrix(RADAR.lat_deg, RADAR.lon_deg), satellite_frame(satellite)
    for second in range(SECONDS):
        there, at = flight.at(float(second))[0], NOON + timedelta(seconds=second)
        away, azimuth, elevation = radar_h(there, radar, east_north_up).tolist()
        yield Scan(RADAR.name, at, (Plot(0.0, azimuth, elevation, away, 20.0),))
        if second % 2:
            across, down = infrared_h(there, satellite, frame).tolist()
            yield Scan(SATELLITE.name, at + timedelta(milliseconds=500), (Plot(0.0, across, down, None, 20.0),))


def _reported(member: str, track: Track) -> MemberTrack:
    name = f"{member}-{track.number}"
    return MemberTrack(name, member, name.encode().hex().ljust(64, "0"), track.at, LABEL, track)
