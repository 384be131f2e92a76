"""Where and when a track was launched, from the first infrared plot or from the early boost. Kernels.

Infrared: the first line of sight meets the height at which a plume comes out of the clouds. A vehicle gets
there about 42 s after lift-off, a few kilometres down the way it will fly.

Radar alone: a boost from rest whose speed grows as a power of time, 1.8, and whose path leans over from the
vertical as a power, 0.6. That fits gravity turns of one to three stages, liquid and solid, up to 100 km, to
about 15 % in time and distance; the doubt says 20 %.
"""

from __future__ import annotations

from math import acos, atan2, cos, hypot, inf, pi, sin, sqrt, tan

import numpy as np

from laurel.instruments.warning.tracker.modes import blend
from laurel.instruments.warning.tracker.motion import move
from laurel.instruments.warning.tracker.sight import sight
from laurel.instruments.warning.tracker.streaks import Streaks
from laurel.instruments.warning.tracker.table import (
    BOOST,
    EAST_EAST,
    EAST_NORTH,
    FREE,
    LAT,
    LAUNCH_BY_INFRARED,
    LAUNCH_BY_RADAR,
    LON,
    MODES,
    NORTH_NORTH,
    SOURCE,
    WHEN,
    WHEN_SIGMA,
    Eye,
    Tracks,
    Whole,
)
from laurel.physics.compiled import Matrix, Triple, Vector, compiled
from laurel.physics.earth import A_M, B_M, E2, normal_and_height, to_geodetic
from laurel.physics.infrared import infrared_h

CLOUD_BREAK_M, CLOUD_BREAK_SIGMA_M = 9_000.0, 700.0
CLIMB_MPS = 450.0
"""Typical rate of climb there."""
CLIMB_DOUBT = 0.3
TO_CLOUD_BREAK_S, TO_CLOUD_BREAK_SIGMA_S = 42.0, 9.0
LEANS = 0.66
"""How far the path leans there, as a share of how far it leans when a radar sees it."""
DRIFT = 0.69
"""Distance flown over the ground by then, as a share of height times the tangent of that lean."""
DRIFT_DOUBT, DRIFT_DOUBT_M = 0.35, 500.0
STALE_M = 300_000.0
"""A state from that high leaves the whole drift in doubt."""
YOUNG_S = 60.0

SPEED_POWER, LEAN_POWER = 1.8, 0.6
TEMPLATE_DOUBT = 0.2
TEMPLATE_TOP_M, TEMPLATE_BOTTOM_M = 130_000.0, 3_000.0
STEEPEST_LEAN_RAD = 1.3
SLOWEST_MPS = 300.0
SHORTEST_S, LONGEST_S = 10.0, 250.0
PARTS = 20

STREAK_PLOTS = 3
LINK_BEFORE_S, LINK_AFTER_S = 90.0, 10.0
LINKED = 9.2
"""Squared distance that holds 99 % of true pairs."""
LINK_PLOTS = 15


@compiled
def pierce(site: Vector, way: Vector, alt_m: float) -> Vector:
    """(3,) where a line of sight first meets the ellipsoid blown up by `alt_m`; nan if it passes by."""
    stretch = (A_M + alt_m) / (B_M + alt_m)
    ax, ay, az = way[0], way[1], way[2] * stretch
    sx, sy, sz = site[0], site[1], site[2] * stretch
    a = ax * ax + ay * ay + az * az
    b = ax * sx + ay * sy + az * sz
    c = sx * sx + sy * sy + sz * sz - (A_M + alt_m) ** 2
    inside = b * b - a * c
    if inside < 0.0:
        return np.full(3, np.nan)
    return site + (-b - sqrt(inside)) / a * way


@compiled
def radii(lat_rad: float) -> tuple[float, float]:
    """Metres per radian of latitude and of longitude on the ground."""
    s = sin(lat_rad)
    w = sqrt(1.0 - E2 * s * s)
    return A_M * (1.0 - E2) / (w * w * w), A_M / w * max(cos(lat_rad), 1e-3)


@compiled
def half_turn(angle_rad: float) -> float:
    """The same angle between -pi and pi."""
    return (angle_rad + pi) % (2.0 * pi) - pi


@compiled
def course(state: Vector) -> tuple[float, float, float, float]:
    """Height (m), speed (m/s), lean from the vertical and heading (rad) of a (6,) state."""
    c, s, alt = normal_and_height(state[0], state[1], state[2])
    p = max(hypot(state[0], state[1]), 1.0)
    cl, sl = state[0] / p, state[1] / p
    up = c * (cl * state[3] + sl * state[4]) + s * state[5]
    east = cl * state[4] - sl * state[3]
    north = c * state[5] - s * (cl * state[3] + sl * state[4])
    speed = sqrt(up * up + east * east + north * north)
    return alt, speed, acos(min(max(up / max(speed, 1e-9), -1.0), 1.0)), atan2(east, north)


@compiled
def from_infrared(eye: Eye, first: Vector, state: Vector, cov: Matrix) -> Vector:
    """The launch row of a track whose first infrared plot was `first` (t_s, azimuth, elevation)."""
    out = np.zeros(8)
    climbed = 0.5 * CLIMB_MPS * eye.period_s
    alt = CLOUD_BREAK_M + climbed
    alt_sigma = sqrt(CLOUD_BREAK_SIGMA_M**2 + climbed * climbed * (1.0 / 3.0 + CLIMB_DOUBT**2))
    seen = sight(eye, first[1], first[2], 0.0)
    there = pierce(eye.site, seen.along, alt)
    lat, lon, _ = to_geodetic(there[0], there[1], there[2])
    if not abs(lat) < inf:
        return out
    to_north, to_east = radii(lat)
    # What a step of one sigma in each angle and in height does to the point.
    for step in range(3):
        way = seen.along.copy()
        if step == 0:
            way += seen.sigma_right_rad * seen.right
        elif step == 1:
            way += eye.angle_sigma_rad * seen.up
        moved = pierce(eye.site, way, alt + alt_sigma if step == 2 else alt)
        lat2, lon2, _ = to_geodetic(moved[0], moved[1], moved[2])
        east, north = half_turn(lon2 - lon) * to_east, (lat2 - lat) * to_north
        if not (abs(east) < inf and abs(north) < inf):
            return out
        out[EAST_EAST] += east * east
        out[EAST_NORTH] += east * north
        out[NORTH_NORTH] += north * north
    now_m, speed, lean, heading = course(state)
    drift = DRIFT * alt * tan(LEANS * min(lean, STEEPEST_LEAN_RAD))
    lat -= drift * cos(heading) / to_north
    lon -= drift * sin(heading) / to_east
    unsure = sqrt(cov[3, 3] + cov[4, 4] + cov[5, 5]) / max(speed, 1.0)
    along2 = ((DRIFT_DOUBT + now_m / STALE_M + unsure) * drift) ** 2 + DRIFT_DOUBT_M**2
    across2 = ((0.1 + unsure) * drift) ** 2 + (0.5 * DRIFT_DOUBT_M) ** 2
    s, c = sin(heading), cos(heading)
    out[EAST_EAST] += along2 * s * s + across2 * c * c
    out[EAST_NORTH] += (along2 - across2) * s * c
    out[NORTH_NORTH] += along2 * c * c + across2 * s * s
    out[SOURCE], out[LAT], out[LON] = LAUNCH_BY_INFRARED, lat, half_turn(lon)
    out[WHEN] = first[0] - TO_CLOUD_BREAK_S - 0.5 * eye.period_s
    out[WHEN_SIGMA] = sqrt(TO_CLOUD_BREAK_SIGMA_S**2 + eye.period_s * eye.period_s / 12.0)
    return out


@compiled
def back_to_rest(state: Vector) -> Triple:
    """Seconds since lift-off, and metres flown over the ground to east and north, by the template; nan if none fits."""
    alt, speed, lean, heading = course(state)
    if not (TEMPLATE_BOTTOM_M < alt < TEMPLATE_TOP_M and lean < STEEPEST_LEAN_RAD and speed > SLOWEST_MPS):
        return np.nan, np.nan, np.nan
    up, along = 0.0, 0.0
    for part in range(PARTS):
        tau = (part + 0.5) / PARTS
        tilt = lean * tau**LEAN_POWER
        up += tau**SPEED_POWER * cos(tilt) / PARTS
        along += tau**SPEED_POWER * sin(tilt) / PARTS
    since_s = alt / (speed * up)
    # Seen from the centre of the Earth, the ground moves by less than the vehicle does.
    flown = speed * since_s * along * A_M / (A_M + 0.5 * alt)
    return since_s, flown * sin(heading), flown * cos(heading)


@compiled
def from_boost(mean: Vector, cov: Matrix, t_s: float) -> Vector:
    """The launch row that an early boost state (6,) bears; row 0 is no source if it bears none."""
    out = np.zeros(8)
    since_s, east, north = back_to_rest(mean)
    if not SHORTEST_S < since_s < LONGEST_S:
        return out
    lat, lon, _ = to_geodetic(mean[0], mean[1], mean[2])
    to_north, to_east = radii(lat)
    slope = np.empty((3, FREE))
    for j in range(FREE):
        h = 0.1 * sqrt(cov[j, j])
        moved = mean.copy()
        moved[j] += h
        since2, east2, north2 = back_to_rest(moved)
        lat2, lon2, _ = to_geodetic(moved[0], moved[1], moved[2])
        slope[0, j] = (since2 - since_s) / h
        slope[1, j] = (half_turn(lon2 - lon) * to_east - (east2 - east)) / h
        slope[2, j] = ((lat2 - lat) * to_north - (north2 - north)) / h
    doubt = np.zeros((3, 3))
    for a in range(3):
        for b in range(3):
            for i in range(FREE):
                for j in range(FREE):
                    doubt[a, b] += slope[a, i] * cov[i, j] * slope[b, j]
    template2 = TEMPLATE_DOUBT * TEMPLATE_DOUBT
    if not (doubt[0, 0] < inf and doubt[1, 1] + doubt[2, 2] < inf):
        return out
    out[SOURCE] = LAUNCH_BY_RADAR
    out[LAT], out[LON] = lat - north / to_north, half_turn(lon - east / to_east)
    out[WHEN] = t_s - since_s
    out[WHEN_SIGMA] = sqrt(doubt[0, 0] + template2 * since_s * since_s)
    out[EAST_EAST] = doubt[1, 1] + template2 * east * east
    out[EAST_NORTH] = doubt[1, 2] + template2 * east * north
    out[NORTH_NORTH] = doubt[2, 2] + template2 * north * north
    return out


@compiled
def better(launch: Vector, old: Vector) -> bool:
    """Whether a launch row says more than the one there is: infrared before radar, then the smaller ellipse."""
    if launch[SOURCE] != old[SOURCE]:
        return launch[SOURCE] > old[SOURCE]
    area2 = launch[EAST_EAST] * launch[NORTH_NORTH] - launch[EAST_NORTH] ** 2
    return area2 < old[EAST_EAST] * old[NORTH_NORTH] - old[EAST_NORTH] ** 2


@compiled
def trace_boosts(tracks: Tracks, plot_of: Whole) -> None:
    """Every boosting track that took a plot keeps the best launch row its states have borne."""
    mean, cov = np.empty(FREE), np.empty((FREE, FREE))
    for row in range(len(plot_of)):
        if plot_of[row] < 0 or tracks.phase[row] != BOOST or tracks.launch[row, SOURCE] == LAUNCH_BY_INFRARED:
            continue
        blend(tracks.mean[row], tracks.cov[row], tracks.chance[row], mean, cov)
        launch = from_boost(mean, cov, tracks.t_s[row])
        if better(launch, tracks.launch[row]):
            tracks.launch[row] = launch


@compiled
def agreement2(tracks: Tracks, row: int, eye: Eye, last: Vector) -> float:
    """Squared distance between a young track, carried back, and the last plot of a streak."""
    nearest = inf
    for mode in range(MODES):
        if tracks.chance[row, mode] == 0.0:
            continue
        mean, cov = tracks.mean[row, mode].copy(), tracks.cov[row, mode].copy()
        move(mean, cov, tracks.cross[row, mode].copy(), mode, last[0] - tracks.t_s[row])
        there = infrared_h(mean[:3].copy(), eye.site, eye.frame)
        distance = sqrt(((mean[:3] - eye.site) ** 2).sum())
        seen = sight(eye, last[1], last[2], 0.0)
        s00, s01, s11 = eye.angle_sigma_rad**2, 0.0, eye.angle_sigma_rad**2
        for i in range(3):
            for j in range(3):
                p = cov[i, j] / (distance * distance)
                s00 += seen.right[i] * p * seen.right[j]
                s01 += seen.right[i] * p * seen.up[j]
                s11 += seen.up[i] * p * seen.up[j]
        a, b = (there[0] - last[1]) * cos(last[2]), there[1] - last[2]
        nearest = min(nearest, (a * a * s11 - 2.0 * a * b * s01 + b * b * s00) / (s00 * s11 - s01 * s01))
    return nearest


@compiled
def link(tracks: Tracks, streaks: Streaks, eye: Eye) -> None:
    """Gives streaks of this sensor that no track has taken to the young track that flew from there, if one did."""
    for row in range(len(tracks.number)):
        young = tracks.number[row] > 0 and tracks.plots[row] <= LINK_PLOTS
        if not young or tracks.launch[row, SOURCE] == LAUNCH_BY_INFRARED:
            continue
        best, chosen = LINKED, -1
        for i in range(len(streaks.number)):
            gap_s = tracks.first_s[row] - streaks.last[i, 0]
            if streaks.sensor[i] != eye.slot or streaks.number[i] > 0 or streaks.plots[i] < STREAK_PLOTS:
                continue
            if -LINK_AFTER_S < gap_s < LINK_BEFORE_S:
                apart2 = agreement2(tracks, row, eye, streaks.last[i])
                if apart2 < best:
                    best, chosen = apart2, i
        if chosen >= 0:
            streaks.number[chosen] = tracks.number[row]


@compiled
def trace_streaks(tracks: Tracks, streaks: Streaks, eye: Eye) -> None:
    """A track that took a streak of this sensor was launched where it began."""
    mean, cov = np.empty(FREE), np.empty((FREE, FREE))
    for i in range(len(streaks.number)):
        if streaks.number[i] == 0 or streaks.sensor[i] != eye.slot or streaks.plots[i] < STREAK_PLOTS:
            continue
        for row in range(len(tracks.number)):
            young = tracks.t_s[row] - tracks.first_s[row] < YOUNG_S
            if young and tracks.number[row] == streaks.number[i]:
                blend(tracks.mean[row], tracks.cov[row], tracks.chance[row], mean, cov)
                launch = from_infrared(eye, streaks.first[i], mean, cov)
                if better(launch, tracks.launch[row]):
                    tracks.launch[row] = launch
