"""Line checks between every pair: when they are due, how a node answers them, and an officer.

Our node's clock marks each slot; the two of a pair take turns. What is said follows from the mark: a check, if it is
our turn. The other's node says at once that it has it; an officer there answers with the counterword of the text. How
long both took is measured by the checker's own clock alone. Nothing of this happens in an exercise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, NamedTuple

from msgspec import Meta, Struct
from sqlalchemy import and_, bindparam, or_, select

from laurel.core.errors import BadAsk, BadField, Nothing
from laurel.core.fields import Code, Line, Name, RecordId
from laurel.core.instrument import Command, Desk, Due, NoAsk, Noun, Role, View
from laurel.core.label import Classification, Label, label
from laurel.core.record import Draft, Precedence, Record
from laurel.instruments.hotline.check_said import (
    FOLDS,
    SHORTEST_S,
    TABLES,
    URGENCY,
    answered,
    checks,
    latest,
    lines,
    marked,
    measured,
    plans,
)
from laurel.instruments.hotline.check_texts import is_counterword, number_for, text_of
from laurel.instruments.hotline.records import (
    CHECK_ANSWERED,
    CHECK_HEARD,
    CHECK_PLAN,
    CHECK_ROUND,
    LINE_CHECK,
    CheckAnswered,
    CheckHeard,
    CheckMeasured,
    CheckPlan,
    CheckRound,
    LineCheck,
)
from laurel.instruments.line.records import LINK_CHANGED
from laurel.instruments.office.records import ours

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_S = 30 * 86_400
OFFICERS = frozenset({Role.WATCH_OFFICER, Role.PRINCIPAL})
PLANNERS = frozenset({Role.WATCH_OFFICER, Role.ADMINISTRATOR})
GONE = "gone"

_P, _M, _C = plans.table.c, marked.table.c, checks.table.c
_PLAN = (
    select(_P.every_s, _P.deliver_within_s, _P.answer_within_s, _P.at, _P.by_member)
    .where(
        or_(
            and_(_P.by_member == bindparam("one"), _P.other == bindparam("two")),
            and_(_P.by_member == bindparam("two"), _P.other == bindparam("one")),
        )
    )
    .order_by(_P.at.desc(), _P.id.desc())
    .limit(1)
)
_LINES = select(lines.table.c.peer).where(lines.table.c.state != GONE).order_by(lines.table.c.peer)
_MARKED = (
    select(_M.id)
    .where(_M.peer == bindparam("of"), _M.every_s == bindparam("every_s"), _M.slot == bindparam("at_slot"))
    .limit(1)
)
_LATEST = select(latest.table.c.every_s, latest.table.c.slot).order_by(latest.table.c.every_s)
_CHECK = select(checks.table).where(_C.id == bindparam("of"))
_ANSWERED = select(answered.table.c.id).where(
    answered.table.c.check_id == bindparam("of"), answered.table.c.by_member == bindparam("by")
)
_HEARD_MEASURED = select(measured.table.c.id).where(
    measured.table.c.check_id == bindparam("of"), measured.table.c.heard_after_s.is_not(None)
)
_ANSWER_MEASURED = select(measured.table.c.id).where(
    measured.table.c.check_id == bindparam("of"), measured.table.c.answered_after_s.is_not(None)
)


class Plan(NamedTuple):
    """How often a line is checked, and within what time what must happen."""

    every_s: int
    deliver_within_s: int
    answer_within_s: int

    def slot(self, now: datetime) -> int:
        """The slot that `now` lies in."""
        return (now - EPOCH) // timedelta(seconds=self.every_s)


HOURLY = Plan(3_600, 60, 600)


class NotInAnExercise(BadAsk):
    """An exercise must not make anybody answer the telephone for real."""

    says = "lines are checked in the live world alone"
    remedy = "ask the live world of the compact"


class WrongCounterword(BadAsk):
    """Who has not read the text does not answer it."""

    says = "that is not the counterword of this check's text"
    remedy = "read the text of the check again: it ends with its counterword; any of its languages will do"


class TextUnknown(BadAsk):
    """The checker has more texts than we do."""

    says = "this node does not have the text of this check"
    remedy = "upgrade this node; until then, tell the other member's officers by message that the check came"


class AnsweredBefore(BadAsk):
    """Once is enough."""

    says = "an officer of this member has answered this check already"
    remedy = "nothing to do: see laurel hotline lines"


class LaterPlan(BadAsk):
    """The plan said last holds, by the time it says: ours would count for nothing."""

    says = "the plan in force claims to be said later than now"
    remedy = "one of the two clocks is wrong: compare them with that member; plan again once that time is past"


class PlanChecks(Struct, frozen=True, forbid_unknown_fields=True):
    """Check the line to that member every so many seconds, from the next slot on. Holds for both sides."""

    member: Code
    every_s: Annotated[int, Meta(ge=SHORTEST_S, le=LONGEST_S)]
    deliver_within_s: Annotated[int, Meta(ge=1, le=LONGEST_S)] = HOURLY.deliver_within_s
    answer_within_s: Annotated[int, Meta(ge=1, le=LONGEST_S)] = HOURLY.answer_within_s


class AnswerCheck(Struct, frozen=True, forbid_unknown_fields=True):
    """Answer a check for an office, with the counterword that stands in its text."""

    check: RecordId
    office: Name
    counterword: Line


def plan_checks(ask: PlanChecks, view: View, desk: Desk) -> Sequence[Draft]:
    """To the other of the line. Raises NotInAnExercise, BadField, LaterPlan."""
    if desk.world.exercise is not None:
        raise NotInAnExercise(world=desk.world.name)
    if ask.member == desk.member or ask.member not in desk.members:
        others = ", ".join(one for one in desk.members if one != desk.member)
        raise BadField(field="member", value=ask.member, must_be=f"another member in standing: {others}")
    if ask.deliver_within_s > ask.answer_within_s:
        raise BadField(field="answer_within_s", value=ask.answer_within_s, must_be="no less than deliver_within_s")
    for row in view.rows(_PLAN, one=desk.member, two=ask.member):
        if datetime.fromisoformat(row.at) > desk.now:
            raise LaterPlan(said_by=row.by_member, said_at=row.at, now=desk.now.isoformat())
    plan = CheckPlan(ask.every_s, ask.deliver_within_s, ask.answer_within_s)
    return (Draft(plan, _both(desk.member, ask.member), URGENCY),)


def answer_check(ask: AnswerCheck, view: View, desk: Desk) -> Sequence[Draft]:
    """To who checked. Raises Nothing, AnsweredBefore, TextUnknown, WrongCounterword, BadField."""
    found = next(iter(view.rows(_CHECK, of=ask.check)), None)
    if found is None or found.other != desk.member:
        raise Nothing(check=ask.check)
    if found.by_member not in desk.members:
        raise BadField(field="check", value=ask.check, must_be=f"of a member in standing; {found.by_member} is none")
    if view.rows(_ANSWERED, of=ask.check, by=desk.member):
        raise AnsweredBefore(check=ask.check)
    if text_of(found.text) is None:
        raise TextUnknown(check=ask.check, text=found.text)
    if not is_counterword(found.text, ask.counterword):
        raise WrongCounterword(check=ask.check, you_gave=ask.counterword)
    said = CheckAnswered(ask.check, ask.office, ask.counterword)
    return (Draft(said, _both(desk.member, found.by_member), Precedence(found.precedence), answers=ask.check),)


# What the clock asks for


def mark_slots(ask: NoAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """For each plan that is kept to, the slot of now, unless it is marked: whom of our peers it concerns."""
    del ask
    return tuple(_rounds(view, desk))


def due(view: View) -> Sequence[Due]:
    """The slot after the last that was marked, of each period; the first of all at once."""
    found = [
        Due(EPOCH + timedelta(seconds=row.every_s * (row.slot + 1)), f"checks:{row.every_s}:{row.slot + 1}", *_MARK)
        for row in view.rows(_LATEST)
    ]
    return found or (Due(EPOCH, "checks:first", *_MARK),)


_MARK = ("mark-slots", NoAsk())


def _rounds(view: View, desk: Desk) -> Iterator[Draft]:
    if desk.world.exercise is not None or desk.member not in desk.members:
        return
    usual = usual_plan(desk)
    kept: defaultdict[Plan, list[str]] = defaultdict(list, {usual: []})
    for row in view.rows(_LINES):
        if row.peer in desk.members and row.peer != desk.member:
            kept[_plan(view, desk, row.peer) or usual].append(row.peer)
    latest_slots = {row.every_s: row.slot for row in view.rows(_LATEST)}
    for plan, peers in sorted(kept.items()):
        slot = plan.slot(desk.now)
        new = [one for one in peers if not view.rows(_MARKED, of=one, every_s=plan.every_s, at_slot=slot)]
        # The usual period is marked with nobody in it too: from it our node learns of whom it has a line to since.
        if new or (plan == usual and latest_slots.get(plan.every_s, -1) < slot):
            yield Draft(CheckRound(slot, tuple(sorted(new)), *plan), _home(desk.member))


def _plan(view: View, desk: Desk, peer: str) -> Plan | None:
    for row in view.rows(_PLAN, one=desk.member, two=peer):
        return Plan(row.every_s, row.deliver_within_s, row.answer_within_s)
    return None


def usual_plan(desk: Desk) -> Plan:
    """What the compact says of line checks, hourly where it says nothing."""
    said = desk.charter.get("hotline", {})
    return Plan(
        max(int(said.get("check_every_s", HOURLY.every_s)), SHORTEST_S),
        max(int(said.get("deliver_within_s", HOURLY.deliver_within_s)), 1),
        max(int(said.get("answer_within_s", HOURLY.answer_within_s)), 1),
    )


def checks_in(slot: int, one: str, other: str) -> str:
    """Who of the two checks in that slot."""
    return min(one, other) if slot % 2 == 0 else max(one, other)


# What follows


def on_news(record_id: str, record: Record[Any], view: View, desk: Desk) -> Sequence[Draft]:
    """There is a line where there was none, or another plan: its slot begins at once."""
    del record_id, record
    return tuple(_rounds(view, desk))


def on_round(record_id: str, record: Record[CheckRound], view: View, desk: Desk) -> Sequence[Draft]:
    """A check to each peer whom it is our turn to check."""
    del view
    if record.origin != desk.member or not ours(record):
        return ()
    slot = record.body.slot
    return [
        Draft(LineCheck(slot, number_for(slot)), _both(desk.member, peer), URGENCY, about=(record_id,))
        for peer in sorted(set(record.body.peers) & set(desk.members))
        if checks_in(slot, desk.member, peer) == desk.member
    ]


def on_check(record_id: str, record: Record[LineCheck], view: View, desk: Desk) -> Sequence[Draft]:
    """Our node has it."""
    del view
    if not _speaks_to(record, desk):
        return ()
    return (Draft(CheckHeard(record_id), _both(desk.member, record.origin), record.precedence, answers=record_id),)


def on_heard(record_id: str, record: Record[CheckHeard], view: View, desk: Desk) -> Sequence[Draft]:
    """How long that took, by our clock. Only the first word counts, of the one who was checked."""
    after_s = _after_s(record.body.check, record, view, desk)
    if after_s is None or view.rows(_HEARD_MEASURED, of=record.body.check):
        return ()
    said = CheckMeasured(record.body.check, record.origin, heard_after_s=after_s)
    return (Draft(said, _home(desk.member), about=(record_id,)),)


def on_answered(record_id: str, record: Record[CheckAnswered], view: View, desk: Desk) -> Sequence[Draft]:
    """How long that took, by our clock. A wrong counterword is no answer."""
    body = record.body
    after_s = _after_s(body.check, record, view, desk)
    if after_s is None or view.rows(_ANSWER_MEASURED, of=body.check):
        return ()
    found = view.rows(_CHECK, of=body.check)
    if not is_counterword(found[0].text, body.counterword):
        return ()
    said = CheckMeasured(body.check, record.origin, answered_after_s=after_s)
    return (Draft(said, _home(desk.member), about=(record_id,)),)


def _after_s(check: str, record: Record[Any], view: View, desk: Desk) -> float | None:
    """Seconds since we said this check to who speaks of it; None if it is no check of ours to it."""
    found = next(iter(view.rows(_CHECK, of=check)), None)
    if found is None or (found.by_member, found.other) != (desk.member, record.origin):
        return None
    return max(round((desk.now - datetime.fromisoformat(found.at)).total_seconds(), 6), 0.0)


def _speaks_to(record: Record[Any], desk: Desk) -> bool:
    """Whether this is between another member in standing and us alone, in the live world."""
    both = tuple(sorted({desk.member, record.origin}))
    live = desk.world.exercise is None
    return live and record.origin in {*desk.members} - {desk.member} and record.label.rel_to == both


def _home(member: str) -> Label:
    return label(Classification.RESTRICTED, {member})


def _both(one: str, other: str) -> Label:
    return label(Classification.RESTRICTED, {one, other})


COMMANDS: tuple[Command[Any], ...] = (
    Command("plan-checks", PlanChecks, plan_checks, PLANNERS),
    Command("answer-check", AnswerCheck, answer_check, OFFICERS),
    Command("mark-slots", NoAsk, mark_slots, frozenset({Role.NODE})),
)
REACTIONS = {
    LINK_CHANGED.name: on_news,
    CHECK_PLAN.name: on_news,
    CHECK_ROUND.name: on_round,
    LINE_CHECK.name: on_check,
    CHECK_HEARD.name: on_heard,
    CHECK_ANSWERED.name: on_answered,
}
NOUN = Noun(tables=TABLES, folds=FOLDS, commands=COMMANDS, reactions=REACTIONS, due=due)
