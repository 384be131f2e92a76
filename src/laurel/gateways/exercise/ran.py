"""What came of an exercise that was played without people, and how it is told."""

from __future__ import annotations

from collections import defaultdict

from msgspec import Struct
from rich.console import Console

from laurel.instruments.exercise.plan.run import Verdict
from laurel.instruments.exercise.review.expected import JudgedAction
from laurel.instruments.exercise.review.review import AfterActionReview


class Verdicts(Struct, frozen=True):
    """Expected actions of one verdict, by name, as the review judges them.

    `doubtful` are those that somebody may have answered in a record that the review leaves out: not all may read it.
    """

    verdict: str
    expected: tuple[str, ...]
    doubtful: tuple[str, ...] = ()


class MemberLine(Struct, frozen=True):
    """One member's log at the end: how many records, what is wrong with it, and its normalised hash."""

    member: str
    records: int
    faults: tuple[str, ...]
    normal_sha256: str


class Ran(Struct, frozen=True):
    """What came of a run. `changed` says in what it was other than planned."""

    exercise: str
    title: str
    plan_sha256: str
    changed: tuple[str, ...]
    played_s: float
    took_s: float
    steps: int
    scans: int
    injects: dict[str, int]
    verdicts: tuple[Verdicts, ...]
    members: tuple[MemberLine, ...]
    review: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether every log holds and every expected action was judged, but for those that a change kept from it."""
        waiting = set[str]() if self.changed else {Verdict.AWAITED.value, Verdict.NOT_ASKED.value}
        return not any(one.faults for one in self.members) and not any(
            one.verdict in waiting and one.expected for one in self.verdicts
        )


def verdicts_of(made: AfterActionReview) -> tuple[Verdicts, ...]:
    """What the review of all members' logs says of every expected action: one node may hold less than all say."""
    by_verdict: defaultdict[Verdict, list[JudgedAction]] = defaultdict(list)
    for one in made.actions:
        by_verdict[one.verdict].append(one)
    return tuple(
        Verdicts(verdict.value, tuple(one.id for one in found), tuple(one.id for one in found if one.doubt))
        for verdict, found in sorted(by_verdict.items())
    )


def tell(ran: Ran, console: Console) -> None:
    """What came of it, for people to read."""
    console.print(f"\nEXERCISE {ran.exercise}: {ran.title}", highlight=False)
    for one in ran.changed:
        console.print(f"  changed: {one}", highlight=False)
    days = ran.played_s / 86_400.0
    console.print(
        f"  {days:.2f} days played in {ran.took_s:.0f} s: {ran.steps} steps, {ran.scans} scans", highlight=False
    )
    console.print(f"  injects: {', '.join(f'{count} {name}' for name, count in ran.injects.items())}", highlight=False)
    for one in ran.verdicts:
        told = (f"{name} (the answer may be left out)" if name in one.doubtful else name for name in one.expected)
        names = "" if one.verdict == Verdict.DONE else ": " + ", ".join(told)
        console.print(f"  expected actions {one.verdict}: {len(one.expected)}{names}", highlight=False)
    for file in ran.review:
        console.print(f"  {file}", highlight=False, soft_wrap=True)
    for one in ran.members:
        fault = "holds" if not one.faults else one.faults[0]
        console.print(f"  {one.member}: {one.records} records, log {fault}, {one.normal_sha256[:16]}", highlight=False)
