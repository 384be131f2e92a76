"""All that a consultation says but texts and votes: in two tables, read back as one course.

A word counts if it was said to exactly those whom the request names, with the urgency of the procedure, and not
after its member had left: so all of a member's words stand in one lane, and every node counts the same ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct
from sqlalchemy import Column, Index, MetaData, Row, Table, Text, bindparam, select

from laurel.core.errors import Nothing
from laurel.core.instrument import Fold, Kept, Kind, Meet, Rows, View
from laurel.core.label import Label
from laurel.core.record import Record
from laurel.core.tables import label_of, said_columns, said_row
from laurel.instruments.consult.records import (
    ASSESSED,
    CLOSED,
    CONVENED,
    DEPARTED,
    JOINT_STATEMENT,
    OPTION,
    PROCEDURE,
    REQUESTED,
    RESPONDED,
    RESPONSE_ACTION,
    RESPONSE_MEASURED,
    STANCE,
    Closed,
    ConsultationRequest,
    Departed,
    ResponseAction,
    ResponseMeasured,
)

Body = TypeVar("Body", bound=Struct)

_metadata = MetaData()
requested = Kept(
    Table(
        "consult_requested",
        _metadata,
        *said_columns(),
        Column("body", Text, nullable=False),
        Index("consult_requested_at", "at"),
    ),
    Meet.ONCE,
)
said = Kept(
    Table(
        "consult_said",
        _metadata,
        *said_columns(),
        Column("kind", Text, nullable=False),
        Column("consultation", Text, nullable=False),
        Column("body", Text, nullable=False),
        Index("consult_said_consultation", "consultation"),
    ),
    Meet.ONCE,
)
TABLES = (requested, said)

_R, _S = requested.table.c, said.table.c
_LATEST = select(requested.table).order_by(_R.at.desc(), _R.id).limit(bindparam("most"))
_CALLED = select(requested.table).where(_R.id.in_(bindparam("ids", expanding=True))).order_by(_R.at.desc(), _R.id)
_SAID = select(said.table).where(_S.consultation.in_(bindparam("ids", expanding=True))).order_by(_S.number, _S.id)
_ONE = select(_S.consultation).where(_S.id == bindparam("called"))


@dataclass(frozen=True)
class Said(Generic[Body]):
    """One record of the procedure: who said it, when as he claims, and where it stands in his lane."""

    id: str
    member: str
    author: str
    at: datetime
    number: int
    label: Label
    body: Body


@dataclass(frozen=True)
class Course:
    """One consultation: its request, and what counts of all that was said in it, in the order of each lane."""

    request: Said[ConsultationRequest]
    said: Mapping[type[Struct], Sequence[Said[Any]]] = field(default_factory=dict[type[Struct], Sequence[Said[Any]]])

    @property
    def id(self) -> str:
        """What it is called by."""
        return self.request.id

    @property
    def members(self) -> tuple[str, ...]:
        """Whom the request names, sorted."""
        return self.request.label.rel_to

    def of(self, body: type[Body]) -> Sequence[Said[Body]]:
        """What was said of that sort."""
        return self.said.get(body, ())

    def last(self, body: type[Body]) -> Mapping[str, Said[Body]]:
        """The last that each member said of that sort."""
        return {one.member: one for one in self.of(body)}

    def first(self, body: type[Body]) -> Mapping[str, Said[Body]]:
        """The first that each member said of that sort."""
        return {one.member: one for one in reversed(self.of(body))}

    @property
    def departed(self) -> tuple[str, ...]:
        """Who left, sorted."""
        return tuple(sorted(self.last(Departed)))

    @property
    def closed(self) -> tuple[str, ...]:
        """Who closed it, sorted."""
        return tuple(sorted(self.last(Closed)))

    @property
    def remaining(self) -> tuple[str, ...]:
        """Whom it still asks, sorted."""
        return tuple(one for one in self.members if one not in self.departed)


# Folds


def fold_requested(record_id: str, record: Record[ConsultationRequest]) -> Rows:
    """A request, if it names itself and another, and was said to those it names and to nobody else."""
    members = record.body.members
    rightly = members == record.label.rel_to and record.origin in members and len(members) > 1
    if not rightly or record.precedence is not PROCEDURE:
        return ()
    return ((requested, {**said_row(record_id, record), "body": _text(record.body)}),)


def fold_said(record_id: str, record: Record[Any]) -> Rows:
    """What is said in a consultation, whichever."""
    if record.precedence is not PROCEDURE:
        return ()
    row = {"kind": record.kind, "consultation": record.body.consultation, "body": _text(record.body)}
    return ((said, {**said_row(record_id, record), **row}),)


def _text(body: Struct) -> str:
    return msgspec.json.encode(body).decode()


KINDS: tuple[Kind[Any], ...] = (
    RESPONDED,
    RESPONSE_MEASURED,
    CONVENED,
    ASSESSED,
    OPTION,
    STANCE,
    DEPARTED,
    CLOSED,
    RESPONSE_ACTION,
    JOINT_STATEMENT,
)
BODIES: Mapping[str, type[Struct]] = {kind.name: kind.body for kind in KINDS}
FOLDS: Mapping[str, Fold] = {REQUESTED.name: fold_requested, **{kind.name: fold_said for kind in KINDS}}

# Reading


def course(view: View, consultation: str) -> Course:
    """The consultation of that id. Raises Nothing."""
    found = find(view, consultation)
    if found is None:
        raise Nothing(consultation=consultation, list="laurel consult consultations")
    return found


def find(view: View, consultation: str) -> Course | None:
    """The consultation of that id; None when its request is not here, or is none that counts."""
    return next(iter(_read(view, view.rows(_CALLED, ids=[consultation]))), None)


def called(view: View, consultations: Sequence[str]) -> Sequence[Course]:
    """Those of these consultations that are here, newest first."""
    return _read(view, view.rows(_CALLED, ids=list(consultations)))


def latest(view: View, most: int) -> Sequence[Course]:
    """So many that were requested last, newest first."""
    return _read(view, view.rows(_LATEST, most=most))


def consultation_of(view: View, record: str) -> str | None:
    """In which consultation that record was said; None when it was in none."""
    return next((row.consultation for row in view.rows(_ONE, called=record)), None)


def _read(view: View, rows: Sequence[Row[Any]]) -> Sequence[Course]:
    requests = [_said(row, ConsultationRequest) for row in rows]
    found: defaultdict[str, list[Said[Any]]] = defaultdict(list)
    for row in view.rows(_SAID, ids=[one.id for one in requests]):
        found[row.consultation].append(_said(row, BODIES[row.kind]))
    return [_course(one, found[one.id]) for one in requests]


def _said(row: Row[Any], body: type[Body]) -> Said[Body]:
    return Said(
        id=row.id,
        member=row.by_member,
        author=row.author,
        at=datetime.fromisoformat(row.at),
        number=row.number,
        label=label_of(row.label),
        body=msgspec.json.decode(row.body, type=body),
    )


def _course(request: Said[ConsultationRequest], words: Iterable[Said[Any]]) -> Course:
    over: dict[str, Said[Any]] = {}
    found: defaultdict[type[Struct], list[Said[Any]]] = defaultdict(list)
    for one in words:
        last = over.get(one.member)
        if one.label.rel_to != request.label.rel_to or not _its_own(request, one):
            continue
        # Who closed a consultation does not open it to the others again by leaving it.
        if last is not None and (isinstance(last.body, Departed) or isinstance(one.body, Departed)):
            continue
        if isinstance(one.body, Departed | Closed):
            over[one.member] = one
        found[type(one.body)].append(one)
    return Course(request, found)


def _its_own(request: Said[ConsultationRequest], one: Said[Any]) -> bool:
    """Nobody promises for another, and the requester alone measures, by its own clock."""
    body = one.body
    if isinstance(body, ResponseAction):
        return body.member == one.member
    return not isinstance(body, ResponseMeasured) or one.member == request.member
