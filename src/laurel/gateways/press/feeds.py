"""RSS and Atom by `feedparser`: the entries of a feed as an officer reads them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from html.parser import HTMLParser
from io import BytesIO
from typing import Any, cast

import feedparser
from msgspec import Struct
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

MAX_ENTRIES = 10_000
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_ENTITY = re.compile("<!ENTITY", re.IGNORECASE)
_APART = frozenset({"p", "br", "div", "li", "tr", "h1", "h2", "h3", "h4", "blockquote"})
_UNREAD = frozenset({"script", "style", "template"})


class Feed(Struct, frozen=True):
    """What a feed says. `findings` are of the feed as a whole; each entry has its own."""

    title: str
    url: str
    sha256: str
    size: int
    read_by: str
    entries: tuple[Found, ...]
    findings: tuple[str, ...] = ()


def read_feed(content: bytes, now: datetime, *, url: str = "", charset: str | None = None) -> Feed:
    """The first 10,000 entries of a feed that was read from `url`. Raises BadField if larger than 20 MB, or no feed."""
    if len(content) > MAX_BYTES:
        raise BadField(field="feed", bytes=len(content), limit=MAX_BYTES)
    decoded = decode(content, charset)
    text, entities = _ENTITY.subn("<!REFUSED", decoded.text)
    parsed = _parse(_DECLARATION.sub("", text), url)
    if not parsed.get("version") and not parsed["entries"]:
        raise BadField(field="feed", why="neither RSS nor Atom", read_as=decoded.encoding)
    head: Mapping[str, Any] = parsed["feed"]
    title, long_title = plain(_text(_words_of(head, "title")), MAX_PUBLISHER, "the feed's title")
    listed = parsed["entries"][:MAX_ENTRIES]
    left_out = len(parsed["entries"]) - len(listed)
    digest = hashlib.sha256(content).hexdigest()
    read_by = f"feedparser {feedparser.__version__}, {decoded.encoding}"
    base, _ = link(_words_of(head, "link"), url)
    common = _Common(title, _words_of(head, "language"), base or url, digest, len(content), read_by, now)
    seen: dict[str, int] = {}
    return Feed(
        title=title,
        url=url,
        sha256=digest,
        size=len(content),
        read_by=read_by,
        entries=tuple(_entry(entry, common, _first(seen, entry, nth)) for nth, entry in enumerate(listed, 1)),
        findings=said(
            *decoded.findings,
            f"not well-formed XML, read all the same: {parsed['bozo_exception']}" if _broken(parsed) else None,
            f"declares {entities} entities: not expanded" if entities else None,
            long_title,
            None if title else "the feed does not say whose it is",
            None if listed else "the feed has no entries",
            f"{left_out} entries more than {MAX_ENTRIES}: left out" if left_out else None,
        ),
    )


class _Common(Struct, frozen=True):
    """What every entry has of its feed."""

    publisher: str
    language: str
    base: str
    sha256: str
    size: int
    read_by: str
    now: datetime


def _parse(text: str, url: str) -> Any:
    # Given as a stream: anything else feedparser may take for an address or a file's name, and open it.
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    return feedparser.parse(
        BytesIO(text.encode("utf-8", "replace")),
        response_headers=headers,
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def _broken(parsed: Any) -> bool:
    # What is odd and yet well-formed (an encoding of another name, say) is not news.
    return bool(parsed.get("bozo")) and not isinstance(
        parsed["bozo_exception"], (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)
    )


def _first(seen: dict[str, int], entry: Mapping[str, Any], nth: int) -> int | None:
    """The number of the entry that this one repeats."""
    name = str(entry.get("id") or entry.get("link") or entry.get("title") or nth)
    first = seen.setdefault(name, nth)
    return None if first == nth else first


def _entry(entry: Mapping[str, Any], common: _Common, repeats: int | None) -> Found:
    title, long_title = plain(_text(_words_of(entry, "title")), MAX_TITLE, "a title")
    contents = cast("list[Mapping[str, Any]]", entry.get("content") or [])
    longest = max((_words_of(one, "value") for one in contents), key=len, default="")
    words, long_words = plain(_text(longest or _words_of(entry, "summary")), MAX_WORDS, "a text")
    publisher, _ = plain(
        _text(_words_of(entry.get("source") or {}, "title")) or common.publisher, MAX_PUBLISHER, "a name"
    )
    said_at = _words_of(entry, "published") or _words_of(entry, "updated")
    at, wrong_time = published(said_at, common.now)
    url, wrong_link = link(_words_of(entry, "link"), common.base)
    declared = next(filter(None, (_words_of(one, "language") for one in contents)), common.language)
    spoken, wrong_language = language(declared, f"{title}\n{words}")
    return Found(
        title=title,
        words=words,
        language=spoken,
        publisher=publisher,
        published_at=at,
        published_said=said_at[:100],
        url=url,
        sha256=common.sha256,
        size=common.size,
        read_by=common.read_by,
        findings=said(
            f"repeats entry {repeats}" if repeats is not None else None,
            None if title else "has no title",
            None if words else "has no words: only a title",
            None if publisher else "does not say who published it",
            long_title,
            long_words,
            wrong_time,
            wrong_link,
            wrong_language,
        ),
    )


def _words_of(read: Mapping[str, Any], name: str) -> str:
    """What stands there. Of a broken feed the reader may give nothing, or something else, under any name."""
    value = read.get(name)
    return value if isinstance(value, str) else ""


def _text(html: str) -> str:
    """The words of a snippet of HTML, without its scripts."""
    if "<" not in html and "&" not in html:
        return html
    reader = _Words()
    reader.feed(html)
    reader.close()
    return "".join(reader.parts)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unread = 0

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """What begins apart from the words before."""
        del attrs
        self._unread += tag in _UNREAD
        if tag in _APART:
            self.parts.append("\n")

    @override
    def handle_endtag(self, tag: str) -> None:
        """What ends."""
        self._unread = max(0, self._unread - (tag in _UNREAD))

    @override
    def handle_data(self, data: str) -> None:
        """Words, if they are read."""
        if not self._unread:
            self.parts.append(data)
