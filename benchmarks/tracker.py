"""What the tracker costs: a track update, a raid of 1,000 objects under ten radars on one core, a day of duty.

    python benchmarks/tracker.py                                   one radar at 1 Hz over 100 and 1,000 vehicles
    python benchmarks/tracker.py --objects 1000 --radars 10        ten radars at 1 Hz, in turn
    python benchmarks/tracker.py --soak 86400                      a day of one radar, a launch every ten minutes

The vehicles fall freely from a box of 600 by 600 by 100 km; radars (50 m, 1 mrad, five false plots a scan,
detection 0.95) stand 700 to 900 km away. Counted is the CPU time of the whole call with one scan, association and
report included. How many vehicles are held, under how many numbers, and how honest the covariances are, stands
beside it: speed alone is worth nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles

import numpy as np
from msgspec import Struct, structs
from numpy.random import Generator

from laurel.instruments.warning.records import Plot, Scan, Sensor, SensorKind, Track, TrackState
from laurel.instruments.warning.tracker import Tracker
from laurel.instruments.warning.tracker.dump import dump
from laurel.physics.boost import Site, launch
from laurel.physics.compiled import Matrix, Vector
from laurel.physics.earth import destination, enu_matrix, enu_to_ecef, geodetic_to_ecef
from laurel.physics.flight import Flight, fly
from laurel.physics.vehicles import MRBM

START = datetime(2027, 1, 1, tzinfo=UTC)
BOX = (39.5, 129.0)
SECONDS, SETTLED = 120, 60
RAIDS = ((100, 1), (1_000, 1), (1_000, 10))
"""Vehicles and radars."""
TITLE = "Scale: many vehicles on one core"
MOST_NEES = 9.0
NEAR_SIGMAS = 5.0
LAUNCH_EVERY_S, FLIGHT_SEEN_S = 600, 480


class Figures(Struct, frozen=True):
    """One run. `faster` is simulated over CPU time; `nees` is 6 for an honest covariance."""

    vehicles: int
    radars: int
    faster: float
    update_us_p50: float
    update_us_p95: float
    scan_ms_p50: float
    scan_ms_p95: float
    held: int
    kept_number: int
    nees: float
    rss_mb: tuple[float, ...]
    dump_mb: float
    late_ms: tuple[float, ...]


def rss_mb() -> float:
    """Memory of this process now."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024.0
    return float("nan")


def radar(nth: int, count: int) -> Sensor:
    """One of so many radars on an arc to the south and east of the box."""
    bearing_deg = 100.0 + 100.0 * (nth + 0.5) / count
    lat_deg, lon_deg, _ = destination(*BOX, bearing_deg, 700e3 + 200e3 * (nth % 3) / 2.0)
    return Sensor(f"R{nth:02d}", SensorKind.RADAR, lat_deg, lon_deg, 0.0, 1e-3, 50.0, 3e6, 1.0, 5.0, 0.95)


def vehicle(dice: Generator) -> Flight:
    """Free flight from somewhere in the box."""
    lat_deg, lon_deg = BOX[0] + float(dice.uniform(-2.7, 2.7)), BOX[1] + float(dice.uniform(-3.5, 3.5))
    azimuth, climb = np.radians(dice.uniform(70.0, 130.0)), np.radians(dice.uniform(35.0, 60.0))
    speed_mps = float(dice.uniform(2_500.0, 4_500.0))
    along = np.array([np.sin(azimuth) * np.cos(climb), np.cos(azimuth) * np.cos(climb), np.sin(climb)])
    start = geodetic_to_ecef(lat_deg, lon_deg, float(dice.uniform(150e3, 250e3)))
    return fly(start, enu_to_ecef(speed_mps * along, lat_deg, lon_deg), 4_000.0)


def truth_at(flights: Sequence[Flight], t_s: float) -> Matrix:
    """(n, 6) where they are."""
    return np.array([np.concatenate(flight.at(t_s)) for flight in flights]).reshape(-1, 6)


def scan_of(sensor: Sensor, truth: Matrix, t_s: float, dice: Generator) -> Scan:
    """One look at all that is above its horizon."""
    site = geodetic_to_ecef(sensor.lat_deg, sensor.lon_deg, sensor.alt_m)
    local: Matrix = (truth[:, :3] - site) @ enu_matrix(sensor.lat_deg, sensor.lon_deg).T
    east, north, up = local[:, 0], local[:, 1], local[:, 2]
    away: Vector = np.sqrt(east**2 + north**2 + up**2)
    seen: Matrix = np.column_stack((np.arctan2(east, north), np.arcsin(up / np.maximum(away, 1.0)), away))
    visible = (seen[:, 1] > np.radians(sensor.min_elevation_deg)) & (dice.random(len(seen)) < sensor.detection)
    sigma = (sensor.angle_sigma_rad, sensor.angle_sigma_rad, sensor.range_sigma_m or 0.0)
    noise: Matrix = dice.standard_normal(seen.shape) * sigma
    measured: Matrix = (seen + noise)[visible]
    plots = [Plot(0.0, azimuth, elevation, away_m, 20.0) for azimuth, elevation, away_m in measured.tolist()]
    for _ in range(int(dice.poisson(sensor.false_plots))):
        far = sensor.max_range_m * float(dice.random()) ** (1.0 / 3.0)
        plots.append(Plot(0.0, float(dice.uniform(-3.14, 3.14)), float(np.arcsin(dice.uniform(0.02, 1.0))), far, 13.0))
    return Scan(sensor.name, START + timedelta(seconds=t_s), tuple(plots))


def covariance(track: Track) -> Matrix:
    """(6, 6)."""
    half = np.zeros((6, 6))
    half[np.triu_indices(6)] = track.covariance
    return half + half.T - np.diag(np.diag(half))


def judge(said: Sequence[Track], truth: Matrix) -> list[tuple[int, int, float]]:
    """Vehicle, number and NEES of each track within five standard deviations of one."""
    found: list[tuple[int, int, float]] = []
    for track in said:
        state = np.array(track.position_ecef_m + track.velocity_ecef_mps)
        nearest = int(np.argmin(((truth[:, :3] - state[:3]) ** 2).sum(axis=1)))
        gap: Vector = state - truth[nearest]
        doubt = covariance(track)
        if np.linalg.norm(gap[:3]) < NEAR_SIGMAS * np.sqrt(np.trace(doubt[:3, :3])):
            found.append((nearest, track.number, float(gap @ np.linalg.solve(doubt, gap))))
    return found


def measure(objects: int, radars: int, seconds: int) -> Figures:
    """One run: the radars look in turn, each once a second."""
    dice = np.random.default_rng(objects)
    flights = [vehicle(dice) for _ in range(objects)]
    sensors = [radar(nth, radars) for nth in range(radars)]
    tracker = Tracker(sensors)
    spent_s: list[float] = []
    each_us: list[float] = []
    memory_mb: list[float] = []
    numbers: dict[int, set[int]] = defaultdict(set)
    found: list[tuple[int, int, float]] = []
    kept_back: Scan | None = None
    for second in range(seconds):
        for nth, sensor in enumerate(sensors):
            t_s = second + nth / radars
            truth = truth_at(flights, t_s)
            scan = scan_of(sensor, truth, t_s, dice)
            if second == seconds - 1 and nth == 0 and radars > 1:
                kept_back = scan
                continue
            began_s = time.process_time()
            said = tracker.update(scan)
            spent_s.append(time.process_time() - began_s)
            updated = sum(track.state is TrackState.TRACKED for track in said)
            each_us.append(1e6 * spent_s[-1] / updated if updated else float("nan"))
            if second % 10 == 9 and nth == radars - 1:
                found = judge(said, truth)
                memory_mb.append(round(rss_mb(), 1))
                for who, number, _ in found:
                    numbers[who].add(number)
    late_ms: list[float] = []
    if kept_back is not None:
        began_s = time.process_time()
        tracker.update(kept_back)
        late_ms.append(round(1e3 * (time.process_time() - began_s), 1))
    settled = slice(min(SETTLED, seconds // 2) * radars, None)
    return Figures(
        vehicles=objects,
        radars=radars,
        faster=round(seconds / sum(spent_s), 2),
        update_us_p50=round(median(each_us[settled]), 1),
        update_us_p95=round(quantiles(each_us[settled], n=20)[18], 1),
        scan_ms_p50=round(1e3 * median(spent_s[settled]), 2),
        scan_ms_p95=round(1e3 * quantiles(spent_s[settled], n=20)[18], 2),
        held=len({who for who, _, _ in found}),
        kept_number=sum(len(borne) == 1 for borne in numbers.values()),
        nees=round(float(np.mean([nees for _, _, nees in found])), 2) if found else float("nan"),
        rss_mb=tuple(memory_mb),
        dump_mb=round(len(dump(tracker.memory)) / 1e6, 2),
        late_ms=tuple(late_ms),
    )


class Hour(Struct, frozen=True):
    """How a soak stood at a time."""

    at_s: int
    rss_mb: float
    rows: int
    seeds: int
    looks: int
    snapshots: int
    names: int
    numbers: int
    dump_kb: float


def soak(seconds: int, every_s: int = 3_600) -> list[Hour]:
    """One radar at 1 Hz for so long, false plots all the time and a launch every ten minutes."""
    dice = np.random.default_rng(1)
    sensor = radar(0, 1)
    tracker = Tracker([sensor])
    flight = launch(MRBM, Site(*BOX), 100.0, 7.0)
    hours: list[Hour] = []
    for second in range(seconds):
        t_s = float(second % LAUNCH_EVERY_S)
        flies = flight.start_t_s < t_s < min(flight.impact_t_s, FLIGHT_SEEN_S)
        truth = truth_at([flight], t_s) if flies else np.zeros((0, 6))
        scan = scan_of(sensor, truth, float(second), dice)
        tracker.update(scan)
        if (second + 1) % every_s == 0:
            memory = tracker.memory
            hours.append(
                Hour(
                    at_s=second + 1,
                    rss_mb=round(rss_mb(), 1),
                    rows=len(memory.tracks.number),
                    seeds=len(memory.seeds.t_s),
                    looks=len(memory.looks),
                    snapshots=len(memory.snapshots),
                    names=len(memory.named),
                    numbers=memory.last_number,
                    dump_kb=round(len(dump(memory)) / 1e3, 1),
                )
            )
    return hours


def show(run: Figures) -> None:
    """One run in words."""
    print(
        f"tracker, {run.vehicles:>5,} vehicles, {run.radars} radar(s) at 1 Hz: {run.faster} times real time on one "
        f"core; a scan {run.scan_ms_p50} ms (p95 {run.scan_ms_p95}), a track update {run.update_us_p50} us "
        f"(p95 {run.update_us_p95});\n  {run.held} held in the last scan, {run.kept_number} under one number "
        f"throughout, NEES {run.nees}; RSS {run.rss_mb} MB, dump {run.dump_mb} MB"
        + (f", a scan late by {run.radars - 1} others {run.late_ms[0]} ms" if run.late_ms else "")
    )


def write(to: Path | None, figures: dict[str, object]) -> None:
    """The figures as JSON, if somebody wants them."""
    if to is not None:
        to.write_text(json.dumps({"title": TITLE, **figures}, indent=1), encoding="utf-8")


def main() -> int:
    """0 when nearly every vehicle is held with an honest covariance, faster than real time and in steady memory."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--json", type=Path, help="write the figures there")
    arguments.add_argument("--objects", type=int, help="so many vehicles in one run")
    arguments.add_argument("--radars", type=int, default=1)
    arguments.add_argument("--seconds", type=int, default=SECONDS)
    arguments.add_argument("--soak", type=int, metavar="SECONDS", help="a long run with few vehicles, for its memory")
    given = arguments.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    # The first run compiles, or reads what was compiled.
    measure(10, 1, 90)
    if given.soak:
        hours = soak(given.soak, min(3_600, given.soak // 4))
        for hour in hours:
            print(f"soak: {structs.asdict(hour)}")
        write(given.json, {"hours": [structs.asdict(hour) for hour in hours]})
        return 0 if hours[-1].rss_mb < 1.05 * hours[0].rss_mb + 5.0 else 1
    runs = (
        [measure(given.objects, given.radars, given.seconds)]
        if given.objects
        else [measure(count, radars, given.seconds) for count, radars in RAIDS]
    )
    for run in runs:
        show(run)
    print(f"  load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, pinned to one")
    write(given.json, {"runs": [structs.asdict(run) for run in runs], "load": os.getloadavg()[0]})
    good = all(run.held > 0.9 * run.vehicles and run.nees < MOST_NEES and run.faster > 1.0 for run in runs)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
