"""Where it fell from and where it will fall."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from math import degrees, log, nan, radians

import numpy as np
import pytest
from tests.instruments.warning.flights import (
    LAUNCHED,
    after,
    coasting,
    covariance_of,
    into_the_sea_of_japan,
    launch_at,
    onto_korea,
    over_japan,
    state_of,
)

from laurel.instruments.warning.fuse import Estimate
from laurel.instruments.warning.impact import Outlook, ellipse, landed, launch_of, orbits, outlook
from laurel.instruments.warning.landing import WIND_M
from laurel.instruments.warning.overflight import plane, widths
from laurel.instruments.warning.picture_types import Ellipse
from laurel.instruments.warning.records import Area, Drag, LaunchPoint, ObservedImpact, Phase
from laurel.instruments.warning.tracker.motion import LOG_BETA_PRIOR, LOG_BETA_SIGMA
from laurel.physics.ballistics import to_ground
from laurel.physics.compiled import Matrix
from laurel.physics.earth import MEAN_RADIUS_M, ecef_to_geodetic, enu_to_ecef, geodesic, geodetic_to_ecef, to_geodetic
from laurel.physics.flight import Flight, fly


def ahead(
    flight: Flight,
    t_s: float,
    covariance: Matrix,
    *,
    phase: Phase = Phase.COAST,
    seen_s: float = 200.0,
    sensors: int = 3,
) -> Outlook:
    estimate = Estimate(after(t_s), state_of(flight, t_s), covariance)
    return outlook(estimate, phase, after(t_s - seen_s), after(t_s), sensors)


def share_inside(spot: Ellipse, lat_deg: float, lon_deg: float, hits_deg: Matrix) -> float:
    """How many of the hits (lat, lon) lie in the ellipse."""
    inside = 0
    for lat, lon in hits_deg.tolist():
        way = geodesic(lat_deg, lon_deg, lat, lon)
        off = radians(way.azimuth_deg - spot.azimuth_deg)
        along, across = way.distance_m * np.cos(off), way.distance_m * np.sin(off)
        inside += (along / spot.semi_major_m) ** 2 + (across / spot.semi_minor_m) ** 2 <= 1.0
    return inside / len(hits_deg)


@pytest.mark.parametrize(
    ("flight", "t_s", "covariance"),
    [
        pytest.param(over_japan, 60.0, covariance_of(150.0, 5.0), id="thousands of kilometres ahead"),
        pytest.param(into_the_sea_of_japan, 30.0, covariance_of(300.0, 20.0), id="hundreds of kilometres ahead"),
        pytest.param(into_the_sea_of_japan, 20.0, covariance_of(1_000.0, 80.0), id="hardly known"),
        pytest.param(onto_korea, 60.0, covariance_of(200.0, 4.0), id="short"),
    ],
)
def test_the_ellipses_hold_the_share_they_name(flight: Callable[[], Flight], t_s: float, covariance: Matrix) -> None:
    dice = np.random.default_rng(17)
    states = dice.multivariate_normal(state_of(flight(), t_s), covariance, size=1_500)
    drags = np.exp(-LOG_BETA_PRIOR - LOG_BETA_SIGMA * dice.standard_normal(len(states)))
    ends = [to_ground(state, drag) for state, drag in zip(states, drags.tolist(), strict=True)]
    hits = np.degrees([to_geodetic(*end[:3].tolist())[:2] for end, _, _ in ends])
    # What no model knows is part of the promise.
    hits[:, 0] += dice.standard_normal(len(hits)) * degrees(WIND_M / MEAN_RADIUS_M)
    hits[:, 1] += dice.standard_normal(len(hits)) * degrees(WIND_M / MEAN_RADIUS_M) / np.cos(np.radians(hits[:, 0]))
    impact = ahead(flight(), t_s, covariance).impact
    assert impact is not None
    # 1,500 shots: one sigma is 1.3 and 0.8 points.
    assert share_inside(impact.ellipse50, impact.lat_deg, impact.lon_deg, hits) == pytest.approx(0.50, abs=0.04)
    assert share_inside(impact.ellipse90, impact.lat_deg, impact.lon_deg, hits) == pytest.approx(0.90, abs=0.025)
    times = np.array([t for _, t, _ in ends])
    assert np.std(times) == pytest.approx(impact.at_sigma_s, rel=0.08)
    assert (impact.at - after(t_s)).total_seconds() == pytest.approx(times.mean(), abs=0.1 * impact.at_sigma_s)


def test_a_well_known_flight_is_predicted_to_a_kilometre() -> None:
    flight = over_japan()
    impact = ahead(flight, 200.0, covariance_of(10.0, 0.05)).impact
    assert impact is not None
    off = geodesic(impact.lat_deg, impact.lon_deg, flight.impact_lat_deg, flight.impact_lon_deg)
    assert off.distance_m < 1_000.0
    assert impact.ellipse90.semi_major_m < 3_000.0
    assert impact.areas == ()


def test_the_areas_of_an_impact_are_named() -> None:
    at_sea = ahead(into_the_sea_of_japan(), 60.0, covariance_of(50.0, 1.0)).impact
    on_land = ahead(onto_korea(), 60.0, covariance_of(50.0, 1.0)).impact
    assert at_sea is not None
    assert on_land is not None
    assert at_sea.areas == (Area("JPN", "zone"),)
    assert on_land.areas == (Area("KOR", "territory"),)


@pytest.mark.parametrize(
    ("phase", "seen_s", "sensors", "position_m", "why"),
    [
        (Phase.BOOST, 200.0, 3, 50.0, "its motor was burning"),
        (Phase.UNKNOWN, 200.0, 3, 50.0, "not known yet whether its motor burns"),
        (Phase.COAST, 29.0, 1, 50.0, "seen for 29 s by one sensor, which needs 30 s"),
        (Phase.COAST, 12.0, 2, 60e3, "too little is known: it might come down"),
        (Phase.COAST, 200.0, 3, 300e3, "too little is known"),
        (Phase.MANEUVER, 200.0, 3, 50.0, "it manoeuvres: it might come down 6"),
    ],
)
def test_no_impact_point_is_shown_before_it_means_something(
    phase: Phase, seen_s: float, sensors: int, position_m: float, why: str
) -> None:
    found = ahead(
        into_the_sea_of_japan(),
        100.0,
        covariance_of(position_m, 2.0),
        phase=phase,
        seen_s=seen_s,
        sensors=sensors,
    )
    assert found.impact is None
    assert found.because is not None
    assert why in found.because
    assert found.path == ()


def test_no_impact_point_is_shown_while_it_climbs_through_the_air() -> None:
    rising = coasting(39.0, 126.0, 25e3, 160.0, 1_500.0, 45.0)
    found = ahead(rising, 5.0, covariance_of(50.0, 2.0))
    assert found.because == "it still climbs through the air, where its motor may burn"
    assert ahead(rising, rising.impact_t_s - 20.0, covariance_of(50.0, 2.0)).impact is not None


def test_one_sensor_is_enough_after_half_a_minute() -> None:
    found = ahead(into_the_sea_of_japan(), 100.0, covariance_of(50.0, 2.0), seen_s=30.0, sensors=1)
    assert found.impact is not None
    assert found.because is None


def test_a_short_look_by_several_is_enough_if_it_tells_the_place() -> None:
    found = ahead(into_the_sea_of_japan(), 100.0, covariance_of(50.0, 20.0), seen_s=5.0, sensors=2)
    assert found.impact is not None
    assert found.impact.ellipse90.semi_major_m < 60e3


def test_what_manoeuvres_near_the_ground_comes_down_in_a_wide_region() -> None:
    flight = into_the_sea_of_japan()
    known = covariance_of(50.0, 2.0)
    free = ahead(flight, flight.impact_t_s - 60.0, known).impact
    turning = ahead(flight, flight.impact_t_s - 60.0, known, phase=Phase.MANEUVER).impact
    assert free is not None
    assert turning is not None
    assert free.ellipse90.semi_major_m < 10e3
    # Ten metres per second squared to one side for a minute is 18 km, one sigma.
    assert 35e3 < turning.ellipse90.semi_minor_m < turning.ellipse90.semi_major_m < 60e3


def test_a_lost_track_keeps_its_prediction_and_widens_by_what_it_may_have_done() -> None:
    flight = over_japan()
    estimate = Estimate(after(200.0), state_of(flight, 200.0), covariance_of(50.0, 0.5))
    seen, gone, long_gone = (
        outlook(estimate, Phase.COAST, after(0.0), after(200.0), 2, unseen_s).impact for unseen_s in (0.0, 30.0, 300.0)
    )
    assert seen is not None
    assert gone is not None
    assert long_gone is not None
    assert seen.ellipse90.semi_major_m < gone.ellipse90.semi_major_m < long_gone.ellipse90.semi_major_m < 50e3
    assert abs(long_gone.at - seen.at) < timedelta(seconds=2)
    assert geodesic(seen.lat_deg, seen.lon_deg, long_gone.lat_deg, long_gone.lon_deg).distance_m < 500.0


def test_what_falls_unseen_through_the_air_may_stray_farther_than_what_coasts() -> None:
    flight = into_the_sea_of_japan()
    estimate = Estimate(after(390.0), state_of(flight, 390.0), covariance_of(50.0, 0.5))
    coasting_on, falling = (
        outlook(estimate, phase, after(0.0), after(390.0), 2, 30.0).impact for phase in (Phase.COAST, Phase.REENTRY)
    )
    assert coasting_on is not None
    assert falling is not None
    assert falling.ellipse90.semi_minor_m > 3.0 * coasting_on.ellipse90.semi_minor_m


def test_an_impact_that_was_seen_is_told_and_nothing_is_predicted() -> None:
    seen = ObservedImpact(39.4, 135.8, after(450.0), 1.0, (300.0**2, 0.0, 500.0**2))
    found = landed([seen])
    assert found is not None
    assert found.impact is None
    assert found.because == "its impact was observed"
    assert found.path == ()
    assert found.observed is not None
    assert (found.observed.lat_deg, found.observed.lon_deg, found.observed.at) == (39.4, 135.8, after(450.0))
    assert found.observed.ellipse90.semi_major_m == pytest.approx(2.146 * 500.0, rel=1e-3)
    assert found.observed.areas == (Area("JPN", "zone"),)
    assert landed([]) is None


def test_what_the_fall_told_of_the_drag_makes_the_ellipse_small() -> None:
    flight = onto_korea()
    known = covariance_of(20.0, 1.0)
    estimate = Estimate(after(240.0), state_of(flight, 240.0), known)
    drag = Drag(log(4_000.0), (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.05**2))
    plain = outlook(estimate, Phase.REENTRY, after(0.0), after(240.0), 2).impact
    told = outlook(replace(estimate, drag=drag), Phase.REENTRY, after(0.0), after(240.0), 2).impact
    assert plain is not None
    assert told is not None
    assert told.ellipse90.semi_major_m < 0.5 * plain.ellipse90.semi_major_m
    assert told.latest_at - told.earliest_at < 0.2 * (plain.latest_at - plain.earliest_at)


def drag_of(log_beta: float, variance: float, tie: float = 0.0) -> Drag:
    """Every number of the state bound to ln beta by as much."""
    return Drag(log_beta, (tie, tie, tie, tie, tie, tie, variance))


@pytest.mark.parametrize(
    "drag",
    [
        drag_of(nan, 0.01),
        drag_of(log(4_000.0), -1.0),
        drag_of(log(4_000.0), nan, nan),
        drag_of(0.0, 0.01),
    ],
)
def test_a_drag_that_is_none_is_taken_for_unknown(drag: Drag) -> None:
    estimate = Estimate(after(60.0), state_of(onto_korea(), 60.0), covariance_of(20.0, 1.0))
    plain = outlook(estimate, Phase.COAST, after(0.0), after(60.0), 2)
    assert outlook(replace(estimate, drag=drag), Phase.COAST, after(0.0), after(60.0), 2) == plain


def test_a_drag_bound_to_the_state_by_more_than_there_is_is_not_bound_at_all() -> None:
    estimate = Estimate(after(60.0), state_of(onto_korea(), 60.0), covariance_of(20.0, 1.0))
    bound, loose = (
        outlook(replace(estimate, drag=drag_of(log(4_000.0), 0.01, tie)), Phase.COAST, after(0.0), after(60.0), 2)
        for tie in (1e6, 0.0)
    )
    assert bound == loose


def test_the_time_window_leaves_one_in_twenty_before_and_after() -> None:
    flight, known = onto_korea(), covariance_of(200.0, 4.0)
    dice = np.random.default_rng(5)
    states = dice.multivariate_normal(state_of(flight, 60.0), known, size=1_000)
    drags = np.exp(-LOG_BETA_PRIOR - LOG_BETA_SIGMA * dice.standard_normal(len(states)))
    times = np.array([to_ground(state, drag)[1] for state, drag in zip(states, drags.tolist(), strict=True)])
    impact = ahead(flight, 60.0, known).impact
    assert impact is not None
    early, late = ((one - after(60.0)).total_seconds() for one in (impact.earliest_at, impact.latest_at))
    assert np.mean(times < early) == pytest.approx(0.05, abs=0.02)
    assert np.mean(times > late) == pytest.approx(0.05, abs=0.02)


def test_what_orbits_has_no_impact_point_and_is_no_launch() -> None:
    position = geodetic_to_ecef(0.0, 150.0, 500e3)
    state = np.concatenate((position, enu_to_ecef(np.array([7_100.0, 0.0, 0.0]), 0.0, 150.0)))
    found = outlook(Estimate(after(0.0), state, covariance_of(50.0, 1.0)), Phase.COAST, after(-60.0), after(0.0), 2)
    assert found.impact is None
    assert found.because == "it may not come down within two hours"
    assert orbits(state)
    assert not orbits(state_of(over_japan(), 300.0))


def test_the_path_leads_from_here_to_the_ground() -> None:
    flight = over_japan()
    found = ahead(flight, 200.0, covariance_of(10.0, 0.1), seen_s=300.0)
    assert len(found.path) == 120
    assert found.path[0].t_s == pytest.approx(300.0)
    assert found.path[-1].alt_m == pytest.approx(0.0, abs=1.0)
    assert found.path[-1].t_s == pytest.approx(flight.impact_t_s + 100.0, abs=5.0)
    assert max(point.alt_m for point in found.path) == pytest.approx(flight.apogee_m, rel=0.001)


def test_a_flight_over_a_country_says_when_and_how_high() -> None:
    found = ahead(over_japan(), 60.0, covariance_of(10.0, 0.1))
    assert Area("JPN", "territory") in found.overflies
    crossing = next(one for one in found.passes if one.member == "JPN")
    assert after(230.0) < crossing.start_at <= crossing.end_at < after(300.0)
    assert 800e3 < crossing.lowest_m < 900e3
    gone = ahead(over_japan(), 320.0, covariance_of(10.0, 0.1))
    assert gone.overflies == ()


@pytest.mark.parametrize("azimuth_deg", [84.0, 84.5, 85.0, 85.5, 86.0])
def test_a_tongue_of_land_is_passed_over_whenever_it_is_asked(azimuth_deg: float) -> None:
    # Past the capes on both sides of the Tsugaru Strait.
    flight = coasting(41.0, 131.0, 300e3, azimuth_deg, 5_700.0, 38.0)
    told = {ahead(flight, float(t_s), covariance_of(1.0, 0.001)).overflies for t_s in range(60, 130, 7)}
    assert len(told) == 1


def test_a_flight_that_may_pass_beside_a_country_says_with_what_chance() -> None:
    # Along the west coast of Japan, at sea.
    beside = coasting(33.6, 125.0, 190e3, 40.0, 5_400.0, 38.0)
    assert "JPN" not in {one.member for one in ahead(beside, 60.0, covariance_of(10.0, 0.1)).passes}
    vague = ahead(beside, 60.0, covariance_of(1_000.0, 80.0))
    (chance,) = {one.chance for one in vague.passes if one.member == "JPN"}
    # 48 of 300 flights drawn from that covariance pass over Japan or one of its islands.
    assert chance == pytest.approx(48 / 300, abs=0.1)
    assert Area("JPN", "territory") not in vague.overflies


def test_the_width_of_the_path_is_that_of_flights_from_the_estimate() -> None:
    flight, known = over_japan(), covariance_of(1_000.0, 30.0)
    dice = np.random.default_rng(2)
    start = state_of(flight, 60.0)
    flights = [fly(state[:3], state[3:], 4_000.0) for state in dice.multivariate_normal(start, known, size=300)]
    for t_s in (100.0, 600.0, 1_100.0):
        lat, lon, alt = ecef_to_geodetic(flight.at(60.0 + t_s)[0])
        (width,) = widths(start, known, np.array([t_s]), np.array([[lat, lon, alt]]))
        normal, _ = plane(start)
        turn = 7.292115e-05 * t_s
        places = np.array([one.at(t_s)[0] for one in flights])
        x = places[:, 0] * np.cos(turn) - places[:, 1] * np.sin(turn)
        y = places[:, 0] * np.sin(turn) + places[:, 1] * np.cos(turn)
        side = np.column_stack((x, y, places[:, 2])) @ normal / np.linalg.norm(places, axis=1)
        assert width == pytest.approx(np.std(side), rel=0.12)


def test_low_flight_over_a_country_is_no_overflight() -> None:
    tohoku = coasting(39.3, 127.5, 120e3, 88.0, 3_000.0, 45.0)
    assert ahead(tohoku, 300.0, covariance_of(10.0, 0.1)).overflies == ()


def test_an_ellipse_points_along_the_greater_error() -> None:
    assert ellipse(np.diag([100.0, 1.0]), 1.0) == Ellipse(10.0, 1.0, 90.0)
    assert ellipse(np.diag([1.0, 100.0]), 2.0) == Ellipse(20.0, 2.0, 0.0)
    assert ellipse(np.array([[2.0, 1.0], [1.0, 2.0]]), 1.0).azimuth_deg == pytest.approx(45.0)
    assert ellipse(np.array([[2.0, -1.0], [-1.0, 2.0]]), 1.0).azimuth_deg == pytest.approx(135.0)


# Where it fell from


def test_one_estimate_of_the_launch_is_taken_as_it_is() -> None:
    found = launch_of([launch_at(40.6, 126.4)])
    assert found is not None
    assert (found.lat_deg, found.lon_deg) == pytest.approx((40.6, 126.4))
    assert found.at == LAUNCHED
    assert found.ellipse90.semi_major_m == pytest.approx(2.146 * 5_000.0, rel=1e-3)
    assert found.at_sigma_s == pytest.approx(5.0)


def test_two_estimates_of_the_launch_meet_between_them() -> None:
    narrow_north = LaunchPoint(40.60, 126.40, LAUNCHED, 2.0, (8_000.0**2, 0.0, 500.0**2))
    narrow_east = LaunchPoint(40.62, 126.42, LAUNCHED + timedelta(seconds=3), 20.0, (500.0**2, 0.0, 8_000.0**2))
    found = launch_of([narrow_north, narrow_east])
    assert found is not None
    assert found.lat_deg == pytest.approx(40.60, abs=0.005)
    assert found.lon_deg == pytest.approx(126.42, abs=0.005)
    assert found.ellipse90.semi_major_m < 2_500.0


def test_estimates_of_the_launch_meet_across_the_date_line() -> None:
    found = launch_of([launch_at(0.0, 179.99), launch_at(0.0, -179.99)])
    assert found is not None
    assert abs(found.lon_deg) > 179.98


@pytest.mark.parametrize(
    "bad",
    [
        launch_at(95.0, 126.4),
        launch_at(40.6, float("nan")),
        launch_at(40.6, 126.4, sigma_m=0.0),
        LaunchPoint(40.6, 126.4, LAUNCHED, 5.0, (1e6, 2e6, 1e6)),
        LaunchPoint(40.6, 126.4, LAUNCHED, -1.0, (1e6, 0.0, 1e6)),
    ],
)
def test_an_estimate_that_is_none_is_left_out(bad: LaunchPoint) -> None:
    assert launch_of([bad]) is None
    assert launch_of([bad, launch_at(40.6, 126.4)]) == launch_of([launch_at(40.6, 126.4)])
