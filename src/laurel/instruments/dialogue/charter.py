"""What the compact's file says of series, meetings and commitments, put on record by the members, each for itself.

A series is declared by every member, since each says how it understands it. A meeting is put on record by its host, or
by the first member by code where none of us was host; so three capitals do not say it three times. A commitment is
each member's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import bindparam, select

from laurel.core.errors import Broken, Nothing
from laurel.core.instrument import Command, Desk, Noun, View
from laurel.core.label import Label
from laurel.core.record import Draft
from laurel.instruments.dialogue import commitments_said, meetings_said
from laurel.instruments.dialogue.labels import check_told
from laurel.instruments.dialogue.meetings import OFFICERS, check_times
from laurel.instruments.dialogue.offices_said import register
from laurel.instruments.dialogue.pledges import AbolishedOffice, checked
from laurel.instruments.dialogue.records import Commitment, Meeting, Seat, Series
from laurel.instruments.dialogue.series import check_series
from laurel.instruments.dialogue.series_said import encoded, series

One = TypeVar("One", bound=Struct)
_S, _M, _C = series.table.c, meetings_said.meetings.table.c, commitments_said.commitments.table.c
_OUR_SERIES = select(_S.name).where(_S.member == bindparam("us"))
_MEETINGS = select(_M.body)
_OUR_PROMISES = select(_C.name, _C.key).where(_C.member == bindparam("us"), _C.name.is_not(None))


class BadCharter(Broken):
    """A compact's file is written by hand."""

    says = "what the compact's file says of the dialogue cannot be read"
    remedy = "mend [[charter.dialogue]] in the file; compacts/camp-david.toml shows the form"


class DeclareCharterAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Put on record what the compact's file says of our series, meetings and commitments, and is not yet on record.

    `label`: who is told.
    """

    label: Label


class Bound(Struct, frozen=True):
    """To which offices a commitment of the file is bound, each at its own member."""

    bound: Annotated[tuple[Seat, ...], Meta(min_length=1, max_length=60)]


def declare_charter(ask: DeclareCharterAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Those of the compact's file that are ours to say, once.

    Raises Nothing when none is left; BadCharter, BadField, NeverFalls.
    """
    check_told(ask.label, desk)
    said = desk.charter.get("dialogue", {})
    left = [*_series(said, view, desk), *_meetings(said, view, desk), *_commitments(said, view, desk)]
    if not left:
        raise Nothing(charter_of=desk.member, list="laurel dialogue series")
    return [Draft(one, ask.label) for one in left]


def _series(said: Mapping[str, Any], view: View, desk: Desk) -> Iterable[Series]:
    known = {row.name for row in view.rows(_OUR_SERIES, us=desk.member)}
    for one in _each(said, "series", Series):
        if one.name not in known:
            check_series(one, desk)
            yield one


def _meetings(said: Mapping[str, Any], view: View, desk: Desk) -> Iterable[Meeting]:
    known = {row.body for row in view.rows(_MEETINGS)}
    members = sorted({desk.member, *desk.members})
    for one in _each(said, "meetings", Meeting):
        says = one.host if one.host in members else members[0]
        if says == desk.member and encoded(one) not in known:
            check_times(one.begins_at, one.ends_at, one.time_zone)
            yield one


def _commitments(said: Mapping[str, Any], view: View, desk: Desk) -> Iterable[Commitment]:
    known = {(row.name, row.key) for row in view.rows(_OUR_PROMISES, us=desk.member)}
    offices = register(view)
    for entry in _entries(said, "commitments"):
        seats = _read(entry, Bound).bound if "bound" in entry else (_read(entry, Seat),)
        for seat in seats:
            given = {name: value for name, value in entry.items() if name not in {"bound", "member", "office"}}
            one = _read({**given, "member": seat.member, "office": seat.office}, Commitment)
            if one.name is None:
                raise BadCharter(commitment=one.words, why="it has no name by which it is known again")
            if seat.member == desk.member and (one.name, commitments_said.key_of(seat.office)) not in known:
                try:
                    yield checked(one, offices, None)
                except AbolishedOffice:
                    # The file is of its day. An office that is no more makes no new promise.
                    continue


def _each(said: Mapping[str, Any], what: str, kind: type[One]) -> Iterable[One]:
    return (_read(entry, kind) for entry in _entries(said, what))


def _entries(said: Mapping[str, Any], what: str) -> Sequence[Mapping[str, Any]]:
    try:
        return msgspec.convert(said.get(what, []), list[dict[str, Any]])
    except msgspec.ValidationError as error:
        raise BadCharter(what=what, why=str(error)) from None


def _read(entry: Mapping[str, Any], kind: type[One]) -> One:
    try:
        return msgspec.convert(entry, kind)
    except msgspec.ValidationError as error:
        called = entry.get("name") or entry.get("title") or entry.get("words")
        raise BadCharter(what=kind.__name__, called=called, why=str(error)) from None


NOUN = Noun(commands=(Command[Any]("declare-charter", DeclareCharterAsk, declare_charter, OFFICERS),))
