"""How the line to one member was and is: judged from what our node saw of it and from the checks both ways. Pure.

1. What our node saw of the path and of the other's node comes first; while it slept itself, the node is down.
2. A check of ours is *unheard* from `deliver_within_s` after it was said until the other node has it, or a later one.
   One of theirs is, from `deliver_within_s` + `ALLOWANCE` after its slot began, until it or a later one comes, or a
   later one of ours is heard: a node that comes back checks no slot that it slept through. A slot of a plan that was
   given up for another may never be reached by their clock: any word of theirs from then on settles it.
3. A check is *unanswered* from `answer_within_s` after it was heard, until an officer answers it or a later one.
4. Else the line is healthy, from the first check that was heard on.

Every time here is by our own clock: of the other's clock we only learn how late its checks come as a rule, and wait
as much longer for them. So a verdict ends as soon as what it missed is here, and none rests on two clocks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from laurel.instruments.hotline.board_types import LineSpan, LineState

ALLOWANCE = timedelta(seconds=15)
"""What a node may take to wake, to learn to speak after its start, and to say a check."""
CLOCKS_APART = timedelta(seconds=300)
"""So late another's checks may come as a rule, since its clock is behind ours, and the line is healthy."""
LEARNED_FROM = 8
"""How late they come as a rule is the least of so many."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The first that holds names the line.
WORST_FIRST = (
    LineState.NODE_DOWN,
    LineState.PATH_DOWN,
    LineState.UNHEARD,
    LineState.UNANSWERED,
    LineState.HEALTHY,
    LineState.UNCHECKED,
)
ALARMS = frozenset(WORST_FIRST[:4])
SEEN_AS = {"path-down": LineState.PATH_DOWN, "never": LineState.PATH_DOWN, "node-down": LineState.NODE_DOWN}


@dataclass(frozen=True)
class Sight:
    """From `since` on our node saw the line so. It was down itself from `alive_before` until `at`."""

    state: str
    since: datetime
    at: datetime
    alive_before: datetime | None = None


@dataclass(frozen=True)
class Mark:
    """Our clock came to this slot, and we had a line to the member. `ours`: it was our turn to check."""

    slot: int
    at: datetime
    every_s: int
    deliver_within_s: int
    answer_within_s: int
    ours: bool

    @property
    def begins_at(self) -> datetime:
        """When the slot began, or when our node came to it."""
        return max(EPOCH + timedelta(seconds=self.slot * self.every_s), self.at)

    @property
    def ends_at(self) -> datetime:
        """When the next one begins."""
        return EPOCH + timedelta(seconds=(self.slot + 1) * self.every_s)


@dataclass(frozen=True)
class Check:
    """One check. `at` is when we said it, or, of theirs, when it came; `heard_at` when who was checked had it."""

    slot: int
    at: datetime
    heard_at: datetime | None
    answered_at: datetime | None


@dataclass(frozen=True)
class Facts:
    """All that one node holds of the line to one member, as far back as it looks; each oldest first."""

    sights: tuple[Sight, ...] = ()
    marks: tuple[Mark, ...] = ()
    ours: tuple[Check, ...] = ()
    theirs: tuple[Check, ...] = ()


@dataclass(frozen=True)
class _Held:
    """The line was so, as far as one reason goes; until now and on, where `until` is None."""

    state: LineState
    since: datetime
    until: datetime | None


def judge(facts: Facts, now: datetime) -> tuple[LineSpan, ...]:
    """How the line was, oldest first; the last span goes on. Empty while nothing is known of it."""
    return tuple(_swept([one for one in _reasons(facts, now) if one.since <= now], now))


def missed(facts: Facts, now: datetime) -> tuple[Mark, ...]:
    """The slots in which they should have checked us, in time, and did not."""
    return tuple(mark for mark, from_, until in _missing(facts) if from_ <= now and until is None)


def _reasons(facts: Facts, now: datetime) -> Iterator[_Held]:
    known = [one.since for one in facts.sights] + [one.at for one in facts.marks]
    if known:
        yield _Held(LineState.UNCHECKED, min(known), None)
    heard = [one.heard_at for one in (*facts.ours, *facts.theirs) if one.heard_at is not None]
    if heard:
        yield _Held(LineState.HEALTHY, min(heard), None)
    yield from _seen(facts.sights)
    yield from _slept(facts, now)
    yield from (_Held(LineState.UNHEARD, from_, until) for _, from_, until in _missing(facts))
    plans = {mark.slot: mark for mark in facts.marks}
    for checks, mine in ((facts.ours, True), (facts.theirs, False)):
        heard_by = _earliest([one.heard_at for one in checks])
        answered_by = _earliest([one.answered_at for one in checks])
        for one, heard_at, answered_at in zip(checks, heard_by, answered_by, strict=True):
            plan = plans.get(one.slot) or (facts.marks[-1] if facts.marks else None)
            if plan is None:
                continue
            if mine:
                yield _Held(LineState.UNHEARD, one.at + timedelta(seconds=plan.deliver_within_s), heard_at)
            if one.heard_at is not None:
                late = max(one.heard_at, one.at) + timedelta(seconds=plan.answer_within_s)
                yield _Held(LineState.UNANSWERED, late, answered_at)


def _seen(sights: Sequence[Sight]) -> Iterator[_Held]:
    """What our node saw: each sight until the next. A later one does not change what an earlier one found."""
    since = EPOCH
    for one, after in zip(sights, (*sights[1:], None), strict=True):
        since = max(since, one.since)
        if one.alive_before is not None:
            yield _Held(LineState.NODE_DOWN, one.alive_before, one.at)
        if one.state in SEEN_AS:
            until = None if after is None else max(since, after.since if after.alive_before is None else after.at)
            yield _Held(SEEN_AS[one.state], since, until)


def _slept(facts: Facts, now: datetime) -> Iterator[_Held]:
    """Our own node marks every slot; where one is missing it slept, or did not speak, from its last word on."""
    words = [*(one.at for one in facts.sights), *(one.at for one in facts.marks), *_own_words(facts)]
    gone = [one.at for one in facts.sights if one.state == "gone"]
    for mark, after in zip(facts.marks, (*facts.marks[1:], None), strict=True):
        late = mark.ends_at + ALLOWANCE
        until = now if after is None else after.at
        if until <= late:
            continue
        if any(mark.at <= one <= until for one in gone):
            continue
        last = max((one for one in words if one <= late), default=mark.at)
        yield _Held(LineState.NODE_DOWN, last, None if after is None else until)


def _own_words(facts: Facts) -> Iterator[datetime]:
    """Other signs that our own node was alive."""
    for one in facts.sights:
        if one.alive_before is not None:
            yield one.alive_before
    for one in facts.ours:
        yield one.at
    for one in facts.theirs:
        if one.heard_at is not None:
            yield one.heard_at


def _missing(facts: Facts) -> Iterator[tuple[Mark, datetime, datetime | None]]:
    """Slots of theirs; from when their check is missed in each, and until when."""
    came = [(one.slot, one.heard_at) for one in facts.theirs if one.heard_at is not None]
    heard = [(one.slot, one.heard_at) for one in facts.ours if one.heard_at is not None]
    late = _as_a_rule(facts)
    given_up = _given_up(facts.marks)
    for mark, over in zip(facts.marks, given_up, strict=True):
        if mark.ours:
            continue
        from_ = mark.begins_at + timedelta(seconds=mark.deliver_within_s) + ALLOWANCE + late
        settled = [at for slot, at in heard if slot > mark.slot and at >= mark.at]
        # Slots of another plan have other numbers: only one that came about then is a later one.
        about = mark.begins_at - CLOCKS_APART
        settled += [at for slot, at in came if slot == mark.slot or (slot > mark.slot and at >= about)]
        settled += [at for _, at in (*heard, *came) if over is not None and at >= over]
        until = min(settled, default=None)
        if until is None or until > from_:
            yield mark, from_, until


def _given_up(marks: Sequence[Mark]) -> Sequence[datetime | None]:
    """For each slot the moment from which our node kept another period than its; None while it keeps it."""
    found: list[datetime | None] = []
    for mark, after in zip(reversed(marks), (None, *reversed(marks[1:])), strict=True):
        same = after is None or after.every_s == mark.every_s
        found.append(None if after is None else found[-1] if same else after.at)
    return found[::-1]


def _as_a_rule(facts: Facts) -> timedelta:
    """How much later than their slots begin here their checks come at least."""
    begins = {mark.slot: EPOCH + timedelta(seconds=mark.slot * mark.every_s) for mark in facts.marks}
    came = [one.heard_at - begins[one.slot] for one in facts.theirs if one.heard_at is not None and one.slot in begins]
    return min(max(min(came[-LEARNED_FROM:], default=timedelta(0)), timedelta(0)), CLOCKS_APART)


def _earliest(times: Sequence[datetime | None]) -> Sequence[datetime | None]:
    """For each the earliest of itself and all later ones: what comes of a check settles those before it."""
    found: list[datetime | None] = []
    for at in reversed(times):
        before = found[-1] if found else None
        found.append(at if before is None else before if at is None else min(at, before))
    return found[::-1]


def _swept(held: Sequence[_Held], now: datetime) -> Iterator[LineSpan]:
    """From one moment at which a reason begins or ends to the next, the worst that holds; equal neighbours joined."""
    turns: list[tuple[datetime, LineState, int]] = []
    for one in held:
        if one.until is None or one.until > one.since:
            turns.append((one.since, one.state, 1))
            if one.until is not None and one.until <= now:
                turns.append((one.until, one.state, -1))
    turns.sort(key=lambda turn: turn[0])
    holding: Counter[LineState] = Counter()
    state: LineState | None = None
    since = EPOCH
    for place, (at, of, by) in enumerate(turns):
        holding[of] += by
        if place + 1 < len(turns) and turns[place + 1][0] == at:
            continue
        worst = next((one for one in WORST_FIRST if holding[one]), None)
        if worst is not state:
            if state is not None:
                yield LineSpan(state, since, at)
            state, since = worst, at
    if state is not None:
        yield LineSpan(state, since, None)
