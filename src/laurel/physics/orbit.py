"""An orbit of two bodies that the Earth's flattening turns: Kepler's ellipse with the secular drifts of J2.

Node, perigee and mean anomaly drift evenly (Vallado 2013, "Fundamentals of Astrodynamics and Applications",
equations 9-38, 9-40 and 9-41). What J2 does within one turn is left out: up to some 10 km along the way.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import cos, isfinite, pi, radians, sin, sqrt

import numpy as np

from laurel.core.errors import BadAsk
from laurel.physics.compiled import Matrix, Vector
from laurel.physics.earth import A_M, GM_M3PS2, J2, OMEGA_RADPS

LOWEST_M = 120_000.0
"""Below that height nothing completes a turn."""
HIGHEST_M = 1e9


class BadOrbit(BadAsk):
    """An ellipse that meets the air, or is none."""

    says = "nothing can orbit so"
    remedy = "give a perigee of at least 120 km and an eccentricity from 0 to below 1"


@dataclass(frozen=True)
class Orbit:
    """Mean elements at t = 0, and how far Greenwich has turned from the equinox then."""

    semi_major_m: float
    eccentricity: float
    inclination_deg: float
    node_deg: float
    """Right ascension of the ascending node."""
    perigee_deg: float
    anomaly_deg: float
    """Mean anomaly."""
    greenwich_deg: float

    def __post_init__(self) -> None:
        """Refuse what no orbit is: BadOrbit."""
        angles = (self.inclination_deg, self.node_deg, self.perigee_deg, self.anomaly_deg, self.greenwich_deg)
        sound = 0.0 <= self.eccentricity < 1.0 and all(map(isfinite, angles))
        if not (sound and self.perigee_m >= A_M + LOWEST_M and self.semi_major_m < HIGHEST_M):
            height_km = round((self.perigee_m - A_M) / 1e3, 1)
            raise BadOrbit(perigee_km=height_km, eccentricity=self.eccentricity)

    @property
    def perigee_m(self) -> float:
        """Least distance from the Earth's centre."""
        return self.semi_major_m * (1.0 - self.eccentricity)

    @cached_property
    def drifts_radps(self) -> tuple[float, float, float]:
        """How fast node, perigee and mean anomaly move, rad/s."""
        motion = sqrt(GM_M3PS2 / self.semi_major_m**3)
        shape2 = 1.0 - self.eccentricity**2
        pull = 1.5 * motion * J2 * (A_M / (self.semi_major_m * shape2)) ** 2
        tilt = radians(self.inclination_deg)
        return (
            -pull * cos(tilt),
            0.5 * pull * (4.0 - 5.0 * sin(tilt) ** 2),
            motion + 0.5 * pull * sqrt(shape2) * (2.0 - 3.0 * sin(tilt) ** 2),
        )

    def at(self, t_s: float) -> tuple[Vector, Vector]:
        """Position and velocity, (3,) each, ECEF metres and metres per second; the one is the other's derivative."""
        node_rate, perigee_rate, rate = self.drifts_radps
        anomaly = radians(self.anomaly_deg) + rate * t_s
        in_plane, going = self._in_plane(anomaly, rate)
        greenwich = radians(self.greenwich_deg) + OMEGA_RADPS * t_s
        node = radians(self.node_deg) + node_rate * t_s - greenwich
        axes = _axes(node, radians(self.inclination_deg), radians(self.perigee_deg) + perigee_rate * t_s)
        position = in_plane @ axes[:2]
        # The plane itself turns: with the node about the pole, less the Earth's turn, and in itself with the perigee.
        turn = perigee_rate * axes[2]
        turn[2] += node_rate - OMEGA_RADPS
        return position, going @ axes[:2] + np.cross(turn, position)

    def _in_plane(self, anomaly: float, rate: float) -> tuple[Vector, Vector]:
        """(2,) place and speed towards the perigee and across."""
        e = self.eccentricity
        # The mean anomaly is that of Kepler's equation in the first turn, where Newton's rule starts well.
        mean = (anomaly + pi) % (2.0 * pi) - pi
        eccentric = mean if e < 0.8 else pi * (1.0 if mean >= 0.0 else -1.0)
        for _ in range(50):
            step = (eccentric - e * sin(eccentric) - mean) / (1.0 - e * cos(eccentric))
            eccentric -= step
            if abs(step) < 1e-14:
                break
        c, s, b = cos(eccentric), sin(eccentric), sqrt(1.0 - e * e)
        swing = self.semi_major_m * rate / (1.0 - e * c)
        return self.semi_major_m * np.array([c - e, b * s]), swing * np.array([-s, b * c])


def _axes(node: float, tilt: float, perigee: float) -> Matrix:
    """(3, 3) rows: towards the perigee, across it in the plane, and along the pole of the orbit."""
    cn, sn, ci, si, cp, sp = cos(node), sin(node), cos(tilt), sin(tilt), cos(perigee), sin(perigee)
    return np.array(
        [
            [cn * cp - sn * sp * ci, sn * cp + cn * sp * ci, sp * si],
            [-cn * sp - sn * cp * ci, -sn * sp + cn * cp * ci, cp * si],
            [sn * si, -cn * si, ci],
        ]
    )
