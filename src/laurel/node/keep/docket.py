"""The docket: what every instrument has open, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from laurel.core.instrument import Instrument, Item, View


def docket(instruments: Sequence[Instrument], view: View, now: datetime) -> list[Item]:
    """All items, the soonest due first, those without a date last."""
    items = [replace(item, instrument=one.name) for one in instruments for item in one.docket(view, now)]
    return sorted(items, key=lambda item: (item.due is None, item.due or now, item.title, item.subject))
