"""The watch: one officer has it, the next takes it with what he has read, and an emergency says that it is one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec import Struct
from tests.node.worlds import EXERCISE, Worlds, log_of

from laurel.core.errors import BadAsk, BadField, Nothing, NotPermitted
from laurel.core.instrument import NoAsk, Role
from laurel.core.record import decode
from laurel.instruments.office import INSTRUMENT as OFFICE
from laurel.instruments.office.watch import (
    LAST,
    LONGEST,
    OfferWatchAsk,
    TakeOverWatchAsk,
    TakeWatchAsk,
    Watch,
    WatchHeld,
)
from laurel.node.asked import Asked
from laurel.node.author import Author
from laurel.node.keep.reader import Reader
from laurel.node.world import World

WATCH = frozenset({Role.WATCH_OFFICER})
SATO, ABE, KATO = (Author(f"officer:{name}", WATCH) for name in ("sato", "abe", "kato"))
PRIME = Author("officer:prime", frozenset({Role.PRINCIPAL}))


class Room:
    """One member's watch room."""

    def __init__(self, worlds: Worlds) -> None:
        self.worlds = worlds
        self.world: World = worlds.open("JPN", OFFICE)
        self.asked = 0

    def ask(self, by: Author, command: str, what: Struct) -> str:
        self.asked += 1
        return self.world.say(Asked(by, f"office/{command}", what, f"ask:number:{self.asked}")).records[0]

    def offer(self, by: Author, to: str, notes: str = "all quiet", *items: str) -> str:
        return self.ask(by, "offer-watch", OfferWatchAsk(to, notes, items))

    def take(self, by: Author, offer: str | None = None) -> str:
        return self.ask(by, "take-watch", TakeWatchAsk(offer))

    @property
    def watch(self) -> Watch:
        return self.world.judge("office/watch", NoAsk())


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with Worlds(tmp_path) as worlds:
        yield Room(worlds)


def test_a_watch_that_nobody_has_is_taken_without_an_offer(room: Room) -> None:
    assert room.watch == Watch(None, None, None, ())
    room.take(SATO)
    assert (room.watch.holder, room.watch.since) == ("officer:sato", room.worlds.clock.at)


def test_it_is_handed_over_with_what_must_be_known_and_what_is_open(room: Room) -> None:
    room.take(SATO)
    offer = room.offer(SATO, "abe", "KOR line was cut at 04:10", "Missile JPN-1, lost", "a second\nline")
    shown = room.watch.offer
    assert shown is not None
    assert (shown.id, shown.to, shown.open_items) == (offer, "officer:abe", ("Missile JPN-1, lost", "a second line"))
    with room.world.store.reading() as from_:
        assert [item.subject for item in OFFICE.docket(Reader(from_), room.worlds.clock.at)] == [offer]
    room.worlds.clock.at += timedelta(minutes=5)
    room.take(ABE, offer)
    now = room.watch
    assert (now.holder, now.since, now.offer) == ("officer:abe", room.worlds.clock.at, None)
    assert (now.hand_overs[0].before, now.hand_overs[0].notes) == ("officer:sato", "KOR line was cut at 04:10")
    assert {decode(sealed.payload).label.rel_to for sealed in log_of(room.world)} == {("JPN",)}


def test_only_who_has_it_offers_it_and_only_to_another(room: Room) -> None:
    with pytest.raises(NotPermitted, match="the watch"):
        room.offer(SATO, "abe")
    room.take(SATO)
    with pytest.raises(NotPermitted, match="officer:sato"):
        room.offer(ABE, "kato")
    with pytest.raises(BadField, match="another officer"):
        room.offer(SATO, "sato")


def test_only_the_offer_that_stands_is_taken_and_only_by_whom_it_was_made_to(room: Room) -> None:
    room.take(SATO)
    first = room.offer(SATO, "abe", "first")
    second = room.offer(SATO, "abe", "what changed since")
    with pytest.raises(Nothing):
        room.take(ABE, first)
    with pytest.raises(NotPermitted, match="officer:abe"):
        room.take(KATO, second)
    room.take(ABE, second)
    # An offer of an earlier watch is no offer of this one.
    room.offer(ABE, "sato")
    assert room.watch.offer is not None
    room.take(SATO, room.watch.offer.id)
    with pytest.raises(Nothing):
        room.take(ABE, second)


def test_nobody_takes_a_watch_that_is_kept(room: Room) -> None:
    room.take(SATO)
    with pytest.raises(WatchHeld, match="officer:sato"):
        room.take(ABE)
    room.worlds.clock.at += LONGEST
    with pytest.raises(WatchHeld):
        room.take(SATO)
    room.take(ABE)
    assert room.watch.holder == "officer:abe"
    assert room.watch.hand_overs[0].before == "officer:sato"
    assert "no session lasts so long" in room.watch.hand_overs[0].reason


@pytest.mark.attack("roles")
def test_a_principal_takes_it_over_and_says_why_and_nobody_else_does(room: Room) -> None:
    room.take(SATO)
    with pytest.raises(NotPermitted):
        room.ask(ABE, "take-over-watch", TakeOverWatchAsk("he is ill"))
    room.ask(PRIME, "take-over-watch", TakeOverWatchAsk("he is ill"))
    assert (room.watch.holder, room.watch.hand_overs[0].reason) == ("officer:prime", "he is ill")
    with pytest.raises(BadField):
        room.ask(PRIME, "take-over-watch", TakeOverWatchAsk("again"))


def test_a_program_keeps_no_watch(room: Room) -> None:
    with pytest.raises(NotPermitted, match="programs keep no watch"):
        room.take(Author("program:bot", WATCH))
    with pytest.raises(NotPermitted):
        room.ask(Author("program:bot", PRIME.roles), "take-over-watch", TakeOverWatchAsk("mine"))


def test_where_the_clock_stands_still_the_last_who_took_it_has_it(tmp_path: Path) -> None:
    with Worlds(tmp_path, EXERCISE) as worlds:
        room = Room(worlds)
        room.take(SATO)
        for first, then in [(SATO, ABE), (ABE, KATO), (KATO, SATO)] * 3:
            room.take(then, room.offer(first, then.name))
            assert room.watch.holder == then.name
        assert len(room.watch.hand_overs) == LAST


class Watches(RuleBasedStateMachine):
    """In whatever order it is offered and taken, over restarts: one officer has it, and always the last who took it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.room = Room(Worlds(Path(self.folder.name)))
        self.holder: str | None = None

    def teardown(self) -> None:
        self.room.worlds.close("JPN")
        self.folder.cleanup()

    @rule(by=st.sampled_from([SATO, ABE]), to=st.sampled_from(["abe", "kato"]))
    def offer(self, by: Author, to: str) -> None:
        may = self.holder == by.name and by.name != f"officer:{to}"
        try:
            self.room.offer(by, to)
        except BadAsk:
            assert not may
        else:
            assert may

    @rule(by=st.sampled_from([SATO, ABE, KATO]))
    def take(self, by: Author) -> None:
        offer = self.room.watch.offer
        may = self.holder is None or (offer is not None and offer.to == by.name)
        try:
            self.room.take(by, offer and offer.id)
        except BadAsk:
            assert not may
        else:
            assert may
            self.holder = by.name

    @rule()
    def take_over(self) -> None:
        if self.holder != PRIME.name:
            self.room.ask(PRIME, "take-over-watch", TakeOverWatchAsk("a test"))
            self.holder = PRIME.name

    @rule()
    def restart(self) -> None:
        self.room.world = self.room.worlds.open("JPN", OFFICE)

    @invariant()
    def the_last_who_took_it_has_it(self) -> None:
        assert self.room.watch.holder == self.holder


Watches.TestCase.settings = settings(max_examples=10, stateful_step_count=12, deadline=None)
test_any_course_of_watches = Watches.TestCase
