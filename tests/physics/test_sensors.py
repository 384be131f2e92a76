from __future__ import annotations

from collections.abc import Callable
from math import radians

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laurel.physics import infrared, radar
from laurel.physics.compiled import Matrix, Vector
from laurel.physics.earth import Look, ecef_to_geodetic, geodetic_to_ecef, looked_at
from laurel.physics.infrared import BadInfrared, Infrared, infrared_h, infrared_jacobian
from laurel.physics.radar import (
    BadRadar,
    Radar,
    Weather,
    air_delay_m,
    apparent,
    bending_rad,
    correct,
    detection,
    false_plot,
    lowest_visible_m,
    plasma_delay_m,
    radar_h,
    radar_jacobian,
    radar_position,
    snr,
)

UHF = Radar(40.9, 140.3, 30.0, 40.0, 1.5e-3, 2_500e3, frequency_hz=435e6)
X_BAND = Radar(35.8, 128.2, 300.0, 8.0, 2e-4, 1_800e3, boresight_deg=0.0, sector_deg=120.0)
QUIET = np.zeros(3)


def seen_from(site: Radar, azimuth: float, elevation: float, far: float) -> Vector:
    return looked_at(Look(azimuth, elevation, far), site.lat_deg, site.lon_deg, site.alt_m)


# Elevation (degrees), bend (mrad), troposphere (m), ionosphere at 435 MHz (m); each good to its last digit or 5 %.
@pytest.mark.parametrize(
    ("elevation", "bend", "air", "plasma"),
    [(1.0, 8.0, 66.0, 334.0), (3.0, 4.6, 36.0, 330.0), (10.0, 1.7, 13.0, 297.0), (45.0, 0.3, 3.0, 143.0)],
)
def test_refraction_is_the_published_table(elevation: float, bend: float, air: float, plasma: float) -> None:
    el = radians(elevation)
    assert bending_rad(el) * 1e3 == pytest.approx(bend, rel=0.05, abs=0.05)
    assert air_delay_m(el) == pytest.approx(air, rel=0.02, abs=0.5)
    assert plasma_delay_m(el, 435e6) == pytest.approx(plasma, rel=0.005)
    assert plasma_delay_m(el, 10e9) < 1.0


@pytest.mark.parametrize(("range_km", "height_km"), [(500, 15), (1000, 59), (2000, 232)])
def test_the_horizon_is_the_published_table(range_km: int, height_km: int) -> None:
    assert lowest_visible_m(1e3 * range_km) / 1e3 == pytest.approx(height_km, abs=0.5)


def test_the_bent_ray_and_the_larger_earth_agree_where_both_hold() -> None:
    low = Radar(0.0, 0.0, 0.0, 40.0, 1e-3, 2e6, lowest_deg=-5.0)
    for far in (200e3, 400e3):
        place = seen_from(low, 90.0, 0.0, far)
        lat, lon, alt = ecef_to_geodetic(place)
        heights = np.linspace(alt - 10e3, alt, 200)
        apparent_el = [apparent(low, geodetic_to_ecef(lat, lon, float(h)))[2] for h in heights]
        just_seen = float(np.interp(0.0, apparent_el, heights))
        assert just_seen == pytest.approx(lowest_visible_m(far), rel=0.1)


def test_a_swerling_one_target_is_seen_as_the_formula_says() -> None:
    assert detection(0.0, 1e-6) == pytest.approx(1e-6)
    assert detection(20.0, 1e-6) == pytest.approx(1e-6 ** (1 / 21))
    assert detection(1e9, 1e-6) == pytest.approx(1.0)
    assert detection(snr(UHF, UHF.reach_m), UHF.false_alarm) == pytest.approx(0.518, abs=1e-3)


def test_signal_falls_with_the_fourth_power_of_range() -> None:
    assert snr(UHF, 1e6) / snr(UHF, 2e6) == pytest.approx(16.0)
    assert snr(UHF, 1e6, 0.1) == pytest.approx(0.1 * snr(UHF, 1e6))


@given(azimuth=st.floats(0.0, 359.0), elevation=st.floats(0.5, 85.0), far=st.floats(20e3, 4e6))
@settings(deadline=None)
def test_a_measurement_leads_back_to_the_place(azimuth: float, elevation: float, far: float) -> None:
    place = seen_from(UHF, azimuth, elevation, far)
    measured = radar_h(place, UHF.position_ecef_m, UHF.enu)
    assert measured[0] == pytest.approx(far, abs=1e-6)
    assert np.cos(measured[1] - radians(azimuth)) == pytest.approx(1.0)
    assert radar_position(measured, UHF.position_ecef_m, UHF.enu) == pytest.approx(place, abs=1e-5)


def slope_of(h: Callable[[Vector], Vector], state: Vector) -> Matrix:
    columns: list[Vector] = []
    for i in range(6):
        nudge = np.zeros(6)
        nudge[i] = 5.0
        columns.append((h(state + nudge) - h(state - nudge)) / 10.0)
    return np.array(columns).T


@given(azimuth=st.floats(5.0, 175.0), elevation=st.floats(1.0, 80.0), far=st.floats(50e3, 4e6))
@settings(deadline=None)
def test_the_jacobians_are_the_slopes_of_the_measurements(azimuth: float, elevation: float, far: float) -> None:
    state = np.concatenate((seen_from(UHF, azimuth, elevation, far), [1.0, 2.0, 3.0]))
    site, enu = UHF.position_ecef_m, UHF.enu
    assert radar_jacobian(state, site, enu) == pytest.approx(
        slope_of(lambda s: radar_h(s, site, enu), state), rel=1e-4, abs=1e-9
    )
    eye = Infrared(lon_deg=165.0)
    place, frame = eye.position_ecef_m, eye.frame
    numeric = slope_of(lambda s: infrared_h(s, place, frame), state)
    assert infrared_jacobian(state, place, frame) == pytest.approx(numeric, rel=1e-4, abs=1e-12)


@given(azimuth=st.floats(0.0, 359.0), elevation=st.floats(1.0, 80.0), far=st.floats(150e3, 2.4e6))
@settings(deadline=None)
def test_a_corrected_plot_of_a_standard_day_is_true_to_a_hundredth_of_the_refraction(
    azimuth: float, elevation: float, far: float
) -> None:
    place = seen_from(UHF, azimuth, elevation, far)
    plot = radar.observe(UHF, place, QUIET, 0.0)
    assert plot is not None
    back = correct(UHF, plot)
    longer, higher = plot.range_m - far, plot.elevation_rad - radians(elevation)
    assert longer > 0.0
    assert higher > 0.0
    assert abs(back.range_m - far) <= 0.01 * longer
    assert abs(back.elevation_rad - radians(elevation)) <= 0.01 * higher


def test_weather_off_standard_leaves_its_share_after_correction() -> None:
    place = seen_from(UHF, 270.0, 3.0, 1e6)
    plot = radar.observe(UHF, place, QUIET, 0.0, weather=Weather(refractivity=1.1))
    assert plot is not None
    assert correct(UHF, plot).elevation_rad - radians(3.0) == pytest.approx(0.1 * 4.2e-3, rel=0.2)


def test_a_radar_sees_nothing_below_its_horizon_outside_its_sector_or_by_bad_luck() -> None:
    assert radar.observe(UHF, geodetic_to_ecef(40.0, 125.0, 50e3), QUIET, 0.0) is None
    behind = seen_from(X_BAND, 180.0, 20.0, 500e3)
    assert radar.observe(X_BAND, behind, QUIET, 0.0) is None
    before = seen_from(X_BAND, 350.0, 20.0, 500e3)
    assert radar.observe(X_BAND, before, QUIET, 0.0) is not None
    assert radar.observe(X_BAND, before, QUIET, 0.9999) is None


def test_errors_of_a_plot_are_its_sigmas_times_the_given_normals() -> None:
    place = seen_from(X_BAND, 10.0, 20.0, 500e3)
    clean, noisy = (radar.observe(X_BAND, place, n, 0.0) for n in (QUIET, np.array([1.0, -2.0, 3.0])))
    assert clean is not None
    assert noisy is not None
    assert noisy.range_m - clean.range_m == pytest.approx(8.0)
    assert noisy.azimuth_rad - clean.azimuth_rad == pytest.approx(-4e-4)
    assert noisy.elevation_rad - clean.elevation_rad == pytest.approx(6e-4)


@given(u=st.tuples(*[st.floats(0.0, 0.999999)] * 3))
@settings(deadline=None)
def test_a_false_plot_lies_where_the_radar_looks(u: tuple[float, float, float]) -> None:
    plot = false_plot(X_BAND, np.array(u))
    assert 0.0 <= plot.range_m <= X_BAND.reach_m
    assert radar.covers(X_BAND, plot.azimuth_rad, plot.elevation_rad) or u[2] < 1e-9 or u[1] < 1e-9


@pytest.mark.parametrize(
    "wrong", [{"sigma_range_m": 0.0}, {"false_alarm": 1.0}, {"reach_m": float("nan")}, {"lowest_deg": 90.0}]
)
def test_a_radar_no_one_can_build_is_refused(wrong: dict[str, float]) -> None:
    sound = {
        "lat_deg": 0.0,
        "lon_deg": 0.0,
        "alt_m": 0.0,
        "sigma_range_m": 1.0,
        "sigma_angle_rad": 1e-3,
        "reach_m": 1e6,
    }
    with pytest.raises(BadRadar):
        Radar(**{**sound, **wrong})


def test_a_warning_satellite_sees_a_burning_motor_between_cloud_and_fading_only() -> None:
    eye = Infrared(lon_deg=86.0)
    for alt, burning, expected in ((40e3, True, True), (40e3, False, False), (5e3, True, False), (95e3, True, False)):
        plot = infrared.observe(eye, geodetic_to_ecef(39.3, 125.9, alt), np.zeros(2), 0.0, thrusting=burning)
        assert (plot is not None) is expected


def test_a_warning_satellite_sees_nothing_behind_the_earth() -> None:
    behind = Infrared(lon_deg=-60.0)
    assert infrared.observe(behind, geodetic_to_ecef(39.3, 125.9, 40e3), np.zeros(2), 0.0, thrusting=True) is None
    assert infrared.hidden(behind.position_ecef_m, geodetic_to_ecef(39.3, 125.9, 40e3))
    over = Infrared(lon_deg=125.9, lat_deg=39.3)
    assert not infrared.hidden(over.position_ecef_m, geodetic_to_ecef(39.3, 125.9, 0.0))


def test_two_lines_of_sight_meet_where_the_motor_burns() -> None:
    place = geodetic_to_ecef(39.3, 125.9, 40e3)
    lines: list[tuple[Vector, Vector]] = []
    for eye in (Infrared(lon_deg=86.0), Infrared(lon_deg=165.0)):
        plot = infrared.observe(eye, place, np.zeros(2), 0.0, thrusting=True)
        assert plot is not None
        ray = np.array([1e7, plot.azimuth_rad, plot.elevation_rad])
        lines.append(
            (eye.position_ecef_m, (radar_position(ray, eye.position_ecef_m, eye.frame) - eye.position_ecef_m) / 1e7)
        )
    normal = sum(np.eye(3) - np.outer(way, way) for _, way in lines)
    right = sum((np.eye(3) - np.outer(way, way)) @ at for at, way in lines)
    assert np.linalg.solve(normal, right) == pytest.approx(place, abs=0.01)


def test_the_earths_centre_is_the_middle_of_the_picture() -> None:
    eye = Infrared(lon_deg=100.0)
    assert infrared_h(geodetic_to_ecef(0.0, 100.0, 0.0), eye.position_ecef_m, eye.frame) == pytest.approx(
        [0.0, 0.0], abs=1e-12
    )
    north = infrared_h(geodetic_to_ecef(40.0, 100.0, 0.0), eye.position_ecef_m, eye.frame)
    assert north[1] > 0.1
    assert abs(north[0]) < 1e-9


@pytest.mark.parametrize("wrong", [{"sigma_rad": 0.0}, {"detection": 0.0}, {"cloud_m": 90e3}, {"alt_m": 1000.0}])
def test_a_satellite_that_cannot_watch_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(BadInfrared):
        Infrared(**{"lon_deg": 86.0, **wrong})
