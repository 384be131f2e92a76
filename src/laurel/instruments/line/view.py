"""The line as every node that was told of it sees it. Each noun keeps its own tables; here they stand together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from laurel.core.instrument import Item, View
from laurel.instruments.line import gaps, keys, receipts, retraction, standing, trouble

TABLES = (
    *trouble.TABLES,
    *keys.TABLES,
    *standing.TABLES,
    *retraction.TABLES,
    *gaps.TABLES,
    *receipts.TABLES,
)
QUERIES = (
    *trouble.QUERIES,
    *keys.QUERIES,
    *standing.QUERIES,
    *retraction.QUERIES,
    *gaps.QUERIES,
    *receipts.QUERIES,
)
FOLDS = {
    **trouble.FOLDS,
    **keys.FOLDS,
    **standing.FOLDS,
    **retraction.FOLDS,
    **gaps.FOLDS,
    **receipts.FOLDS,
}


def docket(view: View, now: datetime) -> Sequence[Item]:
    """What is open on the line: somebody must ask a member what happened."""
    return [one for noun in (trouble, standing, retraction, gaps) for one in noun.docket(view, now)]
