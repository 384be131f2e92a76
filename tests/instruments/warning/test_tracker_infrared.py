"""Tracks that infrared alone bears: what they know, what they do not claim, and who takes them over."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.random import Generator
from tests.instruments.warning.firing_range import (
    PAD,
    Shot,
    covariance,
    flown,
    followed,
    infrared,
    look,
    miss,
    nees,
    radar,
    seconds,
    watch,
)

from laurel.instruments.warning.records import Phase, Plot, Scan, Sensor, SensorKind, Track, TrackState
from laurel.instruments.warning.tracker import Tracker
from laurel.instruments.warning.tracker.dump import dump, load
from laurel.physics.boost import Site
from laurel.physics.earth import geodesic, geodetic_to_ecef
from laurel.physics.infrared import infrared_h, satellite_frame
from laurel.physics.vehicles import ICBM_LIQUID, ICBM_SOLID, IRBM, MRBM

FLIGHTS = [(MRBM, 7.0), (IRBM, 5.0), (IRBM, 9.0), (ICBM_SOLID, 5.0), (ICBM_LIQUID, 4.0)]
BOTH = [infrared("I1", lon_deg=130.0), infrared("I2", lon_deg=90.0)]


def said_of(shots: list[Shot], sensors: list[Sensor], first_s: int, last_s: int, seed: int) -> list[Track]:
    times = [float(t) for t in range(first_s, last_s)]
    return watch(Tracker(sensors), sensors, shots, times, np.random.default_rng(seed))


def off_m(track: Track) -> float:
    assert track.launch is not None
    return geodesic(PAD.lat_deg, PAD.lon_deg, track.launch.lat_deg, track.launch.lon_deg).distance_m


def fire(sensor: Sensor, t_s: float, dice: Generator) -> Scan:
    """A scan that sees a fire on the ground at the pad."""
    site = geodetic_to_ecef(sensor.lat_deg, sensor.lon_deg, sensor.alt_m)
    true = infrared_h(geodetic_to_ecef(PAD.lat_deg, PAD.lon_deg, 0.0), site, satellite_frame(site))
    azimuth, elevation = (true + sensor.angle_sigma_rad * dice.standard_normal(2)).tolist()
    plain = look(sensor, [], t_s, dice)
    return Scan(sensor.name, plain.at, (*plain.plots, Plot(0.0, azimuth, elevation, None, 20.0)))


def test_one_satellite_tells_of_a_launch_within_seconds_of_the_third_look_and_is_as_wrong_as_it_says() -> None:
    scores: list[float] = []
    inside: list[bool] = []
    for vehicle, kick_deg in FLIGHTS:
        for seed in range(4):
            shot = Shot(flown(vehicle, 60.0 * seed + 20.0, kick_deg), 3.0)
            said = said_of([shot], [infrared()], 25, int(shot.burnout_s) + 5, seed)
            assert {track.kinds for track in said} == {(SensorKind.INFRARED,)}
            assert {track.number for track in said} == {1}
            assert said[0].plots <= 14
            assert all(track.phase is Phase.BOOST for track in said)
            assert off_m(said[0]) < 12e3
            launch = said[0].launch
            assert launch is not None
            assert abs(seconds(launch.at) - 3.0) < 30.0
            inside.append(abs(seconds(launch.at) - 3.0) < 2.0 * launch.at_sigma_s)
            scores += [nees(track, shot) for track in said if shot.burns(seconds(track.at))][::8]
    assert np.mean(inside) >= 0.8
    # Six numbers; the bank is not the vehicle, so the claim is wide rather than exact.
    assert np.mean(scores) < 7.0
    assert np.mean(np.array(scores) < 16.8) > 0.95


def test_a_lone_track_is_wide_along_its_line_of_sight_and_narrow_across() -> None:
    shot = Shot(flown(IRBM, 100.0, 6.0))
    track = said_of([shot], [infrared()], 30, 80, 1)[-1]
    site = geodetic_to_ecef(0.0, 130.0, 35_786_000.0)
    sight = np.array(track.position_ecef_m) - site
    sight /= np.linalg.norm(sight)
    spot = covariance(track)[:3, :3]
    along = float(sight @ spot @ sight)
    assert along > 25.0 * (np.trace(spot) - along) / 2.0
    assert along > 3_000.0**2


@pytest.mark.long
def test_two_satellites_place_the_plume_and_are_as_wrong_as_they_say() -> None:
    scores: list[float] = []
    for vehicle, kick_deg in FLIGHTS:
        for seed in range(3):
            shot = Shot(flown(vehicle, 100.0, kick_deg), 3.0)
            said = followed(said_of([shot], BOTH, 25, 115, seed))
            assert {track.number for track in said} == {1}
            assert said[-1].sensors == ("I1", "I2")
            assert said[-1].kinds == (SensorKind.INFRARED,)
            late = [track for track in said if seconds(track.at) > 60.0]
            assert np.median([np.linalg.norm(miss(track, shot)[:3]) for track in late]) < 1_500.0
            scores += [nees(track, shot) for track in late][::5]
            assert off_m(said[-1]) < 8e3
    assert 3.0 < np.mean(scores) < 10.0


@pytest.mark.parametrize("sensors", [[infrared()], BOTH])
def test_what_stands_still_makes_no_track(sensors: list[Sensor]) -> None:
    for seed in range(3):
        tracker, dice = Tracker(sensors), np.random.default_rng(seed)
        for t in range(200):
            for sensor in sensors:
                assert tracker.update(fire(sensor, float(t), dice)) == []


def test_false_plots_of_infrared_alone_make_no_track() -> None:
    sensors = [infrared("I1", period_s=1.0), infrared("I2", lon_deg=90.0)]
    tracker, dice = Tracker(sensors), np.random.default_rng(4)
    for t in range(300):
        for sensor in sensors:
            scan = look(sensor, [], float(t), dice)
            more = [look(sensor, [], float(t), dice).plots for _ in range(4)]
            assert tracker.update(Scan(sensor.name, scan.at, sum(more, scan.plots))) == []


def test_two_satellites_and_twenty_launches_a_second_apart_make_no_ghosts() -> None:
    dice = np.random.default_rng(6)
    shots = [
        Shot(
            flown(
                IRBM,
                float(dice.uniform(60.0, 120.0)),
                6.0,
                Site(40.0 + float(dice.uniform(-0.5, 0.5)), 129.0 + float(dice.uniform(-0.5, 0.5))),
            ),
            float(i),
        )
        for i in range(20)
    ]
    tracker = Tracker(BOTH)
    said: list[Track] = []
    for t in range(25, 100):
        for sensor in BOTH:
            said = [*said, *tracker.update(look(sensor, shots, float(t), dice))]
    live = [track for track in followed(said) if seconds(track.at) > 95.0]
    placed = {track.number for track in live if track.sensors == ("I1", "I2")}
    assert 17 <= len(placed) <= 20
    assert len({track.number for track in live}) <= 22
    for track in live:
        truth = np.array([shot.at(seconds(track.at))[:3] for shot in shots])
        away = np.linalg.norm(truth - np.array(track.position_ecef_m), axis=1).min()
        assert away < 4.0 * np.sqrt(np.trace(covariance(track)[:3, :3]))


def test_a_radar_goes_on_with_the_track_that_infrared_began() -> None:
    for seed in range(5):
        shot = Shot(flown(IRBM, 100.0, 6.0), 3.0)
        said = said_of([shot], [infrared(), radar(away_m=700e3)], 25, 180, seed)
        assert {track.number for track in said} == {1}
        assert said[0].kinds == (SensorKind.INFRARED,)
        assert said[-1].kinds == (SensorKind.RADAR, SensorKind.INFRARED)
        assert said[-1].first_at == said[0].first_at
        assert np.linalg.norm(miss(said[-1], shot)[:3]) < 3_000.0


def test_when_the_plume_ends_the_track_coasts_and_is_lost_without_an_impact() -> None:
    shot = Shot(flown(MRBM, 100.0, 7.0))
    said = said_of([shot], [infrared()], 25, 300, 2)
    states = [track.state for track in said]
    assert states[-2:] == [TrackState.COASTING, TrackState.LOST]
    assert all(track.observed is None for track in said)


def test_a_plume_that_burnt_before_the_satellite_looked_makes_no_lone_track() -> None:
    # It was not seen to come out of the clouds, so nobody knows how high it is.
    shot = Shot(flown(IRBM, 100.0, 6.0))
    assert said_of([shot], [infrared()], 75, 110, 1) == []


def test_a_tracker_that_was_dumped_goes_on_with_its_streaks() -> None:
    shot, dice, again = Shot(flown(IRBM, 100.0, 6.0)), np.random.default_rng(3), np.random.default_rng(3)
    one, two = Tracker(BOTH), Tracker(BOTH)
    for t in range(30, 90):
        for sensor in BOTH:
            if t % 7 == 0:
                two.memory = load(dump(two.memory))
            first = one.update(look(sensor, [shot], float(t), dice))
            assert first == two.update(look(sensor, [shot], float(t), again))


def test_a_satellite_that_sees_the_plume_from_straight_above_does_not_break() -> None:
    pad = Site(0.0, 130.0)
    shot = Shot(flown(IRBM, 90.0, 6.0, pad))
    said = said_of([shot], [infrared()], 25, 120, 1)
    assert all(np.isfinite(track.covariance).all() for track in said)
