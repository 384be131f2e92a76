"""NATS, as the courier uses it: connections that end when they break, streams, and what is stored there.

Alone this module imports `nats`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
import struct
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar, cast

import msgspec
import nats.aio.client
import nats.errors
from nats.aio.msg import Msg

from laurel.border.parcel import message_id
from laurel.core.errors import Broken, LaurelError
from laurel.core.record import Precedence
from laurel.node.carry.intake import set_within
from laurel.node.carry.natsconf import consumer_ask, outbound, stream, stream_ask
from laurel.node.carry.road import Waiting
from laurel.node.home.keys import Credentials
from laurel.node.home.layout import split_address

ANSWER_WITHIN_S = 2.0
CONNECT_WITHIN_S = 4.0
CLOSE_WITHIN_S = 0.5
WATCH_EVERY_S = 1.0

Result = TypeVar("Result")
log = logging.getLogger(__name__)


class LineLost(Broken):
    """A connection is gone."""

    says = "a line of the courier is down"
    remedy = "it is built anew by itself; if it stays down, see to the path and the server named"


class ServerRefused(Broken):
    """A server answered, and said no."""

    says = "the NATS server refused what the courier asked"
    remedy = "it asks again by itself; if this stays, see the server's log and the disk"


def _is_news(record: logging.LogRecord) -> bool:
    return "eof_received" not in record.getMessage()


# asyncio warns of how nats-py takes the end of a TLS stream, at every close, and means nothing by it.
logging.getLogger("asyncio").addFilter(_is_news)

# What a line may end with when nothing is wrong with us.
EXPECTED = (OSError, TimeoutError, nats.errors.Error, LaurelError)


class Client(nats.aio.client.Client):
    """A client that lets itself be cancelled and closed.

    nats-py swallows a cancellation that meets it while it flushes, which it does for everything it
    sends; and on Python 3.11 `asyncio.wait_for` swallows one that comes together with the answer.
    """

    async def connect(self, *arguments: Any, **named: Any) -> None:
        """Sign in."""
        unless_cancelled(await super().connect(*arguments, **named))

    async def request(self, *arguments: Any, **named: Any) -> Msg:
        """Ask, and wait for the one answer."""
        return unless_cancelled(await super().request(*arguments, **named))

    async def flush(self, *arguments: Any, **named: Any) -> None:
        """Return when the server has had everything sent so far."""
        unless_cancelled(await super().flush(*arguments, **named))

    def drop(self) -> None:
        """Let go of a line that is lost, and of all that is still on its way out.

        Closed like any other, it would have its last requests reach the server once the path is back, and what they
        ask for would be handed to nobody.
        """
        transport: Any = getattr(self, "_transport", None)
        writer = getattr(transport, "_io_writer", None)
        if writer is not None:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            writer.transport.abort()

    async def _flush_pending(self, *arguments: Any, **named: Any) -> Any:
        flushed = await super()._flush_pending(*arguments, **named)
        return flushed if self.is_closed else unless_cancelled(flushed)

    async def _close(self, *arguments: Any, **named: Any) -> None:
        # On a dead line the unsent could only fail to go, and the clean-up that follows with it.
        self._pending.clear()
        self._pending_data_size = 0
        await super()._close(*arguments, **named)


_AT_ONCE = struct.pack("ii", 1, 0)
"""Of SO_LINGER: the unsent is forgotten, and the other side is told by a reset."""


def unless_cancelled(result: Result) -> Result:
    """The result, unless the task was told to end meanwhile."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
    return result


async def store(client: Client, peer: str, parcel: Waiting) -> None:
    """Return when our server has the parcel on its disk, in the stream of that peer. Raises ServerRefused."""
    name = {"Nats-Msg-Id": message_id(parcel.wrapped)}
    subject = outbound(peer, parcel.precedence)
    _check(await client.request(subject, parcel.wrapped, timeout=ANSWER_WITHIN_S, headers=name))


async def make_stream(client: Client, peer: str) -> None:
    """The stream for one peer at our own server, and a consumer of it for each precedence."""
    try:
        await _ask(client, f"STREAM.CREATE.{stream(peer)}", stream_ask(peer))
    except ServerRefused:
        await _ask(client, f"STREAM.UPDATE.{stream(peer)}", stream_ask(peer))
    for precedence in Precedence:
        durable = f"CONSUMER.DURABLE.CREATE.{stream(peer)}.{precedence.name}"
        await _ask(client, durable, consumer_ask(peer, precedence))


async def stored_bytes(client: Client, peer: str) -> int:
    """How much waits for a peer at our own server."""
    return (await _ask(client, f"STREAM.INFO.{stream(peer)}", {})).state.bytes


async def drop_stream(client: Client, peer: str) -> None:
    """Delete what waits for a peer at our own server, and with it the pull it has pending."""
    await _ask(client, f"STREAM.DELETE.{stream(peer)}", {})


async def drop_streams(client: Client) -> None:
    """Delete every stream of our own account: the server lets go of its files and of what it held in memory.

    Of an account that is only taken from the configuration it keeps both until it is started again.
    """
    for name in (await _ask(client, "STREAM.NAMES", {})).streams or ():
        await _ask(client, f"STREAM.DELETE.{name}", {})


async def _ask(client: Client, what: str, ask: Mapping[str, object]) -> _Answer:
    body = msgspec.json.encode(ask) if ask else b""
    return _check(await client.request(f"$JS.API.{what}", body, timeout=ANSWER_WITHIN_S))


def _check(answer: Msg) -> _Answer:
    read = msgspec.json.decode(answer.data, type=_Answer)
    if read.error is not None:
        raise ServerRefused(why=read.error.description, code=read.error.err_code)
    return read


class _Error(msgspec.Struct):
    err_code: int = 0
    description: str = ""


class _Stored(msgspec.Struct):
    bytes: int = 0


class _Answer(msgspec.Struct):
    error: _Error | None = None
    state: _Stored = msgspec.field(default_factory=_Stored)
    streams: list[str] | None = None


@asynccontextmanager
async def connected(
    address: str, authority: str, ours: Credentials, seed: str, inbox_prefix: str
) -> AsyncGenerator[Client]:
    """A client that trusts this one authority. Ends with LineLost, in a group, when the line dies.

    It never reconnects by itself: what it would send then could be hours old.
    """
    tls = ssl.create_default_context(cadata=authority)
    tls.minimum_version = ssl.TLSVersion.TLSv1_3
    tls.load_cert_chain(ours.certificate, ours.key)
    client, closed = Client(), asyncio.Event()
    troubles: list[Exception] = []

    async def note(trouble: Exception) -> None:
        log.debug("at %s: %s", address, trouble)
        troubles[:] = [trouble]

    async def end() -> None:
        closed.set()

    try:
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                await client.connect(
                    f"tls://{address}",
                    tls=tls,
                    tls_hostname=split_address(address)[0],
                    nkeys_seed_str=seed,
                    inbox_prefix=inbox_prefix,
                    allow_reconnect=False,
                    max_reconnect_attempts=1,
                    reconnect_time_wait=0,
                    connect_timeout=CONNECT_WITHIN_S,
                    error_cb=note,
                    closed_cb=end,
                )
        except EXPECTED as error:
            raise LineLost(at=address, why=troubles[0] if troubles else error) from None
        async with asyncio.TaskGroup() as tasks:
            watch = tasks.create_task(_watch(client, address, closed))
            yield client
            watch.cancel()
    finally:
        with contextlib.suppress(*EXPECTED):
            async with asyncio.timeout(CLOSE_WITHIN_S):
                await client.close()


async def _watch(client: Client, address: str, closed: asyncio.Event) -> None:
    """A server that vanished without a word is found out within three seconds."""
    try:
        while not await set_within(closed, WATCH_EVERY_S):
            await client.flush(timeout=ANSWER_WITHIN_S)
    except EXPECTED:
        client.drop()
        raise
    raise LineLost(at=address, why=client.last_error or "the server closed it")


def why(broken: BaseException) -> str:
    """The first cause in a group of exceptions, in short."""
    while isinstance(broken, BaseExceptionGroup):
        broken = cast("BaseExceptionGroup[BaseException]", broken).exceptions[0]
    if isinstance(broken, LaurelError):
        return ", ".join(str(fact) for fact in broken.facts.values())
    return str(broken) or type(broken).__name__
