"""A raid tracked without a node: ten vehicles, two radars, `Tracker(sensors).update(scan)`, and a picture of it.

    python examples/track_a_raid.py --out raid.png

Read it as a notebook: editors that know `# %%` run it cell by cell. Everything here is made up and has one seed.
"""

# %% What is needed
from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from math import asin, pi, radians, sin
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from laurel.instruments.warning.records import Phase, Plot, Scan, Sensor, SensorKind, Track, TrackState
from laurel.instruments.warning.score import gospa
from laurel.instruments.warning.tracker import Tracker
from laurel.physics.ballistics import propagate
from laurel.physics.boost import Site, launch
from laurel.physics.compiled import Matrix, Vector
from laurel.physics.earth import ecef_to_geodetic, enu_matrix, geodetic_to_ecef
from laurel.physics.flight import Flight
from laurel.physics.radar import radar_h
from laurel.physics.vehicles import MRBM

NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)
VEHICLES, FIRST_S, LAST_S = 10, 60, 400
CUTOFF_M = 10_000.0
ELLIPSES_AT_S, ELLIPSE_SIGMAS, DRAWN_LARGER = (140, 200, 260, 320, 380), 2.1460, 150.0
LAUREL, TRUTH, RADAR, ELLIPSE = "#0b6e4f", "#adb5bd", "#c8553d", "#e0a030"
GONE = (TrackState.LOST, TrackState.FALLEN)


# %% Ten launches within a minute, and two radars 500 and 700 km away
def raid(dice: np.random.Generator) -> list[tuple[float, Flight]]:
    """Lift-off (s after noon) and flight of each."""
    return [
        (
            float(dice.uniform(0.0, 60.0)),
            launch(
                MRBM,
                Site(40.0 + float(dice.uniform(-0.8, 0.8)), 128.5 + float(dice.uniform(-0.8, 0.8))),
                azimuth_deg=float(dice.uniform(85.0, 125.0)),
                kick_deg=float(dice.uniform(6.0, 9.0)),
            ),
        )
        for _ in range(VEHICLES)
    ]


SENSORS = (
    Sensor("WEST", SensorKind.RADAR, 36.0, 126.5, 0.0, 1e-3, 50.0, 2.5e6, 1.0, 3.0, 0.95),
    Sensor("EAST", SensorKind.RADAR, 37.5, 136.8, 0.0, 1e-3, 50.0, 2.5e6, 1.0, 3.0, 0.95),
)


# %% What a radar makes of them: noisy plots of what it sees, and a few of nothing
def look(sensor: Sensor, flights: list[tuple[float, Flight]], t_s: float, dice: np.random.Generator) -> Scan:
    """One scan at `t_s` after noon."""
    site = geodetic_to_ecef(sensor.lat_deg, sensor.lon_deg, sensor.alt_m)
    frame = enu_matrix(sensor.lat_deg, sensor.lon_deg)
    sigma = (sensor.range_sigma_m or 0.0, sensor.angle_sigma_rad, sensor.angle_sigma_rad)
    plots: list[Plot] = []
    for position in truth(flights, t_s):
        seen = radar_h(position, site, frame)
        away, azimuth, elevation = (seen + sigma * dice.standard_normal(3)).tolist()
        if seen[2] > radians(sensor.min_elevation_deg) and dice.random() < sensor.detection:
            plots.append(Plot(0.0, azimuth, elevation, away, 20.0))
    lowest = sin(radians(sensor.min_elevation_deg))
    for _ in range(int(dice.poisson(sensor.false_plots))):
        away = sensor.max_range_m * float(dice.random()) ** (1.0 / 3.0)
        plots.append(Plot(0.0, float(dice.uniform(-pi, pi)), asin(float(dice.uniform(lowest, 1.0))), away, 13.0))
    return Scan(sensor.name, NOON + timedelta(seconds=t_s), tuple(plots))


def truth(flights: list[tuple[float, Flight]], t_s: float) -> Matrix:
    """(n, 3) where those in flight are, ECEF metres."""
    flying = [flight.at(t_s - at_s)[0] for at_s, flight in flights if 0.0 <= t_s - at_s <= flight.impact_t_s]
    return np.array(flying).reshape(-1, 3)


# %% The tracker: one call for each scan gives the tracks it changed
def follow(flights: list[tuple[float, Flight]], dice: np.random.Generator) -> dict[int, list[Track]]:
    """What the tracker said of each track, by number."""
    tracker = Tracker(SENSORS)
    said: dict[int, list[Track]] = {}
    for t_s in range(FIRST_S, LAST_S):
        for nth, sensor in enumerate(SENSORS):
            for track in tracker.update(look(sensor, flights, t_s + 0.5 * nth, dice)):
                said.setdefault(track.number, []).append(track)
    return said


def held(said: dict[int, list[Track]], t_s: float) -> list[Track]:
    """The newest word on each track at that time, those that ended left out."""
    at = NOON + timedelta(seconds=t_s)
    newest = [[track for track in reports if track.at <= at] for reports in said.values()]
    return [reports[-1] for reports in newest if reports and reports[-1].state not in GONE]


def place(track: Track, t_s: float) -> Vector:
    """(3,) where a track is by then, in free flight since its last plot."""
    state = np.array(track.position_ecef_m + track.velocity_ecef_mps)
    return propagate(state, t_s - (track.at - NOON).total_seconds(), 0.0)[:3]


# %% How good it was, second by second
def scores(flights: list[tuple[float, Flight]], said: dict[int, list[Track]]) -> Matrix:
    """(n, 4) for each second: GOSPA (m), error of what is held (m), missed, false."""
    rows: list[list[float]] = []
    for t_s in range(FIRST_S, LAST_S):
        there = truth(flights, t_s + 0.5)
        shown = np.array([place(track, t_s + 0.5) for track in held(said, t_s + 0.5)]).reshape(-1, 3)
        found = gospa(shown, there, CUTOFF_M)
        pairs = len(found.pairs)
        error_m = (found.localisation / pairs) ** 0.5 if pairs else np.nan
        rows.append([found.distance_m, error_m, len(there) - pairs, len(shown) - pairs])
    return np.array(rows)


# %% The picture: ground tracks with ellipses, altitudes, GOSPA
def ellipse(track: Track) -> Matrix:
    """(n, 2) longitude and latitude of the horizontal 90 % ellipse, drawn larger so that it can be seen."""
    lat_deg, lon_deg, _ = ecef_to_geodetic(np.array(track.position_ecef_m))
    half = np.zeros((6, 6))
    half[np.triu_indices(6)] = track.covariance
    whole = half + half.T - np.diag(np.diag(half))
    frame = enu_matrix(lat_deg, lon_deg)
    across = (frame @ whole[:3, :3] @ frame.T)[:2, :2]
    turn = np.linspace(0.0, 2.0 * pi, 60)
    rim = ELLIPSE_SIGMAS * DRAWN_LARGER * np.linalg.cholesky(across) @ np.array([np.cos(turn), np.sin(turn)])
    points = np.array(track.position_ecef_m)[:, None] + frame[:2].T @ rim
    return np.array([ecef_to_geodetic(point)[1::-1] for point in points.T])


def draw_map(axes: Axes, flights: list[tuple[float, Flight]], said: dict[int, list[Track]]) -> None:
    """True ground tracks in grey, ours in green, and the ellipses of some moments."""
    for at_s, flight in flights:
        times = np.linspace(0.0, min(flight.impact_t_s, LAST_S - at_s), 200)
        line = np.array([ecef_to_geodetic(flight.at(float(t))[0]) for t in times])
        axes.plot(line[:, 1], line[:, 0], color=TRUTH, lw=3.0, solid_capstyle="round", zorder=1)
    for reports in said.values():
        line = np.array([ecef_to_geodetic(np.array(track.position_ecef_m)) for track in reports])
        axes.plot(line[:, 1], line[:, 0], color=LAUREL, lw=1.0, zorder=2)
    for track in (track for t_s in ELLIPSES_AT_S for track in held(said, t_s)):
        axes.fill(*ellipse(track).T, facecolor=ELLIPSE, alpha=0.45, edgecolor=ELLIPSE, lw=0.8, zorder=3)
    for sensor in SENSORS:
        axes.plot([sensor.lon_deg], [sensor.lat_deg], marker="^", ms=8, color=RADAR, zorder=4)
        axes.annotate(sensor.name, (sensor.lon_deg, sensor.lat_deg), xytext=(7, -3), textcoords="offset points")
    axes.set_aspect(1.0 / np.cos(radians(39.0)))
    axes.set_xlabel("longitude, degrees east")
    axes.set_ylabel("latitude, degrees north")


def draw_heights(axes: Axes, flights: list[tuple[float, Flight]], said: dict[int, list[Track]]) -> None:
    """Altitude over time, and what each track held for the cause: a motor, or nothing."""
    for at_s, flight in flights:
        times = np.linspace(0.0, min(flight.impact_t_s, LAST_S - at_s), 200)
        heights = [ecef_to_geodetic(flight.at(float(t))[0])[2] / 1e3 for t in times]
        axes.plot(times + at_s, heights, color=TRUTH, lw=3.0, zorder=1)
    for reports in said.values():
        for phase, colour in ((Phase.BOOST, RADAR), (Phase.COAST, LAUREL)):
            rows = [
                ((track.at - NOON).total_seconds(), ecef_to_geodetic(np.array(track.position_ecef_m))[2] / 1e3)
                for track in reports
                if track.phase is phase
            ]
            if rows:
                axes.plot(*np.array(rows).T, color=colour, lw=1.2, zorder=2)
    axes.set_xlabel("seconds after noon")
    axes.set_ylabel("kilometres")


def draw_scores(axes: Axes, found: Matrix) -> None:
    """GOSPA and the error of what is held, logarithmic."""
    times = np.arange(FIRST_S, LAST_S)
    axes.plot(times, found[:, 0], color=LAUREL, lw=1.6, label="GOSPA, cutoff 10 km")
    axes.plot(times, found[:, 1], color=RADAR, lw=1.2, label="rms error of what is tracked")
    axes.set_yscale("log")
    axes.set_xlabel("seconds after noon")
    axes.set_ylabel("metres")
    axes.legend(frameon=False)


# %% All of it
def main(out: Path) -> None:
    """Makes the raid, tracks it, prints the figures and writes the picture."""
    dice = np.random.default_rng(18)
    flights = raid(dice)
    said = follow(flights, dice)
    found = scores(flights, said)
    figure = Figure(figsize=(11.0, 8.0), layout="constrained")
    grid = figure.add_gridspec(2, 2, height_ratios=(1.5, 1.0))
    above, left, right = figure.add_subplot(grid[0, :]), figure.add_subplot(grid[1, 0]), figure.add_subplot(grid[1, 1])
    for axes in (above, left, right):
        axes.grid(visible=True, alpha=0.25)
    draw_map(above, flights, said)
    draw_heights(left, flights, said)
    draw_scores(right, found)
    above.set_title(
        f"Ground: truth grey, tracks green, 90 % ellipses each minute, drawn {DRAWN_LARGER:.0f} times as large"
    )
    left.set_title("Altitude: truth grey, in boost red, in coast green")
    right.set_title("Off the truth; what is not yet in view is missed")
    figure.savefig(out, dpi=130)
    last = found[-60:].mean(axis=0)
    print(f"{len(said)} tracks of {VEHICLES} vehicles; in the last minute GOSPA {last[0]:.0f} m, rms {last[1]:.0f} m")
    print(f"picture: {out}")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--out", type=Path, default=Path("track_a_raid.png"), help="the picture")
    main(arguments.parse_args().out)
