"""What two officers see of each other, and the one key that takes a public alert back: by keyboard alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from tests.browser.access import assert_accessible
from tests.browser.conftest import Feed


class Asks(list[tuple[str, Any, str | None]]):
    """What the page asked the node: path, body, name of the ask."""


@pytest.fixture
def asks(page: Page) -> Iterator[Asks]:
    """Answers every ask as a node does, and keeps it."""
    made = Asks()

    def take(route: Route) -> None:
        request = route.request
        if "/assets/Globe" in request.url:
            # These pages are of words: without the globe they are quick.
            route.abort()
            return
        if request.method != "POST":
            route.fallback()
            return
        path = "/".join(request.url.rsplit("/", 2)[1:])
        made.append((path, json.loads(request.post_data or ""), request.headers.get("ask-id")))
        route.fulfill(json={"records": ["ab" * 32], "again": False, "waits": True})

    page.route("**/*", take)
    yield made
    page.unroute("**/*")


def test_an_officer_reads_it_all_before_he_approves_another_s_proposal(page: Page, feed: Feed, asks: Asks) -> None:
    page.goto(f"{feed.url}/proposed/")
    bar = page.get_by_role("region", name="What waits for two persons")
    expect(bar).to_contain_text("LIVE: wake the public, a missile is on its way. This is real.")
    expect(bar).to_contain_text("proposed by sato")
    expect(bar).to_contain_text("proposed by you: waits for another person")
    assert_accessible(page)
    page.keyboard.press("a")
    sheet = page.get_by_role("dialog")
    expect(sheet).to_contain_text("7d01 c3e9")
    expect(sheet.locator("[lang=ja]")).to_contain_text("ミサイル警報")
    expect(sheet.get_by_role("heading")).to_be_focused()
    assert_accessible(page)
    # A key held too long presses nothing.
    page.keyboard.press("Enter")
    assert asks == []
    page.keyboard.press("Tab")
    expect(sheet.get_by_role("button", name="Approve")).to_be_focused()
    page.keyboard.press("Enter")
    expect(sheet).to_be_hidden()
    proposal = "7d01c3e9" * 8
    assert asks == [("office/approve", {"proposal": proposal}, f"approve:{proposal}")]


def test_an_officer_may_only_take_his_own_proposal_back(page: Page, feed: Feed, asks: Asks) -> None:
    page.goto(f"{feed.url}/proposed/")
    page.get_by_role("button", name="Read", exact=True).click()
    sheet = page.get_by_role("dialog")
    expect(sheet).to_contain_text("Another officer must read and approve this.")
    expect(sheet.get_by_role("button", name="Approve")).to_have_count(0)
    with page.expect_response("**/office/decline"):
        sheet.get_by_role("button", name="Take it back").click()
    assert [path for path, _, _ in asks] == ["office/decline"]


def test_one_key_cancels_with_the_words_that_stood_there(page: Page, feed: Feed, asks: Asks) -> None:
    page.goto(f"{feed.url}/public/")
    bar = page.get_by_role("region", name="Public alerts")
    expect(bar).to_contain_text("PUBLIC ALERT IN FORCE")
    expect(bar).to_contain_text("sato and abe")
    expect(bar.get_by_role("alert")).to_contain_text("CANCEL IT? What it rests on was taken back")
    expect(bar).to_contain_text("CANCELLED. The missile alert of")
    assert_accessible(page)
    for _ in range(2):
        with page.expect_response("**/warning/cancel-public-alert"):
            page.keyboard.press("c")
    expect(bar).to_be_visible()
    cancel = ("warning/cancel-public-alert", {"public_alert": "c4" * 32, "reason": "withdrawn"})
    # Twice under one name: it is said once.
    assert asks == [(*cancel, f"cancel:withdrawn:{'c4' * 32}")] * 2
    page.goto(f"{feed.url}/cancelled/")
    expect(bar.locator("s")).to_contain_text("MISSILE WARNING")
    assert_accessible(page)


@pytest.mark.parametrize(
    ("world", "says", "not_said"),
    [
        ("midflight", "MISSILE WARNING. TAKE COVER NOW.", "EXERCISE"),
        ("midflight.freedom-27", "EXERCISE EXERCISE EXERCISE.", "TAKE COVER"),
    ],
)
def test_what_the_public_would_read_is_read_before_it_is_proposed(
    page: Page, feed: Feed, asks: Asks, world: str, says: str, not_said: str
) -> None:
    page.goto(f"{feed.url}/{world}/")
    expect(page.get_by_role("button", name="the public")).to_be_visible()
    page.keyboard.press("p")
    sheet = page.get_by_role("dialog")
    expect(sheet.locator("li[lang=en]")).to_contain_text(says)
    expect(sheet).not_to_contain_text(not_said)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(sheet).to_be_hidden()
    ((path, body, _),) = asks
    assert path == "warning/issue-public-alert"
    assert body["words"][0]["text"].startswith(says)


def test_the_watch_is_taken_from_the_header(page: Page, feed: Feed, asks: Asks) -> None:
    page.goto(f"{feed.url}/calm/")
    expect(page.get_by_role("button", name="Nobody has the watch")).to_be_visible()
    page.goto(f"{feed.url}/proposed/")
    expect(page.get_by_role("banner")).to_contain_text("Watch: sato since 19:27")
    page.keyboard.press("w")
    sheet = page.get_by_role("dialog")
    expect(sheet).to_contain_text("All quiet since the flight")
    assert_accessible(page)
    sheet.get_by_role("button", name="Take the watch").press("Enter")
    expect(sheet).to_be_hidden()
    ((path, body, _),) = asks
    assert (path, body) == ("office/take-watch", {"offer": "d7" * 32})


def test_what_was_taken_back_is_struck_out_and_a_forker_is_named(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/lost/")
    left = page.get_by_label("Tracks, alerts and sensors")
    expect(left.locator("[data-retraction] s")).to_contain_text("Missile launched at 22:21:02 UTC")
    expect(left.locator("[data-retraction]")).to_contain_text("not yet honoured by Republic of Korea")
    expect(left.locator("[data-fork=KOR]")).to_contain_text("Republic of Korea said two things under number 412")
    expect(left.locator("[data-fork=KOR]")).to_contain_text("Two signatures prove it.")
