"""How the line to every other member is: its state and since when, its history, its checks, what waits for us."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import Row, bindparam, func, select

from laurel.core.instrument import Item, NoAsk, Noun, Query, View
from laurel.core.label import Classification, label
from laurel.core.record import as_text
from laurel.core.tables import label_of
from laurel.instruments.hotline.board_types import CheckRow, LineRow, Lines, LineSpan, LineState
from laurel.instruments.hotline.check_said import answered, checks, heard, lines, links, marked, measured
from laurel.instruments.hotline.check_texts import text_of
from laurel.instruments.hotline.checks import GONE, HOURLY, OFFICERS, checks_in
from laurel.instruments.hotline.line_judge import ALARMS, Check, Facts, Mark, Sight, judge, missed

LOOKED_BACK = 48
"""So many slots, and changes of the path, are looked at: two days of hourly checks."""
SPANS_SHOWN = 50
CHECKS_SHOWN = 20
DAY = timedelta(days=1)

_M, _L, _C, _H, _A, _T = (one.table.c for one in (marked, links, checks, heard, answered, measured))
_LINES = select(lines.table.c.peer, lines.table.c.via).where(lines.table.c.state != GONE).order_by(lines.table.c.peer)
_MARKS = select(marked.table).where(_M.peer == bindparam("of")).order_by(_M.number.desc(), _M.id).limit(LOOKED_BACK)
_SIGHTS = select(links.table).where(_L.peer == bindparam("of")).order_by(_L.number.desc(), _L.id).limit(LOOKED_BACK)
_BETWEEN = (
    select(checks.table)
    .where(_C.by_member == bindparam("by"), _C.other == bindparam("to"))
    .order_by(_C.number.desc(), _C.id)
    .limit(LOOKED_BACK)
)
_HEARD = select(_H.check_id, _H.at).where(
    _H.check_id.in_(bindparam("checks", expanding=True)), _H.by_member == bindparam("by")
)
_ANSWERED = (
    select(_A.check_id, _A.at, _A.office)
    .where(_A.check_id.in_(bindparam("checks", expanding=True)), _A.by_member == bindparam("by"))
    .order_by(_A.number.desc(), _A.id.desc())
)
_MEASURED = select(_T.check_id, _T.heard_after_s, _T.answered_after_s).where(
    _T.check_id.in_(bindparam("checks", expanding=True))
)
_WORST = select(func.max(_T.heard_after_s)).where(_T.member == bindparam("of"), _T.at >= bindparam("since"))


@dataclass(frozen=True)
class _Held:
    """One check with what became of it. `came_at` is when our node had one of theirs, by our own clock."""

    row: Row[Any]
    came_at: datetime | None = None
    heard_after_s: float | None = None
    answered_after_s: float | None = None
    office: str | None = None

    @property
    def check(self) -> Check:
        """What the judge needs of it."""
        at = self.came_at or datetime.fromisoformat(self.row.at)
        return Check(
            self.row.slot, at, self.came_at or _later(at, self.heard_after_s), _later(at, self.answered_after_s)
        )


@dataclass(frozen=True)
class _Line:
    """The line to one member as this node holds it; checks and spans newest first."""

    peer: str
    facts: Facts
    ours: tuple[_Held, ...]
    theirs: tuple[_Held, ...]
    spans: tuple[LineSpan, ...]

    @property
    def waits(self) -> _Held | None:
        """The last check of theirs, if our node has it and no officer of ours has answered it."""
        last = next(iter(self.theirs), None)
        return None if last is None or last.came_at is None or last.answered_after_s is not None else last

    @property
    def now(self) -> LineSpan | None:
        """How it is."""
        return self.spans[0] if self.spans else None


def _line(view: View, peer: str, now: datetime) -> _Line:
    ours = tuple(_ours(view, peer))
    theirs = tuple(_theirs(view, peer))
    facts = Facts(
        sights=tuple(
            Sight(row.state, _time(row.since), _time(row.at), row.alive_before and _time(row.alive_before))
            for row in reversed(view.rows(_SIGHTS, of=peer))
        ),
        marks=tuple(
            Mark(
                slot=row.slot,
                at=_time(row.at),
                every_s=row.every_s,
                deliver_within_s=row.deliver_within_s,
                answer_within_s=row.answer_within_s,
                ours=checks_in(row.slot, view.member, peer) == view.member,
            )
            for row in reversed(view.rows(_MARKS, of=peer))
        ),
        ours=tuple(one.check for one in reversed(ours)),
        theirs=tuple(one.check for one in reversed(theirs)),
    )
    return _Line(peer, facts, ours, theirs, judge(facts, now)[::-1])


def _ours(view: View, peer: str) -> Iterator[_Held]:
    """Our checks, as our own clock measured what became of them, newest first."""
    rows = view.rows(_BETWEEN, by=view.member, to=peer)
    ids = [row.id for row in rows]
    heard_after_s: dict[str, float] = {}
    answered_after_s: dict[str, float] = {}
    for row in view.rows(_MEASURED, checks=ids):
        for found, after_s in ((heard_after_s, row.heard_after_s), (answered_after_s, row.answered_after_s)):
            if after_s is not None:
                found[row.check_id] = min(after_s, found.get(row.check_id, after_s))
    offices = {row.check_id: row.office for row in view.rows(_ANSWERED, checks=ids, by=peer)}
    for row in rows:
        answer_s = answered_after_s.get(row.id)
        # A check that was answered was heard, whatever became of the node's own word of it.
        heard_s = heard_after_s.get(row.id, answer_s)
        yield _Held(row, None, heard_s, answer_s, None if answer_s is None else offices.get(row.id))


def _theirs(view: View, peer: str) -> Iterator[_Held]:
    """Their checks, from when our node had them, newest first."""
    rows = view.rows(_BETWEEN, by=peer, to=view.member)
    ids = [row.id for row in rows]
    came = {row.check_id: _time(row.at) for row in view.rows(_HEARD, checks=ids, by=view.member)}
    answers = {row.check_id: row for row in view.rows(_ANSWERED, checks=ids, by=view.member)}
    for row in rows:
        came_at, answer = came.get(row.id), answers.get(row.id)
        after_s = None if came_at is None or answer is None else (_time(answer.at) - came_at).total_seconds()
        yield _Held(row, came_at, None, after_s, None if answer is None else answer.office)


def answer_lines(ask: NoAsk, view: View, now: datetime) -> Lines:
    """The line to every other member: its state and since when, whether it alarms, its history and its checks."""
    del ask
    return Lines(now, tuple(_row(_line(view, row.peer, now), row.via, view, now) for row in view.rows(_LINES)))


def _row(line: _Line, via: str, view: View, now: datetime) -> LineRow:
    mark = line.facts.marks[-1] if line.facts.marks else None
    state = LineState.UNCHECKED if line.now is None else line.now.state
    worst = view.rows(_WORST, of=line.peer, since=as_text(now - DAY))
    return LineRow(
        member=line.peer,
        state=state,
        since=None if line.now is None else line.now.since,
        alarm=state in ALARMS,
        via=via,
        every_s=HOURLY.every_s if mark is None else mark.every_s,
        next_at=None if mark is None else mark.ends_at,
        worst_delay_s=worst[0][0],
        history=line.spans[:SPANS_SHOWN],
        checks=tuple(sorted(_checks(line, now), key=lambda one: (one.at, one.slot), reverse=True)[:CHECKS_SHOWN]),
    )


def _checks(line: _Line, now: datetime) -> Iterator[CheckRow]:
    for one in (*line.ours[:CHECKS_SHOWN], *line.theirs[:CHECKS_SHOWN]):
        text = text_of(one.row.text)
        yield CheckRow(
            id=one.row.id,
            slot=one.row.slot,
            by=one.row.by_member,
            at=_time(one.row.at),
            text=None if text is None else text.shown,
            heard_after_s=one.heard_after_s,
            answered_after_s=one.answered_after_s,
            office=one.office,
            waits_for_us=one is line.waits,
        )
    for mark in missed(line.facts, now):
        yield CheckRow(None, mark.slot, line.peer, mark.begins_at, None, None, None, None, waits_for_us=False)


SAYS: Mapping[LineState, str] = {
    LineState.PATH_DOWN: "The path is down: its server cannot be reached from here, nor through another member.",
    LineState.NODE_DOWN: "A node is down: its server answers for a silent node, or our own node slept.",
    LineState.UNHEARD: "Path and node seem to work, but a check was not heard in time.",
    LineState.UNANSWERED: "A check was heard, but no officer answered it in time.",
}


def docket(view: View, now: datetime) -> Sequence[Item]:
    """One line for each line that alarms, and one for each check that waits for an officer of ours."""
    return [item for row in view.rows(_LINES) for item in _items(_line(view, row.peer, now), view)]


def _items(line: _Line, view: View) -> Iterator[Item]:
    offices = tuple(sorted(role.value for role in OFFICERS))
    if line.now is not None and line.now.state in ALARMS:
        yield Item(
            subject=f"line-{line.peer}",
            title=f"The line to {line.peer}: {line.now.state.value}",
            state=f"since {line.now.since:%d %b %H:%M:%S} UTC",
            due=None,
            offices=offices,
            label=label(Classification.RESTRICTED, {view.member}),
            summary=f"{SAYS[line.now.state]} Call {line.peer} by other means.",
        )
    waits, text = line.waits, line.waits and text_of(line.waits.row.text)
    if waits is not None and waits.came_at is not None:
        plans = {mark.slot: mark for mark in line.facts.marks}
        plan = plans.get(waits.row.slot) or (line.facts.marks[-1] if line.facts.marks else None)
        within_s = HOURLY.answer_within_s if plan is None else plan.answer_within_s
        yield Item(
            subject=waits.row.id,
            title=f"Line check of {line.peer} waits for an officer",
            state="waiting for us",
            due=waits.came_at + timedelta(seconds=within_s),
            offices=offices,
            label=label_of(waits.row.label),
            summary=text.shown if text else "This node does not have the text of this check: upgrade it.",
        )


def _later(at: datetime, after_s: float | None) -> datetime | None:
    return None if after_s is None else at + timedelta(seconds=after_s)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


class Waiting(Struct, frozen=True):
    """A check of another that no officer of ours has answered, and since when our node has it."""

    check: str
    member: str
    since: datetime


def waiting(view: View, now: datetime) -> tuple[Waiting, ...]:
    """The checks that wait for an officer of ours, the last of each other member."""
    found = [(_line(view, row.peer, now), row.peer) for row in view.rows(_LINES)]
    return tuple(
        Waiting(line.waits.row.id, peer, line.waits.came_at)
        for line, peer in found
        if line.waits is not None and line.waits.came_at is not None
    )


NOUN = Noun(queries=(Query("lines", NoAsk, Lines, answer_lines, live=True),), docket=docket)
