"""Many vehicles at once, and many plots of nothing."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from tests.instruments.warning.firing_range import (
    Shot,
    covariance,
    flown,
    followed,
    infrared,
    look,
    radar,
    seconds,
)

from laurel.instruments.warning.records import SensorKind, TrackState
from laurel.instruments.warning.tracker import Tracker
from laurel.physics.boost import Site
from laurel.physics.vehicles import MRBM


def raid(count: int, dice: np.random.Generator) -> list[Shot]:
    """So many launches within a minute from an area of 220 km by 220 km."""
    return [
        Shot(
            flown(
                MRBM,
                float(dice.uniform(85.0, 130.0)),
                float(dice.uniform(5.0, 9.0)),
                Site(40.0 + float(dice.uniform(-1.0, 1.0)), 128.0 + float(dice.uniform(-1.3, 1.3))),
            ),
            float(dice.uniform(0.0, 60.0)),
        )
        for _ in range(count)
    ]


def test_100_vehicles_amid_false_plots_keep_their_numbers() -> None:
    dice = np.random.default_rng(3)
    shots = raid(100, dice)
    sensors = [
        radar("R1", bearing_deg=125.0, away_m=750e3, false_plots=5.0),
        radar("R2", bearing_deg=165.0, away_m=800e3, false_plots=5.0),
        radar("R3", bearing_deg=103.0, away_m=900e3, false_plots=5.0),
        infrared(),
    ]
    tracker = Tracker(sensors)
    numbers: dict[int, set[int]] = defaultdict(set)
    owners: dict[int, set[int]] = defaultdict(set)
    strays: set[int] = set()
    for t in range(90, 210):
        for nth, sensor in enumerate(sensors):
            t_s = t + 0.2 * nth
            truth = np.array([shot.at(t_s)[:3] for shot in shots if shot.flies(t_s)])
            flying = [i for i, shot in enumerate(shots) if shot.flies(t_s)]
            for track in followed(tracker.update(look(sensor, shots, t_s, dice))):
                if track.kinds == (SensorKind.INFRARED,):
                    # It does not claim to know which of many it is.
                    continue
                away = np.linalg.norm(truth - np.array(track.position_ecef_m), axis=1)
                if away.min() > 5.0 * np.sqrt(np.trace(covariance(track)[:3, :3])) + 200.0:
                    strays.add(track.number)
                    continue
                who = flying[int(away.argmin())]
                numbers[who].add(track.number)
                owners[track.number].add(who)
    assert len(numbers) == 100
    assert sum(len(held) == 1 for held in numbers.values()) >= 95
    assert sum(len(held) == 1 for held in owners.values()) >= 0.95 * len(owners)
    assert len(strays) <= 3
    live = tracker.memory.tracks.number > 0
    assert 98 <= int(live.sum()) <= 103


@pytest.mark.parametrize(("false_plots", "period_s", "scans"), [(5.0, 1.0, 600), (50.0, 1.0, 300), (20.0, 10.0, 300)])
def test_false_plots_alone_make_no_track(false_plots: float, period_s: float, scans: int) -> None:
    sensors = [
        radar(f"R{i}", bearing_deg=70.0 * i, away_m=600e3, false_plots=false_plots, period_s=period_s) for i in range(3)
    ]
    tracker, dice = Tracker(sensors), np.random.default_rng(8)
    for nth in range(scans):
        for sensor in sensors:
            assert tracker.update(look(sensor, [], nth * period_s, dice)) == []


def test_numbers_count_from_one_and_are_never_used_twice() -> None:
    dice = np.random.default_rng(9)
    site = radar(bearing_deg=125.0, away_m=700e3)
    shots = raid(8, dice)
    tracker = Tracker([site])
    said = [track for t in range(90, 160) for track in tracker.update(look(site, shots, float(t), dice))]
    said += [track for t in range(160, 220) for track in tracker.update(look(site, [], float(t), dice))]
    said += [track for t in range(220, 280) for track in tracker.update(look(site, shots, float(t), dice))]
    first_said = list(dict.fromkeys(track.number for track in said))
    assert first_said == list(range(1, len(first_said) + 1))
    lost = [track.number for track in said if track.state is TrackState.LOST]
    assert len(lost) == len(set(lost)) >= 8
    ended = {
        number: max(seconds(t.at) for t in said if t.number == number and t.state is TrackState.LOST) for number in lost
    }
    assert all(seconds(track.at) <= ended[track.number] for track in said if track.number in ended)
