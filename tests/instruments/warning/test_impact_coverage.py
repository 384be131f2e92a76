"""The impact ellipse is as small as the plots allow, and holds what it says."""

from __future__ import annotations

from dataclasses import replace
from math import exp, log

import numpy as np
import pytest
from benchmarks.impact import ARCS, WATCHED_FROM_S, Row, half_axes_m, holds, impact_bound, measure, radars
from tests.instruments.warning.flights import after, coasting, covariance_of, over_japan, state_of

from laurel.instruments.warning.fuse import Estimate
from laurel.instruments.warning.impact import outlook
from laurel.instruments.warning.landing import WIND_M
from laurel.instruments.warning.records import Drag, Phase
from laurel.instruments.warning.tracker.motion import LOG_BETA_PRIOR, LOG_BETA_SIGMA
from laurel.physics.ballistics import propagate, to_ground
from laurel.physics.compiled import Matrix, Vector
from laurel.physics.earth import destination, to_geodetic

MIDDLE = ARCS[1]


@pytest.mark.parametrize(
    ("count", "rows_km"),
    [
        (1, {10: (38.0, 25.0), 30: (7.4, 5.1), 60: (2.3, 1.7), 120: (0.56, 0.51)}),
        (3, {10: (18.0, 3.0), 30: (3.5, 0.61), 60: (1.0, 0.21), 120: (0.26, 0.06)}),
    ],
)
def test_the_bound_is_that_of_the_published_rows(count: int, rows_km: dict[int, tuple[float, float]]) -> None:
    state = propagate(MIDDLE.burnout, float(WATCHED_FROM_S), 0.0, 1.0)
    sensors = radars(MIDDLE, count, may_be_off=False)
    for last_s, wanted_km in rows_km.items():
        found_m = half_axes_m(impact_bound(state, 0.0, sensors, last_s))
        # The rows have two digits, and do not say where the other two radars stand.
        assert np.array(found_m) / 1e3 == pytest.approx(wanted_km, rel=0.05, abs=0.006)


def test_registration_that_may_be_off_is_a_floor_that_more_plots_do_not_remove() -> None:
    state = propagate(MIDDLE.burnout, float(WATCHED_FROM_S), 0.0, 1.0)
    true, off = (
        half_axes_m(impact_bound(state, 0.0, radars(MIDDLE, 1, may_be_off=may), 120))[0] for may in (False, True)
    )
    assert off > 1.5 * true


# Estimates drawn from their own covariance: what the prediction alone makes of them


def drawn_hits(mean: Vector, covariance: Matrix, count: int) -> tuple[list[tuple[float, float]], Vector]:
    """Latitudes and longitudes (degrees) and seconds of impacts of states and ln beta from the Gaussian, with wind."""
    dice = np.random.default_rng(11)
    places: list[tuple[float, float]] = []
    seconds: list[float] = []
    for drawn in dice.multivariate_normal(mean, covariance, size=count):
        end, t_s, _ = to_ground(drawn[:6].copy(), exp(-drawn[6]), 1.0)
        lat, lon, _ = to_geodetic(*end[:3].tolist())
        north, east = (dice.standard_normal(2) * WIND_M).tolist()
        lat, lon, _ = destination(np.degrees(lat), np.degrees(lon), 0.0, north)
        lat, lon, _ = destination(lat, lon, 90.0, east)
        places.append((lat, lon))
        seconds.append(t_s)
    return places, np.array(seconds)


SHORT, LONG = coasting(39.0, 126.0, 60e3, 160.0, 1_500.0, 45.0), over_japan()
UNKNOWN, KNOWN = LOG_BETA_SIGMA**2, 1e-6


def reentry_tie(sigma: float) -> Vector:
    """(6,) covariance of ln beta with a state of 50 m and 5 m/s that its fall told of: half of the most possible."""
    return 0.5 * sigma * np.array([50.0, 0.0, 0.0, 0.0, 5.0, 0.0])


@pytest.mark.parametrize(
    ("state", "known", "variance", "tie"),
    [
        pytest.param(state_of(SHORT, 60.0), covariance_of(200.0, 4.0), KNOWN, np.zeros(6), id="300 km, beta known"),
        pytest.param(state_of(SHORT, 60.0), covariance_of(200.0, 4.0), UNKNOWN, np.zeros(6), id="300 km, unknown"),
        pytest.param(state_of(SHORT, 60.0), covariance_of(20.0, 0.2), UNKNOWN, np.zeros(6), id="300 km, drag alone"),
        pytest.param(state_of(SHORT, 240.0), covariance_of(50.0, 5.0), 0.04, reentry_tie(0.2), id="300 km, in reentry"),
        pytest.param(state_of(LONG, 60.0), covariance_of(150.0, 3.0), KNOWN, np.zeros(6), id="4,500 km, beta known"),
        pytest.param(state_of(LONG, 60.0), covariance_of(20.0, 0.2), UNKNOWN, np.zeros(6), id="4,500 km, drag alone"),
        pytest.param(
            state_of(LONG, 60.0), covariance_of(900.0, 60.0), UNKNOWN, np.zeros(6), id="4,500 km, hardly known"
        ),
    ],
)
def test_the_prediction_holds_what_it_says_however_skewed(
    state: Vector, known: Matrix, variance: float, tie: Vector
) -> None:
    whole = np.zeros((7, 7))
    whole[:6, :6], whole[6, 6], whole[6, :6], whole[:6, 6] = known, variance, tie, tie
    places, seconds = drawn_hits(np.append(state, LOG_BETA_PRIOR), whole, 1_500)
    ties = tie.tolist()
    drag = Drag(LOG_BETA_PRIOR, (ties[0], ties[1], ties[2], ties[3], ties[4], ties[5], variance))
    impact = outlook(Estimate(after(0.0), state, known, drag), Phase.COAST, after(-60.0), after(0.0), 3).impact
    assert impact is not None
    # 1,500 shots: one sigma is 1.3, 0.8 and 0.8 points.
    assert np.mean([holds(impact.ellipse50, impact, one) for one in places]) == pytest.approx(0.50, abs=0.035)
    assert np.mean([holds(impact.ellipse90, impact, one) for one in places]) == pytest.approx(0.90, abs=0.025)
    early, late = ((one - after(0.0)).total_seconds() for one in (impact.earliest_at, impact.latest_at))
    assert np.mean((early <= seconds) & (seconds <= late)) == pytest.approx(0.90, abs=0.025)


def test_unknown_drag_is_a_floor_of_kilometres_and_many_seconds() -> None:
    estimate = Estimate(after(0.0), state_of(SHORT, 60.0), covariance_of(1.0, 0.01))
    floor = outlook(estimate, Phase.COAST, after(-60.0), after(0.0), 3).impact
    sure = replace(estimate, drag=Drag(log(4_000.0), (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, KNOWN)))
    told = outlook(sure, Phase.COAST, after(-60.0), after(0.0), 3).impact
    assert floor is not None
    assert told is not None
    assert 1e3 < floor.ellipse90.semi_major_m < 5e3
    assert 8.0 < floor.at_sigma_s < 25.0
    assert told.ellipse90.semi_major_m < 0.25e3
    assert told.at_sigma_s < 0.5


# The tracker and the prediction together


def of(rows: list[Row], *, seconds: int, beta_known: bool) -> Row:
    return next(row for row in rows if row.seconds == seconds and row.beta_known is beta_known)


@pytest.mark.parametrize("count", [1, 3])
def test_the_ellipse_after_a_minute_is_within_a_fifth_of_the_bound(count: int) -> None:
    row = of(measure(MIDDLE, count, 12, 3, may_be_off=False), seconds=60, beta_known=True)
    assert row.predicted == row.runs
    assert 0.95 < row.ratio <= 1.2


@pytest.mark.long
@pytest.mark.walk
@pytest.mark.parametrize("may_be_off", [False, True])
@pytest.mark.parametrize("count", [1, 3])
def test_a_thousand_ellipses_hold_half_and_nine_tenths(count: int, *, may_be_off: bool) -> None:
    for row in measure(MIDDLE, count, 1_000, 5, may_be_off=may_be_off):
        assert row.predicted > 0.99 * row.runs
        assert row.hold50 == pytest.approx(0.50, abs=0.03 + row.error50)
        assert row.hold90 == pytest.approx(0.90, abs=0.03 + row.error90)
