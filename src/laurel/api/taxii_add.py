"""Adding to a TAXII collection: each object becomes a record with its label, and the status tells of each."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from laurel.api.cyber import share
from laurel.api.door import Door
from laurel.api.taxii_status import Detail, Status, Statuses
from laurel.core.errors import BadField, LaurelError, TooMany
from laurel.core.label import Label
from laurel.core.record import UNREADABLE
from laurel.instruments.cyber.records import Tlp
from laurel.instruments.cyber.sharing import Terms
from laurel.instruments.cyber.shown import CollectionRow
from laurel.instruments.cyber.tlp import CLASSIFIED
from laurel.node.author import Author

MAX_CONTENT_BYTES = 8 * 1024 * 1024
ANSWER_WITHIN_S = 5.0
"""How long the answer waits for the node to be done: what takes longer, the client asks the status for."""

MOST_OBJECTS = 20_000
MOST_AT_ONCE = 8
"""Envelopes that wait for their turn, each held in memory."""
TAKEN = "taken, or here already; where its own marking is stricter, it stands in the stricter collection"
FAULT = "the node failed on this; see the node's log, and report what it says"

log = logging.getLogger(__name__)


class Envelope(Struct, frozen=True):
    """What a client adds (TAXII 2.1, 3.7). A STIX bundle reads the same, and is no more: stix2 names each anew."""

    objects: tuple[Raw, ...]


class _Named(Struct, frozen=True):
    id: Any = ""
    modified: Any = ""
    created: Any = ""


class Adding:
    """What is being added now, and what became of what was."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._statuses = Statuses(door.site.layout.world(door.site.station.world).taxii)
        self._turns = asyncio.Semaphore(1)
        self._at_work: set[asyncio.Task[None]] = set()

    async def add(self, author: Author, row: CollectionRow, body: bytes) -> Status:
        """What became of it so far. Raises BadField, TooMany, CannotWrite, DiskFull."""
        if len(self._at_work) >= MOST_AT_ONCE:
            raise TooMany(envelopes=len(self._at_work), wait_s=5)
        envelope, begun = await self._door.site.station.reading(partial(self._begin, author, body))
        work = asyncio.create_task(self._work(begun, author, terms_of(row), envelope))
        self._at_work.add(work)
        work.add_done_callback(self._at_work.discard)
        await asyncio.wait([work], timeout=ANSWER_WITHIN_S)
        return await self.status(begun.id, author)

    async def status(self, status_id: str, author: Author) -> Status:
        """What became of what this author added. Raises BadField, Nothing."""
        return await self._door.site.station.reading(partial(self._statuses.find, status_id, author.name))

    def _begin(self, author: Author, body: bytes) -> tuple[Envelope, Status]:
        envelope = _read(body)
        waiting = [_named(one) for one in envelope.objects]
        return envelope, self._statuses.begin(author.name, waiting, self._door.clock.now())

    async def _work(self, begun: Status, author: Author, terms: Terms, envelope: Envelope) -> None:
        """Share them, and write down what became of each."""
        try:
            async with self._turns:
                shared = await share(self._door, author, f"taxii:{begun.id}", terms, envelope.objects, None)
            ended = _told(begun, {one.place: one.why for one in shared.findings})
        except LaurelError as error:
            ended = _told(begun, dict.fromkeys(range(len(begun.pending)), str(error)))
        except Exception:
            log.exception("fault while adding by TAXII, status %s", begun.id)
            ended = _told(begun, dict.fromkeys(range(len(begun.pending)), FAULT))
        await self._door.site.station.reading(partial(self._statuses.end, ended))


def terms_of(row: CollectionRow) -> Terms:
    """A collection's own terms. Whoever adds to one that is RED names its members by choosing it."""
    label = Label(CLASSIFIED[row.tlp], row.rel_to)
    return Terms(label, row.tlp, red_to=row.rel_to if row.tlp is Tlp.RED else ())


def _read(body: bytes) -> Envelope:
    try:
        envelope = msgspec.json.decode(body, type=Envelope)
    except UNREADABLE as error:
        raise BadField(field="envelope", why=str(error), must_be='{"objects": [...]}') from None
    if len(envelope.objects) > MOST_OBJECTS:
        raise BadField(field="envelope", objects=len(envelope.objects), limit=MOST_OBJECTS)
    return envelope


def _named(one: Raw) -> Detail:
    """What it calls itself, as far as it can be read."""
    try:
        named = msgspec.json.decode(one, type=_Named)
    except UNREADABLE:
        named = _Named()
    return Detail(str(named.id)[:300], str(named.modified or named.created)[:60], "waits")


def _told(begun: Status, wrong: Mapping[int, str]) -> Status:
    """The same, complete: these failed, by their places, and why."""
    each = list(enumerate(begun.pending))
    return replace(
        begun,
        pending=(),
        successes=tuple(replace(one, message=TAKEN) for place, one in each if place not in wrong),
        failures=tuple(replace(one, message=wrong[place]) for place, one in each if place in wrong),
    )
