"""A scan posted in one country until the track it changed is on another country's screen, all of it durable.

Three nodes on this machine, each with its own NATS server; two radars of JPN report a flight in progress;
the screen is a WebSocket at the node of USA. Counted is every scan that brought the track a newer plot: from
just before its POST to the first picture that holds it. On the way it is committed at JPN, stored by JPN's
NATS server and committed at USA, each with its own fsync.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import io
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

import httpx
import msgspec
import websockets
from msgspec import Struct, structs

from laurel.core.record import World, decode
from laurel.gateways.demo import COMPACT, beside, find_scenario, play
from laurel.gateways.demo.nodes import DemoNode, make_nodes, ready, running
from laurel.instruments.exercise.records import Announced
from laurel.instruments.exercise.scenario import Scenario, parse
from laurel.instruments.exercise.simulate import scans, solve
from laurel.instruments.warning.records import TRACK_REPORT, Scan, TrackReport
from laurel.node.doorstep import people
from laurel.node.home.compact import load_compact
from laurel.node.keep.ledger import export

SCENARIO = "2022-10-04-overflight"
EXERCISE = "end-to-end"
SENDER, SCREEN = "JPN", "USA"
RADARS = ("NOTIONAL-OMINATO", "NOTIONAL-SADO")
IN_PROGRESS = timedelta(seconds=170)
SETTLE_S = 30.0
LAST_WAIT_S = 3.0
BUDGET_P50_MS, BUDGET_P99_MS = 15.0, 100.0


class Result(Struct, frozen=True):
    """Milliseconds, over `scans` scans. `fsync` is of 4 kB on the disk that the nodes used."""

    scans: int
    rate_per_s: float
    p50_ms: float
    p90_ms: float
    p99_ms: float
    worst_ms: float
    post_p50_ms: float
    fsync_p50_ms: float
    fsync_p99_ms: float
    pictures: int
    load: float
    holds: bool


class _Track(Struct, frozen=True):
    seen_at: datetime
    tracks: tuple[str, ...]


class _Picture(Struct, frozen=True):
    tracks: tuple[_Track, ...]


class _Pushed(Struct, frozen=True):
    type: str
    picture: _Picture | None = None


class _Said(Struct, frozen=True):
    records: tuple[str, ...]


@dataclass(frozen=True)
class Posted:
    """A scan on its way: its record, and when its POST began and was answered, in seconds."""

    record: str
    began_s: float
    answered_s: float


@dataclass(frozen=True)
class Shown:
    """A picture that came to the screen, and when, in seconds."""

    came_s: float
    text: str


async def measure(folder: Path, seconds: float, rate: float) -> Result:
    """Run three nodes and measure for so many seconds, at so many scans a second."""
    nodes = make_nodes(folder, load_compact(COMPACT))
    async with running(nodes) as dying, play.asking() as to:
        return await beside(asyncio.create_task(_measure(nodes, folder, to, seconds, rate)), dying)


async def _measure(
    nodes: Sequence[DemoNode], folder: Path, to: httpx.AsyncClient, seconds: float, rate: float
) -> Result:
    await ready(nodes, to)
    scenario, looks = _flight_in_progress(rate)
    wanted = Announced(EXERCISE, scenario.title, scenario.starts_at, scenario.sha256)
    stage = await play.hold(nodes, wanted, to)
    await play.prepare(stage, scenario)
    start = scenario.starts_at + IN_PROGRESS
    await play.pause(stage, start)
    await play.run_on(stage, 1.0)
    shown: list[Shown] = []
    watching = asyncio.create_task(_watch(stage, shown))
    sender = next(node for node in nodes if node.member == SENDER)
    until = start + timedelta(seconds=SETTLE_S + seconds)
    posting = asyncio.create_task(_post_all(stage, sender, takewhile(lambda one: one.at < until, looks)))
    posted = await beside(posting, watching)
    settled_s = posted[0].began_s + SETTLE_S
    counted = {one.record: one for one in posted if one.began_s >= settled_s}
    took_ms = _latencies_ms(sender, counted, shown)
    centiles = quantiles(took_ms, n=100)
    fsync_ms = fsync_times_ms(folder)
    return Result(
        scans=len(took_ms),
        rate_per_s=rate,
        p50_ms=round(centiles[49], 1),
        p90_ms=round(centiles[89], 1),
        p99_ms=round(centiles[98], 1),
        worst_ms=round(max(took_ms), 1),
        post_p50_ms=round(quantiles([1e3 * (one.answered_s - one.began_s) for one in counted.values()], n=2)[0], 1),
        fsync_p50_ms=round(quantiles(fsync_ms, n=100)[49], 2),
        fsync_p99_ms=round(quantiles(fsync_ms, n=100)[98], 2),
        pictures=sum('"picture"' in one.text[:30] for one in shown),
        load=round(os.getloadavg()[0], 1),
        holds=centiles[49] <= BUDGET_P50_MS and centiles[98] <= BUDGET_P99_MS,
    )


def _flight_in_progress(rate: float) -> tuple[Scenario, list[Scan]]:
    """The scenario with those radars alone, together looking so many times a second, and all that they see."""
    scenario = parse(find_scenario(SCENARIO).read_bytes())
    period_s = len(RADARS) / rate
    radars = [structs.replace(one, period_s=period_s) for one in scenario.sensors[SENDER] if one.name in RADARS]
    scenario = replace(scenario, sensors={SENDER: tuple(radars)})
    since = scenario.starts_at + IN_PROGRESS
    return scenario, [one for one in scans(scenario, solve(scenario), SENDER) if one.at >= since]


async def _post_all(stage: play.Stage, sender: DemoNode, looks: Iterable[Scan]) -> list[Posted]:
    """Report them, and give the last one time to come to the screen."""
    posted = await _post(stage, sender, looks)
    await play.quiet(stage)
    await asyncio.sleep(LAST_WAIT_S)
    return posted


async def _post(stage: play.Stage, sender: DemoNode, looks: Iterable[Scan]) -> list[Posted]:
    """Report each scan by itself, at its time."""
    door = stage.doors[SENDER]
    credentials = {radar: people(sender.layout).credential(radar) for radar in RADARS}
    posted: list[Posted] = []
    for number, scan in enumerate(looks):
        content = msgspec.json.encode(scan)
        headers = {
            "Authorization": f"Bearer {credentials[scan.sensor]}",
            "Ask-Id": f"benchmark:{number}",
            "Content-Type": "application/json",
        }
        await asyncio.sleep(stage.clock.wait_s(scan.at))
        began_s = time.perf_counter()
        answer = await stage.to.post(f"{door.url}/warning/report-scan", content=content, headers=headers)
        answered_s = time.perf_counter()
        answer.raise_for_status()
        posted.append(Posted(msgspec.json.decode(answer.content, type=_Said).records[0], began_s, answered_s))
    return posted


async def _watch(stage: play.Stage, shown: list[Shown]) -> None:
    """Note every picture that the screen is sent, until cancelled."""
    door = stage.doors[SCREEN]
    url = f"ws{door.url.removeprefix('http')}/stream"
    async with websockets.connect(url, additional_headers=door.headers, max_size=None, proxy=None) as socket:
        while True:
            text = await socket.recv()
            shown.append(Shown(time.perf_counter(), str(text)))


def _latencies_ms(sender: DemoNode, posted: dict[str, Posted], shown: Sequence[Shown]) -> list[float]:
    """For each scan that brought the track a newer plot, from POST to screen."""
    reports = [one for one in _reports(sender) if one[0] in posted]
    flight = Counter(name for _, seen in reports for name in seen).most_common(1)[0][0]
    pictures = [(one.came_s, _seen_at(one.text, flight)) for one in shown]
    took_ms: list[float] = []
    newest: datetime | None = None
    for record, seen in reports:
        seen_at = seen.get(flight)
        if seen_at is None or (newest is not None and seen_at <= newest):
            continue
        newest = seen_at
        came_s = next((came_s for came_s, at in pictures if at is not None and at >= seen_at), None)
        if came_s is None:
            raise SystemExit(f"the track of scan {record} never came to the screen")
        took_ms.append(1e3 * (came_s - posted[record].began_s))
    return took_ms


def _reports(sender: DemoNode) -> list[tuple[str, dict[str, datetime]]]:
    """From the sender's log: the scan each report was made from, and when each track was last seen."""
    exported = io.BytesIO()
    export(sender.layout, World(COMPACT, EXERCISE), exported)
    found: list[tuple[str, dict[str, datetime]]] = []
    for line in exported.getvalue().splitlines()[1:]:
        record = decode(base64.b64decode(json.loads(line)["payload"]))
        if record.kind == TRACK_REPORT.name and record.origin == SENDER:
            report = msgspec.json.decode(record.body, type=TrackReport)
            seen = {f"{SENDER}-{track.number}": track.seen_at for track in report.tracks}
            found.append((record.about[0], seen))
    return found


def _seen_at(text: str, flight: str) -> datetime | None:
    pushed = msgspec.json.decode(text, type=_Pushed)
    tracks = () if pushed.picture is None else pushed.picture.tracks
    return next((one.seen_at for one in tracks if flight in one.tracks), None)


def fsync_times_ms(folder: Path, times: int = 200) -> list[float]:
    """How long that disk takes to have 4 kB safely."""
    took_ms: list[float] = []
    with (folder / "fsync").open("wb", buffering=0) as file:
        for _ in range(times):
            file.write(bytes(4096))
            began_s = time.perf_counter()
            os.fsync(file.fileno())
            took_ms.append(1e3 * (time.perf_counter() - began_s))
    return took_ms


def show(result: Result) -> None:
    """Print it for people."""
    verdict = "within" if result.holds else "OVER"
    print(
        f"scan posted in {SENDER} -> track on a screen in {SCREEN}, {result.scans} scans at {result.rate_per_s:g}/s:\n"
        f"  p50 {result.p50_ms} ms, p90 {result.p90_ms} ms, p99 {result.p99_ms} ms, worst {result.worst_ms} ms: "
        f"{verdict} the budget of {BUDGET_P50_MS:g} and {BUDGET_P99_MS:g} ms\n"
        f"  the POST alone {result.post_p50_ms} ms; {result.pictures} pictures pushed\n"
        f"  fsync of this disk p50 {result.fsync_p50_ms} ms, p99 {result.fsync_p99_ms} ms; "
        f"load {result.load} on {os.cpu_count()} cores"
    )


def main() -> int:
    """0 when the budget holds."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seconds", type=float, default=60.0, help="how long to measure, up to 120")
    arguments.add_argument("--rate", type=float, default=10.0, help="scans a second")
    arguments.add_argument("--json", type=Path, help="write the figures there")
    given = arguments.parse_args()
    with TemporaryDirectory() as folder:
        result = asyncio.run(measure(Path(folder), min(given.seconds, 120.0), given.rate))
    if given.json:
        given.json.write_text(json.dumps(structs.asdict(result), indent=1))
    show(result)
    return 0 if result.holds else 1


if __name__ == "__main__":
    sys.exit(main())
