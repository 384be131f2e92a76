"""Tracks of several members are fused by what they are made of: no plot counts twice, none is lost."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from tests.instruments.warning.countries import Countries, everyone
from tests.instruments.warning.firing_range import NOON, long_boost, radar
from tests.instruments.warning.flights import reported

from laurel.instruments.warning.fuse import fuse
from laurel.instruments.warning.information import intersect, overlap, together
from laurel.instruments.warning.pedigree import contains, distinct, families
from laurel.instruments.warning.picture_types import MemberTrack
from laurel.instruments.warning.records import Sensor, Source
from laurel.physics.compiled import Matrix

NEVER_SMALLER, AS_GOOD = 0.99, 1.01


def source(sensor: str, first_s: float = 0.0, last_s: float = 60.0, plots: int = 60) -> Source:
    return Source(sensor, NOON + timedelta(seconds=first_s), NOON + timedelta(seconds=last_s), plots)


# What two tracks have in common


def test_tracks_that_share_a_sensor_are_one_family_and_so_are_those_linked_by_others() -> None:
    alone, ours, both, theirs = (
        [source("JPN/A")],
        [source("KOR/B")],
        [source("KOR/B"), source("USA/C")],
        [source("USA/C")],
    )
    assert families([alone, ours, both, theirs]) == [[0], [1, 2, 3]]
    assert families([ours, theirs, both]) == [[0, 1, 2]]
    assert families([alone, ours, theirs]) == [[0], [1], [2]]


def test_a_track_is_contained_in_another_when_all_its_plots_are() -> None:
    larger = [source("JPN/A"), source("USA/C", 10.0, 50.0, 40)]
    assert contains(larger, [source("USA/C", 10.0, 50.0, 40)])
    assert contains(larger, [source("USA/C", 12.0, 49.0, 30)])
    assert not contains(larger, [source("USA/C", 10.0, 51.0, 40)])
    assert not contains(larger, [source("USA/C", 10.0, 50.0, 41)])
    assert not contains(larger, [source("USA/C", 10.0, 50.0, 40), source("KOR/B")])
    assert distinct([[source("USA/C", 10.0, 50.0, 40)], larger], [0, 1]) == [1]
    assert distinct([larger, larger], [0, 1]) == [0]


# The rules of fusion


def covariances(seed: int, count: int) -> Matrix:
    roots: Matrix = np.tril(np.random.default_rng(seed).normal(size=(count, 6, 6))) + 2.0 * np.eye(6)
    return roots @ roots.transpose(0, 2, 1)


def inverted(matrix: Matrix) -> Matrix:
    return np.linalg.inv(matrix).astype(np.float64)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_what_shares_nothing_is_added_exactly(seed: int) -> None:
    two = covariances(seed, 2)
    means = 0.1 * np.random.default_rng(seed).normal(size=(2, 6))
    nothing = np.array([1e12 * np.eye(6)] * 2)
    mean, covariance = together(means, two, means, nothing, np.zeros((6, 6)))
    information: Matrix = inverted(two)
    exact: Matrix = inverted(information.sum(axis=0))
    assert np.allclose(covariance, exact, rtol=1e-6, atol=1e-9)
    assert np.allclose(mean, exact @ (information @ means[:, :, None]).sum(axis=0)[:, 0], rtol=1e-6, atol=1e-8)


@given(seed=st.integers(0, 2**32 - 1), shared=st.floats(0.0, 1.0))
@settings(max_examples=50, deadline=None)
def test_plots_shared_in_part_never_count_twice_and_help_more_than_plain_intersection(seed: int, shared: float) -> None:
    # Information of three independent looks: the first two tracks both hold the third.
    information: Matrix = inverted(covariances(seed, 3))
    own_a, own_b, both = information
    tracks: Matrix = inverted(np.array([own_a + shared * both, own_b + shared * both]))
    central: Matrix = inverted(own_a + own_b + shared * both)
    _, fused = overlap(np.zeros((2, 6)), tracks)
    _, plain = intersect(np.zeros((2, 6)), tracks)
    scale = float(np.abs(central).max())
    assert np.linalg.eigvalsh(fused - central).min() > -1e-6 * scale
    assert np.linalg.eigvalsh(plain - fused).min() > -1e-6 * scale


def test_what_every_tracker_errs_by_alike_is_not_averaged_away() -> None:
    own = 3.0 * np.eye(6)
    for shared, floor in ((0.04 * np.eye(6), 0.04), (4.0 * np.eye(6), 2.0)):
        claimed = np.array([own + shared] * 100)
        _, covariance = together(np.zeros((100, 6)), claimed, np.zeros((100, 6)), 1e12 * claimed, shared)
        assert covariance[0, 0] > floor
        assert covariance[0, 0] < own[0, 0] + shared[0, 0] + 1e-9


def test_estimates_that_contradict_each_other_are_believed_less() -> None:
    means = np.array([np.zeros(6), [9.0, 0.0, 0.0, 0.0, 0.0, 0.0]])
    two = np.array([np.eye(6)] * 2)
    for _, covariance in (overlap(means, two), together(means, two, means, 1e12 * two, np.zeros((6, 6)))):
        assert covariance[0, 0] > 3.0


# Against a central filter


@pytest.mark.parametrize("seed", [1, 2])
def test_three_members_with_a_radar_each_know_together_what_one_with_all_three_would_know(seed: int) -> None:
    shot, dice = long_boost(), np.random.default_rng(seed)
    countries = Countries(everyone())
    countries.knowing_nothing_but_free_fall(shot, 280.0, dice)
    for start_s, end_s in ((280, 340), (340, 400), (400, 460)):
        countries.watch([shot], [float(t) for t in range(start_s, end_s)], dice)
        moment = countries.moment()
        assert len(moment.reports) == 3
        assert moment.ratios[0] > NEVER_SMALLER
        # The noise that all share is borne as the best of them bears it, which is a little too much.
        assert moment.ratios[-1] < (AS_GOOD if end_s <= 340 else 1.05)


@pytest.mark.parametrize("seed", [3, 4])
def test_members_that_saw_the_motor_burn_never_claim_more_than_one_with_all_their_plots(seed: int) -> None:
    shot, dice = long_boost(), np.random.default_rng(seed)
    countries = Countries(everyone())
    countries.watch([shot], [float(t) for t in range(100, 220)], dice)
    for start_s, end_s in ((220, 235), (235, 250), (250, 280), (280, 400)):
        countries.watch([shot], [float(t) for t in range(start_s, end_s)], dice)
        assert countries.moment().ratios[0] > NEVER_SMALLER


def two_routes(away_m: float = 900e3) -> dict[str, list[Sensor]]:
    """Korea holds its own radar and Japan's; Japan its own; America nothing but Japan's."""
    japan = radar("R1", 190.0, 800e3, false_plots=0.0)
    theirs = structs.replace(japan, owner="JPN")
    return {"JPN": [japan], "KOR": [radar("R2", 60.0, away_m, false_plots=0.0), theirs], "USA": [theirs]}


@pytest.mark.parametrize("late_s", [0.0, 3.0])
def test_a_rumour_that_comes_back_by_another_route_adds_nothing(late_s: float) -> None:
    shot, dice = long_boost(), np.random.default_rng(7)
    countries = Countries(two_routes(), late_s)
    countries.watch([shot], [float(t) for t in range(110, 240)], dice)
    for start_s, end_s in ((240, 270), (270, 300), (300, 360)):
        countries.watch([shot], [float(t) for t in range(start_s, end_s)], dice)
        moment = countries.moment()
        assert {one.sensor for report in moment.reports for one in report.track.pedigree} == {"JPN/R1", "KOR/R2"}
        assert moment.ratios[0] > NEVER_SMALLER


def test_the_same_plots_by_three_routes_are_worth_what_they_are_by_one() -> None:
    shot, dice = long_boost(), np.random.default_rng(9)
    japan = radar("R1", 190.0, 800e3, false_plots=0.0)
    theirs = structs.replace(japan, owner="JPN")
    countries = Countries({"JPN": [japan], "KOR": [theirs], "USA": [theirs]})
    countries.watch([shot], [float(t) for t in range(110, 300)], dice)
    moment = countries.moment()
    assert len(moment.reports) == 3
    assert np.allclose(moment.fused.covariance, moment.central.covariance, rtol=1e-9)


def nees_of(seeds: int) -> float:
    found: list[float] = []
    for seed in range(seeds):
        shot, dice = long_boost(), np.random.default_rng(100 + seed)
        countries = Countries(everyone())
        countries.knowing_nothing_but_free_fall(shot, 280.0, dice)
        countries.watch([shot], [float(t) for t in range(280, 340)], dice)
        found.append(countries.moment().nees(shot))
    return float(np.mean(found))


def test_a_fused_track_is_as_wrong_as_it_says() -> None:
    # 6 degrees of freedom, 10 runs: 99.9 % of honest filters lie within 3.0 and 10.3.
    assert 3.0 < nees_of(10) < 10.3


@pytest.mark.long
def test_a_fused_track_is_as_wrong_as_it_says_in_sixty_runs() -> None:
    # 95 % of honest filters lie within 5.16 and 6.91.
    assert 5.16 < nees_of(60) < 6.91


# The same on every node


@given(order=st.permutations(range(3)))
@settings(max_examples=6, deadline=None)
def test_every_node_fuses_to_the_last_bit_alike_in_whatever_order_reports_came(order: list[int]) -> None:
    reports = _three_reports()
    one, other = fuse(reports), fuse([reports[index] for index in order])
    assert one.at == other.at
    assert one.state.tobytes() == other.state.tobytes()
    assert one.covariance.tobytes() == other.covariance.tobytes()


@cache
def _three_reports() -> list[MemberTrack]:
    countries = Countries(everyone())
    countries.watch([long_boost()], [float(t) for t in range(110, 300)], np.random.default_rng(5))
    return countries.moment().reports


def test_without_a_pedigree_it_is_covariance_intersection() -> None:
    reports = _three_reports()
    silent = [reported(one.member, structs.replace(one.track, pedigree=())) for one in reports]
    half = [reports[0], *silent[1:]]
    volumes = [float(np.linalg.slogdet(fuse(some).covariance)[1]) for some in (reports, half, silent)]
    assert volumes[0] < volumes[1]
    assert volumes[1] == pytest.approx(volumes[2], rel=1e-6)
