"""The console in a real browser, fed by a stand-in for a node."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, ViewportSize, expect, sync_playwright

CHECKOUT = Path(__file__).parents[2]
STATIC = CHECKOUT / "src" / "laurel" / "static"
# A globe without a graphics card, on a machine that tests other things too, takes its time.
expect.set_options(timeout=20_000)

SCREEN: ViewportSize = {"width": 1366, "height": 768}


@pytest.fixture(scope="module")
def browser(browser_type_launch_args: dict[str, Any]) -> Iterator[Browser]:
    """For one module: an open Playwright keeps an event loop, which asynchronous tests of others would meet."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**browser_type_launch_args)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """The smallest screen we promise, without motion."""
    context = browser.new_context(viewport=SCREEN, reduced_motion="reduce")
    page = context.new_page()
    yield page
    # What is still being answered when a test ends reaches nobody.
    page.unroute_all(behavior="ignoreErrors")
    context.close()


@dataclass
class Feed:
    """Where the stand-in answers; it can be stopped and started again there."""

    port: int
    running: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.browser.feed", "--port", str(self.port)]
        self.running = subprocess.Popen(command, cwd=CHECKOUT)
        for _ in range(300):
            try:
                httpx.get(self.url)
            except httpx.HTTPError:
                time.sleep(0.1)
            else:
                return
        raise TimeoutError(self.url)

    def stop(self) -> None:
        if self.running is not None:
            self.running.terminate()
            self.running.wait(timeout=10)
            self.running = None


@contextmanager
def a_feed() -> Generator[Feed]:
    """A feed of one's own on a free port."""
    if not (STATIC / "index.html").is_file():
        pytest.skip("the console is not built: `make test` builds it, or python hatch_build.py")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        feed = Feed(free.getsockname()[1])
    feed.start()
    try:
        yield feed
    finally:
        feed.stop()


@pytest.fixture(scope="module")
def feed() -> Iterator[Feed]:
    with a_feed() as feed:
        yield feed


@pytest.fixture
def mortal_feed() -> Iterator[Feed]:
    """One that a test may kill."""
    with a_feed() as feed:
        yield feed


@dataclass
class Watched:
    """What a page asked for and complained of since it was opened."""

    requests: list[str] = field(default_factory=list[str])
    complaints: list[str] = field(default_factory=list[str])


@pytest.fixture
def watched(page: Page) -> Watched:
    """Listens to the page from before its first request."""
    return watch_over(page)


def watch_over(page: Page) -> Watched:
    watched = Watched()

    def asked(request: Request) -> None:
        watched.requests.append(request.url)

    def said(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            watched.complaints.append(message.text)

    def fell(error: Error) -> None:
        watched.complaints.append(str(error))

    page.on("request", asked)
    page.on("console", said)
    page.on("pageerror", fell)
    return watched
