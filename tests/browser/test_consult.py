"""A consultation on the screen: what it waits for stands on every page; texts, caveats and votes say what they are."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from tests.browser.access import assert_accessible
from tests.browser.conftest import Feed
from tests.browser.talk import CONSULTATION, TEXT
from tests.browser.test_office import Asks, asks

__all__ = ["asks"]

CONSULT = f"/#room=consult&id={CONSULTATION}"


@pytest.mark.parametrize("room", ["", "#room=hotline", "#room=consult"])
def test_what_a_consultation_waits_for_stands_on_every_page(page: Page, feed: Feed, asks: Asks, room: str) -> None:
    page.goto(f"{feed.url}/provisional/{room}")
    waits = page.locator("[data-course]")
    expect(waits).to_contain_text("Consultation: round 2 of the joint response provisional, waiting for KOR")
    waits.click()
    expect(page.locator("[data-text=provisional]")).to_contain_text("Provisional, waiting for KOR")
    assert asks == []


def test_a_provisional_text_says_for_whom_and_why_it_waits(page: Page, feed: Feed, asks: Asks) -> None:
    page.goto(f"{feed.url}/provisional{CONSULT}")
    text = page.locator("[data-text=provisional]")
    expect(text).to_contain_text("KOR: text delivered, shown to nobody")
    expect(text).to_contain_text("03:00 ago")
    for language in ("en", "ja", "ko"):
        expect(text.locator(f"p[lang={language}]")).to_have_count(2)
    expect(text.locator("ins")).to_have_text([" without notice"])
    expect(text.locator("[data-vote=silent]")).to_contain_text("Japan assented by silence")
    expect(text).to_contain_text("Japan Reservation:")
    # We have assented: nothing more is ours to do with it.
    expect(text.get_by_role("button")).to_have_count(0)
    page.get_by_text("1 earlier text").click()
    broken = page.locator("[data-text=broken]")
    expect(broken).to_contain_text("Broken by KOR: amendment")
    expect(broken.locator("ins")).to_have_text(["over Japan without notice"])
    assert_accessible(page)
    assert asks == []


def test_a_member_whom_a_caveat_forbids_its_part_is_struck_out_and_the_caveat_cited(
    page: Page, feed: Feed, asks: Asks
) -> None:
    page.goto(f"{feed.url}/adopted{CONSULT}")
    expect(page.locator("[data-text=adopted]")).to_contain_text("Adopted 22:11 UTC with 1 reservation")
    forbidden = page.locator("[data-part=JPN]")
    expect(forbidden.locator("s").first).to_have_text("Japan")
    expect(forbidden).to_contain_text(
        "Use of force beyond self-defence (Constitution of Japan, Article 9 (illustration))"
    )
    expect(forbidden).to_contain_text("Open to it: logistical support and surveillance")
    option = page.locator("[data-option]")
    expect(option).to_contain_text("available to Republic of Korea and United States")
    expect(page.locator("[data-response=KOR]")).to_contain_text("after 3:32 min, National Security Office")
    assert_accessible(page)
    assert asks == []


def test_an_officer_who_read_a_text_whole_says_so_and_amends_it_in_its_own_words(
    page: Page, feed: Feed, asks: Asks
) -> None:
    page.goto(f"{feed.url}/talk{CONSULT}")
    text = page.locator("[data-text=open]")
    text.get_by_label("For which office").fill("National Security Secretariat")
    text.get_by_role("button", name="It was shown to me, whole").click()
    text.get_by_role("button", name="Ask for an amendment").click()
    sheet = page.get_by_role("dialog")
    expect(sheet).to_contain_text("This text can then never be adopted")
    english = sheet.get_by_role("textbox", name="English")
    english.fill("We strongly condemn the launch of 4 October, which passed over Japan without notice.")
    expect(sheet.locator("ins")).to_contain_text("strongly")
    assert_accessible(page)
    sheet.get_by_label("Language").select_option("English")
    sheet.get_by_label("Reason").fill("It was the second this month.")
    sheet.get_by_role("button", name="Ask for an amendment").click()
    expect(sheet).to_be_hidden()
    shown, amended = asks
    assert shown[:2] == ("consult/shown-text", {"text": TEXT, "office": "National Security Secretariat"})
    assert amended[0] == "consult/amend"
    assert amended[1] == {
        "text": TEXT,
        "edits": [{"language": "en", "old": " condemn", "new": " strongly condemn"}],
        "language": "en",
        "reason": "It was the second this month.",
    }


def test_a_consultation_is_requested_from_an_alert_without_retyping_it(page: Page, feed: Feed, asks: Asks) -> None:
    page.goto(f"{feed.url}/talk/")
    expect(page.get_by_role("button", name="Request consultation")).to_be_visible()
    page.keyboard.press("q")
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_label("Subject")).to_have_value("A missile is predicted to pass over the territory of JPN.")
    expect(sheet).to_contain_text("Rests on 1 record")
    assert_accessible(page)
    sheet.get_by_label("Republic of Korea").uncheck()
    sheet.get_by_role("button", name="Request", exact=True).click()
    expect(sheet).to_be_hidden()
    ((path, body, _),) = asks
    assert path == "consult/request"
    assert body["label"] == {"classification": "SECRET", "rel_to": ["JPN", "USA"], "caveats": []}
    assert body["sources"][0]["record"] == "5e" * 32
