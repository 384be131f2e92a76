"""What was said of commitments, and what follows: whose each is now, how far it is, and who has judged it.

A response action of a consultation is one. Progress counts when the member says it whose commitment it is; reviews
stand side by side, the last of each member.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    Row,
    Table,
    Text,
    and_,
    bindparam,
    func,
    not_,
    or_,
    select,
)

from laurel.core.errors import Nothing
from laurel.core.instrument import Fold, Kept, Meet, Rows, View
from laurel.core.record import Record, as_text, in_utc
from laurel.core.tables import label_of, said_columns, said_row
from laurel.instruments.consult.records import PROCEDURE, RESPONSE_ACTION, ResponseAction
from laurel.instruments.dialogue.commitment_types import CommitmentRow, ProgressRow, ReviewRow
from laurel.instruments.dialogue.offices_said import Register, key_of
from laurel.instruments.dialogue.records import (
    COMMITMENT,
    PROGRESS,
    REVIEW,
    Commitment,
    Progress,
    Review,
    Step,
)
from laurel.instruments.dialogue.series_said import encoded

UNDETERMINED = "und"
"""The language of a response action: its words stand in the consultation's own."""
NO_DAY = "9999"
"""Comes after every day."""
OVER = (Step.FULFILLED, Step.WITHDRAWN, Step.DECLINED)
STATES: Mapping[Step, str] = {**{one: one.value for one in Step}, Step.ACCEPTED: "open"}

_metadata = MetaData()
commitments = Kept(
    Table(
        "dialogue_commitment",
        _metadata,
        *said_columns(),
        Column("kind", Text, nullable=False),
        Column("member", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("due_at", Text, nullable=False),
        Column("name", Text),
        Column("topic", Text),
        Column("initiative", Text),
        Column("meeting", Text),
        Column("series", Text),
        Column("about", Text, nullable=False),
        Column("words", Text, nullable=False),
        Column("body", Text, nullable=False),
        Index("dialogue_commitment_due", "due_at", "id"),
        Index("dialogue_commitment_key", "member", "key"),
        Index("dialogue_commitment_meeting", "meeting"),
        Index("dialogue_commitment_series", "series"),
    ),
    Meet.ONCE,
    searched=("words",),
)
last_words = Kept(
    Table(
        "dialogue_last_word",
        _metadata,
        Column("commitment", Text, primary_key=True),
        Column("member", Text, primary_key=True),
        Column("kind", Text, primary_key=True),
        Column("at", Text, nullable=False),
        Column("number", Integer, nullable=False),
        Column("id", Text, nullable=False),
        Column("label", Text, nullable=False),
        Column("step", Text, nullable=False),
        Column("body", Text, nullable=False),
        Index("dialogue_last_word_step", "step", "at"),
    ),
    Meet.GREATEST,
    rank=("at", "number", "id"),
)
words = Kept(
    Table(
        "dialogue_commitment_word",
        _metadata,
        *said_columns(),
        Column("commitment", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("words", Text, nullable=False),
        Column("body", Text, nullable=False),
        Index("dialogue_commitment_word_commitment", "commitment"),
    ),
    Meet.ONCE,
    searched=("words",),
)
TABLES = (commitments, last_words, words)

C, LAST = commitments.table.c, last_words.table.c
_W = words.table.c
TOGETHER = commitments.table.join(
    last_words.table, and_(LAST.commitment == C.id, LAST.member == C.member, LAST.kind == PROGRESS.name)
)
COLUMNS = (
    *commitments.table.c,
    LAST.id.label("progress_id"),
    LAST.at.label("progress_at"),
    LAST.label.label("progress_label"),
    LAST.body.label("progress"),
)
IS_OPEN = LAST.step.in_(["", *(one.value for one in Step if one not in OVER)])
SOONEST = (C.due_at, C.id)
CHOSEN = (
    select(*COLUMNS)
    .select_from(TOGETHER)
    .where(
        or_(bindparam("closed", type_=Boolean), IS_OPEN),
        or_(bindparam("member").is_(None), C.member == bindparam("member")),
        or_(bindparam("topic").is_(None), C.topic == bindparam("topic")),
        or_(not_(bindparam("initiatives", type_=Boolean)), C.initiative.is_not(None)),
        or_(not_(bindparam("by_key", type_=Boolean)), C.key.in_(bindparam("keys", expanding=True))),
        or_(bindparam("about").is_(None), C.about.contains(bindparam("about"))),
    )
    .order_by(*SOONEST)
    .limit(bindparam("most"))
)
_BY_ID = select(*COLUMNS).select_from(TOGETHER).where(C.id.in_(bindparam("ids", expanding=True))).order_by(*SOONEST)
_IN_MEETINGS = (
    select(*COLUMNS)
    .select_from(TOGETHER)
    .where(C.meeting.in_(bindparam("meetings", expanding=True)))
    .order_by(*SOONEST)
)
_OPEN_OF_SERIES = (
    select(*COLUMNS).select_from(TOGETHER).where(C.series == bindparam("series"), IS_OPEN).order_by(*SOONEST)
)
_DUE_SINCE = (
    select(*COLUMNS)
    .select_from(TOGETHER)
    .where(C.due_at >= bindparam("since"))
    .order_by(*SOONEST)
    .limit(bindparam("most"))
)
_OPEN_BY_OFFICE = (
    select(C.member, C.key, func.count().label("times")).select_from(TOGETHER).where(IS_OPEN).group_by(C.member, C.key)
)
_REVIEWS = (
    select(last_words.table)
    .where(LAST.commitment.in_(bindparam("ids", expanding=True)), LAST.kind == REVIEW.name)
    .order_by(LAST.member)
)
_STORY = select(words.table).where(_W.commitment == bindparam("of")).order_by(_W.at.desc(), _W.number.desc(), _W.id)


# Folds


def fold_commitment(record_id: str, record: Record[Commitment]) -> Rows:
    """One row for each promise, whoever put it on record."""
    body = record.body
    said = "\n".join((body.words, body.office, *body.partners, *(one.title for one in body.milestones)))
    return _commitment(record_id, record, body, said)


def fold_response_action(record_id: str, record: Record[ResponseAction]) -> Rows:
    """One row for each action that a member promised for an office of its own."""
    body = record.body
    if body.member != record.origin or record.precedence is not PROCEDURE:
        return ()
    return _commitment(record_id, record, body, f"{body.words}\n{body.office}")


def _commitment(record_id: str, record: Record[Any], body: Commitment | ResponseAction, said: str) -> Rows:
    whole = body if isinstance(body, Commitment) else None
    row = {
        "kind": record.kind,
        "member": body.member,
        "key": key_of(body.office),
        "due_at": NO_DAY if body.due_at is None else as_text(body.due_at),
        "name": whole and whole.name,
        "topic": whole and whole.topic,
        "initiative": whole and whole.initiative and whole.initiative.value,
        "meeting": whole and whole.meeting,
        "series": whole and whole.series,
        "about": " ".join(record.about),
        "words": said,
        "body": encoded(body),
    }
    told = said_row(record_id, record)
    # Before any word of its member: whatever that says is later, by whatever clock.
    first = {"id": record_id, "at": "", "number": 0, "label": told["label"], "step": "", "body": ""}
    standing = {**first, "commitment": record_id, "member": body.member, "kind": PROGRESS.name}
    return ((commitments, {**told, **row}), (last_words, standing))


def fold_progress(record_id: str, record: Record[Progress]) -> Rows:
    """The member's last word on it, and a line of its story."""
    body = record.body
    return _last(record_id, record, body.words, body.step.value)


def fold_review(record_id: str, record: Record[Review]) -> Rows:
    """The member's last judgement of it, and a line of its story."""
    return _last(record_id, record, record.body.reason, "")


def _last(record_id: str, record: Record[Any], said: str, step: str) -> Rows:
    of, body = record.body.commitment, encoded(record.body)
    told = said_row(record_id, record)
    shared = {name: told[name] for name in ("id", "at", "number", "label")}
    last = {**shared, "commitment": of, "member": record.origin, "kind": record.kind, "step": step, "body": body}
    titles = [one.title for one in record.body.evidence]
    line = {**told, "commitment": of, "kind": record.kind, "words": "\n".join((said, *titles)), "body": body}
    return ((last_words, last), (words, line))


FOLDS: Mapping[str, Fold] = {
    RESPONSE_ACTION.name: fold_response_action,
    COMMITMENT.name: fold_commitment,
    PROGRESS.name: fold_progress,
    REVIEW.name: fold_review,
}


# Read


def one(view: View, commitment: str) -> Row[Any]:
    """The commitment of that id. Raises Nothing."""
    for row in view.rows(_BY_ID, ids=[commitment]):
        return row
    raise Nothing(commitment=commitment, list="laurel dialogue commitments")


def chosen(
    view: View,
    *,
    most: int,
    closed: bool = False,
    member: str | None = None,
    keys: Sequence[str] | None = None,
    topic: str | None = None,
    initiatives: bool = False,
    about: str | None = None,
) -> Sequence[Row[Any]]:
    """Those that are open, or all, of that member, of offices with these keys, on that topic; the first due first.

    `about`: a record that they cite.
    """
    return view.rows(
        CHOSEN,
        most=most,
        closed=closed,
        member=member,
        topic=topic,
        initiatives=initiatives,
        about=about,
        by_key=keys is not None,
        keys=list(keys or ()),
    )


def open_by_office(view: View) -> dict[tuple[str, str], int]:
    """How many are open, by the member and the key under which they were promised."""
    return {(row.member, row.key): row.times for row in view.rows(_OPEN_BY_OFFICE)}


def among(view: View, ids: Sequence[str]) -> set[str]:
    """Which of these are commitments, ours or others'."""
    return {row.id for row in view.rows(_BY_ID, ids=list(ids))}


def in_meetings(view: View, meetings: Sequence[str]) -> Sequence[Row[Any]]:
    """What was agreed in these meetings."""
    return view.rows(_IN_MEETINGS, meetings=list(meetings))


def open_of_series(view: View, series: str) -> Sequence[Row[Any]]:
    """What was promised for that series, and is open."""
    return view.rows(_OPEN_OF_SERIES, series=series)


def due_since(view: View, since: datetime, most: int) -> Sequence[Row[Any]]:
    """What is due then or later, settled or not; what has no day comes last."""
    return view.rows(_DUE_SINCE, since=as_text(since), most=most)


def story(view: View, commitment: str, member: str) -> tuple[tuple[ProgressRow, ...], tuple[ReviewRow, ...]]:
    """All that `member`, whose it is, said of it, and every judgement, the last first."""
    rows = view.rows(_STORY, of=commitment)
    own = [row for row in rows if row.kind == PROGRESS.name and row.by_member == member]
    return (
        tuple(_progress(row.id, row.at, row.label, row.body) for row in own),
        tuple(_review(row, row.by_member) for row in rows if row.kind == REVIEW.name),
    )


def body_of(row: Row[Any]) -> Commitment:
    """What was promised, in one shape."""
    if row.kind == COMMITMENT.name:
        return msgspec.json.decode(row.body, type=Commitment)
    action = msgspec.json.decode(row.body, type=ResponseAction)
    return Commitment(action.member, action.office, action.words, UNDETERMINED, "consultation", action.due_at)


def rows_of(view: View, found: Sequence[Row[Any]], offices: Register, now: datetime) -> tuple[CommitmentRow, ...]:
    """As they are shown."""
    reviews: defaultdict[str, list[ReviewRow]] = defaultdict(list)
    for row in view.rows(_REVIEWS, ids=[one.id for one in found]):
        reviews[row.commitment].append(_review(row, row.member))
    return tuple(_row(row, reviews[row.id], offices, now) for row in found)


def state_of(row: Row[Any]) -> str:
    """How its member says it stands: proposed, while another put it on record and it said nothing."""
    if not row.progress:
        return "open" if row.by_member == row.member else "proposed"
    return STATES[msgspec.json.decode(row.progress, type=Progress).step]


def _row(row: Row[Any], reviews: Sequence[ReviewRow], offices: Register, now: datetime) -> CommitmentRow:
    body, label = body_of(row), label_of(row.label)
    action = msgspec.json.decode(row.body, type=ResponseAction) if row.kind == RESPONSE_ACTION.name else None
    progress = _progress(row.progress_id, row.progress_at, row.progress_label, row.progress) if row.progress else None
    step = progress.step if progress else None
    is_open, heir = step not in OVER, offices.heir(body.member, body.office)
    return CommitmentRow(
        id=row.id,
        member=body.member,
        by=row.by_member,
        office=body.office,
        bound_to=heir,
        nobodys=heir is None,
        words=body.words,
        language=body.language,
        topic=body.topic,
        due_at=None if body.due_at is None else in_utc(body.due_at),
        overdue=is_open and body.due_at is not None and now > body.due_at,
        state=state_of(row),
        open=is_open,
        source=_source(body, action),
        citation=body.source,
        name=body.name,
        consultation=action and action.consultation,
        text=action and action.text,
        option=action and action.option,
        meeting=body.meeting,
        series=body.series,
        initiative=body.initiative,
        partners=body.partners,
        milestones=body.milestones,
        reached=progress.reached if progress else (),
        progress=progress,
        reviews=tuple(reviews),
        unreviewed=tuple(one for one in label.rel_to if one not in {each.member for each in reviews}),
        said_at=datetime.fromisoformat(row.at),
        label=label,
        banner=label.banner,
    )


def _source(body: Commitment, action: ResponseAction | None) -> str:
    if action is not None:
        return "consultation"
    if body.meeting is not None:
        return "minutes"
    return "charter" if body.name is not None else "own"


def _progress(record_id: str, at: str, label: str, text: str) -> ProgressRow:
    body = msgspec.json.decode(text, type=Progress)
    said_at, banner = datetime.fromisoformat(at), label_of(label).banner
    return ProgressRow(record_id, body.step, body.words, body.language, body.reached, body.evidence, said_at, banner)


def _review(row: Row[Any], member: str) -> ReviewRow:
    body = msgspec.json.decode(row.body, type=Review)
    said_at, banner = datetime.fromisoformat(row.at), label_of(row.label).banner
    return ReviewRow(row.id, member, body.score, body.reason, body.language, body.evidence, said_at, banner)
