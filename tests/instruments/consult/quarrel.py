"""A quarrel about joint texts: several nodes, each with its own clock, and a road that does what it likes.

Lanes arrive in order, each at its own pace, or not at all for a while; what a member lost turns up late or never.
Members act by what their own node knows, or foolishly: then they say what every command would refuse. After each step
the node whose facts grew judges them, and is held to all that it, or any other, judged before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from laurel.instruments.consult.adoption import YES, End, Facts, Gap, Judged, Text, Verdict, Vote, Word, judge
from laurel.instruments.consult.course_types import Stage, TextState, VoteKind
from laurel.instruments.consult.stages import ORDER, Fact
from laurel.instruments.consult.stages import judge as stage_of_facts
from laurel.instruments.consult.words import Purpose

CODES = ("AUS", "JPN", "KOR", "NZL", "USA")
START = datetime(2026, 3, 1, tzinfo=UTC)
LEAST = timedelta(seconds=60)
FAKE = "never-said"
NEVER = frozenset({TextState.BROKEN, TextState.OVERTAKEN})

Judge = Callable[[Facts], Judged]


@dataclass(frozen=True)
class Other(Word):
    """A word of something else, in the same lane."""


Lane = tuple[str, tuple[str, ...]]
Place = tuple[str, str, tuple[str, ...], int]


@dataclass
class Desk:
    """One member's node: what it holds, how far each lane has come, what it judged, how wrong its clock is."""

    member: str
    ahead: timedelta
    come: defaultdict[Lane, int] = field(default_factory=lambda: defaultdict[Lane, int](int))
    held: dict[str, Word] = field(default_factory=dict[str, Word])
    shown: dict[str, datetime] = field(default_factory=dict[str, datetime])
    judged: Judged | None = None


class Quarrel:
    """The world of one run. `steps` of three small numbers each: what happens, to whom, and which."""

    def __init__(self, members: int, judge_: Judge = judge) -> None:
        self.members = CODES[:members]
        self.now = START
        self.judge = judge_
        # Clocks differ by as much as ten minutes.
        self.desks = [Desk(code, timedelta(seconds=300 - 150 * place)) for place, code in enumerate(self.members)]
        self.lanes: dict[Lane, list[Word]] = {}
        self.lost: set[str] = set()
        self.became: dict[str, TextState] = {}
        self.adopted: dict[Purpose, str] = {}
        self.closed: dict[str, frozenset[str]] = {}
        self.cut: set[frozenset[str]] = set()

    # What a node knows

    def facts(self, desk: Desk) -> Facts:
        """What it holds, in the order in which it came, without what has a hole before it."""
        words = [one for one in desk.held.values() if self._unbroken(desk, one)]
        return Facts(
            members=self.members,
            texts=[one for one in words if isinstance(one, Text)],
            votes=[
                vote
                for one in words
                for vote in ([one] if isinstance(one, Vote) else [_own(one)] if isinstance(one, Text) else [])
            ],
            ends=[one for one in words if isinstance(one, End)],
            gaps=[one for one in words if isinstance(one, Gap)],
        )

    def _unbroken(self, desk: Desk, word: Word) -> bool:
        if word.id not in self.lost:
            return True
        lane = self.lanes[word.by, word.audience]
        return all(one.id in desk.held for one in lane[: word.number] if one.id in self.lost)

    # What happens

    def step(self, what: int, who: int, which: int) -> None:
        """One thing happens."""
        desk = self.desks[who % len(self.desks)]
        HAPPENS[what % len(HAPPENS)](self, desk, which)

    def deliver(self, desk: Desk, which: int) -> None:
        """The next word of one lane of another comes, or all that it has."""
        lanes = [one for one in self.lanes if one[0] != desk.member and desk.member in one[1]]
        if lanes:
            lane = lanes[which % len(lanes)]
            if frozenset({desk.member, lane[0]}) not in self.cut:
                self._take(desk, lane, 1 if which < len(lanes) else 99)

    def _take(self, desk: Desk, lane: Lane, most: int) -> None:
        words = self.lanes[lane]
        for _ in range(most):
            at = desk.come[lane]
            # Whoever lacks what was lost has it declared instead, and goes on behind it.
            while at < len(words) and words[at].id in self.lost:
                at += 1
            if at == len(words):
                return
            desk.come[lane] = at + 1
            self._hold(desk, words[at])

    def again(self, desk: Desk, which: int) -> None:
        """A word comes a second time."""
        if desk.held:
            self._hold(desk, list(desk.held.values())[which % len(desk.held)])

    def turn_up(self, desk: Desk, which: int) -> None:
        """Something lost is handed on by one that had taken it in."""
        found = [
            one
            for other in self.desks
            for one in other.held.values()
            if one.id in self.lost and one.id not in desk.held and desk.member in one.audience
        ]
        if found and desk.come[found[which % len(found)].by, found[which % len(found)].audience]:
            self._hold(desk, found[which % len(found)])

    def divide(self, desk: Desk, which: int) -> None:
        """A line is cut, or every line is whole again."""
        if which % 4 == 0:
            self.cut.clear()
        else:
            self.cut.add(frozenset({desk.member, self.members[which % len(self.members)]}))

    def later(self, desk: Desk, which: int) -> None:
        """Time goes on."""
        del desk
        self.now += timedelta(seconds=(30, 120, 400)[which % 3])

    def _say(self, desk: Desk, word: Callable[[Place], Word], audience: Sequence[str]) -> None:
        lane = self.lanes.setdefault((desk.member, tuple(audience)), [])
        number = len(lane) + 1
        name = f"{desk.member}-{'' if tuple(audience) == self.members else 'aside-'}{number}"
        lane.append(word((name, desk.member, tuple(audience), number)))
        self._hold(desk, lane[-1])

    def _hold(self, desk: Desk, word: Word) -> None:
        desk.held.setdefault(word.id, word)
        self._check(desk)

    # What honest members do

    def propose(self, desk: Desk, which: int) -> None:
        """A text in the next round: another draft, or the same words again; sometimes its hash is wrong."""
        now = self._judged(desk)
        purpose = (Purpose.RESPONSE, Purpose.RESPONSE, Purpose.ASSESSMENT)[which % 3]
        asked = tuple(code for code in self.members if code not in now.departed)
        if self._mute(desk, now) or purpose in now.adopted or len(asked) < 2:
            return
        deadline = self.now + desk.ahead + timedelta(seconds=90 * (1 + which % 3))
        without = tuple(now.departed[code] for code in sorted(now.departed))
        self._say(
            desk,
            lambda at: Text(
                *at, purpose, now.ballots[purpose].next_round, asked, without, "hash", deadline, which % 11 != 0
            ),
            self.members,
        )

    def vote(self, desk: Desk, which: int) -> None:
        """Assent expressly, or sometimes object, to a text that waits for us; now and then without looking closely."""
        now = self._judged(desk)
        kind = VoteKind.OBJECTED if which % 12 == 0 else VoteKind.AMENDED if which % 12 == 1 else VoteKind.AGREED
        waiting = [one for one in now.verdicts.values() if desk.member in one.waits_for]
        waiting = [one for one in waiting if one.right or which % 5 == 0]
        if waiting and not self._mute(desk, now):
            one = max(waiting, key=lambda one: (one.text.round, one.text.id)) if which % 3 else waiting[0]
            self._vote(desk, one.text, kind)

    def show(self, desk: Desk, which: int) -> None:
        """A text is before an officer."""
        texts = [one for one in desk.held.values() if isinstance(one, Text)]
        if texts:
            desk.shown.setdefault(texts[which % len(texts)].id, self.now + desk.ahead)

    def keep_silence(self, desk: Desk, which: int) -> None:
        """Every silence that is over by our clock is said."""
        del which
        now, clock = self._judged(desk), self.now + desk.ahead
        for one in now.verdicts.values():
            text = one.text
            over = text.id in desk.shown and clock >= max(text.deadline, desk.shown[text.id] + LEAST)
            if over and desk.member in one.waits_for and one.right and not self._mute(desk, now):
                self._vote(desk, text, VoteKind.SILENT)
                now = self._judged(desk)

    def end(self, desk: Desk, which: int) -> None:
        """Leave, or close: seldom."""
        if which % 6 == 0:
            self._say(desk, lambda at: End(*at, closes=which % 12 == 0), self.members)

    def _vote(self, desk: Desk, text: Text, kind: VoteKind) -> None:
        self._say(desk, lambda at: Vote(*at, text.purpose, text.round, text.id, kind, text.text_hash), self.members)

    def _mute(self, desk: Desk, now: Judged) -> bool:
        return desk.member in {*now.departed, *now.closers, *now.lost} or now.closed

    def _judged(self, desk: Desk) -> Judged:
        return self._check(desk)

    # What fools and liars do

    def foolish_text(self, desk: Desk, which: int) -> None:
        """A text that asks whom it likes, without whom it likes, in any round, perhaps with a wrong hash."""
        ends = [one.id for lane in self.lanes.values() for one in lane if isinstance(one, End)]
        asked = tuple(code for place, code in enumerate(self.members) if place != which % (len(self.members) + 1))
        pool = [*ends, FAKE]
        without = () if len(asked) == len(self.members) else (pool[which // 2 % len(pool)],)
        self._say(
            desk,
            lambda at: Text(*at, Purpose.RESPONSE, 1 + which % 3, asked, without, "hash", self.now, which % 7 != 0),
            self.members,
        )

    def foolish_vote(self, desk: Desk, which: int) -> None:
        """A vote for any text that anybody ever said, held here or not; in its round or another, or said aside."""
        texts = [one for lane in self.lanes.values() for one in lane if isinstance(one, Text)]
        if texts:
            text = texts[which // 3 % len(texts)]
            round_ = text.round if which % 5 else 1 + which % 3
            hash_ = "hash" if which % 7 else "another"
            kind = VoteKind.OBJECTED if which % 11 == 0 else VoteKind.AGREED
            audience = self.members if which % 13 else tuple(one for one in self.members if one != CODES[which % 2])
            if desk.member in audience:
                self._say(desk, lambda at: Vote(*at, text.purpose, round_, text.id, kind, hash_), audience)

    def other(self, desk: Desk, which: int) -> None:
        """Something else in the lane."""
        del which
        self._say(desk, lambda at: Other(*at), self.members)

    def lose(self, desk: Desk, which: int) -> None:
        """Our disk fails: what we said last is gone, unless another had taken it in. We declare it and go on."""
        lane = (desk.member, self.members)
        words = self.lanes.get(lane, [])
        first = len(words) - which % 3
        if which % 4 == 0 and 0 < first <= len(words) and not any(isinstance(one, Gap) for one in words[first - 1 :]):
            for one in words[first - 1 :]:
                self.lost.add(one.id)
                desk.held.pop(one.id, None)
            desk.judged = None
            last = len(words)
            self._say(desk, lambda at: Gap(*at, last), self.members)

    # What must hold

    def _check(self, desk: Desk) -> Judged:
        now = self.judge(self.facts(desk))
        before, desk.judged = desk.judged, now
        for text, verdict in now.verdicts.items():
            self._check_final(desk, text, verdict)
        assert len(set(now.adopted.values())) == len(now.adopted)
        for purpose, text in now.adopted.items():
            assert self.adopted.setdefault(purpose, text) == text, "two texts were adopted for one purpose"
        if now.closed:
            self.closed.setdefault(desk.member, frozenset(now.adopted.values()))
        for adopted in self.closed.values():
            assert adopted >= set(now.adopted.values()), "a text was adopted after the consultation was closed"
        if before is not None:
            assert now.closed or not before.closed, "what was closed was opened again"
            assert before.adopted.items() <= now.adopted.items()
            assert ORDER.index(_stage(now)) >= ORDER.index(_stage(before)), "the consultation went back"
        return now

    def _check_final(self, desk: Desk, text: str, verdict: Verdict) -> None:
        if text in self.became:
            was = self.became[text]
            known = desk.judged is not None and verdict.final is None
            assert known or (was in NEVER) == (verdict.final in NEVER), "nodes came to opposite verdicts"
        if verdict.final is None:
            return
        self.became.setdefault(text, verdict.final)
        if verdict.final is TextState.ADOPTED:
            self._check_assents(desk, verdict.text)

    def _check_assents(self, desk: Desk, text: Text) -> None:
        assert text.whole, "its words are not those of its hash"
        held = [one for one in desk.held.values() if isinstance(one, End) and not one.closes]
        left = {one.by for one in held if one.id in text.without}
        assert set(text.asked) == set(self.members) - left, "it asked not all that had not left"
        for code in text.asked:
            assert any(
                one.id == text.id
                if isinstance(one, Text)
                else isinstance(one, Vote) and (one.text, one.kind in YES, one.text_hash) == (text.id, True, "hash")
                for one in desk.held.values()
                if one.by == code and one.audience == self.members
            ), "adopted without a record of every member asked"

    def heal(self, order: Sequence[int]) -> None:
        """Everything comes everywhere, lane after lane as `order` says; then all nodes judge the same."""
        self.cut.clear()
        for desk in self.desks:
            lanes = sorted(one for one in self.lanes if one[0] != desk.member and desk.member in one[1])
            for pick in order:
                if lanes:
                    self._take(desk, lanes[pick % len(lanes)], 1)
            for lane in lanes:
                self._take(desk, lane, 99)
        for one in {word for desk in self.desks for word in desk.held.values() if word.id in self.lost}:
            for desk in self.desks:
                self._hold(desk, one)
        first, *others = [_as_seen(self._check(desk)) for desk in self.desks]
        assert all(other == first for other in others), "nodes with equal facts judge otherwise"
        if not self.lost:
            self._check_all_adopted()

    def _check_all_adopted(self) -> None:
        """What every member it asks agreed to in its own lane is adopted: told in another way than the judge does."""
        ends = {code: self._first_end(code) for code in self.members}
        left = {end.id for end in ends.values() if end is not None and not end.closes}
        votes = {code: self._votes_of(code, ends[code]) for code in self.members}
        texts = [one for lane in self.lanes.values() for one in lane if isinstance(one, Text)]
        agreed = [
            one
            for one in texts
            if one.by in one.asked and all(votes[code].get((one.purpose, one.round)) == one.id for code in one.asked)
        ]
        for purpose in Purpose:
            found = sorted((one.round, one.id, one) for one in agreed if one.purpose is purpose)
            # One that names a departure that never was may come to be right, for all that anyone knows.
            if all(set(one.without) <= left for _, _, one in found):
                right = [name for _, name, one in found if one.whole and self._asks_rightly(one, ends)]
                assert self.adopted.get(purpose) == next(iter(right), None), "all agreed to it, and it is not adopted"

    def _asks_rightly(self, text: Text, ends: dict[str, End | None]) -> bool:
        left = {code for code, end in ends.items() if end is not None and end.id in text.without}
        others = set(self.members) - set(text.asked)
        return others == left and len(text.without) == len(left) and len(text.asked) > 1

    def _first_end(self, code: str) -> End | None:
        return next((one for one in self.lanes.get((code, self.members), []) if isinstance(one, End)), None)

    def _votes_of(self, code: str, end: End | None) -> dict[tuple[Purpose, int], str]:
        """For which text it voted in each round, if for any."""
        found: dict[tuple[Purpose, int], str] = {}
        last = dict.fromkeys(Purpose, 0)
        for one in self.lanes.get((code, self.members), [])[: None if end is None else end.number - 1]:
            vote = _own(one) if isinstance(one, Text) else one
            if isinstance(vote, Vote) and vote.round > last[vote.purpose]:
                last[vote.purpose] = vote.round
                fits = vote.kind in YES and vote.text_hash == "hash"
                found[vote.purpose, vote.round] = vote.text if fits else ""
        return found


def _own(text: Text) -> Vote:
    return Vote(
        text.id,
        text.by,
        text.audience,
        text.number,
        text.purpose,
        text.round,
        text.id,
        VoteKind.PROPOSED,
        text.text_hash,
    )


def _stage(judged: Judged) -> Stage:
    """Where the consultation stands by its texts alone."""
    response = [one for one in judged.verdicts.values() if one.text.purpose is Purpose.RESPONSE]
    facts = {Fact.PROPOSED: response, Fact.ENDED: judged.closed, Fact.ADOPTED: Purpose.RESPONSE in judged.adopted}
    return stage_of_facts([fact for fact, holds in facts.items() if holds])


def _as_seen(judged: Judged) -> object:
    rows = {text: (one.final, one.waits_for, one.votes) for text, one in judged.verdicts.items()}
    return rows, judged.adopted, judged.departed, judged.closers, judged.lost, judged.closed


HAPPENS: tuple[Callable[[Quarrel, Desk, int], None], ...] = (
    *[Quarrel.deliver] * 9,
    *[Quarrel.vote] * 6,
    *[Quarrel.propose] * 3,
    *[Quarrel.show] * 2,
    *[Quarrel.keep_silence] * 2,
    *[Quarrel.later] * 2,
    Quarrel.again,
    Quarrel.turn_up,
    Quarrel.divide,
    Quarrel.end,
    Quarrel.end,
    Quarrel.foolish_text,
    Quarrel.foolish_vote,
    Quarrel.foolish_vote,
    Quarrel.other,
    Quarrel.lose,
)


def play(program: bytes, judge_: Judge = judge) -> Quarrel:
    """One run: the first byte says how many there are, each three that follow what happens, the last how it heals."""
    quarrel = Quarrel(2 + program[0] % 4, judge_)
    for at in range(1, len(program) - 2, 3):
        quarrel.step(*program[at : at + 3])
    quarrel.heal(list(program[-20:]))
    return quarrel
