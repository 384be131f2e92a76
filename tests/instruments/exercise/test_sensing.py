"""What sensors make of many things that move, and all that keeps them from seeing."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice, pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.instruments.exercise.pieces import (
    AIRCRAFT,
    COAST,
    DEBRIS,
    MISSILE,
    SALVO,
    SATELLITE,
    SHIP,
    SHORE,
    SPACE,
    scenario,
    written,
)

from laurel.instruments.exercise.scenario import BadScenario, Scenario, parse
from laurel.instruments.exercise.simulate import Dwell, Scene, dwells, radar_of, scans, scene
from laurel.instruments.exercise.streams import PAGE, ManyStreams
from laurel.instruments.warning.records import Plot, Scan, Sensor
from laurel.physics import radar
from laurel.physics.earth import ecef_to_geodetic

DAY_S = 86_400.0
THREE_DAYS_S = 3.0 * DAY_S
RAIN = """
[[weather]]
from_s = 0.0
to_s = 5000.0
south_deg = {south}
west_deg = {west}
north_deg = {north}
east_deg = {east}
top_m = {top}
attenuation_db = {loss}
clutter = {clutter}
"""


def rain(
    box: tuple[float, float, float, float], *, top: float = 9_000.0, loss: float = 0.0, clutter: float = 1.0
) -> str:
    south, west, north, east = box
    return RAIN.format(south=south, west=west, north=north, east=east, top=top, loss=loss, clutter=clutter)


def played(read: Scenario, member: str = "JPN") -> list[Dwell]:
    return list(dwells(read, scene(read), member))


def plots_of(found: list[Dwell], name: str, sensor: str | None = None) -> list[tuple[float, Plot]]:
    """(seconds after the start, plot) of each true plot of one object."""
    return [
        (sighting.at_s, one.scan.plots[sighting.plot])
        for one in found
        for sighting in one.seen
        if sighting.of == name and sensor in (None, one.scan.sensor)
    ]


def errors(read: Scenario, name: str, of_sensor: Sensor) -> np.ndarray:
    """(n, 3) how far each plot of one object is off: range (m), azimuth and elevation (rad)."""
    all_of_it = scene(read)
    found = list(dwells(read, all_of_it, "JPN"))
    site, mover = radar_of(of_sensor), all_of_it.named(name)
    off: list[np.ndarray] = []
    for at_s, plot in plots_of(found, name, of_sensor.name):
        there = mover.at(at_s)
        assert there is not None
        assert plot.range_m is not None
        expected = radar.radar_h(there[0], site.position_ecef_m, site.enu)
        one = np.array([plot.range_m, plot.azimuth_rad, plot.elevation_rad]) - expected
        one[1] = (one[1] + np.pi) % (2.0 * np.pi) - np.pi
        off.append(one)
    return np.array(off)


@pytest.fixture(scope="module")
def many() -> tuple[Scenario, Scene]:
    read = scenario(MISSILE, SALVO, DEBRIS, AIRCRAFT, SHIP, SPACE, sensors=COAST + SHORE)
    return read, scene(read)


def test_the_same_file_gives_the_same_scans_plot_for_plot(many: tuple[Scenario, Scene]) -> None:
    read, all_of_it = many
    again = scenario(MISSILE, SALVO, DEBRIS, AIRCRAFT, SHIP, SPACE, sensors=COAST + SHORE)
    assert list(scans(again, scene(again), "JPN")) == list(scans(read, all_of_it, "JPN"))


def test_everything_in_view_is_seen_in_one_scan(many: tuple[Scenario, Scene]) -> None:
    read, all_of_it = many
    most = max(dwells(read, all_of_it, "JPN"), key=lambda one: len(one.seen))
    assert len({one.of for one in most.seen}) > 10
    assert len({one.plot for one in most.seen}) == len(most.seen)
    assert most.plotted_at is not None
    assert "B" not in {one.of for dwell in dwells(read, all_of_it, "JPN") for one in dwell.seen}


def test_a_sensor_taken_away_leaves_the_plots_of_all_others_as_they_were(many: tuple[Scenario, Scene]) -> None:
    read, all_of_it = many
    coast, shore = read.sensors["JPN"]
    alone = replace(read, sensors={"JPN": (shore,)})
    left = list(scans(alone, all_of_it, "JPN"))
    assert left == [one for one in scans(read, all_of_it, "JPN") if one.sensor == shore.name]
    assert coast.name == "COAST"


@given(objects=st.sets(st.sampled_from([SALVO, AIRCRAFT, SHIP, SPACE])))
@settings(deadline=None, max_examples=6)
def test_whatever_else_moves_the_plots_of_one_missile_stay_as_they_were(objects: set[str]) -> None:
    few, more = scenario(MISSILE), scenario(MISSILE, *sorted(objects))
    assert plots_of(played(few), "M") == plots_of(played(more), "M")


def test_an_outage_makes_no_scans_and_leaves_the_others_as_they_were() -> None:
    whole = played(scenario(MISSILE, AIRCRAFT))
    cut = COAST + "outages = [{ from_s = 100.0, to_s = 200.0 }, { from_s = 400.0, to_s = 420.0 }]\n"
    broken = played(scenario(MISSILE, AIRCRAFT, sensors=cut))

    def out(one: Dwell) -> bool:
        after_s = (one.scan.at - whole[0].scan.at).total_seconds() + seconds(whole[0])
        return 100.0 <= after_s < 200.0 or 400.0 <= after_s < 420.0

    def seconds(one: Dwell) -> float:
        return one.scan.at.minute * 60.0 + one.scan.at.second + one.scan.at.microsecond * 1e-6

    assert [one.scan for one in whole if not out(one)] == [one.scan for one in broken]
    assert len(whole) - len(broken) == 60


def test_an_outage_in_the_form_of_one_flight_moves_no_later_plot() -> None:
    file = (written(MISSILE).decode().split("[[objects]]")[0]).replace("speed =", 'vehicle = "mrbm"\nspeed =')
    flight = """
[launch]
place = "a place"
lat_deg = 40.0
lon_deg = 128.0
alt_m = 100.0
[aim]
apogee_km = 300.0
range_km = 900.0
azimuth_deg = 115.0
"""
    whole = played(parse((file + flight).encode()))
    cut = file.replace(COAST, COAST + "outages = [{ from_s = 100.0, to_s = 200.0 }]\n")
    broken = played(parse((cut + flight).encode()))
    assert len(whole) - len(broken) == 50
    assert [one.scan for one in broken] == [one.scan for one in whole if one.scan in {two.scan for two in broken}]


def test_a_bias_moves_the_mean_by_as_much() -> None:
    bias = "bias = { range_m = 150.0, azimuth_mrad = 2.0, elevation_mrad = -1.0 }\n"
    straight, off = scenario(MISSILE), scenario(MISSILE, sensors=COAST + bias)
    before, after = errors(straight, "M", straight.sensors["JPN"][0]), errors(off, "M", off.sensors["JPN"][0])
    assert len(before) == len(after) > 200
    assert after.mean(axis=0) - before.mean(axis=0) == pytest.approx([150.0, 2e-3, -1e-3], rel=1e-6)
    assert after.std(axis=0) == pytest.approx(before.std(axis=0), rel=1e-6)


def test_a_bias_of_infrared_turns_its_angles() -> None:
    bias = "bias = { azimuth_mrad = 0.3, elevation_mrad = 0.1 }\n"
    straight = plots_of(played(scenario(MISSILE, sensors=SATELLITE), "USA"), "M")
    off = plots_of(played(scenario(MISSILE, sensors=SATELLITE + bias), "USA"), "M")
    assert len(straight) > 5
    for (_, one), (_, two) in zip(straight, off, strict=True):
        assert two.azimuth_rad - one.azimuth_rad == pytest.approx(3e-4)
        assert two.elevation_rad - one.elevation_rad == pytest.approx(1e-4)


def test_what_a_sensor_says_of_its_own_registration_is_registered() -> None:
    stated = COAST.replace('class = "radar"', 'class = "known"')
    known = """
[classes.known]
kind = "radar"
range_sigma_m = 20.0
angle_sigma_mrad = 0.5
max_range_km = 2500.0
period_s = 2.0
false_plots = 0.2
detection = 0.95
range_bias_sigma_m = 40.0
angle_bias_sigma_mrad = 0.2
"""
    [sensor] = scenario(MISSILE, known, sensors=stated).sensors["JPN"]
    assert (sensor.range_bias_m, sensor.angle_bias_rad) == (40.0, pytest.approx(2e-4))


PATROL = """patrol = [
  {{ lat_deg = {south}, lon_deg = 136.7, speed_mps = 15.0 }},
  {{ lat_deg = {north}, lon_deg = 136.7, speed_mps = 15.0 }},
]
"""


def test_a_ship_on_station_reports_as_if_it_stood_where_it_registered() -> None:
    sailing = scenario(MISSILE, sensors=COAST + PATROL.format(south=36.8, north=37.2))
    off = errors(sailing, "M", sailing.sensors["JPN"][0])
    assert len(off) > 200
    assert np.abs(off.mean(axis=0) / [20.0, 5e-4, 5e-4]).max() < 0.5
    # Up to as much again as its range is off by anyway, and no more.
    assert 18.0 < off[:, 0].std() < 20.0 * 2.0**0.5 * 1.1
    assert off[:, 1:].std(axis=0) == pytest.approx([5e-4, 5e-4], rel=0.2)


def test_a_ship_that_sails_away_from_where_it_registered_is_refused() -> None:
    with pytest.raises(
        BadScenario, match=r"sensors\[0\]\.patrol\[1\].*value=COAST.*111\.0 km.*40\.0 km.*another sensor"
    ):
        scenario(MISSILE, sensors=COAST + PATROL.format(south=37.0, north=38.0))


def test_a_satellite_on_patrol_and_a_ship_too_fast_are_refused() -> None:
    with pytest.raises(BadScenario, match=r"sensors\[0\]\.patrol.*no ship"):
        scenario(MISSILE, sensors=SATELLITE + PATROL.format(south=37.0, north=37.1))
    with pytest.raises(BadScenario, match=r"sensors\[0\]\.patrol\[0\]\.speed_mps.*value=150"):
        scenario(MISSILE, sensors=COAST + PATROL.format(south=37.0, north=37.1).replace("15.0", "150.0"))
    with pytest.raises(BadScenario, match=r"sensors\[0\]\.bias\.range_m.*measures no range"):
        scenario(MISSILE, sensors=SATELLITE + "bias = { range_m = 10.0 }\n")


def test_rain_over_a_radar_costs_it_plots_and_signal() -> None:
    over_coast = (36.0, 136.0, 38.0, 137.0)
    dry = plots_of(played(scenario(MISSILE)), "M")
    wet = plots_of(played(scenario(MISSILE, rain(over_coast, loss=25.0))), "M")
    assert len(wet) < 0.9 * len(dry)
    kept = dict(dry)
    for at_s, plot in wet:
        assert kept[at_s].snr_db - plot.snr_db == pytest.approx(25.0)
        assert kept[at_s].range_m == plot.range_m


def test_rain_elsewhere_and_rain_later_cost_nothing() -> None:
    dry = played(scenario(MISSILE))
    for box in ((10.0, 136.0, 12.0, 137.0), (36.0, -137.0, 38.0, -136.0)):
        assert played(scenario(MISSILE, rain(box, loss=20.0, clutter=5.0))) == dry
    later = rain((36.0, 136.0, 38.0, 137.0), loss=20.0, clutter=5.0).replace("from_s = 0.0", "from_s = 4999.0")
    assert played(scenario(MISSILE, later)) == dry


def test_rain_makes_as_many_more_false_plots() -> None:
    wet = rain((36.0, 136.0, 38.0, 137.0), clutter=10.0)

    def false(found: list[Dwell]) -> float:
        return float(np.mean([len(one.scan.plots) - len(one.seen) for one in found]))

    dry, many_more = false(played(scenario(MISSILE))), false(played(scenario(MISSILE, wet)))
    assert dry == pytest.approx(0.2, abs=0.1)
    assert many_more == pytest.approx(2.0, abs=0.4)


def test_clouds_hide_a_motor_until_it_is_above_them() -> None:
    clear, clouds = scenario(MISSILE, sensors=SATELLITE), (39.0, 127.0, 41.0, 129.0)
    hidden = scenario(MISSILE, rain(clouds, top=20_000.0), sensors=SATELLITE)
    mover = scene(clear).named("M")

    def heights(read: Scenario) -> list[float]:
        found = [mover.at(at_s) for at_s, _ in plots_of(played(read, "USA"), "M")]
        return [ecef_to_geodetic(one[0])[2] for one in found if one is not None]

    assert min(heights(clear)) < 15_000.0
    assert min(heights(hidden)) > 20_000.0
    assert len(heights(hidden)) < len(heights(clear))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (rain((38.0, 130.0, 36.0, 131.0)), r"weather\[0\]\.north_deg.*value=36"),
        (rain((36.0, 130.0, 38.0, 131.0)).replace("to_s = 5000.0", "to_s = 0.0"), r"weather\[0\]\.to_s.*ends before"),
        (rain((36.0, 130.0, 38.0, 131.0), loss=-3.0), r"weather\[0\]\.attenuation_db.*value=-3"),
        ("[[watch]]\nfrom_s = 50.0\nto_s = 10.0\n", r"watch\[0\]\.to_s.*value=10.*ends before"),
    ],
)
def test_weather_and_watches_that_cannot_be_are_refused(wrong: str, says: str) -> None:
    with pytest.raises(BadScenario, match=says):
        scenario(MISSILE, wrong)


def test_weather_across_the_date_line_is_one_box() -> None:
    [one] = scenario(MISSILE, rain((30.0, 175.0, 40.0, -175.0))).weather
    assert one.over(10.0, 35.0, 179.0)
    assert one.over(10.0, 35.0, -179.0)
    assert not one.over(10.0, 35.0, 170.0)
    assert not one.over(6_000.0, 35.0, 179.0)


def test_a_small_thing_is_seen_less_often_than_a_large_one() -> None:
    tiny, plain = (
        len(plots_of(played(scenario(MISSILE + f'cross_section = "{size}"\n')), "M")) for size in ("tiny", "missile")
    )
    assert 0 < tiny < 0.9 * plain


def test_three_days_make_no_millions_of_empty_scans() -> None:
    late = MISSILE.replace("launch_s = 10.0", f"launch_s = {2.0 * DAY_S}")
    read = scenario(late, SHIP, SPACE, lasts_s=THREE_DAYS_S)
    times = [(one.at - read.starts_at).total_seconds() for one in scans(read, scene(read), "JPN")]
    assert len(times) < THREE_DAYS_S / 30.0 + 1_000
    gaps = {round(after - before, 3) for before, after in pairwise(times)}
    # Every half minute, every period while the missile flies, and once what is left of a half minute on either side.
    assert {2.0, 30.0} <= gaps
    assert len(gaps) <= 4
    launched, fallen = 2.0 * DAY_S, scene(read).named("M").until_s + 60.0
    busy = [(before, after) for before, after in pairwise(times) if before >= launched and after <= fallen]
    assert {round(after - before, 3) for before, after in busy} == {2.0}


def test_scans_are_drawn_as_they_are_asked_for() -> None:
    read = scenario(SHIP, SPACE, lasts_s=30.0 * DAY_S)
    first = list(islice(scans(read, scene(read), "JPN"), 10))
    assert len(first) == 10
    assert (first[-1].at - read.starts_at).total_seconds() < 310.0


def test_a_watch_is_kept_at_the_full_pace() -> None:
    watch = "[[watch]]\nfrom_s = 600.0\nto_s = 700.0\n"
    read = scenario(AIRCRAFT, SPACE, watch, lasts_s=1_800.0)
    times = [(one.at - read.starts_at).total_seconds() for one in scans(read, scene(read), "JPN")]
    assert sum(600.0 <= one < 700.0 for one in times) == 50
    assert sum(one < 600.0 for one in times) == pytest.approx(20, abs=1)


def test_the_pace_of_a_quiet_sensor_is_the_files() -> None:
    read = parse(written(SPACE, lasts_s=1_000.0).replace(b"seed = 5", b"seed = 5\nidle_s = 10.0"))
    times = [one.at for one in scans(read, scene(read), "JPN")]
    assert {(after - before).total_seconds() for before, after in pairwise(times)} == {10.0}


def test_an_aircraft_seen_now_and_then_has_the_same_plots_as_one_that_is_watched() -> None:
    now_and_then = plots_of(played(scenario(AIRCRAFT)), "A")
    watched = plots_of(played(scenario(AIRCRAFT, "[[watch]]\nfrom_s = 0.0\nto_s = 5000.0\n")), "A")
    assert len(watched) > 5 * len(now_and_then) > 0
    assert set(now_and_then) <= set(watched)


@given(look=st.integers(0, 10 * PAGE), mean=st.floats(0.0, 50.0))
@settings(deadline=None, max_examples=50)
def test_the_luck_of_a_look_is_its_own(look: int, mean: float) -> None:
    one, two = ManyStreams(7, "R", 3), ManyStreams(7, "R", 3)
    list(two.clutter(look + 1, mean, 2_000))
    two.throws(look + PAGE)("M")
    first, second = one.throws(look)("M"), two.throws(look)("M")
    assert (first.moment, first.chance) == (second.moment, second.chance)
    assert np.array_equal(first.normals, second.normals)
    assert 0.0 <= first.moment < 1.0
    few, again = list(one.clutter(look, mean, 2_000)), list(two.clutter(look, mean, 2_000))
    assert [speck.moment for speck in few] == [speck.moment for speck in again]


@pytest.mark.parametrize("mean", [0.0, 0.3, 4.0, 60.0, 900.0])
def test_false_plots_are_as_many_as_were_wanted(mean: float) -> None:
    streams = ManyStreams(7, "R", 3)
    counts = [len(list(streams.clutter(look, mean, 2_000))) for look in range(400)]
    assert np.mean(counts) == pytest.approx(mean, abs=4.0 * (mean / 400) ** 0.5 + 1e-9)
    assert np.var(counts) == pytest.approx(mean, rel=0.35, abs=0.05)


def test_what_is_simulated_passes_the_door_of_a_real_sensor(many: tuple[Scenario, Scene]) -> None:
    read, all_of_it = many
    for scan in islice(scans(read, all_of_it, "JPN"), 200):
        assert msgspec.json.decode(msgspec.json.encode(scan), type=Scan) == scan
