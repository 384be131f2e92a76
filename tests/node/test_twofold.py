"""What takes two persons: proposed by one, done by the approval of another, said once, and never by one alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from msgspec import structs
from tests.node.press import (
    ABE,
    KATO,
    LASTS,
    MORI,
    OF,
    PROGRAM,
    SATO,
    approve,
    decline,
    press,
    proposals,
    propose,
)
from tests.node.worlds import EXERCISE, START, Worlds, log_of, note, texts

from laurel.core.errors import AskReused, BadField, Nothing, NotPermitted
from laurel.core.instrument import Role
from laurel.core.label import Classification, Label
from laurel.core.record import decode
from laurel.instruments.office import INSTRUMENT as OFFICE
from laurel.instruments.office.twofold import ApproveAsk, DeclineAsk, NotOpen, ProposalState, SecondPersonNeeded
from laurel.node.asked import Asked, Said
from laurel.node.author import Author
from laurel.node.outbox import Outbox
from laurel.node.world import World

two_persons = pytest.mark.attack("two-persons")


@pytest.fixture
def world(worlds: Worlds) -> World:
    return worlds.open("JPN", *press())


def heads(world: World) -> list[tuple[str, str, tuple[str, ...]]]:
    """Kind, author and audience of every record in the log."""
    records = [decode(sealed.payload) for sealed in log_of(world)]
    return [(one.kind, one.author, one.label.rel_to) for one in records]


# As it should go


def test_what_takes_two_persons_is_only_proposed_by_the_first_and_stays_at_home(world: World) -> None:
    proposal = propose(world, "extra")
    assert texts(world) == []
    assert heads(world) == [("office.proposed.v1", "officer:sato", ("JPN",))]
    shown = proposals(world)[proposal]
    assert (shown.command, shown.by, shown.words) == ("notebook/print", "officer:sato", "Print it?")
    assert json.loads(shown.ask)["text"] == "extra"
    assert (shown.state, shown.until - shown.at) == (ProposalState.OPEN, LASTS)
    assert Outbox(world).waiting("KOR", 10) == []


def test_the_approval_is_the_act_and_what_it_says_cites_it_and_names_both(world: World) -> None:
    proposal = propose(world, "extra")
    approval, printed = approve(world, proposal).records
    assert texts(world) == ["extra"]
    told = {sealed.id: decode(sealed.payload) for sealed in log_of(world)}
    assert told[approval].about == (proposal,)
    assert told[approval].author == "officer:abe"
    assert told[printed].about == (approval, OF)
    assert told[printed].author == "officer:sato+officer:abe"
    shown = proposals(world)[proposal]
    assert (shown.state, shown.settled_by) == (ProposalState.APPROVED, "officer:abe")


def test_a_repeated_ask_returns_the_first_result_of_each_of_the_three(world: World) -> None:
    first = propose(world, "extra", ask_id="print:once")
    assert propose(world, "extra", ask_id="print:once") == first
    act = approve(world, first, ask_id="approve:once")
    assert approve(world, first, ask_id="approve:once") == structs.replace(act, again=True)
    other = propose(world, "later")
    stopped = decline(world, other)
    assert decline(world, other) == structs.replace(stopped, again=True)
    assert texts(world) == ["extra"]
    with pytest.raises(AskReused):
        approve(world, other, ask_id="approve:once")


def test_a_restart_between_proposal_and_approval_loses_nothing(worlds: Worlds) -> None:
    proposal = propose(worlds.open("JPN", *press()), "extra")
    approve(worlds.open("JPN", *press()), proposal)
    again = worlds.open("JPN", *press())
    assert texts(again) == ["extra"]
    assert proposals(again)[proposal].state is ProposalState.APPROVED


def test_a_proposal_that_would_be_refused_now_is_refused_at_once(world: World) -> None:
    world.say(note("stop the press"))
    with pytest.raises(BadField, match="stopped"):
        propose(world, "extra")
    assert proposals(world) == {}


def test_an_approval_that_is_refused_says_nothing_and_leaves_the_proposal_open(world: World) -> None:
    proposal = propose(world, "extra")
    world.say(note("stop the press"))
    before = len(log_of(world))
    with pytest.raises(BadField, match="stopped"):
        approve(world, proposal)
    assert len(log_of(world)) == before
    assert proposals(world)[proposal].state is ProposalState.OPEN


def test_a_proposal_lapses_by_itself_and_is_gone_from_the_screens_later(worlds: Worlds) -> None:
    world = worlds.open("JPN", *press())
    proposal = propose(world, "extra")
    worlds.clock.at += LASTS - timedelta(microseconds=1)
    assert proposals(world)[proposal].state is ProposalState.OPEN
    worlds.clock.at += timedelta(microseconds=1)
    assert proposals(world)[proposal].state is ProposalState.LAPSED
    with pytest.raises(NotOpen, match="lapsed"):
        approve(world, proposal)
    with pytest.raises(NotOpen):
        decline(world, proposal)
    worlds.clock.at += timedelta(hours=1)
    assert proposals(world) == {}


def test_who_proposed_may_take_it_back_alone(world: World) -> None:
    proposal = propose(world, "extra")
    decline(world, proposal, SATO)
    assert proposals(world)[proposal].reason == "not now"
    with pytest.raises(NotOpen, match="declined"):
        approve(world, proposal)


def test_of_two_approvals_in_one_breath_the_first_acts(world: World) -> None:
    proposal = propose(world, "extra")
    asks = [Asked(by, "office/approve", ApproveAsk(proposal), f"approve:{by.name}") for by in (ABE, KATO)]
    first, second = world.say_many(asks)
    assert not isinstance(first, Exception)
    assert isinstance(second, NotOpen)
    assert texts(world) == ["extra"]


def test_in_an_exercise_the_words_are_others(tmp_path: Path) -> None:
    with Worlds(tmp_path, EXERCISE) as worlds:
        world = worlds.open("JPN", *press())
        proposal = propose(world, "extra")
        assert proposals(world)[proposal].words == "Play printing it?"
        approve(world, proposal)
        assert texts(world) == ["extra"]


# Attacks


@two_persons
@pytest.mark.parametrize(
    "second",
    [
        SATO,
        Author("officer:sato", frozenset(Role)),
        Author("officer:Sato", SATO.roles),
        PROGRAM,
        Author("sensor:NORTH", SATO.roles),
        Author("node", frozenset(Role)),
    ],
    ids=["himself", "himself in a second session", "himself in capitals", "a program", "a sensor", "the node"],
)
def test_one_person_is_not_two(world: World, second: Author) -> None:
    proposal = propose(world, "extra")
    with pytest.raises(NotPermitted):
        approve(world, proposal, second)
    assert texts(world) == []
    assert proposals(world)[proposal].state is ProposalState.OPEN


@two_persons
@pytest.mark.parametrize("first", [PROGRAM, Author("node", frozenset(Role))], ids=["a program", "the node"])
def test_a_machine_and_one_person_are_not_two(world: World, first: Author) -> None:
    with pytest.raises(SecondPersonNeeded):
        propose(world, "extra", first)
    assert log_of(world) == []


@pytest.mark.attack("roles")
@pytest.mark.parametrize("act", [approve, decline])
def test_who_may_not_ask_it_may_neither_approve_nor_decline_it(world: World, act: Callable[..., object]) -> None:
    proposal = propose(world, "extra")
    with pytest.raises(NotPermitted, match="watch-officer"):
        act(world, proposal, MORI)
    with pytest.raises(NotPermitted):
        propose(world, "another", MORI)
    assert texts(world) == []


@two_persons
@pytest.mark.parametrize("settle", [approve, decline])
def test_a_settled_proposal_is_never_approved_again(world: World, settle: Callable[..., object]) -> None:
    proposal = propose(world, "extra")
    settle(world, proposal)
    before = len(log_of(world))
    with pytest.raises(NotOpen):
        approve(world, proposal, KATO, "approve:again")
    assert len(log_of(world)) == before


@two_persons
def test_only_the_hash_of_a_proposal_is_approved(world: World) -> None:
    proposal = propose(world, "extra")
    said = world.say(note("a note")).records[0]
    for other in (said, proposal[::-1], OF):
        with pytest.raises(Nothing):
            approve(world, other, ask_id=f"approve:{other[:8]}")
    assert texts(world) == ["a note"]


@two_persons
def test_an_ask_that_was_changed_is_another_proposal(world: World) -> None:
    seen = propose(world, "extra")
    with pytest.raises(AskReused):
        propose(world, "extra, changed", ask_id="print:extra")
    other = propose(world, "extra, changed")
    assert other != seen
    approve(world, seen)
    assert texts(world) == ["extra"]
    assert proposals(world)[other].state is ProposalState.OPEN


@two_persons
@pytest.mark.attack("replay")
def test_a_proposal_of_the_exercise_cannot_be_approved_live(worlds: Worlds, tmp_path: Path) -> None:
    (tmp_path / "play").mkdir()
    live = worlds.open("JPN", *press())
    with Worlds(tmp_path / "play", EXERCISE) as played:
        proposal = propose(played.open("JPN", *press()), "extra")
    with pytest.raises(Nothing):
        approve(live, proposal)
    assert texts(live) == []


@two_persons
@pytest.mark.attack("speak-for-another")
@pytest.mark.parametrize("what", ["proposed", "approved", "declined"])
def test_a_peer_that_speaks_in_our_office_moves_nothing(world: World, what: str) -> None:
    """The house's policy lets no such record leave or enter; were one here, the views would not take it."""
    approve(world, propose(world, "extra"))
    decline(world, propose(world, "another"))
    logged = [(sealed.id, world.catalogue.read(decode(sealed.payload))[0]) for sealed in log_of(world)]
    record_id, own = next(one for one in logged if one[1].kind == f"office.{what}.v1")
    theirs = structs.replace(own, origin="KOR", label=Label(Classification.SECRET, ("JPN", "KOR")))
    fold = OFFICE.folds[own.kind]
    assert fold(record_id, own)
    assert fold(record_id, theirs) == ()


# Any course of events


class TwoPersons(RuleBasedStateMachine):
    """Whatever is asked, in whatever order, over restarts: exactly what two officers wanted in time is printed."""

    open_or_not = Bundle("proposals")

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.worlds = Worlds(Path(self.folder.name))
        self.world = self.worlds.open("JPN", *press())
        self.waiting: dict[str, tuple[str, Author, datetime]] = {}
        self.printed: list[str] = []
        self.asked = 0

    def teardown(self) -> None:
        self.worlds.close("JPN")
        self.folder.cleanup()

    def next_ask(self) -> str:
        self.asked += 1
        return f"ask:number:{self.asked}"

    @rule(target=open_or_not, by=st.sampled_from([SATO, ABE]))
    def propose(self, by: Author) -> str:
        text = self.next_ask()
        proposal = propose(self.world, text, by)
        self.waiting[proposal] = (text, by, self.worlds.clock.at)
        return proposal

    @rule(proposal=open_or_not, by=st.lists(st.sampled_from([SATO, ABE, KATO, MORI, PROGRAM]), min_size=1, max_size=3))
    def approve(self, proposal: str, by: list[Author]) -> None:
        """Several at once: the first who may is the one."""
        asks = [Asked(one, "office/approve", ApproveAsk(proposal), self.next_ask()) for one in by]
        outcomes = self.world.say_many(asks)
        text, first, at = self.waiting.get(proposal, ("", SATO, START - LASTS))
        may = [one in {SATO, ABE, KATO} and one != first and self.worlds.clock.at < at + LASTS for one in by]
        acts = may.index(True) if any(may) else None
        assert [isinstance(outcome, Said) for outcome in outcomes] == [n == acts for n in range(len(by))]
        if acts is not None:
            self.printed.append(text)
            del self.waiting[proposal]

    @rule(proposal=open_or_not, by=st.sampled_from([SATO, ABE, MORI]))
    def decline(self, proposal: str, by: Author) -> None:
        _, _, at = self.waiting.get(proposal, ("", SATO, START - LASTS))
        asked = Asked(by, "office/decline", DeclineAsk(proposal, "no"), self.next_ask())
        outcome = self.world.say_many([asked])[0]
        assert isinstance(outcome, Said) == (by != MORI and self.worlds.clock.at < at + LASTS)
        if isinstance(outcome, Said):
            del self.waiting[proposal]

    @rule(minutes=st.integers(1, 11))
    def time_passes(self, minutes: int) -> None:
        self.worlds.clock.at += timedelta(minutes=minutes)

    @rule()
    def restart(self) -> None:
        self.world = self.worlds.open("JPN", *press())

    @invariant()
    def only_what_two_wanted_is_printed(self) -> None:
        assert texts(self.world) == self.printed

    @invariant()
    def every_screen_shows_what_waits(self) -> None:
        now = self.worlds.clock.at
        shown = {one.id for one in proposals(self.world).values() if one.state is ProposalState.OPEN}
        assert shown == {name for name, (_, _, at) in self.waiting.items() if now < at + LASTS}


TwoPersons.TestCase.settings = settings(max_examples=12, stateful_step_count=12, deadline=None)
test_any_course_of_events = TwoPersons.TestCase


@pytest.mark.long
class TestManyCoursesOfEvents(TwoPersons.TestCase):
    """The same, at length."""

    settings = settings(max_examples=300, stateful_step_count=30, deadline=None)
