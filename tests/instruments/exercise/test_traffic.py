"""What moves in a scenario of many objects."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.instruments.exercise.pieces import (
    AIRCRAFT,
    DEBRIS,
    MISSILE,
    SALVO,
    SHIP,
    SPACE,
    scenario,
    written,
)

from laurel.instruments.exercise.scenario import BadScenario, parse
from laurel.instruments.exercise.simulate import Scene, scene, solve
from laurel.instruments.exercise.traffic.ballistic import Ballistic
from laurel.instruments.exercise.traffic.mover import CrossSection, Mover
from laurel.physics.earth import ecef_to_geodetic, geodesic

EVERYTHING = MISSILE + SALVO + DEBRIS + AIRCRAFT + SHIP + SPACE


def of(*parts: str, lasts_s: float | None = None) -> Scene:
    return scene(scenario(*parts, lasts_s=lasts_s))


def body(one: Mover) -> Ballistic:
    assert isinstance(one, Ballistic)
    return one


def height_m(one: Mover, t_s: float) -> float:
    found = one.at(t_s)
    assert found is not None
    return ecef_to_geodetic(found[0])[2]


def test_everything_moves_from_its_first_moment_to_its_last() -> None:
    for one in of(EVERYTHING).movers:
        until_s = min(one.until_s, 5_000.0)
        assert one.at(one.from_s - 1.0) is None
        assert one.until_s == np.inf or one.at(one.until_s + 1.0) is None
        for t_s in np.linspace(one.from_s, until_s, 20):
            found = one.at(float(t_s))
            assert found is not None
            assert np.isfinite(found).all()
            assert height_m(one, float(t_s)) > -10.0


def test_each_family_has_its_cross_section() -> None:
    seen = {one.name: one.cross_section for one in of(EVERYTHING).movers}
    assert seen["M"] is CrossSection.MISSILE
    assert seen["D-1"] is CrossSection.SMALL
    assert seen["B"] is CrossSection.SHIP
    assert CrossSection.SHIP.rcs_m2 > CrossSection.LARGE.rcs_m2 > CrossSection.MISSILE.rcs_m2 == 1.0


def test_only_a_motor_burns() -> None:
    burning = {one.name for one in of(EVERYTHING).movers if any(one.burns(float(t_s)) for t_s in range(0, 900, 5))}
    assert burning == {"M", *(f"S-{nth}" for nth in range(1, 7))}


def test_an_aim_and_its_kick_are_one_flight() -> None:
    kicked = body(of(MISSILE).named("M")).flight
    range_km = geodesic(40.0, 128.0, kicked.impact_lat_deg, kicked.impact_lon_deg).distance_m / 1e3
    azimuth_deg = geodesic(40.0, 128.0, kicked.impact_lat_deg, kicked.impact_lon_deg).azimuth_deg
    aim = f"aim = {{ apogee_km = {kicked.apogee_m / 1e3}, range_km = {range_km}, azimuth_deg = {azimuth_deg} }}"
    aimed = body(of(MISSILE.replace("kick = { kick_deg = 9.0, azimuth_deg = 115.0, cutoff = 0.95 }", aim)).named("M"))
    assert aimed.flight.apogee_m == pytest.approx(kicked.apogee_m, abs=200.0)
    assert aimed.flight.impact_t_s == pytest.approx(kicked.impact_t_s, abs=2.0)


def test_a_lofted_flight_takes_longer_than_a_depressed_one_over_the_same_range() -> None:
    flown: list[float] = []
    for apogee_km in (150.0, 300.0, 600.0):
        aim = f"aim = {{ apogee_km = {apogee_km}, range_km = 900.0, azimuth_deg = 115.0 }}"
        kick = "kick = { kick_deg = 9.0, azimuth_deg = 115.0, cutoff = 0.95 }"
        flown.append(body(of(MISSILE.replace(kick, aim)).named("M")).flight.impact_t_s)
    assert flown[0] + 60.0 < flown[1]
    assert flown[1] + 120.0 < flown[2]


def test_a_launch_later_moves_the_whole_flight() -> None:
    early = body(of(MISSILE).named("M"))
    late = body(of(MISSILE.replace("launch_s = 10.0", "launch_s = 110.0")).named("M"))
    assert late.until_s == pytest.approx(early.until_s + 100.0)
    for t_s in (20.0, 300.0, 600.0):
        before, after = early.at(t_s), late.at(t_s + 100.0)
        assert before is not None
        assert after is not None
        assert np.allclose(before[0], after[0], atol=1e-6)


def test_a_manoeuvre_moves_the_impact_and_leaves_the_boost() -> None:
    pull = "manoeuvre = { below_km = 40.0, for_s = 60.0, lift_to_drag = 1.5 }\n"
    plain, pulled = body(of(MISSILE).named("M")).flight, body(of(MISSILE + pull).named("M")).flight
    assert pulled.apogee_m == pytest.approx(plain.apogee_m, abs=1.0)
    there = (pulled.impact_lat_deg, pulled.impact_lon_deg)
    assert geodesic(plain.impact_lat_deg, plain.impact_lon_deg, *there).distance_m > 10e3


def test_a_salvo_is_spread_over_time_places_and_azimuths() -> None:
    bodies = [body(one) for one in of(SALVO).movers]
    assert [one.name for one in bodies] == [f"S-{nth}" for nth in range(1, 7)]
    assert [one.from_s for one in bodies] == [20.0 + 10.0 * nth for nth in range(6)]
    places = [ecef_to_geodetic(one.flight.at(0.0)[0]) for one in bodies]
    away_m = [geodesic(40.0, 128.0, lat, lon).distance_m for lat, lon, _ in places]
    assert max(away_m) <= 30e3
    assert len({round(one) for one in away_m}) == 6
    impacts = [
        geodesic(lat, lon, one.flight.impact_lat_deg, one.flight.impact_lon_deg).azimuth_deg
        for (lat, lon, _), one in zip(places, bodies, strict=True)
    ]
    assert 0.5 < np.std(impacts) < 9.0


def test_more_of_a_salvo_leaves_those_before_as_they_were() -> None:
    few, many = of(SALVO), of(SALVO.replace("count = 6", "count = 9"))
    for one in few.movers:
        assert np.array_equal(body(one).flight.node_state, body(many.named(one.name)).flight.node_state)


@given(seed=st.integers(0, 2**40), other=st.integers(0, 2**40))
@settings(deadline=None, max_examples=5)
def test_a_salvo_is_drawn_from_the_seed_alone(seed: int, other: int) -> None:
    def places(of_seed: int) -> list[float]:
        read = parse(written(SALVO).replace(b"seed = 5", f"seed = {of_seed}".encode()))
        return [body(one).flight.impact_lat_deg for one in scene(read).movers]

    assert places(seed) == places(seed)
    assert seed == other or places(seed) != places(other)


def test_spent_stages_fall_short_of_what_they_carried() -> None:
    irbm = MISSILE.replace("mrbm", "irbm").replace("kick_deg = 9.0", "kick_deg = 6.0") + "spent_stages = true\n"
    all_of_it = of(irbm)
    assert [one.name for one in all_of_it.movers] == ["M", "M-stage-1", "M-stage-2"]
    whole, first, second = (body(one) for one in all_of_it.movers)
    far_m = [
        geodesic(40.0, 128.0, one.flight.impact_lat_deg, one.flight.impact_lon_deg).distance_m
        for one in (whole, first, second)
    ]
    assert far_m[1] < 0.6 * far_m[0]
    assert far_m[1] < far_m[2] < far_m[0]
    assert (first.from_s, second.from_s) == tuple(10.0 + out_s for _, out_s in whole.flight.burns)
    assert first.cross_section is CrossSection.LARGE


def test_pieces_fall_and_what_broke_is_no_more() -> None:
    whole, broken = of(MISSILE), of(MISSILE + DEBRIS)
    assert body(broken.named("M")).until_s == 260.0
    assert broken.named("M").at(261.0) is None
    pieces = [one for one in broken.movers if one.name.startswith("D-")]
    assert len(pieces) == 8
    for one in pieces:
        assert one.from_s == 260.0
        assert height_m(one, one.until_s) == pytest.approx(0.0, abs=1.0)
        # A light piece is slow where a warhead is not.
        assert body(one).flight.impact_speed_mps < 0.5 * body(whole.named("M")).flight.impact_speed_mps


def test_a_missile_flies_on_where_the_debris_does_not_end_it() -> None:
    on = of(MISSILE + DEBRIS + "ends = false\n")
    assert on.named("M").until_s == of(MISSILE).named("M").until_s


def test_debris_may_stand_before_what_breaks() -> None:
    before, after = of(DEBRIS + MISSILE), of(MISSILE + DEBRIS)
    assert {one.name for one in before.movers} == {one.name for one in after.movers}
    assert before.named("D-3").until_s == after.named("D-3").until_s


def test_it_ends_a_minute_after_the_last_impact_unless_the_file_says_otherwise() -> None:
    assert of(MISSILE + SHIP + SPACE).ends_s == of(MISSILE).named("M").until_s + 60.0
    assert of(SHIP, lasts_s=259_200.0).ends_s == 259_200.0
    assert of(AIRCRAFT).ends_s == of(AIRCRAFT).named("A").until_s + 60.0


ELEMENTS = (
    "elements = { semi_major_km = 7000.0, eccentricity = 0.0, inclination_deg = 0.0, node_deg = 0.0, "
    "perigee_deg = 0.0, anomaly_deg = 0.0 }"
)
WRONG: dict[str, tuple[str, str, str]] = {
    "an unknown vehicle": ('vehicle = "mrbm"', 'vehicle = "saucer"', r"objects\[0\]\.vehicle.*value=saucer.*irbm"),
    "neither aim nor kick": ("kick = {", "# kick = {", r"objects\[0\]\.aim.*either an aim or a kick"),
    "a launch before the start": ("launch_s = 10.0", "launch_s = -10.0", r"objects\[0\]\.launch_s.*value=-10"),
    "a launch from below": ("alt_m = 100.0 }", "alt_m = -5000.0 }", r"objects\[0\]\.launch\.alt_m.*value=-5000"),
    "an unknown field": ("launch_s", "lunch_s", r"objects\[0\].*`lunch_s`"),
    "an unknown kind": ('kind = "missile"', 'kind = "balloon"', r"objects\[0\]\.kind.*value=balloon"),
    "a name twice": ('name = "S"', 'name = "M"', r"objects\[1\]\.name.*value=M.*used twice"),
    "a salvo of nobody": ("count = 6", "count = 0", r"objects\[1\]\.count.*value=0"),
    "a piece that gets lighter than it is": (
        "beta_to_kgpm2 = 500.0",
        "beta_to_kgpm2 = 5.0",
        r"objects\[2\]\.beta_to_kgpm2.*value=5",
    ),
    "an aircraft of no class": ('"patrol-aircraft"', '"zeppelin"', r"objects\[3\]\.craft.*value=zeppelin.*airliner"),
    "an aircraft too fast": (
        "alt_m = 8000.0, speed_mps = 180.0 },\n  { lat_deg = 38.5",
        "alt_m = 8000.0, speed_mps = 400.0 },\n  { lat_deg = 38.5",
        r"objects\[3\]\.waypoints\[0\]\.speed_mps.*value=400.*260",
    ),
    "an aircraft too high": (
        "lon_deg = 136.0, alt_m = 8000.0",
        "lon_deg = 136.0, alt_m = 20000.0",
        r"objects\[3\]\.waypoints\[1\]\.alt_m.*value=20000",
    ),
    "an aircraft that climbs like a rocket": (
        "{ lat_deg = 38.5, lon_deg = 136.0, alt_m = 8000.0",
        "{ lat_deg = 37.51, lon_deg = 135.51, alt_m = 1000.0",
        r"objects\[3\]\.waypoints\[0\]\.alt_m.*climb",
    ),
    "an aircraft under the ground": (
        "lon_deg = 136.0, alt_m = 8000.0",
        "lon_deg = 136.0, alt_m = -10.0",
        r"waypoints\[1\]\.alt_m.*value=-10",
    ),
    "a ship too fast": (
        "lon_deg = 135.0, speed_mps = 8.0",
        "lon_deg = 135.0, speed_mps = 30.0",
        r"objects\[4\]\.waypoints\[0\]\.speed_mps.*value=30.*13",
    ),
    "a ship in the air": (
        "lon_deg = 135.0, speed_mps = 8.0",
        "lon_deg = 135.0, speed_mps = 8.0, alt_m = 10.0",
        r"objects\[4\]\.waypoints\[0\]\.alt_m.*value=10",
    ),
    "an orbit in the ground": ("height_km = 500.0", "height_km = 50.0", r"objects\[5\]\.circle\.height_km.*orbit"),
    "an orbit said twice": (
        "circle = {",
        f"{ELEMENTS}\ncircle = {{",
        r"objects\[5\]\.circle.*either",
    ),
    "a flight beside objects": ("speed = 10.0", 'speed = 10.0\nvehicle = "mrbm"', r"field=vehicle.*beside"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_is_refused_with_its_field_value_and_reason(what: str) -> None:
    right, wrong, says = WRONG[what]
    file = written(EVERYTHING).decode()
    assert right in file
    with pytest.raises(BadScenario, match=says):
        parse(file.replace(right, wrong, 1).encode())


LOW = MISSILE.replace("kick_deg = 9.0", "kick_deg = 20.0").replace("0.95", "0.7")
HIGH = "manoeuvre = { below_km = 89.0, for_s = 10.0, lift_to_drag = 1.0 }\n"
UNFLYABLE: dict[str, tuple[str, str]] = {
    "a kick that tips it over": (
        MISSILE.replace("kick_deg = 9.0", "kick_deg = 88.0"),
        r"objects\[0\]\.kick.*motor burns",
    ),
    "an aim out of reach": (
        MISSILE.replace(
            "kick = { kick_deg = 9.0, azimuth_deg = 115.0, cutoff = 0.95 }",
            "aim = { apogee_km = 300.0, range_km = 9000.0, azimuth_deg = 115.0 }",
        ),
        r"objects\[0\]\.aim.*value=M.*nearest_range_km",
    ),
    "a manoeuvre above its apogee": (LOW + HIGH, r"objects\[0\]\.manoeuvre.*apogee_m"),
    "debris of nothing": (MISSILE + DEBRIS.replace('of = "M"', 'of = "X"'), r"objects\[1\]\.of.*value=X"),
    "debris of a ship": (MISSILE + SHIP + DEBRIS.replace('of = "M"', 'of = "B"'), r"objects\[2\]\.of.*value=B"),
    "debris after the impact": (
        MISSILE + DEBRIS.replace("after_s = 250.0", "after_s = 2500.0"),
        r"objects\[1\]\.after_s.*value=2500.*flies for",
    ),
    "a name that a salvo gives": (SALVO + MISSILE.replace('"M"', '"S-2"'), r"name.*value=S-2.*used twice"),
    "nothing that ever ends": (SHIP + SPACE, r"field=lasts_s.*missing"),
}


@pytest.mark.parametrize("what", UNFLYABLE)
def test_what_cannot_fly_is_refused_with_its_field_value_and_reason(what: str) -> None:
    parts, says = UNFLYABLE[what]
    with pytest.raises(BadScenario, match=says):
        of(parts)


def test_a_scenario_of_many_objects_is_not_taken_for_one_flight() -> None:
    with pytest.raises(BadScenario, match=r"field=objects.*one flight"):
        solve(scenario(MISSILE))


def test_who_is_not_there_is_not_found() -> None:
    with pytest.raises(BadScenario, match="value=nobody"):
        of(MISSILE).named("nobody")
