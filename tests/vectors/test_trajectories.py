"""Reference arcs that two independent propagators agree on to 1 mm, and a third to 0.2 m."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from laurel.physics import earth
from laurel.physics.ballistics import to_ground
from laurel.physics.earth import enu_to_ecef, geodesic, geodetic_to_ecef
from laurel.physics.flight import Flight, fly

CASES = ("TC02", "TC08", "TC11", "TC14", "TC18", "TC24")
Reference = dict[str, Any]


@pytest.fixture(scope="module")
def reference(shared_data: Path) -> Reference:
    return json.loads((shared_data / "trajectories" / "cases.json").read_text())


def case_of(reference: Reference, name: str) -> Reference:
    return next(case for case in reference["cases"] if case["id"] == name)


def start_of(case: Reference) -> tuple[earth.Vector, earth.Vector]:
    burnout = case["burnout"]
    lat, lon = burnout["lat_deg"], burnout["lon_deg"]
    return geodetic_to_ecef(lat, lon, burnout["alt_m"]), enu_to_ecef(np.array(burnout["vel_enu_mps"]), lat, lon)


def flown(case: Reference) -> Flight:
    return fly(*start_of(case), case["beta_kg_m2"])


def test_our_constants_are_those_of_the_reference(reference: Reference) -> None:
    model = reference["model"]
    assert model["GM_m3s2"] == earth.GM_M3PS2
    assert model["a_m"] == earth.A_M
    assert model["inv_f"] == earth.INV_F
    assert model["omega_rad_s"] == earth.OMEGA_RADPS
    assert [model["J2"], model["J3"], model["J4"]] == [earth.J2, earth.J3, earth.J4]


def test_every_arc_of_the_reference_is_flown(reference: Reference) -> None:
    assert {case["id"] for case in reference["cases"]} == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_an_arc_starts_where_the_reference_starts(reference: Reference, name: str) -> None:
    case = case_of(reference, name)
    position, velocity = start_of(case)
    assert position == pytest.approx(case["burnout"]["pos_ecef_m"], abs=1e-4)
    assert velocity == pytest.approx(case["burnout"]["vel_ecef_mps"], abs=1e-6)


@pytest.mark.parametrize("name", CASES)
def test_an_arc_lands_within_ten_metres_and_a_hundredth_of_a_second(reference: Reference, name: str) -> None:
    case = case_of(reference, name)
    flight, wanted = flown(case), case["expected"]
    miss = geodesic(
        flight.impact_lat_deg, flight.impact_lon_deg, wanted["impact_lat_deg"], wanted["impact_lon_deg"]
    ).distance_m
    assert miss < 10.0
    assert flight.impact_t_s == pytest.approx(wanted["impact_t_s"], abs=0.01)
    assert flight.impact_speed_mps == pytest.approx(wanted["impact_speed_ecef_mps"], abs=0.01)


@pytest.mark.parametrize("name", CASES)
def test_an_arc_peaks_within_five_metres_and_a_hundredth_of_a_second(reference: Reference, name: str) -> None:
    case = case_of(reference, name)
    flight, wanted = flown(case), case["expected"]
    assert flight.apogee_m == pytest.approx(wanted["apogee_alt_m"], abs=5.0)
    assert flight.apogee_t_s == pytest.approx(wanted["apogee_t_s"], abs=0.01)


@pytest.mark.parametrize("name", CASES)
def test_every_sample_between_the_steps_is_within_five_metres(reference: Reference, name: str) -> None:
    case = case_of(reference, name)
    flight = flown(case)
    for sample in case["expected"]["samples"]:
        position, velocity = flight.at(sample["t_s"])
        assert np.linalg.norm(position - np.array(sample["pos_ecef_m"])) < 5.0
        assert np.linalg.norm(velocity - np.array(sample["vel_ecef_mps"])) < 0.05


@pytest.mark.parametrize("name", CASES)
def test_the_predictors_quick_fall_agrees_with_the_reference(reference: Reference, name: str) -> None:
    case = case_of(reference, name)
    wanted, beta = case["expected"], case["beta_kg_m2"]
    state, t_s, landed = to_ground(np.concatenate(start_of(case)), 1.0 / beta if beta else 0.0)
    there = geodetic_to_ecef(wanted["impact_lat_deg"], wanted["impact_lon_deg"], 0.0)
    assert landed
    assert np.linalg.norm(state[:3] - there) < 10.0
    assert t_s == pytest.approx(wanted["impact_t_s"], abs=0.01)
