"""A review in a real browser: everyone can use it, it keeps its own policy, and asks nobody for anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page
from tests.browser.access import assert_accessible
from tests.instruments.exercise.played import MEMBERS, made, said_by_hand

from laurel.gateways.review import compared, content
from laurel.gateways.review.blocks import Paper
from laurel.gateways.review.html import as_html
from laurel.instruments.exercise.review.compare import compare

REVIEW = made(said_by_hand(), *MEMBERS)


@pytest.mark.parametrize(
    "paper", [content.paper(REVIEW), compared.paper(compare(REVIEW, REVIEW))], ids=["review", "comparison"]
)
def test_a_review_is_for_everyone_and_from_nowhere_else(page: Page, tmp_path: Path, paper: Paper) -> None:
    file = tmp_path / "review.html"
    file.write_text(as_html(paper), encoding="utf-8")
    told: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert asked == [file.as_uri()]
    assert told == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("figure svg").count() == page.get_by_role("img").count() > 0
    assert_accessible(page)
