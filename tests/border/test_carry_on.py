"""Whose parcels a member carries on, and from whom it takes what another sent."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.border.sealing import sealed
from tests.node.worlds import LIVE, MEMBERS, SEALING, SECRETS, members

from laurel.border.admit import Refused
from laurel.border.parcel import Parcel, read_outside, seal_parcel
from laurel.border.relay import (
    MAX_PAIR_BYTES,
    MAX_PAIR_BYTES_BUT_FLASH,
    Passing,
    Relayed,
    RelayFull,
    carry_on,
    check_bearer,
    open_heads,
    relays,
    seal_heads,
)
from laurel.core.errors import BrokenSeal, KeyGone, Malformed, UnknownMember, Untrusted, WrongWorld
from laurel.core.record import Precedence
from laurel.core.roster import Roster, SealingKey, Standing

WHO = members()
USA = WHO.roster("USA")
NOT_MEMBERS = [Standing.READER, Standing.SUSPENDED, Standing.EXPELLED]


def passing(precedence: Precedence = Precedence.ROUTINE, **outside: object) -> Passing:
    """A parcel of Japan for Korea, as it comes to the United States."""
    parcel = Parcel("JPN", ("JPN", "KOR"), precedence, (sealed(WHO, rel_to=("JPN", "KOR"), precedence=precedence),))
    wrapped = seal_parcel(parcel, LIVE.name, "JPN", "KOR", SEALING["KOR"])
    return Passing(msgspec.structs.replace(read_outside(wrapped), **outside), wrapped)


def standing(member: str, one: Standing) -> Roster:
    return replace(USA, standings={**USA.standings, member: one})


def refusal(one: Passing, peer: str = "JPN", roster: Roster = USA, waiting_bytes: int = 0) -> Untrusted:
    decision = carry_on(one, peer, roster, waiting_bytes)
    assert isinstance(decision, Refused)
    assert decision.record_id == one.id
    return decision.error


def test_a_parcel_of_one_member_for_another_is_carried_on() -> None:
    one = passing()
    assert carry_on(one, "JPN", USA, 0) == Relayed(one)


@pytest.mark.attack("relay")
def test_nothing_else_is_carried_on() -> None:
    assert isinstance(refusal(passing(world="quad")), WrongWorld)
    assert "own server" in str(refusal(passing(), peer="KOR"))
    assert "itself" in str(refusal(passing(recipient="JPN")))
    for member in ("JPN", "KOR"):
        for gone in (Standing.SUSPENDED, Standing.EXPELLED):
            assert isinstance(refusal(passing(), roster=standing(member, gone)), UnknownMember)
    for one in NOT_MEMBERS:
        assert "as we stand" in str(refusal(passing(), roster=standing("USA", one)))


@pytest.mark.attack("flood")
def test_a_pair_has_its_share_of_the_disk_and_no_more_and_the_last_of_it_is_for_flash() -> None:
    assert isinstance(refusal(passing(), waiting_bytes=MAX_PAIR_BYTES_BUT_FLASH), RelayFull)
    flash = passing(Precedence.FLASH)
    assert carry_on(flash, "JPN", USA, MAX_PAIR_BYTES_BUT_FLASH) == Relayed(flash)
    assert isinstance(refusal(flash, waiting_bytes=MAX_PAIR_BYTES), RelayFull)


@pytest.mark.attack("relay")
def test_only_members_in_good_standing_bring_what_another_sent() -> None:
    assert relays(USA) == ("JPN", "KOR")
    check_bearer("JPN", "KOR", USA)
    for one in NOT_MEMBERS:
        with pytest.raises(UnknownMember):
            check_bearer("JPN", "KOR", standing("JPN", one))
        check_bearer("JPN", "JPN", standing("JPN", one))
    with pytest.raises(UnknownMember):
        check_bearer("JPN", "KOR", standing("KOR", Standing.EXPELLED))


@given(st.binary(max_size=200))
def test_heads_that_go_through_another_open_for_their_recipient_alone(signed: bytes) -> None:
    closed = seal_heads(signed, LIVE.name, "KOR", "JPN", SEALING["JPN"])
    assert open_heads(closed, LIVE.name, "KOR", "JPN", {SEALING["JPN"].name: SECRETS["JPN"]}) == signed
    with pytest.raises(BrokenSeal):
        open_heads(closed, LIVE.name, "KOR", "USA", {SEALING["JPN"].name: SECRETS["JPN"]})
    with pytest.raises(BrokenSeal):
        open_heads(closed, LIVE.name, "KOR", "JPN", {SEALING["JPN"].name: SECRETS["KOR"]})


@pytest.mark.attack("relay")
def test_heads_that_a_relay_made_up_are_refused() -> None:
    for noise in (b"", b"noise", msgspec.msgpack.encode(("name",))):
        with pytest.raises(Malformed):
            open_heads(noise, LIVE.name, "KOR", "JPN", {})
    with pytest.raises(KeyGone):
        open_heads(seal_heads(b"", LIVE.name, "KOR", "JPN", SEALING["JPN"]), LIVE.name, "KOR", "JPN", {})
    with pytest.raises(Malformed):
        seal_heads(b"", LIVE.name, "KOR", "JPN", SealingKey("no key", b""))


def test_the_members_of_these_tests_are_three() -> None:
    assert sorted(USA.cards) == list(MEMBERS)
