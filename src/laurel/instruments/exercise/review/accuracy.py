"""How near the truth each member was: its tracks' places, its alerts' impacts, the impacts that it saw."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from laurel.instruments.exercise.review.threats import Threat, TrueFlight, true_off_m
from laurel.instruments.warning.records import AlertState
from laurel.physics.earth import geodesic

MOST_SAMPLES = 240
"""So many places of each track are held against the truth, evenly spread."""
MOST_TOLD = 60
"""So many of them are told for each threat and member. The figures are of all that were held against it."""


class PositionSample(Struct, frozen=True):
    """How far a track was from the truth, so many seconds after the launch."""

    since_s: float
    error_m: float


class Predicted(Struct, frozen=True):
    """An impact that an alert predicted: so many seconds before the true one, so far from it, so much too late."""

    record: str
    lead_s: float
    error_m: float
    late_s: float | None


class ObservedError(Struct, frozen=True):
    """The impact that was seen, against the true one."""

    error_m: float
    late_s: float


class Accuracy(Struct, frozen=True):
    """One member and one threat. Figures are None where there is nothing to measure.

    `samples` are some of those that the median and the nine in ten are of.
    """

    threat: str
    member: str
    samples: tuple[PositionSample, ...]
    median_m: float | None
    nine_in_ten_m: float | None
    first: Predicted | None
    last: Predicted | None
    predicted: tuple[Predicted, ...]
    observed: ObservedError | None


def accuracy(threats: Sequence[Threat], members: Sequence[str]) -> tuple[Accuracy, ...]:
    """For each threat whose truth is known, and each member that tracked or predicted it."""
    found = (
        _accuracy(threat, threat.flight, member)
        for threat in threats
        if threat.flight is not None
        for member in members
    )
    return tuple(one for one in found if one.samples or one.predicted or one.observed)


def _accuracy(threat: Threat, flight: TrueFlight, member: str) -> Accuracy:
    samples = sorted(
        (
            PositionSample(round((at - flight.launched_at).total_seconds(), 3), round(off_m, 1))
            for line in threat.tracks
            if line.member == member
            for at, place in line.samples[:: len(line.samples) // MOST_SAMPLES + 1]
            if (off_m := true_off_m(flight, at, place)) is not None
        ),
        key=lambda one: (one.since_s, one.error_m),
    )
    errors = sorted(one.error_m for one in samples)
    predicted = tuple(_predicted(threat, flight, member))
    seen = [line.observed for line in threat.tracks if line.member == member and line.observed]
    observed = None
    if seen and flight.fell is not None:
        last = max(seen, key=lambda one: (one.at, one.lat_deg, one.lon_deg))
        observed = ObservedError(
            error_m=round(geodesic(last.lat_deg, last.lon_deg, flight.fell.lat_deg, flight.fell.lon_deg).distance_m, 1),
            late_s=_late_s(flight.fell.at, last.at),
        )
    return Accuracy(
        threat=threat.name,
        member=member,
        samples=tuple(samples[:: len(samples) // MOST_TOLD + 1]),
        median_m=_nth(errors, 0.5),
        nine_in_ten_m=_nth(errors, 0.9),
        first=predicted[0] if predicted else None,
        last=predicted[-1] if predicted else None,
        predicted=predicted,
        observed=observed,
    )


def _predicted(threat: Threat, flight: TrueFlight, member: str) -> list[Predicted]:
    found: list[Predicted] = []
    fell = flight.fell
    for said, alert in threat.alerts:
        lat_deg, lon_deg = alert.impact_lat_deg, alert.impact_lon_deg
        if said.by != member or alert.state is not AlertState.PREDICTED or fell is None:
            continue
        if lat_deg is None or lon_deg is None or said.at > fell.at:
            continue
        found.append(
            Predicted(
                record=said.id,
                lead_s=round((fell.at - said.at).total_seconds(), 3),
                error_m=round(geodesic(lat_deg, lon_deg, fell.lat_deg, fell.lon_deg).distance_m, 1),
                late_s=None if alert.impact_at is None else _late_s(fell.at, alert.impact_at),
            )
        )
    return found


def _late_s(true: datetime, said: datetime) -> float:
    return round((said - true).total_seconds(), 3)


def _nth(ordered: Sequence[float], share: float) -> float | None:
    """The least that so much of all is not above."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None
