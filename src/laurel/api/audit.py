"""The audit for auditors, a page at a time."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, get
from litestar.handlers import BaseRouteHandler
from msgspec import Struct

from laurel.api.door import Door
from laurel.core.errors import BadField, NotPermitted
from laurel.core.instrument import Role
from laurel.node.keep.audit import Line
from laurel.node.keep.inquiry import Wanted, lines
from laurel.node.keep.story import Event, story

MOST_LINES = 1_000


class AuditPage(Struct, frozen=True):
    """Lines in their order. `before` asks for the page before this one: None when there is none."""

    lines: tuple[Line, ...]
    before: int | None


class RecordStory(Struct, frozen=True):
    """All that this node knows of one record, in order."""

    record: str
    story: tuple[Event, ...]


def audit_routes(door: Door) -> list[BaseRouteHandler]:
    """For auditors alone, and who looks is in the audit too."""
    station = door.site.station

    def auditor(request: Request[Any, Any, Any], path: str) -> None:
        author = door.reader(request, path)
        if Role.AUDITOR not in author.roles:
            raise NotPermitted(author=author.name, needs=Role.AUDITOR.value)

    @get("/audit", tags=["world"])
    async def audit(request: Request[Any, Any, Any]) -> AuditPage:
        """Who saw what, what went to whom by which policy, who was refused. Auditors only.

        Takes record, author, member, decision, since, before (a line) and limit, and gives the last that match.
        """
        auditor(request, "audit")
        try:
            wanted = msgspec.convert(dict(request.query_params), Wanted, strict=False)
        except msgspec.ValidationError as error:
            raise BadField(query="audit", why=str(error)) from None
        if not 1 <= wanted.limit <= MOST_LINES:
            raise BadField(field="limit", value=wanted.limit, must_be=f"1 to {MOST_LINES}")

        def read() -> list[Line]:
            with station.inner.store.reading() as from_:
                return lines(from_, wanted)

        found = await station.reading(read)
        return AuditPage(tuple(found), found[0].line if len(found) == wanted.limit else None)

    @get("/audit/record/{record:str}", tags=["world"])
    async def record_story(request: Request[Any, Any, Any], record: str) -> RecordStory:
        """One record's whole story at this node. Auditors only."""
        auditor(request, f"audit/{record}")

        def read() -> list[Event]:
            with station.inner.store.reading() as from_:
                return story(from_, record)

        return RecordStory(record, tuple(await station.reading(read)))

    return [audit, record_story]
