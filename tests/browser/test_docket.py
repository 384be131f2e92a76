"""The docket on the screen: all that is open, one consultation about several things, search over all that was said."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from tests.browser.access import assert_accessible
from tests.browser.conftest import Feed
from tests.browser.docket import NOTICE
from tests.browser.talk import CONSULTATION, CONVERSATION
from tests.browser.test_office import Asks, asks

__all__ = ["asks"]

DOCKET = "/talk/#room=docket"


def test_what_is_open_stands_with_its_office_and_its_label_what_is_late_first(
    page: Page, feed: Feed, asks: Asks
) -> None:
    page.goto(feed.url + DOCKET)
    rows = page.locator("[data-item]")
    expect(rows).to_have_count(5)
    late = rows.first
    expect(late).to_contain_text("late by 3 h")
    expect(late).to_contain_text("SECRET//REL TO USA, JPN, KOR")
    expect(rows.last).to_contain_text("no date")
    page.get_by_role("button", name="Economic Security Bureau").click()
    expect(rows).to_have_count(2)
    assert_accessible(page)
    late.get_by_role("button", name="Open in Supply").click()
    expect(page).to_have_url(f"{feed.url}/talk/#room=supply&id={NOTICE}")
    assert asks == []


def test_several_things_are_ticked_and_one_consultation_is_opened_about_all(page: Page, feed: Feed, asks: Asks) -> None:
    page.goto(feed.url + DOCKET)
    page.get_by_label("Choose: Gallium").check()
    page.get_by_label("Choose: Consultation: missile over Tohoku").check()
    with page.expect_request("**/consult/ready?*") as asked:
        page.get_by_role("button", name="Request one consultation about 2").click()
    assert asked.value.url.partition("?")[2] == f"items={NOTICE}&items={CONSULTATION}"
    expect(page.get_by_role("dialog")).to_contain_text("Request a consultation")
    assert asks == []


def test_words_are_looked_for_in_all_that_was_said_and_the_finding_is_opened_in_its_room(
    page: Page, feed: Feed, asks: Asks
) -> None:
    page.goto(f"{feed.url}/talk/")
    expect(page.get_by_role("button", name="Docket")).to_be_visible()
    page.keyboard.press("/")
    field = page.get_by_role("searchbox")
    expect(field).to_be_focused()
    field.fill("tohoku")
    field.press("Enter")
    found = page.locator("[data-found]")
    expect(found).to_have_count(3)
    expect(page.locator("[data-found] mark").first).to_have_text("Tohoku")
    expect(found.first.locator("p[lang=ko]")).to_be_visible()
    assert_accessible(page)
    found.first.get_by_role("button", name="Open in Hotline").click()
    expect(page).to_have_url(f"{feed.url}/talk/#room=hotline&id={CONVERSATION}")
    assert asks == []


@pytest.mark.parametrize("width", [1280, 1440])
def test_the_rooms_fit_beside_what_a_consultation_waits_for(page: Page, feed: Feed, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 720})
    page.goto(feed.url + DOCKET)
    names = page.get_by_role("navigation", name="Rooms").get_by_role("button")
    expect(names.last).to_be_visible()
    for name in names.all():
        box = name.bounding_box()
        assert box is not None
        assert box["height"] <= 36
        assert box["x"] + box["width"] <= width
    room = page.locator("[data-course]").bounding_box()
    assert room is not None
    assert room["width"] > 150
    page.keyboard.press("?")
    for name in ("Watch", "Hotline", "Consult", "Dialogue", "Cyber", "Supply", "Region", "Docket"):
        expect(page.get_by_role("dialog")).to_contain_text(f"Room: {name}")
