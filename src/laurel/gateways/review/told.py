"""How a review's values are told in words, the same in tables and figures."""

from __future__ import annotations

import re

from laurel.instruments.exercise.plan.run import Verdict
from laurel.instruments.exercise.records import Rating
from laurel.instruments.exercise.review.chain import Reached

RATINGS = {
    Rating.PERFORMED: "P, performed without challenges",
    Rating.SOME_CHALLENGES: "S, performed with some challenges",
    Rating.MAJOR_CHALLENGES: "M, performed with major challenges",
    Rating.UNABLE: "U, unable to be performed",
}
SHAPES = {
    Verdict.DONE: "●",
    Verdict.LATE: "▲",
    Verdict.MISSED: "✕",
    Verdict.AWAITED: "○",
    Verdict.NOT_ASKED: "□",
}


def verdict(one: Verdict | None) -> str:
    """A shape and the word."""
    return "not expected" if one is None else f"{SHAPES[one]} {one.value}"


def seconds(value: float | None, absent: str = "none") -> str:
    """`12.3 s`, `3 min 05 s`, `2 h 05 min`, `3 d 02 h`. What is not there is said, never 0."""
    if value is None:
        return absent
    size, sign = abs(value), "-" if value < 0 else ""
    if size < 99.95:
        return f"{sign}{size:.1f} s"
    whole = round(size)
    if whole < 3_600:
        return f"{sign}{whole // 60} min {whole % 60:02d} s"
    if whole < 86_400:
        return f"{sign}{whole // 3_600} h {whole % 3_600 // 60:02d} min"
    return f"{sign}{whole // 86_400} d {whole % 86_400 // 3_600:02d} h"


def play(at_s: float) -> str:
    """Seconds of play as a moment: `T+00:12:34`, with days before where there are any."""
    whole, sign = abs(round(at_s)), "-" if round(at_s) < 0 else "+"
    days, rest = divmod(whole, 86_400)
    clock = f"{rest // 3_600:02d}:{rest % 3_600 // 60:02d}:{rest % 60:02d}"
    return f"T{sign}{f'{days} d ' if days else ''}{clock}"


def count(many: int, of: str) -> str:
    """`1 action`, `2 actions`."""
    return f"{many} {of}{'' if many == 1 else 's'}"


def rate(times: float) -> str:
    """How fast the exercise's clock runs."""
    return {0.0: "paused", 1.0: "real time"}.get(times, f"{times:g} times real time")


def distance(value_m: float | None, absent: str = "none") -> str:
    """Metres below a kilometre, kilometres above."""
    if value_m is None:
        return absent
    return f"{value_m:.0f} m" if value_m < 999.5 else f"{value_m / 1e3:.1f} km"


def reached(one: Reached) -> str:
    """When it came and what it took, or that it never did."""
    if one.since_s is None:
        return one.came.value
    took = "" if one.took_s is None else f" ({'+' if one.took_s >= 0 else ''}{seconds(one.took_s)})"
    return f"{seconds(one.since_s)}{took}"


LONG_WORD = re.compile(r"[^\s\u200b]{25,}")
PIECE = 24


def breakable(words: str) -> str:
    """The same words, with places in long ones where a line may end: a column is no wider than they are."""
    return LONG_WORD.sub(lambda found: "\u200b".join(re.findall(f".{{1,{PIECE}}}", found.group(), re.DOTALL)), words)


def short(record: str | None) -> str:
    """The beginning of a record's id: enough to find it."""
    return "" if record is None else record[:12]
