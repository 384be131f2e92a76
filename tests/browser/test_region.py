"""The region on the screen: who says what with which grade, side by side, and a map that takes no side."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from tests.browser.access import assert_accessible
from tests.browser.conftest import Feed
from tests.browser.region import INCIDENT, JAPANESE, KOREAN, NOTICE, called
from tests.browser.test_office import Asks, asks

__all__ = ["asks"]

REGION = "/talk/#room=region"


def test_the_region_is_a_list_a_map_of_coasts_and_a_plot_of_years(page: Page, feed: Feed, asks: Asks) -> None:
    page.goto(f"{feed.url}{REGION}")
    first = page.locator("[data-incident]").first
    expect(first).to_contain_text("serious, assessed by 2 members")
    expect(first).to_contain_text("Sources B2 C4")
    expect(first).to_contain_text("1 contradiction")
    expect(page.locator("[data-incident]").nth(1)).to_contain_text("time unknown")
    drawn = page.locator("[data-drawn=true]")
    expect(drawn).to_have_attribute("data-places", "4")
    # Names on a map are each member's own: it bears none of a country or a sea.
    expect(drawn.locator("text").filter(has_text="Area A")).to_have_count(1)
    expect(page.locator("[data-year='2022']")).to_contain_text("69")
    expect(page.get_by_role("table", name="Incidents by year").get_by_role("row")).to_have_count(12)
    assert_accessible(page)
    page.get_by_label("Year").select_option("2022")
    first.click()
    expect(page.locator(f"[data-open='{INCIDENT}']")).to_be_visible()
    page.locator(f"[data-incident='{called('past 0')}']").click()
    expect(page.get_by_text("1 source is not here")).to_be_visible()
    assert asks == []


def test_assessments_stand_side_by_side_and_contradictions_are_flagged(page: Page, feed: Feed, asks: Asks) -> None:
    page.goto(f"{feed.url}{REGION}&id={INCIDENT}")
    expect(page.locator("[data-assessed=JPN]")).to_contain_text("serious, high confidence")
    expect(page.locator("[data-assessed=KOR] [lang=ko]").first).to_contain_text("시험용 평가입니다")
    expect(page.locator("[data-assessed=USA]")).to_contain_text("has not assessed it")
    expect(page.locator("[data-flags]")).to_contain_text("(B2) says success")
    korean = page.locator(f"[data-source='{KOREAN}']")
    expect(korean).to_contain_text("B2 usually reliable, probably true KOR")
    expect(korean).to_contain_text("C3 fairly reliable, possibly true USA")
    expect(page.locator(f"[data-source='{JAPANESE}']")).to_contain_text("It does not say when it was published.")
    expect(page.get_by_text("970 km")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Request consultation").click()
    expect(page.get_by_role("dialog")).to_contain_text("Rests on")
    page.keyboard.press("Escape")
    korean.get_by_role("button").click()
    expect(page.locator(f"[data-open='{KOREAN}']")).to_contain_text("Reads as if copied.")
    assert_accessible(page)
    page.locator(f"[data-report='{JAPANESE}']").click()
    expect(page.locator(f"[data-open='{JAPANESE}'] [lang=ja].words")).to_contain_text("明るい物体を二つ見ました")
    assert asks == []


def test_a_notified_launch_shows_its_windows_its_areas_and_its_tracks(page: Page, feed: Feed, asks: Asks) -> None:
    page.goto(f"{feed.url}{REGION}&id={NOTICE}")
    notice = page.locator(f"[data-open='{NOTICE}']")
    expect(notice).to_contain_text("Satellite launch from Esk test range")
    expect(notice).to_contain_text("open now")
    expect(notice.locator("[data-matches]")).to_contain_text("flies as notified. Tracks JPN-1, USA-4")
    expect(notice).to_contain_text("within 20 km")
    expect(notice.get_by_role("button", name="Request consultation")).to_be_enabled()
    assert_accessible(page)
    assert asks == []


def test_an_officer_assesses_and_files_with_a_grade_and_a_label_of_his_own_choice(
    page: Page, feed: Feed, asks: Asks
) -> None:
    page.goto(f"{feed.url}{REGION}&id={INCIDENT}")
    page.get_by_role("button", name="Assess", exact=True).click()
    sheet = page.get_by_role("dialog")
    say = sheet.get_by_role("button", name="Assess", exact=True)
    expect(say).to_be_disabled()
    sheet.get_by_label("Severity").select_option("grave")
    sheet.get_by_label("Confidence").select_option("low")
    sheet.get_by_label("Language").select_option("English")
    sheet.get_by_label("Our assessment").fill("TEST: we hold it to be grave.")
    expect(say).to_be_disabled()
    sheet.get_by_label("Classification").select_option("RESTRICTED")
    sheet.get_by_label("Republic of Korea").check()
    assert_accessible(page)
    say.click()
    expect(sheet).to_be_hidden()
    label = {"classification": "RESTRICTED", "rel_to": ["JPN", "KOR"], "caveats": []}
    assert asks[0][0] == "region/assess-incident"
    assert asks[0][1] == {
        "incident": INCIDENT,
        "severity": "grave",
        "confidence": "low",
        "language": "en",
        "text": "TEST: we hold it to be grave.",
        "attribution": "",
        "place": "",
        "label": label,
    }
    page.get_by_role("button", name="Sources", exact=True).click()
    page.get_by_role("button", name="File a source").click()
    sheet.get_by_label("Title").fill("試験用の記事")
    sheet.get_by_label("Words").fill("試験のために作られた文章です。")
    sheet.get_by_label("Who published it").fill("江須試験新聞")
    sheet.get_by_label("Language").select_option("Japanese")
    sheet.get_by_label("Reliability").select_option("B")
    sheet.get_by_label("Credibility").select_option("2")
    expect(sheet.get_by_role("button", name="File it")).to_be_disabled()
    sheet.get_by_label("Classification").select_option("RESTRICTED")
    sheet.get_by_label("Republic of Korea").check()
    assert_accessible(page)
    sheet.get_by_role("button", name="File it").click()
    expect(sheet).to_be_hidden()
    path, body, _ = asks[1]
    assert path == "region/file-report"
    assert body["label"] == label
    assert (body["report"]["grade"], body["report"]["language"]) == ("B2", "ja")
    assert (body["report"]["read_from"], body["report"]["published_at"]) == ("officer", None)
    assert body["report"]["sha256"] == called("試験のために作られた文章です。")
