"""Search: in which rows of a view do these words stand.

Beside each table with `searched` columns lies an index of every three letters that stand in a row there (FTS5,
trigram), so parts of words are found in scripts that put no space between them. Triggers fill it when a row is
written. It says where to look, no more: what is found is read through what stands. A word shorter than three
letters is looked for in the rows themselves; so is every word where SQLite was built without FTS5.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnClause, ColumnElement, Connection, Select, TableClause, and_, bindparam, or_, select
from sqlalchemy.dialects import sqlite

from laurel.core.instrument import Kept
from laurel.node.keep.standing import whole

SHORTEST = 3
# The first with a trigram tokenizer.
OLDEST = (3, 34)
EVENTS = ("INSERT", "UPDATE")


def search(from_: Connection, kept: Kept, words: str, most: int) -> list[str]:
    """The records whose `searched` columns hold all these words, whole or as parts of words. None for no words.

    The last taken in come first where there is an index, and small and capital letters are one.
    """
    wanted = unicodedata.normalize("NFC", words).replace("\0", " ").split()
    if not (kept.searched and wanted):
        return []
    long = [word for word in wanted if len(word) >= SHORTEST]
    if not (long and _is_kept(from_, kept)):
        return list(from_.execute(_plainly(kept, wanted).limit(most)).scalars())
    short = [word for word in wanted if len(word) < SHORTEST]
    found = _indexed(kept, short).limit(most)
    phrases = " ".join(_phrase(word) for word in long)
    return list(dict.fromkeys(from_.execute(found, {"phrases": phrases}).scalars()))


def _phrase(word: str) -> str:
    """In quotes nothing is an operator."""
    return '"' + word.replace('"', '""') + '"'


def _plainly(kept: Kept, wanted: Iterable[str]) -> Select[Any]:
    return select(kept.table.c[kept.source]).where(_hold(kept, wanted)).distinct()


def _hold(kept: Kept, wanted: Iterable[str]) -> ColumnElement[bool]:
    columns = [kept.table.c[name] for name in kept.searched]
    return and_(sa.true(), *(or_(*(column.contains(word, autoescape=True) for column in columns)) for word in wanted))


def _indexed(kept: Kept, short: Iterable[str]) -> Select[Any]:
    words = _words(kept)
    stands = select(sa.literal(1)).where(kept.table.c[kept.source] == words.c.record, _hold(kept, short))
    matches = sa.literal_column(f'"{words.name}"').op("MATCH")(bindparam("phrases"))
    return select(words.c.record).where(matches, stands.exists()).order_by(words.c.rowid.desc())


# The index


def keep_words(to: Connection, tables: Iterable[Kept]) -> None:
    """Let every table with `searched` columns have its index, filled. What is as it should be already is left alone."""
    searched = [kept for kept in tables if kept.searched]
    if not searched or not _can_index(to):
        _stop_filling(to, searched)
        return
    shown = {row.name: row.sql for row in to.execute(_SHOWN)}
    for kept in searched:
        wanted = _definitions(kept)
        if any(shown.get(name) != definition for name, definition in wanted.items()):
            forget_words(to, [kept])
            for definition in wanted.values():
                to.exec_driver_sql(definition)
            to.execute(_fill(kept))


def forget_words(to: Connection, tables: Iterable[Kept]) -> None:
    """Take the index away: its table is made anew."""
    searched = [kept for kept in tables if kept.searched]
    _stop_filling(to, searched)
    if _can_index(to):
        for kept in searched:
            to.exec_driver_sql(f'DROP TABLE IF EXISTS "{_words(kept).name}"')


def _stop_filling(to: Connection, searched: Iterable[Kept]) -> None:
    """An index that is not filled any more is not looked into either."""
    for kept in searched:
        for event in EVENTS:
            to.exec_driver_sql(f'DROP TRIGGER IF EXISTS "{_trigger(kept, event)}"')


def _can_index(to: Connection) -> bool:
    version = to.dialect.server_version_info
    return version is not None and version >= OLDEST and to.execute(_FTS5).first() is not None


def _is_kept(from_: Connection, kept: Kept) -> bool:
    """Whether there is an index, and what is written comes into it."""
    return from_.execute(_TRIGGER, {"called": _trigger(kept, EVENTS[0])}).first() is not None


def _words(kept: Kept) -> TableClause:
    columns: list[ColumnClause[Any]] = [sa.column(name) for name in ("rowid", "record", *kept.searched)]
    return sa.table(f"words_{kept.table.name}", *columns)


def _trigger(kept: Kept, event: str) -> str:
    return f"words_{kept.table.name}_{event.lower()}"


def _definitions(kept: Kept) -> dict[str, str]:
    """By name, what makes the index and what fills it.

    A row that replaced another is put in beside it: the record of the one before is in the table no more, and is not
    found.
    """
    words = _words(kept)
    columns = ", ".join(f'"{name}"' for name in kept.searched)
    made = f"CREATE VIRTUAL TABLE \"{words.name}\" USING fts5(record UNINDEXED, {columns}, tokenize='trigram')"
    new: dict[str, ColumnClause[Any]] = {
        name: sa.literal_column(f'new."{name}"') for name in (kept.source, *kept.searched)
    }
    put = sa.insert(words).values(record=new[kept.source], **{name: new[name] for name in kept.searched})
    text = put.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    anything = " OR ".join(f'new."{name}" IS NOT NULL' for name in kept.searched)
    triggers = {
        _trigger(kept, event): f'CREATE TRIGGER "{_trigger(kept, event)}" AFTER {event} ON "{whole(kept).name}"'
        f" WHEN {anything} BEGIN {text}; END"
        for event in EVENTS
    }
    return {words.name: made, **triggers}


def _fill(kept: Kept) -> sa.Insert:
    rows = whole(kept)
    chosen = [rows.c[kept.source], *(rows.c[name] for name in kept.searched)]
    some = or_(*(rows.c[name].is_not(None) for name in kept.searched))
    held = select(*chosen).where(some).order_by(sa.literal_column("rowid"))
    return sa.insert(_words(kept)).from_select(["record", *kept.searched], held)


_FTS5 = sa.text("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'")
_SHOWN = sa.text("SELECT name, sql FROM sqlite_master WHERE name LIKE 'words!_%' ESCAPE '!'")
_TRIGGER = sa.text("SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = :called")
