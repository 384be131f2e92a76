"""Two members become peers: one card each way, by the terminal, while their nodes run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.nodes.roads import free_port
from tests.nodes.three import LIVE, Node, client, laurel, run_nodes, seen

from laurel.gateways.demo.door import About, Door
from laurel.gateways.demo.nodes import DemoNode
from laurel.instruments.exercise.view import Exercises
from laurel.node.carry.link import LinkState
from laurel.node.home.layout import Layout, read_settings

RELOADED = "Reloaded server configuration"
WORDS = "alfa bravo charlie delta echo foxtrot golf hotel"


@dataclass
class Card:
    """A card on its way, and what was read out over another channel."""

    file: Path
    fingerprint: str


async def make(folder: Path, member: str) -> tuple[DemoNode, Path]:
    """A node made by the terminal, and the file with a program's token."""
    ports = ("--http-port", str(free_port()), "--nats-port", str(free_port()))
    made = await laurel("init", folder / member, "--member", member, *ports, "--json")
    assert made == {"made": str(folder / member), "member": member, "compact": "camp-david"}
    token = folder / f"{member}.token"
    role = ("--role", "exercise-control")
    await laurel("officer", "token", folder / member, "test", "--to", token, *role)
    layout = Layout(folder / member)
    url = f"http://127.0.0.1:{read_settings(layout).http_port}/{LIVE.name}"
    return DemoNode(member, layout, Door(url, token.read_text().strip())), token


async def card_of(folder: Path, member: str) -> Card:
    told = await laurel("card", folder / member, "--to", folder / f"{member}.card", "--json")
    return Card(folder / f"{member}.card", told["fingerprint"])


async def test_two_members_become_peers_by_one_card_each_way_while_they_run(tmp_path: Path) -> None:
    async with client() as to:
        (usa_made, token), (jpn_made, _) = await make(tmp_path, "USA"), await make(tmp_path, "JPN")
        usa, jpn = Node(usa_made, to), Node(jpn_made, to)
        async with run_nodes(usa, jpn):
            assert await usa.link(usa.live, "JPN") is LinkState.NEVER
            # Said before anyone could hear it.
            url = ("--url", usa.live.url, "--token", token)
            audience = '{"classification": "UNCLASSIFIED", "rel_to": ["JPN", "KOR", "USA"]}'
            await laurel(
                *("exercise", "announce", "--exercise", "freedom-27", "--title", "Freedom 27"),
                *("--starts-at", "2027-08-01T00:00:00Z", "--scenario-sha256", "0" * 64, "--label", audience, *url),
            )
            cards = {member: await card_of(tmp_path, member) for member in ("USA", "JPN")}
            refused = await laurel(*("admit", tmp_path / "USA", cards["JPN"].file, "--fingerprint", WORDS), fails=True)
            assert "fingerprint" in refused
            assert cards["JPN"].fingerprint in refused
            assert not usa_made.layout.world(LIVE).card("JPN").exists()
            # Each takes the other's word for its card, and both are at work within moments.
            servers = usa.nats_pid, jpn.nats_pid
            for member, other in (("USA", "JPN"), ("JPN", "USA")):
                card = cards[other]
                admitted = await laurel(
                    "admit", tmp_path / member, card.file, "--fingerprint", card.fingerprint, "--json"
                )
                assert admitted == {"admitted": other, "world": LIVE.name, "fingerprint": card.fingerprint}

            async def peers() -> bool:
                links = (await usa.link(usa.live, "JPN"), await jpn.link(jpn.live, "USA"))
                return links == (LinkState.HEALTHY, LinkState.HEALTHY)

            assert await seen(peers, "a healthy line both ways") < 10.0
            assert (usa.nats_pid, jpn.nats_pid) == servers
            assert RELOADED in usa_made.layout.nats_log.read_text()
            about = await jpn.live.look(to, "about", About)
            assert [(one.code, one.admitted) for one in about.members] == [("JPN", True), ("KOR", False), ("USA", True)]

            async def heard() -> bool:
                found = (await jpn.live.look(to, "exercise/exercises", Exercises)).exercises
                return [(one.exercise, one.announced_by) for one in found] == [("freedom-27", "USA")]

            await seen(heard, "the announcement at the other node")
        assert usa.counts() == jpn.counts() == {("USA", "exercise.announced.v1"): 1}


async def test_a_card_is_refused_that_is_no_card_our_own_or_of_a_stranger(tmp_path: Path) -> None:
    await make(tmp_path, "USA")
    own = await card_of(tmp_path, "USA")
    refused = await laurel("admit", tmp_path / "USA", own.file, "--fingerprint", own.fingerprint, fails=True)
    assert "our own card" in refused
    torn = tmp_path / "torn.card"
    torn.write_bytes(own.file.read_bytes()[:-20])
    assert "not a record" in await laurel("admit", tmp_path / "USA", torn, "--fingerprint", WORDS, fails=True)
    missing = await laurel("admit", tmp_path / "USA", tmp_path / "none.card", "--fingerprint", WORDS, fails=True)
    assert "none.card" in missing


async def test_a_node_is_made_once(tmp_path: Path) -> None:
    await make(tmp_path, "USA")
    again = await laurel("init", tmp_path / "USA", "--member", "USA", fails=True)
    assert "there is a node in this folder already" in again
    unknown = await laurel("init", tmp_path / "FRA", "--member", "FRA", fails=True)
    assert "JPN, KOR, USA" in unknown
    assert "there is no node in this folder" in await laurel("node", tmp_path / "nowhere", fails=True)


@pytest.mark.long
async def test_a_node_joins_another_compact_and_cuts_a_member_off_by_the_terminal(tmp_path: Path) -> None:
    (usa, _), _ = await make(tmp_path, "USA"), await make(tmp_path, "JPN")
    card = await card_of(tmp_path, "JPN")
    await laurel("admit", tmp_path / "USA", card.file, "--fingerprint", card.fingerprint)
    port = free_port()
    joined = await laurel("join", tmp_path / "USA", "aukus", "--http-port", str(port), "--json")
    assert joined == {"joined": "aukus", "url": f"http://127.0.0.1:{port}"}
    assert "JPN" in await laurel("join", tmp_path / "JPN", "aukus", fails=True)
    expelled = await laurel("expel", tmp_path / "USA", "JPN", "--json")
    assert expelled == {"expelled": "JPN", "world": LIVE.name}
    assert not usa.layout.world(LIVE).card("JPN").exists()
