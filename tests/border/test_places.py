"""Where a record stands in its lane, also where numbers of it were declared lost; and what comes back of our own."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
import pytest
from tests.border.sealing import lane as records_of
from tests.border.sealing import sealed
from tests.border.test_admit import KINDS, POLICIES, US, WHO
from tests.node.worlds import EXERCISE, LIVE, MEMBERS

from laurel.border.admit import Admitted, Kinds, Place, Refused, admit, in_its_lane
from laurel.border.heads import Heads, LaneHead, Want
from laurel.border.returning import POLICY, take_back
from laurel.core.errors import Malformed, NotForUs, NotTaken, OurOwn, WrongWorld
from laurel.core.record import Lane, Precedence, Sealed, decode
from laurel.instruments.line.records import GAP_DECLARED, GapDeclared

LANE = Lane(LIVE, "JPN", MEMBERS, Precedence.ROUTINE)
WITH_GAPS = Kinds({GAP_DECLARED.name: GAP_DECLARED})


@dataclass
class Log:
    """One lane as a node holds it: number -> record."""

    held: dict[int, Sealed] = field(default_factory=dict[int, Sealed])

    def head(self, lane: Lane) -> tuple[int, str | None]:
        del lane
        last = max(self.held, default=0)
        return last, self.held[last].id if last else None

    def id_at(self, lane: Lane, number: int) -> str | None:
        del lane
        return self.held[number].id if number in self.held else None

    def prev_at(self, lane: Lane, number: int) -> str | None:
        del lane
        record = decode(self.held[number].payload) if number in self.held else None
        return None if record is None or record.kind == GAP_DECLARED.name else record.prev


def gap(first: int, last: int, prev: str | None) -> Sealed:
    body = GapDeclared(first, last, "lost with the disk")
    return sealed(WHO, kind=GAP_DECLARED.name, number=last + 1, prev=prev, body=body)


def placed(one: Sealed, log: Log) -> Place:
    decision = admit(one, US, POLICIES, log, WITH_GAPS)
    assert isinstance(decision, Admitted)
    return decision.place


def test_a_declared_gap_is_next_after_the_record_before_it_whatever_of_it_is_held() -> None:
    one, two, three = records_of(WHO, "one", "two", "three")
    lost = gap(2, 3, one.id)
    assert placed(lost, Log({1: one})) is Place.NEXT
    assert placed(lost, Log({1: one, 2: two})) is Place.NEXT
    assert placed(lost, Log()) is Place.LATER
    assert placed(gap(1, 3, None), Log()) is Place.NEXT
    assert placed(gap(2, 3, two.id), Log({1: one})) is Place.FORK
    assert [placed(found, Log({1: one, 4: lost})) for found in (two, three)] == [Place.FOUND, Place.FOUND]
    assert placed(two, Log({1: one, 2: two, 4: lost})) is Place.DUPLICATE


@pytest.mark.attack("fork")
def test_another_record_within_a_gap_that_follows_what_was_not_said_is_a_fork() -> None:
    one, two, _ = records_of(WHO, "one", "two", "three")
    other = sealed(WHO, "other", number=2, prev=two.id)
    assert placed(other, Log({1: one, 4: gap(2, 3, one.id)})) is Place.FORK


@pytest.mark.attack("relabel")
def test_a_record_in_the_parcel_of_another_lane_is_refused() -> None:
    decision = admit(sealed(WHO), US, POLICIES, Log(), KINDS)
    assert in_its_lane(decision, LANE) is decision
    refused = in_its_lane(decision, Lane(LIVE, "JPN", ("JPN", "KOR"), Precedence.ROUTINE))
    assert isinstance(refused, Refused)
    assert isinstance(refused.error, Malformed)
    assert in_its_lane(refused, LANE) is refused


def test_our_own_comes_back_when_we_asked_for_it_or_hold_it_and_from_one_it_names() -> None:
    one, two = records_of(WHO, "one", "two")
    ours = WHO.roster("JPN")

    def back(record: Sealed, log: Log, *, asked: bool = True, returner: str = "KOR") -> Admitted | Refused:
        return take_back(record, returner, ours, log, WITH_GAPS, lambda _, __: asked)

    taken = back(one, Log())
    assert isinstance(taken, Admitted)
    assert (taken.place, taken.policy) == (Place.NEXT, POLICY)
    again = back(one, Log({1: one}), asked=False)
    assert isinstance(again, Admitted)
    assert again.place is Place.DUPLICATE
    for record, log, asked, error in (
        (one, Log(), False, OurOwn),
        (sealed(WHO, "other"), Log({1: one, 2: two}), True, OurOwn),
        (sealed(WHO, world=EXERCISE), Log(), True, WrongWorld),
        (sealed(WHO, rel_to=("JPN", "USA")), Log(), True, NotForUs),
        (sealed(WHO, origin="USA"), Log(), True, NotForUs),
    ):
        refused = back(record, log, asked=asked)
        assert isinstance(refused, Refused)
        assert (refused.policy, type(refused.error)) == (POLICY, error)


@pytest.mark.attack("relabel")
def test_what_the_policies_in_force_do_not_take_is_refused_by_name() -> None:
    # Our office is our own business: a peer that puts a policy in force at ours is heard by nobody.
    decision = admit(sealed(WHO, kind="office.policy-put.v1"), US, POLICIES, Log(), KINDS)
    assert isinstance(decision, Refused)
    assert isinstance(decision.error, NotTaken)
    assert WITH_GAPS.that_skip == (GAP_DECLARED.name,)


def test_heads_are_read_as_they_were_written() -> None:
    head = LaneHead("JPN", MEMBERS, Precedence.FLASH, 7, "a" * 64)
    want = Want("KOR", MEMBERS, Precedence.ROUTINE, 3, 5)
    at = decode(sealed(WHO).payload).at
    heads = Heads(LIVE.name, "JPN", "KOR", at, (head,), (), (), reached=True, heard=at, wants=(want,))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(heads), type=Heads) == heads
