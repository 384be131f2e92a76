"""The modes a track may move in, as one: foreseen, mixed, blended, begun, and lit again. Kernels.

An interacting multiple model (Blom & Bar-Shalom 1988) of extended Kalman filters for the modes that are possible,
one alone once that is settled.
"""

from __future__ import annotations

from math import exp

import numpy as np

from laurel.instruments.warning.tracker.motion import heading, move
from laurel.instruments.warning.tracker.sight import correct
from laurel.instruments.warning.tracker.table import (
    BIASES,
    BOOST,
    COAST,
    FREE,
    FULL,
    MODES,
    REENTRY,
    SIZES,
    SLOTS,
    Tracks,
)
from laurel.physics.compiled import Matrix, Vector, compiled

IGNITE_S, SOON_S, IGNITE_SOON_S = 600.0, 15.0, 100.0
"""Mean time before a motor lights: in long free flight; and soon after a cutoff, when stages part."""
BURN_S = 60.0
HALF_CHANCE = 0.5
LEAST_SHARE = 0.3
LIT_MPS2, LIT_SIGMA_MPS2, LIT_ACROSS_MPS2 = 20.0, 20.0, 6.0
"""The acceleration of a motor that lights: along the velocity, and its doubt along and across it."""
RELIT_MPS2, RELIT_CHANCE = 20.0, 0.1


@compiled
def falling(chance: Vector) -> int:
    """The likelier of the modes without thrust or lift: COAST or REENTRY."""
    return REENTRY if chance[REENTRY] > chance[COAST] else COAST


@compiled
def push_prior(mean: Vector, cov: Matrix) -> tuple[Vector, Matrix]:
    """(3,) and (3, 3) m/s2: what is known of the acceleration of a motor that lights now: it points ahead."""
    ahead = heading(mean, cov)
    across2 = LIT_ACROSS_MPS2 * LIT_ACROSS_MPS2 if ahead.any() else LIT_SIGMA_MPS2 * LIT_SIGMA_MPS2
    doubt = np.empty((3, 3))
    for i in range(3):
        for j in range(3):
            doubt[i, j] = (LIT_SIGMA_MPS2 * LIT_SIGMA_MPS2 - across2) * ahead[i] * ahead[j]
        doubt[i, i] += across2
    return LIT_MPS2 * ahead, doubt


@compiled
def merge(mean: Matrix, cov: Matrix, cross: Matrix, into: int, source: int, share: float) -> None:
    """The estimate of one mode takes over that share of another's: position and velocity, in place.

    Where it has numbers that the other lacks, the other brings their prior (Granstroem, Willett & Bar-Shalom 2015).
    A small share is left out: a mixture told by its mean and spread would make an estimate forget what it knows for
    the sake of a hypothesis that is all but excluded. So what was never powered stays as sharp as free fall is.
    """
    if share < LEAST_SHARE:
        return
    size = SIZES[into]
    there, doubt = np.zeros(FULL), np.zeros((FULL, FULL))
    there[:FREE] = mean[source, :FREE]
    doubt[:FREE, :FREE] = cov[source, :FREE, :FREE]
    if size == FULL:
        there[FREE:], doubt[FREE:, FREE:] = push_prior(mean[source], cov[source])
    own = 1.0 - share
    gap = there - mean[into]
    for i in range(size):
        mean[into, i] += share * gap[i]
        for j in range(size):
            cov[into, i, j] = own * cov[into, i, j] + share * (doubt[i, j] + own * gap[i] * gap[j])
        for c in range(BIASES * SLOTS):
            cross[into, i, c] = own * cross[into, i, c] + (share * cross[source, i, c] if i < FREE else 0.0)


@compiled
def mix(mean: Matrix, cov: Matrix, cross: Matrix, chance: Vector, dt_s: float, ignite_s: float) -> None:
    """Each of the kept modes takes over what the other would leave it: all in place, the chances too."""
    free = falling(chance)
    powered = chance[BOOST]
    to_coast = 1.0 - exp(-dt_s / BURN_S)
    to_burn = 1.0 - exp(-dt_s / ignite_s)
    burning = powered * (1.0 - to_coast) + (1.0 - powered) * to_burn
    lit = (1.0 - powered) * to_burn / burning
    out = powered * to_coast / (1.0 - burning)
    before, doubt, common = mean[free].copy(), cov[free].copy(), cross[free].copy()
    merge(mean, cov, cross, free, BOOST, out)
    after, sure, known = mean[free].copy(), cov[free].copy(), cross[free].copy()
    mean[free], cov[free], cross[free] = before, doubt, common
    merge(mean, cov, cross, BOOST, free, lit)
    mean[free], cov[free], cross[free] = after, sure, known
    chance[BOOST] = burning
    chance[free] = 1.0 - burning


@compiled
def foresee(tracks: Tracks, row: int, t_s: float, mean: Matrix, cov: Matrix, cross: Matrix, chance: Vector) -> None:
    """Writes the estimates of all kept modes, and their chances, as they will be at `t_s` (or were, if it is past)."""
    mean[:] = tracks.mean[row]
    cov[:] = tracks.cov[row]
    cross[:] = tracks.cross[row]
    chance[:] = tracks.chance[row]
    dt_s = t_s - tracks.t_s[row]
    if chance[BOOST] > 0.0 and dt_s > 0.0:
        soon = tracks.phase[row] == BOOST or t_s - tracks.cutoff_s[row] < SOON_S
        mix(mean, cov, cross, chance, dt_s, IGNITE_SOON_S if soon else IGNITE_S)
    for mode in range(MODES):
        if chance[mode] > 0.0:
            move(mean[mode], cov[mode], cross[mode], mode, dt_s)


@compiled
def carry(tracks: Tracks, row: int, t_s: float) -> None:
    """Carries the whole row to `t_s`, in place."""
    foresee(tracks, row, t_s, tracks.mean[row], tracks.cov[row], tracks.cross[row], tracks.chance[row])
    tracks.t_s[row] = t_s


@compiled
def blend(mean: Matrix, cov: Matrix, chance: Vector, out: Vector, doubt: Matrix) -> None:
    """Writes the one estimate that all modes make: (6,) and (6, 6), with the doubt between them."""
    out[:] = 0.0
    doubt[:] = 0.0
    for mode in range(MODES):
        if chance[mode] > 0.0:
            for i in range(FREE):
                out[i] += chance[mode] * mean[mode, i]
    for mode in range(MODES):
        if chance[mode] > 0.0:
            for i in range(FREE):
                for j in range(FREE):
                    gap2 = (mean[mode, i] - out[i]) * (mean[mode, j] - out[j])
                    doubt[i, j] += chance[mode] * (cov[mode, i, j] + gap2)


@compiled
def start_modes(tracks: Tracks, row: int, mean: Vector, cov: Matrix) -> None:
    """Fills the modes of a new row from one start: (9,) and (9, 9), of which the last three are a motor's acceleration.

    Coasting is the same start when that acceleration is known to be none.
    """
    tracks.mean[row, BOOST] = mean
    tracks.cov[row, BOOST] = cov
    coasting, doubt = mean.copy(), cov.copy()
    for a in range(FREE, FULL):
        none = np.zeros(FULL)
        none[a] = 1.0
        correct(coasting, doubt, FULL, none, -coasting[a], 0.0)
    tracks.mean[row, COAST, :FREE] = coasting[:FREE]
    tracks.cov[row, COAST, :FREE, :FREE] = doubt[:FREE, :FREE]
    tracks.chance[row] = 0.0
    tracks.chance[row, BOOST] = HALF_CHANCE
    tracks.chance[row, COAST] = HALF_CHANCE


@compiled
def relight(tracks: Tracks, row: int) -> None:
    """Free fall no longer explains the plots: a motor may burn again, from what is known, with doubt."""
    mean, cov, cross, chance = tracks.mean[row], tracks.cov[row], tracks.cross[row], tracks.chance[row]
    free = falling(chance)
    mean[BOOST, :] = 0.0
    cov[BOOST, :, :] = 0.0
    cross[BOOST, :, :] = 0.0
    doubt = RELIT_MPS2 * RELIT_MPS2
    for i in range(FREE):
        mean[BOOST, i] = mean[free, i]
        cross[BOOST, i] = cross[free, i]
        for j in range(FREE):
            cov[BOOST, i, j] = cov[free, i, j]
    for i in range(3):
        # It has gone astray for some seconds already.
        cov[BOOST, i, i] += doubt * 25.0
        cov[BOOST, 3 + i, 3 + i] += doubt * 25.0
        cov[BOOST, FREE + i, FREE + i] = doubt
    for mode in range(MODES):
        chance[mode] *= 1.0 - RELIT_CHANCE
    chance[BOOST] = RELIT_CHANCE
    tracks.strain[row] = 0.0
