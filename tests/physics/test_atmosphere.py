from __future__ import annotations

from math import isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laurel.physics.atmosphere import OutsideTheAir, air, density, density_and_slope, pressure

# U.S. Standard Atmosphere 1976, Table I: geometric km, kg/m3, K, m/s.
PUBLISHED = [
    (0, 1.2250, 288.150, 340.29),
    (1, 1.1117, 281.651, 336.43),
    (5, 7.3643e-1, 255.676, 320.55),
    (10, 4.1351e-1, 223.252, 299.53),
    (11, 3.6480e-1, 216.774, 295.15),
    (20, 8.8910e-2, 216.650, 295.07),
    (30, 1.8410e-2, 226.509, 301.71),
    (40, 3.9957e-3, 250.350, 317.19),
    (50, 1.0269e-3, 270.650, 329.80),
    (60, 3.0968e-4, 247.021, 315.07),
    (70, 8.2829e-5, 219.585, 297.06),
    (80, 1.8458e-5, 198.639, 282.54),
]
PUBLISHED_ABOVE = [
    (90, 3.416e-6, 186.87),
    (95, 1.393e-6, 188.42),
    (100, 5.604e-7, 195.08),
    (110, 9.708e-8, 240.00),
    (120, 2.222e-8, 360.00),
    (130, 8.152e-9, 469.27),
    (150, 2.076e-9, 634.39),
    (175, 6.339e-10, 769.81),
    (200, 2.541e-10, 854.56),
    (300, 1.916e-11, 976.01),
    (500, 5.215e-13, 999.24),
    (725, 2.318e-14, 999.98),
    (1000, 3.561e-15, 1000.00),
]


@pytest.mark.parametrize(("km", "rho", "kelvin", "sound"), PUBLISHED)
def test_below_86_km_the_air_is_the_published_one(km: int, rho: float, kelvin: float, sound: float) -> None:
    here = air(1000.0 * km)
    assert here.density_kgpm3 == pytest.approx(rho, rel=6e-5)
    assert here.temperature_k == pytest.approx(kelvin, abs=0.03)
    assert here.sound_mps == pytest.approx(sound, abs=0.01)


@pytest.mark.parametrize(("km", "rho", "kelvin"), PUBLISHED_ABOVE)
def test_above_86_km_the_air_is_the_published_one_between_rows_too(km: int, rho: float, kelvin: float) -> None:
    here = air(1000.0 * km)
    assert here.density_kgpm3 == pytest.approx(rho, rel=0.02)
    assert here.temperature_k == pytest.approx(kelvin, abs=0.02)
    assert isnan(here.sound_mps)


@given(alt=st.floats(-5000.0, 999_000.0, exclude_max=True))
@settings(deadline=None)
def test_air_thins_with_height(alt: float) -> None:
    assert 0.0 < density(alt + 1000.0) < density(alt)


@given(alt=st.floats(-4000.0, 990_000.0))
@settings(deadline=None)
def test_the_slope_is_that_of_the_density(alt: float) -> None:
    _, slope = density_and_slope(alt)
    either_side = np.log(density(alt + 1.0) / density(alt - 1.0)) / 2.0
    nodes = (alt % 1000.0) < 2.0 or (alt % 1000.0) > 998.0
    layers = any(
        abs(alt * 6_356_766.0 / (6_356_766.0 + alt) - base) < 2.0 for base in (11e3, 20e3, 32e3, 47e3, 51e3, 71e3)
    )
    if not (nodes or layers):
        assert slope == pytest.approx(either_side, rel=1e-4)


def test_density_has_no_step_at_the_seam() -> None:
    assert density(85_999.999) == pytest.approx(density(86_000.001), rel=2e-4)


def test_there_is_no_air_above_a_thousand_kilometres() -> None:
    assert density(1_000_000.0) == 0.0
    assert pressure(100_000.0) == 0.0


@pytest.mark.parametrize("alt", [-6000.0, 1_000_001.0, float("nan")])
def test_the_model_says_where_it_ends(alt: float) -> None:
    with pytest.raises(OutsideTheAir):
        air(alt)
