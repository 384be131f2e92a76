"""No record reaches a member outside its audience, and none comes in that may not: Cedar against plain Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.border.oracle import ORDER, Case, may_be_derived, may_enter, may_leave
from tests.border.sealing import sealed
from tests.node.worlds import members

from laurel.border.policy import Header, Policies
from laurel.border.release import Release, release
from laurel.core.label import Classification, label
from laurel.core.record import World, decode
from laurel.core.roster import Roster, Standing
from laurel.node.policies import house

CODES = ("JPN", "KOR", "USA", "THA", "AUS")
KINDS = (
    "notebook.note.v1",
    "hotline.message.v1",
    "warning.track-report.v1",
    "warning.coarse-tracks.v1",
    "line.honoured.v1",
    "line.receipt-given.v1",
    "line.key-changed.v1",
    "line.forked.v1",
    "line.standing-assented.v1",
    "office.policy-put.v1",
)
CAVEATS = ("NOFORN", "ORCON", "KAGE", "WHATEVER", "NO KOR", "NO THA", "KOR EYES ONLY", "KOR/USA EYES ONLY", "NO KORO")
CLEARANCES = {"KOR": Classification.CONFIDENTIAL, "THA": Classification.RESTRICTED}


def never(case: Case, member: str) -> bool:
    del case, member
    return False


@dataclass(frozen=True)
class Own:
    """A member's own policies, and in plain Python what they forbid and what they want derived."""

    text: str = ""
    forbids: Callable[[Case, str], bool] = never
    not_taken: Callable[[Case], bool] = field(default=lambda _: False)
    derives: Callable[[Case, str], bool] = never
    caveats: frozenset[str] = frozenset()

    @property
    def files(self) -> Mapping[str, str]:
        return {"own.cedar": self.text} if self.text else {}


OWN = (
    Own(),
    Own('@id("all") @why("all of it") permit (principal, action, resource);'),
    Own(
        '@id("kage") @why("k") @caveat("KAGE") forbid (principal, action == Action::"release", resource)'
        ' when { resource.caveats.contains("KAGE") } unless { principal == Member::"USA" };'
        '@id("all") @why("all of it") permit (principal, action, resource);',
        forbids=lambda case, member: "KAGE" in case.caveats and member != "USA",
        caveats=frozenset({"KAGE"}),
    ),
    Own(
        '@id("no-talk") @why("t") forbid (principal == Member::"KOR", action, resource is Record)'
        ' when { resource.kind like "hotline.*" };'
        '@id("coarse") @why("c") @coarsen_m("1000") @delay_s("0") @classification("RESTRICTED")'
        ' permit (principal, action == Action::"sanitise", resource)'
        ' when { resource.kind like "warning.*" && principal.standing == "reader" };',
        forbids=lambda case, member: case.kind.startswith("hotline.") and member == "KOR",
        not_taken=lambda case: case.kind.startswith("hotline.") and case.origin == "KOR",
        derives=lambda case, member: case.kind.startswith("warning.") and case.standings.get(member) == "reader",
    ),
)
HOUSE = replace(house(Classification.SECRET), clearances=CLEARANCES)
POLICIES = {own: Policies(HOUSE, own.files) for own in OWN}


@st.composite
def cases(draw: st.DrawFn) -> tuple[Own, Case, Header, Roster]:
    own = draw(st.sampled_from(OWN))
    standings = {"JPN": Standing.MEMBER} | {
        code: draw(st.sampled_from(Standing)) for code in CODES[1:] if draw(st.integers(0, 5))
    }
    # Half of them are as an honest node would say them, so that not all is refused for three reasons at once.
    honest = draw(st.booleans())
    world = World("camp-david", None if honest else draw(st.sampled_from((None, "freedom-27"))))
    marked = label(
        draw(st.sampled_from(Classification)),
        draw(st.sets(st.sampled_from(CODES), min_size=1)) | ({"JPN"} if honest else set()),
        frozenset(draw(st.sets(st.sampled_from(CAVEATS), max_size=1 if honest else 3))),
    )
    header = Header(draw(st.sampled_from(KINDS)), draw(st.sampled_from(CODES)), marked, world)
    case = Case(
        kind=header.kind,
        origin=header.origin,
        world=world.name,
        classification=marked.classification.value,
        rel_to=frozenset(marked.rel_to),
        caveats=frozenset(marked.caveats),
        clearances={code: one.value for code, one in CLEARANCES.items()},
        standings={code: one.value for code, one in standings.items()},
        known_caveats=frozenset({"NOFORN", "ORCON"}) | own.caveats,
    )
    return own, case, header, Roster(World("camp-david"), "JPN", standings, {})


def check_egress(drawn: tuple[Own, Case, Header, Roster]) -> None:
    own, case, header, roster = drawn
    for member in CODES:
        for mine in (header, replace(header, origin="JPN")):
            told = replace(case, origin=mine.origin)
            leaves = POLICIES[own].release(mine, member, roster)
            assert leaves.allowed == (may_leave(told, member) and not own.forbids(told, member)), (told, member, leaves)
            assert leaves.policy
            assert leaves.why
            derived = POLICIES[own].sanitise(mine, member, roster)
            # `all` permits, but states no terms, so nothing is derived by it.
            wanted = own.derives(told, member) and not (own.forbids(told, member) and "no-talk" in own.text)
            assert derived.allowed == (may_be_derived(told, member) and wanted), (told, member, derived)
            assert (derived.terms is not None) == derived.allowed


def check_ingress(drawn: tuple[Own, Case, Header, Roster]) -> None:
    own, case, header, roster = drawn
    for origin in CODES:
        told = replace(case, origin=origin)
        enters = POLICIES[own].admit(replace(header, origin=origin), roster)
        assert enters.allowed == (may_enter(told) and not own.not_taken(told)), (told, enters)
        assert enters.policy
        assert enters.why


QUICK = settings(max_examples=150, deadline=None)
# Five members, and the record as ours and as whoever's: ten cases in each of these.
LONG = settings(max_examples=20_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@QUICK
@given(cases())
def test_nothing_leaves_that_the_rules_keep(drawn: tuple[Own, Case, Header, Roster]) -> None:
    check_egress(drawn)


@QUICK
@given(cases())
def test_nothing_enters_that_the_rules_refuse(drawn: tuple[Own, Case, Header, Roster]) -> None:
    check_ingress(drawn)


@pytest.mark.long
@pytest.mark.timeout(1_800)
@LONG
@given(cases())
def test_nothing_leaves_that_the_rules_keep_in_two_hundred_thousand_cases(
    drawn: tuple[Own, Case, Header, Roster],
) -> None:
    check_egress(drawn)


@pytest.mark.long
@pytest.mark.timeout(1_800)
@LONG
@given(cases())
def test_nothing_enters_that_the_rules_refuse_in_a_hundred_thousand_cases(
    drawn: tuple[Own, Case, Header, Roster],
) -> None:
    check_ingress(drawn)


def test_the_cases_are_not_all_refused() -> None:
    """The comparison above is worth something only where both answers come up."""
    roster = Roster(World("camp-david"), "JPN", dict.fromkeys(CODES, Standing.MEMBER), {})
    header = Header(KINDS[0], "JPN", label(Classification.RESTRICTED, set(CODES)), World("camp-david"))
    assert all(POLICIES[own].release(header, "USA", roster).allowed for own in OWN)
    assert all(POLICIES[own].admit(replace(header, origin="USA"), roster).allowed for own in OWN)
    assert {one.value for one in Classification} == set(ORDER)


@pytest.mark.attack("widen")
def test_policies_that_permit_everything_and_forbid_nothing_still_do_not_open_rel_to() -> None:
    everything = {"open.cedar": OWN[1].text}
    opened = Policies(replace(HOUSE, files={}), everything)
    who = members()
    one = sealed(who, rel_to=("JPN", "USA"))
    decision = release(one, decode(one.payload), "KOR", who.roster("JPN"), opened)
    assert not isinstance(decision, Release)
    assert decision.policy == "rel-to"
