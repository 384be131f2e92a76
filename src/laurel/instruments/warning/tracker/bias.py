"""What a sensor's registration may be off by, and how much of that a track has taken in. Kernels.

Range, azimuth, elevation and clock of a sensor are off by constants that no number of its plots averages out. They
are considered, not estimated (Schmidt 1966): each keeps its prior, 0 on average, and every track carries the
covariance of its state with them, so that it knows how far they may have led it astray. One track cannot tell a
bias from a different flight; what many tracks of several sensors tell of it is another's work.

A row considers the biases of SLOTS sensors. Those of a further sensor count as noise of each of its plots: in one
plot that is right, in many it is too sure.
"""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

import numpy as np

from laurel.instruments.warning.tracker.table import (
    AZIMUTH_BIAS,
    BIASES,
    ELEVATION_BIAS,
    FREE,
    FULL,
    MODES,
    RANGE_BIAS,
    SLOTS,
    TIME_BIAS,
    Eye,
    Tracks,
    Whole,
)
from laurel.physics.compiled import Matrix, Vector, compiled
from laurel.physics.earth import freefall


class Place(NamedTuple):
    """Where the biases of one sensor stand among those of a row."""

    slot: int
    """-1 if the sensor has no bias to consider, or no slot."""
    used: int
    """Slots of the row that stand for a sensor; no bias is considered while that is 0."""


@compiled
def biased(eye: Eye) -> bool:
    """Whether this sensor's registration may be off."""
    return eye.range_bias_m > 0.0 or eye.angle_bias_rad > 0.0 or eye.time_bias_s > 0.0


@compiled
def place_in(tracks: Tracks, row: int, eye: Eye) -> Place:
    """The slot of a sensor in a row; takes the first free one if it has none yet."""
    slots = tracks.slots[row]
    used = 0
    while used < SLOTS and slots[used] >= 0:
        used += 1
    if not biased(eye):
        return Place(-1, used)
    for slot in range(used):
        if slots[slot] == eye.slot:
            return Place(slot, used)
    if used == SLOTS:
        return Place(-1, used)
    slots[used] = eye.slot
    return Place(used, used + 1)


@compiled
def bias_variance(eye: Eye) -> Vector:
    """(4,) variance of each bias of the sensor: m2, rad2, rad2, s2."""
    out = np.empty(BIASES)
    out[RANGE_BIAS] = eye.range_bias_m * eye.range_bias_m
    out[AZIMUTH_BIAS] = eye.angle_bias_rad * eye.angle_bias_rad
    out[ELEVATION_BIAS] = out[AZIMUTH_BIAS]
    out[TIME_BIAS] = eye.time_bias_s * eye.time_bias_s
    return out


@compiled
def bias_slopes(slope: Matrix, velocity: Vector, cosine: float) -> Matrix:
    """(3, 4) how each number of a plot (right, up, range) moves with each bias of its sensor.

    `slope` (3, 3) is how they move with the position, `cosine` that of the elevation. A clock that is ahead says a
    time that is too late, so the vehicle had not come as far.
    """
    out = np.zeros((3, BIASES))
    out[0, AZIMUTH_BIAS] = cosine
    out[1, ELEVATION_BIAS] = 1.0
    out[2, RANGE_BIAS] = 1.0
    for m in range(3):
        for j in range(3):
            out[m, TIME_BIAS] -= slope[m, j] * velocity[j]
    return out


@compiled
def consider(tracks: Tracks, row: int, eye: Eye) -> None:
    """Adds to a new row what its one sensor's biases have done to it: to position, velocity and their doubt.

    Plots of one sensor that is off by a constant make a flight that is turned about it, shifted along the line of
    sight, or late; the row's own covariance must not have counted that.
    """
    at = place_in(tracks, row, eye).slot
    if at < 0:
        return
    variance = bias_variance(eye)
    for mode in range(MODES):
        if tracks.chance[row, mode] == 0.0:
            continue
        mean, cov, cross = tracks.mean[row, mode], tracks.cov[row, mode], tracks.cross[row, mode]
        led = led_astray(mean, eye)
        for c in range(BIASES):
            for i in range(FREE):
                # The covariance is of what is true less what is estimated, so what leads astray counts against it.
                cross[i, BIASES * at + c] = -led[i, c] * variance[c]
                for j in range(FREE):
                    cov[i, j] += variance[c] * (led[i, c] * led[j, c])


@compiled
def led_astray(mean: Vector, eye: Eye) -> Matrix:
    """(6, 4) how an estimate made of one sensor's plots moves with each of its biases."""
    out = np.zeros((FREE, BIASES))
    d = mean[:3] - eye.site
    v = mean[3:6].copy()
    distance = max(sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]), 1.0)
    along = d / distance
    closing = along[0] * v[0] + along[1] * v[1] + along[2] * v[2]
    # Azimuth runs clockwise about the frame's third axis; elevation lifts about the axis to the left of the sight.
    axis = -eye.frame[2]
    side = np.cross(along, eye.frame[2])
    length = sqrt(side[0] * side[0] + side[1] * side[1] + side[2] * side[2])
    right = side / max(length, 1e-6)
    pull = freefall(mean[0], mean[1], mean[2], mean[3], mean[4])
    out[:3, RANGE_BIAS] = along
    out[3:, RANGE_BIAS] = (v - closing * along) / distance
    out[:3, AZIMUTH_BIAS] = np.cross(axis, d)
    out[3:, AZIMUTH_BIAS] = np.cross(axis, v)
    out[:3, ELEVATION_BIAS] = np.cross(right, d)
    out[3:, ELEVATION_BIAS] = np.cross(right, v)
    for i in range(3):
        out[i, TIME_BIAS] = -v[i]
        out[3 + i, TIME_BIAS] = -pull[i]
    return out


@compiled
def as_seen(eye: Eye, slots: Whole, mean: Vector, cov: Matrix, cross: Matrix, chance: Vector) -> None:
    """Turns the covariance (6, 6) of a row's one estimate into that of its next plot by this sensor, less its noise.

    In place. What both share of the sensor's biases does not part them.
    """
    led = led_astray(mean, eye)
    variance = bias_variance(eye)
    shared = np.zeros((FREE, BIASES))
    for slot in range(SLOTS):
        if slots[slot] != eye.slot:
            continue
        for mode in range(MODES):
            if chance[mode] == 0.0:
                continue
            for i in range(FREE):
                for c in range(BIASES):
                    shared[i, c] += chance[mode] * cross[mode, i, BIASES * slot + c]
    for i in range(FREE):
        for j in range(FREE):
            for c in range(BIASES):
                # Grouped so that it stays symmetric to the last bit.
                common = shared[i, c] * led[j, c] + led[i, c] * shared[j, c]
                cov[i, j] += common + variance[c] * (led[i, c] * led[j, c])


@compiled
def correct_considering(
    mean: Vector, cov: Matrix, cross: Matrix, size: int, number: tuple[Vector, Vector, float, float, Eye, Place]
) -> float:
    """One number corrects one estimate in place, all biases considered; returns the residual's variance.

    `number` is its slopes by the state (9,) and by its sensor's biases (4,), the residual, the variance of its noise,
    the sensor and where its biases stand. The estimate gains what is best for it, the biases gain nothing.
    """
    slope, tilt, residual, noise, eye, place = number
    columns = BIASES * place.used
    first = BIASES * place.slot
    prior = bias_variance(eye)
    wide = np.zeros(FULL)
    lean = np.zeros(BIASES * SLOTS)
    for i in range(size):
        for j in range(size):
            wide[i] += cov[i, j] * slope[j]
        for c in range(columns):
            lean[c] += slope[i] * cross[i, c]
    if place.slot >= 0:
        for c in range(BIASES):
            lean[first + c] += tilt[c] * prior[c]
            for i in range(size):
                wide[i] += cross[i, first + c] * tilt[c]
    foreseen = 0.0
    for i in range(size):
        foreseen += wide[i] * slope[i]
    if place.slot >= 0:
        for c in range(BIASES):
            foreseen += lean[first + c] * tilt[c]
    s = max(foreseen, 0.0) + noise
    for i in range(size):
        ki = wide[i] / s
        mean[i] += ki * residual
        for j in range(i, size):
            kj = wide[j] / s
            value = cov[i, j] - ki * wide[j] - wide[i] * kj + s * ki * kj
            cov[i, j] = value
            cov[j, i] = value
        for c in range(columns):
            cross[i, c] -= ki * lean[c]
    return s
