"""Bad input: a message of 64 kB, and writing from right to left."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, Route, expect
from tests.browser.access import assert_accessible
from tests.browser.conftest import Feed
from tests.browser.test_drafts import WRITING

RLO = "\u202e"
HEBREW = "שלום עולם, זו הודעה ארוכה. "


def message(route: Route, text: str, language: str) -> None:
    told: dict[str, Any] = route.fetch().json()
    told["subject"] = f"Subject {RLO}reversed"
    told["messages"][0] |= {"text": text, "language": language}
    route.fulfill(json=told)


def test_a_message_of_64_kb_from_right_to_left_is_whole_and_turns_none_of_our_words_round(
    page: Page, feed: Feed
) -> None:
    long = (HEBREW * 2_000)[:32_000] + RLO
    assert len(long.encode()) > 50_000
    page.route("**/assets/Globe*", lambda route: route.abort())
    page.route("**/hotline/conversation?*", lambda route: message(route, long, "he"))
    page.goto(feed.url + WRITING)
    text = page.locator("[data-message]").first.locator("p[lang=he]").first
    expect(text).to_contain_text(HEBREW.strip())
    assert len(text.text_content() or "") == len(long)
    # It is read from the right; what stands around it is not.
    assert text.evaluate("(one) => getComputedStyle(one).unicodeBidi") == "plaintext"
    begin = """(one) => {
      const range = document.createRange()
      range.setStart(one.firstChild, 0)
      range.setEnd(one.firstChild, 1)
      return range.getBoundingClientRect().left
    }"""
    box = text.bounding_box()
    assert box is not None
    assert text.evaluate(begin) > box["x"] + box["width"] / 2
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("button", name="Write in this conversation").click()
    field = page.get_by_label("Message", exact=True)
    field.fill(long[:30_000])
    expect(field).to_have_value(long[:30_000])
    assert_accessible(page)
