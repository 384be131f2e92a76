"""Show 2: every room, in every language and state, keeps the rules of axe, its own policy, and to its own host."""

from __future__ import annotations

import re
from itertools import product
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from tests.browser.access import assert_accessible
from tests.browser.conftest import SCREEN, Feed, Watched, watch_over
from tests.browser.test_watch import SIZES

# Calm, a launch, a cut line, people at work, an exercise, what was.
STATES = ("calm", "launch", "lost", "talk", "midflight.freedom-27", "midflight.replay")
# In English every state, in the others those in which every room has something to say.
TALKING = ("talk", "talk.freedom-27", "talk.replay")
SOURCES = re.compile(r"(script|connect|default|worker)-src ([^;]*)")


def rooms_of(page: Page) -> list[str]:
    """The rooms that this page leads to."""
    return [room for one in page.locator("[data-room]").all() if (room := one.get_attribute("data-room"))]


def parts_of(page: Page) -> list[str]:
    """The parts of the room that is open, where it has several."""
    return [part for one in page.locator("[data-parts] [data-part]").all() if (part := one.get_attribute("data-part"))]


def every_room(page: Page, url: str, language: str) -> int:
    """Looks at each as its axe does. How many there were."""
    page.goto(f"{url}#lang={language}")
    expect(page.locator("[data-banner=top]")).to_be_visible()
    rooms = rooms_of(page)
    for room in rooms:
        page.goto(f"{url}#room={room}&lang={language}")
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.locator(f"[data-room={room}]")).to_have_attribute("aria-current", "page")
        page.wait_for_load_state("networkidle")
        assert_accessible(page)
        for part in parts_of(page)[1:]:
            open_part(page, f"{url}#room={room}&id={part}&lang={language}", part)
            assert_accessible(page)
    return len(rooms)


def open_part(page: Page, address: str, part: str) -> None:
    page.goto(address)
    expect(page.locator(f"[data-part={part}]")).to_have_attribute("aria-current", "page")
    page.wait_for_load_state("networkidle")


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("state", "language"), [*product(STATES, ("en",)), *product(TALKING, ("ja", "ko"))])
def test_every_room_is_accessible_and_asks_nobody_else(browser: Browser, feed: Feed, state: str, language: str) -> None:
    context = browser.new_context(viewport=SCREEN, reduced_motion="reduce")
    page = context.new_page()
    watched = watch_over(page)
    assert every_room(page, f"{feed.url}/{state}/", language) >= 10
    keeps_to_itself(watched, feed)
    context.close()


# Its parts in the live world and in play; and what lies over a page.
EXERCISE = {"calm": 2, "calm.freedom-27": 4}
SHEETS = ("calm/#sheet=halted:freedom-26", "calm.freedom-27/#sheet=real-world", "calm.freedom-27/#sheet=observe")


@pytest.mark.long
@pytest.mark.parametrize("language", ["en", "ja", "ko"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size['width']}x{size['height']}")
def test_every_part_of_the_exercise_room_fits_every_screen(
    browser: Browser, feed: Feed, size: ViewportSize, language: str
) -> None:
    context = browser.new_context(viewport=size, reduced_motion="reduce")
    page = context.new_page()
    watched = watch_over(page)
    for world, count in EXERCISE.items():
        page.goto(f"{feed.url}/{world}/#room=exercise&lang={language}")
        expect(page.locator("[data-parts] [data-part]")).to_have_count(count)
        for part in parts_of(page):
            open_part(page, f"{feed.url}/{world}/#room=exercise&id={part}&lang={language}", part)
            fits(page, size)
    for sheet in SHEETS:
        page.goto(f"{feed.url}/{sheet}&lang={language}")
        paper = page.get_by_role("dialog")
        expect(paper).to_be_visible()
        fits(page, size)
        box = paper.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= size["height"]
        assert_accessible(page)
    keeps_to_itself(watched, feed)
    context.close()


def fits(page: Page, size: ViewportSize) -> None:
    """Nothing is wider than the screen, nor than the room it stands in."""
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    wide = "e => e.scrollWidth - e.clientWidth"
    assert [page.url for one in page.locator("main").all() if one.evaluate(wide) > 0] == []


def keeps_to_itself(watched: Watched, feed: Feed) -> None:
    hosts = {urlsplit(url).netloc for url in watched.requests if not url.startswith(("data:", "blob:"))}
    assert hosts == {urlsplit(feed.url).netloc}
    assert watched.complaints == []


def test_the_page_s_policy_lets_it_run_and_ask_nothing_but_its_own(page: Page, feed: Feed) -> None:
    answer = page.goto(f"{feed.url}/calm/")
    assert answer is not None
    allowed = dict(SOURCES.findall(answer.headers["content-security-policy"]))
    assert allowed == {
        "default": "'self'",
        "script": "'self'",
        "worker": "'self' blob:",
        "connect": "'self'",
    }
