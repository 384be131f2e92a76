"""Whether a track that ends was seen to fall to the ground, and where and when it met it. Kernels.

An impact is observed when the last plots lead down to it: the ground is a few seconds of falling away from the
last one, and no look that should have seen the rest of the way denies it. What vanished higher is lost.
"""

from __future__ import annotations

from math import degrees, inf, log, sqrt

import numpy as np

from laurel.instruments.warning.tracker.modes import blend, falling
from laurel.instruments.warning.tracker.motion import INV_BETA_M2PKG, move
from laurel.instruments.warning.tracker.table import (
    EAST_EAST,
    EAST_NORTH,
    FREE,
    LAT,
    LON,
    NORTH_NORTH,
    WHEN,
    WHEN_SIGMA,
    Tracks,
)
from laurel.physics.ballistics import climb_rate, to_ground
from laurel.physics.compiled import Vector, compiled
from laurel.physics.earth import enu_matrix, height, to_geodetic

WITNESSED_S = 5.0
"""From the last plot to the ground."""
LOW_M = 15_000.0
DENIED = log(1e-3)
"""Chance of the looks that missed it on the way, had it still been there."""
SLOWEST_MPS = 30.0
LIMIT_S = 60.0


@compiled
def ground_s(tracks: Tracks, row: int) -> float:
    """When a low and falling track meets the ground; infinity if it is not low, not falling, or not soon."""
    state, cov = np.empty(FREE), np.empty((FREE, FREE))
    blend(tracks.mean[row], tracks.cov[row], tracks.chance[row], state, cov)
    high = height(state[0], state[1], state[2])
    if not high < LOW_M or not climb_rate(state) < -SLOWEST_MPS:
        return inf
    if high <= 0.0:
        return tracks.t_s[row]
    _, dt_s, down = to_ground(state, INV_BETA_M2PKG, 1.0, LIMIT_S)
    return tracks.t_s[row] + dt_s if down else inf


@compiled
def witnessed(tracks: Tracks, row: int) -> bool:
    """Whether its plots led down to the ground."""
    return ground_s(tracks, row) - tracks.seen_s[row] <= WITNESSED_S and tracks.absence[row] > DENIED


def impact_of(tracks: Tracks, row: int) -> Vector:
    """(8,) where and when it met the ground: a row laid out as `launch` is."""
    mode = falling(tracks.chance[row])
    mean, cov, cross = tracks.mean[row, mode].copy(), tracks.cov[row, mode].copy(), tracks.cross[row, mode].copy()
    when_s = ground_s(tracks, row)
    move(mean, cov, cross, mode, when_s - float(tracks.t_s[row]))
    lat_rad, lon_rad, high_m = to_geodetic(mean[0], mean[1], mean[2])
    frame = enu_matrix(degrees(lat_rad), degrees(lon_rad))
    east, north, up = (frame @ mean[3:FREE]).tolist()
    spot = frame @ cov[:3, :3] @ frame.T
    # What is left to the ground, and what the height is wrong by, it flies along its path.
    down = min(up, -SLOWEST_MPS)
    slide = np.array([[1.0, 0.0, -east / down], [0.0, 1.0, -north / down]])
    doubt = slide @ spot @ slide.T
    off_m = slide @ np.array([0.0, 0.0, high_m])
    there = mean[:3] + off_m[0] * frame[0] + off_m[1] * frame[1] - high_m * frame[2]
    out = np.zeros(8)
    out[LAT], out[LON], _ = to_geodetic(there[0], there[1], there[2])
    out[WHEN], out[WHEN_SIGMA] = when_s - high_m / down, sqrt(spot[2, 2]) / -down
    out[EAST_EAST], out[EAST_NORTH], out[NORTH_NORTH] = doubt[0, 0], doubt[0, 1], doubt[1, 1]
    return out
