"""What a printed review is made of, whether it becomes HTML or PDF: words, facts, tables, figures."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

Names = tuple[tuple[str, str], ...]
"""A heading in several languages: (code, words)."""


class Words(Struct, frozen=True, tag="words"):
    """What somebody wrote, in its language; who and when stand above it. `language` is empty for our own English."""

    text: str
    language: str = ""
    by: str = ""


class Facts(Struct, frozen=True, tag="facts"):
    """Names and what they stand for."""

    rows: tuple[tuple[str, str], ...]


class Table(Struct, frozen=True, tag="table"):
    """Rows of plain words. `figures` are the columns, from 0, that hold numbers."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    figures: tuple[int, ...] = ()


class Figure(Struct, frozen=True, tag="figure"):
    """A drawing (SVG) and what it shows, for those who cannot see it. A table of its numbers stands beside it."""

    name: str
    svg: str
    caption: str


class Section(Struct, frozen=True, tag="section"):
    """A part under its heading."""

    heading: Names
    blocks: tuple[Words | Facts | Table | Figure, ...]


class Paper(Struct, frozen=True):
    """The whole. `banner` stands on every page; `made_at` is the time of what it tells, never that of its printing."""

    title: str
    banner: str
    exercise: str
    heading: Names
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    made_at: datetime
