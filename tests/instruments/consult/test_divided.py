"""The whole of consult at three nodes that a road divides: real commands, reactions, dues and tables.

Each node has its own clock, wrong by up to five minutes. Lanes come in order, each when the machine lets it. What a
command refuses is not said. Verdicts and stages are final, and once all has come everywhere the three show the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from msgspec import Struct
from tests.instruments.consult.table import INSTRUMENT, NOW, THREE, TO_ALL

from laurel.core.errors import BadAsk
from laurel.core.instrument import Desk, Role
from laurel.core.record import Draft, Record
from laurel.instruments.consult import stages
from laurel.instruments.consult.course import CloseAsk, DepartAsk
from laurel.instruments.consult.course_types import Stage, TextState
from laurel.instruments.consult.procedure import Procedure, procedure, text_rows
from laurel.instruments.consult.records import PROCEDURE, Amended, ConsultationRequest, Edit, Version
from laurel.instruments.consult.said import called
from laurel.instruments.consult.texts import (
    AmendAsk,
    AssentAsk,
    ExtendAsk,
    ObjectAsk,
    ProposeTextAsk,
    RemarkAsk,
    ShownTextAsk,
    TakeUpAsk,
)
from laurel.instruments.consult.words import Ground, Level, Purpose, RemarkKind
from laurel.node.rehearsal import NODE, Node, record_of

AHEAD = {"JPN": timedelta(seconds=300), "KOR": timedelta(0), "USA": timedelta(seconds=-300)}
COMMANDS = {one.name: one for one in INSTRUMENT.commands}
WORDS = ("We act.", "We wait.", "We speak.")

members = st.sampled_from(THREE)
which = st.integers(0, 7)


class Divided(RuleBasedStateMachine):
    """Three nodes and the lanes between them."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.nodes = {member: Node(member, THREE, INSTRUMENT) for member in THREE}
        self.lanes: defaultdict[tuple[str, Any, Any], list[tuple[str, Record[Any]]]] = defaultdict(list)
        self.come: defaultdict[tuple[str, tuple[str, Any, Any]], int] = defaultdict(int)
        self.final: dict[str, bool] = {}
        self.stage: dict[str, Stage] = {}
        self.adopted: dict[str, dict[Purpose, str]] = {}
        self.settled: set[str] = set()

    def teardown(self) -> None:
        self.heal()
        rows = [text_rows(self.found(member), self.now) for member in THREE if self.knows(member)]
        assert all(row == rows[0] for row in rows)
        assert len({self.stage[member] for member in THREE}) == 1
        contents = [{k: v for k, v in node.view.contents().items() if "delay" not in k} for node in self.nodes.values()]
        for node in self.nodes.values():
            node.view.close()
        assert all(one == contents[0] for one in contents)

    # The road

    def desk(self, node: Node, author: str) -> Desk:
        """By that node's own clock."""
        return node.desk(author, self.now + AHEAD[node.member])

    def say(self, node: Node, draft: Draft, author: str) -> None:
        lane = (node.member, draft.label.rel_to, draft.precedence)
        one = record_of(INSTRUMENT, draft, self.desk(node, author), len(self.lanes[lane]) + 1)
        self.lanes[lane].append(one)
        self.take(node, *one)

    def take(self, node: Node, record_id: str, record: Record[Any]) -> None:
        node.view.fold(record_id, record)
        react = INSTRUMENT.reactions.get(record.kind)
        for draft in (
            react(record_id, record, node.view, node.desk(NODE, self.now + AHEAD[node.member])) if react else ()
        ):
            self.say(node, draft, NODE)
        self.check(node.member)

    def ask(self, member: str, command: str, ask: Struct) -> None:
        """Said, unless it is refused."""
        node = self.nodes[member]
        author = NODE if COMMANDS[command].roles == frozenset({Role.NODE}) else "officer:someone"
        try:
            drafts = COMMANDS[command].decide(ask, node.view, self.desk(node, author))
        except BadAsk:
            return
        for draft in drafts:
            self.say(node, draft, author)

    def heal(self) -> None:
        while self.deliver_all():
            pass

    def deliver_all(self) -> int:
        return sum(self.deliver_next(member, lane) for member in THREE for lane in list(self.lanes))

    def deliver_next(self, member: str, lane: tuple[str, Any, Any]) -> bool:
        at = self.come[member, lane]
        if lane[0] == member or member not in lane[1] or at == len(self.lanes[lane]):
            return False
        self.come[member, lane] = at + 1
        self.take(self.nodes[member], *self.lanes[lane][at])
        return True

    # What a node knows, and what must hold

    def knows(self, member: str) -> bool:
        return bool(called(self.nodes[member].view, [self.consultation]))

    def found(self, member: str) -> Procedure:
        return procedure(self.nodes[member].view, self.consultation)

    def check(self, member: str) -> None:
        if not self.knows(member):
            return
        found = self.found(member)
        for text, verdict in found.judged.verdicts.items():
            if verdict.final is not None:
                adopted = verdict.final is TextState.ADOPTED
                assert self.final.setdefault(text, adopted) is adopted, "nodes came to opposite verdicts"
                self.settled.add(f"{member} {text}")
            else:
                assert f"{member} {text}" not in self.settled, "a verdict was undone"
        self.adopted[member] = dict(found.judged.adopted)
        stage = stages.stage_of(found.course, found.judged)
        before = self.stage.get(member, stage)
        assert stages.ORDER.index(stage) >= stages.ORDER.index(before), "a consultation went back"
        self.stage[member] = stage

    @invariant()
    def one_text_for_each_purpose(self) -> None:
        everywhere = {purpose: text for one in self.adopted.values() for purpose, text in one.items()}
        assert all(one.items() <= everywhere.items() for one in self.adopted.values())

    # What happens

    @initialize()
    def request(self) -> None:
        body = ConsultationRequest("Launch", Ground.THREAT, Level.ADVISER, "en", "It fell.", THREE, 3_600)
        draft = Draft(body, TO_ALL, PROCEDURE)
        self.consultation, _ = record_of(
            INSTRUMENT, draft, self.nodes["JPN"].desk("officer:someone", NOW + AHEAD["JPN"]), 1
        )
        self.say(self.nodes["JPN"], draft, "officer:someone")

    @rule(member=members, which=which)
    def propose(self, member: str, which: int) -> None:
        purpose = Purpose.RESPONSE if which else Purpose.ASSESSMENT
        deadline = self.now + AHEAD[member] + timedelta(seconds=120 * (1 + which % 3))
        ask = ProposeTextAsk(self.consultation, purpose, (Version("en", WORDS[which % 3]),), deadline, least_s=30)
        self.ask(member, "propose-text", ask)

    @rule(member=members, which=which)
    def assent(self, member: str, which: int) -> None:
        self.on_text(member, which, lambda text, hash_: ("assent", AssentAsk(text, hash_, "principal")))

    @rule(member=members)
    def agree(self, member: str) -> None:
        """Hear everything, and assent to the latest."""
        self.catch_up(member)
        self.assent(member, 0)

    @rule(member=members)
    def read(self, member: str) -> None:
        """Hear everything, read the latest, and keep silence until it is over."""
        self.catch_up(member)
        self.show(member, 0)
        self.later(member, 400)

    @rule(member=members, which=which)
    def show(self, member: str, which: int) -> None:
        self.on_text(member, which, lambda text, _: ("shown-text", ShownTextAsk(text, "watch")))

    @rule(member=members, which=which)
    def extend(self, member: str, which: int) -> None:
        deadline = self.now + AHEAD[member] + timedelta(seconds=400)
        self.on_text(member, which, lambda text, _: ("extend", ExtendAsk(text, deadline)))

    @rule(member=members, which=which)
    def disagree(self, member: str, which: int) -> None:
        edits = (Edit("en", "We", "We all"),)
        if which == 1:
            self.on_text(member, which, lambda text, _: ("amend", AmendAsk(text, edits, "en", "Clearer.")))
        elif which == 2:
            self.on_text(member, which, lambda text, _: ("object", ObjectAsk(text, "en", "No.")))

    @rule(member=members, which=which)
    def remark(self, member: str, which: int) -> None:
        kind = RemarkKind.RESERVATION if which % 2 else RemarkKind.INTERPRETATION
        self.on_text(member, which, lambda text, _: ("remark", RemarkAsk(text, kind, "en", "Within our law.")))

    @rule(member=members)
    def take_up(self, member: str) -> None:
        if self.knows(member):
            asked = [one.id for one in self.found(member).cast.values() if isinstance(one.body, Amended)]
            for one in asked[-1:]:
                self.ask(member, "take-up", TakeUpAsk(one, self.now + AHEAD[member] + timedelta(seconds=400)))

    @rule(member=members, which=which)
    def end(self, member: str, which: int) -> None:
        if which < 2 and self.now > NOW + timedelta(seconds=600) and self.knows(member):
            ask = (DepartAsk if which else CloseAsk)(self.consultation, "Enough.")
            self.ask(member, "depart" if which else "close", ask)

    @rule(member=members, seconds=st.sampled_from((1, 60, 300)))
    def later(self, member: str, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        node = self.nodes[member]
        for due in INSTRUMENT.due(node.view):
            if due.at <= self.now + AHEAD[member]:
                self.ask(member, due.command, due.ask)

    @rule(member=members, which=which)
    def deliver(self, member: str, which: int) -> None:
        lanes = sorted((one for one in self.lanes if one[0] != member), key=repr)
        if lanes:
            for _ in range(1 + which % 4):
                self.deliver_next(member, lanes[which % len(lanes)])

    @rule(member=members)
    def catch_up(self, member: str) -> None:
        while sum(self.deliver_next(member, lane) for lane in list(self.lanes)):
            pass

    @rule(member=members, which=which)
    def again(self, member: str, which: int) -> None:
        """A record comes a second time: the tables take it once."""
        came = [one for lane, said in self.lanes.items() for one in said[: self.come[member, lane]]]
        if came:
            record_id, record = came[which % len(came)]
            self.nodes[member].view.fold(record_id, msgspec.structs.replace(record))
            self.check(member)

    def on_text(self, member: str, which: int, ask: Callable[[str, str], tuple[str, Struct]]) -> None:
        if self.knows(member):
            found = self.found(member)
            texts = sorted(found.drafts.values(), key=lambda one: (-one.body.round, one.id))
            if texts:
                one = texts[which % 2 % len(texts)]
                self.ask(member, *ask(one.id, one.body.text_hash))


def play(runs: int, steps: int) -> None:
    how = settings(
        max_examples=runs,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    run_state_machine_as_test(Divided, settings=how)


def test_three_nodes_that_are_divided_never_undo_a_verdict_and_show_the_same_in_the_end() -> None:
    play(8, 25)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_three_nodes_that_are_divided_show_the_same_in_the_end_over_many_consultations() -> None:
    play(100, 50)
