"""When a joint text is adopted: from records alone, the same at every node that holds them. Pure.

All that one member says in a consultation stands in one lane (same audience, same urgency), and lanes are taken in
without holes; so every node holds the beginning of each lane, and what a member said first stays first. For each
purpose

1. a member has one vote a round: the first in its lane that names this round, spent even if it is for a text that is
   not here or counts for nothing. Who has voted in a later round has no vote left in this one;
2. of each member the first word by which it ends its part counts: to leave, or to close. After it nothing does;
3. a text is *right* when its words have its hash and it asks all members but those that left by the very records it
   names. While one of these is not here it is neither right nor wrong: it waits, and so does every later round;
4. a right text is adopted when all whom it asks voted for it, and no text of an earlier round may still be;
5. it never will be once one of them has no vote left for it: BROKEN if somebody objected, amended, left or closed (or
   it is wrong), else OVERTAKEN. An objection that comes to an overtaken text makes it BROKEN: both say never.

Two texts that can both get all their votes always share a voter: if neither asked anyone of the other, each would name
departures that were said after the other was voted for, and hence contain its own hash. So of one consultation and
purpose at most one text is adopted, whatever arrives in whatever order; what is adopted, or never will be, stays so.

A member that declared a gap in this lane has no voice after it: what it lost may have been a vote that another
node holds. Only in a consultation whose request names the gap is it heard again. A member that forks its lane can make
two verdicts: the fork is evidence, and names it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from laurel.instruments.consult.course_types import TextState, VoteKind
from laurel.instruments.consult.words import Purpose

FEWEST = 2
"""Nobody consults alone."""

YES = frozenset({VoteKind.PROPOSED, VoteKind.SILENT, VoteKind.AGREED})
NO = frozenset({VoteKind.OBJECTED, VoteKind.AMENDED, VoteKind.LEFT})


@dataclass(frozen=True)
class Word:
    """One record of the procedure: by whom, said to whom, and where it stands in its lane."""

    id: str
    by: str
    audience: tuple[str, ...]
    number: int


@dataclass(frozen=True)
class Text(Word):
    """A joint text. `whole`: its words are what its hash says; None where we cannot tell (clauses unknown here)."""

    purpose: Purpose
    round: int
    asked: tuple[str, ...]
    without: tuple[str, ...]
    text_hash: str
    deadline: datetime
    whole: bool | None


@dataclass(frozen=True)
class Vote(Word):
    """What a member did with a text, and where it says that this text stands. A text is its proposer's vote."""

    purpose: Purpose
    round: int
    text: str
    kind: VoteKind
    text_hash: str | None = None


@dataclass(frozen=True)
class End(Word):
    """By this a member leaves the consultation, or `closes` it."""

    closes: bool


@dataclass(frozen=True)
class Gap(Word):
    """A member declared that it lost what it said in its lane from some number up to `last`."""

    last: int


@dataclass(frozen=True)
class Facts:
    """All that was said of the texts of one consultation, as one node holds it.

    `settled` are gaps that stand before its request: what was lost in them cannot have spoken of it.
    """

    members: tuple[str, ...]
    texts: Sequence[Text] = ()
    votes: Sequence[Vote] = ()
    ends: Sequence[End] = ()
    gaps: Sequence[Gap] = ()
    settled: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Verdict:
    """Where a text stands. `final` is what it will be for ever, None while nobody can tell."""

    text: Text
    votes: Mapping[str, VoteKind | None]
    right: bool | None
    final: TextState | None

    @property
    def waits_for(self) -> tuple[str, ...]:
        """Those asked whose vote is not here, sorted."""
        return () if self.final else tuple(code for code, vote in sorted(self.votes.items()) if vote is None)

    def state(self, now: datetime) -> TextState:
        """What officers are shown at that time."""
        return self.final or (TextState.OPEN if now < self.text.deadline else TextState.PROVISIONAL)


@dataclass(frozen=True)
class Judged:
    """The verdicts on all texts of a consultation, who ended its part, and whether nothing can be adopted any more.

    `adopted` names the text of each purpose. `closed`: somebody closed it or fewer than two are left, and no text may
    pass any more. `lost` are members that have no voice because of a gap.
    """

    verdicts: Mapping[str, Verdict]
    adopted: Mapping[Purpose, str]
    departed: Mapping[str, str]
    closers: tuple[str, ...]
    lost: tuple[str, ...]
    closed: bool
    ballots: Mapping[Purpose, Ballot]


def judge(facts: Facts) -> Judged:
    """Where every text stands by these facts. Needs no clock."""
    voices = _Voices(facts)
    texts = [one for one in facts.texts if voices.said(one)]
    ballots = {purpose: _ballot(purpose, facts, voices) for purpose in Purpose}
    verdicts = {
        one.text.id: one
        for purpose, ballot in ballots.items()
        for one in _verdicts(ballot, [text for text in texts if text.purpose is purpose], voices)
    }
    adopted = {one.text.purpose: one.text.id for one in verdicts.values() if one.final is TextState.ADOPTED}
    may_pass = any(one.final is None for one in verdicts.values()) or any(
        ballot.may_pass_unseen(verdicts.keys()) for ballot in ballots.values()
    )
    over = bool(voices.closers) or len(facts.members) - len(voices.departed) < FEWEST
    return Judged(
        verdicts=verdicts,
        adopted=adopted,
        departed=voices.departed,
        closers=voices.closers,
        lost=tuple(sorted(voices.cut)),
        closed=over and not may_pass,
        ballots=ballots,
    )


class _Voices:
    """Whose words count, and up to where in its lane."""

    def __init__(self, facts: Facts) -> None:
        self.members = facts.members
        self.cut: dict[str, int] = {}
        for gap in facts.gaps:
            if self._ours(gap) and gap.id not in facts.settled:
                self.cut[gap.by] = min(gap.last, self.cut.get(gap.by, gap.last))
        self.ends: dict[str, End] = {}
        self.held: dict[str, End] = {}
        for end in sorted(facts.ends, key=lambda one: one.number):
            if self.said(end):
                self.ends.setdefault(end.by, end)
                self.held[end.id] = end

    def _ours(self, word: Word) -> bool:
        return word.by in self.members and word.audience == self.members

    def said(self, word: Word) -> bool:
        """Whether a member said it to all members, and had not lost anything before."""
        return self._ours(word) and word.number <= self.cut.get(word.by, word.number)

    def counts(self, word: Word) -> bool:
        """Whether it also said it before it ended its part."""
        end = self.ends.get(word.by)
        return self.said(word) and (end is None or word.number < end.number)

    @cached_property
    def departed(self) -> Mapping[str, str]:
        """Who left, by which record."""
        return {end.by: end.id for end in self.ends.values() if not end.closes}

    @cached_property
    def closers(self) -> tuple[str, ...]:
        """Who closed, sorted."""
        return tuple(sorted(end.by for end in self.ends.values() if end.closes))

    def right(self, text: Text) -> bool | None:
        """Whether that text asks whom it must, and has the words of its hash; None while that cannot be told."""
        asked, others = set(text.asked), set(self.members) - set(text.asked)
        if text.whole is False or text.by not in asked or len(asked) < FEWEST or not asked <= set(self.members):
            return False
        if len(set(text.without)) != len(text.without) or len(text.without) != len(others):
            return False
        held = [self.held[one] for one in text.without if one in self.held]
        if any(self.departed.get(one.by) != one.id or one.by not in others for one in held):
            return False
        return True if len(held) == len(others) and text.whole else None


@dataclass(frozen=True)
class Ballot:
    """The votes on texts of one purpose: of each member the first in each round."""

    members: tuple[str, ...]
    ended: frozenset[str]
    first: Mapping[int, Mapping[str, Vote]]
    last_round: Mapping[str, int]

    @property
    def next_round(self) -> int:
        """The round after all in which somebody voted."""
        return max(self.first, default=0) + 1

    def spent(self, member: str, round_: int) -> bool:
        """Whether that member has no vote left in that round."""
        return member in self.ended or self.last_round.get(member, 0) >= round_

    def vote(self, member: str, text: Text) -> VoteKind | None:
        """What that member did with that text; None while it may still do something."""
        vote = self.first.get(text.round, {}).get(member)
        if vote is None:
            later = self.last_round.get(member, 0) > text.round
            return VoteKind.ELSEWHERE if later else VoteKind.LEFT if member in self.ended else None
        fits = vote.text == text.id and vote.text_hash in {None, text.text_hash}
        return vote.kind if fits else VoteKind.ELSEWHERE

    def may_pass_unseen(self, seen: Collection[str]) -> bool:
        """Whether a text that is not here, but somebody voted for, may still be adopted."""
        for round_, votes in self.first.items():
            free = {code for code in self.members if not self.spent(code, round_)}
            for unseen in {one.text for one in votes.values()} - set(seen):
                yes = {code for code, one in votes.items() if one.text == unseen and one.kind in YES}
                if len(yes | free) >= FEWEST:
                    return True
        return False


def _ballot(purpose: Purpose, facts: Facts, voices: _Voices) -> Ballot:
    first: defaultdict[int, dict[str, Vote]] = defaultdict(dict)
    highest: dict[str, int] = {}
    for vote in sorted(facts.votes, key=lambda one: (one.by, one.number)):
        if vote.purpose is purpose and voices.counts(vote) and vote.round > highest.get(vote.by, 0):
            highest[vote.by] = vote.round
            first[vote.round][vote.by] = vote
    return Ballot(facts.members, frozenset(voices.ends), first, highest)


def _verdicts(ballot: Ballot, texts: Sequence[Text], voices: _Voices) -> Iterator[Verdict]:
    """The verdict on each text of one purpose. Of those that have all their votes the earliest is adopted."""
    # Once a text was adopted nothing later is; while one may be adopted, nothing later is yet.
    adopted, may_pass = 0, 0
    for text in sorted(texts, key=lambda one: (one.round, one.id)):
        votes = {code: ballot.vote(code, text) for code in text.asked}
        right = voices.right(text)
        final: TextState | None = None
        if right is False or NO & set(votes.values()):
            final = TextState.BROKEN
        elif VoteKind.ELSEWHERE in votes.values() or adopted:
            final = TextState.OVERTAKEN
        elif right and None not in votes.values() and not 0 < may_pass < text.round:
            final, adopted = TextState.ADOPTED, text.round
        else:
            may_pass = may_pass or text.round
        yield Verdict(text, votes, right, final)
