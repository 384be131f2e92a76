"""Every component in every state, by itself: each story is told, and breaks no rule of axe."""

from __future__ import annotations

import subprocess
import sys

import pytest
from playwright.sync_api import Page, expect
from tests.browser.access import assert_accessible
from tests.browser.conftest import CHECKOUT, Feed, Watched

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

TOLD = sorted(path.name.partition(".")[0] for path in (CHECKOUT / "console" / "stories").glob("*.stories.ts"))


@pytest.fixture(scope="module")
def stories(feed: Feed) -> str:
    """Where the feed serves their page, built anew."""
    subprocess.run([sys.executable, "hatch_build.py", "stories"], cwd=CHECKOUT, check=True, capture_output=True)
    return f"{feed.url}/calm/stories.html"


@pytest.mark.parametrize("room", TOLD)
def test_every_story_is_told_and_is_accessible(page: Page, stories: str, watched: Watched, room: str) -> None:
    # The feed tells, and hears nothing.
    page.route("**/hotline/shown", lambda route: route.fulfill(json={"records": []}))
    page.goto(stories)
    frames = page.locator(f"iframe[title^='{room}/']")
    expect(frames.first).to_be_attached()
    told = [(str(frame.get_attribute("title")), str(frame.get_attribute("src"))) for frame in frames.all()]
    amiss: dict[str, str] = {}
    for name, address in told:
        page.goto("about:blank")
        watched.complaints.clear()
        page.goto(f"{stories.removesuffix('/calm/stories.html')}{address}")
        expect(page.locator(f"[data-story='{name}']")).to_be_attached()
        try:
            assert_accessible(page)
            assert watched.complaints == []
        except AssertionError as error:
            amiss[name] = str(error)
    assert amiss == {}
