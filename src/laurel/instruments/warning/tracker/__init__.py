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
from laurel.instruments.warning.tracker.associate import Outlook, assign, gate, look_ahead, measure, open_to
from laurel.instruments.warning.tracker.batch import eyes_of, restart_new
from laurel.instruments.warning.tracker.launch_point import link, trace_boosts, trace_streaks
from laurel.instruments.warning.tracker.memory import (
    JUMP_S,
    LATE_S,
    Skipped,
    TrackerMemory,
    fresh,
    set_sensor,
)
from laurel.instruments.warning.tracker.out import tracks_out
from laurel.instruments.warning.tracker.plumes import adopt, burn, followed, lonely
from laurel.instruments.warning.tracker.standing import (
    BROKEN,
    FORGOTTEN,
    LOST,
    NEWS,
    SAME,
    SHADOWED,
    SHADOWED_START,
    Shares,
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
from laurel.instruments.warning.tracker.templates import bank

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
    ahead = look_ahead(memory.tracks, eye, start_s, end_s - start_s, EDGE_RAD)
    # A track of one satellite fits too much: it waits for a whole track that agrees, and no silence refutes it.
    alone = lonely(memory)
    ahead.wanted[alone] = False
    ahead.in_view[alone] = False
    shares, free = _shared(memory, ahead, plots, eye)
    fates = settle(memory.tracks, ahead, plots, shares, (eye, scan_s))
    _drop_doubles(memory, ahead, fates)
    confirmed = np.flatnonzero((fates == NEWS) & (memory.tracks.number == 0))
    if len(confirmed):
        restart_new(memory.tracks, confirmed, eyes_of(memory.eyes))
        adopt(memory, fates)
    _number(memory, fates)
    fates = _trace(memory, plots, shares, (eye, scan_s), fates)
    changed = tracks_out(memory, fates)
    memory.skipped.broken += int((fates == BROKEN).sum())
    gone = (fates == LOST) | (fates == FORGOTTEN) | (fates == BROKEN)
    if gone.any():
        memory.tracks = kept(memory.tracks, ~gone)
    if eye.ranged:
        _sow(memory, plots, free, eye)
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
        return False
    leap_s = max(JUMP_S, 3.0 * eye.period_s)
    if not first and scan_s > memory.newest_s + leap_s:
        # One clock far ahead would end every track: let a second scan say so too.
        agrees = memory.doubtful_s is not None and abs(scan_s - memory.doubtful_s) <= leap_s
        if not agrees:
            memory.doubtful_s = scan_s
            memory.skipped.ahead += 1
            return False
    memory.doubtful_s = None
    memory.reported[eye.slot] = [t for t in times if t > memory.newest_s - LATE_S] + [scan_s]
    return True


def _shared(memory: TrackerMemory, ahead: Outlook, plots: Plots, eye: Eye) -> tuple[Shares, Flags]:
    """Which track gets which plot, confirmed tracks first; and the plots left over."""
    n, m = len(memory.tracks.t_s), len(plots.t_s)
    free: Flags = np.ones(m, dtype=np.bool_)
    shares = Shares(np.full(n, -1), np.zeros(n), np.zeros(n, dtype=np.bool_))
    pairs = gate(ahead, plots, eye)
    for first, last in ((TRACKED, COASTING), (TENTATIVE, TENTATIVE)):
        plot_of, worth = assign(open_to(pairs, memory.tracks, first, last, free), n, m)
        got = plot_of >= 0
        shares.plot[got], shares.worth[got] = plot_of[got], worth[got]
        free[plot_of[got]] = False
    wanted = np.bincount(pairs.plot, minlength=m)
    shares.contested[shares.plot >= 0] = wanted[shares.plot[shares.plot >= 0]] > 1
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


def _number(memory: TrackerMemory, fates: Whole) -> None:
    """New numbers for what the scan confirmed."""
    for row in np.flatnonzero((fates == NEWS) & (memory.tracks.number == 0)).tolist():
        memory.last_number += 1
        memory.tracks.number[row] = memory.last_number


def _sow(memory: TrackerMemory, plots: Plots, free: Flags, eye: Eye) -> None:
    """Left-over plots make tentative tracks with earlier ones, and wait for later ones."""
    seeds = kept(memory.seeds, memory.seeds.until_s >= memory.newest_s - LATE_S)
    new = sow(plots, free, eye)
    starts = pair(seeds, new)
    if len(starts.seed):
        rows = no_tracks(len(starts.seed))
        begin(rows, seeds, new, starts, memory.births, eye)
        memory.births += len(starts.seed)
        memory.tracks = joined(memory.tracks, rows)
    memory.seeds = joined(seeds, new)


def _trace(memory: TrackerMemory, plots: Plots, shares: Shares, when: tuple[Eye, float], fates: Whole) -> Whole:
    """Where each track came from, as far as this scan tells; and the fates, with those of tracks infrared began."""
    tracks = memory.tracks
    eye, scan_s = when
    went = np.zeros(0, dtype=np.int64)
    trace_boosts(tracks, shares.plot, bank())
    if not eye.ranged:
        streaks = kept(memory.streaks, memory.streaks.last[:, 0] > memory.newest_s - KEPT_S)
        went = extend(streaks, plots, eye)
        begun = started(plots, went, eye, memory.looked.get(eye.slot, -np.inf))
        memory.looked[eye.slot] = max(scan_s, memory.looked.get(eye.slot, scan_s))
        went[went < 0] = len(streaks.plots) + np.arange(len(begun.plots))
        memory.streaks = joined(streaks, begun)
        watched = followed(memory, eye)
        for row in np.flatnonzero((shares.plot >= 0) & (tracks.number > 0)).tolist():
            # One plot that went astray must not make two plumes one.
            if int(tracks.number[row]) not in watched and memory.streaks.number[went[shares.plot[row]]] == 0:
                memory.streaks.number[went[shares.plot[row]]] = tracks.number[row]
    if len(memory.streaks.number):
        for satellite in memory.eyes:
            if not satellite.ranged:
                link(tracks, memory.streaks, satellite)
                trace_streaks(bank(), tracks, memory.streaks, satellite)
    return fates if eye.ranged else burn(memory, went, eye, fates)
