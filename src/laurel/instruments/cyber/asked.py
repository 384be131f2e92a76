"""What is asked of cyber: the shapes of queries that the console and the TAXII server use."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from laurel.instruments.cyber.records import StixId

MOST = 500


class ObjectsAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Objects of these types, in which all these words stand, taken in since then; `after` is where a page begins."""

    types: tuple[str, ...] = ()
    words: Annotated[str, Meta(max_length=500)] = ""
    since: datetime | None = None
    revoked: bool = False
    after: Annotated[int, Meta(ge=0)] = 0
    most: Annotated[int, Meta(ge=1, le=MOST)] = 100


class OfObject(Struct, frozen=True, forbid_unknown_fields=True):
    """Which object, by its STIX id."""

    id: StixId


class OfCollection(Struct, frozen=True, forbid_unknown_fields=True):
    """A page of a collection: by position, and by what TAXII filters by.

    `match_version`: `first`, `last`, `all` or moments; without one the last version of each object. `manifest` leaves
    the objects themselves out.
    """

    collection: Annotated[str, Meta(pattern="^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]
    after: Annotated[int, Meta(ge=0)] = 0
    added_after: datetime | None = None
    match_id: tuple[str, ...] = ()
    match_type: tuple[str, ...] = ()
    match_version: tuple[str, ...] = ("last",)
    match_spec_version: tuple[str, ...] = ()
    manifest: bool = False
    most: Annotated[int, Meta(ge=1, le=MOST)] = 100
