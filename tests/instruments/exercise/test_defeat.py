"""What stops missiles in an exercise: cases worked by hand, and what holds of every raid."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise, product
from math import exp, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import Generator, default_rng

from laurel.core.record import World
from laurel.instruments.exercise import defeat
from laurel.instruments.exercise.defeat.arsenal import INTERCEPTORS, BadArsenal, Battery, Interceptor
from laurel.instruments.exercise.defeat.assignment import assign, gained, greedy, optimal
from laurel.instruments.exercise.defeat.engage import distribution, engage
from laurel.instruments.exercise.defeat.play import LiveWorld, Play
from laurel.instruments.exercise.defeat.raid import Caveat, Doctrine, Raid, Sharing, Sight, chances, tracks_for
from laurel.instruments.exercise.defeat.wave import Table
from laurel.instruments.exercise.defeat.window import Threat, threat, window
from laurel.physics.boost import Site, launch
from laurel.physics.compiled import Matrix, Numbers
from laurel.physics.earth import enu_matrix, geodetic_to_ecef
from laurel.physics.vehicles import MRBM

PLAY = Play(World("camp-david", "freedom-27"))
SPEED_MPS = 2_000.0
PLAIN = Interceptor("as worked by hand", SPEED_MPS, 0.0, 500e3, 40e3, 150e3, 1_000.0, hit=0.7)
ONE_BY_ONE = Doctrine(salvo=1, look_s=10.0, last=1)


def falling(name: str = "A", aimed_at: str | None = "JPN", east_m: float = 0.0) -> Threat:
    """From 200 km straight down at 2 km/s, so far east of 36 N 138 E."""
    t_s = np.arange(0.0, 100.0)
    up = enu_matrix(36.0, 138.0).T
    heights = 200e3 - SPEED_MPS * t_s
    position = geodetic_to_ecef(36.0, 138.0, 0.0) + np.array([up @ (east_m, 0.0, height) for height in heights])
    return Threat(name, aimed_at, 1.0, t_s, position, heights)


def battery(name: str = "B", member: str = "JPN", rounds: int = 8, channels: int = 8) -> Battery:
    """Under the falling threat, with interceptors as fast as it."""
    return Battery(name, member, 36.0, 138.0, 0.0, PLAIN, rounds, channels, reaction_s=0.0)


def raid(*threats: Threat, batteries: tuple[Battery, ...] = (battery(),), **changed: Any) -> Raid:
    """Seen by Japan from the start, without error."""
    sights = tuple(Sight("JPN", one.name, 0.0, 0.0) for one in threats)
    return replace(Raid(PLAY, threats, batteries, sights, ONE_BY_ONE), **changed)


def leak(one: Raid) -> float:
    """The chance that all shots miss."""
    shots = engage(replace(one, batteries=tuple(never_hits(held) for held in one.batteries)), default_rng(1)).shots
    return (1.0 - PLAIN.hit) ** sum(shot.rounds for shot in shots)


def never_hits(held: Battery) -> Battery:
    return replace(held, interceptor=replace(held.interceptor, hit=1e-9))


def test_a_meeting_is_where_both_have_flown_as_long() -> None:
    # Height 200 - 2t km; the interceptor climbs 2 km/s: launched at 0 it meets at 50 s, 100 km high; at 60 s, at 80 s.
    meeting = window(battery(), falling())
    assert meeting.first(0.0) == pytest.approx((0.0, 50.0), abs=0.1)
    assert meeting.first(59.9) == pytest.approx((60.0, 80.0), abs=0.1)
    assert meeting.first(60.1) is None, "it would be met below 40 km"


def test_shoot_look_shoot_gives_two_shots_where_two_fit() -> None:
    one = raid(falling(), doctrine=Doctrine(salvo=1, look_s=9.9, last=1))
    shots = engage(replace(one, batteries=(never_hits(battery()),)), default_rng(1)).shots
    assert [(shot.launched_s, shot.meets_s) for shot in shots] == [
        (pytest.approx(0.0, abs=0.1), 50.0),
        (pytest.approx(60.0, abs=0.1), 80.0),
    ]
    assert leak(one) == pytest.approx(0.3**2)
    runs = distribution(one, 4_000, seed=7)
    assert np.mean(runs.leaked) == pytest.approx(0.09, abs=3 * sqrt(0.09 * 0.91 / 4_000))


def test_where_no_other_look_is_possible_the_last_salvo_is_larger() -> None:
    one = raid(falling(), doctrine=Doctrine(salvo=1, look_s=9.9, last=3))
    shots = engage(replace(one, batteries=(never_hits(battery()),)), default_rng(1)).shots
    assert [shot.rounds for shot in shots] == [1, 3]


def test_a_partners_track_costs_its_latency_and_its_error() -> None:
    ours = battery("K", "KOR")
    shared = {("JPN", "KOR"): Sharing(latency_s=25.0, error_m=500.0)}
    late = raid(falling(), batteries=(ours,), sharing=shared)
    # Launched at 25 s it is met at 62.5 s; a second would be met below 40 km.
    (shot,) = engage(late, default_rng(1)).shots
    assert (shot.launched_s, shot.meets_s) == (pytest.approx(26.0, abs=0.1), 63.0)
    assert shot.chance == pytest.approx(0.7 * (1 - exp(-0.5 * (1_000 / 500) ** 2)))
    assert engage(raid(falling(), batteries=(ours,)), default_rng(1)).shots == (), "nothing is shared"


def test_an_even_burn_is_flown_as_the_textbook_has_it() -> None:
    kind = replace(PLAIN, burn_s=10.0)
    assert kind.time_of_flight(np.array([2_500.0, 10_000.0, 30_000.0])) == pytest.approx([5.0, 10.0, 20.0])


@pytest.mark.parametrize(
    ("caveat", "leaked"),
    [
        (Caveat("KOR"), 0.3**2),
        (Caveat("KOR", own_area_only=True), 1.0),
        (Caveat("KOR", on_partners_track=False), 1.0),
        (Caveat("KOR", most_rounds=1), 0.3),
        (Caveat("KOR", consent_s=25.0), 0.3),
    ],
    ids=["none", "own area only", "no partner's track", "one round", "consent"],
)
def test_a_caveat_changes_how_it_ends(caveat: Caveat, leaked: float) -> None:
    shared = {("JPN", "KOR"): Sharing(latency_s=0.0, error_m=0.0)}
    doctrine = Doctrine(salvo=1, look_s=9.9, last=1)
    one = raid(falling(), batteries=(battery("K", "KOR"),), sharing=shared, caveats=(caveat,), doctrine=doctrine)
    assert leak(one) == pytest.approx(leaked)


def test_nobody_fires_more_than_it_has_nor_guides_more_than_it_can() -> None:
    threats = tuple(falling(f"A{n}", east_m=100.0 * n) for n in range(12))
    held = (never_hits(battery("B", rounds=7, channels=3)), never_hits(battery("C", rounds=4, channels=2)))
    shots = engage(raid(*threats, batteries=held), default_rng(3)).shots
    for one in held:
        own = [shot for shot in shots if shot.battery == one.name]
        # Channels come free at 50 s and after 76 s, and what is launched after 60 s meets nothing.
        assert sum(shot.rounds for shot in own) == min(one.rounds, 2 * one.channels)
        for shot in own:
            assert sum(other.launched_s <= shot.launched_s < other.meets_s for other in own) <= one.channels
    for name in {shot.threat for shot in shots}:
        met = sorted((shot.launched_s, shot.meets_s) for shot in shots if shot.threat == name)
        assert all(later[0] >= first[1] + ONE_BY_ONE.look_s for first, later in pairwise(met))


def test_a_raid_with_rounds_enough_leaks_as_the_binomial_says() -> None:
    """Wilkening 2000: each of W warheads gets through n shots with (1 - k)^n, independently."""
    threats = tuple(falling(f"A{n}") for n in range(10))
    one = raid(*threats, batteries=(battery(rounds=20, channels=10),), doctrine=Doctrine(1, 9.9, 1))
    runs = distribution(one, 2_000, seed=11)
    assert runs.chance_of_none() == pytest.approx(0.91**10, abs=0.04)
    assert np.mean(runs.leaked) == pytest.approx(0.9, abs=0.08)
    assert runs.nine_in_ten() == (0, 3)
    assert np.all(runs.rounds["JPN"] <= 20)


def test_the_same_seed_gives_the_same_runs() -> None:
    one = raid(*(falling(f"A{n}") for n in range(5)), batteries=(battery(rounds=6, channels=2),))
    first, again, other = (distribution(one, 50, seed) for seed in (5, 5, 6))
    assert np.array_equal(first.leaked, again.leaked)
    assert not np.array_equal(first.leaked, other.leaked)


def test_a_real_flight_is_met_by_the_upper_tier_below_it() -> None:
    flight = launch(MRBM, Site(40.0, 128.5), azimuth_deg=110.0, kick_deg=7.0)
    coming = threat("A", flight, launched_s=0.0, aimed_at="JPN")
    near = (flight.impact_lat_deg, flight.impact_lon_deg, 50.0)
    tiers = ("upper-tier", "lower-tier")
    upper, lower = (Battery(name, "JPN", *near, INTERCEPTORS[name], 4, 2, 10.0) for name in tiers)
    high, low = (window(held, coming).first(0.0) for held in (upper, lower))
    assert high is not None
    assert low is not None
    assert high[1] < low[1] < flight.impact_t_s
    assert window(replace(upper, lat_deg=20.0), coming).first(0.0) is None


def test_the_assignment_gains_no_less_than_greed_in_a_thousand_waves() -> None:
    dice = default_rng(2027)
    better = 0
    for _ in range(1_000):
        batteries, threats = int(dice.integers(1, 9)), int(dice.integers(1, 31))
        gains = dice.random((batteries, threats)) * (dice.random((batteries, threats)) < 0.6)
        free = dice.integers(0, 5, batteries)
        chosen, first = assign(gains, free), greedy(gains, free)
        assert gained(gains, chosen) >= gained(gains, first) - 1e-9
        better += gained(gains, chosen) > gained(gains, first) + 1e-9
    assert better > 300


def test_where_greed_is_good_enough_nothing_better_was_left_out() -> None:
    dice = default_rng(2029)
    for _ in range(1_000):
        batteries, threats = int(dice.integers(1, 9)), int(dice.integers(1, 31))
        # Few sizes of gains: most of them tie, as they do where all interceptors hit alike.
        gains = dice.choice([0.0, 0.3, 0.6, 0.9], (batteries, threats))
        free = dice.integers(0, 5, batteries)
        assert gained(gains, assign(gains, free)) == pytest.approx(gained(gains, optimal(gains, free)))


def any_raid(dice: Generator) -> Raid:
    """Some batteries of two members, some threats at some time and place, some of it shared."""
    threats = tuple(
        later(falling(f"A{n}", east_m=float(dice.uniform(-200e3, 200e3))), float(dice.choice([0.0, 20.0])))
        for n in range(int(dice.integers(2, 9)))
    )
    batteries = tuple(
        replace(
            battery(f"B{n}", ("JPN", "KOR")[n % 2], rounds=int(dice.integers(1, 5)), channels=int(dice.integers(1, 3))),
            lon_deg=138.0 + float(dice.uniform(-2.0, 2.0)),
            interceptor=replace(PLAIN, reach_m=float(dice.uniform(100e3, 250e3)), hit=float(dice.uniform(0.2, 0.9))),
        )
        for n in range(int(dice.integers(2, 5)))
    )
    sights = tuple(
        Sight(member, one.name, float(one.t_s[0]), float(dice.uniform(50.0, 1_500.0)))
        for one in threats
        for member in ("JPN", "KOR")
        if dice.random() < 0.8
    )
    sharing = {("JPN", "KOR"): Sharing(2.0, 200.0)} if dice.random() < 0.5 else {}
    return raid(*threats, batteries=batteries, sights=sights, sharing=sharing)


def later(one: Threat, by_s: float) -> Threat:
    return replace(one, t_s=one.t_s + by_s)


def test_in_a_thousand_raids_no_wave_gains_less_than_greed_would() -> None:
    dice = default_rng(2028)
    waves = better = 0

    def watched(gains: Matrix, free: Numbers) -> Numbers:
        nonlocal waves, better
        chosen, first = assign(gains, free), greedy(gains, free)
        assert gained(gains, chosen) >= gained(gains, first) - 1e-9
        waves += 1
        better += gained(gains, chosen) > gained(gains, first) + 1e-9
        return chosen

    for seed in range(1_100):
        one = any_raid(dice)
        assert engage(one, default_rng(seed), watched) == engage(one, default_rng(seed)), (
            "watched or not, it is the same"
        )
    assert waves > 2_000
    assert better > 20


@given(st.integers(1, 3), st.integers(1, 4), st.integers(0, 10_000))
def test_the_optimum_is_that_of_trying_everything(batteries: int, threats: int, seed: int) -> None:
    dice = default_rng(seed)
    gains = dice.random((batteries, threats)) * (dice.random((batteries, threats)) < 0.8)
    free = dice.integers(0, 3, batteries)
    tried = product(range(batteries + 1), repeat=threats)
    sums = [
        sum(gains[row, column] for column, row in enumerate(rows) if row < batteries)
        for rows in tried
        if all(rows.count(row) <= salvos for row, salvos in enumerate(free))
    ]
    assert gained(gains, optimal(gains, free)) == pytest.approx(max(sums))


def test_nothing_engages_in_the_live_world() -> None:
    live = World("camp-david")
    with pytest.raises(LiveWorld):
        Play(live)
    for not_play in (live, World("camp-david", "freedom-27"), None, "freedom-27"):
        with pytest.raises(LiveWorld):
            raid(falling(), play=not_play)


def test_whatever_decides_a_shot_asks_for_a_raid_which_is_play() -> None:
    names = (one.name for one in pkgutil.iter_modules(defeat.__path__))
    modules = [importlib.import_module(f"{defeat.__name__}.{name}") for name in names]
    found = {
        name: inspect.signature(function, eval_str=True).parameters
        for module in modules
        for name, function in inspect.getmembers(module, lambda one: inspect.isfunction(inspect.unwrap(one)))
        if function.__module__ == module.__name__ and not name.startswith("_")
    }
    deciding = {"engage", "distribution", "chances", "tracks_for", "table", "start"}
    deciding_of_a_table = {"wave", "undecided", "launch"}
    geometry = {"window", "threat", "along"}
    sums = {"combined", "greedy", "optimal", "assign", "gained", "cannot_gain_more", "nine_in_ten"}
    assert set(found) == deciding | deciding_of_a_table | geometry | sums | {"prove"}, "say of a new one which it is"
    for name in deciding:
        assert next(iter(found[name].values())).annotation is Raid
    for name in deciding_of_a_table:
        assert found[name]["whole"].annotation is Table, "which `table` alone makes, of a raid"
    takes_a_world = {
        one.__name__
        for module in modules
        for _, one in inspect.getmembers(module, callable)
        if getattr(one, "__module__", None) == module.__name__
        and any(each.annotation is World for each in inspect.signature(one, eval_str=True).parameters.values())
    }
    assert takes_a_world == {"Play"}, "the one way in, which refuses a live world"


@given(
    st.from_regex("[a-z]{1,12}(-[a-z]{1,8})?", fullmatch=True),
    st.sampled_from([engage, distribution, chances, tracks_for]),
)
def test_no_live_world_comes_to_a_shot_by_any_way(compact: str, way: Callable[..., object]) -> None:
    live = World(compact)
    one = raid(falling())
    rest: dict[Callable[..., object], tuple[object, ...]] = {
        engage: (default_rng(1),),
        distribution: (3, 1),
        tracks_for: (one.batteries[0], one.threats[0]),
    }
    for not_play in (live, _Forged(live)):
        with pytest.raises(LiveWorld):
            way(replace(one, play=not_play), *rest.get(way, ()))


class _Forged:
    """What calls itself play."""

    def __init__(self, world: World) -> None:
        self.world = world


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: replace(PLAIN, speed_mps=0.0),
        lambda: replace(PLAIN, hit=1.5),
        lambda: replace(PLAIN, lowest_m=200e3),
        lambda: replace(PLAIN, burn_s=-1.0),
        lambda: battery(rounds=-1),
        lambda: Doctrine(salvo=0, look_s=1.0, last=1),
        lambda: Doctrine(salvo=1, look_s=0.0, last=1),
    ],
)
def test_a_figure_that_makes_no_sense_is_refused(wrong: object) -> None:
    assert callable(wrong)
    with pytest.raises(BadArsenal):
        wrong()
