"""What Laurel uses of nats-py, typed; the package leaves much of it unknown."""

from collections.abc import Awaitable, Callable
from ssl import SSLContext
from typing import Any

from nats.aio.msg import Msg

class Client:
    last_error: Exception | None
    is_closed: bool
    _pending: list[bytes]
    _pending_data_size: int

    async def connect(
        self,
        servers: str,
        *,
        error_cb: Callable[[Exception], Awaitable[None]],
        closed_cb: Callable[[], Awaitable[None]],
        tls: SSLContext,
        tls_hostname: str,
        nkeys_seed_str: str,
        inbox_prefix: str,
        allow_reconnect: bool,
        connect_timeout: float,
        reconnect_time_wait: float,
        max_reconnect_attempts: int,
    ) -> None: ...
    async def publish(
        self, subject: str, payload: bytes = b"", reply: str = "", headers: dict[str, str] | None = None
    ) -> None: ...
    def request(
        self, subject: str, payload: bytes = b"", *, timeout: float, headers: dict[str, str] | None = None
    ) -> Awaitable[Msg]: ...
    async def subscribe(self, subject: str, *, cb: Callable[[Msg], Awaitable[None]]) -> object: ...
    def flush(self, timeout: float) -> Awaitable[None]: ...
    async def close(self) -> None: ...
    async def _flush_pending(self, *arguments: Any, **named: Any) -> Any: ...
    async def _close(self, *arguments: Any, **named: Any) -> None: ...
    def new_inbox(self) -> str: ...
