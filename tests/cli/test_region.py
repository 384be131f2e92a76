"""What the terminal reads of the press without a node, and what it refuses to file."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from laurel.cli import app
from laurel.core.errors import BadField, LaurelError, Nothing
from laurel.gateways.press.fetch import FeedUnreachable

WRITTEN = Path(__file__).parents[1] / "gateways" / "written"
LABEL = ("--label", "RESTRICTED//REL TO USA, JPN, KOR")


def laurel(*words: str | Path) -> Any:
    """What it prints as JSON. Raises what the verb raises."""
    result = CliRunner().invoke(app, ["region", *map(str, words), "--json"])
    if isinstance(result.exception, LaurelError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def web() -> Iterator[str]:
    """An outlet of our own, on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(WRITTEN))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_feed_is_listed_with_what_is_wrong_with_each_entry() -> None:
    found = laurel("read-feed", WRITTEN / "feed.ja.xml")
    assert [one["n"] for one in found["entries"]] == [1, 2, 3, 4, 5]
    assert found["entries"][1]["published_at"] == "2022-10-04T09:30:00+09:00"
    assert "repeats entry 1" in found["entries"][2]["findings"]
    assert found["read_by"].startswith("feedparser ")


def test_a_feed_is_read_from_its_address(web: str) -> None:
    found = laurel("read-feed", f"{web}/feed.ja.xml")
    assert found["url"] == f"{web}/feed.ja.xml"
    assert found["sha256"] == laurel("read-feed", WRITTEN / "feed.ja.xml")["sha256"]
    with pytest.raises(FeedUnreachable, match="404"):
        laurel("read-feed", f"{web}/gone.xml")


def test_an_article_is_shown_whole() -> None:
    found = laurel("read-article", WRITTEN / "article.ko.html")
    assert found["language"] == "ko"
    assert found["findings"] == []


@pytest.mark.parametrize(
    ("options", "missing"),
    [
        (LABEL, "--grade"),
        (("--grade", "B2"), "--label"),
        (("--grade", "Z9", *LABEL), "grade"),
        (("--grade", "B2", "--label", "for everybody"), "label"),
        (("--grade", "B2", "--publisher", "", *LABEL), "--publisher"),
    ],
)
def test_nothing_is_filed_without_an_officers_grade_and_label(options: tuple[str, ...], missing: str) -> None:
    with pytest.raises(BadField, match=missing):
        laurel("read-article", WRITTEN / "article.ko.html", "--file", *options)


def test_an_entry_that_is_not_there_cannot_be_filed() -> None:
    with pytest.raises(Nothing, match="entries=5"):
        laurel("read-feed", WRITTEN / "feed.ja.xml", "--file", "6", "--grade", "B2", *LABEL)
    with pytest.raises(Nothing):
        laurel("read-feed", "no-such-file.xml")
