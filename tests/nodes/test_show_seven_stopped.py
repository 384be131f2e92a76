"""Show 5 of the console: the node is gone for a minute while an officer types, and nothing typed is lost."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect
from tests.nodes.three import Node, answers, client, make_three, run_nodes

from laurel.core.instrument import Role
from laurel.node.clock import RealClock
from laurel.node.doorstep import people

GONE_FOR_S = 60
PATIENCE_MS = 90_000
SUBJECT = "Gallium held at the border"
FIRST, LAST = "Three shipments are held. ", "We ask for a consultation tonight."
AGE = re.compile(r"What you see is (\d+) s old; reconnecting")


@pytest.mark.long
@pytest.mark.walk
@pytest.mark.timeout(600)
async def test_what_an_officer_types_outlives_a_minute_without_the_node_and_is_said_once(
    tmp_path: Path, browser_type_launch_args: dict[str, Any]
) -> None:
    async with client() as to:
        node = make_three(tmp_path, to)["JPN"]
        async with run_nodes(node), screen(node, browser_type_launch_args) as page:
            source = await open_source(page)
            await source.press_sequentially(FIRST)
            await page.keyboard.press("Escape")
            await page.evaluate("location.hash = 'room=hotline&id=new'")
            await page.get_by_label("Subject", exact=True).fill(SUBJECT)
            text = page.get_by_label("Message", exact=True)
            await text.press_sequentially(FIRST)

            await node.cut_power()
            gone = page.get_by_text(AGE)
            await gone.wait_for(timeout=PATIENCE_MS)
            ages = [await type_on(text, gone, LAST)]
            await open_source(page)
            await expect(source).to_have_value(FIRST)
            ages.append(await type_on(source, gone, LAST))
            await page.keyboard.press("Escape")
            await page.evaluate("location.hash = 'room=hotline&id=new'")
            await expect(text).to_have_value(FIRST + LAST)
            await choose(page)
            await page.get_by_role("button", name="Send").click()
            await expect(page.get_by_role("alert")).to_contain_text("The node does not answer.")
            while ages[-1] < GONE_FOR_S:
                await asyncio.sleep(1)
                ages.append(await age(gone))
            assert ages == sorted(ages)

            before = await page.evaluate("performance.timeOrigin")
            await node.start()
            await answers(node)
            await expect(gone).to_have_count(0, timeout=PATIENCE_MS)
            await expect(page.get_by_label("Subject", exact=True)).to_have_value(SUBJECT)
            await expect(text).to_have_value(FIRST + LAST)
            assert not said(node)
            await page.get_by_role("button", name="Send").click()
            await expect(page.locator("[data-message]")).to_contain_text(FIRST + LAST, timeout=PATIENCE_MS)
            await open_source(page)
            await expect(source).to_have_value(FIRST + LAST)
            assert await page.evaluate("performance.timeOrigin") == before
            assert said(node) == 1


@asynccontextmanager
async def screen(node: Node, launch: dict[str, Any]) -> AsyncGenerator[Page]:
    """An officer's page of the live world, signed in by a link."""
    link = people(node.made.layout).link("abe", {Role.WATCH_OFFICER, Role.ANALYST}, RealClock().now())
    origin = node.live.url.removesuffix("/camp-david")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**launch)
        context = await browser.new_context(viewport={"width": 1366, "height": 768})
        headers = {"Laurel-Console": "1", "Origin": origin}
        spent = await context.request.post(f"{origin}/sign-in/link", data={"link": link}, headers=headers)
        assert spent.ok, await spent.text()
        page = await context.new_page()
        # Words are enough here.
        await page.route("**/assets/Globe*", lambda route: route.abort())
        await page.goto(f"{node.live.url}/")
        await page.locator("[data-room]").first.wait_for(timeout=PATIENCE_MS)
        yield page
        await browser.close()


async def open_source(page: Page) -> Locator:
    """The field of a source's words, in the region's room."""
    await page.evaluate("location.hash = 'room=region'")
    await page.get_by_role("button", name="Sources", exact=True).click()
    await page.get_by_role("button", name="File a source").click()
    return page.get_by_role("dialog").get_by_label("Words, as they were written")


async def type_on(field: Locator, gone: Locator, words: str) -> int:
    """Types as a slow hand does; how old the page said it was at the end, in seconds."""
    await field.press("End")
    await field.press_sequentially(words, delay=100)
    return await age(gone)


async def age(gone: Locator) -> int:
    found = AGE.search(await gone.inner_text())
    assert found
    return int(found.group(1))


async def choose(page: Page) -> None:
    """All that a message needs besides its words."""
    await page.get_by_role("combobox", name="Language", exact=True).select_option("English")
    await page.get_by_label("Precedence").select_option("ROUTINE")
    await page.get_by_label("Classification").select_option("RESTRICTED")
    await page.get_by_label("Republic of Korea").check()


def said(node: Node) -> int:
    """Messages of the hotline in the node's log."""
    return node.counts().get(("JPN", "hotline.message.v1"), 0)
