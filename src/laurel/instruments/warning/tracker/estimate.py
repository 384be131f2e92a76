"""How plots correct a track: each mode by how well it foresees them; and what the track then seems to do. Kernels."""

from __future__ import annotations

from math import exp, log

import numpy as np

from laurel.instruments.warning.tracker.bias import place_in
from laurel.instruments.warning.tracker.modes import BORNE_MPS2, SOON_S, carry, falling, relight
from laurel.instruments.warning.tracker.motion import heading, pull
from laurel.instruments.warning.tracker.sight import sight_of, weigh
from laurel.instruments.warning.tracker.table import (
    BIASES,
    BOOST,
    COAST,
    FREE,
    FULL,
    MANEUVER,
    MODES,
    RECENT,
    REENTRY,
    SIZES,
    SLOTS,
    UNKNOWN,
    Eye,
    Plots,
    Tracks,
    Whole,
)
from laurel.physics.ballistics import climb_rate
from laurel.physics.compiled import Matrix, Vector, compiled
from laurel.physics.earth import height

LEAST_CHANCE = 1e-9
SETTLED_CHANCE = 1e-2
"""Below that probability of a burning motor, long enough, the powered estimate is dropped."""
SETTLED_S = 6.0
STRAIN_FADES = 0.9
STRAINED = 45.0
"""The fading sum goes over that once in ten million looks in free fall."""
PUSH_MPS2 = 4.0
"""A burning motor accelerates by at least that much."""
PHASE_CHANCE = 0.9
PHASE_S = 1.5
SURE_CHANCE = 0.99
"""A motor that surely lights again is told at once."""
DENSE_AIR_M = 90_000.0


@compiled
def sound(mean: Vector, cov: Matrix, size: int) -> bool:
    """Whether an estimate is still numbers with positive variances."""
    for i in range(size):
        broken = not (abs(mean[i]) < 1e9 and 0.0 < cov[i, i] < 1e18)
        if broken:
            return False
    return True


@compiled
def remember(tracks: Tracks, row: int, plots: Plots, k: int, eye: Eye) -> None:
    """Writes the plot into the ring of those last taken."""
    at = tracks.recent_count[row] % RECENT
    tracks.recent[row, at, 0] = plots.t_s[k]
    tracks.recent[row, at, 1] = plots.azimuth_rad[k]
    tracks.recent[row, at, 2] = plots.elevation_rad[k]
    tracks.recent[row, at, 3] = plots.range_m[k]
    tracks.recent[row, at, 4] = eye.slot
    tracks.recent_count[row] += 1


@compiled
def soften(tracks: Tracks, row: int, plots: Plots, ks: Whole, shares: Vector, eye: Eye, likelihood: Matrix) -> float:
    """Makes each mode the mixture over its plots, in place; writes log-likelihoods (4, plots).

    Returns the squared distance of the plots, weighed by their shares.
    """
    distance2 = 0.0
    count = len(ks)
    place = place_in(tracks, row, eye)
    means = np.empty((count + 1, FULL))
    covs = np.empty((count + 1, FULL, FULL))
    crosses = np.empty((count + 1, FULL, BIASES * SLOTS))
    for mode in range(MODES):
        chance = tracks.chance[row, mode]
        if chance == 0.0:
            continue
        size = SIZES[mode]
        weights = np.empty(count + 1)
        weights[count] = 1.0
        for at in range(count + 1):
            means[at] = tracks.mean[row, mode]
            covs[at] = tracks.cov[row, mode]
            crosses[at] = tracks.cross[row, mode]
            if at == count:
                break
            k = ks[at]
            seen = sight_of(plots, k, eye)
            dt_s = plots.t_s[k] - tracks.t_s[row]
            likelihood[mode, at], far2 = weigh(means[at], covs[at], crosses[at], mode, (seen, eye, dt_s, place))
            weights[at] = shares[at]
            weights[count] -= shares[at]
            distance2 += chance * shares[at] * far2
        weights[count] = max(weights[count], 0.0)
        middle, spread, common = tracks.mean[row, mode], tracks.cov[row, mode], tracks.cross[row, mode]
        middle[:] = 0.0
        spread[:] = 0.0
        common[:] = 0.0
        for at in range(count + 1):
            for i in range(size):
                middle[i] += weights[at] * means[at, i]
        for at in range(count + 1):
            w = weights[at]
            for i in range(size):
                for j in range(size):
                    gap2 = (means[at, i] - middle[i]) * (means[at, j] - middle[j])
                    spread[i, j] += w * (covs[at, i, j] + gap2)
                for c in range(BIASES * SLOTS):
                    common[i, c] += w * crosses[at, i, c]
    return distance2


@compiled
def reweigh(chance: Vector, likelihood: Matrix, shares: Vector, none: float) -> float:
    """The chances of the modes after the plots, in place; returns the plots' log-likelihood, weighed by `shares`.

    Given that one plot is the true one, a mode gains by how much better than the others it foresaw that plot.
    """
    after = np.zeros(MODES)
    for mode in range(MODES):
        after[mode] = none * chance[mode]
    whole = 0.0
    for at in range(len(shares)):
        top = likelihood[:, at].max()
        total = 0.0
        for mode in range(MODES):
            if chance[mode] > 0.0:
                total += chance[mode] * exp(likelihood[mode, at] - top)
        for mode in range(MODES):
            if chance[mode] > 0.0:
                after[mode] += shares[at] * chance[mode] * exp(likelihood[mode, at] - top) / total
        whole += shares[at] * (top + log(total))
    total = 0.0
    for mode in range(MODES):
        if chance[mode] > 0.0:
            chance[mode] = max(after[mode], LEAST_CHANCE)
            total += chance[mode]
    chance /= total
    return whole


@compiled
def fallen_to(tracks: Tracks, row: int, plots: Plots, k: int, eye: Eye) -> float:
    """`take` for what is most of all: one sure plot of what falls freely, and is known to."""
    mean, cov = tracks.mean[row, COAST], tracks.cov[row, COAST]
    look = (sight_of(plots, k, eye), eye, plots.t_s[k] - tracks.t_s[row], place_in(tracks, row, eye))
    likelihood, distance2 = weigh(mean, cov, tracks.cross[row, COAST], COAST, look)
    if not sound(mean, cov, FREE):
        return np.nan
    tracks.strain[row] = STRAIN_FADES * tracks.strain[row] + distance2 - (3.0 if eye.ranged else 2.0)
    remember(tracks, row, plots, k, eye)
    tracks.seen_s[row] = max(tracks.seen_s[row], plots.t_s[k])
    return likelihood


@compiled
def take(tracks: Tracks, row: int, plots: Plots, ks: Whole, shares: Vector, eye: Eye) -> float:
    """The plots `ks` correct the row in place, each true with the probability in `shares`, none with the rest of 1.

    One plot of share 1 is the ordinary correction; with several, each mode becomes the mixture of what each plot
    would make of it (probabilistic data association, Bar-Shalom & Tse 1975), told by its mean and spread.
    Returns the log-likelihood of the plots so shared, or nan if the estimate broke.
    """
    latest_s = tracks.t_s[row]
    for k in ks:
        latest_s = max(latest_s, plots.t_s[k])
    if latest_s > tracks.t_s[row]:
        carry(tracks, row, latest_s)
    mean, cov, cross, chance = tracks.mean[row], tracks.cov[row], tracks.cross[row], tracks.chance[row]
    count = len(ks)
    if count == 1 and shares[0] == 1.0 and chance[COAST] == 1.0:
        return fallen_to(tracks, row, plots, ks[0], eye)
    none = 1.0
    best = 0
    for at in range(count):
        none -= shares[at]
        best = at if shares[at] > shares[best] else best
    likelihood = np.full((MODES, count), -np.inf)
    distance2 = 0.0
    place = place_in(tracks, row, eye)
    if count == 1 and none < LEAST_CHANCE:
        seen = sight_of(plots, ks[0], eye)
        for mode in range(MODES):
            if chance[mode] > 0.0:
                likelihood[mode, 0], far2 = weigh(
                    mean[mode], cov[mode], cross[mode], mode, (seen, eye, plots.t_s[ks[0]] - latest_s, place)
                )
                distance2 += chance[mode] * far2
    else:
        distance2 = soften(tracks, row, plots, ks, shares, eye, likelihood)
    total = reweigh(chance, likelihood, shares, max(none, 0.0))
    for mode in range(MODES):
        if chance[mode] > 0.0 and not sound(mean[mode], cov[mode], SIZES[mode]):
            return np.nan
    if chance[BOOST] == 0.0 and chance[MANEUVER] == 0.0:
        numbers = (1.0 - max(none, 0.0)) * (3.0 if eye.ranged else 2.0)
        tracks.strain[row] = STRAIN_FADES * tracks.strain[row] + distance2 - numbers
    if shares[best] > 0.5:
        remember(tracks, row, plots, ks[best], eye)
    tracks.seen_s[row] = max(tracks.seen_s[row], plots.t_s[ks[best]])
    return total


@compiled
def seeming(tracks: Tracks, row: int) -> int:
    """The phase that the modes speak for now; the one there is while they are undecided."""
    mean, chance = tracks.mean[row], tracks.chance[row]
    powered, steered, phase = chance[BOOST], chance[MANEUVER], tracks.phase[row]
    free = mean[falling(chance), :FREE]
    low = height(free[0], free[1], free[2]) < DENSE_AIR_M
    fallen = low and (climb_rate(free) < 0.0 or phase in (REENTRY, MANEUVER))
    if powered > PHASE_CHANCE:
        ahead = heading(mean[BOOST], tracks.cov[row, BOOST])
        thrust = 0.0
        for i in range(3):
            thrust += ahead[i] * mean[BOOST, FREE + i]
        if thrust > PUSH_MPS2:
            return BOOST
        return REENTRY if fallen and phase != UNKNOWN else phase
    if steered > PHASE_CHANCE:
        return MANEUVER
    if powered + steered < 1.0 - PHASE_CHANCE:
        return REENTRY if fallen else COAST
    return phase


@compiled
def judge(tracks: Tracks, row: int) -> None:
    """The phase, once it has seemed so for a while, and which modes are still needed."""
    chance = tracks.chance[row]
    seems = seeming(tracks, row)
    now = tracks.t_s[row]
    if seems == tracks.phase[row]:
        tracks.wavers_s[row] = np.inf
        settled = now - tracks.phase_s[row] > SETTLED_S and now - tracks.cutoff_s[row] > SOON_S
        if settled and seems != BOOST:
            drop(tracks, row, BOOST)
    else:
        tracks.wavers_s[row] = min(tracks.wavers_s[row], now)
        falls = tracks.phase[row] == COAST and seems == REENTRY
        lights = tracks.phase[row] == COAST and seems == BOOST and chance[BOOST] > SURE_CHANCE
        if falls or lights or now - tracks.wavers_s[row] >= PHASE_S:
            if tracks.phase[row] == BOOST:
                tracks.cutoff_s[row] = now
            tracks.phase[row] = seems
            tracks.phase_s[row] = now
            tracks.wavers_s[row] = np.inf
    if chance[MANEUVER] > 0.0 and pull(tracks.mean[row, falling(chance)]) < BORNE_MPS2:
        drop(tracks, row, MANEUVER)
    if tracks.strain[row] > STRAINED:
        relight(tracks, row)


@compiled
def drop(tracks: Tracks, row: int, mode: int) -> None:
    """Keeps that mode no longer, if its chance is small."""
    chance = tracks.chance[row]
    if 0.0 < chance[mode] < SETTLED_CHANCE:
        chance[mode] = 0.0
        # One mode left has a chance of 1 to the last bit.
        chance /= chance.sum()
        tracks.strain[row] = 0.0
