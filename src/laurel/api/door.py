"""What every route needs: the site, the people, who asks and from where, and how an error is told."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import msgspec
from litestar import MediaType, Request, Response, WebSocket
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException
from msgspec import Struct

from laurel.api.guard import host_of
from laurel.core.errors import (
    AskReused,
    BadAsk,
    BadField,
    Broken,
    CrossSite,
    LaurelError,
    Nothing,
    NotPermitted,
    SessionLocked,
    SignInNeeded,
    SignInRefused,
    TooMany,
    UnknownAsk,
    Untrusted,
)
from laurel.core.instrument import Role
from laurel.core.record import UNREADABLE
from laurel.node.author import Author
from laurel.node.clock import RealClock
from laurel.node.people import Caller, People
from laurel.node.people.limits import Buckets, Rate
from laurel.node.people.passkeys import Place
from laurel.node.site import Site

Body = TypeVar("Body", bound=Struct)

ASK_ID = re.compile(r"[A-Za-z0-9._:/-]{8,120}")
CONSOLE = "laurel-console"
TOKEN = "token"
"""Where a door of another protocol leaves the token that it read in its own way, before anyone asks who calls."""
STATUS: Sequence[tuple[type[LaurelError], int]] = (
    (SignInNeeded, 401),
    (SignInRefused, 401),
    (NotPermitted, 403),
    (CrossSite, 403),
    (UnknownAsk, 404),
    (Nothing, 404),
    (AskReused, 409),
    (SessionLocked, 423),
    (TooMany, 429),
    (BadAsk, 400),
    (Untrusted, 400),
    (Broken, 503),
)

log = logging.getLogger(__name__)

Connection = ASGIConnection[Any, Any, Any, Any]


class Mistake(Struct, frozen=True):
    """An error as a door tells it."""

    error: str
    says: str
    facts: dict[str, str]
    remedy: str


@dataclass(frozen=True)
class Rates:
    """How much one asker, one address and one kind of refusal may cost, and how many streams one asker has."""

    asks: Rate
    sign_ins: Rate
    refusals: Rate
    streams: int


# So many a second in the long run, and so many at once. A failed sign-in costs its address two seconds.
RATES = Rates(asks=Rate(200.0, 400.0), sign_ins=Rate(0.5, 30.0), refusals=Rate(1.0, 30.0), streams=16)


@dataclass(frozen=True)
class Door:
    """What every route needs."""

    site: Site
    people: People
    clock: RealClock
    asks: Buckets
    sign_ins: Buckets
    refusals: Buckets
    streams: int

    @property
    def cookie(self) -> str:
        """What a session is called. Nodes on one host keep theirs apart.

        Under TLS its name says that no other host and no plain connection can have set it (RFC 6265bis, 4.1.3).
        """
        name = f"laurel-{self.site.member.lower()}"
        return f"__Host-{name}" if self.tls else name

    @property
    def tls(self) -> bool:
        """Whether browsers reach this node by TLS."""
        return self.site.settings.behind_tls

    @property
    def world(self) -> str:
        """The world's name."""
        return self.site.station.world.name

    def place(self, connection: Connection) -> Place:
        """Where the asking page must stand."""
        host = connection.headers.get("host", "").lower()
        return Place(host_of(host), f"http{'s' if self.tls else ''}://{host}")

    # Who asks

    def caller(self, connection: Connection, *, acts: bool) -> Caller:
        """Whose token came with this: a credential as a bearer token, a session as a cookie.

        Raises SignInNeeded, NotPermitted, CrossSite, TooMany.
        """
        if _bearer(connection) is None and connection.cookies.get(self.cookie):
            self.same_page(connection, acts=acts)
        try:
            caller = self.again(connection)
        except NotPermitted as error:
            self.refused("refused", str(error.facts["author"]), str(error))
            raise
        try:
            self.asks.take(caller.author.name)
        except TooMany as error:
            self.refused("too-many", caller.author.name, str(error))
            raise
        return caller

    def again(self, connection: Connection) -> Caller:
        """Whose token that is now, for one that was let in. Raises SignInNeeded, NotPermitted."""
        bearer = _bearer(connection)
        token = connection.cookies.get(self.cookie) if bearer is None else bearer
        if not token:
            raise SignInNeeded(world=self.world)
        caller = self.people.who(token, self.world, self.clock.now())
        if (caller.session is None) == (bearer is None):
            raise SignInNeeded(token="a credential is no cookie, and a session no bearer token")
        return caller

    def asker(self, connection: Connection, path: str, needs: frozenset[Role] | None = None) -> Author:
        """Who acts: in a role it needs, not from a locked screen, not from another's page.

        Raises as `caller`, and SessionLocked.
        """
        caller = self.caller(connection, acts=True)
        self._open(caller, path)
        self._reach(caller.author, path)
        self._needs(caller.author, path, needs)
        if caller.session is not None:
            self.people.sessions.seen(caller.session, self.clock.now())
        return caller.author

    def reader(
        self, connection: Connection, path: str, *, warns: bool = False, needs: frozenset[Role] | None = None
    ) -> Author:
        """Who looks: anyone but a sensor, which reports and sees nothing; or in a role it needs.

        What warns is shown on a locked screen too.

        Raises as `caller`, and SessionLocked.
        """
        # A page of another site may open a stream and would read it: that takes the proof that an act takes.
        caller = self.caller(connection, acts=isinstance(connection, WebSocket))
        author = caller.author
        if author.roles <= {Role.SENSOR}:
            self.refused("refused", author.name, path)
            raise NotPermitted(author=author.name, needs="a role other than sensor")
        self._reach(author, path)
        self._needs(author, path, needs)
        if not warns:
            self._open(caller, path)
        self.site.station.audit_look(author.name, path)
        return author

    def _reach(self, author: Author, path: str) -> None:
        try:
            author.reach(path)
        except NotPermitted:
            self.refused("refused", author.name, path)
            raise

    def _needs(self, author: Author, path: str, needs: frozenset[Role] | None) -> None:
        if needs is not None and not author.roles & needs:
            self.refused("asked-refused", author.name, path)
            raise NotPermitted(author=author.name, command=path, needs=", ".join(sorted(needs)))

    def _open(self, caller: Caller, path: str) -> None:
        if caller.session is not None and caller.session.locked is not None:
            self.refused("refused-while-locked", caller.author.name, path)
            raise SessionLocked(officer=caller.session.officer, because=caller.session.locked, asked=path)

    def same_page(self, connection: Connection, *, acts: bool) -> None:
        """Whether this node's own console asks. Raises CrossSite.

        What acts must prove it: the browser says so (Origin or Sec-Fetch-Site, which no page can write), and a header
        that no form, image or link can send. What only looks must not be contradicted.
        """
        site, origin = connection.headers.get("sec-fetch-site"), connection.headers.get("origin")
        wrong = None
        if site not in {None, "same-origin", "none"}:
            wrong = f"Sec-Fetch-Site {site}"
        elif origin is not None and origin != self.place(connection).origin:
            wrong = f"Origin {origin}"
        elif acts and origin is None and site != "same-origin":
            wrong = "neither Origin nor Sec-Fetch-Site"
        elif acts and not isinstance(connection, WebSocket) and connection.headers.get(CONSOLE) != "1":
            wrong = "no Laurel-Console"
        if wrong is not None:
            self.refused("cross-site", self.address(connection), f"{wrong[:120]} at {connection.url.path}")
            raise CrossSite(because=wrong[:120], must_come_from=self.place(connection).origin)

    def address(self, connection: Connection) -> str:
        """Where from, as far as the network tells."""
        return "" if connection.client is None else connection.client.host

    def refused(self, decision: str, author: str, why: str) -> None:
        """A line for the audit; of a flood of them some, so that it cannot fill the disk."""
        try:
            self.refusals.take(f"{decision} {author}")
        except TooMany:
            return
        self.site.station.audit_door(decision, author, why[:300])


def _bearer(connection: Connection) -> str | None:
    if TOKEN in connection.state:
        return connection.state[TOKEN]
    given = connection.headers.get("authorization", "")
    return given[7:] if given[:7].lower() == "bearer " else None


def ask_id_of(given: str | None) -> str:
    """The name of an ask. Raises BadField."""
    if given is None or not ASK_ID.fullmatch(given):
        raise BadField(field="Ask-Id", value=given, must_be="8 to 120 letters, digits or . _ : / -")
    return given


async def as_written(request: Request[Any, Any, Any], kind: type[Body]) -> Body:
    """The body, in the very types its description names: the HTTP library also takes 0 for false. Raises BadField."""
    try:
        return msgspec.json.decode(await request.body(), type=kind)
    except UNREADABLE as error:
        raise BadField(path=request.url.path, why=str(error)) from None


def mistake(error: LaurelError) -> Mistake:
    """The error as JSON tells it."""
    facts = {name: str(value) for name, value in error.facts.items()}
    return Mistake(error.code, error.says, facts, error.remedy)


def fault(path: str) -> Mistake:
    """Our own mistake, whose cause only the node's log tells."""
    return Mistake("Fault", "the node failed on this", {"path": path}, "see the node's log, and report what it says")


def _answer(told: Mistake, status: int, headers: dict[str, str] | None = None) -> Response[Mistake]:
    return Response(told, status_code=status, media_type=MediaType.JSON, headers=headers)


def tell(_: Request[Any, Any, Any], error: LaurelError) -> Response[Mistake]:
    """One of ours."""
    return _answer(mistake(error), status_of(error), wait_of(error))


def status_of(error: LaurelError) -> int:
    """Its number in HTTP."""
    return next((code for kind, code in STATUS if isinstance(error, kind)), 500)


def wait_of(error: LaurelError) -> dict[str, str]:
    """When to ask again, for who asked too often."""
    return {"Retry-After": str(error.facts["wait_s"])} if isinstance(error, TooMany) else {}


def tell_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Mistake]:
    """One of the HTTP library's: a body that does not fit, a path that is not there."""
    return _answer(mistake(of_http(request, error)), error.status_code)


def of_http(request: Request[Any, Any, Any], error: HTTPException) -> LaurelError:
    """The same as one of ours."""
    if error.status_code == 404:
        return UnknownAsk(path=request.url.path)
    return BadField(path=request.url.path, why=f"{error.detail} {error.extra or ''}".strip())


def tell_unreadable(request: Request[Any, Any, Any], error: Exception) -> Response[Mistake]:
    """A body that is no text, or nested too deep: the HTTP library foresaw neither."""
    return _answer(mistake(BadField(path=request.url.path, why=str(error))), 400)


def tell_fault(request: Request[Any, Any, Any], error: Exception) -> Response[Mistake]:
    """One that nobody foresaw: the log has it, the asker is told no more.

    What stands in an address may be a credential, so the log has the route.
    """
    scope = cast("dict[str, Any]", request.scope)
    log.error("fault at %s", scope.get("path_template", "no route"), exc_info=error)
    return _answer(fault(request.url.path), 500)


ERRORS: dict[int | type[Exception], Callable[[Request[Any, Any, Any], Any], Response[Any]]] = {
    LaurelError: tell,
    HTTPException: tell_http,
    UnicodeDecodeError: tell_unreadable,
    RecursionError: tell_unreadable,
    Exception: tell_fault,
}
"""How each error is told, for an application."""
