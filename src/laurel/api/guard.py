"""What stands before every route of a world: whose name was asked for, how large, and what the answer tells a browser.

A page of another site that makes its own name point here (DNS rebinding) is turned away by the name it asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send, WebSocketScope

from laurel.core.errors import BadAsk, LaurelError

MAX_HEADERS = 64
MAX_HEAD_BYTES = 16 * 1024
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

NOTHING = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(), serial=()"
# The console's own page sets a policy of its own instead of this one: what is not that page draws and runs nothing.
BARE_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
SECURITY_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": NOTHING.encode(),
}
STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=31536000")


class WrongHost(BadAsk):
    """Another name than this node's stood in the address."""

    says = "this node has no such name"
    remedy = "use the node's own address; further names go into node.toml: names"


class HeadTooLarge(BadAsk):
    """More was said about the ask than asked."""

    says = "the head of this request is too large"
    remedy = "send fewer and shorter headers, and a shorter address"


class Encoded(BadAsk):
    """Nothing is unpacked at this door, so nothing can swell here."""

    says = "this door takes bodies only as they are"
    remedy = "send the body without Content-Encoding"


STATUS: Mapping[type[LaurelError], int] = {WrongHost: 421, HeadTooLarge: 431, Encoded: 415}


class Guard:
    """The application, guarded. `inner` is the application itself."""

    def __init__(self, inner: ASGIApp, names: Iterable[str], *, tls: bool) -> None:
        self.inner = inner
        self._names = frozenset(_bracketed(name).lower() for name in (*names, *LOOPBACK))
        self._tls = tls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, or turn away."""
        if scope["type"] not in ("http", "websocket"):
            await self.inner(scope, receive, send)
            return
        try:
            self._check(scope)
        except LaurelError as error:
            await _turn_away(scope, error, self._closing(send))
            return
        await self.inner(scope, receive, self._closing(send))

    def _check(self, scope: HTTPScope | WebSocketScope) -> None:
        headers = list(scope["headers"])
        size = len(scope["raw_path"]) + len(scope["query_string"]) + sum(len(name) + len(of) for name, of in headers)
        if len(headers) > MAX_HEADERS or size > MAX_HEAD_BYTES:
            raise HeadTooLarge(headers=len(headers), bytes=size, limit=MAX_HEAD_BYTES)
        hosts = [value for name, value in headers if name == b"host"]
        if len(hosts) != 1 or host_of(hosts[0].decode("latin-1")) not in self._names:
            raise WrongHost(host=", ".join(host.decode("latin-1") for host in hosts)[:200])
        for name, value in headers:
            if name == b"content-encoding" and value.strip().lower() != b"identity":
                raise Encoded(content_encoding=value.decode("latin-1")[:40])

    def _closing(self, send: Send) -> Send:
        async def to(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", ()))
                names = {name.lower() for name, _ in given}
                given += [(name, of) for name, of in SECURITY_HEADERS.items() if name not in names]
                if b"content-security-policy" not in names:
                    given.append((b"content-security-policy", BARE_POLICY.encode()))
                if b"cache-control" not in names:
                    given.append((b"cache-control", b"no-store"))
                if self._tls:
                    given.append(STRICT_TRANSPORT)
                message["headers"] = given
            await send(message)

        return to


def host_of(header: str) -> str:
    """The host of a Host header, without its port, small; brackets stay around an IPv6 address."""
    host, colon, port = header.rpartition(":")
    return (host if colon and port.isdigit() else header).lower()


def _bracketed(name: str) -> str:
    return f"[{name}]" if ":" in name and not name.startswith("[") else name


async def _turn_away(scope: HTTPScope | WebSocketScope, error: LaurelError, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": error.says})
        return
    told = {"error": error.code, "says": error.says, "facts": {k: str(v) for k, v in error.facts.items()}}
    body = msgspec.json.encode({**told, "remedy": error.remedy})
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    status = STATUS[type(error)]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, (b"connection", b"close")]})
    await send({"type": "http.response.body", "body": body, "more_body": False})
