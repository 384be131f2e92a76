"""The hotline on the screen: calls stay until acknowledged, messages say how far they came, lines how they are."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from tests.browser.access import assert_accessible
from tests.browser.conftest import Feed
from tests.browser.talk import CALL, CHECK, CONVERSATION
from tests.browser.test_office import Asks, asks

__all__ = ["asks"]

HOTLINE = f"/#room=hotline&id={CONVERSATION}"


def said(asks: Asks, path: str) -> list[object]:
    return [body for asked, body, _ in asks if asked == path]


def test_a_flash_message_stays_on_every_page_until_an_officer_reads_it_back(page: Page, feed: Feed, asks: Asks) -> None:
    page.goto(f"{feed.url}/talk/")
    slip = page.get_by_role("region", name="Incoming calls")
    expect(slip).to_contain_text("FLASH")
    expect(slip).to_contain_text("Republic of Korea calls: Missile over Tohoku")
    expect(slip.locator("[lang=ko]")).to_contain_text("동북 지역")
    expect(slip).to_contain_text("called Duty officer, next Principal in 01:")
    expect(slip).to_contain_text("not reached: pager")
    assert_accessible(page)
    page.keyboard.press("3")
    expect(slip).to_be_visible()
    page.keyboard.press("y")
    sheet = page.get_by_role("dialog")
    expect(sheet.locator("blockquote[lang=ko]")).to_contain_text("동북 지역")
    assert_accessible(page)
    act = sheet.get_by_role("button", name="Acknowledge")
    expect(act).to_be_disabled()
    sheet.get_by_label("In your own words").fill("You saw it pass, and ask whether we agree.")
    sheet.get_by_label("For which office").fill("Crisis management centre")
    act.press("Enter")
    expect(sheet).to_be_hidden()
    (acknowledged,) = said(asks, "hotline/acknowledge")
    assert acknowledged == {
        "message": CALL,
        "office": "Crisis management centre",
        "readback": "You saw it pass, and ask whether we agree.",
    }


def test_the_sound_can_be_muted_for_a_minute_and_not_forgotten(page: Page, feed: Feed, asks: Asks) -> None:
    page.goto(f"{feed.url}/talk/")
    slip = page.get_by_role("region", name="Incoming calls")
    expect(slip).to_contain_text("Mute for a minute")
    page.keyboard.press("m")
    expect(slip).to_contain_text("Muted, rings again in 00:5")
    slip.get_by_role("button", name="Ring again").click()
    expect(slip).to_contain_text("Mute for a minute")
    assert asks == []


def test_a_conversation_shows_originals_first_and_how_far_each_came(page: Page, feed: Feed, asks: Asks) -> None:
    page.goto(f"{feed.url}/talk{HOTLINE}")
    ours = page.locator("[data-message]").nth(1)
    expect(ours.locator("p[lang=ja]").first).to_contain_text("我が国も航跡を保持している。")
    draft = ours.locator("[data-translation=draft]")
    expect(draft).to_contain_text("DRAFT English by Mori, not reviewed")
    expect(draft.locator("[lang=en]")).to_contain_text("We do not intend to intercept.")
    korea, america = ours.locator("[data-reach]").all()
    expect(korea).to_contain_text("KOR shown")
    expect(america).to_contain_text("USA acknowledged by Situation room")
    assert korea.locator("svg").inner_html() != america.locator("svg").inner_html()
    expect(ours.get_by_role("link", name="Download track-plot.pdf")).to_be_visible()
    expect(ours).to_contain_text("12 of 31 parts here")
    reviewed = page.locator("[data-message]").first.locator("[data-translation=reviewed]")
    expect(reviewed).to_contain_text("Korean by Han, reviewed by Yoon")
    assert_accessible(page)
    america.get_by_role("button", name="That is right").click()
    page.wait_for_timeout(300)
    assert said(asks, "hotline/shown") == [{"messages": [CALL]}]
    assert said(asks, "hotline/judge-readback") == [{"acknowledgement": "ac" * 32, "right": True, "remark": None}]


def test_what_is_typed_outlives_a_reload_and_is_said_once_however_often_it_is_pressed(
    page: Page, feed: Feed, asks: Asks
) -> None:
    page.goto(f"{feed.url}/talk{HOTLINE}")
    expect(page.get_by_role("button", name="Write in this conversation")).to_be_visible()
    page.keyboard.press("n")
    page.keyboard.type("We agree.")
    page.reload()
    text = page.get_by_label("Message", exact=True)
    expect(text).to_have_value("We agree.")
    send = page.get_by_role("button", name="Send")
    expect(send).to_be_disabled()
    expect(page.get_by_role("form")).to_contain_text(
        "Still to choose: language, precedence, classification, and who may"
    )
    page.get_by_role("form").get_by_label("Language").select_option("English")
    page.get_by_label("Precedence").select_option("IMMEDIATE")
    page.get_by_label("Classification").select_option("SECRET")
    page.get_by_label("Republic of Korea").check()
    assert_accessible(page)
    # The keys of the page are letters here.
    text.press("y")
    expect(page.get_by_role("dialog")).to_have_count(0)
    name = page.evaluate("Object.entries(localStorage).find(([key]) => key.includes('draft'))[1]")
    send.dblclick()
    expect(page.get_by_role("button", name="Write in this conversation")).to_be_visible()
    sent = [(body, ask_id) for path, body, ask_id in asks if path == "hotline/send"]
    assert len(sent) == 1
    body, ask_id = sent[0]
    assert f'"{ask_id}"' in name
    assert body["text"] == "We agree.y"
    assert (body["precedence"], body["classification"], body["to"]) == (2, "SECRET", ["KOR"])
    assert (body["conversation"], body["subject"]) == (CONVERSATION, None)


def test_a_line_check_is_answered_and_each_line_says_which_part_of_it_works(page: Page, feed: Feed, asks: Asks) -> None:
    page.goto(f"{feed.url}/talk/")
    korea = page.locator("[data-line]").filter(has_text="KOR")
    expect(korea).to_have_attribute("data-line", "unanswered")
    expect(korea).to_contain_text("ALARM")
    expect(page.get_by_role("button", name="Line check waits for you")).to_be_visible()
    page.keyboard.press("l")
    sheet = page.get_by_role("dialog")
    expect(sheet).to_contain_text("This is a check of the line, not a warning.")
    expect(sheet.locator("p[lang=ja]")).to_contain_text("港の灯")
    expect(sheet.locator("[data-line-row=unanswered]")).to_contain_text("heard after 0.2 s, not answered")
    assert_accessible(page)
    sheet.get_by_label("Its counterword").fill("dawn")
    sheet.get_by_label("For which office").fill("Operations centre")
    sheet.get_by_role("button", name="Answer the check").click()
    page.wait_for_timeout(200)
    assert said(asks, "hotline/answer-check") == [
        {"check": CHECK, "office": "Operations centre", "counterword": "dawn"}
    ]
