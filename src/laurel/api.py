"""The HTTP door of one world. Routes follow from the commands and queries of its instruments.

`POST /<world>/<instrument>/<command>` asks; the header `Ask-Id` names the ask, so that a repeat is
harmless. `…/<command>/many` takes one ask a line. `GET /<world>/<instrument>/<query>` answers.
`WS /<world>/stream` pushes what changes. Errors are JSON: what, where, and what to do.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, cast

import msgspec
from litestar import Litestar, MediaType, Request, Response, Router, WebSocket, get, post, websocket
from litestar.config.compression import CompressionConfig
from litestar.datastructures import Cookie
from litestar.exceptions import HTTPException, WebSocketDisconnect
from litestar.handlers import BaseRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.params import Parameter
from litestar.response import File, Redirect
from msgspec import Struct

from laurel import __version__
from laurel.core.errors import (
    AskReused,
    BadAsk,
    BadField,
    Broken,
    LaurelError,
    Nothing,
    NotPermitted,
    SignInNeeded,
    UnknownAsk,
    Untrusted,
)
from laurel.core.instrument import Command, Item, Query
from laurel.node.clock import RealClock, elapsed
from laurel.node.docket import docket
from laurel.node.exercises import join_exercise
from laurel.node.people import People
from laurel.node.screens import Screens
from laurel.node.site import LinkRow, Site, WorldLink
from laurel.node.store import Reader
from laurel.node.world import Asked, Author, Said

MAX_BODY_BYTES = 2 * 1024 * 1024
MAX_LINES = 1_000
STREAM_EVERY_S = 0.02
STREAM_REST = 3.0
CLOCK_EVERY_S = 5.0
ASK_ID = re.compile(r"[A-Za-z0-9._:/-]{8,120}")
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
STATIC = Path(__file__).parent / "static"
MEDIA_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".woff2": "font/woff2",
}
STATUS: Sequence[tuple[type[LaurelError], int]] = (
    (SignInNeeded, 401),
    (NotPermitted, 403),
    (UnknownAsk, 404),
    (Nothing, 404),
    (AskReused, 409),
    (BadAsk, 400),
    (Untrusted, 400),
    (Broken, 503),
)

log = logging.getLogger(__name__)


class MemberRow(Struct, frozen=True):
    """A member of the compact, and whether its card was admitted here."""

    code: str
    name: str
    admitted: bool


class About(Struct, frozen=True):
    """Who and where this is, what time it is here, and who is looking."""

    member: str
    name: str
    compact: str
    exercise: str | None
    title: str
    world: str
    banner: str
    now: datetime
    real: datetime
    rate: float
    version: str
    officer: str | None
    members: tuple[MemberRow, ...]
    worlds: tuple[WorldLink, ...]
    links: tuple[LinkRow, ...]


class Mistake(Struct, frozen=True):
    """An error as a door tells it."""

    error: str
    says: str
    facts: dict[str, str]
    remedy: str


class Outcome(Struct, frozen=True, omit_defaults=True):
    """What became of one line of many: the records said, or the mistake."""

    line: int
    records: tuple[str, ...] = ()
    again: bool = False
    mistake: Mistake | None = None


class Line(Struct, frozen=True):
    """One ask of many."""

    ask_id: str
    ask: msgspec.Raw


@dataclass(frozen=True)
class _Door:
    """What every route needs."""

    site: Site
    people: People
    clock: RealClock

    @property
    def cookie(self) -> str:
        return f"laurel-{self.site.member.lower()}"

    def author(self, connection: Request[Any, Any, Any] | WebSocket[Any, Any, Any]) -> Author:
        """Who asks, by bearer token or cookie. Raises SignInNeeded."""
        bearer = connection.headers.get("authorization", "")
        token = bearer[7:] if bearer[:7].lower() == "bearer " else connection.cookies.get(self.cookie)
        if not token:
            raise SignInNeeded(world=self.site.station.world.name)
        return self.people.who(token, self.clock.now())


def make_app(site: Site, people: People) -> Litestar:
    """The application that serves one world."""
    door = _Door(site, people, RealClock())
    catalogue = site.station.inner.catalogue
    commands = [
        _command_routes(door, instrument.name, command)
        for instrument in catalogue.instruments
        for command in instrument.commands
        if command.for_people
    ]
    queries = [
        _query_route(door, instrument.name, query)
        for instrument in catalogue.instruments
        for query in instrument.queries
    ]
    own = [route for pair in commands for route in pair] + queries + _shared_routes(door)
    world = Router(f"/{site.station.world.name}", route_handlers=[*own, _stream_route(door), *_console_routes()])
    return Litestar(
        [world, *_root_routes(door)],
        openapi_config=OpenAPIConfig(
            title=f"Laurel, {site.member}, {site.station.world.name}", version=__version__, path="/schema"
        ),
        exception_handlers={LaurelError: _tell, HTTPException: _tell_http, Exception: _tell_fault},
        request_max_body_size=MAX_BODY_BYTES,
        compression_config=CompressionConfig(backend="gzip", minimum_size=2_000),
        response_headers={"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"},
        logging_config=None,
    )


# Commands and queries


def _command_routes(door: _Door, instrument: str, command: Command[Any]) -> tuple[BaseRouteHandler, BaseRouteHandler]:
    path = f"{instrument}/{command.name}"

    async def one(
        data: Struct,
        request: Request[Any, Any, Any],
        ask_id: Annotated[str | None, Parameter(header="Ask-Id", required=False)] = None,
    ) -> Said:
        author = door.author(request)
        return await door.site.station.say(Asked(author, path, data, _ask_id(ask_id)))

    async def many(request: Request[Any, Any, Any]) -> list[Outcome]:
        author = door.author(request)
        lines = [line for line in (await request.body()).split(b"\n") if line.strip()]
        if len(lines) > MAX_LINES:
            raise BadField(field="lines", value=len(lines), limit=MAX_LINES)
        return list(await asyncio.gather(*(_line(door, author, path, command, *one) for one in enumerate(lines, 1))))

    one.__annotations__["data"] = command.ask
    one.__doc__ = many.__doc__ = command.ask.__doc__
    name = f"{instrument}-{command.name}"
    said = post(f"/{path}", name=name, operation_id=name, tags=[instrument], status_code=200)(one)
    each = post(f"/{path}/many", operation_id=f"{name}-many", tags=[instrument], status_code=200)(many)
    return said, each


async def _line(door: _Door, author: Author, path: str, command: Command[Any], number: int, text: bytes) -> Outcome:
    try:
        line = msgspec.json.decode(text, type=Line)
        ask = msgspec.json.decode(line.ask, type=command.ask)
        said = await door.site.station.say(Asked(author, path, ask, _ask_id(line.ask_id)))
    except msgspec.MsgspecError as error:
        return Outcome(number, mistake=mistake(BadField(line=number, why=str(error))))
    except LaurelError as error:
        return Outcome(number, mistake=mistake(error))
    return Outcome(number, said.records, said.again)


def _ask_id(given: str | None) -> str:
    if given is None or not ASK_ID.fullmatch(given):
        raise BadField(field="Ask-Id", value=given, must_be="8 to 120 letters, digits or . _ : / -")
    return given


def _query_route(door: _Door, instrument: str, query: Query[Any, Any]) -> BaseRouteHandler:
    path = f"{instrument}/{query.name}"

    async def answer(request: Request[Any, Any, Any]) -> Struct:
        door.author(request)
        try:
            ask = msgspec.convert(dict(request.query_params), type=query.ask, strict=False)
        except msgspec.ValidationError as error:
            raise BadField(query=path, why=str(error)) from None
        return cast("Struct", await door.site.station.judge(path, ask))

    answer.__annotations__["return"] = query.result
    answer.__doc__ = query.answer.__doc__
    name = f"{instrument}-{query.name}"
    return get(f"/{path}", name=name, operation_id=name, tags=[instrument])(answer)


# What every world has


def _shared_routes(door: _Door) -> list[BaseRouteHandler]:
    site = door.site
    station = site.station

    @get("/about", tags=["world"])
    async def about(request: Request[Any, Any, Any]) -> About:
        """Who and where this is."""
        author = door.author(request)
        clock = station.inner.clock
        roster = station.roster
        return About(
            member=site.member,
            name=site.name,
            compact=station.world.compact,
            exercise=station.world.exercise,
            title=site.title,
            world=station.world.name,
            banner=site.banner,
            now=clock.now(),
            real=door.clock.now(),
            rate=clock.rate(),
            version=__version__,
            officer=author.name,
            members=tuple(
                MemberRow(code, site.names.get(code, code), code in roster.cards) for code in sorted(roster.entitled)
            ),
            worlds=tuple(site.worlds()),
            links=tuple(site.links()),
        )

    @get("/docket", tags=["world"])
    async def open_items(request: Request[Any, Any, Any]) -> list[Item]:
        """What every instrument has open, the soonest due first."""
        door.author(request)

        def read() -> list[Item]:
            with station.inner.store.reading() as from_:
                return docket(station.inner.catalogue.instruments, Reader(from_), station.inner.clock.now())

        return await station.reading(read)

    @post("/exercise/join-here/{exercise:str}", tags=["exercise"], status_code=200)
    async def join_here(
        request: Request[Any, Any, Any],
        exercise: str,
        ask_id: Annotated[str | None, Parameter(header="Ask-Id", required=False)] = None,
    ) -> Said:
        """Take part: makes this member's keys for the exercise world and says its card, live."""
        author = door.author(request)
        return await join_exercise(site, author, exercise, _ask_id(ask_id))

    return [about, open_items, join_here]


def _stream_route(door: _Door) -> BaseRouteHandler:
    station = door.site.station
    screens = Screens(door.site)

    @websocket("/stream")
    async def stream(socket: WebSocket[Any, Any, Any]) -> None:
        """Live queries, clock and links: at once after a commit, and every 5 s.

        While commits follow one another, 50 times a second at most, and only for a quarter of the time.
        """
        try:
            door.author(socket)
        except SignInNeeded as error:
            await socket.accept()
            await socket.close(code=4401, reason=error.remedy[:120])
            return
        await socket.accept()
        leaving = asyncio.create_task(_until_gone(socket))
        try:
            async with station.listening() as changed:
                while not leaving.done():
                    changed.clear()
                    spent = elapsed()
                    for message in await screens.messages():
                        await socket.send_text(message)
                    await asyncio.sleep(max(STREAM_EVERY_S, STREAM_REST * spent().total_seconds()))
                    await _first_of(changed, leaving)
        except WebSocketDisconnect:
            log.debug("a screen went away")
        finally:
            leaving.cancel()

    return stream


async def _until_gone(socket: WebSocket[Any, Any, Any]) -> None:
    try:
        while True:
            await socket.receive_data(mode="text")
    except WebSocketDisconnect:
        log.debug("a screen closed its stream")


async def _first_of(changed: asyncio.Event, leaving: asyncio.Task[None]) -> None:
    waiter = asyncio.create_task(changed.wait())
    await asyncio.wait({waiter, leaving}, timeout=CLOCK_EVERY_S, return_when=asyncio.FIRST_COMPLETED)
    waiter.cancel()


# The page, and the way in


def _console_routes() -> list[Any]:
    @get("/", include_in_schema=False, media_type=MediaType.HTML)
    async def page() -> Response[bytes] | File:
        """The console."""
        index = STATIC / "index.html"
        if not index.is_file():
            text = "<h1>The console was not built</h1><p>Run <code>make demo</code>, or install the wheel.</p>"
            return Response(text.encode(), media_type=MediaType.HTML, status_code=503)
        return File(
            index,
            content_disposition_type="inline",
            media_type="text/html",
            headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY, "Cache-Control": "no-cache"},
        )

    @get("/assets/{name:str}", include_in_schema=False)
    async def asset(name: str) -> File:
        """A part of the console. Its name holds a hash of its content, so it never changes."""
        if name not in {file.name for file in (STATIC / "assets").glob("*")}:
            raise UnknownAsk(asset=name)
        forever = {"Cache-Control": "max-age=31536000, immutable"}
        kind = MEDIA_TYPES.get(Path(name).suffix, "application/octet-stream")
        return File(STATIC / "assets" / name, name, media_type=kind, content_disposition_type="inline", headers=forever)

    return [page, asset]


def _root_routes(door: _Door) -> list[BaseRouteHandler]:
    home = f"/{door.site.station.world.name}/"

    @get("/", include_in_schema=False)
    async def root() -> Redirect:
        """To the console of this world."""
        return Redirect(home)

    @get("/sign-in", include_in_schema=False)
    async def sign_in(link: str) -> Redirect:
        """Spend a one-time link for a session."""
        session = door.people.redeem(link, door.clock.now())
        cookie = Cookie(door.cookie, value=session, httponly=True, samesite="strict", path="/")
        return Redirect(home, cookies=[cookie])

    @get("/healthz", include_in_schema=False)
    async def healthz() -> dict[str, str]:
        """Whether this world answers."""
        return {"world": door.site.station.world.name}

    return [root, sign_in, healthz]


# Errors


def mistake(error: LaurelError) -> Mistake:
    """The error as JSON tells it."""
    facts = {name: str(value) for name, value in error.facts.items()}
    return Mistake(error.code, error.says, facts, error.remedy)


def _answer(told: Mistake, status: int) -> Response[Mistake]:
    return Response(told, status_code=status, media_type=MediaType.JSON)


def _tell(_: Request[Any, Any, Any], error: LaurelError) -> Response[Mistake]:
    status = next((code for kind, code in STATUS if isinstance(error, kind)), 500)
    return _answer(mistake(error), status)


def _tell_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Mistake]:
    why = f"{error.detail} {error.extra or ''}".strip()
    if error.status_code == 404:
        return _answer(mistake(UnknownAsk(path=request.url.path)), 404)
    return _answer(mistake(BadField(path=request.url.path, why=why)), error.status_code)


def _tell_fault(request: Request[Any, Any, Any], error: Exception) -> Response[Mistake]:
    log.error("fault at %s", request.url.path, exc_info=error)
    return _answer(Mistake("Fault", "the node failed on this", {"path": request.url.path}, Broken.remedy), 500)
