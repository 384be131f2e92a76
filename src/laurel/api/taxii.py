"""The TAXII 2.1 door: what cyber holds, for the clients that analysts already run, and what they add.

`/taxii2/` names the one API root of this port, `/<world>/taxii2/`. A program's token comes as the password of HTTP
Basic, with the program's name, or as a bearer token; its roles, its narrowness, its rate and the audit are those of
every other door. What was told is never deleted: its author takes it back by a record.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from litestar import Request, Router, delete, get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath
from msgspec.structs import replace

from laurel.api.door import Connection, Door
from laurel.api.taxii_add import MAX_CONTENT_BYTES, Adding
from laurel.api.taxii_wire import ADD, Answer, NothingIsDeleted, adder, answer, negotiate, reader, told
from laurel.core.errors import Nothing
from laurel.core.instrument import NoAsk
from laurel.gateways import taxii
from laurel.instruments.cyber.asked import OfCollection
from laurel.instruments.cyber.records import Tlp
from laurel.instruments.cyber.sharing import SHARERS
from laurel.instruments.cyber.shown import Added, CollectionRow, Collections, Page
from laurel.instruments.cyber.tlp import collection_id, collection_title, leaving
from laurel.node.author import Author

Asking = Request[Any, Any, Any]
Id = FromPath[str]
Show = Callable[[Page], taxii.Resource]


def taxii_routes(door: Door) -> tuple[Router, Router]:
    """The server's own resource, at the root of the port; and everything else, under the world's name."""

    def beside(handlers: Sequence[Any]) -> Router:
        return Router(
            "/taxii2", route_handlers=handlers, guards=[negotiate], exception_handlers=told(door), tags=["taxii2"]
        )

    return beside([_discovery(door)]), beside([*_named(door), *_held(door), *_added(door)])


def _discovery(door: Door) -> Any:
    site = door.site

    @get("/", operation_id="taxii2-discovery")
    async def discovery(request: Asking) -> Answer:
        """Which API roots there are."""
        reader(door, request)
        contact = f"the administrator of the node of {site.name}"
        return answer(taxii.discovery(*_names(door), contact, f"/{door.world}/taxii2/"))

    return discovery


def _named(door: Door) -> list[Any]:
    """The API root and its collections."""

    @get("/", operation_id="taxii2-root")
    async def root(request: Asking) -> Answer:
        """What this API root speaks, and how much it takes at once."""
        reader(door, request)
        return answer(taxii.api_root(*_names(door), MAX_CONTENT_BYTES))

    @get("/collections", operation_id="taxii2-collections")
    async def collections(request: Asking) -> Answer:
        """What there is, by TLP level and audience."""
        author = reader(door, request)
        rows = await _rows(door)
        return answer(taxii.collections([_resource(door, row, author) for row in rows.values()]))

    @get("/collections/{collection:str}", operation_id="taxii2-collection")
    async def collection(request: Asking, collection: Id) -> Answer:
        """One collection."""
        author = reader(door, request)
        row = await _row(door, collection)
        return answer(_resource(door, (await _rows(door))[row.id], author))

    return [root, collections, collection]


def _held(door: Door) -> list[Any]:
    """What a collection holds. Each takes `match[...]`, `added_after`, `limit` and `next`."""

    @get("/collections/{collection:str}/objects", operation_id="taxii2-objects")
    async def objects(request: Asking, collection: Id) -> Answer:
        """Objects, in the order in which this node took them in."""
        return await show(request, collection, _envelope)

    @get("/collections/{collection:str}/manifest", operation_id="taxii2-manifest")
    async def manifest(request: Asking, collection: Id) -> Answer:
        """What there is, without the objects."""
        return await show(request, collection, taxii.manifest)

    @get("/collections/{collection:str}/objects/{object_id:str}", operation_id="taxii2-object")
    async def one(request: Asking, collection: Id, object_id: Id) -> Answer:
        """One object."""
        return await show(request, collection, _envelope, object_id)

    @get("/collections/{collection:str}/objects/{object_id:str}/versions", operation_id="taxii2-versions")
    async def versions(request: Asking, collection: Id, object_id: Id) -> Answer:
        """The versions of one object."""
        return await show(request, collection, taxii.versions, object_id)

    async def show(request: Asking, collection: str, as_: Show, object_id: str | None = None) -> Answer:
        author = reader(door, request)
        row = await _row(door, collection)
        door.site.station.audit_look(author.name, f"taxii2/collections/{row.id}")
        given = {name: request.query_params.getall(name) for name in request.query_params}
        asked = taxii.asked(row.id, given, manifest=as_ is not _envelope)
        if object_id is not None:
            asked = taxii.of_object(asked, object_id)
        if as_ is taxii.versions:
            asked = taxii.all_versions(asked)
        page = await _page(door, asked)
        if object_id is not None and not page.objects:
            await _must_be_here(door, row.id, object_id)
        return answer(as_(page), headers=taxii.added_headers(page))

    return [objects, manifest, one, versions]


def _added(door: Door) -> list[Any]:
    """What clients add, and what became of it."""
    adding = Adding(door)

    def may_add(connection: Connection, _: BaseRouteHandler) -> None:
        """Before a byte of the body is read."""
        connection.state["author"] = adder(door, connection, SHARERS)

    @post(
        "/collections/{collection:str}/objects",
        operation_id="taxii2-add",
        request_max_body_size=MAX_CONTENT_BYTES,
        guards=[may_add],
    )
    async def add(request: Asking, collection: Id) -> Answer:
        """Add objects, each as a record with the collection's label. The status says what became of each."""
        author: Author = request.state["author"]
        row = await _row(door, collection)
        status = await adding.add(author, row, await request.body())
        return answer(status.resource, 202)

    @delete("/collections/{collection:str}/objects/{object_id:str}", operation_id="taxii2-delete", status_code=200)
    async def nothing_is_deleted(request: Asking, collection: Id, object_id: Id) -> Answer:
        """Always refused: who told it takes it back."""
        reader(door, request)
        row = await _row(door, collection)
        await _must_be_here(door, row.id, object_id)
        raise NothingIsDeleted(object=object_id)

    @get("/status/{status:str}", operation_id="taxii2-status")
    async def status(request: Asking, status: Id) -> Answer:
        """What became of what one added, for a day."""
        author = reader(door, request, ADD)
        return answer((await adding.status(status, author)).resource)

    return [add, nothing_is_deleted, status]


def _names(door: Door) -> tuple[str, str]:
    site = door.site
    return taxii.names(site.station.world, site.title, site.name)


def _resource(door: Door, row: CollectionRow, author: Author) -> taxii.Resource:
    """A collection as this author may use it."""
    named = author.only is None or ADD in author.only
    told = set(row.rel_to) <= {*door.site.station.roster.speakers, door.site.member}
    return taxii.collection(row, can_read=True, can_write=named and told and bool(author.roles & SHARERS))


def _standing(door: Door) -> dict[str, CollectionRow]:
    """The collections that are always there, whatever they hold: for every member, and for our house."""
    member = door.site.member
    everyone = tuple(sorted({*door.site.station.roster.speakers, member}))
    each = [(tlp, everyone) for tlp in Tlp] + [(tlp, (member,)) for tlp in (Tlp.AMBER_STRICT, Tlp.RED)]
    return {collection_id(*of): CollectionRow(collection_id(*of), collection_title(*of), *of, objects=0) for of in each}


async def _rows(door: Door) -> dict[str, CollectionRow]:
    """Those, and all others that hold something."""
    held: Collections = await door.site.station.judge("cyber/collections", NoAsk())
    return _standing(door) | {row.id: row for row in held.collections}


async def _row(door: Door, collection: str) -> CollectionRow:
    """One of them. Raises Nothing."""
    # What every page asks for need not count what all of them hold.
    row = _standing(door).get(collection) or (await _rows(door)).get(collection)
    if row is None:
        raise Nothing(collection=collection[:80])
    return row


async def _page(door: Door, asked: OfCollection) -> Page:
    """As much of what is asked as goes into one answer: something, if there is anything."""
    while True:
        page: Page = await door.site.station.judge("cyber/collection", asked)
        # What somebody marks more strictly than its collection is passed over, and may be all of a page.
        if page.objects or page.next is None:
            return taxii.cut(page)
        asked = replace(asked, after=page.next)


async def _must_be_here(door: Door, collection: str, object_id: str) -> None:
    """Raises Nothing unless any version of it is in the collection."""
    any_of_it = taxii.all_versions(taxii.of_object(taxii.asked(collection, {"limit": ["1"]}), object_id))
    if not (await _page(door, any_of_it)).objects:
        raise Nothing(object=object_id[:300], collection=collection)


def _envelope(page: Page) -> taxii.Resource:
    return taxii.envelope(page, _as_it_leaves)


def _as_it_leaves(one: Added) -> Any:
    return None if one.stix is None else leaving(one.stix, one.tlp)
