"""The doors of replays: at a world, what can be replayed, opened and closed; at a replay, its clock and nothing else.

A replay answers what a world answers, through the same doors. Whatever would act there is refused in one place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Litestar, Request, Router, get, post
from litestar.config.compression import CompressionConfig
from litestar.handlers import BaseRouteHandler
from litestar.params import JSONBody
from msgspec import Meta, Struct
from typing_extensions import override

from laurel.api.asks import command_routes, query_route
from laurel.api.attachments import attachment_route
from laurel.api.door import ERRORS, RATES, Connection, Door, as_written
from laurel.api.exercises import exercise_routes
from laurel.api.guard import Guard
from laurel.api.page import console_routes, root_routes
from laurel.api.shared import shared_routes
from laurel.api.sign_in import Lobby, session_routes, sign_in_routes
from laurel.api.stream import stream_route
from laurel.core.errors import NotPermitted
from laurel.core.instrument import Role
from laurel.core.record import Utc
from laurel.node.author import Author
from laurel.node.clock import RealClock, monotonic
from laurel.node.people import People
from laurel.node.people.limits import Buckets
from laurel.node.replay.marks import Mark
from laurel.node.replay.player import FASTEST, SLOWEST
from laurel.node.replay.serve import ReplaySite
from laurel.node.replay.shelf import Replays
from laurel.node.replay.shown import Replay, Shelf, Shelved

VIEWERS = frozenset({Role.ANALYST, Role.EXERCISE_CONTROL, Role.AUDITOR, Role.WATCH_OFFICER})
OF_ITSELF = frozenset({"about", "stream"})
"""What a replay answers before it is open: how far it is."""

Ask = Request[Any, Any, Any]


class ReplaySaysNothing(NotPermitted):
    """What was said was said."""

    says = "this is a replay: a replay says nothing"
    remedy = "go back to the live world and act there"


class ChosenLog(Struct, frozen=True, forbid_unknown_fields=True):
    """One log of the shelf, by its name."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]


class Playing(Struct, frozen=True, forbid_unknown_fields=True):
    """Go on from here at that speed, or stand."""

    playing: bool
    speed: Annotated[float, Meta(ge=SLOWEST, le=FASTEST)] | None = None


class Moment(Struct, frozen=True, forbid_unknown_fields=True):
    """The moment to stand at; or, right behind it, a record by its place in the log."""

    at: Utc | None = None
    position: Annotated[int, Meta(ge=1, le=2**53)] | None = None


class Step(Struct, frozen=True, forbid_unknown_fields=True):
    """So many records on, or back where it is negative; with `marked`, moments that are marked."""

    by: Annotated[int, Meta(ge=-1_000, le=1_000)]
    marked: bool = False


# At a world


def shelf_routes(door: Door, replays: Replays) -> list[BaseRouteHandler]:
    """What can be replayed at this node. Who opened what is in the audit."""
    station = door.site.station

    def may(connection: Connection, _: BaseRouteHandler) -> None:
        connection.state["author"] = door.asker(connection, "replays", VIEWERS)

    def may_look(connection: Connection, _: BaseRouteHandler) -> None:
        door.reader(connection, "replays")

    @get("/replays", tags=["replay"], guards=[may_look])
    async def shelf() -> Shelf:
        """Every log that can be replayed here, and which are open."""
        return await station.reading(replays.shelf)

    @post("/replays/open", tags=["replay"], status_code=200, guards=[may])
    async def open_(data: JSONBody[ChosenLog], request: Ask) -> Shelved:
        """Open one in a process of its own. It tells itself how far it is."""
        del data
        chosen = await as_written(request, ChosenLog)
        author: Author = request.state["author"]
        opened = await replays.open(chosen.name)
        station.audit_door("replay-opened", author.name, chosen.name)
        return opened

    @post("/replays/close", tags=["replay"], status_code=200, guards=[may])
    async def close(data: JSONBody[ChosenLog], request: Ask) -> Shelf:
        """Close one, for all who look at it."""
        del data
        chosen = await as_written(request, ChosenLog)
        author: Author = request.state["author"]
        await replays.close(chosen.name)
        station.audit_door("replay-closed", author.name, chosen.name)
        return await station.reading(replays.shelf)

    return [shelf, open_, close]


# At a replay


@dataclass(frozen=True)
class ReplayDoor(Door):
    """A door that only shows. `of` is the replay behind it."""

    of: ReplaySite

    @property
    @override
    def cookie(self) -> str:
        """An account that is good here alone must not take the place of a session at a node of that member."""
        return f"{super().cookie}-replay" if self.of.alone else super().cookie

    @override
    def asker(self, connection: Connection, path: str, needs: frozenset[Role] | None = None) -> Author:
        """Nobody. Raises as `caller`, and ReplaySaysNothing."""
        caller = self.caller(connection, acts=True)
        raise ReplaySaysNothing(author=caller.author.name, asked=path)

    @override
    def reader(
        self, connection: Connection, path: str, *, warns: bool = False, needs: frozenset[Role] | None = None
    ) -> Author:
        """Whoever may open a replay, once it is open. Raises as `Door.reader`, and StillOpening.

        What is over is no secret from who may look at all of it.
        """
        del needs
        author = self._viewer(super().reader(connection, path, warns=warns))
        if path not in OF_ITSELF:
            self.of.player.must_be_open()
        return author

    def mover(self, connection: Connection) -> Author:
        """Who moves the clock of an open replay: not from another's page. Raises as `caller`, and StillOpening."""
        author = self._viewer(self.caller(connection, acts=True).author)
        self.of.player.must_be_open()
        return author

    def _viewer(self, author: Author) -> Author:
        if not author.roles & VIEWERS:
            raise NotPermitted(author=author.name, needs=", ".join(sorted(VIEWERS)))
        return author


def make_replay_app(site: ReplaySite, people: People) -> Guard:
    """The application that shows one replay, guarded."""
    asks, sign_ins, refusals = (Buckets(rate, monotonic) for rate in (RATES.asks, RATES.sign_ins, RATES.refusals))
    door = ReplayDoor(site, people, RealClock(), asks, sign_ins, refusals, RATES.streams, site)
    lobby = Lobby(door)
    instruments = site.station.inner.catalogue.instruments
    refused = [
        route
        for one in instruments
        for command in one.commands
        if command.for_people
        for route in command_routes(door, one.name, command)
    ]
    answered = [query_route(door, one.name, query) for one in instruments for query in one.queries]
    own = [*refused, *answered, *shared_routes(door), *exercise_routes(door), attachment_route(door)]
    own += [*clock_routes(door), stream_route(door)]
    world = Router(f"/{site.station.world.name}", route_handlers=[*own, *console_routes()])
    app = Litestar(
        [world, *root_routes(door), *sign_in_routes(lobby), *session_routes(lobby)],
        openapi_config=None,
        exception_handlers=ERRORS,
        compression_config=CompressionConfig(backend="gzip", minimum_size=2_000, exclude=["/attachments/"]),
        logging_config=None,
    )
    return Guard(app, (site.settings.host, *site.settings.names), tls=site.settings.behind_tls)


def clock_routes(door: ReplayDoor) -> list[BaseRouteHandler]:
    """The moment that is shown. It moves what this replay shows to everybody, and nothing else."""
    player = door.of.player

    def may(connection: Connection, _: BaseRouteHandler) -> None:
        door.mover(connection)

    @get("/replay/marks", tags=["replay"])
    async def marks(request: Ask) -> list[Mark]:
        """The moments that one looks for, in the order of the log."""
        door.reader(request, "replay/marks")
        return list(player.must_be_open().marks)

    @post("/replay/play", tags=["replay"], status_code=200, guards=[may])
    async def play(data: JSONBody[Playing], request: Ask) -> Replay:
        """Play or stand."""
        del data
        asked = await as_written(request, Playing)
        player.play(playing=asked.playing, speed=asked.speed)
        return player.shown()

    @post("/replay/go", tags=["replay"], status_code=200, guards=[may])
    async def go(data: JSONBody[Moment], request: Ask) -> Replay:
        """To a moment."""
        del data
        asked = await as_written(request, Moment)
        if asked.position is not None:
            await player.go_to_record(asked.position)
        elif asked.at is not None:
            await player.go(asked.at)
        return player.shown()

    @post("/replay/step", tags=["replay"], status_code=200, guards=[may])
    async def step(data: JSONBody[Step], request: Ask) -> Replay:
        """On or back."""
        del data
        asked = await as_written(request, Step)
        await (player.step_mark(asked.by) if asked.marked else player.step_record(asked.by))
        return player.shown()

    return [marks, play, go, step]
