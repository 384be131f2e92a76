"""How an urgent message climbs our duty list: what is kept of it, the judgement, and how far each has come.

A message climbs from the moment our node took it in, by our own clock. The next to be called is always the first step
of the list in force that was not called yet for this message, so a changed list applies to what is still open, and no
step is called twice. It ends with an officer's acknowledgement, or when the message is taken back.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Column, Index, Integer, MetaData, Row, Select, Table, Text, bindparam, func, select

from laurel.core.instrument import Fold, Kept, Rows, View
from laurel.core.instrument import Meet as Rule
from laurel.core.record import Precedence, Record, as_text
from laurel.core.tables import said_columns, said_row
from laurel.instruments.hotline.board_types import DutyList
from laurel.instruments.hotline.records import (
    ACKNOWLEDGED,
    DELIVERED,
    DUTY_LIST_PUT,
    ESCALATED,
    MESSAGE,
    NOTIFIED,
    Acknowledged,
    Delivered,
    DutyListPut,
    ErrandOutcome,
    Escalated,
    Message,
    Notified,
    Step,
)

URGENT = Precedence.IMMEDIATE
DEFAULT = (Step(60, "watch officer"),)
"""What holds until a list was put: the screen and the sound call once more, nobody else does."""
OPEN_FOR = timedelta(days=7)
"""What came so much longer before the last urgent message climbs no more: the list was called, ten years of it are not
looked through at every commit."""
MOST_OPEN = 500
"""So many messages climb at once, those that came last: a flood must not stop the node."""

_metadata = MetaData()


def _table(name: str, found_by: str, *more: Column[Any] | Index) -> Kept:
    """What one kind says of another record, found by it."""
    found = (Column(found_by, Text, nullable=False), Index(f"{name}_{found_by}", found_by))
    return Kept(Table(name, _metadata, *said_columns(), *found, *more), Rule.ONCE)


lists = Kept(
    Table(
        "hotline_duty_list",
        _metadata,
        *said_columns(),
        Column("steps", Text, nullable=False),
        Column("translate_into", Text, nullable=False),
    ),
    Rule.ONCE,
)
urgent = Kept(
    Table("hotline_duty_urgent", _metadata, *said_columns(), Column("conversation", Text), Column("subject", Text)),
    Rule.ONCE,
)
delivered = _table("hotline_duty_delivered", "message", Index("hotline_duty_delivered_at", "by_member", "at"))
acknowledged = _table("hotline_duty_acknowledged", "message")
escalated = _table(
    "hotline_duty_escalated",
    "subject",
    Column("step", Integer, nullable=False),
    Column("office", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("late_s", Integer, nullable=False),
)
notified = _table(
    "hotline_duty_notified",
    "escalation",
    Column("by", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("why", Text, nullable=False),
)
TABLES = (lists, urgent, delivered, acknowledged, escalated, notified)


def _ours(record: Record[Any]) -> bool:
    """Whether it was said to nobody but its own house: a peer's word counts for nothing here."""
    return record.label.rel_to == (record.origin,)


def fold_list(record_id: str, record: Record[DutyListPut]) -> Rows:
    """One row for each list of our own."""
    row = {
        **said_row(record_id, record),
        "steps": _text(record.body.steps),
        "translate_into": _text(record.body.translate_into),
    }
    return ((lists, row),) if _ours(record) else ()


def fold_message(record_id: str, record: Record[Message]) -> Rows:
    """One row for each message that climbs at those it is said to."""
    body = record.body
    row = {**said_row(record_id, record), "subject": body.subject, "conversation": body.conversation}
    return ((urgent, row),) if record.precedence >= URGENT else ()


def fold_of_message(kept: Kept, record_id: str, record: Record[Delivered] | Record[Acknowledged]) -> Rows:
    """One row for each receipt or acknowledgement of an urgent message: they have its precedence."""
    row = {**said_row(record_id, record), "message": record.body.message}
    return ((kept, row),) if record.precedence >= URGENT else ()


def fold_escalated(record_id: str, record: Record[Escalated]) -> Rows:
    """One row for each call of our own."""
    row = {**said_row(record_id, record), **msgspec.structs.asdict(record.body), "by": _text(record.body.by)}
    return ((escalated, row),) if _ours(record) else ()


def fold_notified(record_id: str, record: Record[Notified]) -> Rows:
    """One row for what came of each errand."""
    row = {**said_row(record_id, record), **msgspec.structs.asdict(record.body)}
    return ((notified, {**row, "outcome": record.body.outcome.value}),) if _ours(record) else ()


FOLDS: Mapping[str, Fold] = {
    DUTY_LIST_PUT.name: fold_list,
    MESSAGE.name: fold_message,
    DELIVERED.name: partial(fold_of_message, delivered),
    ACKNOWLEDGED.name: partial(fold_of_message, acknowledged),
    ESCALATED.name: fold_escalated,
    NOTIFIED.name: fold_notified,
}


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


# Judged


@dataclass(frozen=True)
class Next:
    """The step of the list that is called next, and when."""

    step: int
    office: str
    by: tuple[str, ...]
    at: datetime


def judge(steps: Sequence[Step], taken_in: datetime, called: Iterable[tuple[str, tuple[str, ...]]]) -> Next | None:
    """The first step that was not called yet; None once all were. `called` are offices and by what they were called.

    An office that stands in the list twice is called twice.
    """
    spent = Counter(called)
    for number, step in enumerate(steps):
        if spent[step.office, step.by] > 0:
            spent[step.office, step.by] -= 1
        else:
            return Next(number, step.office, step.by, taken_in + timedelta(seconds=step.after_s))
    return None


@dataclass(frozen=True)
class Called:
    """A call that was made, and what is known of its notifiers: those that failed, and why."""

    id: str
    office: str
    by: tuple[str, ...]
    late_s: int
    tried: Mapping[str, str]
    """By each notifier that was tried: why it failed, empty where it did not."""


@dataclass(frozen=True)
class Climb:
    """Whom we called for a message so far, who is next, and which notifiers failed: `pager: why`."""

    called: tuple[str, ...] = ()
    next_office: str | None = None
    next_at: datetime | None = None
    failed: tuple[str, ...] = ()


_L, _U, _D, _A, _E, _N = (kept.table.c for kept in TABLES)
_LIST = select(lists.table).where(_L.by_member == bindparam("us")).order_by(_L.number.desc()).limit(1)
_TAKEN_IN = (
    select(_U.id, _U.by_member, _U.precedence, _U.subject, _U.conversation, _U.label, _D.at.label("taken_in"))
    .join_from(urgent.table, delivered.table, (_D.message == _U.id) & (_D.by_member == bindparam("us")))
    .where(
        _D.at >= bindparam("since"),
        _U.by_member != bindparam("us"),
        ~select(_A.id).where(_A.message == _U.id, _A.by_member == bindparam("us")).exists(),
    )
    .order_by(_D.at.desc(), _D.number.desc(), _U.by_member, _U.number, _U.id)
)
_LAST = select(func.max(_D.at)).where(_D.by_member == bindparam("us"))
_OPEN = _TAKEN_IN.limit(MOST_OPEN)
_OPEN_OF = _TAKEN_IN.where(_U.id.in_(bindparam("of", expanding=True)))
_CALLED = select(escalated.table).where(_E.subject.in_(bindparam("of", expanding=True))).order_by(_E.number)
_TRIED = select(notified.table).where(_N.escalation.in_(bindparam("of", expanding=True))).order_by(_N.number)


def duty_list(view: View) -> tuple[str, DutyList]:
    """The list in force, and what it is called by."""
    for row in view.rows(_LIST, us=view.member):
        steps = msgspec.json.decode(row.steps, type=tuple[Step, ...])
        languages = msgspec.json.decode(row.translate_into, type=tuple[str, ...])
        return row.id, DutyList(steps, languages, row.author, datetime.fromisoformat(row.at))
    return "default", DutyList(DEFAULT, (), None, None)


def open_now(view: View) -> list[Row[Any]]:
    """The urgent messages of others that nobody of ours has acknowledged, each once, the last to come in first."""
    return _each_once(view, _OPEN)


def open_among(view: View, messages: Sequence[str]) -> list[Row[Any]]:
    """Those of these messages that are still open."""
    return _each_once(view, _OPEN_OF, of=list(messages))


def _each_once(view: View, statement: Select[*tuple[Any, ...]], **values: Any) -> list[Row[Any]]:
    """Where our node said twice that it took something in, the first word counts: it comes last."""
    last = view.rows(_LAST, us=view.member)[0][0]
    if last is None:
        return []
    since = as_text(datetime.fromisoformat(last) - OPEN_FOR)
    return list({row.id: row for row in view.rows(statement, us=view.member, since=since, **values)}.values())


def calls_of(view: View, messages: Sequence[str]) -> Mapping[str, list[Called]]:
    """What was called for each of these, in order."""
    rows = view.rows(_CALLED, of=list(messages))
    tried: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for row in view.rows(_TRIED, of=[row.id for row in rows]):
        failed = row.outcome != ErrandOutcome.DONE.value
        tried[row.escalation][row.by] = (row.why or "no reason was given") if failed else ""
    calls: defaultdict[str, list[Called]] = defaultdict(list)
    for row in rows:
        by = msgspec.json.decode(row.by, type=tuple[str, ...])
        calls[row.subject].append(Called(row.id, row.office, by, row.late_s, tried[row.id]))
    return calls


def next_of(duty: DutyList, row: Row[Any], calls: Sequence[Called]) -> Next | None:
    """Who is called next for an open message; None once everybody was."""
    return judge(duty.steps, datetime.fromisoformat(row.taken_in), [(one.office, one.by) for one in calls])


def climbs(view: View, messages: Sequence[str]) -> Mapping[str, Climb]:
    """How far each of these climbed. What does not climb, or does so no more, has nobody next."""
    _, duty = duty_list(view)
    still = {row.id: row for row in open_among(view, messages)}
    calls = calls_of(view, messages)
    return {one: _climb(duty, still.get(one), calls.get(one, ())) for one in messages}


def _climb(duty: DutyList, row: Row[Any] | None, calls: Sequence[Called]) -> Climb:
    coming = None if row is None else next_of(duty, row, calls)
    return Climb(
        called=tuple(one.office for one in calls),
        next_office=coming and coming.office,
        next_at=coming and coming.at,
        failed=tuple(f"{name}: {why}" for one in calls for name, why in one.tried.items() if why),
    )
