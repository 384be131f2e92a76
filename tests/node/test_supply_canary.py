"""The names of firms that one member works with are nowhere in what leaves its node, nor at the others."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct
from tests.instruments.supply.trade import EVERYONE, START, firm, header, notice, rows, share
from tests.node.worlds import Worlds, check_log, exchange, opened

from laurel.core.instrument import Role
from laurel.instruments.supply import INSTRUMENT
from laurel.instruments.supply.records import FirmNamed
from laurel.instruments.supply.sharing import ShareDependenceAsk
from laurel.instruments.supply.stocks import PutStockAsk
from laurel.instruments.supply.words import Basis
from laurel.node.asked import Asked
from laurel.node.author import Author
from laurel.node.outbox import Outbox
from laurel.node.world import World

CANARY, ALIAS = "Zymurgic Canary", "Canarius Zymurgicus"
WORDS = (b"anary", b"anarius", b"ymurgic")
ANALYST = Author("officer:mori", frozenset({Role.ANALYST, Role.RELEASE_AUTHORITY}))


def say(world: World, command: str, ask: Struct) -> None:
    world.say(Asked(ANALYST, f"supply/{command}", ask, f"{command}:1"))
    while world.react():
        pass


def bytes_at(folder: Path, member: str) -> bytes:
    """Every byte of that member's database, with what SQLite keeps beside it."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob(f"{member}.db*")))


def test_firms_are_nowhere_in_the_outbox_nor_in_any_byte_of_the_others_databases(worlds: Worlds) -> None:
    worlds.clock.at = START
    japan, korea, usa = (worlds.open(member, INSTRUMENT) for member in ("JPN", "KOR", "USA"))
    firms = [firm(f"F{number}", f"{CANARY} {number}", "AUS", ALIAS) for number in range(3)]
    provisions = [share(one.key, "N1", 12.0) for one in firms]
    say(japan, "put-dataset", header())
    say(japan, "put-rows", rows(providers=firms, provisions=provisions))
    say(japan, "put-stock", PutStockAsk("Ore", 20.0, 20.0, 3.0, 3.0, source=f"told by {CANARY}"))
    say(japan, "file-notice", notice(firms=(FirmNamed(CANARY, (ALIAS,), "AUS", "makes all"),), label=EVERYONE))
    say(japan, "share-dependence", ShareDependenceAsk(Basis.HEADQUARTERS, EVERYONE))

    for peer in ("KOR", "USA"):
        waiting = Outbox(japan).waiting(peer, 1_000)
        carried = b"".join(one.payload for parcel in waiting for one in opened(parcel.wrapped, peer).records)
        assert b"supply.notice.v1" in carried
        assert b"supply.dependence.v1" in carried
        assert [word for word in WORDS if word in carried] == []

    exchange(japan, korea, usa)
    assert check_log(korea) == check_log(usa)
    assert all(word in bytes_at(worlds.folder, "JPN") for word in WORDS)
    for peer in ("KOR", "USA"):
        held = bytes_at(worlds.folder, peer)
        assert b"Gallium is not delivered" in held
        assert [word for word in WORDS if word in held] == []
