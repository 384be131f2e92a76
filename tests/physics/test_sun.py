"""Where the Sun stands, and when its light deceives a satellite."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import asin, atan2, degrees

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.physics.earth import azimuth_elevation_range, enu_matrix, geodetic_to_ecef
from laurel.physics.sun import sun_deceives, sun_direction

GEOSTATIONARY_M = 35_786_000.0
FALSE_ALARM = datetime(1983, 9, 25, 20, 15, tzinfo=UTC)
"""00:15 of 26 September in Moscow, early afternoon in Montana (Forden, MIT: Cosmos 1382 at about 20:15 GMT)."""
MOLNIYA_ECEF_M = geodetic_to_ecef(45.0, 0.0, 38_000_000.0)
"""A satellite like the one that watched then, near its apogee: it looks past the edge of the Earth, as those did."""
MONTANA_ECEF_M = geodetic_to_ecef(47.5, -111.2, 12_000.0)


def test_the_sun_stands_where_the_solar_position_algorithm_puts_it() -> None:
    # Reda & Andreas 2008 (NREL/TP-560-34302), appendix A.5: Golden, Colorado, without refraction.
    at = datetime(2003, 10, 17, 19, 30, 30, tzinfo=UTC)
    east, north, up = (enu_matrix(39.742476, -105.1786) @ sun_direction(at)).tolist()
    assert degrees(atan2(east, north)) % 360.0 == pytest.approx(194.340241, abs=0.02)
    assert degrees(asin(up)) == pytest.approx(39.872046, abs=0.02)
    assert degrees(asin(sun_direction(at)[2])) == pytest.approx(-9.31434, abs=0.01)


@pytest.mark.parametrize(
    ("at", "declination_deg"),
    [
        # Equinoxes and solstices as the almanacs give them, to the minute of universal time.
        (datetime(1983, 9, 23, 14, 42, tzinfo=UTC), 0.0),
        (datetime(2000, 3, 20, 7, 35, tzinfo=UTC), 0.0),
        (datetime(2017, 9, 22, 20, 2, tzinfo=UTC), 0.0),
        (datetime(2024, 3, 20, 3, 6, tzinfo=UTC), 0.0),
        (datetime(2000, 6, 21, 1, 48, tzinfo=UTC), 23.438),
        (datetime(2022, 12, 21, 21, 48, tzinfo=UTC), -23.438),
    ],
)
def test_the_seasons_begin_on_time(at: datetime, declination_deg: float) -> None:
    assert degrees(asin(sun_direction(at)[2])) == pytest.approx(declination_deg, abs=0.01)


def test_noon_at_greenwich_follows_the_equation_of_time() -> None:
    # 16 min 25 s early on 3 November, 14 min 14 s late on 11 February: the two greatest of the year.
    november, february = datetime(2023, 11, 3, 12, tzinfo=UTC), datetime(2023, 2, 11, 12, tzinfo=UTC)
    for at, ahead_min in ((november, 16.42), (february, -14.23)):
        x, y, _ = sun_direction(at).tolist()
        assert -degrees(atan2(y, x)) == pytest.approx(ahead_min / 4.0, abs=0.02)


@given(st.floats(0.0, 100.0))
def test_the_direction_of_the_sun_is_a_unit_vector_between_the_tropics(years: float) -> None:
    sun = sun_direction(datetime(1950, 1, 1, tzinfo=UTC) + timedelta(days=365.25 * years))
    assert np.linalg.norm(sun) == pytest.approx(1.0, abs=1e-12)
    assert abs(degrees(asin(sun[2]))) < 23.46


# What it does to a satellite


def test_the_false_alarm_of_1983_stood_in_the_light_of_the_sun() -> None:
    look = azimuth_elevation_range(MOLNIYA_ECEF_M, 47.5, -111.2, 12_000.0)
    assert 5.0 < look.elevation_deg < 20.0
    assert sun_deceives(MOLNIYA_ECEF_M, MONTANA_ECEF_M, FALSE_ALARM)


def test_at_midnight_in_montana_nothing_deceives() -> None:
    assert not sun_deceives(MOLNIYA_ECEF_M, MONTANA_ECEF_M, FALSE_ALARM + timedelta(hours=12))


def test_the_sun_beside_the_earth_dazzles_and_behind_the_earth_does_not() -> None:
    at = datetime(2024, 3, 20, 15, 0, tzinfo=UTC)
    eclipsed = -42_164_000.0 * sun_direction(at)
    beside = eclipsed + np.array([0.0, 0.0, 6_600_000.0])
    above_the_pole = np.array([0.0, 0.0, 6_450_000.0])
    assert sun_deceives(beside, above_the_pole, at)
    assert not sun_deceives(eclipsed, above_the_pole, at)


def test_over_the_north_pacific_it_is_the_glint_at_noon_and_only_there() -> None:
    satellite = geodetic_to_ecef(0.0, 160.0, GEOSTATIONARY_M)
    noon = datetime(2024, 3, 20, 1, 27, tzinfo=UTC)
    assert sun_deceives(satellite, geodetic_to_ecef(0.0, 160.0, 20_000.0), noon)
    assert not sun_deceives(satellite, geodetic_to_ecef(40.0, 127.0, 20_000.0), noon)


@given(lat=st.floats(-45.0, 45.0), lon=st.floats(85.0, 175.0), hours=st.floats(-0.5, 0.5))
def test_while_the_earth_hides_the_sun_dark_ground_deceives_nobody(lat: float, lon: float, hours: float) -> None:
    satellite = geodetic_to_ecef(0.0, 130.0, GEOSTATIONARY_M)
    seen = geodetic_to_ecef(lat, lon, 20_000.0)
    near_midnight = datetime(2024, 3, 20, 15, 27, tzinfo=UTC) + timedelta(hours=hours)
    if float(seen @ sun_direction(near_midnight)) < -0.15 * float(np.linalg.norm(seen)):
        assert not sun_deceives(satellite, seen, near_midnight)
