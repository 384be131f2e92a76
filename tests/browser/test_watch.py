"""The watch: what an officer who was woken at three sees, and can do with one key."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect
from tests.browser.access import assert_accessible
from tests.browser.conftest import Feed
from tests.browser.test_console import drawn

SIZES: tuple[ViewportSize, ...] = (
    {"width": 1366, "height": 768},
    {"width": 1920, "height": 1080},
    {"width": 3440, "height": 1440},
)
PLACES = (
    "[data-strip]",
    "main aside.left > *",
    "[data-layer]",
    "main .middle",
    "main aside.right",
    "footer",
    "[data-banner]",
)


def boxes(page: Page) -> list[tuple[str, list[Any]]]:
    """Where everything stands that should stay there."""
    measure = "all => all.map(e => { const b = e.getBoundingClientRect(); return [b.x, b.y, b.width, b.height] })"
    return [(place, page.locator(place).evaluate_all(measure)) for place in PLACES]


@pytest.mark.long
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size['width']}x{size['height']}")
def test_nothing_moves_when_something_is_launched(page: Page, feed: Feed, size: ViewportSize) -> None:
    page.set_viewport_size(size)
    page.goto(f"{feed.url}/dawn.shift-{size['width']}/")
    expect(page.locator("[data-strip]")).to_contain_text("No alert")
    expect(page.locator("[data-layer]").first).to_be_visible()
    before = boxes(page)
    expect(page.locator("[data-launch-card=waiting]")).to_be_visible(timeout=60_000)
    assert boxes(page) == before
    acts = page.locator("[data-launch-card] .acts").bounding_box()
    # The card below it grows with what is known of the track, so its height is not the keystroke's doing.
    top = "e => { const b = e.getBoundingClientRect(); return [b.x, b.y, b.width] }"
    card = page.locator("[data-card]").evaluate(top)
    page.keyboard.press("y")
    expect(page.locator("[data-read=JPN]")).to_be_visible()
    assert page.locator("[data-launch-card] .acts").bounding_box() == acts
    assert page.locator("[data-card]").evaluate(top) == card
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_the_card_says_who_reported_whose_area_and_who_has_acknowledged(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/impact/")
    card = page.locator("[data-launch-card]")
    expect(card).to_have_attribute("data-launch-card", "waiting")
    expect(card).to_contain_text("Impact predicted")
    expect(card).to_contain_text("Reported by")
    expect(card).to_contain_text("JPN not yet")
    expect(card.locator("[data-read=KOR]")).to_contain_text("22:24:11Z")
    expect(card).to_contain_text("LIVE")
    expect(card.get_by_role("button", name="Acknowledge")).to_be_in_viewport()


def test_one_key_acknowledges_and_consultation_is_the_next(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/impact.acknowledged/")
    expect(page.locator("[data-launch-card]")).to_have_attribute("data-launch-card", "waiting")
    page.keyboard.press("y")
    expect(page.locator("[data-launch-card]")).to_have_attribute("data-launch-card", "acknowledged")
    expect(page.locator("[data-consult]")).to_be_focused()
    expect(page).to_have_url(re.compile("track=1"))
    expect(page.locator("footer [data-mark^=read-][data-mark*=-JPN-2022]")).to_have_count(1)
    expect(page.get_by_label("Alerts").first).to_contain_text("acknowledged by Republic of Korea and Japan")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()


def test_what_cannot_be_acknowledged_says_why(page: Page, feed: Feed) -> None:
    refusal: dict[str, Any] = {"error": "Nothing", "says": "there is no such alert", "facts": {}, "remedy": "look"}
    page.route("**/warning/acknowledge-alert", lambda route: route.fulfill(status=404, json=refusal))
    page.goto(f"{feed.url}/impact/")
    page.locator("[data-launch-card]").get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_role("alert").filter(has_text="there is no such alert")).to_be_visible()
    expect(page.locator("[data-launch-card]")).to_have_attribute("data-launch-card", "waiting")


def test_layers_filter_map_and_table_together_and_stay_in_the_address(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/announced/")
    drawn(page)
    rows = page.locator("tr[data-track]")
    expect(rows).to_have_count(2)
    page.keyboard.press("v")
    expect(page.locator("[data-layer=symbols]")).to_be_focused()
    page.locator("[data-layer=notified]").press("Space")
    expect(rows).to_have_count(1)
    expect(page.get_by_text("1 track is hidden by a layer.")).to_be_visible()
    expect(page.locator(".label.track")).to_have_count(1)
    expect(page).to_have_url(re.compile("layers=symbols"))
    page.reload()
    expect(rows).to_have_count(1)
    expect(page.locator("[data-layer=notified]")).to_have_attribute("aria-pressed", "false")
    page.locator("[data-layer=impacts]").click()
    expect(page.get_by_role("columnheader", name="Impact")).to_have_count(0)
    expect(page.locator(".mark.impact")).to_have_count(0)


def test_a_hidden_layer_that_holds_something_critical_says_so(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/impact/#layers=labels")
    status = page.get_by_role("status").filter(has_text="Hidden, and holds something critical")
    expect(status).to_contain_text("Symbols")
    expect(status).to_contain_text("Impact")
    page.goto(f"{feed.url}/passed/#layers=labels")
    expect(page.locator("[data-layer=symbols]")).to_have_attribute("aria-pressed", "false")
    expect(status).to_have_count(0)
    expect(page.locator("[data-strip]")).to_contain_text("LAUNCH")


def test_a_cut_line_says_what_one_does_not_see_on_the_globe_and_in_the_list(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/dark/")
    drawn(page)
    korea = page.locator("[data-unseen=KOR]")
    expect(korea).to_contain_text("nothing that its sensors see reaches us, since")
    expect(page.locator(".label.sensor").filter(has_text="radar-west")).to_contain_text(
        re.compile(r"quiet 9\d s|quiet \d min")
    )
    expect(page.locator(".label.member").filter(has_text="Korea")).to_contain_text("not seen for")


def test_members_that_disagree_are_named_under_the_worst_of_the_event(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/impact/")
    event = page.locator("[data-event]")
    expect(event).to_have_attribute("data-event", "critical")
    expect(event.locator("[data-conflict]")).to_have_text(
        "Members disagree: Japan warns, Republic of Korea has withdrawn."
    )
    expect(event.locator("[data-alert=withdrawn] s")).to_have_text("Impact predicted")


def test_the_flat_map_shows_the_same_as_the_globe_and_the_address_remembers(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/raid/")
    drawn(page)
    shown = page.locator("tr[data-track]").count()
    page.keyboard.press("t")
    expect(page.get_by_text("Flat map and table, chosen instead of the globe.")).to_be_visible()
    expect(page.locator("svg[data-places]")).to_have_attribute("data-places", str(shown))
    expect(page.locator("tr[data-track]")).to_have_count(shown)
    expect(page.get_by_role("columnheader", name="Launch")).to_be_visible()
    assert_accessible(page)
    page.reload()
    expect(page.locator("svg[data-drawn=true]")).to_be_visible()
    page.keyboard.press("t")
    drawn(page)


@pytest.mark.long
@pytest.mark.parametrize("scene", ["impact", "dark", "impact.freedom-27"])
def test_everyone_can_use_the_watch(page: Page, feed: Feed, scene: str) -> None:
    page.goto(f"{feed.url}/{scene}/")
    drawn(page)
    assert_accessible(page)


def test_areas_without_play_are_a_quiet_edge_with_a_name_in_an_exercise_alone(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/calm.freedom-27/")
    drawn(page)
    name = page.locator(".label.area")
    expect(name).to_have_text(["Yamato bank"])
    expect(page.locator("[data-no-play=now]")).to_contain_text("Yamato bank")
    expect(page.locator("[data-no-play=later]")).to_contain_text("Ulsan approach")
    expect(page.get_by_text("No-play area", exact=True)).to_be_visible()
    page.locator("[data-layer=no-play]").click()
    expect(name).to_have_count(0)
    expect(page.locator("[data-no-play]")).to_have_count(0)
    page.goto(f"{feed.url}/calm/")
    drawn(page)
    expect(page.locator("[data-layer=notified]")).to_be_visible()
    expect(page.locator("[data-layer=no-play]")).to_have_count(0)
    expect(name).to_have_count(0)


def test_the_flat_map_has_areas_without_play_too_and_nothing_filled(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/calm.freedom-27/#map=flat")
    edge = page.locator("path.no-play")
    expect(edge).to_have_count(1)
    expect(edge).to_have_css("fill", "none")
    expect(page.locator("text.no-play")).to_have_text("Yamato bank")
    expect(page.locator("[data-no-play=now]")).to_contain_text("Until 2022-10-04 02:12Z")
    assert_accessible(page)
