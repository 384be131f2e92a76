"""The text in bytes whose encoding may be named wrongly, or not at all."""

from __future__ import annotations

import codecs
import re

from msgspec import Struct

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What is read is a superset of what is named. It is judged by the narrow set: by the wide one almost any bytes are
# some Korean or Chinese.
_CANDIDATES = {
    "cp949": "euc_kr",
    "cp932": "shift_jis",
    "euc_jp": "euc_jp",
    "gb18030": "gb2312",
    "cp1252": "cp1252",
}
_READ_AS = {
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
}
"""WHATWG Encoding Standard, labels: what pages name so is this."""
_NAMES = {
    "cp949": "EUC-KR",
    "cp932": "Shift_JIS",
    "euc_jp": "EUC-JP",
    "gb18030": "GB 18030",
    "cp1252": "Windows-1252",
    "iso2022_jp": "ISO-2022-JP",
}

_DECLARED = re.compile(rb"""(?:encoding|charset)\s*=\s*["']?\s*([A-Za-z0-9._:-]{2,40})""", re.IGNORECASE)
DECLARED_WITHIN = 4_096
_SAMPLE = 20_000
_BELIEVED = 0.8
"""What is declared is believed if it reads this well beside what reads best."""

_KANA, _HANGUL, _HAN = re.compile("[\u3041-\u30ff]"), re.compile("[\uac00-\ud7a3]"), re.compile("[\u4e00-\u9fff]")
_UNLIKELY = re.compile("[\x80-\x9f\u3131-\u318e\ue000-\uf8ff\uff61-\uff9f]")
_NOT_ASCII = re.compile("[^\x00-\x7f]+")


class Decoded(Struct, frozen=True):
    """The text, the encoding it was read by, and what was wrong."""

    text: str
    encoding: str
    findings: tuple[str, ...] = ()


def decode(content: bytes, declared: str | None = None) -> Decoded:
    """The text of a page or feed. `declared` is what its server said; what the file itself says comes second.

    A mark at the beginning is believed, then UTF-8 if it holds throughout, then whatever reads most like Korean,
    Japanese or Chinese.
    """
    decoded = _decoded(content, _codec(declared or declared_in(content)))
    # In two bytes a letter, it is found only once they are read.
    named = declared or declared_in(decoded.text[:DECLARED_WITHIN].encode("ascii", "ignore"))
    findings = list(decoded.findings)
    said = name_of(decoded.encoding)
    if named is not None and not decoded.encoding.startswith(_codec(named) or "") and not decoded.text.isascii():
        findings.insert(0, f"declared {named}, but it is {said}: read so")
    marked = content.startswith(tuple(mark for mark, _ in _BOMS))
    if named is None and not decoded.text.isascii() and not marked:
        findings.insert(0, f"no encoding declared: read as {said}")
    lost = decoded.text.count("\ufffd")
    if lost:
        findings.append(f"characters that could not be read: {lost}")
    if twice_encoded(decoded.text):
        findings.append("words look garbled, as if encoded twice: kept as they are")
    return Decoded(decoded.text, said, tuple(findings))


def declared_in(content: bytes) -> str | None:
    """The encoding that the file names for itself, in an XML declaration or a meta element."""
    found = _DECLARED.search(content, 0, DECLARED_WITHIN)
    return None if found is None else found[1].decode("ascii")


def name_of(encoding: str) -> str:
    """What people call it."""
    return _NAMES.get(encoding, encoding.upper())


def twice_encoded(text: str) -> bool:
    """Whether runs of it are UTF-8 that was read as Windows-1252."""
    return any(_is_utf8(run) for run in _NOT_ASCII.findall(text[: 50 * _SAMPLE]))


def _decoded(content: bytes, declared: str | None) -> Decoded:
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return Decoded(content[len(mark) :].decode(encoding, "replace"), encoding)
    if b"\0" in content[:_SAMPLE]:
        # The zeros of ASCII letters stand before or behind them.
        encoding = "utf-16-be" if content[:_SAMPLE:2].count(0) > content[1:_SAMPLE:2].count(0) else "utf-16-le"
        return Decoded(content.decode(encoding, "replace"), encoding)
    if b"\x1b$" in content:
        return Decoded(content.decode("iso2022_jp", "replace"), "iso2022_jp")
    try:
        return Decoded(content.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        broken = error
    scores = {read: _likeness(content, judged) for read, judged in _CANDIDATES.items()}
    # A file of UTF-8 with one bad byte is still UTF-8.
    scores["utf-8"] = _likeness(content, "utf-8")
    best = max(scores, key=lambda one: scores[one])
    if declared in scores and scores[declared] > 0 and scores[declared] >= _BELIEVED * scores[best]:
        best = declared
    findings = (f"not UTF-8 from byte {broken.start} on",) if best == "utf-8" else ()
    return Decoded(content.decode(best, "replace"), best, findings)


def _likeness(content: bytes, encoding: str) -> float:
    """How much the bytes read like words of the languages that use it. Only to be compared."""
    text = "".join(_NOT_ASCII.findall(content.decode(encoding, "replace")))[:_SAMPLE]
    if encoding == "cp1252":
        # Any bytes are some Western text: it is what remains when nothing else is likely.
        return 0.01
    likely = len(_KANA.findall(text)) + len(_HANGUL.findall(text)) + 0.5 * len(_HAN.findall(text))
    return likely - 2.0 * len(_UNLIKELY.findall(text)) - 3.0 * text.count("\ufffd")


def _codec(named: str | None) -> str | None:
    if named is None:
        return None
    try:
        known = codecs.lookup(named).name
    except (LookupError, ValueError):
        return named
    return _READ_AS.get(known, known)


def _is_utf8(run: str) -> bool:
    try:
        found = bytes(_byte(one) for one in run).decode("utf-8")
    except (UnicodeError, ValueError):
        return False
    return len(found) < len(run)


def _byte(one: str) -> int:
    return ord(one) if ord(one) < 0x100 else one.encode("cp1252")[0]
