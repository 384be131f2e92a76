"""Show 1 and half of Show 2 of the console: a story told at three live nodes, in three languages, with no mouse.

Japan's officer sees the launch, acknowledges the alert, writes on the hotline, requests a consultation, proposes a
public alert that a second officer approves, and cancels it with one key. Each step is seen on the screens of the two
others.
No page asks another host for anything, complains, or breaks its policy.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, async_playwright, expect
from tests.nodes.desk import PATIENCE_MS, Desk, sit_down
from tests.nodes.flying import Flying, hold
from tests.nodes.three import three_nodes

TELLINGS = (("ja", "ko", "en"), ("ko", "en", "ja"), ("en", "ja", "ko"))
WORDS = {
    "en": "A missile is flying towards the north-east. What do you see?",
    "ja": "飛翔体が北東へ向かっている。貴国の探知状況を知らせられたい。",
    "ko": "비행체가 북동쪽으로 날아가고 있습니다. 귀국의 탐지 상황을 알려 주십시오.",
}
SUBJECT = {"en": "A launch just now", "ja": "ただ今の発射について", "ko": "방금 있었던 발사에 대하여"}
OFFICE = {"en": "Situation room", "ja": "危機管理センター", "ko": "국가위기관리센터"}


@pytest.mark.long
@pytest.mark.walk
@pytest.mark.timeout(900)
@pytest.mark.parametrize("languages", TELLINGS, ids="-".join)
async def test_a_launch_is_seen_talked_over_and_called_off_in_three_languages_without_a_mouse(
    tmp_path: Path, browser_type_launch_args: dict[str, Any], languages: tuple[str, str, str]
) -> None:
    async with three_nodes(tmp_path) as nodes, async_playwright() as playwright:
        flying = await hold(nodes, nodes["USA"].to, "freedom-27", 100.0, 260.0)
        browser = await playwright.chromium.launch(**browser_type_launch_args)
        ours, korean, american = languages
        sato = await desk(browser, flying, "JPN", "sato", ours)
        # Every room shows what is in the air and who calls; one globe keeps a processor busy enough.
        abe = await desk(browser, flying, "JPN", "abe", ours, "hotline")
        kim = await desk(browser, flying, "KOR", "kim", korean, "hotline")
        smith = await desk(browser, flying, "USA", "smith", american, "hotline")
        others = (kim, smith)
        await flying.begin(20.0)
        await flying.end()
        await flying.settled()

        await everyone_sees_the_launch(sato, abe, *others)
        await an_alert_is_acknowledged(sato, others)
        await the_hotline_carries_a_message(sato, others)
        await a_consultation_is_requested(sato, others)
        await a_public_alert_is_played_and_called_off(sato, abe, others)
        for one in (sato, abe, *others):
            one.is_clean()
        await browser.close()


async def desk(browser: Browser, flying: Flying, member: str, officer: str, language: str, room: str = "watch") -> Desk:
    return await sit_down(browser, flying.nodes[member], flying.stage.doors[member], officer, language, room)


async def everyone_sees_the_launch(*desks: Desk) -> None:
    for one in desks:
        strip = one.page.get_by_role("region", name=one.says("strip.title"), exact=True)
        await expect(strip).to_contain_text(one.says("strip.launch"), timeout=PATIENCE_MS)
        # The exercise is named at the top and at the bottom of every screen.
        for place in ("top", "bottom"):
            banner = one.page.locator(f"[data-banner={place}]")
            await expect(banner).to_contain_text(one.says("exercise.named", name="freedom-27"))


async def an_alert_is_acknowledged(ours: Desk, others: tuple[Desk, ...]) -> None:
    """By one key; then the two others read that it was, and by whom. They acknowledge it too."""
    everyone = (ours, *others)
    for one in everyone:
        await one.press("1")
        await expect(one.page.locator("[data-launch-card=waiting]")).to_be_visible(timeout=PATIENCE_MS)
    for one in everyone:
        await one.press("y")
        await expect(one.page.locator("[data-launch-card=acknowledged]")).to_be_visible(timeout=PATIENCE_MS)
        for reader in everyone:
            await expect(reader.page.locator(f"[data-read={one.member}]")).to_be_visible(timeout=PATIENCE_MS)
    for other in others:
        await other.press("2")


async def the_hotline_carries_a_message(ours: Desk, others: tuple[Desk, ...]) -> None:
    """To both, in our language; it rings there, is acknowledged by office, and we see that it was."""
    await ours.press("2")
    await ours.press("n")
    form = ours.page.get_by_role("form", name=ours.says("draft.title.new"))
    words = WORDS[ours.language]
    await ours.write(form.get_by_label(ours.says("draft.subject")), SUBJECT[ours.language])
    await ours.write(form.get_by_label(ours.says("draft.text"), exact=True), words)
    await ours.choose(form.get_by_label(ours.says("draft.language")), ours.language)
    await ours.choose(form.get_by_label(ours.says("precedence.title")), "3")
    await ours.choose(form.get_by_label(ours.says("classification.title")), "RESTRICTED")
    for box in await form.get_by_role("group").get_by_role("checkbox").all():
        await ours.tick(box)
    await ours.activate(form.get_by_role("button", name=ours.says("draft.say.play"), exact=True))
    for other in others:
        slip = other.page.get_by_role("region", name=other.says("call.title"))
        await expect(slip.locator(f"[lang={ours.language}]").filter(has_text=words)).to_be_visible(timeout=PATIENCE_MS)
        await other.press("y")
        await other.write(other.dialog().get_by_label(other.says("ack.office")), OFFICE[other.language])
        await other.activate(other.button("ack.act"))
        await other.shut()
    for other in others:
        reach = ours.page.locator("[data-reach]").filter(has_text=other.member)
        await expect(reach).to_contain_text(OFFICE[other.language], timeout=PATIENCE_MS)


async def a_consultation_is_requested(ours: Desk, others: tuple[Desk, ...]) -> None:
    """From the alert, filled in; it waits on every page, and one member answers."""
    await ours.press("1")
    await ours.press("q")
    subject = ours.dialog().get_by_label(ours.says("request.subject"))
    await expect(subject).not_to_have_value("", timeout=PATIENCE_MS)
    await ours.activate(ours.button("request.act"))
    await ours.shut()
    whole = ours.page.locator("[data-stage]")
    await expect(whole).to_be_visible(timeout=PATIENCE_MS)
    for other in others:
        waits = other.page.locator("[data-course]")
        await other.activate(waits)
        await expect(other.page.locator("[data-stage]")).to_be_visible(timeout=PATIENCE_MS)
    kim = others[0]
    await kim.press("r")
    sheet = kim.dialog()
    await kim.choose(sheet.get_by_label(kim.says("draft.language")), kim.language)
    await kim.write(sheet.get_by_label(kim.says("act.words")), WORDS[kim.language])
    await kim.write(sheet.get_by_label(kim.says("response.office")), OFFICE[kim.language])
    await kim.activate(kim.button("response.act"))
    await kim.shut()
    for one in (ours, *others):
        answer = one.page.locator(f"[data-response={kim.member}]")
        await expect(answer).to_contain_text(OFFICE[kim.language], timeout=PATIENCE_MS)


async def a_public_alert_is_played_and_called_off(ours: Desk, second: Desk, others: tuple[Desk, ...]) -> None:
    """Two officers wake the public, each with a key; one key calls it off on every screen."""
    everyone = (ours, second, *others)
    await ours.press("1")
    await expect(ours.page.get_by_role("button", name=ours.says("public.issue.play"))).to_be_visible(
        timeout=PATIENCE_MS
    )
    await ours.press("p")
    await ours.activate(ours.button("public.propose"))
    await ours.shut()
    waits = second.page.get_by_role("region", name=second.says("office.title"))
    await expect(waits).to_be_visible(timeout=PATIENCE_MS)
    await second.press("a")
    await second.activate(second.button("office.approve"))
    await second.shut()
    for one in everyone:
        await expect(public(one)).to_contain_text(one.says("public.issued.play"), timeout=PATIENCE_MS)
    await second.press("c")
    for one in everyone:
        await expect(public(one)).to_contain_text(one.says("public.cancelled.play"), timeout=PATIENCE_MS)


def public(one: Desk) -> Locator:
    return one.page.get_by_role("region", name=one.says("public.title"))
