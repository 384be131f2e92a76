"""Spans and moments of play in words."""

from __future__ import annotations


def seconds(value: float) -> str:
    """`12.3 s`, `3 min 05 s`, `7 min`, `2 h 05 min`, `3 d 02 h`."""
    size, sign = abs(value), "-" if value < 0 else ""
    if size < 99.95:
        return f"{sign}{size:.1f} s"
    whole = round(size)
    if whole < 3_600:
        many, of, rest, of_rest = whole // 60, "min", whole % 60, "s"
    elif whole < 86_400:
        many, of, rest, of_rest = whole // 3_600, "h", whole % 3_600 // 60, "min"
    else:
        many, of, rest, of_rest = whole // 86_400, "d", whole % 86_400 // 3_600, "h"
    return f"{sign}{many} {of}{f' {rest:02d} {of_rest}' if rest else ''}"


def play(at_s: float) -> str:
    """Seconds of play as a moment: `T+00:12:34`, with days before where there are any."""
    whole, sign = abs(round(at_s)), "-" if round(at_s) < 0 else "+"
    days, rest = divmod(whole, 86_400)
    clock = f"{rest // 3_600:02d}:{rest % 3_600 // 60:02d}:{rest % 60:02d}"
    return f"T{sign}{f'{days} d ' if days else ''}{clock}"
