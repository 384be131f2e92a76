"""Plots and tracks through Stone Soup and back; and our scores against its own on random scenes."""

from __future__ import annotations

import warnings
from datetime import datetime, timedelta
from math import pi

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from tests.instruments.warning.firing_range import NOON, infrared, radar
from tests.instruments.warning.flights import over_japan, track_of

from laurel.instruments.warning.records import Plot, Scan, Sensor, SensorKind, TrackState
from laurel.instruments.warning.score import Moment, Pairing, gospa, ospa, siap
from laurel.physics.compiled import Matrix
from laurel.physics.earth import enu_matrix, geodetic_to_ecef
from laurel.physics.infrared import satellite_frame
from laurel.physics.radar import radar_h

pytest.importorskip("stonesoup", reason="Stone Soup is not installed here: pip install laurel[bench]")

with warnings.catch_warnings():
    # Its optional parts warn of what they lack.
    warnings.simplefilter("ignore")
    from stonesoup.measures import Euclidean
    from stonesoup.metricgenerator.manager import MultiManager
    from stonesoup.metricgenerator.ospametric import GOSPAMetric, OSPAMetric
    from stonesoup.metricgenerator.tracktotruthmetrics import SIAPMetrics
    from stonesoup.types.array import StateVector
    from stonesoup.types.association import AssociationSet, TimeRangeAssociation
    from stonesoup.types.groundtruth import GroundTruthPath
    from stonesoup.types.hypothesis import SingleHypothesis
    from stonesoup.types.state import GaussianState, State
    from stonesoup.types.time import TimeRange
    from stonesoup.types.track import Track as Path
    from stonesoup.types.update import GaussianStateUpdate

    from laurel.gateways.stonesoup import (
        ORDER,
        NotACovariance,
        detections_of,
        model_of,
        path_of,
        scan_of,
        state_of,
    )
    from laurel.gateways.stonesoup import (
        track_of as track_from,
    )

angles = st.floats(-3.14, 3.14)
elevations = st.floats(-1.5, 1.5)
offsets = st.integers(-60_000_000, 60_000_000).map(lambda microseconds: microseconds / 1e6)


radar_rows = st.tuples(offsets, angles, elevations, st.floats(1.0, 1e7), st.floats(-50.0, 150.0))


@given(st.lists(radar_rows, max_size=6, unique_by=lambda row: row[0]))
def test_a_radar_scan_goes_there_and_back(rows: list[tuple[float, float, float, float, float]]) -> None:
    sensor = radar()
    scan = Scan(sensor.name, NOON, tuple(Plot(*row) for row in sorted(rows)))
    back = scan_of(detections_of(scan, sensor), sensor, NOON)
    assert len(back.plots) == len(scan.plots)
    for one, other in zip(scan.plots, back.plots, strict=True):
        assert structs.astuple(other) == pytest.approx(structs.astuple(one), abs=1e-9)


@given(st.lists(st.tuples(angles, elevations), max_size=4, unique=True))
def test_an_infrared_scan_goes_there_and_back_without_a_range(rows: list[tuple[float, float]]) -> None:
    sensor = infrared()
    scan = Scan(sensor.name, NOON, tuple(Plot(0.0, *row, None, 20.0) for row in sorted(rows)))
    back = scan_of(detections_of(scan, sensor), sensor, NOON)
    assert all(plot.range_m is None for plot in back.plots)
    assert [plot.azimuth_rad for plot in back.plots] == pytest.approx([row[0] for row in sorted(rows)], abs=1e-9)


def test_an_azimuth_beyond_half_a_turn_comes_back_as_the_same_direction() -> None:
    sensor = radar()
    scan = Scan(sensor.name, NOON, (Plot(0.0, 6.0, 0.3, 1e6, 20.0),))
    (back,) = scan_of(detections_of(scan, sensor), sensor, NOON).plots
    assert back.azimuth_rad == pytest.approx(6.0 - 2.0 * pi)


@pytest.mark.parametrize("sensor", [radar(), infrared()], ids=["radar", "infrared"])
def test_its_measurement_model_sees_what_ours_sees(sensor: Sensor) -> None:
    site = geodetic_to_ecef(sensor.lat_deg, sensor.lon_deg, sensor.alt_m)
    ranged = sensor.kind is SensorKind.RADAR
    frame = enu_matrix(sensor.lat_deg, sensor.lon_deg) if ranged else satellite_frame(site)
    model = model_of(sensor)
    assert model.rotation_matrix == pytest.approx(frame, abs=1e-12)
    for lat_deg, lon_deg, alt_m in ((40.0, 131.0, 2e5), (36.0, 127.0, 8e5), (30.0, 140.0, 1e5)):
        place = geodetic_to_ecef(lat_deg, lon_deg, alt_m)
        numbers = np.concatenate((place, [1.0, 2.0, 3.0]))[ORDER]
        its = [float(number) for number in model.function(State(StateVector(numbers)))[:, 0]]
        away, azimuth, elevation = radar_h(place, site, frame).tolist()
        (ours,) = detections_of(
            Scan(sensor.name, NOON, (Plot(0.0, azimuth, elevation, away if ranged else None, 1.0),)), sensor
        )
        assert its == pytest.approx([float(number) for number in ours.state_vector[:, 0]], abs=1e-6)
    sigma2 = [sensor.angle_sigma_rad**2] * 2 + ([sensor.range_sigma_m**2] if sensor.range_sigma_m else [])
    assert np.diag(model.noise_covar) == pytest.approx(sigma2)


def test_a_detection_keeps_its_time_and_its_sensor() -> None:
    scan = Scan("R1", NOON, (Plot(-0.25, 1.0, 0.5, 1e6, 17.0),))
    (detection,) = detections_of(scan, radar())
    assert detection.timestamp == NOON - timedelta(seconds=0.25)
    assert detection.metadata == {"sensor": "R1", "snr_db": 17.0}


def test_a_track_goes_there_and_back_with_its_covariance() -> None:
    flight = over_japan()
    root = np.random.default_rng(1).standard_normal((6, 6))
    upper = tuple((root @ root.T)[np.triu_indices(6)].tolist())
    reports = [track_of(flight, t_s, number=7, covariance=upper) for t_s in (10.0, 20.0)]
    path = path_of(reports)
    assert path.id == "7"
    assert [state.timestamp for state in path] == [report.at for report in reports]
    back = track_from(path, 7)
    assert back.position_ecef_m == pytest.approx(reports[-1].position_ecef_m)
    assert back.velocity_ecef_mps == pytest.approx(reports[-1].velocity_ecef_mps)
    assert back.covariance == pytest.approx(upper)
    assert (back.number, back.first_at, back.at) == (7, reports[0].at, reports[-1].at)


def test_its_state_has_position_and_velocity_in_turn() -> None:
    track = track_of(over_japan(), 5.0)
    state = state_of(track)
    assert state.state_vector[[0, 2, 4], 0] == pytest.approx(track.position_ecef_m)
    assert state.state_vector[[1, 3, 5], 0] == pytest.approx(track.velocity_ecef_mps)


def updated(at: datetime, sensor: Sensor) -> GaussianStateUpdate:
    plot = Plot(0.0, 1.0, 0.5, 1e6 if sensor.range_sigma_m else None, 20.0)
    (detection,) = detections_of(Scan(sensor.name, at, (plot,)), sensor)
    return GaussianStateUpdate(np.ones((6, 1)), np.eye(6), SingleHypothesis(None, detection), at)


def test_plots_and_sensors_of_its_track_are_those_of_its_updates() -> None:
    at = [NOON + timedelta(seconds=t) for t in range(4)]
    guess = GaussianState(np.ones((6, 1)), np.eye(6), at[3])
    path = Path([updated(at[0], radar()), updated(at[1], infrared()), updated(at[2], radar("R2")), guess])
    track = track_from(path, 3)
    assert (track.plots, track.sensors, track.kinds) == (3, ("I1", "R1", "R2"), (SensorKind.RADAR, SensorKind.INFRARED))
    assert (track.state, track.seen_at, track.at) == (TrackState.COASTING, at[2], at[3])
    assert track_from(Path([updated(at[0], radar())]), 3).state is TrackState.TRACKED


def test_a_track_without_six_numbers_and_a_covariance_is_refused() -> None:
    for path in (
        Path([]),
        Path([GaussianState(np.ones((4, 1)), np.eye(4), NOON)]),
        Path([State(np.ones((6, 1)), NOON)]),
    ):
        with pytest.raises(NotACovariance):
            track_from(path, 1)


def random_sets(seed: int) -> tuple[Matrix, Matrix]:
    dice = np.random.default_rng(seed)
    return dice.normal(0.0, 8.0, (int(dice.integers(0, 7)), 3)), dice.normal(0.0, 8.0, (int(dice.integers(1, 7)), 3))


def states(points: Matrix) -> list[State]:
    return [State(point.reshape(3, 1), NOON) for point in points]


@pytest.mark.parametrize("order", [1.0, 2.0])
def test_our_gospa_is_that_of_stone_soup(order: float) -> None:
    for seed in range(60):
        tracks, truths = random_sets(seed)
        its, _ = GOSPAMetric(p=order, c=10.0).compute_gospa_metric(states(tracks), states(truths))
        ours = gospa(tracks, truths, 10.0, order)
        found = (ours.distance_m, ours.localisation, ours.missed, ours.false)
        expected = tuple(float(its.value[part]) for part in ("distance", "localisation", "missed", "false"))
        assert found == pytest.approx(expected)


def test_our_ospa_is_that_of_stone_soup() -> None:
    # Of order 1: for higher orders it assigns by plain distances, which is not the least sum of their powers.
    for seed in range(60):
        tracks, truths = random_sets(seed)
        its = OSPAMetric(p=1.0, c=10.0).compute_OSPA_distance(states(tracks), states(truths))
        assert ospa(tracks, truths, 10.0) == pytest.approx(float(its.value))


def test_our_siap_is_that_of_stone_soup() -> None:
    for seed in range(20):
        dice = np.random.default_rng(seed)
        times = [NOON + timedelta(seconds=t) for t in range(12)]
        truths = {k: dice.normal(0.0, 50.0, (12, 6)) for k in range(3)}
        tracks = {k: dice.normal(0.0, 50.0, (12, 6)) for k in range(10, 15)}
        # Each track stands for one truth throughout a stretch of its own, or for none.
        stretches: dict[int, tuple[int, int, int]] = {}
        for k in tracks:
            first = int(dice.integers(0, 11))
            stretches[k] = int(dice.integers(0, 4)), first, int(dice.integers(first + 1, 12))
        moments: list[Moment] = []
        for t in range(12):
            pairings: list[Pairing] = []
            for k, (truth, first, last) in stretches.items():
                if truth < 3 and first <= t <= last:
                    off = tracks[k][t] - truths[truth][t]
                    pairings.append(Pairing(truth, k, float(np.linalg.norm(off[:3])), float(np.linalg.norm(off[3:]))))
            moments.append(Moment(float(t), tuple(truths), tuple(tracks), tuple(pairings)))
        paths = {
            k: GroundTruthPath([State(row.reshape(6, 1), at) for row, at in zip(rows, times, strict=True)])
            for k, rows in truths.items()
        }
        held = {
            k: Path([State(row.reshape(6, 1), at) for row, at in zip(rows, times, strict=True)])
            for k, rows in tracks.items()
        }
        generator = SIAPMetrics(position_measure=Euclidean((0, 1, 2)), velocity_measure=Euclidean((3, 4, 5)))
        manager = MultiManager([generator])
        manager.add_data({"groundtruth_paths": set(paths.values()), "tracks": set(held.values())})
        manager.association_set = AssociationSet(
            {
                TimeRangeAssociation({paths[truth], held[k]}, TimeRange(times[first], times[last]))
                for k, (truth, first, last) in stretches.items()
                if truth < 3
            }
        )
        its = {metric.title: metric.value for metric in generator.compute_metric(manager)}
        ours = siap(moments)
        expected = (
            its["SIAP Completeness"],
            its["SIAP Ambiguity"],
            its["SIAP Spuriousness"],
            its["SIAP Position Accuracy"],
            its["SIAP Velocity Accuracy"],
            its["SIAP Rate of Track Number Change"],
            its["SIAP Longest Track Segment"],
        )
        assert ours == pytest.approx(expected)
