"""When a member is warned, of what, and when a warning is taken back.

A launch is told by every node once; an impact or an overflight by the member whose area it concerns. A warning
is renewed only when it changed materially, at most every ten seconds, and taken back with the reason on the
same channel, to the same audience. What an officer cancelled or took back stays so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

import numpy as np
from msgspec import structs

from laurel.core.instrument import Desk, View
from laurel.core.label import join
from laurel.core.record import Draft, Precedence, Record
from laurel.instruments.warning import notices, trails
from laurel.instruments.warning import said as said_alerts
from laurel.instruments.warning import view as tables
from laurel.instruments.warning.areas import TERRITORY, territory_at
from laurel.instruments.warning.fuse import associate
from laurel.instruments.warning.impact import orbits
from laurel.instruments.warning.judgement import flags, floods
from laurel.instruments.warning.overflight import LIKELY, OVERFLIGHT_M, POSSIBLE, Pass
from laurel.instruments.warning.picture import Assessment, assess, credible, noticed
from laurel.instruments.warning.picture_types import MemberTrack
from laurel.instruments.warning.records import (
    Alert,
    AlertReason,
    AlertState,
    Area,
    Flag,
    NoticeFit,
    Phase,
    TrackReport,
    TrackState,
)
from laurel.instruments.warning.releases import outward
from laurel.instruments.warning.said import SaidAlert
from laurel.instruments.warning.taken_back import taken_back
from laurel.physics.earth import geodesic

QUIET = timedelta(seconds=10)
MATERIAL_TIME = timedelta(seconds=30)
MATERIAL_M = 50_000.0

DOUBT = "Too many came up at once without a second sensor: the count is implausible, ask before you believe it."
BELIEVED_LESS = {
    Flag.SUN: "Sunlight may deceive the satellite.",
    Flag.CLUTTER: "It began among many false plots.",
    Flag.SUSPECT_SENSOR: "It rests on a sensor that disagrees with others.",
}


@dataclass(frozen=True)
class Closing:
    """Why there is nothing to warn of any more: taken back, or over."""

    state: AlertState
    words: str


def on_track_report(record_id: str, record: Record[TrackReport], view: View, desk: Desk) -> Sequence[Draft]:
    """What this node says because tracks changed, whoever's they are: new, renewed and withdrawn alerts."""
    del record_id
    changed = {f"{record.origin}-{one.number}" for one in record.body.tracks}
    groups = associate(credible(tables.member_tracks(view, desk.now), desk.now))
    concerned = [group for group in groups if any(one.name in changed for one in group)]
    if not concerned:
        return ()
    own = _own_alerts(view, desk)
    gone = taken_back(view, desk.member, desk.now - tables.FLIGHT_LASTS)
    doubted = frozenset[str]().union(*(flood.doubted for flood in floods(groups)))
    assessed = [assess(group, implausible=group[0].name in doubted).aged(desk.now) for group in concerned]
    assessed = _noticed(assessed, groups, view, desk)
    return [
        draft
        for one in assessed
        if not one.gone(desk.now)
        for reason in AlertReason
        if not _was_taken_back(reason, one, own, gone)
        for draft in _say(reason, one, own, view, desk)
    ]


def _noticed(
    assessed: Sequence[Assessment], groups: Sequence[Sequence[MemberTrack]], view: View, desk: Desk
) -> list[Assessment]:
    """Each with the announced launch that it fits, of those that everyone may know of who is alerted."""
    announced = notices.standing(view, desk.now)
    if not announced:
        return list(assessed)
    label, _ = outward(view, desk)
    return noticed(assessed, groups, announced, lambda one: join(label, one.label))


OwnAlerts: TypeAlias = dict[tuple[AlertReason, str], list[SaidAlert]]
"""The alerts in force of one member, by reason and track."""


def _own_alerts(view: View, desk: Desk) -> OwnAlerts:
    found: OwnAlerts = {}
    since = desk.now - tables.FLIGHT_LASTS
    for *_, said in said_alerts.in_force(said_alerts.alerts_since(view, since, desk.member)):
        for name in said.alert.tracks:
            found.setdefault((said.alert.reason, name), []).append(said)
    return found


def _was_taken_back(
    reason: AlertReason, one: Assessment, own: OwnAlerts, gone: Mapping[tuple[AlertReason, str], datetime]
) -> bool:
    """Whether the last that was said of it, for that reason, was taken back."""
    said = [alert.said_at for name in one.tracks for alert in own.get((reason, name), ())]
    last = max((gone[reason, name] for name in one.tracks if (reason, name) in gone), default=None)
    return last is not None and all(last > at for at in said)


def _say(reason: AlertReason, one: Assessment, own: OwnAlerts, view: View, desk: Desk) -> Sequence[Draft]:
    found = {said.record: said for name in one.tracks for said in own.get((reason, name), ())}
    before = sorted(found.values(), key=lambda said: said.order)
    last = before[-1] if before else None
    if last is not None and not _may_change(last, desk):
        return ()
    still = [said for said in before if said.alert.state is AlertState.PREDICTED]
    wanted = DECIDE[reason](one, last if still else None, view, desk.member)
    if isinstance(wanted, Alert):
        if len(still) == 1 and not _materially(still[0].alert, wanted):
            return ()
        return (_draft(wanted, one, before, view, desk),)
    if wanted is None or last is None or not still:
        return ()
    return (closing(still, wanted.state, wanted.words),)


def closing(still: Sequence[SaidAlert], state: AlertState, words: str) -> Draft:
    """The end of these alerts of one reason, the last of them last: to whoever heard that one."""
    last = still[-1]
    tracks = tuple(sorted({name for said in still for name in said.alert.tracks}))
    return Draft(
        structs.replace(last.alert, state=state, tracks=tracks, words=words),
        last.label,
        Precedence.FLASH,
        about=tuple(said.record for said in still),
    )


def _may_change(last: SaidAlert, desk: Desk) -> bool:
    """Not what is over, not what an officer closed, and not too soon."""
    ended = last.alert.state is AlertState.ENDED
    return not ended and last.author == desk.author and desk.now - last.said_at >= QUIET


def _materially(old: Alert, new: Alert) -> bool:
    if (old.areas, old.confidence) != (new.areas, new.confidence):
        return True
    if old.launched_at is None and new.launched_at is not None:
        return True
    if old.impact_at is None or new.impact_at is None:
        return old.impact_at is not new.impact_at
    return abs(new.impact_at - old.impact_at) > MATERIAL_TIME or _apart_m(old, new) > MATERIAL_M


def _apart_m(old: Alert, new: Alert) -> float:
    places = (old.impact_lat_deg, old.impact_lon_deg, new.impact_lat_deg, new.impact_lon_deg)
    lat1, lon1, lat2, lon2 = (place or 0.0 for place in places)
    return geodesic(lat1, lon1, lat2, lon2).distance_m


def _draft(alert: Alert, one: Assessment, before: Sequence[SaidAlert], view: View, desk: Desk) -> Draft:
    label, release = outward(view, desk)
    of_notice = () if alert.notice is None else (alert.notice.notice,)
    rests_on = (*(report.record for report in one.reports), *(said.record for said in before), *release, *of_notice)
    return Draft(alert, join(label, one.label), Precedence.FLASH, about=tuple(dict.fromkeys(rests_on)))


# What to say


def decide_launch(one: Assessment, last: SaidAlert | None, view: View, member: str) -> Alert | Closing | None:
    """Once, when something that is not in orbit is tracked; never taken back, for it was launched."""
    del view, member
    flies_free = one.phase in {Phase.COAST, Phase.REENTRY}
    if last is None and (one.state is not TrackState.TRACKED or (flies_free and orbits(one.estimate.state))):
        return None
    launch = one.launch
    if last is not None and one.outlook.impact is None:
        nothing_new = launch is None or last.alert.launched_at is not None
        nothing_new = nothing_new and _fit(last.alert) == _fit(one)
        if nothing_new and last.alert.impact_at is None:
            return None
    began = (
        f"Missile in flight, first seen at {clock(one.first_at)}"
        if launch is None
        else f"Missile launched at {clock(launch.at)} near {place(launch.lat_deg, launch.lon_deg)}"
    )
    return _alert(AlertReason.LAUNCH, one, (), f"{began}. {_fate(one)} {_seen_by(one)}")


def decide_impact(one: Assessment, last: SaidAlert | None, view: View, member: str) -> Alert | Closing | None:
    """When the 90 % ellipse touches this member's area, until the 99 % ellipse touches none of it."""
    del view
    impact = one.outlook.impact
    if one.outlook.observed is not None:
        return Closing(AlertState.ENDED, f"Over. {_fate(one)}")
    if impact is None:
        words = f"Withdrawn: no impact point can be given any more: {one.outlook.because}."
        return Closing(AlertState.WITHDRAWN, words)
    kept = set(last.alert.areas) & set(one.outlook.may_touch()) if last is not None else set[Area]()
    areas = tuple(sorted(area for area in {*impact.areas, *kept} if area.member == member))
    if not areas:
        where = place(impact.lat_deg, impact.lon_deg)
        words = f"Withdrawn: the predicted impact, now near {where}, no longer touches {member}."
        return Closing(AlertState.WITHDRAWN, words)
    touched = " and the ".join(area.extent for area in areas)
    words = f"{_fate(one)} The 90 % area touches the {touched} of {member}. {_seen_by(one)}"
    return _alert(AlertReason.IMPACT, one, areas, words)


def decide_overflight(one: Assessment, last: SaidAlert | None, view: View, member: str) -> Alert | Closing | None:
    """When it is likely to cross this member's territory above 100 km and does not end there, until hardly any more."""
    impact = one.outlook.impact
    land = Area(member, TERRITORY)
    least = LIKELY if last is None else POSSIBLE
    crossing = [stretch for stretch in one.outlook.passes if stretch.member == member and stretch.chance >= least]
    if impact is not None and crossing and land not in impact.areas:
        words = f"{_crossing(crossing, member)} {_seen_by(one)}"
        return _alert(AlertReason.OVERFLIGHT, one, (land,), words)
    if last is None:
        return None
    if _has_passed(one, view, member):
        return Closing(AlertState.ENDED, f"Over: it was seen to pass over the territory of {member}.")
    if one.outlook.observed is not None:
        return Closing(AlertState.ENDED, f"Over. {_fate(one)}")
    if impact is None:
        words = f"Withdrawn: no path can be given any more: {one.outlook.because}."
    elif crossing:
        words = f"Withdrawn: it is now predicted to come down in {member}."
    else:
        words = f"Withdrawn: the predicted path no longer crosses the territory of {member}."
    return Closing(AlertState.WITHDRAWN, words)


def _fit(of: Alert | Assessment) -> NoticeFit | None:
    return None if of.notice is None else of.notice.fit


DECIDE = {
    AlertReason.LAUNCH: decide_launch,
    AlertReason.OVERFLIGHT: decide_overflight,
    AlertReason.IMPACT: decide_impact,
}


def _has_passed(one: Assessment, view: View, member: str) -> bool:
    high = [
        seen.position
        for seen in trails.trail_of(view, one.reports)
        if seen.state is TrackState.TRACKED and seen.position.alt_m > OVERFLIGHT_M
    ]
    lands = territory_at(np.array([here.lat_deg for here in high]), np.array([here.lon_deg for here in high]))
    return member in lands


def _alert(reason: AlertReason, one: Assessment, areas: tuple[Area, ...], words: str) -> Alert:
    impact = one.outlook.impact
    return Alert(
        reason=reason,
        state=AlertState.PREDICTED,
        tracks=one.tracks,
        areas=areas,
        confidence=one.confidence,
        launched_at=None if one.launch is None else one.launch.at,
        impact_at=None if impact is None else impact.at,
        impact_lat_deg=None if impact is None else impact.lat_deg,
        impact_lon_deg=None if impact is None else impact.lon_deg,
        words=words,
        notice=notices.named(one.notice),
    )


# In words


def clock(at: datetime) -> str:
    """`22:22:05 UTC`."""
    return f"{at:%H:%M:%S} UTC"


def place(lat_deg: float, lon_deg: float) -> str:
    """`40.3 N 126.9 E`."""
    return f"{abs(lat_deg):.1f} {'N' if lat_deg >= 0.0 else 'S'} {abs(lon_deg):.1f} {'E' if lon_deg >= 0.0 else 'W'}"


def _fate(one: Assessment) -> str:
    impact, seen = one.outlook.impact, one.outlook.observed
    if seen is not None:
        return f"It was observed to come down at {clock(seen.at)}, near {place(seen.lat_deg, seen.lon_deg)}."
    if impact is None:
        return f"No impact point yet: {one.outlook.because}."
    where = place(impact.lat_deg, impact.lon_deg)
    when = f"at {clock(impact.at)}, give or take {impact.at_sigma_s:.0f} s"
    return f"It is predicted to come down {when}, near {where}."


def _crossing(stretches: Sequence[Pass], member: str) -> str:
    start, end = min(one.start_at for one in stretches), max(one.end_at for one in stretches)
    lowest_km = min(one.lowest_m for one in stretches) / 1e3
    return (
        f"A missile is predicted to pass over the territory of {member} from {clock(start)} to {clock(end)}, "
        f"no lower than {lowest_km:.0f} km."
    )


def _seen_by(one: Assessment) -> str:
    count = "1 sensor" if one.sensors == 1 else f"{one.sensors} sensors"
    *others, last = one.members
    members = f"{', '.join(others)} and {last}" if others else last
    judged = f"Seen by {count} of {members}: {one.confidence}."
    said = [] if one.notice is None else [one.notice.words]
    return " ".join(
        (judged, *(BELIEVED_LESS[flag] for flag in flags(one.reports)), *([DOUBT] if one.implausible else []), *said)
    )
