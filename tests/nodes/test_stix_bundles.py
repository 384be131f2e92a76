"""STIX bundles at a node's doors and at its terminal: whole in, whole out, and what is wrong is named."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from tests.instruments.cyber.partners import STRANGE, definition, indicator, marked, stix, stix_id
from tests.nodes.door import Served, served
from tests.nodes.three import Node, laurel, seen, three_nodes
from typer.testing import CliRunner

from laurel.api.cyber import MAX_BUNDLE_BYTES
from laurel.cli import app
from laurel.core.instrument import Role
from laurel.instruments.cyber.records import BUNDLE, STIX_OBJECT, Tlp
from laurel.instruments.cyber.tlp import IDS

BUNDLE_ID = stix_id("bundle", 7)
HOME = {"to": "", "classification": "UNCLASSIFIED", "tlp": "TLP:CLEAR"}
CANARY = "NOTIONAL-CANARY"


def bundle(*objects: object, **more: object) -> bytes:
    return json.dumps({"type": "bundle", "id": BUNDLE_ID, "objects": objects, **more}).encode()


@dataclass(frozen=True)
class Desk:
    """A node, and a terminal at it."""

    node: Served
    folder: Path

    async def run(self, *arguments: str | Path, fails: bool = False) -> Any:
        """What a verb prints as JSON; or, where it must fail, its complaint."""
        given = [*map(str, arguments), "--json", "--url", self.node.url, "--token", str(self.folder / "token")]
        ran = await asyncio.to_thread(CliRunner().invoke, app, given)
        assert (ran.exit_code != 0) is fails, f"{ran.output}{ran.exception!r}"
        return f"{ran.exception}" if fails else json.loads(ran.stdout)

    @property
    def headers(self) -> dict[str, str]:
        token = (self.folder / "token").read_text()
        return {"Authorization": f"Bearer {token}", "Ask-Id": f"bundle:{time.monotonic_ns()}"}

    async def share(self, content: bytes, **terms: str) -> httpx.Response:
        """The answer to a bundle, without the terminal."""
        params = {**HOME, **terms}
        return await self.node.to.post(
            f"{self.node.url}/cyber/bundles", params=params, content=content, headers=self.headers
        )

    async def answer_before_the_body(self, size: int | None) -> str:
        """What the door says to a bundle of that size, or of one that it does not tell, of which a little came."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.node.port)
        length = "Transfer-Encoding: chunked" if size is None else f"Content-Length: {size}"
        lines = [
            f"POST /camp-david/cyber/bundles?{urlencode(HOME)} HTTP/1.1",
            f"Host: 127.0.0.1:{self.node.port}",
            length,
        ]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        block = b" " * 1024 * 1024
        with suppress(ConnectionError):
            # Without an end: what is said must be said before all of it came.
            for _ in range(1 if size is not None else 2 * MAX_BUNDLE_BYTES // len(block)):
                writer.write(block if size is not None else b"%x\r\n%b\r\n" % (len(block), block))
                await writer.drain()
        said = await asyncio.wait_for(reader.read(2_000), 20)
        writer.close()
        return said.decode()

    def counts(self) -> tuple[int, int]:
        """How many objects and bundles the log holds."""
        store = self.node.site.station.inner.store
        with store.reading() as from_:
            return len(store.of_kind(from_, STIX_OBJECT.name)), len(store.of_kind(from_, BUNDLE.name))


@asynccontextmanager
async def desk(folder: Path) -> AsyncGenerator[Desk]:
    async with served(folder) as node:
        (folder / "token").write_text(node.people.program("test", [Role.ANALYST]))
        yield Desk(node, folder)


async def test_a_bundle_goes_in_whole_and_comes_out_equal_and_a_repeat_says_nothing(tmp_path: Path) -> None:
    objects = [
        marked(indicator(1), "marking-definition--00000000-0000-4000-8000-00000000b000"),
        {**stix("x-own", 2), "x_price": 1.10, "x_deep": {"a": [None, "ロケット"]}},
        definition("marking-definition--00000000-0000-4000-8000-00000000b000"),
        {"type": "ipv4-addr", "spec_version": "2.1", "id": stix_id("ipv4-addr", 3), "value": "198.51.100.7"},
        *(stix("malware", number, name=f"M{number}", is_family=False) for number in range(10, 250)),
    ]
    file, out = tmp_path / "in.json", tmp_path / "out.json"
    written(file, bundle(*objects, x_own=1))
    terms = ("--to", "", "--classification", "UNCLASSIFIED", "--tlp", "TLP:CLEAR")
    async with desk(tmp_path) as at:
        shared = await at.run("cyber", "share-bundle", file, *terms)
        assert (shared["objects"], shared["said"], shared["held"]) == (244, 244, 0)
        assert [one["why"] for one in shared["findings"]] == ["its own property x_own is not kept"]
        again = await at.run("cyber", "share-bundle", file, *terms)
        assert (again["said"], again["held"], again["records"]) == (0, 244, [])
        assert at.counts() == (244, 1)
        # What stays in the house leaves it with the marking that says so.
        await at.run("cyber", "export", "--to", out, "--up-to", "TLP:RED", "--bundle", BUNDLE_ID)
        made = read(out)
        assert [one["id"] for one in made["objects"]] == [one["id"] for one in objects]
        assert {IDS[Tlp.AMBER_STRICT] in one["object_marking_refs"] for one in made["objects"]} == {True}
        await at.run("cyber", "export", "--to", out, "--up-to", "TLP:GREEN")
        assert read(out)["objects"] == []
        assert "no such thing" in await at.run(
            "cyber", "export", "--to", out, "--up-to", "TLP:RED", "--bundle", stix_id("bundle", 8), fails=True
        )
        lines = [line for line in await at.node.audit() if line.decision == "exported"]
        assert [(line.author, line.record) for line in lines] == [("program:test", BUNDLE_ID), ("program:test", "all")]
        found = await at.run("cyber", "object", "--id", stix_id("x-own", 2))
        assert found["versions"][0]["stix"] == objects[1]
        assert (await at.run("cyber", "objects", "--words", "ロケット"))["objects"][0]["type"] == "x-own"


@pytest.mark.attack("bundle")
async def test_what_is_malformed_is_named_and_left_out_and_the_rest_goes_on(tmp_path: Path) -> None:
    bad = [
        5,
        {**stix("malware", 3, name="M", is_family=False), "id": "malware--1"},
        {**stix("malware", 4, name="M", is_family=False), "modified": "2025-01-01T00:00:00.000Z"},
        {**stix("malware", 5, name="M"), "is_family": "perhaps"},
        {**indicator(6), "pattern": "[no pattern"},
        stix("malware", 7, name="x" * 250_000, is_family=False),
        json.loads("[" * 500 + "]" * 500),
        marked(stix("malware", 8, name="M", is_family=False), STRANGE),
    ]
    async with desk(tmp_path) as at:
        answer = (await at.share(bundle(indicator(1), *bad, indicator(2)))).json()
        assert answer["said"] == 3
        assert [one["place"] for one in answer["findings"]] == [1, 2, 3, 4, 5, 6, 7]
        assert "malware--1" in {one["object"] for one in answer["findings"]}
        assert all(one["why"] for one in answer["findings"])
        assert at.counts() == (3, 1)


@pytest.mark.attack("bundle")
async def test_no_bundle_is_refused_and_nothing_of_it_is_kept(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        for body in (b"", b"{", b"[]", b'{"type": "bundle"}', b"\xff\xfe", b"[" * 100_000, b'{"objects": 5}'):
            answer = await at.share(body)
            assert (answer.status_code, answer.json()["error"]) == (400, "NoBundle"), body[:20]
        for terms in ({"classification": "?"}, {"tlp": "RED"}, {"to": "Korea"}, {"red_to": "USA"}):
            assert (await at.share(bundle(indicator()), **terms)).status_code == 400
        assert at.counts() == (0, 0)


@pytest.mark.attack("bundle")
@pytest.mark.parametrize("size", [100 * 1024 * 1024, None])
async def test_a_bundle_beyond_the_limit_is_refused_before_it_is_read(tmp_path: Path, size: int | None) -> None:
    async with desk(tmp_path) as at:
        said = await at.answer_before_the_body(size)
        assert said.startswith("HTTP/1.1 400"), said
        assert '"BundleTooLarge"' in said
        assert str(MAX_BUNDLE_BYTES) in said
        assert at.counts() == (0, 0)


@pytest.mark.attack("bundle")
async def test_who_may_not_share_is_refused_before_the_body_is_read(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        (tmp_path / "token").write_text(at.node.people.program("auditor", [Role.AUDITOR]))
        assert (await at.answer_before_the_body(MAX_BUNDLE_BYTES)).startswith("HTTP/1.1 403")
        (tmp_path / "token").write_text("nobody")
        assert (await at.share(bundle(indicator()))).status_code == 401


@pytest.mark.long
async def test_all_of_attack_for_industrial_systems_crosses_the_border_and_comes_out_equal(
    tmp_path: Path, shared_data: Path
) -> None:
    # ATT&CK for industrial control systems, as it was published.
    attack = shared_data / "attack" / "ics-attack.json"
    wanted = read(attack)
    out = tmp_path / "out.json"
    async with three_nodes(tmp_path / "nodes") as nodes:
        japan, korea = nodes["JPN"], nodes["KOR"]
        here, there = (terminal(node, tmp_path) for node in (japan, korea))
        terms = ("--to", "KOR,USA", "--classification", "UNCLASSIFIED", "--tlp", "TLP:CLEAR")
        began = time.monotonic()
        shared = await laurel("cyber", "share-bundle", attack, *terms, *here)
        said_s = time.monotonic() - began
        assert (shared["said"], shared["findings"]) == (1_826, [])

        async def named() -> bool:
            return korea.counts().get(("JPN", BUNDLE.name), 0) == 1

        await seen(named, "the bundle at KOR")
        sys.stdout.write(f"1,826 objects said in {said_s:.1f} s, all at KOR in {time.monotonic() - began:.1f} s\n")
        await laurel("cyber", "export", "--to", out, "--up-to", "TLP:CLEAR", "--bundle", wanted["id"], *there)
        assert read(out) == wanted
        again = await laurel("cyber", "share-bundle", attack, *terms, *here)
        assert (again["said"], again["held"]) == (0, 1_826)


@pytest.mark.long
@pytest.mark.attack("markings")
async def test_what_is_red_is_in_no_byte_that_a_member_outside_holds(tmp_path: Path) -> None:
    red = marked(indicator(1, name=CANARY, description=CANARY), Tlp.RED)
    odd = marked(indicator(2, name=f"{CANARY}-odd"), STRANGE)
    file = written(tmp_path / "in.json", bundle(red, odd, indicator(3)))
    async with three_nodes(tmp_path / "nodes") as nodes:
        here = terminal(nodes["JPN"], tmp_path)
        terms = ("--to", "KOR,USA", "--classification", "UNCLASSIFIED", "--tlp", "TLP:CLEAR", "--red-to", "KOR")
        shared = await laurel("cyber", "share-bundle", file, *terms, *here)
        assert shared["said"] == 3

        async def arrived() -> bool:
            told = {member: nodes[member].counts().get(("JPN", STIX_OBJECT.name), 0) for member in ("KOR", "USA")}
            return told == {"KOR": 2, "USA": 1}

        await seen(arrived, "what is theirs at both")
    held = {member: holds(nodes[member].made.layout.folder, CANARY.encode()) for member in nodes}
    assert held == {"JPN": True, "KOR": True, "USA": False}
    assert not holds(nodes["KOR"].made.layout.folder, f"{CANARY}-odd".encode())


def terminal(node: Node, folder: Path) -> tuple[str | Path, ...]:
    """What a verb needs to speak to a node."""
    token = folder / f"{node.member}.token"
    token.write_text(node.token(Role.ANALYST))
    return "--url", node.live.url, "--token", token, "--json"


def written(file: Path, content: bytes) -> Path:
    file.write_bytes(content)
    return file


def read(file: Path) -> Any:
    return json.loads(file.read_bytes())


def holds(folder: Path, words: bytes) -> bool:
    """Whether any file of a node has these words."""
    return any(words in path.read_bytes() for path in folder.rglob("*") if path.is_file())
