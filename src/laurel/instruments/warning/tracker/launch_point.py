"""Where and when a track was launched, from the first infrared plot or from the early boost. Kernels.

Infrared: the first line of sight meets the height at which a plume comes out of the clouds. A vehicle gets
there about 42 s after lift-off, a few kilometres down the way it will fly.

Radar alone: a boost from rest whose speed grows as a power of time, 1.8, and whose path leans over from the
vertical as a power, 0.6. That fits gravity turns of one to three stages, liquid and solid, up to 100 km, to
about 15 % in time and distance; the doubt says 20 %.
"""

from __future__ import annotations

from math import acos, atan2, cos, hypot, inf, log, pi, sin, sqrt, tan

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
    FULL,
    LAT,
    LAUNCH_BY_INFRARED,
    LAUNCH_BY_RADAR,
    LON,
    MODES,
    NO_LAUNCH,
    NORTH_NORTH,
    SOURCE,
    WHEN,
    WHEN_SIGMA,
    Eye,
    Tracks,
    Whole,
)
from laurel.instruments.warning.tracker.templates import FORCE, SEEN, SINCE, SINCE_LOW, WAY, WAY_LOW, explain
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

TEMPLATE_TOP_M, TEMPLATE_BOTTOM_M = 130_000.0, 3_000.0
TURN_DOUBT = 0.03
"""How far a boost may leave the plane it is in, as a share of its way: rotation, and a yaw."""
LEAST_DOUBT_M = 100.0
EARLY_PLOTS = 8
"""A launch point is asked for at each of the first plots, then once in so many."""
PUSH_LAGS = 0.3
"""An estimate of the push comes late when it grows and later when a stage ends: that share of it."""
STEEPEST_LEAN_RAD = 1.3
SLOWEST_MPS = 300.0

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
def seen_in(mean: Vector) -> Vector:
    """(3,) logarithm of speed, lean and logarithm of push of a boosting state (9,)."""
    _, speed, lean, _ = course(mean[:FREE])
    force = sqrt(mean[6] ** 2 + mean[7] ** 2 + mean[8] ** 2)
    return np.array([log(max(speed, 1.0)), lean, log(max(force, 0.1))])


@compiled
def sensed(mean: Vector, cov: Matrix) -> tuple[Vector, Matrix, Vector]:
    """(3,) what is seen in a boosting state, (9, 3) and (9,) how it and the height change with each number."""
    x, alt = seen_in(mean), course(mean[:FREE])[0]
    steps, rise = np.zeros((FULL, SEEN)), np.zeros(FULL)
    for j in range(FULL):
        h = 0.1 * sqrt(max(cov[j, j], 1e-12))
        moved = mean.copy()
        moved[j] += h
        steps[j] = (seen_in(moved) - x) / h
        rise[j] = (course(moved[:FREE])[0] - alt) / h
    return x, steps, rise


@compiled
def drifted(flights: Matrix, state: Vector, cov: Matrix, alt_m: float) -> tuple[float, float, float, float]:
    """Metres flown over the ground when it came out of the clouds, their sigma, seconds since lift-off then, theirs.

    By the flights of the bank while it boosts, (9,) and (9, 9); by a rule of thumb while it coasts, (6,) and (6, 6).
    """
    now_m, speed, lean, _ = course(state[:FREE])
    if len(state) == FULL and alt_m < now_m < TEMPLATE_TOP_M and lean < STEEPEST_LEAN_RAD:
        x, steps, _ = sensed(state, cov)
        doubt = steps.T @ cov @ steps
        doubt[FORCE, FORCE] += PUSH_LAGS**2
        by = explain(flights, now_m, alt_m, x, doubt)
        if by.sound:
            noise = by.slope @ steps.T @ cov @ steps @ by.slope.T
            way = sqrt(by.cov[WAY_LOW, WAY_LOW] + noise[WAY_LOW, WAY_LOW])
            since = sqrt(by.cov[SINCE_LOW, SINCE_LOW] + noise[SINCE_LOW, SINCE_LOW])
            return by.mean[WAY_LOW], way, by.mean[SINCE_LOW], since
    drift = DRIFT * alt_m * tan(LEANS * min(lean, STEEPEST_LEAN_RAD))
    unsure = sqrt(cov[3, 3] + cov[4, 4] + cov[5, 5]) / max(speed, 1.0)
    return drift, (DRIFT_DOUBT + now_m / STALE_M + unsure) * drift, TO_CLOUD_BREAK_S, TO_CLOUD_BREAK_SIGMA_S


@compiled
def from_infrared(flights: Matrix, eye: Eye, first: Vector, state: Vector, cov: Matrix) -> Vector:
    """The launch row of a track whose first infrared plot was `first` (t_s, azimuth, elevation).

    The state is that of a boost (9,) or of a coast (6,).
    """
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
    _, speed, _, heading = course(state[:FREE])
    drift, drift_sigma, since_s, since_sigma_s = drifted(flights, state, cov, alt)
    lat -= drift * cos(heading) / to_north
    lon -= drift * sin(heading) / to_east
    unsure = sqrt(cov[3, 3] + cov[4, 4] + cov[5, 5]) / max(speed, 1.0)
    along2 = drift_sigma**2 + (0.5 * DRIFT_DOUBT_M) ** 2
    across2 = ((0.1 + unsure) * drift) ** 2 + (0.5 * DRIFT_DOUBT_M) ** 2
    s, c = sin(heading), cos(heading)
    out[EAST_EAST] += along2 * s * s + across2 * c * c
    out[EAST_NORTH] += (along2 - across2) * s * c
    out[NORTH_NORTH] += along2 * c * c + across2 * s * s
    out[SOURCE], out[LAT], out[LON] = LAUNCH_BY_INFRARED, lat, half_turn(lon)
    out[WHEN] = first[0] - since_s
    out[WHEN_SIGMA] = sqrt(since_sigma_s**2 + (alt_sigma / CLIMB_MPS) ** 2)
    return out


@compiled
def traced(mean: Vector, told: Vector) -> Triple:
    """Seconds since lift-off, latitude and longitude (rad) of the pad of a state, by what the templates told."""
    lat, lon, _ = to_geodetic(mean[0], mean[1], mean[2])
    _, _, _, heading = course(mean[:FREE])
    to_north, to_east = radii(lat)
    return told[SINCE], lat - told[WAY] * cos(heading) / to_north, lon - told[WAY] * sin(heading) / to_east


@compiled
def from_boost(flights: Matrix, mean: Vector, cov: Matrix, t_s: float) -> Vector:
    """The launch row that a boosting state (9,) bears; row 0 is no source if it bears none."""
    out = np.zeros(8)
    alt, speed, lean, heading = course(mean[:FREE])
    if not (TEMPLATE_BOTTOM_M < alt < TEMPLATE_TOP_M and lean < STEEPEST_LEAN_RAD and speed > SLOWEST_MPS):
        return out
    x, steps, rise = sensed(mean, cov)
    doubt = steps.T @ cov @ steps
    doubt[FORCE, FORCE] += PUSH_LAGS**2
    by = explain(flights, alt, alt, x, doubt)
    if not by.sound:
        return out
    since_s, lat, lon = traced(mean, by.mean)
    to_north, to_east = radii(lat)
    slope = np.empty((3, FULL))
    for j in range(FULL):
        h = 0.1 * sqrt(max(cov[j, j], 1e-12))
        moved = mean.copy()
        moved[j] += h
        told = by.mean + by.slope @ steps[j] * h
        # A state that is higher up has flown for longer.
        told[SINCE] += h * rise[j] / (speed * cos(lean))
        told[WAY] += h * rise[j] * tan(lean)
        since2, lat2, lon2 = traced(moved, told)
        slope[0, j] = (since2 - since_s) / h
        slope[1, j] = half_turn(lon2 - lon) * to_east / h
        slope[2, j] = (lat2 - lat) * to_north / h
    doubt = slope @ cov @ slope.T
    if not (doubt[0, 0] < inf and doubt[1, 1] + doubt[2, 2] < inf):
        return out
    along2 = by.cov[WAY, WAY] + LEAST_DOUBT_M**2
    across2 = (TURN_DOUBT * by.mean[WAY]) ** 2 + LEAST_DOUBT_M**2
    s, c = sin(heading), cos(heading)
    out[SOURCE] = LAUNCH_BY_RADAR
    out[LAT], out[LON] = lat, half_turn(lon)
    out[WHEN] = t_s - since_s
    out[WHEN_SIGMA] = sqrt(doubt[0, 0] + by.cov[SINCE, SINCE])
    out[EAST_EAST] = doubt[1, 1] + along2 * s * s + across2 * c * c
    out[EAST_NORTH] = doubt[1, 2] + (along2 - across2) * s * c
    out[NORTH_NORTH] = doubt[2, 2] + along2 * c * c + across2 * s * s
    return out


@compiled
def better(launch: Vector, old: Vector) -> bool:
    """Whether a launch row says more than the one there is: place and time in a smaller volume."""
    if launch[SOURCE] == NO_LAUNCH or old[SOURCE] == NO_LAUNCH:
        return launch[SOURCE] != NO_LAUNCH
    area2 = launch[EAST_EAST] * launch[NORTH_NORTH] - launch[EAST_NORTH] ** 2
    old_area2 = old[EAST_EAST] * old[NORTH_NORTH] - old[EAST_NORTH] ** 2
    return area2 * launch[WHEN_SIGMA] ** 2 < old_area2 * old[WHEN_SIGMA] ** 2


@compiled
def trace_boosts(tracks: Tracks, plot_of: Whole, flights: Matrix) -> None:
    """Every boosting track that took a plot keeps the best launch row its states have borne."""
    for row in range(len(plot_of)):
        if plot_of[row] < 0 or tracks.phase[row] != BOOST:
            continue
        if tracks.plots[row] > EARLY_PLOTS and tracks.plots[row] % EARLY_PLOTS != 0:
            continue
        launch = from_boost(flights, tracks.mean[row, BOOST], tracks.cov[row, BOOST], tracks.t_s[row])
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
            tracks.sensors[row, eye.slot] = True


@compiled
def trace_streaks(flights: Matrix, tracks: Tracks, streaks: Streaks, eye: Eye) -> None:
    """A track that took a streak of this sensor was launched where it began."""
    mean, cov = np.empty(FREE), np.empty((FREE, FREE))
    for i in range(len(streaks.number)):
        if streaks.number[i] == 0 or streaks.sensor[i] != eye.slot or streaks.plots[i] < STREAK_PLOTS:
            continue
        if not streaks.risen[i]:
            continue
        for row in range(len(tracks.number)):
            young = tracks.t_s[row] - tracks.first_s[row] < YOUNG_S
            if not young or tracks.number[row] != streaks.number[i]:
                continue
            if tracks.phase[row] == BOOST:
                launch = from_infrared(flights, eye, streaks.first[i], tracks.mean[row, BOOST], tracks.cov[row, BOOST])
            else:
                blend(tracks.mean[row], tracks.cov[row], tracks.chance[row], mean, cov)
                launch = from_infrared(flights, eye, streaks.first[i], mean, cov)
            if better(launch, tracks.launch[row]):
                tracks.launch[row] = launch
