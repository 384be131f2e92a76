"""What an origin said, lost, and declared lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from laurel.core.instrument import Command, Due, Fold, Item, Kept, Query, React, View

TABLES: tuple[Kept, ...] = ()
COMMANDS: tuple[Command[Any], ...] = ()
QUERIES: tuple[Query[Any, Any], ...] = ()
FOLDS: Mapping[str, Fold] = {}
REACTIONS: Mapping[str, React] = {}


def due(view: View) -> Sequence[Due]:
    """Nothing yet."""
    del view
    return ()


def docket(view: View, now: datetime) -> Sequence[Item]:
    """Nothing yet."""
    del view, now
    return ()
