"""Two officers of one country, the screen of another, and one key: a public alert at three real nodes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Locator, Page, async_playwright, expect
from tests.nodes.flying import Flying, hold
from tests.nodes.three import Node, laurel, refusal, three_nodes

from laurel.core.instrument import Role
from laurel.gateways.demo.door import Door
from laurel.node.clock import RealClock
from laurel.node.doorstep import people

PATIENCE_MS = 60_000
SOON_MS = 5_000


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.attack("two-persons")
async def test_two_officers_wake_the_public_and_one_key_calms_it_on_every_screen(
    tmp_path: Path, browser_type_launch_args: dict[str, Any]
) -> None:
    async with three_nodes(tmp_path) as nodes, async_playwright() as playwright:
        flying = await hold(nodes, nodes["USA"].to, "freedom-27", 100.0, 260.0)
        await flying.begin(20.0)
        await flying.end()
        await flying.settled()
        browser = await playwright.chromium.launch(**browser_type_launch_args)
        sato = await signed_in(browser, flying, "JPN", "sato")
        abe = await signed_in(browser, flying, "JPN", "abe")
        kim = await signed_in(browser, flying, "KOR", "kim")
        await expect(kim.get_by_role("button", name="Play the public alert")).to_have_count(0)

        await sato.get_by_role("button", name="Play the public alert").wait_for(timeout=PATIENCE_MS)
        await sato.keyboard.press("p")
        await press(sato, "Propose")
        mine = sato.get_by_role("region", name="What waits for two persons")
        await expect(mine).to_contain_text("waits for another person", timeout=SOON_MS)
        await expect(kim.get_by_role("region", name="What waits for two persons")).to_have_count(0)
        await no_program_is_the_second_person(flying.nodes["JPN"], flying.stage.doors["JPN"], flying.stage.to, tmp_path)

        await abe.get_by_role("button", name="Read and approve").wait_for(timeout=SOON_MS)
        await abe.keyboard.press("a")
        await expect(abe.get_by_role("dialog")).to_contain_text("EXERCISE EXERCISE EXERCISE.")
        await press(abe, "Approve")
        for page in (sato, abe, kim):
            await expect(public(page)).to_contain_text("PLAYED PUBLIC ALERT IN FORCE", timeout=SOON_MS)
            await expect(public(page)).to_contain_text("by sato and abe")
        await expect(public(kim).get_by_role("button")).to_have_count(0)

        await abe.keyboard.press("c")
        for page in (kim, abe, sato):
            await expect(public(page)).to_contain_text("PLAYED PUBLIC ALERT CANCELLED", timeout=SOON_MS)
        await browser.close()
        said = [record for _, record in flying.records("KOR") if record.kind == "warning.public-alert.v1"]
        assert [one.author for one in said] == ["officer:sato+officer:abe", "officer:abe"]
        assert [one.exercise for one in said] == ["freedom-27"] * 2
        assert not nodes["KOR"].counts().get(("JPN", "warning.public-alert.v1"))


async def signed_in(browser: Browser, flying: Flying, member: str, officer: str) -> Page:
    """That officer's screen in the exercise, in a browser of his own."""
    node, door = flying.nodes[member], flying.stage.doors[member]
    link = people(node.made.layout).link(officer, {Role.WATCH_OFFICER}, RealClock().now())
    page = await (await browser.new_context(viewport={"width": 1366, "height": 768})).new_page()
    # Words are enough here.
    await page.route("**/assets/Globe*", lambda route: route.abort())
    await page.goto(f"{httpx.URL(door.url).join('/sign-in')}?link={link}")
    await page.get_by_text("LAUNCH").first.wait_for(timeout=PATIENCE_MS)
    return page


async def press(page: Page, button: str) -> None:
    """Reach that button with the keyboard alone, press it, and see the sheet go."""
    wanted = page.get_by_role("dialog").get_by_role("button", name=button, exact=True)
    for _ in range(6):
        await page.keyboard.press("Tab")
        if await wanted.evaluate("(it) => it === document.activeElement"):
            break
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_have_count(0, timeout=SOON_MS)


def public(page: Page) -> Locator:
    return page.get_by_role("region", name="Public alerts")


async def no_program_is_the_second_person(node: Node, door: Door, to: httpx.AsyncClient, folder: Path) -> None:
    """By HTTP, by its endpoint for many, and by the terminal."""
    token = folder / "program.token"
    token.write_text(node.token(Role.WATCH_OFFICER, Role.PRINCIPAL))
    own = Door(door.url, token.read_text())
    found = await laurel("office", "proposals", "--url", door.url, "--token", token, "--json")
    (open_one,) = found["proposals"]
    assert open_one["by"] == "officer:sato"
    assert "two persons" in await refusal(own, to, "office/approve", {"proposal": open_one["id"]})
    line = {"ask_id": "test:many:approve", "ask": {"proposal": open_one["id"]}}
    answer = await to.post(
        f"{door.url}/office/approve/many", json=line, headers={"Authorization": f"Bearer {own.token}"}
    )
    assert [one["mistake"]["error"] for one in answer.json()] == ["SecondPersonNeeded"]
    options = ("--url", door.url, "--token", token, "--yes")
    complaint = await laurel("office", "approve", "--proposal", open_one["id"], *options, fails=True)
    assert "another officer with the role must approve it" in " ".join(complaint.split())
    ready = (await laurel("warning", "public-alerts", *options[:-1], "--json"))["ready"][0]["ask"]
    assert "two persons" in await refusal(own, to, "warning/issue-public-alert", ready)
