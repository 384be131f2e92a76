"""Commitments: bound to offices, never to names. What stands, what is late, what is nobody's, what nobody judged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

from msgspec import Meta, Struct
from sqlalchemy import Row, bindparam, func, select, tuple_

from laurel.core.fields import Code, Name, RecordId, Slug
from laurel.core.instrument import Item, Noun, Query, View
from laurel.core.record import as_text
from laurel.core.tables import label_of
from laurel.instruments.dialogue import commitments_said as said
from laurel.instruments.dialogue.commitment_types import Commitments, WholeCommitment
from laurel.instruments.dialogue.commitments_said import LAST, C
from laurel.instruments.dialogue.offices_said import Register, register
from laurel.instruments.dialogue.records import REVIEW, Step

MOST = 200
"""Commitments that are on the docket, those due last."""
SOON = timedelta(days=14)
"""What is due within this time stands on the docket."""
LONG_SETTLED = timedelta(days=180)
"""What was settled before that is judged by whom it concerns; the docket asks for it no more."""
MOST_UNREVIEWED = 20

# What is open is little beside all that ever was: without their indexes these columns are looked at there alone.
_DUE_AT, _MEMBER = func.coalesce(C.due_at, ""), func.coalesce(C.member, "")
_LAST_DUE = (
    select(*said.COLUMNS)
    .select_from(said.TOGETHER)
    .where(said.IS_OPEN, bindparam("until") >= _DUE_AT)
    .order_by(_DUE_AT.desc(), C.id)
    .limit(bindparam("most"))
)
_BOUND_TO = (
    select(*said.COLUMNS)
    .select_from(said.TOGETHER)
    .where(said.IS_OPEN, tuple_(_MEMBER, C.key).in_(bindparam("seats", expanding=True)))
    .order_by(*said.SOONEST)
    .limit(bindparam("most"))
)
_reviews = said.last_words.table.alias("reviewed")
_UNREVIEWED = (
    select(*said.COLUMNS)
    .select_from(said.TOGETHER)
    .where(
        LAST.step.in_([Step.FULFILLED.value, Step.WITHDRAWN.value]),
        LAST.at >= bindparam("since"),
        ~select(_reviews.c.id)
        .where(
            _reviews.c.commitment == C.id,
            _reviews.c.member == bindparam("us"),
            _reviews.c.kind == REVIEW.name,
        )
        .exists(),
    )
    .order_by(LAST.at.desc(), C.id)
    .limit(bindparam("most"))
)


class CommitmentsAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """What is open; `closed`: what is settled too. Of a member, of an office, on a topic, or initiatives alone.

    `about`: what follows from that record.
    """

    member: Code | None = None
    office: Name | None = None
    topic: Slug | None = None
    initiatives: bool = False
    about: RecordId | None = None
    closed: bool = False
    most: Annotated[int, Meta(ge=1, le=1_000)] = MOST


class CommitmentAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """One commitment, by the record that says it."""

    commitment: RecordId


def answer_commitments(ask: CommitmentsAsk, view: View, now: datetime) -> Commitments:
    """What was promised, by office and date; how far each is, and who judged it how."""
    offices = register(view)
    keys: set[str] | None = None
    if ask.office is not None:
        members = {one.member for one in offices.offices} | {ask.member or ""}
        keys = {key for member in members for key in offices.keys_of(member, ask.office)}
    found = said.chosen(
        view,
        most=ask.most,
        closed=ask.closed,
        member=ask.member,
        keys=None if keys is None else sorted(keys),
        topic=ask.topic,
        initiatives=ask.initiatives,
        about=ask.about,
    )
    return Commitments(now, said.rows_of(view, found, offices, now))


def answer_commitment(ask: CommitmentAsk, view: View, now: datetime) -> WholeCommitment:
    """One of them with its story. Raises Nothing."""
    [row] = said.rows_of(view, [said.one(view, ask.commitment)], register(view), now)
    return WholeCommitment(now, row, *said.story(view, ask.commitment, row.member))


def docket(view: View, now: datetime) -> Sequence[Item]:
    """One line for each that is late, due soon or nobody's; and for each settled one that we have not judged."""
    offices = register(view)
    rows = {row.id: row for row in reversed(view.rows(_LAST_DUE, until=as_text(now + SOON), most=MOST))}
    orphans = offices.orphans()
    lost = view.rows(_BOUND_TO, seats=sorted(orphans), most=MOST) if orphans else ()
    settled = view.rows(_UNREVIEWED, since=as_text(now - LONG_SETTLED), us=view.member, most=MOST_UNREVIEWED)
    return [
        *(_item(row, offices, now) for row in ({**rows, **{row.id: row for row in lost}}).values()),
        *(_to_review(row) for row in settled),
    ]


def _item(row: Row[Any], offices: Register, now: datetime) -> Item:
    body = said.body_of(row)
    heir = offices.heir(body.member, body.office)
    late = body.due_at is not None and now > body.due_at
    since = f"Promised on {datetime.fromisoformat(row.at):%d %b %Y}, {said.state_of(row)}."
    return Item(
        subject=row.id,
        title=f"{body.member}, {heir or body.office}: {body.words}",
        state="nobody's" if heir is None else "overdue" if late else "due",
        due=body.due_at,
        offices=() if heir is None else (heir,),
        label=label_of(row.label),
        summary=since if heir else f"{since} {body.office} is no more, and nobody took it over.",
        about=tuple(one for one in (body.meeting,) if one is not None),
    )


def _to_review(row: Row[Any]) -> Item:
    body = said.body_of(row)
    return Item(
        subject=f"review:{row.id}",
        title=f"Our review of {body.member}, {body.office}: {body.words}",
        state=said.state_of(row),
        due=None,
        offices=("principal", "analyst"),
        label=label_of(row.label),
        summary=f"{body.member} says that it is {said.state_of(row)}; we have not judged it.",
        about=(row.id, row.progress_id),
    )


NOUN = Noun(
    tables=said.TABLES,
    folds=said.FOLDS,
    queries=(
        Query("commitments", CommitmentsAsk, Commitments, answer_commitments),
        Query("commitment", CommitmentAsk, WholeCommitment, answer_commitment),
    ),
    docket=docket,
)
