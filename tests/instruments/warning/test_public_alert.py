"""What wakes a country up: two officers, plain words, one key to take it back. Hawaii, 13 January 2018, again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec import Struct, structs
from tests.node.press import approve, ask
from tests.node.worlds import EXERCISE, LIVE, START, Worlds, deliver, log_of

from laurel.core.errors import BadField, Nothing, NotPermitted
from laurel.core.instrument import Command, Desk, Instrument, NoAsk, Role, View
from laurel.core.label import Classification, Label
from laurel.core.record import Draft, Precedence, Record, decode
from laurel.core.record import World as WorldName
from laurel.instruments.line.retraction import RetractAsk
from laurel.instruments.office import INSTRUMENT as OFFICE
from laurel.instruments.warning import INSTRUMENT as WARNING
from laurel.instruments.warning.commands import ReleaseTracksAsk
from laurel.instruments.warning.public_alert import (
    CancelPublicAlertAsk,
    IssuePublicAlertAsk,
    PublicAlertRow,
    PublicAlerts,
    propose_public_alert,
    propose_public_cancel,
)
from laurel.instruments.warning.public_words import LANGUAGES, PHRASES, alert_words, cancel_words, wrong_words
from laurel.instruments.warning.records import (
    Alert,
    AlertReason,
    AlertState,
    Area,
    CancelReason,
    Phase,
    PublicAlert,
    PublicAlertState,
    SensorKind,
    Track,
    TrackReport,
    TrackState,
    Words,
)
from laurel.node.asked import Asked
from laurel.node.author import Author
from laurel.node.keep.reader import Reader
from laurel.node.world import World

EVERYONE = Label(Classification.SECRET, ("JPN", "KOR", "USA"))
LAND, SEA = Area("JPN", "territory"), Area("JPN", "zone")
HAWAII = "BALLISTIC MISSILE THREAT INBOUND TO HAWAII. THIS IS NOT A DRILL. EXERCISE EXERCISE EXERCISE"
SATO, ABE = (
    Author(f"officer:{name}", frozenset({Role.WATCH_OFFICER, Role.RELEASE_AUTHORITY})) for name in ("sato", "abe")
)
NODE = Author("node", frozenset({Role.NODE}))
two_persons = pytest.mark.attack("two-persons")


class Said(Struct, frozen=True, forbid_unknown_fields=True):
    """Any body, as the node would say it of itself."""

    alert: Alert | None = None
    report: TrackReport | None = None


def say_it(said: Said, view: View, desk: Desk) -> Sequence[Draft]:
    """That body, to everyone."""
    del view, desk
    return [Draft(body, EVERYONE, Precedence.FLASH) for body in (said.alert, said.report) if body]


VOICE = Instrument("voice", 1, (), commands=(Command("say", Said, say_it, frozenset({Role.NODE})),))


@dataclass
class Watch:
    """A node whose tracker and alerts are the test."""

    worlds: Worlds
    world: World
    asked: int = 0

    def ask(self, by: Author, command: str, what: Struct) -> tuple[str, ...]:
        self.asked += 1
        return ask(self.world, by, command, what, f"ask:number:{self.asked}").records

    def alert(
        self, *areas: Area, state: AlertState = AlertState.PREDICTED, reason: AlertReason = AlertReason.IMPACT
    ) -> str:
        """An alert on track JPN-1, ten minutes before its impact; or what becomes of it."""
        self.worlds.clock.at += timedelta(seconds=1)
        over = () if reason is AlertReason.LAUNCH else areas or (LAND, SEA)
        body = Alert(reason, state, ("JPN-1",), over, "two kinds", START, IMPACT_AT, 38.0, 140.0, "said")
        return self.ask(NODE, "voice/say", Said(alert=body))[0]

    def track(self, state: TrackState) -> None:
        self.worlds.clock.at += timedelta(seconds=1)
        at = self.worlds.clock.at
        one = Track(
            1, state, Phase.COAST, START, at, at, (-4e6, 3.5e6, 4e6), (1e3, 1e3, 1e3), (1.0,) * 21, 40, ("N",),
            (SensorKind.RADAR,), None,
        )  # fmt: skip
        self.ask(NODE, "voice/say", Said(report=TrackReport(at, (one,))))

    @property
    def shown(self) -> PublicAlerts:
        return self.world.judge("warning/public-alerts", NoAsk())

    def only(self) -> PublicAlertRow:
        (row,) = self.shown.alerts
        return row

    def ready(self) -> IssuePublicAlertAsk:
        (ready,) = self.shown.ready
        return ready.ask

    def propose(self, what: IssuePublicAlertAsk | None = None) -> str:
        return self.ask(SATO, "warning/issue-public-alert", what or self.ready())[0]

    def issue(self) -> str:
        _, issued = approve(self.world, self.propose()).records
        return issued

    def cancel(self, public: str, reason: CancelReason = CancelReason.ERROR, by: Author = SATO) -> str:
        return self.ask(by, "warning/cancel-public-alert", CancelPublicAlertAsk(public, reason))[0]

    def record(self, record: str) -> Record[PublicAlert]:
        payload = next(sealed.payload for sealed in log_of(self.world) if sealed.id == record)
        return self.world.catalogue.read(decode(payload))[0]


IMPACT_AT = START + timedelta(minutes=10)


def a_watch(folder: Path, name: WorldName) -> Iterator[Watch]:
    folder.mkdir()
    with Worlds(folder, name) as worlds:
        worlds.clock.at = START
        watch = Watch(worlds, worlds.open("JPN", WARNING, OFFICE, VOICE))
        watch.ask(SATO, "warning/release-tracks", ReleaseTracksAsk(EVERYONE, "shared warning"))
        yield watch


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Watch]:
    yield from a_watch(tmp_path / "live", LIVE)


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Watch]:
    yield from a_watch(tmp_path / "play", EXERCISE)


# As it should go


def test_two_officers_wake_the_public_and_every_ally_sees_what_it_rests_on(live: Watch) -> None:
    alert = live.alert()
    proposal = live.propose()
    assert live.shown.alerts == ()
    approval, issued = approve(live.world, proposal).records
    said = live.record(issued)
    assert said.author == "officer:sato+officer:abe"
    assert said.about == (approval, alert)
    assert (said.label, said.precedence) == (EVERYONE, Precedence.FLASH)
    assert said.body.state is PublicAlertState.ISSUED
    assert [words.language for words in said.body.words] == list(LANGUAGES)
    assert said.body.words[0].text == (
        "MISSILE WARNING. TAKE COVER NOW. A missile is predicted to come down in Japan at about 12:10 JST (03:10 UTC). "
        "Go into a strong building or underground, away from windows, and stay there."
    )
    korea = live.worlds.open("KOR", WARNING, OFFICE)
    deliver(live.world, korea)
    seen: PublicAlerts = korea.judge("warning/public-alerts", NoAsk())
    assert [(row.id, row.member, row.state) for row in seen.alerts] == [(issued, "JPN", PublicAlertState.ISSUED)]


def test_what_to_say_is_ready_and_asked_for_once(live: Watch) -> None:
    assert live.shown.ready == ()
    live.alert(reason=AlertReason.LAUNCH)
    live.alert(reason=AlertReason.OVERFLIGHT)
    assert "pass over Japan within minutes" in live.ready().words[0].text
    live.alert(reason=AlertReason.OVERFLIGHT, state=AlertState.ENDED)
    live.alert(SEA)
    assert "the sea around Japan" in live.ready().words[0].text
    live.issue()
    assert live.shown.ready == ()
    # The threat grew: the land is not told yet.
    live.alert(LAND, SEA)
    assert "in Japan at" in live.ready().words[0].text
    live.issue()
    assert live.shown.ready == ()
    with pytest.raises(BadField, match="told of yet"):
        live.propose(IssuePublicAlertAsk(live.alert(), (LAND,), words_of(live)))


def words_of(watch: Watch) -> tuple[Words, ...]:
    (one,) = {row.words for row in watch.shown.alerts if "in Japan at" in row.words[0].text}
    return one


def test_without_a_release_it_stays_at_home(tmp_path: Path) -> None:
    with Worlds(tmp_path) as worlds:
        live = Watch(worlds, worlds.open("JPN", WARNING, OFFICE, VOICE))
        live.alert()
        assert live.record(live.issue()).label.rel_to == ("JPN",)


def test_a_cancel_takes_one_officer_goes_to_the_same_audience_and_says_why(live: Watch) -> None:
    alert = live.alert()
    issued = live.issue()
    row = live.only()
    cancel = live.record(live.cancel(issued))
    before = live.record(issued)
    assert cancel.author == "officer:sato"
    assert (cancel.label, cancel.precedence) == (before.label, Precedence.FLASH)
    assert (cancel.answers, cancel.about) == (issued, (issued, alert))
    # What the screen showed before the key was pressed is what was said.
    assert cancel.body.words == row.cancel_words
    assert cancel.body.words[0].text == (
        "CANCELLED. The missile alert of 12:00 JST (03:00 UTC) for Japan does not hold any more. "
        "It was issued in error. You may leave shelter."
    )
    after = live.only()
    assert (after.state, after.cancelled_by, after.cancel_words) == (
        PublicAlertState.CANCELLED,
        "officer:sato",
        cancel.body.words,
    )
    with pytest.raises(BadField, match="officer:sato cancelled it"):
        live.cancel(issued, by=ABE)


def test_who_left_the_compact_does_not_hinder_a_cancel(live: Watch) -> None:
    live.alert()
    issued = live.issue()
    roster = live.world.roster
    live.world.roster = type(roster)(
        roster.world, "JPN", {code: roster.standings[code] for code in ("JPN", "USA")}, roster.cards
    )
    assert live.record(live.cancel(issued)).label.rel_to == ("JPN", "USA")


@pytest.mark.parametrize(
    ("fate", "says", "reason"),
    [
        (AlertState.WITHDRAWN, "taken back", CancelReason.WITHDRAWN),
        (AlertState.ENDED, "is over", CancelReason.OVER),
        (TrackState.LOST, "track is lost", CancelReason.WITHDRAWN),
    ],
)
def test_what_it_rests_on_falls_away_and_its_row_says_so_and_cancels_nothing(
    live: Watch, fate: AlertState | TrackState, says: str, reason: CancelReason
) -> None:
    live.alert()
    live.track(TrackState.TRACKED)
    issued = live.issue()
    assert live.only().doubt is None
    if isinstance(fate, AlertState):
        live.alert(state=fate)
    else:
        live.track(fate)
    row = live.only()
    assert row.doubt
    assert says in row.doubt
    assert (row.state, row.cancel_reason) == (PublicAlertState.ISSUED, reason)
    with live.world.store.reading() as from_:
        assert propose_public_cancel(Reader(from_), live.world.desk("officer:abe")) == CancelPublicAlertAsk(
            issued, reason
        )
        assert row.doubt in {item.summary for item in WARNING.docket(Reader(from_), live.worlds.clock.at)}


def test_when_what_it_rests_on_is_retracted_its_row_says_so_and_no_proposal_on_it_is_approved(live: Watch) -> None:
    alert = live.alert()
    stale = live.propose(structs.replace(live.ready(), areas=(SEA,)))
    issued = live.issue()
    live.ask(SATO, "line/retract", RetractAsk(alert, "a test record"))
    row = live.only()
    assert row.doubt
    assert "retracted" in row.doubt
    assert row.state is PublicAlertState.ISSUED
    with pytest.raises(Nothing):
        approve(live.world, stale, ask_id="approve:stale")
    live.cancel(issued, row.cancel_reason)
    assert live.only().state is PublicAlertState.CANCELLED


def test_what_is_ready_may_be_asked_for_by_name(live: Watch) -> None:
    with live.world.store.reading() as from_, pytest.raises(Nothing):
        propose_public_alert(Reader(from_), live.world.desk("officer:abe"))
    live.alert()
    with live.world.store.reading() as from_:
        assert propose_public_alert(Reader(from_), live.world.desk("officer:abe")) == live.ready()


# Hawaii, 13 January 2018


def test_the_drill_shares_no_word_of_its_beginning_and_no_prompt_with_what_is_real(live: Watch, play: Watch) -> None:
    for one in (live, play):
        one.alert()
        one.propose()
    real, played = live.ready().words, play.ready().words
    for spoken, acted in zip(real, played, strict=True):
        say = PHRASES[spoken.language]
        assert spoken.text.startswith(say.live)
        assert acted.text.startswith(say.drill)
        assert not set(spoken.text.split(". ")) & set(acted.text.split(". "))
    prompts = [one.world.judge("office/proposals", NoAsk()).proposals[0].words for one in (live, play)]
    assert prompts[0].startswith("LIVE: ")
    assert prompts[1].startswith("EXERCISE: ")


@two_persons
def test_words_of_the_drill_never_go_out_live_nor_those_of_the_live_in_a_drill(live: Watch, play: Watch) -> None:
    for here, there in ((live, play), (play, live)):
        here.alert()
        there.alert()
        with pytest.raises(BadField, match="begins with"):
            here.propose(structs.replace(here.ready(), words=there.ready().words))
    mixed = [Words("en", f"{PHRASES['en'].live} {HAWAII}"), *live.ready().words[1:]]
    with pytest.raises(BadField, match="without EXERCISE"):
        live.propose(structs.replace(live.ready(), words=tuple(mixed)))


def test_thirty_eight_minutes_become_one_key(live: Watch) -> None:
    """The whole morning: no missile, a mistaken alert by two, and one ask, already filled in, takes it back."""
    live.alert()
    issued = live.issue()
    row = live.only()
    asked = CancelPublicAlertAsk(row.id, row.cancel_reason)
    said = live.world.say(Asked(ABE, "warning/cancel-public-alert", asked, "key:c:once"))
    assert not said.waits
    assert live.record(said.records[0]).body.cancels == issued
    assert live.only().state is PublicAlertState.CANCELLED
    assert live.world.say(Asked(ABE, "warning/cancel-public-alert", asked, "key:c:once")).again


@two_persons
def test_one_person_cannot_wake_the_public(live: Watch) -> None:
    live.alert()
    proposal = live.propose()
    with pytest.raises(NotPermitted):
        approve(live.world, proposal, SATO)
    assert live.shown.alerts == ()
    assert [decode(sealed.payload).kind for sealed in log_of(live.world)][-1] == "office.proposed.v1"


@two_persons
def test_a_proposal_of_the_drill_cannot_be_approved_live(live: Watch, play: Watch) -> None:
    play.alert()
    live.alert()
    with pytest.raises(Nothing):
        approve(live.world, play.propose())


@two_persons
@pytest.mark.parametrize("fate", [AlertState.WITHDRAWN, AlertState.ENDED])
def test_a_stale_proposal_cannot_wake_the_public_for_what_was_taken_back(live: Watch, fate: AlertState) -> None:
    live.alert()
    proposal = live.propose()
    live.alert(state=fate)
    with pytest.raises(BadField, match=fate.value):
        approve(live.world, proposal)
    # Even when it is foretold again: the words are of before.
    live.alert()
    with pytest.raises(BadField, match=fate.value):
        approve(live.world, proposal, ask_id="approve:again")
    assert live.shown.alerts == ()
    live.propose()


@two_persons
@pytest.mark.attack("replay")
def test_what_was_cancelled_does_not_come_back_from_a_second_proposal(live: Watch) -> None:
    live.alert()
    first, second = live.propose(), live.propose(structs.replace(live.ready(), words=edited(live.ready())))
    _, issued = approve(live.world, first).records
    with pytest.raises(BadField, match="told of yet"):
        approve(live.world, second)
    live.worlds.clock.at += timedelta(minutes=1)
    live.cancel(issued)
    with pytest.raises(BadField, match="last cancel"):
        approve(live.world, second, ask_id="approve:again")
    # Two officers who know of the cancel may issue it anew.
    assert live.ready().after is not None
    live.issue()
    assert [row.state.value for row in live.shown.alerts] == ["issued", "cancelled"]


def edited(what: IssuePublicAlertAsk) -> tuple[Words, ...]:
    return tuple(Words(one.language, f"{one.text} +") for one in what.words)


@two_persons
@pytest.mark.attack("replay")
def test_a_cancel_is_never_sent_again_as_an_alert(live: Watch) -> None:
    live.alert()
    issued = live.issue()
    cancel = live.cancel(issued)
    with pytest.raises(Nothing):
        live.propose(structs.replace(live.ready(), alert=cancel))
    with pytest.raises(BadField, match="begins with"):
        live.propose(structs.replace(live.ready(), words=live.record(cancel).body.words))
    with pytest.raises(BadField, match="issued"):
        live.cancel(cancel)


@pytest.mark.attack("speak-for-another")
def test_nobody_wakes_another_country_or_cancels_for_it(live: Watch) -> None:
    alert = live.alert(LAND, Area("KOR", "territory"))
    assert live.ready().areas == (LAND,)
    with pytest.raises(BadField, match="areas of JPN"):
        live.propose(structs.replace(live.ready(), areas=(Area("KOR", "territory"),)))
    korea = Watch(live.worlds, live.worlds.open("KOR", WARNING, OFFICE, VOICE))
    words = live.ready().words
    issued = live.issue()
    deliver(live.world, korea.world)
    with pytest.raises(BadField, match="JPN said this one"):
        korea.propose(IssuePublicAlertAsk(alert, (Area("KOR", "territory"),), words))
    with pytest.raises(BadField, match="KOR issued"):
        korea.cancel(issued)
    assert korea.only().state is PublicAlertState.ISSUED


@pytest.mark.attack("roles")
@pytest.mark.parametrize("role", [one for one in Role if one not in {Role.WATCH_OFFICER, Role.PRINCIPAL}])
def test_no_other_role_wakes_or_calms_the_public(live: Watch, role: Role) -> None:
    live.alert()
    proposal, who = live.propose(), Author("officer:else", frozenset({role}))
    with pytest.raises(NotPermitted):
        live.ask(who, "warning/issue-public-alert", live.ready())
    with pytest.raises(NotPermitted):
        approve(live.world, proposal, who)
    with pytest.raises(NotPermitted):
        live.cancel("ab" * 32, by=who)


# Words


@pytest.mark.parametrize("exercise", [None, "freedom-27"])
@pytest.mark.parametrize("reason", [AlertReason.IMPACT, AlertReason.OVERFLIGHT])
@pytest.mark.parametrize("areas", [(LAND,), (SEA,), (Area("USA", "territory"), LAND), (Area("FRA", "territory"),)])
def test_every_ready_text_may_be_said_in_its_world_alone_and_no_cancel_as_an_alert(
    exercise: str | None, reason: AlertReason, areas: tuple[Area, ...]
) -> None:
    alert = Alert(reason, AlertState.PREDICTED, ("JPN-1",), areas, "two kinds", None, IMPACT_AT, 38.0, 140.0, "said")
    words = alert_words(alert, areas, exercise)
    assert wrong_words(words, exercise) is None
    assert wrong_words(words, None if exercise else "freedom-27")
    assert wrong_words(words[:2], exercise)
    for why in CancelReason:
        cancel = cancel_words(areas, START, why, exercise)
        assert wrong_words(cancel, exercise)
        assert not {one.text for one in cancel} & {one.text for one in words}
    assert all("{" not in one.text for one in words)
