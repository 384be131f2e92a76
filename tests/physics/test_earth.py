from __future__ import annotations

from math import cos, radians, sin

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laurel.physics import earth
from laurel.physics.compiled import Vector
from laurel.physics.earth import (
    BadPlace,
    Look,
    azimuth_elevation_range,
    destination,
    ecef_to_geodetic,
    enu_matrix,
    enu_to_ecef,
    geodesic,
    geodetic_to_ecef,
    gravity,
    looked_at,
)

lats = st.floats(-90.0, 90.0)
lons = st.floats(-180.0, 180.0)

# GeographicLib 2.0, Inverse on WGS84: two places, metres, both azimuths.
GEODESICS = [
    ((40.61, 126.43, 40.82, 140.74), 1208026.9473, 84.219649, 93.582080),
    ((0.0, 0.0, 0.5, 179.7), 19944127.4208, 15.556883, 164.442514),
    ((30.0, 0.0, -29.9, 179.8), 19989832.8276, 18.109475, 161.909263),
    ((0.0, 10.0, 0.0, 100.0), 10018754.1714, 90.0, 90.0),
    ((90.0, 0.0, -90.0, 0.0), 20003931.4586, 180.0, 180.0),
    ((-33.9, 151.2, 51.5, -0.1), 16990083.8801, 319.213720, 240.469940),
    ((35.0, 139.0, 35.00001, 139.00001), 1.4367, 39.449473, 39.449478),
]


def turn(a_deg: float, b_deg: float) -> float:
    return abs((a_deg - b_deg + 180.0) % 360.0 - 180.0)


@given(lat=lats, lon=lons, alt=st.floats(-10_000.0, 10_000_000.0))
@settings(deadline=None, max_examples=500)
def test_a_place_survives_the_way_to_ecef_and_back_to_a_micrometre(lat: float, lon: float, alt: float) -> None:
    position = geodetic_to_ecef(lat, lon, alt)
    there = ecef_to_geodetic(position)
    assert np.linalg.norm(geodetic_to_ecef(*there) - position) < 1e-6
    assert there[2] == pytest.approx(alt, abs=1e-6)
    assert there[0] == pytest.approx(lat, abs=1e-11)


@pytest.mark.parametrize("lat", [90.0, -90.0, 89.9999999, 0.0])
@pytest.mark.parametrize("alt", [0.0, 86_000.0, 10_000_000.0])
def test_the_poles_and_the_equator_are_like_any_other_place(lat: float, alt: float) -> None:
    there = ecef_to_geodetic(geodetic_to_ecef(lat, 12.0, alt))
    assert there[0] == pytest.approx(lat, abs=1e-11)
    assert there[2] == pytest.approx(alt, abs=1e-6)


def test_the_axes_of_the_ellipsoid_are_where_wgs84_puts_them() -> None:
    assert geodetic_to_ecef(0.0, 0.0, 0.0) == pytest.approx([6378137.0, 0.0, 0.0])
    assert geodetic_to_ecef(0.0, 90.0, 10.0) == pytest.approx([0.0, 6378147.0, 0.0], abs=1e-9)
    assert geodetic_to_ecef(90.0, 0.0, 0.0) == pytest.approx([0.0, 0.0, 6356752.314245], abs=1e-6)


@pytest.mark.parametrize("place", [(91.0, 0.0, 0.0), (0.0, 400.0, 0.0), (0.0, 0.0, float("nan")), (0.0, 0.0, -7e6)])
def test_what_is_no_place_is_refused(place: tuple[float, float, float]) -> None:
    with pytest.raises(BadPlace, match="latitude"):
        geodetic_to_ecef(*place)


def test_a_position_of_nan_is_refused() -> None:
    with pytest.raises(BadPlace):
        ecef_to_geodetic(np.array([np.nan, 0.0, 0.0]))


@given(lat=lats, lon=lons)
@settings(deadline=None)
def test_local_axes_are_a_rotation_and_up_is_up(lat: float, lon: float) -> None:
    axes = enu_matrix(lat, lon)
    assert axes @ axes.T == pytest.approx(np.eye(3), abs=1e-12)
    assert np.linalg.det(axes) == pytest.approx(1.0)
    higher = geodetic_to_ecef(lat, lon, 1000.0) - geodetic_to_ecef(lat, lon, 0.0)
    assert enu_to_ecef(np.array([0.0, 0.0, 1000.0]), lat, lon) == pytest.approx(higher, abs=1e-6)


@given(
    lat=lats,
    lon=lons,
    azimuth=st.floats(0.0, 359.999),
    elevation=st.floats(-10.0, 89.9),
    far=st.floats(10.0, 4e7),
)
@settings(deadline=None)
def test_a_look_angle_leads_back_to_what_was_seen(
    lat: float, lon: float, azimuth: float, elevation: float, far: float
) -> None:
    look = Look(azimuth, elevation, far)
    seen = azimuth_elevation_range(looked_at(look, lat, lon, 50.0), lat, lon, 50.0)
    assert seen.range_m == pytest.approx(far, abs=1e-6)
    assert seen.elevation_deg == pytest.approx(elevation, abs=1e-6)
    assert turn(seen.azimuth_deg, azimuth) * cos(radians(elevation)) < 1e-6


@pytest.mark.parametrize(("ends", "metres", "leaves", "arrives"), GEODESICS)
def test_a_geodesic_agrees_with_geographiclib_near_antipodes_too(
    ends: tuple[float, float, float, float], metres: float, leaves: float, arrives: float
) -> None:
    way = geodesic(*ends)
    assert way.distance_m == pytest.approx(metres, abs=1e-3)
    assert turn(way.azimuth_deg, leaves) < 1e-5
    assert turn(way.arrival_azimuth_deg, arrives) < 1e-5


def test_exact_antipodes_are_half_a_meridian_apart() -> None:
    assert geodesic(0.0, 0.0, 0.0, 180.0).distance_m == pytest.approx(20003931.4586, abs=1e-3)
    assert geodesic(45.0, 0.0, -45.0, 180.0).distance_m == pytest.approx(20003931.4586, abs=1e-3)


@given(lat1=lats, lon1=lons, lat2=lats, lon2=lons)
@settings(deadline=None, max_examples=500)
def test_going_the_geodesic_arrives(lat1: float, lon1: float, lat2: float, lon2: float) -> None:
    way = geodesic(lat1, lon1, lat2, lon2)
    lat, lon, _ = destination(lat1, lon1, way.azimuth_deg, way.distance_m)
    assert np.linalg.norm(geodetic_to_ecef(lat, lon, 0.0) - geodetic_to_ecef(lat2, lon2, 0.0)) < 1e-3
    assert geodesic(lat2, lon2, lat1, lon1).distance_m == pytest.approx(way.distance_m, abs=1e-3)


def potential(position: Vector) -> float:
    """GM/r with J2 to J4, from Legendre polynomials: written apart from the kernel, to check it."""
    r = float(np.linalg.norm(position))
    u = float(position[2]) / r
    total = 1.0
    for n, j in ((2, earth.J2), (3, earth.J3), (4, earth.J4)):
        order = np.zeros(n + 1)
        order[n] = 1.0
        total -= j * (earth.A_M / r) ** n * float(np.polynomial.legendre.legval(u, order))
    return earth.GM_M3PS2 / r * total


@given(lat=lats, lon=lons, alt=st.floats(0.0, 8e6))
@settings(deadline=None)
def test_gravity_is_the_slope_of_the_zonal_potential(lat: float, lon: float, alt: float) -> None:
    position = geodetic_to_ecef(lat, lon, alt)
    slope = [(potential(position + 50.0 * axis) - potential(position - 50.0 * axis)) / 100.0 for axis in np.eye(3)]
    assert gravity(*position.tolist()) == pytest.approx(slope, abs=2e-8)


@pytest.mark.parametrize("lat", [0.0, 45.0, 90.0])
def test_weight_at_sea_level_is_that_of_the_normal_gravity_formula(lat: float) -> None:
    x, y, z = geodetic_to_ecef(lat, 0.0, 0.0).tolist()
    pull = earth.freefall(x, y, z, 0.0, 0.0)
    s2 = sin(radians(lat)) ** 2
    somigliana = 9.7803253359 * (1 + 0.00193185265241 * s2) / (1 - earth.E2 * s2) ** 0.5
    # J3 and the terms above J4 are not in the formula, or not in the kernel: 1e-5 of g.
    assert np.linalg.norm(pull) == pytest.approx(somigliana, rel=2e-5)
