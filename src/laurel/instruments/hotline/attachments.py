"""Files: said in parts, put together by their hash.

A file is what one member said of one hash to one audience: parts of another member, or to other members, are another
file, so nobody can spoil it. Its parts stay in the log alone; the table knows where. When the last is here, the node
puts them together once and says at home whether they are what the hash says.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import Column, Index, Integer, MetaData, Row, Table, Text, bindparam, select

from laurel.core.errors import BadAsk, BadField, Nothing
from laurel.core.fields import Code, Sha256
from laurel.core.instrument import Command, Desk, Kept, Meet, Noun, Query, Role, Rows, View
from laurel.core.label import Classification, Label, label
from laurel.core.record import Draft, Precedence, Record
from laurel.core.tables import label_of, said_columns, said_row
from laurel.instruments.hotline.board_types import AttachmentRow
from laurel.instruments.hotline.records import (
    FILE_CHECKED,
    MAX_FILE_BYTES,
    MAX_PART_BYTES,
    MAX_PARTS,
    PART,
    Attachment,
    FileChecked,
    Part,
)

part = Kept(
    Table(
        "hotline_part",
        MetaData(),
        *said_columns(),
        Column("sha256", Text, nullable=False),
        Column("place", Integer, nullable=False),
        Column("parts", Integer, nullable=False),
        Column("size", Integer, nullable=False),
        Column("content_sha256", Text, nullable=False),
        Index("hotline_part_sha256", "sha256"),
    ),
    Meet.ONCE,
)
checked = Kept(
    Table(
        "hotline_file_checked",
        MetaData(),
        *said_columns(),
        Column("sha256", Text, nullable=False),
        Column("last", Text, nullable=False),
        Column("right", Integer, nullable=False),
        Index("hotline_file_checked_sha256", "sha256"),
    ),
    Meet.ONCE,
)

_P, _C = part.table.c, checked.table.c
_PARTS = select(part.table).where(_P.sha256.in_(bindparam("of", expanding=True))).order_by(_P.number, _P.id)
_CHECKED = select(checked.table).where(_C.sha256.in_(bindparam("of", expanding=True)))


class FileForFewer(BadAsk):
    """Whoever reads a message must be able to open what goes with it."""

    says = "this file was said to fewer members than the message is for"
    remedy = "upload it again for all of them (laurel hotline upload FILE --to ...), or write to fewer"


# Said


class AttachAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Say one part of a file to these members; a part already said is not said again. `content` is base64.

    `to` and the label must be the same for each part. A file needs one part even if it is empty.
    """

    to: Annotated[tuple[Code, ...], Meta(max_length=50)]
    classification: Classification
    sha256: Sha256
    size: Annotated[int, Meta(ge=0, le=MAX_FILE_BYTES)]
    index: Annotated[int, Meta(ge=0, lt=MAX_PARTS)]
    parts: Annotated[int, Meta(ge=1, le=MAX_PARTS)]
    content: Annotated[bytes, Meta(max_length=MAX_PART_BYTES)]
    caveats: tuple[str, ...] = ()


def parts_of(size: int) -> int:
    """How many parts a file of that size has."""
    return max(1, -(-size // MAX_PART_BYTES))


def attach(ask: AttachAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """The part, with its audience and no urgency: no message waits for it. Raises BadField."""
    _check_sizes(ask)
    told = label(ask.classification, {desk.member, *ask.to}, frozenset(ask.caveats))
    content_sha256 = hashlib.sha256(ask.content).hexdigest()
    for held in files_of(view, [ask.sha256]).get(ask.sha256, ()):
        place = held.places.get(ask.index)
        if (held.member, held.label) == (desk.member, told) and place and place.content_sha256 == content_sha256:
            return ()
    return (Draft(Part(ask.sha256, ask.index, ask.parts, ask.content), told, Precedence.ROUTINE),)


def _check_sizes(ask: AttachAsk) -> None:
    parts = parts_of(ask.size)
    if ask.parts != parts:
        raise BadField(field="parts", value=ask.parts, must_be=f"{parts} for {ask.size} bytes")
    if ask.index >= parts:
        raise BadField(field="index", value=ask.index, must_be=f"less than {parts}")
    due = ask.size - ask.index * MAX_PART_BYTES if ask.index == parts - 1 else MAX_PART_BYTES
    if len(ask.content) != due:
        raise BadField(field="content", bytes=len(ask.content), must_be=f"{due} bytes, part {ask.index} of {parts}")
    if parts == 1 and hashlib.sha256(ask.content).hexdigest() != ask.sha256:
        raise BadField(field="sha256", value=ask.sha256, must_be="the SHA-256 of the content")


def on_part(record_id: str, record: Record[Part], view: View, desk: Desk) -> Sequence[Draft]:
    """With the last part that came: whether the file is what its hash says. Told to nobody else."""
    for held in files_of(view, [record.body.sha256]).get(record.body.sha256, ()):
        if held.last == record_id and held.complete and held.right is None:
            told = Label(record.label.classification, (desk.member,), record.label.caveats)
            right = sha256_of(view, held) == held.sha256
            return (Draft(FileChecked(held.sha256, record_id, held.size, right), told, about=(record_id,)),)
    return ()


# Folds


def fold_part(record_id: str, record: Record[Part]) -> Rows:
    """Where a part is, without what is in it."""
    body = record.body
    row = {
        **said_row(record_id, record),
        "sha256": body.sha256,
        "place": body.index,
        "parts": body.parts,
        "size": len(body.content),
        "content_sha256": hashlib.sha256(body.content).hexdigest(),
    }
    return ((part, row),)


def fold_checked(record_id: str, record: Record[FileChecked]) -> Rows:
    """One row for each check of our own."""
    if record.label.rel_to != (record.origin,):
        return ()
    body = record.body
    row = {**said_row(record_id, record), "sha256": body.sha256, "last": body.last, "right": int(body.right)}
    return ((checked, row),)


# What is held


@dataclass(frozen=True)
class Place:
    """Where one part of a file is: the record that has it, and what it is like."""

    record: str
    number: int
    size: int
    content_sha256: str


@dataclass(frozen=True)
class File:
    """What is held of a file that one member said to one audience. `right` once it was checked whole."""

    sha256: str
    member: str
    label: Label
    parts: int
    places: Mapping[int, Place]
    right: bool | None

    @property
    def complete(self) -> bool:
        """Whether every part is here."""
        return len(self.places) == self.parts

    @property
    def size(self) -> int:
        """How many bytes are here."""
        return sum(place.size for place in self.places.values())

    @property
    def last(self) -> str:
        """The part that its member said last."""
        return max(self.places.values(), key=lambda place: place.number).record


def files_of(view: View, hashes: Sequence[str]) -> Mapping[str, Sequence[File]]:
    """By hash, every file that is held, the best first: whole and right, then the one of which most is here."""
    if not hashes:
        return {}
    rights = {row.last: bool(row.right) for row in view.rows(_CHECKED, of=list(hashes))}
    grouped: defaultdict[tuple[str, str, str, int], dict[int, Row[Any]]] = defaultdict(dict)
    for row in view.rows(_PARTS, of=list(hashes)):
        # A part that was said again takes the place of the one before.
        if row.place < row.parts:
            grouped[row.sha256, row.by_member, row.label, row.parts][row.place] = row
    found: defaultdict[str, list[File]] = defaultdict(list)
    for (sha256, member, told, parts), rows in grouped.items():
        places = {place: Place(row.id, row.number, row.size, row.content_sha256) for place, row in sorted(rows.items())}
        held = File(sha256, member, label_of(told), parts, places, None)
        right = rights.get(held.last) if held.complete else None
        found[sha256].append(replace(held, right=right))
    for files in found.values():
        files.sort(key=lambda one: (one.right is not True, -len(one.places), one.member, one.label.rel_to))
    return found


def content_of(view: View, held: File) -> Iterator[bytes]:
    """The file, part by part, as the log has it. Raises Nothing for a part that is not here, or no more."""
    return (part_at(view, held, place) for place in range(held.parts))


def part_at(view: View, held: File, place: int) -> bytes:
    """One part of the file. Raises Nothing."""
    found = view.record(held.places[place].record) if place in held.places else None
    if found is None:
        raise Nothing(file=held.sha256, part=place, of=held.parts)
    return msgspec.json.decode(found.body, type=Part).content


def sha256_of(view: View, held: File) -> str:
    """The hash of what is here, all parts put together."""
    digest = hashlib.sha256()
    for content in content_of(view, held):
        digest.update(content)
    return digest.hexdigest()


# For messages


def check_attached(view: View, rel_to: Sequence[str], attachments: Sequence[Attachment]) -> None:
    """That no file which is here was said to fewer than these. One that comes later may. Raises FileForFewer."""
    files = files_of(view, [one.sha256 for one in attachments])
    for one in attachments:
        audiences = [set(held.label.rel_to) for held in files.get(one.sha256, ())]
        if audiences and not any(audience.issuperset(rel_to) for audience in audiences):
            widest = max(audiences, key=len)
            raise FileForFewer(name=one.name, said_to=", ".join(sorted(widest)), message_to=", ".join(rel_to))


def rows_of(view: View, messages: Sequence[Sequence[Attachment]]) -> list[tuple[AttachmentRow, ...]]:
    """The files of each of these messages, in order, and how much of each is here: whoever said it, to whomever."""
    hashes = {one.sha256 for attachments in messages for one in attachments}
    files = files_of(view, sorted(hashes))
    return [tuple(_row(one, files.get(one.sha256, ())) for one in attachments) for attachments in messages]


def _row(one: Attachment, files: Sequence[File]) -> AttachmentRow:
    best = next(iter(files), None)
    held, whole = (0, None) if best is None else (len(best.places), best.right)
    if best is not None and best.complete and best.size != one.size:
        whole = False
    return AttachmentRow(one.sha256, one.name, one.media_type, one.size, parts_of(one.size), held, whole)


# Reading


class OfFile(Struct, frozen=True, forbid_unknown_fields=True):
    """Which file, by the SHA-256 of all of it."""

    sha256: Sha256


class HeldFile(Struct, frozen=True):
    """What is held of a file that one member said to one audience: which of its parts, and whether it is whole."""

    member: str
    label: Label
    banner: str
    parts: int
    held: tuple[int, ...]
    size: int
    whole: bool | None


class HeldFiles(Struct, frozen=True):
    """Everything that is held of a file, the best first."""

    sha256: str
    files: tuple[HeldFile, ...]


def answer_attachment(ask: OfFile, view: View, now: datetime) -> HeldFiles:
    """Which parts of a file are here, said by whom and to whom: what an upload that broke off goes on from."""
    del now
    return HeldFiles(ask.sha256, tuple(_held(one) for one in files_of(view, [ask.sha256]).get(ask.sha256, ())))


def _held(one: File) -> HeldFile:
    return HeldFile(one.member, one.label, one.label.banner, one.parts, tuple(one.places), one.size, one.right)


WRITERS = frozenset({Role.WATCH_OFFICER, Role.RELEASE_AUTHORITY, Role.PRINCIPAL, Role.ANALYST})
NOUN = Noun(
    tables=(part, checked),
    folds={PART.name: fold_part, FILE_CHECKED.name: fold_checked},
    commands=(Command("attach", AttachAsk, attach, WRITERS),),
    queries=(Query("attachment", OfFile, HeldFiles, answer_attachment),),
    reactions={PART.name: on_part},
)
