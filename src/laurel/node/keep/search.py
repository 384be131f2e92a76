"""Search: in which rows of a view do these words stand."""

from __future__ import annotations

from sqlalchemy import Connection, and_, or_, select

from laurel.core.instrument import Kept


def search(from_: Connection, kept: Kept, words: str, most: int) -> list[str]:
    """The records whose `searched` columns hold all these words, whole or as parts of words. None for no words."""
    columns = [kept.table.c[name] for name in kept.searched]
    wanted = [or_(*(column.contains(word, autoescape=True) for column in columns)) for word in words.split()]
    if not (columns and wanted):
        return []
    source = kept.table.c[kept.source]
    return list(from_.execute(select(source).where(and_(*wanted)).limit(most)).scalars())
