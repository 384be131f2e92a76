"""The air: U.S. Standard Atmosphere 1976 (NOAA-S/T 76-1562), still, turning with the Earth.

0 to 86 km by its defining equations; 86 to 1,000 km density by log-linear interpolation of its Table I
(geometric height), temperature by its equations 25 to 31. No air above 1,000 km. Height is geometric:
metres above the WGS84 ellipsoid.
"""

from __future__ import annotations

from math import exp, sqrt
from typing import NamedTuple

import numpy as np

from laurel.core.errors import BadAsk
from laurel.physics.compiled import compiled

CEILING_M = 1_000_000.0
ANALYTIC_TOP_M = 86_000.0
SEA_LEVEL_PRESSURE_PA = 101_325.0

_G0 = 9.80665
_RADIUS_M = 6_356_766.0
_GAS = 8314.32 / 28.9644
_GMR = _G0 / _GAS
_GAMMA = 1.4

# Geopotential base (m), temperature (K) and lapse (K/m) of the seven layers: Table 4.
_BASE_M = np.array([0.0, 11_000.0, 20_000.0, 32_000.0, 47_000.0, 51_000.0, 71_000.0])
_LAPSE_KPM = np.array([-0.0065, 0.0, 0.001, 0.0028, 0.0, -0.0028, -0.002])


def _pressure_after(pressure: float, base_k: float, lapse: float, rise: float) -> float:
    return pressure * (
        exp(-_GMR * rise / base_k) if lapse == 0.0 else (base_k / (base_k + lapse * rise)) ** (_GMR / lapse)
    )


def _bases() -> tuple[list[float], list[float]]:
    kelvin, pascal = [288.15], [SEA_LEVEL_PRESSURE_PA]
    for rise, lapse in zip(np.diff(_BASE_M).tolist(), _LAPSE_KPM.tolist(), strict=False):
        pascal.append(_pressure_after(pascal[-1], kelvin[-1], lapse, rise))
        kelvin.append(kelvin[-1] + lapse * rise)
    return kelvin, pascal


_BASE_K, _BASE_PA = (np.array(column) for column in _bases())

# Table I, geometric height (km) and density (kg/m3).
_TABLE = (
    (86, 6.958e-6), (88, 4.875e-6), (90, 3.416e-6), (92, 2.393e-6), (94, 1.670e-6), (96, 1.162e-6),
    (98, 8.071e-7), (100, 5.604e-7), (102, 3.935e-7), (104, 2.769e-7), (106, 1.954e-7), (108, 1.381e-7),
    (110, 9.708e-8), (112, 6.838e-8), (114, 4.975e-8), (116, 3.720e-8), (118, 2.847e-8), (120, 2.222e-8),
    (124, 1.428e-8), (128, 9.717e-9), (132, 6.904e-9), (136, 5.074e-9), (140, 3.831e-9), (145, 2.784e-9),
    (150, 2.076e-9), (160, 1.233e-9), (170, 7.815e-10), (180, 5.194e-10), (190, 3.581e-10), (200, 2.541e-10),
    (210, 1.846e-10), (220, 1.367e-10), (230, 1.029e-10), (240, 7.858e-11), (250, 6.073e-11), (275, 3.329e-11),
    (300, 1.916e-11), (320, 1.264e-11), (340, 8.503e-12), (360, 5.805e-12), (380, 4.013e-12), (400, 2.803e-12),
    (420, 1.975e-12), (440, 1.402e-12), (460, 1.002e-12), (480, 7.208e-13), (500, 5.215e-13), (525, 3.509e-13),
    (550, 2.384e-13), (575, 1.637e-13), (600, 1.137e-13), (650, 5.712e-14), (700, 3.070e-14), (750, 1.788e-14),
    (800, 1.136e-14), (850, 7.824e-15), (900, 5.759e-15), (950, 4.453e-15), (1000, 3.561e-15),
)  # fmt: skip
_NODE_M = np.array([1000.0 * row[0] for row in _TABLE])
_NODE_LN = np.log(np.array([row[1] for row in _TABLE]))
_NODE_SLOPE = np.diff(_NODE_LN) / np.diff(_NODE_M)


class OutsideTheAir(BadAsk):
    """The model has no such quantity at that height."""

    says = "the standard atmosphere says nothing there"
    remedy = "ask between -5,000 m and 1,000,000 m (speed of sound: at most 86,000 m)"


class Air(NamedTuple):
    """Density (kg/m3), kinetic temperature (K), speed of sound (m/s; nan above 86 km, where it is not defined)."""

    density_kgpm3: float
    temperature_k: float
    sound_mps: float


@compiled
def layer(geopotential_m: float) -> int:
    """Which of the seven layers holds the geopotential height (kernel)."""
    i = 6
    while i > 0 and geopotential_m < _BASE_M[i]:
        i -= 1
    return i


@compiled
def pressure_and_temperature(alt_m: float) -> tuple[float, float]:
    """Pascal and molecular-scale kelvin below 86 km (kernel)."""
    h = _RADIUS_M * alt_m / (_RADIUS_M + alt_m)
    i = layer(h)
    base = _BASE_K[i]
    lapse = _LAPSE_KPM[i]
    rise = h - _BASE_M[i]
    if lapse == 0.0:
        return _BASE_PA[i] * exp(-_GMR * rise / base), base
    t = base + lapse * rise
    return _BASE_PA[i] * (base / t) ** (_GMR / lapse), t


@compiled
def density_and_slope(alt_m: float) -> tuple[float, float]:
    """Density (kg/m3) and the relative slope d ln(density)/d height (1/m) (kernel)."""
    if alt_m >= CEILING_M:
        return 0.0, 0.0
    if alt_m < ANALYTIC_TOP_M:
        p, t = pressure_and_temperature(alt_m)
        q = _RADIUS_M / (_RADIUS_M + alt_m)
        lapse = _LAPSE_KPM[layer(alt_m * q)]
        return p / (_GAS * t), -(_GMR + lapse) / t * q * q
    i = np.searchsorted(_NODE_M, alt_m, side="right") - 1
    slope = _NODE_SLOPE[i]
    return exp(_NODE_LN[i] + slope * (alt_m - _NODE_M[i])), slope


@compiled
def density(alt_m: float) -> float:
    """Density (kg/m3), 0 above 1,000 km (kernel)."""
    return density_and_slope(alt_m)[0]


@compiled
def sound_speed(alt_m: float) -> float:
    """Speed of sound (m/s); above 86 km the value at 86 km, for drag curves that need some Mach number (kernel)."""
    return sqrt(_GAMMA * _GAS * pressure_and_temperature(min(alt_m, ANALYTIC_TOP_M))[1])


@compiled
def pressure(alt_m: float) -> float:
    """Pascal, 0 above 86 km, where it is below 0.4 Pa (kernel)."""
    return pressure_and_temperature(alt_m)[0] if alt_m < ANALYTIC_TOP_M else 0.0


@compiled
def temperature(alt_m: float) -> float:
    """Kelvin; molecular-scale below 86 km, where it differs from kinetic by at most 0.08 K (kernel)."""
    if alt_m < ANALYTIC_TOP_M:
        return pressure_and_temperature(alt_m)[1]
    if alt_m < 91_000.0:
        return 186.8673
    if alt_m < 110_000.0:
        return 263.1905 - 76.3232 * sqrt(1.0 - ((alt_m - 91_000.0) / 19_942.9) ** 2)
    if alt_m < 120_000.0:
        return 240.0 + 0.012 * (alt_m - 110_000.0)
    xi = (alt_m - 120_000.0) * (_RADIUS_M + 120_000.0) / (_RADIUS_M + alt_m)
    return 1000.0 - 640.0 * exp(-0.01875e-3 * xi)


def air(alt_m: float) -> Air:
    """The air at a geometric height of -5 to 1,000 km. Raises OutsideTheAir."""
    if not -5000.0 <= alt_m <= CEILING_M:
        raise OutsideTheAir(alt_m=alt_m)
    sound = sound_speed(alt_m) if alt_m <= ANALYTIC_TOP_M else float("nan")
    return Air(density(alt_m), temperature(alt_m), sound)
