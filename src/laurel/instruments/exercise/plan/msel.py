"""The plan of an exercise as a file: objectives, cells, and the master scenario events list (MSEL).

Terms are those of the Homeland Security Exercise and Evaluation Program (HSEEP 2020): objectives rest on capabilities,
an inject brings something about, an expected action is what the training audience then does.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta, Struct

from laurel.core.errors import BadAsk
from laurel.core.record import Utc
from laurel.instruments.exercise.defence import Defence, check
from laurel.instruments.exercise.files import BadFile, decoded, shaped

MAX_PLAN_BYTES = 1024 * 1024
MAX_INJECTS = 2_000

Key = Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
Words = Annotated[str, Meta(min_length=1, max_length=2_000)]
Member = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
Path = Annotated[str, Meta(pattern="^[a-z-]+/[a-z-]+$")]
KindName = Annotated[str, Meta(pattern=r"^[a-z-]+\.[a-z-]+\.v[0-9]+$")]
Seconds = Annotated[float, Meta(ge=0.0, le=31 * 86_400.0)]


class BadPlan(BadAsk):
    """The file is not a plan."""

    says = "this exercise plan cannot be read"
    remedy = "correct the field it names"


class CellRole(StrEnum):
    """What a cell does: steers play, plays all who take no part, or is trained."""

    CONTROL = "control"
    WHITE = "white"
    TRAINING = "training"


class Objective(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be learnt, and which capability it exercises."""

    id: Key
    words: Words
    capability: Words


class Cell(Struct, frozen=True, forbid_unknown_fields=True):
    """Some people of one member."""

    id: Key
    member: Member
    role: CellRole
    office: Words


class Condition(Struct, frozen=True, forbid_unknown_fields=True):
    """Met when such a record was said, by this member or by any, `times` times."""

    kind: KindName
    by: Member | None = None
    times: Annotated[int, Meta(ge=1, le=1_000)] = 1


class Expected(Struct, frozen=True, forbid_unknown_fields=True):
    """What a member does in answer, `within_s` of the inject."""

    id: Key
    member: Member
    kind: KindName
    within_s: Seconds
    objective: Key
    criterion: Words


class Inject(Struct, frozen=True, forbid_unknown_fields=True):
    """Something that control brings about: at a time, when something happened, or by hand; after others."""

    id: Key
    title: Words
    cell: Key
    command: Path | None = None
    ask: dict[str, Any] = {}
    words: Words | None = None
    at_s: Seconds | None = None
    when: Condition | None = None
    by_hand: bool = False
    after: tuple[Key, ...] = ()
    delay_s: Seconds = 0.0
    expects: tuple[Expected, ...] = ()


class Plan(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. Times of injects are seconds after `starts_at`, in the exercise's own time.

    `defence` is who would stop what flies: notional, and played by the review alone.
    `answers` are what the training audience would do, for a dry run without people: injects of its own cells.
    """

    title: Words
    summary: Words
    starts_at: Utc
    lasts_s: Annotated[float, Meta(gt=0.0, le=31 * 86_400.0)]
    objectives: tuple[Objective, ...]
    cells: tuple[Cell, ...]
    injects: Annotated[tuple[Inject, ...], Meta(max_length=MAX_INJECTS)]
    answers: Annotated[tuple[Inject, ...], Meta(max_length=MAX_INJECTS)] = ()
    scenario: Words | None = None
    defence: Defence | None = None

    @property
    def members(self) -> tuple[str, ...]:
        """Codes of those who take part, sorted."""
        return tuple(sorted({cell.member for cell in self.cells}))

    def moves(self, *, dry: bool) -> tuple[Inject, ...]:
        """What nodes bring about by themselves: the injects; in a dry run the answers too."""
        return self.injects + self.answers if dry else self.injects

    @property
    def expected(self) -> tuple[tuple[Inject, Expected], ...]:
        """Every expected action beside the inject that it answers, in file order."""
        return tuple((inject, one) for inject in self.injects for one in inject.expects)


def parse(file: bytes) -> Plan:
    """The plan in a TOML file. Raises BadPlan, which names the field, its value and the reason."""
    try:
        plan = shaped(decoded(file, MAX_PLAN_BYTES), Plan)
        if plan.defence is not None:
            check(plan.defence, "defence.")
    except BadFile as error:
        raise BadPlan(**error.facts) from None
    return plan


@dataclass(frozen=True)
class Heard:
    """A record of the exercise, as far as a plan looks at it: seconds of play when it was said, and its id."""

    kind: str
    member: str
    at_s: float
    record: str = ""
