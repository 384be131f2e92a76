"""Firms stay at home: what crosses has no field for one, and its free text names none that our own data know.

Text and names are compared folded: compatibility forms made one (width), accents taken off, small and capital letters
one, everything else than letters and digits a gap. A name counts where it stands as whole words. Scripts that put no
gap between words (Chinese, Japanese, Korean, Thai) have no whole words: there it counts wherever it stands. Of a
firm's name the legal form may be left off ("Co., Ltd."), and what stands in brackets is a name of its own.

What this cannot see: a name that our data do not have, a letter of another script that only looks alike, a firm
described without its name. An officer reads what is filed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import msgspec
from msgspec import Struct

from laurel.core.errors import NotPermitted
from laurel.core.instrument import View
from laurel.instruments.supply.dataset import firms_named

SHORTEST = 2
BRACKETS = re.compile(r"[(\[](?P<inside>[^)\]]*)[)\]]")
_LEGAL = """
ab ag bhd bv co company corp corporation gmbh group holding holdings inc incorporated kg kk limited llc ltd nv oy plc
pte pty sa sas sdn se spa srl
"""
LEGAL = frozenset(_LEGAL.split())
LEGAL_RUN_ON = ("株式会社", "株式會社", "有限会社", "有限公司", "주식회사")
"""Legal forms, and those that are written without a gap before or after the name."""
UNSPACED = (
    (0x0E00, 0x0E7F),
    (0x1100, 0x11FF),
    (0x2E80, 0x9FFF),
    (0xA960, 0xA97F),
    (0xAC00, 0xD7FF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
"""Scripts without gaps between words, by code points: Thai, Hangul, kana and Han."""
STROKES = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "\u0131": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
"""Letters that are accented and no compatibility form."""
VOICED = "\u3099\u309a"
"""Marks that make another sound of a kana, and no accents."""


class NamesFirm(NotPermitted):
    """Aggregates cross, firms do not."""

    says = "this would tell others of a firm"
    remedy = "say it without these words: the firm's country, its sector, or what it makes; name it in --firms instead"


def clean(body: Struct, view: View, also: Iterable[str] = ()) -> None:
    """Every text of what shall cross, wherever it stands. Raises NamesFirm if it names a firm of our data or of `also`.

    The facts say in which field which words stand, and are shown to who asks, at home.
    """
    known = known_to(view, also)
    found: dict[str, tuple[str, ...]] = {}
    for field, text in _texts(msgspec.to_builtins(body), ""):
        if hits := named_in(text, known):
            found[field] = tuple(sorted({*found.get(field, ()), *hits}))
    if found:
        raise NamesFirm(**{field: ", ".join(words) for field, words in found.items()})


def known_to(view: View, also: Iterable[str] = ()) -> Known:
    """The firms of our own data, and these."""
    return names((*firms_named(view), *also))


def _texts(value: object, field: str) -> Iterator[tuple[str, str]]:
    """Each text of a body with the field of it that holds it."""
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, Mapping):
        for name, one in cast("Mapping[str, object]", value).items():
            yield from _texts(one, field or name)
    elif isinstance(value, list | tuple):
        for one in cast("Iterable[object]", value):
            yield from _texts(one, field)


@dataclass(frozen=True)
class Known:
    """Names to look for, folded, and the firm that each is of: as whole words, and run on."""

    words: Mapping[str, str]
    run_on: Mapping[str, str]


def names(given: Iterable[str]) -> Known:
    """Every form of these names."""
    words: dict[str, str] = {}
    run_on: dict[str, str] = {}
    for name in given:
        for form in forms(name):
            if any(_is_unspaced(letter) for letter in form):
                run_on[form.replace(" ", "")] = name
            else:
                words[f" {form} "] = name
    return Known(words, run_on)


@lru_cache(maxsize=8192)
def forms(name: str) -> tuple[str, ...]:
    """How a firm may be named by this name: whole, without brackets, in brackets, without its legal form."""
    # Wide brackets are brackets.
    narrow = unicodedata.normalize("NFKC", name)
    inside = [match["inside"] for match in BRACKETS.finditer(narrow)]
    found: list[str] = []
    for one in (narrow, BRACKETS.sub(" ", narrow), *inside):
        found.append(fold(one))
        words = _without_run_on(fold(one)).split()
        while words and words[-1] in LEGAL:
            words.pop()
        while words and words[0] in LEGAL:
            words.pop(0)
        found.append(" ".join(words))
    return tuple(dict.fromkeys(one for one in found if len(one) >= SHORTEST and one not in {*LEGAL, *LEGAL_RUN_ON}))


def _without_run_on(name: str) -> str:
    for form in LEGAL_RUN_ON:
        name = name.removeprefix(form).removesuffix(form)
    return name


def named_in(text: str, known: Known) -> list[str]:
    """The firms that a text names, as our data write them."""
    folded = f" {fold(text)} "
    without_gaps = folded.replace(" ", "")
    hits = [name for form, name in known.words.items() if form in folded]
    hits += [name for form, name in known.run_on.items() if form in without_gaps]
    return list(dict.fromkeys(hits))


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Words in small letters with single gaps between; a change to a script without gaps is a gap as well."""
    parts: list[str] = []
    for letter in unicodedata.normalize("NFC", _without_accents(text)).casefold().translate(STROKES):
        if not letter.isalnum():
            # A joiner or a soft hyphen within a word is nothing to who reads it.
            parts.append("" if unicodedata.category(letter) == "Cf" else " ")
        elif _is_unspaced(letter):
            parts.append(f"\0{letter}\0")
        else:
            parts.append(letter)
    return " ".join("".join(parts).replace("\0\0", "").replace("\0", " ").split())


def _without_accents(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text)
    return "".join(one for one in apart if unicodedata.category(one) != "Mn" or one in VOICED)


def _is_unspaced(letter: str) -> bool:
    point = ord(letter)
    return any(first <= point <= last for first, last in UNSPACED)
