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
    with page.expect_response("**/hotline/shown"):
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
    # What came into sight on the way was told of as seen; nothing was done.
    assert {path for path, *_ in asks} == {"hotline/shown"}


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


SILENT = """
window.__heard = [];
const nothing = () => {};
window.AudioContext = class {
  state = 'running'; currentTime = 0; destination = {}; resume = nothing; close = nothing;
  createOscillator() {
    const start = () => window.__heard.push([tone.type, tone.frequency.value]);
    const tone = { frequency: {}, connect: (next) => next, start, stop: nothing };
    return tone;
  }
  createGain() {
    const gain = { setValueAtTime: nothing, linearRampToValueAtTime: nothing, exponentialRampToValueAtTime: nothing };
    return { gain, connect: (next) => next };
  }
};
"""


def heard(page: Page) -> list[tuple[str, float]]:
    return [(voice, hz) for voice, hz in page.evaluate("window.__heard")]


@pytest.mark.usefixtures("asks")
def test_a_screen_that_cannot_sound_says_so_until_it_is_touched(page: Page, feed: Feed) -> None:
    page.add_init_script(SILENT)
    page.goto(f"{feed.url}/calm/")
    silent = page.locator("[data-silent]")
    expect(silent).to_contain_text("No sound yet: the browser waits until this page is clicked or a key is pressed.")
    assert_accessible(page)
    page.keyboard.press("!")
    expect(silent).to_have_count(0)
    live = heard(page)
    assert len(live) > 3
    page.goto(f"{feed.url}/calm.freedom-27/")
    page.keyboard.press("!")
    expect(silent).to_have_count(0)
    assert not set(live) & set(heard(page))


@pytest.mark.usefixtures("asks")
def test_a_mute_counts_down_in_sight_and_ends_by_a_reload(page: Page, feed: Feed) -> None:
    page.add_init_script(SILENT)
    page.goto(f"{feed.url}/midflight/")
    expect(page.locator("[data-card]")).to_be_visible()
    page.keyboard.press("m")
    muted = page.locator("[data-muted]")
    expect(muted).to_contain_text("Muted, rings again in 00:5")
    page.reload()
    expect(page.locator("[data-card]")).to_be_visible()
    expect(muted).to_have_count(0)


def test_two_windows_stay_in_step_and_one_of_them_sounds(page: Page, feed: Feed) -> None:
    page.context.add_init_script(SILENT)
    page.context.route("**/assets/Globe*", lambda route: route.abort())
    page.goto(f"{feed.url}/raid/")
    expect(page.locator("[data-card]")).to_be_visible()
    with page.expect_popup() as opened:
        page.keyboard.press("b")
    other = opened.value
    expect(other.locator("[data-card]")).to_be_visible()
    expect(page.locator("[data-windows]")).to_contain_text("2 windows, in step")
    page.keyboard.press("j")
    chosen = page.locator("tr.selected").get_attribute("data-track")
    expect(other.locator("[data-card]")).to_have_attribute("data-card", str(chosen))
    # Each keeps its own room.
    other.keyboard.press("4")
    expect(other).to_have_url(re.compile("room=dialogue"))
    expect(page).not_to_have_url(re.compile("room="))
    # What is muted in one is muted in both.
    other.keyboard.press("m")
    expect(page.locator("[data-muted]")).to_be_visible()
    page.keyboard.press("m")
    expect(other.locator("[data-muted]")).to_have_count(0)
    # On its own it looks where it likes.
    other.keyboard.press("1")
    other.keyboard.press("h")
    expect(other.locator("[data-windows]")).to_contain_text("each by itself")
    page.keyboard.press("j")
    expect(page.locator("[data-card]")).not_to_have_attribute("data-card", str(chosen))
    expect(other.locator("[data-card]")).to_have_attribute("data-card", str(chosen))
    other.close()
    expect(page.locator("[data-windows]")).to_have_count(0)


@pytest.mark.long
@pytest.mark.parametrize("language", ["en", "ja", "ko"])
@pytest.mark.parametrize("width", [1280, 1366, 1920, 3440])
@pytest.mark.usefixtures("asks")
def test_nothing_in_the_header_is_cut_off(page: Page, feed: Feed, width: int, language: str) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for world in ("talk", "lost.freedom-27"):
        page.goto(f"{feed.url}/{world}/#lang={language}")
        page.reload()
        header = page.get_by_role("banner")
        expect(header.locator("time")).to_be_visible()
        cut = header.evaluate(
            """header => [...header.querySelectorAll('*')]
                .filter(one => one.offsetParent !== null && one.clientWidth > 0)
                .filter(one => one.scrollWidth > one.clientWidth + 1)
                .map(one => one.className + ': ' + one.textContent)"""
        )
        assert cut == []
        for part in header.locator(":scope > *").all():
            box = part.bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.usefixtures("asks")
def test_a_computer_whose_clock_is_wrong_by_minutes_is_told(page: Page, feed: Feed) -> None:
    page.add_init_script("const now = Date.now.bind(Date); Date.now = () => now() + 4.2 * 60_000")
    page.goto(f"{feed.url}/calm/")
    expect(page.locator("[data-clock-wrong]")).to_contain_text(
        "This computer’s clock is 4 min ahead; times here are the node’s."
    )
    assert_accessible(page)


@pytest.mark.usefixtures("asks")
def test_the_other_worlds_of_the_node_are_one_key_away(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/proposed/")
    expect(page.get_by_role("region", name="What waits for two persons")).to_be_visible()
    page.keyboard.press(";")
    worlds = page.get_by_role("navigation", name="Worlds of this node")
    expect(worlds.get_by_role("link")).to_have_count(2)
    assert_accessible(page)
    worlds.get_by_role("link", name="EXERCISE freedom-27").press("Enter")
    expect(page.locator("[data-world=exercise]")).to_be_visible()


@pytest.mark.usefixtures("asks")
def test_on_paper_there_are_banners_and_facts_and_nothing_to_press(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/midflight.freedom-27/")
    expect(page.locator("[data-card]")).to_be_visible()
    page.emulate_media(media="print")
    white = "e => getComputedStyle(e).backgroundColor"
    assert page.locator("body").evaluate(white) == "rgb(255, 255, 255)"
    groups = [
        page.locator(f"[data-banner={place}]").evaluate("e => getComputedStyle(e).display")
        for place in ("top", "bottom")
    ]
    # What is a head or a foot stands on every sheet.
    assert groups == ["table-header-group", "table-footer-group"]
    expect(page.get_by_role("navigation", name="Rooms")).to_be_hidden()
    expect(page.get_by_role("button", name="Request consultation")).to_be_hidden()
    expect(page.locator("[data-card]")).to_contain_text("Predicted impact")


@pytest.mark.usefixtures("asks")
def test_the_first_tab_leads_past_the_frame_into_the_one_main_part(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/talk/#room=supply")
    expect(page.get_by_role("main")).to_have_count(1)
    page.keyboard.press("Tab")
    skip = page.get_by_role("button", name="To the room")
    expect(skip).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
