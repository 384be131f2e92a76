"""Stone Soup 1.9.1 as a competent user sets it up for a raid, in several ways, of which the best counts.

It has no ballistic motion of its own, so it is given one as its manual says to write them: a transition model in
NumPy, gravity with J2, centrifugal and Coriolis acceleration, by one Runge-Kutta step, with the exact gradient for its
Jacobian. And, beyond what a user has, ours: J3 and J4 too, compiled. All the rest is its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from stonesoup.base import Property
from stonesoup.dataassociator.probability import JPDAwithEHM2
from stonesoup.dataassociator.tree import DetectionKDTreeGNN2D, DetectionKDTreeMixIn
from stonesoup.deleter.time import UpdateTimeDeleter
from stonesoup.hypothesiser.distance import DistanceHypothesiser
from stonesoup.hypothesiser.probability import PDAHypothesiser
from stonesoup.initiator.simple import MultiMeasurementInitiator
from stonesoup.measures import Mahalanobis
from stonesoup.models.base import TimeVariantModel
from stonesoup.models.transition.linear import CombinedLinearGaussianTransitionModel, ConstantAcceleration
from stonesoup.models.transition.nonlinear import GaussianTransitionModel
from stonesoup.predictor.kalman import ExtendedKalmanPredictor, UnscentedKalmanPredictor
from stonesoup.tracker.simple import MultiTargetMixtureTracker, MultiTargetTracker
from stonesoup.types.array import CovarianceMatrix, StateVectors
from stonesoup.types.state import GaussianState, State
from stonesoup.types.update import Update
from stonesoup.updater.kalman import ExtendedKalmanUpdater, UnscentedKalmanUpdater

from laurel.gateways.stonesoup import BACK, ORDER, SensorModel, detections_of, model_of
from laurel.instruments.warning.records import Sensor
from laurel.physics.ballistics import propagate, transition
from laurel.physics.compiled import Matrix, Vector
from laurel.physics.earth import A_M, GM_M3PS2, J2, OMEGA_RADPS
from raid.scenes import Scene
from raid.score import Played

GATE = 4.0
"""Mahalanobis distance that holds 99.9 % of true plots of three numbers."""
FASTEST_MPS = 3_000.0
LOST_AFTER = timedelta(seconds=4)
FAR_M = 15_000.0
FAR_BY_VARIANCE = 0.1
"""Metres for each m2 of a foreseen range's variance: five sigmas of a settled track, more of a new one."""
TYPICAL_M, TYPICAL_COS = 900e3, 0.9
POSITION, VELOCITY = np.array([0, 2, 4]), np.array([1, 3, 5])


class Ballistic(GaussianTransitionModel, TimeVariantModel):
    """Free flight over the turning Earth in [x, vx, y, vy, z, vz], with white noise of the acceleration."""

    noise_m2ps3: float = Property(doc="Density of the acceleration's noise on each axis")

    @property
    def ndim_state(self) -> int:
        """Six."""
        return 6

    def function(self, state: State, noise: Any = None, **given: Any) -> StateVectors:
        """Each column after the interval."""
        del noise
        h = given["time_interval"].total_seconds()
        columns: Matrix = np.asarray(state.state_vector, dtype=np.float64)
        first = _rates(columns)
        second = _rates(columns + 0.5 * h * first)
        third = _rates(columns + 0.5 * h * second)
        fourth = _rates(columns + h * third)
        return StateVectors(columns + h / 6.0 * (first + 2.0 * second + 2.0 * third + fourth))

    def jacobian(self, state: State, **given: Any) -> Matrix:
        """(6, 6) to second order."""
        f = _gradient(np.asarray(state.state_vector, dtype=np.float64)[:, 0]) * given["time_interval"].total_seconds()
        return np.eye(6) + f + 0.5 * f @ f

    def covar(self, **given: Any) -> CovarianceMatrix:
        """(6, 6)."""
        h = abs(given["time_interval"].total_seconds())
        small = np.array([[h**3 / 3.0, h * h / 2.0], [h * h / 2.0, h]])
        return CovarianceMatrix(self.noise_m2ps3 * np.kron(np.eye(3), small))


def _rates(columns: Matrix) -> Matrix:
    """(6, n) rates of states in its order: gravity with J2, centrifugal and Coriolis."""
    x, vx, y, vy, z, vz = columns
    r2 = x * x + y * y + z * z
    k = GM_M3PS2 / (r2 * np.sqrt(r2))
    q = 1.5 * J2 * A_M * A_M / r2
    u2 = 5.0 * z * z / r2
    w = OMEGA_RADPS
    flat = -k * (1.0 - q * (u2 - 1.0)) + w * w
    return np.array([vx, flat * x + 2.0 * w * vy, vy, flat * y - 2.0 * w * vx, vz, -k * (1.0 - q * (u2 - 3.0)) * z])


def _gradient(state: Vector) -> Matrix:
    """(6, 6) derivative of the rates by the state, with central gravity: J2 changes it by a thousandth."""
    r = state[POSITION]
    r2 = float(r @ r)
    tide = GM_M3PS2 / r2**1.5 * (3.0 / r2 * np.outer(r, r) - np.eye(3))
    tide[0, 0] += OMEGA_RADPS**2
    tide[1, 1] += OMEGA_RADPS**2
    out = np.zeros((6, 6))
    out[POSITION, VELOCITY] = 1.0
    out[np.ix_(VELOCITY, POSITION)] = tide
    out[1, 3], out[3, 1] = 2.0 * OMEGA_RADPS, -2.0 * OMEGA_RADPS
    return out


class Compiled(Ballistic):
    """The same by Laurel's own kernels, which no user of it has."""

    def function(self, state: State, noise: Any = None, **given: Any) -> StateVectors:
        """Each column after the interval."""
        del noise
        dt_s = given["time_interval"].total_seconds()
        columns: Matrix = np.asarray(state.state_vector, dtype=np.float64)[BACK]
        moved = [propagate(np.ascontiguousarray(column), dt_s, 0.0)[ORDER] for column in columns.T]
        return StateVectors(np.array(moved).T)

    def jacobian(self, state: State, **given: Any) -> Matrix:
        """(6, 6)."""
        ours: Vector = np.ascontiguousarray(np.asarray(state.state_vector, dtype=np.float64)[BACK, 0])
        return transition(ours, given["time_interval"].total_seconds(), 0.0)[np.ix_(ORDER, ORDER)]


class TreeJpda(DetectionKDTreeMixIn, JPDAwithEHM2):
    """Exact joint probabilities by efficient hypothesis management, on what the tree lets through."""


@dataclass(frozen=True)
class Setup:
    """One way to set it up."""

    motion: str = "ballistic"
    noise: float = 1e-3
    filter: str = "EKF"
    association: str = "GNN"
    plots_to_start: int = 3

    @property
    def name(self) -> str:
        """What it is called in the tables."""
        return (
            f"{self.filter}, {self.motion} q={self.noise:g}, {self.association}, {self.plots_to_start} plots to start"
        )


SETUPS = (
    Setup(),
    Setup(noise=1e-1),
    Setup(plots_to_start=4),
    Setup(plots_to_start=2),
    Setup(filter="UKF"),
    Setup(association="JPDA"),
    Setup(filter="UKF", association="JPDA"),
    Setup(motion="constant acceleration", noise=1.0),
    Setup(motion="ballistic compiled by us"),
)


MOTIONS: dict[str, Callable[[float], tuple[Any, int]]] = {
    "ballistic": lambda noise: (Ballistic(noise), 2),
    "ballistic compiled by us": lambda noise: (Compiled(noise), 2),
    "constant acceleration": lambda noise: (
        CombinedLinearGaussianTransitionModel([ConstantAcceleration(noise)] * 3),
        3,
    ),
}
"""The motion with that noise, and how many numbers of its state an axis has."""


def build(setup: Setup, sensors: Sequence[Sensor]) -> MultiTargetTracker | MultiTargetMixtureTracker:
    """The tracker."""
    motion, per_axis = MOTIONS[setup.motion](setup.noise)
    if setup.filter == "UKF":
        predictor: Any = UnscentedKalmanPredictor(motion)
        updater: Any = UnscentedKalmanUpdater()
    else:
        predictor, updater = ExtendedKalmanPredictor(motion), ExtendedKalmanUpdater()
    by_distance = DistanceHypothesiser(predictor, updater, Mahalanobis(), missed_distance=GATE)
    nearest = _with_tree(DetectionKDTreeGNN2D, by_distance)
    doubt = np.tile([0.0, FASTEST_MPS**2, 20.0**2][:per_axis], 3)
    initiator = MultiMeasurementInitiator(
        prior_state=GaussianState(np.zeros((3 * per_axis, 1)), np.diag(doubt)),
        deleter=UpdateTimeDeleter(LOST_AFTER),
        data_associator=nearest,
        updater=updater,
        min_points=setup.plots_to_start,
    )
    rest: dict[str, Any] = {
        "initiator": initiator,
        "deleter": UpdateTimeDeleter(LOST_AFTER),
        "detector": None,
        "updater": updater,
    }
    if setup.association == "GNN":
        return MultiTargetTracker(data_associator=nearest, **rest)
    likely = PDAHypothesiser(
        predictor, updater, clutter_spatial_density=_clutter(sensors[0]), prob_detect=0.95, prob_gate=0.999
    )
    joint = _with_tree(TreeJpda, likely)
    return MultiTargetMixtureTracker(data_associator=joint, **rest)


def _with_tree(associator: Any, hypothesiser: Any) -> Any:
    """That associator behind a k-d tree, which is much of its speed: distance there is nearly distance in range."""
    return associator(
        hypothesiser,
        predictor=hypothesiser.predictor,
        updater=hypothesiser.updater,
        max_distance=FAR_M,
        max_distance_covariance_multiplier=FAR_BY_VARIANCE,
    )


def _clutter(sensor: Sensor) -> float:
    """False plots per rad2 m where the raid is: they are evenly spread over the volume."""
    volume_m3 = 2.0 * np.pi * sensor.max_range_m**3 / 3.0
    return sensor.false_plots / volume_m3 * TYPICAL_M**2 * TYPICAL_COS


def _model(sensor: Sensor, per_axis: int) -> SensorModel:
    plain = model_of(sensor)
    if per_axis == 2:
        return plain
    return type(plain)(
        ndim_state=3 * per_axis,
        mapping=(0, per_axis, 2 * per_axis),
        noise_covar=plain.noise_covar,
        translation_offset=plain.translation_offset,
        rotation_offset=plain.rotation_offset,
    )


def play(setup: Setup, scene: Scene) -> Played:
    """The scene's plots through that setup; counted is the tracker's own CPU time."""
    tracker = build(setup, scene.sensors)
    _, per_axis = MOTIONS[setup.motion](setup.noise)
    models = {sensor.name: (sensor, _model(sensor, per_axis)) for sensor in scene.sensors}
    cpu_s, updates = 0.0, 0
    shown: list[Matrix] = []
    names: list[tuple[str, ...]] = []
    for nth, scan in enumerate(scene.scans):
        detections = detections_of(scan, *models[scan.sensor])
        began_s = time.process_time()
        _, tracks = tracker.update_tracker(scan.at, detections)
        cpu_s += time.process_time() - began_s
        updates += sum(isinstance(track[-1], Update) and track[-1].timestamp == scan.at for track in tracks)
        if (nth + 1) % len(scene.sensors) == 0:
            ordered = sorted(tracks, key=lambda track: track.id)
            places = [np.asarray(track[-1].state_vector, dtype=np.float64)[::per_axis, 0] for track in ordered]
            shown.append(np.array(places).reshape(-1, 3))
            names.append(tuple(track.id for track in ordered))
    return Played(setup.name, cpu_s, updates, tuple(shown), tuple(names))
