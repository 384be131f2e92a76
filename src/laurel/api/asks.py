"""The routes that follow from the commands and queries of the instruments."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import field, make_dataclass
from typing import Annotated, Any, cast, get_args, get_origin

import msgspec
from litestar import Request, get, post
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.openapi.spec import Operation
from litestar.params import HeaderParameter, JSONBody
from msgspec import Struct
from msgspec.inspect import VarTupleType, type_info
from msgspec.structs import FieldInfo
from msgspec.structs import fields as fields_of

from laurel.api.door import Door, Mistake, as_written, ask_id_of, fault, mistake
from laurel.core.errors import BadField, LaurelError
from laurel.core.instrument import Command, Query
from laurel.core.record import UNREADABLE, World
from laurel.node.asked import Asked, Said
from laurel.node.author import Author

MAX_LINES = 1_000
TWO_PERSONS = "\n\nTakes two persons: this only proposes it. Another officer does it by office/approve."

log = logging.getLogger(__name__)


class Outcome(Struct, frozen=True, omit_defaults=True):
    """What became of one line of many: the records said, or the mistake. `waits`: for a second person."""

    line: int
    records: tuple[str, ...] = ()
    again: bool = False
    waits: bool = False
    mistake: Mistake | None = None


class Line(Struct, frozen=True):
    """One ask of many."""

    ask_id: str
    ask: msgspec.Raw


def command_routes(door: Door, instrument: str, command: Command[Any]) -> tuple[BaseRouteHandler, BaseRouteHandler]:
    """One ask, and many at once, a line each."""
    path = f"{instrument}/{command.name}"

    def may_ask(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        """Before a byte of the body is read."""
        connection.state["author"] = door.asker(connection, path, command.roles)

    async def one(
        data: Struct,
        request: Request[Any, Any, Any],
        ask_id: Annotated[str | None, HeaderParameter(name="Ask-Id", required=False)] = None,
    ) -> Said:
        del data
        ask = await as_written(request, command.ask)
        return await door.site.station.say(Asked(request.state["author"], path, ask, ask_id_of(ask_id)))

    async def many(request: Request[Any, Any, Any]) -> list[Outcome]:
        author: Author = request.state["author"]
        lines = [line for line in (await request.body()).split(b"\n") if line.strip()]
        if len(lines) > MAX_LINES:
            raise BadField(field="lines", value=len(lines), limit=MAX_LINES)
        return list(await asyncio.gather(*(_line(door, author, path, command, *one) for one in enumerate(lines, 1))))

    one.__annotations__["data"] = JSONBody[_without_raw(command.ask)]
    one.__doc__ = many.__doc__ = f"{command.ask.__doc__}{TWO_PERSONS if command.persons > 1 else ''}"
    name = f"{instrument}-{command.name}"
    guards, tags = [may_ask], [instrument]
    described = _described(command, door.site.station.world)
    said = post(
        f"/{path}",
        name=name,
        operation_id=name,
        operation_class=described,
        tags=tags,
        status_code=200,
        guards=guards,
    )(one)
    each = post(f"/{path}/many", operation_id=f"{name}-many", tags=tags, status_code=200, guards=guards)(many)
    return said, each


def _described(command: Command[Any], world: World) -> type[Operation]:
    """What the document says of it beside its ask, for whoever makes a form of it: `x-confirm` is this world's."""
    says = {"persons": command.persons, "roles": tuple(sorted(command.roles)), "confirm": command.words(world)}
    parts = [
        (f"x_{name}", object, field(default=value, metadata={"alias": f"x-{name}"})) for name, value in says.items()
    ]
    return make_dataclass("CommandOperation", parts, bases=(Operation,))


async def _line(door: Door, author: Author, path: str, command: Command[Any], number: int, text: bytes) -> Outcome:
    try:
        line = msgspec.json.decode(text, type=Line)
        ask = msgspec.json.decode(line.ask, type=command.ask)
    except UNREADABLE as error:
        return Outcome(number, mistake=mistake(BadField(line=number, why=str(error))))
    try:
        said = await door.site.station.say(Asked(author, path, ask, ask_id_of(line.ask_id)))
    except LaurelError as error:
        return Outcome(number, mistake=mistake(error))
    except Exception:
        # The other lines are none the worse for it, and whoever feeds them must not stop here for ever.
        log.exception("fault at line %d of %s", number, path)
        return Outcome(number, mistake=fault(path))
    return Outcome(number, said.records, said.again, said.waits)


def _without_raw(ask: type[Struct]) -> type[Struct]:
    """The ask as the HTTP library can describe it and take it apart, which it cannot do with `msgspec.Raw`."""
    types = {one.name: _plain(one.type) for one in fields_of(ask)}
    if all(types[one.name] is one.type for one in fields_of(ask)):
        return ask
    fields = [(one.name, types[one.name], _default(one)) for one in fields_of(ask)]
    said = {"__doc__": ask.__doc__}
    return msgspec.defstruct(
        ask.__name__, fields, namespace=said, frozen=True, forbid_unknown_fields=True, kw_only=True
    )


def _plain(of: Any) -> Any:
    """That type, with an object wherever it says Raw, in tuples too."""
    if of is msgspec.Raw:
        return dict[str, Any]
    base, *more = get_args(of) or (None,)
    if get_origin(of) is Annotated and _plain(base) is not base:
        return Annotated[(_plain(base), *more)]
    return tuple[_plain(base), ...] if of == tuple[msgspec.Raw, ...] else of


def _default(of: FieldInfo) -> Any:
    return of.default if of.default is not msgspec.NODEFAULT else msgspec.field(default_factory=of.default_factory)


def query_route(door: Door, instrument: str, query: Query[Any, Any]) -> BaseRouteHandler:
    """Its ask is read from the address."""
    path = f"{instrument}/{query.name}"
    lists = {one.encode_name for one in fields_of(query.ask) if isinstance(type_info(one.type), VarTupleType)}

    async def answer(request: Request[Any, Any, Any]) -> Struct:
        door.reader(request, path, warns=query.live, needs=query.roles)
        try:
            given = request.query_params
            fields = {name: given.getall(name) if name in lists else given[name] for name in given}
            ask = msgspec.convert(fields, type=query.ask, strict=False)
        except msgspec.ValidationError as error:
            raise BadField(query=path, why=str(error)) from None
        return cast("Struct", await door.site.station.judge(path, ask))

    answer.__annotations__["return"] = query.result
    answer.__doc__ = query.answer.__doc__
    name = f"{instrument}-{query.name}"
    return get(f"/{path}", name=name, operation_id=name, tags=[instrument])(answer)
