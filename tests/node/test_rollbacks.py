"""Three honest nodes whose databases are backed up, lost and restored at any time: never a fork, and the logs agree."""

from __future__ import annotations

import shutil
import tempfile
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from tests.node.test_recovery import ADMINISTRATOR, Seconds
from tests.node.worlds import MEMBERS, Worlds, check_log, contents, exchange, log_of, note

from laurel.core.errors import StillListening
from laurel.core.record import Precedence, decode
from laurel.instruments.line.gaps import DeclareGap
from laurel.node.asked import Asked
from laurel.node.outbox import Outbox
from laurel.node.recovery import LISTEN_S, RETURN_WITHIN_S, Recovery, State, number_of
from laurel.node.witness import Witness

members_ = st.sampled_from(MEMBERS)
pairs = st.sampled_from(list(permutations(MEMBERS, 2)))
audiences = st.sampled_from([MEMBERS, ("JPN", "KOR"), ("KOR", "USA")])


class Rollbacks(RuleBasedStateMachine):
    """What befalls honest nodes. The mark of what a machine reached survives its database, as it does on a disk."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.worlds = Worlds(self.folder)
        self.seconds = Seconds()
        self.nodes = {me: self.worlds.open(me) for me in MEMBERS}
        self.witnesses = {me: Witness(node, Outbox(node)) for me, node in self.nodes.items()}
        self.backups: dict[str, dict[Path, bytes]] = {}
        self.reached: dict[str, tuple[int, int]] = dict.fromkeys(MEMBERS, (0, 0))
        self.asks = 0

    def note_reached(self, me: str) -> None:
        node = self.nodes[me]
        if not node.recovery.quiet:
            top = max((stand.number for lane, stand in node.store.stands.items() if lane.origin == me), default=0)
            self.reached[me] = node.store.position, max(top, self.reached[me][1])

    @rule(me=members_, to=audiences, precedence=st.sampled_from([Precedence.ROUTINE, Precedence.FLASH]))
    def say(self, me: str, to: tuple[str, ...], precedence: Precedence) -> None:
        self.asks += 1
        try:
            self.nodes[me].say(note(f"{me} {self.asks}", to=to, precedence=precedence))
        except StillListening:
            assert self.nodes[me].recovery.state is not State.SPEAKING
        self.note_reached(me)

    @rule(pair=pairs, arrives=st.booleans())
    def carry(self, *, pair: tuple[str, str], arrives: bool) -> None:
        me, peer = pair
        outbox = Outbox(self.nodes[me])
        for parcel in outbox.waiting(peer, 3):
            if arrives:
                assert self.nodes[peer].receive(me, [parcel.wrapped]).refused == []
                self.note_reached(peer)
            outbox.carried([parcel])

    @rule(pair=pairs)
    def hear(self, pair: tuple[str, str]) -> None:
        me, peer = pair
        self.witnesses[peer].hear(me, self.witnesses[me].heads(peer))

    @rule(me=members_)
    def back_up(self, me: str) -> None:
        self.worlds.close(me)
        self.backups[me] = {path: path.read_bytes() for path in self.folder.glob(f"{me}.db*")}
        self.start(me)

    @precondition(lambda self: self.backups)
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        me = data.draw(st.sampled_from(sorted(self.backups)))
        self.worlds.close(me)
        for path in self.folder.glob(f"{me}.db*"):
            path.unlink()
        for path, content in self.backups[me].items():
            path.write_bytes(content)
        self.start(me)

    def start(self, me: str) -> None:
        node = self.nodes[me] = self.worlds.open(me)
        self.witnesses[me] = Witness(node, Outbox(node))
        node.recovery = Recovery(self.seconds)
        position, top = self.reached[me]
        node.recovery.listen(node.roster.peers, max(0, position - node.store.position), top)

    @rule(seconds=st.sampled_from([LISTEN_S, RETURN_WITHIN_S]))
    def wait(self, seconds: float) -> None:
        self.seconds.now_s += seconds
        for me in MEMBERS:
            self.note_reached(me)

    @rule(me=members_)
    def declare(self, me: str) -> None:
        node = self.nodes[me]
        if node.recovery.state is State.WAITING:
            for lane in node.recovery.open_lanes(node.store.world, me, MEMBERS, node.store.stands):
                holds = number_of(node.store.stands, lane)
                last = max(node.recovery.least(lane, holds), holds + 1)
                self.asks += 1
                ask = DeclareGap(lane.audience, lane.precedence, holds + 1, last, "a backup")
                node.say(Asked(ADMINISTRATOR, "line/declare-gap", ask, f"declare:{self.asks}"))
            assert node.recovery.state is not State.WAITING
            self.note_reached(me)

    @invariant()
    def nobody_looks_like_a_forger(self) -> None:
        assert [contents(self.worlds.path(me))["fork"] for me in MEMBERS] == [[], [], []]

    def teardown(self) -> None:
        try:
            self.come_together()
        finally:
            self.worlds.__exit__()
            shutil.rmtree(self.folder)

    def come_together(self) -> None:
        for _ in range(8):
            for pair in permutations(MEMBERS, 2):
                self.hear(pair)
            exchange(*self.nodes.values())
            self.wait(RETURN_WITHIN_S)
            for me in MEMBERS:
                self.declare(me)
        self.nobody_looks_like_a_forger()
        logs = {me: {one.id: decode(one.payload).label.rel_to for one in log_of(self.nodes[me])} for me in MEMBERS}
        for me, node in self.nodes.items():
            check_log(node)
            assert node.recovery.state is State.SPEAKING
            said_to_us = {one for log in logs.values() for one, to in log.items() if me in to and len(to) > 1}
            assert {one for one, to in logs[me].items() if len(to) > 1} == said_to_us
            assert contents(self.worlds.path(me))["held"] == []


def run(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        Rollbacks,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )


@pytest.mark.attack("rollback")
def test_honest_nodes_that_lose_their_databases_never_fork_and_agree_in_the_end() -> None:
    run(examples=5, steps=25)


@pytest.mark.long
@pytest.mark.timeout(1_800)
def test_honest_nodes_that_lose_their_databases_never_fork_and_agree_after_much() -> None:
    run(examples=150, steps=60)
