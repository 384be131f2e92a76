"""STIX 2.1 bundles as others write them: opened, and each object held against the standard by the library `stix2`.

OASIS STIX 2.1, sections 3 to 8. What the standard leaves open stays open: unknown types and properties of one's own are
kept as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

import msgspec
from msgspec import Raw

from laurel.core.errors import BadAsk
from laurel.core.record import UNREADABLE
from laurel.instruments.cyber.stix import STIX_ID

# What the library raises at objects of a wrong form, beside errors of its own.
NOT_STIX = (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError)
LONGEST = 300


class NoBundle(BadAsk):
    """Without a bundle there are no objects to speak of."""

    says = "this is no STIX 2.1 bundle"
    remedy = 'send JSON as {"type": "bundle", "id": "bundle--UUID", "objects": [...]}'


class _Bundle(msgspec.Struct, frozen=True):
    type: str
    id: str
    objects: tuple[Raw, ...] = ()


class _Called(msgspec.Struct, frozen=True):
    id: str = ""


@dataclass(frozen=True)
class Opened:
    """A bundle: its id, its objects letter for letter, and what else stood in it, by name."""

    id: str
    objects: Sequence[Raw]
    beside: tuple[str, ...]


@cache
def _library() -> Any:
    """Loaded with the first bundle, for it would make every node start later."""
    return import_module("stix2")


def opened(body: bytes) -> Opened:
    """What came in one bundle; nothing of its objects is checked yet. Raises NoBundle."""
    try:
        found = msgspec.json.decode(body, type=_Bundle)
        names = msgspec.json.decode(body, type=dict[str, Raw])
    except UNREADABLE as error:
        raise NoBundle(why=str(error)) from None
    matched = STIX_ID.fullmatch(found.id)
    if found.type != "bundle" or matched is None or matched[1] != "bundle":
        raise NoBundle(type=found.type[:80], id=found.id[:120])
    return Opened(found.id, found.objects, tuple(sorted(names.keys() - {"type", "id", "objects"})))


def wrong_with(stix: Raw) -> str | None:
    """Why this is no STIX 2.1 object; None when the standard has nothing against it."""
    stix2 = _library()
    try:
        stix2.parse(msgspec.json.decode(stix), allow_custom=True, version="2.1")
    except (stix2.exceptions.STIXError, *NOT_STIX) as error:
        return " ".join(str(error).split())[:LONGEST] or type(error).__name__
    return None


def id_of(stix: Raw) -> str:
    """What it calls itself, whatever else is wrong with it."""
    try:
        return msgspec.json.decode(stix, type=_Called).id[:LONGEST]
    except UNREADABLE:
        return ""


def bundle_of(bundle_id: str, objects: Iterable[Raw]) -> Iterator[bytes]:
    """A bundle, piece by piece, its objects letter for letter."""
    yield b'{"type":"bundle","id":' + msgspec.json.encode(bundle_id) + b',"objects":['
    for place, one in enumerate(objects):
        yield (b",\n" if place else b"\n") + bytes(one)
    yield b"\n]}\n"
