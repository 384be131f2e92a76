"""The arc through a handful of plots: as good as the Cramér-Rao bound, and silent when the plots bear none."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec import structs
from tests.instruments.warning.firing_range import infrared, long_boost, look, radar

from laurel.instruments.warning.records import Sensor
from laurel.instruments.warning.tracker.batch import Eyes, Fit, along, eyes_of, falls, fit
from laurel.instruments.warning.tracker.table import BIASES, FREE, SLOTS, eye_of
from laurel.physics.ballistics import propagate
from laurel.physics.compiled import Matrix, Vector
from laurel.physics.earth import geodetic_to_ecef
from laurel.physics.radar import radar_h

RUNS = 100
UNBIASED = np.full(SLOTS, -1)
SHOT = long_boost()


def columns(sensors: list[Sensor]) -> Eyes:
    return eyes_of([eye_of(sensor, slot) for slot, sensor in enumerate(sensors)])


def seen(sensors: list[Sensor], times_s: list[float], dice: np.random.Generator) -> Matrix:
    """(n, 5) true plots of the long boost, with noise."""
    rows: list[tuple[float, float, float, float, float]] = []
    for t_s in times_s:
        for slot, sensor in enumerate(sensors):
            scan = look(structs.replace(sensor, false_plots=0.0, detection=1.0), [SHOT], t_s, dice)
            rows += [(t_s, plot.azimuth_rad, plot.elevation_rad, plot.range_m or 0.0, slot) for plot in scan.plots]
    return np.array(rows)


def exact(sensors: list[Sensor], times_s: list[float], states: list[Vector]) -> Matrix:
    """(n, 5) plots without noise."""
    rows: list[tuple[float, ...]] = []
    for t_s, state in zip(times_s, states, strict=True):
        for slot, sensor in enumerate(sensors):
            site = geodetic_to_ecef(sensor.lat_deg, sensor.lon_deg, sensor.alt_m)
            away, azimuth, elevation = radar_h(state, site, columns(sensors).frame[slot]).tolist()
            rows.append((t_s, azimuth, elevation, away, slot))
    return np.array(rows)


def bound(sensors: list[Sensor], times_s: list[float]) -> Matrix:
    """(6, 6) the Cramér-Rao bound at the last plot."""
    information = np.zeros((FREE, FREE))
    plots = exact(sensors, times_s, [SHOT.at(t_s) for t_s in times_s])
    pulled = np.zeros((FREE, BIASES * SLOTS))
    along(SHOT.at(times_s[-1]), plots, columns(sensors), UNBIASED, information, np.zeros(FREE), pulled)
    return np.asarray(np.linalg.inv(information), dtype=np.float64)


def after_burnout(count: int, every_s: float = 1.0) -> list[float]:
    return [SHOT.burnout_s + 5.0 + every_s * i for i in range(count)]


@pytest.mark.parametrize("plots", [3, 4, 8, 30])
def test_an_arc_through_few_radar_plots_has_the_error_of_the_cramer_rao_bound(plots: int) -> None:
    sensors, times = [radar()], after_burnout(plots)
    arcs = [fit(seen(sensors, times, np.random.default_rng(run)), columns(sensors), UNBIASED) for run in range(RUNS)]
    assert all(arc.sound for arc in arcs)
    errors: Matrix = np.array([arc.mean - SHOT.at(times[-1]) for arc in arcs])
    least = bound(sensors, times)
    for part in (slice(0, 3), slice(3, 6)):
        ratio = np.sqrt((errors[:, part] ** 2).sum(axis=1).mean() / np.trace(least[part, part]))
        # The error of an error from 100 runs is some 6 % here.
        assert 0.85 < ratio < 1.15
    scores = [float(e @ np.linalg.solve(arc.cov, e)) for e, arc in zip(errors, arcs, strict=True)]
    nees = np.mean(scores)
    assert 5.0 < nees < 7.1
    misfit = np.mean([arc.misfit / arc.freedom for arc in arcs])
    assert 0.85 < misfit < 1.15


def test_radar_and_infrared_plots_together_make_one_arc() -> None:
    # No plume burns in free fall; the geometry is that of any two angles.
    sensors = [radar(), infrared()]
    times = after_burnout(10)
    states = [SHOT.at(t) for t in times]
    alone, both = (fit(exact(some, times, states), columns(some), UNBIASED) for some in (sensors[:1], sensors))
    assert both.sound
    assert np.linalg.norm(both.mean - states[-1]) < 1.0
    assert np.trace(both.cov[:3, :3]) < 0.9 * np.trace(alone.cov[:3, :3])


def test_two_satellites_alone_make_an_arc_and_one_makes_none() -> None:
    sensors = [infrared(), infrared("I2", lon_deg=90.0)]
    times = after_burnout(20)
    states = [SHOT.at(t) for t in times]
    both = fit(exact(sensors, times, states), columns(sensors), UNBIASED)
    assert both.sound
    assert np.linalg.norm(both.mean - states[-1]) < 10.0
    assert not fit(exact(sensors[:1], times, states), columns(sensors), UNBIASED).sound


def test_degenerate_plots_bear_no_arc_and_raise_nothing() -> None:
    sensors = [radar()]
    eyes, times = columns(sensors), after_burnout(4)
    plots = exact(sensors, times, [SHOT.at(t) for t in times])
    one_moment = plots.copy()
    one_moment[:, 0] = times[-1]
    broken = plots.copy()
    broken[1, 3] = np.nan
    for bad in (plots[:0], plots[:2], one_moment, broken, np.repeat(plots[:1], 4, axis=0)):
        assert not fit(bad, eyes, UNBIASED).sound


def test_plots_of_nonsense_end_in_no_arc_or_a_misfit_and_never_in_an_exception() -> None:
    sensors, dice = [radar(), infrared()], np.random.default_rng(5)
    eyes = columns(sensors)
    for _ in range(200):
        count = int(dice.integers(3, 12))
        plots = np.column_stack(
            [
                np.sort(dice.uniform(0.0, 30.0, count)),
                dice.uniform(-3.1, 3.1, count),
                dice.uniform(0.0, 1.5, count),
                dice.uniform(1e3, 2.5e6, count),
                dice.integers(0, 2, count).astype(np.float64),
            ]
        )
        arc: Fit = fit(plots, eyes, UNBIASED)
        assert not falls(arc) or np.linalg.norm(arc.mean[3:]) < 10_000.0


def test_a_motor_is_told_from_free_fall_by_the_misfit() -> None:
    near = radar(away_m=500e3, angle_sigma_rad=2e-4)
    eyes = columns([near])
    burning = [
        seen([near], [SHOT.burnout_s - 20.0 + i for i in range(8)], np.random.default_rng(run)) for run in range(20)
    ]
    falling = [seen([near], after_burnout(8), np.random.default_rng(run)) for run in range(20)]
    assert not any(falls(fit(plots, eyes, UNBIASED)) for plots in burning)
    assert sum(falls(fit(plots, eyes, UNBIASED)) for plots in falling) >= 19


def test_the_pull_of_a_bias_is_what_a_biased_sensor_does() -> None:
    sensors, times = [radar()], after_burnout(12, 2.0)
    eyes = columns(sensors)
    slots = np.array([0, -1, -1, -1, -1, -1])
    true = exact(sensors, times, [SHOT.at(t) for t in times])
    clean = fit(true, eyes, slots)
    late = exact(sensors, times, [propagate(SHOT.at(t), -0.1, 0.0) for t in times])
    for kind, (column, bias) in enumerate(((3, 30.0), (1, 5e-4), (2, 5e-4), (0, 0.1))):
        read = late.copy() if kind == 3 else true.copy()
        if kind < 3:
            read[:, column] += bias
        moved = fit(read, eyes, slots).mean - clean.mean
        foretold = clean.pull[:, kind] * bias
        assert np.linalg.norm(moved[:3] - foretold[:3]) < 0.05 * np.linalg.norm(moved[:3]) + 1.0
        assert np.linalg.norm(moved[3:] - foretold[3:]) < 0.05 * np.linalg.norm(moved[3:]) + 0.1
