"""The supply room on the screen: notices with their clock, concentration by basis, and when what runs short."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from tests.browser.access import assert_accessible
from tests.browser.conftest import Feed
from tests.browser.test_office import Asks, asks
from tests.browser.tongue import WORDS

from laurel.instruments.supply import words
from laurel.instruments.supply.findings import SORTS

__all__ = ["asks"]

SUPPLY = "/calm/#room=supply"


def test_a_notice_says_how_long_the_members_have_to_meet_and_keeps_its_firms_at_home(
    page: Page, feed: Feed, asks: Asks
) -> None:
    page.goto(feed.url + SUPPLY)
    page.locator("[data-notice]").filter(has_text="ガリウム").click()
    clock = page.locator("[data-meeting=overdue]")
    expect(clock).to_contain_text("Meeting overdue by 23 h")
    expect(page.get_by_role("heading", level=2)).to_have_attribute("lang", "ja")
    expect(page.get_by_role("region", name="Firms behind it")).to_contain_text("HOME ONLY")
    assert_accessible(page)
    with page.expect_request("**/consult/ready?records=*"):
        page.get_by_role("button", name="Request consultation").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert asks == []


def test_shares_on_each_basis_stand_apart_with_source_licence_and_year(page: Page, feed: Feed, asks: Asks) -> None:
    page.goto(f"{feed.url}{SUPPLY}&id=inputs")
    expect(page.get_by_text("6 inputs", exact=True)).to_be_visible()
    page.get_by_role("searchbox").fill("gall")
    page.locator("[data-input]").click()
    expect(page.locator("figure")).to_have_count(3)
    expect(page.locator("[data-basis=site]")).to_contain_text("83 %")
    expect(page.locator("[data-basis=headquarters]")).to_contain_text("55–100 %")
    room = page.get_by_role("region", name="Inputs")
    for told in ("HOME ONLY SECRET//REL TO JPN", "Made up for looking", "Licence: CC0", "Data of 2021", "39 d ago"):
        expect(room).to_contain_text(told)
    expect(room.get_by_role("region", name="Who provides it, by member")).to_contain_text("Republic of Korea")
    assert_accessible(page)
    page.get_by_role("button", name="What if it fails?").click()
    expect(page.locator("[data-impact=G1]")).to_contain_text("100 % lost")
    assert asks == []


def test_a_what_if_shows_from_which_day_to_which_each_input_runs_short(page: Page, feed: Feed, asks: Asks) -> None:
    page.goto(f"{feed.url}{SUPPLY}&id=what-if")
    page.get_by_label("Codes or names").fill("CHN")
    page.get_by_role("button", name="Reckon").click()
    expect(page.locator("[data-impact]")).to_have_count(3)
    first = page.locator("[data-impact]").first
    expect(first).to_contain_text("Gallium")
    expect(first).to_contain_text("day 78 to 132 83 % lost")
    assert_accessible(page)
    page.get_by_label("Codes or names").fill("Atlantis")
    page.get_by_role("button", name="Reckon").click()
    expect(page.get_by_role("alert")).to_contain_text("Atlantis")
    assert asks == []


@pytest.mark.parametrize(
    ("part", "name", "told"),
    [
        ("Help", "Gallium for two quarters", "12 tonnes, needed by 2022-10-23"),
        ("Help", "갈륨 재고", "4 tonnes, from 2022-10-08"),
        ("Measures", "Licences for etching tools", "Export control, announced"),
        ("Gaps", "Edge of a circle", "Lithography"),
    ],
)
def test_help_measures_and_gaps_are_told_whole(page: Page, feed: Feed, part: str, name: str, told: str) -> None:
    page.goto(feed.url + SUPPLY)
    page.get_by_role("navigation", name="Supply").get_by_role("button", name=part).click()
    page.get_by_role("complementary").get_by_role("button", name=name).click()
    expect(page.get_by_role("region", name=part)).to_contain_text(told)
    assert_accessible(page)


def test_the_console_has_words_for_all_that_the_node_may_say() -> None:
    said = (WORDS / "en" / "supply.ts").read_text(encoding="utf-8")
    for key, values in (("basis", words.Basis), ("fails", words.Fails), ("sort", words.MeasureSort)):
        for one in values:
            assert f"'supply.{key}.{one.value}'" in said
    for sort in SORTS:
        assert f"'supply.gap.{sort}'" in said
