"""How figures of a review look, and how they become SVG: the same bytes from the same numbers.

Letters are drawn as paths, so that a figure needs no typeface where it is read; a table beside each holds its numbers.
Figures are labelled with codes and keys alone: what people wrote in their own script stands in the tables.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from laurel.gateways.review.blocks import Figure

INK, PALE, GREEN, RUST, BLUE = "#1d2329", "#d4dae0", "#0b6e4f", "#c8553d", "#2b5c9e"
EXERCISE = "#5b2a9d"
OF_MEMBERS = (GREEN, RUST, BLUE, "#8a6d00", "#4a4f57", "#0f7c8a")
MARKS = ("o", "s", "^", "D", "v", "P")
"""Members differ in shape too: a review is printed in black and white."""
LOOK = {
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 8.0,
    "axes.edgecolor": "#8b95a0",
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.0,
    "axes.grid": True,
    "axes.grid.axis": "x",
    "axes.axisbelow": True,
    "grid.color": "#e4e8ec",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 7.5,
    "text.color": INK,
    # What somebody called a track is no formula.
    "text.parse_math": False,
    "hatch.linewidth": 0.5,
}
LONGEST_LABEL = 44
WIDE = 7.2
"""Inches: the width of a printed page between its margins."""


def plain(words: str) -> str:
    """A label: the beginning of these words, in letters that can be drawn; what cannot stands as a question mark."""
    return "".join(one if " " <= one <= "~" else "?" for one in words[:LONGEST_LABEL])


def colour_of(member: str, members: Sequence[str]) -> str:
    """Each member's own, by its place among them."""
    return OF_MEMBERS[members.index(member) % len(OF_MEMBERS)]


def mark_of(member: str, members: Sequence[str]) -> str:
    """Each member's own shape."""
    return MARKS[members.index(member) % len(MARKS)]


def many(shown: int, of: int, what: str) -> str:
    """What is left out of a figure, or nothing."""
    return "" if shown == of else f" The first {shown} of {of} {what}; all are in review.json."


@dataclass(frozen=True)
class Sheet:
    """What a figure is called and whose exercise it is of; its caption says what it shows; its height in inches."""

    name: str
    exercise: str
    title: str
    caption: str
    height: float
    columns: int = 1


def draw(sheet: Sheet, onto: Callable[[Sequence[Axes]], None]) -> Figure:
    """The figure that `onto` draws onto so many axes, side by side."""
    to = io.BytesIO()
    with mpl.rc_context({**LOOK, "svg.hashsalt": sheet.name}):
        drawing = Drawing(figsize=(WIDE, sheet.height), layout="constrained")
        exercise = f"EXERCISE {plain(sheet.exercise)} EXERCISE"
        drawing.suptitle(
            f"{exercise}   {plain(sheet.title)}", x=0.01, ha="left", fontsize=9, fontweight="bold", color=EXERCISE
        )
        all_axes = [drawing.add_subplot(1, sheet.columns, n + 1) for n in range(sheet.columns)]
        onto(all_axes)
        handles, labels = all_axes[0].get_legend_handles_labels()
        if handles:
            drawing.legend(handles, labels, loc="outside lower center", ncols=len(labels), handletextpad=0.3)
        drawing.savefig(to, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    return Figure(sheet.name, to.getvalue().decode(), sheet.caption)


def rows_of(axes: Axes, labels: Sequence[str]) -> None:
    """Label the rows, the first on top."""
    axes.set_yticks(range(len(labels)), [plain(one) for one in labels])
    axes.set_ylim(len(labels) - 0.4, -0.6)


def log_metres(axes: Axes, found_m: Sequence[float]) -> None:
    """Metres on a logarithmic axis, whole decades."""
    low, high = floor(log10(min(found_m))), ceil(log10(max(found_m)))
    decades = range(low, max(high, low + 1) + 1)
    axes.set_yscale("log")
    axes.set_ylim(10.0**low, 10.0 ** decades[-1])
    axes.set_yticks(
        [10.0**one for one in decades], [f"{10**one} m" if one < 3 else f"{10 ** (one - 3)} km" for one in decades]
    )
    axes.minorticks_off()


def log_seconds(axes: Axes, least_s: float, most_s: float) -> None:
    """Seconds on a logarithmic axis, told as people say them."""
    axes.set_xscale("log")
    axes.set_xlim(least_s, most_s)
    shown = {at_s: words for at_s, words in TICKS.items() if least_s <= at_s <= most_s}
    axes.set_xticks(list(shown), list(shown.values()))
    axes.minorticks_off()


TICKS = {
    0.1: "0.1 s",
    1.0: "1 s",
    10.0: "10 s",
    60.0: "1 min",
    600.0: "10 min",
    3_600.0: "1 h",
    21_600.0: "6 h",
    86_400.0: "1 d",
    604_800.0: "7 d",
}
