"""From scans to tracks: one call for each scan, no clock, no randomness, no node needed.

    tracker = Tracker(sensors)
    for scan in scans:
        changed = tracker.update(scan)

Scans may come late and in any order within ten seconds and more (`clocks`): what was made of the later ones is made
again (`past`), so that the same scans give the same tracks, to the bit, in whatever order they came.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np

from laurel.core.errors import BadAsk
from laurel.instruments.warning.records import Scan, Sensor, Track
from laurel.instruments.warning.tracker.again import SAME_VEHICLE, forget_all, same_vehicles, told_anew
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
from laurel.instruments.warning.tracker.batch import eyes_of, restart_new
from laurel.instruments.warning.tracker.belief import beliefs, heaps
from laurel.instruments.warning.tracker.clocks import Time, horizon_s, judge
from laurel.instruments.warning.tracker.launch_point import link, trace_boosts, trace_streaks
from laurel.instruments.warning.tracker.memory import (
    Look,
    Named,
    Skipped,
    TrackerMemory,
    describe,
    fresh,
    note,
    number_of,
    set_sensor,
    stamp,
)
from laurel.instruments.warning.tracker.modes import falling
from laurel.instruments.warning.tracker.out import tracks_out
from laurel.instruments.warning.tracker.past import key, remember, rewind, thin
from laurel.instruments.warning.tracker.plumes import adopt, burn, followed, lonely
from laurel.instruments.warning.tracker.sources import credit_streaks
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
from laurel.instruments.warning.tracker.streaks import extend, lasting, started
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
from laurel.instruments.warning.tracker.trust import Suspect, as_counted, doubted, hear, noisy, refuse, suspects
from laurel.physics.compiled import Matrix

EDGE_RAD = 0.01
"""That near the edge of its view a sensor's silence says nothing."""
SEEDS_S = 10.0
"""A slow turn may hold plots that much older than its end."""


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
    eye = _eye(memory, scan.sensor)
    look = _look(memory, scan, eye)
    twin = _twin(memory, look)
    if twin is not None:
        memory.skipped.repeated += 1
        if _content(twin) <= _content(look):
            return []
    time = judge(memory, look, eye)
    if time is Time.LEFT_OUT:
        note(memory, refused=scan.sensor)
        advance(memory, len(memory.looks) - 1, tell=False)
        return []
    ended = forget_all(memory) if time is Time.BEHIND else []
    looks = memory.held if time is Time.AHEAD else [look]
    if time is Time.AHEAD:
        memory.held = []
    if twin is None and (not memory.looks or key(looks[0]) > key(memory.looks[-1])):
        changed = _on(memory, looks)
    else:
        changed = _again(memory, looks, twin)
    memory.skipped.broken = memory.broken
    thin(memory, memory.latest_s - horizon_s(memory, eye))
    return ended + changed


def _eye(memory: TrackerMemory, name: str) -> Eye:
    for eye, sensor in zip(memory.eyes, memory.sensors, strict=True):
        if sensor.name == name:
            return eye
    known = ", ".join(sorted(sensor.name for sensor in memory.sensors)) or "none"
    raise UnknownSensor(sensor=name, known=known)


def _look(memory: TrackerMemory, scan: Scan, eye: Eye) -> Look:
    at_s = memory.seconds(scan.at)
    plots = plots_of(scan, eye, at_s)
    end_s = max(at_s, float(plots.t_s[-1])) if len(plots.t_s) else at_s
    return Look(end_s, scan.sensor, at_s, plots)


def _twin(memory: TrackerMemory, look: Look) -> Look | None:
    """What the sensor said before of the same time."""
    for one in chain(memory.held, reversed(memory.looks)):
        if one.at_s == look.at_s and one.sensor == look.sensor:
            return one
    return None


def _content(look: Look) -> bytes:
    return b"".join(column.tobytes() for column in look.plots)


# In order, and not


def advance(memory: TrackerMemory, nth: int, *, tell: bool) -> list[Track]:
    """Runs looks[nth]: the tracks that ended with it and, if `tell` says so, those with news."""
    remember(memory, nth)
    look = memory.looks[nth]
    if look.change is not None:
        describe(memory, look.change)
        return []
    if look.refused is not None:
        refuse(memory.trust, _eye(memory, look.refused), look.end_s)
        return []
    return _run(memory, look, tell=tell)


def _on(memory: TrackerMemory, looks: Sequence[Look]) -> list[Track]:
    """Runs looks that follow all others."""
    said: dict[int, Track] = {}
    for look in looks:
        memory.looks.append(look)
        said.update((track.number, track) for track in advance(memory, len(memory.looks) - 1, tell=True))
    return [said[number] for number in sorted(said)]


def _again(memory: TrackerMemory, looks: Sequence[Look], twin: Look | None) -> list[Track]:
    """Puts late looks where they belong (`twin` goes) and runs the past from there: what differs from before."""
    before, last_number, named = memory.tracks, memory.last_number, dict(memory.named)
    first = min(key(look) for look in (*looks, *(() if twin is None else (twin,))))
    memory.looks = sorted([one for one in (*memory.looks, *looks) if one is not twin], key=key)
    ended = _from(memory, first)
    renamed = same_vehicles(before, memory.tracks, last_number, {track.number for track in ended})
    if renamed:
        # They began otherwise than was known when their numbers were told.
        origins = {origin: one.number for origin, one in memory.named.items()}
        memory.last_number, memory.named = last_number, named
        for origin, number in origins.items():
            if number in renamed:
                memory.named[origin] = Named(renamed[number], memory.latest_s)
        ended = _from(memory, first)
    return told_anew(memory, before, last_number, ended)


def _from(memory: TrackerMemory, first: tuple[float, str, float]) -> list[Track]:
    ended: list[Track] = []
    for nth in range(rewind(memory, first), len(memory.looks)):
        ended += advance(memory, nth, tell=False)
    return ended


def _run(memory: TrackerMemory, look: Look, *, tell: bool) -> list[Track]:
    eye = _eye(memory, look.sensor)
    plots, scan_s = look.plots, look.at_s
    memory.newest_s = look.end_s
    start_s, end_s = (float(plots.t_s[0]), float(plots.t_s[-1])) if len(plots.t_s) else (scan_s, scan_s)
    declared, eye = eye, as_counted(memory.trust, eye, memory.sensors[eye.slot].false_plots)
    ahead = look_ahead(memory.tracks, eye, start_s, end_s - start_s, EDGE_RAD)
    # A track of one satellite fits too much: it waits for a whole track that agrees, and no silence refutes it.
    alone = lonely(memory)
    ahead.wanted[alone] = False
    ahead.in_view[alone] = False
    shares, free = _shares(memory, ahead, plots, eye)
    hear(memory.trust, memory.tracks, ahead, (plots, shares.plot, int(free.sum())), (declared, scan_s))
    fates = settle(memory.tracks, ahead, plots, shares, (eye, scan_s))
    unfound = astray(ahead, memory.tracks, shares.plot)
    _drop_doubles(memory, ahead, fates)
    _question(memory, fates)
    confirmed = np.flatnonzero((fates == NEWS) & (memory.tracks.number == 0))
    if len(confirmed):
        restart_new(memory.tracks, confirmed, eyes_of(memory.eyes))
        adopt(memory, fates)
    _number(memory, fates)
    unfound = astray(ahead, memory.tracks, shares.plot)
    fates = _trace(memory, plots, shares, (eye, scan_s), fates)
    said = tracks_out(memory, fates if tell else np.where(fates == NEWS, SAME, fates))
    memory.broken += int((fates == BROKEN).sum())
    gone = (fates == LOST) | (fates == FELL) | (fates == FORGOTTEN) | (fates == BROKEN)
    if gone.any():
        memory.tracks = kept(memory.tracks, ~gone)
    if eye.ranged:
        _sow(memory, plots, free, unfound, eye)
    return said


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
    tracks = memory.tracks
    for row in np.flatnonzero((fates == NEWS) & (tracks.number == 0)).tolist():
        tracks.number[row] = number_of(memory, tracks.origin[row])
        tracks.split_from[row] = parent_of(tracks, row)


def _sow(memory: TrackerMemory, plots: Plots, free: Flags, unfound: Matrix, eye: Eye) -> None:
    """Left-over plots make tentative tracks with earlier ones, and wait for later ones."""
    seeds = kept(memory.seeds, memory.seeds.until_s >= memory.newest_s - SEEDS_S)
    new = sow(plots, free, eye)
    starts = pair(seeds, new)
    if len(starts.seed):
        rows = no_tracks(len(starts.seed))
        begin(rows, seeds, new, starts, memory.births, eye)
        rows.noisy[:] = noisy(memory.trust, eye.slot, memory.sensors[eye.slot].false_plots)
        opening(rows, seeds, new, starts, unfound, eye)
        stamp(rows)
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
        streaks = kept(memory.streaks, lasting(memory.streaks, memory.newest_s))
        went = extend(streaks, plots, eye)
        begun = started(plots, went, eye, memory.looked.at_s[eye.slot])
        memory.looked.at_s[eye.slot] = max(scan_s, memory.looked.at_s[eye.slot])
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
    if not eye.ranged:
        fates = burn(memory, went, eye, fates)
    credit_streaks(memory.tracks, memory.streaks)
    return fates
