"""Three nodes on a bad road: whatever is lost, doubled, overtaken or killed, in the end all hold the same."""

from __future__ import annotations

import random
import shutil
import tempfile
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from tests.node.worlds import MEMBERS, Worlds, check_log, contents, digests, exchange, log_of, note, parked, texts

from laurel.core.record import Precedence, decode
from laurel.node.keep.views import rebuild
from laurel.node.outbox import Outbox
from laurel.node.witness import Witness

members_ = st.sampled_from(MEMBERS)
pairs = st.sampled_from(list(permutations(MEMBERS, 2)))
ROUNDS = 8


class ThreeWorlds(RuleBasedStateMachine):
    """Rules of the road and its accidents. What is true in the end is in `teardown`."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.worlds = Worlds(self.folder)
        self.nodes = {me: self.worlds.open(me) for me in MEMBERS}
        self.outboxes = {me: Outbox(node) for me, node in self.nodes.items()}
        self.witnesses = {me: Witness(node, self.outboxes[me]) for me, node in self.nodes.items()}
        self.road: list[tuple[str, str, bytes]] = []
        self.said: list[str] = []

    @rule(me=members_, precedence=st.sampled_from(Precedence), many=st.integers(1, 4), weight=st.integers(0, 2))
    def say(self, me: str, precedence: Precedence, many: int, weight: int) -> None:
        asks = [
            note(f"tally {me} {len(self.said) + one}", precedence=precedence, weight=weight, topic=f"{one}")
            for one in range(many)
        ]
        self.nodes[me].say_many(asks)
        self.said += [asked.ask_id for asked in asks]

    @precondition(lambda self: self.said)
    @rule(data=st.data(), me=members_)
    def ask_again(self, data: st.DataObject, me: str) -> None:
        ask_id = data.draw(st.sampled_from(self.said))
        if f" {me} " in ask_id:
            [row] = [row for row in contents(self.worlds.path(me))["ask"] if row[1] == ask_id]
            one = next(one for one in log_of(self.nodes[me]) if one.id == row[3])
            record = decode(one.payload)
            body = self.nodes[me].catalogue.read(record)[0].body
            again = note(body.text, precedence=record.precedence, weight=body.weight, topic=body.topic)
            assert self.nodes[me].say(again).records == (one.id,)

    @rule(pair=pairs, limit=st.integers(1, 5))
    def carry(self, pair: tuple[str, str], limit: int) -> None:
        me, peer = pair
        for parcel in self.outboxes[me].waiting(peer, limit):
            self.road.append((me, peer, parcel.wrapped))
            self.outboxes[me].carried([parcel])

    @precondition(lambda self: self.road)
    @rule(data=st.data(), again=st.booleans())
    def deliver(self, *, data: st.DataObject, again: bool) -> None:
        one = data.draw(st.sampled_from(self.road))
        if not again:
            self.road.remove(one)
        me, peer, parcel = one
        received = self.nodes[peer].receive(me, [parcel])
        assert received.refused == []

    @precondition(lambda self: self.road)
    @rule(data=st.data())
    def lose(self, data: st.DataObject) -> None:
        self.road.remove(data.draw(st.sampled_from(self.road)))

    @rule(me=members_)
    def react(self, me: str) -> None:
        self.nodes[me].react()

    @rule(pair=pairs)
    def hear(self, pair: tuple[str, str]) -> None:
        me, peer = pair
        self.witnesses[peer].hear(me, self.witnesses[me].heads(peer))

    @rule(me=members_)
    def crash(self, me: str) -> None:
        self.nodes[me] = self.worlds.open(me)
        self.outboxes[me] = Outbox(self.nodes[me])
        self.witnesses[me] = Witness(self.nodes[me], self.outboxes[me])

    @invariant()
    def nobody_accuses_anybody(self) -> None:
        assert [witness.disagreements for witness in self.witnesses.values()] == [(), (), ()]

    def teardown(self) -> None:
        try:
            self.come_together()
        finally:
            self.worlds.__exit__()
            shutil.rmtree(self.folder)

    def come_together(self) -> None:
        for _ in range(ROUNDS):
            for pair in permutations(MEMBERS, 2):
                self.hear(pair)
            exchange(*self.nodes.values())
        for node in self.nodes.values():
            while node.react():
                pass
        everything = {one.id for node in self.nodes.values() for one in log_of(node) if len(rel_to(one.payload)) > 1}
        first = digests(self.nodes["JPN"])
        for me, node in self.nodes.items():
            check_log(node)
            assert {one.id for one in log_of(node) if len(rel_to(one.payload)) > 1} == everything
            assert sorted(f"ask:{text}" for text in texts(node)) == sorted(self.said)
            assert digests(node) == first
            assert rebuild(node.store, node.catalogue)[1] == first
            tables = contents(self.worlds.path(me))
            assert tables["held"] == tables["fork"] == tables["outbox"] == []
            assert parked(node) == []


def rel_to(payload: bytes) -> tuple[str, ...]:
    return decode(payload).label.rel_to


def run(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        ThreeWorlds,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )


def test_three_nodes_on_a_bad_road_hold_the_same_in_the_end() -> None:
    run(examples=8, steps=25)


@pytest.mark.long
@pytest.mark.timeout(1_800)
def test_three_nodes_on_a_bad_road_hold_the_same_in_the_end_after_many_accidents() -> None:
    run(examples=200, steps=80)


def test_three_nodes_that_say_much_at_once_hold_the_same(worlds: Worlds) -> None:
    dice = random.Random(7)
    nodes = {me: worlds.open(me) for me in MEMBERS}
    for turn in range(30):
        me = dice.choice(MEMBERS)
        nodes[me].say_many(
            [note(f"{turn}.{one}", precedence=dice.choice(list(Precedence)), topic=f"{one}") for one in range(20)]
        )
    exchange(*nodes.values())
    assert len({tuple(digests(node).values()) for node in nodes.values()}) == 1
    assert [check_log(node) for node in nodes.values()] == [600] * 3
