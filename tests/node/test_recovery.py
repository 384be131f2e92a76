"""A restored backup: the node hears its peers, takes its own records back, and only then speaks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.border.sealing import lane, sealed, sign
from tests.node.test_witness import signed_heads
from tests.node.worlds import (
    MEMBERS,
    START,
    Members,
    Worlds,
    audited,
    check_log,
    deliver,
    exchange,
    log_of,
    note,
    texts,
    wrapped,
)

from laurel.border.forks import proof_of
from laurel.border.heads import LaneHead, Want
from laurel.core.errors import BadField, LaurelError, StillListening
from laurel.core.instrument import NoAsk, Role
from laurel.core.label import Classification, Label
from laurel.core.record import Precedence, Sealed, decode
from laurel.instruments.line.gaps import DeclareGap
from laurel.instruments.line.records import FORK_JUDGED, FORKED, ForkJudged
from laurel.instruments.line.trouble import ReportFork, Trouble
from laurel.node import recovery
from laurel.node.asked import Asked
from laurel.node.author import Author
from laurel.node.keep.docket import docket
from laurel.node.keep.reader import Reader
from laurel.node.outbox import Outbox
from laurel.node.recovery import State
from laurel.node.witness import Witness
from laurel.node.world import World

ROUTINE, FLASH = Precedence.ROUTINE, Precedence.FLASH
ADMINISTRATOR = Author("officer:abe", frozenset({Role.ADMINISTRATOR}))


class Seconds:
    """A clock that only goes forward, when a test lets it."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class Three:
    """Three worlds, their witnesses, and one backup of Japan's database."""

    def __init__(self, worlds: Worlds) -> None:
        self.worlds = worlds
        self.seconds = Seconds()
        self.nodes: dict[str, World] = {}
        self.witnesses: dict[str, Witness] = {}
        self.backup: dict[Path, bytes] = {}
        for me in MEMBERS:
            self.start(me)

    def start(self, me: str) -> World:
        world = self.nodes[me] = self.worlds.open(me)
        self.witnesses[me] = Witness(world, Outbox(world))
        return world

    def __getitem__(self, me: str) -> World:
        return self.nodes[me]

    def back_up(self, me: str = "JPN") -> None:
        self.worlds.close(me)
        self.backup = {path: path.read_bytes() for path in self.worlds.folder.glob(f"{me}.db*")}
        self.start(me)

    def restore(self, me: str = "JPN", *, behind: int = 0, top: int = 0) -> World:
        self.worlds.close(me)
        for path in self.worlds.folder.glob(f"{me}.db*"):
            path.unlink()
        for path, content in self.backup.items():
            path.write_bytes(content)
        world = self.start(me)
        world.recovery = recovery.Recovery(self.seconds)
        world.recovery.listen(world.roster.peers, behind, top)
        return world

    def hear(self, me: str, peer: str) -> None:
        """`me` hears the heads of `peer`."""
        self.witnesses[me].hear(peer, self.witnesses[peer].heads(me))

    def talk(self, *members: str, rounds: int = 6) -> None:
        """These exchange heads and parcels until nothing moves."""
        for _ in range(rounds):
            for me in members:
                for peer in members:
                    if me != peer:
                        self.hear(me, peer)
            exchange(*(self.nodes[me] for me in members))


@pytest.fixture
def three(worlds: Worlds) -> Three:
    return Three(worlds)


def state(world: World) -> State:
    return world.recovery.state


def say(world: World, *texts: str, precedence: Precedence = ROUTINE, to: Sequence[str] = MEMBERS) -> None:
    for text in texts:
        world.say(note(text, to=tuple(to), precedence=precedence))


def declare(
    world: World, first: int, last: int, *, audience: Sequence[str] = MEMBERS, precedence: Precedence = ROUTINE
) -> None:
    ask = DeclareGap(tuple(audience), precedence, first, last, "restored Monday's backup")
    name = f"gap:{' '.join(audience)}:{precedence}:{first}-{last}"
    world.say(Asked(ADMINISTRATOR, "line/declare-gap", ask, name))


def forks(three: Three) -> list[object]:
    return [one for me in MEMBERS for one in three[me].judge("line/trouble", NoAsk()).forks]


def test_a_restored_backup_takes_its_own_records_back_before_it_speaks(three: Three) -> None:
    japan = three["JPN"]
    say(japan, "one", "two")
    three.talk(*MEMBERS)
    three.back_up()
    say(three["JPN"], "three", "four")
    say(three["JPN"], "flash", precedence=FLASH)
    say(three["JPN"], "for Korea alone", to=("JPN", "KOR"))
    three.talk(*MEMBERS)
    japan = three.restore()
    assert state(japan) is State.LISTENING
    with pytest.raises(StillListening):
        say(japan, "too early")
    say(japan, "at home", to=("JPN",))
    three.hear("JPN", "USA")
    assert state(japan) is State.RECOVERING
    three.hear("JPN", "KOR")
    with pytest.raises(StillListening):
        say(japan, "too early")
    three.talk(*MEMBERS)
    assert state(japan) is State.SPEAKING
    assert sorted(texts(japan, "JPN")) == ["at home", "flash", "for Korea alone", "four", "one", "three", "two"]
    say(japan, "five")
    three.talk(*MEMBERS)
    assert sorted(texts(three["USA"])) == ["five", "flash", "four", "one", "three", "two"]
    assert forks(three) == []
    assert [check_log(world) for world in three.nodes.values()] == [8, 7, 6]
    assert ("recovered", "KOR", "own-records-back") in audited(japan)
    assert ("returned", "JPN", "own-records-back") in audited(three["KOR"])
    assert [one.disagreements for one in three.witnesses.values()] == [(), (), ()]


def test_what_came_back_is_not_reacted_to_again(three: Three) -> None:
    three.back_up()
    say(three["JPN"], "tally 1", "tally 2")
    three.talk(*MEMBERS)
    japan = three.restore()
    three.talk(*MEMBERS)
    for _ in range(2):
        assert texts(japan) == ["tally 1", "tally 2"]
        assert len(log_of(japan)) == 2
        # Nor after it was started anew.
        japan = three.start("JPN")
        while japan.react():
            pass
    # The memory has seen them all the same.
    say(japan, "tally 3")
    assert b"3:tally 1,tally 2,tally 3" in log_of(japan)[-1].payload


def test_reactions_and_what_is_due_wait_until_it_speaks(three: Three) -> None:
    japan = three.restore()
    japan.receive("KOR", [wrapped(*lane(three.worlds.who, "tally", origin="KOR"), to="JPN")])
    say(japan, "wake me", to=("JPN",))
    assert not japan.react()
    three.worlds.clock.at = datetime(2030, 1, 2, tzinfo=UTC)
    assert japan.wake().said == 0
    assert len(log_of(japan)) == 2
    three.seconds.now_s += recovery.LISTEN_S
    assert state(japan) is State.SPEAKING
    japan.react()
    assert japan.wake().said == 1
    assert len(log_of(japan)) == 4


def test_forks_and_unread_records_seen_before_it_speaks_are_told_when_it_does(three: Three) -> None:
    japan, who = three.restore(), three.worlds.who
    japan.receive("KOR", [wrapped(sealed(who, "one", origin="KOR"), sealed(who, "other", origin="KOR"), to="JPN")])
    japan.receive("USA", [wrapped(sealed(who, kind="hotline.message.v9", origin="USA"), to="JPN")])
    assert forks(three) == []
    three.seconds.now_s += recovery.LISTEN_S
    for _ in range(2):
        japan.tell_what_waited()
        assert len(japan.judge("line/trouble", NoAsk()).forks) == 1
        assert len(japan.judge("line/trouble", NoAsk()).quarantined) == 1


def test_a_node_whose_peers_are_down_speaks_when_it_has_waited(three: Three) -> None:
    japan = three.restore()
    three.seconds.now_s += recovery.LISTEN_S - 0.1
    assert state(japan) is State.LISTENING
    three.seconds.now_s += 0.2
    say(japan, "nobody was there")
    assert state(japan) is State.SPEAKING


def test_a_database_that_is_known_to_be_old_waits_for_its_peers_or_an_officer(three: Three) -> None:
    say(three["JPN"], "one")
    three.talk(*MEMBERS)
    three.back_up()
    say(three["JPN"], "two", "three")
    exchange(three["JPN"], three["KOR"])
    japan = three.restore(behind=2, top=3)
    three.seconds.now_s += 1_000
    assert state(japan) is State.WAITING
    with pytest.raises(StillListening):
        say(japan, "too early")
    lanes = japan.recovery.open_lanes(japan.store.world, "JPN", MEMBERS, japan.store.stands)
    assert len(lanes) == 12
    for one in lanes:
        first = recovery.number_of(japan.store.stands, one) + 1
        declare(japan, first, first + 9, audience=one.audience, precedence=one.precedence)
    assert state(japan) is State.SPEAKING
    say(japan, "after the gap")
    three.talk(*MEMBERS)
    for me in MEMBERS:
        # What Korea had kept turned up, and everyone has it again.
        assert sorted(texts(three[me])) == ["after the gap", "one", "three", "two"]
        check_log(three[me])
    assert forks(three) == []


def test_what_one_peer_holds_behind_a_gap_is_known_to_have_been_said(three: Three) -> None:
    """Korea has three, not two: nobody can return two, so the numbers are not to be used again."""
    say(three["JPN"], "one")
    three.talk(*MEMBERS)
    three.back_up()
    say(three["JPN"], "two", "three")
    three["KOR"].receive("JPN", [wrapped(log_of(three["JPN"])[-1])])
    japan = three.restore()
    for _ in range(3):
        three.talk("JPN", "KOR", "USA")
    assert state(japan) is State.RECOVERING
    three.seconds.now_s += recovery.RETURN_WITHIN_S
    assert state(japan) is State.WAITING
    with pytest.raises(BadField):
        declare(japan, 2, 2)
    declare(japan, 2, 3)
    assert state(japan) is State.SPEAKING
    say(japan, "four")
    three.talk(*MEMBERS)
    for me in MEMBERS:
        assert texts(three[me]) in (["one", "three", "four"], ["one", "four", "three"])
        check_log(three[me])
    assert forks(three) == []


def test_a_backup_that_spoke_first_is_a_fork_that_only_its_own_word_explains(three: Three) -> None:
    say(three["JPN"], "one")
    three.talk(*MEMBERS)
    three.back_up()
    say(three["JPN"], "two")
    exchange(three["JPN"], three["KOR"])
    japan = three.restore()
    three.seconds.now_s += recovery.LISTEN_S
    say(japan, "another two")
    three.talk(*MEMBERS)
    [seen] = three["USA"].judge("line/trouble", NoAsk()).forks
    assert (seen.origin, seen.number, seen.proven, seen.said_so) == ("JPN", 2, True, None)
    declare(japan, 2, 9)
    say(japan, "after")
    three.talk(*MEMBERS)
    for me in MEMBERS:
        assert "after" in texts(three[me])
        [seen] = three[me].judge("line/trouble", NoAsk()).forks
        assert seen.said_so == "restored Monday's backup"
        check_log(three[me])


@pytest.mark.attack("rollback")
def test_a_peer_whose_database_was_rolled_back_in_secret_cannot_say_other_things_in_its_place(three: Three) -> None:
    say(three["JPN"], "one")
    three.talk(*MEMBERS)
    three.back_up()
    say(three["JPN"], "two", "three")
    three.talk(*MEMBERS)
    japan = three.restore()
    japan.recovery = recovery.Recovery()  # a node that was altered so that it listens to nobody
    for _ in range(2):
        three.hear("KOR", "JPN")
    assert [one.says for one in three.witnesses["KOR"].disagreements] == ["says its lane ends at 1; we hold 3"]
    say(japan, "another two")
    three.talk("JPN", "KOR", "USA")
    assert [texts(three[me], "JPN") for me in ("KOR", "USA")] == [["one", "two", "three"]] * 2
    for me in ("KOR", "USA"):
        [seen] = three[me].judge("line/trouble", NoAsk()).forks
        assert (seen.origin, seen.number, seen.proven, seen.seen_by) == ("JPN", 2, True, ("KOR", "USA"))
        [account] = three[me].judge("line/trouble", NoAsk()).members
        assert (account.member, account.proven, account.claimed) == ("JPN", 1, 0)


# What peers may try


def claim(three: Three, number: int, *, audience: tuple[str, ...] = MEMBERS, precedence: Precedence = ROUTINE) -> bytes:
    holds = (LaneHead("JPN", audience, precedence, number, "a" * 64),)
    return signed_heads(three.worlds, holds=holds)


@pytest.mark.attack("rollback")
def test_a_peer_that_claims_what_we_never_said_stops_us_only_until_an_officer_decides(three: Three) -> None:
    say(three["JPN"], "one")
    three.back_up()
    japan = three.restore()
    three.witnesses["JPN"].hear("KOR", claim(three, 40))
    three.hear("JPN", "USA")
    three.seconds.now_s += recovery.RETURN_WITHIN_S
    assert state(japan) is State.WAITING
    [(one, said)] = japan.recovery.claims.items()
    assert (one.audience, said.number, said.by) == (MEMBERS, 40, {"KOR"})
    declare(japan, 2, 40)
    say(japan, "two")
    assert state(japan) is State.SPEAKING
    # Once only: what it claims from now on is shown, and stops nothing.
    three.witnesses["JPN"].hear("KOR", claim(three, 900))
    assert state(japan) is State.SPEAKING
    assert three.witnesses["JPN"].disagreements
    check_log(japan)


@pytest.mark.attack("rollback")
@pytest.mark.parametrize(
    ("number", "audience"),
    [
        (2**63 - 1, MEMBERS),
        (recovery.MAX_BELIEVED_LOSS + 2, MEMBERS),
        (5, ("JPN", "USA")),
        (5, ("KOR", "USA")),
        (5, ("USA", "KOR", "JPN")),
        (5, ("AUS", "JPN", "KOR")),
        (5, ()),
    ],
)
def test_a_claim_that_cannot_be_true_does_not_stop_us_at_all(
    number: int, audience: tuple[str, ...], three: Three
) -> None:
    japan = three.restore()
    three.witnesses["JPN"].hear("KOR", claim(three, number, audience=audience))
    three.hear("JPN", "USA")
    assert state(japan) is State.SPEAKING
    assert three.witnesses["JPN"].disagreements


@pytest.mark.attack("speak-for-another")
def test_a_peer_that_asks_for_records_that_are_not_its_own_gets_none(three: Three) -> None:
    say(three["JPN"], "for USA alone", to=("JPN", "USA"))
    say(three["USA"], "from USA")
    say(three["KOR"], "from Korea")
    three.talk(*MEMBERS)
    wants = tuple(
        Want(origin, audience, ROUTINE, 0, 9)
        for origin in ("JPN", "USA", "AUS", "?")
        for audience in (("JPN", "USA"), MEMBERS, ("JPN", "KOR", "USA", "USA"), ())
        if (origin, audience) != ("JPN", MEMBERS)
    )
    assert three.witnesses["JPN"].hear("KOR", signed_heads(three.worlds, wants=wants, holds=holds_of(three))) is False
    assert Outbox(three["JPN"]).waiting("KOR", 100) == []
    own = (Want("KOR", MEMBERS, ROUTINE, 0, 9),)
    assert three.witnesses["JPN"].hear("KOR", signed_heads(three.worlds, wants=own, holds=holds_of(three))) is True


def holds_of(three: Three) -> tuple[LaneHead, ...]:
    """How far Korea truly holds Japan's lanes."""
    with three["KOR"].store.reading() as from_:
        return tuple(
            LaneHead("JPN", lane.audience, lane.precedence, number, record_id)
            for lane, number, record_id in three["KOR"].store.heads(from_)
            if lane.origin == "JPN"
        )


@pytest.mark.attack("replay")
def test_our_own_records_are_not_taken_from_anyone_unless_we_asked_for_them(three: Three) -> None:
    say(three["JPN"], "one")
    three.talk(*MEMBERS)
    three.back_up()
    say(three["JPN"], "two", "three")
    _, two, three_ = log_of(three["JPN"])
    japan = three.restore()
    three.hear("JPN", "USA")
    three.hear("JPN", "KOR")
    assert state(japan) is State.SPEAKING
    for one in (two, three_):
        assert japan.receive("KOR", [wrapped(one, sender="KOR", to="JPN")]).places == {"refused": 1}
    assert texts(japan) == ["one"]


BACK: dict[str, Callable[[Members, Sealed], Sealed]] = {
    "signed by the one who brings it": lambda who, _: sealed(who, "two", number=2, signed_by="KOR"),
    "altered": lambda _, two: Sealed(two.payload.replace(b"two", b"owt"), two.signature, two.key_id),
    "not labelled to the one who brings it": lambda who, _: sealed(who, "one", rel_to=("JPN", "USA")),
    "of no shape": lambda who, _: sign(who, b"{}"),
    "beyond what was claimed": lambda who, _: sealed(who, "nine", number=9, prev="a" * 64),
}


@pytest.mark.attack("forge")
@pytest.mark.parametrize("brought", BACK.values(), ids=BACK.keys())
def test_what_a_peer_brings_back_must_be_ours_and_what_we_asked_for(
    brought: Callable[[Members, Sealed], Sealed], three: Three
) -> None:
    say(three["JPN"], "one")
    three.talk(*MEMBERS)
    three.back_up()
    say(three["JPN"], "two")
    two = log_of(three["JPN"])[-1]
    exchange(three["JPN"], three["KOR"])
    japan = three.restore()
    three.hear("JPN", "KOR")
    assert state(japan) is State.RECOVERING
    assert japan.receive("KOR", [wrapped(brought(three.worlds.who, two), sender="KOR", to="JPN")]).places == {
        "refused": 1
    }
    assert japan.receive("KOR", [wrapped(two, sender="KOR", to="JPN")]).places == {"next": 1}
    assert texts(japan) == ["one", "two"]


@pytest.mark.attack("clock")
def test_no_time_that_heads_claim_counts_for_anything(three: Three) -> None:
    say(three["JPN"], "one")
    three.talk(*MEMBERS)
    for year in (1970, 9999):
        at = datetime(year, 1, 1, tzinfo=UTC)
        assert not three.witnesses["JPN"].hear("KOR", signed_heads(three.worlds, at=at, holds=holds_of(three)))
        assert three.witnesses["JPN"].disagreements == ()


WRONG_GAPS = {
    "before its head": (1, 9),
    "too far on": (4, 9),
    "backwards": (3, 2),
}


@pytest.mark.parametrize(("first", "last"), WRONG_GAPS.values(), ids=WRONG_GAPS.keys())
def test_a_gap_is_declared_only_where_it_can_stand(first: int, last: int, three: Three) -> None:
    say(three["JPN"], "one", "two")
    if first == 1:
        declare(three["JPN"], 3, 5)
    with pytest.raises(BadField):
        declare(three["JPN"], first, last)
    for audience in (("JPN",), ("KOR", "USA")):
        with pytest.raises(LaurelError):
            declare(three["JPN"], 1, 5, audience=audience)
    check_log(three["JPN"])


def test_a_large_loss_comes_back_in_rounds(three: Three, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("laurel.node.witness.SERVED_AT_ONCE", 20)
    three.back_up()
    three["JPN"].say_many([note(f"{number}") for number in range(150)])
    exchange(three["JPN"], three["KOR"])
    japan = three.restore()
    three.hear("JPN", "USA")
    for _ in range(9):
        three.hear("JPN", "KOR")
        three.hear("KOR", "JPN")
        deliver(three["KOR"], japan)
    assert state(japan) is State.SPEAKING
    assert len(log_of(japan)) == 150


# Forks, proven and claimed


def trouble(world: World) -> Trouble:
    return world.judge("line/trouble", NoAsk())


def forked(three: Three) -> None:
    """Japan says one thing to Korea and another to the United States."""
    one, other = sealed(three.worlds.who, "one"), sealed(three.worlds.who, "other")
    three["KOR"].receive("JPN", [wrapped(one)])
    three["USA"].receive("JPN", [wrapped(other, to="USA")])
    three["KOR"].receive("JPN", [wrapped(other)])
    three["USA"].receive("JPN", [wrapped(one, to="USA")])


@pytest.mark.attack("fork")
def test_one_fork_is_one_line_with_all_its_witnesses_and_proven_to_each(three: Three) -> None:
    forked(three)
    three.talk(*MEMBERS)
    for me in MEMBERS:
        [fork] = trouble(three[me]).forks
        assert (fork.origin, fork.number, fork.seen_by, fork.proven) == ("JPN", 1, ("KOR", "USA"), True)
        assert len(fork.versions) == 2
        assert [(one.member, one.proven, one.claimed) for one in trouble(three[me]).members] == [("JPN", 1, 0)]
        with three[me].store.reading() as from_:
            [item] = docket(three[me].catalogue.instruments, Reader(from_), START)
        assert item.title == "JPN said two things under number 1"
        assert item.state == "evidence kept, proven"
        assert check_log(three[me])


@pytest.mark.attack("forge")
def test_a_fork_proof_with_forged_signatures_names_its_maker(three: Three) -> None:
    who = three.worlds.who
    one = sealed(who, "one")
    forged = sealed(who, "forged", signed_by="KOR")
    for lie in (forged, Sealed(forged.payload, bytes(64), one.key_id)):
        accuse(three, proof_of(one, lie), one.id, lie.id)
    assert trouble(three["USA"]).forks == ()
    first, second = trouble(three["USA"]).false_accusations
    assert (first.accuser, first.accused, second.accuser) == ("KOR", "JPN", "KOR")
    assert [(a.member, a.proven, a.false_accusations) for a in trouble(three["USA"]).members] == [("KOR", 0, 2)]


@pytest.mark.attack("forge")
def test_a_fork_that_is_only_claimed_is_shown_as_a_claim(three: Three) -> None:
    accuse(three, (), "a" * 64, "b" * 64)
    [fork] = trouble(three["USA"]).forks
    assert (fork.origin, fork.proven, fork.seen_by) == ("JPN", False, ("KOR",))
    assert [(a.member, a.proven, a.claimed) for a in trouble(three["USA"]).members] == [("JPN", 0, 1)]


@pytest.mark.attack("forge")
def test_a_lane_that_cannot_be_and_a_peers_own_verdict_prove_nothing(three: Three) -> None:
    one, other = sealed(three.worlds.who, "one"), sealed(three.worlds.who, "other")
    accuse(three, proof_of(one, other), one.id, other.id, precedence=77)
    [false] = trouble(three["USA"]).false_accusations
    assert false.why == "there is no such lane"
    verdict = sealed(three.worlds.who, kind=FORK_JUDGED.name, body=ForkJudged(false.report, ""), origin="KOR")
    assert three["USA"].receive("KOR", [wrapped(verdict, to="USA")]).places == {"next": 1}
    assert len(trouble(three["USA"]).false_accusations) == 1
    assert trouble(three["USA"]).forks == ()


def accuse(three: Three, proof: tuple[str, ...], kept: str, other: str, *, precedence: int = 0) -> None:
    """Korea reports a fork of Japan to the United States."""
    ask = ReportFork("JPN", MEMBERS, precedence, 1, kept, other, proof)
    three["KOR"].say(Asked(three["KOR"].author, "line/report-fork", ask, f"fork:{len(log_of(three['KOR']))}:{other}"))
    deliver(three["KOR"], three["USA"])


def test_a_proof_is_as_secret_as_the_records_in_it(three: Three) -> None:
    who = three.worlds.who
    secret = Label(Classification.SECRET, MEMBERS, ("NOFORN",))
    three["KOR"].receive("JPN", [wrapped(sealed(who, "one"), sealed(who, "other", label=secret))])
    [report] = [decode(one.payload) for one in log_of(three["KOR"]) if decode(one.payload).kind == FORKED.name]
    assert (report.label.classification, report.label.caveats) == (Classification.SECRET, ("NOFORN",))
