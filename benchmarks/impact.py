"""How small the impact ellipse is against what the plots can bear, and how often it holds what it says.

Three classes of flight (300, 1,000 and 4,500 km), watched from 35 s after burnout by one radar and by three
(50 m, 1 mrad, 1 Hz, of which the first stands 800 km from the launch). The bound is Cramer and Rao's: the
information of the same plots about the state, carried to the ground; one sigma, ballistic coefficient known, wind
left out. The ellipse is the tracker's, drawn as for the picture. In each run the truth has its own plots, its own
ballistic coefficient from the stated prior, its own wind and, where sensors may be off, its own registration.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from math import cos, exp, radians, sin, sqrt
from pathlib import Path

import numpy as np
from msgspec import Struct
from numpy.random import Generator

from laurel.instruments.warning.fuse import estimate_of
from laurel.instruments.warning.impact import HOLDS_90, outlook
from laurel.instruments.warning.landing import WIND_M, away, ground_axes
from laurel.instruments.warning.picture_types import Ellipse, PredictedImpactPoint
from laurel.instruments.warning.records import Drag, Phase, Plot, Scan, Sensor, SensorKind, Track, TrackState
from laurel.instruments.warning.tracker import Tracker
from laurel.instruments.warning.tracker.motion import LOG_BETA_PRIOR, LOG_BETA_SIGMA
from laurel.physics.ballistics import propagate, to_ground, transition
from laurel.physics.compiled import Matrix, Vector
from laurel.physics.earth import destination, enu_matrix, enu_to_ecef, geodesic, geodetic_to_ecef, to_geodetic
from laurel.physics.radar import radar_h, radar_jacobian

START = datetime(2027, 1, 1, tzinfo=UTC)
WATCHED_FROM_S = 35
"""After burnout: with that, and the radar 19 degrees off the course, the bound comes to the published rows."""
TIMES_S = (60, 120)
BIASES = (100.0, 1e-3, 0.05)
"""One sigma of registration in range (m), each angle (rad) and time (s), where sensors may be off."""
KNOWN = 1e-6
"""Variance of ln beta where it is told to the predictor."""

Site = tuple[float, float]


@dataclass(frozen=True)
class Arc:
    """Free flight from burnout, and where three radars stand."""

    name: str
    lat_deg: float
    lon_deg: float
    alt_m: float
    azimuth_deg: float
    speed_mps: float
    climb_deg: float
    sites: tuple[Site, Site, Site]

    @property
    def burnout(self) -> Vector:
        """(6,) ECEF metres and metres per second."""
        azimuth, climb = radians(self.azimuth_deg), radians(self.climb_deg)
        way = np.array([sin(azimuth) * cos(climb), cos(azimuth) * cos(climb), sin(climb)])
        velocity = enu_to_ecef(self.speed_mps * way, self.lat_deg, self.lon_deg)
        return np.concatenate((geodetic_to_ecef(self.lat_deg, self.lon_deg, self.alt_m), velocity))


def _site(lat_deg: float, lon_deg: float, azimuth_deg: float, away_m: float) -> Site:
    lat, lon, _ = destination(lat_deg, lon_deg, azimuth_deg, away_m)
    return lat, lon


# The 1,000 km class is the reference arc TC08 of data/trajectories; the other two radars stand about its middle.
ARCS = (
    Arc(
        "300 km", 39.0, 126.0, 60e3, 160.0, 1_500.0, 45.0,
        (_site(39.0, 126.0, 179.0, 600e3), _site(37.6, 126.6, 60.0, 400e3), _site(37.6, 126.6, 220.0, 300e3)),
    ),
    Arc(
        "1,000 km", 35.2, 60.1, 60e3, 275.0, 2_941.6, 39.8,
        (_site(35.2, 60.1, 294.0, 800e3), (38.187, 55.098), (33.559, 50.376)),
    ),
    Arc(
        "4,500 km", 40.8, 129.5, 190e3, 86.0, 5_400.0, 38.0,
        (_site(40.8, 129.5, 105.0, 800e3), _site(40.8, 129.5, 60.0, 900e3), _site(40.8, 129.5, 140.0, 700e3)),
    ),
)  # fmt: skip


def radars(arc: Arc, count: int, *, may_be_off: bool) -> list[Sensor]:
    """So many of its radars."""
    biases = BIASES if may_be_off else (0.0, 0.0, 0.0)
    return [
        Sensor(
            name=f"R{n}",
            kind=SensorKind.RADAR,
            lat_deg=lat_deg,
            lon_deg=lon_deg,
            alt_m=0.0,
            angle_sigma_rad=1e-3,
            range_sigma_m=50.0,
            max_range_m=3e6,
            period_s=1.0,
            false_plots=0.0,
            detection=0.99,
            range_bias_m=biases[0],
            angle_bias_rad=biases[1],
            time_bias_s=biases[2],
        )
        for n, (lat_deg, lon_deg) in enumerate(arc.sites[:count])
    ]


# The bound


def to_the_ground(state: Vector, inv_beta_m2pkg: float) -> Matrix:
    """(3, 6) derivative of metres east and north and seconds at impact by the state, by differences."""
    middle, _, _ = to_ground(state, inv_beta_m2pkg, 1e-3)
    lat, lon, _ = to_geodetic(*middle[:3].tolist())
    axes, out = ground_axes(lat, lon), np.empty((3, 6))
    for j, step in enumerate([10.0] * 3 + [0.05] * 3):
        ends = np.empty((2, 3))
        for row, sign in enumerate((1.0, -1.0)):
            moved = state.copy()
            moved[j] += sign * step
            end, ends[row, 2], _ = to_ground(moved, inv_beta_m2pkg, 1e-3)
            away(axes, middle, end, ends[row])
        out[:, j] = (ends[0] - ends[1]) / (2.0 * step)
    return out


def impact_bound(state: Vector, inv_beta_m2pkg: float, sensors: Sequence[Sensor], last_s: int) -> Matrix:
    """(3, 3) least covariance of (east m, north m, s) at impact from plots of these radars at 0, 1, ... `last_s`.

    `state` (6,) is that of the first plot. Registration counts as four more unknowns of each radar, as sure as it
    declares. No noise of motion, no wind, ballistic coefficient known.
    """
    size = 6 + 4 * len(sensors)
    information = np.zeros((size, size))
    here, since = state.copy(), np.eye(6)
    for t_s in range(last_s + 1):
        for n, sensor in enumerate(sensors):
            site = geodetic_to_ecef(sensor.lat_deg, sensor.lon_deg, sensor.alt_m)
            slope = radar_jacobian(here, site, enu_matrix(sensor.lat_deg, sensor.lon_deg))
            seen = np.zeros((3, size))
            seen[:, :6] = slope @ since
            seen[:, 6 + 4 * n : 9 + 4 * n] = np.eye(3)
            seen[:, 9 + 4 * n] = slope[:, :3] @ here[3:]
            sigma = np.array([sensor.range_sigma_m or np.inf, sensor.angle_sigma_rad, sensor.angle_sigma_rad])
            information += seen.T @ (seen / sigma[:, None] ** 2)
        if t_s < last_s:
            since = transition(here, 1.0, inv_beta_m2pkg) @ since
            here = propagate(here, 1.0, inv_beta_m2pkg, 0.5)
    for n, sensor in enumerate(sensors):
        off = (sensor.range_bias_m, sensor.angle_bias_rad, sensor.angle_bias_rad, sensor.time_bias_s)
        for i, sigma in enumerate(off):
            information[6 + 4 * n + i, 6 + 4 * n + i] += 1.0 / max(sigma, 1e-9) ** 2
    # Metres beside radians: solved in units of the diagonal.
    unit = np.sqrt(np.diag(information))
    covariance = np.linalg.inv(information / np.outer(unit, unit)) / np.outer(unit, unit)
    slope = to_the_ground(state, inv_beta_m2pkg)
    return slope @ covariance[:6, :6] @ slope.T


def half_axes_m(covariance: Matrix) -> tuple[float, float]:
    """The one-sigma half axes of (east, north)."""
    least, greatest = np.linalg.eigvalsh(covariance[:2, :2]).tolist()
    return sqrt(greatest), sqrt(max(least, 0.0))


# The runs


@cache
def look_of(site: Site) -> tuple[Vector, Matrix]:
    """Where a radar stands and its axes."""
    return geodetic_to_ecef(*site, 0.0), enu_matrix(*site)


def drawn_biases(sensor: Sensor, dice: Generator) -> tuple[Vector, float]:
    """(3,) range (m), azimuth and elevation (rad) by which all its plots are off, and seconds by which its clock is."""
    sigmas = (sensor.range_bias_m, sensor.angle_bias_rad, sensor.angle_bias_rad, sensor.time_bias_s)
    off = dice.standard_normal(4) * sigmas
    return off[:3], float(off[3])


def tracks_of(state: Vector, inv_beta_m2pkg: float, sensors: Sequence[Sensor], dice: Generator) -> dict[int, Track]:
    """What the tracker says at TIMES_S of a flight whose state at the first plot this is."""
    tracker = Tracker(sensors)
    off = [drawn_biases(sensor, dice) for sensor in sensors]
    here, said = state.copy(), dict[int, Track]()
    for t_s in range(TIMES_S[-1] + 1):
        for sensor, (shift, late_s) in zip(sensors, off, strict=True):
            then = here[:3] + late_s * here[3:]
            noise = dice.standard_normal(3) * (
                sensor.range_sigma_m or 0.0,
                sensor.angle_sigma_rad,
                sensor.angle_sigma_rad,
            )
            seen = radar_h(then, *look_of((sensor.lat_deg, sensor.lon_deg))) + shift + noise
            distance, azimuth, elevation = seen.tolist()
            plot = Plot(0.0, azimuth, elevation, distance, 20.0)
            for track in tracker.update(Scan(sensor.name, START + timedelta(seconds=t_s), (plot,))):
                if track.state is TrackState.TRACKED and t_s in TIMES_S:
                    said[t_s] = track
        here = propagate(here, 1.0, inv_beta_m2pkg, 0.5)
    return said


def predicted(track: Track, drag: Drag | None, sensors: int) -> PredictedImpactPoint | None:
    """As the picture draws it."""
    estimate = estimate_of(track)
    told = type(estimate)(estimate.at, estimate.state, estimate.covariance, drag)
    phase = track.phase if track.phase in {Phase.COAST, Phase.REENTRY} else Phase.COAST
    return outlook(told, phase, track.first_at, track.seen_at, sensors).impact


def holds(ellipse: Ellipse, impact: PredictedImpactPoint, place_deg: Site) -> bool:
    """Whether a place lies in that ellipse."""
    way = geodesic(impact.lat_deg, impact.lon_deg, *place_deg)
    off = radians(way.azimuth_deg - ellipse.azimuth_deg)
    along, across = way.distance_m * cos(off), way.distance_m * sin(off)
    return (along / ellipse.semi_major_m) ** 2 + (across / ellipse.semi_minor_m) ** 2 <= 1.0


MOST_RATIO = 1.2


class Row(Struct, frozen=True):
    """One case: half axes in km, one sigma (the ellipses': those of 90 % over 2.146), medians over the runs.

    `hold50` and `hold90` are shares of the runs, `window` that of impacts within the time window of 90 %.
    `error50` and `error90` are the binomial one-sigma errors of shares that are as they should be.
    """

    flight: str
    radars: int
    seconds: int
    beta_known: bool
    may_be_off: bool
    runs: int
    predicted: int
    bound_km: tuple[float, float]
    ellipse_km: tuple[float, float]
    ratio: float
    hold50: float
    hold90: float
    window: float
    error50: float
    error90: float


def measure(arc: Arc, count: int, runs: int, seed: int, *, may_be_off: bool) -> list[Row]:
    """The rows of one flight and so many radars, with the ballistic coefficient known and not."""
    sensors = radars(arc, count, may_be_off=may_be_off)
    found: dict[tuple[int, bool], list[tuple[PredictedImpactPoint, Site, float]]] = {}
    for run in range(runs):
        dice = np.random.default_rng((seed, count, may_be_off, run))
        log_beta = LOG_BETA_PRIOR + LOG_BETA_SIGMA * float(dice.standard_normal())
        state = propagate(arc.burnout, float(WATCHED_FROM_S), exp(-log_beta), 0.5)
        end, falls_s, _ = to_ground(state, exp(-log_beta), 1e-3)
        lat, lon, _ = to_geodetic(*end[:3].tolist())
        wind = dice.standard_normal(2) * WIND_M
        lat, lon, _ = destination(np.degrees(lat), np.degrees(lon), 0.0, float(wind[0]))
        lat, lon, _ = destination(lat, lon, 90.0, float(wind[1]))
        for t_s, track in tracks_of(state, exp(-log_beta), sensors, dice).items():
            for known in (True, False):
                drag = Drag(log_beta, (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, KNOWN)) if known else track.drag
                impact = predicted(track, drag, count)
                if impact is not None:
                    found.setdefault((t_s, known), []).append((impact, (lat, lon), falls_s))
    return [_row(arc, sensors, runs, key, cases) for key, cases in sorted(found.items())]


def _row(
    arc: Arc,
    sensors: Sequence[Sensor],
    runs: int,
    key: tuple[int, bool],
    cases: Sequence[tuple[PredictedImpactPoint, Site, float]],
) -> Row:
    state = propagate(arc.burnout, float(WATCHED_FROM_S), exp(-LOG_BETA_PRIOR), 0.5)
    bound = half_axes_m(impact_bound(state, exp(-LOG_BETA_PRIOR), sensors, key[0]))
    ellipse = (
        float(np.median([one.ellipse90.semi_major_m for one, _, _ in cases])) / HOLDS_90,
        float(np.median([one.ellipse90.semi_minor_m for one, _, _ in cases])) / HOLDS_90,
    )
    times = [(one.earliest_at, START + timedelta(seconds=falls_s), one.latest_at) for one, _, falls_s in cases]
    return Row(
        flight=arc.name,
        radars=len(sensors),
        seconds=key[0],
        beta_known=key[1],
        may_be_off=sensors[0].range_bias_m > 0.0,
        runs=runs,
        predicted=len(cases),
        bound_km=(round(bound[0] / 1e3, 3), round(bound[1] / 1e3, 3)),
        ellipse_km=(round(ellipse[0] / 1e3, 3), round(ellipse[1] / 1e3, 3)),
        ratio=round(sqrt(ellipse[0] * ellipse[1] / (bound[0] * bound[1])), 3),
        hold50=float(np.mean([holds(one.ellipse50, one, place) for one, place, _ in cases])),
        hold90=float(np.mean([holds(one.ellipse90, one, place) for one, place, _ in cases])),
        window=float(np.mean([early <= at <= late for early, at, late in times])),
        error50=round(sqrt(0.25 / len(cases)), 4),
        error90=round(sqrt(0.09 / len(cases)), 4),
    )


def show(rows: Sequence[Row]) -> None:
    """The table for people."""
    print(
        "flight    radars  after  beta     sensors  bound km       ellipse km     ratio  50 % holds  90 % holds  window"
    )
    for row in rows:
        beta, off = "known" if row.beta_known else "unknown", "off" if row.may_be_off else "true"
        bound, ellipse = (f"{axes[0]:6.2f}x{axes[1]:<6.2f}" for axes in (row.bound_km, row.ellipse_km))
        print(
            f"{row.flight:9} {row.radars:6} {row.seconds:4} s  {beta:8} {off:7}  {bound}  {ellipse}  {row.ratio:5.2f}  "
            f"{100 * row.hold50:4.1f} ± {100 * row.error50:3.1f}  {100 * row.hold90:4.1f} ± {100 * row.error90:3.1f}  "
            f"{100 * row.window:4.1f}   ({row.predicted}/{row.runs})"
        )


def as_told(row: Row) -> dict[str, str | int | float]:
    """A row of the page."""
    return {
        "flight": row.flight,
        "radars": row.radars,
        "seconds": row.seconds,
        "beta": "known" if row.beta_known else "unknown",
        "registration": "off" if row.may_be_off else "true",
        "bound_km": f"{row.bound_km[0]:.2f} x {row.bound_km[1]:.2f}",
        "ellipse_km": f"{row.ellipse_km[0]:.2f} x {row.ellipse_km[1]:.2f}",
        "ratio": row.ratio,
        "hold_50_percent": f"{100 * row.hold50:.1f} ± {100 * row.error50:.1f}",
        "hold_90_percent": f"{100 * row.hold90:.1f} ± {100 * row.error90:.1f}",
        "in_window_percent": f"{100 * row.window:.1f}",
        "runs": row.runs,
    }


def main() -> int:
    """0 when, with true registration and beta known, the 1,000 km ellipse at 60 s is within 1.2 of the bound."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=60)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--flight", action="append", help="300, 1000 or 4500; all unless given")
    arguments.add_argument("--json", type=Path, metavar="PATH")
    given = arguments.parse_args()
    began_s = time.perf_counter()
    rows: list[Row] = []
    for arc in ARCS:
        if given.flight and arc.name.removesuffix(" km").replace(",", "") not in given.flight:
            continue
        for may_be_off in (False, True):
            for count in (1, 3):
                rows += measure(arc, count, given.runs, given.seed, may_be_off=may_be_off)
    show(rows)
    print(f"  {time.perf_counter() - began_s:.0f} s")
    judged = [row for row in rows if row.flight == "1,000 km" and row.seconds == 60 and row.beta_known]
    missed = [
        f"{row.radars} radar(s) at 60 s: the ellipse is {row.ratio} times the bound, 1.2 allowed"
        for row in judged
        if row.ratio > MOST_RATIO and not row.may_be_off
    ]
    if given.json:
        figures = {"title": "Impact ellipses", "rows": [as_told(row) for row in rows], "missed": missed}
        given.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
