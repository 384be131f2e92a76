"""What may leave: one maker of a release, and a policy named for every no."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.border.sealing import sealed
from tests.node.worlds import EXERCISE, MEMBERS, members

from laurel.border.policy import Policies
from laurel.border.release import Release, Withheld, release
from laurel.core.label import Classification
from laurel.core.record import Sealed, World, decode
from laurel.node.policies import house

WHO = members()
US = WHO.roster("JPN")
POLICIES = Policies(house(Classification.SECRET), {})


@pytest.mark.parametrize(
    ("record", "member", "policy", "why"),
    [
        (sealed(WHO, origin="KOR"), "USA", "own-records-only", "it was said by KOR"),
        (sealed(WHO, world=EXERCISE), "KOR", "exercise-wall", "it was said in camp-david.freedom-27"),
        (sealed(WHO, world=World("quad")), "KOR", "exercise-wall", "it was said in quad"),
        (sealed(WHO), "JPN", "members-only", "JPN is no peer in camp-david"),
        (sealed(WHO, rel_to=("AUS", "JPN")), "AUS", "members-only", "AUS is no peer in camp-david"),
        (sealed(WHO, rel_to=("JPN", "USA")), "KOR", "rel-to", "the label says RESTRICTED//REL TO USA, JPN"),
        (sealed(WHO, rel_to=("JPN",)), "USA", "rel-to", "the label says RESTRICTED//REL TO JPN"),
    ],
    ids=[
        "another's record",
        "an exercise from the live world",
        "another compact",
        "ourselves",
        "a stranger whom the label names",
        "a member whom the label does not name",
        "what is for us alone",
    ],
)
def test_what_may_not_leave_is_withheld_by_the_policy_that_forbids_it(
    record: Sealed, member: str, policy: str, why: str
) -> None:
    decision = release(record, decode(record.payload), member, US, POLICIES)
    assert decision == Withheld(member, record.id, policy, why)


def test_a_live_record_does_not_leave_an_exercise() -> None:
    record = sealed(WHO)
    decision = release(record, decode(record.payload), "KOR", replace(US, world=EXERCISE), POLICIES)
    assert decision == Withheld("KOR", record.id, "exercise-wall", "it was said in camp-david")


@pytest.mark.parametrize("member", ["KOR", "USA"])
def test_what_the_label_releases_to_a_member_is_released(member: str) -> None:
    record = sealed(WHO)
    assert release(record, decode(record.payload), member, US, POLICIES) == Release(member, record.id, "rel-to")


def test_a_member_whose_card_was_not_admitted_yet_is_released_to_all_the_same() -> None:
    early = replace(US, cards={"JPN": WHO.cards["JPN"]})
    record = sealed(WHO)
    assert isinstance(release(record, decode(record.payload), "KOR", early, POLICIES), Release)
    assert early.entitled == frozenset(MEMBERS)
