"""Pictures of a made-up flight, for looking at the console without a node.

The flight has the shape of 4 October 2022 (4,600 km, 970 km high, 1,320 s) and no physics: the
console draws what it is told. Pure: the same second gives the same picture.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from laurel.instruments.warning.picture_types import (
    AlertAcknowledgement,
    Ellipse,
    Launch,
    NoticeMatch,
    ObservedImpactPoint,
    PathPoint,
    Picture,
    Position,
    PredictedImpactPoint,
    SensorSite,
    StandingAlert,
    SystemTrack,
    VehicleClass,
    Warn,
)
from laurel.instruments.warning.records import (
    AlertReason,
    AlertState,
    Area,
    Flag,
    NoticeFit,
    Phase,
    SensorKind,
    TrackState,
)

CLASSES = (
    VehicleClass("intermediate-range", 0.91),
    VehicleClass("medium-range", 0.08),
    VehicleClass("space launch", 0.01),
)
EARTH_M = 6_371_000.0
LAUNCHED = datetime(2022, 10, 3, 22, 22, 0, tzinfo=UTC)
BANNER = "SECRET//REL TO USA, JPN, KOR"
JAPAN = Area("JPN", "territory")
JAPAN_ZONE = Area("JPN", "zone")

BURNOUT_S = 170.0
BURNOUT_M = 120_000.0
FIRST_PLOT_S = 42.0
RADAR_S = 76.0
OVERHEAD_S = 330.0
PAST_S = 470.0
LAST_PLOT_S = 1_236.0


@dataclass(frozen=True)
class Arc:
    """One flight: where from, which way, how far, how high, how long, and how much later than the first."""

    number: str = "1"
    lat_deg: float = 40.6
    lon_deg: float = 126.4
    azimuth_deg: float = 80.0
    range_m: float = 4_600_000.0
    apogee_m: float = 970_000.0
    lasts_s: float = 1_320.0
    delay_s: float = 0.0

    def point(self, t_s: float) -> tuple[float, float, float]:
        """(longitude, latitude, altitude m) this long after launch."""
        ramp = BURNOUT_S / 2
        cruise = t_s - ramp if t_s > BURNOUT_S else t_s * t_s / (2 * BURNOUT_S)
        lon_deg, lat_deg = along(
            self.lon_deg, self.lat_deg, self.azimuth_deg, self.range_m * cruise / (self.lasts_s - ramp)
        )
        return lon_deg, lat_deg, self.altitude_m(t_s)

    def altitude_m(self, t_s: float) -> float:
        """A steep start, then a parabola that ends on the ground."""
        coast_s = self.lasts_s - BURNOUT_S
        rise_m = self.apogee_m - BURNOUT_M
        root = (math.sqrt(2 * rise_m) + math.sqrt(2 * rise_m + 2 * BURNOUT_M)) / coast_s
        climb_mps = math.sqrt(2 * rise_m) * root
        if t_s < BURNOUT_S:
            return BURNOUT_M * (max(t_s, 0.0) / BURNOUT_S) ** (climb_mps * BURNOUT_S / BURNOUT_M)
        after_s = t_s - BURNOUT_S
        return max(0.0, BURNOUT_M + climb_mps * after_s - root * root * after_s * after_s / 2)


OVERFLIGHT = Arc()
RAID = tuple(
    Arc(
        str(n + 1),
        38.6 + 0.2 * (n % 5),
        125.6 + 0.3 * (n % 3),
        az,
        reach * 1e3,
        reach * 260.0,
        300.0 + reach * 0.3,
        lag,
    )
    for n, (az, reach, lag) in enumerate(
        [
            (96, 1150, 0),
            (104, 1080, 9),
            (112, 1220, 21),
            (99, 980, 40),
            (108, 1300, 52),
            (120, 1010, 66),
            (93, 890, 80),
            (116, 1180, 95),
        ]
    )
)


def along(lon_deg: float, lat_deg: float, azimuth_deg: float, distance_m: float) -> tuple[float, float]:
    """(longitude, latitude) that far along a great circle."""
    lat, azimuth, angle = math.radians(lat_deg), math.radians(azimuth_deg), distance_m / EARTH_M
    sine = math.sin(lat) * math.cos(angle) + math.cos(lat) * math.sin(angle) * math.cos(azimuth)
    east = math.atan2(math.sin(azimuth) * math.sin(angle) * math.cos(lat), math.cos(angle) - math.sin(lat) * sine)
    return (lon_deg + math.degrees(east) + 540) % 360 - 180, math.degrees(math.asin(sine))


def ellipses(semi_major_m: float, ratio: float, azimuth_deg: float) -> tuple[Ellipse, Ellipse]:
    """50 and 90 per cent of the same Gaussian."""
    return (
        Ellipse(1.177 * semi_major_m, 1.177 * semi_major_m * ratio, azimuth_deg),
        Ellipse(2.146 * semi_major_m, 2.146 * semi_major_m * ratio, azimuth_deg),
    )


def track(arc: Arc, t_s: float, *, lost_s: float | None = None, area: Area | None = None) -> SystemTrack | None:
    """The system track `t_s` after launch; unseen from `lost_s` on. None before the first plot."""
    t_s -= arc.delay_s
    if t_s < FIRST_PLOT_S:
        return None
    began = LAUNCHED + timedelta(seconds=arc.delay_s)
    last_s = min(LAST_PLOT_S * arc.lasts_s / 1_320, lost_s or math.inf)
    seen_s = min(t_s, last_s)
    blind_s = t_s - seen_s
    at_s = min(t_s, arc.lasts_s, seen_s + 60)
    tracked_s = seen_s - FIRST_PLOT_S
    lon, lat, alt = arc.point(at_s)
    speed, heading, climb = motion(arc, at_s)
    radar = seen_s > RADAR_S
    first, last = (math.ceil(FIRST_PLOT_S / 6), int(seen_s // 6))
    flown = [FIRST_PLOT_S, *(6.0 * n for n in range(first, last + 1)), seen_s]
    ahead = [at_s + (arc.lasts_s - at_s) * n / 24 for n in range(1, 25)]
    spread = 1.0 + blind_s / 40
    launch50, launch90 = ellipses(1_500 + 26_000 / (1 + tracked_s / 12), 0.7, 12.0)
    impact50, impact90 = ellipses((2_500 + 9e6 / max(tracked_s, 1) ** 1.15) * spread, 0.3, arc.azimuth_deg)
    end_lon, end_lat, _ = arc.point(arc.lasts_s)
    predictable = seen_s > RADAR_S + 30
    return SystemTrack(
        number=arc.number,
        state=state(blind_s),
        phase=Phase.BOOST if at_s < BURNOUT_S else Phase.REENTRY if at_s > arc.lasts_s - 75 else Phase.COAST,
        first_at=began + timedelta(seconds=FIRST_PLOT_S),
        at=began + timedelta(seconds=at_s),
        seen_at=began + timedelta(seconds=seen_s),
        position=Position(lat, lon, alt),
        position_sigma_m=(90 + 4_000 / (1 + tracked_s / 10)) * spread**2,
        speed_mps=speed,
        speed_sigma_mps=(4 + 240 / (1 + tracked_s / 8)) * spread,
        heading_deg=heading,
        climb_mps=climb,
        members=("JPN", "KOR", "USA") if radar else ("USA",),
        tracks=("JPN-12", "KOR-7", "USA-31") if radar else ("USA-31",),
        sensor_kinds=(SensorKind.INFRARED, SensorKind.RADAR) if radar else (SensorKind.INFRARED,),
        sensors=5 if radar else 1,
        confidence="two kinds" if radar else "single source",
        trail=tuple(path_point(arc, t) for t in flown),
        path=tuple(path_point(arc, t) for t in ahead) if predictable and at_s < arc.lasts_s else (),
        overflies=(JAPAN,) if predictable and seen_s < PAST_S and arc is OVERFLIGHT else (),
        launch=Launch(arc.lat_deg, arc.lon_deg, began, 0.8 + 14 / (1 + tracked_s / 8), launch50, launch90)
        if tracked_s > 8
        else None,
        impact=PredictedImpactPoint(
            end_lat,
            end_lon,
            began + timedelta(seconds=arc.lasts_s),
            (6 + 900 / tracked_s) * spread,
            began + timedelta(seconds=arc.lasts_s - 1.6 * (6 + 900 / tracked_s) * spread),
            began + timedelta(seconds=arc.lasts_s + 1.6 * (6 + 900 / tracked_s) * spread),
            impact50,
            impact90,
            () if area is None else (area,),
        )
        if predictable
        else None,
        no_impact_because=None if predictable else "its motor still burns",
        observed=None,
        sources=("JPN/NORTH", "JPN/WEST", "KOR/EAST", "USA/SBIR-3", "USA/TPY-1") if radar else ("USA/SBIR-3",),
        flags=(),
        split_from=None,
        notice=None,
        classes=CLASSES if predictable else (),
    )


def path_point(arc: Arc, t_s: float) -> PathPoint:
    """A point of a trail or path."""
    return PathPoint(*arc.point(t_s), t_s - FIRST_PLOT_S)


def state(blind_s: float) -> TrackState:
    """What a tracker would call it after so long without a plot."""
    return TrackState.TRACKED if blind_s < 8 else TrackState.COASTING if blind_s < 30 else TrackState.LOST


def motion(arc: Arc, t_s: float) -> tuple[float, float, float]:
    """(speed m/s, heading degrees, climb m/s) by difference."""
    (lon0, lat0, alt0), (lon1, lat1, alt1) = arc.point(t_s - 1), arc.point(t_s)
    east = math.radians((lon1 - lon0 + 540) % 360 - 180) * math.cos(math.radians(lat0)) * EARTH_M
    north = math.radians(lat1 - lat0) * EARTH_M
    climb = alt1 - alt0
    return math.hypot(east, north, climb), math.degrees(math.atan2(east, north)) % 360, climb


def sensors(t_s: float) -> tuple[SensorSite, ...]:
    """Notional sensors of Japan."""
    now = LAUNCHED + timedelta(seconds=t_s)
    turn = timedelta(seconds=t_s % 3)
    return (
        SensorSite("radar-north", SensorKind.RADAR, 40.9, 140.3, 60, 1.9e6, 215, 335, now - turn / 3, None),
        SensorSite("radar-west", SensorKind.RADAR, 33.2, 129.6, 120, 1.6e6, 270, 30, now - turn / 2, None),
        SensorSite("infrared-east", SensorKind.INFRARED, 0.0, 152.0, 35_786_000, 4.2e7, 0, 0, now - turn, None),
    )


def alert(
    t_s: float,
    said_s: float,
    reason: AlertReason,
    state_now: AlertState,
    words: str,
    *,
    member: str = "JPN",
    areas: tuple[Area, ...] = (),
    impact_s: float | None = None,
) -> tuple[StandingAlert, ...]:
    """One alert, from the second it was said on."""
    if t_s < said_s:
        return ()
    return (
        StandingAlert(
            id=f"{member}-{reason}",
            member=member,
            said_at=LAUNCHED + timedelta(seconds=said_s),
            reason=reason,
            state=state_now,
            tracks=("JPN-12", "KOR-7", "USA-31"),
            areas=areas,
            confidence="two kinds" if said_s > RADAR_S else "single source",
            impact_at=None if impact_s is None else LAUNCHED + timedelta(seconds=impact_s),
            lead_s=None if impact_s is None else impact_s - said_s,
            banner=BANNER,
            words=words,
            acknowledged=(),
        ),
    )


def overflight_alerts(t_s: float) -> tuple[StandingAlert, ...]:
    """Launch, then overflight of Japan, ended when it has passed."""
    over = t_s > PAST_S
    return (
        alert(
            t_s,
            PAST_S if over else 112,
            AlertReason.OVERFLIGHT,
            AlertState.ENDED if over else AlertState.PREDICTED,
            "Over: it was seen to pass over the territory of JPN."
            if over
            else "A missile is predicted to pass over the territory of JPN from 22:27:40 UTC to 22:29:12 UTC, "
            "no lower than 620 km. Seen by 5 sensors of JPN and KOR and USA: two kinds.",
            areas=(JAPAN,),
            impact_s=None if over else 1_320,
        )
        + alert(
            t_s,
            58,
            AlertReason.LAUNCH,
            AlertState.PREDICTED,
            "Missile in flight, first seen at 22:22:42 UTC. No impact point yet: its motor still burns. "
            "Seen by 1 sensor of USA: single source.",
            member="USA",
        )
        + alert(
            t_s,
            81,
            AlertReason.LAUNCH,
            AlertState.PREDICTED,
            "Missile launched at 22:22:00 UTC near 40.6 N 126.4 E. No impact point yet: its motor still burns. "
            "Seen by 2 sensors of KOR and USA: two kinds.",
            member="KOR",
        )
    )


def withdrawn_alerts(t_s: float) -> tuple[StandingAlert, ...]:
    """An impact in Japan's zone was predicted, and that was taken back."""
    return alert(
        t_s,
        190,
        AlertReason.IMPACT,
        AlertState.WITHDRAWN,
        "Withdrawn: the predicted impact, now near 35.1 N 179.1 E, no longer touches JPN.",
        areas=(JAPAN_ZONE,),
        impact_s=None,
    )


def raid_alerts(t_s: float) -> tuple[StandingAlert, ...]:
    """Three impacts predicted in Japan, one in its zone."""
    return tuple(
        msgspec.structs.replace(standing, id=f"JPN-impact-{arc.number}", tracks=(f"JPN-{arc.number}",))
        for arc, area in zip(RAID[:4], (JAPAN, JAPAN, JAPAN_ZONE, JAPAN), strict=True)
        for standing in alert(
            t_s,
            115 + arc.delay_s,
            AlertReason.IMPACT,
            AlertState.PREDICTED,
            f"The 90 % area touches the {area.extent} of JPN. Seen by 5 sensors of JPN and KOR and USA: two kinds.",
            areas=(area,),
            impact_s=arc.lasts_s + arc.delay_s,
        )
    )


def tracks_of(t_s: float, *arcs: Arc, lost_s: float | None = None) -> tuple[SystemTrack, ...]:
    """Every arc that has been seen by now."""
    found = (track(arc, t_s, lost_s=lost_s) for arc in arcs)
    return tuple(one for one in found if one is not None)


def impacts(t_s: float) -> tuple[SystemTrack, ...]:
    """The raid, each with its own member tracks and the area it threatens."""
    areas = (JAPAN, JAPAN, JAPAN_ZONE, JAPAN, None, None, None, None)
    found = (track(arc, t_s, area=area) for arc, area in zip(RAID, areas, strict=True))
    return tuple(msgspec.structs.replace(one, tracks=(f"JPN-{one.number}",)) for one in found if one is not None)


@dataclass(frozen=True)
class Scene:
    """A state of the world: from which second after launch, and what is in it at that second."""

    starts_s: float
    tracks: Callable[[float], tuple[SystemTrack, ...]]
    alerts: Callable[[float], tuple[StandingAlert, ...]]
    rate: float = 1.0
    sensors: Callable[[float], tuple[SensorSite, ...]] = sensors
    warnings: tuple[Warn, ...] = ()

    def picture(self, t_s: float) -> Picture:
        """What the node would show then."""
        now = LAUNCHED + timedelta(seconds=t_s)
        return Picture(now, self.tracks(t_s), self.alerts(t_s), self.sensors(t_s), self.warnings)


def _overflight(t_s: float) -> tuple[SystemTrack, ...]:
    return tracks_of(t_s, OVERFLIGHT)


def _harmless(t_s: float) -> tuple[SystemTrack, ...]:
    return tuple(msgspec.structs.replace(one, overflies=()) for one in _overflight(t_s))


def _nothing(t_s: float) -> tuple[StandingAlert, ...]:
    del t_s
    return ()


def _lost(t_s: float) -> tuple[SystemTrack, ...]:
    return tracks_of(t_s, OVERFLIGHT, lost_s=640.0)


def _fallen(t_s: float) -> tuple[SystemTrack, ...]:
    """Plots led the first of them down into Japan's zone."""
    (one,) = tracks_of(t_s, RAID[0])
    assert one.impact is not None
    ellipse50, ellipse90 = ellipses(600.0, 0.6, 40.0)
    seen = one.impact
    at = LAUNCHED + timedelta(seconds=RAID[0].lasts_s)
    down = ObservedImpactPoint(seen.lat_deg, seen.lon_deg, at, 0.8, ellipse50, ellipse90, (JAPAN_ZONE,))
    changes = {"state": TrackState.FALLEN, "seen_at": at, "impact": None, "observed": down, "path": ()}
    return (msgspec.structs.replace(one, **changes),)


def _doubtful(t_s: float) -> tuple[SystemTrack, ...]:
    """Two that one satellite sees against the Sun, one of them a piece of the other."""
    first, second = tracks_of(t_s, RAID[0], RAID[1])
    changes = {
        "sensor_kinds": (SensorKind.INFRARED,),
        "members": ("USA",),
        "sensors": 1,
        "confidence": "single source, implausible count",
        "sources": ("USA/SBIR-3",),
        "flags": (Flag.SUN,),
        "impact": None,
        "path": (),
        "no_impact_because": "it is not known yet whether its motor burns",
        "phase": Phase.UNKNOWN,
        "classes": (),
    }
    return (
        msgspec.structs.replace(first, tracks=("USA-31",), **changes),
        msgspec.structs.replace(second, tracks=("USA-32",), split_from=first.number, **changes),
    )


def _announced(t_s: float) -> tuple[SystemTrack, ...]:
    """One that flies as it was announced, and one from the same place that does not."""
    first, second = tracks_of(t_s, RAID[0], RAID[1])
    notice = NoticeMatch(
        notice="0" * 64,
        member="USA",
        notifier="A space agency (made up)",
        number="Pre-launch notification 1/26",
        vehicle="sounding-rocket",
        grade="A2",
        counts=True,
        fit=NoticeFit.AS_NOTIFIED,
        time="launched at 22:22:00 UTC ± 1 s, within the notified window",
        place="1.2 km from the range (radius 5.0 km), known to ± 3.1 km (90 %)",
        path="it is predicted to come down in the notified area A",
        words="",
    )
    elsewhere = msgspec.structs.replace(
        notice,
        fit=NoticeFit.OFF_PATH,
        path="it is predicted to come down 212 km outside the notified area A, beyond its 90 % ellipse",
    )
    return (
        msgspec.structs.replace(first, confidence=f"two kinds; {NoticeFit.AS_NOTIFIED}", notice=notice),
        msgspec.structs.replace(second, confidence=f"two kinds; {NoticeFit.OFF_PATH}", notice=elsewhere),
    )


def _one_doubted(t_s: float) -> tuple[SensorSite, ...]:
    north, *others = sensors(t_s)
    why = "its angles lie off what other sensors hold by more than its declared error"
    return (msgspec.structs.replace(north, suspect=why), *others)


FLOOD = Warn(
    LAUNCHED,
    LAUNCHED + timedelta(seconds=41),
    220,
    0,
    "220 new tracks within a minute, 2 in the minute before, none of them seen by a second sensor: an implausible "
    "count. Ask the sensor's crew, and another sensor, before believing it.",
)

ASLEEP_S = 95.0


def _half_dark(t_s: float) -> tuple[SensorSite, ...]:
    """The radar in the west has said nothing for a minute and a half."""
    north, west, above = sensors(t_s)
    return (north, msgspec.structs.replace(west, last_scan_at=LAUNCHED + timedelta(seconds=t_s - ASLEEP_S)), above)


def _impact(t_s: float) -> tuple[SystemTrack, ...]:
    (one,) = tracks_of(t_s, RAID[0])
    assert one.impact is not None
    return (msgspec.structs.replace(one, impact=msgspec.structs.replace(one.impact, areas=(JAPAN,))),)


def _impact_alerts(t_s: float) -> tuple[StandingAlert, ...]:
    """Korea warned of an impact on its own coast too, and took that back; it has read Japan's."""
    (ours,) = alert(
        t_s,
        118,
        AlertReason.IMPACT,
        AlertState.PREDICTED,
        "A missile is predicted to fall in the territory of JPN. Seen by 5 sensors of JPN and KOR and USA: two kinds.",
        areas=(JAPAN,),
        impact_s=RAID[0].lasts_s,
    )
    korea = AlertAcknowledgement(
        "KOR", "Crisis Centre", "officer:kim", LAUNCHED + timedelta(seconds=131), ours.id, counts=True
    )
    withdrawn = alert(
        t_s,
        112,
        AlertReason.IMPACT,
        AlertState.WITHDRAWN,
        "Withdrawn: the predicted impact no longer touches KOR.",
        member="KOR",
        areas=(Area("KOR", "territory"),),
    )
    return (msgspec.structs.replace(ours, acknowledged=(korea,)), *withdrawn)


def _read_alerts(t_s: float) -> tuple[StandingAlert, ...]:
    """Those of the overflight; an officer of Japan has read each, so that a call is what waits first."""
    return tuple(
        msgspec.structs.replace(
            one,
            acknowledged=(
                AlertAcknowledgement("JPN", "Crisis Centre", "officer:sato", one.said_at, one.id, counts=True),
            ),
        )
        for one in overflight_alerts(t_s)
    )


SCENES = {
    "dark": Scene(300.0, _overflight, overflight_alerts, sensors=_half_dark),
    "impact": Scene(240.0, _impact, _impact_alerts),
    "calm": Scene(-600.0, lambda t_s: tracks_of(min(t_s, 0.0)), _nothing),
    "relayed": Scene(-600.0, lambda t_s: tracks_of(min(t_s, 0.0)), _nothing),
    "launch": Scene(64.0, _overflight, overflight_alerts),
    "boost": Scene(96.0, _overflight, overflight_alerts),
    "midflight": Scene(300.0, _overflight, overflight_alerts),
    "passed": Scene(760.0, _overflight, overflight_alerts),
    "withdrawn": Scene(220.0, _harmless, withdrawn_alerts),
    "lost": Scene(712.0, _lost, overflight_alerts),
    "observed": Scene(RAID[0].lasts_s + 12.0, _fallen, _nothing),
    "doubtful": Scene(70.0, _doubtful, _nothing, sensors=_one_doubted, warnings=(FLOOD,)),
    "announced": Scene(240.0, _announced, _nothing),
    "after": Scene(1_352.0, _overflight, overflight_alerts),
    "raid": Scene(260.0, impacts, raid_alerts),
    "proposed": Scene(300.0, _overflight, overflight_alerts),
    "public": Scene(300.0, _overflight, overflight_alerts),
    "cancelled": Scene(330.0, _harmless, withdrawn_alerts),
    "talk": Scene(300.0, _overflight, _read_alerts),
    "provisional": Scene(-600.0, lambda t_s: tracks_of(min(t_s, 0.0)), _nothing),
    "adopted": Scene(-600.0, lambda t_s: tracks_of(min(t_s, 0.0)), _nothing),
    "dawn": Scene(20.0, _overflight, overflight_alerts, rate=2.0),
    "run": Scene(20.0, _overflight, overflight_alerts, rate=15.0),
}
