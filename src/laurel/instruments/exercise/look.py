"""What one look of a sensor makes of all that moves: plots as its site reports them, true and false."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import cos, log, log10, pi, radians, sin, sqrt
from typing import NamedTuple, TypeAlias

import numpy as np

from laurel.instruments.exercise.stations import Truly
from laurel.instruments.exercise.streams import Speck, Streams
from laurel.instruments.exercise.traffic.mover import Mover
from laurel.instruments.exercise.weather import WeatherEntry, clouded, clutter, loss_db
from laurel.instruments.warning.records import MAX_PLOTS, Plot, Sensor, SensorKind
from laurel.physics import infrared, radar
from laurel.physics.compiled import Vector
from laurel.physics.earth import ecef_to_geodetic

LONGEST_SCAN_S = 60.0
FALSE_ALARM = 1e-6
EARTH_DISC_RAD = 0.15
INFRARED_SNR_DB = 20.0
"""The model of a plume has no brightness: every one that is seen is as bright as this."""
BENT_RAD = 0.02
"""No ray is bent by more."""
HARDEST_MPS2 = 300.0
"""Nothing here accelerates more."""
FARTHEST_ASIDE_M = 100_000.0
"""No ship's radar stands farther from where it registered: of all classes one has that much room."""


class Sighting(NamedTuple):
    """A true plot: of what, where among the plots of its scan, and when in seconds after `starts_at`."""

    of: str
    plot: int
    at_s: float


@dataclass(frozen=True, eq=False)
class Eye:
    """A sensor as it truly is, and the luck of its looks."""

    sensor: Sensor
    truly: Truly
    weather: tuple[WeatherEntry, ...]
    streams: Streams

    def back_s(self, moment: float) -> float:
        """A moment of a scan, in seconds from its end: never above 0."""
        return -(min(self.sensor.period_s, LONGEST_SCAN_S) * moment)


Look: TypeAlias = Callable[[int, float, Sequence[Mover]], tuple[list[Plot], list[Sighting]]]
"""(its number, its end in seconds, what moves) -> the false plots, then the true ones, and what these are of."""


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


def radar_look(eye: Eye) -> Look:
    """How a radar looks."""
    sensor, weather = eye.sensor, eye.weather
    home = radar_of(sensor)
    covered = replace(home, reach_m=sensor.max_range_m)

    def look(number: int, end_s: float, movers: Sequence[Mover]) -> tuple[list[Plot], list[Sighting]]:
        throws = eye.streams.throws(number)
        times = clutter(weather, end_s, sensor.lat_deg, sensor.lon_deg)
        specks = eye.streams.clutter(number, sensor.false_plots * times, MAX_PLOTS - 1)
        plots = [_false_echo(eye, home, covered, speck) for speck in specks]
        seen: list[Sighting] = []
        for mover in movers:
            if not _may_see(eye, home, mover, end_s):
                continue
            throw = throws(mover.name)
            back_s = eye.back_s(throw.moment)
            met_s = end_s + back_s
            there = mover.at(met_s)
            if there is None or len(plots) >= MAX_PLOTS:
                continue
            site = _stands(eye, home, met_s)
            echo_m2 = _echo_m2(weather, site, mover, there[0], met_s)
            plot = radar.observe(site, there[0], throw.normals, throw.chance, echo_m2)
            if plot is not None and plot.range_m <= sensor.max_range_m:
                seen.append(Sighting(mover.name, len(plots), met_s))
                plots.append(_reported(eye, _as_from(home, site, radar.correct(site, plot)), back_s))
        return plots, seen

    return look


def _may_see(eye: Eye, home: radar.Radar, mover: Mover, end_s: float) -> bool:
    """Whether it could be met in this look: a quick test that lets nothing through that could."""
    begin_s = end_s - min(eye.sensor.period_s, LONGEST_SCAN_S)
    if mover.until_s < begin_s or mover.from_s > end_s:
        return False
    found = mover.at(min(max(end_s, mover.from_s), mover.until_s))
    if found is None:
        return True
    position, velocity = found
    away = position - home.position_ecef_m
    # What the ship may be aside, and what it moves in a look, also while a motor adds to its speed.
    period_s = eye.sensor.period_s
    moved_m = 2.0 * sqrt(float(velocity @ velocity)) * period_s + HARDEST_MPS2 * period_s**2
    moved_m += 0.0 if eye.truly.way is None else FARTHEST_ASIDE_M
    away_m = sqrt(float(away @ away))
    if away_m - moved_m > eye.sensor.max_range_m:
        return False
    lowest_m = away_m * sin(radians(home.lowest_deg) - BENT_RAD)
    return float(away @ home.enu[2]) + moved_m >= lowest_m


def _stands(eye: Eye, home: radar.Radar, t_s: float) -> radar.Radar:
    """Where the radar truly is then."""
    if eye.truly.way is None:
        return home
    lat_deg, lon_deg, _ = ecef_to_geodetic(eye.truly.way.at(t_s)[0])
    return replace(home, lat_deg=lat_deg, lon_deg=lon_deg)


def _echo_m2(
    weather: tuple[WeatherEntry, ...], site: radar.Radar, mover: Mover, position_ecef_m: Vector, t_s: float
) -> float:
    """Its cross-section, less by what the weather takes."""
    rcs_m2 = mover.cross_section.rcs_m2
    if not weather:
        return rcs_m2
    places = (site.lat_deg, site.lon_deg, site.alt_m), ecef_to_geodetic(position_ecef_m)
    return float(rcs_m2 * 10.0 ** (-0.1 * loss_db(weather, t_s, *places)))


def _as_from(home: radar.Radar, site: radar.Radar, plot: radar.Plot) -> radar.Plot:
    """What was measured where the ship is, as it would be from where it registered."""
    if site is home:
        return plot
    measured = np.array([plot.range_m, plot.azimuth_rad, plot.elevation_rad])
    position = radar.radar_position(measured, site.position_ecef_m, site.enu)
    range_m, azimuth, elevation = radar.radar_h(position, home.position_ecef_m, home.enu).tolist()
    return radar.Plot(range_m, azimuth % (2.0 * pi), elevation, plot.snr)


def _false_echo(eye: Eye, home: radar.Radar, covered: radar.Radar, speck: Speck) -> Plot:
    return _reported(eye, radar.correct(home, radar.false_plot(covered, speck.place)), eye.back_s(speck.moment))


def _reported(eye: Eye, plot: radar.Plot, back_s: float) -> Plot:
    """As the site reports it, with its bias."""
    bias = eye.truly.bias
    return Plot(
        back_s,
        (plot.azimuth_rad + bias.azimuth_mrad * 1e-3) % (2.0 * pi),
        plot.elevation_rad + bias.elevation_mrad * 1e-3,
        max(plot.range_m + bias.range_m, 1.0),
        10.0 * log10(plot.snr),
    )


def infrared_look(eye: Eye) -> Look:
    """How a satellite looks."""
    sensor, weather = eye.sensor, eye.weather
    satellite = infrared.Infrared(
        lon_deg=sensor.lon_deg,
        lat_deg=sensor.lat_deg,
        alt_m=sensor.alt_m,
        sigma_rad=sensor.angle_sigma_rad,
        detection=sensor.detection,
    )

    def look(number: int, end_s: float, movers: Sequence[Mover]) -> tuple[list[Plot], list[Sighting]]:
        throws = eye.streams.throws(number)
        plots = [_glint(eye, speck) for speck in eye.streams.clutter(number, sensor.false_plots, MAX_PLOTS - 1)]
        seen: list[Sighting] = []
        for mover in movers:
            if not mover.falls:
                continue
            throw = throws(mover.name)
            back_s = eye.back_s(throw.moment)
            met_s = end_s + back_s
            there = mover.at(met_s) if mover.burns(met_s) else None
            if there is None or len(plots) >= MAX_PLOTS:
                continue
            position = there[0]
            if weather and clouded(weather, met_s, ecef_to_geodetic(position)):
                continue
            plot = infrared.observe(satellite, position, throw.normals, throw.chance, thrusting=True)
            if plot is not None:
                seen.append(Sighting(mover.name, len(plots), met_s))
                plots.append(_sighted(eye, plot.azimuth_rad, plot.elevation_rad, back_s))
        return plots, seen

    return look


def _glint(eye: Eye, speck: Speck) -> Plot:
    """Sunlight on a cloud somewhere on the Earth's disc."""
    away, turn = EARTH_DISC_RAD * sqrt(float(speck.place[0])), 2.0 * pi * float(speck.place[1])
    return _sighted(eye, away * cos(turn), away * sin(turn), eye.back_s(speck.moment))


def _sighted(eye: Eye, azimuth_rad: float, elevation_rad: float, back_s: float) -> Plot:
    bias = eye.truly.bias
    return Plot(
        back_s,
        azimuth_rad + bias.azimuth_mrad * 1e-3,
        elevation_rad + bias.elevation_mrad * 1e-3,
        None,
        INFRARED_SNR_DB,
    )


LOOKS: dict[SensorKind, Callable[[Eye], Look]] = {
    SensorKind.RADAR: radar_look,
    SensorKind.INFRARED: infrared_look,
}
