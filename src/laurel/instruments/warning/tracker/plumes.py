"""Tracks that only infrared bears: begun from streaks, made anew at every look, handed to the radar that agrees.

One satellite makes a track that is very wide along its lines of sight, and nothing but its own streak corrects
it: plots compared one by one would fit too much. A second satellite that sees the same plume gives it a place;
from then on it is a track like any other. A radar track that agrees with one of these, when it is confirmed,
goes on under its number.
"""

from __future__ import annotations

from math import inf, sqrt

import numpy as np

from laurel.instruments.warning.tracker.associate import measure
from laurel.instruments.warning.tracker.batch import unlikely
from laurel.instruments.warning.tracker.launch_point import better
from laurel.instruments.warning.tracker.memory import TrackerMemory, number_for, stamp
from laurel.instruments.warning.tracker.modes import blend, foresee
from laurel.instruments.warning.tracker.sight import sight
from laurel.instruments.warning.tracker.standing import FORGOTTEN, LOST, NEWS
from laurel.instruments.warning.tracker.streaks import Streaks, moves
from laurel.instruments.warning.tracker.table import (
    BIASES,
    BOOST,
    COAST,
    FREE,
    FULL,
    MODES,
    SLOTS,
    TRACKED,
    Eye,
    Flags,
    Tracks,
    Whole,
    joined,
    no_tracks,
)
from laurel.instruments.warning.tracker.templates import bank
from laurel.instruments.warning.tracker.triangulate import Plume, crossing, lone
from laurel.physics.ballistics import climb_rate
from laurel.physics.compiled import Vector, compiled
from laurel.physics.earth import height

ENOUGH_PLOTS = 3
ENOUGH_SCORE = 15.0
MOVING = 22.0
"""What stands still seems to move as much once in sixty thousand looks: a fire, a glint."""
LONGEST_S = 300.0
"""No motor burns for longer."""
FITS = 3.3
"""Sigmas, by Wilson and Hilferty, by which a chi-square may exceed its mean: once in two thousand."""
TOGETHER_S = 3.0
"""Two satellites see one plume come out of one cloud within that, and a period."""
SURE_OF_BOOST = 0.99
APART_M = 20_000.0
"""Two lines of sight that pass each other further than that see two things."""
HIGHEST_M, LOWEST_M = 200_000.0, 0.0
FASTEST_MPS = 8_500.0
MARGIN, PATIENCE = 9.2, 8
"""A partner must be better than the next one by that, unless so many looks have not told them apart."""
AGREES = 25.0
"""Squared distance in six numbers: 99.97 % of true pairs."""


def ranged(memory: TrackerMemory) -> Flags:
    """(64,) which sensors are radars."""
    out = np.zeros(memory.tracks.sensors.shape[1], dtype=np.bool_)
    for eye in memory.eyes:
        out[eye.slot] = eye.ranged
    return out


def lonely(memory: TrackerMemory) -> Flags:
    """(n,) which tracks rest on one satellite alone."""
    sensors = memory.tracks.sensors
    return (memory.tracks.number > 0) & (sensors.sum(axis=1) == 1) & ~sensors[:, ranged(memory)].any(axis=1)


@compiled
def near_misses(streaks: Streaks, row: int, eye: Eye, other: Eye) -> Whole:
    """Streaks of another satellite whose last line of sight passes near this one's, both first seen at one time."""
    out = np.empty(len(streaks.plots), dtype=np.int64)
    count = 0
    wait_s = max(eye.period_s, other.period_s)
    for j in range(len(streaks.plots)):
        if streaks.sensor[j] != other.slot or streaks.plots[j] < ENOUGH_PLOTS:
            continue
        apart_s = streaks.last[row, 0] - streaks.last[j, 0]
        if abs(streaks.first[row, 0] - streaks.first[j, 0]) > wait_s + TOGETHER_S or abs(apart_s) > 3.0 * wait_s:
            continue
        one = sight(eye, streaks.last[row, 1], streaks.last[row, 2], 0.0).along
        az = streaks.last[j, 1] + streaks.rate[j, 0] * apart_s
        el = streaks.last[j, 2] + streaks.rate[j, 1] * apart_s
        two = sight(other, az, el, 0.0).along
        normal = np.cross(one, two)
        size = sqrt((normal**2).sum())
        if size < 1e-4 or abs((normal * (other.site - eye.site)).sum()) / size > APART_M:
            continue
        out[count] = j
        count += 1
    return out[:count].copy()


@compiled
def rises(plume: Plume) -> bool:
    """Whether something burns there as boosts do, give or take its doubt."""
    sigma_m = sqrt((plume.cov[0, 0] + plume.cov[1, 1] + plume.cov[2, 2]) / 3.0)
    sigma_mps = sqrt((plume.cov[3, 3] + plume.cov[4, 4] + plume.cov[5, 5]) / 3.0)
    alt = height(plume.mean[0], plume.mean[1], plume.mean[2])
    speed = sqrt(plume.mean[3] ** 2 + plume.mean[4] ** 2 + plume.mean[5] ** 2)
    high = LOWEST_M - 3.0 * sigma_m < alt < HIGHEST_M + 3.0 * sigma_m
    return high and speed < FASTEST_MPS + 3.0 * sigma_mps and climb_rate(plume.mean[:FREE]) > -3.0 * sigma_mps


@compiled
def write(tracks: Tracks, row: int, plume: Plume, t_s: float, plots: int) -> None:
    """A row becomes what the plume is at its last look: boosting, as far as anyone can tell."""
    tracks.mean[row] = 0.0
    tracks.cov[row] = 0.0
    tracks.cross[row] = 0.0
    tracks.mean[row, BOOST] = plume.mean
    tracks.cov[row, BOOST] = plume.cov
    tracks.mean[row, COAST, :FREE] = plume.mean[:FREE]
    tracks.cov[row, COAST, :FREE, :FREE] = plume.cov[:FREE, :FREE]
    tracks.chance[row] = 0.0
    tracks.chance[row, BOOST] = SURE_OF_BOOST
    tracks.chance[row, COAST] = 1.0 - SURE_OF_BOOST
    if tracks.phase[row] != BOOST:
        tracks.phase[row] = BOOST
        tracks.phase_s[row] = t_s
    tracks.wavers_s[row] = np.inf
    tracks.strain[row] = 0.0
    tracks.absence[row] = 0.0
    tracks.status[row] = TRACKED
    tracks.t_s[row] = t_s
    tracks.seen_s[row] = t_s
    tracks.seen_m2[row] = plume.cov[0, 0] + plume.cov[1, 1] + plume.cov[2, 2]
    tracks.plots[row] = plots
    if better(plume.launch, tracks.launch[row]):
        tracks.launch[row] = plume.launch


@compiled
def agreeing(tracks: Tracks, mean: Vector, cov: Vector, t_s: float, among: Flags) -> int:
    """The row among those flagged that agrees best, in six numbers, with an estimate at `t_s`; -1 if none does."""
    means, covs = np.empty((MODES, FULL)), np.empty((MODES, FULL, FULL))
    cross, chance = np.empty((MODES, FULL, BIASES * SLOTS)), np.empty(MODES)
    there, doubt = np.empty(FREE), np.empty((FREE, FREE))
    best, found = AGREES, -1
    for row in range(len(among)):
        if not among[row]:
            continue
        foresee(tracks, row, t_s, means, covs, cross, chance)
        blend(means, covs, chance, there, doubt)
        apart2, _ = measure(doubt + cov, there - mean, FREE)
        if apart2 < best:
            best, found = apart2, row
    return found


def adopt(memory: TrackerMemory, fates: Whole) -> None:
    """A radar track about to be confirmed that agrees with a lonely one takes over its number, and ends it unsaid."""
    tracks = memory.tracks
    alone = lonely(memory) & (fates != FORGOTTEN)
    if not alone.any():
        return
    mean, cov = np.empty(FREE), np.empty((FREE, FREE))
    for row in np.flatnonzero((fates == NEWS) & (tracks.number == 0)).tolist():
        blend(tracks.mean[row], tracks.cov[row], tracks.chance[row], mean, cov)
        old = agreeing(tracks, mean, cov, float(tracks.t_s[row]), alone)
        if old < 0:
            continue
        alone[old] = False
        tracks.number[row], tracks.number[old] = tracks.number[old], 0
        tracks.first_s[row] = min(tracks.first_s[row], tracks.first_s[old])
        tracks.plots[row] += tracks.plots[old]
        tracks.sensors[row] |= tracks.sensors[old]
        tracks.launch[row] = tracks.launch[old]
        fates[old] = FORGOTTEN


def _looks(streaks: Streaks, row: int) -> Vector:
    return np.ascontiguousarray(streaks.looks[row, : streaks.held[row]])


def _partners(memory: TrackerMemory, fresh: list[int], eye: Eye) -> list[tuple[float, int, int, Plume]]:
    """Streaks of this satellite and of others that are one plume, the best fit first: misfit, both rows, the plume."""
    streaks = memory.streaks
    out: list[tuple[float, int, int, Plume]] = []
    for other in memory.eyes:
        if other.ranged or other.slot == eye.slot:
            continue
        for i in fresh:
            for j in near_misses(streaks, i, eye, other).tolist():
                plume = crossing(eye, _looks(streaks, i), other, _looks(streaks, j))
                if plume.sound and rises(plume) and unlikely(plume.misfit, plume.freedom) < FITS:
                    out.append((plume.misfit, i, j, plume))
    return sorted(out, key=lambda pair: pair[:3])


def _told_apart(pairs: list[tuple[float, int, int, Plume]], streaks: Streaks) -> list[tuple[int, int, Plume]]:
    """One partner for each streak; where two would do, none until more looks decide, or none ever will."""
    out: list[tuple[int, int, Plume]] = []
    taken: set[int] = set()
    for misfit, i, j, plume in pairs:
        if i in taken or j in taken:
            continue
        rival = min((m for m, a, b, _ in pairs if (a == i) != (b == j) and not {a, b} & taken), default=inf)
        if rival > misfit + MARGIN or min(int(streaks.plots[i]), int(streaks.plots[j])) >= PATIENCE:
            taken |= {i, j}
            out.append((i, j, plume))
    return out


def _born(memory: TrackerMemory, plume: Plume, members: list[int]) -> Tracks:
    """A new confirmed track of these streaks, with the next number."""
    streaks = memory.streaks
    memory.births += 1
    rows = no_tracks(1)
    rows.birth[0] = memory.births
    rows.first_s[0] = min(float(streaks.first[i, 0]) for i in members)
    rows.score[0] = ENOUGH_SCORE
    write(rows, 0, plume, _newest(streaks, members), int(streaks.plots[members].sum()))
    stamp(rows)
    rows.number[0] = number_for(memory, rows.origin[0])
    for i in members:
        rows.sensors[0, streaks.sensor[i]] = True
        streaks.number[i] = rows.number[0]
    if len(members) > 1:
        # Where it is, two tell best; where it came from, the flights of the bank along each one's lines of sight.
        for i in members:
            alone = lone(bank(), memory.eyes[int(streaks.sensor[i])], _looks(streaks, i))
            if streaks.risen[i] and alone.sound and better(alone.launch, rows.launch[0]):
                rows.launch[0] = alone.launch
    return rows


def _newest(streaks: Streaks, members: list[int]) -> float:
    return max(float(streaks.last[i, 0]) for i in members)


def burn(memory: TrackerMemory, went: Whole, eye: Eye, fates: Whole) -> Whole:
    """What a satellite's scan makes of the tracks that infrared alone bears, new ones too: the fates of all rows."""
    streaks, tracks = memory.streaks, memory.tracks
    row_of = {int(number): row for row, number in enumerate(tracks.number.tolist()) if number}
    alone = lonely(memory)
    fresh: list[int] = []
    single: list[int] = []
    for i in went.tolist():
        row = row_of.get(int(streaks.number[i]))
        if row is None:
            # The streak of a track that is gone is free again.
            streaks.number[i] = 0
            if streaks.plots[i] >= ENOUGH_PLOTS and streaks.last[i, 0] - streaks.first[i, 0] < LONGEST_S:
                fresh.append(i)
        elif alone[row] and tracks.sensors[row, eye.slot]:
            single.append(i)
            plume = lone(bank(), eye, _looks(streaks, i))
            if plume.sound:
                write(tracks, row, plume, _newest(streaks, [i]), int(streaks.plots[i]))
                fates[row] = NEWS
    pairs = _partners(memory, fresh + single, eye)
    born: list[Tracks] = []
    for i, j, plume in _told_apart(pairs, streaks):
        rows = sorted({row_of[n] for n in (int(streaks.number[i]), int(streaks.number[j])) if n in row_of})
        if not rows:
            born.append(_born(memory, plume, [i, j]))
        else:
            _joined(memory, rows, plume, [i, j], alone, fates)
    waiting = {i for _, a, b, _ in pairs for i in (a, b)}
    born += [
        row
        for i in fresh
        if streaks.number[i] == 0 and i not in waiting
        for row in _begun(memory, i, eye, alone, fates)
    ]
    for rows in born:
        memory.tracks = joined(memory.tracks, rows)
    return np.concatenate((fates, np.full(len(born), NEWS)))


def _joined(
    memory: TrackerMemory, rows: list[int], plume: Plume, members: list[int], alone: Flags, fates: Whole
) -> None:
    """Two streaks are one plume, and one or both have a track already: the surer goes on, else the older."""
    tracks, streaks = memory.tracks, memory.streaks
    kept_row = min(rows, key=lambda row: (bool(alone[row]), int(tracks.birth[row])))
    for row in rows:
        if row != kept_row and alone[row]:
            fates[row] = LOST
    if alone[kept_row]:
        write(tracks, kept_row, plume, _newest(streaks, members), int(streaks.plots[members].sum()))
        fates[kept_row] = NEWS
    for i in members:
        streaks.number[i] = tracks.number[kept_row]
        tracks.sensors[kept_row, streaks.sensor[i]] = True


def _begun(memory: TrackerMemory, i: int, eye: Eye, alone: Flags, fates: Whole) -> list[Tracks]:
    """The track that a streak bears by itself, if it moves, burns as boosts do, and no other track flies there."""
    streaks, tracks = memory.streaks, memory.tracks
    if not streaks.risen[i] or streaks.score[i] < ENOUGH_SCORE or moves(streaks, i, eye) < MOVING:
        return []
    plume = lone(bank(), eye, _looks(streaks, i))
    if not (plume.sound and rises(plume)) or unlikely(plume.misfit, plume.freedom) > FITS:
        return []
    held = (tracks.number > 0) & ~alone & (fates != LOST)
    owner = agreeing(tracks, plume.mean[:FREE], plume.cov[:FREE, :FREE], _newest(streaks, [i]), held)
    if owner < 0:
        return [_born(memory, plume, [i])]
    streaks.number[i] = tracks.number[owner]
    tracks.sensors[owner, eye.slot] = True
    return []
