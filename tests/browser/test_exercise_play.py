"""Play as exercise control steers it from the console: the MSEL, the clock, the start, areas without play."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, Request, Route, expect
from tests.browser.access import assert_accessible
from tests.browser.conftest import Feed, Watched

PLAY = "calm.freedom-27"


def opened(page: Page, feed: Feed, scene: str = PLAY, address: str = "") -> None:
    page.goto(f"{feed.url}/{scene}/#room=exercise{address}")
    expect(page.locator("[data-play]")).to_have_attribute("data-play", "running")


def said(page: Page, path: str) -> Any:
    """Waits for that ask in a `with`; its body is read from `value`."""

    def asks(request: Request) -> bool:
        return request.method == "POST" and request.url.endswith(path)

    return page.expect_request(asks)


def body(caught: Any) -> dict[str, Any]:
    text = caught.value.post_data
    assert text is not None
    found: dict[str, Any] = json.loads(text)
    return found


def test_every_inject_and_answer_stands_in_its_state_in_words_and_shape(
    page: Page, feed: Feed, watched: Watched
) -> None:
    opened(page, feed)
    shown = {row.get_attribute("data-inject"): row.get_attribute("data-state") for row in _all(page, "[data-inject]")}
    assert shown == {
        "call": "gone",
        "more": "gone",
        "wrong": "refused",
        "left-out": "skipped",
        "advisory": "gone",
        "called": "called",
        "second": "due",
        "by-hand": "by-hand",
        "joint": "waits",
    }
    verdicts = {
        row.get_attribute("data-expected"): row.get_attribute("data-verdict") for row in _all(page, "[data-expected]")
    }
    assert verdicts == {
        "ack-jpn": "done",
        "ack-kor": "late",
        "consult-jpn": "missed",
        "sighting-kor": "awaited",
        "second-jpn": "not asked",
    }
    expect(page.locator("[data-expected=ack-kor]")).to_contain_text("3:40 min of 2:00 min")
    expect(page.locator("[data-inject=second]")).to_contain_text("Due in 14 min")
    expect(page.locator("[data-inject=wrong]")).to_contain_text("this field of the ask is wrong")
    expect(page.locator("[data-inject=left-out]")).to_contain_text("<b>today</b>")
    expect(page.locator("[data-mark]")).to_have_count(7)
    expect(page.locator("[data-bar]")).to_have_count(5)
    assert_accessible(page)
    assert watched.complaints == []


def _all(page: Page, of: str) -> list[Any]:
    expect(page.locator(of).first).to_be_visible()
    return page.locator(of).all()


def test_control_calls_and_skips_an_inject_with_the_keyboard_alone(page: Page, feed: Feed) -> None:
    opened(page, feed)
    row = page.locator("[data-inject=call] button")
    row.focus()
    for _ in range(6):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{feed.url}/{PLAY}/#room=exercise&id=play%3Asecond")
    expect(page.locator("[data-open=second]")).to_contain_text("hotline/send")
    page.keyboard.press("g")
    expect(page.get_by_role("dialog")).to_contain_text("An inject goes once")
    with said(page, "exercise/call") as call:
        page.get_by_role("dialog").get_by_role("button", name="Call now").press("Enter")
    everyone = {"classification": "UNCLASSIFIED", "rel_to": ["JPN", "KOR", "USA"], "caveats": []}
    assert body(call) == {"inject": "second", "label": everyone}
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("x")
    skip = page.get_by_role("dialog").get_by_role("button", name="Skip")
    expect(skip).to_be_disabled()
    page.get_by_label("Why").fill("no time")
    with said(page, "exercise/skip") as skipped:
        page.keyboard.press("Enter")
    assert body(skipped) == {"inject": "second", "why": "no time", "label": everyone}
    page.go_back()
    expect(page.locator("[data-open]")).to_have_count(0)


def test_what_is_over_and_what_is_another_members_can_be_left_out(page: Page, feed: Feed) -> None:
    opened(page, feed)
    expect(page.locator("[data-inject]")).to_have_count(9)
    page.keyboard.press("o")
    expect(page.locator("[data-inject]")).to_have_count(5)
    expect(page.locator("[data-inject=advisory]")).to_be_visible()
    page.get_by_label("Member").select_option("KOR")
    expect(page.locator("[data-inject]")).to_have_count(3)
    expect(page.get_by_text("3 of 9 shown")).to_be_visible()


def test_the_clock_pauses_by_one_key_and_a_jump_names_what_it_passes_over(page: Page, feed: Feed) -> None:
    opened(page, feed)
    with said(page, "exercise/set-clock") as paused:
        page.keyboard.press("u")
    assert body(paused)["rate"] == 0
    page.keyboard.press("t")
    paper = page.get_by_role("dialog")
    paper.get_by_label("Pace").fill("a lot")
    expect(paper.get_by_role("alert")).to_have_text("Write a number from 0 to 1000.")
    paper.get_by_label("Pace").fill("20")
    paper.get_by_label("Jump forward").fill("2022-10-03 21:00")
    expect(paper.get_by_role("alert")).to_contain_text("The clock never goes back.")
    paper.get_by_label("Jump forward").fill("2022-10-03 22:30")
    over = paper.locator("[data-over]")
    expect(over).to_contain_text("1 inject is jumped over and goes at once:")
    expect(over).to_contain_text("A second warning")
    expect(over).to_contain_text("A sighting is said, or that there is none")
    assert_accessible(page)
    with said(page, "exercise/set-clock") as jumped:
        paper.get_by_role("button", name="Jump").press("Enter")
    assert (body(jumped)["exercise_at"], body(jumped)["rate"]) == ("2022-10-03T22:30:00.000Z", 20)


def test_the_plan_that_was_planned_is_started_dry_or_with_people(page: Page, feed: Feed) -> None:
    opened(page, feed, "launch.freedom-27")
    expect(page.get_by_text("No plan is played yet.")).to_be_visible()
    page.keyboard.press("s")
    paper = page.get_by_role("dialog")
    expect(paper).to_contain_text("Version 3 of the plan, said by Republic of Korea")
    expect(paper).to_contain_text("WARNING")
    paper.get_by_label("Dry run").check()
    with said(page, "exercise/start") as start:
        paper.get_by_role("button", name="Start the dry run").press("Enter")
    assert body(start)["dry"] is True
    assert body(start)["plan"].lstrip().startswith('title = "Freedom 27, first day"')


def test_who_is_trained_sees_how_play_stands_and_nothing_of_the_plan(page: Page, feed: Feed) -> None:
    opened(page, feed, "raid.freedom-27")
    expect(page.get_by_text("Who is trained does not read the plan.")).to_be_visible()
    expect(page.locator("[data-inject]")).to_have_count(0)
    expect(page.get_by_role("button", name="Set the clock")).to_have_count(0)
    assert_accessible(page)


def test_who_only_reads_the_plan_is_told_why_nothing_can_be_done(page: Page, feed: Feed) -> None:
    def auditor(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "roles": ["auditor"]})

    page.route("**/sign-in/session", auditor)
    opened(page, feed, address="&id=play:second")
    expect(page.get_by_text("Exercise control alone steers play.")).to_be_visible()
    expect(page.locator("[data-open=second]")).to_be_visible()
    for name in ("Call now", "Skip", "Pause", "Start the plan"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)


def test_an_area_without_play_is_drawn_added_and_taken_back(page: Page, feed: Feed, watched: Watched) -> None:
    opened(page, feed)
    page.keyboard.press("]")
    ours, theirs = page.locator("[data-area]").first, page.locator("[data-area]").nth(1)
    expect(ours).to_contain_text("In force")
    expect(theirs).to_contain_text("Later")
    expect(page.locator("svg[data-places='2']")).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("v")
    paper = page.get_by_role("dialog")
    paper.get_by_role("button", name="Add an area").press("Enter")
    expect(paper).to_contain_text("Write 3 to 100 lines")
    paper.get_by_label("Name").fill("Range <i>A</i>")
    paper.get_by_label("Corners").fill("35.5 139.75\n35.5 140.5\n35 140.5")
    paper.get_by_label("From").fill("2022-10-04 01:00")
    paper.get_by_label("To (UTC)").fill("2022-10-04 03:00")
    paper.get_by_label("Why").fill("a real launch")
    with said(page, "exercise/no-play") as added:
        paper.get_by_role("button", name="Add an area").press("Enter")
    assert body(added)["corners_deg"] == [[35.5, 139.75], [35.5, 140.5], [35, 140.5]]
    expect(paper).to_have_count(0)
    theirs.press("Enter")
    expect(page.get_by_role("button", name="Take back")).to_have_count(0)
    ours.press("Enter")
    page.keyboard.press("r")
    paper.get_by_label("Why").fill("said too early")
    with said(page, "line/retract") as retracted:
        page.keyboard.press("Enter")
    assert body(retracted) == {"record": f"{1:064x}", "reason": "said too early"}
    assert watched.complaints == []


@pytest.mark.parametrize("language", ["ja", "ko"])
def test_play_and_areas_fit_and_are_accessible_in_every_language(page: Page, feed: Feed, language: str) -> None:
    opened(page, feed, address=f"&id=play:second&lang={language}")
    expect(page.locator("[data-open=second]")).to_be_visible()
    assert page.evaluate("document.querySelector('main').scrollWidth <= document.querySelector('main').clientWidth")
    assert_accessible(page)
    page.goto(f"{feed.url}/{PLAY}/#room=exercise&id=areas&lang={language}")
    expect(page.locator("[data-area]").first).to_be_visible()
    assert_accessible(page)


def test_who_was_led_to_the_live_picture_reads_what_was_halted_by_whom_why_and_what_now(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/calm/#sheet=halted:freedom-26")
    paper = page.get_by_role("dialog", name="REAL WORLD")
    for words in (
        "EXERCISE freedom-26 is halted",
        "a real launch",
        "Halted by kim, Republic of Korea, at 22:22:00Z",
        "What this page shows is real.",
        "take up your duty",
    ):
        expect(paper).to_contain_text(words)
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(paper).to_have_count(0)
    expect(page.locator("[data-strip]")).to_contain_text("LIVE")
