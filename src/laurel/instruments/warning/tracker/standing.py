"""What becomes of each track after a scan: confirmed, followed, coasting, lost. Kernels.

A track is confirmed by enough plots, a likelihood ratio no chance arrangement of false plots reaches, and a
speed and height of something that flies far. It is lost when looks that should have seen it say that it is not
there, when it may be anywhere by now, or when it has met the ground by reckoning: nobody saw an impact.
"""

from __future__ import annotations

from math import log, pi, sqrt
from typing import NamedTuple

import numpy as np

from laurel.instruments.warning.tracker.assignment import Pairs
from laurel.instruments.warning.tracker.associate import GATE, UNSEEN_S, Outlook, measure, rivals
from laurel.instruments.warning.tracker.bias import biased
from laurel.instruments.warning.tracker.descent import witnessed
from laurel.instruments.warning.tracker.estimate import judge, sound, take
from laurel.instruments.warning.tracker.modes import blend, carry, falling, relight
from laurel.instruments.warning.tracker.motion import AIR_M
from laurel.instruments.warning.tracker.sources import credit, free
from laurel.instruments.warning.tracker.start import SPEED_SIGMA_MPS, Seeds, Starts
from laurel.instruments.warning.tracker.table import (
    BOOST,
    COAST,
    COASTING,
    FREE,
    TENTATIVE,
    TRACKED,
    Eye,
    Plots,
    Tracks,
    Whole,
)
from laurel.physics.ballistics import climb_rate, propagate
from laurel.physics.compiled import Matrix, Vector, compiled
from laurel.physics.earth import A_M, height

FALSE_CONFIRMED, TRUE_MISSED = 1e-6, 0.01
CONFIRMED, REFUTED = log((1.0 - TRUE_MISSED) / FALSE_CONFIRMED), log(TRUE_MISSED / (1.0 - FALSE_CONFIRMED))
"""Wald's thresholds (1945) for the likelihood ratio of a vehicle against false plots, from these error rates."""
NEW_PER_M3 = 1e-22
"""New vehicles in a scan: one in a thousand scans of a large radar."""
SLOWEST_MPS = 300.0
FASTEST_MPS = 8_500.0
DOUBTS = 3.0

MISSED, GONE = log(1e-3), log(1e-9)
"""Chance of missing it so often if it were there: then it coasts, then it is lost."""
GONE_S = 5.0
COASTING_S = 10.0
VAGUE_M, VAGUER = 20_000.0, 4.0
"""It may be anywhere when its sigma exceeds that, and so many times what it was when it was seen."""
STARTING_S = 90.0
CARRY_S = 10.0
"""A track that falls freely unseen is kept no further back than that, so that foreseeing stays cheap."""
SHADOWED, SHADOWED_START = 4, 2
PARTED_S, PARTED_M, PARTING_MPS = 5.0, 6_000.0, 100.0
"""A piece begins that much later than what it parts from, that near, that slowly."""
STRAYING = 25.0
"""Strain goes over that once in six thousand looks of free fall: with that, a miss may be a manoeuvre."""

LEAST_SHARE, SURE_SHARE = 0.01, 0.99

SAME, NEWS, LOST, FORGOTTEN, BROKEN, FELL = 0, 1, 2, 3, 4, 5
"""What a scan made of a track: nothing or something to tell, lost, a false start, numbers gone wrong, seen to fall."""


class Shares(NamedTuple):
    """What each track got of a scan: the plot (-1 for none) and its worth."""

    plot: Whole
    first: Whole
    """(n + 1,) where the plots that may be each track's begin in `maybe`."""
    maybe: Whole
    chance: Vector
    """The probability of each of them."""
    gain: Vector
    """Log-likelihood ratio of what the scan shows there, plots and misses, rivals considered: a vehicle or nothing."""


@compiled
def opening(tracks: Tracks, seeds: Seeds, new: Seeds, starts: Starts, gone: Matrix, eye: Eye) -> None:
    """The score of new rows: what their two plots say for a vehicle, and that vehicles are rarer than false plots.

    Where a plot could be joined to several, or be that of a track that went astray (`gone`), the plots of other
    vehicles are the rival, not clutter.
    """
    rare = log(NEW_PER_M3 / eye.clutter)
    as_seed, as_plot = np.zeros(len(seeds.t_s)), np.zeros(len(new.t_s))
    for row in range(len(starts.seed)):
        as_seed[starts.seed[row]] += 1.0
        as_plot[starts.plot[row]] += 1.0
    for row in range(len(starts.seed)):
        i, k = starts.seed[row], starts.plot[row]
        ways = max(as_seed[i], as_plot[k]) + rivals(new.position[k], gone)
        dt_s = new.t_s[k] - seeds.t_s[i]
        variance, distance2 = (SPEED_SIGMA_MPS * dt_s) ** 2, 0.0
        for a in range(3):
            variance += (new.cov[k, a, a] + seeds.cov[i, a, a]) / 3.0
            distance2 += (new.position[k, a] - seeds.position[i, a]) ** 2
        near = -0.5 * (distance2 / variance + 3.0 * log(2.0 * pi * variance))
        others = eye.clutter
        if ways > 1.0:
            others = ways / (4.0 / 3.0 * pi * (FASTEST_MPS * dt_s) ** 3 + variance**1.5)
        tracks.score[row] = rare + near + log(eye.detection / max(others, eye.clutter))
        if as_seed[i] == as_plot[k] == 1.0:
            # The only way to join them: the next look may still speak for it.
            tracks.score[row] = max(tracks.score[row], 0.0)


@compiled
def plausible(tracks: Tracks, row: int) -> bool:
    """Whether something flies there as missiles do."""
    mode = falling(tracks.chance[row])
    mean, cov = tracks.mean[row, mode], tracks.cov[row, mode]
    speed = sqrt(mean[3] ** 2 + mean[4] ** 2 + mean[5] ** 2)
    low = DOUBTS * sqrt((cov[0, 0] + cov[1, 1] + cov[2, 2]) / 3.0)
    return SLOWEST_MPS < speed < FASTEST_MPS and height(mean[0], mean[1], mean[2]) > -low


@compiled
def fallen(ahead: Outlook, row: int) -> bool:
    """Whether it has met the ground by reckoning."""
    state = ahead.mean[row, :FREE]
    return height(state[0], state[1], state[2]) < 0.0 and climb_rate(state) < 0.0


@compiled
def vague(tracks: Tracks, row: int, ahead: Outlook) -> bool:
    """Whether it may be anywhere by now, unlike when it was last seen."""
    p = ahead.cov[row]
    return not p[0, 0] + p[1, 1] + p[2, 2] < max(VAGUE_M * VAGUE_M, VAGUER * VAGUER * tracks.seen_m2[row])


@compiled
def unseen(tracks: Tracks, row: int, ahead: Outlook, eye: Eye, scan_s: float) -> int:
    """What a scan without a plot for it makes of a track."""
    status = tracks.status[row]
    if ahead.in_view[row] and scan_s > tracks.t_s[row]:
        missed = log(1.0 - ahead.chance[row])
        tracks.absence[row] += missed
    now = ahead.mean[row]
    due = tracks.chance[row, COAST] == 1.0 and CARRY_S < ahead.t_s - tracks.t_s[row] < UNSEEN_S
    # In the air that would cost certainty, which the prediction of its impact lives on.
    if due and height(now[0], now[1], now[2]) > AIR_M and sound(now, ahead.cov[row], FREE):
        carry(tracks, row, ahead.t_s)
    gap_s = scan_s - tracks.seen_s[row]
    astray = vague(tracks, row, ahead) or fallen(ahead, row)
    if status == TENTATIVE:
        # A sensor that had no part in a start may not see there at all.
        refuted = tracks.score[row] < REFUTED and tracks.sensors[row, eye.slot]
        gone = refuted or tracks.absence[row] < MISSED or gap_s > STARTING_S
        return FORGOTTEN if gone or astray else SAME
    gone = tracks.absence[row] < GONE and gap_s > GONE_S
    if gone or astray or gap_s > UNSEEN_S:
        return FELL if fallen(ahead, row) and witnessed(tracks, row) else LOST
    if status == TRACKED and (tracks.absence[row] < MISSED or gap_s > COASTING_S):
        tracks.status[row] = COASTING
        if tracks.chance[row, BOOST] == 0.0 and tracks.strain[row] > STRAYING:
            relight(tracks, row)
        return NEWS
    return SAME


@compiled
def likely_of(shares: Shares, row: int) -> tuple[Whole, Vector]:
    """The plots that may be a row's, and the probability of each: mostly one, and sure."""
    count, sure = 0, True
    for at in range(shares.first[row], shares.first[row + 1]):
        if shares.chance[at] > LEAST_SHARE:
            count += 1
            sure = shares.chance[at] > SURE_SHARE
    if count == 0:
        return shares.plot[row : row + 1].copy(), np.ones(1)
    maybe, likely = np.empty(count, dtype=np.int64), np.empty(count)
    count = 0
    for at in range(shares.first[row], shares.first[row + 1]):
        if shares.chance[at] > LEAST_SHARE:
            maybe[count], likely[count] = shares.maybe[at], shares.chance[at]
            count += 1
    if count == 1 and sure:
        likely[0] = 1.0
    return maybe, likely


@compiled
def skip_to(tracks: Tracks, row: int, ahead: Outlook, t_s: float) -> None:
    """Takes over what was foreseen for the moment of its plot, where that is one free fall above the air, as is."""
    state = ahead.mean[row]
    high = state[0] * state[0] + state[1] * state[1] + state[2] * state[2] > (A_M + AIR_M) ** 2
    alone = tracks.chance[row, COAST] == 1.0 and tracks.slots[row, 0] < 0
    if alone and high and t_s == ahead.t_s > tracks.t_s[row]:
        tracks.mean[row, COAST, :FREE] = state
        tracks.cov[row, COAST, :FREE, :FREE] = ahead.cov[row]
        tracks.t_s[row] = t_s


@compiled
def corrected(tracks: Tracks, row: int, plots: Plots, shares: Shares, eye: Eye) -> bool:
    """Whether its plots, each with its probability, corrected the track; if its numbers broke it is as before."""
    maybe, likely = likely_of(shares, row)
    considers = tracks.slots[row, 0] >= 0
    mean, cov = tracks.mean[row].copy(), tracks.cov[row].copy()
    cross = tracks.cross[row].copy() if considers else np.empty((0, 0, 0))
    chance, t_s = tracks.chance[row].copy(), tracks.t_s[row]
    likelihood = take(tracks, row, plots, maybe, likely, eye)
    if abs(likelihood) < np.inf:
        return True
    # What is told last is what was last sound.
    tracks.mean[row], tracks.cov[row] = mean, cov
    if considers:
        tracks.cross[row] = cross
    tracks.chance[row], tracks.t_s[row] = chance, t_s
    return False


@compiled
def follow(tracks: Tracks, row: int, ahead: Outlook, plots: Plots, shares: Shares, eye: Eye) -> int:
    """What its plot makes of a track."""
    if not biased(eye):
        skip_to(tracks, row, ahead, float(plots.t_s[shares.plot[row]]))
    if not corrected(tracks, row, plots, shares, eye):
        return FORGOTTEN if tracks.status[row] == TENTATIVE else BROKEN
    judge(tracks, row)
    free(tracks, row)
    p = tracks.cov[row, falling(tracks.chance[row])]
    tracks.seen_m2[row] = p[0, 0] + p[1, 1] + p[2, 2]
    tracks.plots[row] += 1
    tracks.absence[row] = 0.0
    tracks.sensors[row, eye.slot] = True
    credit(tracks, row, eye.slot, float(plots.t_s[shares.plot[row]]))
    if tracks.status[row] == TENTATIVE and (tracks.score[row] < CONFIRMED or not plausible(tracks, row)):
        return SAME
    tracks.status[row] = TRACKED
    return NEWS


@compiled
def settle(tracks: Tracks, ahead: Outlook, plots: Plots, shares: Shares, when: tuple[Eye, float]) -> Whole:
    """Gives every track its plot or its miss; returns what the scan made of each."""
    eye, scan_s = when
    out = np.empty(len(tracks.t_s), dtype=np.int64)
    for row in range(len(tracks.t_s)):
        if tracks.status[row] != TENTATIVE or shares.plot[row] >= 0 or tracks.sensors[row, eye.slot]:
            tracks.score[row] += shares.gain[row]
        if shares.plot[row] >= 0:
            out[row] = follow(tracks, row, ahead, plots, shares, eye)
        else:
            out[row] = unseen(tracks, row, ahead, eye, scan_s)
            maybe = shares.chance[shares.first[row] : shares.first[row + 1]]
            if out[row] == SAME and (maybe > LEAST_SHARE).any():
                seen_s = tracks.seen_s[row]
                corrected(tracks, row, plots, shares, eye)
                tracks.seen_s[row] = seen_s
    return out


@compiled
def parent_of(tracks: Tracks, row: int) -> int:
    """The number of the older track that a new one parted from slowly, near where it begins; 0 for none."""
    state, doubt = np.empty(FREE), np.empty((FREE, FREE))
    other, spread = np.empty(FREE), np.empty((FREE, FREE))
    blend(tracks.mean[row], tracks.cov[row], tracks.chance[row], state, doubt)
    best, number = GATE[1], 0
    for at in range(len(tracks.t_s)):
        behind_s = tracks.t_s[row] - tracks.t_s[at]
        known = tracks.number[at] > 0 and tracks.first_s[at] < tracks.first_s[row] - PARTED_S
        if not known or at == row or abs(behind_s) > PARTED_S:
            continue
        blend(tracks.mean[at], tracks.cov[at], tracks.chance[at], other, spread)
        away2 = 0.0
        for a in range(3):
            away2 += (state[a] - other[a] - behind_s * other[3 + a]) ** 2
        if away2 > PARTED_M * PARTED_M:
            continue
        gap = state - propagate(other, behind_s, 0.0)
        age_s = tracks.t_s[row] - tracks.first_s[row]
        back = np.empty(3)
        both = np.empty((3, 3))
        parts2 = 0.0
        for a in range(3):
            back[a] = gap[a] - age_s * gap[3 + a]
            # Slow pieces alone: more than that is not known of how fast it parts.
            parts2 += max(gap[3 + a] ** 2 - 9.0 * (doubt[3 + a, 3 + a] + spread[3 + a, 3 + a]), 0.0)
            for b in range(3):
                c = doubt[a, b] + spread[a, b]
                cross = doubt[a, 3 + b] + spread[a, 3 + b] + doubt[3 + a, b] + spread[3 + a, b]
                both[a, b] = c - age_s * cross + age_s * age_s * (doubt[3 + a, 3 + b] + spread[3 + a, 3 + b])
        distance2, _ = measure(both, back, 3)
        if parts2 < PARTING_MPS * PARTING_MPS and distance2 < best:
            best, number = distance2, tracks.number[at]
    return number


@compiled
def younger_than(tracks: Tracks, row: int, other: int) -> bool:
    """Whether a row is younger than another: tentative before a confirmed one, else later born."""
    if (tracks.number[row] > 0) != (tracks.number[other] > 0):
        return tracks.number[row] == 0
    return tracks.birth[row] > tracks.birth[other]


@compiled
def shade(tracks: Tracks, pairs: Pairs, plot_of: Whole, plots: int) -> None:
    """Counts looks in which of two tracks that wanted a plot only one got any: they may be one vehicle.

    The younger is counted against the older, and two plots in one scan prove them two.
    """
    owner = np.full(plots, -1)
    for row in range(len(plot_of)):
        if plot_of[row] >= 0:
            owner[plot_of[row]] = row
    for p in range(len(pairs.row)):
        row, other = int(pairs.row[p]), int(owner[pairs.plot[p]])
        if other < 0 or other == row:
            continue
        younger, older = (row, other) if younger_than(tracks, row, other) else (other, row)
        same = tracks.rival[younger] == tracks.birth[older]
        if plot_of[row] >= 0:
            if same:
                tracks.shadow[younger] = 0
        elif same:
            tracks.shadow[younger] += 1
        else:
            tracks.rival[younger] = tracks.birth[older]
            tracks.shadow[younger] = 1
