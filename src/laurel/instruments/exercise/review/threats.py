"""What flew, and what was said of each: tracks, alerts, acknowledgements, consultations.

With the truth a threat is what truly flew: a track is of the flight that it is nearest to at most of its moments, and
an alert of the one that most of its tracks are of. Without it, tracks that one alert names are one threat, and tracks
that no alert names are counted as nobody's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import dist
from statistics import median
from typing import Protocol

from msgspec import Struct

from laurel.instruments.consult.records import (
    Amended,
    Assented,
    ConsultationRequest,
    JointText,
    Objected,
    Responded,
    Stance,
)
from laurel.instruments.exercise.review.log import Log, Said
from laurel.instruments.exercise.review.tracks import Place, TrackLine
from laurel.instruments.warning.records import ALERT, Alert, AlertAcknowledged, PublicAlert

NEAR_M = 200_000.0
LOOKS = 7
"""At so many moments of a track it is held against what flew."""


class Fell(Struct, frozen=True):
    """Where and when it truly came down."""

    lat_deg: float
    lon_deg: float
    at: datetime


class TrueFlight(Protocol):
    """What truly flew, as far as a review asks: everything that simulates a flight can say this of it."""

    @property
    def name(self) -> str:
        """What it is called in the scenario."""
        ...

    @property
    def launched_at(self) -> datetime:
        """When it left the ground, in the exercise's time."""
        ...

    @property
    def fell(self) -> Fell | None:
        """Where it came down; None if it did not, or where nobody knows."""
        ...

    @property
    def attacks(self) -> bool:
        """Whether it is what a defence would stop: a missile, and nothing that came off one."""
        ...

    def at(self, seconds: float) -> Sequence[float] | None:
        """Where it was so many seconds after its launch: (3,) ECEF metres; None while it did not fly."""
        ...


@dataclass(frozen=True)
class Threat:
    """One of them. `alerts` and `told` (what was said of it, straight or by citing) are in order of time."""

    name: str
    flight: TrueFlight | None
    tracks: tuple[TrackLine, ...]
    alerts: tuple[tuple[Said, Alert], ...]
    told: tuple[Said, ...]

    @property
    def begins_at(self) -> datetime | None:
        """When it was launched or, where nobody knows that, when it was first seen or spoken of."""
        if self.flight is not None:
            return self.flight.launched_at
        seen = [line.first_plot_at for line in self.tracks if line.first_plot_at is not None]
        return min(seen, default=min((one.at for one, _ in self.alerts), default=None))


@dataclass(frozen=True)
class Threats:
    """All of them, in order of their beginnings; alerts of nothing that flew; how many tracks are nobody's."""

    threats: tuple[Threat, ...]
    false_alerts: tuple[Said, ...]
    stray_tracks: int


def find_threats(log: Log, flights: Sequence[TrueFlight] | None) -> Threats:
    """What flew, as the truth has it or, without it, as the members saw it."""
    alerts = log.of(ALERT)
    owners = _by_alerts(alert for _, alert in alerts) if flights is None else _by_flights(log.tracks, flights)
    known = {line.name for line in log.tracks if line.samples}
    named = {one.name: one for one in flights or ()}
    of_threat: defaultdict[str, list[tuple[Said, Alert]]] = defaultdict(list)
    false: list[Said] = []
    for said, alert in alerts:
        counted = Counter(owners[one] for one in alert.tracks if one in owners)
        if counted:
            of_threat[min(counted, key=lambda name: (-counted[name], name))].append((said, alert))
        elif known.issuperset(alert.tracks):
            false.append(said)
    names = list(named) if flights is not None else sorted(set(owners.values()))
    lines: defaultdict[str, list[TrackLine]] = defaultdict(list)
    for line in log.tracks:
        if line.name in owners:
            lines[owners[line.name]].append(line)
    speaks_of = _spoken_of(log, of_threat)
    told: defaultdict[str, list[Said]] = defaultdict(list)
    for one in log.shown:
        for name in speaks_of.get(one.id, ()):
            told[name].append(one)
    found = [
        Threat(name, named.get(name), tuple(lines[name]), tuple(of_threat[name]), tuple(told[name])) for name in names
    ]
    found.sort(key=lambda one: (one.begins_at or log.ends_at, one.name))
    stray = sum(line.name not in owners for line in log.tracks)
    return Threats(tuple(found), tuple(false), stray)


def _by_flights(lines: Sequence[TrackLine], flights: Sequence[TrueFlight]) -> dict[str, str]:
    """Which flight each track is of, by name. What is near none is of none."""
    owners: dict[str, str] = {}
    for line in lines:
        looks = _evenly(line.samples, LOOKS)
        off_m = {one.name: _off_m(looks, one) for one in flights}
        near = [(far_m, name) for name, far_m in off_m.items() if far_m is not None and far_m <= NEAR_M]
        if near:
            owners[line.name] = min(near)[1]
    return owners


def _off_m(looks: Sequence[tuple[datetime, Place]], flight: TrueFlight) -> float | None:
    """The middle distance of a track from a flight; None where it flew at less than half of the moments, or was far."""
    there: list[float] = []
    nowhere = far = 0
    for at, place in looks:
        off_m = true_off_m(flight, at, place)
        if off_m is None:
            nowhere += 1
        else:
            there.append(off_m)
            far += off_m > NEAR_M
        # Most flights are far from most tracks: what remains cannot bring the middle back.
        if 2 * max(nowhere, far) > len(looks):
            return None
    return median(there) if there else None


def true_off_m(flight: TrueFlight, at: datetime, place: Sequence[float]) -> float | None:
    """How far a place (ECEF, m) is from where it truly was then; None while it did not fly."""
    if at < flight.launched_at:
        return None
    true = flight.at((at - flight.launched_at).total_seconds())
    return None if true is None else dist(place, [float(one) for one in true])


def _evenly(samples: Sequence[tuple[datetime, Place]], most: int) -> Sequence[tuple[datetime, Place]]:
    if len(samples) <= most:
        return samples
    step = (len(samples) - 1) / (most - 1)
    return [samples[round(n * step)] for n in range(most)]


def _by_alerts(alerts: Iterable[Alert]) -> dict[str, str]:
    """Tracks that one alert names are one thing, which is called by the first of them."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    for alert in alerts:
        for one in alert.tracks:
            low, high = sorted((root(alert.tracks[0]), root(one)))
            parent[high] = low
    return {name: root(name) for name in parent}


def _spoken_of(log: Log, alerts: Mapping[str, Sequence[tuple[Said, Alert]]]) -> dict[str, set[str]]:
    """Of which threats each record speaks: alerts of their own, and whatever cites one, or cites what does."""
    citers: defaultdict[str, list[str]] = defaultdict(list)
    for one in log.shown:
        for cited in _cited(one):
            citers[cited].append(one.id)
    of = {said.id: {name} for name, group in alerts.items() for said, _ in group}
    settled, left = frozenset(of), list(of)
    while left:
        cited = left.pop()
        for record_id in citers.get(cited, ()):
            known = of.setdefault(record_id, set())
            if record_id not in settled and not of[cited] <= known:
                known |= of[cited]
                left.append(record_id)
    return of


def _cited(one: Said) -> Iterator[str]:
    yield from one.record.about
    if one.record.answers is not None:
        yield one.record.answers
    match one.body:
        case AlertAcknowledged(alert=alert) | PublicAlert(alert=alert):
            yield alert
        case Responded() | Stance() | JointText() | Assented() | Objected() | Amended() as said:
            yield said.consultation
        case ConsultationRequest(sources=sources):
            yield from (source.record for source in sources)
        case _:
            pass
