"""The signed logs of an exercise, read and checked as a stranger would: by the keys that each names of its members.

1. Each line is a record of the one world that the file names, signed by a key that the file names of its origin.
2. No two records stand in one place of a lane; each follows the one before, but where its origin declared a gap.
3. All files are of one exercise. What two files hold under one number is one record, or both are told.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Raw

from laurel.core.errors import BadAsk, LaurelError, WrongWorld
from laurel.core.record import UNREADABLE, Lane, Record, check_signature, decode, key_id
from laurel.instruments.exercise.review.log import Numbered
from laurel.instruments.exercise.review.review import ArchiveRead
from laurel.instruments.exercise.review.tracks import Taken
from laurel.instruments.line.records import GAP_DECLARED
from laurel.instruments.warning.records import TRACK_REPORT
from laurel.node.home.layout import Layout
from laurel.node.replay.opened import BadArchive, Source, of_file, told_at
from laurel.node.replay.opened import Taken as TakenRecord


class DamagedLog(BadAsk):
    """Something in it is not as it was written."""

    says = "this log is not as its members signed it"
    remedy = "export it again at its node (laurel log export), or leave it out; nothing was written"


class NotAnExercise(BadAsk):
    """A live log is learnt from otherwise."""

    says = "this is no log of an exercise"
    remedy = "name the archive of an exercise: laurel log export FOLDER --world COMPACT.EXERCISE"


class OtherExercise(BadAsk):
    """A review is of one exercise."""

    says = "these logs are of different exercises"
    remedy = "make one review for each; laurel exercise compare sets two side by side"


Progress = Callable[[], None]
"""Called for each record that was read."""


@dataclass(frozen=True)
class Opened:
    """What several files hold together; `notes` are sentences about what does not agree.

    `taken` says of each member when it took the track reports of others, as the order of its log tells.
    """

    records: tuple[Numbered, ...]
    archives: tuple[ArchiveRead, ...]
    notes: tuple[str, ...]
    taken: Taken


def how_many(files: Sequence[Path]) -> int:
    """How many records there are to read. Raises Nothing, DamagedLog, NotAnExercise, OtherExercise."""
    sources = [(file, _source(file)) for file in files]
    first = sources[0][1].world
    for file, source in sources:
        if source.world.exercise is None:
            raise NotAnExercise(file=file, world=source.world.name)
        if source.world != first:
            raise OtherExercise(file=file, world=source.world.name, other=first.name)
    return sum(source.records for _, source in sources)


def open_all(files: Sequence[Path], passed: Progress, layout: Layout | None = None) -> Opened:
    """Everything in them, checked. A node's `layout` vouches for keys it knows. Raises what `how_many` raises."""
    how_many(files)
    records: dict[str, Record[Raw]] = {}
    named: dict[str, tuple[str, frozenset[str]]] = {}
    places: dict[tuple[Lane, int], str] = {}
    archives: list[ArchiveRead] = []
    notes: list[str] = []
    taken: dict[str, dict[str, datetime]] = {}
    for file in files:
        source = _source(file, layout)
        log = _Lanes()
        notes += _other_keys(file, source, named)
        found = list(_checked(file, source, log, passed))
        for record_id, record in found:
            place = (record.lane, record.number)
            if places.setdefault(place, record_id) != record_id:
                notes.append(
                    f"two records stand under number {record.number} of a lane of {record.origin}: {places[place][:12]}"
                    f" and, in {file.name}, {record_id[:12]}"
                )
            records[record_id] = record
        taken[source.cards.me] = _taken(source.cards.me, found)
        archives.append(_read(file, source, log, len(found)))
    return Opened(tuple(records.items()), tuple(archives), tuple(notes), taken)


def _taken(me: str, found: Sequence[Numbered]) -> dict[str, datetime]:
    at = told_at([record.origin == me for _, record in found], [record.at for _, record in found])
    return {
        record_id: when
        for (record_id, record), when in zip(found, at, strict=True)
        if record.kind == TRACK_REPORT.name and record.origin != me
    }


def _other_keys(file: Path, source: Source, named: dict[str, tuple[str, frozenset[str]]]) -> Iterator[str]:
    """Members by whose keys this file does not mean what one before it means."""
    for member, spans in source.cards.spans.items():
        names = frozenset(key_id(span.key) for span in spans)
        before, known = named.setdefault(member, (file.name, names))
        if names != known:
            yield f"{file.name} names other keys of {member} than {before}"


def _source(file: Path, layout: Layout | None = None) -> Source:
    try:
        return of_file(file, layout)
    except BadArchive as error:
        raise DamagedLog(**error.facts) from None


def _envelopes(source: Source) -> Iterator[TakenRecord]:
    try:
        yield from source.read()
    except BadArchive as error:
        raise DamagedLog(**error.facts) from None


def _checked(file: Path, source: Source, log: _Lanes, passed: Progress) -> Iterator[Numbered]:
    for line, taken in enumerate(_envelopes(source), 2):
        try:
            record = decode(taken.sealed.payload)
            if record.world != source.world:
                raise WrongWorld(said_in=record.world.name, offered_to=source.world.name)
            check_signature(taken.sealed, source.cards.key_for(record.lane, record.number, taken.sealed.key_id))
        except LaurelError as error:
            raise DamagedLog(file=file, line=line, why=str(error)) from None
        if not log.take(taken.sealed.id, record):
            raise DamagedLog(file=file, line=line, why="two records stand in one place")
        passed()
        yield taken.sealed.id, record
    log.check(file)


class _Lanes:
    """Each lane of one log: the id and the link of each number, and what was declared lost."""

    def __init__(self) -> None:
        self._lanes: defaultdict[Lane, dict[int, tuple[str, str | None]]] = defaultdict(dict)
        self._gaps: defaultdict[Lane, set[int]] = defaultdict(set)

    @property
    def count(self) -> int:
        """How many lanes there are."""
        return len(self._lanes)

    def take(self, record_id: str, record: Record[Raw]) -> bool:
        """Whether its place was free."""
        lane = self._lanes[record.lane]
        if record.number in lane:
            return False
        lane[record.number] = (record_id, record.prev)
        if record.kind == GAP_DECLARED.name:
            try:
                gap = msgspec.json.decode(record.body, type=GAP_DECLARED.body)
            except UNREADABLE:
                return True
            self._gaps[record.lane].update(range(gap.first, min(gap.last, record.number) + 1))
        return True

    def check(self, file: Path) -> None:
        """Raises DamagedLog where something is missing or does not follow."""
        for lane, numbers in self._lanes.items():
            last, last_id = 0, None
            for number in sorted(numbers):
                record_id, prev = numbers[number]
                missing = set(range(last + 1, number)) - self._gaps[lane]
                if missing:
                    raise DamagedLog(file=file, lane_of=lane.origin, missing=min(missing), why="a record is missing")
                if number == last + 1 and prev != last_id:
                    raise DamagedLog(file=file, record_id=record_id, why="it does not follow the one before")
                last, last_id = number, record_id


def _read(file: Path, source: Source, log: _Lanes, records: int) -> ArchiveRead:
    with file.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    checked = f"{records} signatures and places in {log.count} lanes hold"
    return ArchiveRead(file.name, sha256, source.cards.me, records, checked, source.vouched)
