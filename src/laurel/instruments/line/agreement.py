"""When a change of standing is in force: from records alone, the same at every node that holds them. Pure.

Changes follow one another: each names the one in force that it follows, its *base*. Against a base

1. those asked are its members in standing, but not the member concerned; they must be two at least;
2. a proposal is its proposer's vote for it, an assent is the assenter's, and to decline is a vote for nothing. A vote
   counts if it was said to all who were entitled in the base, so that all votes of a voter stand in one lane, and
   their numbers say which came first;
3. each has one vote in a turn: the first in its lane. The next turn is opened only when no proposal of the turns before
   can be agreed any more; whoever has voted in it has no vote left in those before;
4. a change is in force when all who are asked have voted for it, and no proposal of an earlier turn may still be.

With three members or more, two changes always share a voter; so of one base at most one change comes into force,
whatever arrives in whatever order, and none is ever undone. Only a voter who forks its own lane could
make two: the fork is evidence, and names it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from laurel.core.roster import Standing

MIN_ASKED = 2

Standings = Mapping[str, Standing]


@dataclass(frozen=True)
class Proposal:
    """A change that somebody wants."""

    id: str
    by: str
    member: str
    name: str
    standing: Standing
    reason: str
    card: str | None
    after: str | None
    turn: int
    asked: tuple[str, ...]


@dataclass(frozen=True)
class Vote:
    """What a member said to a proposal, and where that stands in its lane. `proposal` is empty when it declined."""

    by: str
    proposal: str
    after: str | None
    turn: int
    audience: tuple[str, ...]
    number: int


@dataclass(frozen=True)
class Told:
    """What a member told us of who belongs since a change."""

    by: str
    after: str
    standings: Standings
    names: Mapping[str, str]


@dataclass(frozen=True)
class Facts:
    """All that was said of standings, as one node holds it."""

    proposals: Mapping[str, Proposal]
    votes: Sequence[Vote]
    told: Sequence[Told] = ()


@dataclass(frozen=True)
class Base:
    """Who is what since one change (None: since the compact's own file), and the names of those who joined."""

    after: str | None
    standings: Standings
    names: Mapping[str, str] = field(default_factory=dict[str, str])

    @cached_property
    def entitled(self) -> tuple[str, ...]:
        """To whom proposals and votes on this base are said, sorted."""
        return tuple(sorted(code for code, one in self.standings.items() if one in {Standing.MEMBER, Standing.READER}))

    @cached_property
    def members(self) -> frozenset[str]:
        """Those in standing."""
        return frozenset(code for code, one in self.standings.items() if one is Standing.MEMBER)

    def asked(self, member: str) -> frozenset[str]:
        """Whose assent a change of that member needs."""
        return self.members - {member}

    def changed(self, change: Proposal) -> Base:
        """Who is what once that change is in force."""
        standings = {**self.standings, change.member: change.standing}
        return Base(change.id, standings, {**self.names, change.member: change.name})


@dataclass(frozen=True)
class Change:
    """A change in force, and who was what before it and since."""

    proposal: Proposal
    before: Base
    since: Base

    @property
    def lets_in(self) -> bool:
        """Whether the member was not entitled before, and is since: it holds nothing of how things came to be."""
        member = self.proposal.member
        return member in self.since.entitled and member not in self.before.entitled


@dataclass(frozen=True)
class Agreed:
    """The base in force, the changes that led to it as far as this node saw them, and the votes on the next."""

    base: Base
    changes: tuple[Change, ...]
    ballot: Ballot


@dataclass(frozen=True)
class Ballot:
    """The votes on one base: of each voter the first in each turn."""

    base: Base
    proposals: Mapping[str, Proposal]
    first: Mapping[int, Mapping[str, str]]

    @property
    def turn(self) -> int:
        """The turn in which to propose now: the first in which something may still be agreed, or nothing was said."""
        return next(turn for turn in range(1, len(self.first) + 2) if turn not in self.first or self._open(turn))

    def voted(self, proposal: Proposal) -> frozenset[str]:
        """Who of those asked has assented to it."""
        votes = self.first.get(proposal.turn, {})
        return frozenset(code for code in self.base.asked(proposal.member) if votes.get(code) == proposal.id)

    def may_pass(self, proposal: Proposal) -> bool:
        """Whether it is in force or may come to be: nobody who is asked has spent its vote elsewhere."""
        asked = self.base.asked(proposal.member)
        rightly = asked == frozenset(proposal.asked) and len(asked) >= MIN_ASKED
        return rightly and not asked & self._spent(proposal.turn, proposal.id)

    def winner(self) -> Proposal | None:
        """The change that all who are asked have assented to."""
        for turn in sorted(self.first):
            for one in self._of_turn(turn):
                if self.may_pass(one) and self.voted(one) == self.base.asked(one.member):
                    return one
            if self._open(turn):
                return None
        return None

    def _of_turn(self, turn: int) -> Iterator[Proposal]:
        return (self.proposals[one] for one in sorted(set(self.first[turn].values())) if one in self.proposals)

    def _spent(self, turn: int, proposal: str) -> frozenset[str]:
        """Who can no longer vote for that proposal in that turn."""
        votes = self.first.get(turn, {})
        elsewhere = {code for code, one in votes.items() if one != proposal}
        later = {code for other, said in self.first.items() if other > turn for code in said}
        return frozenset(elsewhere | (later - votes.keys()))

    def _open(self, turn: int) -> bool:
        """Whether something of this turn may still be agreed."""
        for one in set(self.first[turn].values()) - {""}:
            known = self.proposals.get(one)
            if known is not None and self.may_pass(known):
                return True
            # Whom it concerns we do not know yet: one of those who voted otherwise may not have been asked.
            if known is None and len(self.base.members & self._spent(turn, one)) < 2:
                return True
        return False


def judge(facts: Facts, founded: Standings, me: str) -> Agreed:
    """What is in force by these facts, from what the compact's file names on. Needs no clock.

    `me` matters to one that came in later and so holds no record of how things came to be: it takes what it
    was told by all whom that names as members, if they are most of the members it knew, and two at least.
    """
    base = Base(None, founded)
    changes: list[Change] = []
    seen: set[str | None] = set()
    votes = _by_base(facts.votes)
    while True:
        seen.add(base.after)
        ballot = _ballot(base, facts.proposals, votes.get(base.after, ()))
        change = ballot.winner()
        if change is not None:
            changes.append(Change(change, base, base.changed(change)))
            base = changes[-1].since
            continue
        told = _told(facts.told, base, me, seen)
        if told is None:
            return Agreed(base, tuple(changes), ballot)
        base = told


def _by_base(votes: Sequence[Vote]) -> Mapping[str | None, Sequence[Vote]]:
    found: defaultdict[str | None, list[Vote]] = defaultdict(list)
    for vote in votes:
        found[vote.after].append(vote)
    return found


def _ballot(base: Base, proposals: Mapping[str, Proposal], votes: Sequence[Vote]) -> Ballot:
    first: defaultdict[int, dict[str, str]] = defaultdict(dict)
    highest: dict[str, int] = {}
    for vote in sorted(votes, key=lambda one: (one.by, one.number)):
        if vote.by not in base.members or vote.audience != base.entitled:
            continue
        if vote.turn < highest.get(vote.by, 0) or vote.by in first[vote.turn]:
            continue
        highest[vote.by] = vote.turn
        first[vote.turn][vote.by] = vote.proposal if _fits(vote, proposals) else ""
    return Ballot(base, proposals, {turn: first[turn] for turn in sorted(first) if first[turn]})


def _fits(vote: Vote, proposals: Mapping[str, Proposal]) -> bool:
    """A vote that misnames the turn or base of its proposal is spent for nothing."""
    known = proposals.get(vote.proposal)
    return known is None or (known.after, known.turn) == (vote.after, vote.turn)


def _told(told: Sequence[Told], base: Base, me: str, seen: set[str | None]) -> Base | None:
    """The base that all of its members told us, if there is one we have not come by ourselves."""
    by: defaultdict[str, dict[str, Told]] = defaultdict(dict)
    for one in told:
        if one.after not in seen:
            by[one.after].setdefault(one.by, one)
    knew = base.members - {me}
    for after, tellers in sorted(by.items()):
        one = next(iter(tellers.values()))
        new = Base(after, one.standings, one.names)
        alike = all((other.standings, other.names) == (one.standings, one.names) for other in tellers.values())
        known = knew & tellers.keys()
        if alike and new.members - {me} == tellers.keys() and len(known) >= MIN_ASKED and 2 * len(known) > len(knew):
            return new
    return None
