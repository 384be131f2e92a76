"""Three live nodes: data and firms stay in one house, and what crosses tells of neither."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.instruments.supply.trade import EVERYONE, firm, header, notice, rows, share
from tests.nodes.three import LIVE, Node, client, make_three, refusal, run_nodes, seen

from laurel.core.record import decode
from laurel.instruments.supply.answers import Shared
from laurel.instruments.supply.records import FirmNamed
from laurel.instruments.supply.sharing import ShareDependenceAsk
from laurel.instruments.supply.told_types import Notices
from laurel.instruments.supply.words import Basis

CANARY, ALIAS = "Zymurgic Canary", "Canarius Zymurgicus"
WORDS = (b"anary", b"anarius", b"ymurgic")


def bytes_of(node: Node) -> bytes:
    """Every byte of every file of a node: databases, streams, logs."""
    files = [path for path in sorted(node.made.layout.folder.rglob("*")) if path.is_file()]
    return b"\n".join(path.read_bytes() for path in files)


def leaving(node: Node) -> bytes:
    """Every record that waits for a peer or was carried to one, before it is sealed."""
    path = node.made.layout.world(LIVE).database
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as from_:
        log: dict[int, bytes] = dict(from_.execute("SELECT position, payload FROM log").fetchall())
        waiting = {position for (position,) in from_.execute("SELECT position FROM outbox")}
    told = {position for position, payload in log.items() if decode(payload).label.rel_to != (node.member,)}
    assert waiting <= told
    return b"\n".join(log[position] for position in sorted(told))


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_names_of_firms_are_nowhere_at_the_other_nodes_nor_in_what_waits_for_them(tmp_path: Path) -> None:
    async with client() as to:
        nodes = make_three(tmp_path, to)
        japan, korea, usa = (nodes[member] for member in ("JPN", "KOR", "USA"))
        async with run_nodes(japan, korea):
            firms = [firm(f"F{number}", f"{CANARY} {number}", "AUS", ALIAS) for number in range(3)]
            provisions = [share(one.key, "N1", 12.0) for one in firms]
            filed = notice(firms=(FirmNamed(CANARY, (ALIAS,), "AUS", "makes all of it"),))
            for command, ask in (
                ("supply/put-dataset", header()),
                ("supply/put-rows", rows(providers=firms, provisions=provisions)),
                ("supply/file-notice", filed),
                ("supply/share-dependence", ShareDependenceAsk(Basis.HEADQUARTERS, EVERYONE)),
            ):
                await japan.live.ask(japan.to, command, ask, f"{command}:0001")
            named = notice("jpn-2026-2", cause=f"A fire at {ALIAS}.")
            assert "NamesFirm" in await refusal(japan.live, japan.to, "supply/file-notice", named)

            told = leaving(japan)
            assert b"supply.notice.v1" in told
            assert b"supply.dependence.v1" in told
            assert [word for word in WORDS if word in told] == []
            async with run_nodes(usa):
                for node in (korea, usa):
                    await seen(lambda node=node: has_all(node), f"what Japan told, in {node.member}")
        assert all(word in bytes_of(japan) for word in WORDS)
        for node in (korea, usa):
            held = bytes_of(node)
            assert b"Gallium is not delivered" in held
            assert [word for word in WORDS if word in held] == []


async def has_all(node: Node) -> bool:
    notices = await node.live.look(node.to, "supply/notices", Notices)
    shared = await node.live.look(node.to, "supply/shared", Shared)
    return [one.firms for one in notices.notices] == [()] and bool(shared.inputs)
