"""What stands around every room: keys, the palette, the address, the header, two windows, paper."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from tests.browser.access import assert_accessible
from tests.browser.conftest import Feed
from tests.browser.talk import CONVERSATION
from tests.browser.test_office import Asks, asks

__all__ = ["asks"]

ROOMS = {"1": "watch", "2": "hotline", "3": "consult", "4": "dialogue", "5": "cyber", "6": "supply", "7": "region"}


def test_the_palette_finds_by_a_few_letters_and_does_it_by_keyboard_alone(page: Page, feed: Feed, asks: Asks) -> None:
    page.goto(f"{feed.url}/talk/")
    expect(page.get_by_role("region", name="Incoming calls")).to_be_visible()
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="What to do, or where to go")
    field = palette.get_by_role("combobox")
    expect(field).to_be_focused()
    assert_accessible(page)
    page.keyboard.type("sup")
    expect(palette.get_by_role("option").first).to_contain_text("Supply")
    page.keyboard.press("Enter")
    expect(palette).to_be_hidden()
    expect(page).to_have_url(re.compile("#room=supply"))
    page.keyboard.press("Control+k")
    page.keyboard.type("tohoku")
    expect(palette.locator(f"[data-find='conversation.{CONVERSATION}']")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"room=hotline&id={CONVERSATION}"))
    # What cannot be done now says why, and is not done.
    page.keyboard.press("Control+k")
    page.keyboard.type("Cancel the public")
    expect(palette.get_by_role("option").first).to_contain_text("No public alert of ours is in force.")
    page.keyboard.press("Enter")
    expect(palette).to_be_visible()
    page.keyboard.press("Escape")
    expect(palette).to_be_hidden()
    assert asks == []


@pytest.mark.usefixtures("asks")
def test_the_palette_finds_tracks_the_docket_and_the_other_worlds(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/raid/")
    expect(page.locator("[data-card]")).to_be_visible()
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog")
    for typed, kind in (("track 3", "Track"), ("freedom", "World")):
        palette.get_by_role("combobox").fill(typed)
        expect(palette.get_by_role("option").first).to_contain_text(kind)
    palette.get_by_role("combobox").fill("")
    expect(palette.locator("[data-find^='action'], [data-find='help']").first).to_be_visible()
    palette.get_by_role("combobox").fill("track 3")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("track=3"))


def test_every_room_and_every_sheet_has_its_key(page: Page, feed: Feed, asks: Asks) -> None:
    page.goto(f"{feed.url}/proposed/")
    expect(page.get_by_role("region", name="What waits for two persons")).to_be_visible()
    for key, room in ROOMS.items():
        page.keyboard.press(key)
        expect(page.get_by_role("navigation", name="Rooms").locator("[aria-current=page]")).to_have_text(
            re.compile(room, re.IGNORECASE)
        )
    for key, sheet in (("w", "watch"), ("l", "lines"), ("a", "proposal"), ("?", "help")):
        page.keyboard.press(key)
        expect(page.get_by_role("dialog")).to_be_visible()
        expect(page).to_have_url(re.compile(f"sheet={sheet}"))
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(page).not_to_have_url(re.compile("sheet="))
    page.keyboard.press("c")
    expect(page.locator("[data-why]")).to_have_text("No public alert of ours is in force.")
    page.keyboard.press("8")
    expect(page.locator("[data-why]")).to_have_text("")
    assert asks == []


@pytest.mark.usefixtures("asks")
@pytest.mark.parametrize("room", ["dialogue", "supply", "region"])
def test_the_list_of_every_room_is_walked_by_keys(page: Page, feed: Feed, room: str) -> None:
    page.goto(f"{feed.url}/talk/#room={room}")
    rows = page.locator("main aside li button")
    expect(rows.first).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator("main aside li button[aria-current]").first).to_be_visible()
    first = page.url
    page.keyboard.press("j")
    expect(page).not_to_have_url(first)
    page.keyboard.press("k")
    expect(page).to_have_url(first)
    parts = page.locator("main aside [data-parts] button")
    before = parts.evaluate_all("all => all.map(one => one.ariaCurrent ?? one.ariaPressed)")
    page.keyboard.press("]")
    expect(parts.first).to_be_visible()
    assert parts.evaluate_all("all => all.map(one => one.ariaCurrent ?? one.ariaPressed)") != before


@pytest.mark.usefixtures("asks")
def test_the_way_back_leads_through_rooms_and_from_under_sheets(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/talk/")
    expect(page.get_by_role("region", name="Incoming calls")).to_be_visible()
    page.keyboard.press("8")
    page.keyboard.press("6")
    expect(page).to_have_url(re.compile("room=supply"))
    page.keyboard.press("l")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page).to_have_url(re.compile("room=supply$"))
    page.keyboard.press("w")
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile("room=supply$"))
    page.go_back()
    expect(page).to_have_url(re.compile("room=docket"))
    page.go_back()
    expect(page).to_have_url(f"{feed.url}/talk/")
    page.go_forward()
    expect(page).to_have_url(re.compile("room=docket"))
    # An open sheet is part of the address that a colleague is given.
    page.goto(f"{feed.url}/talk/#sheet=lines")
    page.reload()
    expect(page.get_by_role("dialog")).to_contain_text("This is a check of the line")


@pytest.mark.usefixtures("asks")
def test_an_address_that_asks_for_what_is_not_there_is_told_so(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/midflight/#room=kitchen&colour=<img src=x>")
    said = page.locator("[data-unknown]")
    expect(said).to_contain_text("room=kitchen and colour=<img src=x>")
    assert_accessible(page)
    said.get_by_role("button").click()
    expect(said).to_have_count(0)
    page.goto(f"{feed.url}/midflight/#track=99")
    expect(page.locator("[data-astray]")).to_contain_text("Track 99 is not in the picture now.")
    page.locator("[data-astray]").get_by_role("button").click()
    expect(page.locator("[data-astray]")).to_have_count(0)
    page.goto(f"{feed.url}/midflight/#sheet=proposal:ffff")
    expect(page.locator("[data-unlaid]")).to_contain_text("not here now")
