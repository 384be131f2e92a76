"""Records as a peer, honest or not, would sign them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from tests.node.notebook import NOTE, Note
from tests.node.worlds import LIVE, MEMBERS, START, Members

from laurel.core.label import Classification, Label
from laurel.core.record import Precedence, Record, Sealed, World, key_id, pre_authentication_encoding


def sealed(
    who: Members,
    text: str = "hello",
    *,
    rel_to: Sequence[str] = MEMBERS,
    signed_by: str | None = None,
    world: World = LIVE,
    **fields: Any,
) -> Sealed:
    """A record of these words from Japan, signed without any of the checks that our own saying makes."""
    record: Record[Any] = Record(
        kind=NOTE.name,
        compact=world.compact,
        exercise=world.exercise,
        origin="JPN",
        author="officer:sato",
        at=START,
        label=Label(Classification.RESTRICTED, tuple(rel_to)),
        precedence=Precedence.ROUTINE,
        number=1,
        prev=None,
        about=(),
        answers=None,
        salt=bytes(16),
        body=Note("topic", text),
    )
    record = msgspec.structs.replace(record, **fields)
    return sign(who, msgspec.json.encode(record), signed_by or record.origin)


def sign(who: Members, payload: bytes, member: str = "JPN") -> Sealed:
    """Any bytes at all, signed by a member."""
    key = who.keys[member]
    return Sealed(payload, key.sign(pre_authentication_encoding(payload)), key_id(key.public_key()))


def lane(who: Members, *texts: str, **fields: Any) -> list[Sealed]:
    """Records that follow each other from number 1."""
    records: list[Sealed] = []
    for number, text in enumerate(texts, 1):
        prev = records[-1].id if records else None
        records.append(sealed(who, text, number=number, prev=prev, **fields))
    return records
