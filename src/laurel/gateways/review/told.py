"""How a review's values are told in words, the same in tables and figures."""

from __future__ import annotations

import re

from laurel.instruments.exercise.plan.run import Verdict
from laurel.instruments.exercise.records import Rating
from laurel.instruments.exercise.review import spans
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
    """A span of time in words, on one line. What is not there is said, never 0."""
    return absent if value is None else _unbroken(spans.seconds(value))


def play(at_s: float) -> str:
    """Seconds of play as a moment, on one line."""
    return _unbroken(spans.play(at_s))


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
    return _unbroken(f"{value_m:.0f} m" if value_m < 999.5 else f"{value_m / 1e3:.1f} km")


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


def _unbroken(words: str) -> str:
    """A narrow column keeps a number with its unit."""
    return words.replace(" ", "\u00a0")
