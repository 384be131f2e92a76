"""The policies that this member put in force beside those of the house."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import BigInteger, Column, MetaData, Table, Text, select

from laurel.core.fields import Line
from laurel.core.instrument import (
    Command,
    Desk,
    Fold,
    Kept,
    Meet,
    NoAsk,
    Noun,
    Query,
    Role,
    Rows,
    View,
)
from laurel.core.label import Classification, Label
from laurel.core.record import Draft, Precedence, Record, as_text
from laurel.instruments.office.records import (
    POLICY_PUT,
    PolicyPut,
)

FileName = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,59}\.cedar$")]
Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]

put = Kept(
    Table(
        "office_policy",
        MetaData(),
        Column("record", Text, primary_key=True),
        Column("number", BigInteger, nullable=False),
        Column("at", Text, nullable=False),
        Column("origin", Text, nullable=False),
        Column("author", Text, nullable=False),
        Column("digest", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("files", Text, nullable=False),
    ),
    Meet.ONCE,
    searched=("reason",),
)

_PUT = select(put.table).order_by(put.table.c.number.desc(), put.table.c.record)


class PutPolicyAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """From now on, decide by these files beside the house's; the files before are in force no more.

    `digest` is what `laurel policy test` printed for them: nobody puts in force what was not tried.
    """

    files: dict[FileName, str]
    digest: Digest
    reason: Line


class PutRow(Struct, frozen=True):
    """Policies that were put in force, by whom and why. The newest are in force."""

    record: str
    at: datetime
    author: str
    digest: str
    reason: str
    files: dict[str, str]


class PutPolicies(Struct, frozen=True):
    """All that were put in force here, the newest first."""

    put: tuple[PutRow, ...]


def put_policy(ask: PutPolicyAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Put policies in force. The node refuses those that do not hold, and then nothing is said."""
    del view
    body = PolicyPut(ask.files, ask.digest, ask.reason)
    return (Draft(body, Label(Classification.SECRET, (desk.member,)), Precedence.PRIORITY),)


def fold_put(record_id: str, record: Record[PolicyPut]) -> Rows:
    """One row for each time that policies were put in force."""
    row = {
        "record": record_id,
        "number": record.number,
        "at": as_text(record.at),
        "origin": record.origin,
        "author": record.author,
        "digest": record.body.digest,
        "reason": record.body.reason,
        "files": msgspec.json.encode(record.body.files).decode(),
    }
    return ((put, row),)


def answer_policies(ask: NoAsk, view: View, now: datetime) -> PutPolicies:
    """The policies that were put in force beside the house's, the newest first."""
    del ask, now
    return PutPolicies(
        tuple(
            PutRow(
                row.record,
                datetime.fromisoformat(row.at),
                row.author,
                row.digest,
                row.reason,
                msgspec.json.decode(row.files),
            )
            for row in view.rows(_PUT)
        )
    )


TABLES: tuple[Kept, ...] = (put,)
COMMANDS: tuple[Command[Any], ...] = (
    Command(
        "put-policy",
        PutPolicyAsk,
        put_policy,
        frozenset({Role.RELEASE_AUTHORITY}),
        persons=2,
        confirm="From now on, our border decides by these policies?",
    ),
)
QUERIES: tuple[Query[Any, Any], ...] = (Query("policies", NoAsk, PutPolicies, answer_policies),)
FOLDS: Mapping[str, Fold] = {POLICY_PUT.name: fold_put}
NOUN = Noun(tables=TABLES, folds=FOLDS, commands=COMMANDS, queries=QUERIES)
