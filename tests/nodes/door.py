"""One world of one node, served on a loopback port by this event loop: real doors, no courier, ready in a moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
import uvicorn
from argon2 import PasswordHasher
from tests.nodes.three import OF_LINES

from laurel.api import make_app
from laurel.api.door import RATES, Rates
from laurel.api.guard import Guard
from laurel.api.wire import BoundedProtocol
from laurel.core.instrument import Role
from laurel.core.record import World
from laurel.node.carry.listening import listen
from laurel.node.home import keys
from laurel.node.home.compact import load_compact
from laurel.node.home.layout import Layout, Settings
from laurel.node.keep import schema
from laurel.node.people import People
from laurel.node.people.credentials import WIDE, Narrow
from laurel.node.people.sessions import LOCK_AFTER
from laurel.node.serve import http, open_world
from laurel.node.site import Site
from laurel.node.station import Station

LIVE = World("camp-david")
PASSWORD = "correct horse battery staple"
# The work of an hour's tests, not of a night's guessing.
LIGHT = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@dataclass
class Served:
    """What a test may ask, and look into."""

    site: Site
    people: People
    app: Guard
    port: int
    to: httpx.AsyncClient

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.origin}/{LIVE.name}"

    @property
    def page(self) -> dict[str, str]:
        """What the console's own page sends, whatever it asks."""
        return {"Origin": self.origin, "Sec-Fetch-Site": "same-origin", "Laurel-Console": "1"}

    def bearer(self, *roles: Role, good_for: Narrow = WIDE, name: str = "test") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.people.program(name, roles, good_for)}"}

    def sensor(self, name: str, good_for: Narrow = WIDE) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.people.credential(name, good_for)}"}

    async def link_in(self, officer: str, *roles: Role) -> dict[str, str]:
        """An officer signed in by a link: what their page sends from now on."""
        link = self.people.link(officer, roles, datetime.now(UTC))
        return self.session(await self.ask("/sign-in/link", {"link": link}))

    def session(self, answer: httpx.Response) -> dict[str, str]:
        """What the page sends after that answer."""
        assert answer.is_success, answer.text
        return {**self.page, "Cookie": answer.headers["set-cookie"].partition(";")[0]}

    async def ask(self, path: str, body: object, headers: dict[str, str] | None = None) -> httpx.Response:
        """A POST with a JSON body, by default from the console's own page."""
        answer = await self.to.post(self.origin + path, json=body, headers=self.page if headers is None else headers)
        self.to.cookies.clear()
        return answer

    async def look(self, path: str, headers: dict[str, str]) -> httpx.Response:
        return await self.to.get(self.origin + path, headers=headers)

    async def audit(self) -> list[Any]:
        """The lines of the audit, once those of now are written."""
        await asyncio.sleep(0.5)
        with self.site.station.inner.store.reading() as from_:
            return list(from_.execute(sa.select(schema.audit).order_by(schema.audit.c.line)))

    def records(self) -> int:
        """How many there are, without what a node says of its lines by itself."""
        by_somebody = sa.select(sa.func.count()).where(schema.log.c.kind.not_in(OF_LINES))
        with self.site.station.inner.store.reading() as from_:
            return from_.execute(by_somebody).scalar_one()


def make_node(folder: Path, member: str = "JPN", **more: Any) -> tuple[Layout, Settings]:
    layout = Layout(folder / member)
    settings = Settings(member, member, LIVE.compact, "127.0.0.1", 8440, 4440, **more)
    keys.init_node(layout, settings, datetime.now(UTC))
    return layout, settings


@asynccontextmanager
async def served(
    folder: Path,
    member: str = "JPN",
    lock_after: timedelta = LOCK_AFTER,
    rates: Rates = RATES,
    wire: type[BoundedProtocol] = BoundedProtocol,
    **more: Any,
) -> AsyncGenerator[Served]:
    """A node's live world at its doors, for as long as the test runs."""
    layout, settings = make_node(folder, member, **more)
    compact = load_compact(LIVE.compact)
    people = People(layout.people, lock_after, LIGHT)
    station = Station(open_world(layout, LIVE))
    site = Site(station, layout, settings, compact, compact.title, dict, None)
    app = make_app(site, people, rates)
    listening = listen("127.0.0.1", 0)
    # Who knocks before the server is there waits in its queue.
    listening.listen()
    server = uvicorn.Server(http(app, settings, wire))
    tasks = [asyncio.create_task(station.run()), asyncio.create_task(server.serve(sockets=[listening]))]
    try:
        async with httpx.AsyncClient(timeout=15.0, trust_env=False) as to:
            yield Served(site, people, app, listening.getsockname()[1], to)
    finally:
        server.should_exit = True
        await tasks[1]
        # What the world's own tasks died of, if they did.
        assert not tasks[0].done(), tasks[0].result()
        tasks[0].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        station.close()
        people.close()
