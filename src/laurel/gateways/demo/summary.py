"""What a run showed, read from the nodes' own logs and held against the truth."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from laurel.core.record import Record, World
from laurel.gateways.demo.nodes import DemoNode
from laurel.gateways.demo.play import Played
from laurel.gateways.demo.watch import Sample, impact_error_m, is_the_flight, seconds_since
from laurel.instruments.exercise.scenario import Scenario
from laurel.instruments.exercise.simulate import Truth, dwells
from laurel.instruments.warning.records import ALERT, SCAN, SENSOR, TRACK_REPORT, Alert, TrackReport
from laurel.node.keep.ledger import Verified, counts, records_of
from laurel.physics.earth import geodesic

# What must never leave its member.
AT_HOME = (SCAN.name, SENSOR.name)


class AlertLine(Struct, frozen=True):
    """One alert of a member: seconds from launch to alert, and from alert to the predicted impact."""

    at_s: float
    reason: str
    state: str
    lead_s: float | None
    impact_error_km: float | None
    words: str


class MemberLine(Struct, frozen=True):
    """What one member saw, said and held. Times are exercise seconds since launch."""

    member: str
    first_plot_s: float | None
    first_track_s: float | None
    alerts: tuple[AlertLine, ...]
    last_impact_error_km: float | None
    samples: tuple[Sample, ...]
    scans_said: int
    scans_refused: tuple[str, ...]
    records: dict[str, dict[str, int]]
    log_records: int
    log_faults: tuple[str, ...]


class Flown(Struct, frozen=True):
    """The true flight beside the published figure."""

    flight_s: float
    published_flight_s: float | None
    tolerance_s: float | None
    apogee_km: float
    range_km: float
    burnout_s: float
    impact_lat_deg: float
    impact_lon_deg: float


class Shared(Struct, frozen=True):
    """The pictures of all nodes at one paused moment: the system tracks each showed, by member."""

    at_s: float
    tracks: dict[str, tuple[str, ...]]
    equal: bool


class Check(Struct, frozen=True):
    """One thing that must hold, and what was found."""

    says: str
    holds: bool
    found: str


class Summary(Struct, frozen=True):
    """All that a run showed. `slowed_to` is the speed at which it ended when the machine could not keep the first."""

    scenario: str
    title: str
    speed: float
    slowed_to: float | None
    flight: Flown
    shared: Shared
    members: tuple[MemberLine, ...]
    stages_s: dict[str, float]
    checks: tuple[Check, ...]

    @property
    def holds(self) -> bool:
        """Whether everything did that must."""
        return all(check.holds for check in self.checks)


def flown(scenario: Scenario, truth: Truth) -> Flown:
    """The true flight, rounded for reading."""
    flight, launch, published = truth.flight, scenario.flight.launch, scenario.flight.published
    way = geodesic(launch.lat_deg, launch.lon_deg, flight.impact_lat_deg, flight.impact_lon_deg)
    return Flown(
        flight_s=round(truth.flight_s, 1),
        published_flight_s=published.flight_s if published else None,
        tolerance_s=published.flight_tolerance_s if published else None,
        apogee_km=round(flight.apogee_m / 1e3, 1),
        range_km=round(way.distance_m / 1e3, 1),
        burnout_s=round(flight.burnout_t_s, 1),
        impact_lat_deg=round(flight.impact_lat_deg, 3),
        impact_lon_deg=round(flight.impact_lon_deg, 3),
    )


def first_plot_s(scenario: Scenario, truth: Truth, member: str) -> float | None:
    """When one of the member's sensors truly saw the vehicle first."""
    plotted = (dwell.plotted_at for dwell in dwells(scenario, truth, member))
    first = min((at for at in plotted if at is not None), default=None)
    return None if first is None else round(seconds_since(truth, first), 1)


def member_line(
    node: DemoNode,
    world: World,
    scenario: Scenario,
    truth: Truth,
    samples: Sequence[Sample],
    played: Sequence[Played],
    verified: Verified,
) -> MemberLine:
    """What one member's own log and screen tell of the run."""
    first_track_s: float | None = None
    alerts: list[AlertLine] = []
    for _, record in records_of(node.layout, world):
        if record.origin != node.member:
            continue
        if record.kind == TRACK_REPORT.name and first_track_s is None:
            report = msgspec.json.decode(record.body, type=TrackReport)
            if any(is_the_flight(truth, track) for track in report.tracks):
                first_track_s = round(seconds_since(truth, record.at), 1)
        elif record.kind == ALERT.name:
            alerts.append(_alert_line(truth, record))
    held: dict[str, dict[str, int]] = {}
    for row in counts(node.layout, world):
        held.setdefault(row["origin"], {})[row["kind"]] = row["records"]
    predicted = [one.impact_error_km for one in samples if one.impact_error_km is not None]
    return MemberLine(
        member=node.member,
        first_plot_s=first_plot_s(scenario, truth, node.member),
        first_track_s=first_track_s,
        alerts=tuple(alerts),
        last_impact_error_km=predicted[-1] if predicted else None,
        samples=tuple(samples),
        scans_said=sum(one.fed.taken for one in played),
        scans_refused=tuple(f"{one.sensor}: {refusal}" for one in played for refusal in one.fed.refused),
        records=held,
        log_records=verified["records"],
        log_faults=tuple(verified["faults"]),
    )


def _alert_line(truth: Truth, record: Record[msgspec.Raw]) -> AlertLine:
    alert = msgspec.json.decode(record.body, type=Alert)
    where = (alert.impact_lat_deg, alert.impact_lon_deg)
    off_m = None if where[0] is None or where[1] is None else impact_error_m(truth, where[0], where[1])
    return AlertLine(
        at_s=round(seconds_since(truth, record.at), 1),
        reason=alert.reason.value,
        state=alert.state.value,
        lead_s=None if alert.impact_at is None else round((alert.impact_at - record.at).total_seconds(), 1),
        impact_error_km=None if off_m is None else round(off_m / 1e3, 1),
        words=alert.words,
    )


def checks(flight: Flown, members: Sequence[MemberLine], shared: Shared) -> tuple[Check, ...]:
    """Everything that must hold of a run, and what was found."""
    blind = [one.member for one in members if one.first_track_s is None or one.last_impact_error_km is None]
    silent = [one.member for one in members if not one.alerts]
    foreign = {
        f"{one.member} holds {count} {kind} of {origin}"
        for one in members
        for origin, kinds in one.records.items()
        for kind, count in kinds.items()
        if origin != one.member and kind in AT_HOME
    }
    refused = [words for one in members for words in one.scans_refused]
    faults = [f"{one.member}: {fault}" for one in members for fault in one.log_faults]
    seen = {name for names in shared.tracks.values() for name in names}
    return (
        *_as_published(flight),
        Check("every member tracks it and predicts its impact", not blind, ", ".join(blind) or "all"),
        Check("someone is alerted", len(silent) < len(members), f"no alert by {', '.join(silent) or 'nobody'}"),
        Check(
            "all nodes show the same system tracks at one moment",
            shared.equal and bool(seen),
            f"{', '.join(sorted(seen)) or 'none'} at {shared.at_s:+.0f} s",
        ),
        Check("no node holds another's scans or sensors", not foreign, ", ".join(sorted(foreign)) or "none"),
        Check("every scan was taken", not refused, refused[0] if refused else "all"),
        Check("every log holds", not faults, faults[0] if faults else "all"),
    )


def _as_published(flight: Flown) -> tuple[Check, ...]:
    """Nothing to hold it against, where nobody published how long it flew."""
    if flight.published_flight_s is None or flight.tolerance_s is None:
        return ()
    off_s = flight.flight_s - flight.published_flight_s
    return (
        Check(
            f"the flight lasts as long as was published, within {flight.tolerance_s:.0f} s",
            abs(off_s) <= flight.tolerance_s,
            f"{flight.flight_s:.0f} s, published {flight.published_flight_s:.0f} s ({off_s:+.0f} s)",
        ),
    )
