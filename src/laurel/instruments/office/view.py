"""The office as its own people see it. Each noun keeps its own tables; here they stand together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from laurel.core.instrument import Item, View
from laurel.instruments.office import anchors, policies, twofold, watch

TABLES = (*twofold.TABLES, *watch.TABLES, *policies.TABLES, *anchors.TABLES)
QUERIES = (*twofold.QUERIES, *watch.QUERIES, *policies.QUERIES, *anchors.QUERIES)
FOLDS = {**twofold.FOLDS, **watch.FOLDS, **policies.FOLDS, **anchors.FOLDS}


def docket(view: View, now: datetime) -> Sequence[Item]:
    """What waits for one of our own people."""
    return [one for noun in (twofold, watch) for one in noun.docket(view, now)]
