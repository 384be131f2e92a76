"""A member's own records go back to it, and nothing else goes that way."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.border.sealing import sealed
from tests.node.worlds import EXERCISE, LIVE, MEMBERS, members

from laurel.border.release import Release, Withheld
from laurel.border.returning import give_back
from laurel.core.record import World, decode
from laurel.core.roster import Standing

WHO = members()
AUDIENCES = [("JPN",), ("JPN", "KOR"), ("JPN", "USA"), ("KOR", "USA"), MEMBERS]


@pytest.mark.attack("speak-for-another")
@given(
    origin=st.sampled_from(MEMBERS),
    audience=st.sampled_from(AUDIENCES),
    asker=st.sampled_from([*MEMBERS, "AUS"]),
    us=st.sampled_from(MEMBERS),
    world=st.sampled_from([LIVE, EXERCISE]),
)
def test_nobody_gets_back_but_its_own_records_that_were_said_to_us(
    origin: str, audience: tuple[str, ...], asker: str, us: str, world: World
) -> None:
    record = decode(sealed(WHO, origin=origin, rel_to=audience, world=world).payload)
    decision = give_back("a" * 64, record, asker, WHO.roster(us))
    may = asker == origin != us and {asker, us} <= set(audience) and world == LIVE
    assert isinstance(decision, Release if may else Withheld)
    assert decision.member == asker


@pytest.mark.attack("membership")
def test_who_is_expelled_gets_nothing_back() -> None:
    roster = WHO.roster("KOR")
    record = decode(sealed(WHO).payload)
    for standing in (Standing.SUSPENDED, Standing.EXPELLED):
        changed = type(roster)(LIVE, "KOR", {**roster.standings, "JPN": standing}, roster.cards)
        decision = give_back("a" * 64, record, "JPN", changed)
        assert isinstance(decision, Withheld)
        assert decision.policy == "members-only"


def test_each_refusal_names_its_policy() -> None:
    found = {
        give_back("a" * 64, decode(sealed(WHO, rel_to=audience, world=world).payload), asker, WHO.roster("KOR")).policy
        for audience, asker, world in product([("JPN", "USA"), MEMBERS], ["JPN", "USA"], [LIVE, EXERCISE])
    }
    assert found == {"own-records-back", "rel-to", "exercise-wall"}
