"""What was said of standings, in tables, and what is in force by it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Column, Integer, MetaData, Table, Text, select

from laurel.core.instrument import Kept, Meet, Rows, View
from laurel.core.record import Precedence, Record, as_text
from laurel.core.roster import Standing
from laurel.instruments.line.agreement import Agreed, Facts, Proposal, Told, Vote, judge
from laurel.instruments.line.records import (
    STANDING_ASSENTED,
    STANDING_DECLINED,
    STANDING_PROPOSED,
    STANDINGS_TOLD,
    Held,
    StandingAssented,
    StandingDeclined,
    StandingProposed,
    StandingsTold,
)

STANDING_KINDS = frozenset(
    {STANDING_PROPOSED.name, STANDING_ASSENTED.name, STANDING_DECLINED.name, STANDINGS_TOLD.name}
)
"""The kinds after which who belongs may be another."""

_metadata = MetaData()


def _columns() -> list[Column[Any]]:
    return [
        Column("id", Text, primary_key=True),
        Column("at", Text, nullable=False),
        Column("by_member", Text, nullable=False),
        Column("author", Text, nullable=False),
    ]


proposed = Kept(
    Table(
        "line_standing_proposed",
        _metadata,
        *_columns(),
        Column("member", Text, nullable=False),
        Column("name", Text, nullable=False),
        Column("standing", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("card", Text),
        Column("after", Text),
        Column("turn", Integer, nullable=False),
        Column("asked", Text, nullable=False),
        Column("label", Text, nullable=False),
    ),
    Meet.ONCE,
)
voted = Kept(
    Table(
        "line_standing_voted",
        _metadata,
        *_columns(),
        # Empty where the vote is for nothing; `declined` says then what was declined.
        Column("proposal", Text, nullable=False),
        Column("declined", Text, nullable=False),
        Column("after", Text),
        Column("turn", Integer, nullable=False),
        Column("audience", Text, nullable=False),
        Column("number", Integer, nullable=False),
    ),
    Meet.ONCE,
)
told = Kept(
    Table(
        "line_standings_told",
        _metadata,
        *_columns(),
        Column("to_member", Text, nullable=False),
        Column("after", Text, nullable=False),
        Column("held", Text, nullable=False),
    ),
    Meet.ONCE,
)

TABLES = (proposed, voted, told)

PROPOSED = select(proposed.table).order_by(proposed.table.c.at, proposed.table.c.id)
VOTED = select(voted.table).order_by(voted.table.c.id)
TOLD = select(told.table).order_by(told.table.c.id)


def facts(view: View) -> Facts:
    """All that was said of standings."""
    proposals = {
        row.id: Proposal(
            id=row.id,
            by=row.by_member,
            member=row.member,
            name=row.name,
            standing=Standing(row.standing),
            reason=row.reason,
            card=row.card,
            after=row.after,
            turn=row.turn,
            asked=tuple(row.asked.split()),
        )
        for row in view.rows(PROPOSED)
    }
    votes = [
        Vote(row.by_member, row.proposal, row.after, row.turn, tuple(row.audience.split()), row.number)
        for row in view.rows(VOTED)
    ]
    heard = [
        Told(row.by_member, row.after, {one.code: one.standing for one in held}, {one.code: one.name for one in held})
        for row in view.rows(TOLD)
        for held in [msgspec.json.decode(row.held, type=tuple[Held, ...])]
    ]
    return Facts(proposals, votes, heard)


def in_force(view: View, founded: Mapping[str, Standing], me: str) -> Agreed:
    """Who is what by the records this node holds, from what the compact's file names on."""
    return judge(facts(view), founded, me)


# Folds. What was said in an exercise, or with another urgency than all votes have, changes nothing.


def _counts(record: Record[Any]) -> bool:
    return record.exercise is None and record.precedence is Precedence.IMMEDIATE


def _said(record_id: str, record: Record[Any]) -> dict[str, str]:
    at = as_text(record.at)
    return {"id": record_id, "at": at, "by_member": record.origin, "author": record.author}


def _vote(
    record_id: str, record: Record[Any], proposal: str, declined: str, after: str | None, turn: int
) -> dict[str, object]:
    return {
        **_said(record_id, record),
        "proposal": proposal,
        "declined": declined,
        "after": after,
        "turn": turn,
        "audience": " ".join(record.label.rel_to),
        "number": record.number,
    }


def fold_proposed(record_id: str, record: Record[StandingProposed]) -> Rows:
    """The proposal, and its proposer's vote for it."""
    if not _counts(record):
        return ()
    body = record.body
    row = {
        **_said(record_id, record),
        "member": body.member,
        "name": body.name,
        "standing": body.standing.value,
        "reason": body.reason,
        "card": body.card,
        "after": body.after,
        "turn": body.turn,
        "asked": " ".join(body.asked),
        "label": msgspec.json.encode(record.label).decode(),
    }
    return ((proposed, row), (voted, _vote(record_id, record, record_id, "", body.after, body.turn)))


def fold_assented(record_id: str, record: Record[StandingAssented]) -> Rows:
    """A vote for it."""
    body = record.body
    return ((voted, _vote(record_id, record, body.proposal, "", body.after, body.turn)),) if _counts(record) else ()


def fold_declined(record_id: str, record: Record[StandingDeclined]) -> Rows:
    """A vote for nothing."""
    body = record.body
    return ((voted, _vote(record_id, record, "", body.proposal, body.after, body.turn)),) if _counts(record) else ()


def fold_told(record_id: str, record: Record[StandingsTold]) -> Rows:
    """What a member told one that came in."""
    others = set(record.label.rel_to) - {record.origin}
    if not _counts(record) or len(others) != 1:
        return ()
    held = msgspec.json.encode(record.body.held).decode()
    row = {**_said(record_id, record), "to_member": others.pop(), "after": record.body.after, "held": held}
    return ((told, row),)


FOLDS = {
    STANDING_PROPOSED.name: fold_proposed,
    STANDING_ASSENTED.name: fold_assented,
    STANDING_DECLINED.name: fold_declined,
    STANDINGS_TOLD.name: fold_told,
}
