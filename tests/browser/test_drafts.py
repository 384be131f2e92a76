"""Nothing typed is lost: over a reload, a lost answer, the end of a session and a browser that keeps nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from tests.browser.access import assert_accessible
from tests.browser.conftest import STATIC, Feed
from tests.browser.talk import CONSULTATION, CONVERSATION
from tests.browser.test_office import Asks, asks
from tests.browser.test_sign_in import beside, come_in
from tests.nodes.door import PASSWORD, Served

from laurel.core.instrument import Role

__all__ = ["asks"]

WRITING = f"/talk/#room=hotline&id={CONVERSATION}"
WORDS = "Half of a sentence that nobody"


# Where a paper is, what must stand there before it is opened, the key or the buttons that open it, and a field of it.
PAPERS: dict[str, tuple[str, str, tuple[str, ...], str]] = {
    "a message": (WRITING, "Write in this conversation", ("n",), "Message"),
    "a new conversation": ("/talk/#room=hotline&id=new", "New conversation", (), "Subject"),
    "a readback": (
        "/talk/#room=docket",
        "Republic of Korea calls",
        ("y",),
        "In your own words: what did you understand?",
    ),
    "a counterword": ("/talk/#room=docket", "Line check waits", ("l",), "Its counterword"),
    "an objection": (f"/talk/#room=consult&id={CONSULTATION}", "Object", ("Object",), "Reason"),
    "a request": (
        "/talk/#room=docket",
        "Gallium",
        ("Request consultation: Gallium: shipments held at the border",),
        "Subject",
    ),
    "a source": ("/talk/#room=region", "Sources", ("Sources", "File a source"), "Words, as they were written"),
    "a taking over": ("/talk/#room=docket", "Docket", ("w", "Take over without an offer"), "Why"),
}


def opened(page: Page, paper: str) -> Locator:
    """The paper lies open: the field that somebody types in."""
    _, there, opens, label = PAPERS[paper]
    field = page.get_by_label(label, exact=True).locator("visible=true").first
    expect(page.get_by_text(there).locator("visible=true").first.or_(field).first).to_be_visible()
    for one in () if field.is_visible() else opens:
        if len(one) == 1:
            page.keyboard.press(one)
        else:
            page.get_by_role("button", name=one, exact=True).or_(page.get_by_text(one, exact=True)).first.click()
    expect(field).to_be_visible()
    return field


@pytest.mark.long
def test_what_is_typed_in_any_paper_outlives_a_reload_and_goes_when_it_is_discarded(
    page: Page, feed: Feed, asks: Asks
) -> None:
    for paper, (address, *_) in PAPERS.items():
        page.goto("about:blank")
        page.goto(feed.url + address)
        opened(page, paper).fill(WORDS)
        expect(page.get_by_text("Kept on this machine until it is said.")).to_be_visible()
        page.reload()
        expect(opened(page, paper), paper).to_have_value(WORDS)
        expect(page.get_by_text(re.compile(r"Draft of \d+ (s|min) ago, kept on this machine\."))).to_be_visible()
        page.get_by_role("button", name="Discard").locator("visible=true").first.click()
        assert kept(page) == [], paper
    assert {path for path, *_ in asks} <= {"hotline/shown", "consult/shown-text"}


def kept(page: Page) -> list[str]:
    """The drafts that the browser keeps."""
    return page.evaluate(
        "Object.entries(localStorage).filter(([name]) => name.startsWith('laurel:draft:')).map(([, text]) => text)"
    )


def write_message(page: Page) -> None:
    """All that a message needs."""
    page.get_by_label("Message", exact=True).fill(WORDS)
    page.get_by_role("combobox", name="Language", exact=True).select_option("English")
    page.get_by_label("Precedence").select_option("IMMEDIATE")
    page.get_by_label("Classification").select_option("SECRET")
    page.get_by_label("Republic of Korea").check()


def test_a_message_whose_answer_was_lost_is_said_again_under_the_same_name(page: Page, feed: Feed, asks: Asks) -> None:
    lost: list[str | None] = []

    def lose(route: Route) -> None:
        lost.append(route.request.headers.get("ask-id"))
        route.abort()

    page.goto(feed.url + WRITING)
    opened(page, "a message")
    write_message(page)
    page.route("**/hotline/send", lose)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert").filter(has_text="The node does not answer.")).to_be_visible()
    page.unroute("**/hotline/send")
    page.reload()
    expect(page.get_by_label("Message", exact=True)).to_have_value(WORDS)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("button", name="Write in this conversation")).to_be_visible()
    assert [name for path, _, name in asks if path == "hotline/send"] == lost
    assert kept(page) == []


def test_an_old_draft_says_how_old_it_is_and_another_officer_finds_none(page: Page, feed: Feed, asks: Asks) -> None:
    del asks
    page.goto(feed.url + WRITING)
    opened(page, "a message").fill(WORDS)
    (text,) = kept(page)
    written = json.loads(text)
    assert written["words"]["text"] == WORDS
    aged = """(ms) => { for (const [name, text] of Object.entries(localStorage)) if (name.startsWith('laurel:draft:'))
        localStorage.setItem(name, JSON.stringify({ ...JSON.parse(text), at_ms: Date.now() - ms })) }"""
    page.evaluate(aged, 12 * 60_000)
    page.reload()
    expect(page.get_by_text("Draft of 12 min ago, kept on this machine.")).to_be_visible()

    def as_another(route: Route) -> None:
        route.fulfill(json={**route.fetch().json(), "officer": "officer:mori"})

    page.route("**/about", as_another)
    page.reload()
    expect(page.get_by_role("button", name="Write in this conversation")).to_be_visible()
    expect(opened(page, "a message")).to_have_value("")


def test_two_windows_of_one_officer_hold_the_same_draft(page: Page, feed: Feed, asks: Asks) -> None:
    del asks
    other = page.context.new_page()
    for window in (page, other):
        window.goto(feed.url + WRITING)
        opened(window, "a message")
    field, beside_it = (one.get_by_label("Message", exact=True) for one in (page, other))
    field.fill(WORDS)
    expect(beside_it).to_have_value(WORDS)
    page.get_by_role("button", name="Discard").click()
    expect(beside_it).to_have_value("")


def test_a_browser_that_keeps_nothing_says_so_and_the_message_is_said_all_the_same(
    page: Page, feed: Feed, asks: Asks
) -> None:
    page.add_init_script("Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }")
    page.goto(feed.url + WRITING)
    opened(page, "a message")
    write_message(page)
    expect(page.get_by_text("Not kept: this browser stores nothing.")).to_be_visible()
    # Another room and back: what this page holds is still there.
    page.evaluate("location.hash = 'room=docket'")
    expect(page.get_by_text("Gallium").first).to_be_visible()
    page.evaluate(f"location.hash = 'room=hotline&id={CONVERSATION}'")
    expect(page.get_by_label("Message", exact=True)).to_have_value(WORDS)
    assert_accessible(page)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("button", name="Write in this conversation")).to_be_visible()
    assert [body["text"] for path, body, _ in asks if path == "hotline/send"] == [WORDS]


def test_who_types_while_the_node_is_gone_sees_how_old_the_page_is_and_goes_on_when_it_is_back(
    page: Page, mortal_feed: Feed, asks: Asks
) -> None:
    page.goto(mortal_feed.url + WRITING)
    text = opened(page, "a message")
    text.press_sequentially("Half of a sentence ")
    mortal_feed.stop()
    expect(page.get_by_text(re.compile(r"What you see is \d s old; reconnecting"))).to_be_visible()
    text.press_sequentially("that nobody")
    expect(page.get_by_text(re.compile(r"What you see is [2-9] s old; reconnecting"))).to_be_visible()
    assert [json.loads(one)["words"]["text"] for one in kept(page)] == [WORDS]
    mortal_feed.start()
    expect(page.get_by_text(re.compile("What you see is"))).to_have_count(0)
    expect(text).to_have_value(WORDS)
    write_message(page)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("button", name="Write in this conversation")).to_be_visible()
    assert [body["text"] for path, body, _ in asks if path == "hotline/send"] == [WORDS]


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Served]:
    if not (STATIC / "index.html").is_file():
        pytest.skip("the console is not built: `make test` builds it, or python hatch_build.py")
    with beside(tmp_path) as node:
        yield node


def test_a_session_that_ends_while_somebody_types_is_opened_again_over_what_is_typed(page: Page, node: Served) -> None:
    come_in(page, node, "watch-1", Role.WATCH_OFFICER, Role.ANALYST)
    page.get_by_role("button", name="Officer watch-1").click()
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The password is set.")).to_be_visible()
    page.keyboard.press("Escape")
    page.evaluate("location.hash = 'room=region'")
    page.get_by_role("button", name="Sources", exact=True).click()
    page.get_by_role("button", name="File a source").click()
    paper = page.get_by_role("dialog").filter(has_text="File a source")
    paper.get_by_label("Title").fill("TEST")
    paper.get_by_label("Words").fill(WORDS)
    before = page.evaluate("performance.timeOrigin")
    node.people.sessions.end_all("watch-1")
    curtain = page.get_by_role("dialog", name="Sign in")
    expect(curtain).to_be_visible()
    assert_accessible(page)
    # Nobody closes it and looks behind it.
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(curtain).to_be_visible()
    curtain.get_by_label("Name").fill("watch-1")
    curtain.get_by_label("Password").fill(PASSWORD)
    curtain.get_by_role("button", name="Sign in", exact=True).click()
    expect(curtain).to_have_count(0)
    expect(paper.get_by_label("Words")).to_have_value(WORDS)
    assert page.evaluate("performance.timeOrigin") == before
    paper.get_by_label("Who published it").fill("TEST press")
    paper.get_by_label("Language").select_option("English")
    paper.get_by_label("Reliability").select_option("B")
    paper.get_by_label("Credibility").select_option("2")
    paper.get_by_label("Classification").select_option("RESTRICTED")
    said = node.records()
    paper.get_by_role("button", name="File it").click()
    expect(paper).to_have_count(0)
    assert node.records() > said
