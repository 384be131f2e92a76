"""Members' tracks become system tracks."""

from __future__ import annotations

from datetime import timedelta
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from tests.instruments.warning.flights import (
    BURNOUT,
    after,
    coasting,
    covariance_of,
    into_the_sea_of_japan,
    launch_at,
    over_japan,
    reported,
    state_of,
    track_of,
)

from laurel.instruments.warning.fuse import associate, carried, estimate_of, fuse, intersect, plausible, timely
from laurel.instruments.warning.picture_types import MemberTrack
from laurel.instruments.warning.records import Phase, TrackState
from laurel.physics.compiled import Matrix


def names(groups: list[tuple[MemberTrack, ...]]) -> list[list[str]]:
    return [[one.name for one in group] for group in groups]


def three_members() -> list[MemberTrack]:
    """One missile as three members report it, at different times and with different errors."""
    noise = np.random.default_rng(3)
    flight = over_japan()
    return [
        reported("JPN", track_of(flight, 101.0, first_s=-100.0, noise=noise)),
        reported("KOR", track_of(flight, 100.0, first_s=-130.0, position_m=400.0, speed_mps=8.0, noise=noise)),
        reported("USA", track_of(flight, 96.0, first_s=-60.0, position_m=50.0, speed_mps=1.0, noise=noise)),
    ]


def test_what_three_members_see_of_one_missile_is_one_thing_named_after_its_first_plot() -> None:
    assert names(associate(three_members())) == [["KOR-1", "JPN-1", "USA-1"]]


def test_two_missiles_side_by_side_stay_two() -> None:
    noise = np.random.default_rng(5)
    first, second = into_the_sea_of_japan(), coasting(39.3, 127.9, 90e3, 85.0, 2_400.0, 45.0)
    reports = [
        reported(member, track_of(flight, t, number=number, noise=noise))
        for member, t in (("JPN", 100.0), ("KOR", 101.0), ("USA", 98.0))
        for number, flight in ((1, first), (2, second))
    ]
    assert names(associate(reports)) == [["JPN-1", "KOR-1", "USA-1"], ["JPN-2", "KOR-2", "USA-2"]]


def test_two_tracks_of_one_member_at_one_time_are_two_things_however_near() -> None:
    flight = over_japan()
    reports = [
        reported("JPN", track_of(flight, 100.0, number=1)),
        reported("JPN", track_of(flight, 100.0, number=2, first_s=-50.0)),
        reported("KOR", track_of(flight, 100.0, number=1)),
    ]
    groups = associate(reports)
    assert sorted(len(group) for group in groups) == [1, 2]
    assert all(len({one.member for one in group}) == len(group) for group in groups)


def test_a_track_that_its_member_lost_and_found_again_is_one_thing() -> None:
    flight = over_japan()
    lost = track_of(flight, 100.0, number=1, state=TrackState.LOST)
    again = track_of(flight, 400.0, number=2, first_s=380.0)
    assert names(associate([reported("JPN", again), reported("JPN", lost)])) == [["JPN-1", "JPN-2"]]


def test_tracks_launched_at_different_times_are_two_things() -> None:
    flight = over_japan()
    early = track_of(flight, 100.0, launch=launch_at(40.6, 126.4))
    late = track_of(flight, 100.0, launch=launch_at(40.6, 126.4, BURNOUT))
    assert len(associate([reported("JPN", early), reported("KOR", late)])) == 2
    assert len(associate([reported("JPN", early), reported("KOR", structs.replace(late, launch=None))])) == 1


@given(order=st.permutations(range(9)))
@settings(max_examples=25, deadline=None)
def test_the_order_of_the_reports_does_not_matter(order: list[int]) -> None:
    noise = np.random.default_rng(8)
    flights = [into_the_sea_of_japan(), coasting(39.3, 127.6, 90e3, 85.0, 2_400.0, 45.0), over_japan()]
    reports = [
        reported(member, track_of(flight, 90.0 + number, number=number, noise=noise))
        for member in ("JPN", "KOR", "USA")
        for number, flight in enumerate(flights, start=1)
    ]
    expected = associate(reports)
    shuffled = associate([reports[index] for index in order])
    assert shuffled == expected
    for one, other in zip(shuffled, expected, strict=True):
        assert fuse(one).state.tobytes() == fuse(other).state.tobytes()
        assert fuse(one).covariance.tobytes() == fuse(other).covariance.tobytes()


def test_a_hundred_missiles_seen_by_three_members_are_a_hundred_things() -> None:
    noise = np.random.default_rng(13)
    flights = [
        coasting(39.0 + 0.15 * (n // 10), 126.0 + 0.15 * (n % 10), 90e3, 85.0, 2_400.0, 45.0) for n in range(100)
    ]
    reports = [
        reported(member, track_of(flight, 60.0 + t, number=number, noise=noise))
        for t, member in enumerate(("JPN", "KOR", "USA"))
        for number, flight in enumerate(flights, start=1)
    ]
    groups = associate(reports)
    assert len(groups) == 100
    assert all({one.track.number for one in group} == {group[0].track.number} for group in groups)


# Where it is


def test_the_fused_state_is_as_of_the_latest_report_and_near_the_truth() -> None:
    fused = fuse(three_members())
    assert fused.at == after(101.0)
    error = fused.state - state_of(over_japan(), 101.0)
    assert np.linalg.norm(error[:3]) < 3.0 * np.sqrt(np.trace(fused.covariance[:3, :3]))
    assert float(error @ np.linalg.solve(fused.covariance, error)) < 22.5


def test_a_state_that_is_carried_on_widens_as_it_truly_does() -> None:
    flight = over_japan()
    start = track_of(flight, 100.0, position_m=200.0, speed_mps=3.0)
    wide = carried(estimate_of(start), Phase.COAST, after(400.0))
    noise = np.random.default_rng(21)
    ends = np.array(
        [
            carried(
                estimate_of(track_of(flight, 100.0, position_m=200.0, speed_mps=3.0, noise=noise)),
                Phase.COAST,
                after(400.0),
            ).state
            for _ in range(400)
        ]
    )
    assert np.linalg.norm(wide.state[:3] - state_of(flight, 400.0)[:3]) < 1.0
    ratio = np.sqrt(np.diag(np.cov(ends.T)) / np.diag(wide.covariance))
    assert np.abs(ratio - 1.0).max() < 0.15


def test_what_may_still_burn_widens_faster() -> None:
    start = estimate_of(track_of(over_japan(), 100.0))
    coast, boost = (carried(start, phase, after(130.0)) for phase in (Phase.COAST, Phase.BOOST))
    assert np.trace(boost.covariance[:3, :3]) > 100.0 * np.trace(coast.covariance[:3, :3])


def test_a_state_that_meets_the_ground_stays_there() -> None:
    flight = into_the_sea_of_japan()
    landed = carried(estimate_of(track_of(flight, 400.0)), Phase.COAST, after(1_000.0))
    assert abs((landed.at - after(flight.impact_t_s)).total_seconds()) < 2.0
    assert np.linalg.norm(landed.state[:3] - state_of(flight, flight.impact_t_s)[:3]) < 5_000.0


def test_equal_estimates_gain_nothing_because_their_errors_may_be_the_same() -> None:
    mean, covariance = state_of(over_japan(), 50.0), covariance_of(100.0, 2.0)
    fused, spread = intersect(np.array([mean, mean, mean]), np.array([covariance] * 3))
    assert np.allclose(fused, mean)
    assert np.allclose(spread, covariance)


def test_an_estimate_that_says_nothing_changes_nothing() -> None:
    mean, covariance = state_of(over_japan(), 50.0), covariance_of(100.0, 2.0)
    useless = mean + np.array([50e3, 50e3, 50e3, 50.0, 50.0, 50.0])
    fused, spread = intersect(np.array([mean, useless]), np.array([covariance, 1e8 * covariance]))
    assert np.allclose(fused, mean, atol=1.0)
    assert np.allclose(spread, covariance, rtol=1e-3)


def test_two_that_see_well_across_each_other_are_better_together() -> None:
    first, second = np.diag([1.0, 100.0]), np.diag([100.0, 1.0])
    mean, spread = intersect(np.array([[0.0, 5.0], [5.0, 0.0]]), np.array([first, second]))
    assert np.linalg.det(spread) < 0.1 * np.linalg.det(first)
    assert np.abs(mean).max() < 1.0


@given(seed=st.integers(0, 2**32 - 1), shared=st.floats(0.0, 1.0))
@settings(max_examples=40, deadline=None)
def test_the_fused_covariance_is_honest_however_much_of_the_error_is_shared(seed: int, shared: float) -> None:
    # Roots L of the covariances L L'; errors that are fully shared are L1 and L2 times the same numbers.
    roots: list[Matrix] = [np.tril(root) + 2.0 * np.eye(3) for root in np.random.default_rng(seed).random((2, 3, 3))]
    a, b = (root @ root.T for root in roots)
    both = np.array([a, b])
    _, claimed = intersect(np.zeros((2, 3)), both)
    # The weights that gave it: x = k x1 + (1 - k) x2, from the same rule applied to unit vectors.
    columns = [intersect(np.array([unit * 1e-6, np.zeros(3)]), both)[0] * 1e6 for unit in np.eye(3)]
    k: Matrix = np.array(columns).T
    rest: Matrix = np.eye(3) - k
    cross: Matrix = shared * (roots[0] @ roots[1].T)
    actual: Matrix = k @ a @ k.T + rest @ b @ rest.T + k @ cross @ rest.T + rest @ cross.T @ k.T
    assert np.linalg.eigvalsh(claimed - actual).min() > -1e-6


def test_estimates_that_contradict_each_other_are_believed_less() -> None:
    covariance = covariance_of(100.0, 2.0)
    here = state_of(over_japan(), 50.0)
    there = here + np.array([3_000.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    _, spread = intersect(np.array([here, there]), np.array([covariance, covariance]))
    assert np.sqrt(spread[0, 0]) > 300.0


# What others may send


@pytest.mark.parametrize("bad", [nan, inf, 1e300])
def test_a_report_that_is_no_state_is_not_drawn(bad: float) -> None:
    good = track_of(over_japan(), 100.0)
    x, y, _ = good.position_ecef_m
    assert plausible(good)
    assert not plausible(structs.replace(good, position_ecef_m=(x, y, bad)))
    assert not plausible(structs.replace(good, covariance=(bad, *good.covariance[1:])))
    assert not plausible(structs.replace(good, covariance=good.covariance[:5]))
    assert not plausible(structs.replace(good, position_ecef_m=(0.0, 0.0, 0.0)))
    assert not plausible(structs.replace(good, velocity_ecef_mps=(9e4, 0.0, 0.0)))


def test_a_report_from_the_future_or_with_times_in_disorder_is_not_drawn() -> None:
    good = track_of(over_japan(), 100.0)
    assert timely(good, after(100.0))
    assert not timely(good, after(20.0))
    assert not timely(structs.replace(good, first_at=good.at + timedelta(seconds=1)), after(100.0))


@given(numbers=st.lists(st.floats(-1e17, 1e17), min_size=21, max_size=21))
@settings(max_examples=60, deadline=None)
def test_any_numbers_for_a_covariance_give_a_covariance(numbers: list[float]) -> None:
    track = structs.replace(track_of(over_japan(), 100.0), covariance=tuple(numbers))
    covariance = estimate_of(track).covariance
    assert np.isfinite(covariance).all()
    assert (np.diag(covariance) > 0.0).all()
    other = reported("KOR", track_of(over_japan(), 100.0))
    fused = fuse([reported("JPN", track), other])
    assert np.isfinite(fused.state).all()
    assert np.isfinite(fused.covariance).all()
