"""Policies in force at a node: put by a record, at once; what does not hold is refused, what is damaged opens none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.border.sealing import sealed
from tests.node.notebook import Note, notebook
from tests.node.worlds import (
    MEMBERS,
    OFFICER,
    Worlds,
    audited,
    contents,
    deliver,
    log_of,
    note,
    parked,
    set_pages,
    texts,
    wrapped,
)

from laurel.border.cedar import BadPolicy
from laurel.border.policy import Policies
from laurel.core.errors import DiskFull, NotPermitted, NotReleasable
from laurel.core.instrument import Desk, Role, View
from laurel.core.label import Classification, label
from laurel.core.record import Draft, Record, decode
from laurel.core.roster import Standing
from laurel.instruments.office import INSTRUMENT as OFFICE
from laurel.instruments.office.policies import PutPolicyAsk
from laurel.instruments.office.records import PolicyPut
from laurel.instruments.office.twofold import ApproveAsk
from laurel.node.asked import Asked
from laurel.node.author import Author
from laurel.node.keep import schema
from laurel.node.outbox import Outbox
from laurel.node.world import World

AUTHORITY = Author("officer:mori", frozenset({Role.RELEASE_AUTHORITY}))
SECOND = Author("officer:abe", frozenset({Role.RELEASE_AUTHORITY}))
NOT_KOREA = """@id("not-korea") @why("notes stay from {member}")
forbid (principal == Member::"KOR", action == Action::"release", resource) when { resource.kind == "notebook.note.v1" };
"""
SILENT = """@id("silent") @why("nothing of {origin} is taken today")
forbid (principal, action == Action::"admit", resource);
"""


@pytest.fixture
def worlds(tmp_path: Path) -> Worlds:
    return Worlds(tmp_path)


def opened(worlds: Worlds, me: str = "JPN") -> World:
    return worlds.open(me, notebook(), OFFICE)


def asked(world: World, files: Mapping[str, str], author: Author = AUTHORITY, ask_id: str = "put-policies") -> Asked:
    digest = Policies(world.policies.house, files).digest
    return Asked(author, "office/put-policy", PutPolicyAsk(dict(files), digest, "as agreed"), ask_id)


def put(world: World, files: Mapping[str, str], name: str = "the first") -> str:
    """Two officers put these policies in force. The record that does it."""
    (proposal,) = world.say(asked(world, files, ask_id=f"propose-{name}")).records
    said = world.say(Asked(SECOND, "office/approve", ApproveAsk(proposal), f"approve-{name}"))
    return said.records[-1]


def waiting(world: World, peer: str) -> list[str]:
    """The ids of what would be carried to that peer now."""
    with world.store.reading() as from_:
        ids = {row.position: row.id for row in from_.execute(sa.select(schema.log))}
    return [ids[position] for one in Outbox(world).waiting(peer, 1_000) for position in one.positions]


def test_policies_that_are_put_decide_on_the_very_next_record_and_after_a_restart(worlds: Worlds) -> None:
    with worlds:
        world = opened(worlds)
        world.say(note("before"))
        house = world.policies.digest
        record = put(world, {"a.cedar": NOT_KOREA})
        assert world.gate.force.put == record
        for restarted in (False, True):
            world = opened(worlds) if restarted else world
            with pytest.raises(NotReleasable, match="policy=not-korea") as refused:
                world.say(note("after"))
            assert refused.value.facts["member"] == "KOR"
            assert refused.value.facts["why"] == "notes stay from KOR"
        world.say(note("for the others", to=("USA",)))
        with world.store.reading() as from_:
            digests = [row.digest for row in from_.execute(sa.select(schema.audit).order_by(schema.audit.c.line))]
        assert digests[0] == house
        assert digests[-1] == world.policies.digest
        assert audited(world)[-2:] == [("withheld", "KOR", "rel-to, not-korea"), ("release", "USA", "rel-to")]


def test_putting_none_takes_the_ones_before_out_of_force(worlds: Worlds) -> None:
    with worlds:
        world = opened(worlds)
        put(world, {"a.cedar": NOT_KOREA})
        put(world, {}, "put-nothing-more")
        world.say(note("for all again"))
        assert len(waiting(world, "KOR")) == 1


@pytest.mark.parametrize(
    ("files", "line"),
    [({"a.cedar": "permit (principal"}, 1), ({"a.cedar": "\n" + NOT_KOREA.replace("kind", "kin")}, 2)],
)
def test_policies_that_do_not_hold_are_refused_and_nothing_is_said(
    worlds: Worlds, files: dict[str, str], line: int
) -> None:
    with worlds:
        world = opened(worlds)
        before = world.policies
        with pytest.raises(BadPolicy) as refused:
            world.say(Asked(AUTHORITY, "office/put-policy", PutPolicyAsk(files, "0" * 64, "why not"), "ask-bad-policy"))
        assert refused.value.facts["line"] == line
        assert world.policies is before
        assert log_of(world) == []


def test_policies_other_than_those_that_were_tried_are_refused(worlds: Worlds) -> None:
    with worlds:
        world = opened(worlds)
        ask = PutPolicyAsk({"a.cedar": NOT_KOREA}, "0" * 64, "unseen")
        with pytest.raises(BadPolicy, match="not the policies that were tried"):
            world.say(Asked(AUTHORITY, "office/put-policy", ask, "ask-unseen"))
        assert log_of(world) == []


@pytest.mark.attack("roles")
def test_a_watch_officer_that_puts_policies_in_force_is_refused_by_the_policy_on_roles(worlds: Worlds) -> None:
    with worlds:
        world = opened(worlds)
        with pytest.raises(NotPermitted, match="policy=roles") as refused:
            world.say(asked(world, {"a.cedar": NOT_KOREA}, OFFICER))
        assert refused.value.facts["needs"] == "release-authority"


def test_a_transaction_that_fails_leaves_the_policies_in_force_that_were(worlds: Worlds) -> None:
    with worlds:
        world = opened(worlds)
        before = world.policies
        (proposal,) = world.say(asked(world, {"a.cedar": f"// {'x' * 100_000}\n{NOT_KOREA}"})).records
        set_pages(world, 2)
        with pytest.raises(DiskFull):
            world.say(Asked(SECOND, "office/approve", ApproveAsk(proposal), "approve-large"))
        set_pages(world, None)
        assert world.policies is before
        assert world.gate.force.put is None
        assert world.say(note("for all")).records


# What is damaged


def damage(worlds: Worlds, world: World, body: object) -> World:
    """The record that put the policies in force now says something else: a rotten disk, an old house."""
    assert world.gate.force.put is not None
    with world.store.writing() as to:
        row = to.execute(sa.select(schema.log).where(schema.log.c.id == world.gate.force.put)).one()
        record = msgspec.structs.replace(decode(row.payload), body=msgspec.Raw(msgspec.json.encode(body)))
        to.execute(
            sa.update(schema.log)
            .where(schema.log.c.id == world.gate.force.put)
            .values(payload=msgspec.json.encode(record))
        )
    return opened(worlds)


@pytest.mark.parametrize(
    "body",
    [
        {"files": {"a.cedar": NOT_KOREA[:40]}, "digest": "0" * 64, "reason": "rotten"},
        {"files": {"a.cedar": NOT_KOREA.replace("not-korea", "rel-to")}, "digest": "0" * 64, "reason": "a newer house"},
        {"files": "none"},
    ],
    ids=["cut off", "contradicts the house", "no policies at all"],
)
def test_damaged_policies_in_the_log_let_nothing_out_until_others_are_put(worlds: Worlds, body: object) -> None:
    with worlds:
        world = opened(worlds)
        world.say(note("said before"))
        put(world, {"a.cedar": NOT_KOREA.replace("KOR", "USA")})
        world = damage(worlds, world, body)
        assert waiting(world, "KOR") == waiting(world, "USA") == []
        with pytest.raises(NotReleasable, match="policy=own-policies-damaged"):
            world.say(note("said after"))
        put(world, {}, "put-none-instead")
        assert len(waiting(world, "KOR")) == 1


# What waits


def test_what_waits_when_a_policy_is_tightened_stays_at_home(worlds: Worlds) -> None:
    with worlds:
        world = opened(worlds)
        world.say(note("said under the old policy"))
        outbox = Outbox(world)
        assert outbox.waiting("KOR", 10)
        put(world, {"a.cedar": NOT_KOREA})
        assert not outbox.waiting("KOR", 10)
        assert outbox.waiting("USA", 10)
        assert outbox.withheld
        outbox.keep_home()
        assert not outbox.withheld
        assert contents(worlds.path())["outbox"] == [("USA", "", 0, 1)]
        assert audited(world)[-1] == ("withheld", "KOR", "not-korea")


@pytest.mark.attack("membership")
@pytest.mark.parametrize("standing", [Standing.SUSPENDED, Standing.EXPELLED])
def test_a_member_that_was_suspended_gets_nothing_of_what_still_waits(worlds: Worlds, standing: Standing) -> None:
    with worlds:
        world = opened(worlds)
        world.say(note("said while it belonged"))
        world.roster = replace(world.roster, standings={**world.roster.standings, "KOR": standing})
        outbox = Outbox(world)
        assert not outbox.waiting("KOR", 10)
        outbox.keep_home()
        assert audited(world)[-1] == ("withheld", "KOR", "members-only")


@pytest.mark.attack("flood")
def test_what_stays_at_home_does_not_stand_in_the_way_of_what_may_go(worlds: Worlds) -> None:
    with worlds:
        world = opened(worlds)
        world.say_many([note(f"note {number}") for number in range(30)])
        put(world, {"a.cedar": NOT_KOREA})
        outbox = Outbox(world)
        for _ in range(4):
            assert not outbox.waiting("KOR", 10)
            outbox.keep_home()
        put(world, {}, "put-none-again")
        world.say(note("news"))
        assert len(waiting(world, "KOR")) == 1


# What the node says itself


def test_what_the_node_says_itself_goes_to_those_who_may_have_it_and_says_so(worlds: Worlds) -> None:
    def answer(record_id: str, record: Record[Note], view: View, desk: Desk) -> list[Draft]:
        del record_id, view, desk
        if record.author != OFFICER.name:
            return []
        return [Draft(Note("t", "seen"), label(Classification.RESTRICTED, set(MEMBERS)))]

    with worlds:
        world = worlds.open("JPN", notebook(answer), OFFICE)
        put(world, {"a.cedar": NOT_KOREA})
        world.say(note("for America", to=("USA",)))
        while world.react():
            pass
        assert parked(world) == []
        last = decode(log_of(world)[-1].payload)
        assert last.label.rel_to == ("JPN", "USA")
        assert ("withheld", "KOR", "not-korea") in audited(world)
        there = worlds.open("USA", notebook(), OFFICE)
        deliver(world, there)
        assert texts(there) == ["for America", "seen"]


# What comes in


def test_what_our_own_policies_do_not_take_is_refused_and_taken_when_they_do(worlds: Worlds) -> None:
    with worlds:
        world, there = opened(worlds, "KOR"), opened(worlds, "JPN")
        there.say(note("hello"))
        put(world, {"a.cedar": SILENT})
        (parcel,) = Outbox(there).waiting("KOR", 10)
        refused = world.receive("JPN", [parcel.wrapped]).refused
        assert [one.policy for one in refused] == ["silent"]
        assert "nothing of JPN is taken today" in str(refused[0].error)
        assert texts(world) == []
        put(world, {}, "put-none-instead")
        world.receive("JPN", [parcel.wrapped])
        assert texts(world) == ["hello"]


@pytest.mark.attack("speak-for-another")
def test_a_peer_that_sends_us_a_policy_to_put_in_force_is_refused(worlds: Worlds) -> None:
    with worlds:
        world = opened(worlds, "KOR")
        before = world.policies.digest
        body = PolicyPut({}, "0" * 64, "trust me")
        forged = sealed(worlds.who, rel_to=("JPN", "KOR"), kind="office.policy-put.v1", body=body)
        received = world.receive("JPN", [wrapped(forged, to="KOR")])
        assert [one.policy for one in received.refused] == ["home-business"]
        assert opened(worlds, "KOR").policies.digest == before
        assert log_of(opened(worlds, "KOR")) == []


# All of it together


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(["", NOT_KOREA, NOT_KOREA.replace("KOR", "USA")]), st.sets(st.sampled_from(MEMBERS))),
        min_size=1,
        max_size=5,
    )
)
def test_whatever_is_put_in_between_nobody_is_offered_what_the_policies_of_now_keep(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, set[str]]]
) -> None:
    with Worlds(tmp_path_factory.mktemp("worlds")) as worlds:
        world = opened(worlds)
        for number, (text, to) in enumerate(steps):
            put(world, {"a.cedar": text} if text else {}, f"put-policy-{number}")
            world.say_many([note(f"note {number}", to=tuple(to))])
            for member in ("KOR", "USA"):
                offered = {
                    decode(one.payload).label.rel_to for one in log_of(world) if one.id in waiting(world, member)
                }
                assert all(member in rel_to for rel_to in offered)
                assert not (offered and member in text)
