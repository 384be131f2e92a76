"""A page to print: one file, no script, nothing from elsewhere, and nothing in it but what is put there as text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from laurel.core.label import Label
from laurel.core.record import in_utc
from laurel.gateways.bundle import Head, Proof, Verdict

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
STYLE = """
:root { color-scheme: light; color: #000; background: #fff }
:root { font: 11pt/1.5 system-ui, "Noto Sans", "Noto Sans CJK JP", sans-serif }
:lang(ja) { font-family: "Noto Sans CJK JP", "Hiragino Sans", "Yu Gothic", sans-serif }
:lang(ko) { font-family: "Noto Sans CJK KR", "Apple SD Gothic Neo", "Malgun Gothic", sans-serif; word-break: keep-all }
body { max-width: 46rem; margin: 2.5rem auto; padding: 0 1rem }
.banner { font-weight: 700; text-align: center; border: 2px solid #000; padding: .25rem; letter-spacing: .04em }
h1 { font-size: 1.4rem; line-height: 1.3 } h2 { font-size: 1.05rem; margin: 2rem 0 .25rem }
article { border-top: 1px solid #000; margin-top: 1.5rem; break-inside: auto }
.text { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; margin: .5rem 0 }
.original { font-size: 1.1rem } .translation { border-left: 3px double #555; padding-left: .75rem; margin-left: .75rem }
.draft { font-weight: 700; border: 1px dashed #000; padding: 0 .3rem }
table { border-collapse: collapse; width: 100%; font-size: .85rem; margin: .5rem 0; break-inside: avoid }
th, td { border: 1px solid #666; padding: .15rem .4rem; text-align: left; vertical-align: top; overflow-wrap: anywhere }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .8rem; margin: .5rem 0 }
dd { margin: 0; overflow-wrap: anywhere }
small, .id { font-size: .75rem; color: #333; overflow-wrap: anywhere }
@page { margin: 18mm 15mm }
@media print { body { margin: 0; max-width: none } h2, dl { break-after: avoid } }
"""
# Marks that turn the order of letters round, and what no printer prints: shown by number, so that nothing hides.
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
LANGUAGES = {"en": "English", "ja": "日本語 (Japanese)", "ko": "한국어 (Korean)"}
PROVED_BY = {
    Proof.GIVEN: "card or key held by the checker",
    Proof.CARD_IN_FILE: "card in the file; compare the fingerprint",
    Proof.EXPORTER: "word of the exporter alone",
}

Html = str
"""Text that is HTML already; everything else goes through `text`."""


def unhidden(words: str) -> str:
    """Words, and by number what would hide in them."""
    return HIDDEN.sub(lambda found: by_number(found.group()), words)


def by_number(letter: str) -> str:
    """A letter that cannot be shown, as its number."""
    return f"⟨U+{ord(letter):04X}⟩"


def text(words: str) -> Html:
    """Words as they are, whatever they contain."""
    return html.escape(unhidden(words))


def tag(name: str, inner: Html, *, lang: str = "", mark: str = "") -> Html:
    """An element around that."""
    attributes = f' class="{html.escape(mark)}"' * bool(mark) + f' lang="{html.escape(lang)}"' * bool(lang)
    return f"<{name}{attributes}>{inner}</{name}>"


def words(said: str, language: str, mark: str = "text") -> Html:
    """What somebody wrote, in its language, line by line as he wrote it."""
    return tag("div", text(said), lang=language, mark=mark)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Html:
    """A table of plain words."""
    top = tag("tr", "".join(tag("th", text(one)) for one in head))
    return tag("table", top + "".join(tag("tr", "".join(tag("td", text(one)) for one in row)) for row in rows))


def pairs(rows: Iterable[tuple[str, str]]) -> Html:
    """Names and what they stand for."""
    return tag("dl", "".join(tag("dt", text(name)) + tag("dd", text(value)) for name, value in rows))


def utc(at: datetime) -> str:
    """A moment as it is printed, always in UTC."""
    return f"{in_utc(at):%Y-%m-%d %H:%M:%S} UTC"


def language(code: str) -> str:
    """What a language is called."""
    return LANGUAGES.get(code, code)


def document(title: str, banner: str, body: Iterable[Html], style: str = "") -> str:
    """The whole page, its banner at the top and at the end. `style` is added to that of all pages."""
    mark = tag("div", text(banner), mark="banner")
    head = (
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{html.escape(POLICY)}">'
        f'<meta name="viewport" content="width=device-width">{tag("title", text(title))}{tag("style", STYLE + style)}'
    )
    inside = "\n".join(body)
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>{mark}\n{inside}\n{mark}</body></html>\n'


def banner(head: Head) -> str:
    """The label of all that is exported; an exercise says so first."""
    return marked(head.exercise, head.label)


def marked(exercise: str | None, label: Label) -> str:
    """What stands at the top and at the end of a page with that label; an exercise says so first."""
    plays = "" if exercise is None else f"EXERCISE {exercise} EXERCISE — "
    return f"{plays}{label.banner}"


def heading(level: str, *names: tuple[str, str]) -> Html:
    """A heading in several languages, each marked as such, the first by itself."""
    said = (tag("span", text(name), lang=code) for code, name in names)
    return tag(level, " · ".join(said))


def part(names: Sequence[tuple[str, str]], inside: Sequence[Html]) -> list[Html]:
    """A part of a page under its heading, which says so where there is nothing in it."""
    return [heading("h2", *names), *(inside or [tag("p", text("None."))])]


def signatures(verdict: Verdict, sha256: str) -> Html:
    """Who signed, by which keys, and which file proves it."""
    head = ("Member", "Records", "Public key (Ed25519)", "Known by", "Fingerprint of its card")
    rows = [
        (one.member, str(one.records), " ".join(one.keys), PROVED_BY[one.proof], one.fingerprint or "")
        for one in verdict.signers
    ]
    facts = (
        ("Signed file", f"SHA-256 {sha256}"),
        ("To check it", "laurel bundle verify FILE, or see docs/verifying.md"),
    )
    plain = "This page proves nothing by itself. The signed file does, for who has the members' keys from themselves."
    return tag("h2", "Signatures") + table(head, rows) + pairs(facts) + tag("small", text(plain))
