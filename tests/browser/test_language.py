"""The console in each language that it speaks: every room, and how one changes over."""

from __future__ import annotations

from typing import Final

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Feed, Watched

ROOMS: Final = {
    "en": "Watch Hotline Consult Dialogue Cyber Supply Region Docket",
    "ja": "当直 ホットライン 協議 対話 サイバー 供給網 地域情勢 案件",
    "ko": "당직 핫라인 협의 정례_대화 사이버 공급망 역내_정세 현안",
}
FACES: Final = {"en": (), "ja": ("noto-sans-jp",), "ko": ("noto-sans-kr",)}
# What says more than there is room for ends in an ellipsis by intent, and says it whole in its room.
CUT: Final = """() => [...document.querySelectorAll('header, header *, nav, nav *, button')]
  .filter((one) => one.clientWidth > 0 && one.scrollWidth > one.clientWidth)
  .filter((one) => !one.closest('[data-course]') && !one.matches('.unseen'))
  .filter((one) => getComputedStyle(one).textOverflow !== 'ellipsis')
  .map((one) => `${one.tagName}.${one.className}: ${one.textContent.trim()}`)"""


@pytest.mark.long
@pytest.mark.parametrize("language", ROOMS)
def test_every_room_speaks_the_language_of_the_address_and_nothing_is_cut(
    page: Page, feed: Feed, watched: Watched, language: str
) -> None:
    page.goto(f"{feed.url}/talk/#lang={language}")
    rooms = page.locator(".rooms nav button")
    for n, name in enumerate(ROOMS[language].split()):
        page.keyboard.press(str(n + 1))
        expect(rooms.nth(n)).to_contain_text(name.replace("_", " "))
        expect(rooms.nth(n)).to_have_attribute("aria-current", "page")
        expect(page.locator("main, [role=main]").first).to_be_visible()
        assert page.locator("html").get_attribute("lang") == language
        assert page.evaluate("document.fonts.ready.then(() => document.fonts.status)") == "loaded"
        assert page.evaluate(CUT) == []
    assert f"lang={language}" in page.url
    assert all(url.startswith((feed.url, feed.url.replace("http", "ws"))) for url in watched.requests)
    for face in FACES[language]:
        assert any(face in url and url.endswith(".woff2") for url in watched.requests)


@pytest.mark.parametrize("language", ROOMS)
def test_the_header_of_an_exercise_has_room_in_every_language(page: Page, feed: Feed, language: str) -> None:
    page.goto(f"{feed.url}/midflight.freedom-27/#lang={language}")
    expect(page.locator("header [data-action='world.switch']")).to_be_visible()
    expect(page.locator("header [data-line]")).to_have_count(2)
    assert page.evaluate(CUT) == []
    clock, line = page.locator("header .clock").bounding_box(), page.locator("header [data-line]").first.bounding_box()
    assert clock
    assert line
    assert clock["x"] + clock["width"] < line["x"]


def test_an_officer_changes_the_language_and_it_stays(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/midflight/")
    expect(page.locator("header h1")).to_have_text("Japan")
    page.get_by_label("Language of the page").select_option("日本語")
    expect(page.locator("header h1")).to_have_text("日本")
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    expect(page.get_by_role("region", name="警報", exact=True)).to_contain_text("日本上空の通過を予測")
    assert "lang=ja" in page.url
    page.keyboard.press("Tab")
    page.keyboard.press("2")
    assert "lang=ja" in page.url
    page.goto("about:blank")
    page.goto(f"{feed.url}/midflight/")
    expect(page.locator("header h1")).to_have_text("日本")
    page.get_by_label("表示言語").select_option("English")
    expect(page.locator("header h1")).to_have_text("Japan")


def test_who_cannot_come_in_yet_chooses_a_language_too(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/signed-out/")
    page.get_by_label("Language of the page").select_option("日本語")
    expect(page.get_by_role("heading", name="サインイン")).to_be_visible()


def test_people_s_words_are_drawn_in_the_face_of_their_own_language(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/talk/#lang=ja")
    korean = page.locator("p[lang=ko]").first
    expect(korean).to_be_visible()
    faces = korean.evaluate("(one) => getComputedStyle(one).fontFamily.split(', ')")
    assert faces.index('"Noto Sans KR Variable"') < faces.index('"Noto Sans JP Variable"')
    assert page.evaluate("getComputedStyle(document.body).fontFamily").index("JP") > 0
