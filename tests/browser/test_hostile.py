"""Whatever anybody writes is shown as text: it runs nothing, makes no element and turns no word of ours around."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect
from tests.browser.conftest import Feed, Watched
from tests.browser.hostile import OVERRIDE, listen_to_the_hostile, poisoned
from tests.browser.talk import CONSULTATION, CONVERSATION
from tests.browser.test_audit_room import line_of
from tests.browser.test_office import Asks, asks

__all__ = ["asks"]

HOSTILE = "<img src=x"
# Text of ours that stands after an override of somebody's in the same run of text, which it turns around.
TURNED = """(override) => {
  const isolated = (one) => {
    // Each text and each title of a drawing stands by itself.
    if (one.ownerSVGElement) return ['text', 'title'].includes(one.localName)
    const { display, unicodeBidi } = getComputedStyle(one)
    return display !== 'inline' || unicodeBidi.startsWith('isolate') || unicodeBidi === 'plaintext'
  }
  const turned = new Set()
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) {
    if (!walk.currentNode.data.includes(override)) continue
    let run = walk.currentNode.parentElement
    while (!isolated(run)) run = run.parentElement
    const reach = document.createTreeWalker(run, NodeFilter.SHOW_TEXT)
    let said = ''
    while (reach.nextNode()) {
      let one = reach.currentNode.parentElement
      while (one !== run && !isolated(one)) one = one.parentElement
      if (one === run) said += reach.currentNode.data
    }
    const rest = said.slice(said.lastIndexOf(override) + 1)
    const whole = said.replaceAll(override, '<RLO>').slice(0, 300)
    if (rest.trim()) turned.add(`${run.tagName}.${run.getAttribute('class')} ${whole}`)
  }
  return [...turned]
}"""


AUDIT: dict[str, Any] = {
    "audit": {
        "lines": [line_of(1) | {"author": "officer:abe", "why": "no such office"}],
        "before": None,
        "looked_to": line_of(1)["at"],
        "kinds": {},
    },
    "stand": {"lines": 1, "first_at": None, "last_at": None, "anchored_line": None, "anchored_at": None},
    "hours": {"since": None, "tallies": []},
}
OPEN = {"hotline": f"&id={CONVERSATION}", "consult": f"&id={CONSULTATION}"}
# Nobody writes into the node's own description of its doors, which the forms are made from.
WORDLESS = {"form"}


def audited(route: Route) -> None:
    """An audit of one line."""
    route.fulfill(json=poisoned(AUDIT[urlsplit(route.request.url).path.rsplit("/", 1)[1]]))


@pytest.mark.timeout(300)
def test_hostile_words_in_every_text_are_shown_as_text_in_every_room(
    page: Page, feed: Feed, asks: Asks, watched: Watched
) -> None:
    listen_to_the_hostile(page)
    page.route(re.compile(r"/audit(\?|/)"), audited)
    page.goto(f"{feed.url}/talk/")
    tabs = page.locator("[data-room]")
    expect(tabs.first).to_be_visible()
    turned: dict[str, list[str]] = {}
    for room in [*tabs.evaluate_all("all => all.map(one => one.dataset.room)")]:
        if room in WORDLESS:
            continue
        page.evaluate(f"location.hash = 'room={room}{OPEN.get(room, '')}'")
        expect(page.locator(f"[data-room={room}][aria-current=page]")).to_be_visible()
        expect(page.locator("main").get_by_text(HOSTILE).first).to_be_attached()
        rows = page.locator("main aside").get_by_role("button").filter(has_text=HOSTILE)
        if room not in OPEN and rows.count():
            rows.first.click()
        expect(page.locator("main > :not(aside:first-child)").get_by_text(HOSTILE).first).to_be_attached()
        turned[room] = page.evaluate(TURNED, OVERRIDE)
        assert page.locator("img[src=x]").count() == 0, room
        assert page.evaluate("document.body.querySelectorAll('script').length") == 0, room
    assert page.evaluate("window.hits") == []
    assert [one for one in watched.complaints if "Globe" not in one and "ERR_FAILED" not in one] == []
    assert {room: runs for room, runs in turned.items() if runs} == {}
    assert {path for path, *_ in asks} <= {"hotline/shown", "consult/shown-text"}
