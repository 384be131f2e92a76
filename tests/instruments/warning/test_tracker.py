"""One vehicle: where the tracker says it is, how sure it is, and what it says moves it."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec import structs
from tests.instruments.warning.firing_range import (
    NOON,
    Shot,
    covariance,
    followed,
    infrared,
    long_boost,
    miss,
    nearest,
    nees,
    radar,
    seconds,
    short_hop,
    watch,
)

from laurel.instruments.warning.records import Phase, Plot, Scan, Sensor, SensorKind, Track, TrackState
from laurel.instruments.warning.tracker import Tracker, UnknownSensor
from laurel.instruments.warning.tracker.memory import TooManySensors
from laurel.instruments.warning.tracker.table import NotAPlot
from laurel.physics.earth import height

RUNS = 20


def tracked(shot: Shot, sensors: list[Sensor], first_s: int, last_s: int, seed: int) -> list[Track]:
    times = [float(t) for t in range(first_s, last_s)]
    return watch(Tracker(sensors), sensors, [shot], times, np.random.default_rng(seed))


def altitude(track: Track) -> float:
    return height(*track.position_ecef_m)


def test_in_free_fall_a_track_is_as_wrong_as_it_says() -> None:
    shot, site = long_boost(), radar()
    runs = [tracked(shot, [site], 90, 305, seed) for seed in range(RUNS)]
    for after_s, off_m, off_mps in ((30.0, 600.0, 25.0), (60.0, 450.0, 10.0), (120.0, 400.0, 5.0)):
        then = [nearest(said, shot.burnout_s + after_s) for said in runs]
        mean = np.mean([nees(track, shot) for track in then])
        # 6 degrees of freedom, 20 runs: 99.9 % of honest filters lie within 3.9 and 8.8.
        assert 3.5 < mean < 8.8
        errors = np.array([miss(track, shot) for track in then])
        assert np.sqrt((errors[:, :3] ** 2).sum(axis=1).mean()) < off_m
        assert np.sqrt((errors[:, 3:] ** 2).sum(axis=1).mean()) < off_mps


def test_one_vehicle_keeps_one_number_through_staging_burnout_and_coast() -> None:
    for seed in range(RUNS):
        said = tracked(long_boost(), [radar()], 90, 305, seed)
        assert {track.number for track in said} == {1}
        assert all(track.state is not TrackState.LOST for track in said)


def test_the_phase_is_boost_while_the_motor_burns_and_coast_soon_after() -> None:
    shot = long_boost()
    for seed in range(RUNS):
        said = followed(tracked(shot, [radar()], 90, 260, seed))
        boost = next(track for track in said if track.phase is Phase.BOOST)
        assert seconds(boost.at) - seconds(said[0].first_at) < 20.0
        burning = [track for track in said if seconds(boost.at) <= seconds(track.at) < shot.burnout_s]
        assert all(track.phase is Phase.BOOST for track in burning)
        coast = next(track for track in said if track.phase is Phase.COAST)
        assert 0.0 < seconds(coast.at) - shot.burnout_s < 15.0


def test_the_phase_is_unknown_until_the_plots_tell() -> None:
    for seed in range(RUNS):
        said = tracked(long_boost(), [radar()], 90, 130, seed)
        assert said[0].phase is Phase.UNKNOWN


def test_a_falling_vehicle_reenters_below_90_km_and_its_error_stays_honest() -> None:
    shot = short_hop()
    near = radar(bearing_deg=100.0, away_m=1_000e3, min_elevation_deg=0.5)
    scores: list[float] = []
    for seed in range(RUNS):
        said = followed(tracked(shot, [near], 400, int(shot.flight.impact_t_s), seed))
        for track in said:
            true_m = height(*shot.at(seconds(track.at))[:3].tolist())
            if 5_000.0 < true_m < 85_000.0:
                assert track.phase is Phase.REENTRY
                scores.append(nees(track, shot))
            if true_m > 95_000.0:
                assert track.phase in {Phase.COAST, Phase.UNKNOWN}
    assert 3.0 < np.mean(scores) < 9.0


def test_what_falls_out_of_sight_ends_as_lost_and_nobody_says_impact() -> None:
    shot, site = short_hop(), radar(bearing_deg=100.0, away_m=1_400e3, min_elevation_deg=15.0)
    end_s = int(shot.flight.impact_t_s)
    for seed in range(5):
        tracker, dice = Tracker([site]), np.random.default_rng(seed)
        told = {t: watch(tracker, [site], [shot], [float(t)], dice) for t in range(350, end_s + 60)}
        lost = [t for t, said in told.items() for track in said if track.state is TrackState.LOST]
        assert len(lost) == 1
        assert abs(lost[0] - end_s) < 30.0
        last = told[lost[0]][0]
        assert altitude(last) > 20e3
        # What is told last still bears the prediction: it is as sure as when it was seen.
        assert np.sqrt(np.trace(covariance(last)[3:, 3:])) < 50.0


def test_a_track_is_lost_when_looks_that_must_see_it_do_not() -> None:
    shot, site, dice = long_boost(), radar(), np.random.default_rng(3)
    tracker = Tracker([site])
    watch(tracker, [site], [shot], [float(t) for t in range(100, 260)], dice)
    gone = [(t, track) for t in range(260, 320) for track in watch(tracker, [site], [], [float(t)], dice)]
    assert [track.state for _, track in gone] == [TrackState.COASTING, TrackState.LOST]
    assert [t - 260 < late for (t, _), late in zip(gone, (5, 15), strict=True)] == [True, True]
    assert all(track.number == 1 and seconds(track.seen_at) == 259.0 for _, track in gone)
    again = watch(tracker, [site], [shot], [float(t) for t in range(320, 340)], dice)
    assert {track.number for track in again} == {2}


def test_a_track_out_of_view_coasts_and_is_the_same_when_it_comes_back() -> None:
    shot, dice = long_boost(), np.random.default_rng(4)
    behind, ahead = radar("A"), radar("B", bearing_deg=80.0, away_m=3_000e3)
    tracker = Tracker([behind, ahead])
    sector = structs.replace(behind, sector_from_deg=300.0, sector_to_deg=40.0)
    tracker.set_sensor(sector)
    first = watch(tracker, [behind], [shot], [float(t) for t in range(100, 260)], dice)
    blind = structs.replace(behind, sector_from_deg=180.0, sector_to_deg=200.0)
    tracker.set_sensor(blind)
    gap = watch(tracker, [blind], [], [float(t) for t in range(260, 600)], dice)
    assert [track.state for track in gap] == [TrackState.COASTING]
    later = watch(tracker, [ahead], [shot], [float(t) for t in range(700, 760)], dice)
    assert {track.number for track in (*first, *gap, *later)} == {1}
    assert later[-1].sensors == ("A", "B")


def test_infrared_makes_a_boosting_track_better() -> None:
    shot, site, eye = short_hop(), radar(away_m=500e3, angle_sigma_rad=3e-3), infrared()
    off_m: list[tuple[float, float]] = []
    for seed in range(RUNS):
        alone = nearest(tracked(shot, [site], 40, 91, seed), 90.0)
        both = nearest(tracked(shot, [site, eye], 40, 91, seed), 90.0)
        assert np.trace(covariance(both)[:3, :3]) < np.trace(covariance(alone)[:3, :3])
        assert both.kinds == (SensorKind.RADAR, SensorKind.INFRARED)
        off_m.append((float(np.linalg.norm(miss(alone, shot)[:3])), float(np.linalg.norm(miss(both, shot)[:3]))))
    without, with_infrared = np.sqrt(np.mean(np.square(off_m), axis=0))
    assert with_infrared < 0.8 * without


def test_an_unknown_sensor_is_named_with_those_that_are_known() -> None:
    tracker = Tracker([radar("NORTH")])
    with pytest.raises(UnknownSensor, match=r"SOUTH.*NORTH.*register"):
        tracker.update(Scan("SOUTH", NOON, ()))


@pytest.mark.parametrize(
    "plot",
    [
        Plot(0.0, 0.1, 0.2, None, 10.0),
        Plot(0.0, float("nan"), 0.2, 1e6, 10.0),
        Plot(0.0, 0.1, float("inf"), 1e6, 10.0),
    ],
)
def test_a_plot_that_a_radar_cannot_have_made_is_refused_and_changes_nothing(plot: Plot) -> None:
    shot, site, dice = long_boost(), radar(), np.random.default_rng(5)
    tracker = Tracker([site])
    watch(tracker, [site], [shot], [float(t) for t in range(100, 120)], dice)
    with pytest.raises(NotAPlot, match="R1"):
        tracker.update(Scan("R1", NOON, (plot,)))
    assert watch(tracker, [site], [shot], [120.0, 121.0], dice)[-1].number == 1


def test_an_infrared_plot_with_a_range_is_refused() -> None:
    with pytest.raises(NotAPlot, match="I1"):
        Tracker([infrared()]).update(Scan("I1", NOON, (Plot(0.0, 0.0, 0.1, 3e7, 10.0),)))


def test_a_radar_must_say_how_well_it_measures_range() -> None:
    with pytest.raises(NotAPlot, match="range_sigma_m"):
        Tracker([structs.replace(radar(), range_sigma_m=None)])


def test_the_65th_sensor_is_refused_by_name() -> None:
    tracker = Tracker([radar(f"R{i}") for i in range(64)])
    tracker.set_sensor(radar("R7", away_m=500e3))
    with pytest.raises(TooManySensors, match="R64"):
        tracker.set_sensor(radar("R64"))
