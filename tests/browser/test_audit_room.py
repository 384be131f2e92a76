"""The audit on the screen, of a real node; and a million lines of a node that only says it has them."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect
from tests.browser.access import assert_accessible
from tests.browser.conftest import STATIC, Feed
from tests.browser.test_sign_in import beside, come_in
from tests.nodes.door import Served

from laurel.core.instrument import Role
from laurel.node.keep.audit import Line
from laurel.node.keep.story import SAYS

SOURCE = Path(__file__).parents[2] / "console" / "src"
RECORD = "7d01c3e9" * 8
BEGAN = datetime(2026, 8, 18, 3, tzinfo=UTC)
MILLION = 1_000_000


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    if not (STATIC / "index.html").is_file():
        pytest.skip("the console is not built: `make test` builds it, or python hatch_build.py")
    with beside(tmp_path_factory.mktemp("audit")) as node:
        note = partial(node.site.station.inner.note, "withheld", [(RECORD, "rel-to")], why="KOR is not in REL TO")
        # This thread has an event loop already: Playwright's.
        with ThreadPoolExecutor(1) as beside_it:
            beside_it.submit(asyncio.run, node.site.station.writing(note)).result()
        yield node


def test_an_auditor_sees_who_did_what_and_finds_one_of_it(page: Page, node: Served) -> None:
    come_in(page, node, "auditor-1", Role.AUDITOR)
    page.evaluate("location.hash = 'room=audit'")
    table = page.get_by_role("grid", name="Audit")
    expect(table.locator("[data-row]").first).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Decision").select_option("signed in")
    expect(table.get_by_role("row").filter(has_text="signed in").first).to_contain_text("officer:auditor-1")
    page.get_by_label("Decision").select_option("kept back")
    rows = table.locator("[data-row]")
    expect(rows.filter(has_not_text="kept back")).to_have_count(0)
    row = rows.filter(has_text="KOR is not in REL TO")
    expect(row).to_have_count(1)
    expect(page.get_by_text("and no more")).to_be_visible()
    assert parse_qs(parse_qs(urlsplit(page.url).fragment)["id"][0]) == {"decision": ["withheld"]}
    row.focus()
    page.keyboard.press("Enter")
    story = page.locator("[data-story]")
    expect(story).to_have_attribute("data-story", RECORD)
    expect(story).to_contain_text("kept from JPN")
    assert_accessible(page)
    # All of it is in the address.
    page.reload()
    expect(story).to_contain_text("kept from JPN")
    expect(page.get_by_label("Decision")).to_have_value("withheld")


def test_the_chain_is_checked_by_a_key_and_broken_where_somebody_wrote(page: Page, node: Served) -> None:
    come_in(page, node, "auditor-2", Role.AUDITOR)
    page.evaluate("location.hash = 'room=audit'")
    expect(page.get_by_text("Not checked by this screen.")).to_be_visible()
    expect(page.locator("[data-row]").first).to_be_visible()
    page.keyboard.press("v")
    expect(page.locator("[data-chain=whole]")).to_contain_text(re.compile(r"Whole: \d+ lines hold\."))
    with page.expect_download() as saved:
        page.keyboard.press("e")
    assert saved.value.suggested_filename.startswith("audit-camp-david-")
    head, *_, end = saved.value.path().read_text().splitlines()
    assert (json.loads(head)["node"], "payload" in json.loads(end)) == ("JPN", True)
    with closing(sqlite3.connect(node.site.station.inner.store.path, isolation_level=None)) as database:
        database.execute("UPDATE audit SET policy = 'other' WHERE line = 1")
    page.keyboard.press("v")
    broken = page.locator("[data-chain=broken]")
    expect(broken).to_contain_text("BROKEN at line 1")
    expect(broken).to_contain_text("Keep the database as evidence.")


def test_who_is_no_auditor_is_told_so_in_clear_words(page: Page, node: Served) -> None:
    come_in(page, node, "watch-9", Role.WATCH_OFFICER)
    page.evaluate("location.hash = 'room=audit'")
    expect(page.get_by_role("heading", name="Only an auditor may read the audit.")).to_be_visible()
    assert_accessible(page)


def line_of(number: int) -> dict[str, object]:
    at = (BEGAN + timedelta(seconds=number)).isoformat()
    line = Line(number, at, "release", "KOR", "", f"{number:064x}", "rel-to", "", "")
    return {name: getattr(line, name) for name in Line.__struct_fields__}


def answer(route: Route) -> None:
    """A million lines, each made when it is asked for."""
    asked = parse_qs(urlsplit(route.request.url).query)
    end = int(asked.get("before", [str(MILLION + 1)])[0])
    begin = max(1, end - int(asked["limit"][0]))
    lines = [line_of(number) for number in range(begin, end)]
    before = begin if begin > 1 else None
    route.fulfill(json={"lines": lines, "before": before, "looked_to": lines[0]["at"], "kinds": {}})


def test_a_million_lines_are_a_hundred_on_the_page_and_all_within_reach_of_the_keys(page: Page, feed: Feed) -> None:
    page.route("**/audit?*", answer)
    stand = {"lines": MILLION, "first_at": None, "last_at": None, "anchored_line": None, "anchored_at": None}
    page.route("**/audit/stand", lambda route: route.fulfill(json=stand))
    page.route("**/audit/hours", lambda route: route.fulfill(json={"since": None, "tallies": []}))
    page.goto(f"{feed.url}/calm/#room=audit")
    rows = page.locator("[data-row]")
    expect(page.get_by_text("1\u202f000\u202f000 lines")).to_be_visible()
    rows.first.focus()
    table = page.get_by_role("grid", name="Audit")
    for reached in (200, 400, 600):
        # The last of those that have come; their coming brings the next.
        expect(table).to_have_attribute("aria-rowcount", str(reached + 1))
        page.keyboard.press("End")
        expect(page.locator(f"[data-row][data-line='{MILLION + 1 - reached}']")).to_be_focused()
    assert rows.count() < 100
    assert_accessible(page)
    # A far page is the same work: the address says from which time on one looks back.
    page.keyboard.press("Home")
    expect(page.locator(f"[data-row][data-line='{MILLION}']")).to_be_focused()


def test_the_room_has_words_for_all_that_may_happen_to_a_record() -> None:
    words = (SOURCE / "words" / "en" / "audit.ts").read_text(encoding="utf-8")
    assert all(f"audit.story.{what}" in words for what in SAYS.values())
