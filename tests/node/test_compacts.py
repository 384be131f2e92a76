"""Several compacts on one node share the machine and the officers, and no record, key, store, stream or account."""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.node.nodes import report
from tests.node.worlds import START, contents, log_of

from laurel.border.parcel import Parcel, seal_parcel
from laurel.core.errors import BadField, Nothing, UnknownMember, WrongWorld
from laurel.core.instrument import Role
from laurel.core.record import Precedence, Sealed, decode
from laurel.core.record import World as WorldName
from laurel.core.roster import Standing
from laurel.node.carry.server import describe
from laurel.node.doorstep import find_world, people, world_url
from laurel.node.home import keys
from laurel.node.home.compact import compacts_folder, load_compact
from laurel.node.home.keys import WorldExists
from laurel.node.home.layout import Layout, Settings
from laurel.node.home.terms import Member, Terms, write_members, write_terms
from laurel.node.outbox import Outbox
from laurel.node.serve import open_world
from laurel.node.witness import Witness
from laurel.node.world import World

CAMP, QUAD, AUKUS = WorldName("camp-david"), WorldName("quad"), WorldName("aukus")
PLAY = WorldName("quad", "malabar-27")


def make(folder: Path, member: str, port: int) -> Layout:
    """A node in camp-david that joined the Quad."""
    layout = Layout(folder / member)
    keys.init_node(layout, Settings(member, member, CAMP.compact, "127.0.0.1", port, port + 100), START)
    keys.join_compact(layout, QUAD.compact, port + 1, START)
    return layout


@pytest.fixture
def nodes(tmp_path: Path) -> dict[str, Layout]:
    """Japan and the United States, which belong to both, and know each other in both."""
    made = {"JPN": make(tmp_path, "JPN", 8440), "USA": make(tmp_path, "USA", 8450)}
    for world in (CAMP, QUAD):
        for one, other in (("JPN", "USA"), ("USA", "JPN")):
            keys.admit_card(made[one], world, keys.card(made[other], world, START))
    return made


@contextmanager
def running(layout: Layout, *names: WorldName) -> Generator[list[World]]:
    """Worlds of one node, side by side."""
    worlds = [open_world(layout, name) for name in names]
    try:
        yield worlds
    finally:
        for world in worlds:
            world.store.close()


def secrets(layout: Layout, world: WorldName) -> set[bytes]:
    """Every file of a world's keys."""
    return {file.read_bytes() for file in layout.world(world).keys.rglob("*") if file.is_file()}


def names_in(configured: object) -> list[str]:
    """Every string in a configuration."""
    return re.findall(r'"([^"]*)"', json.dumps(configured))


def test_a_node_in_two_compacts_has_two_live_worlds_with_nothing_in_common(nodes: dict[str, Layout]) -> None:
    usa = nodes["USA"]
    assert keys.worlds(usa) == (CAMP, QUAD)
    assert find_world(usa.folder, None)[1] == CAMP
    assert world_url(usa, CAMP) == "http://127.0.0.1:8450"
    assert world_url(usa, QUAD) == "http://127.0.0.1:8451"
    assert not secrets(usa, CAMP) & secrets(usa, QUAD)
    camp, quad = (keys.load_roster(usa, world) for world in (CAMP, QUAD))
    for member in ("JPN", "USA"):
        one, other = camp.cards[member], quad.cards[member]
        assert one.signing_key != other.signing_key
        assert one.nats_key != other.nats_key
        assert one.sealing_public != other.sealing_public
        # The machine is shared: its address and its TLS identity.
        assert (one.address, one.tls_authority) == (other.address, other.tls_authority)
    assert camp.entitled == {"JPN", "KOR", "USA"}
    assert quad.entitled == {"AUS", "IND", "JPN", "USA"}


def test_the_officers_are_those_of_the_machine(nodes: dict[str, Layout]) -> None:
    token = people(nodes["USA"]).program("watch", [Role.WATCH_OFFICER])
    layout, world = find_world(nodes["USA"].folder, "quad")
    assert people(layout).who(token, world.name, START).author.name == "program:watch"


def test_each_compact_has_accounts_streams_and_keys_of_its_own_at_the_server(nodes: dict[str, Layout]) -> None:
    configured = json.loads(describe(nodes["USA"])[0])
    accounts = configured["accounts"]
    of = {
        world.name: {name: one for name, one in accounts.items() if name.partition("/")[0] == world.name}
        for world in (CAMP, QUAD)
    }
    assert set(of["camp-david"]) == {"camp-david", "camp-david/JPN", "camp-david/KOR"}
    assert set(of["quad"]) == {"quad", "quad/AUS", "quad/IND", "quad/JPN"}
    # JetStream keeps each account's streams apart; no account of one names one of the other.
    for mine, other in (("camp-david", "quad"), ("quad", "camp-david")):
        assert not [text for text in names_in(of[mine]) if text.partition("/")[0] == other]
    nkeys = [user["nkey"] for one in accounts.values() for user in one["users"]]
    assert len(nkeys) == len(set(nkeys)) == 4


def test_an_old_node_folder_is_the_live_world_of_its_one_compact(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "old")
    keys.init_node(layout, Settings("JPN", "Japan", "camp-david", "127.0.0.1", 8440, 4440), START)
    assert sorted(file.name for file in layout.world(CAMP).folder.iterdir()) == ["keys", "peers"]
    assert keys.worlds(layout) == (CAMP,)
    assert world_url(layout, CAMP) == "http://127.0.0.1:8440"


def test_a_compact_is_joined_once_by_whom_it_names_at_a_port_of_its_own(nodes: dict[str, Layout]) -> None:
    usa, jpn = nodes["USA"], nodes["JPN"]
    with pytest.raises(WorldExists):
        keys.join_compact(usa, "quad", 9_000, START)
    with pytest.raises(WorldExists):
        keys.join_compact(usa, "camp-david", 9_000, START)
    with pytest.raises(Nothing):
        keys.join_compact(usa, "no-such", 9_000, START)
    with pytest.raises(BadField, match="AUS, GBR, USA"):
        keys.join_compact(jpn, "aukus", 9_000, START)
    for taken in (8450, 8451, 8550):
        with pytest.raises(BadField, match="http_port"):
            keys.join_compact(usa, "aukus", taken, START)
    assert keys.worlds(usa) == (CAMP, QUAD)
    keys.join_compact(usa, "aukus", 8452, START)
    assert keys.worlds(usa) == (CAMP, AUKUS, QUAD)
    assert find_world(usa.folder, None)[1] == CAMP


def test_an_exercise_belongs_to_its_compact(nodes: dict[str, Layout]) -> None:
    usa = nodes["USA"]
    keys.make_world(usa, PLAY, START)
    write_terms(usa.world(PLAY), Terms("Malabar", START, 9_001))
    assert keys.load_roster(usa, PLAY).entitled == {"AUS", "IND", "JPN", "USA"}
    assert not secrets(usa, PLAY) & (secrets(usa, QUAD) | secrets(usa, CAMP))
    with pytest.raises(BadField, match="camp-david, quad"):
        keys.make_world(usa, WorldName("aukus", "exercise"), START)
    # Who was suspended live is suspended in play.
    write_members(usa.world(QUAD), (Member("JPN", "Japan", Standing.SUSPENDED), Member("USA", "US", Standing.MEMBER)))
    assert keys.load_roster(usa, PLAY).standings["JPN"] is Standing.SUSPENDED
    assert keys.load_roster(usa, CAMP).standings["JPN"] is Standing.MEMBER


@pytest.mark.attack("relabel")
def test_a_card_of_one_compact_is_refused_in_another(nodes: dict[str, Layout], tmp_path: Path) -> None:
    usa, jpn = nodes["USA"], nodes["JPN"]
    for world, other in ((CAMP, QUAD), (QUAD, CAMP)):
        with pytest.raises(WrongWorld):
            keys.admit_card(usa, world, keys.card(jpn, other, START))
    for layout in (usa, jpn):
        keys.make_world(layout, PLAY, START)
    same = WorldName("camp-david", "malabar-27")
    keys.make_world(usa, same, START)
    with pytest.raises(WrongWorld):
        keys.admit_card(usa, same, keys.card(jpn, PLAY, START))
    # One who belongs to the one and not to the other.
    aus = Layout(tmp_path / "AUS")
    keys.init_node(aus, Settings("AUS", "AUS", "quad", "127.0.0.1", 8460, 4460), START)
    with pytest.raises(WrongWorld):
        keys.admit_card(usa, CAMP, keys.card(aus, QUAD, START))
    keys.admit_card(usa, QUAD, keys.card(aus, QUAD, START))
    with pytest.raises(UnknownMember):
        keys.load_roster(usa, CAMP).sealing_of("AUS")


@pytest.mark.attack("replay")
def test_a_record_of_one_compact_is_refused_in_another_on_every_path(nodes: dict[str, Layout]) -> None:
    usa, jpn = nodes["USA"], nodes["JPN"]
    with running(usa, CAMP, QUAD) as (camp, quad), running(jpn, CAMP, QUAD) as (there_camp, there_quad):
        report(camp, "0" * 64, "1" * 64, to="JPN")
        first, second = log_of(camp)
        before = contents(jpn.world(QUAD).database, but={"audit"})
        # The parcel as it is.
        for parcel in Outbox(camp).waiting("JPN", 64):
            assert kinds(there_quad.receive("USA", [parcel.wrapped])) == {"exercise-wall"}
        # The records in a parcel that is sealed for the other world: next, later, and again.
        for records in ((first,), (second,), (first, second), (first,)):
            assert kinds(there_quad.receive("USA", [resealed(quad, there_quad, *records)])) == {"exercise-wall"}
        # Heads of the one told to the other.
        heads = Witness(camp, Outbox(camp)).heads("JPN")
        with pytest.raises(UnknownMember):
            Witness(there_quad, Outbox(there_quad)).hear("USA", heads)
        assert contents(jpn.world(QUAD).database, but={"audit"}) == before
        assert log_of(there_quad) == []
        # In its own world it is taken, and stands there alone.
        for parcel in Outbox(camp).waiting("JPN", 64):
            assert there_camp.receive("USA", [parcel.wrapped]).refused == []
        assert [one.id for one in log_of(there_camp)] == [first.id, second.id]
    for table in ("log", "lane", "outbox", "relay", "held", "fork", "ask", "derive"):
        assert contents(jpn.world(QUAD).database)[table] == []
    lines = contents(jpn.world(QUAD).database)["audit"]
    assert len(lines) == 6
    assert not [line for line in contents(jpn.world(CAMP).database)["audit"] if line in lines]


def kinds(received: Any) -> set[str]:
    """Which policies refused, all of it."""
    assert not set(received.places) - {"refused"}
    return {one.policy for one in received.refused}


def resealed(sender: World, to: World, *records: Sealed) -> bytes:
    """Records in a parcel for that world, whatever world they are of."""
    lane = decode(records[0].payload).lane
    parcel = Parcel(lane.origin, lane.audience, Precedence(lane.precedence), records)
    me, world = to.roster.me, to.store.world.name
    return seal_parcel(parcel, world, sender.roster.me, me, sender.roster.sealing_of(me))


@pytest.mark.parametrize("name", sorted(file.stem for file in compacts_folder().glob("*.toml")))
def test_every_compact_names_members_a_ceiling_and_who_agrees(name: str) -> None:
    compact = load_compact(name)
    assert len(compact.members) >= 3
    assert compact.agreement.standing == "all-others"
    assert set(compact.standings) == compact.codes == set(compact.names)
    text = (compacts_folder() / f"{name}.toml").read_text(encoding="utf-8")
    assert "https://" in text


def test_a_compact_may_name_readers(tmp_path: Path) -> None:
    text = (compacts_folder() / "camp-david.toml").read_text(encoding="utf-8")
    (tmp_path / "camp-david.toml").write_text(f'{text}\n[[readers]]\ncode = "AUS"\nname = "Australia"\n')
    compact = load_compact("camp-david", tmp_path)
    assert compact.standings["AUS"] is Standing.READER
    assert compact.names["AUS"] == "Australia"
