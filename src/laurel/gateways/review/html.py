"""A paper as one HTML page: no script, nothing from elsewhere, and whatever anyone wrote is text."""

from __future__ import annotations

import html
import re

from laurel.gateways.page import Html, document, heading, pairs, tag, text, words
from laurel.gateways.review.blocks import Facts, Figure, Paper, Section, Table, Words
from laurel.gateways.review.told import breakable

STYLE = """
body { max-width: 60rem }
th, td { overflow-wrap: normal }
th.figure, td.figure { text-align: right; font-variant-numeric: tabular-nums }
table { break-inside: auto } tr { break-inside: avoid }
figure { margin: 1rem 0; break-inside: avoid } figure svg { width: 100%; height: auto }
figcaption { font-size: .8rem; color: #333 }
.by { font-size: .8rem; color: #333; margin: .8rem 0 0 }
"""
_ID = re.compile(r'\bid="([^"]+)"')
_USED = re.compile(r'(href="#|url\(#)([^")]+)')


def as_html(paper: Paper) -> str:
    """The page."""
    body = [
        heading("h1", *paper.heading),
        tag("p", text(paper.title)),
        pairs(paper.facts),
        *(part for section in paper.sections for part in _section(section)),
    ]
    return document(paper.title, paper.banner, body, STYLE)


def _section(section: Section) -> list[Html]:
    return [heading("h2", *section.heading), *(_block(one) for one in section.blocks)]


def _block(block: Words | Facts | Table | Figure) -> Html:
    match block:
        case Words(text=said, language="", by=by):
            return _by(by) + tag("p", text(said), mark="text")
        case Words(text=said, language=language, by=by):
            return _by(by) + words(said, language)
        case Facts(rows=rows):
            return pairs(rows)
        case Table():
            return _table(block)
        case Figure():
            return _figure(block)


def _by(by: str) -> Html:
    return tag("p", text(by), mark="by") if by else ""


def _table(table: Table) -> Html:
    marks = ["figure" * (column in table.figures) for column in range(len(table.head))]
    top = "".join(
        f'<th scope="col" class="{mark}">{text(one)}</th>' if mark else f'<th scope="col">{text(one)}</th>'
        for one, mark in zip(table.head, marks, strict=True)
    )
    rows = (
        tag("tr", "".join(tag("td", text(breakable(one)), mark=mark) for one, mark in zip(row, marks, strict=True)))
        for row in table.rows
    )
    return tag("table", tag("thead", tag("tr", top)) + tag("tbody", "".join(rows)))


def _figure(figure: Figure) -> Html:
    """Drawn into the page itself; its ids are its own, so that two figures do not share one."""
    drawing = figure.svg[figure.svg.index("<svg") :]
    drawing = _ID.sub(lambda found: f'id="{figure.name}-{found[1]}"', drawing)
    drawing = _USED.sub(lambda found: f"{found[1]}{figure.name}-{found[2]}", drawing)
    named = f'<svg role="img" aria-label="{html.escape(figure.caption)}" '
    return tag("figure", drawing.replace("<svg ", named, 1) + tag("figcaption", text(figure.caption)))
