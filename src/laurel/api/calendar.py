"""Calendar feeds: `GET /<world>/calendar/<token>.ics`, for programs that cannot sign in.

The token is the credential, good for that one feed. An officer who may release makes it, is told it once, and ends it;
the register keeps its hash. A token that never was, that lapsed and that was revoked are refused in the same words.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from laurel.api.door import Connection, Door, as_written
from laurel.core.errors import Nothing, TooMany
from laurel.core.fields import Name
from laurel.core.instrument import NoAsk, Role
from laurel.core.label import Classification
from laurel.gateways.calendar import MEDIA_TYPE, Feed, calendar_feed
from laurel.gateways.calendar_entries import entries_of
from laurel.instruments.dialogue.calendar import CalendarAsk
from laurel.instruments.dialogue.records import Tier
from laurel.node.clock import monotonic
from laurel.node.people.calendars import FeedRow, Shown
from laurel.node.people.limits import Buckets, Rate

MAKERS = frozenset({Role.RELEASE_AUTHORITY, Role.PRINCIPAL})
# A calendar program looks every hour; one that is set up looks a few times at once.
FEED_RATE = Rate(0.1, 20.0)
UNKNOWN_RATE = Rate(0.1, 20.0)
SUFFIX = ".ics"

Asking = Request[Any, Any, Any]


class NoFeed(Nothing):
    """Whether it never was, has lapsed or was revoked: who asks is not told which."""

    says = "no calendar has this address"
    remedy = "ask the officer who gave it to you for a new one"


class MakeCalendar(Struct, frozen=True, forbid_unknown_fields=True):
    """An address for one tier's calendar: for whom, how strictly classified it may be, for how many days.

    Whoever has the address reads the calendar: keep the ceiling as low as its reader needs.
    """

    name: Name
    tier: Tier
    ceiling: Classification
    days: Annotated[int, Meta(ge=1, le=400)]


class MadeCalendar(Struct, frozen=True):
    """The address, which is told this once."""

    address: str
    calendar: FeedRow


class CalendarList(Struct, frozen=True):
    """The addresses that were made for this world, without their tokens."""

    calendars: tuple[FeedRow, ...]


class RevokeCalendar(Struct, frozen=True, forbid_unknown_fields=True):
    """Which one, by its id in the list."""

    id: Annotated[str, Meta(min_length=1, max_length=40)]


def calendar_routes(door: Door) -> list[BaseRouteHandler]:
    """Written by hand: a feed has a credential and a format of its own."""
    station, calendars = door.site.station, door.people.calendars
    feeds, unknown = Buckets(FEED_RATE, monotonic), Buckets(UNKNOWN_RATE, monotonic)

    def maker(connection: Connection, _: BaseRouteHandler) -> None:
        """Before a byte of the body is read."""
        connection.state["author"] = door.asker(connection, "calendar", MAKERS)

    @get("/calendar", tags=["calendar"], guards=[maker])
    async def listed() -> CalendarList:
        """The calendars that can be read at an address of this world."""
        return CalendarList(tuple(calendars.rows(door.world)))

    @post("/calendar/make", tags=["calendar"], status_code=200, guards=[maker])
    async def make(data: JSONBody[MakeCalendar], request: Asking) -> MadeCalendar:
        """Make an address at which a calendar program reads one tier's meetings and what is due."""
        del data
        ask = await as_written(request, MakeCalendar)
        author, now = request.state["author"].name, door.clock.now()
        shows = Shown(door.world, ask.tier.value, ask.ceiling)
        token, row = calendars.issue(ask.name, shows, author, now, now + timedelta(days=ask.days))
        why = f"calendar {row.id}: {ask.name}, {ask.tier.value}, up to {ask.ceiling.value}, until {row.expires_at}"
        station.audit_door("calendar-made", author, why)
        return MadeCalendar(f"{door.place(request).origin}/{door.world}/calendar/{token}{SUFFIX}", row)

    @post("/calendar/revoke", tags=["calendar"], status_code=200, guards=[maker])
    async def revoke(data: JSONBody[RevokeCalendar], request: Asking) -> CalendarList:
        """End an address at once."""
        del data
        ask = await as_written(request, RevokeCalendar)
        calendars.revoke(ask.id, door.world)
        station.audit_door("calendar-revoked", request.state["author"].name, f"calendar {ask.id}")
        return CalendarList(tuple(calendars.rows(door.world)))

    @get("/calendar/{file:str}", tags=["calendar"], media_type=MEDIA_TYPE)
    async def feed(request: Asking, file: FromPath[str]) -> Response[bytes]:
        """One tier's calendar, for whoever has its address."""
        found = calendars.find(file.removesuffix(SUFFIX), door.world, door.clock.now())
        if found is None or not file.endswith(SUFFIX):
            address = door.address(request)
            door.refused("calendar-refused", address, "no calendar has this address")
            unknown.take(address)
            raise NoFeed(world=door.world)
        reader = f"calendar:{found.id}"
        try:
            feeds.take(reader)
        except TooMany as error:
            door.refused("too-many", reader, str(error))
            raise
        station.audit_look(reader, "dialogue/calendar")
        made = await _feed(door, Tier(found.shows.tier), found.shows.ceiling)
        headers = {"Content-Disposition": f'inline; filename="laurel-{found.shows.tier}{SUFFIX}"'}
        return Response(made, media_type=MEDIA_TYPE, headers=headers)

    return [listed, make, revoke, feed]


async def _feed(door: Door, tier: Tier, ceiling: Classification) -> bytes:
    station = door.site.station
    facts = await station.judge("dialogue/calendar", CalendarAsk((tier,)))
    series = await station.judge("dialogue/series", NoAsk())
    world = station.world
    title = f"{door.site.compact.title}: {tier.value}"
    return calendar_feed(Feed(world.name, world.exercise, title, entries_of(facts, series, tier, ceiling)))
