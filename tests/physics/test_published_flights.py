from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from benchmarks.published import IMPOSSIBLE, REPORTS, Report
from hypothesis import given
from hypothesis import strategies as st

from laurel.physics.boost import NoSuchFlight, Site, Vehicle, ground_track, launch, solve_boost
from laurel.physics.flight import NoImpact
from laurel.physics.reported import GLIDES_BELOW_M, BadReport, Verdict, consistent, fits, nearest_fit
from laurel.physics.vehicles import GLIDER, SRBM_QUASI_BALLISTIC, VEHICLES

SUNAN = Site(39.2, 125.67)
each_report = pytest.mark.parametrize("report", REPORTS, ids=[report.day for report in REPORTS])


@each_report
def test_a_published_flight_is_met_in_apogee_range_direction_and_time(report: Report) -> None:
    aim = report.apogee_km * 1e3, report.range_km * 1e3
    flight = solve_boost(report.vehicle, report.site, report.azimuth_deg, *aim).flight
    way = ground_track(report.site, flight)
    assert (flight.apogee_m, way.distance_m) == pytest.approx(aim, abs=1e3)
    assert way.azimuth_deg == pytest.approx(report.azimuth_deg, abs=0.1)
    assert flight.impact_t_s == pytest.approx(report.seconds, abs=report.tolerance_s)


@each_report
def test_a_report_that_can_be_true_is_not_called_false(report: Report) -> None:
    verdict = consistent(report.apogee_km * 1e3, report.range_km * 1e3, report.seconds)
    assert verdict.consistent
    assert f"{verdict.arc_s:.0f} s, so {verdict.left_s:.0f} s are left" in verdict.words


def test_the_report_of_24_march_2022_leaves_no_time_for_a_boost() -> None:
    verdict = consistent(IMPOSSIBLE.apogee_km * 1e3, IMPOSSIBLE.range_km * 1e3, IMPOSSIBLE.seconds)
    assert not verdict.consistent
    assert verdict.left_s < 0.0
    assert "4075 s, 23 s longer than reported" in verdict.words


def judged(vehicle: Vehicle, kick_deg: float, cutoff: float) -> Verdict | None:
    """The verdict on a flight as it truly was, if it is one that may be judged."""
    try:
        flight = launch(vehicle, SUNAN, 75.0, kick_deg, cutoff)
    except NoImpact:
        return None
    range_m = ground_track(SUNAN, flight).distance_m
    reported = 15e3 < flight.apogee_m < 7_800e3 and 20e3 < range_m < 12_000e3
    late_glide = vehicle.lift_to_drag > 0.0 and flight.apogee_m > GLIDES_BELOW_M
    return consistent(flight.apogee_m, range_m, flight.impact_t_s) if reported and not late_glide else None


@pytest.mark.parametrize("vehicle", VEHICLES.values(), ids=VEHICLES)
def test_no_flight_of_a_notional_vehicle_is_called_false(vehicle: Vehicle) -> None:
    tried = itertools.product((1.0, 3.0, 6.0, 10.0, 16.0, 24.0, 32.0), (0.4, 0.6, 0.8, 1.0))
    verdicts = [verdict for one in tried if (verdict := judged(vehicle, *one)) is not None]
    assert len(verdicts) >= 6
    assert all(verdict.consistent for verdict in verdicts)


@pytest.mark.parametrize("vehicle", [SRBM_QUASI_BALLISTIC, GLIDER], ids=["short", "medium"])
@pytest.mark.parametrize("lift_to_drag", [-0.5, 0.0, 1.0])
def test_a_low_flight_with_little_lift_is_not_called_false_either(vehicle: Vehicle, lift_to_drag: float) -> None:
    little = replace(vehicle, lift_to_drag=lift_to_drag)
    verdicts = [verdict for kick in (20.0, 24.0, 28.0, 32.0) if (verdict := judged(little, kick, 0.7)) is not None]
    assert len(verdicts) >= 2
    assert all(verdict.consistent for verdict in verdicts)


@pytest.mark.parametrize(
    ("apogee_km", "range_km", "seconds"),
    [
        (50.0, 600.0, 200.0),
        (50.0, 600.0, 900.0),
        (2.0, 1500.0, 7580.0),
        (550.0, 2700.0, 1300.0),
        (2000.0, 800.0, 1620.0),
    ],
)
def test_a_flight_too_quick_or_too_slow_is_called_impossible(apogee_km: float, range_km: float, seconds: float) -> None:
    assert not consistent(apogee_km * 1e3, range_km * 1e3, seconds).consistent


@given(apogee_m=st.floats(1e3, 1e8), range_m=st.floats(1e3, 1.9e7), later_s=st.floats(0.0, 2e3))
def test_exactly_the_times_between_the_limits_are_possible(apogee_m: float, range_m: float, later_s: float) -> None:
    arc_s = consistent(apogee_m, range_m, 1.0).arc_s
    verdict = consistent(apogee_m, range_m, arc_s + later_s)
    assert verdict.left_s == pytest.approx(later_s, abs=1e-3)
    assert verdict.consistent == (verdict.least_s <= verdict.left_s <= verdict.most_s)


@pytest.mark.parametrize("figures", [(0.0, 1e6, 300.0), (1e5, -1.0, 300.0), (1e5, 1e6, 0.0), (float("nan"), 1e6, 9.0)])
def test_figures_of_no_flight_are_refused(figures: tuple[float, float, float]) -> None:
    with pytest.raises(BadReport):
        consistent(*figures)


def test_a_flat_low_flight_is_given_to_a_vehicle_that_lifts_and_a_high_one_to_one_that_falls() -> None:
    assert next(fits(SUNAN, 70.0, 50e3, 600e3)).vehicle == "srbm-quasi-ballistic"
    assert next(fits(SUNAN, 70.0, 100e3, 350e3)).vehicle == "srbm"
    assert next(fits(SUNAN, 70.0, 4475e3, 950e3)).vehicle == "icbm-solid"


def test_the_nearest_vehicle_is_the_one_whose_flight_time_is_nearest() -> None:
    found = nearest_fit(SUNAN, 70.0, 4475e3, 950e3, 3230.0)
    assert found is not None
    assert found.vehicle == "icbm-liquid"
    assert nearest_fit(SUNAN, 70.0, 30e3, 9000e3, 900.0) is None


def test_what_no_vehicle_flies_has_no_fit() -> None:
    assert not list(fits(SUNAN, 70.0, 30e3, 9000e3))
    with pytest.raises(NoSuchFlight):
        solve_boost(GLIDER, SUNAN, 70.0, 30e3, 9000e3)
