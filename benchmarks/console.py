"""Whether the console keeps up with 1,000 tracks at 10 Hz, and how soon it is there.

The built console in Chromium, from a stand-in that serves it by the node's own routes and sends pictures as the node's
own changes (`tests/browser/swarm.py`): every track moves in every picture, and is plotted once a second.

JavaScript is the processor time of the page's own thread, all that runs there from one picture to the next: hearing
it, what follows from it, drawing it, timers and collecting garbage. Processor time leaves out waiting, so neither other
programs nor a graphics card in software count; what that card would do is not JavaScript. Layout and painting stand
apart. Latency is from a key to the frame that shows its effect. Without a graphics card most of it is software
rendering: so it is measured to where the page hands the frame over, and again without WebGL to where it is on the
screen.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from statistics import linear_regression, median, quantiles
from typing import Any

from msgspec import Struct, structs
from playwright.sync_api import Browser, Page, Playwright, ViewportSize, sync_playwright

CHECKOUT = Path(__file__).parents[1]
STATIC = CHECKOUT / "src" / "laurel" / "static"
SCREEN: ViewportSize = {"width": 1366, "height": 768}
BUDGET_JS_MS, BUDGET_KEY_MS, BUDGET_BYTES, BUDGET_INTERACTIVE_S = 8.0, 100.0, 1_200_000, 3.0
FLAT_MB = 5.0
TRACED_S, EVERY_S = 10.0, 30.0
KEYS = 20
GIVE_UP_MS = 120_000.0
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
QUIET = ("--no-sandbox", "--no-first-run", "--disable-background-networking", "--disable-component-update")
DRAWING = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader")
TABLE = ("--disable-gpu", "--disable-3d-apis")

SCRIPTS = frozenset(
    (
        *("FunctionCall", "EvaluateScript", "v8.evaluateModule", "FireAnimationFrame", "TimerFire", "EventDispatch"),
        *("RunMicrotasks", "WebSocketReceive", "MinorGC", "MajorGC", "V8.GCScavenger", "FireIdleCallback"),
    )
)
PAINTING = frozenset(("UpdateLayoutTree", "Layout", "PrePaint", "Paint", "Layerize", "Commit", "UpdateLayer"))

WATCHING = """
window.seen = { handed: [], shown: [], answered_ms: 0 }
const Plain = window.WebSocket
window.WebSocket = class extends Plain {
  constructor(...given) {
    super(...given)
    this.addEventListener('message', ({ data }) => typeof data === 'string' || console.timeStamp('picture'))
  }
}
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (one.name === 'keydown') window.seen.shown.push(one.duration)
}).observe({ type: 'event', durationThreshold: 16 })
window.addEventListener('keydown', ({ timeStamp }) => requestAnimationFrame(() => {
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = () => window.seen.handed.push(performance.now() - timeStamp)
  port2.postMessage(null)
}), true)
const answered = () => {
  if (location.hash.includes('track=')) {
    return requestAnimationFrame(() => (window.seen.answered_ms = performance.now()))
  }
  if (document.querySelector('[data-track]')) {
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', bubbles: true }))
  }
  setTimeout(answered, 10)
}
if (!location.hash.includes('track=')) setTimeout(answered, 10)
"""


class Result(Struct, frozen=True):
    """Milliseconds, bytes and seconds as named. `heap_growth_mb` is over ten minutes, from its trend."""

    tracks: int
    hz_wanted: float
    hz: float
    seconds: float
    updates: int
    js_p50_ms: float
    js_p95_ms: float
    js_worst_ms: float
    painting_p95_ms: float
    heap_mb: float
    heap_growth_mb: float
    key_handed_over_p95_ms: float
    key_shown_in_software_p95_ms: float
    key_shown_without_webgl_p95_ms: float
    first_load_interactive_bytes: int
    first_load_bytes: int
    interactive_warm_s: float
    interactive_warm_worst_s: float
    software_drawn: bool
    load: float
    missed: tuple[str, ...]


@contextmanager
def serving(tracks: int, hz: float) -> Generator[str]:
    """The stand-in in its own process: its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "tests.browser.swarm",
        "--port",
        str(port),
        "--tracks",
        str(tracks),
        "--hz",
        str(hz),
    ]
    path = os.pathsep.join((str(CHECKOUT), str(CHECKOUT / "src")))
    child = subprocess.Popen(command, cwd=CHECKOUT, env={**os.environ, "PYTHONPATH": path})
    url = f"http://127.0.0.1:{port}/midflight/"
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(url).close()
            except OSError:
                time.sleep(0.1)
            else:
                break
        yield url
    finally:
        child.terminate()
        child.wait()


def opened(browser: Browser) -> Page:
    """A page that watches itself, with an empty cache."""
    page = browser.new_context(viewport=SCREEN, reduced_motion="reduce").new_page()
    page.add_init_script(WATCHING)
    return page


def until_interactive(page: Page, url: str) -> float:
    """Seconds from asking for the page until it has shown tracks and answered a key."""
    page.goto(url, wait_until="commit")
    for _ in range(int(GIVE_UP_MS / 20)):
        if answered_ms := page.evaluate("window.seen.answered_ms"):
            return answered_ms / 1_000
        page.wait_for_timeout(20)
    raise SystemExit("the page never answered")


def weigh(browser: Browser, url: str) -> tuple[int, int]:
    """Bytes over the wire, heads and all, until the page answers, and until the globe is there; the stream apart."""
    page = opened(browser)
    session: Any = page.context.new_cdp_session(page)
    sizes: list[int] = []

    def weighed(event: dict[str, Any]) -> None:
        sizes.append(int(event["encodedDataLength"]))

    session.on("Network.loadingFinished", weighed)
    session.send("Network.enable")
    until_interactive(page, url)
    before = sum(sizes)
    page.locator(".labels .label").first.wait_for(timeout=GIVE_UP_MS)
    page.wait_for_timeout(2_000)
    page.context.close()
    return before, sum(sizes)


def warm(browser: Browser, url: str, times: int) -> list[float]:
    """Seconds to interactive of visits after the first."""
    page = opened(browser)
    until_interactive(page, url)
    page.locator(".labels .label").first.wait_for(timeout=GIVE_UP_MS)
    context = page.context
    took: list[float] = []
    for _ in range(times):
        page.close()
        page = context.new_page()
        page.add_init_script(WATCHING)
        took.append(until_interactive(page, url))
    context.close()
    return took


class Traced(Struct, frozen=True):
    """Milliseconds of processor time between one picture and the next."""

    script_ms: float
    painting_ms: float


def updates_of(trace: Mapping[str, Any]) -> list[Traced]:
    """What the page's thread did for each picture."""
    events: Sequence[Mapping[str, Any]] = trace["traceEvents"]
    pictures = [one for one in events if one["name"] == "TimeStamp" and one["args"]["data"]["message"] == "picture"]
    if len(pictures) < 2:
        return []
    thread = (pictures[0]["pid"], pictures[0]["tid"])
    spans = sorted(
        (one for one in events if one.get("ph") == "X" and (one["pid"], one["tid"]) == thread),
        key=lambda one: (one["ts"], -one.get("dur", 0)),
    )
    scripts, painting = _outermost(spans, SCRIPTS), _outermost(spans, PAINTING)
    begun = [one["ts"] for one in pictures]
    return [Traced(_within(scripts, since, until), _within(painting, since, until)) for since, until in pairwise(begun)]


def _outermost(spans: Sequence[Mapping[str, Any]], names: frozenset[str]) -> list[tuple[float, float]]:
    """When each began, and its processor time in milliseconds; what lies within another is in the other."""
    found: list[tuple[float, float]] = []
    free = 0.0
    for one in spans:
        if one["name"] in names and one["ts"] >= free:
            # A key's dispatch and a frame's start are marks of nothing: only what ran has a duration.
            found.append((one["ts"], one.get("tdur", one.get("dur", 0)) / 1_000))
            free = one["ts"] + one.get("dur", 0)
    return found


def _within(spans: Sequence[tuple[float, float]], since: float, until: float) -> float:
    # The picture's own hearing begins a little before its mark.
    slack = 300.0
    return sum(took_ms for ts, took_ms in spans if since - slack <= ts < until - slack)


class Soak(Struct, frozen=True):
    """What a page did while the stream ran."""

    updates: list[Traced]
    hz: float
    heap_mb: list[tuple[float, float]]
    handed_ms: list[float]
    shown_ms: list[float]


def soak(browser: Browser, url: str, seconds: float, *, traced: bool) -> Soak:
    """Let it run: traced for a part of the time, keys pressed in the rest."""
    page = opened(browser)
    until_interactive(page, url)
    if traced:
        page.locator(".labels .label").first.wait_for(timeout=GIVE_UP_MS)
    page.wait_for_timeout(3_000)
    session: Any = page.context.new_cdp_session(page)
    updates: list[Traced] = []
    heard = 0.0
    heap: list[tuple[float, float]] = []
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        since = time.monotonic()
        heap.append((since - began, heap_mb(session)))
        if traced:
            found = trace(browser, page, min(TRACED_S, seconds / 2))
            updates += found
            heard += min(TRACED_S, seconds / 2)
        press(session, page)
        rest = min(EVERY_S, seconds / 2) - (time.monotonic() - since)
        page.wait_for_timeout(max(0.0, rest * 1_000))
        state = f"{time.monotonic() - began:4.0f} s of {seconds:.0f}: heap {heap[-1][1]:.1f} MB"
        said = f", JavaScript p95 {p95([one.script_ms for one in updates]):.1f} ms" if updates else ""
        print(state + said, file=sys.stderr, flush=True)
    seen = page.evaluate("window.seen")
    page.context.close()
    # What is shown within 16 ms is not told of.
    shown = [*seen["shown"], *[16.0] * max(0, len(seen["handed"]) - len(seen["shown"]))]
    return Soak(updates, len(updates) / heard if heard else 0.0, heap, seen["handed"], shown)


def trace(browser: Browser, page: Page, seconds: float) -> list[Traced]:
    """So many seconds under the eyes of Chromium."""
    browser.start_tracing(page=page, categories=["devtools.timeline", "v8", "v8.execute", "blink.user_timing"])
    page.wait_for_timeout(seconds * 1_000)
    return updates_of(json.loads(browser.stop_tracing()))


def heap_mb(session: Any) -> float:
    """What is still needed after everything else was thrown away."""
    session.send("HeapProfiler.collectGarbage")
    return session.send("Runtime.getHeapUsage")["usedSize"] / 1e6


def press(session: Any, page: Page) -> None:
    """The next track, so many times."""
    for _ in range(KEYS):
        for kind in ("keyDown", "keyUp"):
            session.send(
                "Input.dispatchKeyEvent",
                {"type": kind, "key": "j", "code": "KeyJ", "text": "j" if kind == "keyDown" else ""},
            )
        page.wait_for_timeout(130)


def p95(values: Sequence[float]) -> float:
    """What 19 of 20 do not exceed."""
    return quantiles(values, n=20)[18] if len(values) > 1 else (values[0] if values else 0.0)


def growth_mb(heap: Sequence[tuple[float, float]]) -> float:
    """Over ten minutes, by the trend of the second half: at first a page still fills its caches."""
    late = heap[len(heap) // 2 :]
    return linear_regression(*zip(*late, strict=True)).slope * 600 if len(late) > 2 else 0.0


def measure(playwright: Playwright, tracks: int, hz: float, seconds: float, loads: int) -> Result:
    """Everything, in two browsers: one that draws in software, and one without WebGL."""
    with serving(tracks, hz) as url:
        drawing = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *DRAWING])
        before, total = weigh(drawing, url)
        print(f"first load: {before} bytes to interactive, {total} in all", file=sys.stderr, flush=True)
        visits = warm(drawing, url, loads)
        print(f"warm: {median(visits):.2f} s to interactive", file=sys.stderr, flush=True)
        ran = soak(drawing, url, seconds, traced=True)
        drawing.close()
        table = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *TABLE])
        plain = soak(table, url, max(10.0, seconds / 20), traced=False)
        table.close()
    scripts = [one.script_ms for one in ran.updates]
    figures = {
        "JavaScript per update, p95 ms": (p95(scripts), BUDGET_JS_MS),
        "heap growth in ten minutes, MB": (growth_mb(ran.heap_mb), FLAT_MB),
        "key to screen without WebGL, p95 ms": (p95(plain.shown_ms), BUDGET_KEY_MS),
        "first load, bytes": (float(total), float(BUDGET_BYTES)),
        "interactive warm, s": (median(visits), BUDGET_INTERACTIVE_S),
    }
    return Result(
        tracks=tracks,
        hz_wanted=hz,
        hz=round(ran.hz, 1),
        seconds=seconds,
        updates=len(scripts),
        js_p50_ms=round(median(scripts), 1),
        js_p95_ms=round(p95(scripts), 1),
        js_worst_ms=round(max(scripts), 1),
        painting_p95_ms=round(p95([one.painting_ms for one in ran.updates]), 1),
        heap_mb=round(ran.heap_mb[-1][1], 1),
        heap_growth_mb=round(growth_mb(ran.heap_mb), 1),
        key_handed_over_p95_ms=round(p95(ran.handed_ms)),
        key_shown_in_software_p95_ms=round(p95(ran.shown_ms)),
        key_shown_without_webgl_p95_ms=round(p95(plain.shown_ms)),
        first_load_interactive_bytes=before,
        first_load_bytes=total,
        interactive_warm_s=round(median(visits), 2),
        interactive_warm_worst_s=round(max(visits), 2),
        software_drawn=True,
        load=round(os.getloadavg()[0], 1),
        missed=tuple(
            f"{name}: {value:.1f}, at most {most:g} wanted" for name, (value, most) in figures.items() if value > most
        ),
    )


def show(result: Result) -> None:
    """Print it for people."""
    for name, value in structs.asdict(result).items():
        if name != "missed":
            print(f"{name.replace('_', ' '):34} {value}")
    for one in result.missed:
        print(f"missed: {one}")


def main() -> int:
    """0 when every target is met."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seconds", type=float, default=600.0, help="how long the stream runs")
    arguments.add_argument("--tracks", type=int, default=1_000)
    arguments.add_argument("--hz", type=float, default=10.0)
    arguments.add_argument("--loads", type=int, default=7, help="how many visits after the first")
    arguments.add_argument("--json", type=Path, help="write the figures there")
    given = arguments.parse_args()
    if not (STATIC / "index.html").is_file():
        raise SystemExit("the console is not built: python hatch_build.py")
    with sync_playwright() as playwright:
        result = measure(playwright, given.tracks, given.hz, given.seconds, given.loads)
    if given.json:
        given.json.write_text(json.dumps({"title": "The console", **structs.asdict(result)}, indent=1) + "\n")
    show(result)
    return 1 if result.missed else 0


if __name__ == "__main__":
    sys.exit(main())
