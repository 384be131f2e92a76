"""HTTP/1.1 as uvicorn speaks it, for clients that may be slow or endless on purpose."""

from __future__ import annotations

import asyncio
from typing import Any

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from laurel.api.guard import MAX_HEAD_BYTES

# What may lie in one read beside the end of a head.
MAX_UNREAD_BYTES = 4 * MAX_HEAD_BYTES


class BoundedProtocol(HttpToolsProtocol):
    """A head comes whole within ten seconds and 64 kB, and a body within half a minute, or the line is cut."""

    head_within_s = 10.0
    body_within_s = 30.0

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._head_bytes = 0
        self._in_head = False
        self._late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Who connects has something to say soon."""
        super().connection_made(transport)
        self._expect(self.head_within_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is expected any more."""
        self._expect(None)
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        """Cut the line where a head has no end."""
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_UNREAD_BYTES:
                self._cut()

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._in_head, self._head_bytes = True, 0
        self._expect(self.head_within_s)

    def on_headers_complete(self) -> None:
        """A body begins, be it empty."""
        self._in_head = False
        self._expect(self.body_within_s)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """All of it is here."""
        self._expect(None)
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """It is another protocol's now."""
        self._expect(None)
        super().handle_websocket_upgrade()

    def _expect(self, within_s: float | None) -> None:
        if self._late is not None:
            self._late.cancel()
        self._late = None if within_s is None else self.loop.call_later(within_s, self._cut)

    def _cut(self) -> None:
        self.transport.close()
