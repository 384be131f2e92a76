"""Whose land or sea a place is."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest

from laurel.instruments.warning.areas import TERRITORY, ZONE, areas_at, territory_at, touches
from laurel.instruments.warning.picture_types import Ellipse
from laurel.instruments.warning.records import Area

JAPAN, JAPAN_ZONE = Area("JPN", TERRITORY), Area("JPN", ZONE)
KOREA, KOREA_ZONE = Area("KOR", TERRITORY), Area("KOR", ZONE)
USA, USA_ZONE = Area("USA", TERRITORY), Area("USA", ZONE)


def at(lat_deg: float, lon_deg: float) -> tuple[Area, ...]:
    return areas_at(np.array([lat_deg]), np.array([lon_deg]))


@pytest.mark.parametrize(
    ("place", "lat_deg", "lon_deg", "expected"),
    [
        ("Tokyo", 35.68, 139.76, JAPAN),
        ("Naha", 26.21, 127.68, JAPAN),
        ("Aomori", 40.82, 140.74, JAPAN),
        ("Seoul", 37.56, 126.97, KOREA),
        ("Jeju", 33.38, 126.55, KOREA),
        ("Pyongyang", 39.02, 125.75, Area("PRK", TERRITORY)),
        ("Guam", 13.45, 144.78, USA),
        ("Honolulu", 21.31, -157.82, USA),
        ("Anchorage", 61.2, -149.9, USA),
        ("Canberra", -35.3, 149.1, Area("AUS", TERRITORY)),
        ("New Delhi", 28.6, 77.2, Area("IND", TERRITORY)),
        ("London", 51.5, -0.1, Area("GBR", TERRITORY)),
        ("Manila", 14.6, 121.0, Area("PHL", TERRITORY)),
        ("Chukotka, beyond the date line", 66.0, -175.0, Area("RUS", TERRITORY)),
        ("between the Kolyma and Anadyr", 66.683, 152.333, Area("RUS", TERRITORY)),
        ("off Akita in the Sea of Japan", 40.0, 138.0, JAPAN_ZONE),
        ("the middle of the Sea of Japan", 39.5, 135.0, JAPAN_ZONE),
        ("off Gangneung", 37.8, 129.5, KOREA_ZONE),
        ("off Guam", 13.0, 146.0, USA_ZONE),
        ("off Minamitorishima", 23.0, 153.0, JAPAN_ZONE),
        ("west of the date line, Aleutians", 51.0, 179.9, USA_ZONE),
        ("east of the date line, Aleutians", 51.0, -179.9, USA_ZONE),
    ],
)
def test_a_known_place_lies_where_it_lies(place: str, lat_deg: float, lon_deg: float, expected: Area) -> None:
    assert at(lat_deg, lon_deg) == (expected,), place


@pytest.mark.parametrize(
    ("place", "lat_deg", "lon_deg"),
    [("north of Hawaii", 35.0, -160.0), ("the North Pacific", 32.0, 176.0), ("the South Pacific", -48.0, -123.0)],
)
def test_the_open_sea_is_nobodys(place: str, lat_deg: float, lon_deg: float) -> None:
    assert at(lat_deg, lon_deg) == (), place


def test_a_zone_ends_at_two_hundred_nautical_miles() -> None:
    # Due east of Cape Inubo (35.71 N 140.87 E) there is nothing but sea.
    degrees_per_metre = 1.0 / (111_320.0 * np.cos(np.radians(35.71)))
    assert at(35.71, 140.87 + 360_000.0 * degrees_per_metre) == (JAPAN_ZONE,)
    assert at(35.71, 140.87 + 380_000.0 * degrees_per_metre) == ()


def test_an_inland_place_has_no_zone() -> None:
    assert at(36.2, 137.9) == (JAPAN,)


def test_several_places_give_all_their_areas_in_order() -> None:
    found = areas_at(np.array([35.68, 40.0, 37.56]), np.array([139.76, 138.0, 126.97]))
    assert found == (JAPAN, JAPAN_ZONE, KOREA)


def test_territory_is_told_for_each_place_and_longitude_may_pass_180() -> None:
    lands = territory_at(np.array([35.68, 35.0, 21.31]), np.array([139.76, 160.0, 202.18]))
    assert lands == ("JPN", "", "USA")


def test_land_that_crosses_the_date_line_is_not_found_on_the_other_side_of_the_earth() -> None:
    assert territory_at(np.array([68.38, 68.51]), np.array([-18.34, -166.45])) == ("", "")


def test_an_ellipse_at_sea_that_reaches_the_coast_touches_land_and_zone() -> None:
    assert touches(39.7, 138.5, Ellipse(50e3, 20e3, 90.0)) == (JAPAN_ZONE,)
    assert touches(39.7, 138.5, Ellipse(150e3, 20e3, 90.0)) == (JAPAN, JAPAN_ZONE)
    assert touches(39.7, 138.5, Ellipse(150e3, 20e3, 0.0)) == (JAPAN_ZONE,)


def test_a_small_island_inside_a_wide_ellipse_is_not_missed() -> None:
    # Iwo Jima is 8 km long and stands between the points by which zones are found.
    assert JAPAN in touches(26.0, 143.0, Ellipse(240e3, 240e3, 0.0))


def test_an_ellipse_across_the_date_line_touches_both_sides() -> None:
    found = touches(-17.5, 179.95, Ellipse(120e3, 60e3, 90.0))
    assert found == (Area("FJI", TERRITORY), Area("FJI", ZONE))
    assert found == touches(-17.5, -180.05, Ellipse(120e3, 60e3, 90.0))


def test_an_ellipse_in_the_open_sea_touches_nothing() -> None:
    assert touches(32.0, 176.0, Ellipse(300e3, 100e3, 45.0)) == ()


def test_an_ellipse_over_the_pole_is_judged_all_the_same() -> None:
    assert touches(89.9, 0.0, Ellipse(50e3, 50e3, 0.0)) == ()


def test_the_map_is_small_enough_to_carry() -> None:
    assert len(files("laurel.instruments.warning").joinpath("natural_earth.bin").read_bytes()) < 1_000_000
