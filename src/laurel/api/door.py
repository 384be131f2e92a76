"""What every route needs: the site, the people, who asks, and how an error is told."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from litestar import MediaType, Request, Response, WebSocket
from litestar.exceptions import HTTPException
from msgspec import Struct

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
from laurel.core.instrument import Role
from laurel.node.clock import RealClock
from laurel.node.people import People
from laurel.node.site import Site
from laurel.node.world import Author

ASK_ID = re.compile(r"[A-Za-z0-9._:/-]{8,120}")
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


class Mistake(Struct, frozen=True):
    """An error as a door tells it."""

    error: str
    says: str
    facts: dict[str, str]
    remedy: str


@dataclass(frozen=True)
class Door:
    """What every route needs."""

    site: Site
    people: People
    clock: RealClock

    @property
    def cookie(self) -> str:
        """What a session is called. Nodes on one host keep theirs apart."""
        return f"laurel-{self.site.member.lower()}"

    def author(self, connection: Request[Any, Any, Any] | WebSocket[Any, Any, Any]) -> Author:
        """Who asks, by bearer token or cookie. Raises SignInNeeded."""
        bearer = connection.headers.get("authorization", "")
        token = bearer[7:] if bearer[:7].lower() == "bearer " else connection.cookies.get(self.cookie)
        if not token:
            raise SignInNeeded(world=self.site.station.world.name)
        return self.people.who(token, self.clock.now())

    def reader(self, connection: Request[Any, Any, Any] | WebSocket[Any, Any, Any]) -> Author:
        """Who looks: anyone but a sensor, which reports and sees nothing. Raises SignInNeeded, NotPermitted."""
        author = self.author(connection)
        if author.roles <= {Role.SENSOR}:
            raise NotPermitted(author=author.name, needs="a role other than sensor")
        return author


def ask_id_of(given: str | None) -> str:
    """The name of an ask. Raises BadField."""
    if given is None or not ASK_ID.fullmatch(given):
        raise BadField(field="Ask-Id", value=given, must_be="8 to 120 letters, digits or . _ : / -")
    return given


def mistake(error: LaurelError) -> Mistake:
    """The error as JSON tells it."""
    facts = {name: str(value) for name, value in error.facts.items()}
    return Mistake(error.code, error.says, facts, error.remedy)


def fault(path: str) -> Mistake:
    """Our own mistake, whose cause only the node's log tells."""
    return Mistake("Fault", "the node failed on this", {"path": path}, "see the node's log, and report what it says")


def _answer(told: Mistake, status: int) -> Response[Mistake]:
    return Response(told, status_code=status, media_type=MediaType.JSON)


def tell(_: Request[Any, Any, Any], error: LaurelError) -> Response[Mistake]:
    """One of ours."""
    status = next((code for kind, code in STATUS if isinstance(error, kind)), 500)
    return _answer(mistake(error), status)


def tell_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Mistake]:
    """One of the HTTP library's: a body that does not fit, a path that is not there."""
    why = f"{error.detail} {error.extra or ''}".strip()
    if error.status_code == 404:
        return _answer(mistake(UnknownAsk(path=request.url.path)), 404)
    return _answer(mistake(BadField(path=request.url.path, why=why)), error.status_code)


def tell_unreadable(request: Request[Any, Any, Any], error: Exception) -> Response[Mistake]:
    """A body that is no text, or nested too deep: the HTTP library foresaw neither."""
    return _answer(mistake(BadField(path=request.url.path, why=str(error))), 400)


def tell_fault(request: Request[Any, Any, Any], error: Exception) -> Response[Mistake]:
    """One that nobody foresaw: the log has it, the asker is told no more."""
    log.error("fault at %s", request.url.path, exc_info=error)
    return _answer(fault(request.url.path), 500)
