"""Forks and records that nobody here could read: said by the node itself, shown until somebody has asked why.

A fork is one line, however many nodes report it. It is proven when our own node saw it, or has checked the two
signatures that a report shows. A report whose proof does not hold says nothing of the accused, and names the reporter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Column, Integer, MetaData, Table, Text, select

from laurel.core.fields import RecordId
from laurel.core.instrument import (
    Command,
    Desk,
    Item,
    Kept,
    Meet,
    NoAsk,
    Noun,
    Query,
    Role,
    Rows,
    View,
)
from laurel.core.label import Classification, Label, label
from laurel.core.record import Draft, Precedence, Record, as_text
from laurel.instruments.line.gaps import GAPS
from laurel.instruments.line.records import (
    FORK_JUDGED,
    FORKED,
    QUARANTINED,
    Forked,
    ForkJudged,
    Quarantined,
)

NODE_ONLY = frozenset({Role.NODE})

_metadata = MetaData()

forked = Kept(
    Table(
        "line_forked",
        _metadata,
        Column("id", Text, primary_key=True),
        Column("at", Text, nullable=False),
        Column("seen_by", Text, nullable=False),
        Column("origin", Text, nullable=False),
        Column("audience", Text, nullable=False),
        Column("precedence", Integer, nullable=False),
        Column("number", Integer, nullable=False),
        Column("kept", Text, nullable=False),
        Column("other", Text, nullable=False),
        Column("label", Text, nullable=False),
    ),
    Meet.ONCE,
)
quarantined = Kept(
    Table(
        "line_quarantined",
        _metadata,
        Column("id", Text, primary_key=True),
        Column("at", Text, nullable=False),
        Column("said_by", Text, nullable=False),
        Column("record", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("why", Text, nullable=False),
        Column("label", Text, nullable=False),
    ),
    Meet.ONCE,
)
judged = Kept(
    Table(
        "line_fork_judged",
        _metadata,
        Column("id", Text, primary_key=True),
        Column("report", Text, nullable=False),
        Column("why", Text, nullable=False),
    ),
    Meet.ONCE,
)

TABLES = (forked, quarantined, judged)

_FORKED = select(forked.table).order_by(forked.table.c.at, forked.table.c.id)
_JUDGED = select(judged.table).order_by(judged.table.c.id)
_QUARANTINED = select(quarantined.table).order_by(quarantined.table.c.at, quarantined.table.c.id)


class ReportFork(Struct, frozen=True, forbid_unknown_fields=True):
    """Two records under one number of one lane: tell everyone who may read that lane."""

    origin: str
    audience: tuple[str, ...]
    precedence: int
    number: int
    kept: str
    other: str
    proof: tuple[str, ...] = ()
    classification: Classification = Classification.RESTRICTED
    caveats: tuple[str, ...] = ()


class JudgeFork(Struct, frozen=True, forbid_unknown_fields=True):
    """We checked the proof of this report. `why` says what is wrong with it; empty when it holds."""

    report: RecordId
    why: str


class ReportQuarantine(Struct, frozen=True, forbid_unknown_fields=True):
    """An authentic record that we do not understand: tell its origin."""

    record: str
    origin: str
    kind: str
    why: str


def report_fork(ask: ReportFork, view: View, desk: Desk) -> Sequence[Draft]:
    """Evidence for all who may read the lane. Every node that sees the fork says so."""
    del view
    body = Forked(ask.origin, ask.audience, ask.precedence, ask.number, ask.kept, ask.other, ask.proof)
    # A lane may name one who is no member: it is told to those who are. The proof is no less secret than its records.
    members = set(ask.audience) & set(desk.members)
    told = label(ask.classification, members, frozenset(ask.caveats)) if ask.proof else _plain(members)
    return (Draft(body, told, Precedence.IMMEDIATE, about=tuple(one for one in (ask.kept, ask.other) if one)),)


def judge_fork(ask: JudgeFork, view: View, desk: Desk) -> Sequence[Draft]:
    """For our own screens alone: others check for themselves."""
    del view
    return (Draft(ForkJudged(ask.report, ask.why), _plain({desk.member}), about=(ask.report,)),)


def on_forked(record_id: str, record: Record[Forked], view: View, desk: Desk) -> Sequence[Draft]:
    """What we reported ourselves we have seen."""
    del view
    if record.origin != desk.member:
        return ()
    return (Draft(ForkJudged(record_id, ""), _plain({desk.member}), about=(record_id,)),)


def _plain(members: set[str]) -> Label:
    return label(Classification.RESTRICTED, members)


def report_quarantine(ask: ReportQuarantine, view: View, desk: Desk) -> Sequence[Draft]:
    """Word to the origin, who may need to wait for our upgrade."""
    del view
    body = Quarantined(ask.record, ask.kind, ask.why)
    told = label(Classification.RESTRICTED, {desk.member, ask.origin})
    return (Draft(body, told, Precedence.PRIORITY, about=(ask.record,)),)


class SeenFork(Struct, frozen=True):
    """Who said two things under one number, which ones, and who saw it.

    `said_so` is the reason that the member itself gave, where it declared that number lost.
    """

    origin: str
    audience: tuple[str, ...]
    precedence: int
    number: int
    versions: tuple[str, ...]
    proven: bool
    seen_by: tuple[str, ...]
    at: datetime
    said_so: str | None


class FalseAccusation(Struct, frozen=True):
    """A member accused another of a fork, and its proof does not hold."""

    accuser: str
    accused: str
    number: int
    why: str
    at: datetime
    report: str


class Account(Struct, frozen=True):
    """How many forks of one member are proven, how many only claimed, and how often it accused falsely."""

    member: str
    proven: int
    claimed: int
    false_accusations: int


class NotUnderstood(Struct, frozen=True):
    """A record that a node keeps but cannot read."""

    said_by: str
    at: datetime
    record: str
    kind: str
    why: str


class Trouble(Struct, frozen=True):
    """Forks, false accusations and records not understood, oldest first; and who is named in them."""

    forks: tuple[SeenFork, ...]
    false_accusations: tuple[FalseAccusation, ...]
    quarantined: tuple[NotUnderstood, ...]
    members: tuple[Account, ...]


def fold_forked(record_id: str, record: Record[Forked]) -> Rows:
    """One row for each report of a fork."""
    body = record.body
    row = {
        "id": record_id,
        "at": as_text(record.at),
        "seen_by": record.origin,
        "origin": body.origin,
        "audience": " ".join(body.audience),
        "precedence": body.precedence,
        "number": body.number,
        "kept": body.kept,
        "other": body.other,
        "label": msgspec.json.encode(record.label).decode(),
    }
    return ((forked, row),)


def fold_quarantined(record_id: str, record: Record[Quarantined]) -> Rows:
    """One row for each record that someone could not read."""
    body = record.body
    row = {
        "id": record_id,
        "at": as_text(record.at),
        "said_by": record.origin,
        "record": body.record,
        "kind": body.kind,
        "why": body.why,
        "label": msgspec.json.encode(record.label).decode(),
    }
    return ((quarantined, row),)


def fold_judged(record_id: str, record: Record[ForkJudged]) -> Rows:
    """One row for each proof that we checked. Nobody checks for us: what a peer says of its checks is not folded."""
    if record.label.rel_to != (record.origin,):
        return ()
    return ((judged, {"id": record_id, "report": record.body.report, "why": record.body.why}),)


def answer_trouble(ask: NoAsk, view: View, now: datetime) -> Trouble:
    """Forks, false accusations, and records that someone could not read."""
    del ask, now
    forks, false = _forks(view)
    unread = tuple(
        NotUnderstood(row.said_by, datetime.fromisoformat(row.at), row.record, row.kind, row.why)
        for row in view.rows(_QUARANTINED)
    )
    named = {fork.origin for fork in forks} | {one.accuser for one in false}
    accounts = tuple(
        Account(
            member,
            sum(fork.proven for fork in forks if fork.origin == member),
            sum(not fork.proven for fork in forks if fork.origin == member),
            sum(one.accuser == member for one in false),
        )
        for member in sorted(named)
    )
    return Trouble(forks, false, unread, accounts)


def _forks(view: View) -> tuple[tuple[SeenFork, ...], tuple[FalseAccusation, ...]]:
    verdicts = {row.report: row.why for row in view.rows(_JUDGED)}
    gaps = view.rows(GAPS)
    reports: dict[tuple[str, str, int, int], list[Any]] = defaultdict(list)
    false: list[FalseAccusation] = []
    for row in view.rows(_FORKED):
        if verdicts.get(row.id):
            at = datetime.fromisoformat(row.at)
            false.append(FalseAccusation(row.seen_by, row.origin, row.number, verdicts[row.id], at, row.id))
        else:
            reports[(row.origin, row.audience, row.precedence, row.number)].append(row)
    forks = tuple(
        SeenFork(
            origin,
            tuple(audience.split()),
            precedence,
            number,
            tuple(sorted({one for row in rows for one in (row.kept, row.other) if one})),
            any(row.id in verdicts for row in rows),
            tuple(sorted({row.seen_by for row in rows})),
            datetime.fromisoformat(rows[0].at),
            _said_so(gaps, origin, audience, precedence, number),
        )
        for (origin, audience, precedence, number), rows in reports.items()
    )
    return forks, tuple(false)


def _said_so(gaps: Sequence[Any], origin: str, audience: str, precedence: int, number: int) -> str | None:
    """Why the member declared that number lost, if it did."""
    lane = (origin, audience, precedence)
    for gap in gaps:
        if (gap.origin, gap.audience, gap.precedence) == lane and gap.first <= number <= gap.last + 1:
            return gap.reason
    return None


def docket(view: View, now: datetime) -> Sequence[Item]:
    """One line for each fork and each false accusation: somebody must ask that member what happened."""
    del now
    labels: dict[str, Label] = {}
    for row in view.rows(_FORKED):
        labels[f"{row.origin}:{row.audience}:{row.precedence}:{row.number}"] = labels[row.id] = msgspec.json.decode(
            row.label, type=Label
        )
    forks, false = _forks(view)
    items: list[Item] = []
    for fork in forks:
        subject = f"{fork.origin}:{' '.join(fork.audience)}:{fork.precedence}:{fork.number}"
        proof = "proven" if fork.proven else "claimed, without proof"
        said_so = "" if fork.said_so is None else f" It said so itself: {fork.said_so}"
        items.append(
            Item(
                subject=subject,
                title=f"{fork.origin} said two things under number {fork.number}",
                state=f"evidence kept, {proof}" if fork.proven else proof,
                due=None,
                offices=("administrator", "principal"),
                label=labels[subject],
                summary=f"Seen by {', '.join(fork.seen_by)}: {', '.join(fork.versions)}.{said_so}",
            )
        )
    items += [
        Item(
            subject=one.report,
            title=f"{one.accuser} accused {one.accused} of two records under number {one.number}, and cannot show it",
            state="false accusation",
            due=None,
            offices=("administrator", "principal"),
            label=labels[one.report],
            summary=one.why,
        )
        for one in false
    ]
    return items


COMMANDS = (
    Command("report-fork", ReportFork, report_fork, NODE_ONLY),
    Command("judge-fork", JudgeFork, judge_fork, NODE_ONLY),
    Command("report-quarantine", ReportQuarantine, report_quarantine, NODE_ONLY),
)
QUERIES = (Query("trouble", NoAsk, Trouble, answer_trouble, live=True),)
FOLDS = {FORKED.name: fold_forked, FORK_JUDGED.name: fold_judged, QUARANTINED.name: fold_quarantined}
REACTIONS = {FORKED.name: on_forked}
NOUN = Noun(tables=TABLES, folds=FOLDS, commands=COMMANDS, queries=QUERIES, reactions=REACTIONS, docket=docket)
