"""What leaves as a signed file or a page: conversations and joint statements; dossiers and minutes to print.

To export is an act: it is signed with the member's key, and the audit names who did it, before a byte leaves.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import msgspec
from litestar import MediaType, Request, Response, post
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from laurel.api.door import Connection, Door
from laurel.core.errors import BadField
from laurel.core.instrument import Role
from laurel.gateways.bundle import check
from laurel.gateways.conversation_page import conversation_page
from laurel.gateways.dossier_page import dossier_page
from laurel.gateways.export import conversation_bundle, statement_bundle
from laurel.gateways.minutes_page import minutes_page
from laurel.gateways.page import POLICY
from laurel.gateways.statement import statement_page
from laurel.instruments.dialogue.dossier import DossierAsk
from laurel.instruments.dialogue.meeting_board import MeetingAsk

EXPORT, PUBLISH = "hotline/export", "consult/publish"
DOSSIER, MINUTES = "dialogue/dossier", "dialogue/minutes"
EXPORTERS = frozenset({Role.WATCH_OFFICER, Role.RELEASE_AUTHORITY, Role.PRINCIPAL, Role.AUDITOR})
PUBLISHERS = frozenset({Role.RELEASE_AUTHORITY, Role.PRINCIPAL})
BUNDLE = "application/jsonl"
RECORD = re.compile("[0-9a-f]{64}")

One = TypeVar("One", bound=Struct)
Asking = Request[Any, Any, Any]


def export_routes(door: Door) -> list[BaseRouteHandler]:
    """Written by hand, since what they give is no JSON."""
    site, station = door.site, door.site.station

    async def conversation(request: Asking, subject: str, *, home: bool) -> bytes:
        author = door.asker(request, EXPORT, EXPORTERS).name
        now = station.inner.clock.now()
        return await _gathered(
            door, EXPORT, author, subject, partial(conversation_bundle, site, subject, author, now, home=home)
        )

    async def statement(request: Asking, subject: str) -> bytes:
        author = door.asker(request, PUBLISH, PUBLISHERS).name
        now = station.inner.clock.now()
        return await _gathered(door, PUBLISH, author, subject, partial(statement_bundle, site, subject, now))

    @post("/hotline/export/{subject:str}", tags=["hotline"], status_code=200, media_type=BUNDLE)
    async def export(request: Asking, subject: FromPath[str], *, home: FromQuery[bool] = False) -> Response[bytes]:
        """A conversation as a signed file, its records as they were signed. With `home`, our own notes too."""
        return _file(await conversation(request, subject, home=home), f"conversation-{subject[:12]}.jsonl")

    @post("/hotline/export/{subject:str}/page", tags=["hotline"], status_code=200, media_type=MediaType.HTML)
    async def export_page(request: Asking, subject: FromPath[str], *, home: FromQuery[bool] = False) -> Response[str]:
        """A conversation as a page to print."""
        return _page(conversation_page(await conversation(request, subject, home=home)))

    @post("/consult/publish/{subject:str}", tags=["consult"], status_code=200, media_type=BUNDLE)
    async def publish(request: Asking, subject: FromPath[str]) -> Response[bytes]:
        """The joint statement of a consultation as a file for everybody: what each member signed, and nothing else."""
        return _file(await statement(request, subject), f"joint-statement-{subject[:12]}.jsonl")

    @post("/consult/publish/{subject:str}/page", tags=["consult"], status_code=200, media_type=MediaType.HTML)
    async def publish_page(request: Asking, subject: FromPath[str]) -> Response[str]:
        """The joint statement of a consultation as a page to print."""
        made = await statement(request, subject)
        return _page(statement_page(made, check(made)))

    return [export, export_page, publish, publish_page, *_dialogue_routes(door)]


def _dialogue_routes(door: Door) -> list[BaseRouteHandler]:
    station = door.site.station
    world = station.world

    def exporter(connection: Connection, _: BaseRouteHandler) -> None:
        """Before a word of the address is read."""
        path = connection.url.path.removesuffix("/page").split("/", 2)[2]
        connection.state["author"] = door.asker(connection, path, EXPORTERS)

    @post("/dialogue/dossier/page", guards=[exporter], tags=["dialogue"], status_code=200, media_type=MediaType.HTML)
    async def dossier(request: Asking, office: FromQuery[str], sha256: FromQuery[str | None] = None) -> Response[str]:
        """The dossier of an office as a page to print: as it is, or as it was signed under that hash."""
        author = request.state["author"].name
        found = await station.judge(DOSSIER, _fitting(DossierAsk, office=office, sha256=sha256))
        made = dossier_page(found, world.compact, world.exercise)
        return _page(await _printed(door, DOSSIER, author, found.sha256, made))

    @post("/dialogue/minutes/page", guards=[exporter], tags=["dialogue"], status_code=200, media_type=MediaType.HTML)
    async def minutes(request: Asking, meeting: FromQuery[str]) -> Response[str]:
        """A meeting's agenda, minutes and actions as a page to print."""
        author = request.state["author"].name
        found = await station.judge("dialogue/meeting", _fitting(MeetingAsk, meeting=meeting))
        made = minutes_page(found, world.compact, world.exercise)
        return _page(await _printed(door, MINUTES, author, meeting, made))

    return [dossier, minutes]


def _fitting(kind: type[One], **given: str | None) -> One:
    """What the address says, in the types that its ask names. Raises BadField."""
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        raise BadField(ask=kind.__name__, why=str(error)) from None


async def _printed(door: Door, path: str, author: str, subject: str, made: str) -> str:
    """The page, once the audit has who took it."""
    await _noted(door, path, author, subject, made.encode())
    return made


async def _gathered(door: Door, path: str, author: str, subject: str, gather: Callable[[], bytes]) -> bytes:
    """What was gathered, once the audit has it. Raises BadField, and what gathering raises."""
    if not RECORD.fullmatch(subject):
        raise BadField(field="subject", value=subject[:80], must_be="the id of a record")
    made = await door.site.station.reading(gather)
    await _noted(door, path, author, subject, made)
    return made


async def _noted(door: Door, path: str, author: str, subject: str, made: bytes) -> None:
    station = door.site.station
    why = f"{len(made)} bytes, SHA-256 {hashlib.sha256(made).hexdigest()}"
    await station.writing(lambda: station.inner.note("exported", [(subject, path)], author=author, why=why))


def _file(made: bytes, name: str) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(made, status_code=200, media_type=BUNDLE, headers=headers)


def _page(made: str) -> Response[str]:
    headers = {"Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'; sandbox allow-modals"}
    return Response(made, status_code=200, media_type=MediaType.HTML, headers=headers)
