"""How tracks begin beside others, and how they end: seen to fall, or lost."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from msgspec import structs
from tests.instruments.warning.close_company import free_fall, heading_out
from tests.instruments.warning.firing_range import NOON, radar, seconds, short_hop, watch

from laurel.instruments.warning.records import Scan, Sensor, Track, TrackState
from laurel.instruments.warning.tracker import Tracker
from laurel.physics.ballistics import propagate
from laurel.physics.earth import enu_matrix, geodetic_to_ecef

ENDED = {TrackState.LOST, TrackState.FALLEN}


def coast_radar(**changes: float) -> Sensor:
    """Stands 50 km beside the place of impact and looks low."""
    flight = short_hop().flight
    plain = radar("COAST", min_elevation_deg=0.3, **changes)
    return structs.replace(plain, lat_deg=flight.impact_lat_deg + 0.4, lon_deg=flight.impact_lon_deg)


def ended(seed: int, stop_s: float = 0.0, **changes: float) -> tuple[list[Track], float]:
    """The last words on a vehicle that plots tell of until `stop_s` before it meets the ground."""
    shot, site = short_hop(), coast_radar(**changes)
    end_s = shot.flight.impact_t_s
    tracker, dice = Tracker([site]), np.random.default_rng(seed)
    said: list[Track] = []
    for t in range(int(end_s) - 120, int(end_s) + 90):
        there = [shot] if t < end_s - stop_s else []
        said += watch(tracker, [site], there, [t + 0.7], dice)
    return [track for track in said if track.state in ENDED], end_s


def test_what_is_seen_to_fall_to_the_ground_ends_as_fallen_where_and_when_it_fell() -> None:
    scores: list[float] = []
    for seed in range(12):
        said, end_s = ended(seed)
        assert [track.state for track in said] == [TrackState.FALLEN]
        seen = said[0].observed
        assert seen is not None
        assert abs(seconds(seen.at) - end_s) < 4.0 * seen.at_sigma_s + 0.2
        flight = short_hop().flight
        true = geodetic_to_ecef(flight.impact_lat_deg, flight.impact_lon_deg, 0.0)
        off = enu_matrix(seen.lat_deg, seen.lon_deg)[:2] @ (geodetic_to_ecef(seen.lat_deg, seen.lon_deg, 0.0) - true)
        ee, en, nn = seen.covariance_m2
        assert float(np.hypot(*off)) < 1_500.0
        scores.append(float(off @ np.linalg.solve([[ee, en], [en, nn]], off)))
    # 2 degrees of freedom, 12 runs.
    assert np.mean(scores) < 4.5


def test_what_vanishes_higher_up_is_lost_and_nobody_says_impact() -> None:
    for seed in range(6):
        said, _ = ended(seed, stop_s=15.0)
        assert [track.state for track in said] == [TrackState.LOST]
        assert said[0].observed is None


def test_a_piece_that_parts_is_told_by_its_own_number_and_names_what_it_came_out_of() -> None:
    told = 0
    for seed in range(10):
        dice = np.random.default_rng(seed)
        whole = heading_out(90.0)
        push = np.concatenate((np.zeros(3), 40.0 * enu_matrix(39.0, 131.0)[1]))
        shots = [free_fall(whole), free_fall(propagate(whole, 30.0, 0.0) + push, 30.0)]
        site = radar(bearing_deg=110.0, away_m=500e3, angle_sigma_rad=3e-4)
        said = watch(Tracker([site]), [site], shots, [float(t) for t in range(75)], dice)
        pieces = {track.number: track.split_from for track in said if track.number > 1}
        assert len(pieces) <= 2
        told += set(pieces.values()) == {1}
    assert told >= 8


def test_two_launched_apart_are_nobodys_pieces() -> None:
    dice = np.random.default_rng(4)
    shots = [free_fall(heading_out(90.0, aside_m=aside)) for aside in (0.0, 8_000.0, 16_000.0)]
    site = radar(bearing_deg=110.0, away_m=500e3)
    said = watch(Tracker([site]), [site], shots, [float(t) for t in range(40)], dice)
    assert {track.number for track in said} == {1, 2, 3}
    assert all(track.split_from is None for track in said)


def test_one_vehicle_that_two_radars_begin_apart_becomes_one_track() -> None:
    for seed in range(6):
        dice = np.random.default_rng(seed)
        shot = free_fall(heading_out(90.0))
        sites = [radar("A"), radar("B", bearing_deg=110.0)]
        tracker = Tracker(sites)
        watch(tracker, sites, [shot], [float(t) for t in range(40)], dice)
        assert int((tracker.memory.tracks.number > 0).sum()) == 1


def test_a_scan_of_nothing_ends_nothing_at_once() -> None:
    dice = np.random.default_rng(1)
    site = radar()
    tracker = Tracker([site])
    watch(tracker, [site], [free_fall(heading_out(90.0))], [float(t) for t in range(20)], dice)
    assert tracker.update(Scan("R1", NOON + timedelta(seconds=20), ())) == []
