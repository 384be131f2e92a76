"""The modes a track may move in, as one: foreseen, mixed, blended, begun, and lit again. Kernels.

An interacting multiple model (Blom & Bar-Shalom 1988) of extended Kalman filters for the modes that are possible,
one alone once that is settled.
"""

from __future__ import annotations

from math import exp

import numpy as np

from laurel.instruments.warning.tracker.motion import move
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

IGNITE_S, SOON_S, IGNITE_SOON_S = 600.0, 20.0, 200.0
"""Mean time before a motor lights: in long free flight; and within 20 s of a cutoff, when stages part."""
BURN_S = 60.0
HALF_CHANCE = 0.5
RELIT_MPS2, RELIT_CHANCE = 20.0, 0.1


@compiled
def falling(chance: Vector) -> int:
    """The likelier of the modes without thrust or lift: COAST or REENTRY."""
    return REENTRY if chance[REENTRY] > chance[COAST] else COAST


@compiled
def merge(mean: Matrix, cov: Matrix, cross: Matrix, into: int, source: int, share: float) -> None:
    """The estimate of one mode takes over that share of another's: position and velocity, in place.

    What only the mode itself knows stays as it was, and loses the correlation that the other does not have.
    """
    gap = np.zeros(FREE)
    for i in range(FREE):
        gap[i] = mean[source, i] - mean[into, i]
    own = 1.0 - share
    for i in range(FREE):
        mean[into, i] += share * gap[i]
        for j in range(FREE):
            both = own * cov[into, i, j] + share * cov[source, i, j]
            cov[into, i, j] = both + share * own * gap[i] * gap[j]
        for j in range(FREE, SIZES[into]):
            cov[into, i, j] *= own
            cov[into, j, i] *= own
        for c in range(BIASES * SLOTS):
            cross[into, i, c] = own * cross[into, i, c] + share * cross[source, i, c]


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
        phase = tracks.phase[row]
        soon = phase == BOOST or (phase == COAST and t_s - tracks.phase_s[row] < SOON_S)
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
