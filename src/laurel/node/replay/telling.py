"""A log told again up to a moment: folded by the very code that folded it first, and by nothing else.

Nothing is reacted to, nothing is said, no key is there. The whole log is copied, checked and folded once; on the
way the views are kept at some places, so that any moment is reached from the place before it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import count, islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Insert, Table, bindparam
from sqlalchemy.schema import CreateTable

from laurel.core.instrument import Kept
from laurel.core.record import Record, as_text, decode
from laurel.node.keep import schema
from laurel.node.keep.catalogue import Catalogue
from laurel.node.keep.ledger import faults
from laurel.node.keep.reader import Reader
from laurel.node.keep.search import forget_words
from laurel.node.keep.standing import whole
from laurel.node.keep.store import Store
from laurel.node.keep.transaction import Transaction
from laurel.node.keep.views import bring_up_to_date, fold_logged
from laurel.node.members import roster_of
from laurel.node.replay.marks import Mark, Marking
from laurel.node.replay.opened import BadArchive, Source, told_at
from laurel.node.replay.shown import OpeningStage

BATCH = 1_000
PLACES = 8
LEAST_BETWEEN = 2_000

Progress = Callable[[OpeningStage, int], None]
"""Called with what is being done and how many records are done."""


class Telling:
    """The views of one log at a position of it. Of one thread, but for what it was opened with."""

    def __init__(self, source: Source, store: Store, catalogue: Catalogue) -> None:
        self.source = source
        self.store = store
        self.times: Sequence[datetime] = ()
        """When each record was taken, by the world's clock, the first at 0. It never goes back."""
        self.marks: Sequence[Mark] = ()
        self._catalogue = catalogue
        self._kept: dict[int, frozenset[str]] = {0: frozenset()}
        # Beyond every position, so that after each move all answers are made again.
        self._moves = count(2**53)
        bring_up_to_date(store, catalogue)
        with store.writing() as to:
            # Many moves would fill an index of words again and again. A replay looks into the rows themselves.
            forget_words(to.connection, store.tables)

    @property
    def position(self) -> int:
        """How many records are told now."""
        return self.store.position

    def at(self, moment: datetime) -> int:
        """How many records this node had taken by then."""
        return bisect_right(self.times, moment)

    # LogOpening

    def open(self, progress: Progress) -> None:
        """Copy, fold and check the whole log, then stand before its first record. Nobody sees a part of it.

        Raises BadArchive, and what reading raises.
        """
        with self.store.writing() as to:
            times = self._copy(to, progress)
            if not times:
                raise BadArchive(world=self.source.world.name, why="it holds no record")
            marks = self._fold_all(to, times, progress)
            self._check(to, progress)
            to.execute(_ARCHIVE)
            to.execute(_ARCHIVED_AT)
            self._load(to, 0)
        self.times, self.marks = tuple(times), tuple(marks)

    def _copy(self, to: Transaction, progress: Progress) -> list[datetime]:
        own: list[bool] = []
        at: list[datetime] = []
        seen: set[object] = set()
        source = self.source
        for taken in source.read():
            record = decode(taken.sealed.payload)
            place = (record.lane, record.number)
            if taken.sealed.id in seen or place in seen:
                raise BadArchive(record_id=taken.sealed.id, why="two records stand in one place")
            seen |= {taken.sealed.id, place}
            to.at = taken.taken_at or as_text(record.at)
            self.store.append(to, record, taken.sealed, taken.misread or self._catalogue.read(record)[1])
            # A live world keeps real time, so what its node wrote down beside the record is the world's time.
            noted = taken.taken_at if source.world.exercise is None else None
            own.append(noted is not None or record.origin == source.cards.me)
            at.append(record.at if noted is None else _moment(noted))
            if len(at) % BATCH == 0:
                to.flush()
                progress(OpeningStage.READING, len(at))
        return told_at(own, at)

    def _fold_all(self, to: Transaction, times: Sequence[datetime], progress: Progress) -> list[Mark]:
        marking, marks = Marking(), list[Mark]()
        between = max(LEAST_BETWEEN, len(times) // PLACES)
        position = 0
        while batch := self.store.after(to, position, BATCH):
            for logged in batch:
                position = logged.position
                if logged.misread is None:
                    record = self._fold(to, position, logged.id, logged.sealed.payload)
                    mark = marking.of(position, times[position - 1], logged.id, record)
                    marks += [] if mark is None else [mark]
                if position % between == 0:
                    self._keep(to, position)
            progress(OpeningStage.FOLDING, position)
        return marks

    def _check(self, to: Transaction, progress: Progress) -> None:
        """Every record as a stranger would, by the keys that the whole log names. Raises BadArchive."""
        done = count(1)

        def passed() -> None:
            if (records := next(done)) % BATCH == 0:
                progress(OpeningStage.CHECKING, records)

        roster = roster_of(self.source.cards, Reader(to), {})
        found = list(islice(faults(to.connection, roster, self._catalogue.understood, passed), 100))
        if found:
            many = f"{len(found)} or more" if len(found) == 100 else len(found)
            raise BadArchive(world=self.source.world.name, faults=many, first=found[0])

    # Going to a moment

    def tell(self, position: int) -> None:
        """Stand behind that record of the log, whatever was told before."""
        with self.store.writing() as to:
            place = max(kept for kept in self._kept if kept <= position)
            if position < to.position or place > to.position:
                self._load(to, place)
            self._on(to, position)
            names = (*self._catalogue.kinds, *(kept.table.name for kept in self.store.tables))
            to.taken.update(dict.fromkeys(names, next(self._moves)))

    def tell_on(self, position: int) -> None:
        """The next records, up to that one, as they came."""
        with self.store.writing() as to:
            self._on(to, position)

    def _on(self, to: Transaction, position: int) -> None:
        if position <= to.position:
            return
        key = {"after": to.position, "last": position}
        to.execute(_TELL, key)
        for row in to.execute(_TOLD, key).all():
            to.position = row.position
            to.taken[row.kind] = row.position
            if row.misread is None:
                self._fold(to, row.position, row.id, row.payload)

    def _fold(self, to: Transaction, position: int, record_id: str, payload: bytes) -> Record[Any]:
        to.position = position
        record, _ = self._catalogue.read(decode(payload))
        fold_logged(to, self.store, self._catalogue.folds, record_id, record)
        return record

    def _keep(self, to: Transaction, position: int) -> None:
        """Keep the views as they are behind that record."""
        full: set[str] = set()
        for kept in self.store.tables:
            rows = whole(kept)
            if to.execute(sa.select(rows).limit(1)).first() is not None:
                full.add(rows.name)
                place = _place(kept, position)
                to.execute(CreateTable(place))
                to.execute(_copy(rows, place))
        self._kept[position] = frozenset(full)

    def _load(self, to: Transaction, position: int) -> None:
        """The log and the views as they were kept behind that record."""
        to.execute(sa.delete(_G).where(_G.c.position > position))
        to.execute(_TELL, {"after": min(to.position, position), "last": position})
        for kept in self.store.tables:
            rows = whole(kept)
            to.execute(sa.delete(rows))
            if rows.name in self._kept[position]:
                to.execute(_copy(_place(kept, position), rows))
        to.position = position


def _place(kept: Kept, position: int) -> Table:
    """Where the rows of a view are kept as they were behind that record."""
    return kept.table.to_metadata(sa.MetaData(), name=f"kept_{position}_{kept.table.name}")


def _copy(rows: Table, to: Table) -> Insert:
    return sa.insert(to).from_select([one.name for one in rows.c], sa.select(rows))


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


_G = schema.log
_ARCHIVED = _G.to_metadata(sa.MetaData(), name="archived")
_ARCHIVE = sa.text('CREATE TABLE archived AS SELECT * FROM "log"')
_ARCHIVED_AT = sa.text("CREATE UNIQUE INDEX archived_position ON archived (position)")
_BETWEEN = (_ARCHIVED.c.position > bindparam("after"), _ARCHIVED.c.position <= bindparam("last"))
_TELL = sa.insert(_G).from_select([one.name for one in _G.c], sa.select(_ARCHIVED).where(*_BETWEEN))
_TOLD = (
    sa.select(*(_ARCHIVED.c[name] for name in ("position", "id", "kind", "misread", "payload")))
    .where(*_BETWEEN)
    .order_by(_ARCHIVED.c.position)
)
