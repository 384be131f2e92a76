"""Every component in every state, by itself: each story is told, and breaks no rule of axe."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.browser.access import assert_accessible
from tests.browser.conftest import CHECKOUT, SCREEN, Feed, Watched, watch_over

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

TOLD = sorted(path.name.partition(".")[0] for path in (CHECKOUT / "console" / "stories").glob("*.stories.ts"))
AT_ONCE = 4
# What the browser itself says of an officer who may not look.
FORBIDDEN = re.compile(r"the server responded with a status of 403 ")


@pytest.fixture(scope="module")
def addresses(browser: Browser, feed: Feed) -> dict[str, str]:
    """Where each story is told, by its name. Their page is built anew."""
    subprocess.run([sys.executable, "hatch_build.py", "stories"], cwd=CHECKOUT, check=True, capture_output=True)
    page = browser.new_page()
    # The names are enough here: the frames stay empty.
    page.route("**/stories.html", lambda route: route.abort() if route.request.frame.parent_frame else route.fallback())
    page.goto(f"{feed.url}/calm/stories.html")
    frames = page.locator("iframe")
    expect(frames.first).to_be_attached()
    told = {str(frame.get_attribute("title")): str(frame.get_attribute("src")) for frame in frames.all()}
    page.close()
    return told


@pytest.fixture(scope="module")
def kept(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that keeps the parts of the page from story to story."""
    context = browser.new_context(viewport=SCREEN, reduced_motion="reduce")
    # The feed tells, and hears nothing.
    context.route("**/hotline/shown", lambda route: route.fulfill(json={"records": []}))
    yield context
    context.close()


def complaints(page: Page, watched: Watched, name: str) -> str:
    """What is amiss with a story, once it is told."""
    expect(page.locator(f"[data-story='{name}'], [data-broken='{name}']")).to_be_attached()
    try:
        assert_accessible(page)
        assert page.locator("[data-broken]").all_inner_texts() == []
        assert [said for said in watched.complaints if not FORBIDDEN.search(said)] == []
    except AssertionError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("room", TOLD)
def test_every_story_is_told_and_is_accessible(
    kept: BrowserContext, addresses: dict[str, str], feed: Feed, room: str
) -> None:
    told = [name for name in addresses if name.startswith(f"{room}/")]
    assert told
    amiss: dict[str, str] = {}
    for first in range(0, len(told), AT_ONCE):
        # While one is looked at, the next are being loaded.
        beside = [
            (name, page, watch_over(page)) for name in told[first : first + AT_ONCE] for page in [kept.new_page()]
        ]
        for name, page, _ in beside:
            page.goto(f"{feed.url}{addresses[name]}", wait_until="commit")
        for name, page, watched in beside:
            amiss[name] = complaints(page, watched, name)
            page.close()
    assert {name: why for name, why in amiss.items() if why} == {}
