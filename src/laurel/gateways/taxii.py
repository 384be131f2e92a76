"""TAXII 2.1 (OASIS Standard, 10 June 2021), as far as it is pure: what was held -> what a client is shown.

A version of an object is shown as it was taken in, whole; the collection is sorted by the order of taking, whose moments
are all different, so a page can be continued from any of them. Numbers in brackets are sections of the standard.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from laurel.core.errors import BadField, LaurelError

MEDIA_TYPE = "application/taxii+json;version=2.1"
STIX_MEDIA_TYPE = "application/stix+json;version=2.1"
DATE_ADDED_FIRST, DATE_ADDED_LAST = "X-TAXII-Date-Added-First", "X-TAXII-Date-Added-Last"

MOST_IN_A_PAGE = 2_000
LARGEST_PAGE_BYTES = 4 * 1024 * 1024
TICK = timedelta(microseconds=1)
# What an object without `spec_version` was written in (STIX 2.1, 3.2).
FIRST_SPEC_VERSION = "2.0"

Resource = dict[str, Any]


@dataclass(frozen=True)
class Held:
    """One version of one object, and when this node took it in. `of` is the record that says it."""

    id: str
    type: str
    spec_version: str
    version: str
    added: datetime
    of: str
    place: int = 0

    @property
    def moment(self) -> datetime:
        """Its version as a time: versions compare as times, however many digits were written (STIX 2.1, 3.6)."""
        return moment_of(self.version)


@dataclass(frozen=True)
class Wanted:
    """What a client asks of a collection (3.4, 3.5). Empty is all; of versions it is the last."""

    ids: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    versions: frozenset[str] = frozenset()
    spec_versions: frozenset[str] = frozenset()
    added_after: datetime | None = None
    limit: int = MOST_IN_A_PAGE


@dataclass(frozen=True)
class Page:
    """The first of what was found, and whether there is more."""

    held: tuple[Held, ...]
    more: bool

    @property
    def next(self) -> str | None:
        """How the next page is asked for: behind the last of this one."""
        return stamp(self.held[-1].added) if self.more else None

    @property
    def headers(self) -> dict[str, str]:
        """When the first and the last of it were added (3.7); nothing of an empty page."""
        if not self.held:
            return {}
        return {DATE_ADDED_FIRST: stamp(self.held[0].added), DATE_ADDED_LAST: stamp(self.held[-1].added)}


# Times and media types


def stamp(moment: datetime) -> str:
    """As the standard writes times: UTC, six digits, Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment_of(written: str) -> datetime:
    """The time that was written, in UTC; digits beyond microseconds are cut off. Raises ValueError."""
    if not _TIME.fullmatch(written):
        raise ValueError(written)
    return datetime.fromisoformat(_BEYOND_MICROSECONDS.sub(r"\1", written)).astimezone(UTC)


def accepts(header: str | None) -> bool:
    """Whether an Accept header takes what we send (1.6.8): nothing said is anything."""
    return header is None or any(_names(one, wild=True) for one in header.split(","))


def is_taxii(content_type: str | None) -> bool:
    """Whether a body says that it is of TAXII 2.1."""
    return content_type is not None and _names(content_type, wild=False)


def _names(media_range: str, *, wild: bool) -> bool:
    kind, *given = (part.strip().lower() for part in media_range.split(";"))
    parameters = dict(part.partition("=")[::2] for part in given)
    if wild and parameters.get("q", "1").strip().strip("0") in {"", "."}:
        return False
    if wild and kind in {"*/*", "application/*"}:
        return True
    return kind == "application/taxii+json" and parameters.get("version", "2.1").strip('"') == "2.1"


# Filters and pages


def wanted(given: Mapping[str, Sequence[str]]) -> Wanted:
    """What the parameters of an address ask for. Raises BadField for a filter that we do not know or cannot read."""
    unknown = sorted(name for name in given if name.startswith("match") and name not in _MATCHES)
    if unknown:
        raise BadField(field=unknown[0][:80], must_be=f"one of {', '.join(sorted(_MATCHES))}")
    matches = {
        name: frozenset(part.strip() for text in given.get(of, ()) for part in text.split(",") if part.strip())
        for of, name in _MATCHES.items()
    }
    if len(matches["versions"]) > 1 and "all" in matches["versions"]:
        raise BadField(field="match[version]", must_be="all alone, or first, last and times")
    versions = frozenset(one if one in _WORDS else stamp(_time("match[version]", one)) for one in matches["versions"])
    after = [_time(name, text) for name in ("added_after", "next") for text in given.get(name, ())]
    limits = [_limit(text) for text in given.get("limit", ())]
    return Wanted(
        **(matches | {"versions": versions}),
        added_after=max(after, default=None),
        limit=min([*limits, MOST_IN_A_PAGE]),
    )


def page_of(held: Sequence[Held], asked: Wanted) -> Page:
    """The first of what matches, in the order of taking. `held` is in that order."""
    found = _of_versions([one for one in held if _named(one, asked)], asked.versions or frozenset({"last"}))
    if asked.added_after is not None:
        found = [one for one in found if one.added > asked.added_after]
    return Page(tuple(found[: asked.limit]), len(found) > asked.limit)


def shorter(page: Page, sizes: Iterable[int]) -> Page:
    """As much of the page as goes into one answer, one object at least."""
    room = LARGEST_PAGE_BYTES
    for count, size in enumerate(sizes):
        room -= size
        if room < 0 < count:
            return replace(page, held=page.held[:count], more=True)
    return page


def _named(one: Held, asked: Wanted) -> bool:
    return (
        (not asked.ids or one.id in asked.ids)
        and (not asked.types or one.type in asked.types)
        and (not asked.spec_versions or one.spec_version in asked.spec_versions)
    )


def _of_versions(held: Sequence[Held], versions: frozenset[str]) -> list[Held]:
    """Those versions of each object. First and last are of all that are held, whenever they were added (3.4.1)."""
    if "all" in versions:
        return [*held]
    ends: dict[str, list[Held]] = {}
    for one in held:
        first_last = ends.setdefault(one.id, [one, one])
        if one.moment < first_last[0].moment:
            first_last[0] = one
        elif one.moment > first_last[1].moment:
            first_last[1] = one
    times = {moment_of(one) for one in versions - _WORDS}
    return [
        one
        for one in held
        if ("first" in versions and one is ends[one.id][0])
        or ("last" in versions and one is ends[one.id][1])
        or (times and one.moment in times)
    ]


def _time(name: str, text: str) -> datetime:
    try:
        return moment_of(text)
    except ValueError:
        raise BadField(field=name, value=text[:80], must_be="a time such as 2026-11-22T09:00:00.000000Z") from None


def _limit(text: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", text) or int(text) == 0:
        raise BadField(field="limit", value=text[:80], must_be="a number from 1 on")
    return int(text)


# Resources


def discovery(title: str, description: str, contact: str, api_root: str) -> Resource:
    """The server (4.1)."""
    return {
        "title": title,
        "description": description,
        "contact": contact,
        "default": api_root,
        "api_roots": [api_root],
    }


def api_root(title: str, description: str, max_content_length: int) -> Resource:
    """The world (4.2)."""
    return {
        "title": title,
        "description": description,
        "versions": [MEDIA_TYPE],
        "max_content_length": max_content_length,
    }


def collection(of: str, title: str, description: str, alias: str, *, can_read: bool, can_write: bool) -> Resource:
    """One collection (5.2)."""
    return {
        "id": of,
        "title": title,
        "description": description,
        "alias": alias,
        "can_read": can_read,
        "can_write": can_write,
        "media_types": [STIX_MEDIA_TYPE],
    }


def envelope(page: Page, read: Callable[[Held], Any]) -> Resource:
    """The objects of a page (3.7), nothing more than `{}` when there are none."""
    return _paged(page, "objects", [read(one) for one in page.held])


def manifest(page: Page) -> Resource:
    """What is in a collection, without the objects (5.3)."""
    return _paged(
        page,
        "objects",
        [
            {"id": one.id, "date_added": stamp(one.added), "version": one.version, "media_type": _media_type(one)}
            for one in page.held
        ],
    )


def versions(page: Page) -> Resource:
    """The versions of an object (5.8)."""
    return _paged(page, "versions", [one.version for one in page.held])


def _paged(page: Page, name: str, items: list[Any]) -> Resource:
    if not items:
        return {}
    # A manifest has no `next` in the standard, yet the clients that page through one ask for it (5.3.1, 3.5).
    ahead: Resource = {"more": True, "next": page.next} if page.more else {"more": False}
    return {**ahead, name: items}


def _media_type(one: Held) -> str:
    return f"application/stix+json;version={one.spec_version}"


def error(wrong: LaurelError, http_status: int) -> Resource:
    """What went wrong, and what to do (3.6)."""
    return {
        "title": wrong.says,
        "description": wrong.remedy,
        "error_code": wrong.code,
        "http_status": str(http_status),
        "details": {name: str(fact) for name, fact in wrong.facts.items()},
    }


_WORDS = frozenset({"first", "last", "all"})
_MATCHES = {
    "match[id]": "ids",
    "match[type]": "types",
    "match[version]": "versions",
    "match[spec_version]": "spec_versions",
}
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,12})?Z")
_BEYOND_MICROSECONDS = re.compile(r"(\.[0-9]{6})[0-9]+")
