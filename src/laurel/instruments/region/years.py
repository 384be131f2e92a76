"""Incidents counted by the year in which they began, UTC, and by how they ended."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from msgspec import Struct

from laurel.core.fields import Slug
from laurel.core.instrument import Noun, Query, View
from laurel.instruments.region.board_types import OutcomeCount, YearCount, Years
from laurel.instruments.region.heads import Head, every_head


class YearsAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Incidents of that type, taken from that list; all when neither is said."""

    type: Slug | None = None
    dataset: Slug | None = None


def answer_years(ask: YearsAsk, view: View, now: datetime) -> Years:
    """How many there were in each year. What two members took from the same line of a list counts once."""
    counted = {_once(one): one.last for one in every_head(view) if _asked(one, ask)}
    years: dict[int, Counter[str]] = {}
    for row in counted.values():
        years.setdefault(int(row.begins[:4]), Counter())[row.outcome] += 1
    return Years(now, len(counted), tuple(_year(year, years[year]) for year in sorted(years)))


def _asked(one: Head, ask: YearsAsk) -> bool:
    return ask.type in {None, one.last.type} and ask.dataset in {None, one.last.dataset}


def _once(one: Head) -> tuple[str, ...]:
    return (one.last.dataset, one.last.line) if one.last.line else (one.id,)


def _year(year: int, outcomes: Counter[str]) -> YearCount:
    found = tuple(OutcomeCount(outcome, outcomes[outcome]) for outcome in sorted(outcomes))
    return YearCount(year, outcomes.total(), found)


QUERIES: tuple[Query[Any, Any], ...] = (Query("years", YearsAsk, Years, answer_years),)
NOUN = Noun(queries=QUERIES)
