"""The least error that any unbiased tracker can have of a ballistic flight seen by given sensors.

The posterior Cramér-Rao bound by its recursion (Tichavský, Muravchik & Nehorai 1998, "Posterior Cramér-Rao bounds
for discrete-time nonlinear filtering"), along the true arc: information moves with the flight, fades by what the
flight may do unforeseen, and grows by what each look tells. A look that detects with probability Pd counts Pd times
(the information reduction factor; Hernandez, Ristic & Farina 2005), which is a little less than is truly possible
to lose, so the bound stays one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import ceil
from typing import NamedTuple

import numpy as np

from laurel.instruments.warning.records import Sensor, SensorKind
from laurel.physics.ballistics import propagate, transition
from laurel.physics.compiled import Matrix, Vector
from laurel.physics.earth import enu_matrix, geodetic_to_ecef, height
from laurel.physics.infrared import satellite_frame
from laurel.physics.radar import radar_jacobian

AIR_M = 130_000.0
AIR_STEP_S, COAST_STEP_S = 0.5, 5.0


class Look(NamedTuple):
    """One look of a sensor at the flight, and the probability that it detects."""

    t_s: float
    sensor: Sensor
    detection: float


class Bound(NamedTuple):
    """The bound after each look. Infinite while the looks so far do not fix all six numbers."""

    t_s: Vector
    """(n,)."""
    covariance: Matrix
    """(n, 6, 6) of ECEF position (m) and velocity (m/s)."""
    position_m: Vector
    """(n,) root of the trace: the least root mean square error."""
    velocity_mps: Vector
    """(n,)."""


def information(sensor: Sensor, state: Vector) -> Matrix:
    """(6, 6) Fisher information of one detection of that state (6,), ECEF; velocities get none."""
    site = geodetic_to_ecef(sensor.lat_deg, sensor.lon_deg, sensor.alt_m)
    ranged = sensor.kind is SensorKind.RADAR
    frame = enu_matrix(sensor.lat_deg, sensor.lon_deg) if ranged else satellite_frame(site)
    weight = np.array([1.0 / (sensor.range_sigma_m or np.inf), *(2 * [1.0 / sensor.angle_sigma_rad])])
    slope = weight[:, None] * radar_jacobian(state, site, frame)
    return slope.T @ slope


def pcrlb(
    looks: Sequence[Look],
    arc: Callable[[float], Vector],
    inv_beta_m2pkg: float = 0.0,
    noise_m2ps3: float = 0.0,
    prior: Matrix | None = None,
) -> Bound:
    """The bound after each look, in order of time; `arc` gives the true state (6,) at a time, ECEF.

    `noise_m2ps3` is the density of white acceleration on each axis; `prior` the information (6, 6) before the first
    look, none if nothing was known.
    """
    in_order = sorted(looks, key=lambda look: look.t_s)
    held = np.zeros((6, 6)) if prior is None else prior
    out: list[Matrix] = []
    for before, look in pairwise([in_order[0], *in_order]):
        held = carried(held, arc(before.t_s), look.t_s - before.t_s, inv_beta_m2pkg, noise_m2ps3)
        held = held + look.detection * information(look.sensor, arc(look.t_s))
        out.append(_inverse(held))
    covariance = np.array(out)
    spread = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    return Bound(
        t_s=np.array([look.t_s for look in in_order]),
        covariance=covariance,
        position_m=np.linalg.norm(spread[:, :3], axis=1),
        velocity_mps=np.linalg.norm(spread[:, 3:], axis=1),
    )


def carried(held: Matrix, state: Vector, dt_s: float, inv_beta_m2pkg: float, noise_m2ps3: float) -> Matrix:
    """(6, 6) what is left of information about that state after `dt_s`."""
    low = inv_beta_m2pkg > 0.0 and height(state[0], state[1], state[2]) < AIR_M
    steps = max(ceil(dt_s / (AIR_STEP_S if low else COAST_STEP_S)), 1)
    h = dt_s / steps
    for _ in range(steps if dt_s > 0.0 else 0):
        back = np.linalg.inv(transition(state, h, inv_beta_m2pkg))
        held = back.T @ held @ back
        if noise_m2ps3 > 0.0:
            # (J^-1 + Q)^-1 without the inverse of J, which may not have one yet.
            held = np.linalg.inv(np.eye(6) + held @ wander(h, noise_m2ps3)) @ held
        held = (held + held.T) / 2.0
        state = propagate(state, h, inv_beta_m2pkg)
    return held


def wander(h: float, noise_m2ps3: float) -> Matrix:
    """(6, 6) covariance of position and velocity that white acceleration adds in `h` seconds."""
    out = np.diag(np.array([noise_m2ps3 * h**3 / 3.0] * 3 + [noise_m2ps3 * h] * 3))
    for axis in range(3):
        out[axis, 3 + axis] = out[3 + axis, axis] = noise_m2ps3 * h * h / 2.0
    return out


def _inverse(held: Matrix) -> Matrix:
    """(6, 6) the inverse; infinite if six numbers are not fixed."""
    # Metres and metres per second differ by orders of magnitude: compare after scaling.
    scale = np.sqrt(np.maximum(np.diag(held), 1e-300))
    scaled = held / np.outer(scale, scale)
    if np.linalg.cond(scaled) > 1e14:
        return np.full((6, 6), np.inf)
    return np.linalg.inv(scaled) / np.outer(scale, scale)
