"""Whatever arrives in whatever order, and however often: every node that holds the same shows the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.instruments.harness import MemoryView
from tests.instruments.hotline.capitals import MEMBERS, START, Capitals

from laurel.core.errors import BadAsk
from laurel.core.instrument import NoAsk
from laurel.core.record import Precedence, Record
from laurel.instruments.hotline import INSTRUMENT
from laurel.instruments.hotline.board import ConversationAsk, answer_board, answer_conversation
from laurel.instruments.hotline.board_types import Reached, ReadbackState
from laurel.instruments.hotline.reach import HIGHEST, Sent, Step, Verdict, judge

ACTS = st.tuples(
    st.sampled_from(["open", "reply", "show", "acknowledge", "judge"]),
    st.sampled_from(MEMBERS),
    st.integers(0, 20),
    st.booleans(),
)
Log = Sequence[tuple[str, Record[Any]]]


def played(acts: Sequence[tuple[str, str, int, bool]]) -> Log:
    """What three capitals say to each other when each of them does that; what a node refuses is not said."""
    capitals = Capitals()
    said: list[str] = [capitals.open("JPN", "KOR", "USA", readback=True)]
    given_back: list[str] = []
    for what, member, which, flag in acts:
        message = said[which % len(said)]
        try:
            if what == "open":
                said.append(capitals.open(member, *MEMBERS, readback=flag, precedence=Precedence(which % 4)))
            elif what == "reply":
                said.append(capitals.reply(member, answers=message))
            elif what == "show":
                capitals.show(member, message)
            elif what == "acknowledge":
                given_back.append(capitals.acknowledge(member, message, readback="一発" if flag else None))
            elif given_back:
                capitals.judge(member, given_back[which % len(given_back)], right=flag)
        except BadAsk:
            continue
    return capitals.nodes.of["USA"].log


def pictured(log: Log) -> bytes:
    """All that the hotline shows at a node that took these in."""
    view = MemoryView(INSTRUMENT, "KOR")
    try:
        for record_id, record in log:
            view.fold(record_id, record)
        board = answer_board(NoAsk(), view, START)
        shown = [answer_conversation(ConversationAsk(row.id), view, START) for row in board.conversations]
        return msgspec.json.encode((board, shown, INSTRUMENT.docket(view, START)))
    finally:
        view.close()


def check(acts: Sequence[tuple[str, str, int, bool]], data: st.DataObject) -> None:
    log = played(acts)
    mixed = data.draw(st.permutations(log))
    again = data.draw(st.lists(st.sampled_from(list(log)), max_size=5))
    assert pictured(log) == pictured([*mixed, *again])


@settings(max_examples=15, deadline=None)
@given(st.lists(ACTS, max_size=12), st.data())
def test_every_order_gives_the_same_picture(acts: list[tuple[str, str, int, bool]], data: st.DataObject) -> None:
    check(acts, data)


@pytest.mark.long
@pytest.mark.timeout(600)
@settings(max_examples=300, deadline=None)
@given(st.lists(ACTS, max_size=40), st.data())
def test_every_order_of_many_gives_the_same_picture(
    acts: list[tuple[str, str, int, bool]], data: st.DataObject
) -> None:
    check(acts, data)


SENT = Sent("m", "JPN", MEMBERS, readback=True)
TIMES = st.integers(0, 5).map(lambda seconds: START + timedelta(seconds=seconds))
STEPS = st.lists(
    st.builds(
        Step,
        id=st.integers(0, 999).map(lambda number: f"s{number:03}"),
        by=st.sampled_from([*MEMBERS, "AUS"]),
        at=TIMES,
        number=st.integers(1, 9),
        reached=st.sampled_from(list(Reached)[1:]),
        office=st.just("Watch"),
        readback=st.sampled_from([None, "one", "two"]),
    ),
    max_size=12,
    unique_by=lambda step: step.id,
)
VERDICTS = st.lists(
    st.builds(
        Verdict,
        id=st.integers(0, 999).map(lambda number: f"v{number:03}"),
        by=st.sampled_from(MEMBERS),
        at=TIMES,
        number=st.integers(1, 9),
        acknowledgement=st.integers(0, 999).map(lambda number: f"s{number:03}"),
        right=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda verdict: verdict.id,
)


@settings(max_examples=200)
@given(STEPS, VERDICTS, st.randoms(use_true_random=False))
def test_a_message_comes_as_far_as_the_highest_word_of_that_member_alone(
    steps: list[Step], verdicts: list[Verdict], chance: Any
) -> None:
    found = judge(SENT, steps, verdicts)
    assert [one.member for one in found] == ["KOR", "USA"]
    for one in found:
        own = [step.reached for step in steps if step.by == one.member]
        assert HIGHEST[one.reached] == max((HIGHEST[each] for each in own), default=0)
    mixed, turned = list(steps), list(verdicts)
    chance.shuffle(mixed)
    chance.shuffle(turned)
    assert judge(SENT, mixed, turned) == found


@settings(max_examples=200)
@given(STEPS, VERDICTS, STEPS)
def test_more_words_never_bring_it_less_far(steps: list[Step], verdicts: list[Verdict], more: list[Step]) -> None:
    known = {step.id for step in steps}
    later = judge(SENT, [*steps, *(step for step in more if step.id not in known)], verdicts)
    for before, after in zip(judge(SENT, steps, verdicts), later, strict=True):
        assert HIGHEST[after.reached] >= HIGHEST[before.reached]


def test_a_readback_once_right_stays_right_whatever_is_read_back_after_it() -> None:
    steps = [
        Step("a", "KOR", START, 1, Reached.ACKNOWLEDGED, "Watch", "one"),
        Step("b", "KOR", START + timedelta(seconds=9), 2, Reached.ACKNOWLEDGED, "Watch", "two"),
    ]
    verdicts = [Verdict("v", "JPN", START, 1, "a", right=True), Verdict("w", "JPN", START, 2, "b", right=False)]
    [reach, _] = judge(SENT, steps, verdicts)
    assert (reach.readback, reach.acknowledgement, reach.readback_text) == (ReadbackState.RIGHT, "a", "one")
