"""From point to point over the Earth."""

from __future__ import annotations

from math import atan2, degrees, inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laurel.physics.compiled import Vector
from laurel.physics.earth import ecef_to_geodetic, enu_matrix, geodesic
from laurel.physics.route import BadRoute, Point, route

# GeographicLib 2.0, Inverse on WGS84: two places, metres, both azimuths.
LEGS = [
    ((40.61, 126.43), (40.82, 140.74), 1_208_026.9473, 84.219649, 93.582080),
    ((0.0, 10.0), (0.0, 100.0), 10_018_754.1714, 90.0, 90.0),
    ((-33.9, 151.2), (51.5, -0.1), 16_990_083.8801, 319.213720, 240.469940),
]


def heading_deg(position: Vector, velocity: Vector) -> float:
    lat_deg, lon_deg, _ = ecef_to_geodetic(position)
    east, north, _ = (enu_matrix(lat_deg, lon_deg) @ velocity).tolist()
    return degrees(atan2(east, north)) % 360.0


@pytest.mark.parametrize(("start", "end", "distance_m", "leaves_deg", "arrives_deg"), LEGS)
def test_a_leg_is_the_geodesic_of_geographiclib(
    start: tuple[float, float], end: tuple[float, float], distance_m: float, leaves_deg: float, arrives_deg: float
) -> None:
    way = route([Point(*start, 0.0, 200.0), Point(*end, 0.0, 200.0)])
    assert way.ends_s * 200.0 == pytest.approx(distance_m, abs=0.01)
    assert heading_deg(*way.at(0.0)) == pytest.approx(leaves_deg, abs=1e-3)
    assert heading_deg(*way.at(way.ends_s)) == pytest.approx(arrives_deg, abs=1e-3)
    lat_deg, lon_deg, _ = ecef_to_geodetic(way.at(way.ends_s)[0])
    assert (lat_deg, lon_deg) == pytest.approx(end, abs=1e-7)


def test_it_climbs_evenly_and_holds_its_speed_over_the_ground() -> None:
    way = route([Point(35.0, 135.0, 1_000.0, 200.0), Point(36.0, 136.0, 9_000.0, 200.0)])
    half_s = 0.5 * way.ends_s
    lat_deg, lon_deg, alt_m = ecef_to_geodetic(way.at(half_s)[0])
    assert alt_m == pytest.approx(5_000.0, abs=1e-3)
    assert geodesic(35.0, 135.0, lat_deg, lon_deg).distance_m == pytest.approx(200.0 * half_s, abs=1e-3)
    # 5 km up, the same angle is a longer way.
    east_north = np.linalg.norm((enu_matrix(lat_deg, lon_deg) @ way.at(half_s)[1])[:2])
    assert east_north == pytest.approx(200.0 * (1.0 + 5_000.0 / 6_371e3), rel=1e-4)


def test_it_rests_where_it_stops_and_stays_where_it_ends() -> None:
    way = route([Point(35.0, 135.0, 0.0, 10.0, 100.0), Point(35.1, 135.0, 0.0, 10.0, 50.0)])
    assert np.linalg.norm(way.at(99.0)[1]) == 0.0
    assert np.linalg.norm(way.at(101.0)[1]) == pytest.approx(10.0, rel=1e-3)
    there = way.at(way.ends_s - 25.0)[0]
    assert np.array_equal(there, way.at(way.ends_s - 1.0)[0])
    assert np.array_equal(way.at(way.ends_s + 1e6)[0], way.at(way.ends_s)[0])


def test_a_way_round_and_round_has_no_end() -> None:
    points = [Point(35.0, 135.0, 0.0, 10.0), Point(35.1, 135.0, 0.0, 10.0), Point(35.1, 135.2, 0.0, 10.0)]
    way = route(points, round_and_round=True)
    assert way.ends_s == inf
    assert way.at(7.0)[0] == pytest.approx(way.at(7.0 + 5.0 * way.round_s)[0], abs=1e-3)


@given(t_s=st.floats(0.0, 20_000.0))
@settings(deadline=None, max_examples=100)
def test_the_velocity_is_the_derivative_of_the_position(t_s: float) -> None:
    points = [Point(35.0, 179.0, 0.0, 100.0), Point(36.0, -179.0, 8_000.0, 150.0), Point(34.0, -178.0, 500.0, 90.0)]
    way = route(points, round_and_round=True)
    before_s = t_s % way.round_s
    if min(abs(before_s - leg.to_s) for leg in way.legs) < 2.0 or before_s < 2.0:
        return
    moved = (way.at(t_s + 0.5)[0] - way.at(t_s - 0.5)[0]) / 1.0
    assert way.at(t_s)[1] == pytest.approx(moved, abs=1e-3)


@pytest.mark.parametrize(
    "points",
    [
        [Point(35.0, 135.0, 0.0, 10.0)],
        [Point(35.0, 135.0, 0.0, 10.0), Point(35.0, 135.0, 0.0, 10.0)],
        [Point(35.0, 135.0, 0.0, 0.0), Point(36.0, 135.0, 0.0, 10.0)],
    ],
)
def test_what_leads_nowhere_is_no_way(points: list[Point]) -> None:
    with pytest.raises(BadRoute, match="two points"):
        route(points)
