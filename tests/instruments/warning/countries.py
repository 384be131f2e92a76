"""Several members' trackers beside one that is given every plot: what fusion is measured by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from msgspec import structs
from numpy.random import Generator
from tests.instruments.warning.firing_range import Shot, look, radar, seconds, watch
from tests.instruments.warning.flights import reported

from laurel.instruments.warning.fuse import Estimate, estimate_of, fuse
from laurel.instruments.warning.picture_types import MemberTrack
from laurel.instruments.warning.records import Scan, Sensor, Track, TrackState
from laurel.instruments.warning.tracker import Tracker
from laurel.instruments.warning.tracker.memory import TrackerMemory
from laurel.instruments.warning.tracker.table import COAST, FREE, kept
from laurel.physics.compiled import Matrix, Vector

WEAK_M, WEAK_MPS = 20_000.0, 500.0
SHARE_S = 0.2
"""The sensors look one after the other."""


class Moment(NamedTuple):
    """What stands at one time: the members' reports, the fused track, and the central filter's."""

    reports: list[MemberTrack]
    fused: Estimate
    central: Estimate

    @property
    def ratios(self) -> Vector:
        """(6,) eigenvalues of the fused covariance over the central one, the least first."""
        inverse = np.linalg.inv(np.linalg.cholesky(self.central.covariance))
        ratios: Vector = np.linalg.eigvalsh(inverse @ self.fused.covariance @ inverse.T).astype(np.float64)
        return ratios

    def nees(self, shot: Shot) -> float:
        """Squared error of the fused track over its covariance: 6 on average."""
        error = self.fused.state - shot.at(seconds(self.fused.at))
        return float(error @ np.linalg.solve(self.fused.covariance, error))


@dataclass
class Countries:
    """Members with their sensors, who may hold another's too, and a filter that holds them all once.

    `late_s` is by how much a member gets the scans of sensors that are not its own later.
    """

    sensors: Mapping[str, Sequence[Sensor]]
    late_s: float = 0.0
    trackers: dict[str, Tracker] = field(default_factory=dict[str, Tracker])
    latest: dict[str, Track] = field(default_factory=dict[str, Track])
    central_track: Track | None = None
    waiting: list[tuple[float, str, Scan]] = field(default_factory=list[tuple[float, str, Scan]])

    def __post_init__(self) -> None:
        self.every = list({sensor.name: sensor for own in self.sensors.values() for sensor in own}.values())
        for member, own in self.sensors.items():
            self.trackers[member] = Tracker([structs.replace(one, owner=one.owner or member) for one in own])
        self.central = Tracker(self.every)

    def watch(self, shots: Sequence[Shot], times_s: Iterable[float], dice: Generator) -> None:
        """All sensors look at all these times; every member hears of it, each by its own road."""
        for t_s in times_s:
            for turn, sensor in enumerate(self.every):
                now_s = t_s + SHARE_S * turn
                scan = look(sensor, shots, now_s, dice)
                for track in self.central.update(scan):
                    self.central_track = track
                for member, own in self.sensors.items():
                    held = [one for one in own if one.name == sensor.name]
                    if held:
                        delay_s = 0.0 if held[0].owner in (None, member) else self.late_s
                        self.waiting.append((now_s + delay_s, member, scan))
                due = [one for one in self.waiting if one[0] <= now_s]
                self.waiting = [one for one in self.waiting if one[0] > now_s]
                for _, member, heard in due:
                    for track in self.trackers[member].update(heard):
                        if track.state is TrackState.TRACKED:
                            self.latest[member] = track

    def moment(self) -> Moment:
        """As it stands now."""
        assert self.central_track is not None
        reports = [reported(member, track) for member, track in sorted(self.latest.items())]
        fused, central = fuse(reports), estimate_of(self.central_track)
        assert fused.at == central.at
        return Moment(reports, fused, central)

    def knowing_nothing_but_free_fall(self, shot: Shot, t_s: float, dice: Generator) -> None:
        """All trackers begin with one track of the shot in settled free fall and hardly any idea of where it is.

        So nobody has to find out by its own plots alone that no motor burns, which one filter with all plots does
        sooner: what is left to compare is the fusion.
        """
        scout_sensor = radar("SCOUT", bearing_deg=120.0, away_m=700e3, false_plots=0.0)
        scout = Tracker([scout_sensor])
        watch(scout, [scout_sensor], [shot], [t_s - 60.0 + n for n in range(60)], dice)
        for tracker in (self.central, *self.trackers.values()):
            _begin(tracker.memory, scout.memory)


def _begin(memory: TrackerMemory, scout: TrackerMemory) -> None:
    assert scout.tracks.chance[0, COAST] == 1.0
    tracks = kept(scout.tracks, np.array([0]))
    weak: Matrix = np.diag([WEAK_M**2] * 3 + [WEAK_MPS**2] * 3)
    tracks.cov[0, COAST, :FREE, :FREE] = weak
    tracks.cross[:] = 0.0
    tracks.slots[:] = -1
    tracks.recent_count[:] = 0
    tracks.sensors[:] = False
    tracks.sources[:] = 0.0
    tracks.freed[0] = np.concatenate((tracks.t_s[:1], tracks.mean[0, COAST, :FREE], weak.ravel()))
    memory.tracks, memory.epoch, memory.newest_s = tracks, scout.epoch, scout.newest_s
    memory.births, memory.last_number = scout.births, scout.last_number


def everyone(**changes: float) -> dict[str, list[Sensor]]:
    """Three members with a radar each that see the range from three sides."""
    return {
        "JPN": [radar("R1", 190.0, 800e3, false_plots=0.0, **changes)],
        "KOR": [radar("R2", 60.0, 900e3, false_plots=0.0, **changes)],
        "USA": [radar("R3", 120.0, 1_100e3, false_plots=0.0, **changes)],
    }
