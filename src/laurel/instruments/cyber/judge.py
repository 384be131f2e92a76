"""What the versions of an object amount to: which one stands, whether it is revoked, how far it may be passed on.

Pure, from what every member told: whoever holds the same records judges the same, in whatever order they came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Row

from laurel.core.instrument import View
from laurel.core.tables import label_of
from laurel.instruments.cyber import marks
from laurel.instruments.cyber.objects import rows_of
from laurel.instruments.cyber.records import Tlp
from laurel.instruments.cyber.tlp import STRICTEST, ranked, stricter

Versions = Sequence[Row[Any]]
"""Of one STIX id, every version that any member told, the lesser first."""


@dataclass(frozen=True)
class Course:
    """One object: its versions, who alone may make them (None when nobody said so), and what its markings mean."""

    versions: Versions
    maker: str | None
    levels: Mapping[str, Tlp]

    @cached_property
    def current(self) -> Row[Any]:
        """The version that stands: the greatest, by its maker if he is known and told any."""
        own = [row for row in self.versions if row.by_member == self.maker]
        return max(own or self.versions, key=lambda row: (row.version, row.id))

    @property
    def revoked(self) -> bool:
        """Whether its author took it back."""
        return bool(self.current.revoked)

    def tlp(self, row: Row[Any]) -> Tlp:
        """How far this version may be passed on: the strictest of its own, and of what its maker did not loosen."""
        level = ranked(row.tlp)
        for marking in row.foreign.split():
            level = stricter(level, self.levels.get(marking, STRICTEST))
        stricter_one = self.stricter_than(row)
        return level if stricter_one is None else stricter(level, ranked(stricter_one.tlp))

    def stricter_than(self, row: Row[Any]) -> Row[Any] | None:
        """What another member marked more strictly, when who loosened it is not its maker."""
        return loosens(self, row.by_member, ranked(row.tlp))

    def flags(self, row: Row[Any]) -> tuple[str, ...]:
        """What is wrong with this version, in words."""
        return tuple(self._flags(row))

    def _flags(self, row: Row[Any]) -> Iterator[str]:
        above = self.stricter_than(row)
        if above is not None:
            strict = f"{ranked(above.tlp)} by {above.by_member}"
            yield f"marked {ranked(row.tlp)} by {row.by_member}, but {strict}: the stricter stands"
        unknown = [one for one in row.foreign.split() if one not in self.levels]
        if unknown:
            yield f"bears a marking that nobody here understands, so it stays at home: {', '.join(unknown)}"
        if self.maker is not None and row.by_member != self.maker and self._is_new(row):
            yield f"said by {row.by_member}, but made by {self.maker}, which did not say it"
        others = [one for one in self.versions if one.version == row.version and one.digest != row.digest]
        if others:
            tellers = ", ".join(sorted({one.by_member for one in others}))
            yield f"another object has this id and this version: told by {tellers}"
        if {one.created_by for one in self.versions} != {row.created_by}:
            yield "its versions do not name the same author"

    def _is_new(self, row: Row[Any]) -> bool:
        return all(one.digest != row.digest for one in self.versions if one.by_member == self.maker)


def loosens(course: Course, member: str, level: Tlp) -> Row[Any] | None:
    """What another member marked more strictly than `member` now does, unless `member` made the object.

    Of each other member its greatest version counts: a member may loosen what it marked itself.
    """
    if member == course.maker:
        return None
    last = {row.by_member: row for row in course.versions if row.by_member != member}
    above = [row for row in last.values() if row.tlp > level.rank]
    return max(above, key=lambda row: (row.tlp, row.id), default=None)


def told_to(row: Row[Any]) -> frozenset[str]:
    """To whom its member told it."""
    return frozenset(label_of(row.label).rel_to)


def courses(view: View, ids: Iterable[str]) -> Mapping[str, Course]:
    """By STIX id, every object of these that is here."""
    found = rows_of(view, ids)
    every = [row for versions in found.values() for row in versions]
    made_by = marks.makers(view, {row.created_by for row in every})
    known = marks.levels(view, {one for row in every for one in row.foreign.split()})
    return {stix_id: Course(versions, _maker(versions, made_by), known) for stix_id, versions in found.items()}


def _maker(versions: Versions, made_by: Mapping[str, str]) -> str | None:
    """Of versions that name authors of several members, nobody is sure."""
    members = {made_by[row.created_by] for row in versions if row.created_by in made_by}
    return members.pop() if len(members) == 1 else None
