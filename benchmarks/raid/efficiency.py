"""How near a tracker comes to the posterior Cramér-Rao bound in free flight, and whether it is as wrong as it says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from laurel.instruments.warning.records import Scan, Sensor, Track, TrackState
from laurel.instruments.warning.score import Look, band, nees, pcrlb
from laurel.instruments.warning.tracker import Tracker
from laurel.physics.ballistics import propagate
from laurel.physics.compiled import Matrix, Vector
from laurel.physics.earth import geodetic_to_ecef
from laurel.physics.flight import Flight
from raid.scenes import Phase, apart, chance, radars, scene, seconds

FIRST_S, LAST_S = 30.0, 120.0
VEHICLES = 24
UPPER = np.triu_indices(6)
ENDED = (TrackState.LOST, TrackState.FALLEN)


@dataclass(frozen=True)
class Efficiency:
    """So many runs of 24 vehicles far apart, from 30 to 120 s after the first plot."""

    radars: int
    runs: int
    held: float
    """Share of seconds at which a vehicle has a track within ten bounds."""
    position_over_bound: float
    velocity_over_bound: float
    position_nees: float
    nees_low: float
    nees_high: float
    """The band that holds the mean of so many runs of one vehicle with 95 % probability; 24 of them tell more."""
    over_time: tuple[tuple[float, float], ...]
    """(s, position RMSE over the bound)."""

    @property
    def honest(self) -> bool:
        """Whether the NEES lies in its band."""
        return self.nees_low <= self.position_nees <= self.nees_high


def bounds(flights: Sequence[Flight], sensors: Sequence[Sensor], times_s: Sequence[float]) -> Matrix:
    """(n, m, 2) least root mean square errors of position (m) and velocity (m/s), each flight at each of the times."""
    out: list[list[list[float]]] = []
    for flight in flights:
        looks = [
            Look(t_s, sensor, chance(sensor, _range_m(sensor, flight, t_s)))
            for nth, sensor in enumerate(sensors)
            for t_s in (np.arange(0.0, LAST_S, sensor.period_s) + nth / len(sensors) * sensor.period_s).tolist()
        ]
        bound = pcrlb(looks, lambda t_s, flight=flight: np.concatenate(flight.at(t_s)))
        rows = np.searchsorted(bound.t_s, np.array(times_s) + 1e-6) - 1
        out.append(np.column_stack((bound.position_m[rows], bound.velocity_mps[rows])).tolist())
    return np.array(out)


def _range_m(sensor: Sensor, flight: Flight, t_s: float) -> float:
    site = geodetic_to_ecef(sensor.lat_deg, sensor.lon_deg, sensor.alt_m)
    return float(np.linalg.norm(flight.at(t_s)[0] - site))


def measure(sensors: Sequence[Sensor], runs: int) -> Efficiency:
    """Laurel's tracker in so many runs with those radars."""
    flights = apart(VEHICLES, np.random.default_rng(1))
    phases = (Phase("all", 0.0, LAST_S),)
    off: dict[float, list[Vector]] = defaultdict(list)
    claims: list[float] = []
    wanted = 0
    least: Matrix = np.zeros(0)
    for run in range(runs):
        watched = scene("efficiency", flights, tuple(sensors), phases, np.random.default_rng((run, len(sensors))))
        times_s = [t_s for t_s in watched.ends_s if t_s >= FIRST_S]
        if run == 0:
            least = bounds(flights, sensors, times_s)
        tracker = Tracker(sensors)
        held: dict[int, Track] = {}
        for nth, scan in enumerate(watched.scans):
            held |= {track.number: track for track in tracker.update(scan)}
            t_s = seconds(scan)
            if t_s < FIRST_S or (nth + 1) % len(sensors):
                continue
            live = [track for track in held.values() if track.state not in ENDED]
            for vehicle, flight in enumerate(flights):
                wanted += 1
                _compare(flight, live, scan, least[vehicle, times_s.index(t_s)], off[t_s], claims)
    over = {t_s: np.sqrt(np.mean(np.array(rows) ** 2, axis=0)) for t_s, rows in off.items()}
    ratio: Vector = np.mean(list(over.values()), axis=0)
    allowed = band(3, runs)
    return Efficiency(
        radars=len(sensors),
        runs=runs,
        held=round(sum(len(rows) for rows in off.values()) / wanted, 4),
        position_over_bound=round(float(ratio[0]), 3),
        velocity_over_bound=round(float(ratio[1]), 3),
        position_nees=round(float(np.mean(claims)), 3),
        nees_low=round(allowed.low, 3),
        nees_high=round(allowed.high, 3),
        over_time=tuple((round(t_s, 2), round(float(each[0]), 3)) for t_s, each in over.items()),
    )


def _compare(
    flight: Flight, live: Sequence[Track], scan: Scan, least: Vector, off: list[Vector], claims: list[float]
) -> None:
    """Adds what the nearest track is off by, over the bound; and its claim, if it has a plot of this scan."""
    t_s = seconds(scan)
    true: Vector = np.concatenate(flight.at(t_s))
    best: tuple[float, Vector, Track] | None = None
    for track in live:
        ours = np.array(track.position_ecef_m + track.velocity_ecef_mps)
        error = propagate(ours, (scan.at - track.at).total_seconds(), 0.0) - true
        away_m = float(np.linalg.norm(error[:3]))
        if best is None or away_m < best[0]:
            best = away_m, error, track
    if best is None or best[0] > 10.0 * least[0]:
        return
    away_m, error, track = best
    off.append(np.array([away_m, float(np.linalg.norm(error[3:]))]) / least)
    if track.at == scan.at:
        claims.append(float(nees(error[None, :3], _covariance(track)[None, :3, :3])[0]))


def _covariance(track: Track) -> Matrix:
    half = np.zeros((6, 6))
    half[UPPER] = track.covariance
    return half + half.T - np.diag(np.diag(half))


def one_radar() -> tuple[Sensor, ...]:
    """One at 1 Hz, some 800 km away."""
    return radars()[:1]


def three_radars() -> tuple[Sensor, ...]:
    """Three at 1 Hz."""
    return radars()
