"""From scans to tracks: one call for each scan, no clock, no randomness, no node needed.

    tracker = Tracker(sensors)
    for scan in scans:
        changed = tracker.update(scan)

The order of scans may be off by up to ten seconds. Equal scans in equal order give equal tracks, to the bit.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from laurel.core.errors import BadAsk
from laurel.instruments.warning.records import Scan, Sensor, Track
from laurel.instruments.warning.tracker.assignment import assign
from laurel.instruments.warning.tracker.associate import (
    Outlook,
    astray,
    covers,
    evidence,
    gate,
    look_ahead,
    measure,
    open_to,
)
from laurel.instruments.warning.tracker.belief import beliefs, heaps
from laurel.instruments.warning.tracker.launch_point import link, trace_boosts, trace_streaks
from laurel.instruments.warning.tracker.memory import (
    JUMP_S,
    LATE_S,
    Skipped,
    TrackerMemory,
    fresh,
    set_sensor,
)
from laurel.instruments.warning.tracker.modes import falling
from laurel.instruments.warning.tracker.out import tracks_out
from laurel.instruments.warning.tracker.standing import (
    BROKEN,
    FELL,
    FORGOTTEN,
    LOST,
    NEWS,
    SAME,
    SHADOWED,
    SHADOWED_START,
    Shares,
    opening,
    parent_of,
    settle,
    shade,
)
from laurel.instruments.warning.tracker.start import begin, pair, sow
from laurel.instruments.warning.tracker.streaks import KEPT_S, extend, started
from laurel.instruments.warning.tracker.table import (
    COASTING,
    FREE,
    TENTATIVE,
    TRACKED,
    Eye,
    Flags,
    Plots,
    Whole,
    joined,
    kept,
    no_tracks,
    plots_of,
)
from laurel.instruments.warning.tracker.trust import Suspect, as_counted, doubted, hear, noisy, refuse, suspects
from laurel.physics.compiled import Matrix

EDGE_RAD = 0.01
"""That near the edge of its view a sensor's silence says nothing."""
SAME_VEHICLE = 30.0
"""Squared distance in six numbers within which two tracks agree."""


class UnknownSensor(BadAsk):
    """A scan by a sensor the tracker was not told of."""

    says = "a scan came from a sensor that is not known here"
    remedy = "register the sensor first (warning register-sensor), or correct the name in the scan"


class Tracker:
    """Tracks of one member from the scans of its sensors."""

    def __init__(self, sensors: Iterable[Sensor], memory: TrackerMemory | None = None) -> None:
        self.memory = fresh() if memory is None else memory
        for sensor in sensors:
            self.set_sensor(sensor)

    def set_sensor(self, sensor: Sensor) -> None:
        """Makes a sensor known, or changes it. Raises TooManySensors."""
        set_sensor(self.memory, sensor)

    def update(self, scan: Scan) -> list[Track]:
        """The tracks that the scan changed, by number. Raises UnknownSensor, NotAPlot."""
        return update(self.memory, scan)

    @property
    def suspects(self) -> tuple[Suspect, ...]:
        """The sensors that disagree with the others now."""
        return suspects(self.memory.trust, self.memory.sensors)

    @property
    def skipped(self) -> Skipped:
        """What was left out so far."""
        return self.memory.skipped


def update(memory: TrackerMemory, scan: Scan) -> list[Track]:
    """The tracks that the scan changed, by number; changes the memory. Raises UnknownSensor, NotAPlot.

    Changed is: took a plot, was confirmed, began to coast, was lost (told once, then forgotten).
    """
    eye = _eye(memory, scan)
    scan_s = memory.seconds(scan.at)
    plots = plots_of(scan, eye, scan_s)
    if memory.epoch is None:
        memory.epoch = scan.at
    if not _believed(memory, eye, scan_s):
        return []
    memory.newest_s = max(memory.newest_s, scan_s)
    start_s, end_s = (float(plots.t_s[0]), float(plots.t_s[-1])) if len(plots.t_s) else (scan_s, scan_s)
    declared, eye = eye, as_counted(memory.trust, eye, memory.sensors[eye.slot].false_plots)
    ahead = look_ahead(memory.tracks, eye, start_s, end_s - start_s, EDGE_RAD)
    shares, free = _shares(memory, ahead, plots, eye)
    hear(memory.trust, memory.tracks, ahead, (plots, shares.plot, int(free.sum())), (declared, scan_s))
    fates = settle(memory.tracks, ahead, plots, shares, (eye, scan_s))
    _drop_doubles(memory, ahead, fates)
    _question(memory, fates)
    _number(memory, fates)
    _trace(memory, plots, shares, eye)
    changed = tracks_out(memory, fates)
    memory.skipped.broken += int((fates == BROKEN).sum())
    unfound = astray(ahead, memory.tracks, shares.plot)
    gone = (fates == LOST) | (fates == FELL) | (fates == FORGOTTEN) | (fates == BROKEN)
    if gone.any():
        memory.tracks = kept(memory.tracks, ~gone)
    if eye.ranged:
        _sow(memory, plots, free, unfound, eye)
    return changed


def _eye(memory: TrackerMemory, scan: Scan) -> Eye:
    for eye, sensor in zip(memory.eyes, memory.sensors, strict=True):
        if sensor.name == scan.sensor:
            return eye
    known = ", ".join(sorted(sensor.name for sensor in memory.sensors)) or "none"
    raise UnknownSensor(sensor=scan.sensor, at=scan.at, known=known)


def _believed(memory: TrackerMemory, eye: Eye, scan_s: float) -> bool:
    """Whether the scan's time fits; if not, it is counted."""
    first = not memory.reported
    times = memory.reported.setdefault(eye.slot, [])
    if scan_s in times:
        memory.skipped.repeated += 1
        return False
    if not first and scan_s < memory.newest_s - LATE_S:
        memory.skipped.late += 1
        refuse(memory.trust, eye, memory.newest_s)
        return False
    leap_s = max(JUMP_S, 3.0 * eye.period_s)
    if not first and scan_s > memory.newest_s + leap_s:
        # One clock far ahead would end every track: let a second scan say so too.
        agrees = memory.doubtful_s is not None and abs(scan_s - memory.doubtful_s) <= leap_s
        if not agrees:
            memory.doubtful_s = scan_s
            memory.skipped.ahead += 1
            refuse(memory.trust, eye, memory.newest_s)
            return False
    memory.doubtful_s = None
    memory.reported[eye.slot] = [t for t in times if t > memory.newest_s - LATE_S] + [scan_s]
    return True


def _shares(memory: TrackerMemory, ahead: Outlook, plots: Plots, eye: Eye) -> tuple[Shares, Flags]:
    """Which track gets which plot, confirmed tracks first; and the plots left over."""
    n, m = len(memory.tracks.t_s), len(plots.t_s)
    free: Flags = np.ones(m, dtype=np.bool_)
    pairs = gate(ahead, plots, eye)
    plot_of = np.full(n, -1)
    open_plots = free.copy()
    for first, last in ((TRACKED, COASTING), (TENTATIVE, TENTATIVE)):
        got_of = assign(open_to(pairs, memory.tracks, first, last, free), n, m)
        got = got_of >= 0
        plot_of[got] = got_of[got]
        free[got_of[got]] = False
        if first == TENTATIVE:
            # A piece that has a start of its own must not pull at what it came from.
            open_plots[got_of[got]] = False
    held = open_to(pairs, memory.tracks, TRACKED, COASTING, open_plots)
    first, order = heaps(held.row, n)
    chance, _ = beliefs(held.row, held.plot, held.worth, n, m)
    unfound = astray(ahead, memory.tracks, plot_of)
    shares = Shares(plot_of, first, held.plot[order], chance[order], evidence(pairs, ahead, memory.tracks, unfound, m))
    shade(memory.tracks, pairs, shares.plot, m)
    return shares, free


def _drop_doubles(memory: TrackerMemory, ahead: Outlook, fates: Whole) -> None:
    """The younger of two tracks that share plots in turn and agree in all six numbers: they are one vehicle."""
    tracks = memory.tracks
    enough = np.where(tracks.number > 0, SHADOWED, SHADOWED_START)
    for row in np.flatnonzero(tracks.shadow >= enough).tolist():
        others = np.flatnonzero(tracks.birth == tracks.rival[row]).tolist()
        if not others or fates[row] not in (SAME, NEWS):
            continue
        other = others[0]
        apart2, _ = measure(ahead.cov[row] + ahead.cov[other], ahead.mean[row] - ahead.mean[other], FREE)
        if apart2 < SAME_VEHICLE:
            fates[row] = LOST if tracks.number[row] > 0 else FORGOTTEN
        else:
            tracks.shadow[row] = 0


def _question(memory: TrackerMemory, fates: Whole) -> None:
    """What suspect sensors alone tell of is not confirmed where a trusted radar looks: that would see it too."""
    tracks, suspect = memory.tracks, doubted(memory.trust)
    if not suspect.any():
        return
    for row in np.flatnonzero((fates == NEWS) & (tracks.number == 0)).tolist():
        here = tracks.mean[row, falling(tracks.chance[row]), :3]
        trusted = (eye for eye in memory.eyes if eye.ranged and not suspect[eye.slot])
        if not (tracks.sensors[row] & ~suspect).any() and any(covers(eye, here, EDGE_RAD) for eye in trusted):
            tracks.status[row] = TENTATIVE
            fates[row] = SAME


def _number(memory: TrackerMemory, fates: Whole) -> None:
    """New numbers for what the scan confirmed."""
    for row in np.flatnonzero((fates == NEWS) & (memory.tracks.number == 0)).tolist():
        memory.last_number += 1
        memory.tracks.number[row] = memory.last_number
        memory.tracks.split_from[row] = parent_of(memory.tracks, row)


def _sow(memory: TrackerMemory, plots: Plots, free: Flags, unfound: Matrix, eye: Eye) -> None:
    """Left-over plots make tentative tracks with earlier ones, and wait for later ones."""
    seeds = kept(memory.seeds, memory.seeds.until_s >= memory.newest_s - LATE_S)
    new = sow(plots, free, eye)
    starts = pair(seeds, new)
    if len(starts.seed):
        rows = no_tracks(len(starts.seed))
        begin(rows, seeds, new, starts, memory.births, eye)
        rows.noisy[:] = noisy(memory.trust, eye.slot, memory.sensors[eye.slot].false_plots)
        opening(rows, seeds, new, starts, unfound, eye)
        memory.births += len(starts.seed)
        memory.tracks = joined(memory.tracks, rows)
    memory.seeds = joined(seeds, new)


def _trace(memory: TrackerMemory, plots: Plots, shares: Shares, eye: Eye) -> None:
    """Where each track came from, as far as this scan tells."""
    tracks = memory.tracks
    if eye.ranged:
        trace_boosts(tracks, shares.plot)
    else:
        streaks = kept(memory.streaks, memory.streaks.last[:, 0] > memory.newest_s - KEPT_S)
        went = extend(streaks, plots, eye)
        begun = started(plots, went, eye)
        went[went < 0] = len(streaks.plots) + np.arange(len(begun.plots))
        memory.streaks = joined(streaks, begun)
        for row in np.flatnonzero((shares.plot >= 0) & (tracks.number > 0)).tolist():
            memory.streaks.number[went[shares.plot[row]]] = tracks.number[row]
    if len(memory.streaks.number):
        for satellite in memory.eyes:
            if not satellite.ranged:
                link(tracks, memory.streaks, satellite)
                trace_streaks(tracks, memory.streaks, satellite)
