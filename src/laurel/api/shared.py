"""The routes that every world has: who and where it is, what is open, taking part in an exercise."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from litestar import Request, get
from litestar.handlers import BaseRouteHandler
from litestar.params import QueryParameter
from msgspec import Struct

from laurel import __version__
from laurel.api.door import Connection, Door
from laurel.core.instrument import Item
from laurel.core.roster import Standing
from laurel.node.keep.find import Found, find, opens
from laurel.node.keep.reader import Reader
from laurel.node.replay.shown import Replay
from laurel.node.site import LinkRow, Resumption, WorldLink

MOST_FOUND = 200


class MemberRow(Struct, frozen=True):
    """A member of the compact, what it is now, and whether its card was admitted here."""

    code: str
    name: str
    admitted: bool
    standing: Standing


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
    replay: Replay | None


def shared_routes(door: Door) -> list[BaseRouteHandler]:
    """Written by hand, since no instrument owns them."""
    site = door.site
    station = site.station

    @get("/about", tags=["world"])
    async def about(request: Request[Any, Any, Any]) -> About:
        """Who and where this is."""
        author = door.reader(request, "about", warns=True)
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
                MemberRow(code, site.names.get(code, code), code in roster.cards, standing)
                for code, standing in sorted(roster.standings.items())
            ),
            worlds=tuple(site.worlds()),
            links=tuple(site.links()),
            replay=site.replay(),
        )

    @get("/docket", tags=["world"])
    async def open_items(request: Request[Any, Any, Any]) -> list[Item]:
        """What every instrument has open, the soonest due first."""
        door.reader(request, "docket")

        def read() -> list[Item]:
            inner = station.inner
            with inner.store.reading() as from_:
                view = Reader(from_, inner.catalogue.instruments)
                return [opens(view, item) for item in view.docket(inner.clock.now())]

        return await station.reading(read)

    def may_search(connection: Connection, _: BaseRouteHandler) -> None:
        """Before a word of the address is read."""
        door.reader(connection, "search")

    @get("/search", tags=["world"], guards=[may_search])
    async def search(
        words: Annotated[str, QueryParameter(min_length=1, max_length=500)],
        most: Annotated[int, QueryParameter(ge=1, le=MOST_FOUND)] = 50,
    ) -> list[Found]:
        """What was said in all these words, or parts of words, by anybody; the last taken in first."""

        def read() -> list[Found]:
            inner = station.inner
            with inner.store.reading() as from_:
                return find(from_, inner.catalogue, words, most)

        return await station.reading(read)

    @get("/resumption", tags=["world"])
    async def resumption(request: Request[Any, Any, Any]) -> Resumption:
        """Whether this node speaks to its peers, and what it waits for if not."""
        door.reader(request, "resumption")
        return site.resumption()

    return [about, open_items, search, resumption]
