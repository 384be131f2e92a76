"""Where the joint texts of a consultation stand, read from the tables: what officers see and commands go by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from sqlalchemy import Row

from laurel.core.instrument import View
from laurel.core.tables import label_of
from laurel.instruments.consult import said, votes
from laurel.instruments.consult.adoption import YES, End, Facts, Gap, Judged, Text, Vote, judge
from laurel.instruments.consult.clauses import words_of
from laurel.instruments.consult.course_types import RemarkRow, TextRow, VoteKind, VoteRow
from laurel.instruments.consult.records import (
    Amended,
    Assented,
    Closed,
    Departed,
    JointText,
    Objected,
    Remarked,
)
from laurel.instruments.consult.said import Course
from laurel.instruments.consult.words import Purpose, RemarkKind

Body = TypeVar("Body", bound=Struct)


@dataclass(frozen=True)
class Cast:
    """One vote, as its record says it."""

    id: str
    member: str
    at: datetime
    number: int
    kind: VoteKind
    body: Assented | Objected | Amended | None


@dataclass(frozen=True)
class Reached:
    """A text came to a member: to its node (no office), or before an office of it."""

    member: str
    at: datetime
    number: int
    office: str | None


@dataclass(frozen=True)
class Remark:
    """What a member says beside its assent, and where that stands in its lane."""

    member: str
    at: datetime
    number: int
    body: Remarked


@dataclass(frozen=True)
class Draft:
    """A text as its proposer said it."""

    id: str
    member: str
    at: datetime
    body: JointText


@dataclass(frozen=True)
class Procedure:
    """All that was said of the texts of one consultation, and where each stands."""

    course: Course
    judged: Judged
    drafts: Mapping[str, Draft]
    cast: Mapping[str, Cast]
    reached: Mapping[str, Sequence[Reached]]
    remarks: Sequence[Remark]

    def shown_to(self, text: str, member: str) -> tuple[str, ...]:
        """The offices of that member that had the text before them, the first first."""
        seen = [one.office for one in self.reached.get(text, ()) if one.member == member and one.office]
        return tuple(dict.fromkeys(seen))

    def of_purpose(self, purpose: Purpose) -> Sequence[Draft]:
        """Its texts of that purpose that may have a verdict, the earliest round first."""
        found = [one for one in self.drafts.values() if one.body.purpose is purpose]
        return sorted(found, key=lambda one: (one.body.round, one.id))

    def counted_remarks(self, text: str) -> Sequence[Remark]:
        """What goes with the assents to that text.

        A reservation said after the assent is none: others may have adopted the text without it by then.
        """
        return [one for one in self.remarks if one.body.text == text and self._goes_with(one, text)]

    def _goes_with(self, one: Remark, text: str) -> bool:
        verdict = self.judged.verdicts[text]
        if one.member not in verdict.text.asked:
            return False
        vote = self.judged.ballots[verdict.text.purpose].first.get(verdict.text.round, {}).get(one.member)
        late = vote is not None and vote.kind in YES and vote.number < one.number
        return not late or one.body.what is RemarkKind.INTERPRETATION


def procedure(view: View, consultation: str) -> Procedure:
    """Where that consultation's texts stand. Raises Nothing."""
    course = said.course(view, consultation)
    return procedures(view, [course])[course.id]


def procedure_of(view: View, text: str) -> Procedure | None:
    """Where the texts stand of the consultation in which that text was proposed; None when it is not here."""
    for row in view.rows(votes.TEXT_CALLED, called=text):
        found = procedure(view, row.consultation)
        return found if text in found.drafts else None
    return None


def vote_row(view: View, vote: str) -> Row[Any] | None:
    """The vote of that record; None when it is not here."""
    return next(iter(view.rows(votes.VOTE_CALLED, called=vote)), None)


def gaps_before(view: View, members: tuple[str, ...]) -> tuple[str, ...]:
    """The gaps declared so far in the lanes in which these consult. A request that names them is after them."""
    return tuple(row.id for row in view.rows(votes.GAPS_HERE) if label_of(row.label).rel_to == members)


def procedures(view: View, courses: Sequence[Course]) -> Mapping[str, Procedure]:
    """Where the texts of these consultations stand, by what each is called."""
    ids = [one.id for one in courses]
    declared = view.rows(votes.GAPS_HERE)
    by = {
        "texts": _grouped(view.rows(votes.TEXTS_OF, ids=ids)),
        "votes": _grouped(view.rows(votes.VOTES_OF, ids=ids)),
        "remarks": _grouped(view.rows(votes.REMARKS_OF, ids=ids)),
    }
    came: defaultdict[str, list[Reached]] = defaultdict(list)
    for row in view.rows(votes.REACHED_OF, ids=ids):
        came[row.text].append(Reached(row.by_member, _at(row), row.number, row.office))
    return {
        one.id: _procedure(one, by["texts"][one.id], by["votes"][one.id], by["remarks"][one.id], came, declared, view)
        for one in courses
    }


def _procedure(
    course: Course,
    text_rows: Sequence[Row[Any]],
    vote_rows: Sequence[Row[Any]],
    remark_rows: Sequence[Row[Any]],
    came: Mapping[str, Sequence[Reached]],
    declared: Sequence[Row[Any]],
    view: View,
) -> Procedure:
    holes = [row for row in declared if label_of(row.label).rel_to == course.members]
    if holes:
        text_rows, vote_rows = (
            [row for row in rows if _unbroken(row.id, row.by_member, row.number, holes, view)]
            for rows in (text_rows, vote_rows)
        )
    drafts = {row.id: Draft(row.id, row.by_member, _at(row), _body(row, JointText)) for row in text_rows}
    ends = [
        End(one.id, one.member, one.label.rel_to, one.number, closes)
        for sort, closes in ((Departed, False), (Closed, True))
        for one in course.of(sort)
        if _unbroken(one.id, one.member, one.number, holes, view)
    ]
    facts = Facts(
        members=course.members,
        texts=[_judged_text(row, drafts[row.id].body) for row in text_rows],
        votes=[
            Vote(*_word(row), Purpose(row.purpose), row.round, row.text, VoteKind(row.vote), row.text_hash)
            for row in vote_rows
        ],
        ends=ends,
        gaps=[Gap(*_word(row), row.last) for row in holes],
        settled=_settled(course, holes, view),
    )
    judged = judge(facts)
    return Procedure(
        course=course,
        judged=judged,
        drafts={one: draft for one, draft in drafts.items() if one in judged.verdicts},
        cast={row.id: _cast(row) for row in vote_rows},
        reached=came,
        remarks=[
            Remark(row.by_member, _at(row), row.number, _body(row, Remarked))
            for row in remark_rows
            if label_of(row.label).rel_to == course.members
        ],
    )


def _judged_text(row: Row[Any], body: JointText) -> Text:
    return Text(
        *_word(row),
        purpose=body.purpose,
        round=body.round,
        asked=body.asked,
        without=body.without,
        text_hash=body.text_hash,
        deadline=body.deadline,
        whole=row.whole,
    )


def _settled(course: Course, holes: Sequence[Row[Any]], view: View) -> frozenset[str]:
    """The gaps that stand before the request: in the requester's own lane, or because the request names them."""
    if not holes:
        return frozenset()
    request = view.record(course.id)
    named: set[str] = set() if request is None else set(request.about)
    asked = course.request
    return frozenset(named | {row.id for row in holes if row.by_member == asked.member and row.number < asked.number})


def _unbroken(record: str, member: str, number: int, holes: Sequence[Row[Any]], view: View) -> bool:
    """Whether all of its lane before it is here. Of what was declared lost, some may turn up without the rest."""
    for hole in holes:
        if hole.by_member == member and hole.first <= number <= hole.last:
            found = view.record(record)
            while found is not None and found.number > hole.first:
                found = None if found.prev is None else view.record(found.prev)
            if found is None:
                return False
    return True


def _cast(row: Row[Any]) -> Cast:
    bodies: Mapping[VoteKind, type[Assented | Objected | Amended]] = {
        VoteKind.SILENT: Assented,
        VoteKind.AGREED: Assented,
        VoteKind.OBJECTED: Objected,
        VoteKind.AMENDED: Amended,
    }
    kind = VoteKind(row.vote)
    body = None if row.body is None else msgspec.json.decode(row.body, type=bodies[kind])
    return Cast(row.id, row.by_member, _at(row), row.number, kind, body)


def _word(row: Row[Any]) -> tuple[str, str, tuple[str, ...], int]:
    return row.id, row.by_member, label_of(row.label).rel_to, row.number


def _grouped(rows: Sequence[Row[Any]]) -> defaultdict[str, list[Row[Any]]]:
    found: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[row.consultation].append(row)
    return found


def _at(row: Row[Any]) -> datetime:
    return datetime.fromisoformat(row.at)


def _body(row: Row[Any], body: type[Body]) -> Body:
    return msgspec.json.decode(row.body, type=body)


# What is shown


def text_rows(found: Procedure, now: datetime) -> tuple[TextRow, ...]:
    """Every text of the consultation, by purpose and round. Stances on it are for `course` to fill in."""
    return tuple(_text_row(found, one, now) for purpose in Purpose for one in found.of_purpose(purpose))


def _text_row(found: Procedure, draft: Draft, now: datetime) -> TextRow:
    body, verdict = draft.body, found.judged.verdicts[draft.id]
    return TextRow(
        id=draft.id,
        member=draft.member,
        purpose=body.purpose,
        round=body.round,
        versions=body.versions,
        clauses=words_of(body.clauses) or (),
        options=body.options,
        text_hash=body.text_hash,
        deadline=body.deadline,
        at=draft.at,
        amends=body.amends,
        reason=body.reason,
        state=verdict.state(now),
        waits_for=verdict.waits_for,
        votes=tuple(_vote_row(found, verdict.text, code, vote) for code, vote in sorted(verdict.votes.items())),
        remarks=tuple(
            RemarkRow(one.member, one.body.what, one.body.language, one.body.words, one.at)
            for one in found.counted_remarks(draft.id)
        ),
        stances=(),
    )


def _vote_row(found: Procedure, text: Text, member: str, vote: VoteKind | None) -> VoteRow:
    first = found.judged.ballots[text.purpose].first.get(text.round, {}).get(member)
    cast = None if first is None or vote is VoteKind.ELSEWHERE else found.cast[first.id]
    said_ = None if cast is None else cast.body
    held = [one.at for one in found.reached.get(text.id, ()) if one.member == member and one.office is None]
    return VoteRow(
        member=member,
        vote=vote,
        at=None if cast is None else cast.at,
        record=None if cast is None else cast.id,
        held_at=min(held, default=None),
        shown_to=found.shown_to(text.id, member),
        reason=said_.reason if isinstance(said_, Objected | Amended) else "",
        language=said_.language if isinstance(said_, Objected | Amended) else None,
        edits=said_.edits if isinstance(said_, Amended) else (),
    )
