"""What was found in a feed or an article: all that an officer needs to file a report, but grade and label."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

from msgspec import Struct

MAX_BYTES = 20 * 1024 * 1024
"""No feed or article is larger: what is, is refused unread."""
MAX_TITLE, MAX_WORDS, MAX_PUBLISHER, MAX_URL = 1_000, 40_000, 120, 2_000

_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)
# The zones of the region that feeds write in letters, and mail's grammar (RFC 5322) does not know.
_ZONES = {"JST": "+0900", "KST": "+0900", "UTC": "+0000", "Z": "+0000"}
_ZONE = re.compile(r"\b(JST|KST|UTC|Z|-0000)$")
_KANA, _HANGUL, _HAN = re.compile("[\u3041-\u30ff]"), re.compile("[\uac00-\ud7a3]"), re.compile("[\u4e00-\u9fff]")
_LETTERS = re.compile(r"[^\W\d_]")
_LANGUAGE = re.compile("[a-z]{2}(?=$|[-_])")
_SPACES, _LINES = re.compile(r"[^\S\n]+"), re.compile(r"\s*\n\s*")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")


class Found(Struct, frozen=True):
    """One article or entry, original first; "" and None are what it does not say. `findings` are what is wrong.

    `published_at` keeps the zone it was written in, `published_said` is how it was written. `sha256` and `size` are
    those of the bytes that were read: the whole feed for an entry of it.
    """

    title: str
    words: str
    language: str
    publisher: str
    published_at: datetime | None
    published_said: str
    url: str
    sha256: str
    size: int
    read_by: str
    findings: tuple[str, ...] = ()


def published(said: str, now: datetime) -> tuple[datetime | None, str | None]:
    """When it was published, in its own zone, and what is wrong with how that is said."""
    said = said.strip()
    if not said:
        return None, "does not say when it was published"
    at = _moment(_ZONE.sub(lambda zone: _ZONES.get(zone[1], "+0000"), said))
    if at is None:
        return None, f"says it was published {said[:60]!r}, which is no date"
    if at.tzinfo is None:
        return None, f"says it was published {said[:60]!r}, without a zone: when that was, nobody knows"
    if not _EARLIEST <= at <= now + _AHEAD:
        return None, f"says it was published {said[:60]!r}, which cannot be"
    return at, None


def language(declared: str, words: str) -> tuple[str, str | None]:
    """The language (ISO 639-1) and what is wrong with how it is declared. The script of the words is believed."""
    found = _LANGUAGE.match(declared.strip().lower())
    code = "" if found is None else found[0]
    script = _script(words)
    if script and script != code:
        wrong = (
            f"declared {code}, but its script is that of {script}"
            if code
            else f"no language declared: by its script {script}"
        )
        return script, wrong
    if not code:
        return "", "no language declared, and its script does not tell"
    if code in {"ja", "ko"} and _LETTERS.search(words) and not script:
        return code, f"declared {code}, but hardly a letter of it is"
    return code, None


def link(said: str, base: str) -> tuple[str, str | None]:
    """The address, absolute, and what is wrong with it."""
    said = said.strip()
    if not said:
        return "", "has no address"
    try:
        address = urljoin(base, said)
        parts = urlsplit(address)
    except ValueError:
        return "", f"address {said[:60]!r} is none"
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        why = "is relative, and to what is not said" if not parts.scheme else "is not of the web"
        return "", f"address {said[:60]!r} {why}"
    if len(address) > MAX_URL:
        return "", f"address of {len(address)} characters: left out"
    return address, None


def plain(text: str, most: int, what: str) -> tuple[str, str | None]:
    """Text as people read it, on lines, and what was done to it."""
    clean = _CONTROLS.sub("", text)
    said = _LINES.sub("\n", _SPACES.sub(" ", clean)).strip()
    if len(said) > most:
        return said[:most], f"{what} of {len(said)} characters: cut at {most}"
    if len(clean) != len(text):
        return said, f"{what} held characters that are not shown: left out"
    return said, None


def said(*wrongs: str | None) -> tuple[str, ...]:
    """What is wrong, each once."""
    return tuple(dict.fromkeys(one for one in wrongs if one))


def _moment(text: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            at = read(text)
            at.astimezone(UTC)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
        return at
    return None


def _script(words: str) -> str:
    """`ja` or `ko` by its letters; "" where many languages share them."""
    letters = max(len(_LETTERS.findall(words[:MAX_WORDS])), 1)
    kana, hangul, han = (len(one.findall(words[:MAX_WORDS])) for one in (_KANA, _HANGUL, _HAN))
    if hangul > 0.3 * letters and hangul > kana:
        return "ko"
    if kana and kana + han > 0.3 * letters:
        return "ja"
    return ""
