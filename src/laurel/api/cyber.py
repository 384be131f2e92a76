"""Whole STIX bundles, in and out.

A bundle is read as it comes and never beyond its limit. Its objects are said in asks of some hundred each; then a
record names them all. If it breaks off between, what was said stands, and sending it again says the rest.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import FromQuery, HeaderParameter
from msgspec import Raw, Struct

from laurel.api.door import Connection, Door, ask_id_of
from laurel.core.errors import BadAsk, BadField, TooMany
from laurel.core.instrument import Role
from laurel.core.label import Classification, label
from laurel.gateways.stix import bundle_of, id_of, opened, wrong_with
from laurel.instruments.cyber.bundles import LeavingAsk, out_of
from laurel.instruments.cyber.records import MAX_NAMED, Tlp
from laurel.instruments.cyber.sharing import (
    SHARERS,
    Finding,
    NameBundleAsk,
    ShareObjectsAsk,
    Terms,
    check_terms,
    finding,
    sort_out,
)
from laurel.instruments.cyber.stix import BadStix
from laurel.node.asked import Asked
from laurel.node.author import Author
from laurel.node.keep.reader import Reader

MAX_BUNDLE_BYTES = 32 * 1024 * 1024
BATCH_OBJECTS = 200
BATCH_BYTES = 1024 * 1024
SHARE, NAME, EXPORT = "cyber/share-objects", "cyber/name-bundle", "cyber/export"
EXPORTERS = frozenset({Role.WATCH_OFFICER, Role.RELEASE_AUTHORITY, Role.PRINCIPAL, Role.ANALYST, Role.AUDITOR})
MEDIA_TYPE = "application/stix+json;version=2.1"
DEFINITION = b'"marking-definition"'

Asking = Request[Any, Any, Any]


class BundleTooLarge(BadAsk):
    """Refused before it is read."""

    says = "the bundle is larger than this door takes"
    remedy = "split it into several bundles; their objects find each other by their ids"


class Shared(Struct, frozen=True):
    """What became of a bundle: how many objects came, were said, and were here so before; and what is wrong with any.

    `records` name what was said now, the records of the bundle last.
    """

    bundle: str
    objects: int
    said: int
    held: int
    findings: tuple[Finding, ...]
    records: tuple[str, ...]


def cyber_routes(door: Door) -> list[BaseRouteHandler]:
    """Written by hand, since a bundle is larger than an ask."""
    turns = asyncio.Semaphore(1)

    def may_share(connection: Any, _: BaseRouteHandler) -> None:
        """Before a byte of the body is read."""
        connection.state["author"] = door.asker(connection, SHARE, SHARERS)

    @post("/cyber/bundles", tags=["cyber"], status_code=200, guards=[may_share], request_max_body_size=None)
    async def share_bundle(
        request: Asking,
        to: FromQuery[str],
        classification: FromQuery[str],
        tlp: FromQuery[str],
        caveats: FromQuery[str] = "",
        red_to: FromQuery[str] = "",
        ask_id: Annotated[str | None, HeaderParameter(name="Ask-Id", required=False)] = None,
    ) -> Shared:
        """Share a whole STIX 2.1 bundle with those members, each object under the stricter of this and its markings.

        At most 32 MB. What is malformed is named and left out, the rest goes on. A repeat says nothing twice. What is
        TLP:RED reaches those alone whom `red_to` names.
        """
        terms = _terms(door, to, classification, tlp, caveats, red_to)
        prefix = ask_id_of(ask_id)
        if turns.locked():
            raise TooMany(bundles=1, wait_s=5)
        async with turns:
            body = await _read(request)
            bundle = await door.site.station.reading(partial(opened, body))
            shared = await share(door, request.state["author"], prefix, terms, bundle.objects, bundle.id)
        left = tuple(Finding(-1, bundle.id, f"its own property {one[:80]} is not kept") for one in bundle.beside)
        return msgspec.structs.replace(shared, findings=(*left, *shared.findings))

    def may_export(connection: Connection, _: BaseRouteHandler) -> None:
        """Before a word of the address is read."""
        connection.state["author"] = door.asker(connection, EXPORT, EXPORTERS)

    @get("/cyber/bundles/export", tags=["cyber"], media_type=MEDIA_TYPE, guards=[may_export])
    async def export(request: Asking, up_to: FromQuery[str], bundle: FromQuery[str] = "") -> Response[bytes]:
        """A bundle as it came, or all that stands here, each object with its marking: nothing stricter than `up_to`."""
        author: Author = request.state["author"]
        ask = _leaving(up_to, bundle)
        made, count = await door.site.station.reading(partial(_out, door, ask))
        why = f"{count} objects up to {ask.up_to}, SHA-256 {hashlib.sha256(made).hexdigest()}"
        station = door.site.station
        subject = ask.bundle or "all"
        await station.writing(lambda: station.inner.note("exported", [(subject, EXPORT)], author=author.name, why=why))
        return Response(made, status_code=200, media_type=MEDIA_TYPE)

    return [share_bundle, export]


async def share(
    door: Door, author: Author, prefix: str, terms: Terms, objects: Sequence[Raw], bundle: str | None
) -> Shared:
    """Say these objects for an author who may, in transactions of some hundred; then the bundle, if they came as one.

    What is wrong with one is told, the others go on. Raises BadField, and what asking raises.
    """
    station = door.site.station
    check_terms(terms, door.site.member)
    findings: list[Finding] = []
    digests: dict[int, str] = {}
    records: list[str] = []
    held = 0
    for batch in _batches(objects):
        told = await station.reading(partial(_sorted_out, door, terms, batch))
        findings += told.findings
        digests |= told.digests
        held += told.held
        if told.say:
            ask = ShareObjectsAsk(terms.label, terms.tlp, told.say, terms.red_to)
            records += (await station.say(Asked(author, SHARE, ask, _ask_id(prefix, ask)))).records
    said = len(records)
    named = [digests[place] for place in sorted(digests)]
    for start in range(0, len(named) if bundle else 0, MAX_NAMED):
        name = NameBundleAsk(bundle or "", terms.label, tuple(named[start : start + MAX_NAMED]))
        records += (await station.say(Asked(author, NAME, name, _ask_id(prefix, name)))).records
    findings.sort(key=lambda one: one.place)
    return Shared(bundle or "", len(objects), said, held, tuple(findings), tuple(records))


class _Told(Struct, frozen=True):
    """What of a batch may be said; and of all of it, by place, what is fine and what is wrong."""

    say: tuple[Raw, ...]
    held: int
    digests: dict[int, str]
    findings: tuple[Finding, ...]


def _sorted_out(door: Door, terms: Terms, batch: Sequence[tuple[int, Raw]]) -> _Told:
    """By the standard, and by what is here."""
    findings: list[Finding] = []
    good: list[tuple[int, Raw]] = []
    for place, raw in batch:
        why = wrong_with(raw)
        if why is None:
            good.append((place, raw))
        else:
            findings.append(finding(place, BadStix(object=id_of(raw), why=why)))
    inner = door.site.station.inner
    with inner.store.reading() as from_:
        desk = inner.desk(SHARE)
        shared = sort_out([raw for _, raw in good], terms, Reader(from_), desk.member, (desk.member, *desk.members))
    return _Told(
        say=tuple(body.stix for body, _ in shared.said),
        held=len(shared.held),
        digests={good[at][0]: of for at, of in shared.digests.items()},
        findings=(*findings, *(msgspec.structs.replace(one, place=good[one.place][0]) for one in shared.findings)),
    )


def _batches(objects: Sequence[Raw]) -> Iterator[Sequence[tuple[int, Raw]]]:
    """With their places, definitions of markings first, so that what bears a marking comes after what it means."""
    placed = sorted(enumerate(objects), key=lambda one: DEFINITION not in bytes(one[1]))
    batch: list[tuple[int, Raw]] = []
    size = 0
    for place, raw in placed:
        long = len(bytes(raw))
        if batch and (len(batch) == BATCH_OBJECTS or size + long > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append((place, raw))
        size += long
    if batch:
        yield batch


def _ask_id(prefix: str, ask: Struct) -> str:
    """The same for the same content of the same upload, so that a repeat is harmless."""
    return f"{prefix[:80]}:{hashlib.sha256(msgspec.json.encode(ask)).hexdigest()[:32]}"


def _out(door: Door, ask: LeavingAsk) -> tuple[bytes, int]:
    """The bundle, and how many objects are in it. Raises Nothing."""
    with door.site.station.inner.store.reading() as from_:
        objects = [one for one in out_of(Reader(from_), ask) if one is not None]
    named = hashlib.sha256(b"\n".join(bytes(one) for one in objects)).hexdigest()
    made_id = f"bundle--{named[:8]}-{named[8:12]}-8{named[13:16]}-8{named[17:20]}-{named[20:32]}"
    return b"".join(bundle_of(ask.bundle or made_id, objects)), len(objects)


async def _read(request: Asking) -> bytes:
    """The body, within the limit: what is larger is refused before it is read. Raises BundleTooLarge."""
    said = request.headers.get("content-length", "")
    if said.isdigit() and int(said) > MAX_BUNDLE_BYTES:
        raise BundleTooLarge(bytes=int(said), limit=MAX_BUNDLE_BYTES)
    body = bytearray()
    async for block in request.stream():
        body += block
        if len(body) > MAX_BUNDLE_BYTES:
            raise BundleTooLarge(bytes=f"more than {MAX_BUNDLE_BYTES}", limit=MAX_BUNDLE_BYTES)
    return bytes(body)


def _terms(door: Door, to: str, classification: str, tlp: str, caveats: str, red_to: str) -> Terms:
    """Raises BadField, BadLabel."""
    try:
        level, named = Classification(classification), Tlp(tlp)
    except ValueError as error:
        raise BadField(why=str(error), tlp=", ".join(Tlp), classification=", ".join(Classification)) from None
    told = label(level, {door.site.member, *_codes(to)}, frozenset(_codes(caveats)))
    return Terms(told, named, tuple(_codes(red_to)))


def _leaving(up_to: str, bundle: str) -> LeavingAsk:
    try:
        return msgspec.convert({"up_to": up_to, "bundle": bundle or None}, type=LeavingAsk)
    except msgspec.ValidationError as error:
        raise BadField(why=str(error), up_to=", ".join(Tlp)) from None


def _codes(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]
