"""An officer comes in, locks the screen and goes: a real browser at the doors of a real node."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from tests.browser.conftest import STATIC, Watched
from tests.nodes.door import PASSWORD, Served, served

from laurel.core.instrument import Role

ROLES = (Role.WATCH_OFFICER,)


@contextmanager
def beside(folder: Path) -> Generator[Served]:
    """A node in a thread of its own, since Playwright keeps this one."""
    ready, leave = threading.Event(), threading.Event()
    found: list[Served] = []

    async def run() -> None:
        async with served(folder) as node:
            found.append(node)
            ready.set()
            await asyncio.to_thread(leave.wait)

    thread = threading.Thread(target=asyncio.run, args=(run(),), daemon=True)
    thread.start()
    assert ready.wait(30)
    try:
        yield found[0]
    finally:
        leave.set()
        thread.join(30)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    if not (STATIC / "index.html").is_file():
        pytest.skip("the console is not built: `make test` builds it, or python hatch_build.py")
    with beside(tmp_path_factory.mktemp("signed-in")) as node:
        yield node


def home(node: Served) -> str:
    """The page under a name: browsers make no passkeys for an address."""
    return f"http://localhost:{node.port}/camp-david/"


def come_in(page: Page, node: Served, officer: str, *roles: Role) -> None:
    link = node.people.link(officer, roles or ROLES, datetime.now(UTC))
    page.goto(f"{home(node)}#link={link}")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert link not in page.url
    page.get_by_role("button", name="Sign in with this link").click()
    expect(page.get_by_role("button", name=f"Officer {officer}")).to_be_visible()


def account(page: Page, officer: str) -> None:
    page.get_by_role("button", name=f"Officer {officer}").click()
    expect(page.get_by_role("heading", name=f"Signed in as {officer}")).to_be_visible()


def assert_accessible(page: Page) -> None:
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert found.violations_count == 0, found.generate_report()


def test_an_officer_comes_in_by_link_sets_a_password_and_comes_in_by_it(
    page: Page, node: Served, watched: Watched
) -> None:
    come_in(page, node, "watch-1")
    account(page, "watch-1")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The password is set.")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Name").fill("watch-1")
    page.get_by_label("Password").fill("a wrong one, typed in haste")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("This signs nobody in.")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("region", name="Alert", exact=True)).to_contain_text("No")
    # The only complaints are the browser's own, of the 401s that were meant.
    assert not [line for line in watched.complaints if "401" not in line]


def test_a_locked_screen_still_shows_the_picture_and_unlocks_in_place(page: Page, node: Served) -> None:
    come_in(page, node, "watch-2")
    account(page, "watch-2")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The password is set.")).to_be_visible()
    page.get_by_role("button", name="Lock this screen").click()
    lock = page.get_by_role("region", name="Locked")
    expect(lock).to_contain_text("You locked this screen.")
    expect(page.get_by_role("region", name="Alert", exact=True)).to_be_visible()
    assert_accessible(page)
    before = page.evaluate("performance.timeOrigin")
    lock.get_by_label("Password").fill(PASSWORD)
    lock.get_by_role("button", name="Unlock", exact=True).click()
    expect(lock).to_have_count(0)
    # The page was not loaded anew: whatever was typed elsewhere is still there.
    assert page.evaluate("performance.timeOrigin") == before


def test_an_officer_comes_in_and_unlocks_with_a_passkey(page: Page, node: Served) -> None:
    devices: Any = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    device = devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
    come_in(page, node, "watch-3")
    account(page, "watch-3")
    page.get_by_label("Its name").fill("Virtual key")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("The passkey is added.")).to_be_visible()
    expect(page.get_by_role("button", name="Remove Virtual key")).to_be_visible()
    page.get_by_role("button", name="Lock this screen").click()
    lock = page.get_by_role("region", name="Locked")
    # A device that does not know who holds it opens nothing.
    devices.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    lock.get_by_role("button", name="Unlock with a passkey").click()
    expect(lock.get_by_role("alert")).to_contain_text("The passkey was not used.")
    devices.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    lock.get_by_role("button", name="Unlock with a passkey").click()
    expect(lock).to_have_count(0)
    account(page, "watch-3")
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("button", name="Officer watch-3")).to_be_visible()
