"""How soon a silence may end: after the slowest line can have brought the text, with time left to read it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Column, Float, Index, MetaData, Table, Text, bindparam, func, select

from laurel.core.errors import BadAsk
from laurel.core.instrument import Fold, Kept, Meet, Rows, View
from laurel.core.record import Record, as_text
from laurel.core.tables import said_columns, said_row
from laurel.instruments.hotline.records import CHECK_MEASURED, CheckMeasured

REMEMBERED = timedelta(days=7)
"""How far back a line's delay counts: what was slow last week may be slow today."""

_metadata = MetaData()
delays = Kept(
    Table(
        "consult_line_delay",
        _metadata,
        *said_columns(),
        Column("member", Text, nullable=False),
        Column("heard_after_s", Float, nullable=False),
        Index("consult_line_delay_at", "at"),
    ),
    Meet.ONCE,
)
TABLES = (delays,)

_D = delays.table.c
_WORST = (
    select(_D.member, func.max(_D.heard_after_s).label("worst_s"))
    .where(_D.at >= bindparam("since"), _D.by_member == bindparam("me"))
    .group_by(_D.member)
    .order_by(_D.member)
)


class TooSoon(BadAsk):
    """Silence of one who could not have read it is no assent."""

    says = "the deadline leaves too little time"
    remedy = "set it to `earliest` or later: the worst delay that our line checks measured, and the silence after it"


def worst_delays(view: View, now: datetime) -> Mapping[str, float]:
    """Seconds that our line checks of the last week took at most until they were heard, by member."""
    rows = view.rows(_WORST, since=as_text(now - REMEMBERED), me=view.member)
    return {row.member: row.worst_s for row in rows}


def check_deadline(view: View, asked: Collection[str], deadline: datetime, least_s: int, now: datetime) -> None:
    """Raises TooSoon when the deadline is not `least_s` and the worst delay of a line to those asked from now."""
    worst = {code: seconds for code, seconds in worst_delays(view, now).items() if code in asked}
    slowest = max(worst, key=lambda code: worst[code], default="")
    earliest = now + timedelta(seconds=least_s + worst.get(slowest, 0.0))
    if deadline < earliest:
        raise TooSoon(
            deadline=deadline.isoformat(),
            earliest=earliest.isoformat(),
            now=now.isoformat(),
            least_s=least_s,
            worst_delay_s=worst.get(slowest, 0.0),
            slowest=slowest or "no line was measured yet",
        )


def fold_measured(record_id: str, record: Record[CheckMeasured]) -> Rows:
    """How long a check of ours took until the other node had it."""
    seconds = record.body.heard_after_s
    if seconds is None or record.label.rel_to != (record.origin,):
        return ()
    return ((delays, {**said_row(record_id, record), "member": record.body.member, "heard_after_s": seconds}),)


FOLDS: Mapping[str, Fold] = {CHECK_MEASURED.name: fold_measured}
