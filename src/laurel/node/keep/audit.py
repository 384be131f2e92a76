"""The audit: one line for every decision at the border, and the policy that decided. Its lines are chained.

The chain of a line is the SHA-256 of the chain before it (as text) and of the line as it is exported, so that
no line can be altered, left out or put in without every later chain showing it. What the chain stood at is put on
record hourly (`office.audit-anchored.v1`): whoever writes it all anew contradicts a signed record.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy.dialects.sqlite import insert

from laurel.node.keep import schema
from laurel.node.keep.transaction import Chained, Transaction


class Line(Struct, frozen=True):
    """One decision, as it is chained and exported: what was decided, when, of which record and which member.

    `author` is who asked or looked; `policy` is what decided, `digest` names the policies in force; `why` says more.
    """

    line: int
    at: str
    decision: str
    member: str
    author: str
    record: str
    policy: str
    digest: str
    why: str


def audit(
    to: Transaction,
    decision: str,
    member: str,
    record: str,
    policy: str,
    why: str,
    *,
    author: str = "",
    digest: str = "",
) -> None:
    """Write down that this was decided of a record that came from, or would go to, that member.

    `author` is who asked, where somebody did; `digest` names the policies in force.
    """
    line = Line(to.audited.line + 1, to.at, decision, member, author, record, policy, digest, why)
    to.audited = Chained(line.line, link(to.audited.chain, encoded(line)))
    to.put(_PUT_AUDIT, {**msgspec.structs.asdict(line), "chain": to.audited.chain})


class Seldom:
    """What may come often and is written down once a minute: who else looks, or tries, fills no disk."""

    def __init__(self) -> None:
        self._minute = ""
        self._seen: set[tuple[str, ...]] = set()

    def first(self, at: str, *what: str) -> bool:
        """Whether this comes for the first time within that minute. `at` is a time as ISO 8601 text."""
        if at[:16] != self._minute:
            self._minute, self._seen = at[:16], set()
        if what in self._seen:
            return False
        self._seen.add(what)
        return True


def encoded(line: Line) -> bytes:
    """The line as it is chained and exported: JSON, one order of fields, no spaces."""
    return _ENCODER.encode(line)


def link(before: str, line: bytes) -> str:
    """The chain with one line more."""
    return hashlib.sha256(before.encode() + line).hexdigest()


def line_of(row: Any) -> Line:
    """The line that a row of the database holds."""
    return Line(*(getattr(row, name) for name in Line.__struct_fields__))


_ENCODER = msgspec.json.Encoder()
_PUT_AUDIT = insert(schema.audit)
