"""Handover: what the next holder of an office must know, on one page, and who signed for it.

The dossier is facts alone, so its hash stays the same while nothing changes. Who leaves signs for what holds now, and
the record of that keeps the whole of it; who comes signs for the very same hash. Both stay at home.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Column, Index, MetaData, Table, Text, bindparam, select

from laurel.core.errors import BadAsk, BadField, Nothing, NotPermitted
from laurel.core.fields import Name, Sha256
from laurel.core.instrument import PEOPLE, Command, Desk, Item, Kept, Meet, Noun, Query, Role, Rows, View
from laurel.core.label import Classification, Label
from laurel.core.record import Draft, Record
from laurel.core.tables import label_of, said_columns, said_row
from laurel.instruments.dialogue import commitments_said, meetings_said
from laurel.instruments.dialogue.commitment_types import (
    CommitmentRow,
    Dossier,
    DossierAnswer,
    DossierCommitment,
    DossierItem,
    DossierMeeting,
    Signature,
)
from laurel.instruments.dialogue.meeting_types import MeetingRow
from laurel.instruments.dialogue.offices_said import Office, Register, key_of, register
from laurel.instruments.dialogue.records import HANDOVER, Handover, Part
from laurel.instruments.dialogue.series_said import declared

SIGNERS = PEOPLE - {Role.AUDITOR, Role.EXERCISE_CONTROL}
MOST_PROMISES = 500
MOST_ITEMS = 100
MOST_BYTES = 180_000
"""What leaves room for the dossier in a record of 256 kB, written as a text within a text."""

signed = Kept(
    Table(
        "dialogue_handover",
        MetaData(),
        *said_columns(),
        Column("key", Text, nullable=False),
        Column("part", Text, nullable=False),
        Column("sha256", Text, nullable=False),
        Column("holder", Text, nullable=False),
        Column("content", Text, nullable=False),
        Index("dialogue_handover_sha256", "sha256"),
    ),
    Meet.ONCE,
    searched=("holder", "content"),
)
_S = signed.table.c
_SIGNED = select(signed.table).where(_S.sha256 == bindparam("of")).order_by(_S.at, _S.number, _S.id)


class DossierChanged(BadAsk):
    """Nobody signs for what he has not read."""

    says = "the dossier is not what it was when you read it"
    remedy = "read it again: laurel dialogue dossier; then sign for that hash"


class DossierTooLarge(BadAsk):
    """A record takes 256 kB."""

    says = "the dossier does not fit into one record"
    remedy = "settle what is done: laurel dialogue note-progress; or hand on part of it to another office first"


class SignedAlready(BadAsk):
    """Once is enough."""

    says = "this part of this dossier was signed for"
    remedy = "see who did: laurel dialogue dossier"


class DossierAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """The dossier of an office of ours as it is now; or, by its hash, as it was signed for."""

    office: Name
    sha256: Sha256 | None = None


class SignDossierAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Sign for the dossier of an office of ours, as its leaving or its coming holder; `sha256` is of what you read."""

    office: Name
    part: Part
    holder: Name
    sha256: Sha256


@dataclass(frozen=True)
class _Made:
    dossier: Dossier
    content: str
    sha256: str
    label: Label


# Made


def content_of(dossier: Dossier) -> str:
    """Its canonical JSON: the fields in their order, times in UTC. What is hashed, letter for letter."""
    return msgspec.json.encode(dossier, order="deterministic").decode()


def hash_of(content: str) -> str:
    """SHA-256 of that text, hexadecimal."""
    return hashlib.sha256(content.encode()).hexdigest()


def _make(view: View, name: str, now: datetime) -> _Made:
    """What holds now. Raises Nothing."""
    offices = register(view)
    office = offices.find(view.member, name)
    if office is None:
        raise Nothing(office=name, of=view.member, list="laurel dialogue offices")
    keys = offices.keys_of(view.member, name)
    found = commitments_said.chosen(view, most=MOST_PROMISES, member=view.member, keys=sorted(keys))
    promises = commitments_said.rows_of(view, found, offices, now)
    meetings = _meetings(view, offices, office, now)
    waiting = view.docket(now)
    # An office of another member may be called the same; what it promised is on the docket too.
    told = {one.id for one in meetings} | commitments_said.among(view, [item.subject for item in waiting])
    waiting = [item for item in waiting if item.subject not in told]
    consultations = [one for one in waiting if _is_consultation(one, view)][:MOST_ITEMS]
    known = {one.subject for one in consultations}
    items = [one for one in waiting if one.subject not in known and keys & {key_of(each) for each in one.offices}]
    items = items[:MOST_ITEMS]
    dossier = Dossier(
        member=view.member,
        office=office.name,
        also=office.also,
        commitments=tuple(_promise(one) for one in promises),
        meetings=tuple(_meeting(one) for one in meetings),
        consultations=tuple(_item(one) for one in consultations),
        items=tuple(_item(one) for one in items),
    )
    labels = [office.label, *(one.label for one in (*promises, *meetings, *consultations, *items))]
    content = content_of(dossier)
    return _Made(dossier, content, hash_of(content), _home(labels, view.member))


def _home(labels: Sequence[Label], member: str) -> Label:
    """For our own house, as strict as the strictest."""

    def stricter(first: Label, second: Label) -> Label:
        classification = max(first.classification, second.classification, key=lambda one: one.rank)
        return Label(classification, (member,), tuple(sorted({*first.caveats, *second.caveats})))

    return reduce(stricter, labels, Label(Classification.UNCLASSIFIED, (member,)))


def _meetings(view: View, offices: Register, office: Office, now: datetime) -> tuple[MeetingRow, ...]:
    """Of each series that the office attends the last one held, and all to come."""
    keys = offices.keys_of(view.member, office.name)
    attended = [
        name
        for name, one in declared(view).items()
        if any(seat.member == view.member and key_of(seat.office) in keys for seat in one.series.offices)
    ]
    lines = meetings_said.lines(view, attended).values()
    last = [held[-1].id for line in lines if (held := [one for one in line if one.held])]
    coming = [one.id for line in lines for one in line if not one.held]
    told = meetings_said.some(view, [*last, *coming])
    return meetings_said.rows_of(view, [one for one in told if one.held or meetings_said.over_at(one) >= now], now)


def _is_consultation(item: Item, view: View) -> bool:
    record = view.record(item.subject) if item.subject in item.records else None
    return record is not None and record.kind.startswith("consult.")


def _promise(one: CommitmentRow) -> DossierCommitment:
    return DossierCommitment(
        id=one.id,
        office=one.office,
        words=one.words,
        language=one.language,
        due_at=one.due_at,
        state=one.state,
        source=one.source,
        citation=one.citation,
        milestones=one.milestones,
        reached=one.reached,
        last_word=one.progress.words if one.progress else "",
        reviews=tuple(f"{each.member} {each.score:+d}" for each in one.reviews),
        banner=one.banner,
    )


def _meeting(one: MeetingRow) -> DossierMeeting:
    return DossierMeeting(
        id=one.id,
        series=one.series,
        title=one.title,
        language=one.language,
        begins_at=one.begins_at,
        ends_at=one.ends_at,
        place=one.place,
        time_zone=one.time_zone,
        state=one.state,
        banner=one.banner,
    )


def _item(one: Item) -> DossierItem:
    return DossierItem(one.subject, one.title, one.summary, one.due, one.label.banner)


# Signed


def fold_handover(record_id: str, record: Record[Handover]) -> Rows:
    """One row for each signature of our own house; another's would be no business of ours."""
    body = record.body
    if record.label.rel_to != (record.origin,):
        return ()
    row = {
        "key": key_of(body.office),
        "part": body.part.value,
        "sha256": body.sha256,
        "holder": body.holder,
        "content": body.content,
    }
    return ((signed, {**said_row(record_id, record), **row}),)


def sign_dossier(ask: SignDossierAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Sign for it. Raises Nothing, DossierChanged, DossierTooLarge, SignedAlready, NotPermitted."""
    before = view.rows(_SIGNED, of=ask.sha256)
    for row in before:
        if row.part == ask.part.value:
            raise SignedAlready(part=ask.part.value, holder=row.holder, record=row.id)
    if ask.part is Part.COMING:
        return (_coming(ask, before, desk),)
    made = _make(view, ask.office, desk.now)
    if made.sha256 != ask.sha256:
        raise DossierChanged(read=ask.sha256, now=made.sha256)
    if len(made.content.encode()) > MOST_BYTES:
        raise DossierTooLarge(bytes=len(made.content.encode()), limit=MOST_BYTES)
    body = Handover(made.dossier.office, ask.part, ask.holder, made.sha256, made.content)
    return (Draft(body, made.label),)


def _coming(ask: SignDossierAsk, before: Sequence[Any], desk: Desk) -> Draft:
    leaving = next((row for row in before if row.part == Part.LEAVING.value), None)
    if leaving is None:
        raise Nothing(signed_by_who_leaves=ask.sha256, list="laurel dialogue dossier")
    if leaving.key != key_of(_of(leaving.content).office) or key_of(ask.office) != leaving.key:
        raise BadField(field="office", value=ask.office, must_be=_of(leaving.content).office)
    if leaving.author == desk.author:
        raise NotPermitted(why="who leaves and who comes are two persons", signed_by=desk.author)
    body = Handover(_of(leaving.content).office, ask.part, ask.holder, ask.sha256)
    return Draft(body, label_of(leaving.label), about=(leaving.id,))


def _of(content: str) -> Dossier:
    return msgspec.json.decode(content, type=Dossier)


def answer_dossier(ask: DossierAsk, view: View, now: datetime) -> DossierAnswer:
    """What the next holder must know, and who signed for exactly that. Raises Nothing."""
    made = _make(view, ask.office, now) if ask.sha256 is None else None
    sha256 = made.sha256 if made else ask.sha256
    rows = view.rows(_SIGNED, of=sha256)
    if made is None:
        kept = next((row for row in rows if row.content and row.key in _keys(view, ask.office)), None)
        if kept is None:
            raise Nothing(dossier=ask.sha256, of=ask.office)
        present = _make(view, ask.office, now).sha256 == kept.sha256
        made = _Made(_of(kept.content), kept.content, kept.sha256, label_of(kept.label))
    else:
        present = True
    signatures = tuple(
        Signature(row.id, Part(row.part), row.holder, row.author, datetime.fromisoformat(row.at)) for row in rows
    )
    return DossierAnswer(now, made.sha256, made.dossier, made.label, present, signatures)


def _keys(view: View, name: str) -> set[str]:
    return register(view).keys_of(view.member, name)


NOUN = Noun(
    tables=(signed,),
    folds={HANDOVER.name: fold_handover},
    commands=(Command[Any]("sign-dossier", SignDossierAsk, sign_dossier, SIGNERS),),
    queries=(Query("dossier", DossierAsk, DossierAnswer, answer_dossier),),
)
