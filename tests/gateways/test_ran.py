"""What a run without people tells of itself."""

from __future__ import annotations

from msgspec import structs
from tests.instruments.exercise.played import MEMBERS, made, said_by_hand

from laurel.gateways.exercise.ran import MemberLine, Ran, Verdicts, verdicts_of

REVIEW = made(said_by_hand(), *MEMBERS)
RAN = Ran(
    exercise="freedom-27",
    title="Freedom 27",
    plan_sha256="0" * 64,
    changed=(),
    played_s=3_600.0,
    took_s=10.0,
    steps=3,
    scans=0,
    injects={"done": 3},
    verdicts=(Verdicts("done", ("one",)), Verdicts("missed", ("two",))),
    members=(MemberLine("JPN", 3, (), "0" * 64),),
    review=(),
)


def test_a_run_has_the_verdicts_of_its_review_each_expected_action_once() -> None:
    told = {name: one.verdict for one in verdicts_of(REVIEW) for name in one.expected}
    assert told == {one.id: one.verdict.value for one in REVIEW.actions}
    assert sum(len(one.expected) for one in verdicts_of(REVIEW)) == len(REVIEW.actions)


def test_a_run_holds_when_logs_do_and_nothing_expected_is_left_unjudged_unless_a_change_kept_it_from_being_asked() -> (
    None
):
    assert RAN.holds, "what was missed was judged"
    unasked = structs.replace(RAN, verdicts=(Verdicts("not asked", ("one",)),))
    assert not unasked.holds
    assert structs.replace(unasked, changed=("sensor NOTIONAL-SADO of JPN is not there",)).holds
    broken = structs.replace(RAN, members=(MemberLine("JPN", 3, ("record 2 is forged",), "0" * 64),))
    assert not broken.holds
