from __future__ import annotations

import asyncio
import io
import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import uvicorn
from litestar import Litestar, Request, Response, post

from laurel.core.errors import BadField, Nothing
from laurel.gateways.feed import (
    BUFFERED,
    Door,
    FeedRefused,
    FeedUnheard,
    Refusal,
    Unreadable,
    ask_id,
    feed,
    feed_file,
    paced,
)
from laurel.instruments.warning.records import Plot, Scan

START = datetime(2022, 10, 3, 22, 22, tzinfo=UTC)
TOKEN = "a-credential"


def scan(number: int, sensor: str = "NOTIONAL-SADO") -> Scan:
    return Scan(sensor, START + timedelta(seconds=number), (Plot(-0.5, 1.0, 0.2, 9e5 + number, 20.0),))


def ndjson(*scans: Scan) -> bytes:
    return b"".join(msgspec.json.encode(one) + b"\n" for one in scans)


@dataclass
class Node:
    """A small real server with the door of a node: it hears asks once, and fails as it is told to."""

    port: int
    heard: list[str] = field(default_factory=list[str])
    scans: list[Scan] = field(default_factory=list[Scan])
    batches: list[int] = field(default_factory=list[int])
    times: list[float] = field(default_factory=list[float])
    fail_next: list[int] = field(default_factory=list[int])
    fill_disk: int = 0
    lose_answers: int = 0
    _server: uvicorn.Server | None = None
    _thread: threading.Thread | None = None

    @property
    def door(self) -> Door:
        return Door(f"http://127.0.0.1:{self.port}", "camp-david.play", TOKEN)

    def start(self) -> None:
        @post("/camp-david.play/warning/report-scan/many", status_code=200)
        async def many(request: Request[Any, Any, Any]) -> Response[Any]:
            return self._many(request.headers.get("authorization", ""), await request.body())

        config = uvicorn.Config(
            Litestar([many]), "127.0.0.1", self.port, log_level="critical", timeout_graceful_shutdown=1, ws="none"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        deadline = time.monotonic() + 10.0
        while not self._server.started:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def stop(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(10.0)
            self._server = self._thread = None

    def _many(self, bearer: str, body: bytes) -> Response[Any]:
        if bearer != f"Bearer {TOKEN}":
            says: dict[str, object] = {
                "error": "SignInNeeded",
                "says": "no one is signed in",
                "facts": {},
                "remedy": "send a credential",
            }
            return Response(says, status_code=401)
        if self.fail_next:
            return Response({}, status_code=self.fail_next.pop(0))
        outcomes: list[dict[str, object]] = []
        lines = body.split(b"\n")
        self.batches.append(len(lines))
        self.times.append(time.monotonic())
        for number, line in enumerate(lines, 1):
            outcomes.append({"line": number, **self._one(msgspec.json.decode(line))})
        if self.lose_answers:
            self.lose_answers -= 1
            return Response({}, status_code=502)
        return Response(outcomes)

    def _one(self, line: dict[str, Any]) -> dict[str, object]:
        one = msgspec.convert(line["ask"], Scan)
        if self.fill_disk:
            self.fill_disk -= 1
            return {"mistake": {"error": "DiskFull", "says": "the disk is full", "facts": {}, "remedy": "free space"}}
        if one.sensor == "UNKNOWN":
            facts = {"sensor": one.sensor}
            return {"mistake": {"error": "Nothing", "says": "no such thing", "facts": facts, "remedy": "register it"}}
        if line["ask_id"] in self.heard:
            return {"records": ["00"], "again": True}
        self.heard.append(line["ask_id"])
        self.scans.append(one)
        return {"records": ["00"]}


@pytest.fixture
def node() -> Iterator[Node]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = Node(port)
    made.start()
    yield made
    made.stop()


async def test_a_file_arrives_whole_and_in_order(node: Node) -> None:
    sent = [scan(number) for number in range(500)]
    done = await feed(io.BytesIO(ndjson(*sent)), node.door)
    assert node.scans == sent
    assert (done.said, done.again, done.refused, done.retries) == (500, 0, [], 0)
    assert max(node.batches) <= 64


async def test_a_feed_run_again_says_nothing_twice(node: Node) -> None:
    sent = [scan(number) for number in range(100)]
    await feed(io.BytesIO(ndjson(*sent[:60])), node.door)
    done = await feed(io.BytesIO(ndjson(*sent)), node.door)
    assert node.scans == sent
    assert (done.said, done.again) == (40, 60)


async def test_an_answer_that_was_lost_is_asked_for_again_and_nothing_is_said_twice(node: Node) -> None:
    node.lose_answers = 2
    done = await feed(io.BytesIO(ndjson(scan(1), scan(2))), node.door)
    assert node.scans == [scan(1), scan(2)]
    assert done.taken == 2
    assert done.retries == 2


async def test_a_node_in_trouble_is_asked_again_until_it_answers(node: Node) -> None:
    node.fail_next = [503, 500, 429]
    done = await feed(io.BytesIO(ndjson(scan(1), scan(2))), node.door)
    assert node.scans == [scan(1), scan(2)]
    assert done.retries == 3


async def test_a_full_disk_is_waited_out_in_order(node: Node) -> None:
    node.fill_disk = 1
    await feed(io.BytesIO(ndjson(scan(1), scan(2), scan(3))), node.door)
    assert sorted(node.scans, key=lambda one: one.at) == [scan(1), scan(2), scan(3)]


async def test_a_node_that_is_stopped_and_started_again_misses_no_scan(node: Node) -> None:
    sent = [scan(number) for number in range(300)]
    playing = asyncio.create_task(
        feed(io.BytesIO(ndjson(*sent)), node.door, pace=paced(200.0, time.monotonic), patience_s=30.0)
    )
    await asyncio.sleep(0.5)
    await asyncio.to_thread(node.stop)
    assert 0 < len(node.scans) < 300
    await asyncio.sleep(0.5)
    await asyncio.to_thread(node.start)
    done = await playing
    assert node.scans == sent
    assert done.taken == 300
    assert done.retries > 0


async def test_a_node_that_never_answers_is_given_up_when_patience_ends(node: Node) -> None:
    await asyncio.to_thread(node.stop)
    with pytest.raises(FeedUnheard, match=r"from_line=1.*for_s=0\.5.*nothing is said twice"):
        await feed(io.BytesIO(ndjson(scan(1))), node.door, patience_s=0.5)


async def test_what_is_refused_is_named_with_its_line_and_the_feed_goes_on(node: Node) -> None:
    lines = ndjson(scan(1)) + b"not json\n\n" + ndjson(scan(2, "UNKNOWN"), scan(3)) + b'{"sensor":"A","plots":[]}\n'
    told: list[Refusal] = []
    done = await feed(io.BytesIO(lines), node.door, refused=told.append)
    assert node.scans == [scan(1), scan(3)]
    assert [(one.line, one.error) for one in told] == [(2, "BadLine"), (4, "Nothing"), (6, "BadLine")]
    assert told == done.refused
    assert str(told[1]) == "line 4: no such thing (sensor=UNKNOWN). register it"
    assert "missing required field `at`" in told[2].facts["why"]


@pytest.mark.parametrize(
    "line",
    [
        b'{"sensor":"A","at":"2022-10-03T22:22:00Z","plots":[[0.0,NaN,0.1,1000.0,20.0]]}\n',
        b'{"sensor":"A","at":"2022-10-03T22:22:00","plots":[]}\n',
        b'{"sensor":"A B","at":"2022-10-03T22:22:00Z","plots":[]}\n',
        b'{"sensor":"A","at":"2022-10-03T22:22:00Z","plots":[[0.0,1.0,0.1,-5.0,20.0]]}\n',
        b"\xff\xfe\n",
        b"[" * 200_000 + b"\n",
        b"x" * 600_000 + b"\n",
    ],
    ids=["NaN", "no zone", "bad name", "negative range", "no text", "nested", "too long"],
)
async def test_a_broken_line_stays_out_and_the_next_one_goes_in(node: Node, line: bytes) -> None:
    done = await feed(io.BytesIO(line + ndjson(scan(1))), node.door)
    assert node.scans == [scan(1)]
    assert [one.line for one in done.refused] == [1]


async def test_a_wrong_credential_stops_the_feed_at_once(node: Node) -> None:
    door = Door(node.door.node_url, node.door.world, "another")
    with pytest.raises(FeedRefused, match=r"error=SignInNeeded.*laurel sensor"):
        await feed(io.BytesIO(ndjson(scan(1))), door)


async def test_a_world_that_is_not_there_stops_the_feed_at_once(node: Node) -> None:
    door = Door(node.door.node_url, "camp-david", TOKEN)
    with pytest.raises(FeedRefused, match="status=404"):
        await feed(io.BytesIO(ndjson(scan(1))), door)


async def test_an_address_that_is_none_stops_the_feed_at_once() -> None:
    with pytest.raises(FeedRefused, match="to=nowhere"):
        await feed(io.BytesIO(ndjson(scan(1))), Door("nowhere", "w", TOKEN))


async def test_pacing_keeps_the_times_of_the_scans(node: Node) -> None:
    sent = [scan(0), scan(10), scan(20)]
    began = time.monotonic()
    await feed(io.BytesIO(ndjson(*sent)), node.door, pace=paced(50.0, time.monotonic))
    assert node.batches == [1, 1, 1]
    assert node.times[1] - began > 0.19
    assert node.times[2] - began > 0.39


async def test_a_feed_that_fell_behind_catches_up_in_batches(node: Node) -> None:
    await asyncio.to_thread(node.stop)
    sent = [scan(number) for number in range(200)]
    playing = asyncio.create_task(feed(io.BytesIO(ndjson(*sent)), node.door, pace=paced(400.0, time.monotonic)))
    await asyncio.sleep(0.7)
    await asyncio.to_thread(node.start)
    await playing
    assert node.scans == sent
    assert max(node.batches) > 10


async def test_a_live_stream_is_posted_line_by_line_as_it_comes(node: Node) -> None:
    coming, going = os.pipe()
    with os.fdopen(coming, "rb") as source, os.fdopen(going, "wb", buffering=0) as writer:
        playing = asyncio.create_task(feed(source, node.door))
        for number in range(3):
            writer.write(ndjson(scan(number)))
            for _ in range(200):
                if len(node.scans) > number:
                    break
                await asyncio.sleep(0.01)
            assert node.scans[-1] == scan(number)
        writer.close()
        assert (await playing).said == 3


async def test_no_more_than_a_bounded_number_of_lines_is_read_ahead(node: Node) -> None:
    class Counted(io.BytesIO):
        lines = 0

        def readline(self, size: int | None = -1, /) -> bytes:
            self.lines += 1
            return super().readline(size)

    node.fail_next = [503] * 100
    source = Counted(ndjson(*(scan(number) for number in range(5_000))))
    playing = asyncio.create_task(feed(source, node.door))
    await asyncio.sleep(1.5)
    assert source.lines <= BUFFERED + 64 + 3
    playing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await playing


async def test_a_source_that_breaks_off_is_said_clearly(node: Node) -> None:
    class Torn(io.BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            line = super().readline(size)
            if not line:
                raise OSError(5, "Input/output error")
            return line

    with pytest.raises(Unreadable, match="Input/output error"):
        await feed(Torn(ndjson(scan(1))), node.door)
    assert node.scans == [scan(1)]


async def test_a_pace_that_stops_holds_the_scans_until_it_goes_on(node: Node) -> None:
    paused = True
    playing = asyncio.create_task(
        feed(io.BytesIO(ndjson(scan(1))), node.door, pace=lambda _: float("inf") if paused else 0.0)
    )
    await asyncio.sleep(0.5)
    assert node.scans == []
    paused = False
    assert (await playing).said == 1


def test_the_terminal_feeds_a_file_and_says_what_was_refused(
    node: Node, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "scans.ndjson").write_bytes(ndjson(scan(1)) + b"no scan\n" + ndjson(scan(2)))
    (tmp_path / "credential").write_text(f"{TOKEN}\n")
    source, credential = str(tmp_path / "scans.ndjson"), tmp_path / "credential"
    done = feed_file(source, node.door.node_url, node.door.world, credential, rate=1_000.0)
    assert done == {"said": 2, "again": 0, "refused": 1, "retries": 0}
    assert capsys.readouterr().err.startswith("line 2: this line is not a scan")
    with pytest.raises(Nothing, match=r"nowhere\.ndjson"):
        feed_file("nowhere.ndjson", node.door.node_url, node.door.world, credential, None)
    with pytest.raises(BadField, match="rate"):
        feed_file(source, node.door.node_url, node.door.world, credential, 0.0)


def test_the_name_of_an_ask_follows_from_the_scan_alone() -> None:
    first = ask_id(scan(1))
    assert first == ask_id(msgspec.json.decode(msgspec.json.encode(scan(1)), type=Scan))
    assert len({first, ask_id(scan(2)), ask_id(scan(1, "OTHER"))}) == 3
    assert len(first) <= 120
