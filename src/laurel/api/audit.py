"""The audit for auditors: a page at a time, one record's story, the chain made again, all of it signed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from litestar import Request, get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery
from litestar.response import Stream
from msgspec import Struct
from sqlalchemy import Connection

from laurel.api.door import Door
from laurel.core.errors import BadField, NotPermitted
from laurel.core.instrument import Role
from laurel.node.keep import audit_pages
from laurel.node.keep.audit_pages import AuditHours, AuditPage, AuditStand, ChainChecked
from laurel.node.keep.inquiry import Export, Wanted, full_id
from laurel.node.keep.story import Event, story

MOST_LINES = 1_000
EXPORT = "audit/export"
ID_LETTERS = 64
# The greatest number that SQLite has: no line is so far.
BEYOND_ALL = 2**63 - 1

Found = TypeVar("Found")
Asking = Request[Any, Any, Any]


class RecordStory(Struct, frozen=True):
    """All that this node knows of one record, in order."""

    record: str
    story: tuple[Event, ...]


class WantedPage(Wanted, frozen=True, forbid_unknown_fields=True):
    """Also of what kind the record is, and before which time the lines were written."""

    kind: str | None = None
    until: datetime | None = None


class Look:
    """What an auditor looks at, read in one moment of the world's database."""

    def __init__(self, door: Door) -> None:
        self.door = door

    def may(self, request: Asking, path: str) -> None:
        """Raises as `Door.reader`, and NotPermitted."""
        author = self.door.reader(request, path)
        if Role.AUDITOR not in author.roles:
            raise NotPermitted(author=author.name, needs=Role.AUDITOR.value)

    async def at(self, found: Callable[[Connection], Found]) -> Found:
        """What is found there."""
        station = self.door.site.station

        def read() -> Found:
            with station.inner.store.reading() as from_:
                return found(from_)

        return await station.reading(read)


def audit_routes(door: Door) -> list[BaseRouteHandler]:
    """For auditors alone, and who looks is in the audit too."""
    site, station = door.site, door.site.station

    look = Look(door)

    @get("/audit", tags=["world"])
    async def audit(request: Asking) -> AuditPage:
        """Who saw what, what went to whom by which policy, who was refused. Auditors only.

        Takes record, author, member, decision, kind, since, until, before (a line) and limit, and gives the last that
        match, from among so many lines as can be looked through at once.
        """
        look.may(request, "audit")
        try:
            wanted = msgspec.convert(dict(request.query_params), WantedPage, strict=False)
        except msgspec.ValidationError as error:
            raise BadField(query="audit", why=str(error)) from None
        if not 1 <= wanted.limit <= MOST_LINES:
            raise BadField(field="limit", value=wanted.limit, must_be=f"1 to {MOST_LINES}")
        return await look.at(lambda from_: audit_pages.page(from_, wanted, wanted.kind, wanted.until))

    @get("/audit/record/{record:str}", tags=["world"])
    async def record_story(request: Asking, record: FromPath[str]) -> RecordStory:
        """One record's whole story at this node. Its id or how it begins. Auditors only."""
        look.may(request, f"audit/{record}")

        def told(from_: Connection) -> RecordStory:
            whole = record if len(record) == ID_LETTERS else full_id(from_, record)
            return RecordStory(whole, tuple(story(from_, whole)))

        return await look.at(told)

    @post("/audit/export", tags=["world"], status_code=200)
    async def export(request: Asking) -> Stream:
        """All of it, as `laurel audit --export` writes it: checked without our code by whoever has our public key."""
        author = door.asker(request, EXPORT, frozenset({Role.AUDITOR})).name
        await station.writing(lambda: station.inner.note("exported", [("", EXPORT)], author=author))
        made = Export(site.layout, station.world)

        async def written() -> AsyncGenerator[bytes]:
            yield made.head()
            while lines := await look.at(lambda from_: audit_pages.stretch(from_, made.count)):
                yield b"".join(made.written(one) for one in lines)
            yield made.end(door.clock.now())

        return Stream(written, media_type="application/jsonl")

    return [audit, record_story, export, *_chain_routes(look)]


def _chain_routes(look: Look) -> list[BaseRouteHandler]:
    @get("/audit/stand", tags=["world"])
    async def stand(request: Asking) -> AuditStand:
        """How long the audit is and where its chain stands. Auditors only."""
        look.may(request, "audit/stand")
        return await look.at(audit_pages.stand)

    @get("/audit/hours", tags=["world"])
    async def hours(request: Asking) -> AuditHours:
        """What was let go, kept back, taken in and refused, by hour and member, within the last day. Auditors only."""
        look.may(request, "audit/hours")
        return await look.at(lambda from_: audit_pages.hours(from_, look.door.clock.now()))

    @get("/audit/check", tags=["world"])
    async def check(request: Asking, after: FromQuery[int] = 0, chain: FromQuery[str] = "") -> ChainChecked:
        """The chain made again, a stretch at a time: each goes on from the line and the chain of the one before."""
        look.may(request, "audit/check")
        return await look.at(lambda from_: audit_pages.check(from_, min(max(0, after), BEYOND_ALL), chain))

    return [stand, hours, check]
