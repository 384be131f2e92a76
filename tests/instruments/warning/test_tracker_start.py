"""How tracks start: fast radars, slow radars, and few false starts in a crowd."""

from __future__ import annotations

import numpy as np
import pytest
from tests.instruments.warning.firing_range import Shot, flown, followed, long_boost, look, nees, radar, seconds, watch
from tests.instruments.warning.test_tracker_raid import raid

from laurel.instruments.warning.tracker import Tracker
from laurel.instruments.warning.tracker.table import TENTATIVE
from laurel.physics.vehicles import MRBM


@pytest.mark.parametrize(("period_s", "within_s"), [(0.05, 2.0), (0.1, 2.0), (1.0, 8.0), (10.0, 60.0)])
def test_radars_of_every_period_start_a_track(period_s: float, within_s: float) -> None:
    shot = long_boost()
    site = radar(period_s=period_s, away_m=600e3)
    for seed in range(3):
        tracker, dice = Tracker([site]), np.random.default_rng(seed)
        times = [200.0 + period_s * i for i in range(int(within_s / period_s) + 1)]
        said = followed(watch(tracker, [site], [shot], times, dice))
        assert {track.number for track in said} == {1}
        assert seconds(said[0].first_at) < 200.0 + 3.0 * period_s + 0.5


def test_a_track_that_starts_in_free_fall_is_at_once_as_sure_as_its_plots_allow() -> None:
    shot = long_boost()
    site = radar()
    scores: list[float] = []
    for seed in range(20):
        times = [shot.burnout_s + 10.0 + i for i in range(12)]
        said = followed(watch(Tracker([site]), [site], [shot], times, np.random.default_rng(seed)))
        scores.append(nees(said[-1], shot))
    assert 3.0 < np.mean(scores) < 9.0


def test_a_crowd_does_not_start_more_tracks_than_it_has_vehicles() -> None:
    dice = np.random.default_rng(3)
    shots = raid(100, dice)
    sites = [radar(f"R{i}", bearing_deg=bearing, away_m=750e3, false_plots=5.0) for i, bearing in enumerate((125, 165))]
    tracker = Tracker(sites)
    most = 0
    for t in range(90, 150):
        for site in sites:
            tracker.update(look(site, shots, float(t), dice))
        flying = sum(shot.flies(float(t)) for shot in shots)
        tentative = int((tracker.memory.tracks.status == TENTATIVE).sum())
        most = max(most, tentative)
        assert tentative < max(20, 0.75 * flying)
    assert most > 0


def test_two_vehicles_launched_together_start_as_two() -> None:
    site = radar(away_m=500e3)
    pair = [Shot(flown(MRBM, 100.0, 7.0)), Shot(flown(MRBM, 100.0, 7.0), 4.0)]
    times = [float(t) for t in range(60, 160)]
    for seed in range(3):
        said = watch(Tracker([site]), [site], pair, times, np.random.default_rng(seed))
        assert len({track.number for track in followed(said) if seconds(track.at) > 150.0}) == 2
