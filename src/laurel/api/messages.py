"""What the stream sends, and where the OpenAPI document says so: it has no word for a WebSocket."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Union, cast

import msgspec
from litestar import Request, get
from litestar.exceptions import ClientException
from litestar.handlers import BaseRouteHandler
from litestar.openapi import ResponseSpec
from msgspec import Struct

from laurel.api.door import Door
from laurel.core.instrument import Query
from laurel.node.people.sessions import Why
from laurel.node.replay.shown import Replay
from laurel.node.site import LinkRow, Trouble


class ClockMessage(Struct, frozen=True, tag_field="type", tag="clock"):
    """The world's clock and the node's own, and how many seconds of the world pass in one of ours."""

    now: datetime
    rate: float
    real: datetime


class LinksMessage(Struct, frozen=True, tag_field="type", tag="links"):
    """The line to each peer, and what somebody must look into."""

    links: tuple[LinkRow, ...]
    trouble: Trouble


class SessionStanding(Struct, frozen=True):
    """Whose session it is, why it is locked if it is, and when it ends."""

    officer: str
    locked: Why | None
    expires_at: datetime


class SessionMessage(Struct, frozen=True, tag_field="type", tag="session"):
    """How the session of whoever looks stands."""

    session: SessionStanding


class HaltedPlay(Struct, frozen=True):
    """Which exercise was halted, by whom and why, and where the live world's page is."""

    exercise: str
    member: str
    author: str
    reason: str
    at: datetime
    live: str


class HaltedMessage(Struct, frozen=True, tag_field="type", tag="halted"):
    """REAL WORLD: this exercise was halted, and its page goes away."""

    halted: HaltedPlay


class ReplayMessage(Struct, frozen=True, tag_field="type", tag="replay"):
    """Where a replay stands. A world that is says nothing of the kind."""

    replay: Replay


def message_of(query: Query[Any, Any]) -> type[Struct]:
    """What the stream sends of a live query: its answer, under its name."""
    name = query.name.replace("-", "_")
    return msgspec.defstruct(
        f"{name.title().replace('_', '')}Message",
        [(name, query.result)],
        frozen=True,
        rename={name: query.name},
        tag_field="type",
        tag=query.name,
        module=query.result.__module__,
    )


class StreamOnly(ClientException):
    """Asked for as a page."""

    status_code = 426
    detail = "open this address as a WebSocket"


def stream_page(door: Door) -> BaseRouteHandler:
    """Where the stream is, for who asks without a WebSocket."""
    live = [
        query
        for instrument in door.site.station.inner.catalogue.instruments
        for query in instrument.queries
        if query.live
    ]
    messages = [ClockMessage, LinksMessage, SessionMessage, HaltedMessage, ReplayMessage, *map(message_of, live)]
    sent = ResponseSpec(
        data_container=cast("Any", Union)[tuple(messages)],
        description="A WebSocket; each of its messages",
        generate_examples=False,
    )

    @get("/stream", tags=["world"], operation_id="stream", responses={101: sent})
    async def stream(request: Request[Any, Any, Any]) -> None:
        """Pushes what changes, to a WebSocket."""
        door.reader(request, "stream")
        raise StreamOnly

    return stream
