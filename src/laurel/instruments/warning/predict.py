"""Carrying an estimate through time and to the ground, as compiled kernels.

An estimate is a state (6,) ECEF metres and metres per second with its covariance (6, 6). The ballistic
coefficient beta of what flies is unknown: its logarithm is one more dimension.
"""

from __future__ import annotations

from math import exp, log, sqrt

import numpy as np

from laurel.physics.ballistics import drag, propagate, transition
from laurel.physics.compiled import Matrix, Vector, compiled
from laurel.physics.earth import height, to_geodetic
from laurel.physics.flight import between

LOG_BETA, LOG_BETA_SIGMA = log(4_000.0), 0.6
"""Of the ballistic coefficient (kg/m2) of what is not known: 90 % between 1,500 and 10,700, 96 % between the 1,000 of
a spent body or blunt warhead and the 12,000 of a slender one."""
INV_BETA_M2PKG = exp(-LOG_BETA)

BOOST_LASTS_S = 120.0
"""For how long an unseen vehicle is thought to go on accelerating."""

AIR_M = 100_000.0
LIMIT_S = 7_200.0


@compiled
def root(covariance: Matrix) -> Matrix:
    """(n, n) lower triangle L with L L' = covariance; what rounding made negative counts as zero."""
    n = len(covariance)
    lower = np.zeros((n, n))
    for j in range(n):
        pivot = covariance[j, j]
        for k in range(j):
            pivot -= lower[j, k] * lower[j, k]
        if pivot <= 1e-14 * covariance[j, j]:
            continue
        lower[j, j] = sqrt(pivot)
        for i in range(j + 1, n):
            total = covariance[i, j]
            for k in range(j):
                total -= lower[i, k] * lower[j, k]
            lower[i, j] = total / lower[j, j]
    return lower


@compiled
def carry(state: Vector, covariance: Matrix, dt_s: float, acceleration_mps2: float) -> tuple[Vector, Matrix, float]:
    """State and covariance `dt_s` later, and how much of that it flew before it met the ground.

    Linearised in steps of 10 s, or 1 s in the air. An unknown acceleration of that standard deviation on each
    axis is held for the whole time, at most BOOST_LASTS_S.
    """
    here = state.copy()
    wide = np.zeros((7, 7))
    wide[:6, :6] = covariance
    wide[6, 6] = LOG_BETA_SIGMA * LOG_BETA_SIGMA
    step = np.zeros((7, 7))
    step[6, 6] = 1.0
    flown = 0.0
    while flown < dt_s:
        h = height(here[0], here[1], here[2])
        if h < 0.0 and flown > 0.0:
            break
        dt = min(dt_s - flown, 10.0 if h > AIR_M else 1.0)
        step[:6, :6] = transition(here, dt, INV_BETA_M2PKG)
        if h < AIR_M:
            pull = drag(here, INV_BETA_M2PKG)
            for i in range(3):
                step[i, 6] = -0.5 * dt * dt * pull[i]
                step[3 + i, 6] = -dt * pull[i]
        wide = step @ wide @ step.T
        here = propagate(here, dt, INV_BETA_M2PKG, dt)
        flown += dt
    out = wide[:6, :6].copy()
    pushed = min(flown, BOOST_LASTS_S)
    by_speed = acceleration_mps2 * pushed
    by_place = by_speed * (flown - 0.5 * pushed)
    for i in range(3):
        out[i, i] += by_place * by_place
        out[i, 3 + i] += by_place * by_speed
        out[3 + i, i] += by_place * by_speed
        out[3 + i, 3 + i] += by_speed * by_speed
    return here, out, flown


@compiled
def along(times_s: Vector, states: Matrix, rates: Matrix, wanted_s: Vector) -> Matrix:
    """(n, 3) latitude (degrees), longitude (degrees), height (m) on an arc's steps at the wanted times."""
    out = np.empty((len(wanted_s), 3))
    for row in range(len(wanted_s)):
        s = between(wanted_s[row], times_s, states, rates)
        lat, lon, h = to_geodetic(s[0], s[1], s[2])
        out[row, 0] = lat * 180.0 / np.pi
        out[row, 1] = lon * 180.0 / np.pi
        out[row, 2] = h
    return out
