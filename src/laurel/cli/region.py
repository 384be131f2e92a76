"""Verbs that read what others published, in the officer's own terminal, and file it at the node as graded sources.

The node itself fetches and parses nothing of the open web.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from laurel.cli.show import AsJson, show
from laurel.cli.verbs import AskId, Token, Url, call
from laurel.core.errors import BadField, LaurelError, Nothing

if TYPE_CHECKING:
    from laurel.core.label import Label
    from laurel.gateways.press.found import Found
    from laurel.instruments.region.records import ReadFrom, SourcedReport

TOGETHER = 100
"""So many past incidents in one ask."""
EXCERPT = 200

Grade = Annotated[
    str | None,
    typer.Option("--grade", help="Your grade, A1 to F6: how reliable the source is, how credible what it says."),
]
Marked = Annotated[
    str | None, typer.Option("--label", help='The label it is filed with: "RESTRICTED//REL TO USA, JPN, KOR".')
]
Title = Annotated[str | None, typer.Option("--title", help="Its title, where it has none.")]
Publisher = Annotated[str | None, typer.Option("--publisher", help="Who published it, where it does not say.")]
Language = Annotated[str | None, typer.Option("--language", help="What it is written in: en, ja, ko.")]


def read_feed(
    feed: Annotated[str, typer.Argument(help="A file, or the address of an RSS or Atom feed.")],
    file: Annotated[int | None, typer.Option("--file", help="File the entry of this number.")] = None,
    grade: Grade = None,
    label: Marked = None,
    title: Title = None,
    publisher: Publisher = None,
    language: Language = None,
    url: Url = None,
    token: Token = None,
    ask_id: AskId = None,
    as_json: AsJson = False,
) -> None:
    """List what a feed says and what is wrong with it. With --file, --grade and --label, file one entry as a source."""
    from laurel.gateways.press.feeds import read_feed as read
    from laurel.instruments.region.records import ReadFrom

    content, address, charset, retrieved_at = _content(feed)
    found = read(content, _now(), url=address, charset=charset)
    if file is None:
        entries = [{"n": nth, **_row(one, whole=as_json)} for nth, one in enumerate(found.entries, 1)]
        head = {name: getattr(found, name) for name in ("title", "url", "sha256", "size", "read_by")}
        show({**head, "findings": list(found.findings), "entries": entries}, as_json=as_json)
        return
    if not 0 < file <= len(found.entries):
        raise Nothing(entry=file, entries=len(found.entries), list="leave --file out")
    entry = _mended(found.entries[file - 1], title, publisher, language)
    report = _report(entry, ReadFrom.FEED, retrieved_at, grade)
    said = _file(report, _label(label), url, token, ask_id, f"entry-{file}")
    show({**said, "findings": [*found.findings, *entry.findings]}, as_json=as_json)


def read_article(
    article: Annotated[Path, typer.Argument(help="The saved page, HTML.", exists=True, dir_okay=False)],
    file: Annotated[bool, typer.Option("--file", help="File it.")] = False,
    grade: Grade = None,
    label: Marked = None,
    title: Title = None,
    publisher: Publisher = None,
    language: Language = None,
    url: Url = None,
    token: Token = None,
    ask_id: AskId = None,
    as_json: AsJson = False,
) -> None:
    """Show the article in a saved page and what is wrong. With --file, --grade and --label, file it as a source."""
    from laurel.gateways.press.articles import read_article as read
    from laurel.instruments.region.records import ReadFrom

    found = _mended(read(article.read_bytes(), _now()), title, publisher, language)
    if not file:
        show(_row(found, whole=as_json), as_json=as_json)
        return
    report = _report(found, ReadFrom.ARTICLE, _saved_at(article), grade)
    said = _file(report, _label(label), url, token, ask_id, "article")
    show({**said, "findings": list(found.findings)}, as_json=as_json)


def import_tests(
    tests: Annotated[Path, typer.Argument(help="test.en.json of nk-missile-tests.", exists=True, dir_okay=False)],
    facilities: Annotated[
        Path, typer.Option("--facilities", help="facility.en.json of the same.", exists=True, dir_okay=False)
    ],
    grade: Grade = None,
    label: Marked = None,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Import published missile tests as past incidents that rest on the list. Asked again, it says nothing twice."""
    from laurel.gateways.missile_tests import by_year, past_incident, read_tests

    content = tests.read_bytes()
    listed = read_tests(content, facilities.read_bytes())
    marked = _label(label)
    if not listed.lines:
        raise BadField(field="file", why="holds no test", findings=len(listed.findings))
    report = _list_report(content, listed.lines[0].day, listed.lines[-1].day, _saved_at(tests), grade)
    source = _filed(report, marked, url, token) or _file(report, marked, url, token, None, "list")["report"]
    said = 0
    for first in range(0, len(listed.lines), TOGETHER):
        incidents = [past_incident(one, source) for one in listed.lines[first : first + TOGETHER]]
        ask = msgspec.to_builtins({"incidents": incidents, "label": marked})
        answer = call(url, token, "POST", "region/import-past", ask, f"past:{_hash(ask)}")
        said += 0 if answer["again"] else len(answer["records"])
    counted = {"lines": len(listed.lines), "said": said, "years": by_year(listed.lines)}
    show({"report": source, **counted, "findings": list(listed.findings)}, as_json=as_json)


def _content(feed: str) -> tuple[bytes, str, str | None, datetime]:
    """The bytes, their address if they have one, what their server calls their encoding, and when they were taken."""
    if feed.startswith(("http://", "https://")):
        from laurel.gateways.press.fetch import fetch_feed

        fetched = fetch_feed(feed)
        return fetched.content, fetched.url, fetched.charset, _now()
    path = Path(feed)
    try:
        return path.read_bytes(), "", None, _saved_at(path)
    except OSError as error:
        raise Nothing(file=feed, why=error.strerror) from None


def _now() -> datetime:
    from laurel.node.clock import RealClock

    return RealClock().now()


def _saved_at(path: Path) -> datetime:
    """When the file was written: nearer than now to when it was retrieved, and the same each time it is filed."""
    return datetime.fromtimestamp(int(path.stat().st_mtime), UTC)


def _row(found: Found, *, whole: bool) -> dict[str, Any]:
    row = msgspec.to_builtins(found)
    if not whole:
        row["words"] = found.words[:EXCERPT].replace("\n", " ")
    return row


def _mended(found: Found, title: str | None, publisher: str | None, language: str | None) -> Found:
    given = {"title": title, "publisher": publisher, "language": language}
    return msgspec.structs.replace(found, **{name: one for name, one in given.items() if one is not None})


def _report(found: Found, read_from: ReadFrom, retrieved_at: datetime, grade: str | None) -> SourcedReport:
    """What is filed. Raises BadField for what the press does not say and an officer must."""
    if not found.title and not found.words:
        raise BadField(field="text", why="neither title nor words were found: read the file itself")
    missing = [name for name in ("title", "publisher", "language") if not getattr(found, name)]
    if missing:
        raise BadField(missing=", ".join(f"--{name}" for name in missing), why="it does not say itself")
    cut = any("cut at" in one for one in found.findings)
    return _typed(
        {
            "title": found.title,
            "language": found.language,
            # Where a feed gives titles alone, the title is what was read.
            "text": found.words or found.title,
            "publisher": found.publisher,
            "retrieved_at": retrieved_at,
            "sha256": found.sha256,
            "read_from": read_from,
            "url": found.url,
            "published_at": found.published_at,
            "whole": bool(found.words) and not cut,
        },
        grade,
    )


def _list_report(content: bytes, first: str, last: str, saved_at: datetime, grade: str | None) -> SourcedReport:
    from laurel.gateways.missile_tests import ADDRESS, LICENCE, PUBLISHER, TITLE

    return _typed(
        {
            "title": TITLE,
            "language": "en",
            "text": f"Tests of missiles from {first} to {last}, after the database of the James Martin Center for "
            "Nonproliferation Studies. Bearings were added by the list's author.",
            "publisher": PUBLISHER,
            "retrieved_at": saved_at,
            "sha256": hashlib.sha256(content).hexdigest(),
            "read_from": "dataset",
            "url": ADDRESS,
            "licence": LICENCE,
            "whole": False,
        },
        grade,
    )


def _typed(fields: Mapping[str, Any], grade: str | None) -> SourcedReport:
    from laurel.instruments.region.records import SourcedReport

    if grade is None:
        raise BadField(missing="--grade", why="nothing is filed without an officer's grade")
    try:
        return msgspec.convert({**fields, "grade": grade}, type=SourcedReport)
    except msgspec.ValidationError as error:
        raise BadField(field="report", why=str(error)) from None


def _label(banner: str | None) -> Label:
    """The label that a banner writes out. Raises BadField."""
    from laurel.core.label import Classification, label

    if banner is None:
        raise BadField(missing="--label", why="nothing is filed without an officer's label")
    marked, _, rest = banner.partition("//REL TO ")
    audience, *caveats = rest.split("//")
    try:
        members = {one.strip() for one in audience.split(",")}
        return label(Classification(marked.strip()), members, frozenset(one.strip() for one in caveats))
    except (ValueError, LaurelError):
        raise BadField(field="label", value=banner, must_be="like RESTRICTED//REL TO USA, JPN, KOR") from None


def _file(
    report: SourcedReport, label: Label, url: str | None, token: Path | None, ask_id: str | None, place: str
) -> dict[str, Any]:
    # In an exercise it is another time, and nothing is retrieved later than now.
    now = datetime.fromisoformat(call(url, token, "GET", "about", {}, None)["now"])
    report = msgspec.structs.replace(report, retrieved_at=min(report.retrieved_at, now))
    ask = msgspec.to_builtins({"report": report, "label": label})
    name = ask_id or f"press:{report.sha256[:24]}:{place}:{_hash({'grade': report.grade, 'label': ask['label']})}"
    answer = call(url, token, "POST", "region/file-report", ask, name)
    filed = {name: ask["report"][name] for name in ("title", "publisher", "published_at", "url", "grade")}
    return {"report": answer["records"][0], "again": answer["again"], "label": label.banner, **filed}


def _filed(report: SourcedReport, label: Label, url: str | None, token: Path | None) -> str | None:
    """The report of this very list that our member filed with this label, whoever did."""
    member = call(url, token, "GET", "about", {}, None)["member"]
    rows = call(url, token, "GET", "region/reports", {"words": report.title}, None)["reports"]
    ours = (report.sha256, member, label.banner)
    return next((row["id"] for row in rows if (row["sha256"], row["member"], row["banner"]) == ours), None)


def _hash(told: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(told, order="sorted")).hexdigest()[:16]


def add_to(groups: Mapping[str, typer.Typer]) -> None:
    """Among the verbs of the region."""
    for name, verb in {"read-feed": read_feed, "read-article": read_article, "import-tests": import_tests}.items():
        groups["region"].command(name)(verb)
