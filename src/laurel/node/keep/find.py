"""What was said in these words, by anybody, whatever instrument it is of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import Raw, Struct
from sqlalchemy import Connection, bindparam

from laurel.core.fields import Language
from laurel.core.instrument import RECORD_ID, Item, Kept, View
from laurel.core.record import Record, decode
from laurel.core.words import BELONGS, excerpt
from laurel.node.keep import schema, standing
from laurel.node.keep.catalogue import Catalogue
from laurel.node.keep.search import search


class Found(Struct, frozen=True):
    """A record in which the words stand, and the piece of it where they do.

    `of` is what it belongs to, such as its conversation; the record itself where it belongs to nothing else.
    """

    record: str
    kind: str
    origin: str
    author: str
    at: datetime
    banner: str
    of: str
    language: str | None
    excerpt: str


class _Own(Struct, frozen=True):
    language: Language | None = None


def find(from_: Connection, catalogue: Catalogue, words: str, most: int) -> list[Found]:
    """The records that hold all these words, the last taken in first. What was taken back is not found."""
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for kept in catalogue.tables:
        # Each table gives its own last ones, so the last of all are among them.
        for record_id, text in _texts(from_, kept, search(from_, kept, words, most)):
            texts[record_id].append(text)
    wanted = words.split()
    found: list[Found] = []
    for row in from_.execute(_LATEST, {"ids": list(texts)}):
        record = decode(row.payload)
        body = msgspec.json.decode(record.body, type=dict[str, Any])
        above = _above(from_, catalogue, record, body)
        if above is not None:
            found.append(_found(row.id, record, above, excerpt(_where(texts[row.id], wanted), wanted)))
        if len(found) == most:
            break
    return found


def _found(record_id: str, record: Record[Raw], above: str, piece: str) -> Found:
    try:
        language = msgspec.json.decode(record.body, type=_Own).language
    except msgspec.ValidationError:
        language = None
    return Found(
        record=record_id,
        kind=record.kind,
        origin=record.origin,
        author=record.author,
        at=record.at,
        banner=record.label.banner,
        of=above or record_id,
        language=language,
        excerpt=piece,
    )


def _where(texts: Sequence[str], wanted: Sequence[str]) -> str:
    """Of a record's rows the one in which the first of the words stands."""
    return next((one for one in texts if any(word.lower() in one.lower() for word in wanted)), texts[0])


def _above(from_: Connection, catalogue: Catalogue, record: Record[Raw], body: dict[str, Any]) -> str | None:
    """What it belongs to, "" where to nothing else; None where it falls with a record that was taken back."""
    with_ = catalogue.kinds[record.kind].falls_with
    if with_ is not None:
        payload = from_.execute(_PAYLOAD_OF, {"of": body[with_]}).scalar()
        if payload is None or not standing.stands(from_, body[with_]):
            return None
        other = msgspec.json.decode(decode(payload).body, type=dict[str, Any])
        return _belongs(other) or str(body[with_])
    return _belongs(body)


def opens(view: View, item: Item) -> Item:
    """The item, with what is opened where it lives."""
    record = view.record(item.subject) if RECORD_ID.fullmatch(item.subject) else None
    body = {} if record is None else msgspec.json.decode(record.body, type=dict[str, Any])
    return replace(item, opens=_belongs(body) or item.subject)


def _belongs(body: dict[str, Any]) -> str:
    named = (body.get(name) for name in BELONGS)
    return next((one for one in named if isinstance(one, str) and RECORD_ID.fullmatch(one)), "")


def _texts(from_: Connection, kept: Kept, ids: Sequence[str]) -> list[tuple[str, str]]:
    """What stands in the searched columns of these rows."""
    if not ids:
        return []
    source = kept.table.c[kept.source]
    rows = sa.select(source, *(kept.table.c[name] for name in kept.searched)).where(source.in_(ids))
    return [(row[0], "\n".join(text for text in row[1:] if text)) for row in from_.execute(rows)]


_G = schema.log.c
_LATEST = sa.select(_G.id, _G.payload).where(_G.id.in_(bindparam("ids", expanding=True))).order_by(_G.position.desc())
_PAYLOAD_OF = sa.select(_G.payload).where(_G.id == bindparam("of"))
