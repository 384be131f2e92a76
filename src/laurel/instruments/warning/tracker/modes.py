"""The modes a track may move in, as one: foreseen, mixed, blended, begun, and lit again. Kernels.

An interacting multiple model (Blom & Bar-Shalom 1988) of extended Kalman filters for the modes that are possible,
one alone once that is settled.
"""

from __future__ import annotations

from math import exp

import numpy as np

from laurel.instruments.warning.tracker.motion import (
    AIR_M,
    LIFT_FLOOR_MPS2,
    LIFT_SHARE,
    LOG_BETA_PRIOR,
    LOG_BETA_SIGMA,
    heading,
    move,
    pull,
)
from laurel.instruments.warning.tracker.sight import correct
from laurel.instruments.warning.tracker.table import (
    BIASES,
    BOOST,
    COAST,
    FREE,
    FULL,
    LOG_BETA,
    MANEUVER,
    MODES,
    REENTRY,
    SIZES,
    SLOTS,
    Tracks,
)
from laurel.physics.ballistics import climb_rate
from laurel.physics.compiled import Matrix, Vector, compiled
from laurel.physics.earth import height

IGNITE_S, SOON_S, IGNITE_SOON_S = 600.0, 15.0, 100.0
"""Mean time before a motor lights: in long free flight; and soon after a cutoff, when stages part."""
BURN_S = 60.0
LOW_M, HIGH_M, LOW_CHANCE, HIGH_CHANCE = 100_000.0, 200_000.0, 0.5, 0.1
"""The chance that a motor burns in what is seen first below, and above, these heights."""
LEAST_SHARE = 0.3
"""Of a mixture: what weighs less is left out."""
LIT_MPS2, LIT_SIGMA_MPS2, LIT_ACROSS_MPS2 = 20.0, 20.0, 6.0
"""The acceleration of a motor that lights: along the velocity, and its doubt along and across it."""
RELIT_MPS2, RELIT_CHANCE = 20.0, 0.1

REENTRY_M = 120_000.0
CLIMBS_MPS = 100.0
BORNE_MPS2 = 0.005
"""Nominal drag below which nothing can steer by the air."""
STEERS_S, STEERED_S, UNBORNE_S = 60.0, 60.0, 1.0
"""Mean time until a falling vehicle steers; for which it steers; and for which it seems to where it cannot."""


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
            doubt[i, j] = (LIT_SIGMA_MPS2 * LIT_SIGMA_MPS2 - across2) * (ahead[i] * ahead[j])
        doubt[i, i] += across2
    return LIT_MPS2 * ahead, doubt


@compiled
def prior(mode: int, mean: Vector, cov: Matrix) -> tuple[Vector, Matrix]:
    """(3,) and (3, 3): what a mode believes of its own numbers when a track of this position and velocity begins it."""
    if mode == BOOST:
        return push_prior(mean, cov)
    middle, doubt = np.zeros(3), np.zeros((3, 3))
    if mode == REENTRY:
        middle[0], doubt[0, 0] = LOG_BETA_PRIOR, LOG_BETA_SIGMA * LOG_BETA_SIGMA
    elif mode == MANEUVER:
        sigma = LIFT_SHARE * pull(mean) + LIFT_FLOOR_MPS2
        for i in range(3):
            doubt[i, i] = sigma * sigma
    return middle, doubt


@compiled
def merge(
    mean: Vector, cov: Matrix, cross: Matrix, mode: int, other: Vector, unsure: Matrix, common: Matrix, share: float
) -> None:
    """The estimate of one mode takes over that share of another's (`other`, `unsure`, `common`), in place.

    Where it has numbers that the other lacks, the other brings their prior (Granstroem, Willett & Bar-Shalom 2015).
    """
    size = SIZES[mode]
    there, doubt = np.zeros(FULL), np.zeros((FULL, FULL))
    there[:FREE] = other[:FREE]
    doubt[:FREE, :FREE] = unsure[:FREE, :FREE]
    there[FREE:], doubt[FREE:, FREE:] = prior(mode, other, unsure)
    if share == 1.0:
        # What a mode that was not kept has left there means nothing, and may not be a number.
        mean[:] = there
        cov[:] = 0.0
        cross[:] = 0.0
    own = 1.0 - share
    gap = there - mean
    for i in range(size):
        mean[i] += share * gap[i]
        for j in range(size):
            cov[i, j] = own * cov[i, j] + share * (doubt[i, j] + own * (gap[i] * gap[j]))
        for c in range(BIASES * SLOTS):
            cross[i, c] = own * cross[i, c] + (share * common[i, c] if i < FREE else 0.0)


@compiled
def rates(chance: Vector, free: int, state: Vector, ignite_s: float) -> Matrix:
    """(4, 4) how often a track leaves one mode (row) for another (column), 1/s.

    Motors light and cut out anywhere; what falls through the air may be steered while the air bears it.
    """
    out = np.zeros((MODES, MODES))
    if chance[BOOST] > 0.0:
        out[BOOST, free] = 1.0 / BURN_S
        out[free, BOOST] = 1.0 / ignite_s
    borne = free == REENTRY and pull(state) > BORNE_MPS2
    if borne:
        out[free, MANEUVER] = 1.0 / STEERS_S
    if chance[MANEUVER] > 0.0:
        out[MANEUVER, free] = 1.0 / (STEERED_S if borne else UNBORNE_S)
    return out


@compiled
def mix(mean: Matrix, cov: Matrix, cross: Matrix, chance: Vector, dt_s: float, ignite_s: float) -> None:
    """Each of the possible modes takes over what the others would leave it: all in place, the chances too.

    A small share is left out: a mixture told by its mean and spread would make an estimate forget what it knows for
    the sake of a hypothesis that is all but excluded. So what was never powered stays as sharp as free fall is.
    """
    free = falling(chance)
    often = rates(chance, free, mean[free], ignite_s)
    flow = np.zeros((MODES, MODES))
    moves = False
    for i in range(MODES):
        stays = 1.0
        for j in range(MODES):
            if often[i, j] > 0.0:
                leaves = 1.0 - exp(-dt_s * often[i, j])
                flow[i, j] = chance[i] * leaves
                stays -= leaves
                moves = True
        flow[i, i] = chance[i] * stays
    if not moves:
        return
    before, doubt, common = mean.copy(), cov.copy(), cross.copy()
    for j in range(MODES):
        chance[j] = flow[:, j].sum()
        held = flow[j, j]
        for i in range(MODES):
            if i != j and flow[i, j] > 0.0 and flow[i, j] >= LEAST_SHARE * chance[j]:
                held += flow[i, j]
                merge(mean[j], cov[j], cross[j], j, before[i], doubt[i], common[i], flow[i, j] / held)


@compiled
def hand_over(mean: Matrix, cov: Matrix, cross: Matrix, chance: Vector) -> None:
    """What coasts reenters where the air begins to be felt, and coasts again if it turns out to climb: in place.

    There both move alike, so nothing is lost, and one of the two is enough.
    """
    old = falling(chance)
    above, climb = height(mean[old, 0], mean[old, 1], mean[old, 2]), climb_rate(mean[old])
    new = old
    if old == COAST and above < REENTRY_M and climb < 0.0:
        new = REENTRY
    elif old == REENTRY and chance[MANEUVER] == 0.0:
        unlearnt = cov[old, LOG_BETA, LOG_BETA] > 0.8 * LOG_BETA_SIGMA * LOG_BETA_SIGMA
        new = COAST if above > AIR_M or (unlearnt and climb > CLIMBS_MPS) else REENTRY
    if new != old and chance[old] > 0.0:
        chance[new] = chance[old]
        chance[old] = 0.0
        merge(mean[new], cov[new], cross[new], new, mean[old], cov[old], cross[old], 1.0)


@compiled
def foresee(tracks: Tracks, row: int, t_s: float, mean: Matrix, cov: Matrix, cross: Matrix, chance: Vector) -> None:
    """Writes the estimates of all kept modes, and their chances, as they will be at `t_s` (or were, if it is past)."""
    chance[:] = tracks.chance[row]
    considers = tracks.slots[row, 0] >= 0
    for mode in range(MODES):
        if chance[mode] > 0.0:
            mean[mode] = tracks.mean[row, mode]
            cov[mode] = tracks.cov[row, mode]
            if considers:
                cross[mode] = tracks.cross[row, mode]
            else:
                cross[mode] = 0.0
    dt_s = t_s - tracks.t_s[row]
    if dt_s > 0.0:
        hand_over(mean, cov, cross, chance)
        if chance[COAST] < 1.0:
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
    above = (height(mean[0], mean[1], mean[2]) - LOW_M) / (HIGH_M - LOW_M)
    burns = LOW_CHANCE + (HIGH_CHANCE - LOW_CHANCE) * min(max(above, 0.0), 1.0)
    tracks.chance[row] = 0.0
    tracks.chance[row, BOOST] = burns
    tracks.chance[row, COAST] = 1.0 - burns


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
