"""Who agreed to what: the same verdict at every node, whatever arrives in whatever order, and none undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laurel.core.roster import Standing
from laurel.instruments.line.agreement import Base, Facts, Proposal, Told, Vote, judge

M, R, S, X = Standing.MEMBER, Standing.READER, Standing.SUSPENDED, Standing.EXPELLED
THREE: dict[str, Standing] = {"JPN": M, "KOR": M, "USA": M}
FOUR: dict[str, Standing] = {"AUS": M, "IND": M, "JPN": M, "USA": M}


def proposal(
    one: str, by: str, member: str, standing: Standing, base: Base, *, turn: int = 1, asked: Sequence[str] | None = None
) -> Proposal:
    named = base.asked(member) if asked is None else asked
    return Proposal(one, by, member, member, standing, "why", None, base.after, turn, tuple(sorted(named)))


def vote(by: str, for_: Proposal, base: Base, number: int = 1, *, turn: int | None = None, no: bool = False) -> Vote:
    return Vote(by, "" if no else for_.id, for_.after, turn or for_.turn, base.entitled, number)


def facts(proposals: Sequence[Proposal], votes: Sequence[Vote], told: Sequence[Told] = ()) -> Facts:
    return Facts({one.id: one for one in proposals}, votes, told)


START = Base(None, THREE)


def test_a_change_is_in_force_with_the_last_assent_that_the_compact_asks() -> None:
    out = proposal("p", "JPN", "KOR", X, START)
    assert judge(facts([out], [vote("JPN", out, START)]), THREE, "USA").base == START
    now = judge(facts([out], [vote("JPN", out, START), vote("USA", out, START)]), THREE, "USA")
    assert now.base == Base("p", {**THREE, "KOR": X}, {"KOR": "KOR"})
    assert [one.proposal for one in now.changes] == [out]


@pytest.mark.attack("membership")
@pytest.mark.parametrize("votes", ["JPN", "JPN JPN", "JPN KOR", "JPN AUS", ""])
def test_nobody_expels_another_with_fewer_or_other_voices_than_the_compact_names(votes: str) -> None:
    out = proposal("p", "JPN", "KOR", X, START)
    said = [vote(by, out, START, number) for number, by in enumerate(votes.split(), 1)]
    assert judge(facts([out], said), THREE, "USA").base == START


@pytest.mark.attack("membership")
def test_a_proposal_that_names_fewer_than_the_compact_asks_is_nothing() -> None:
    alone = proposal("p", "JPN", "KOR", X, START, asked=("JPN",))
    assert judge(facts([alone], [vote("JPN", alone, START), vote("USA", alone, START)]), THREE, "USA").base == START


@pytest.mark.attack("membership")
def test_of_two_that_are_left_neither_changes_what_the_other_is() -> None:
    two = {**THREE, "KOR": S}
    base = Base(None, two)
    out = proposal("p", "JPN", "USA", X, base)
    assert judge(facts([out], [vote("JPN", out, base)]), two, "USA").base.standings == two
    back = proposal("q", "JPN", "KOR", M, base)
    now = judge(facts([back], [vote("JPN", back, base), vote("USA", back, base)]), two, "USA")
    assert now.base.standings == THREE


def test_an_assent_before_its_proposal_waits_for_it() -> None:
    out = proposal("p", "JPN", "KOR", X, START)
    assent = vote("USA", out, START)
    early = judge(facts([], [assent]), THREE, "KOR")
    assert early.base == START
    assert early.ballot.turn == 1
    assert judge(facts([out], [assent, vote("JPN", out, START)]), THREE, "KOR").base.after == "p"


@pytest.mark.attack("replay")
def test_an_old_assent_counts_for_its_own_base_alone() -> None:
    out = proposal("p", "JPN", "KOR", S, START)
    both = [vote("JPN", out, START), vote("USA", out, START)]
    suspended = judge(facts([out], both), THREE, "USA").base
    back = proposal("q", "JPN", "KOR", M, suspended)
    returned = [*both, vote("JPN", back, suspended), vote("USA", back, suspended)]
    restored = judge(facts([out, back], returned), THREE, "USA").base
    assert restored.standings == THREE
    # The very assent of the first suspension, again under a new proposal that copies it.
    again = replace(out, id="r", after="q")
    replayed = [*returned, vote("JPN", again, restored, 9), vote("USA", out, START, 9)]
    assert judge(facts([out, back, again], replayed), THREE, "USA").base == restored


def test_two_changes_at_once_never_both_pass_and_the_next_turn_opens() -> None:
    first, second = (
        proposal("p", "JPN", "AUS", M, START, asked=tuple(THREE)),
        proposal("q", "USA", "NZL", M, START, asked=tuple(THREE)),
    )
    said = [vote("JPN", first, START), vote("USA", second, START), vote("KOR", first, START)]
    now = judge(facts([first, second], said), THREE, "KOR")
    assert now.base == START
    assert now.ballot.turn == 2
    # Whoever changes its mind within the turn changes nothing.
    said += [vote("USA", first, START, 2), vote("JPN", second, START, 2), vote("KOR", second, START, 2)]
    assert judge(facts([first, second], said), THREE, "KOR").base == START
    anew = proposal("r", "JPN", "AUS", M, START, turn=2, asked=tuple(THREE))
    said += [vote(by, anew, START, 3) for by in THREE]
    assert judge(facts([first, second, anew], said), THREE, "KOR").base.standings["AUS"] is M


def test_declining_closes_a_proposal_and_opens_the_next_turn() -> None:
    out = proposal("p", "JPN", "KOR", X, START)
    said = [vote("JPN", out, START), vote("USA", out, START, no=True)]
    now = judge(facts([out], said), THREE, "KOR")
    assert (now.base, now.ballot.turn, now.ballot.may_pass(out)) == (START, 2, False)
    assert judge(facts([out], [*said, vote("USA", out, START, 2)]), THREE, "KOR").base == START


def test_the_word_of_the_one_concerned_neither_makes_nor_breaks_the_change() -> None:
    out = proposal("p", "JPN", "KOR", X, START)
    theirs = proposal("q", "KOR", "JPN", X, START)
    said = [vote("KOR", theirs, START), vote("JPN", out, START), vote("USA", out, START)]
    assert judge(facts([out, theirs], said), THREE, "USA").base.standings == {**THREE, "KOR": X}


def test_a_vote_said_to_fewer_than_all_does_not_count() -> None:
    out = proposal("p", "JPN", "KOR", X, START)
    aside = replace(vote("USA", out, START), audience=("JPN", "USA"))
    assert judge(facts([out], [vote("JPN", out, START), aside]), THREE, "USA").base == START


def told(by: str, base: Base) -> Told:
    assert base.after is not None
    return Told(by, base.after, base.standings, base.names)


def test_one_that_comes_in_takes_what_all_its_members_told_it() -> None:
    base = Base("p", {**THREE, "NZL": M}, {one: one for one in (*THREE, "NZL")})
    heard = [told(by, base) for by in THREE]
    assert judge(facts([], [], heard[:2]), THREE, "NZL").base == START
    assert judge(facts([], [], heard), THREE, "NZL").base == base
    # And follows what comes next as all the others do.
    out = proposal("q", "JPN", "KOR", S, base)
    said = [vote(by, out, base) for by in ("JPN", "USA", "NZL")]
    assert judge(facts([out], said, heard), THREE, "NZL").base.standings["KOR"] is S


@pytest.mark.attack("membership")
def test_a_newcomer_does_not_take_one_members_word_for_who_the_others_are() -> None:
    lie = Base("p", {"JPN": M, "NZL": M, "KOR": X, "USA": X})
    assert judge(facts([], [], [told("JPN", lie)]), THREE, "NZL").base == START
    forged = [told("JPN", Base("p", {**THREE, "NZL": M})), told("KOR", lie), told("USA", lie)]
    assert judge(facts([], [], forged), THREE, "NZL").base == START


# Any voters, honest or not, in any order.


@dataclass(frozen=True)
class Said:
    """One statement in a lane: a proposal with its vote, or a vote."""

    vote: Vote
    proposal: Proposal | None


@st.composite
def lanes(draw: st.DrawFn) -> tuple[dict[str, Standing], list[list[Said]]]:
    """What each member said of standings, in its own order, however foolish."""
    founded = draw(st.sampled_from([THREE, FOUR, {**FOUR, "IND": R}]))
    codes = [*founded, "NZL"]
    bases = [Base(None, founded)]
    made: list[tuple[Proposal, Base]] = []
    lane: dict[str, list[Said]] = {code: [] for code in codes}
    for number in range(draw(st.integers(1, 10))):
        by = draw(st.sampled_from(codes))
        if not made or draw(st.booleans()):
            base = draw(st.sampled_from(bases))
            member, standing = draw(st.sampled_from(codes)), draw(st.sampled_from(Standing))
            new = proposal(f"p{number}", by, member, standing, base, turn=draw(st.integers(1, 2)))
            made.append((new, base))
            bases.append(base.changed(new))
            lane[by].append(Said(vote(by, new, base, len(lane[by]) + 1), new))
        # The others speak to what there is, most of them in favour of the last.
        for other in draw(st.permutations(codes)):
            one, base = made[-1] if draw(st.integers(0, 4)) else draw(st.sampled_from(made))
            if draw(st.integers(0, 5)):
                no = draw(st.integers(0, 9)) == 0
                lane[other].append(Said(vote(other, one, base, len(lane[other]) + 1, no=no), None))
    return founded, [said for said in lane.values() if said]


def check(founded: dict[str, Standing], said: list[list[Said]], order: Sequence[int]) -> tuple[str, ...]:
    """Deliver lane by lane as `order` says; the changes in force only ever grow. What they are in the end."""
    left = [list(one) for one in said]
    held: list[Said] = []
    before: tuple[str, ...] = ()
    for pick in [*order, *(at for at, lane in enumerate(left) for _ in lane)]:
        lane = left[pick % len(left)]
        if not lane:
            continue
        held.append(lane.pop(0))
        now = judge(
            facts([one.proposal for one in held if one.proposal], [one.vote for one in held]), founded, "nobody"
        )
        changes = tuple(one.proposal.id for one in now.changes)
        assert changes[: len(before)] == before
        before = changes
    assert not any(left)
    return before


def any_order(given_: tuple[dict[str, Standing], list[list[Said]]], orders: Sequence[Sequence[int]]) -> None:
    founded, said = given_
    assert len({check(founded, said, order) for order in orders}) == 1


orders = st.lists(st.lists(st.integers(0, 4), max_size=60), min_size=2, max_size=3)


@settings(max_examples=80, deadline=None)
@given(lanes(), orders)
def test_whatever_the_order_all_come_to_the_same_and_no_change_is_undone(
    given_: tuple[dict[str, Standing], list[list[Said]]], orders: list[list[int]]
) -> None:
    any_order(given_, orders)


@pytest.mark.long
@settings(max_examples=5_000, deadline=None)
@given(lanes(), orders)
def test_whatever_the_order_all_come_to_the_same_over_many_quarrels(
    given_: tuple[dict[str, Standing], list[list[Said]]], orders: list[list[int]]
) -> None:
    any_order(given_, orders)
