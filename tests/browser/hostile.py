"""A node that says hostile words: everything the stand-in says comes to the page with markup in every text.

What people write may be anything; what a schema bounds (codes, times, hashes, numbers) stays, since no node lets it by.
"""

from __future__ import annotations

import json
import re
from typing import Any, cast
from urllib.parse import quote

from playwright.sync_api import Page, Request, Route, WebSocketRoute

OVERRIDE = "\u202e"
MARK = f" <img src=x onerror=hit()><script>hit()</script>{OVERRIDE}"
# The schema of an address lets no blank and no other way than the web's by.
ADDRESS = '/?"><script>hit()</script>'
# Codes, times, hashes and the like have neither blanks nor letters of another script.
BOUNDED = re.compile(r"[!-~]*")
FREE = frozenset(
    {"name", "title", "subject", "text", "office", "officer", "by", "author", "publisher", "words", "says"}
)
# Here the stand-in knows nobody else than a node would.
OWN = frozenset({"banner"})
SCENE = """
window.hits = []
window.hit = () => window.hits.push('run')
addEventListener('securitypolicyviolation', ({ blockedURI }) => window.hits.push(blockedURI))
"""


def poisoned(said: Any, name: str = "") -> Any:
    """The same, with markup and an override of direction in every text."""
    if isinstance(said, dict):
        return {key: poisoned(value, key) for key, value in cast("dict[str, Any]", said).items()}
    if isinstance(said, list):
        return [poisoned(one, name) for one in cast("list[Any]", said)]
    if not isinstance(said, str) or name in OWN or not said:
        return said
    if name == "url" and said.startswith("http"):
        return said + ADDRESS
    return said if name not in FREE and BOUNDED.fullmatch(said) else said + MARK


def poisoned_frame(frame: bytes) -> bytes:
    """A frame of the picture (`laurel.api.changes`), its head poisoned."""
    length = int.from_bytes(frame[:4], "little")
    head = json.loads(frame[4 : 4 + length])
    words = [[field, rows, poisoned(values, field)] for field, rows, values in head.pop("words", [])]
    told = json.dumps({**poisoned(head), "words": words}).encode()
    told += b" " * (-(4 + len(told)) % 8)
    return len(told).to_bytes(4, "little") + told + frame[4 + length :]


def listen_to_the_hostile(page: Page) -> None:
    """From now on this page hears a hostile node. What it did stands in `window.hits`."""

    def answer(route: Route, request: Request) -> None:
        if "/assets/" in request.url or request.resource_type != "fetch" or request.method != "GET":
            route.fallback()
            return
        heard = route.fetch(url=request.url.replace(quote(MARK, safe="()"), "").replace(quote(MARK, safe=""), ""))
        route.fulfill(response=heard, json=poisoned(heard.json()))

    def join(screen: WebSocketRoute) -> None:
        node = screen.connect_to_server()
        node.on_message(
            lambda said: screen.send(
                json.dumps(poisoned(json.loads(said))) if isinstance(said, str) else poisoned_frame(said)
            )
        )

    page.add_init_script(SCENE)
    page.route("**/*", answer)
    page.route_web_socket("**/stream**", join)
