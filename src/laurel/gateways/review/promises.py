"""What a member may promise of a review: the actions proposed to it, and the live end that vouches for the review."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from laurel.core.errors import BadAsk
from laurel.gateways.press import found
from laurel.instruments.dialogue.commitment_types import CommitmentRow
from laurel.instruments.dialogue.pledges import CommitAsk
from laurel.instruments.exercise.ended import End
from laurel.instruments.exercise.review.review import AfterActionReview, ImprovementAction
from laurel.instruments.exercise.view import Exercise

TOPIC = "exercises"


class OtherArchive(BadAsk):
    """Whoever promises what an exercise taught shows which exercise that was."""

    says = "no end that was said live names an archive of this review"
    remedy = (
        "ask at the live world once the exercise has ended, with a review made of the files that "
        "laurel exercise archives lists: a log exported before the end is another file"
    )


class OwnAction(Struct, frozen=True):
    """An action that was proposed to us, by its place in the list, and the commitment that was made of it."""

    number: int
    office: str
    due: str
    action: str
    commitment: str | None


def vouching(review: AfterActionReview, exercises: Sequence[Exercise], member: str) -> End:
    """The end, our own if it is among them, whose archive this review was made of. Raises OtherArchive."""
    archives = {one.sha256 for one in review.archives}
    ends = ends_of(review, exercises)
    named = {code: end for code, end in ends.items() if end.archive_sha256 in archives}
    if not named:
        shown = ", ".join(sorted(one[:12] for one in archives)) or "none"
        raise OtherArchive(exercise=review.exercise, archives=shown, ended_at=", ".join(ends) or "nobody")
    return named[member] if member in named else next(iter(named.values()))


def ends_of(review: AfterActionReview, exercises: Sequence[Exercise]) -> dict[str, End]:
    """Where the exercise of this review ended, by member."""
    own = (one for one in exercises if one.exercise == review.exercise)
    return {each.member: each.ended for one in own for each in one.members if each.ended is not None}


def own_actions(
    review: AfterActionReview, member: str, promised: Sequence[CommitmentRow]
) -> tuple[tuple[OwnAction, ImprovementAction], ...]:
    """Those of that member, the soonest due first. `promised` is what follows from the end of the exercise."""
    made = {(one.words, one.due_at): one.id for one in reversed(promised)}
    own = [one for one in review.improvements if one.member == member]
    return tuple(
        (
            OwnAction(
                number, _line(one.office), f"{one.due:%Y-%m-%d}", _line(one.action), made.get((one.action, one.due))
            ),
            one,
        )
        for number, one in enumerate(own, 1)
    )


def promise(action: ImprovementAction, review: AfterActionReview, end: End, language: str) -> dict[str, Any]:
    """What is asked of the live world: the action's words under the review's label, citing the end and no play.

    `language` is that of words whose letters many languages share.
    """
    ask = CommitAsk(
        office=action.office,
        words=action.action,
        language=found.language(language, action.action)[0],
        topic=TOPIC,
        label=review.label,
        due_at=action.due,
        about=(end.record,),
    )
    return msgspec.to_builtins(ask)


def _line(words: str) -> str:
    """As a terminal may print it."""
    return " ".join(found.plain(words, len(words), "action")[0].split())
