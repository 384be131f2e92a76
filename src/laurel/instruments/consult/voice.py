"""Who may still speak in a consultation, and what it says there."""

from __future__ import annotations

from msgspec import Struct

from laurel.core.errors import BadAsk
from laurel.core.instrument import Desk, View
from laurel.core.record import Draft
from laurel.instruments.consult.procedure import Procedure, procedure
from laurel.instruments.consult.records import PROCEDURE
from laurel.instruments.consult.said import Course


class WeLeft(BadAsk):
    """Nothing that a member says after it left counts, and who closed has done."""

    says = "this member has left the consultation, or closed it"
    remedy = "request a new one: laurel consult request"


class MemberGone(BadAsk):
    """A label may not name who is entitled no more, and a consultation's members are fixed."""

    says = "a member of this consultation is one of the compact no more, so it cannot go on"
    remedy = "request a new one with those who are: laurel consult request"


class VoiceLost(BadAsk):
    """What we lost may have been a vote that another member holds."""

    says = "this node declared that it lost records which may speak of this consultation: its word counts no more in it"
    remedy = "have any member request a new consultation, whose request will name the loss"


class Over(BadAsk):
    """A consultation ends once."""

    says = "this consultation is closed: no text can be adopted in it any more"
    remedy = "request a new one: laurel consult request"


def voiced(view: View, desk: Desk, consultation: str) -> Procedure:
    """The consultation, if what we say in it reaches all its members and counts. Raises Nothing, WeLeft, MemberGone."""
    found = procedure(view, consultation)
    if desk.member in found.judged.departed:
        raise WeLeft(member=desk.member, consultation=consultation)
    gone = set(found.course.members) - {desk.member, *desk.members}
    if gone:
        raise MemberGone(gone=", ".join(sorted(gone)), consultation=consultation)
    return found


def check_voice(found: Procedure, desk: Desk) -> None:
    """Raises WeLeft, VoiceLost unless our word still counts on what is not adopted yet."""
    if desk.member in found.judged.closers:
        raise WeLeft(member=desk.member, consultation=found.course.id)
    if desk.member in found.judged.lost:
        raise VoiceLost(member=desk.member, consultation=found.course.id)


def speaking(view: View, desk: Desk, consultation: str) -> Procedure:
    """The consultation, if our word counts in it. Raises Nothing, WeLeft, MemberGone, VoiceLost, Over."""
    found = voiced(view, desk, consultation)
    check_voice(found, desk)
    if found.judged.closed:
        raise Over(consultation=consultation)
    return found


def draft(course: Course, body: Struct, *about: str, answers: str | None = None) -> Draft:
    """It, said in the consultation: to all its members, with the urgency of the procedure."""
    return Draft(body, course.request.label, PROCEDURE, about=(course.id, *about), answers=answers or course.id)
