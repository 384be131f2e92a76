from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path

import msgspec
import numpy as np
import pytest

from laurel.instruments.exercise.scenario import BadScenario, Scenario, parse
from laurel.instruments.exercise.simulate import Truth, dwells, radar_of, scans, scene, solve
from laurel.instruments.exercise.traffic.missile import SalvoEntry
from laurel.instruments.warning.records import Scan, Sensor, SensorKind
from laurel.physics import radar
from laurel.physics.boost import NoSuchFlight
from laurel.physics.earth import ecef_to_geodetic, geodesic
from laurel.physics.infrared import Infrared, infrared_h
from laurel.physics.vehicles import VEHICLES

FOLDER = Path(__file__).parents[3] / "scenarios"
EVERY = sorted(FOLDER.glob("*.toml"))
FLIGHTS = [file for file in EVERY if parse(file.read_bytes()).is_one_flight]
FILES = [file for file in FLIGHTS if parse(file.read_bytes()).flight.published is not None]
RAID = (FOLDER / "raid-of-200.toml").read_bytes()
OVERFLIGHT = (FOLDER / "2022-10-04-overflight.toml").read_bytes()
LOFTED = (FOLDER / "2017-11-29-lofted.toml").read_bytes()


@pytest.fixture(scope="module")
def overflight() -> tuple[Scenario, Truth]:
    scenario = parse(OVERFLIGHT)
    return scenario, solve(scenario)


def seconds(scenario: Scenario, at: datetime) -> float:
    return (at - scenario.starts_at).total_seconds()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_scenario_flies_as_long_as_was_published(file: Path) -> None:
    scenario = parse(file.read_bytes())
    truth, published = solve(scenario), scenario.flight.published
    assert published is not None
    assert abs(truth.flight_s - published.flight_s) <= published.flight_tolerance_s <= 60.0


@pytest.mark.parametrize("file", FLIGHTS, ids=lambda file: file.stem)
def test_every_scenario_meets_its_apogee_range_and_azimuth(file: Path) -> None:
    scenario = parse(file.read_bytes())
    flight = solve(scenario).flight
    launch, aim = scenario.flight.launch, scenario.flight.aim
    assert aim is not None
    way = geodesic(launch.lat_deg, launch.lon_deg, flight.impact_lat_deg, flight.impact_lon_deg)
    assert flight.apogee_m == pytest.approx(aim.apogee_km * 1e3, abs=200.0)
    assert way.distance_m == pytest.approx(aim.range_km * 1e3, abs=200.0)
    assert way.azimuth_deg == pytest.approx(aim.azimuth_deg, abs=0.02)


@pytest.mark.parametrize("file", EVERY, ids=lambda file: file.stem)
def test_every_scenario_names_its_sources_and_says_that_its_sensors_are_notional(file: Path) -> None:
    scenario = parse(file.read_bytes())
    assert len({source.by for source in scenario.sources}) >= (2 if file in FILES else 1)
    assert scenario.members == ("JPN", "KOR", "USA")
    assert all(sensor.name.startswith("NOTIONAL-") for one in scenario.sensors.values() for sensor in one)


def test_the_overflight_passes_over_aomori_and_falls_3200_km_east_of_japan(
    overflight: tuple[Scenario, Truth],
) -> None:
    flight = overflight[1].flight
    lats = [ecef_to_geodetic(flight.at(float(t))[0])[:2] for t in range(400, 450)]
    assert all(40.2 < lat < 41.6 for lat, lon in lats if 140.0 < lon < 141.5)
    home = geodesic(40.5, 141.6, flight.impact_lat_deg, flight.impact_lon_deg)
    assert home.distance_m == pytest.approx(3_200e3, rel=0.02)


def test_the_lofted_flight_falls_250_km_west_of_aomori() -> None:
    flight = solve(parse(LOFTED)).flight
    coast = geodesic(40.65, 139.87, flight.impact_lat_deg, flight.impact_lon_deg)
    assert coast.distance_m == pytest.approx(250e3, abs=20e3)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_member_sees_the_launch_and_someone_sees_the_end(file: Path) -> None:
    scenario = parse(file.read_bytes())
    truth = solve(scenario)
    firsts: dict[str, float] = {}
    last = 0.0
    for member in scenario.members:
        times = [plot[0] for plot in true_plots(scenario, truth, member)]
        firsts[member] = times[0]
        last = max(last, times[-1])
        assert len(times) > 200
    assert max(firsts.values()) < 150.0
    assert truth.flight_s - last < 30.0


def true_plots(scenario: Scenario, truth: Truth, member: str) -> list[tuple[float, Sensor, np.ndarray]]:
    """(time, sensor, error in range, azimuth and elevation) of each radar plot of the vehicle."""
    sensors = {sensor.name: sensor for sensor in scenario.sensors[member]}
    found: list[tuple[float, Sensor, np.ndarray]] = []
    for dwell in dwells(scenario, truth, member):
        sensor = sensors[dwell.scan.sensor]
        if dwell.plotted_at is None or sensor.kind is SensorKind.INFRARED:
            continue
        plot = dwell.scan.plots[-1]
        site, t_s = radar_of(sensor), seconds(scenario, dwell.plotted_at)
        expected = radar.radar_h(truth.flight.at(t_s)[0], site.position_ecef_m, site.enu)
        error = np.array([plot.range_m, plot.azimuth_rad, plot.elevation_rad]) - expected
        error[1] = (error[1] + np.pi) % (2.0 * np.pi) - np.pi
        found.append((t_s, sensor, error))
    return found


def test_radar_noise_has_the_spread_that_the_scenario_names(overflight: tuple[Scenario, Truth]) -> None:
    scenario, truth = overflight
    scaled = np.array(
        [
            error / [sensor.range_sigma_m or 1.0, sensor.angle_sigma_rad, sensor.angle_sigma_rad]
            for member in scenario.members
            for _, sensor, error in true_plots(scenario, truth, member)
        ]
    )
    assert len(scaled) > 1_500
    # The residual of refraction is a few per cent of a sigma at the elevations of this flight.
    assert np.abs(scaled.mean(axis=0)).max() < 0.15
    assert scaled.std(axis=0) == pytest.approx([1.0, 1.0, 1.0], abs=0.06)


def test_false_plots_are_as_many_as_the_scenario_names(overflight: tuple[Scenario, Truth]) -> None:
    scenario, truth = overflight
    behind = tuple(
        replace_sensor(sensor, sector_from_deg=180.0, sector_to_deg=181.0)
        for sensor in scenario.sensors["KOR"]
        if sensor.kind is SensorKind.RADAR
    )
    blind = replace(scenario, sensors={"KOR": behind})
    for sensor in behind:
        own = [len(scan.plots) for scan in scans(blind, truth, "KOR") if scan.sensor == sensor.name]
        deviation = (sensor.false_plots / len(own)) ** 0.5
        assert np.mean(own) == pytest.approx(sensor.false_plots, abs=4.0 * deviation)


def replace_sensor(sensor: Sensor, *, sector_from_deg: float, sector_to_deg: float) -> Sensor:
    return msgspec.structs.replace(sensor, sector_from_deg=sector_from_deg, sector_to_deg=sector_to_deg)


def test_infrared_sees_the_burning_motor_above_the_clouds_and_nothing_else(
    overflight: tuple[Scenario, Truth],
) -> None:
    scenario, truth = overflight
    [sensor] = [one for one in scenario.sensors["USA"] if one.kind is SensorKind.INFRARED]
    satellite = Infrared(sensor.lon_deg, sensor.lat_deg, sensor.alt_m, sensor.angle_sigma_rad)
    heights: list[float] = []
    errors: list[np.ndarray] = []
    for dwell in dwells(scenario, truth, "USA"):
        if dwell.scan.sensor != sensor.name:
            continue
        assert all(plot.range_m is None for plot in dwell.scan.plots)
        if dwell.plotted_at is None:
            continue
        t_s, plot = seconds(scenario, dwell.plotted_at), dwell.scan.plots[-1]
        assert truth.flight.thrusting(t_s)
        position = truth.flight.at(t_s)[0]
        seen = infrared_h(position, satellite.position_ecef_m, satellite.frame)
        heights.append(ecef_to_geodetic(position)[2])
        errors.append(np.array([plot.azimuth_rad, plot.elevation_rad]) - seen)
    assert len(heights) > 10
    assert min(heights) >= satellite.cloud_m
    assert max(heights) <= satellite.fade_m
    assert np.std(errors) == pytest.approx(sensor.angle_sigma_rad, rel=0.5)


def test_scans_come_in_the_order_of_their_times_and_end_after_impact(overflight: tuple[Scenario, Truth]) -> None:
    scenario, truth = overflight
    for member in scenario.members:
        times = [scan.at for scan in scans(scenario, truth, member)]
        assert all(first <= second for first, second in pairwise(times))
        assert times[0] >= scenario.starts_at
        assert timedelta(seconds=50) < times[-1] - truth.impact_at <= timedelta(seconds=60)


def test_every_sensor_reports_every_period_even_if_it_sees_nothing(overflight: tuple[Scenario, Truth]) -> None:
    scenario, truth = overflight
    for sensor in scenario.sensors["USA"]:
        own = [scan for scan in scans(scenario, truth, "USA") if scan.sensor == sensor.name]
        gaps = {round((after.at - before.at).total_seconds(), 3) for before, after in pairwise(own)}
        assert gaps == {sensor.period_s}
        assert any(not scan.plots for scan in own)


def test_plots_lie_within_the_scan_that_reports_them(overflight: tuple[Scenario, Truth]) -> None:
    scenario, truth = overflight
    periods = {sensor.name: sensor.period_s for sensor in scenario.sensors["KOR"]}
    for scan in scans(scenario, truth, "KOR"):
        assert all(-periods[scan.sensor] <= plot.offset_s <= 0.0 for plot in scan.plots)


def test_what_is_simulated_passes_the_door_of_a_real_sensor(overflight: tuple[Scenario, Truth]) -> None:
    scenario, truth = overflight
    for scan in scans(scenario, truth, "JPN"):
        assert msgspec.json.decode(msgspec.json.encode(scan), type=Scan) == scan


def test_the_same_file_gives_the_same_scans_plot_for_plot(overflight: tuple[Scenario, Truth]) -> None:
    scenario, truth = overflight
    again = parse(OVERFLIGHT)
    assert list(scans(again, solve(again), "JPN")) == list(scans(scenario, truth, "JPN"))


def test_another_seed_gives_other_scans(overflight: tuple[Scenario, Truth]) -> None:
    scenario, truth = overflight
    other = replace(scenario, seed=1)
    assert list(islice(scans(other, truth, "JPN"), 50)) != list(islice(scans(scenario, truth, "JPN"), 50))


def test_taking_a_sensor_away_leaves_the_plots_of_the_others_as_they_were(
    overflight: tuple[Scenario, Truth],
) -> None:
    scenario, truth = overflight
    first, *rest = scenario.sensors["JPN"]
    fewer: Mapping[str, tuple[Sensor, ...]] = {**scenario.sensors, "JPN": tuple(rest)}
    left = list(scans(replace(scenario, sensors=dict(fewer)), truth, "JPN"))
    assert left == [scan for scan in scans(scenario, truth, "JPN") if scan.sensor != first.name]


def test_a_scenario_that_no_flight_can_meet_names_what_can_be_reached() -> None:
    far = OVERFLIGHT.replace(b"range_km = 4500.0", b"range_km = 14000.0")
    with pytest.raises(NoSuchFlight, match=r"apogee_km=970\.0, range_km=14000\.0, nearest_apogee_km=\d+"):
        solve(parse(far))


def test_an_unknown_vehicle_is_refused_with_those_there_are() -> None:
    other = parse(OVERFLIGHT.replace(b'vehicle = "irbm"', b'vehicle = "saucer"'))
    with pytest.raises(BadScenario, match=r"value=saucer.*icbm-liquid"):
        solve(other)
    assert parse(OVERFLIGHT).flight.vehicle in VEHICLES


WRONG: dict[str, tuple[bytes, bytes, str]] = {
    "a field of the wrong type": (b"apogee_km = 970.0", b'apogee_km = "high"', r"field=aim\.apogee_km.*value=high"),
    "a figure out of range": (b"azimuth_deg = 86.0", b"azimuth_deg = 400.0", r"field=aim\.azimuth_deg.*value=400"),
    "a figure that is not a number": (b"lat_deg = 40.611", b"lat_deg = nan", r"field=launch\.lat_deg.*value=nan"),
    "an unknown field": (b"seed = 20221004", b"sead = 20221004", r"unknown field `sead`"),
    "a missing field": (b"seed = 20221004", b"", r"missing required field `seed`"),
    "an unknown field of a sensor": (b"alt_m = 870.0", b"height = 870.0", r"field=sensors\[0\].*`height`"),
    "a time without a zone": (b"22:22:00Z", b"22:22:00", r"field=starts_at.*timezone"),
    "a class that is not there": (b'"ship-radar"', b'"sonar"', r"sensors\[3\]\.class.*value=sonar.*x-band-radar"),
    "a name used twice": (b"NOTIONAL-SADO", b"NOTIONAL-OMINATO", r"sensors\[1\]\.name.*used twice"),
    "a radar without range": (b"range_sigma_m = 40.0\n", b"", r"classes\..*range_sigma_m.*a radar measures range"),
    "a member that is no country": (b'member = "KOR"', b'member = "Korea"', r"field=sensors\[4\]\.member"),
    "a figure of a class out of range": (b"detection = 0.98", b"detection = 1.5", r"field=classes\..*detection"),
    "no TOML": (b"[launch]", b"[launch", r"Expected '\]'"),
    "no text": (b"title", b"\xff\xfe", "utf-8"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_scenario_is_refused_with_the_field_and_its_value(what: str) -> None:
    right, wrong, says = WRONG[what]
    assert right in OVERFLIGHT
    with pytest.raises(BadScenario, match=says):
        parse(OVERFLIGHT.replace(right, wrong, 1))


def test_a_scenario_without_sources_is_refused() -> None:
    start, end = OVERFLIGHT.index(b"[[sources]]"), OVERFLIGHT.index(b"# Classes")
    with pytest.raises(BadScenario, match="sources"):
        parse(OVERFLIGHT[:start] + OVERFLIGHT[end:])


def test_a_scenario_of_absurd_size_is_refused_unread() -> None:
    with pytest.raises(BadScenario, match="limit=262144"):
        parse(b"#" * 300_000)


def test_a_scenario_keeps_its_hash_and_its_zone() -> None:
    scenario = parse(OVERFLIGHT)
    assert len(scenario.sha256) == 64
    assert scenario.starts_at == datetime(2022, 10, 3, 22, 22, tzinfo=UTC)


PLOTS = {
    ("2022-10-04-overflight", "JPN"): (1542, 2181346.119348, 6384.470876785),
    ("2022-10-04-overflight", "KOR"): (1285, 1658349.743139, 3521.517603766),
    ("2022-10-04-overflight", "USA"): (1755, 2989524.205880, 8050.327080313),
    ("2017-11-29-lofted", "JPN"): (3072, 4886613.659489, 15173.676466565),
    ("2017-11-29-lofted", "KOR"): (2287, 3378159.940791, 8259.703501450),
    ("2017-11-29-lofted", "USA"): (4503, 13865590.967133, 23841.357458603),
}
"""How many, the sum of their ranges (km) and of their angles (rad), as it was when there was no other scenario."""


@pytest.mark.parametrize(("name", "member"), PLOTS)
def test_the_first_scenarios_keep_their_plots(name: str, member: str) -> None:
    scenario = parse((FOLDER / f"{name}.toml").read_bytes())
    plots = [plot for scan in scans(scenario, solve(scenario), member) for plot in scan.plots]
    count, ranges_km, angles_rad = PLOTS[name, member]
    assert len(plots) == count
    assert sum(plot.range_m or 0.0 for plot in plots) / 1e3 == pytest.approx(ranges_km, rel=1e-11)
    assert sum(plot.azimuth_rad + plot.elevation_rad for plot in plots) == pytest.approx(angles_rad, rel=1e-11)


def test_a_raid_of_200_is_two_hundred_missiles_within_ten_minutes() -> None:
    scenario = parse(RAID)
    all_of_it = scene(scenario)
    salvos = {entry.name: entry for entry in scenario.objects if isinstance(entry, SalvoEntry)}
    missiles = [one for one in all_of_it.movers if one.name.rpartition("-")[0] in salvos]
    assert len(missiles) == sum(entry.count for entry in salvos.values()) == 200
    assert max(one.from_s for one in missiles) <= 600.0
    assert len({entry.vehicle for entry in salvos.values()}) == 6
    assert scenario.members == ("JPN", "KOR", "USA")
    # Spent stages and pieces fall beside them, and everything comes down.
    assert len([one for one in all_of_it.movers if one.falls]) > 270
    assert all_of_it.ends_s < 4_000.0


def test_a_raid_of_200_is_seen_by_all_three_members() -> None:
    scenario = parse(RAID)
    all_of_it = scene(scenario)
    for member in scenario.members:
        seen = {one.of for dwell in islice(dwells(scenario, all_of_it, member), 400) for one in dwell.seen}
        assert len(seen) > 20
