"""What an officer's terminal makes of feeds and saved articles: right in every encoding, plain about what is wrong."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laurel.core.errors import BadField
from laurel.gateways.press.articles import MAX_TAGS, read_article
from laurel.gateways.press.decode import decode
from laurel.gateways.press.feeds import MAX_ENTRIES, read_feed
from laurel.gateways.press.found import MAX_BYTES, MAX_WORDS

WRITTEN = Path(__file__).parent / "written"
NOW = datetime(2022, 10, 5, tzinfo=UTC)
PUBLISHED = datetime.fromisoformat("2022-10-04T08:05:00+09:00")
ENCODINGS = {
    "ja": ("utf-8", "utf-8-sig", "shift_jis", "euc_jp", "iso2022_jp", "utf-16", "utf-16-le"),
    "ko": ("utf-8", "utf-8-sig", "euc_kr", "cp949", "utf-16", "utf-16-be"),
}
TRANSCODED = [(language, encoding) for language, encodings in ENCODINGS.items() for encoding in encodings]


def written(name: str) -> str:
    return (WRITTEN / name).read_text(encoding="utf-8")


def test_a_saved_article_gives_all_that_a_report_needs_and_nothing_of_the_page_around_it() -> None:
    content = (WRITTEN / "article.en.html").read_bytes()
    found = read_article(content, NOW)
    assert found.title == "TEST DATA: Object seen to fly over the strait of Esk"
    assert found.publisher == "The Esk Test Gazette"
    assert found.language == "en"
    assert found.published_at == PUBLISHED
    assert str(found.published_at) == "2022-10-04 08:05:00+09:00"
    assert found.url == "https://gazette.test/2022/10/04/strait.html"
    assert (found.sha256, found.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert "counted two objects" in found.words
    assert "Subscribe" not in found.words
    assert found.findings == ()


@pytest.mark.parametrize(("language", "encoding"), TRANSCODED)
def test_an_article_is_read_in_whatever_it_is_encoded_and_a_wrong_declaration_is_said(
    language: str, encoding: str
) -> None:
    page = written(f"article.{language}.html")
    found = read_article(page.encode(encoding), NOW)
    plain = read_article(page.encode(), NOW)
    assert (found.title, found.words, found.publisher) == (plain.title, plain.words, plain.publisher)
    assert found.language == language
    assert plain.findings == ()
    mended = any(one.startswith("declared utf-8, but it is ") for one in found.findings)
    assert mended is (not encoding.startswith("utf-8"))
    undeclared = read_article(page.replace('<meta charset="utf-8">', "").encode(encoding), NOW)
    assert undeclared.words == plain.words


@pytest.mark.parametrize(("language", "encoding"), [("ja", "shift_jis"), ("ja", "euc_jp"), ("ko", "euc_kr")])
@pytest.mark.parametrize("declared", ["iso-8859-1", "euc-kr", "shift_jis", "nonsense-9"])
def test_no_declaration_makes_another_language_of_it(language: str, encoding: str, declared: str) -> None:
    page = written(f"article.{language}.html").replace("utf-8", declared)
    found = read_article(page.encode(encoding), NOW)
    assert found.words == read_article(written(f"article.{language}.html").encode(), NOW).words


def test_words_that_were_encoded_twice_are_kept_and_flagged() -> None:
    garbled = written("article.ko.html").encode().decode("latin-1").encode()
    found = read_article(garbled, NOW)
    assert "words look garbled, as if encoded twice: kept as they are" in found.findings
    assert "declared ko, but hardly a letter of it is" in found.findings


def test_a_western_page_that_declares_nothing_is_not_taken_for_a_korean_one() -> None:
    assert decode("Été à la plage, où l'élève a mangé".encode("cp1252")).text == "Été à la plage, où l'élève a mangé"


def test_a_broken_byte_costs_one_character_and_no_more() -> None:
    content = written("article.ja.html").encode()
    broken = content.replace("火".encode(), "火".encode()[:-1], 1)
    found = read_article(broken, NOW)
    assert "characters that could not be read: 1" in found.findings
    assert "七時二十五分" in found.words


@pytest.mark.parametrize("content", [b"", b"   ", b"\0\0\0", b"<html><body></body></html>", b"%PDF-1.4", b"\xff" * 99])
def test_what_holds_no_article_says_so(content: bytes) -> None:
    found = read_article(content, NOW)
    assert found.words == ""
    assert "no article was found in it: read the file itself" in found.findings


@pytest.mark.parametrize(
    ("said", "finding"),
    [
        ("2022-10-04T08:05:00", "without a zone"),
        ("2022-10-04", "only a day of publication is given: 2022-10-04"),
        ("yesterday", "which is no date"),
        ("1804-10-04T08:05:00+09:00", "which cannot be"),
        ("2029-10-04T08:05:00+09:00", "which cannot be"),
    ],
)
def test_a_time_of_publication_that_is_missing_half_or_wrong_is_not_guessed(said: str, finding: str) -> None:
    page = written("article.en.html").replace("2022-10-04T08:05:00+09:00", said)
    found = read_article(page.encode(), NOW)
    assert found.published_at is None
    assert found.published_said == said
    assert any(finding in one for one in found.findings)


def test_a_declared_language_that_the_script_denies_is_not_believed() -> None:
    found = read_article(written("article.ko.html").replace('lang="ko"', 'lang="en"').encode(), NOW)
    assert found.language == "ko"
    assert "declared en, but its script is that of ko" in found.findings


def test_a_relative_address_without_a_base_is_left_out_and_said() -> None:
    page = written("article.en.html").replace("saved from url", "kept")
    found = read_article(page.encode(), NOW)
    assert found.url == ""
    assert any("is relative" in one for one in found.findings)
    assert (
        read_article(page.encode(), NOW, url="https://gazette.test/x").url
        == "https://gazette.test/2022/10/04/strait.html"
    )


def test_a_page_that_would_take_minutes_is_refused_or_cut() -> None:
    with pytest.raises(BadField, match="limit"):
        read_article(b" " * (MAX_BYTES + 1), NOW)
    with pytest.raises(BadField, match="tags"):
        read_article(b"<b>" * (MAX_TAGS + 1), NOW)
    bomb = "<p " + " ".join(f"a{n}=1" for n in range(50_000)) + ">Read all the same, whatever stands about it.</p>"
    found = read_article(f"<html lang=en><body>{bomb}</body></html>".encode(), NOW)
    assert found.words == "Read all the same, whatever stands about it."
    assert any("more than 20000 characters" in one for one in found.findings)
    deep = "<div>" * 20_000 + "down here" + "</div>" * 20_000
    assert "no article was found in it: read the file itself" in read_article(deep.encode(), NOW).findings


def test_a_text_that_no_record_holds_is_cut_and_said() -> None:
    long = written("article.en.html").replace("Nobody was hurt", "Nobody was hurt. " * 4_000)
    found = read_article(long.encode(), NOW)
    assert len(found.words) == MAX_WORDS
    assert any("cut at 40000" in one for one in found.findings)


def test_structured_data_says_who_published_it_when() -> None:
    linked = (
        '<script type="application/ld+json">{"@graph": [{"datePublished": "2022-10-04T08:05:00+09:00", '
        '"publisher": {"name": "Linked Test Gazette"}}]}</script><script type="application/ld+json">{broken</script>'
    )
    page = "\n".join(line for line in written("article.en.html").splitlines() if "<meta property" not in line)
    found = read_article(page.replace("</head>", f"{linked}</head>").encode(), NOW)
    assert found.publisher == "Linked Test Gazette"
    assert found.published_at == PUBLISHED


def test_a_feed_is_read_entry_by_entry_and_each_says_what_is_wrong_with_it() -> None:
    content = (WRITTEN / "feed.ja.xml").read_bytes()
    feed = read_feed(content, NOW, url="https://esu.test/feed.xml")
    assert feed.findings == ()
    assert feed.sha256 == hashlib.sha256(content).hexdigest()
    first, second, again, timeless, impossible = feed.entries
    assert first.findings == second.findings == ()
    assert first.words == "この記事は試験のために作られたものです。明るい物体が見えました。"
    assert first.url == "https://esu.test/2022/10/04/kaikyo.html"
    assert (first.published_at, first.language, first.publisher) == (PUBLISHED, "ja", "江須試験新聞（試験用）")
    assert second.published_at == datetime.fromisoformat("2022-10-04T09:30:00+09:00")
    assert again.findings == ("repeats entry 1",)
    assert "has no words: only a title" in timeless.findings
    assert any("without a zone" in one for one in timeless.findings)
    assert any("is not of the web" in one for one in timeless.findings)
    assert any("is no date" in one for one in impossible.findings)


def test_atom_is_read_with_its_base_and_its_language() -> None:
    feed = read_feed((WRITTEN / "feed.ko.xml").read_bytes(), NOW)
    first, second = feed.entries
    assert first.url == "https://esk.test/2022/10/04/haehyeop.html"
    assert first.words == "이 기사는 시험을 위하여 지어낸 글입니다.\n밝은 물체가 보였습니다."
    assert (first.language, first.published_at) == ("ko", PUBLISHED)
    assert second.published_at == datetime(2022, 10, 4, 9, 30, tzinfo=UTC)
    assert feed.findings == first.findings == second.findings == ()


@pytest.mark.parametrize(
    ("name", "encoding"), [("feed.ja.xml", "shift_jis"), ("feed.ko.xml", "euc_kr"), ("feed.ja.xml", "utf-16")]
)
def test_a_feed_that_declares_another_encoding_is_read_and_said(name: str, encoding: str) -> None:
    feed = read_feed(written(name).encode(encoding), NOW)
    assert [one.title for one in feed.entries] == [one.title for one in read_feed(written(name).encode(), NOW).entries]
    assert feed.findings[0].startswith("declared UTF-8, but it is ")


def test_broken_xml_is_read_as_far_as_it_goes_and_said() -> None:
    feed = read_feed(written("feed.ja.xml").replace("<guid", "<guid & <", 1).encode(), NOW)
    assert len(feed.entries) == 5
    assert feed.findings[0].startswith("not well-formed XML")
    cut = read_feed(written("feed.ja.xml")[:900].encode(), NOW)
    assert cut.entries[0].title == "【試験用】江須海峡の上空を飛翔体が通過"


@pytest.mark.attack("malformed")
@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE r [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]>',
        "<!DOCTYPE r ["
        '<!ENTITY a0 "ha">'
        + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
        + '<!ENTITY x "&a11;">]>',
        f'<!DOCTYPE r [<!ENTITY x "{"ha" * 100_000}">]>',
    ],
)
def test_entities_are_never_expanded(declared: str) -> None:
    evil = written("feed.ja.xml").replace("<rss", f"{declared}<rss").replace("【試験用】連絡船", "&x;" * 1_000)
    feed = read_feed(evil.encode(), NOW)
    assert any("entities: not expanded" in one for one in feed.findings)
    assert len(feed.entries) == 5
    assert all(len(one.title) <= 1_000 and "haha" not in one.title for one in feed.entries)


def test_what_is_no_feed_is_refused_and_an_empty_one_says_so() -> None:
    for content in (
        b"",
        b"hello",
        b"/etc/hostname",
        b"http://127.0.0.1:9/feed",
        (WRITTEN / "article.en.html").read_bytes(),
    ):
        with pytest.raises(BadField, match="neither RSS nor Atom"):
            read_feed(content, NOW)
    empty = read_feed(b"<rss version='2.0'><channel></channel></rss>", NOW)
    assert empty.findings == ("the feed does not say whose it is", "the feed has no entries")


def test_a_feed_of_ten_thousand_entries_is_read_and_what_is_beyond_is_said() -> None:
    item = "<item><title>TEST {n}</title><guid>{n}</guid><description>Written for a test.</description></item>"
    items = "".join(item.format(n=n) for n in range(MAX_ENTRIES + 5))
    feed = read_feed(f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode(), NOW)
    assert len(feed.entries) == MAX_ENTRIES
    assert "5 entries more than 10000: left out" in feed.findings


@settings(max_examples=30, deadline=None)
@given(content=st.binary(max_size=400), where=st.integers(0, 1_500))
def test_no_bytes_break_the_reading(content: bytes, where: int) -> None:
    page = (WRITTEN / "article.ko.html").read_bytes()
    assert read_article(page[:where] + content + page[where:], NOW).sha256
    feed = (WRITTEN / "feed.ko.xml").read_bytes()
    with suppress(BadField):
        assert read_feed(feed[:where] + content + feed[where:], NOW).sha256
