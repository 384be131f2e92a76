"""The course of a consultation as a table: which facts bring it to which stage, and what may be done there. Pure.

    requested -> convened -> assessed -> options -> text -> adopted / not adopted / closed -> followed up

A stage may be passed over: threats do not wait for meetings. What is reached is never lost, since facts only grow, and
the last stage in the table for which all facts are there is where a consultation stands: there is no way back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

from laurel.core.errors import BadAsk
from laurel.instruments.consult.adoption import Judged
from laurel.instruments.consult.course_types import Stage
from laurel.instruments.consult.records import Assessed, Convened, JointStatement, Option, ResponseAction
from laurel.instruments.consult.said import Course
from laurel.instruments.consult.words import Purpose


class Fact(StrEnum):
    """What can have happened in a consultation. None of them is ever undone."""

    MET = "met"
    """A member convened."""
    ASSESSED = "assessed"
    """Everybody who did not leave gave its own assessment, or all adopted a common one."""
    OFFERED = "offered"
    """An option was offered."""
    PROPOSED = "proposed"
    """A joint text on the response was proposed."""
    ENDED = "ended"
    """A member closed it, or fewer than two are left, and nothing that was proposed can pass any more."""
    ADOPTED = "adopted"
    """A joint text on the response was adopted."""
    ACTED = "acted"
    """A member said what it does about it, or told the text to everybody."""


COURSE: tuple[tuple[Stage, frozenset[Fact]], ...] = (
    (Stage.REQUESTED, frozenset()),
    (Stage.CONVENED, frozenset({Fact.MET})),
    (Stage.ASSESSED, frozenset({Fact.ASSESSED})),
    (Stage.OPTIONS, frozenset({Fact.OFFERED})),
    (Stage.TEXT, frozenset({Fact.PROPOSED})),
    (Stage.CLOSED, frozenset({Fact.ENDED})),
    (Stage.NOT_ADOPTED, frozenset({Fact.ENDED, Fact.PROPOSED})),
    (Stage.ADOPTED, frozenset({Fact.ADOPTED})),
    (Stage.FOLLOWED_UP, frozenset({Fact.ADOPTED, Fact.ACTED})),
)
ORDER = tuple(stage for stage, _ in COURSE)

OPEN = frozenset({Stage.REQUESTED, Stage.CONVENED, Stage.ASSESSED, Stage.OPTIONS, Stage.TEXT})
WEIGHED = frozenset({Stage.OPTIONS, Stage.TEXT})
DONE = frozenset({Stage.ADOPTED, Stage.FOLLOWED_UP})

ALLOWED: Mapping[str, frozenset[Stage]] = {
    "respond": OPEN,
    "convene": OPEN,
    "assess": OPEN,
    "offer-option": OPEN,
    "take-stance": OPEN,
    "propose-text": OPEN,
    "assent": OPEN,
    "object": OPEN,
    "amend": OPEN,
    "remark": OPEN | DONE,
    "depart": OPEN,
    "close": OPEN,
    "act": DONE,
    "issue-statement": DONE,
}
"""What may be said in which stage."""

BEFORE_ADOPTION = "it follows from an adopted text: wait until all have assented, see laurel consult consultation"
AFTER_THE_END = "this consultation is over; request a new one: laurel consult request"


class WrongStage(BadAsk):
    """The consultation has not come so far, or is over."""

    says = "this cannot be said at this stage of the consultation"
    remedy = "the facts say where it stands and what to do"


def judge(facts: Collection[Fact]) -> Stage:
    """Where a consultation stands by these facts. More facts never bring it back."""
    return [stage for stage, needs in COURSE if needs <= frozenset(facts)][-1]


def facts_of(course: Course, judged: Judged) -> frozenset[Fact]:
    """What has happened, by what was said and by the verdicts on its texts."""
    response = [one for one in judged.verdicts.values() if one.text.purpose is Purpose.RESPONSE]
    found = {
        Fact.MET: bool(course.of(Convened)),
        Fact.ASSESSED: Purpose.ASSESSMENT in judged.adopted or _all_assessed(course),
        Fact.OFFERED: bool(course.of(Option)),
        Fact.PROPOSED: bool(response),
        Fact.ENDED: judged.closed,
        Fact.ADOPTED: Purpose.RESPONSE in judged.adopted,
        Fact.ACTED: bool(course.of(ResponseAction) or course.of(JointStatement)),
    }
    return frozenset(fact for fact, holds in found.items() if holds)


def stage_of(course: Course, judged: Judged) -> Stage:
    """Where it stands."""
    return judge(facts_of(course, judged))


def check(stage: Stage, command: str) -> None:
    """Raises WrongStage unless that may be said there."""
    if stage not in ALLOWED[command]:
        why = BEFORE_ADOPTION if ALLOWED[command] == DONE and stage in OPEN else AFTER_THE_END
        raise WrongStage(stage=stage.value, ask=f"consult/{command}", do=why)


def _all_assessed(course: Course) -> bool:
    own = course.last(Assessed)
    return bool(own) and set(course.remaining) <= own.keys()
