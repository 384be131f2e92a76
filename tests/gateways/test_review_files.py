"""A review as files: logs checked before they are read, one HTML page, a PDF, and what neither may do."""

from __future__ import annotations

import base64
import io
import json
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs
from pypdf import PdfReader
from tests.instruments.exercise.defended import DEFENCE, with_a_defence
from tests.instruments.exercise.played import (
    BEGINS,
    HOSTILE,
    JAPANESE,
    KOREAN,
    LAUNCHED_S,
    MEMBERS,
    WORLD,
    Arc,
    Play,
    alert,
    archives,
    made,
    said_by_hand,
)
from typer.testing import CliRunner
from typing_extensions import override

from laurel.cli import app
from laurel.core.errors import BadField, LaurelError, Nothing
from laurel.core.record import key_id
from laurel.gateways.page import POLICY
from laurel.gateways.review import pdf
from laurel.gateways.review.archives import DamagedLog, NotAnExercise, OtherExercise, open_all
from laurel.gateways.review.blocks import Figure, Paper, Table
from laurel.gateways.review.compared import NobodyMayReadBoth
from laurel.gateways.review.compared import paper as compared
from laurel.gateways.review.content import paper
from laurel.gateways.review.files import NoReview
from laurel.gateways.review.html import as_html
from laurel.gateways.review.pdf import as_pdf
from laurel.gateways.review.told import breakable, distance, play, seconds
from laurel.gateways.review.truth import flights_of
from laurel.instruments.exercise import records as exercise
from laurel.instruments.exercise.defence import parse as parse_defence
from laurel.instruments.exercise.review.compare import compare
from laurel.instruments.exercise.review.review import review
from laurel.instruments.warning.records import ALERT

SCENARIO = Path(__file__).parents[2] / "scenarios/2022-10-04-overflight.toml"


class Page(HTMLParser):
    """Its elements with their attributes, and its words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(page)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    @override
    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture(scope="module")
def played() -> Play:
    return said_by_hand()


@pytest.fixture(scope="module")
def whole(played: Play) -> Paper:
    return paper(made(played, *MEMBERS))


@pytest.fixture(scope="module")
def web_page(whole: Paper) -> str:
    return as_html(whole)


@pytest.fixture(scope="module")
def printed(whole: Paper) -> PdfReader:
    return PdfReader(io.BytesIO(as_pdf(whole).pdf))


def words_of(reader: PdfReader) -> str:
    return "\n".join(one.extract_text() for one in reader.pages)


def laurel(*words: str | Path) -> Any:
    """What it prints as JSON. Raises what the verb raises."""
    ran = CliRunner().invoke(app, ["exercise", *map(str, words), "--json"], catch_exceptions=True)
    if isinstance(ran.exception, LaurelError):
        raise ran.exception
    assert ran.exit_code == 0, ran.output
    return json.loads(ran.stdout)


# The page


def test_the_page_says_that_it_is_of_an_exercise_first_and_last(web_page: str) -> None:
    banner = "EXERCISE freedom-27 EXERCISE — RESTRICTED//REL TO USA, JPN, KOR"
    seen = Page(web_page).words
    assert seen.count(banner) == 2
    assert seen.rstrip().endswith(banner)


def test_every_figure_says_exercise_and_has_a_table_and_words_beside_it(whole: Paper) -> None:
    drawn = [block for section in whole.sections for block in section.blocks if isinstance(block, Figure)]
    assert {one.name for one in drawn} == {"answers", "course", "steps", "chain", "coverage", "accuracy"}
    for section in whole.sections:
        if any(isinstance(block, Figure) for block in section.blocks):
            assert any(isinstance(block, Table) and block.rows for block in section.blocks)
    assert all(one.caption for one in drawn)


@pytest.mark.attack("page-injection")
def test_hostile_words_stay_words_and_nothing_comes_from_elsewhere(web_page: str) -> None:
    seen = Page(web_page)
    assert '</div><script>alert("x")</script><img src=x onerror=y> #panic() ⟨U+202E⟩gnirts' in seen.words
    names = {name for name, _ in seen.elements}
    assert not names & {"script", "img", "image", "link", "iframe", "form", "object", "embed", "a", "base"}
    for _, attributes in seen.elements:
        for name, value in attributes.items():
            assert not name.startswith("on")
            if name.endswith("href"):
                assert (value or "").startswith("#")
    [policy] = [one["content"] for _, one in seen.elements if one.get("http-equiv") == "Content-Security-Policy"]
    assert policy == POLICY
    assert "\u202e" not in web_page


def test_no_two_elements_of_the_page_share_an_id(web_page: str) -> None:
    ids = [attributes["id"] for _, attributes in Page(web_page).elements if "id" in attributes]
    used = {
        (value or "").removeprefix("#")
        for _, attributes in Page(web_page).elements
        for name, value in attributes.items()
        if name.endswith("href")
    }
    assert len(ids) == len(set(ids))
    assert used <= set(ids)


def test_what_was_written_is_marked_with_its_language(web_page: str) -> None:
    seen = Page(web_page)
    assert KOREAN in seen.words
    assert JAPANESE in seen.words
    assert {attributes.get("lang") for _, attributes in seen.elements} >= {"ja", "ko", "en"}


def test_a_step_that_never_came_is_printed_as_never(whole: Paper) -> None:
    [measured] = [one for one in whole.sections if one.heading[0][1] == "How fast"]
    rows = [row for block in measured.blocks if isinstance(block, Table) for row in block.rows if "KOR" in row[:2]]
    assert all("never" in row for row in rows)
    assert not any("0.0 s" in cell for row in rows for cell in row[-4:])


@pytest.mark.attack("page-injection")
def test_a_track_may_be_called_anything_and_a_moment_be_any() -> None:
    play = said_by_hand()
    for name in (r"$\frac{1}{$", "日本" * 100, "_x\x00\x07", "<svg onload=x>"):
        play.say("JPN", 130.0, ALERT, alert(name, lon_deg=40.0))
    far = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=9)))
    play.say("USA", 140.0, exercise.CLOCK_SET, exercise.ClockSet(far, far, 1.0))
    odd = made(play, *MEMBERS, flights=None)
    assert len(odd.threats) == 5
    whole = paper(structs.replace(odd, ends_at=far))
    assert "<svg onload" not in as_html(whole)
    assert as_pdf(whole).pdf.startswith(b"%PDF-")


# The PDF


def test_the_pdf_says_what_the_page_says(printed: PdfReader, web_page: str) -> None:
    said = "".join(words_of(printed).replace("\u200b", "").split())
    for words in ("After-action review", "Share the first track at once", "1 min 40 s", "Enough was learnt.", "▲ late"):
        assert "".join(words.split()) in said, words
        assert words in Page(web_page).words.replace("\u200b", "").replace("\u00a0", " "), words


def test_the_banner_stands_on_every_page_of_the_pdf(printed: PdfReader) -> None:
    assert len(printed.pages) > 1
    for one in printed.pages:
        assert one.extract_text().count("EXERCISE freedom-27 EXERCISE") >= 2


@pytest.mark.attack("page-injection")
def test_hostile_words_are_set_as_words_in_the_pdf(printed: PdfReader) -> None:
    said = "".join(words_of(printed).replace("\u200b", "").split())
    assert '</div><script>alert("x")</script><imgsrc=xonerror=y>#panic()⟨U+202E⟩gnirts' in said
    assert not printed.attachments
    assert not any("/Annots" in one for one in printed.pages)
    assert "/OpenAction" not in str(printed.trailer["/Root"])


def test_the_same_review_is_the_same_page_and_the_same_pdf(played: Play, whole: Paper, web_page: str) -> None:
    again = paper(made(played, *MEMBERS[::-1]))
    assert as_html(again) == web_page
    assert as_pdf(again).pdf == as_pdf(whole).pdf


def test_the_pdf_bears_the_time_of_the_exercises_end(printed: PdfReader, whole: Paper) -> None:
    assert printed.metadata is not None
    assert printed.metadata.creation_date == whole.made_at


def test_a_letter_that_no_typeface_here_has_is_written_by_its_number_and_told(
    whole: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = structs.replace(whole, title="A sign of no script: \U000e1234")
    made_of = as_pdf(odd)
    assert made_of.faceless == ("\U000e1234",)
    assert "⟨U+E1234⟩" in words_of(PdfReader(io.BytesIO(made_of.pdf))).replace("\u200b", "")
    monkeypatch.setattr(pdf, "_letters_of", _no_hangul)
    bare = as_pdf(whole)
    assert "공" in bare.faceless
    assert "한국어" not in words_of(PdfReader(io.BytesIO(bare.pdf)))


def _no_hangul(path: str, index: int) -> frozenset[str]:
    """A machine whose typefaces have no Korean."""
    del path, index
    return frozenset(map(chr, range(0x80, 0x3131))) | frozenset(map(chr, range(0x3164, 0xAC00)))


# The logs


def test_the_logs_of_three_members_are_joined_and_how_each_was_checked_is_told(played: Play, tmp_path: Path) -> None:
    passed: list[None] = []
    opened = open_all([played.archive(one, tmp_path) for one in MEMBERS], lambda: passed.append(None))
    assert len(passed) == sum(one.records for one in opened.archives)
    assert dict(opened.records) == dict(played.records())
    assert [one.node for one in opened.archives] == list(MEMBERS)
    assert all("signatures and places" in one.checked and not one.vouched for one in opened.archives)
    assert opened.notes == ()
    assert review(opened.records, opened.archives, [Arc()]).chains == made(played, *MEMBERS).chains


def test_when_a_report_came_to_a_member_is_read_from_the_order_of_its_own_log(tmp_path: Path) -> None:
    play, first = with_a_defence()
    opened = open_all([play.archive(one, tmp_path) for one in MEMBERS], lambda: None)
    assert opened.taken["USA"] == {first: BEGINS + timedelta(seconds=LAUNCHED_S + 42.0)}
    assert opened.taken["JPN"] == {}
    play.sealed.insert(0, play.sealed.pop(2))
    play.sealed.append(play.sealed.pop(0))
    late = open_all([play.archive("USA", tmp_path)], lambda: None)
    assert late.taken["USA"] == {first: BEGINS + timedelta(seconds=2_000.0)}, "after what it had said itself"


def test_the_chapter_on_engagement_says_that_it_is_notional_wherever_it_is_printed() -> None:
    play, _ = with_a_defence()
    whole = review(play.records(), archives(*MEMBERS), [Arc()], defence=parse_defence(DEFENCE.encode()))
    [chapter] = [one for one in paper(whole).sections if one.heading[0][1] == "Engagement, notional"]
    figures = [block for block in chapter.blocks if isinstance(block, Figure)]
    assert [one.name for one in figures] == ["leakers", "cost"]
    assert all(one.caption.endswith("Notional.") for one in figures)
    assert "Engagement, notional" in Page(as_html(paper(whole))).words
    said = words_of(PdfReader(io.BytesIO(as_pdf(paper(whole)).pdf)))
    assert "nothing here describes equipment of any country" in " ".join(said.split())
    assert json.loads(msgspec.json.encode(whole))["engagement"]["cases"][0]["name"] == "as played"
    [compared_chapter] = [
        one for one in compared(compare(whole, whole)).sections if one.heading[0][1] == "Engagement, notional"
    ]
    assert any(isinstance(block, Table) and len(block.rows) == 2 for block in compared_chapter.blocks)


def nothing() -> None:
    """Nobody waits."""


@pytest.mark.attack("damaged-log")
def test_a_damaged_log_is_refused_and_the_line_named(played: Play, tmp_path: Path) -> None:
    file = played.archive("JPN", tmp_path)
    lines = file.read_bytes().splitlines(keepends=True)
    envelope = json.loads(lines[6])
    payload = bytearray(base64.b64decode(envelope["payload"]))
    place = payload.index(b'"at":"2027') + 7
    payload[place] = ord("3")
    envelope["payload"] = base64.b64encode(payload).decode()
    file.write_bytes(b"".join([*lines[:6], json.dumps(envelope).encode() + b"\n", *lines[7:]]))
    with pytest.raises(DamagedLog, match=r"line=7, why=the signature does not hold"):
        open_all([file], nothing)
    file.write_bytes(b"".join([*lines[:6], b"not an envelope\n", *lines[7:]]))
    with pytest.raises(DamagedLog, match="line=7"):
        open_all([file], nothing)


@pytest.mark.attack("damaged-log")
def test_two_logs_that_hold_different_records_under_one_number_are_told(played: Play, tmp_path: Path) -> None:
    other = said_by_hand()
    other.sealed.pop()
    for sealed, record in played.sealed[:-1]:
        other.lanes[record.lane] = (record.number, sealed.id)
    other.say("KOR", 2_000.0, exercise.HALTED, exercise.Halted("freedom-27", "Another reason."))
    (tmp_path / "other").mkdir()
    opened = open_all([played.archive("JPN", tmp_path), other.archive("USA", tmp_path / "other")], nothing)
    [note] = opened.notes
    assert note.startswith("two records stand under number")
    assert "of a lane of KOR" in note


@pytest.mark.attack("damaged-log")
def test_logs_that_name_other_keys_of_a_member_are_told(played: Play, tmp_path: Path) -> None:
    file, other = played.archive("JPN", tmp_path), tmp_path / "KOR.jsonl"
    more = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()
    told = json.loads(Play().archive("KOR", tmp_path).read_bytes())
    told["keys"]["USA"] = {key_id(more): more.public_bytes_raw().hex()}
    other.write_text(json.dumps(told) + "\n")
    assert open_all([file, other], nothing).notes == ("KOR.jsonl names other keys of USA than JPN.jsonl",)


@pytest.mark.attack("damaged-log")
def test_a_record_that_was_cut_out_of_a_log_is_missed(played: Play, tmp_path: Path) -> None:
    file = played.archive("JPN", tmp_path)
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*lines[:3], *lines[4:]]))
    with pytest.raises(DamagedLog, match="a record is missing"):
        open_all([file], nothing)
    file.write_bytes(b"".join([*lines, lines[3]]))
    with pytest.raises(DamagedLog, match="two records stand in one place"):
        open_all([file], nothing)


def test_a_live_log_and_logs_of_two_exercises_are_refused(played: Play, tmp_path: Path) -> None:
    file = played.archive("JPN", tmp_path)
    text = file.read_text()
    other, live = tmp_path / "other.jsonl", tmp_path / "live.jsonl"
    other.write_text(text.replace(WORLD.name, "camp-david.another", 1))
    live.write_text(text.replace(WORLD.name, "camp-david", 1))
    with pytest.raises(NotAnExercise):
        open_all([live], nothing)
    with pytest.raises(OtherExercise, match=r"another.*freedom-27"):
        open_all([file, other], nothing)
    with pytest.raises(DamagedLog, match="offered to another"):
        open_all([other], nothing)
    with pytest.raises(Nothing):
        open_all([tmp_path / "none.jsonl"], nothing)


# The verbs


@pytest.fixture(scope="module")
def folder(played: Play, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The three logs, and their review."""
    folder = tmp_path_factory.mktemp("reviews")
    for one in MEMBERS:
        played.archive(one, folder)
    laurel("review", *(folder / f"{one}.jsonl" for one in MEMBERS), "--out", folder)
    return folder


def test_the_verb_writes_a_page_a_pdf_and_json(folder: Path, tmp_path: Path) -> None:
    told = laurel("review", *(folder / f"{one}.jsonl" for one in MEMBERS), "--out", tmp_path, "--for", "JPN,KOR")
    assert sorted(Path(one).name for one in told["wrote"]) == ["review.html", "review.json", "review.pdf"]
    assert told["expected_actions"] == {"done": 2, "late": 2, "missed": 0, "awaited": 0, "not asked": 1}
    assert told["label"] == "RESTRICTED//REL TO JPN, KOR"
    assert told["no_typeface_for"] == []
    assert (tmp_path / "review.pdf").read_bytes().startswith(b"%PDF-")


def test_two_reviews_are_compared_by_a_verb(folder: Path, tmp_path: Path) -> None:
    told = laurel("compare", folder / "review.json", folder / "review.json", "--out", tmp_path)
    assert (told["changed"], told["doubts"]) == ([], [])
    seen = Page((tmp_path / "comparison.html").read_text()).words
    assert seen.count("EXERCISE freedom-27 EXERCISE") >= 2
    assert "Verdicts changed0 of 5" in seen
    assert (tmp_path / "comparison.pdf").read_bytes().startswith(b"%PDF-")


def test_what_is_no_review_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(NoReview):
        laurel("compare", folder / "review.json", folder / "JPN.jsonl", "--out", tmp_path)
    with pytest.raises(Nothing):
        laurel("compare", folder / "review.json", folder / "none.json", "--out", tmp_path)
    with pytest.raises(BadField, match="codes of members"):
        laurel("review", folder / "JPN.jsonl", "--out", tmp_path, "--for", "Japan")


def test_reviews_without_a_common_reader_are_not_set_side_by_side(played: Play) -> None:
    one, two = (review(played.records(), archives(*MEMBERS), readers=[code]) for code in ("JPN", "KOR"))
    with pytest.raises(NobodyMayReadBoth):
        compared(compare(one, two))


# Words


def test_the_truth_of_a_scenario_is_where_its_flight_is() -> None:
    [flight] = flights_of(SCENARIO.read_bytes())
    start = flight.at(0.0)
    assert start is not None
    assert sum(one * one for one in start) ** 0.5 == pytest.approx(6.37e6, rel=0.01)
    assert flight.at(-1.0) is None
    assert flight.fell is not None
    assert flight.at((flight.fell.at - flight.launched_at).total_seconds() + 1.0) is None


def test_seconds_and_metres_are_told_as_people_say_them() -> None:
    assert [
        seconds(one).replace("\u00a0", " ") for one in (None, 0.0, 99.9, 100.0, 420.0, 3_725.0, 93_600.0, -50.0)
    ] == [
        "none",
        "0.0 s",
        "99.9 s",
        "1 min 40 s",
        "7 min",
        "1 h 02 min",
        "1 d 02 h",
        "-50.0 s",
    ]
    assert [play(one).replace("\u00a0", " ") for one in (0.0, 3_661.0, 90_000.0, -5.0)] == [
        "T+00:00:00",
        "T+01:01:01",
        "T+1 d 01:00:00",
        "T-00:00:05",
    ]
    assert [distance(one).replace("\u00a0", " ") for one in (None, 12.0, 12_345.0)] == ["none", "12 m", "12.3 km"]
    assert breakable("short and " + "x" * 50).count("\u200b") == 2
    assert breakable(HOSTILE).replace("\u200b", "") == HOSTILE
