"""A saved article by `trafilatura`: the words without the page around them, and who published them when."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from html.parser import HTMLParser
from importlib.metadata import version
from typing import Any, cast

import trafilatura
from typing_extensions import override

from laurel.core.errors import BadField
from laurel.gateways.press.decode import decode
from laurel.gateways.press.found import (
    MAX_BYTES,
    MAX_PUBLISHER,
    MAX_TITLE,
    MAX_WORDS,
    Found,
    language,
    link,
    plain,
    published,
    said,
)

MAX_TAGS = 200_000
"""A page with more is refused unread: no article has so many, and reading it takes minutes."""
MAX_TAG = 20_000
"""Characters of one tag. A longer one has attributes by the thousand, over which parsers take minutes."""
_IN_PLACE = re.compile(r"""data:[^"'\s>]{200,}""")
_LONG_TAG = re.compile(rf"<[^<>]{{{MAX_TAG},}}>?")
_ENTITY = re.compile("<!ENTITY", re.IGNORECASE)
_SAVED_FROM = re.compile(r"saved from url=\(\d{4}\)(\S{1,2000})")
_SAVED_WITHIN = 4_096
_JSON_LD = "application/ld+json"
_DEEPEST = 20
_DAY_ONLY = re.compile(r"\d{4}-\d\d-\d\d")


def read_article(content: bytes, now: datetime, *, url: str = "", charset: str | None = None) -> Found:
    """The article in an HTML file. Raises BadField if it is larger than 20 MB or has more than 200,000 tags."""
    if len(content) > MAX_BYTES:
        raise BadField(field="article", bytes=len(content), limit=MAX_BYTES)
    decoded = decode(content, charset)
    # What pages carry within themselves, pictures above all, has no words.
    html, entities = _ENTITY.subn("<!REFUSED", _IN_PLACE.sub("data:", decoded.text))
    html, long_tags = _LONG_TAG.subn("", html)
    tags = html.count("<")
    if tags > MAX_TAGS:
        raise BadField(field="article", tags=tags, limit=MAX_TAGS)
    head = _Head()
    head.feed(html)
    extracted = _extract(html)
    title, long_title = plain(head.one("og:title") or extracted.title or head.title, MAX_TITLE, "the title")
    words, long_words = plain(extracted.text, MAX_WORDS, "the text")
    publisher, _ = plain(head.one("og:site_name") or head.publisher() or extracted.site, MAX_PUBLISHER, "a name")
    said_at = head.published()
    at, wrong_time = published(said_at, now)
    if not said_at and extracted.day:
        said_at, wrong_time = extracted.day, f"only a day of publication is found: {extracted.day}, no time and no zone"
    elif _DAY_ONLY.fullmatch(said_at):
        wrong_time = f"only a day of publication is given: {said_at}, no time and no zone"
    address, wrong_link = _address(html, head, url)
    spoken, wrong_language = language(head.language, f"{title}\n{words}")
    return Found(
        title=title,
        words=words,
        language=spoken,
        publisher=publisher,
        published_at=at,
        published_said=said_at[:100],
        url=address,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        read_by=f"trafilatura {version('trafilatura')}, {decoded.encoding}",
        findings=said(
            *decoded.findings,
            f"declares {entities} entities: not expanded" if entities else None,
            f"{long_tags} tags of more than {MAX_TAG} characters: left out" if long_tags else None,
            None if title else "has no title",
            None if words else "no article was found in it: read the file itself",
            None if publisher else "does not say who published it",
            long_title,
            long_words,
            wrong_time,
            wrong_link,
            wrong_language,
        ),
    )


def _address(html: str, head: _Head, url: str) -> tuple[str, str | None]:
    """Where it was published: as it was fetched, as it says itself, or as the browser noted that saved it."""
    saved = _SAVED_FROM.search(html, 0, _SAVED_WITHIN)
    base = url or ("" if saved is None else saved[1])
    return link(head.canonical or head.one("og:url") or base, base)


class _Extracted:
    """What trafilatura finds: nothing at all in an empty page."""

    def __init__(self, found: Any) -> None:
        self.title: str = getattr(found, "title", None) or ""
        self.text: str = getattr(found, "text", None) or ""
        self.site: str = getattr(found, "sitename", None) or ""
        self.day: str = getattr(found, "date", None) or ""


def _extract(html: str) -> _Extracted:
    extract = cast("Callable[..., Any]", trafilatura.bare_extraction)
    return _Extracted(extract(html, include_comments=False, with_metadata=True))


class _Head(HTMLParser):
    """What a page says of itself in its head, its metadata and its first time."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.language = ""
        self.title = ""
        self.canonical = ""
        self._time = ""
        self._said: dict[str, str] = {}
        self._within = ""
        self._linked: list[Any] = []

    def one(self, *names: str) -> str:
        """The first of these that a meta element says."""
        return next((self._said[name] for name in names if name in self._said), "")

    def published(self) -> str:
        """When it says it was published, as it is written there."""
        linked = next((one for one in self._from_linked("datePublished") if isinstance(one, str)), "")
        return (
            self.one("article:published_time", "og:published_time", "date", "dc.date", "pubdate")
            or linked
            or self._time
        )

    def publisher(self) -> str:
        """Who it says published it, where that is structured."""
        for one in self._from_linked("publisher"):
            name = cast("Mapping[str, Any]", one).get("name") if isinstance(one, Mapping) else one
            if isinstance(name, str):
                return name
        return ""

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Language, canonical address, metadata, the first time."""
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = self.language or given.get("lang", "") or given.get("xml:lang", "")
        elif tag == "meta":
            name = given.get("property") or given.get("name") or given.get("itemprop") or ""
            self._said.setdefault(name.lower(), given.get("content", ""))
        elif tag == "link" and given.get("rel", "").lower() == "canonical":
            self.canonical = self.canonical or given.get("href", "")
        elif tag == "time":
            self._time = self._time or given.get("datetime", "")
        self._within = _JSON_LD if tag == "script" and given.get("type", "").lower() == _JSON_LD else tag

    @override
    def handle_endtag(self, tag: str) -> None:
        """What ends."""
        del tag
        self._within = ""

    @override
    def handle_data(self, data: str) -> None:
        """The title, and what is said in JSON-LD."""
        if self._within == "title":
            self.title += data
        elif self._within == _JSON_LD:
            try:
                self._linked.append(json.loads(data))
            except (ValueError, RecursionError):
                # Pages write broken JSON. What it would have said is then missing, and that is a finding.
                self._linked.append(None)

    def _from_linked(self, name: str) -> Iterator[Any]:
        for one in self._linked:
            yield from _named(one, name, _DEEPEST)


def _named(part: Any, name: str, deep: int) -> Iterator[Any]:
    """Every value of that name in a JSON document, the outer ones first."""
    if deep == 0:
        return
    if isinstance(part, Mapping):
        within = cast("Mapping[str, Any]", part)
        if name in within:
            yield within[name]
        for each in within.values():
            yield from _named(each, name, deep - 1)
    elif isinstance(part, list):
        for each in cast("list[Any]", part):
            yield from _named(each, name, deep - 1)
