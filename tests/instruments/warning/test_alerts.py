"""When a member is warned, of what, and when a warning is taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from msgspec import structs
from tests.instruments.harness import NODE, Nodes
from tests.instruments.warning.flights import (
    EVERYONE,
    after,
    coasting,
    into_the_sea_of_japan,
    launch_at,
    onto_korea,
    over_japan,
    track_of,
)

from laurel.core.instrument import NoAsk
from laurel.core.label import Classification, Label
from laurel.core.record import Draft, Precedence, Record
from laurel.instruments.warning import INSTRUMENT
from laurel.instruments.warning.commands import CancelAlertAsk, ReleaseTracksAsk
from laurel.instruments.warning.picture_types import Picture
from laurel.instruments.warning.records import (
    Alert,
    AlertReason,
    AlertState,
    Area,
    ObservedImpact,
    Phase,
    SensorKind,
    Track,
    TrackReport,
    TrackState,
)
from laurel.physics.flight import Flight

MEMBERS = ("JPN", "KOR", "USA")


class Watch:
    """Three nodes whose tracker is the test: `report` says what a member tracks, and everything follows."""

    def __init__(self, release: Label | None = EVERYONE) -> None:
        self.nodes = Nodes(INSTRUMENT, MEMBERS)
        for member in MEMBERS if release else ():
            ask = ReleaseTracksAsk(release or EVERYONE, "an exercise of the test")
            self.nodes.ask(member, "release-tracks", ask, "release-1", after(-300.0))

    def report(self, member: str, t_s: float, *tracks: Track, label: Label = EVERYONE) -> None:
        draft = Draft(TrackReport(after(t_s), tracks), label, Precedence.IMMEDIATE)
        self.nodes.say(draft, self.nodes.of[member].desk(NODE, after(t_s)))
        self.nodes.settle(after(t_s))

    def records(self, member: str, reason: AlertReason | None = None) -> list[Record[Alert]]:
        said: list[Record[Alert]] = self.nodes.of[member].said(Alert)
        return [record for record in said if reason in {None, record.body.reason}]

    def states(self, member: str, reason: AlertReason) -> list[AlertState]:
        return [record.body.state for record in self.records(member, reason)]

    def picture(self, member: str, t_s: float) -> Picture:
        picture = self.nodes.of[member].query("picture", NoAsk(), after(t_s))
        assert isinstance(picture, Picture)
        return picture


@pytest.fixture
def watch() -> Iterator[Watch]:
    made = Watch()
    yield made
    for node in made.nodes.of.values():
        node.view.close()


PREDICTED, WITHDRAWN, ENDED = AlertState.PREDICTED, AlertState.WITHDRAWN, AlertState.ENDED


# Launch


def test_every_node_tells_of_a_launch_once(watch: Watch) -> None:
    for t_s in (60.0, 61.0, 62.0, 90.0, 120.0):
        watch.report("KOR", t_s, track_of(over_japan(), t_s, phase=Phase.BOOST))
    for member in MEMBERS:
        assert watch.states(member, AlertReason.LAUNCH) == [PREDICTED]
        alert = watch.records(member, AlertReason.LAUNCH)[0]
        assert alert.precedence is Precedence.FLASH
        assert alert.body.tracks == ("KOR-1",)
        assert alert.body.impact_at is None
        assert "its motor was burning" in alert.body.words


def test_a_launch_that_others_see_too_is_not_told_again(watch: Watch) -> None:
    watch.report("KOR", 60.0, track_of(over_japan(), 60.0, phase=Phase.BOOST))
    watch.report("JPN", 61.0, track_of(over_japan(), 61.0, number=7, first_s=50.0, phase=Phase.BOOST))
    watch.report("USA", 62.0, track_of(over_japan(), 62.0, number=3, first_s=50.0, phase=Phase.BOOST))
    assert [len(watch.records(member)) for member in MEMBERS] == [1, 1, 1]


def test_a_launch_alert_learns_where_it_began_and_where_it_will_fall(watch: Watch) -> None:
    flight, site = over_japan(), launch_at(40.6, 126.4)
    watch.report("KOR", 60.0, track_of(flight, 60.0, phase=Phase.BOOST))
    watch.report("KOR", 72.0, track_of(flight, 72.0, phase=Phase.BOOST, launch=site))
    watch.report("KOR", 90.0, track_of(flight, 90.0, launch=site))
    bodies = [record.body for record in watch.records("KOR", AlertReason.LAUNCH)]
    assert [body.launched_at is not None for body in bodies] == [False, True, True]
    assert [body.impact_at is not None for body in bodies] == [False, False, True]
    assert "Missile launched at 22:22:00 UTC near 40.6 N 126.4 E." in bodies[2].words


def test_two_tracks_that_turn_out_to_be_one_thing_share_one_launch_alert(watch: Watch) -> None:
    flight = over_japan()
    apart = coasting(42.0, 129.5, 190e3, 86.0, 5_400.0, 38.0)
    watch.report("KOR", 60.0, track_of(flight, 60.0))
    watch.report("USA", 60.0, track_of(apart, 60.0))
    assert sum(alert.reason is AlertReason.LAUNCH for alert in watch.picture("JPN", 60.0).alerts) == 6
    watch.report("USA", 75.0, track_of(flight, 75.0))
    picture = watch.picture("JPN", 75.0)
    assert [track.tracks for track in picture.tracks] == [("KOR-1", "USA-1")]
    launches = [alert for alert in picture.alerts if alert.reason is AlertReason.LAUNCH]
    assert {(alert.member, alert.tracks) for alert in launches} == {(member, ("KOR-1", "USA-1")) for member in MEMBERS}
    assert len(launches) == 3


def test_a_satellite_is_no_launch(watch: Watch) -> None:
    orbit = track_of(over_japan(), 60.0)
    vx, vy, vz = orbit.velocity_ecef_mps
    watch.report("KOR", 60.0, structs.replace(orbit, velocity_ecef_mps=(2.5 * vx, 2.5 * vy, 2.5 * vz)))
    assert watch.records("KOR") == []


def test_a_track_already_lost_is_no_launch(watch: Watch) -> None:
    watch.report("KOR", 60.0, track_of(over_japan(), 60.0, state=TrackState.LOST))
    assert watch.records("KOR") == []


# Impact


def test_only_the_member_whose_area_is_touched_warns_of_the_impact(watch: Watch) -> None:
    flight = into_the_sea_of_japan()
    for t_s in (20.0, 40.0, 60.0):
        watch.report("KOR", t_s, track_of(flight, t_s))
    assert watch.states("JPN", AlertReason.IMPACT) == [PREDICTED]
    assert watch.states("KOR", AlertReason.IMPACT) == []
    assert watch.states("USA", AlertReason.IMPACT) == []
    body = watch.records("JPN", AlertReason.IMPACT)[0].body
    assert body.areas == (Area("JPN", "zone"),)
    assert body.impact_at is not None
    assert abs((body.impact_at - after(flight.impact_t_s)).total_seconds()) < 10.0
    assert "touches the zone of JPN" in body.words
    assert watch.states("KOR", AlertReason.OVERFLIGHT) == []


def test_a_prediction_that_changes_materially_is_renewed_but_never_in_a_flood(watch: Watch) -> None:
    flight = into_the_sea_of_japan()
    watch.report("KOR", 30.0, track_of(flight, 30.0))
    watch.report("KOR", 31.0, track_of(flight, 31.0, sensors=("A", "B")))
    watch.report("KOR", 39.0, track_of(flight, 39.0, sensors=("A", "B")))
    assert len(watch.records("JPN", AlertReason.IMPACT)) == 1
    watch.report("KOR", 41.0, track_of(flight, 41.0, sensors=("A", "B")))
    assert [record.body.confidence for record in watch.records("JPN", AlertReason.IMPACT)] == [
        "single source",
        "two of one kind",
    ]
    for t_s in (52.0, 63.0, 74.0):
        watch.report("KOR", t_s, track_of(flight, t_s, sensors=("A", "B")))
    assert len(watch.records("JPN", AlertReason.IMPACT)) == 2


def test_a_prediction_that_moves_away_is_withdrawn_with_the_reason_and_may_come_back(watch: Watch) -> None:
    sea, land = into_the_sea_of_japan(), coasting(39.3, 127.5, 90e3, 270.0, 2_400.0, 45.0)
    watch.report("KOR", 30.0, track_of(sea, 30.0))
    # The track is bent to land far away: a manoeuvre, or a mistake.
    bent = structs.replace(track_of(land, 50.0), first_at=after(-120.0))
    watch.report("KOR", 50.0, bent)
    last = watch.records("JPN", AlertReason.IMPACT)[-1]
    assert last.body.state is WITHDRAWN
    assert last.body.words.startswith("Withdrawn: the predicted impact, now near")
    assert last.body.words.endswith("no longer touches JPN.")
    assert last.label == EVERYONE
    watch.report("KOR", 70.0, track_of(sea, 70.0))
    assert watch.states("JPN", AlertReason.IMPACT) == [PREDICTED, WITHDRAWN, PREDICTED]


def test_an_area_once_warned_is_kept_until_even_the_wide_ellipse_leaves_it(watch: Watch) -> None:
    # It falls in Korea's zone, ten kilometres from Japan's.
    flight = coasting(39.3, 126.9, 90e3, 100.0, 2_200.0, 45.0)
    touched: list[bool] = []
    states: list[list[AlertState]] = []
    for t_s, sigma_mps in ((30.0, 60.0), (60.0, 10.0), (90.0, 1.0)):
        watch.report("KOR", t_s, track_of(flight, t_s, speed_mps=sigma_mps))
        impact = watch.picture("JPN", t_s).tracks[0].impact
        assert impact is not None
        touched.append(any(area.member == "JPN" for area in impact.areas))
        states.append(watch.states("JPN", AlertReason.IMPACT))
    assert touched == [True, False, False]
    assert states == [[PREDICTED], [PREDICTED], [PREDICTED, WITHDRAWN]]


def test_a_motor_that_burns_again_takes_the_prediction_back(watch: Watch) -> None:
    flight = into_the_sea_of_japan()
    watch.report("KOR", 30.0, track_of(flight, 30.0))
    watch.report("KOR", 50.0, track_of(flight, 50.0, phase=Phase.BOOST))
    assert watch.states("JPN", AlertReason.IMPACT) == [PREDICTED, WITHDRAWN]
    assert "its motor was burning" in watch.records("JPN", AlertReason.IMPACT)[-1].body.words
    assert [alert.impact_at for alert in watch.picture("KOR", 50.0).alerts if alert.reason is AlertReason.LAUNCH] == [
        None,
        None,
        None,
    ]


def test_an_impact_on_korean_land_is_koreas_to_tell(watch: Watch) -> None:
    watch.report("USA", 60.0, track_of(onto_korea(), 60.0, kinds=(SensorKind.INFRARED, SensorKind.RADAR)))
    assert watch.states("KOR", AlertReason.IMPACT) == [PREDICTED]
    assert watch.states("JPN", AlertReason.IMPACT) == []


# Overflight


def test_an_overflight_is_told_before_and_ended_after(watch: Watch) -> None:
    flight = over_japan()
    for t_s in (60.0, 120.0, 180.0, 245.0, 255.0, 265.0, 275.0, 285.0, 295.0):
        watch.report("KOR", t_s, track_of(flight, t_s, position_m=20.0, speed_mps=0.1))
    assert watch.states("JPN", AlertReason.OVERFLIGHT) == [PREDICTED, ENDED]
    assert watch.states("KOR", AlertReason.OVERFLIGHT) == []
    told, ended = (record.body for record in watch.records("JPN", AlertReason.OVERFLIGHT))
    assert told.areas == (Area("JPN", "territory"),)
    assert "predicted to pass over the territory of JPN from 22:29:" in told.words
    assert ended.words == "Over: it was seen to pass over the territory of JPN."


def test_an_overflight_that_was_only_asserted_is_withdrawn_not_ended(watch: Watch) -> None:
    watch.report("KOR", 60.0, track_of(over_japan(), 60.0))
    short = structs.replace(track_of(into_the_sea_of_japan(), 90.0), first_at=after(-120.0))
    watch.report("KOR", 90.0, short)
    assert watch.states("JPN", AlertReason.OVERFLIGHT) == [PREDICTED, WITHDRAWN]
    assert "no longer crosses" in watch.records("JPN", AlertReason.OVERFLIGHT)[-1].body.words


# Closing


def test_an_impact_that_was_seen_ends_the_warning_and_says_so(watch: Watch) -> None:
    flight = into_the_sea_of_japan()
    watch.report("KOR", 60.0, track_of(flight, 60.0))
    seen = ObservedImpact(39.4, 135.8, after(449.0), 1.0, (300.0**2, 0.0, 300.0**2))
    last_s = flight.impact_t_s - 1.0
    fallen = track_of(flight, last_s, state=TrackState.FALLEN, phase=Phase.REENTRY, observed=seen)
    watch.report("KOR", last_s, fallen)
    assert watch.states("JPN", AlertReason.IMPACT) == [PREDICTED, ENDED]
    words = watch.records("JPN", AlertReason.IMPACT)[-1].body.words
    assert words == "Over. It was observed to come down at 22:32:29 UTC, near 39.4 N 135.8 E."
    (track,) = watch.picture("USA", last_s).tracks
    assert track.impact is None
    assert track.path == ()
    assert track.observed is not None
    assert track.observed.areas == (Area("JPN", "zone"),)
    assert track.no_impact_because == "its impact was observed"


def test_an_overflight_that_is_merely_possible_is_not_told_but_once_told_is_kept(watch: Watch) -> None:
    # Along the coast: two strands in ten pass over Japan while little is known, none later.
    beside = coasting(33.6, 125.0, 190e3, 40.0, 5_400.0, 38.0)
    watch.report("KOR", 60.0, track_of(beside, 60.0, position_m=1_000.0, speed_mps=80.0))
    assert watch.states("JPN", AlertReason.OVERFLIGHT) == []
    over = coasting(33.0, 125.0, 190e3, 42.0, 5_400.0, 38.0)
    watch.report("KOR", 80.0, track_of(over, 80.0, position_m=1_000.0, speed_mps=80.0))
    assert watch.states("JPN", AlertReason.OVERFLIGHT) == [PREDICTED]
    watch.report("KOR", 100.0, track_of(beside, 100.0, position_m=1_000.0, speed_mps=80.0))
    assert WITHDRAWN not in watch.states("JPN", AlertReason.OVERFLIGHT)
    watch.report("KOR", 120.0, track_of(beside, 120.0, position_m=10.0, speed_mps=0.1))
    assert watch.states("JPN", AlertReason.OVERFLIGHT)[-1] is WITHDRAWN


def test_an_alert_ends_by_itself_a_minute_after_the_predicted_impact_and_each_node_ends_its_own(watch: Watch) -> None:
    flight = into_the_sea_of_japan()
    watch.report("KOR", 60.0, track_of(flight, 60.0))
    assert watch.nodes.wake(after(flight.impact_t_s + 40.0)) == 0
    assert watch.nodes.wake(after(flight.impact_t_s + 70.0)) > 0
    assert watch.states("JPN", AlertReason.IMPACT) == [PREDICTED, ENDED]
    for member in MEMBERS:
        assert watch.states(member, AlertReason.LAUNCH) == [PREDICTED, ENDED]
    assert watch.nodes.wake(after(flight.impact_t_s + 80.0)) == 0
    words = watch.records("JPN", AlertReason.IMPACT)[-1].body.words
    assert words == "Over: the predicted impact time has passed."


def test_an_end_that_is_said_late_says_so(watch: Watch) -> None:
    flight = into_the_sea_of_japan()
    watch.report("KOR", 60.0, track_of(flight, 60.0))
    watch.nodes.wake(after(flight.impact_t_s + 3_600.0))
    assert "said late, this node was down" in watch.records("JPN", AlertReason.IMPACT)[-1].body.words


def test_what_has_ended_is_not_told_again(watch: Watch) -> None:
    flight = into_the_sea_of_japan()
    watch.report("KOR", 60.0, track_of(flight, 60.0))
    watch.nodes.wake(after(flight.impact_t_s + 70.0))
    before = [len(watch.records(member)) for member in MEMBERS]
    watch.report("KOR", flight.impact_t_s + 75.0, track_of(flight, flight.impact_t_s - 1.0, state=TrackState.LOST))
    assert [len(watch.records(member)) for member in MEMBERS] == before


def test_what_an_officer_cancelled_stays_cancelled(watch: Watch) -> None:
    flight = into_the_sea_of_japan()
    watch.report("KOR", 30.0, track_of(flight, 30.0))
    alert = next(one for one in watch.picture("JPN", 30.0).alerts if one.reason is AlertReason.IMPACT)
    ask = CancelAlertAsk(alert.id, "a test of our own")
    watch.nodes.ask("JPN", "cancel-alert", ask, "watch-1", after(35.0))
    for t_s in (50.0, 70.0, 90.0):
        watch.report("KOR", t_s, track_of(flight, t_s, sensors=("A", "B")))
    assert watch.states("JPN", AlertReason.IMPACT) == [PREDICTED, WITHDRAWN]
    assert (
        watch.records("JPN", AlertReason.IMPACT)[-1].body.words == "Cancelled by the watch officer: a test of our own"
    )
    # It closes for everyone who was warned, and there is nothing left to end.
    assert [one.state for one in watch.picture("USA", 90.0).alerts if one.reason is AlertReason.IMPACT] == [WITHDRAWN]


def test_a_report_that_arrives_after_the_impact_warns_nobody(watch: Watch) -> None:
    flight = into_the_sea_of_japan()
    draft = Draft(TrackReport(after(60.0), (track_of(flight, 60.0),)), EVERYONE, Precedence.IMMEDIATE)
    watch.nodes.say(draft, watch.nodes.of["KOR"].desk(NODE, after(60.0)))
    watch.nodes.settle(after(flight.impact_t_s + 600.0))
    assert [watch.records(member) for member in MEMBERS] == [[], [], []]


# Labels


def test_an_alert_is_as_strict_as_the_strictest_report_it_rests_on() -> None:
    watch = Watch()
    two = Label(Classification.TOP_SECRET, ("JPN", "USA"), ("EYES",))
    watch.report("USA", 60.0, track_of(into_the_sea_of_japan(), 60.0), label=two)
    impact = watch.records("JPN", AlertReason.IMPACT)[0]
    assert impact.label == two
    assert watch.picture("KOR", 60.0).alerts == ()


def test_without_a_release_alerts_stay_at_home() -> None:
    watch = Watch(release=None)
    watch.report("KOR", 60.0, track_of(into_the_sea_of_japan(), 60.0))
    for member in MEMBERS:
        labels = {record.label for record in watch.records(member)}
        assert labels == {Label(Classification.SECRET, (member,))}


def test_an_alert_names_the_reports_and_the_release_it_rests_on(watch: Watch) -> None:
    watch.report("KOR", 60.0, track_of(into_the_sea_of_japan(), 60.0))
    impact = watch.records("JPN", AlertReason.IMPACT)[0]
    log = dict(watch.nodes.of["JPN"].log)
    assert [log[record].kind for record in impact.about] == ["warning.track-report.v1", "warning.standing-release.v1"]


@pytest.mark.parametrize("flight", [into_the_sea_of_japan, onto_korea, over_japan])
def test_the_words_are_plain_sentences(watch: Watch, flight: Callable[[], Flight]) -> None:
    watch.report("KOR", 60.0, track_of(flight(), 60.0))
    for member in MEMBERS:
        for record in watch.records(member):
            assert record.body.words.endswith(".")
            assert "  " not in record.body.words
            assert "None" not in record.body.words
