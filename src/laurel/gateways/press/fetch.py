"""A feed from the web, asked for by the officer's own terminal. No node ever does this."""

from __future__ import annotations

import httpx
from msgspec import Struct

from laurel.core.errors import BadField, Broken
from laurel.gateways.press.found import MAX_BYTES

TIMEOUT_S = 30.0


class FeedUnreachable(Broken):
    """No feed came from there."""

    says = "the feed does not come"
    remedy = "check the address; or save the feed to a file and read that"


class Fetched(Struct, frozen=True):
    """What came, from where in the end, and what its server says it is encoded in."""

    content: bytes
    url: str
    charset: str | None


def fetch_feed(url: str) -> Fetched:
    """What stands at that address, 20 MB at most. Raises FeedUnreachable, BadField."""
    content = bytearray()
    try:
        with httpx.stream("GET", url, follow_redirects=True, timeout=TIMEOUT_S) as answer:
            if answer.is_error:
                raise FeedUnreachable(url=url, status=answer.status_code)
            for block in answer.iter_bytes(64 * 1024):
                content += block
                if len(content) > MAX_BYTES:
                    raise BadField(field="feed", url=url, limit=MAX_BYTES)
            return Fetched(bytes(content), str(answer.url), answer.charset_encoding)
    except (httpx.TransportError, httpx.TooManyRedirects, httpx.InvalidURL) as error:
        raise FeedUnreachable(url=url, why=str(error)) from None
