"""What one track update costs, association and report included: one radar at 1 Hz over 100 and 1,000 vehicles.

The vehicles fall freely from a box of 600 by 600 by 100 km; the radar (50 m, 1 mrad, five false plots a scan,
detection 0.95) stands 800 km away. Counted is the whole call with one scan, over the tracks that took a plot.
How many vehicles are held, and how honest their covariances are, stands beside it: speed alone is worth nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from statistics import median, quantiles

import numpy as np
from msgspec import Struct, structs
from numpy.random import Generator

from laurel.instruments.warning.records import Plot, Scan, Sensor, SensorKind, Track, TrackState
from laurel.instruments.warning.tracker import Tracker
from laurel.physics.compiled import Matrix, Vector
from laurel.physics.earth import enu_matrix, enu_to_ecef, geodetic_to_ecef
from laurel.physics.flight import Flight, fly
from laurel.physics.radar import radar_h

START = datetime(2027, 1, 1, tzinfo=UTC)
SITE = Sensor("BENCH", SensorKind.RADAR, 36.0, 137.0, 0.0, 1e-3, 50.0, 3e6, 1.0, 5.0, 0.95)
SITE_ECEF_M = geodetic_to_ecef(SITE.lat_deg, SITE.lon_deg, SITE.alt_m)
FRAME = enu_matrix(SITE.lat_deg, SITE.lon_deg)
SCANS, SETTLED = 120, 60
COUNTS = (100, 1_000)
MOST_NEES = 9.0


class Figures(Struct, frozen=True):
    """One run. Times are microseconds per track update; `nees` is 6 for an honest covariance."""

    vehicles: int
    settled_us_p50: float
    settled_us_p95: float
    starting_us_p50: float
    scan_ms_p50: float
    held: int
    nees: float


def vehicle(dice: Generator) -> Flight:
    """Free flight from somewhere in the box."""
    lat_deg, lon_deg = 39.5 + float(dice.uniform(-2.7, 2.7)), 129.0 + float(dice.uniform(-3.5, 3.5))
    azimuth, climb = np.radians(dice.uniform(70.0, 130.0)), np.radians(dice.uniform(35.0, 60.0))
    speed_mps = float(dice.uniform(2_500.0, 4_500.0))
    along = np.array([np.sin(azimuth) * np.cos(climb), np.cos(azimuth) * np.cos(climb), np.sin(climb)])
    start = geodetic_to_ecef(lat_deg, lon_deg, float(dice.uniform(150e3, 250e3)))
    return fly(start, enu_to_ecef(speed_mps * along, lat_deg, lon_deg), 4_000.0)


def scan_of(flights: list[Flight], t_s: float, dice: Generator) -> Scan:
    """One look at all of them."""
    plots: list[Plot] = []
    for flight in flights:
        if dice.random() < SITE.detection:
            noise = dice.standard_normal(3) * (SITE.range_sigma_m or 0.0, SITE.angle_sigma_rad, SITE.angle_sigma_rad)
            away, azimuth, elevation = (radar_h(flight.at(t_s)[0], SITE_ECEF_M, FRAME) + noise).tolist()
            plots.append(Plot(0.0, azimuth, elevation, away, 20.0))
    for _ in range(int(dice.poisson(SITE.false_plots))):
        away = SITE.max_range_m * float(dice.random()) ** (1.0 / 3.0)
        plots.append(Plot(0.0, float(dice.uniform(-3.14, 3.14)), float(np.arcsin(dice.uniform(0.02, 1.0))), away, 13.0))
    return Scan(SITE.name, START + timedelta(seconds=t_s), tuple(plots))


def covariance(track: Track) -> Matrix:
    """(6, 6)."""
    half = np.zeros((6, 6))
    half[np.triu_indices(6)] = track.covariance
    return half + half.T - np.diag(np.diag(half))


def judge(said: list[Track], flights: list[Flight], t_s: float) -> tuple[int, float]:
    """How many vehicles have a track within five standard deviations, and the mean NEES of those tracks."""
    truth: Matrix = np.array([np.concatenate(flight.at(t_s)) for flight in flights])
    held: set[int] = set()
    scores: list[float] = []
    for track in said:
        state: Vector = np.array(track.position_ecef_m + track.velocity_ecef_mps)
        away2: Vector = ((truth[:, :3] - state[:3]) ** 2).sum(axis=1)
        nearest = int(np.argmin(away2))
        gap: Vector = state - truth[nearest]
        doubt = covariance(track)
        if np.linalg.norm(gap[:3]) < 5.0 * np.sqrt(np.trace(doubt[:3, :3])):
            held.add(nearest)
            scores.append(float(gap @ np.linalg.solve(doubt, gap)))
    return len(held), float(np.mean(scores)) if scores else float("nan")


def measure(count: int) -> Figures:
    """One run with so many vehicles."""
    dice = np.random.default_rng(count)
    flights = [vehicle(dice) for _ in range(count)]
    scans = [scan_of(flights, float(t), dice) for t in range(SCANS)]
    tracker = Tracker([SITE])
    each_us: list[float] = []
    whole_ms: list[float] = []
    said: list[Track] = []
    for scan in scans:
        began_s = time.perf_counter()
        said = tracker.update(scan)
        took_s = time.perf_counter() - began_s
        updated = sum(track.state is TrackState.TRACKED for track in said)
        each_us.append(1e6 * took_s / updated if updated else float("nan"))
        whole_ms.append(1e3 * took_s)
    held, nees = judge(said, flights, float(SCANS - 1))
    settled = each_us[SETTLED:]
    return Figures(
        vehicles=count,
        settled_us_p50=round(median(settled), 1),
        settled_us_p95=round(quantiles(settled, n=20)[18], 1),
        starting_us_p50=round(median(each_us[10:30]), 1),
        scan_ms_p50=round(median(whole_ms[SETTLED:]), 2),
        held=held,
        nees=round(nees, 2),
    )


def main() -> int:
    """0 when nearly every vehicle is held with an honest covariance."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--json", action="store_true", help="print JSON")
    given = arguments.parse_args()
    # The first run compiles, or reads what was compiled.
    measure(10)
    runs = [measure(count) for count in COUNTS]
    if given.json:
        print(json.dumps({"runs": [structs.asdict(run) for run in runs], "load": os.getloadavg()[0]}, indent=1))
    else:
        for run in runs:
            print(
                f"tracker, {run.vehicles:>5,} vehicles: {run.settled_us_p50} us per track update (p95 "
                f"{run.settled_us_p95}, while starting {run.starting_us_p50}), {run.scan_ms_p50} ms a scan; "
                f"{run.held} held in the last scan, NEES {run.nees}"
            )
        print(f"  load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    good = all(run.held > 0.9 * run.vehicles and run.nees < MOST_NEES for run in runs)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
