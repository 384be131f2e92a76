"""Scenario files in pieces, for tests that change one thing."""

from __future__ import annotations

from laurel.instruments.exercise.scenario import Scenario, parse

HEAD = """
title = "A scenario for tests"
summary = "Notional."
starts_at = 2027-03-01T00:00:00Z
speed = 10.0
seed = 5

[[sources]]
by = "the authors"
says = "notional"
"""

CLASSES = """
[classes.radar]
kind = "radar"
range_sigma_m = 20.0
angle_sigma_mrad = 0.5
max_range_km = 2500.0
period_s = 2.0
false_plots = 0.2
detection = 0.95

[classes.satellite]
kind = "infrared"
angle_sigma_mrad = 0.02
max_range_km = 45000.0
period_s = 5.0
false_plots = 0.05
detection = 0.98
"""

COAST = """
[[sensors]]
member = "JPN"
name = "COAST"
class = "radar"
place = "a coast"
lat_deg = 37.0
lon_deg = 136.7
alt_m = 200.0
"""

SHORE = """
[[sensors]]
member = "JPN"
name = "SHORE"
class = "radar"
place = "another coast"
lat_deg = 35.8
lon_deg = 133.0
alt_m = 100.0
"""

SATELLITE = """
[[sensors]]
member = "USA"
name = "SATELLITE"
class = "satellite"
place = "geostationary orbit"
lat_deg = 0.0
lon_deg = 140.0
alt_m = 35786000.0
"""

LAUNCH = 'launch = { place = "a place", lat_deg = 40.0, lon_deg = 128.0, alt_m = 100.0 }'

MISSILE = f"""
[[objects]]
kind = "missile"
name = "M"
vehicle = "mrbm"
launch_s = 10.0
{LAUNCH}
kick = {{ kick_deg = 9.0, azimuth_deg = 115.0, cutoff = 0.95 }}
"""

SALVO = f"""
[[objects]]
kind = "salvo"
name = "S"
vehicle = "mrbm"
launch_s = 20.0
count = 6
spacing_s = 10.0
azimuth_spread_deg = 3.0
place_spread_km = 30.0
{LAUNCH}
kick = {{ kick_deg = 9.0, azimuth_deg = 115.0, cutoff = 0.95 }}
"""

DEBRIS = """
[[objects]]
kind = "debris"
name = "D"
of = "M"
after_s = 250.0
pieces = 8
spread_mps = 50.0
beta_from_kgpm2 = 30.0
beta_to_kgpm2 = 500.0
"""

AIRCRAFT = """
[[objects]]
kind = "aircraft"
name = "A"
craft = "patrol-aircraft"
waypoints = [
  { lat_deg = 37.5, lon_deg = 135.5, alt_m = 8000.0, speed_mps = 180.0 },
  { lat_deg = 38.5, lon_deg = 136.0, alt_m = 8000.0, speed_mps = 180.0 },
]
"""

SHIP = """
[[objects]]
kind = "ship"
name = "B"
craft = "merchant"
round_and_round = true
waypoints = [
  { lat_deg = 37.5, lon_deg = 135.0, speed_mps = 8.0 },
  { lat_deg = 38.5, lon_deg = 136.0, speed_mps = 8.0, stop_s = 600.0 },
]
"""

SPACE = """
[[objects]]
kind = "space"
name = "O"
circle = { height_km = 500.0, inclination_deg = 97.4, node_deg = 10.0, phase_deg = 0.0 }
"""


def scenario(*parts: str, sensors: str = COAST, lasts_s: float | None = None) -> Scenario:
    """The scenario of these objects and whatever else `parts` says."""
    return parse(written(*parts, sensors=sensors, lasts_s=lasts_s))


def written(*parts: str, sensors: str = COAST, lasts_s: float | None = None) -> bytes:
    """The file of it."""
    lasts = "" if lasts_s is None else f"lasts_s = {lasts_s}\n"
    return (lasts + HEAD + CLASSES + sensors + "".join(parts)).encode()
