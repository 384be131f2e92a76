"""Write docs/screens: every room of the console in each language and state, and a real flight on a real node's screen.

    make screenshots                        # all of them, about twenty minutes
    make screenshots ARGS="--only watch"    # those whose name begins so

The rooms are shown with the scripted pictures of tests/browser/feed.py, the flight by `laurel demo`.
"""

from __future__ import annotations

import argparse
import io
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from itertools import product
from pathlib import Path

import httpx
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, WebSocketRoute, expect, sync_playwright
from rich.progress import Progress

ROOT = Path(__file__).parents[1]
SCREENS = ROOT / "docs" / "screens"
LANGUAGES = ("en", "ja", "ko")
DESK: ViewportSize = {"width": 1366, "height": 768}
HALL: ViewportSize = {"width": 1920, "height": 1080}
WALL: ViewportSize = {"width": 3440, "height": 1440}
# In the air; and in the air while people talk about it.
FLYING, TALKING = "midflight", "talk"
# The scene of each, in the watch of FLYING and elsewhere of TALKING.
STATES = {
    "calm": "calm",
    "launch": "{}",
    "stale": "{}",
    "cut-line": "lost",
    "exercise": "{}.freedom-27",
    "replay": "{}.replay",
}
# Seconds of the demo's flight at which a picture is taken, and its name.
MOMENTS = ((130.0, "flight-boost"), (330.0, "flight-midflight"), (1_100.0, "flight-late"))
SPEED = 10.0
LINKS_WITHIN_S = 90.0
LINK = re.compile(r"(USA|JPN|KOR)\s+(http\S+)")
QUALITY = 72
# Long enough for ages to be told in seconds.
STALE_MS = 4_000
FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
)


def take(page: Page, name: str) -> None:
    """One picture, small enough to keep in the repository."""
    with Image.open(io.BytesIO(page.screenshot(animations="disabled"))) as picture:
        picture.save(SCREENS / f"{name}.webp", quality=QUALITY, method=6)


@contextmanager
def feed() -> Generator[str]:
    """The stand-in for a node, and where it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = subprocess.Popen([sys.executable, "-m", "tests.browser.feed", "--port", str(port)], cwd=ROOT)
    try:
        until = time.monotonic() + LINKS_WITHIN_S
        while time.monotonic() < until:
            with suppress(httpx.HTTPError):
                httpx.get(f"http://127.0.0.1:{port}")
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait()


def settled(page: Page) -> None:
    """Wait until all there is to see is drawn: asked, answered, and the globe with its names."""
    expect(page.locator(".screen.lost")).to_have_count(0, timeout=30_000)
    page.wait_for_load_state("networkidle")
    if page.locator("canvas.maplibregl-canvas").count():
        expect(page.locator(".labels .label").first).to_be_visible(timeout=30_000)
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(400)


class Stream:
    """The page's stream, which can be cut: what is shown then grows old."""

    def __init__(self, page: Page) -> None:
        self.open: list[WebSocketRoute] = []
        self.is_cut = False
        page.route_web_socket(re.compile("/stream"), self._opened)

    def _opened(self, socket: WebSocketRoute) -> None:
        if self.is_cut:
            socket.close()
        else:
            socket.connect_to_server()
            self.open.append(socket)

    def cut(self) -> None:
        """Let nothing more through, until it is mended."""
        self.is_cut = True
        while self.open:
            self.open.pop().close()

    def mend(self) -> None:
        """Let it through again: the next page has a whole one."""
        self.is_cut = False


def named(page: Page, attribute: str) -> list[str]:
    """What the page leads to under that name: its rooms, or the parts of the room that is open."""
    found = [one.get_attribute(attribute) for one in page.locator(f"[{attribute}]").all()]
    return [one for one in found if one]


def every_room(browser: Browser, url: str, only: str, progress: Progress) -> None:
    """Each room in each state and language, as on the smallest screen; the watch also on a large one and on a wall."""
    context = browser.new_context(viewport=DESK, reduced_motion="reduce")
    page = context.new_page()
    stream = Stream(page)
    page.goto(f"{url}/calm/")
    expect(page.locator("[data-banner=top]")).to_be_visible()
    rooms = named(page, "data-room")
    wanted = [
        (room, state, language, name)
        for room, state, language in product(rooms, STATES, LANGUAGES)
        if (name := f"{room}-{state}.{language}").startswith(only)
    ]
    for room, state, language, name in progress.track(wanted, description="rooms"):
        scene = STATES[state].format(FLYING if room == "watch" else TALKING)
        page.goto(f"{url}/{scene}/#room={room}&lang={language}")
        expect(page.locator("html")).to_have_attribute("lang", language)
        # As one who comes into the room: what waits there lies open.
        page.locator(f"[data-room={room}]").evaluate("button => button.click()")
        settled(page)
        if state == "stale":
            stream.cut()
            expect(page.locator(".screen.lost")).to_be_visible(timeout=30_000)
            page.wait_for_timeout(STALE_MS)
        take(page, name)
        stream.mend()
    every_part(page, url, only, progress)
    for size, name in ((HALL, "watch-hall.en"), (WALL, "watch-wall.en")):
        if name.startswith(only):
            page.set_viewport_size(size)
            page.goto(f"{url}/{FLYING}/#room=watch&lang=en")
            settled(page)
            take(page, name)
    context.close()


def every_part(page: Page, url: str, only: str, progress: Progress) -> None:
    """The parts of the exercise room, live and in play, and the word of a halt over the live picture."""
    addresses = {"exercise-halted": "calm/#sheet=halted:freedom-26"}
    for world in ("calm", "calm.freedom-27"):
        page.goto(f"{url}/{world}/#room=exercise")
        expect(page.locator("[data-parts] [data-part]").first).to_be_visible()
        state = "play" if "." in world else "live"
        for part in named(page, "data-part"):
            addresses[f"exercise-{state}-{part}"] = f"{world}/#room=exercise&id={part}"
    wanted = [
        (f"{name}.{language}", f"{address}&lang={language}")
        for (name, address), language in product(addresses.items(), LANGUAGES)
        if f"{name}.{language}".startswith(only)
    ]
    for name, address in progress.track(wanted, description="exercise"):
        # Else it is but a step within the page, and nothing to wait for.
        page.goto("about:blank")
        page.goto(f"{url}/{address}")
        settled(page)
        expect(page.locator("[data-plan]:not(:has([data-errors]))")).to_have_count(0, timeout=30_000)
        expect(page.locator("[data-drawn=false]")).to_have_count(0, timeout=30_000)
        take(page, name)


def links(told: Path) -> dict[str, str]:
    """The sign-in links that the demo printed."""
    until = time.monotonic() + LINKS_WITHIN_S
    while time.monotonic() < until:
        found = dict(LINK.findall(told.read_text()))
        if len(found) == 3:
            return found
        time.sleep(0.2)
    raise SystemExit(f"the demo printed no links within {LINKS_WITHIN_S:.0f} s:\n{told.read_text()}")


def flight(browser: Browser, progress: Progress) -> None:
    """Follow Japan's screen through a published flight, then look at its live world."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "demo.log"
        command = [sys.executable, "-m", "laurel.cli", "demo", "--speed", str(SPEED), "--folder", f"{folder}/nodes"]
        with told.open("w") as log:
            demo = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            page = browser.new_page(viewport=HALL)
            began = time.monotonic()
            page.goto(links(told)["JPN"])
            page.get_by_role("button", name="Sign in with this link").click()
            for at_s, name in progress.track(MOMENTS, description="flight"):
                time.sleep(max(0.0, at_s / SPEED - (time.monotonic() - began)))
                settled(page)
                take(page, name)
            page.close()
        finally:
            demo.terminate()
            demo.wait()


def main() -> None:
    """Photograph, and say which pictures were taken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="take the pictures whose name begins so")
    only = parser.parse_args().only
    SCREENS.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, Progress() as progress:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
        if any(name.startswith(only) for _, name in MOMENTS):
            flight(browser, progress)
        with feed() as url:
            every_room(browser, url, only, progress)
        browser.close()
    print(f"{len(list(SCREENS.glob('*.webp')))} pictures in {SCREENS.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
