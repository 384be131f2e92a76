"""What a tracker made of a scene, and what that is worth."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from laurel.instruments.warning.records import Track, TrackState
from laurel.instruments.warning.score import Gospa, gospa
from laurel.instruments.warning.tracker import Tracker
from laurel.physics.ballistics import propagate
from laurel.physics.compiled import Matrix, Vector
from raid.scenes import Scene

CUTOFF_M, ORDER = 10_000.0, 2.0
ENDED = (TrackState.LOST, TrackState.FALLEN)


@dataclass(frozen=True, eq=False)
class Played:
    """CPU seconds of the tracker's calls, track updates by a plot, and the positions it showed each second."""

    name: str
    cpu_s: float
    updates: int
    shown: tuple[Matrix, ...]
    """(n, 3) ECEF metres for each second."""
    names: tuple[tuple[str, ...], ...]
    """Which track each of them is."""

    @property
    def ms_per_update(self) -> float:
        """CPU milliseconds."""
        return 1e3 * self.cpu_s / max(self.updates, 1)


def play(scene: Scene) -> Played:
    """The scene's plots through Laurel's tracker. Counted is the whole call, reports included."""
    tracker = Tracker(scene.sensors)
    held: dict[int, Track] = {}
    cpu_s, updates = 0.0, 0
    shown: list[Matrix] = []
    names: list[tuple[str, ...]] = []
    for nth, scan in enumerate(scene.scans):
        began_s = time.process_time()
        said = tracker.update(scan)
        cpu_s += time.process_time() - began_s
        updates += sum(track.state is TrackState.TRACKED for track in said)
        held |= {track.number: track for track in said}
        if (nth + 1) % len(scene.sensors) == 0:
            held = {number: track for number, track in held.items() if track.state not in ENDED}
            shown.append(np.array([_now(track, scan.at.timestamp()) for track in held.values()]).reshape(-1, 3))
            names.append(tuple(str(number) for number in held))
    return Played("Laurel", cpu_s, updates, tuple(shown), tuple(names))


def _now(track: Track, at_s: float) -> Vector:
    """(3,) where a track is by then: in free flight since its last plot."""
    state = np.array(track.position_ecef_m + track.velocity_ecef_mps)
    return propagate(state, at_s - track.at.timestamp(), 0.0)[:3]


def over_time(scene: Scene, played: Played) -> list[Gospa]:
    """GOSPA of each second, cutoff 10 km, order 2."""
    return [
        gospa(there, scene.truth(t_s)[:, :3], CUTOFF_M, ORDER)
        for t_s, there in zip(scene.ends_s, played.shown, strict=True)
    ]


def by_phase(scene: Scene, scores: list[Gospa]) -> dict[str, dict[str, float]]:
    """For each phase the mean GOSPA (m), and where it comes from: error of what is held, missed and false tracks."""
    out: dict[str, dict[str, float]] = {}
    for phase in scene.phases:
        inside = [score for t_s, score in zip(scene.ends_s, scores, strict=True) if phase.first_s <= t_s < phase.last_s]
        held = sum(len(score.pairs) for score in inside)
        each = 0.5 * CUTOFF_M**ORDER * len(inside)
        out[phase.name] = {
            "gospa_m": round(float(np.mean([score.distance_m for score in inside])), 1),
            "rms_m": round(float(np.sqrt(sum(score.localisation for score in inside) / max(held, 1))), 1),
            "missed": round(sum(score.missed for score in inside) / each, 2),
            "false": round(sum(score.false for score in inside) / each, 2),
        }
    return out


def changes(scores: list[Gospa], played: Played) -> int:
    """How often a vehicle's track is another than the one it had before."""
    had: dict[int, str] = {}
    count = 0
    for score, names in zip(scores, played.names, strict=True):
        for track, truth in score.pairs:
            count += had.get(truth, names[track]) != names[track]
            had[truth] = names[track]
    return count
