"""What may be asked of warning, by whom, and what is said then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from math import asin, ceil, degrees, isfinite, radians, sqrt
from typing import Annotated

from msgspec import Meta, Struct, structs

from laurel.core.errors import BadField, Nothing, NotPermitted
from laurel.core.fields import RecordId
from laurel.core.instrument import Command, Desk, Role, View
from laurel.core.label import Classification, Label
from laurel.core.record import Draft, Precedence
from laurel.instruments.warning import said as said_alerts
from laurel.instruments.warning import view as tables
from laurel.instruments.warning.alerts import closing
from laurel.instruments.warning.records import (
    AlertState,
    Plot,
    Scan,
    Sensor,
    SensorKind,
    StandingRelease,
)
from laurel.instruments.warning.releases import home
from laurel.physics.earth import A_M

Line = Annotated[str, Meta(min_length=1, max_length=200)]

EARLY = timedelta(seconds=5)
LATE = timedelta(minutes=10)
SENSOR_AUTHOR = "sensor:"

# What noise, refraction and rounding may add to what a sensor can see.
SLACK_DEG = 2.0
SLACK_RANGE = 1.02
OVERHEAD_DEG = 80.0
SLACK_RAD = 0.02
MOST_REAL_PLOTS = 1_200
LOWEST_SATELLITE_M = 300_000.0


class BadSensor(BadField):
    """A description that fits no sensor."""

    says = "this sensor cannot be as described"
    remedy = "correct the field it names and register the sensor again"


class BadScan(BadField):
    """A scan that its sensor cannot have made. All of it is refused."""

    says = "this scan cannot come from this sensor"
    remedy = "check the sensor's clock, pointing and software, or register it as it is; nothing of the scan was kept"


class RegisterSensorAsk(Sensor, frozen=True, forbid_unknown_fields=True):
    """A sensor of ours, or a new description of one: where it stands and how well it sees."""


class ReportScanAsk(Scan, frozen=True, forbid_unknown_fields=True):
    """One scan, reported by its sensor."""


class ReleaseTracksAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """From now on, tracks and alerts go out under this label."""

    release: Label
    reason: Line


class CancelAlertAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Take back an alert of ours, for good."""

    alert: RecordId
    reason: Line


class EndAlertAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Say that an alert is over because its time has passed."""

    alert: RecordId


def register_sensor(ask: RegisterSensorAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Describe a sensor of ours, at home. Raises BadSensor."""
    del view
    sensor = Sensor(**structs.asdict(ask))
    ranged = sensor.kind is SensorKind.RADAR
    if ranged != (sensor.range_sigma_m is not None):
        must_be = "a figure for a radar, nothing for infrared"
        raise BadSensor(field="range_sigma_m", value=sensor.range_sigma_m, must_be=must_be)
    if not ranged and sensor.alt_m < LOWEST_SATELLITE_M:
        raise BadSensor(field="alt_m", value=sensor.alt_m, must_be=f"a satellite's: {LOWEST_SATELLITE_M:.0f} or more")
    return (Draft(sensor, home(desk.member)),)


def report_scan(ask: ReportScanAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Take in one scan of the sensor that asks, at home. Raises NotPermitted, Nothing, BadScan."""
    if desk.author != SENSOR_AUTHOR + ask.sensor:
        needs = f"the credential of {SENSOR_AUTHOR}{ask.sensor}"
        raise NotPermitted(author=desk.author, sensor=ask.sensor, needs=needs)
    sensor = tables.sensor_named(view, desk.member, ask.sensor)
    if sensor is None:
        raise Nothing(sensor=ask.sensor, register_first="warning/register-sensor")
    if not desk.now - LATE <= ask.at <= desk.now + EARLY:
        raise BadScan(
            field="at",
            value=ask.at.isoformat(),
            must_be=f"from {LATE.seconds} s before to {EARLY.seconds} s after {desk.now.isoformat()}",
        )
    most = plausible_plots(sensor)
    if len(ask.plots) > most:
        raise BadScan(field="plots", value=f"{len(ask.plots)} of them", must_be=f"{most} at most")
    for index, plot in enumerate(ask.plots):
        CHECKS[sensor.kind](sensor, plot, f"plots[{index}]")
    return (Draft(Scan(ask.sensor, ask.at, ask.plots), home(desk.member)),)


def plausible_plots(sensor: Sensor) -> int:
    """How many plots one scan may hold: its usual false ones and six sigmas, and a raid no one has seen yet."""
    return ceil(sensor.false_plots + 6.0 * sqrt(sensor.false_plots)) + MOST_REAL_PLOTS


def _check_radar(sensor: Sensor, plot: Plot, where: str) -> None:
    _check_finite(plot, where)
    if plot.range_m is None:
        raise BadScan(field=f"{where}.range_m", value=None, must_be="a range, as a radar measures one")
    farthest_m = sensor.max_range_m * SLACK_RANGE
    if not 0.0 < plot.range_m <= farthest_m:
        raise BadScan(field=f"{where}.range_m", value=plot.range_m, must_be=f"up to {farthest_m:.0f}")
    elevation_deg, lowest_deg = degrees(plot.elevation_rad), sensor.min_elevation_deg - SLACK_DEG
    if not lowest_deg <= elevation_deg <= 90.0:
        must_be = f"from {radians(lowest_deg):.4f} to 1.5708"
        raise BadScan(field=f"{where}.elevation_rad", value=plot.elevation_rad, must_be=must_be)
    width_deg = (sensor.sector_to_deg - sensor.sector_from_deg) % 360.0 or 360.0
    past_edge_deg = (degrees(plot.azimuth_rad) - sensor.sector_from_deg + SLACK_DEG) % 360.0
    # Near the zenith the azimuth says little.
    if past_edge_deg > width_deg + 2.0 * SLACK_DEG and elevation_deg < OVERHEAD_DEG:
        must_be = f"in the sector from {sensor.sector_from_deg} to {sensor.sector_to_deg} degrees"
        raise BadScan(field=f"{where}.azimuth_rad", value=plot.azimuth_rad, must_be=must_be)


def _check_infrared(sensor: Sensor, plot: Plot, where: str) -> None:
    _check_finite(plot, where)
    if plot.range_m is not None:
        raise BadScan(field=f"{where}.range_m", value=plot.range_m, must_be="left out: infrared measures no range")
    disc_rad = asin(A_M / (A_M + sensor.alt_m)) + SLACK_RAD
    for name in ("azimuth_rad", "elevation_rad"):
        angle_rad: float = getattr(plot, name)
        if abs(angle_rad) > disc_rad:
            must_be = f"within {disc_rad:.4f} of the Earth's centre"
            raise BadScan(field=f"{where}.{name}", value=angle_rad, must_be=must_be)


def _check_finite(plot: Plot, where: str) -> None:
    for name, number in structs.asdict(plot).items():
        if number is not None and not isfinite(number):
            raise BadScan(field=f"{where}.{name}", value=number, must_be="a finite number")


CHECKS = {SensorKind.RADAR: _check_radar, SensorKind.INFRARED: _check_infrared}


def release_tracks(ask: ReleaseTracksAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Put a release in force until the next one. Raises BadField."""
    del view
    audience = set(ask.release.rel_to)
    if desk.member not in audience or not audience <= set(desk.members):
        must_be = f"{desk.member} and any of {', '.join(desk.members)}"
        raise BadField(field="release.rel_to", value=", ".join(ask.release.rel_to), must_be=must_be)
    return (Draft(StandingRelease(ask.release, ask.reason), home(desk.member), Precedence.PRIORITY),)


def propose_release(view: View, desk: Desk) -> ReleaseTracksAsk:
    """The release in force, or one to every member."""
    found = tables.standing_release(view, desk.member)
    if found is not None:
        return ReleaseTracksAsk(found[1].release, found[1].reason)
    everyone = tuple(sorted({*desk.members, desk.member}))
    return ReleaseTracksAsk(Label(Classification.SECRET, everyone), "shared warning under the standing agreement")


def cancel_alert(ask: CancelAlertAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say to all who heard the alert that it is taken back. Raises Nothing, BadField."""
    found = own_alert(ask.alert, view, desk)
    if found not in said_alerts.open_alerts(view):
        raise BadField(field="alert", value=ask.alert, must_be="an alert in force; this one was replaced or is over")
    return (closing((found,), AlertState.WITHDRAWN, f"Cancelled by the watch officer: {ask.reason}"),)


def propose_cancel(view: View, desk: Desk) -> CancelAlertAsk:
    """The last alert of ours that is in force. Raises Nothing."""
    own = [one for one in said_alerts.open_alerts(view) if one.member == desk.member]
    if not own:
        raise Nothing(alert="in force", member=desk.member)
    return CancelAlertAsk(own[-1].record, "sent in error")


def end_alert(ask: EndAlertAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say that our alert is over; nothing, if it is another's or no longer in force. Raises Nothing."""
    found = said_alerts.alert_said(view, ask.alert)
    if found is None:
        raise Nothing(alert=ask.alert)
    if found.member != desk.member or found not in said_alerts.open_alerts(view):
        return ()
    late = desk.now - said_alerts.ends_at(found) > said_alerts.ENDS_AFTER_IMPACT
    said = "Over: the predicted impact time has passed" if found.alert.impact_at else "Over: nothing more was seen"
    return (closing((found,), AlertState.ENDED, f"{said}{'; said late, this node was down.' if late else '.'}"),)


def own_alert(record: str, view: View, desk: Desk) -> said_alerts.SaidAlert:
    """An alert that this member said. Raises Nothing, BadField."""
    found = said_alerts.alert_said(view, record)
    if found is None:
        raise Nothing(alert=record)
    if found.member != desk.member:
        raise BadField(field="alert", value=record, must_be=f"an alert of {desk.member}; {found.member} said this one")
    return found


COMMANDS = (
    Command("register-sensor", RegisterSensorAsk, register_sensor, frozenset({Role.ADMINISTRATOR})),
    Command("report-scan", ReportScanAsk, report_scan, frozenset({Role.SENSOR})),
    Command(
        "release-tracks",
        ReleaseTracksAsk,
        release_tracks,
        frozenset({Role.RELEASE_AUTHORITY}),
        confirm="From now on, every track and alert goes to these members?",
        prefill=propose_release,
    ),
    Command("cancel-alert", CancelAlertAsk, cancel_alert, frozenset({Role.WATCH_OFFICER}), prefill=propose_cancel),
    Command("end-alert", EndAlertAsk, end_alert, frozenset({Role.NODE})),
)
