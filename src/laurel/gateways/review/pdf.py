"""A paper as PDF, by Typst: tagged for screen readers (PDF/UA-1), the same bytes from the same paper and typefaces.

Every letter is looked up in the typefaces of this machine first. One that none of them has is written by its number,
and told: an empty box would hide what somebody said.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import matplotlib as mpl
import msgspec
import typst
from fontTools.ttLib import TTFont

from laurel.core.errors import Broken
from laurel.gateways.page import by_number, unhidden
from laurel.gateways.review.blocks import Paper, Table
from laurel.gateways.review.told import PIECE, breakable

TEMPLATE = files(__package__ or "").joinpath("review.typ")
LATIN = "DejaVu Sans"
OUR_FACES = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
"""They come with matplotlib, so what we write ourselves looks the same on every machine."""
FACES = {
    "en": (LATIN, "Noto Sans CJK JP", "Noto Sans CJK KR"),
    "ja": ("Noto Sans CJK JP", "Noto Sans JP", "Hiragino Sans", "Yu Gothic", LATIN),
    "ko": ("Noto Sans CJK KR", "Noto Sans KR", "Apple SD Gothic Neo", "Malgun Gothic", LATIN),
}
"""What each language is set in, the first that is there."""
MOST_WIDTH = 60
BREAKS = re.compile("[ \n\u200b-]+")
"""Where a line may end; a space that keeps a number with its unit is none."""
GAP = 2.5
PAGE_WIDTH, NARROW_PAGE_WIDTH, NARROW_FROM = 104.0, 118.0, 8
"""Letters side by side on a page, and in the smaller face of a table of so many columns."""


class CannotPrint(Broken):
    """The typesetter refused."""

    says = "the PDF could not be made"
    remedy = "the HTML holds the same; report this with the fact below"


@dataclass(frozen=True)
class Printed:
    """A PDF, and the letters that no typeface of this machine has."""

    pdf: bytes
    faceless: tuple[str, ...]


def as_pdf(paper: Paper) -> Printed:
    """The PDF. Raises CannotPrint."""
    with _typefaces() as fonts:
        there = set(fonts.families())
        faces = {language: [one for one in wanted if one in there] for language, wanted in FACES.items()}
        faceless = _faceless(paper, fonts, [one for wanted in faces.values() for one in wanted])
        ready = {"paper": _set(paper, faceless), "faces": faces}
        try:
            pdf = typst.compile(
                TEMPLATE.read_bytes(),
                font_paths=fonts,
                sys_inputs={name: msgspec.json.encode(value).decode() for name, value in ready.items()},
                format="pdf",
                pdf_standards=["ua-1"],
                timestamp=round(paper.made_at.timestamp()),
            )
        except typst.TypstError as error:
            raise CannotPrint(why=error.message) from None
    return Printed(pdf, tuple(sorted(faceless)))


@contextmanager
def _typefaces() -> Generator[typst.Fonts]:
    """Those of this machine and our own two. The folder they come from has one that draws every letter as a box."""
    with TemporaryDirectory() as folder:
        for face in OUR_FACES:
            shutil.copy(Path(mpl.get_data_path(), "fonts", "ttf", face), folder)
        yield typst.Fonts(font_paths=[folder])


def _set(paper: Paper, faceless: frozenset[str]) -> Any:
    """The paper as the template takes it: nothing hides, no word is wider than its column."""
    plain: dict[str, Any] = msgspec.to_builtins(paper)
    widths = [[_widths(block) for block in section.blocks] for section in paper.sections]
    for section, of_section in zip(plain["sections"], widths, strict=True):
        for block, of_block in zip(section["blocks"], of_section, strict=True):
            if of_block:
                block["widths"] = of_block
    return _letters(plain, faceless)


def _letters(value: Any, faceless: frozenset[str], key: str = "") -> Any:
    if isinstance(value, str):
        return value if key in {"svg", "type", "language"} else _printable(value, faceless)
    if isinstance(value, dict):
        return {name: _letters(one, faceless, name) for name, one in cast("dict[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_letters(one, faceless, key) for one in cast("Sequence[Any]", value)]
    return value


def _printable(words: str, faceless: frozenset[str]) -> str:
    seen = "".join(by_number(one) if one in faceless else one for one in unhidden(words))
    return breakable(seen)


def _widths(block: object) -> list[float]:
    """How much of the page each column of a table gets, in letters: its longest word, and its share of what is left."""
    if not isinstance(block, Table):
        return []
    columns = list(zip(block.head, *block.rows, strict=True))
    words = [min(max(len(word) for cell in cells for word in BREAKS.split(cell)), PIECE) + GAP for cells in columns]
    wants = [min(max(map(len, cells)), MOST_WIDTH) + GAP for cells in columns]
    more = [max(want - word, 0.0) for want, word in zip(wants, words, strict=True)]
    left = max((PAGE_WIDTH if len(words) < NARROW_FROM else NARROW_PAGE_WIDTH) - sum(words), 0.0)
    share = left / sum(more) if any(more) else 0.0
    return [word + share * one for word, one in zip(words, more, strict=True)]


def _faceless(paper: Paper, fonts: typst.Fonts, families: Sequence[str]) -> frozenset[str]:
    """The letters of a paper that no typeface here has: those it is set in are asked first."""
    left = {one for words in _strings(msgspec.to_builtins(paper)) for one in unhidden(words)}
    left = {one for one in left if one > "\x7f"}
    asked = set[str]()
    for font in sorted(fonts.fonts(), key=lambda one: (one.family not in families, one.weight != 400, one.family)):
        # The faces of one family, and those of one file, have the same letters.
        if left and font.path is not None and asked.isdisjoint({font.family, font.path}):
            left -= _letters_of(font.path, font.index)
            asked |= {font.family, font.path}
    return frozenset(left)


def _strings(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, str):
        if key != "svg":
            yield value
    elif isinstance(value, Mapping):
        for name, one in cast("Mapping[str, Any]", value).items():
            yield from _strings(one, name)
    elif isinstance(value, list | tuple):
        for one in cast("Sequence[Any]", value):
            yield from _strings(one)


@cache
def _letters_of(path: str, index: int) -> frozenset[str]:
    with TTFont(path, fontNumber=index, lazy=True) as font:
        found: Mapping[int, str] = font.getBestCmap() or {}
        return frozenset(map(chr, found))
