"""Heads: what two nodes tell each other of their lanes, outside the log. They alone show a dropped tail."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from laurel.core.record import MAX_NUMBER, Precedence, Utc

HEADS_TYPE = "application/vnd.laurel.heads.v1+msgpack"


class LaneHead(Struct, frozen=True, array_like=True):
    """The last number of a lane and the id of the record that stands there."""

    origin: str
    audience: tuple[str, ...]
    precedence: Precedence
    number: Annotated[int, Meta(ge=0, le=MAX_NUMBER)]
    id: str


class Heads(Struct, frozen=True, array_like=True):
    """What `sender` has said to `to`, and how far it holds what `to` has said to it.

    `gaps` are those lanes of which it holds later records still: it asks for what lies between. `reached` says
    whether the sender reaches the server of `to` itself; `heard` is the `at` of the last heads of `to` that it heard:
    proof that these are no older than those. `sealing` is the name of the key that parcels
    for the sender are sealed with now, and the key.
    """

    world: str
    sender: str
    to: str
    at: Utc
    said: tuple[LaneHead, ...]
    holds: tuple[LaneHead, ...]
    gaps: tuple[LaneHead, ...]
    reached: bool = False
    heard: Utc | None = None
    sealing: tuple[str, bytes] | None = None


class SignedHeads(Struct, frozen=True, array_like=True):
    """Heads as exact bytes, signed over the DSSE pre-authentication encoding of HEADS_TYPE."""

    payload: bytes
    signature: bytes
    key_id: str
