"""TAXII 2.1 over HTTP: its media type, its way to sign in, and how it tells what went wrong."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler

from laurel.api.door import TOKEN, Connection, Door, of_http, status_of, wait_of
from laurel.core.errors import BadAsk, Broken, LaurelError, NotPermitted, SignInNeeded
from laurel.core.instrument import Role
from laurel.gateways import taxii
from laurel.gateways.taxii import MEDIA_TYPE, Resource
from laurel.node.author import Author

READ, ADD = "taxii2/read", "taxii2/add"

Answer = Response[bytes]
Tell = Callable[[Request[Any, Any, Any], Any], Answer]

log = logging.getLogger(__name__)


class NotAcceptable(BadAsk):
    """The client does not take what we send."""

    says = "this door answers in the media type of TAXII 2.1 alone"
    remedy = f"ask with Accept: {MEDIA_TYPE}"


class NotTaxii(BadAsk):
    """The client sends what we do not take."""

    says = "this door takes bodies of the media type of TAXII 2.1 alone"
    remedy = f"send Content-Type: {MEDIA_TYPE}"


class NothingIsDeleted(NotPermitted):
    """A record stays in the logs of all who got it."""

    says = "what was told is not deleted"
    remedy = "who told it takes it back, and it leaves every member's views: laurel line retract"


class Fault(Broken):
    """Our own mistake, whose cause only the node's log tells."""

    says = "the node failed on this"
    remedy = "see the node's log, and report what it says"


STATUS: Mapping[type[LaurelError], int] = {NotAcceptable: 406, NotTaxii: 415, Fault: 500}


def negotiate(connection: Connection, _: BaseRouteHandler) -> None:
    """Before anything else: whether the asker understands TAXII 2.1. Raises NotAcceptable."""
    accept = connection.headers.get("accept")
    if not taxii.accepts(accept):
        raise NotAcceptable(accept=str(accept)[:120])


def reader(door: Door, connection: Connection, path: str = READ) -> Author:
    """Who looks. Raises as `Door.reader`, and SignInNeeded."""
    name = _basic(connection)
    return _of_that_name(door.reader(connection, path), name)


def adder(door: Door, connection: Connection, needs: frozenset[Role]) -> Author:
    """Who adds, in the media type of TAXII. Raises as `Door.asker`, and SignInNeeded, NotTaxii."""
    name = _basic(connection)
    author = _of_that_name(door.asker(connection, ADD, needs), name)
    sends = connection.headers.get("content-type")
    if not taxii.is_taxii(sends):
        raise NotTaxii(content_type=str(sends)[:120])
    return author


def _basic(connection: Connection) -> str | None:
    """The name that came by HTTP Basic (RFC 7617), with a token for its password. Raises SignInNeeded.

    Other doors know no Basic: a browser that has learned a token would send it along with whatever a page asks of them.
    """
    kind, _, given = connection.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, colon, token = base64.b64decode(given.strip(), validate=True).decode().partition(":")
    except ValueError:
        raise SignInNeeded(authorization="not as RFC 7617 has it") from None
    if not colon:
        raise SignInNeeded(authorization="no name and token")
    connection.state[TOKEN] = token
    return name


def _of_that_name(author: Author, name: str | None) -> Author:
    if name is not None and name != author.name.partition(":")[2]:
        raise SignInNeeded(name="another's than the token's")
    return author


def answer(resource: Resource, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """A resource, as TAXII sends it."""
    return Response(msgspec.json.encode(resource), status_code=status, media_type=MEDIA_TYPE, headers=headers)


def told(door: Door) -> dict[int | type[Exception], Tell]:
    """How this door tells what went wrong."""

    def tell(_: Request[Any, Any, Any], error: LaurelError) -> Answer:
        status = STATUS.get(type(error)) or status_of(error)
        headers = wait_of(error)
        if status == 401:
            headers["WWW-Authenticate"] = f'Basic realm="Laurel {door.site.member} {door.world}", charset="UTF-8"'
        return answer(taxii.error(error, status), status, headers)

    def tell_http(request: Request[Any, Any, Any], error: HTTPException) -> Answer:
        return answer(taxii.error(of_http(request, error), error.status_code), error.status_code)

    def tell_fault(request: Request[Any, Any, Any], error: Exception) -> Answer:
        log.error("fault at %s", request.url.path, exc_info=error)
        return tell(request, Fault(path=request.url.path))

    return {LaurelError: tell, HTTPException: tell_http, Exception: tell_fault}
