"""Which sensors disagree with the others, and since when: the tracker's own doubt. Kernels.

Each look at a confirmed track is a testimony: those who take its plots hold it, those who look there and see
nothing deny it. The fewer of the two are wrong; of equals, both may be. Beside that count, for each sensor, where
its plots lie from what others hold (a declared bias allowed), how many of its plots no track takes, and how many
of its scans came from times that cannot be. All of it fades, so a sensor that agrees again is trusted again.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, inf, log, sqrt
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from laurel.instruments.warning.records import Sensor
from laurel.instruments.warning.tracker.associate import GATE, Outlook, innovation, measure
from laurel.instruments.warning.tracker.sight import sight_of
from laurel.instruments.warning.tracker.table import (
    BOOST,
    MAX_SENSORS,
    TRACKED,
    Eye,
    Flags,
    Plots,
    Tracks,
    Whole,
)
from laurel.physics.compiled import Matrix, Vector, compiled
from laurel.physics.earth import height

MEMORY_S, MEMORY_PERIODS = 30.0, 15.0
"""Evidence fades by 1/e in that time, or in so many of the sensor's own periods."""
CLEAR_VIEW = 0.5
"""A look that would see it with less than that chance says nothing."""
DENIED = log(1e-3)
"""Chance of its looks, were the track there: below that a sensor denies the track."""
PLUME_M = (12_000.0, 65_000.0)
"""Between these heights an infrared sensor must see a motor burn."""
LEAST_WEIGHT = 8.0
"""Looks with testimony before anything is said."""
AGAINST, AGREES = 0.5, 0.2
"""Share of its looks against it that makes a sensor suspect; and below which it agrees."""
LEANS, STRAIGHT = 0.9, 0.5
"""Mean residual in standard deviations, likewise. Honest ones average to nothing, give or take 0.19."""
LEAST_LEANING = 20.0
"""Looks that mean is taken over before it says anything."""
SURE = 3.0
"""Standard deviations that a bias, or a track, may be off by."""
FURTHEST = 2.0
"""One residual counts for no more, so that a liar is forgotten as soon as it agrees."""
BESIDE = 0.7
"""Whose plots lie that much as far off as the worst one's is doubted with it: between two, nobody can tell."""
REFUSED, LEAST_SCANS = 0.5, 4.0
"""Share of its scans, once there were so many, that marks a wrong clock."""
AGREED_S = 60.0
"""That long it must agree before it is trusted again."""
DOUBTED = 6.0
"""A suspect sensor's plots count with so many times their declared errors."""
NOISY, NOISY_PLOTS = 3.0, 5.0
"""Clutter: so many times the declared rate of false plots, and so many more."""

DENIES, ALONE, LEFT_OVER_RANGE, LEFT_OVER_ANGLE, CLOCK = 1, 2, 3, 4, 5
WORDS = {
    DENIES: "it does not see, or sees elsewhere, what other sensors hold where it looks",
    ALONE: "it alone sees what other sensors should see too",
    LEFT_OVER_RANGE: "its ranges lie off what other sensors hold by more than its declared error",
    LEFT_OVER_ANGLE: "its angles lie off what other sensors hold by more than its declared error",
    CLOCK: "its scans come from times that cannot be",
}


class Suspect(Struct, frozen=True):
    """A sensor that the tracker doubts, why in words, and since when (seconds since the tracker's epoch)."""

    name: str
    why: str
    since_s: float


class Trust(NamedTuple):
    """One row for each sensor slot; sums fade."""

    at_s: Vector
    agreed: Vector
    """Looks in which it sided with the most, in parts of the tracks it looked at."""
    denied: Vector
    """... in which others held what it did not see."""
    alone: Vector
    """... in which it held what others did not see."""
    weight: Vector
    """Looks that `lean` was summed over."""
    lean: Matrix
    """(64, 3) residuals across to the right, across upwards, in range, in standard deviations."""
    slack: Matrix
    """(64, 3) how far these may lie off for long: by what the track and the declared biases leave in doubt."""
    scans: Vector
    refused: Vector
    """Scans from times that cannot be."""
    spare: Vector
    """Running mean of the plots of a scan that no track took."""
    since_s: Vector
    """Since when it is suspect; infinity if it is not."""
    agrees_s: Vector
    """Since when a suspect one agrees; infinity if it does not."""
    why: Whole


def full_trust() -> Trust:
    """No sensor is doubted."""

    def none() -> Vector:
        return np.zeros(MAX_SENSORS)

    return Trust(
        at_s=np.full(MAX_SENSORS, -inf),
        agreed=none(),
        denied=none(),
        alone=none(),
        weight=none(),
        lean=np.zeros((MAX_SENSORS, 3)),
        slack=np.zeros((MAX_SENSORS, 3)),
        scans=none(),
        refused=none(),
        spare=none(),
        since_s=np.full(MAX_SENSORS, inf),
        agrees_s=np.full(MAX_SENSORS, inf),
        why=np.zeros(MAX_SENSORS, dtype=np.int64),
    )


@compiled
def fade(trust: Trust, eye: Eye, scan_s: float) -> None:
    """What was said before this scan weighs less."""
    slot = eye.slot
    gone_s = max(scan_s - trust.at_s[slot], 0.0)
    left = exp(-gone_s / max(MEMORY_S, MEMORY_PERIODS * eye.period_s))
    trust.at_s[slot] = max(scan_s, trust.at_s[slot])
    trust.agreed[slot] *= left
    trust.denied[slot] *= left
    trust.alone[slot] *= left
    trust.weight[slot] *= left
    trust.scans[slot] = trust.scans[slot] * left + 1.0
    trust.refused[slot] *= left
    for part in range(3):
        trust.lean[slot, part] *= left
        trust.slack[slot, part] *= left


@compiled
def residuals(ahead: Outlook, plots: Plots, plot_of: Whole, eye: Eye) -> tuple[Matrix, Matrix, Vector]:
    """How far each track's plot lies off, in standard deviations by axis, (n, 3); how much of that may last, (n, 3).

    And whether it fits, (n,): 1 or 0.
    """
    n = len(plot_of)
    off, slack, fits = np.zeros((n, 3)), np.zeros((n, 3)), np.zeros(n)
    for row in range(n):
        k = plot_of[row]
        if k < 0:
            continue
        seen = sight_of(plots, k, eye)
        residual, s, count = innovation(seen, eye, ahead, row, float(plots.t_s[k]) - ahead.t_s)
        distance2, _ = measure(s, residual, count)
        fits[row] = 1.0 if distance2 <= GATE[count - 2] else 0.0
        for part in range(count):
            noise = eye.range_sigma_m if part == 2 else eye.angle_sigma_rad
            whole = max(s[part, part], 1e-30)
            off[row, part] = min(max(residual[part] / sqrt(whole), -FURTHEST), FURTHEST)
            slack[row, part] = sqrt(max(whole - noise * noise, 0.0) / whole)
    return off, slack, fits


@compiled
def must_see(tracks: Tracks, row: int, ahead: Outlook, eye: Eye) -> bool:
    """Whether a look of this sensor at that track says something if it shows nothing."""
    if ahead.chance[row] < CLEAR_VIEW:
        return False
    if eye.ranged:
        return bool(ahead.in_view[row])
    here = ahead.mean[row]
    return tracks.chance[row, BOOST] > 0.9 and PLUME_M[0] < height(here[0], here[1], here[2]) < PLUME_M[1]


@compiled
def leaning_of(trust: Trust, slot: int) -> tuple[float, int]:
    """How far its plots lie off on average beyond what may be, and in range (2) or an angle; 0 while unknown."""
    if trust.weight[slot] < LEAST_LEANING:
        return 0.0, 0
    most, part = 0.0, 0
    for axis in range(3):
        size = (abs(trust.lean[slot, axis]) - SURE * trust.slack[slot, axis]) / trust.weight[slot]
        if size > most:
            most, part = size, axis
    return most, part


@compiled
def voices(ledger: Vector, leans: Flags) -> tuple[int, int]:
    """How many sensors hold a track, and how many deny it."""
    holders, deniers = 0, 0
    for slot in range(MAX_SENSORS):
        # Those whose plots strain the track that they hold bear no witness against others.
        holders += ledger[slot] > 0.0 and not leans[slot]
        deniers += ledger[slot] < DENIED
    return holders, deniers


@compiled
def testify(trust: Trust, tracks: Tracks, ahead: Outlook, plots: Plots, plot_of: Whole, eye: Eye) -> None:
    """Adds what one scan says of its sensor. `eye` has the declared errors, whatever the tracks were corrected with."""
    slot = eye.slot
    off, slack, fits = residuals(ahead, plots, plot_of, eye)
    sided, denies, lone, leaning = 0.0, 0.0, 0.0, 0.0
    lean, loose = np.zeros(3), np.zeros(3)
    leans = np.zeros(MAX_SENSORS, dtype=np.bool_)
    for other in range(MAX_SENSORS):
        leans[other] = leaning_of(trust, other)[0] > LEANS
    for row in range(len(tracks.t_s)):
        if tracks.status[row] != TRACKED:
            continue
        ledger: Vector = tracks.ledger[row]
        if plot_of[row] >= 0 and fits[row] > 0.0:
            ledger[slot] = 1.0
        elif must_see(tracks, row, ahead, eye):
            ledger[slot] = min(ledger[slot], 0.0) + log(1.0 - ahead.chance[row])
        elif plot_of[row] < 0:
            ledger[slot] = 0.0
        holders, deniers = voices(ledger, leans)
        mine = ledger[slot]
        if plot_of[row] >= 0 and holders - (mine > 0.0) > 0:
            leaning += 1.0
            for part in range(3):
                lean[part] += off[row, part]
                loose[part] += slack[row, part]
        if mine > 0.0 and deniers >= holders:
            lone += 1.0
        elif mine < DENIED and 0 < holders >= deniers:
            denies += 1.0
        elif (mine > 0.0 and holders > 1) or mine < DENIED:
            sided += 1.0
    # A raid testifies no louder than one vehicle: what counts is in how many looks.
    spoken = sided + denies + lone
    if spoken > 0.0:
        trust.agreed[slot] += sided / spoken
        trust.denied[slot] += denies / spoken
        trust.alone[slot] += lone / spoken
    if leaning > 0.0:
        trust.weight[slot] += 1.0
        for part in range(3):
            trust.lean[slot, part] += lean[part] / leaning
            trust.slack[slot, part] += loose[part] / leaning


@compiled
def against(trust: Trust, slot: int) -> int:
    """Why this sensor is to be doubted now; 0 for no reason, -1 if it does not clearly agree either."""
    untimely, timely = 0, 0
    for other in range(MAX_SENSORS):
        if trust.scans[other] > LEAST_SCANS:
            refused = trust.refused[other] > REFUSED * trust.scans[other]
            untimely += refused
            timely += not refused
    refused = trust.refused[slot] > REFUSED * trust.scans[slot]
    # One clock far ahead makes all others late: it is the fewer that are wrong.
    if trust.scans[slot] > LEAST_SCANS and (timely >= untimely if refused else 0 < timely <= untimely):
        return CLOCK
    spoken = trust.agreed[slot] + trust.denied[slot] + trust.alone[slot]
    wrong = (trust.denied[slot] + trust.alone[slot]) / max(spoken, 1e-9)
    if spoken >= LEAST_WEIGHT and wrong > AGAINST:
        return DENIES if trust.denied[slot] >= trust.alone[slot] else ALONE
    mine, part = leaning_of(trust, slot)
    worst = 0.0
    for other in range(MAX_SENSORS):
        worst = max(worst, leaning_of(trust, other)[0])
    if mine > LEANS and mine > BESIDE * worst:
        return LEFT_OVER_RANGE if part == 2 else LEFT_OVER_ANGLE
    unclear = spoken < 1.0 or wrong > AGREES or mine > STRAIGHT or trust.refused[slot] > AGREES * trust.scans[slot]
    return -1 if unclear else 0


@compiled
def judge_sensor(trust: Trust, slot: int, scan_s: float) -> None:
    """Doubts the sensor, or trusts it again once it has agreed for long enough."""
    reason = against(trust, slot)
    if reason > 0:
        trust.agrees_s[slot] = inf
        if trust.since_s[slot] == inf:
            trust.since_s[slot] = scan_s
            trust.why[slot] = reason
        return
    if trust.since_s[slot] == inf:
        return
    if reason < 0:
        trust.agrees_s[slot] = inf
        return
    trust.agrees_s[slot] = min(trust.agrees_s[slot], scan_s)
    if scan_s - trust.agrees_s[slot] >= AGREED_S:
        trust.since_s[slot] = inf
        trust.agrees_s[slot] = inf
        trust.why[slot] = 0


@compiled
def refuse(trust: Trust, eye: Eye, newest_s: float) -> None:
    """A scan of this sensor came from a time that cannot be."""
    fade(trust, eye, newest_s)
    trust.refused[eye.slot] += 1.0
    judge_sensor(trust, eye.slot, newest_s)


@compiled
def hear(trust: Trust, tracks: Tracks, ahead: Outlook, took: tuple[Plots, Whole, int], when: tuple[Eye, float]) -> None:
    """One scan of a sensor: what it says, the plot each track took of it, the plots that none took. In place.

    `when` is the sensor with its declared errors, whatever its plots count with, and the time of the scan.
    """
    plots, plot_of, spare = took
    eye, scan_s = when
    fade(trust, eye, scan_s)
    rate = 1.0 / max(MEMORY_PERIODS, MEMORY_S / eye.period_s)
    trust.spare[eye.slot] += rate * (spare - trust.spare[eye.slot])
    testify(trust, tracks, ahead, plots, plot_of, eye)
    judge_sensor(trust, eye.slot, scan_s)


def suspects(trust: Trust, sensors: Sequence[Sensor]) -> tuple[Suspect, ...]:
    """The suspect ones among these sensors, which are in the order of their slots."""
    return tuple(
        Suspect(sensor.name, WORDS[int(trust.why[slot])], float(trust.since_s[slot]))
        for slot, sensor in enumerate(sensors)
        if trust.since_s[slot] < inf
    )


def noisy(trust: Trust, slot: int, false_plots: float) -> bool:
    """Whether the sensor makes several times the false plots it declares."""
    return bool(trust.spare[slot] > NOISY * false_plots + NOISY_PLOTS)


def doubted(trust: Trust) -> Flags:
    """(64,) which sensors are suspect."""
    return trust.since_s < inf


def as_counted(trust: Trust, eye: Eye, false_plots: float) -> Eye:
    """The sensor as its plots count now: with larger errors while it is suspect, with the clutter it really makes."""
    if noisy(trust, eye.slot, false_plots):
        eye = eye._replace(clutter=eye.clutter * float(trust.spare[eye.slot]) / max(false_plots, 1e-3))
    if not doubted(trust)[eye.slot]:
        return eye
    return eye._replace(range_sigma_m=DOUBTED * eye.range_sigma_m, angle_sigma_rad=DOUBTED * eye.angle_sigma_rad)
