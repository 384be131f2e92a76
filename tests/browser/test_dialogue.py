"""The dialogue on the screen: years at a glance, a meeting in its languages, judgements side by side."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from tests.browser import years
from tests.browser.access import assert_accessible
from tests.browser.conftest import Feed, Watched
from tests.browser.test_office import Asks, asks

__all__ = ["asks"]


def test_the_years_show_what_is_overdue_and_a_series_what_its_members_owe(
    page: Page, feed: Feed, asks: Asks, watched: Watched
) -> None:
    page.goto(f"{feed.url}/calm/#room=dialogue")
    expect(page.get_by_role("button", name=f"Meeting series {years.series_overdue()} overdue")).to_be_visible()
    leaders = page.locator("[data-years=leaders]")
    expect(leaders.get_by_role("img", name="Leaders: overdue since, Nov 15, 2025")).to_be_visible()
    expect(leaders.get_by_role("img", name="Leaders' Meeting in Lima: held, Nov 15, 2024")).to_be_visible()
    assert_accessible(page)
    page.locator("[data-series=secretariat]").click()
    detail = page.get_by_role("region", name="Dialogue")
    expect(detail).to_contain_text("Republic of Korea until Nov 20, 2026")
    expect(detail).to_contain_text("no frequency was promised")
    page.locator("[data-series=defence-ministers]").click()
    expect(detail).to_contain_text("At least every 12 months; overdue since Jul 28, 2025")
    expect(detail).to_contain_text("next Republic of Korea")
    expect(detail.get_by_role("link", name="Jiji Press")).to_have_attribute("rel", "noopener noreferrer")
    assert_accessible(page)
    assert watched.complaints == []
    assert asks == []


def test_a_meeting_has_its_minutes_in_each_language_and_what_was_agreed(page: Page, feed: Feed, asks: Asks) -> None:
    page.goto(f"{feed.url}/calm/#room=dialogue&id={years.meeting_of(years.LAST_WEEK)}")
    detail = page.get_by_role("region", name="Dialogue")
    expect(detail.get_by_role("heading", name=years.LAST_WEEK)).to_be_visible()
    expect(detail).to_contain_text("there Jan 8, 12:00 GMT+9")
    for language in ("ko", "en", "ja"):
        expect(detail.locator(f"p.text[lang={language}]")).to_have_count(1)
    expect(detail.locator("li span[lang=ko]").first).to_have_text("암호화폐 절취 대응")
    expect(detail).to_contain_text("企業向け説明会を開く")
    assert_accessible(page)
    detail.get_by_role("button", name="The one before").click()
    expect(detail.get_by_role("heading", name="Cyber Working Group in Tokyo")).to_be_visible()
    detail.get_by_role("button", name="Request consultation").click()
    expect(page.get_by_role("dialog")).to_contain_text("Rests on")
    assert asks == []


def test_judgements_stand_side_by_side_and_an_officer_adds_his(page: Page, feed: Feed, asks: Asks) -> None:
    page.goto(f"{feed.url}/calm/#room=dialogue")
    page.get_by_role("button", name="Commitments").click()
    promise = years.commitment_of("JPN", years.WARNING)
    row = page.locator(f"[data-promise='{promise}']")
    expect(row.locator(".score")).to_have_text(["not judged·", "+1", "0"])
    assert_accessible(page)
    row.get_by_role("button").click()
    expect(page.locator("[data-review=KOR]")).to_contain_text("+1")
    expect(page.locator("[data-review=KOR] [lang=ko]")).to_contain_text("가동 중이다")
    expect(page.locator("[data-review=JPN]")).to_contain_text("not judged")
    assert_accessible(page)
    page.get_by_role("button", name="Review", exact=True).click()
    sheet = page.get_by_role("dialog")
    expect(sheet).to_contain_text("Goes to all who have the commitment: UNCLASSIFIED//REL TO USA, JPN, KOR")
    act = sheet.get_by_role("button", name="Review")
    sheet.get_by_label("+1 kept").check()
    sheet.get_by_label("Language").select_option("Japanese")
    expect(act).to_be_disabled()
    sheet.get_by_label("Reason").fill("常時運用している。")
    assert_accessible(page)
    act.click()
    expect(sheet).to_be_hidden()
    ((path, body, _),) = asks
    assert path == "dialogue/review"
    label = {"classification": "UNCLASSIFIED", "rel_to": ["JPN", "KOR", "USA"], "caveats": []}
    said = {"commitment": promise, "score": 1, "reason": "常時運用している。", "language": "ja"}
    assert body == {**said, "label": label}


def test_an_agenda_is_drafted_from_what_is_open_and_set_without_what_does_not_belong(
    page: Page, feed: Feed, asks: Asks
) -> None:
    meeting = years.meeting_of(years.NEXT_MONTH)
    page.goto(f"{feed.url}/calm/#room=dialogue&id={meeting}")
    page.get_by_role("button", name="Draft agenda from the docket").click()
    sheet = page.get_by_role("dialog")
    points = sheet.get_by_role("checkbox")
    expect(points.first).to_be_checked()
    drafted = points.count()
    points.first.uncheck()
    assert_accessible(page)
    sheet.get_by_role("button", name="Set agenda").click()
    expect(sheet).to_be_hidden()
    ((path, body, _),) = asks
    assert path == "dialogue/set-agenda"
    assert body["meeting"] == meeting
    assert len(body["items"]) == drafted - 1
    assert body["label"]["rel_to"] == ["JPN", "KOR", "USA"]
