"""A replay never looks live, and nothing on it acts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.browser.access import assert_accessible
from tests.browser.conftest import Feed, Watched

from laurel.node.replay.marks import Mark, MarkKind

LOOK = """() => {
  const of = (selector) => {
    const style = getComputedStyle(document.querySelector(selector))
    return [style.backgroundColor, style.backgroundImage, style.color]
  }
  return ['[data-banner=top]', '[data-banner=top] strong', '[data-strip] .mark', '.screen'].map(of)
}"""
WORLDS = ("midflight", "midflight.freedom-27", "midflight.replay")
WORDS = {"en": "REPLAY", "ja": "再生", "ko": "재생"}


def opened(page: Page, feed: Feed, world: str, room: str = "watch", language: str = "en") -> None:
    page.goto(f"{feed.url}/{world}/#room={room}&lang={language}")
    expect(page.locator("[data-banner=top]")).to_be_visible(timeout=30_000)


def test_live_exercise_and_replay_share_no_look(page: Page, feed: Feed) -> None:
    looks: list[list[list[str]]] = []
    for world in WORLDS:
        opened(page, feed, world)
        expect(page.locator("[data-strip=critical]")).to_be_visible(timeout=30_000)
        looks.append(page.evaluate(LOOK))
    for part in zip(*looks, strict=True):
        assert len({str(look) for look in part}) == len(WORLDS), part


@pytest.mark.long
@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("room", ["watch", "hotline", "consult", "docket", "replay", "exercise"])
def test_a_replay_says_so_in_every_room_and_language(page: Page, feed: Feed, room: str, language: str) -> None:
    opened(page, feed, "midflight.replay", room, language)
    for place in ("top", "bottom"):
        expect(page.locator(f"[data-banner={place}] strong").first).to_contain_text(WORDS[language])
    expect(page.locator("[data-strip] .mark")).to_have_text(WORDS[language])
    expect(page.locator("[data-replay]")).to_be_visible()
    expect(page.locator("[data-world=replay]")).to_have_count(1)
    assert WORDS[language] in page.title()
    assert page.locator("[data-banner]").filter(has_text="LIVE").count() == 0


def test_what_was_critical_then_is_not_red_now(page: Page, feed: Feed) -> None:
    opened(page, feed, "midflight")
    strip = page.locator("[data-strip=critical]")
    expect(strip).to_have_css("background-color", "rgb(196, 22, 28)", timeout=30_000)
    opened(page, feed, "midflight.replay")
    expect(strip).to_have_css("background-color", "rgb(16, 23, 31)", timeout=30_000)


def test_a_replay_of_an_exercise_says_both(page: Page, feed: Feed) -> None:
    opened(page, feed, "midflight.freedom-27.replay")
    expect(page.locator("[data-banner=top] strong").first).to_have_text("REPLAY — EXERCISE freedom-27")
    expect(page.locator("[data-world=replay]")).to_have_count(1)


def test_nothing_rings_and_nothing_waits_in_a_replay(page: Page, feed: Feed) -> None:
    opened(page, feed, "midflight.replay")
    page.keyboard.press("q")
    expect(page.locator("[data-why]")).to_contain_text("A replay says nothing.")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.get_by_role("link", name="Back to the live world")).to_have_attribute("href", "/midflight/")


def test_the_moments_of_a_replay_are_a_table_too(page: Page, feed: Feed, watched: Watched) -> None:
    opened(page, feed, "midflight.replay", "replay")
    marks = page.locator("[data-mark]")
    expect(marks).to_have_count(5)
    expect(marks.nth(2)).to_contain_text("Height < 500 km & climbing: do you see it too?")
    expect(page.get_by_role("main")).to_contain_text("nobody here vouches for them")
    assert_accessible(page)
    assert watched.complaints == []


def test_while_a_log_is_opened_the_page_says_how_far_it_is(page: Page, feed: Feed) -> None:
    opened(page, feed, "launch.replay")
    bar = page.locator("[data-replay=opening]")
    expect(bar).to_contain_text("Checking every signature")
    expect(bar).to_contain_text("60000 of 100000 records")


def test_the_shelf_says_what_can_be_replayed_and_why_not(page: Page, feed: Feed, watched: Watched) -> None:
    opened(page, feed, "calm", "replay")
    rows = page.locator("[data-log]")
    expect(rows).to_have_count(3)
    expect(rows.nth(0).get_by_role("button")).to_have_text("Open camp-david")
    expect(rows.nth(1).get_by_role("link")).to_have_attribute("href", "/midflight.freedom-27.replay/")
    expect(rows.nth(2)).to_contain_text("<b>korea</b>.jsonl")
    expect(rows.nth(2)).to_contain_text("this log cannot be replayed")
    assert_accessible(page)
    assert watched.complaints == []


def test_the_exercise_room_says_what_goes_on_and_what_was_halted(page: Page, feed: Feed) -> None:
    opened(page, feed, "calm", "exercise")
    going, halted = page.locator("[data-exercise=freedom-27]"), page.locator("[data-exercise=freedom-26]")
    stands = ["Japan: takes part", "Republic of Korea: does not take part", "United States: takes part"]
    expect(going.locator(".member")).to_have_text(stands)
    expect(going.get_by_role("link", name="Go to the exercise")).to_be_visible()
    expect(halted).to_contain_text("HALTED by Republic of Korea: a real launch")
    assert_accessible(page)


def test_the_console_reads_a_moment_by_the_nodes_own_names() -> None:
    text = (Path(__file__).parents[2] / "console/src/replay/replay.ts").read_text(encoding="utf-8")
    kinds = re.search(r"type MarkKind = (.*)", text)
    fields = re.search(r"interface Mark {\n(.*?)\n}", text, re.DOTALL)
    assert kinds is not None
    assert fields is not None
    assert set(re.findall(r"'([^']+)'", kinds[1])) == {kind.value for kind in MarkKind}
    assert set(re.findall(r"readonly (\w+)", fields[1])) <= set(Mark.__struct_fields__)
