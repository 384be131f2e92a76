"""When the audit is to be anchored in the log, and with what."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection, bindparam

from laurel.instruments.office.anchors import AnchorAsk, anchors
from laurel.node.keep import schema
from laurel.node.keep.reader import Reader

ANCHOR = "office/anchor-audit"
ANCHOR_EVERY = timedelta(hours=1)


def anchor_due(from_: Connection, now: datetime) -> AnchorAsk | None:
    """Where the chain stands, an hour or more of real time after it was last put on record, or began.

    None before that, and when nothing was added since but what the last anchor itself added.
    """
    last = from_.execute(_LAST).first()
    if last is None:
        return None
    before = next(iter(anchors(Reader(from_), 1)), None)
    begun = from_.execute(_AT, {"of": 1 if before is None else before.line}).scalar()
    if begun is not None and now - datetime.fromisoformat(begun) < ANCHOR_EVERY:
        return None
    if before is not None and from_.execute(_NEWS, {"after": before.line, "anchor": before.record}).first() is None:
        return None
    return AnchorAsk(last.line, last.chain)


_A = schema.audit.c
_LAST = sa.select(_A.line, _A.chain).order_by(_A.line.desc()).limit(1)
_AT = sa.select(_A.at).where(_A.line == bindparam("of"))
_NEWS = sa.select(_A.line).where(_A.line > bindparam("after"), _A.record != bindparam("anchor")).limit(1)
