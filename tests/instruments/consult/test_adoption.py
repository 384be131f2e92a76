"""When a joint text is adopted: equal verdicts from equal facts, none undone, whatever arrives in whatever order.

`quarrel.py` plays; here Hypothesis draws what happens. That the play would find a wrong rule is tested too: each of
the rules is broken in a copy, and the play must come upon it.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.instruments.consult.quarrel import START, Judge, play

from laurel.instruments.consult import adoption
from laurel.instruments.consult.adoption import End, Facts, Text, Vote, Word
from laurel.instruments.consult.course_types import TextState, VoteKind
from laurel.instruments.consult.words import Purpose

SOURCE = Path(adoption.__file__).read_text()
PROGRAMS = st.binary(min_size=40, max_size=220)
AT_LEAST = 20_000

BROKEN_RULES: dict[str, tuple[str, str]] = {
    "who voted in a later round still has a vote in this one": (
        "later = self.last_round.get(member, 0) > text.round",
        "later = False",
    ),
    "the last vote of a round counts": ("vote.round > highest.get", "vote.round >= highest.get"),
    "a vote in an earlier round counts after one in a later": (
        "and vote.round > highest.get(vote.by, 0):",
        "and vote.by not in first[vote.round]:",
    ),
    "what is said after leaving counts": (
        "(end is None or word.number < end.number)",
        "True",
    ),
    "a vote said aside counts": ("and word.audience == self.members", ""),
    "a member that closed may still leave": ("self.ends.setdefault(end.by, end)", "self.ends[end.by] = end"),
    "a text may leave out whom it likes": (
        "return True if len(held) == len(others) and text.whole else None",
        "return True if text.whole else None",
    ),
    "a text may leave out a member that closed": (
        "if any(self.ends[one].id not in text.without for one in others & self.ends.keys()):",
        "if False:",
    ),
    "a text of other words than its hash is right": ("text.whole is False or ", ""),
    "a second text is adopted after the first": (" or adopted:", ":"),
    "most of those asked are enough": (
        "None not in votes.values() and",
        "list(votes.values()).count(None) < 2 and",
    ),
    "a vote for a text that is not here is no vote": (
        "if vote.purpose is purpose and voices.counts(vote)",
        "if vote.purpose is purpose and vote.text in {one.id for one in facts.texts} and voices.counts(vote)",
    ),
    "an assent to other words counts": ("and vote.text_hash in {None, text.text_hash}", ""),
    "a consultation is closed while an unseen text may pass": (
        "closed=over and not may_pass",
        "closed=over and all(one.final is not None for one in verdicts.values())",
    ),
    "what is said after a gap counts": (
        "and word.number <= self.cut.get(word.by, word.number)",
        "",
    ),
}


QUICKLY_FOUND = (
    "who voted in a later round still has a vote in this one",
    "the last vote of a round counts",
    "what is said after leaving counts",
    "most of those asked are enough",
)


def judge_with(name: str) -> Judge:
    """The judge of a copy in which that rule is broken."""
    return judge_of(*BROKEN_RULES[name])


def judge_of(old: str, new: str) -> Judge:
    """The judge of a copy in which these words are others."""
    assert SOURCE.count(old) == 1, f"the source no longer has: {old}"
    copy: Any = ModuleType(adoption.__name__)
    exec(compile(SOURCE.replace(old, new), adoption.__file__, "exec"), copy.__dict__)
    return copy.judge


def quarrels(judge: Judge, most: int) -> Counter[str]:
    """Play so many runs, and count what came of them. Raises AssertionError for what must not be."""
    came: Counter[str] = Counter()

    @settings(max_examples=most, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(PROGRAMS)
    def run(program: bytes) -> None:
        quarrel = play(program, judge)
        came["runs"] += 1
        came.update(state.value for state in quarrel.became.values())
        came["closed"] += bool(quarrel.closed)
        came["with a gap"] += bool(quarrel.lost)

    run()
    return came


MEMBERS = ("AUS", "JPN", "KOR")


def text(name: str, by: str, number: int, round_: int, *, asked: tuple[str, ...] = MEMBERS, without: str = "") -> Text:
    left = (without,) if without else ()
    return Text(name, by, MEMBERS, number, Purpose.RESPONSE, round_, asked, left, "hash", START, whole=True)


def vote(by: str, number: int, for_: Text, kind: VoteKind = VoteKind.AGREED) -> Vote:
    return Vote(f"{by}-{number}", by, MEMBERS, number, Purpose.RESPONSE, for_.round, for_.id, kind, "hash")


def facts(*words: Word) -> Facts:
    votes = [vote(one.by, one.number, one, VoteKind.PROPOSED) for one in words if isinstance(one, Text)]
    return Facts(
        MEMBERS,
        [one for one in words if isinstance(one, Text)],
        [*votes, *(one for one in words if isinstance(one, Vote))],
        [one for one in words if isinstance(one, End)],
    )


def finals(judge: Judge, *words: Word) -> dict[str, TextState | None]:
    return {name: one.final for name, one in judge(facts(*words)).verdicts.items()}


def test_a_later_text_waits_while_an_earlier_one_waits_for_a_departure() -> None:
    """The one rule that chance does not come upon: two members must lie, and the lane of the third must lag."""
    second = text("second", "KOR", 1, 2)
    left = End("left", "KOR", MEMBERS, 2, closes=False)
    first = text("first", "AUS", 1, 1, asked=("AUS", "JPN"), without="left")
    said = (second, first, vote("JPN", 1, first), vote("AUS", 2, second), vote("JPN", 2, second))
    assert finals(adoption.judge, *said) == {"first": None, "second": None}
    settled = {"first": TextState.ADOPTED, "second": TextState.OVERTAKEN}
    assert finals(adoption.judge, *said, left) == settled
    # Without the rule the second would have been adopted, and that undone.
    hasty = judge_of(" and not 0 < may_pass < text.round", "")
    assert finals(hasty, *said)["second"] is TextState.ADOPTED
    assert finals(hasty, *said, left) == settled


def test_a_late_assent_of_an_earlier_round_changes_nothing_and_an_early_one_is_still_awaited() -> None:
    first, second = text("first", "AUS", 1, 1), text("second", "AUS", 2, 2)
    said = (first, second, vote("JPN", 1, first), vote("JPN", 2, second))
    # KOR has spoken on neither: it may still agree to the first, and then the second is too late.
    assert finals(adoption.judge, *said, vote("KOR", 1, first)) == {
        "first": TextState.ADOPTED,
        "second": TextState.OVERTAKEN,
    }
    assert finals(adoption.judge, *said, vote("KOR", 1, second), vote("KOR", 2, first)) == {
        "first": TextState.OVERTAKEN,
        "second": TextState.ADOPTED,
    }


def test_an_overtaken_text_to_which_an_objection_comes_is_called_broken_at_every_node() -> None:
    one, other = text("one", "AUS", 1, 1), text("other", "JPN", 1, 1)
    assert finals(adoption.judge, one, other) == {"one": TextState.OVERTAKEN, "other": TextState.OVERTAKEN}
    no = vote("KOR", 1, one, VoteKind.OBJECTED)
    assert finals(adoption.judge, one, other, no) == {"one": TextState.BROKEN, "other": TextState.OVERTAKEN}


@pytest.mark.parametrize("asked", [("AUS", "JPN"), ("AUS",), ("AUS", "JPN", "NZL"), ("JPN", "KOR")])
def test_a_text_that_asks_others_than_it_must_is_never_adopted(asked: tuple[str, ...]) -> None:
    wrong = text("wrong", "AUS", 1, 1, asked=asked)
    said = (wrong, *(vote(code, 2, wrong) for code in MEMBERS))
    assert finals(adoption.judge, *said) == {"wrong": TextState.BROKEN}


def test_no_verdict_is_undone_and_all_come_to_the_same_over_some_quarrels() -> None:
    came = quarrels(adoption.judge, 300)
    assert came["adopted"] > 0
    assert came["broken"] > 0


@pytest.mark.long
@pytest.mark.timeout(600)
def test_no_verdict_is_undone_and_all_come_to_the_same_over_many_quarrels() -> None:
    came = quarrels(adoption.judge, AT_LEAST)
    sys.stdout.write(f"{came['runs']} runs: {dict(came)}\n")
    assert came["runs"] >= AT_LEAST
    assert came["adopted"] > AT_LEAST // 20
    assert came["closed"] > AT_LEAST // 100
    assert came["with a gap"] > AT_LEAST // 100


def finds_fault(rule: str, most: int) -> bool:
    """Whether so many runs come upon something that must not be where that rule is broken."""
    judge = judge_with(rule)

    @settings(
        max_examples=most,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(PROGRAMS)
    def run(program: bytes) -> None:
        play(program, judge)

    try:
        run()
    except AssertionError:
        return True
    return False


@pytest.mark.parametrize("rule", QUICKLY_FOUND)
def test_the_play_comes_upon_a_broken_rule(rule: str) -> None:
    assert finds_fault(rule, 400)


@pytest.mark.long
@pytest.mark.parametrize("rule", sorted(BROKEN_RULES))
def test_the_long_play_comes_upon_every_broken_rule(rule: str) -> None:
    assert finds_fault(rule, AT_LEAST)
