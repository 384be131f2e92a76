"""Attachments as they are, for saving: put together from their parts as they leave, whole or not at all."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from functools import partial
from typing import Any
from urllib.parse import quote

from litestar import Request, get
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from laurel.api.door import Door
from laurel.core.errors import BadAsk, BadField, Nothing
from laurel.instruments.hotline.attachments import File, files_of, part_at, sha256_of
from laurel.node.keep.reader import Reader

PATH = "hotline/attachments"
HASH = re.compile("[0-9a-f]{64}")
LONGEST_NAME = 120
SAVED_AS = "application/octet-stream"


class FileNotWhole(BadAsk):
    """A part of a file is no file."""

    says = "this file is not here whole"
    remedy = "wait for its other parts: laurel hotline attachment shows which are here; or ask for it to be said again"


def attachment_route(door: Door) -> BaseRouteHandler:
    """One file, by its hash."""

    @get("/hotline/attachments/{sha256:str}", tags=["hotline"], media_type=SAVED_AS)
    async def attachment(request: Request[Any, Any, Any], sha256: FromPath[str], name: FromQuery[str] = "") -> Stream:
        """An attachment, once all of it is here and is what its hash says. It is for saving: no browser shows it.

        `name` is what it is to be called.
        """
        door.reader(request, PATH)
        if not HASH.fullmatch(sha256):
            raise BadField(field="sha256", value=sha256[:80], must_be="64 hexadecimal digits")
        held = await door.site.station.reading(partial(_whole, door, sha256))
        headers = {"Content-Disposition": disposition(name, sha256), "Content-Length": str(held.size)}
        return Stream(_parts(door, held), media_type=SAVED_AS, headers=headers)

    return attachment


def disposition(name: str, sha256: str) -> str:
    """To be saved, under that name as far as it is harmless: no folder, and nothing that turns letters round."""
    shown = "".join(letter for letter in name if letter.isprintable() and letter not in '/\\:"').strip(". ")
    called = quote(shown[:LONGEST_NAME] or sha256[:16], safe="")
    return f"attachment; filename=\"{sha256[:16]}\"; filename*=UTF-8''{called}"


def _whole(door: Door, sha256: str) -> File:
    """The file, read once from end to end. Raises Nothing, FileNotWhole."""
    with door.site.station.inner.store.reading() as from_:
        view = Reader(from_)
        files = files_of(view, [sha256]).get(sha256, ())
        if not files:
            raise Nothing(file=sha256)
        best = files[0]
        if not best.complete:
            raise FileNotWhole(file=sha256, parts=best.parts, held=len(best.places))
        found = sha256_of(view, best)
    if found != sha256:
        raise FileNotWhole(file=sha256, but_its_parts_make=found, said_by=best.member)
    return best


async def _parts(door: Door, held: File) -> AsyncGenerator[bytes]:
    def read(place: int) -> bytes:
        with door.site.station.inner.store.reading() as from_:
            return part_at(Reader(from_), held, place)

    for place in range(held.parts):
        yield await door.site.station.reading(partial(read, place))
