"""The one picture: system tracks assessed from the members' reports, the alerts in force, our sensors.

Rules of a system track. It bears the number of the track with the earliest first plot. It is down when a member saw
it come down and none saw it fly since; else its state is the best that any member reports: tracked, coasting, lost.
Its phase is what most of the members say who track it and know; a tie goes to the earlier phase, which promises less.
It stays in the picture until two minutes after its observed or predicted impact, or, without one, until fifteen
minutes after its last plot. Its position is carried to the present and widens as it goes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache, reduce
from math import atan2, degrees, hypot, sqrt

import numpy as np

from laurel.core.errors import Nothing
from laurel.core.instrument import View
from laurel.core.label import Label, join
from laurel.instruments.warning import acknowledged, judgement, notices, trails
from laurel.instruments.warning import said as said_alerts
from laurel.instruments.warning import view as tables
from laurel.instruments.warning.fuse import Estimate, associate, carried, fuse, plausible, timely
from laurel.instruments.warning.impact import PATH_POINTS, Outlook, landed, launch_of, orbits, outlook
from laurel.instruments.warning.judgement import Flood
from laurel.instruments.warning.notices import Flown, Notice
from laurel.instruments.warning.picture_types import (
    AlertAcknowledgement,
    Launch,
    MemberTrack,
    NoticeMatch,
    PathPoint,
    Picture,
    Position,
    StandingAlert,
    SystemTrack,
    TrackHistory,
    VehicleClass,
)
from laurel.instruments.warning.records import AlertState, Phase, SensorKind, Track, TrackState
from laurel.instruments.warning.vehicle_class import vehicle_classes
from laurel.physics.earth import enu_matrix, to_geodetic

A_MOMENT = timedelta(seconds=10)
AFTER_IMPACT = timedelta(minutes=2)
AFTER_LAST_PLOT = timedelta(minutes=15)
CLOSED_ALERTS_STAY = timedelta(minutes=10)
UNENDED_ALERTS_STAY = timedelta(minutes=10)

MANY = 100
MOST_ASSESSED = 512
"""Each of a hundred tracks is asked for by alerts and by every screen, and changes only with a report."""

STATES = (TrackState.TRACKED, TrackState.COASTING, TrackState.FALLEN, TrackState.LOST)
PHASES = (Phase.BOOST, Phase.COAST, Phase.REENTRY, Phase.MANEUVER, Phase.UNKNOWN)


@dataclass(frozen=True, eq=False)
class Assessment:
    """All that follows from the reports of one thing, whatever the time is now."""

    reports: tuple[MemberTrack, ...]
    estimate: Estimate
    state: TrackState
    phase: Phase
    first_at: datetime
    seen_at: datetime
    sources: tuple[str, ...]
    kinds: tuple[SensorKind, ...]
    launch: Launch | None
    outlook: Outlook
    classes: tuple[VehicleClass, ...]
    implausible: bool
    notice: NoticeMatch | None = None

    @property
    def number(self) -> str:
        """The name of the member track that saw it first."""
        return self.reports[0].name

    @property
    def tracks(self) -> tuple[str, ...]:
        """The member tracks it is made from, sorted."""
        return tuple(sorted(one.name for one in self.reports))

    @property
    def members(self) -> tuple[str, ...]:
        """Who tracks it, sorted."""
        return tuple(sorted({one.member for one in self.reports}))

    @property
    def sensors(self) -> int:
        """How many sensors saw it, at least one."""
        return max(len(self.sources), 1)

    @property
    def confidence(self) -> str:
        """How independently it was seen, and how it agrees with a launch that was announced."""
        seen = judgement.confidence(self.sensors, self.kinds, implausible=self.implausible)
        return notices.with_notice(seen, self.notice)

    @property
    def label(self) -> Label:
        """The stricter of all its reports' labels. Raises BadLabel when no member may read them all."""
        return reduce(join, (one.label for one in self.reports))

    def gone(self, now: datetime) -> bool:
        """Whether it has left the picture."""
        impact = self.outlook.observed or self.outlook.impact
        return now > (self.seen_at + AFTER_LAST_PLOT if impact is None else impact.at + AFTER_IMPACT)

    def aged(self, now: datetime) -> Assessment:
        """The same as of now: what lies ahead of a lost track widens for as long as nobody sees it."""
        if self.state is not TrackState.LOST:
            return self
        unseen_s = max((now - self.seen_at).total_seconds(), 0.0)
        ahead = outlook(self.estimate, self.phase, self.first_at, self.seen_at, self.sensors, unseen_s)
        return replace(self, outlook=ahead)


@lru_cache(maxsize=MOST_ASSESSED)
def assess(reports: tuple[MemberTrack, ...], *, implausible: bool = False) -> Assessment:
    """What one group of reports, as `associate` makes it, amounts to; `implausible` if it came with too many others."""
    tracks = [one.track for one in reports]
    state = _state(tracks)
    phase = _phase(reports, state)
    first_at, seen_at = min(one.first_at for one in tracks), max(one.seen_at for one in tracks)
    sources = judgement.sources(reports)
    estimate = fuse(reports)
    fallen = [one.observed for one in tracks if one.observed is not None] if state is TrackState.FALLEN else []
    return Assessment(
        reports=reports,
        estimate=estimate,
        state=state,
        phase=phase,
        first_at=first_at,
        seen_at=seen_at,
        sources=sources,
        kinds=judgement.kinds(reports),
        launch=launch_of([one.launch for one in tracks if one.launch is not None and _near(one.launch.at, first_at)]),
        outlook=landed(fallen) or outlook(estimate, phase, first_at, seen_at, max(len(sources), 1)),
        classes=vehicle_classes(estimate, phase),
        implausible=implausible,
    )


def _state(tracks: Sequence[Track]) -> TrackState:
    """The best that any member reports; down, when one saw it come down and none saw it fly after that."""
    down = [one.observed.at for one in tracks if one.state is TrackState.FALLEN and one.observed is not None]
    if down and max(one.seen_at for one in tracks) <= max(down) + A_MOMENT:
        return TrackState.FALLEN
    return min((one.state for one in tracks), key=STATES.index)


def _near(launched_at: datetime, first_at: datetime) -> bool:
    return abs(launched_at - first_at) < tables.FLIGHT_LASTS


def _phase(reports: Sequence[MemberTrack], state: TrackState) -> Phase:
    said = [one.track.phase for one in reports if one.track.state is state]
    known = [phase for phase in said if phase is not Phase.UNKNOWN]
    return max(known or said, key=lambda phase: (known.count(phase), -PHASES.index(phase)))


def credible(reports: Sequence[MemberTrack], now: datetime) -> list[MemberTrack]:
    """The reports that a picture can be drawn from."""
    return [one for one in reports if timely(one.track, now) and plausible(one.track)]


def noticed(
    flying: Sequence[Assessment],
    groups: Sequence[Sequence[MemberTrack]],
    announced: Sequence[Notice],
    told: Callable[[Assessment], Label] | None = None,
) -> list[Assessment]:
    """The same, each with the announced launch that it fits in time and place; `groups` are all that may fly.

    `told`: the label of what is said of it, where others are told. Notices that not all of these may have are left out.
    """
    candidates = notices.near([one.launch for one in flying], announced)
    if not any(candidates):
        return list(flying)
    crowds = notices.crowded(groups, announced)
    found: list[Assessment] = []
    for one, among in zip(flying, candidates, strict=True):
        if one.launch is None or not among:
            found.append(one)
            continue
        known = among if told is None else notices.may_name(among, told(one))
        fit = notices.fitting(one.launch, known)
        found.append(replace(one, notice=notices.match(_flown(one, one.launch), fit, crowds)) if fit else one)
    return found


def _flown(one: Assessment, launch: Launch) -> Flown:
    """What a notice is held against."""
    lat, lon, _ = to_geodetic(*one.estimate.state[:3].tolist())
    return Flown(
        launch=launch,
        lat_deg=degrees(lat),
        lon_deg=degrees(lon),
        sigma_m=sqrt(float(np.linalg.eigvalsh(one.estimate.covariance[:3, :3])[-1])),
        impact=one.outlook.observed or one.outlook.impact,
        in_orbit=one.phase is Phase.COAST and orbits(one.estimate.state),
    )


def assessments(view: View, now: datetime) -> list[Assessment]:
    """Everything in flight now, by number."""
    return _flying(associate(credible(tables.member_tracks(view, now), now)), notices.standing(view, now), now)[0]


def _flying(
    groups: Sequence[tuple[MemberTrack, ...]], announced: Sequence[Notice], now: datetime
) -> tuple[list[Assessment], list[Flood]]:
    """Everything in flight now, by number; and what came in numbers that are hard to believe."""
    found = judgement.floods(groups)
    doubted = frozenset[str]().union(*(flood.doubted for flood in found))
    every = [assess(group, implausible=group[0].name in doubted).aged(now) for group in groups]
    flying = sorted((one for one in every if not one.gone(now)), key=lambda one: one.number)
    numbers = {one.number for one in flying}
    return noticed(flying, groups, announced), [flood for flood in found if flood.doubted & numbers]


def line_points(count: int) -> int:
    """Of how many points the lines of each of so many system tracks are, about: of very many nobody sees more."""
    return PATH_POINTS if count <= MANY else PATH_POINTS // 4


def draw(
    one: Assessment, trail: Sequence[PathPoint], split_from: str | None, now: datetime, most: int = PATH_POINTS
) -> SystemTrack:
    """The system track as it is shown now, its path of about `most` points."""
    here = carried(one.estimate, one.phase, now)
    x, y, z, *velocity = here.state.tolist()
    lat, lon, alt = to_geodetic(x, y, z)
    east, north, up = (enu_matrix(degrees(lat), degrees(lon)) @ np.array(velocity)).tolist()
    speed = hypot(east, north, up)
    along = np.array(velocity) / max(speed, 1e-9)
    at_s = (here.at - one.first_at).total_seconds()
    # Counted from its end, so that the points stay where they are.
    ahead = reversed(one.outlook.path[:: -max(1, -(-len(one.outlook.path) // most))])
    return SystemTrack(
        number=one.number,
        state=one.state,
        phase=one.phase,
        first_at=one.first_at,
        at=here.at,
        seen_at=one.seen_at,
        position=Position(degrees(lat), degrees(lon), max(alt, 0.0)),
        position_sigma_m=sqrt(float(np.linalg.eigvalsh(here.covariance[:3, :3])[-1])),
        speed_mps=speed,
        speed_sigma_mps=sqrt(max(float(along @ here.covariance[3:, 3:] @ along), 0.0)),
        heading_deg=degrees(atan2(east, north)) % 360.0,
        climb_mps=up,
        members=one.members,
        tracks=one.tracks,
        sensor_kinds=one.kinds,
        sensors=one.sensors,
        confidence=one.confidence,
        classes=one.classes,
        trail=tuple(trail),
        path=tuple(point for point in ahead if point.t_s > at_s),
        overflies=one.outlook.overflies,
        launch=one.launch,
        impact=one.outlook.impact,
        no_impact_because=one.outlook.because,
        observed=one.outlook.observed,
        sources=one.sources,
        flags=judgement.flags(one.reports),
        split_from=split_from,
        notice=one.notice,
    )


def _parent(one: Assessment, flying: Sequence[Assessment]) -> str | None:
    """The system track it came out of; if that is no longer shown, the member track."""
    parent = judgement.parent(one.reports)
    return next((other.number for other in flying if parent in other.tracks), parent)


def _trail(view: View, one: Assessment, most: int = PATH_POINTS) -> list[PathPoint]:
    return trails.seen_trail(view, one.reports, one.first_at, most)


def standing(view: View, chains: Sequence[Sequence[said_alerts.SaidAlert]]) -> tuple[StandingAlert, ...]:
    """The last alert of each chain as it stands. Its lead is counted from the first."""
    read_by = acknowledged.of_chains(view, chains)
    return tuple(_standing(chain[-1], chain[0].said_at, read_by[chain[-1].record]) for chain in chains)


def _standing(
    said: said_alerts.SaidAlert, first_at: datetime, read_by: tuple[AlertAcknowledgement, ...]
) -> StandingAlert:
    body = said.alert
    return StandingAlert(
        id=said.record,
        member=said.member,
        said_at=said.said_at,
        reason=body.reason,
        state=body.state,
        tracks=body.tracks,
        areas=body.areas,
        confidence=body.confidence,
        impact_at=body.impact_at,
        lead_s=None if body.impact_at is None else (body.impact_at - first_at).total_seconds(),
        banner=said.label.banner,
        words=body.words,
        acknowledged=read_by,
    )


def standing_alerts(view: View, now: datetime) -> tuple[StandingAlert, ...]:
    """Alerts in force, and those closed within the last ten minutes; in the order of saying.

    A predicted alert whose end was never heard, its node being cut off, leaves ten minutes after it was due.
    """
    chains = said_alerts.in_force(said_alerts.alerts_since(view, now - tables.FLIGHT_LASTS))
    return standing(view, [chain for chain in chains if now <= _shown_until(chain[-1])])


def _shown_until(said: said_alerts.SaidAlert) -> datetime:
    if said.alert.state is AlertState.PREDICTED:
        return said_alerts.ends_at(said) + UNENDED_ALERTS_STAY
    return said.said_at + CLOSED_ALERTS_STAY


def picture(view: View, now: datetime) -> Picture:
    """Everything, as of now."""
    groups = associate(credible(tables.member_tracks(view, now), now))
    flying, found = _flying(groups, notices.standing(view, now), now)
    most = line_points(len(flying))
    return Picture(
        at=now,
        tracks=tuple(draw(one, _trail(view, one, most), _parent(one, flying), now, most) for one in flying),
        alerts=standing_alerts(view, now),
        sensors=tables.sensor_sites(view),
        warnings=tuple(flood.warn() for flood in found),
    )


def history(view: View, number: str, now: datetime) -> TrackHistory:
    """One system track, by its number or that of any track in it, and what was reported of it. Raises Nothing."""
    flying = assessments(view, now)
    for one in flying:
        if number in one.tracks:
            drawn = draw(one, _trail(view, one), _parent(one, flying), now)
            return TrackHistory(drawn, tuple(trails.trail_of(view, one.reports)))
    raise Nothing(track=number)
