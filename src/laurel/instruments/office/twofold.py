"""What takes two persons: proposed by one, approved by another who names the record that was on the screen.

Facts are three records, none of which leaves home: proposed, approved, declined. Where a proposal stands follows
from them and the time: `judge`. The node decides the proposed ask once more when it is approved (`node/twofold.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from msgspec import Struct
from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text, bindparam, select

from laurel.core.errors import BadAsk, Nothing, NotPermitted
from laurel.core.fields import Line, RecordId
from laurel.core.instrument import (
    OFFICER_AUTHOR,
    PEOPLE,
    Command,
    Desk,
    Fold,
    Item,
    Kept,
    Meet,
    NoAsk,
    Noun,
    Query,
    Rows,
    View,
)
from laurel.core.label import Classification, Label
from laurel.core.record import Draft, Record
from laurel.instruments.office.records import (
    APPROVED,
    DECLINED,
    PROPOSED,
    Approved,
    Declined,
    Proposed,
    ours,
)

SHOWN_AFTER = timedelta(minutes=15)
"""How long a proposal that was settled or lapsed stays on the screens."""
LONGEST = timedelta(days=7)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class ProposalState(StrEnum):
    """Where a proposal stands. Only an open one can be approved."""

    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"
    LAPSED = "lapsed"


class NotOpen(BadAsk):
    """It was approved or declined, or nobody did in time."""

    says = "this proposal is no longer open"
    remedy = "look at what became of it; if it is still wanted, propose it anew"


class SecondPersonNeeded(NotPermitted):
    """One person, or a program beside one, wants to do what takes two."""

    says = "this takes two persons"
    remedy = "another officer with the role must approve it, signed in under his own name"


class ApproveAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Do what another officer proposed. `proposal` is the id of the record that was on the screen."""

    proposal: RecordId


class DeclineAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Stop a proposal, for good. One person is enough, and it may be who proposed it."""

    proposal: RecordId
    reason: Line


class Proposal(Struct, frozen=True):
    """A proposal and what became of it. `ask` is the whole ask as JSON, `words` what both must read."""

    id: str
    member: str
    command: str
    ask: str
    words: str
    by: str
    at: datetime
    until: datetime
    state: ProposalState
    settled_by: str | None
    settled_at: datetime | None
    reason: str


class Proposals(Struct, frozen=True):
    """What waits for a second person, and what did a short while ago, oldest first."""

    at: datetime
    proposals: tuple[Proposal, ...]


# Kept

_metadata = MetaData()
proposed = Kept(
    Table(
        "office_proposed",
        _metadata,
        Column("id", Text, primary_key=True),
        Column("origin", Text, nullable=False),
        Column("command", Text, nullable=False),
        Column("ask", Text, nullable=False),
        Column("words", Text, nullable=False),
        Column("author", Text, nullable=False),
        Column("at_us", BigInteger, nullable=False),
        Column("until_us", BigInteger, nullable=False),
        Index("office_proposed_until", "until_us"),
    ),
    Meet.ONCE,
)
settled = Kept(
    Table(
        "office_settled",
        _metadata,
        Column("id", Text, primary_key=True),
        Column("proposal", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("author", Text, nullable=False),
        Column("at_us", BigInteger, nullable=False),
        Column("reason", Text, nullable=False),
        Index("office_settled_proposal", "proposal"),
    ),
    Meet.ONCE,
)
TABLES: tuple[Kept, ...] = (proposed, settled)


def micros(at: datetime) -> int:
    """Whole microseconds since 1970: they sort and compare exactly."""
    return (at - EPOCH) // MICROSECOND


def moment(at_us: int) -> datetime:
    """The time of so many microseconds since 1970."""
    return EPOCH + at_us * MICROSECOND


def fold_proposed(record_id: str, record: Record[Proposed]) -> Rows:
    """One row for each proposal of our own office."""
    body = record.body
    at_us = micros(record.at)
    row = {
        "id": record_id,
        "origin": record.origin,
        "command": body.command,
        "ask": body.ask,
        "words": body.words,
        "author": record.author,
        "at_us": at_us,
        "until_us": at_us + min(timedelta(seconds=body.lasts_s), LONGEST) // MICROSECOND,
    }
    return ((proposed, row),) if ours(record) else ()


def fold_approved(record_id: str, record: Record[Approved]) -> Rows:
    """That it was approved."""
    return _settled(record_id, record, record.body.proposal, ProposalState.APPROVED, "")


def fold_declined(record_id: str, record: Record[Declined]) -> Rows:
    """That it was declined."""
    return _settled(record_id, record, record.body.proposal, ProposalState.DECLINED, record.body.reason)


def _settled(record_id: str, record: Record[Any], proposal: str, state: ProposalState, reason: str) -> Rows:
    said = {"id": record_id, "author": record.author, "at_us": micros(record.at)}
    return ((settled, {**said, "proposal": proposal, "state": state.value, "reason": reason}),) if ours(record) else ()


FOLDS: Mapping[str, Fold] = {
    PROPOSED.name: fold_proposed,
    APPROVED.name: fold_approved,
    DECLINED.name: fold_declined,
}

# Judged

_P, _S = proposed.table.c, settled.table.c
_ROWS = (
    select(
        proposed.table,
        _S.id.label("settled_id"),
        _S.state,
        _S.author.label("settled_by"),
        _S.at_us.label("settled_us"),
        _S.reason,
    )
    .join_from(proposed.table, settled.table, _P.id == _S.proposal, isouter=True)
    .order_by(_P.at_us, _P.id)
)
_ONE = _ROWS.where(_P.id == bindparam("called"))
_RECENT = _ROWS.where(_P.until_us >= bindparam("since_us"))


@dataclass(frozen=True)
class Settlement:
    """One word on a proposal: approved or declined, by whom, when."""

    record: str
    state: ProposalState
    by: str
    at: datetime
    reason: str


def judge(until: datetime, words: Sequence[Settlement], now: datetime) -> tuple[ProposalState, Settlement | None]:
    """Where a proposal stands, and the word that settled it: the first. Without one it is open until its time."""
    if words:
        first = min(words, key=lambda one: (one.at, one.record))
        return first.state, first
    return (ProposalState.OPEN if now < until else ProposalState.LAPSED), None


def _proposals(rows: Sequence[Any], now: datetime) -> list[Proposal]:
    words: dict[str, list[Settlement]] = {}
    for row in rows:
        said = words.setdefault(row.id, [])
        if row.settled_id is not None:
            state = ProposalState(row.state)
            said.append(Settlement(row.settled_id, state, row.settled_by, moment(row.settled_us), row.reason))
    return [_proposal(row, words[row.id], now) for row in {row.id: row for row in rows}.values()]


def _proposal(row: Any, words: Sequence[Settlement], now: datetime) -> Proposal:
    until = moment(row.until_us)
    state, word = judge(until, words, now)
    return Proposal(
        id=row.id,
        member=row.origin,
        command=row.command,
        ask=row.ask,
        words=row.words,
        by=row.author,
        at=moment(row.at_us),
        until=until,
        state=state,
        settled_by=word and word.by,
        settled_at=word and word.at,
        reason=word.reason if word else "",
    )


def proposal_of(view: View, record: str, now: datetime) -> Proposal:
    """The proposal of that record. Raises Nothing."""
    found = _proposals(view.rows(_ONE, called=record), now)
    if not found:
        raise Nothing(proposal=record)
    return found[0]


def recent(view: View, now: datetime) -> list[Proposal]:
    """Those that are open, and those that were a short while ago."""
    since = now - SHOWN_AFTER
    found = _proposals(view.rows(_RECENT, since_us=micros(since)), now)
    return [one for one in found if one.state is ProposalState.OPEN or (one.settled_at or one.until) >= since]


def answer_proposals(ask: NoAsk, view: View, now: datetime) -> Proposals:
    """What waits for a second person, and what became of what did."""
    del ask
    return Proposals(now, tuple(recent(view, now)))


# Asked


def home(member: str) -> Label:
    """What the office says leaves nobody's house."""
    return Label(Classification.SECRET, (member,))


def is_person(author: str) -> bool:
    """Whether an officer asks, not a program, a sensor or the node."""
    return author.startswith(OFFICER_AUTHOR)


def approve(ask: ApproveAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Approve as another person than who proposed. Raises Nothing, NotOpen, SecondPersonNeeded."""
    found = _open(ask.proposal, view, desk)
    # Names that differ in capitals alone are one person's.
    if not is_person(desk.author) or desk.author.casefold() == found.by.casefold():
        raise SecondPersonNeeded(author=desk.author, proposed_by=found.by)
    return (Draft(Approved(ask.proposal), home(desk.member), about=(ask.proposal,)),)


def decline(ask: DeclineAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Stop it. Raises Nothing, NotOpen."""
    _open(ask.proposal, view, desk)
    return (Draft(Declined(ask.proposal, ask.reason), home(desk.member), about=(ask.proposal,)),)


def _open(record: str, view: View, desk: Desk) -> Proposal:
    found = proposal_of(view, record, desk.now)
    if found.state is not ProposalState.OPEN:
        settled_at = found.settled_at or found.until
        raise NotOpen(proposal=record, state=found.state.value, by=found.settled_by, at=settled_at.isoformat())
    return found


def docket(view: View, now: datetime) -> Sequence[Item]:
    """One line for each proposal that waits."""
    return [
        Item(
            subject=one.id,
            title=f"{one.command} waits for a second person",
            state=one.state.value,
            due=one.until,
            offices=("watch officer",),
            label=home(one.member),
            summary=f"Proposed by {one.by}. {one.words}".strip(),
        )
        for one in recent(view, now)
        if one.state is ProposalState.OPEN
    ]


COMMANDS: tuple[Command[Any], ...] = (
    Command("approve", ApproveAsk, approve, PEOPLE, confirm="Do now what another officer proposed?"),
    Command("decline", DeclineAsk, decline, PEOPLE),
)
QUERIES: tuple[Query[Any, Any], ...] = (Query("proposals", NoAsk, Proposals, answer_proposals, live=True),)
NOUN = Noun(tables=TABLES, folds=FOLDS, commands=COMMANDS, queries=QUERIES, docket=docket)
