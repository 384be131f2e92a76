"""Planning, hot-wash and the end of exercises on the screen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect
from tests.browser.access import assert_accessible
from tests.browser.conftest import Feed
from tests.browser.excon import SAID
from tests.browser.learn import PLAN, SEEN
from tests.browser.talk import CONSULTATION
from tests.browser.test_office import Asks

PLANNING = "/calm/#room=exercise&id=plan:freedom-27"
WASH = "/calm.freedom-27/#room=exercise&id=wash"
ALL = "/calm/#room=exercise&id=all"
EVERYONE = {"classification": "UNCLASSIFIED", "rel_to": ["JPN", "KOR", "USA"], "caveats": []}
ENDED = {
    "exercise": "freedom-26",
    "ended": True,
    "playing": ["KOR"],
    "archive": "camp-david.freedom-26.jsonl",
    "archive_sha256": "8e" * 32,
    "records": 12,
    "record": "ab" * 32,
}


@pytest.fixture
def said(page: Page) -> Iterator[Asks]:
    """What the page says; a plan is checked by the feed."""
    made = Asks()
    going = iter([{**ENDED, "ended": False, "archive": None}])

    def take(route: Route) -> None:
        request = route.request
        if request.method != "POST" or request.url.endswith("exercise/check"):
            route.fallback()
            return
        path = urlsplit(request.url).path.split("/", 2)[2]
        made.append((path, json.loads(request.post_data or ""), request.headers.get("ask-id")))
        ends = path.startswith("exercise/end-here")
        route.fulfill(json=next(going, ENDED) if ends else {"records": ["ab" * 32], "again": False, "waits": False})

    page.route("**/*", take)
    yield made
    page.unroute("**/*")


def test_a_plan_is_checked_while_one_types_and_a_finding_leads_to_its_line(page: Page, feed: Feed, said: Asks) -> None:
    page.goto(feed.url + PLANNING)
    text = page.get_by_label("Text of the plan (TOML)")
    expect(text).to_have_value(PLAN)
    expect(page.locator("[data-errors='0']")).to_be_visible()
    outline = page.locator("[data-outline]")
    expect(outline).to_contain_text("Freedom 27, first day")
    expect(outline.get_by_role("row").nth(1)).to_contain_text("0:01:00")
    assert_accessible(page)
    text.fill(PLAN.replace('cell = "control"', 'cell = "nobody"', 1))
    error = page.locator("[data-finding=ERROR]").first
    expect(error).to_contain_text("nobody is no cell of this plan")
    error.get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(text).to_be_focused()
    line = next(n for n, row in enumerate(PLAN.splitlines(), 1) if row == 'id = "launch"')
    assert (
        page.evaluate("document.activeElement.value.slice(0, document.activeElement.selectionStart)").count("\n")
        == line - 1
    )
    # Tab leaves the text.
    page.keyboard.press("Tab")
    expect(text).not_to_be_focused()
    text.fill("title = ")
    expect(page.locator("[data-finding=ERROR]")).to_contain_text("this exercise plan cannot be read")
    assert_accessible(page)
    assert said == []


def test_a_plan_is_said_once_with_its_version_and_a_newer_one_is_told(page: Page, feed: Feed, said: Asks) -> None:
    page.goto(feed.url + PLANNING)
    text = page.get_by_label("Text of the plan (TOML)")
    expect(text).to_have_value(PLAN)
    mine = PLAN.replace("first day", "second day")
    text.fill(mine)
    expect(page.locator("[data-outline]")).to_contain_text("second day")

    def newer(route: Route) -> None:
        route.fulfill(json={**route.fetch().json(), "version": 4, "member": "KOR"})

    page.route("**/exercise/planned*", newer)
    expect(page.get_by_text("Version 4 was said meanwhile. What you type is based on version 3")).to_be_visible()
    page.reload()
    expect(text).to_have_value(mine)
    expect(page.get_by_text("Version 4 was said meanwhile.")).to_be_visible()
    page.get_by_role("button", name="Say this version").click()
    paper = page.get_by_role("dialog")
    expect(paper).to_contain_text("Version 5 of the plan of freedom-27")
    expect(paper).to_contain_text("Version 4, which another officer said meanwhile")
    assert_accessible(page)
    paper.get_by_role("button", name="Say version 5 of the plan").click()
    expect(paper).to_have_count(0)
    assert [(path, body) for path, body, _ in said] == [
        ("exercise/plan", {"exercise": "freedom-27", "plan": mine, "label": EVERYONE})
    ]


def test_the_plan_of_an_exercise_is_read_and_not_written_in_its_world(page: Page, feed: Feed, said: Asks) -> None:
    page.goto(feed.url + "/calm.freedom-27/#room=exercise&id=plan")
    text = page.get_by_label("Text of the plan (TOML)")
    expect(text).to_have_value(SAID)
    assert text.get_attribute("readonly") is not None
    expect(page.get_by_role("button", name="Say this version")).to_have_count(0)
    assert said == []


def test_anybody_observes_from_any_room_of_an_exercise_by_one_key(page: Page, feed: Feed, said: Asks) -> None:
    page.goto(feed.url + "/calm/#room=docket")
    expect(page.locator("[data-room=docket]")).to_be_visible()
    page.keyboard.press("Shift+O")
    expect(page.locator("[data-why]")).to_contain_text("Only in an exercise.")
    page.goto(feed.url + "/calm.freedom-27/#room=docket")
    expect(page.locator("[data-room=docket]")).to_be_visible()
    page.keyboard.press("Shift+O")
    paper = page.get_by_role("dialog")
    say = paper.get_by_role("button", name="Observe")
    paper.get_by_label("To improve").check()
    paper.get_by_label("What was seen").fill("TEST: nobody read it back.")
    paper.get_by_label("Language").select_option("English")
    paper.get_by_label("Objective").select_option("warn")
    paper.get_by_text("Records that show it").click()
    paper.get_by_label("Or ids of records").fill(f"{'c3' * 32} {'d4' * 32}")
    expect(say).to_be_disabled()
    paper.get_by_label("Classification").select_option("UNCLASSIFIED")
    paper.get_by_label("Republic of Korea").check()
    assert_accessible(page)
    say.click()
    expect(paper).to_have_count(0)
    assert [(path, body) for path, body, _ in said] == [
        (
            "exercise/observe",
            {
                "finding": "to improve",
                "text": "TEST: nobody read it back.",
                "language": "en",
                "objective": "warn",
                "about": ["c3" * 32, "d4" * 32],
                "label": {**EVERYONE, "rel_to": ["JPN", "KOR"]},
            },
        )
    ]


def test_what_shows_it_is_chosen_from_what_was_said_and_a_wrong_id_is_refused_in_words(
    page: Page, feed: Feed, said: Asks
) -> None:
    page.goto(f"{feed.url}/talk.freedom-27/#room=consult&id={CONSULTATION}&sheet=observe")
    paper = page.get_by_role("dialog")
    ids = paper.get_by_label("Or ids of records")
    paper.get_by_label("What lies open in this room").check()
    expect(ids).to_have_value(CONSULTATION)
    expect(paper.get_by_text("Beacon seen in two countries")).to_be_visible()
    paper.get_by_label("Find in what was said").fill("Tohoku")
    message = paper.locator(f"[data-cite='{'00' * 32}']")
    message.check()
    expect(paper.get_by_text("2 cited")).to_be_visible()
    ids.press("End")
    ids.press_sequentially(" d4d4")
    expect(paper.get_by_role("alert")).to_contain_text("“d4d4”: no id of a record.")
    paper.get_by_label("Strength").check()
    paper.get_by_label("What was seen").fill("TEST: they asked at once.")
    paper.get_by_label("Language").select_option("English")
    paper.get_by_label("Classification").select_option("UNCLASSIFIED")
    say = paper.get_by_role("button", name="Observe")
    expect(say).to_be_disabled()
    assert_accessible(page)
    ids.fill(f"{CONSULTATION} {'00' * 32}")
    message.uncheck()
    expect(ids).to_have_value(CONSULTATION)
    say.click()
    expect(paper).to_have_count(0)
    assert [body["about"] for _, body, _ in said] == [[CONSULTATION]]


def test_the_hot_wash_sets_the_members_side_by_side_and_takes_ours(page: Page, feed: Feed, said: Asks) -> None:
    page.goto(feed.url + WASH)
    expect(page.locator("[data-observed]").last).to_contain_text(SEEN)
    warn = page.locator("[data-objective=warn]")
    expect(warn.locator("[data-rated]").nth(0)).to_contain_text("performed")
    expect(warn.locator("[data-rated]").nth(1)).to_have_text("not rated")
    expect(page.locator("[data-agreement]")).to_have_text("Of 2 objectives, members agree on 0 and differ on 1.")
    expect(warn.locator("[data-agrees=differ]")).to_contain_text("P (performed) to S (performed with some challenges)")
    expect(page.locator("[data-objective=consult] [data-agrees=alone]")).to_contain_text("One member has rated.")
    expect(page.locator("[data-act]")).to_contain_text("Japan, Operations centre, until 2022-12-02")
    assert_accessible(page)
    page.locator("[data-objective=consult]").get_by_role("button").click()
    paper = page.get_by_role("dialog")
    paper.get_by_label("Rating").select_option("S")
    paper.get_by_label("Language").select_option("English")
    paper.get_by_label("Why").fill("TEST: it took long.")
    paper.get_by_label("Classification").select_option("UNCLASSIFIED")
    paper.get_by_role("button", name="Rate").click()
    expect(paper).to_have_count(0)
    page.keyboard.press("d")
    paper.get_by_label("What is to be done").fill("TEST: drill it.")
    paper.get_by_label("By which member").select_option("KOR")
    paper.get_by_label("By which office").fill("Operations centre")
    paper.get_by_label("Until").fill("2027-06-01")
    paper.get_by_label("Classification").select_option("UNCLASSIFIED")
    assert_accessible(page)
    paper.get_by_role("button", name="Propose an action").click()
    expect(paper).to_have_count(0)
    assert [path for path, *_ in said] == ["exercise/rate", "exercise/propose-action"]
    assert said[1][1]["due"] == "2027-06-01T00:00:00Z"


def test_every_member_is_told_as_it_stands_and_who_is_not_of_control_is_told_why_not(page: Page, feed: Feed) -> None:
    def watching(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "roles": ["watch-officer"]})

    page.goto(feed.url + ALL)
    going, halted = page.locator("[data-exercise=freedom-27]"), page.locator("[data-exercise=freedom-26]")
    expect(going.locator("[data-stands]")).to_have_text(
        ["Japan: takes part", "Republic of Korea: does not take part", "United States: takes part"]
    )
    expect(halted.locator("[data-stands=halted]")).to_have_count(3)
    expect(halted).to_contain_text("Who is cut off plays on until the word comes there.")
    expect(going.get_by_role("button", name="End it here")).to_be_visible()
    page.route("**/sign-in/session", watching)
    page.reload()
    expect(going).to_contain_text("Exercise control alone ends it here.")
    expect(page.get_by_role("button", name="End it here")).to_have_count(0)
    expect(going.get_by_role("link", name="Go to the exercise")).to_be_visible()
    assert_accessible(page)
    page.goto(feed.url + WASH)
    expect(page.get_by_text("Exercise control alone rates.")).to_be_visible()
    expect(page.get_by_role("button", name="Rate")).to_have_count(0)
    expect(page.get_by_role("button", name="Propose an action")).to_be_visible()


def test_the_end_says_what_it_does_and_who_still_plays_and_waits_until_it_has_come(
    page: Page, feed: Feed, said: Asks
) -> None:
    page.goto(feed.url + ALL)
    going = page.locator("[data-exercise=freedom-27]")
    expect(going.locator("[data-stands=joined]")).to_have_count(2)
    expect(page.locator("[data-archive=freedom-25]")).to_contain_text("4.0 MB, 4153 records")
    assert_accessible(page)
    going.get_by_role("button", name="End it here").click()
    paper = page.get_by_role("dialog")
    expect(paper).to_contain_text("May still play: United States.")
    end = paper.get_by_role("button", name="End it here")
    expect(end).to_be_disabled()
    paper.get_by_label("it cannot be undone").check()
    assert_accessible(page)
    end.click()
    expect(paper.locator("[data-end=ending]")).to_contain_text("Archiving and verifying.")
    expect(paper.locator("[data-end=ended]")).to_contain_text("camp-david.freedom-26.jsonl")
    (path, _, name), (_, _, again) = said
    assert path == "exercise/end-here/freedom-27"
    assert name == again
