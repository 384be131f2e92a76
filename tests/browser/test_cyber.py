"""The cyber room: what several saw comes first, each object says how far it may go, and one asks to consult."""

from __future__ import annotations

from urllib.parse import quote

from playwright.sync_api import Page, expect
from tests.browser.access import assert_accessible
from tests.browser.conftest import Feed, Watched
from tests.browser.cyber import INDICATOR, MALWARE, NEWER, SUBJECT
from tests.browser.test_office import Asks, asks

__all__ = ["asks"]

ROOM = "/talk/#room=cyber"


def test_what_several_saw_comes_first_and_says_who_saw_it_when(
    page: Page, feed: Feed, watched: Watched, asks: Asks
) -> None:
    page.goto(f"{feed.url}{ROOM}")
    page.locator("[data-event]").click()
    sheet = page.get_by_role("region", name="Beacon of a loader for maintenance laptops")
    expect(sheet).to_contain_text("Seen by Japan and Republic of Korea")
    expect(sheet.locator("[data-banner]")).to_have_text("RESTRICTED//REL TO USA, JPN, KOR")
    rows = sheet.locator("[data-sighting]")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("Republic of Korea2022-10-03")
    expect(sheet.locator("circle")).to_have_count(3)
    assert_accessible(page)
    assert asks == []
    assert watched.complaints == []


def test_a_consultation_is_requested_about_what_several_saw(page: Page, feed: Feed, asks: Asks) -> None:
    page.goto(f"{feed.url}{ROOM}&id={quote(f'event:{SUBJECT}')}")
    with page.expect_request("**/consult/ready?**") as asked:
        page.get_by_role("button", name="Request consultation").click()
    assert quote(SUBJECT, safe="") in asked.value.url.replace("+", "%20")
    expect(page.get_by_role("dialog")).to_contain_text("Any one member may request")
    assert asks == []


def test_an_advisory_is_read_in_its_languages_and_leads_to_its_objects(page: Page, feed: Feed, asks: Asks) -> None:
    page.goto(f"{feed.url}{ROOM}&id=advisory:{NEWER}")
    sheet = page.get_by_role("region", name="Maintenance laptops at ports")
    for language in ("ja", "ko"):
        expect(sheet.locator(f"section[lang={language}]")).to_have_count(1)
    expect(sheet.get_by_role("button", name="Request consultation")).to_be_visible()
    assert_accessible(page)
    sheet.get_by_role("button", name=MALWARE).click()
    expect(page.get_by_role("heading", name="Crane loader")).to_be_visible()
    # What was replaced says so, and nobody consults about it.
    page.locator("[data-shelf=advisory]").click()
    page.get_by_role("button", name="Scans of port equipment").click()
    old = page.get_by_role("region", name="Scans of port equipment")
    expect(old).to_contain_text("replaced by a newer one")
    expect(old.get_by_role("button", name="Request consultation")).to_have_count(0)
    assert asks == []


def test_an_object_is_found_by_words_and_shows_its_versions_marks_and_relations(
    page: Page, feed: Feed, asks: Asks
) -> None:
    page.goto(f"{feed.url}{ROOM}")
    page.locator("[data-shelf=object]").click()
    expect(page.locator("[data-object]")).to_have_count(3)
    page.get_by_label("Search the objects").fill("beacon")
    expect(page.locator("[data-object]")).to_have_count(1)
    page.locator(f"[data-object='{INDICATOR}']").click()
    versions = page.locator("[data-version]")
    expect(versions).to_have_count(2)
    expect(versions.first).to_contain_text("TLP:AMBER")
    expect(versions.first).to_contain_text("Marked TLP:GREEN by KOR, but TLP:AMBER by JPN: the stricter stands.")
    versions.first.get_by_text("The object as its author wrote it").click()
    expect(versions.first.locator("pre")).to_contain_text('"type": "indicator"')
    expect(page.get_by_role("row", name="intrusion-set")).to_contain_text("not here")
    assert_accessible(page)
    page.get_by_role("button", name="Crane loader").last.click()
    expect(page.get_by_role("heading", name="Crane loader")).to_be_visible()
    assert asks == []
