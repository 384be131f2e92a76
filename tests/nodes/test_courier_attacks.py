"""What a peer tries at our server with its own true keys, and what a stranger tries with others'."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nats.errors
import pytest
from nats.aio.msg import Msg
from tests.nodes.roads import LIVE, Node, introduce, make_node, until
from tests.nodes.three import seen

from laurel.core.record import Precedence
from laurel.node.carry.client import Client, LineLost, connected, make_stream
from laurel.node.carry.natsconf import heads, heads_of, inbox, next_message, onward, outbound, stream
from laurel.node.home import keys
from laurel.node.home.layout import read_settings

pytestmark = pytest.mark.attack("nats-subjects")
# A server answers its own node on a busy machine too; what it refuses gets no answer however long one waits.
ANSWERED_WITHIN_S = 10.0
REFUSED_AFTER_S = 0.4


@dataclass
class Scene:
    """USA's server with a parcel waiting for JPN and one for KOR; KOR is the attacker."""

    usa: Node
    kor: Node
    owner: Client
    attacker: Client

    async def held(self, peer: str) -> int:
        """How many messages wait for a peer."""
        answer = await self.ask(self.owner, f"$JS.API.STREAM.INFO.{stream(peer)}", wait_s=ANSWERED_WITHIN_S)
        count: int = answer["state"]["messages"]
        return count

    async def ask(self, client: Client, subject: str, body: object = None, *, wait_s: float) -> dict[str, Any]:
        payload = b"" if body is None else json.dumps(body).encode()
        answer = await client.request(subject, payload, timeout=wait_s)
        return json.loads(answer.data)

    async def tell(self, subject: str, payload: bytes = b"", reply: str = "") -> None:
        await self.attacker.publish(subject, payload, reply)
        await self.attacker.flush()
        await asyncio.sleep(0.1)


def at(server: Node, node: Node, seed: str) -> AbstractAsyncContextManager[Client]:
    """A client of one node at a server, signed in by that seed."""
    address, authority = read_settings(server.layout).address, server.layout.authority.read_text()
    ours = keys.credentials(node.layout, LIVE)
    return connected(address, authority, ours, seed, inbox(read_settings(node.layout).member))


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncGenerator[Scene]:
    usa, jpn, kor = (make_node(tmp_path, member) for member in ("USA", "JPN", "KOR"))
    introduce(usa, jpn)
    introduce(usa, kor)
    await usa.server.start()
    try:
        async with at(usa, usa, keys.credentials(usa.layout, LIVE).local_seed) as owner:
            for peer in ("JPN", "KOR"):
                await make_stream(owner, peer)
                for precedence in Precedence:
                    await owner.request(outbound(peer, precedence), f"for {peer}".encode(), timeout=ANSWERED_WITHIN_S)
            async with at(usa, kor, keys.credentials(kor.layout, LIVE).peer_seed) as attacker:
                yield Scene(usa, kor, owner, attacker)
    finally:
        await usa.server.stop()


async def listen(client: Client, *subjects: str) -> list[Msg]:
    heard: list[Msg] = []

    async def keep(message: Msg) -> None:
        heard.append(message)

    for subject in subjects:
        await client.subscribe(subject, cb=keep)
    await client.flush()
    return heard


async def pull(scene: Scene, subject: str, reply: str) -> None:
    await scene.tell(subject, json.dumps({"batch": 4, "no_wait": True}).encode(), reply)


async def test_a_peer_is_handed_its_own_stream_and_acknowledges_it(scene: Scene) -> None:
    reply = scene.attacker.new_inbox()
    heard = await listen(scene.attacker, reply)
    await pull(scene, next_message("KOR", Precedence.FLASH), reply)
    await until(lambda: any(message.data for message in heard))
    [handed] = [message for message in heard if message.data]
    assert handed.data == b"for KOR"
    await handed.ack()

    async def acknowledged() -> bool:
        return await scene.held("KOR") == 3

    await seen(acknowledged, "one message less for KOR")


async def test_a_peer_is_handed_nothing_of_another_peers_stream(scene: Scene) -> None:
    reply = scene.attacker.new_inbox()
    heard = await listen(scene.attacker, reply)
    for precedence in Precedence:
        await pull(scene, next_message("JPN", precedence), reply)
    await scene.tell("$JS.ACK.OUT_JPN.FLASH.1.1.1.1.0")
    assert heard == []
    assert await scene.held("JPN") == 4


FORBIDDEN = {
    "STREAM.INFO.OUT_KOR": None,
    "STREAM.INFO.OUT_JPN": None,
    "STREAM.LIST": None,
    "STREAM.NAMES": None,
    "STREAM.DELETE.OUT_KOR": None,
    "STREAM.PURGE.OUT_KOR": None,
    "STREAM.MSG.GET.OUT_JPN": {"seq": 1},
    "STREAM.MSG.DELETE.OUT_KOR": {"seq": 1},
    "DIRECT.GET.OUT_JPN": {"seq": 1},
    "STREAM.CREATE.OWN": {"name": "OWN", "subjects": [">"]},
    "CONSUMER.INFO.OUT_KOR.FLASH": None,
    "CONSUMER.DELETE.OUT_KOR.FLASH": None,
    "CONSUMER.DURABLE.CREATE.OUT_JPN.own": {"stream_name": "OUT_JPN", "config": {"durable_name": "own"}},
    "INFO": None,
}


async def test_a_peer_can_ask_nothing_else_of_the_server(scene: Scene) -> None:
    async def attempt(what: str, body: object) -> bool:
        try:
            await scene.ask(scene.attacker, f"$JS.API.{what}", body, wait_s=REFUSED_AFTER_S)
        except (TimeoutError, nats.errors.Error):
            return False
        return True

    answered = await asyncio.gather(*(attempt(what, body) for what, body in FORBIDDEN.items()))
    assert not any(answered)
    assert (await scene.held("JPN"), await scene.held("KOR")) == (4, 4)


async def test_a_peer_can_put_nothing_into_any_stream(scene: Scene) -> None:
    for subject in ("out.KOR.FLASH", "out.JPN.FLASH", "live.JPN.heads", "live.KOR.heads"):
        await scene.tell(subject, b"forged")
    assert (await scene.held("JPN"), await scene.held("KOR")) == (4, 4)


async def test_a_reply_subject_cannot_make_the_server_act_for_a_peer(scene: Scene) -> None:
    for reply in ("out.JPN.FLASH", "$JS.API.STREAM.DELETE.OUT_JPN", "$JS.API.STREAM.PURGE.OUT_JPN"):
        await pull(scene, next_message("KOR", Precedence.ROUTINE), reply)
        await scene.tell("$JS.ACK.OUT_KOR.FLASH.1.4.1.1.0", b"+NXT", reply)
    assert await scene.held("JPN") == 4


OVERHEARD = (
    *(
        "live.KOR.heads",
        "live.JPN.heads",
        "live.*.heads",
        "live.JPN.heads.USA",
        "live.JPN.heads.*",
        "live.JPN.onward.*",
    ),
    *("live.JPN.>", "live.>", "live.*.onward.>", ">", "_INBOX.>", "_INBOX_JPN.>", "out.>", "$JS.>", "$SYS.>"),
    *("live.KOR.heads.*", "live.KOR.onward.*"),
)


async def test_a_peer_overhears_nothing_meant_for_another(scene: Scene) -> None:
    heard = await listen(scene.attacker, *OVERHEARD)
    # A message that meets a subscription in the making may pass it by: say it more than once.
    for _ in range(5):
        for subject in (heads("JPN"), heads_of("KOR", "JPN"), onward("JPN", "KOR")):
            await scene.owner.publish(subject, b"for JPN")
        for subject in (heads("KOR"), heads_of("JPN", "KOR"), onward("KOR", "JPN")):
            await scene.owner.publish(subject, b"for KOR")
        await scene.owner.publish("anything", b"for nobody")
        await scene.owner.flush()
        await asyncio.sleep(0.1)
    await until(lambda: len({message.subject for message in heard}) >= 3)
    assert {message.data for message in heard} == {b"for KOR"}
    assert {message.subject for message in heard} == {"live.KOR.heads", "live.KOR.heads.JPN", "live.KOR.onward.JPN"}


async def test_a_peer_cannot_speak_through_us_to_another_but_at_its_own_server(scene: Scene) -> None:
    """What a relay hands on it takes from the sender's own server: nothing that a peer says at ours goes anywhere."""
    overheard = await listen(scene.owner, "live.>", "out.>")
    for subject in (heads("JPN"), heads_of("USA", "JPN"), heads_of("KOR", "JPN"), onward("JPN", "USA")):
        await scene.tell(subject, b"forged")
    for subject in (heads("KOR"), heads_of("JPN", "KOR"), onward("KOR", "JPN"), onward("USA", "JPN")):
        await scene.tell(subject, b"forged")
    assert overheard == []


async def test_keys_that_do_not_belong_together_open_nothing(scene: Scene, tmp_path: Path) -> None:
    usa, kor = scene.usa, scene.kor
    stranger = make_node(tmp_path / "elsewhere", "KOR")
    authority = usa.layout.authority.read_text()
    address = read_settings(usa.layout).address
    kor_keys, stranger_keys = keys.credentials(kor.layout, LIVE), keys.credentials(stranger.layout, LIVE)
    usa_keys = keys.credentials(usa.layout, LIVE)

    async def opens(certificate: keys.Credentials, seed: str, trusts: str) -> bool:
        opened = False
        with contextlib.suppress(LineLost):
            async with connected(address, trusts, certificate, seed, inbox("KOR")) as client:
                await client.flush()
                opened = True
        return opened

    assert await opens(kor_keys, kor_keys.peer_seed, authority)
    # Another's certificate under a true key: no server of ours trusts its authority.
    assert not await opens(stranger_keys, kor_keys.peer_seed, authority)
    # A true certificate under a key that nobody admitted, or that is another's own.
    assert not await opens(kor_keys, stranger_keys.peer_seed, authority)
    assert not await opens(kor_keys, kor_keys.local_seed, authority)
    assert not await opens(kor_keys, usa_keys.peer_seed, authority)
    # A server that is not the one on the card.
    assert not await opens(kor_keys, kor_keys.peer_seed, stranger.layout.authority.read_text())
    with pytest.raises(FileNotFoundError):
        await opens(replace(kor_keys, certificate=tmp_path / "none"), kor_keys.peer_seed, authority)
