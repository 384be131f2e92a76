"""What truly flies in a scenario, and what each sensor makes of it.

Pure: the dice are those of the scenario's seed, one stream for each sensor's name, so a sensor that is
added or moved leaves the plots of all others as they were.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import cos, log, log10, pi, sin, sqrt

import numpy as np
from numpy.random import Generator

from laurel.instruments.exercise.scenario import BadScenario, Scenario
from laurel.instruments.warning.records import MAX_PLOTS, Plot, Scan, Sensor, SensorKind
from laurel.physics import infrared, radar
from laurel.physics.boost import Site, solve_boost
from laurel.physics.compiled import Vector
from laurel.physics.flight import Flight
from laurel.physics.vehicles import VEHICLES

AFTER_IMPACT_S = 60.0
LONGEST_SCAN_S = 60.0
FALSE_ALARM = 1e-6
EARTH_DISC_RAD = 0.15
INFRARED_SNR_DB = 20.0
"""The model of a plume has no brightness: every one that is seen is as bright as this."""


@dataclass(frozen=True, eq=False)
class Truth:
    """The flight as it really is, which no node is ever told."""

    launched_at: datetime
    flight: Flight

    @property
    def flight_s(self) -> float:
        """Seconds from launch to impact."""
        return self.flight.impact_t_s

    @property
    def impact_at(self) -> datetime:
        """When it meets the ground."""
        return self.launched_at + timedelta(seconds=self.flight_s)


def solve(scenario: Scenario) -> Truth:
    """The flight that meets the scenario's apogee and range. Raises BadScenario, NoSuchFlight."""
    vehicle = VEHICLES.get(scenario.vehicle)
    if vehicle is None:
        why = "no such vehicle; there are " + ", ".join(sorted(VEHICLES))
        raise BadScenario(field="vehicle", value=scenario.vehicle, why=why)
    launch, aim = scenario.launch, scenario.aim
    site = Site(launch.lat_deg, launch.lon_deg, launch.alt_m)
    solved = solve_boost(vehicle, site, aim.azimuth_deg, aim.apogee_km * 1e3, aim.range_km * 1e3)
    return Truth(scenario.starts_at, solved.flight)


@dataclass(frozen=True)
class Dwell:
    """One scan, and when within it the vehicle was truly plotted: None when every plot is false."""

    scan: Scan
    plotted_at: datetime | None


def scans(scenario: Scenario, truth: Truth, member: str) -> Iterator[Scan]:
    """All scans of one member's sensors in the order of their times, from launch to a minute after impact.

    Every sensor reports every period: that it saw nothing is news too.
    """
    return (dwell.scan for dwell in dwells(scenario, truth, member))


def dwells(scenario: Scenario, truth: Truth, member: str) -> Iterator[Dwell]:
    """The same with the truth beside each scan, for those who run the exercise."""
    sensors = scenario.sensors.get(member, ())
    streams = (_sensor_dwells(sensor, truth, _dice(scenario.seed, sensor.name)) for sensor in sensors)
    return heapq.merge(*streams, key=lambda dwell: dwell.scan.at)


def _sensor_dwells(sensor: Sensor, truth: Truth, dice: Generator) -> Iterator[Dwell]:
    """`at` is the end of each scan; the vehicle is met at a chance moment within it."""
    look = LOOKS[sensor.kind](sensor, dice)
    end_s = float(dice.uniform(0.0, sensor.period_s))
    while end_s <= truth.flight_s + AFTER_IMPACT_S:
        offset_s = _within(sensor, dice)
        plots, plotted = look(truth.flight, end_s + offset_s, offset_s)
        scan = Scan(sensor.name, truth.launched_at + timedelta(seconds=end_s), tuple(plots))
        yield Dwell(scan, scan.at + timedelta(seconds=offset_s) if plotted else None)
        end_s += sensor.period_s


Look = Callable[[Flight, float, float], tuple[list[Plot], bool]]
"""(flight, seconds since launch, seconds from the scan's end) -> its plots, and whether the last is true."""


def radar_of(sensor: Sensor) -> radar.Radar:
    """The radar that has this sensor's figures.

    `detection` is its chance at half of the greatest range; the signal falls with the fourth power.
    """
    needed_snr = log(FALSE_ALARM) / log(min(sensor.detection, 0.999)) - 1.0
    reach_m = 0.5 * sensor.max_range_m * (needed_snr / radar.SNR_AT_REACH) ** 0.25
    width_deg = (sensor.sector_to_deg - sensor.sector_from_deg) % 360.0 or 360.0
    return radar.Radar(
        lat_deg=sensor.lat_deg,
        lon_deg=sensor.lon_deg,
        alt_m=sensor.alt_m,
        sigma_range_m=sensor.range_sigma_m or 0.0,
        sigma_angle_rad=sensor.angle_sigma_rad,
        reach_m=reach_m,
        false_alarm=FALSE_ALARM,
        boresight_deg=sensor.sector_from_deg + 0.5 * width_deg,
        sector_deg=width_deg,
        lowest_deg=sensor.min_elevation_deg,
    )


def _radar_look(sensor: Sensor, dice: Generator) -> Look:
    site = radar_of(sensor)
    clutter = replace(site, reach_m=sensor.max_range_m)

    def look(flight: Flight, met_s: float, offset_s: float) -> tuple[list[Plot], bool]:
        normals, uniform = dice.standard_normal(3), float(dice.random())
        seen = [(radar.false_plot(clutter, dice.random(3)), _within(sensor, dice)) for _ in range(_few(sensor, dice))]
        plot = radar.observe(site, flight.at(met_s)[0], normals, uniform) if _flies(flight, met_s) else None
        plotted = plot is not None and plot.range_m <= sensor.max_range_m
        if plot is not None and plotted:
            seen.append((plot, offset_s))
        return [_radar_plot(radar.correct(site, one), at_s) for one, at_s in seen], plotted

    return look


def _radar_plot(plot: radar.Plot, offset_s: float) -> Plot:
    return Plot(offset_s, plot.azimuth_rad, plot.elevation_rad, plot.range_m, 10.0 * log10(plot.snr))


def _infrared_look(sensor: Sensor, dice: Generator) -> Look:
    satellite = infrared.Infrared(
        lon_deg=sensor.lon_deg,
        lat_deg=sensor.lat_deg,
        alt_m=sensor.alt_m,
        sigma_rad=sensor.angle_sigma_rad,
        detection=sensor.detection,
    )

    def look(flight: Flight, met_s: float, offset_s: float) -> tuple[list[Plot], bool]:
        normals, uniform = dice.standard_normal(2), float(dice.random())
        plots = [_glint(dice.random(2), _within(sensor, dice)) for _ in range(_few(sensor, dice))]
        if not _flies(flight, met_s):
            return plots, False
        burning = flight.thrusting(met_s)
        plot = infrared.observe(satellite, flight.at(met_s)[0], normals, uniform, thrusting=burning)
        if plot is not None:
            plots.append(Plot(offset_s, plot.azimuth_rad, plot.elevation_rad, None, INFRARED_SNR_DB))
        return plots, plot is not None

    return look


def _glint(uniforms: Vector, offset_s: float) -> Plot:
    """Sunlight on a cloud somewhere on the Earth's disc."""
    away, turn = EARTH_DISC_RAD * sqrt(float(uniforms[0])), 2.0 * pi * float(uniforms[1])
    return Plot(offset_s, away * cos(turn), away * sin(turn), None, INFRARED_SNR_DB)


LOOKS: dict[SensorKind, Callable[[Sensor, Generator], Look]] = {
    SensorKind.RADAR: _radar_look,
    SensorKind.INFRARED: _infrared_look,
}


def _within(sensor: Sensor, dice: Generator) -> float:
    """A chance moment of a scan, in seconds before its end."""
    return -float(dice.uniform(0.0, min(sensor.period_s, LONGEST_SCAN_S)))


def _few(sensor: Sensor, dice: Generator) -> int:
    return min(int(dice.poisson(sensor.false_plots)), MAX_PLOTS - 1)


def _flies(flight: Flight, t_s: float) -> bool:
    return flight.start_t_s <= t_s <= flight.impact_t_s


def _dice(seed: int, name: str) -> Generator:
    stream = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])
    return np.random.default_rng([seed, stream])
