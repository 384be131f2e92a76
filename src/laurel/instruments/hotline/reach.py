"""How far each message came at each member: delivered, shown, acknowledged, answered; and readbacks.

Each step is a record of the member it speaks of; nobody says of another how far a message came there. How far that is
follows from whatever of them is here, in whatever order it came: `judge`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Boolean, Column, Index, MetaData, Row, Table, bindparam, or_, select
from sqlalchemy import Text as TextColumn

from laurel.core.instrument import Fold, Kept, Meet, Noun, Rows, View
from laurel.core.record import Precedence, Record
from laurel.core.tables import label_of, said_columns, said_row
from laurel.instruments.hotline.board_types import Reach, Reached, ReadbackState
from laurel.instruments.hotline.climb import URGENT
from laurel.instruments.hotline.conversation import messages
from laurel.instruments.hotline.records import (
    ACKNOWLEDGED,
    DELIVERED,
    READBACK_JUDGED,
    SHOWN,
    Acknowledged,
    Delivered,
    ReadbackJudged,
    Shown,
)

LOOKED_AT = 200
"""Of each precedence, so many of the last messages are looked at for what waits for us."""

_metadata = MetaData()
receipts = Kept(
    Table(
        "hotline_receipt",
        _metadata,
        *said_columns(),
        Column("message", TextColumn, nullable=False),
        Column("reached", TextColumn, nullable=False),
        Column("office", TextColumn),
        Column("readback", TextColumn),
        Index("hotline_receipt_message", "message", "by_member", "reached"),
    ),
    Meet.ONCE,
)
judged = Kept(
    Table(
        "hotline_judged",
        _metadata,
        *said_columns(),
        Column("acknowledgement", TextColumn, nullable=False),
        Column("right", Boolean, nullable=False),
        Column("remark", TextColumn),
        Index("hotline_judged_acknowledgement", "acknowledgement"),
    ),
    Meet.ONCE,
)


def fold_delivered(record_id: str, record: Record[Delivered]) -> Rows:
    """One row for each receipt."""
    return _receipt(record_id, record, record.body.message, Reached.DELIVERED)


def fold_shown(record_id: str, record: Record[Shown]) -> Rows:
    """One row for each receipt."""
    return _receipt(record_id, record, record.body.message, Reached.SHOWN)


def fold_acknowledged(record_id: str, record: Record[Acknowledged]) -> Rows:
    """One row for each acknowledgement."""
    body = record.body
    return _receipt(record_id, record, body.message, Reached.ACKNOWLEDGED, body.office, body.readback)


def _receipt(
    record_id: str,
    record: Record[Any],
    message: str,
    reached: Reached,
    office: str | None = None,
    readback: str | None = None,
) -> Rows:
    row = {
        **said_row(record_id, record),
        "message": message,
        "reached": reached.value,
        "office": office,
        "readback": readback,
    }
    return ((receipts, row),)


def fold_judged(record_id: str, record: Record[ReadbackJudged]) -> Rows:
    """One row for each word on a readback."""
    body = record.body
    row = {
        **said_row(record_id, record),
        "acknowledgement": body.acknowledgement,
        "right": body.right,
        "remark": body.remark,
    }
    return ((judged, row),)


FOLDS: Mapping[str, Fold] = {
    DELIVERED.name: fold_delivered,
    SHOWN.name: fold_shown,
    ACKNOWLEDGED.name: fold_acknowledged,
    READBACK_JUDGED.name: fold_judged,
}


# Judged


@dataclass(frozen=True)
class Sent:
    """A message, as far as its receipts are concerned."""

    id: str
    by: str
    audience: tuple[str, ...]
    readback: bool


@dataclass(frozen=True)
class Step:
    """One member's word that a message came so far there."""

    id: str
    by: str
    at: datetime
    number: int
    reached: Reached
    office: str | None = None
    readback: str | None = None

    @property
    def order(self) -> tuple[datetime, int, str]:
        """One member's words in the order it said them, as far as it tells."""
        return self.at, self.number, self.id


@dataclass(frozen=True)
class Verdict:
    """A member's word on a readback."""

    id: str
    by: str
    at: datetime
    number: int
    acknowledgement: str
    right: bool

    @property
    def order(self) -> tuple[datetime, int, str]:
        """As that of steps."""
        return self.at, self.number, self.id


HIGHEST: Mapping[Reached, int] = {one: rank for rank, one in enumerate(Reached)}


def judge(sent: Sent, steps: Iterable[Step], verdicts: Iterable[Verdict]) -> tuple[Reach, ...]:
    """How far a message came at each member it was said to, by code. Pure: only what was said counts, not when it came.

    A step counts where its own member was told of the message; a verdict where who sent the message said it, and of
    several the last.
    """
    by_member: defaultdict[str, list[Step]] = defaultdict(list)
    for step in steps:
        by_member[step.by].append(step)
    said = sorted((one for one in verdicts if one.by == sent.by), key=lambda one: one.order)
    right = {one.acknowledgement: one.right for one in said}
    return tuple(_reach(sent, member, by_member[member], right) for member in sent.audience if member != sent.by)


def _reach(sent: Sent, member: str, steps: Sequence[Step], right: Mapping[str, bool]) -> Reach:
    highest = max((one.reached for one in steps), key=HIGHEST.__getitem__, default=Reached.SENT)
    since = min((one.at for one in steps if one.reached is highest), default=None)
    acknowledged = sorted((one for one in steps if one.reached is Reached.ACKNOWLEDGED), key=lambda one: one.order)
    stands, readback = _readback(sent, acknowledged, right)
    return Reach(
        member=member,
        reached=highest,
        since=since,
        office=stands and stands.office,
        readback=readback,
        readback_text=stands and stands.readback,
        acknowledgement=stands and stands.id,
    )


def _readback(
    sent: Sent, acknowledged: Sequence[Step], right: Mapping[str, bool]
) -> tuple[Step | None, ReadbackState | None]:
    """The acknowledgement that counts: one whose readback was right, else the last with one, else the first."""
    given = [one for one in acknowledged if one.readback is not None]
    if not given:
        return next(iter(acknowledged), None), ReadbackState.AWAITED if sent.readback else None
    found = next((one for one in given if right.get(one.id)), given[-1])
    verdict = right.get(found.id)
    if verdict is None:
        return found, ReadbackState.GIVEN
    return found, ReadbackState.RIGHT if verdict else ReadbackState.WRONG


def waits(reach: Reach, precedence: int) -> bool:
    """Whether that member still has to acknowledge the message, or to read it back, or to do so again.

    An answer does, unless the message is urgent: then an officer answers for it by his office.
    """
    if reach.readback in {ReadbackState.AWAITED, ReadbackState.WRONG}:
        return True
    return reach.acknowledgement is None and (precedence >= URGENT or reach.reached is not Reached.ANSWERED)


# Read

_M, _R, _J = messages.table.c, receipts.table.c, judged.table.c
_RECEIPTS = select(receipts.table).where(_R.message.in_(bindparam("of", expanding=True)))
_ANSWERS = select(_M.id, _M.by_member, _M.at, _M.number, _M.answers).where(
    _M.answers.in_(bindparam("of", expanding=True))
)
_VERDICTS = (
    select(judged.table, _R.message)
    .join_from(receipts.table, judged.table, _J.acknowledgement == _R.id)
    .where(_R.message.in_(bindparam("of", expanding=True)))
)
SENT = select(_M.id, _M.by_member, _M.label, _M.readback).where(_M.id.in_(bindparam("of", expanding=True)))


def reach_of(view: View, ids: Sequence[str]) -> dict[str, tuple[Reach, ...]]:
    """How far each of these messages came at each member."""
    of = {"of": list(ids)}
    steps = _grouped(_steps(view, of), lambda one: one[0])
    verdicts = _grouped(view.rows(_VERDICTS, **of), lambda row: row.message)
    found: dict[str, tuple[Reach, ...]] = {}
    for row in view.rows(SENT, **of):
        sent = Sent(row.id, row.by_member, label_of(row.label).rel_to, row.readback)
        words = [_verdict(one) for one in verdicts.get(row.id, ())]
        found[row.id] = judge(sent, [step for _, step in steps.get(row.id, ())], words)
    return found


Of = TypeVar("Of")


def _grouped(rows: Iterable[Of], key: Callable[[Of], str]) -> Mapping[str, list[Of]]:
    found: defaultdict[str, list[Of]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found


def _steps(view: View, of: Mapping[str, Any]) -> list[tuple[str, Step]]:
    said = view.rows(_RECEIPTS, **of)
    steps = [(row.message, _step(row, Reached(row.reached), row.office, row.readback)) for row in said]
    return steps + [(row.answers, _step(row, Reached.ANSWERED)) for row in view.rows(_ANSWERS, **of)]


def _step(row: Row[Any], reached: Reached, office: str | None = None, readback: str | None = None) -> Step:
    return Step(row.id, row.by_member, datetime.fromisoformat(row.at), row.number, reached, office, readback)


def _verdict(row: Row[Any]) -> Verdict:
    at = datetime.fromisoformat(row.at)
    return Verdict(row.id, row.by_member, at, row.number, row.acknowledgement, row.right)


@dataclass(frozen=True)
class Waiting:
    """A message of another that waits for an officer of ours: to acknowledge it, or to read it back right."""

    id: str
    conversation: str
    by: str
    at: datetime
    precedence: Precedence
    again: bool


_LAST = (
    select(_M.id, _M.conversation, _M.by_member, _M.at, _M.precedence, _M.readback)
    .where(_M.precedence == bindparam("precedence"))
    .order_by(_M.at.desc(), _M.id.desc())
    .limit(LOOKED_AT)
    .subquery("looked_at")
)
_THEIRS = select(_LAST).where(_LAST.c.by_member != bindparam("us"))
_OURS = select(_R.id).where(
    _R.message == _LAST.c.id, _R.by_member == bindparam("us"), _R.reached == Reached.ACKNOWLEDGED.value
)
_ANSWERED = select(_M.id).where(_M.answers == _LAST.c.id, _M.by_member == bindparam("us"))
_UNHEARD = _THEIRS.where(~_OURS.exists(), or_(_LAST.c.readback, _LAST.c.precedence >= int(URGENT), ~_ANSWERED.exists()))
_READ_BACK = _THEIRS.where(_OURS.exists(), or_(_LAST.c.readback, _OURS.where(_R.readback.is_not(None)).exists()))


def waiting(view: View, precedences: Sequence[Precedence] = tuple(Precedence)) -> list[Waiting]:
    """What waits for us, the most urgent and then the oldest first.

    Of each precedence the last `LOOKED_AT` messages are looked at, so it costs as much after ten years.
    """
    found: list[Waiting] = []
    for precedence in sorted(precedences, reverse=True):
        key = {"precedence": int(precedence), "us": view.member}
        unheard = [(row, False) for row in view.rows(_UNHEARD, **key)]
        again = [(row, True) for row in _misread(view, view.rows(_READ_BACK, **key))]
        rows = sorted((*unheard, *again), key=lambda one: (one[0].at, one[0].id))
        found += [
            Waiting(row.id, row.conversation, row.by_member, datetime.fromisoformat(row.at), precedence, wrong)
            for row, wrong in rows
        ]
    return found


def _misread(view: View, rows: Sequence[Row[Any]]) -> list[Row[Any]]:
    """Those that we acknowledged, but read back wrong or not at all."""
    reach = reach_of(view, [row.id for row in rows]) if rows else {}
    return [
        row
        for row in rows
        if any(one.member == view.member and waits(one, row.precedence) for one in reach.get(row.id, ()))
    ]


NOUN = Noun(tables=(receipts, judged), folds=FOLDS)
