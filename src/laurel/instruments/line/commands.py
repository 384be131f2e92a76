"""What a node says, as itself, about records that did not go in as they should."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from laurel.core.instrument import Command, Desk, Role, View
from laurel.core.label import Classification, label
from laurel.core.record import Draft, Precedence
from laurel.instruments.line.records import Forked, Quarantined

NODE_ONLY = frozenset({Role.NODE})


class ReportFork(Struct, frozen=True, forbid_unknown_fields=True):
    """Two records under one number of one lane: tell everyone who may read that lane."""

    origin: str
    audience: tuple[str, ...]
    precedence: int
    number: int
    kept: str
    other: str


class ReportQuarantine(Struct, frozen=True, forbid_unknown_fields=True):
    """An authentic record that we do not understand: tell its origin."""

    record: str
    origin: str
    kind: str
    why: str


def report_fork(ask: ReportFork, view: View, desk: Desk) -> Sequence[Draft]:
    """Evidence for all who may read the lane. Every node that sees the fork says so."""
    del view
    body = Forked(ask.origin, ask.audience, ask.precedence, ask.number, ask.kept, ask.other)
    # A lane may name one who is no member: it is told to those who are.
    told = label(Classification.RESTRICTED, set(ask.audience) & set(desk.members))
    return (Draft(body, told, Precedence.IMMEDIATE, about=tuple(one for one in (ask.kept, ask.other) if one)),)


def report_quarantine(ask: ReportQuarantine, view: View, desk: Desk) -> Sequence[Draft]:
    """Word to the origin, who may need to wait for our upgrade."""
    del view
    body = Quarantined(ask.record, ask.kind, ask.why)
    told = label(Classification.RESTRICTED, {desk.member, ask.origin})
    return (Draft(body, told, Precedence.PRIORITY, about=(ask.record,)),)


COMMANDS = (
    Command("report-fork", ReportFork, report_fork, NODE_ONLY),
    Command("report-quarantine", ReportQuarantine, report_quarantine, NODE_ONLY),
)
