"""The end of an exercise at one member, as the others hear of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from tests.instruments.harness import MemoryView, record_of

from laurel.core.errors import BadField, Nothing
from laurel.core.instrument import Desk
from laurel.core.label import Classification, Label
from laurel.core.record import Draft, Precedence, Record, World
from laurel.core.roster import Card, sign_card
from laurel.instruments.exercise import INSTRUMENT
from laurel.instruments.exercise.commands import (
    AnnounceAsk,
    EndedAsk,
    ExerciseEnded,
    HaltAsk,
    JoinAsk,
    LiveOnly,
    NotJoined,
    announce,
    end,
    halt,
    join,
)
from laurel.instruments.exercise.records import Ended
from laurel.instruments.exercise.view import Exercise, docket, exercise_named

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
LIVE = World("camp-david")
NAME = "freedom-27"
MEMBERS = ("JPN", "KOR", "USA")
EVERYONE = Label(Classification.UNCLASSIFIED, MEMBERS)
SHA = "5e" * 32


def desk(member: str = "USA", world: World = LIVE, minutes: float = 0.0) -> Desk:
    return Desk(world, member, "officer:kim", NOW + timedelta(minutes=minutes), MEMBERS)


def card(member: str) -> str:
    key = Ed25519PrivateKey.from_private_bytes(member.encode().ljust(32, b"!"))
    public = key.public_key().public_bytes_raw()
    world = World(LIVE.compact, NAME)
    made = Card(member, member, world, public, "nkey", "pem", "tls://[::1]:4222", NOW, "0-" + "a" * 16, b"")
    return sign_card(made, key).decode()


class Live:
    """The live world's views, in which the exercise is announced and three members take part."""

    def __init__(self) -> None:
        self.view = MemoryView(INSTRUMENT)
        self.said = 0
        ask = AnnounceAsk(NAME, "Freedom", NOW, "ab" * 32, EVERYONE)
        self.hear(desk(), announce(ask, self.view, desk()))
        for member in MEMBERS:
            self.hear(desk(member), join(JoinAsk(NAME, card(member), EVERYONE), self.view, desk(member)))

    def hear(self, at: Desk, drafts: Sequence[Draft]) -> None:
        for draft in drafts:
            self.said += 1
            self.view.fold(*record_of(INSTRUMENT, draft, at, self.said))

    def end(self, member: str, sha256: str = SHA) -> Sequence[Draft]:
        drafts = end(EndedAsk(NAME, sha256, 12, EVERYONE), self.view, desk(member))
        self.hear(desk(member), drafts)
        return drafts

    @property
    def exercise(self) -> Exercise:
        found = exercise_named(self.view, NAME)
        assert found is not None
        return found


@pytest.fixture
def live() -> Iterator[Live]:
    made = Live()
    yield made
    made.view.close()


def test_every_member_hears_where_an_exercise_ended_and_what_is_kept_of_it(live: Live) -> None:
    assert live.exercise.playing == MEMBERS
    live.end("KOR")
    kor = live.exercise.member("KOR")
    assert kor is not None
    assert kor.ended is not None
    assert (kor.ended.archive_sha256, kor.ended.records, kor.ended.author) == (SHA, 12, "officer:kim")
    assert live.exercise.ended_at == ("KOR",)
    assert live.exercise.playing == ("JPN", "USA")


def test_whoever_ends_while_others_play_is_heard_before_what_can_wait(live: Live) -> None:
    assert [draft.precedence for draft in live.end("JPN")] == [Precedence.IMMEDIATE]
    assert [draft.precedence for draft in live.end("KOR")] == [Precedence.IMMEDIATE]
    assert [draft.precedence for draft in live.end("USA")] == [Precedence.ROUTINE]


def test_after_a_halt_nobody_plays_and_an_end_can_wait(live: Live) -> None:
    live.hear(desk(), halt(HaltAsk(NAME, "return to duty", EVERYONE), live.view, desk()))
    assert live.exercise.playing == ()
    assert [draft.precedence for draft in live.end("JPN")] == [Precedence.ROUTINE]


def test_an_exercise_ends_once_at_each_member(live: Live) -> None:
    live.end("USA")
    with pytest.raises(ExerciseEnded, match="freedom-27"):
        live.end("USA")
    live.end("JPN")


def test_an_exercise_that_ended_is_not_joined_again_by_that_member(live: Live) -> None:
    live.end("USA")
    with pytest.raises(ExerciseEnded):
        join(JoinAsk(NAME, card("USA"), EVERYONE), live.view, desk("USA"))
    assert join(JoinAsk(NAME, card("KOR"), EVERYONE), live.view, desk("KOR"))


def test_who_never_joined_has_nothing_to_end(live: Live) -> None:
    ask = AnnounceAsk("freedom-28", "Next", NOW, "ab" * 32, EVERYONE)
    live.hear(desk(), announce(ask, live.view, desk()))
    with pytest.raises(NotJoined, match="freedom-28"):
        end(EndedAsk("freedom-28", SHA, 0, EVERYONE), live.view, desk())
    with pytest.raises(Nothing):
        end(EndedAsk("freedom-29", SHA, 0, EVERYONE), live.view, desk())


def test_an_end_is_told_live_and_to_the_whole_compact(live: Live) -> None:
    with pytest.raises(LiveOnly):
        end(EndedAsk(NAME, SHA, 0, EVERYONE), live.view, desk(world=World(LIVE.compact, NAME)))
    with pytest.raises(BadField, match="rel_to"):
        end(EndedAsk(NAME, SHA, 0, Label(Classification.UNCLASSIFIED, ("JPN", "USA"))), live.view, desk())


def test_an_end_said_in_an_exercise_is_not_believed(live: Live) -> None:
    live.hear(desk(world=World(LIVE.compact, NAME)), [Draft(Ended(NAME, SHA, 3), EVERYONE)])
    assert live.exercise.ended_at == ()


def test_the_docket_holds_an_exercise_until_it_ended_at_all_who_took_part(live: Live) -> None:
    assert [one.state for one in docket(live.view, NOW)] == ["joined by JPN, KOR, USA"]
    live.end("USA")
    live.end("JPN")
    assert [one.state for one in docket(live.view, NOW)] == ["ended by JPN, USA"]
    live.end("KOR")
    assert docket(live.view, NOW) == []


def test_no_officer_can_say_by_hand_that_it_ended() -> None:
    assert "ended" in [one.name for one in INSTRUMENT.commands if not one.for_people]


@given(order=st.permutations(range(3)))
def test_the_first_end_counts_in_whatever_order_two_are_heard(order: list[int]) -> None:
    said: list[tuple[str, Record[Any]]] = [
        record_of(INSTRUMENT, Draft(Ended(NAME, f"{n}{n}" * 32, n), EVERYONE), desk("KOR", minutes=n), n)
        for n in range(3)
    ]
    live = Live()
    for place in order:
        live.view.fold(*said[place])
    kor = live.exercise.member("KOR")
    assert kor is not None
    assert kor.ended is not None
    assert kor.ended.records == 0
    live.view.close()
