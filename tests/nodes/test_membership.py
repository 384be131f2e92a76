"""Members come, go and listen by agreement, on real nodes; and one node in two compacts at once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec
import pytest
from tests.nodes.roads import free_port
from tests.nodes.three import (
    EVERYONE,
    LIVE,
    MEMBERS,
    Node,
    answers,
    client,
    make_three,
    refusal,
    run_nodes,
    seen,
)

from laurel.core.instrument import Role
from laurel.core.label import Classification, label
from laurel.core.record import World
from laurel.core.roster import Standing, fingerprint, open_card
from laurel.gateways.demo.door import Door
from laurel.gateways.demo.nodes import DemoNode
from laurel.instruments.exercise.commands import AnnounceAsk
from laurel.instruments.exercise.view import Exercises
from laurel.instruments.line.standing import AssentStanding, Changes, ProposeStanding
from laurel.node.carry.link import LinkState
from laurel.node.clock import RealClock
from laurel.node.doorstep import people, world_url
from laurel.node.home import keys
from laurel.node.home.layout import Layout, Settings

QUAD = World("quad")
CANARY = "canary-of-the-past-7f3a"


class MemberSeen(msgspec.Struct, frozen=True):
    code: str
    admitted: bool
    standing: Standing


class AboutSeen(msgspec.Struct, frozen=True):
    members: tuple[MemberSeen, ...]


def make_newcomer(folder: Path, member: str, to: httpx.AsyncClient, others: dict[str, Node]) -> Node:
    """A node that the compact does not name. It admitted the others' cards; they have not admitted its own."""
    layout = Layout(folder / member)
    now = RealClock().now()
    keys.init_node(
        layout, Settings(member, member, LIVE.compact, "127.0.0.1", free_port(), free_port()), now, newcomer=True
    )
    for other in others.values():
        keys.admit_card(layout, LIVE, keys.card(other.made.layout, LIVE, now))
    token = people(layout).program("test", [Role.EXERCISE_CONTROL, Role.PRINCIPAL])
    return Node(DemoNode(member, layout, Door(f"{world_url(layout, LIVE)}/{LIVE.name}", token)), to)


def principal(node: Node) -> Door:
    return Door(node.live.url, node.token(Role.PRINCIPAL))


async def agree(by: Node, others: list[Node], ask: ProposeStanding, name: str) -> None:
    """Proposed by one, assented to by the others as each hears of it, until all hold it."""
    await principal(by).ask(by.to, "line/propose-standing", ask, f"test:propose:{name}")
    shown = None if ask.card is None else fingerprint(open_card(ask.card.encode()))
    for other in others:

        async def heard(other: Node = other) -> bool:
            return await last(other) == (ask.member, ask.standing)

        await seen(heard, f"the proposal at {other.member}")
        told = (await other.live.look(other.to, "line/standings", Changes)).changes[-1]
        assert told.fingerprint == shown
        assent = AssentStanding(told.proposal, shown)
        await principal(other).ask(other.to, "line/assent-standing", assent, f"test:assent:{name}")
    for node in (by, *others):

        async def in_force(node: Node = node) -> bool:
            return (await standings(node)).get(ask.member) is ask.standing

        await seen(in_force, f"{ask.member} {ask.standing} at {node.member}")


async def last(node: Node) -> tuple[str, Standing] | None:
    changes = (await node.live.look(node.to, "line/standings", Changes)).changes
    return (changes[-1].member, changes[-1].standing) if changes else None


async def standings(node: Node) -> dict[str, Standing]:
    about = await node.live.look(node.to, "about", AboutSeen)
    return {one.code: one.standing for one in about.members}


def announcement(name: str, *members: str, title: str = "Within") -> AnnounceAsk:
    everyone = label(Classification.UNCLASSIFIED, set(members)) if members else EVERYONE
    return AnnounceAsk(name, title, datetime(2029, 1, 1, tzinfo=UTC), "0" * 64, everyone)


async def announced(node: Node, door: Door | None = None) -> list[str]:
    found = await (door or node.live).look(node.to, "exercise/exercises", Exercises)
    return [one.exercise for one in found.exercises]


def disk_of(node: Node) -> bytes:
    """Everything on the node's disk."""
    return b"".join(file.read_bytes() for file in node.made.layout.folder.rglob("*") if file.is_file())


async def linked(one: Node, other: Node, state: LinkState = LinkState.HEALTHY) -> None:
    async def is_so() -> bool:
        return await one.link(one.live, other.member) is state

    await seen(is_so, f"{one.member} to {other.member}: {state}")


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_a_member_is_admitted_by_agreement_hears_nothing_of_the_past_and_speaks(tmp_path: Path) -> None:
    async with client() as to:
        three = make_three(tmp_path, to)
        jpn, kor, usa = (three[member] for member in MEMBERS)
        nzl = make_newcomer(tmp_path, "NZL", to, three)
        async with run_nodes(*three.values(), nzl):
            await linked(jpn, usa)
            await jpn.live.ask(to, "exercise/announce", announcement("before", title=CANARY), "test:before:0001")
            # It cannot speak yet.
            assert "BadLabel" in await refusal(nzl.live, to, "exercise/announce", announcement("early"))
            card = keys.card(nzl.made.layout, LIVE, RealClock().now()).decode()
            ask = ProposeStanding("NZL", Standing.MEMBER, "joins the grouping", "New Zealand", card)
            await agree(jpn, [kor, usa], ask, "admit-nzl")

            async def knows() -> bool:
                return (await standings(nzl)) == dict.fromkeys((*MEMBERS, "NZL"), Standing.MEMBER)

            await seen(knows, "the newcomer knows who belongs")
            everyone = tuple(sorted((*MEMBERS, "NZL")))
            await nzl.live.ask(to, "exercise/announce", announcement("since-nzl", *everyone), "test:since:0001")
            await jpn.live.ask(to, "exercise/announce", announcement("since-jpn", *everyone), "test:since:0002")
            for node in three.values():

                async def whole(node: Node = node) -> bool:
                    return set(await announced(node)) == {"before", "since-nzl", "since-jpn"}

                await seen(whole, f"both announcements at {node.member}")

            async def its_part() -> bool:
                return set(await announced(nzl)) == {"since-nzl", "since-jpn"}

            await seen(its_part, "what was said since at the newcomer")
            assert {origin for origin, kind in nzl.counts() if kind == "line.standings-told.v1"} == set(MEMBERS)
        assert CANARY.encode() in disk_of(kor)
        assert CANARY.encode() not in disk_of(nzl)


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_a_suspended_member_is_cut_off_and_comes_back_with_what_was_refused_meanwhile(tmp_path: Path) -> None:
    async with client() as to:
        three = make_three(tmp_path, to)
        jpn, kor, usa = (three[member] for member in MEMBERS)
        async with run_nodes(*three.values()):
            await linked(jpn, kor)
            await agree(jpn, [usa], ProposeStanding("KOR", Standing.SUSPENDED, "its border leaks"), "suspend")
            await linked(kor, jpn, LinkState.PATH_DOWN)
            await kor.live.ask(to, "exercise/announce", announcement("meanwhile"), "test:meanwhile:01")
            only = announcement("without-them", "JPN", "USA")
            await jpn.live.ask(to, "exercise/announce", only, "test:without:0001")

            async def told() -> bool:
                return await announced(usa) == ["without-them"]

            await seen(told, "the others go on")
            assert "meanwhile" not in await announced(jpn)
            await agree(usa, [jpn], ProposeStanding("KOR", Standing.MEMBER, "mended"), "reinstate")

            async def came_in() -> bool:
                return set(await announced(jpn)) == {"meanwhile", "without-them"}

            await seen(came_in, "what was refused meanwhile")

            async def back() -> bool:
                return (await standings(kor)) == dict.fromkeys(MEMBERS, Standing.MEMBER)

            await seen(back, "the reinstated member knows who belongs")
            assert await announced(kor) == ["meanwhile"]
            await agree(usa, [jpn], ProposeStanding("KOR", Standing.EXPELLED, "left"), "expel")
            await linked(kor, usa, LinkState.PATH_DOWN)
            key = open_card(keys.card(kor.made.layout, LIVE, RealClock().now())).nats_key

            async def shut_out() -> bool:
                users = [node.made.layout.nats_configuration.read_text() for node in (jpn, usa)]
                return not any(key in text for text in users)

            await seen(shut_out, "the expelled member has no account at either server")


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_one_node_takes_part_in_two_compacts_and_nothing_crosses(tmp_path: Path) -> None:
    async with client() as to:
        three = make_three(tmp_path, to)
        two = [three["JPN"], three["USA"]]
        now = RealClock().now()
        for node in two:
            keys.join_compact(node.made.layout, QUAD.compact, free_port(), now)
        for one, other in (two, two[::-1]):
            keys.admit_card(one.made.layout, QUAD, keys.card(other.made.layout, QUAD, now))
        async with run_nodes(*three.values()):
            doors: dict[str, Door] = {}
            for node in two:
                url = f"{world_url(node.made.layout, QUAD)}/{QUAD.name}"
                doors[node.member] = Door(url, node.live.token)
                await seen(lambda node=node: doors[node.member].answers(to), f"quad at {node.member}")
                assert node.world_pid(QUAD) != node.world_pid(LIVE)
            quad = announcement("malabar-27", "AUS", "IND", "JPN", "USA", title=CANARY)
            await doors["USA"].ask(to, "exercise/announce", quad, "test:quad:00001")
            await two[1].live.ask(to, "exercise/announce", announcement("freedom-27"), "test:camp:00001")

            async def arrived() -> bool:
                camp = await announced(two[0])
                return (camp, await announced(two[0], doors["JPN"])) == (["freedom-27"], ["malabar-27"])

            await seen(arrived, "each announcement in its own compact")
            await answers(three["KOR"])
            assert await announced(three["KOR"]) == ["freedom-27"]
            await seen(lambda: in_camp(three["KOR"]), "camp-david at Korea")
        for node in two:
            camp, there = (node.made.layout.world(world) for world in (LIVE, QUAD))
            assert CANARY.encode() in b"".join(file.read_bytes() for file in there.folder.glob("world.db*"))
            assert CANARY.encode() not in b"".join(file.read_bytes() for file in camp.folder.glob("world.db*"))
            assert node.counts(QUAD) == {("USA", "exercise.announced.v1"): 1}
        assert CANARY.encode() not in disk_of(three["KOR"])


async def in_camp(node: Node) -> bool:
    return await announced(node) == ["freedom-27"]
