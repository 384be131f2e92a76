"""The silence procedure at our own node: which texts we hold, and when our silence is our assent.

By our own clock, once the deadline has passed and a text has been before one of our officers for as long as it asks.
Our node then says so; nobody reads silence into a missing record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import and_, bindparam, exists, select

from laurel.core.fields import RecordId
from laurel.core.instrument import Command, Desk, Due, React, Role, View
from laurel.core.record import Draft, Record
from laurel.instruments.consult import said, votes
from laurel.instruments.consult.adoption import Verdict
from laurel.instruments.consult.procedure import Procedure, procedure_of, procedures
from laurel.instruments.consult.records import JOINT_TEXT, PROCEDURE, Assented, JointText, TextHeld
from laurel.instruments.consult.voice import draft

_T, _H, _V = votes.texts.table.c, votes.reached.table.c, votes.voted.table.c
_SHOWN = exists().where(_H.text == _T.id, _H.by_member == bindparam("me"), _H.office.is_not(None))
_SLOT = and_(_V.consultation == _T.consultation, _V.purpose == _T.purpose)
_VOTED = exists().where(_SLOT, _V.by_member == bindparam("me"), _V.round >= _T.round)
_IN_ORDER = _T.at, _T.by_member, _T.number, _T.id
_SILENT_ON = select(_T.consultation, _T.id).where(_SHOWN, ~_VOTED).order_by(*_IN_ORDER)


class KeepSilenceAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Our silence on this text is our assent."""

    text: RecordId


def silence_at(found: Procedure, text: str, member: str) -> datetime | None:
    """From when on that member's silence is its assent to that text; None while, or because, it cannot be.

    It cannot be if the text can no longer be adopted or does not ask whom it must, if the member has no vote left, if
    none of its officers was shown it, if a later round is open, or if another text of the same round may pass as well:
    silence on two questions answers neither.
    """
    verdict = found.judged.verdicts[text]
    shown = [one.at for one in found.reached.get(text, ()) if one.member == member and one.office]
    if not shown or not _may_be_silent(found, verdict, member):
        return None
    body = found.drafts[text].body
    return max(body.deadline, min(shown) + timedelta(seconds=body.least_s))


def _may_be_silent(found: Procedure, verdict: Verdict, member: str) -> bool:
    text = verdict.text
    ballot = found.judged.ballots[text.purpose]
    return (
        verdict.final is None
        and verdict.right is True
        and member in verdict.waits_for
        and member not in found.judged.lost
        and ballot.next_round == text.round + 1
        and not any(_rivals(verdict, other) for other in found.judged.verdicts.values())
    )


def _rivals(one: Verdict, other: Verdict) -> bool:
    same = (one.text.purpose, one.text.round) == (other.text.purpose, other.text.round)
    return same and one.text.id != other.text.id and other.final is None


def keep_silence(ask: KeepSilenceAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Our assent by silence; nothing if it cannot be any more."""
    found = procedure_of(view, ask.text)
    at = None if found is None else silence_at(found, ask.text, desk.member)
    if found is None or at is None or at > desk.now or not set(found.course.members) <= {desk.member, *desk.members}:
        return ()
    text = found.drafts[ask.text].body
    shown_to = found.shown_to(ask.text, desk.member)
    body = Assented(
        text.consultation, ask.text, text.text_hash, text.purpose, text.round, silent=True, shown_to=shown_to
    )
    return (draft(found.course, body, ask.text, answers=ask.text),)


def on_text(record_id: str, record: Record[JointText], view: View, desk: Desk) -> Sequence[Draft]:
    """That our node has it. Nothing for what counts nowhere, or cannot be answered to all who have it."""
    del view
    entitled = {desk.member, *desk.members}
    if record.origin == desk.member or record.precedence is not PROCEDURE or not entitled >= set(record.label.rel_to):
        return ()
    return (Draft(TextHeld(record_id), record.label, PROCEDURE, about=(record_id,), answers=record_id),)


def due(view: View) -> Sequence[Due]:
    """The end of each silence that our officers keep."""
    found: dict[str, Procedure] = {}
    rows = view.rows(_SILENT_ON, me=view.member)
    if rows:
        found = dict(procedures(view, said.called(view, sorted({row.consultation for row in rows}))))
    ends = [(row.id, found[row.consultation]) for row in rows if row.consultation in found]
    return [
        Due(at, f"silence:{text}", "keep-silence", KeepSilenceAsk(text))
        for text, where in ends
        if text in where.drafts
        for at in [silence_at(where, text, view.member)]
        if at is not None
    ]


COMMANDS = (Command("keep-silence", KeepSilenceAsk, keep_silence, frozenset({Role.NODE})),)
REACTIONS: Mapping[str, React] = {JOINT_TEXT.name: on_text}
