"""An officer's desk: a real browser in one language, driven by the keyboard alone, and all that its page did."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.async_api import Browser, ConsoleMessage, Error, Locator, Page, Request, expect
from tests.browser.tongue import say
from tests.nodes.three import Node

from laurel.core.instrument import Role
from laurel.gateways.demo.door import Door
from laurel.node.clock import RealClock
from laurel.node.doorstep import people

PATIENCE_MS = 90_000
# More than any page of ours has to be stepped through.
MOST_TABS = 150


@dataclass
class Desk:
    """One officer of one member, who has a keyboard and no mouse."""

    member: str
    officer: str
    language: str
    page: Page
    origin: str
    elsewhere: list[str] = field(default_factory=list[str])
    complaints: list[str] = field(default_factory=list[str])

    def says(self, key: str, **values: str | int) -> str:
        """Our own words on this officer's page."""
        return say(self.language, key, **values)

    async def press(self, key: str) -> None:
        await self.page.keyboard.press(key)

    async def reach(self, wanted: Locator) -> None:
        """Step with Tab until it has the focus."""
        await expect(wanted).to_be_visible(timeout=PATIENCE_MS)
        for _ in range(MOST_TABS):
            if await wanted.evaluate("(it) => it === document.activeElement"):
                return
            await self.page.keyboard.press("Tab")
        raise AssertionError(f"{wanted} is out of reach of the keyboard")

    async def activate(self, wanted: Locator) -> None:
        await self.reach(wanted)
        await self.page.keyboard.press("Enter")

    async def write(self, wanted: Locator, text: str) -> None:
        """In place of what stands there."""
        await self.reach(wanted)
        await self.page.keyboard.press("ControlOrMeta+a")
        await self.page.keyboard.insert_text(text)

    async def choose(self, wanted: Locator, value: str) -> None:
        """Step through what can be chosen."""
        await self.reach(wanted)
        await self.page.keyboard.press("Home")
        for _ in range(MOST_TABS):
            if await wanted.input_value() == value:
                return
            await self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{wanted} offers no {value}")

    async def tick(self, wanted: Locator) -> None:
        await self.reach(wanted)
        await self.page.keyboard.press("Space")

    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    def button(self, key: str) -> Locator:
        """A button of the sheet that lies open, by our own words."""
        return self.dialog().get_by_role("button", name=self.says(key), exact=True)

    async def shut(self) -> None:
        """Wait until no sheet lies on the page."""
        await expect(self.dialog()).to_have_count(0, timeout=PATIENCE_MS)

    def is_clean(self) -> None:
        """It asked nobody else for anything, and neither complained nor broke its policy."""
        assert self.elsewhere == [], self.elsewhere
        assert self.complaints == [], self.complaints


async def sit_down(browser: Browser, node: Node, door: Door, officer: str, language: str, room: str = "watch") -> Desk:
    """An officer signs in with a one-time link, by keyboard, in a browser that speaks `language`, and enters a room."""
    link = people(node.made.layout).link(officer, {Role.WATCH_OFFICER, Role.PRINCIPAL}, RealClock().now())
    origin = door.url.rpartition("/")[0]
    context = await browser.new_context(viewport={"width": 1366, "height": 768}, locale=language)
    page = await context.new_page()
    desk = Desk(node.member, officer, language, page, origin)
    listen(desk)
    await page.goto(f"{door.url}/#link={link}")
    await desk.activate(page.get_by_role("button", name=desk.says("signin.link")))
    await expect(page.locator("html")).to_have_attribute("lang", language, timeout=PATIENCE_MS)
    await expect(page.locator("[data-banner=top]")).to_be_visible(timeout=PATIENCE_MS)
    # Before anybody signed in, a browser reports the node's 401 as an error of its own.
    assert all("401" in one for one in desk.complaints), desk.complaints
    desk.complaints.clear()
    await desk.activate(page.locator(f"[data-room={room}]"))
    return desk


def listen(desk: Desk) -> None:
    """From before the first request."""

    def asked(request: Request) -> None:
        if not request.url.startswith((desk.origin, desk.origin.replace("http", "ws", 1), "data:", "blob:")):
            desk.elsewhere.append(request.url)

    def said(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            desk.complaints.append(message.text)

    def fell(error: Error) -> None:
        desk.complaints.append(str(error))

    desk.page.on("request", asked)
    desk.page.on("console", said)
    desk.page.on("pageerror", fell)
