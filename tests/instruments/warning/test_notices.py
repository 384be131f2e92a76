"""25 January 1995: a launch that was announced, on the screens of those who see it rise. And what hides behind one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.instruments.harness import NODE, MemoryView, Nodes, record_of
from tests.instruments.warning import firing_range
from tests.instruments.warning.firing_range import NOON, PAD, infrared, radar, short_hop
from tests.instruments.warning.flights import (
    BURNOUT,
    EVERYONE,
    LAUNCHED,
    after,
    coasting,
    into_the_sea_of_japan,
    launch_at,
    track_of,
)

from laurel.core.instrument import Desk, Fold, Instrument, NoAsk
from laurel.core.label import Classification, Label
from laurel.core.record import Draft, Precedence
from laurel.instruments.region import INSTRUMENT as REGION
from laurel.instruments.region.notices import CancelNoticeAsk, NoticesAsk, NotifyLaunchAsk
from laurel.instruments.region.records import (
    Corner,
    HazardArea,
    Interval,
    LaunchClass,
    NotifiedLaunch,
    Spot,
)
from laurel.instruments.warning import INSTRUMENT as WARNING
from laurel.instruments.warning.commands import ReleaseTracksAsk
from laurel.instruments.warning.picture import picture
from laurel.instruments.warning.picture_types import SystemTrack
from laurel.instruments.warning.records import (
    Alert,
    AlertReason,
    AlertState,
    NoticeFit,
    Phase,
    Track,
    TrackReport,
    TrackState,
)
from laurel.instruments.warning.tracker import Tracker
from laurel.node.rehearsal import WORLD
from laurel.physics.earth import ecef_to_geodetic
from laurel.physics.flight import Flight

MEMBERS = ("JPN", "KOR", "USA")
ANDOYA = Spot(69.294, 16.020, 5_000.0)


def together(*instruments: Instrument) -> Instrument:
    """Several instruments as one, for a node that knows just these."""
    folds: dict[str, list[Fold]] = {}
    for one in instruments:
        for kind, fold in one.folds.items():
            folds.setdefault(kind, []).append(fold)
    return replace(
        instruments[0],
        kinds=tuple(kind for one in instruments for kind in one.kinds),
        commands=tuple(command for one in instruments for command in one.commands),
        queries=tuple(query for one in instruments for query in one.queries),
        tables=tuple(table for one in instruments for table in one.tables),
        folds={kind: one_after_another(each) for kind, each in folds.items()},
    )


def one_after_another(folds: Sequence[Fold]) -> Fold:
    return lambda record_id, record: [row for fold in folds for row in fold(record_id, record)]


BOTH = together(WARNING, REGION)


def northward() -> Flight:
    """A sounding rocket, high and steep to the north, as that of 1995."""
    return coasting(69.5, 16.0, 90e3, 352.0, 4_600.0, 78.0)


def eastward() -> Flight:
    """From the same place at the same time, as far and low to the east."""
    return coasting(69.3, 17.5, 90e3, 95.0, 4_600.0, 45.0)


def square(lat_deg: float, lon_deg: float, half_deg: float) -> tuple[Corner, ...]:
    wide = half_deg * 3.0 if lat_deg > 60.0 else half_deg
    return (
        Corner(lat_deg - half_deg, lon_deg - wide),
        Corner(lat_deg - half_deg, lon_deg + wide),
        Corner(lat_deg + half_deg, lon_deg + wide),
        Corner(lat_deg + half_deg, lon_deg - wide),
    )


def notice(**changes: Any) -> NotifiedLaunch:
    fields: dict[str, Any] = {
        "notifier": "Norwegian Space Centre",
        "number": "Pre-launch notification 1/95",
        "source": "Letter to the embassies",
        "grade": "A2",
        "vehicle": LaunchClass.SOUNDING_ROCKET,
        "windows": (Interval(LAUNCHED - timedelta(hours=2), LAUNCHED + timedelta(hours=4)),),
        "site_name": "Andøya",
        "site": ANDOYA,
        "language": "en",
        "words": "A scientific rocket will be launched northwards to study the aurora.",
        "areas": (HazardArea("Greenland Sea", square(79.5, 10.0, 2.5)),),
    }
    return NotifiedLaunch(**{**fields, **changes})


class Watch:
    """Three nodes: their trackers are the test, their officers pass notices on."""

    def __init__(self) -> None:
        self.nodes = Nodes(BOTH, MEMBERS)
        for member in MEMBERS:
            ask = ReleaseTracksAsk(EVERYONE, "an exercise of the test")
            self.nodes.ask(member, "release-tracks", ask, "release-1", after(-900.0))

    def announce(self, body: NotifiedLaunch, label: Label = EVERYONE, t_s: float = -600.0) -> str:
        return self.nodes.ask("USA", "notify-launch", NotifyLaunchAsk(body, label), "officer:a", after(t_s))[0]

    def report(self, member: str, t_s: float, *tracks: Track) -> None:
        draft = Draft(TrackReport(after(t_s), tracks), EVERYONE, Precedence.IMMEDIATE)
        self.nodes.say(draft, self.nodes.of[member].desk(NODE, after(t_s)))
        self.nodes.settle(after(t_s))

    def see(
        self, flight: Flight, t_s: float, lat: float = 69.3, lon: float = 16.02, phase: Phase = Phase.COAST
    ) -> None:
        made = launch_at(lat, lon, sigma_m=1_000.0)
        self.report("KOR", t_s, track_of(flight, t_s, launch=made, phase=phase))

    def shown(self, member: str, t_s: float) -> tuple[SystemTrack, ...]:
        return self.nodes.of[member].query("picture", NoAsk(), after(t_s)).tracks

    def last(self, member: str, reason: AlertReason = AlertReason.LAUNCH) -> Alert:
        return [record.body for record in self.nodes.of[member].said(Alert) if record.body.reason is reason][-1]


@pytest.fixture
def watch() -> Iterator[Watch]:
    made = Watch()
    yield made
    for node in made.nodes.of.values():
        node.view.close()


def test_a_rocket_that_was_announced_is_matched_on_every_screen(watch: Watch) -> None:
    announced = watch.announce(notice())
    watch.see(northward(), 60.0)
    for member in MEMBERS:
        [track] = watch.shown(member, 61.0)
        assert track.notice is not None
        assert (track.notice.notice, track.notice.fit) == (announced, NoticeFit.AS_NOTIFIED)
        assert track.confidence == "single source; as notified"
        assert track.impact is not None
        assert "within the notified window" in track.notice.time
        assert "km from Andøya (radius 5.0 km)" in track.notice.place
        assert "in the notified area Greenland Sea" in track.notice.path
        alert = watch.last(member)
        assert alert.notice is not None
        assert alert.notice.notice == announced
        assert "less likely an attack, and not ruled out" in alert.words
        assert "Norwegian Space Centre" in alert.words
        assert alert.confidence == track.confidence
    [row] = watch.nodes.of["JPN"].query("notices", NoticesAsk(), after(62.0)).notices
    assert {(one.member, one.tracks, one.fit) for one in row.matches} == {
        (one, ("KOR-1",), NoticeFit.AS_NOTIFIED) for one in MEMBERS
    }


def test_the_same_rocket_without_a_notice_is_an_unannounced_launch(watch: Watch) -> None:
    watch.see(northward(), 60.0)
    [track] = watch.shown("JPN", 61.0)
    assert track.notice is None
    assert track.confidence == "single source"
    alert = watch.last("JPN")
    assert alert.notice is None
    assert "notified" not in alert.words


def test_what_flies_elsewhere_may_hide_behind_the_notice_and_is_said_to(watch: Watch) -> None:
    watch.announce(notice())
    watch.see(eastward(), 60.0, 69.3, 16.02)
    [track] = watch.shown("JPN", 61.0)
    assert track.notice is not None
    assert track.notice.fit is NoticeFit.OFF_PATH
    assert "it may hide behind that notice" in track.notice.words
    assert "outside the notified area Greenland Sea" in track.notice.path
    assert track.confidence == "single source; not on the notified path"
    assert "NOT on the path" in watch.last("JPN").words


def test_while_its_motor_burns_nothing_but_its_heading_is_known_and_the_alert_learns_better(watch: Watch) -> None:
    watch.announce(notice())
    watch.see(northward(), 10.0, phase=Phase.BOOST)
    [track] = watch.shown("JPN", 11.0)
    assert track.notice is not None
    assert track.notice.fit is NoticeFit.PATH_UNKNOWN
    assert watch.last("JPN").confidence == "single source; notified, path not known yet"
    watch.see(eastward(), 40.0, phase=Phase.BOOST)
    alert = watch.last("JPN")
    assert alert.impact_at is None
    assert alert.confidence == "single source; not on the notified path"
    assert "away from where the notice says" in alert.words


def test_a_warning_for_our_own_area_stays_and_says_that_it_was_announced(watch: Watch) -> None:
    flight, east = into_the_sea_of_japan(), 126.4
    watch.see(flight, 60.0, 39.0, east)
    [before] = watch.shown("JPN", 61.0)
    assert before.impact is not None
    fallen = before.impact.lat_deg, before.impact.lon_deg
    body = notice(site=Spot(39.0, east, 5e3), areas=(HazardArea("the sea", square(*fallen, 1.0)),))
    watch.announce(body, t_s=70.0)
    watch.see(flight, 80.0, 39.0, east)
    alert = watch.last("JPN", AlertReason.IMPACT)
    assert alert.state is AlertState.PREDICTED
    assert alert.areas
    assert alert.confidence == "single source; as notified"
    assert "The 90 % area touches the zone of JPN." in alert.words


@pytest.mark.parametrize(
    ("changes", "lat_deg"),
    [
        ({"windows": (Interval(LAUNCHED + timedelta(minutes=1), LAUNCHED + timedelta(hours=4)),)}, 69.3),
        ({"windows": (Interval(LAUNCHED - timedelta(hours=4), LAUNCHED - timedelta(minutes=1)),)}, 69.3),
        ({}, 69.5),
    ],
    ids=["too early", "too late", "from elsewhere"],
)
def test_what_differs_in_time_or_place_is_not_what_was_announced(
    watch: Watch, changes: dict[str, Any], lat_deg: float
) -> None:
    watch.announce(notice(**changes))
    watch.see(northward(), 60.0, lat_deg)
    [track] = watch.shown("JPN", 61.0)
    assert track.notice is None


def test_a_launch_a_little_outside_the_window_is_within_its_own_doubt(watch: Watch) -> None:
    begins = LAUNCHED + timedelta(seconds=12)
    watch.announce(notice(windows=(Interval(begins, begins + timedelta(hours=1)),)))
    watch.see(northward(), 60.0)
    [track] = watch.shown("JPN", 61.0)
    assert track.notice is not None
    assert "12 s outside the notified window" in track.notice.time


def test_two_launches_behind_one_notice_are_neither_of_them_taken_for_it(watch: Watch) -> None:
    watch.announce(notice())
    aside = coasting(69.5, 19.0, 90e3, 352.0, 4_600.0, 78.0)
    made = launch_at(69.3, 16.02, sigma_m=1_000.0)
    first, second = (track_of(one, 60.0, number=n, launch=made) for n, one in ((1, northward()), (2, aside)))
    watch.report("KOR", 60.0, first, second)
    fits = {track.notice.fit for track in watch.shown("USA", 61.0) if track.notice is not None}
    assert fits == {NoticeFit.TOO_MANY}
    assert "2 launches fit the notice" in watch.last("USA").words


def test_a_part_that_came_off_is_no_second_launch(watch: Watch) -> None:
    watch.announce(notice())
    made = launch_at(69.3, 16.02, sigma_m=1_000.0)
    stage = coasting(69.5, 19.0, 90e3, 352.0, 4_600.0, 78.0)
    watch.report(
        "KOR",
        60.0,
        track_of(northward(), 60.0, launch=made),
        track_of(stage, 60.0, number=2, launch=made, split_from=1),
    )
    assert {track.notice.fit for track in watch.shown("USA", 61.0) if track.notice} == {NoticeFit.AS_NOTIFIED}


def test_a_notice_that_was_cancelled_or_replaced_excuses_nothing(watch: Watch) -> None:
    announced = watch.announce(notice())
    ask = CancelNoticeAsk(announced, "en", "the aurora did not come")
    watch.nodes.ask("USA", "cancel-notice", ask, "officer:a", after(-500.0))
    watch.see(northward(), 60.0)
    assert [track.notice for track in watch.shown("JPN", 61.0)] == [None]
    first = watch.announce(notice(), t_s=70.0)
    tomorrow = (Interval(BURNOUT + timedelta(days=1), BURNOUT + timedelta(days=1, hours=1)),)
    second = watch.announce(notice(windows=tomorrow, replaces=first, number="2/95"), t_s=71.0)
    assert [track.notice for track in watch.shown("JPN", 72.0)] == [None]
    rows = {one.id: one for one in watch.nodes.of["JPN"].query("notices", NoticesAsk(), after(73.0)).notices}
    assert (rows[announced].state, rows[announced].because) == ("cancelled", "the aurora did not come")
    assert (rows[first].state, rows[first].replaced_by) == ("replaced", second)
    assert rows[second].state == "standing"


def test_a_poor_notice_is_shown_and_changes_no_confidence(watch: Watch) -> None:
    watch.announce(notice(grade="E5"))
    watch.see(northward(), 60.0)
    [track] = watch.shown("JPN", 61.0)
    assert track.notice is not None
    assert not track.notice.counts
    assert track.confidence == "single source"
    assert "graded E5 changes no confidence" in track.notice.words


def test_an_alert_names_no_notice_that_those_alerted_may_not_have(watch: Watch) -> None:
    watch.announce(notice(), Label(Classification.SECRET, ("KOR", "USA")))
    watch.see(northward(), 60.0)
    assert watch.last("KOR").notice is None
    assert "notified" not in watch.last("KOR").words
    [korean] = watch.shown("KOR", 61.0)
    assert korean.notice is not None
    assert [track.notice for track in watch.shown("JPN", 61.0)] == [None]


def test_a_direction_alone_is_held_against_the_way_it_leads(watch: Watch) -> None:
    watch.announce(notice(areas=(), direction_deg=350.0))
    watch.see(northward(), 60.0)
    [track] = watch.shown("JPN", 61.0)
    assert track.notice is not None
    assert track.notice.fit is NoticeFit.AS_NOTIFIED
    assert "the notice names no area" in track.notice.path


def test_a_notice_that_says_nothing_of_the_path_leaves_it_open(watch: Watch) -> None:
    watch.announce(notice(areas=()))
    watch.see(northward(), 60.0)
    [track] = watch.shown("JPN", 61.0)
    assert track.notice is not None
    assert track.notice.fit is NoticeFit.PATH_UNKNOWN


def test_what_real_plots_make_of_an_announced_launch_is_matched_to_it(watch: Watch) -> None:
    shot, dice = short_hop(), np.random.default_rng(1995)
    sensors = [radar(), infrared()]
    tracks = firing_range.watch(Tracker(sensors), sensors, [shot], range(10, 240, 2), dice)
    last = max(tracks, key=lambda one: (one.state is TrackState.TRACKED, one.plots))
    lat, lon, _ = ecef_to_geodetic(shot.flight.at(shot.flight.impact_t_s)[0])
    body = notice(
        windows=(Interval(NOON - timedelta(minutes=5), NOON + timedelta(minutes=5)),),
        site=Spot(PAD.lat_deg, PAD.lon_deg, 2e3),
        areas=(HazardArea("the sea", square(lat, lon, 0.3)),),
    )
    announced = watch.nodes.ask("USA", "notify-launch", NotifyLaunchAsk(body, EVERYONE), "officer:a", NOON)[0]
    draft = Draft(TrackReport(last.at, (last,)), EVERYONE, Precedence.IMMEDIATE)
    watch.nodes.say(draft, watch.nodes.of["KOR"].desk(NODE, last.at))
    watch.nodes.settle(last.at)
    [track] = watch.nodes.of["JPN"].query("picture", NoAsk(), last.at).tracks
    assert track.notice is not None
    assert (track.notice.notice, track.notice.fit) == (announced, NoticeFit.AS_NOTIFIED)
    assert watch.last("JPN").confidence == track.confidence == "two kinds; as notified"


def test_a_launch_that_is_announced_for_these_days_stands_on_the_docket(watch: Watch) -> None:
    announced = watch.announce(notice())
    items = REGION.docket(watch.nodes.of["JPN"].view, BURNOUT - timedelta(days=2))
    assert [(one.subject, one.state) for one in items] == [(announced, "notified")]
    assert REGION.docket(watch.nodes.of["JPN"].view, BURNOUT - timedelta(days=20)) == []


@settings(max_examples=25)
@given(st.permutations(range(5)))
def test_in_any_order_of_arrival_every_node_shows_the_same_match(order: list[int]) -> None:
    def said(body: Any, t_s: float, number: int) -> tuple[str, Any]:
        return record_of(BOTH, Draft(body, EVERYONE), Desk(WORLD, "USA", "officer:a", after(t_s), MEMBERS), number)

    made = launch_at(69.3, 16.02, sigma_m=1_000.0)
    first = said(notice(number="1/95", grade="C3"), -700.0, 1)
    other = said(notice(number="3/95", areas=()), -650.0, 3)
    story = [
        first,
        said(notice(number="2/95", replaces=first[0]), -600.0, 2),
        other,
        said(TrackReport(after(50.0), (track_of(northward(), 50.0),)), 50.0, 4),
        said(TrackReport(after(60.0), (track_of(northward(), 60.0, launch=made),)), 60.0, 5),
    ]
    views = [MemoryView(BOTH), MemoryView(BOTH)]
    for place in range(5):
        views[0].fold(*story[place])
    for place in order:
        views[1].fold(*story[place])
    one, another = (picture(view, after(61.0)) for view in views)
    for view in views:
        view.close()
    assert one == another
    [track] = one.tracks
    assert track.notice is not None
    assert track.notice.number == "2/95"
