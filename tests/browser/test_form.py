"""A form for every command: found by a few letters, filled in by keyboard, and kept when it is refused."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from tests.browser.access import assert_accessible
from tests.browser.conftest import Feed, Watched
from tests.browser.test_office import Asks, asks

from laurel.instruments import INSTRUMENTS

__all__ = ["asks"]

ALERT = "ab" * 32
HALT = "/talk/#room=form&id=exercise%2Fhalt"
ACKNOWLEDGE = "/talk/#room=form&id=warning%2Facknowledge-alert"


def sheet(page: Page, name: str) -> Locator:
    """The form of a command, open."""
    region = page.get_by_role("region", name=name)
    expect(region.get_by_role("heading", name=name)).to_be_visible(timeout=60_000)
    return region


def test_a_command_is_found_filled_in_and_asked_by_keyboard(page: Page, feed: Feed, asks: Asks) -> None:
    page.goto(f"{feed.url}{HALT}")
    sheet(page, "Halt")
    page.keyboard.press("Control+k")
    page.get_by_role("dialog").get_by_role("combobox").fill("acknowledge-alert")
    expect(page.locator("[data-find='form.warning/acknowledge-alert']")).to_be_visible()
    page.keyboard.press("Enter")
    form = sheet(page, "Acknowledge alert")
    expect(form).to_contain_text("Tell all who have this alert that your office has read it.")
    expect(form).to_contain_text("watch officer")
    assert_accessible(page)
    alert, office = form.get_by_label("Alert"), form.get_by_label("Office")
    alert.focus()
    page.keyboard.type("ab")
    page.keyboard.press("Enter")
    expect(form.get_by_role("alert")).to_have_text("2 fields have to be mended first.")
    expect(alert).to_be_focused()
    expect(alert).to_have_accessible_description("The id of a record has 64 digits and letters a to f.")
    assert_accessible(page)
    assert asks == []
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(ALERT)
    page.keyboard.press("Tab")
    expect(office).to_be_focused()
    page.keyboard.type("Cabinet Secretariat")
    page.keyboard.press("Enter")
    expect(form.get_by_text("Proposed; it waits for another officer.")).to_contain_text(ALERT)
    ((path, body, name),) = asks
    assert (path, body) == ("warning/acknowledge-alert", {"alert": ALERT, "office": "Cabinet Secretariat"})
    assert name is not None
    expect(alert).to_have_value("")


def test_what_is_refused_stays_as_typed_beside_its_reason_and_is_asked_again_under_the_same_name(
    page: Page, feed: Feed, asks: Asks
) -> None:
    del asks
    names: list[str | None] = []

    def refuse(route: Route) -> None:
        names.append(route.request.headers.get("ask-id"))
        facts = {"field": "office", "must_be": "an office <b>here</b>"}
        mistake = {"error": "BadField", "says": "a field is wrong", "facts": facts, "remedy": "correct it"}
        route.fulfill(status=400, json=mistake)

    page.route("**/warning/acknowledge-alert", refuse)
    page.goto(f"{feed.url}{ACKNOWLEDGE}")
    form = sheet(page, "Acknowledge alert")
    form.get_by_label("Alert").fill(ALERT)
    form.get_by_label("Office").fill("Cabinet Secretariat")
    for _ in range(2):
        with page.expect_response("**/warning/acknowledge-alert"):
            form.get_by_role("button", name="Say it").click()
        expect(form.get_by_role("alert")).to_contain_text("(field: office, must_be: an office <b>here</b>)")
        expect(form.get_by_label("Office")).to_have_accessible_description("Must be an office <b>here</b>.")
        expect(form.get_by_label("Office")).to_be_focused()
    assert_accessible(page)
    page.reload()
    expect(sheet(page, "Acknowledge alert").get_by_label("Office")).to_have_value("Cabinet Secretariat")
    assert len(set(names)) == 1


@pytest.mark.long
@pytest.mark.parametrize("language", ["en", "ja", "ko"])
def test_every_command_has_a_form_in_the_language_of_the_page(
    page: Page, feed: Feed, watched: Watched, language: str
) -> None:
    page.goto(f"{feed.url}{HALT}&lang={language}")
    expect(page.locator(".sheet h2")).to_be_visible(timeout=60_000)
    commands = page.locator("[data-form]")
    assert commands.count() == sum(one.for_people for instrument in INSTRUMENTS for one in instrument.commands)
    for command in commands.all():
        command.click()
        expect(page.locator(".sheet h2")).to_have_text(command.inner_text())
        # What is chosen from is said as it stands in the record, and what is typed in a terminal as it is typed.
        said = page.locator(".sheet [lang]:not(option, code)").evaluate_all("all => all.map((one) => one.lang)")
        assert set(said) == {language}
    assert watched.complaints == []


def test_in_a_replay_a_form_says_nothing_and_never_that_it_is_real(page: Page, feed: Feed, asks: Asks) -> None:
    page.goto(f"{feed.url}/midflight.replay/#room=form&id=warning%2Fissue-public-alert")
    form = sheet(page, "Issue public alert")
    expect(form).to_contain_text("REPLAY")
    expect(form).to_contain_text("A replay says nothing. To act, go back to the live world.")
    expect(form).not_to_contain_text("This is real.")
    expect(form.get_by_role("button", name="Propose it")).to_have_count(0)
    form.get_by_role("textbox").first.fill(ALERT)
    page.keyboard.press("Enter")
    expect(form.get_by_role("alert")).to_have_count(0)
    assert asks == []
    assert_accessible(page)


def test_a_form_says_before_the_act_in_which_world_it_is_and_that_it_takes_two(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/talk/#room=form&id=warning%2Fissue-public-alert")
    form = sheet(page, "Issue public alert")
    expect(form).to_contain_text("LIVE: wake the public")
    expect(form).to_contain_text("Takes two persons: this only proposes it.")
    expect(form.get_by_role("button", name="Propose it")).to_be_visible()
    assert_accessible(page)
    page.goto(f"{feed.url}/talk/#room=form&id=nothing%2Fhere")
    expect(page.get_by_text("This node has no such command. Choose one from the list.")).to_be_visible(timeout=60_000)
