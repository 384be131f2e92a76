"""Keys that change: what is genuine goes on, what is not stays out, and nothing is lost on the way."""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.border.sealing import sealed
from tests.node.nodes import make_nodes, report, running
from tests.node.worlds import (
    LIVE,
    MEMBERS,
    START,
    Members,
    SetClock,
    Worlds,
    audited,
    check_log,
    contents,
    deliver,
    log_of,
    note,
    texts,
    wrapped,
)
from typer.testing import CliRunner

from laurel.border.sealing import SECRET_BYTES, public_bytes, secret_from
from laurel.cli import app
from laurel.core.errors import KeyEnded, KeyGone, KeyUnknown
from laurel.core.instrument import NoAsk
from laurel.core.record import Lane, Precedence, Sealed, decode, key_id
from laurel.core.roster import SealingKey, fingerprint, open_card, sealing_key
from laurel.instruments.line.keys import Keys as KeysAnswer
from laurel.instruments.line.keys import Replaced
from laurel.instruments.line.records import KEY_CHANGED, SEALING_KEY_CHANGED
from laurel.node import rotation
from laurel.node.home import keyfiles, keys
from laurel.node.home.keys import KeyChanged
from laurel.node.home.layout import Layout
from laurel.node.keep import ledger
from laurel.node.members import NoKey
from laurel.node.outbox import Outbox
from laurel.node.rotation import HORIZON_DAYS, SEALING_LASTS, Which, over_at, say_sealing_key, say_signing_key
from laurel.node.witness import Witness
from laurel.node.world import World

FLASH, ROUTINE = Precedence.FLASH, Precedence.ROUTINE


def sign_anew(world: World) -> Ed25519PrivateKey:
    new = Ed25519PrivateKey.generate()
    say_signing_key(world, new)
    return new


def seal_anew(world: World) -> str:
    raw = secrets.token_bytes(SECRET_BYTES)
    present = world.roster.sealing_of(world.roster.me)
    key = sealing_key(present.generation + 1, public_bytes(raw))
    say_sealing_key(world, key, secret_from(raw), HORIZON_DAYS)
    return present.name


def signer(world: World) -> str:
    return world.keys.signer(world.roster)[0]


def hear_each_other(*worlds: World, rounds: int = 4) -> None:
    """Heads both ways, and what follows from them, until nothing more can."""
    witnesses = {one.roster.me: Witness(one, Outbox(one)) for one in worlds}
    for _ in range(rounds):
        for one in worlds:
            for other in worlds:
                if one is not other:
                    # What a node does with heads that it cannot read yet is what is tried here.
                    with suppress(KeyUnknown):
                        witnesses[one.roster.me].hear(other.roster.me, witnesses[other.roster.me].heads(one.roster.me))
        for one in worlds:
            for other in worlds:
                if one is not other:
                    deliver(one, other)


def released(world: World, to: str) -> list[str]:
    """The ids of all that a world said to a member."""
    records = ((one.id, decode(one.payload)) for one in log_of(world))
    return sorted(name for name, one in records if one.origin == world.roster.me and to in one.label.rel_to)


def held(world: World, of: str) -> list[str]:
    """The ids of all that a world holds of a member."""
    return sorted(one.id for one in log_of(world) if decode(one.payload).origin == of)


# The signing key


def test_what_is_said_after_a_change_is_signed_by_the_new_key_and_taken_by_everyone(worlds: Worlds) -> None:
    japan, korea, usa = (worlds.open(me) for me in MEMBERS)
    japan.say_many([note("one"), note("only us", to=("KOR",)), note("ours", to=())])
    old = signer(japan)
    new = key_id(sign_anew(japan).public_key())
    assert signer(japan) == new
    japan.say_many([note("two"), note("still only us", to=("KOR",)), note("urgent", precedence=FLASH)])
    for peer in (korea, usa):
        deliver(japan, peer)
        assert held(peer, "JPN") == released(japan, peer.roster.me)
        assert peer.roster.names_in_force("JPN") == (new,)
    assert sorted(texts(korea)) == ["one", "only us", "still only us", "two", "urgent"]
    assert {one.key_id for one in log_of(usa)} == {old, new}
    for world in (japan, korea, usa):
        check_log(world)
    rows = korea.judge("line/keys", NoAsk())
    assert isinstance(rows, KeysAnswer)
    assert [(one.member, one.what, one.name) for one in rows.changes] == [("JPN", "signing", old)]


def test_each_is_told_where_the_old_key_ended_in_its_own_lanes_and_nothing_of_others(worlds: Worlds) -> None:
    japan = worlds.open("JPN")
    japan.say_many([note("one"), note("two"), note("secret", to=("USA",)), note("ours", to=())])
    sign_anew(japan)
    told: dict[tuple[str, ...], set[tuple[tuple[str, ...], int, int]]] = {}
    for one in log_of(japan):
        record = decode(one.payload)
        if record.kind == KEY_CHANGED.name:
            body = msgspec.json.decode(record.body, type=KEY_CHANGED.body)
            told[record.label.rel_to] = {(end.audience, end.precedence, end.number) for end in body.ends}
            assert record.precedence is FLASH
    everyone = (MEMBERS, 0, 2)
    assert told == {
        ("JPN", "KOR"): {everyone, (("JPN", "KOR"), 3, 1)},
        ("JPN", "USA"): {everyone, (("JPN", "USA"), 0, 1), (("JPN", "USA"), 3, 1)},
        ("JPN",): {
            *{everyone, (("JPN", "USA"), 0, 1), (("JPN",), 0, 1)},
            *{(("JPN", "KOR"), 3, 1), (("JPN", "USA"), 3, 1), (("JPN",), 3, 1)},
        },
    }


def test_a_key_changes_again_and_again_and_across_restarts(worlds: Worlds) -> None:
    japan, korea = worlds.open("JPN"), worlds.open("KOR")
    names = [signer(japan)]
    for turn in range(4):
        japan.say(note(f"{turn}"))
        names.append(key_id(sign_anew(japan).public_key()))
        japan = worlds.open("JPN")
        assert signer(japan) == names[-1]
        if turn % 2:
            deliver(japan, korea)
            korea = worlds.open("KOR")
    japan.say(note("last"))
    deliver(japan, korea)
    assert held(korea, "JPN") == released(japan, "KOR")
    assert korea.roster.names_in_force("JPN") == (names[-1],)
    assert {one.key_id for one in log_of(korea)} == set(names)
    assert check_log(japan) == len(log_of(japan))


def test_a_node_without_the_key_in_force_says_nothing(worlds: Worlds) -> None:
    japan = worlds.open("JPN")
    sign_anew(japan)
    worlds.close("JPN")
    worlds.keys["JPN"] = worlds.keys["JPN"].without({signer(japan)})
    japan = worlds.open("JPN")
    count = len(log_of(japan))
    with pytest.raises(NoKey, match="member=JPN"):
        japan.say(note("unsigned"))
    assert len(log_of(japan)) == count


def test_a_change_that_is_undone_changes_nothing(worlds: Worlds, monkeypatch: pytest.MonkeyPatch) -> None:
    japan = worlds.open("JPN")
    japan.say(note("one"))
    before, old = contents(worlds.path("JPN")), signer(japan)

    def fail(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as broken:
        broken.setattr("laurel.node.keep.transaction.Transaction.flush", fail)
        with pytest.raises(Crash):
            sign_anew(japan)
    assert (contents(worlds.path("JPN")), signer(japan)) == (before, old)
    japan.say(note("two"))
    assert {one.key_id for one in log_of(japan)} == {old}


def test_in_whatever_order_a_change_and_what_follows_it_come_nothing_is_lost(worlds: Worlds) -> None:
    japan, usa = worlds.open("JPN"), worlds.open("USA")
    japan.say_many([note("old routine"), note("old flash", precedence=FLASH)])
    deliver(japan, usa)
    sign_anew(japan)
    japan.say_many([note("new routine"), note("new flash", precedence=FLASH)])
    parcels = Outbox(japan).waiting("KOR", 1_000)
    assert len(parcels) == 5
    for number, order in enumerate(permutations(parcels)):
        if number % 8:
            continue
        with Worlds(worlds.folder / f"{number}") as other:
            other.folder.mkdir()
            other.who = worlds.who
            korea = other.open("KOR")
            for parcel in order:
                received = korea.receive("JPN", [parcel.wrapped])
                assert {type(one.error) for one in received.refused} <= {KeyUnknown}
                assert ("JPN" in received.gaps) >= bool(received.refused)
            out, back = Witness(japan, Outbox(japan)), Witness(korea, Outbox(korea))
            for _ in range(3):
                out.hear("KOR", back.heads("JPN"))
                deliver(japan, korea)
            assert held(korea, "JPN") == released(japan, "KOR")
            assert sorted(texts(korea)) == sorted(["old routine", "old flash", "new routine", "new flash"])
            assert contents(other.path("KOR"))["fork"] == []


def test_what_waited_for_a_peer_that_was_away_goes_out_in_an_order_that_it_can_follow(worlds: Worlds) -> None:
    japan, korea = worlds.open("JPN"), worlds.open("KOR")
    for turn in range(3):
        japan.say_many([note(f"r{turn}"), note(f"f{turn}", precedence=FLASH), note(f"k{turn}", to=("KOR",))])
        sign_anew(japan)
    japan.say_many([note("r"), note("f", precedence=FLASH)])
    for parcel in Outbox(japan).waiting("KOR", 1_000):
        received = korea.receive("JPN", [parcel.wrapped])
        assert received.refused == []
    assert held(korea, "JPN") == released(japan, "KOR")


# A stolen key


@pytest.mark.attack("keys")
def test_a_stolen_old_key_forges_nothing_at_before_or_after_its_end(worlds: Worlds) -> None:
    japan, korea = worlds.open("JPN"), worlds.open("KOR")
    japan.say_many([note("one"), note("two"), note("three")])
    sign_anew(japan)
    japan.say(note("four"))
    deliver(japan, korea)
    before = [one for one in log_of(korea) if decode(one.payload).lane == Lane(LIVE, "JPN", MEMBERS, ROUTINE)]
    assert len(before) == 4
    thief = worlds.who

    def offer(*records: Sealed) -> list[str]:
        received = korea.receive("JPN", [wrapped(*records)])
        return [*received.places, *(type(one.error).__name__ for one in received.refused)]

    kept = {name: rows for name, rows in contents(worlds.path("KOR")).items() if name in {"log", "lane", "held"}}
    assert offer(sealed(thief, "after", number=5, prev=before[-1].id)) == ["refused", "KeyEnded"]
    assert offer(sealed(thief, "just after", number=4, prev=before[2].id)) == ["refused", "KeyEnded"]
    for number in (1, 2, 3):
        prev = before[number - 2].id if number > 1 else None
        assert offer(sealed(thief, "another", number=number, prev=prev)) == ["fork"]
    for rel_to, precedence in ((("JPN", "KOR"), ROUTINE), (MEMBERS, Precedence.IMMEDIATE)):
        for number in (1, 2, 1_000):
            backdated = sealed(thief, "backdated", number=number, rel_to=rel_to, precedence=precedence)
            assert offer(backdated) == ["refused", "KeyEnded"]
    now = contents(worlds.path("KOR"))
    # All that is new are our own reports of the forks.
    assert [row for row in now["log"] if row in kept["log"]] == kept["log"]
    assert sorted(texts(korea)) == ["four", "one", "three", "two"]
    assert now["held"] == []
    assert ("refused", "JPN", "key-span") in audited(korea)


@pytest.mark.attack("keys")
def test_a_stolen_old_key_names_no_key_of_the_thief(worlds: Worlds) -> None:
    japan, korea = worlds.open("JPN"), worlds.open("KOR")
    sign_anew(japan)
    deliver(japan, korea)
    roster = korea.roster
    thief = Ed25519PrivateKey.generate()
    word = KEY_CHANGED.body(key_id(worlds.who.keys["JPN"].public_key()), thief.public_key().public_bytes_raw(), ())
    for number, rel_to, precedence in ((1, ("JPN", "KOR"), FLASH), (2, ("JPN", "KOR"), FLASH), (1, MEMBERS, FLASH)):
        forged = sealed(
            *(worlds.who,), kind=KEY_CHANGED.name, body=word, number=number, rel_to=rel_to, precedence=precedence
        )
        places = korea.receive("JPN", [wrapped(forged)]).places
        assert places.keys() <= {"refused", "fork"}
    assert korea.roster == roster
    mine = Members({**worlds.who.keys, "JPN": thief}, {})
    refused = korea.receive("JPN", [wrapped(sealed(mine, "in its name"))]).refused
    assert [type(one.error) for one in refused] == [KeyUnknown]


@pytest.mark.attack("keys")
def test_heads_signed_by_a_key_that_ended_are_not_believed(worlds: Worlds) -> None:
    japan, korea = worlds.open("JPN"), worlds.open("KOR")
    stale = Witness(japan, Outbox(japan)).heads("KOR")
    sign_anew(japan)
    deliver(japan, korea)
    witness = Witness(korea, Outbox(korea))
    with pytest.raises(KeyEnded):
        witness.hear("JPN", stale)
    witness.hear("JPN", Witness(japan, Outbox(japan)).heads("KOR"))


@pytest.mark.attack("hub")
def test_a_peer_that_wraps_anothers_record_anew_gets_it_in_only_where_its_label_lets_it(worlds: Worlds) -> None:
    japan, korea, usa = (worlds.open(me) for me in MEMBERS)
    japan.say_many([note("for all"), note("not for the USA", to=("KOR",))])
    deliver(japan, korea)
    for_all, for_korea = log_of(korea)
    # Korea holds both, and seals them for the United States in Japan's name, or in its own.
    assert usa.receive("KOR", [wrapped(for_all, to="USA")]).places == {"next": 1}
    for lane in (None, Lane(LIVE, "JPN", MEMBERS, ROUTINE)):
        assert usa.receive("KOR", [wrapped(for_korea, to="USA", lane=lane)]).places == {"refused": 1}
    assert usa.receive("KOR", [wrapped(for_all, to="USA", origin="KOR")]).places == {"refused": 1}
    assert texts(usa) == ["for all"]


# The sealing key


def test_what_is_sealed_with_the_old_key_is_opened_until_it_is_destroyed_and_then_comes_again(worlds: Worlds) -> None:
    japan, korea = worlds.open("JPN"), worlds.open("KOR")
    japan.say(note("one"))
    [early] = Outbox(japan).waiting("KOR", 10)
    Outbox(japan).carried([early])
    old = seal_anew(korea)
    assert korea.receive("JPN", [early.wrapped]).places == {"next": 1}
    japan.say(note("two"))
    [late] = Outbox(japan).waiting("KOR", 10)
    Outbox(japan).carried([late])
    korea.keys = korea.keys.without({old})
    received = korea.receive("JPN", [late.wrapped])
    assert [type(one.error) for one in received.refused] == [KeyGone]
    assert (received.gaps, texts(korea)) == ({"JPN"}, ["one"])
    # Japan was never told of the new key by a record: the heads tell it, and the records come again under it.
    hear_each_other(japan, korea)
    assert texts(korea) == ["one", "two"]


def test_two_that_could_not_reach_each_other_for_longer_than_their_keys_live_find_each_other_again(
    worlds: Worlds,
) -> None:
    japan, korea = worlds.open("JPN"), worlds.open("KOR")
    for world in (japan, korea):
        world.say(note(f"of {world.roster.me}"))
        for _ in range(3):
            old = seal_anew(world)
            world.keys = world.keys.without({old})
    deliver(japan, korea)
    deliver(korea, japan)
    assert texts(japan, "KOR") == texts(korea, "JPN") == []
    hear_each_other(japan, korea)
    for one, other in ((japan, korea), (korea, japan)):
        assert held(other, one.roster.me) == released(one, other.roster.me)
        assert other.roster.sealing_of(one.roster.me) == one.roster.sealing_of(one.roster.me)
    # And after a restart the records say what the heads had said.
    assert worlds.open("JPN").roster.sealing_of("KOR").generation == 3


def test_the_newest_sealing_key_counts_in_whatever_order_the_words_come(worlds: Worlds) -> None:
    japan, korea = worlds.open("JPN"), worlds.open("KOR")
    for _ in range(3):
        seal_anew(japan)
    words = [one for one in log_of(japan) if decode(one.payload).kind == SEALING_KEY_CHANGED.name]
    for one in reversed(words):
        korea.receive("JPN", [wrapped(one)])
    assert korea.roster.sealing_of("JPN") == japan.roster.sealing_of("JPN")
    assert japan.roster.sealing_of("JPN").generation == 3


def test_a_sealing_key_is_over_a_horizon_after_the_next_one_was_said() -> None:
    names = ["0-" + "0" * 16, "1-" + "1" * 16, "2-" + "2" * 16, "2-" + "f" * 16, "3-" + "3" * 16]
    present = SealingKey(names[2], b"")
    history = (Replaced(START, 1, 7), Replaced(START + timedelta(days=1), 2, 7))
    orphans = [names[3], names[4]]
    for days, over in ((0, orphans), (6.9, orphans), (7, [names[0], *orphans]), (8, [names[0], names[1], *orphans])):
        assert over_at(names, present, history, START + timedelta(days=days)) == over


# On the disk


@pytest.fixture
def nodes(tmp_path: Path) -> dict[str, Layout]:
    return make_nodes(tmp_path)


def key_files(layout: Layout) -> list[str]:
    return sorted(path.name for path in layout.world(LIVE).keys.glob("*.key"))


def ask_for(layout: Layout, which: Which, world: World) -> None:
    rotation.ask_for_change(layout.world(LIVE), which, rotation.in_force(world, which))


def test_a_change_that_is_asked_for_is_made_once(nodes: dict[str, Layout]) -> None:
    ours = nodes["JPN"]
    with running(ours) as japan, running(nodes["KOR"]) as korea:
        report(japan, "before", to="KOR")
        for which in Which:
            ask_for(ours, which, japan)
        names = [rotation.in_force(japan, which) for which in Which]
        rotation.tend(ours, japan)
        after = [rotation.in_force(japan, which) for which in Which]
        assert not set(names) & set(after)
        rotation.tend(ours, japan)
        assert [rotation.in_force(japan, which) for which in Which] == after
        report(japan, "after", to="KOR")
        deliver(japan, korea)
        assert held(korea, "JPN") == released(japan, "KOR")
    # The old signing key is gone, the old sealing key still opens.
    assert key_files(ours) == sorted([f"sealing-{names[1]}.key", f"sealing-{after[1]}.key", f"signing-{after[0]}.key"])
    card = open_card(keys.card(ours, LIVE, START))
    assert (key_id(card.key), card.sealing_name, len(card.former)) == (after[0], after[1], 1)
    for layout in (ours, nodes["KOR"]):
        assert ledger.verify(layout, LIVE)["faults"] == []


def test_a_node_that_does_not_speak_to_its_peers_yet_makes_no_key_until_it_does(nodes: dict[str, Layout]) -> None:
    ours = nodes["JPN"]
    with running(ours) as japan:
        files, old = key_files(ours), rotation.in_force(japan, Which.SIGNING)
        japan.recovery.listen(japan.roster.peers)
        ask_for(ours, Which.SIGNING, japan)
        rotation.tend(ours, japan)
        assert (key_files(ours), rotation.asked_for(ours.world(LIVE))) == (files, [Which.SIGNING])
        for peer in japan.roster.peers:
            japan.recovery.hear(peer, {}, japan.store.stands)
        rotation.tend(ours, japan)
        assert rotation.asked_for(ours.world(LIVE)) == []
        assert rotation.in_force(japan, Which.SIGNING) != old


def test_a_request_for_a_key_that_is_no_longer_in_force_is_dropped(nodes: dict[str, Layout]) -> None:
    with running(nodes["JPN"]) as japan:
        japan.clock = SetClock()
        rotation.ask_for_change(nodes["JPN"].world(LIVE), Which.SIGNING, "another")
        rotation.tend(nodes["JPN"], japan)
        assert rotation.asked_for(nodes["JPN"].world(LIVE)) == []
        assert log_of(japan) == []


def test_the_terminal_asks_and_a_stopped_node_makes_the_change_when_it_starts(nodes: dict[str, Layout]) -> None:
    ours = nodes["JPN"]

    def rotate(*options: str) -> dict[str, Any]:
        ran = CliRunner().invoke(app, ["keys", "rotate", str(ours.folder), *options, "--json"])
        assert ran.exit_code == 0
        return json.loads(ran.stdout)

    for options, which in ((["--signing"], [Which.SIGNING]), ([], list(Which))):
        asked = rotate(*options)
        assert (asked["world"], asked["done"], sorted(asked["keys"])) == (LIVE.name, False, sorted(which))
        assert rotation.asked_for(ours.world(LIVE)) == which
        assert all(key["was"] == key["now"] for key in asked["keys"].values())
    with running(ours) as japan:
        before = [rotation.in_force(japan, which) for which in Which]
        rotation.tend(ours, japan)
        assert not set(before) & {rotation.in_force(japan, which) for which in Which}
    assert rotation.asked_for(ours.world(LIVE)) == []


def test_the_sealing_key_is_changed_every_day_and_the_old_destroyed_at_the_horizon(nodes: dict[str, Layout]) -> None:
    ours, clock = nodes["JPN"], SetClock()
    with running(ours) as japan:
        japan.clock = clock
        counts: list[int] = []
        for _ in range(2 * HORIZON_DAYS + 2):
            rotation.tend(ours, japan)
            assert sorted(japan.keys.sealing) == sorted(keyfiles.sealing_keys(ours.world(LIVE)))
            counts.append(len(japan.keys.sealing))
            clock.at += SEALING_LASTS
        assert counts == [*range(1, HORIZON_DAYS + 2), *[HORIZON_DAYS + 1] * (HORIZON_DAYS + 1)]
        assert ("destroyed", "JPN", "outbox-horizon") in audited(japan)


CRASHES = {
    "the new key is on the disk": "laurel.node.rotation.say_signing_key",
    "the word is in the log": "laurel.node.home.keys._write_own_card",
    "our card names it": "laurel.node.rotation.keyfiles.destroy_signing_key",
}


@pytest.mark.parametrize("at", CRASHES.values(), ids=CRASHES.keys())
def test_after_a_crash_at_any_step_one_valid_key_signs(
    at: str, nodes: dict[str, Layout], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = nodes["JPN"]
    with running(ours) as japan, running(nodes["KOR"]) as korea:
        report(japan, "before", to="KOR")
        rotation.tend(ours, japan)
        old = signer(japan)
        ask_for(ours, Which.SIGNING, japan)
        with monkeypatch.context() as broken:
            broken.setattr(at, _crash)
            with pytest.raises(Crash):
                rotation.tend(ours, japan)
        japan.store.close()
        with running(ours) as again:
            first = signer(again)
            report(again, "after the crash", to="KOR")
            rotation.tend(ours, again)
            assert signer(again) != old
            assert (first == old) == at.endswith("say_signing_key")
            report(again, "in the end", to="KOR")
            deliver(again, korea)
            assert held(korea, "JPN") == released(again, "KOR")
            assert [name for name in key_files(ours) if name.startswith("signing")] == [f"signing-{signer(again)}.key"]
            assert open_card(keys.card(ours, LIVE, START)).signing_key == again.key.public_key().public_bytes_raw()
    for layout in (ours, nodes["KOR"]):
        assert ledger.verify(layout, LIVE)["faults"] == []


class Crash(BaseException):
    """The process is gone."""


def _crash(*_: object) -> None:
    raise Crash


def test_a_later_card_by_the_new_key_is_taken_from_whom_told_us_of_it_and_from_nobody_else(
    nodes: dict[str, Layout],
) -> None:
    ours, theirs, usa = nodes["JPN"], nodes["KOR"], nodes["USA"]
    with running(ours) as japan, running(theirs) as korea:
        ask_for(ours, Which.SIGNING, japan)
        rotation.tend(ours, japan)
        deliver(japan, korea)
        report(japan, "by the new key", to="USA")
    card = keys.card(ours, LIVE, START)
    offered = open_card(card)
    assert keys.admit_card(theirs, LIVE, card, ledger.told_keys(theirs, LIVE, "JPN")) == offered
    with pytest.raises(KeyChanged, match=fingerprint(offered)):
        keys.admit_card(usa, LIVE, card, ledger.told_keys(usa, LIVE, "JPN"))
    # With the new card in place of the old one, all that was said before still holds.
    assert ledger.verify(theirs, LIVE)["faults"] == []
    with running(ours) as japan, running(theirs) as korea:
        report(japan, "under the new card", to="KOR")
        deliver(japan, korea)
        assert held(korea, "JPN") == released(japan, "KOR")


def test_a_member_that_is_introduced_after_a_change_reads_what_was_said_to_it_before(tmp_path: Path) -> None:
    made = make_nodes(tmp_path)
    ours, theirs = made["JPN"], made["KOR"]
    theirs.world(LIVE).card("JPN").unlink()
    with running(ours) as japan:
        report(japan, "before", to="KOR")
        ask_for(ours, Which.SIGNING, japan)
        rotation.tend(ours, japan)
        report(japan, "after", to="KOR")
    keys.admit_card(theirs, LIVE, keys.card(ours, LIVE, START))
    with running(ours) as japan, running(theirs) as korea:
        deliver(japan, korea)
        assert held(korea, "JPN") == released(japan, "KOR")
        assert korea.roster.names_in_force("JPN") == (signer(japan),)


# Whatever happens

Event = tuple[str, str, object]


class Life:
    """Three worlds, and what may happen to them. In the end every node holds what is genuine, and nothing else."""

    def __init__(self, worlds: Worlds) -> None:
        self.worlds = worlds
        self.nodes = {me: worlds.open(me) for me in MEMBERS}
        self.said = 0

    def say(self, me: str, to: object) -> None:
        self.said += 1
        self.nodes[me].say(note(f"{self.said}", to=AUDIENCES[str(to)], precedence=Precedence(self.said % 4)))

    def sign(self, me: str, _: object) -> None:
        sign_anew(self.nodes[me])

    def seal(self, me: str, _: object) -> None:
        seal_anew(self.nodes[me])

    def forget(self, me: str, _: object) -> None:
        """Every sealing key that nobody would seal with now is destroyed.

        Two that both lose the other's sealing key and its word of a new signing key must exchange cards anew:
        decision 10 says so.
        """
        world = self.nodes[me]
        named = {node.roster.sealing_of(me).name for node in self.nodes.values()}
        world.keys = world.keys.without(world.keys.sealing.keys() - named)

    def restart(self, me: str, _: object) -> None:
        self.nodes[me] = self.worlds.open(me)

    def forge(self, me: str, _: object) -> None:
        """A thief of the first key tries it on whoever knows that it has ended."""
        stolen = key_id(self.worlds.who.keys[me].public_key())
        forged = sealed(self.worlds.who, "forged", origin=me, precedence=FLASH, rel_to=MEMBERS, number=1_000, prev="x")
        for peer, world in self.nodes.items():
            if peer != me and stolen not in world.roster.names_in_force(me):
                assert world.receive(me, [wrapped(forged, to=peer)]).places == {"refused": 1}

    def deliver(self, me: str, to: object) -> None:
        self._carry(me, to, arrives=True)

    def lose(self, me: str, to: object) -> None:
        self._carry(me, to, arrives=False)

    def _carry(self, me: str, to: object, *, arrives: bool) -> None:
        assert isinstance(to, str)
        outbox = Outbox(self.nodes[me])
        parcels = outbox.waiting(to, 1_000) if to != me else []
        # The last first: what a road may do at worst.
        for parcel in reversed(parcels):
            outbox.carried([parcel])
            if arrives:
                self.nodes[to].receive(me, [parcel.wrapped])

    def end(self) -> None:
        for _ in range(3):
            hear_each_other(*self.nodes.values(), rounds=6)
        for me, world in self.nodes.items():
            check_log(world)
            assert contents(self.worlds.path(me))["fork"] == []
            for peer, there in self.nodes.items():
                if peer != me:
                    assert held(there, me) == released(world, peer)
                    assert there.roster.names_in_force(me) == (signer(world),)
                    assert there.roster.sealing_of(me) == world.roster.sealing_of(me)


AUDIENCES = {"all": MEMBERS, "one": ("KOR",), "another": ("JPN", "USA"), "none": ()}
members_ = st.sampled_from(MEMBERS)
things = st.one_of(
    st.tuples(st.just("say"), members_, st.sampled_from(list(AUDIENCES))),
    st.tuples(st.sampled_from(["sign", "seal", "forget", "restart", "forge"]), members_, st.none()),
    st.tuples(st.sampled_from(["deliver", "lose"]), members_, members_),
)


def live_through(worlds: Worlds, events: list[Event]) -> None:
    life = Life(worlds)
    for what, me, other in events:
        getattr(life, what)(me, other)
    life.end()


@settings(max_examples=6, deadline=None)
@given(events=st.lists(things, max_size=16))
def test_after_any_changes_and_deliveries_every_node_holds_exactly_what_is_genuine(
    tmp_path_factory: pytest.TempPathFactory, events: list[Event]
) -> None:
    with Worlds(tmp_path_factory.mktemp("keys")) as worlds:
        live_through(worlds, events)


@pytest.mark.long
@settings(max_examples=200, deadline=None)
@given(events=st.lists(things, max_size=40))
@pytest.mark.timeout(1_800)
def test_after_many_changes_and_deliveries_every_node_holds_exactly_what_is_genuine(
    tmp_path_factory: pytest.TempPathFactory, events: list[Event]
) -> None:
    with Worlds(tmp_path_factory.mktemp("keys")) as worlds:
        live_through(worlds, events)
