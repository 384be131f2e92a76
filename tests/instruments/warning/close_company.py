"""Vehicles so near each other that a plot may be either's, and how well tracks keep them apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator
from tests.instruments.warning.firing_range import Shot, covariance, look, seconds

from laurel.instruments.warning.records import Sensor, Track, TrackState
from laurel.instruments.warning.tracker import Tracker
from laurel.instruments.warning.tracker.assignment import cheapest
from laurel.physics.ballistics import propagate
from laurel.physics.compiled import Vector
from laurel.physics.earth import enu_to_ecef, geodetic_to_ecef
from laurel.physics.flight import fly

LAT_DEG, LON_DEG, ALT_M = 39.0, 131.0, 250e3
CUT_M = 3_000.0
"""A track further away than that holds nothing."""


def free_fall(state: Vector, since_s: float = 0.0) -> Shot:
    """Falls freely from that state on."""
    return Shot(fly(state[:3], state[3:], 4_000.0), since_s)


def heading_out(azimuth_deg: float, speed_mps: float = 3_000.0, aside_m: float = 0.0) -> Vector:
    """(6,) a state high up, so far to the right of the common place."""
    turn = np.radians(azimuth_deg)
    ahead, right = np.array([np.sin(turn), np.cos(turn), 0.0]), np.array([np.cos(turn), -np.sin(turn), 0.0])
    there = geodetic_to_ecef(LAT_DEG, LON_DEG, ALT_M) + enu_to_ecef(aside_m * right, LAT_DEG, LON_DEG)
    climb = np.array([0.0, 0.0, 0.35 * speed_mps])
    return np.concatenate((there, enu_to_ecef(speed_mps * 0.94 * ahead + climb, LAT_DEG, LON_DEG)))


def crossing(dice: Generator) -> list[Shot]:
    """Two paths cross after a minute, a few hundred metres apart."""
    azimuth = float(dice.uniform(70.0, 110.0))
    states = (
        heading_out(azimuth),
        heading_out(azimuth + float(dice.uniform(0.5, 5.0)), aside_m=float(dice.uniform(-300.0, 300.0))),
    )
    return [free_fall(propagate(state, -60.0, 0.0)) for state in states]


def debris(dice: Generator) -> list[Shot]:
    """One vehicle; after half a minute seven pieces part from it at 5 to 50 m/s."""
    whole = heading_out(float(dice.uniform(70.0, 110.0)))
    shots = [free_fall(whole)]
    for _ in range(7):
        way = dice.standard_normal(3)
        push = float(dice.uniform(5.0, 50.0)) * way / np.linalg.norm(way)
        shots.append(free_fall(propagate(whole, 30.0, 0.0) + np.concatenate((np.zeros(3), push)), 30.0))
    return shots


def abreast(dice: Generator) -> list[Shot]:
    """Five fly side by side, 1,200 m from each to the next."""
    azimuth = float(dice.uniform(70.0, 110.0))
    return [free_fall(heading_out(azimuth, aside_m=1_200.0 * place)) for place in range(-2, 3)]


@dataclass
class Verdict:
    """Sums over the looks that were judged."""

    gospa: list[float] = field(default_factory=list[float])
    """Metres (p = 2, alpha = 2)."""
    missed: int = 0
    false: int = 0
    swaps: int = 0
    """How often a vehicle that was held is next held by another track."""
    turned: int = 0
    """Vehicles held in the end by another track than at first."""
    nees: list[float] = field(default_factory=list[float])


def judged(verdict: Verdict, tracks: Sequence[Track], shots: Iterable[Shot], t_s: float, held: dict[int, int]) -> None:
    """Adds one moment: GOSPA of the tracks, carried to that moment, and who holds whom."""
    flying = [(i, shot.at(t_s)) for i, shot in enumerate(shots) if shot.flies(t_s)]
    states = [propagate(np.array(t.position_ecef_m + t.velocity_ecef_mps), t_s - seconds(t.at), 0.0) for t in tracks]
    gap = np.array([[np.linalg.norm(s[:3] - true[:3]) for _, true in flying] for s in states])
    cost = np.minimum(gap.reshape(len(states), len(flying)), CUT_M) ** 2
    # One column for each track that holds nothing; the tracker's own solver, proven against all permutations.
    chosen: list[int] = cheapest(np.hstack((cost, np.full((len(states), len(states)), CUT_M**2)))).tolist()
    pairs = [(a, b) for a, b in enumerate(chosen) if b < len(flying) and cost[a, b] < CUT_M**2]
    lone = len(states) + len(flying) - 2 * len(pairs)
    verdict.gospa.append(float(np.sqrt(sum(cost[a, b] for a, b in pairs) + lone * CUT_M**2 / 2.0)))
    verdict.false += len(states) - len(pairs)
    verdict.missed += len(flying) - len(pairs)
    for a, b in pairs:
        who = flying[b][0]
        verdict.swaps += held.get(who, tracks[a].number) != tracks[a].number
        held[who] = tracks[a].number
        error = states[a] - flying[b][1]
        verdict.nees.append(float(error @ np.linalg.solve(covariance(tracks[a]), error)))


def trial(shots: Sequence[Shot], sensors: Sequence[Sensor], last_s: int, dice: Generator, from_s: int = 20) -> Verdict:
    """All sensors look each second until `last_s`; judged from `from_s` on."""
    tracker, verdict = Tracker(sensors), Verdict()
    live: dict[int, Track] = {}
    held: dict[int, int] = {}
    at_first: dict[int, int] = {}
    for t in range(last_s):
        for nth, sensor in enumerate(sensors):
            for track in tracker.update(look(sensor, shots, t + nth / len(sensors), dice)):
                live[track.number] = track
                if track.state in {TrackState.LOST, TrackState.FALLEN}:
                    del live[track.number]
        if t >= from_s:
            judged(verdict, list(live.values()), shots, t + (len(sensors) - 1) / len(sensors), held)
            at_first = at_first or dict(held)
    verdict.turned = sum(held[who] != number for who, number in at_first.items())
    return verdict
