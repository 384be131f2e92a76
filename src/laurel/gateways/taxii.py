"""TAXII 2.1 (OASIS Standard, 10 June 2021), as far as it is pure: parameters -> what is asked, answers -> resources.

Numbers in brackets are sections of the standard. A page is continued by position, which is the node's own order of
taking; what a node shows is what was told, whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from laurel.core.errors import BadField, LaurelError
from laurel.core.record import MAX_NUMBER, World
from laurel.instruments.cyber.asked import MOST, OfCollection
from laurel.instruments.cyber.shown import Added, CollectionRow, Page

MEDIA_TYPE = "application/taxii+json;version=2.1"
STIX_MEDIA_TYPE = "application/stix+json;version=2.1"
DATE_ADDED_FIRST, DATE_ADDED_LAST = "X-TAXII-Date-Added-First", "X-TAXII-Date-Added-Last"
# Of the objects in one answer, unless a single one is larger.
LARGEST_PAGE_BYTES = 4 * 1024 * 1024

Resource = dict[str, Any]


# Times and media types


def stamp(moment: datetime) -> str:
    """As the standard writes times (3.1): UTC, six digits, Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def accepts(header: str | None) -> bool:
    """Whether an Accept header takes what we send (1.6.8); where there is none, everything is accepted."""
    return header is None or any(_is_ours(one, wild=True) for one in header.split(","))


def is_taxii(content_type: str | None) -> bool:
    """Whether a body is said to be of TAXII 2.1."""
    return content_type is not None and _is_ours(content_type, wild=False)


def _is_ours(media_range: str, *, wild: bool) -> bool:
    kind, *given = (part.strip().lower() for part in media_range.split(";"))
    parameters = {name.strip(): of.strip().strip('"') for name, _, of in (part.partition("=") for part in given)}
    if wild and re.fullmatch(r"0(\.0*)?", parameters.get("q", "1")):
        return False
    if wild and kind in {"*/*", "application/*"}:
        return True
    return kind == "application/taxii+json" and parameters.get("version", "2.1") == "2.1"


# What is asked


def asked(collection: str, given: Mapping[str, Sequence[str]], *, manifest: bool = False) -> OfCollection:
    """What the parameters of an address ask of a collection (3.4, 3.5).

    Raises BadField for a filter that we do not know or a value that we cannot read: to leave a filter out would
    hand out more than was asked for.
    """
    unknown = sorted(name for name in given if name.startswith("match") and name not in _MATCHES)
    if unknown:
        raise BadField(field=unknown[0][:80], must_be=f"one of {', '.join(_MATCHES)}")
    matches = {of: _listed(given.get(name, ())) for name, of in _MATCHES.items()}
    versions = matches.pop("match_version") or ("last",)
    for one in set(versions) - _VERSION_WORDS:
        _time("match[version]", one)
    if "all" in versions and len(versions) > 1:
        raise BadField(field="match[version]", value=",".join(versions)[:80], must_be="all, and nothing beside it")
    after = [_time("added_after", text) for text in given.get("added_after", ())]
    return OfCollection(
        collection=collection,
        after=max((_whole("next", text, least=0) for text in given.get("next", ())), default=0),
        added_after=max(after, default=None),
        match_version=versions,
        manifest=manifest,
        most=min([_whole("limit", text, least=1) for text in given.get("limit", ())] + [MOST]),
        **matches,
    )


def of_object(page: OfCollection, object_id: str) -> OfCollection:
    """The same of one object."""
    return replace(page, match_id=(object_id,), match_type=())


def all_versions(page: OfCollection) -> OfCollection:
    """The same of every version, without the objects themselves."""
    return replace(page, match_version=("all",), manifest=True)


def _listed(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(part.strip() for text in texts for part in text.split(",") if part.strip())


def _time(name: str, text: str) -> datetime:
    wrong = BadField(field=name, value=text[:80], must_be="a time such as 2026-11-22T09:00:00.000000Z")
    if not _TIME.fullmatch(text):
        raise wrong
    try:
        return datetime.fromisoformat(_BEYOND_MICROSECONDS.sub(r"\1", text))
    except ValueError:
        raise wrong from None


def _whole(name: str, text: str, least: int) -> int:
    if not re.fullmatch("[0-9]{1,19}", text) or not least <= int(text) <= MAX_NUMBER:
        raise BadField(field=name, value=text[:80], must_be=f"a whole number from {least} on")
    return int(text)


# Resources


def names(world: World, title: str, member: str) -> tuple[str, str]:
    """What a world is called and described as: nobody may take an exercise for the live world."""
    if world.exercise is None:
        return f"{title}, {member}", f"Cyber records of the live world {world.name}."
    mark = f"EXERCISE {world.exercise}"
    return f"{mark}: {title}, {member}", f"{mark}: cyber records of the world {world.name}. None of this is real."


def discovery(title: str, description: str, contact: str, root: str) -> Resource:
    """The server (4.1)."""
    return {"title": title, "description": description, "contact": contact, "default": root, "api_roots": [root]}


def api_root(title: str, description: str, max_content_length: int) -> Resource:
    """The world (4.2)."""
    return {
        "title": title,
        "description": description,
        "versions": [MEDIA_TYPE],
        "max_content_length": max_content_length,
    }


def collection(row: CollectionRow, *, can_read: bool, can_write: bool) -> Resource:
    """One collection (5.2): what is at one TLP level, for one audience."""
    return {
        "id": row.id,
        "title": row.title,
        "description": f"{row.tlp.value} for {', '.join(row.rel_to)}. Holds {row.objects} versions of objects.",
        "can_read": can_read,
        "can_write": can_write,
        "media_types": [STIX_MEDIA_TYPE],
    }


def collections(rows: Sequence[Resource]) -> Resource:
    """All of them (5.1), nothing more than `{}` when there are none."""
    return {"collections": list(rows)} if rows else {}


def cut(page: Page, room: int = LARGEST_PAGE_BYTES) -> Page:
    """As much of the page as goes into so many bytes, one object at least."""
    for count, one in enumerate(page.objects):
        room -= 0 if one.stix is None else len(memoryview(one.stix))
        if room < 0 < count:
            return Page(page.objects[:count], next=page.objects[count - 1].position)
    return page


def envelope(page: Page, leaving: Callable[[Added], Any]) -> Resource:
    """The objects of a page (3.7), each as it may leave; nothing more than `{}` when there are none."""
    return _paged(page, "objects", [leaving(one) for one in page.objects])


def manifest(page: Page) -> Resource:
    """What is in a collection, without the objects (5.3)."""
    return _paged(page, "objects", [_entry(one) for one in page.objects])


def versions(page: Page) -> Resource:
    """The versions of an object (5.8)."""
    return _paged(page, "versions", [_version(one) for one in page.objects])


def _version(one: Added) -> str:
    """What has no version of its own goes by the time at which it was added (5.3.1)."""
    return one.version or stamp(one.added)


def added_headers(page: Page) -> dict[str, str]:
    """When the first and the last of it were added (3.8); nothing for an empty page."""
    if not page.objects:
        return {}
    return {DATE_ADDED_FIRST: stamp(page.objects[0].added), DATE_ADDED_LAST: stamp(page.objects[-1].added)}


def _entry(one: Added) -> Resource:
    kind = f"application/stix+json;version={one.spec_version}"
    return {"id": one.id, "date_added": stamp(one.added), "version": _version(one), "media_type": kind}


def _paged(page: Page, name: str, items: list[Any]) -> Resource:
    if not items:
        return {}
    # The standard names no `next` in manifests and versions, yet its own client looks for one there.
    ahead = {} if page.next is None else {"next": str(page.next)}
    return {"more": page.next is not None, **ahead, name: items}


def error(wrong: LaurelError, http_status: int) -> Resource:
    """What went wrong, and what to do (3.6)."""
    return {
        "title": wrong.says,
        "description": wrong.remedy,
        "error_code": wrong.code,
        "http_status": str(http_status),
        "details": {name: str(fact) for name, fact in wrong.facts.items()},
    }


_VERSION_WORDS = frozenset({"first", "last", "all"})
_MATCHES = {
    "match[id]": "match_id",
    "match[type]": "match_type",
    "match[version]": "match_version",
    "match[spec_version]": "match_spec_version",
}
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,12})?Z")
_BEYOND_MICROSECONDS = re.compile(r"(\.[0-9]{6})[0-9]+")
