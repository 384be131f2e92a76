"""Outlines on a chart: what is inside, how far what is outside is, and which of them enclose nothing."""

from __future__ import annotations

from math import cos, radians, sin

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.physics.earth import destination, geodesic
from laurel.physics.outline import box, box_around, first_crossing, holds, way_to, winds_round_a_pole

SQUARE = ((10.0, 20.0), (10.0, 22.0), (12.0, 22.0), (12.0, 20.0))
ACROSS = ((50.0, 179.0), (50.0, -179.0), (52.0, -179.0), (52.0, 179.0))


def test_a_place_is_inside_or_so_far_away() -> None:
    assert holds(SQUARE, 11.0, 21.0)
    assert not holds(SQUARE, 11.0, 23.0)
    assert way_to(SQUARE, 11.0, 21.0) is None
    way = way_to(SQUARE, 11.0, 23.0)
    assert way is not None
    assert way.distance_m == pytest.approx(geodesic(11.0, 23.0, 11.0, 22.0).distance_m, rel=1e-6)
    assert way.azimuth_deg == pytest.approx(270.0, abs=0.5)


def test_an_outline_across_the_date_line_is_small() -> None:
    assert holds(ACROSS, 51.0, 180.0)
    assert holds(ACROSS, 51.0, -179.5)
    assert not holds(ACROSS, 51.0, 0.0)
    assert box(ACROSS) == (50.0, 179.0, 52.0, 181.0)
    way = way_to(ACROSS, 51.0, -178.0)
    assert way is not None
    assert way.distance_m < 71e3


@given(st.floats(-80.0, 80.0), st.floats(-180.0, 180.0), st.floats(-360.0, 360.0), st.integers(3, 30))
def test_the_same_outline_anywhere_holds_the_same(lat: float, lon: float, turn: float, count: int) -> None:
    corners = [
        (
            lat + 2.0 * cos(radians(360.0 * n / count)),
            (lon + 2.0 * sin(radians(360.0 * n / count)) + 180.0) % 360.0 - 180.0,
        )
        for n in range(count)
    ]
    assert holds(corners, lat, lon)
    assert holds(corners[::-1], lat, (lon + turn) % 360.0 - turn)
    assert not holds(corners, lat + 3.0, lon)
    assert first_crossing(corners) is None
    assert not winds_round_a_pole(corners)


def test_a_bow_tie_crosses_itself_and_the_edges_are_named() -> None:
    bow = ((0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0))
    assert first_crossing(bow) == (0, 2)
    assert first_crossing(SQUARE) is None
    assert first_crossing(ACROSS) is None
    assert first_crossing(tuple((lat, (lon + 359.0) % 360.0 - 180.0) for lat, lon in bow)) == (0, 2)


def test_edges_that_touch_or_run_back_cross() -> None:
    touching = ((0.0, 0.0), (0.0, 4.0), (2.0, 4.0), (0.0, 2.0), (2.0, 0.0))
    assert first_crossing(touching) is not None
    line = ((0.0, 0.0), (0.0, 1.0), (0.0, 2.0), (0.0, 3.0))
    assert first_crossing(line) is not None


def test_a_ring_round_a_pole_is_known_for_one() -> None:
    assert winds_round_a_pole(((80.0, 0.0), (80.0, 120.0), (80.0, -120.0)))
    assert not winds_round_a_pole(ACROSS)


@given(st.floats(-89.0, 89.0), st.floats(-180.0, 180.0), st.floats(1.0, 2e6), st.floats(0.0, 360.0))
def test_the_box_around_a_circle_holds_it(lat: float, lon: float, within_m: float, azimuth: float) -> None:
    south, west, north, east = box_around(lat, lon, within_m * 1.01)
    to_lat, to_lon, _ = destination(lat, lon, azimuth, within_m)
    assert south <= to_lat <= north
    assert west - 1e-9 <= west + (to_lon - west) % 360.0 <= east + 1e-9 or np.isclose((to_lon - west) % 360.0, 360.0)
