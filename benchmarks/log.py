"""How many records a second one world says, receives and folds again, every commit on the disk before it counts.

Two worlds in one process, each with its own database: reports of forks, which go to every member, are said one by
one and 64 in a transaction; the other world receives them in parcels; then its views are made again from its log.
Each figure is the median over parts of the run, beside what one fsync takes on the same disk in the same minute.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from itertools import count, islice
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct, structs

from laurel.border.sealing import SECRET_BYTES, public_bytes, secret_from
from laurel.core.label import Classification
from laurel.core.record import SALT_BYTES, Precedence, key_id
from laurel.core.record import World as WorldName
from laurel.core.roster import Card, Roster, Standing, sealing_key
from laurel.instruments.line import INSTRUMENT as LINE
from laurel.instruments.line.trouble import ReportFork
from laurel.node.asked import Asked
from laurel.node.clock import RealClock
from laurel.node.keep.catalogue import Catalogue
from laurel.node.keep.store import Store
from laurel.node.keep.views import bring_up_to_date, rebuild
from laurel.node.members import Keys
from laurel.node.outbox import Outbox
from laurel.node.policies import house
from laurel.node.world import World

LIVE = WorldName("camp-david")
MEMBERS = ("JPN", "KOR", "USA")
PARTS = 10
ONE_BY_ONE = 150
BATCH = 64
BATCHES = 10
BUDGETS = {"said one by one": 1_000, "said 64 at once": 4_000, "folded again": 25_000}


class Rate(Struct, frozen=True):
    """Records a second, the median over the parts of the run; `budget` is the least that is enough."""

    what: str
    per_s: float
    budget: float | None

    @property
    def holds(self) -> bool:
        """Whether it is enough."""
        return self.budget is None or self.per_s >= self.budget


class Result(Struct, frozen=True):
    """All figures of one run."""

    rates: tuple[Rate, ...]
    records: int
    record_bytes: int
    fsync_p50_ms: float
    fsync_p99_ms: float
    load: float
    cores: int | None
    holds: bool


def measure(folder: Path) -> Result:
    """Run it all in that folder."""
    keys = {code: Ed25519PrivateKey.generate() for code in MEMBERS}
    japan, korea = (_open(folder, code, keys) for code in ("JPN", "KOR"))
    asks = (_ask(japan, number) for number in count())
    _timed(1, lambda: _say(japan, asks, [1] * ONE_BY_ONE))
    fsync_ms = _fsync_times_ms(folder)
    per_s = {
        "said one by one": _timed(PARTS, lambda: _say(japan, asks, [1] * ONE_BY_ONE)),
        "said 64 at once": _timed(PARTS, lambda: _say(japan, asks, [BATCH] * BATCHES)),
    }
    parcels = iter([one.wrapped for one in Outbox(japan).waiting("KOR", 1_000_000)])
    per_s["received in parcels"] = _timed(PARTS, lambda: _receive(korea, parcels))
    per_s["folded again"] = _timed(PARTS, lambda: rebuild(japan.store, japan.catalogue)[2])
    with japan.store.reading() as from_:
        log = japan.store.after(from_, 0, 1_000_000)
    for world in (japan, korea):
        world.store.close()
    rates = tuple(Rate(what, round(rate), BUDGETS.get(what)) for what, rate in per_s.items())
    return Result(
        rates=rates,
        records=len(log),
        record_bytes=round(median(len(one.sealed.payload) for one in log)),
        fsync_p50_ms=round(quantiles(fsync_ms, n=100)[49], 2),
        fsync_p99_ms=round(quantiles(fsync_ms, n=100)[98], 2),
        load=round(os.getloadavg()[0], 1),
        cores=os.cpu_count(),
        holds=all(rate.holds for rate in rates),
    )


def _open(folder: Path, me: str, keys: dict[str, Ed25519PrivateKey]) -> World:
    now = datetime.now(UTC)
    # Everybody's sealing key is the same: none of it is a secret here.
    raw = bytes(SECRET_BYTES)
    seal = sealing_key(0, public_bytes(raw))
    cards = {
        code: Card(code, code, LIVE, key.public_key().public_bytes_raw(), "", "", "", now, seal.name, seal.public)
        for code, key in keys.items()
    }
    roster = Roster(LIVE, me, dict.fromkeys(MEMBERS, Standing.MEMBER), cards)
    catalogue = Catalogue((LINE,))
    store = Store(folder / f"{me}.db", LIVE, catalogue.tables)
    bring_up_to_date(store, catalogue)
    ours = Keys({key_id(keys[me].public_key()): keys[me]}, {seal.name: secret_from(raw)})
    border = house(Classification.SECRET)
    return World(store, catalogue, roster, ours, RealClock(), partial(secrets.token_bytes, SALT_BYTES), border)


def _ask(world: World, number: int) -> Asked:
    report = ReportFork("KOR", MEMBERS, Precedence.ROUTINE, number + 1, secrets.token_hex(32), secrets.token_hex(32))
    return Asked(world.author, "line/report-fork", report, f"benchmark:{number}")


def _say(world: World, asks: Iterable[Asked], sizes: Iterable[int]) -> int:
    said = 0
    for size in sizes:
        for outcome in world.say_many(list(islice(asks, size))):
            if isinstance(outcome, Exception):
                raise outcome
            said += 1
    return said


def _receive(world: World, parcels: Iterable[bytes]) -> int:
    places = [world.receive("JPN", [one]).places for one in islice(parcels, BATCHES)]
    return sum(one["next"] for one in places)


def _timed(parts: int, work: Callable[[], int]) -> float:
    """How many a second the work does, the median over so many parts."""
    rates: list[float] = []
    for _ in range(parts):
        began_s = time.perf_counter()
        done = work()
        rates.append(done / (time.perf_counter() - began_s))
    return median(rates)


def _fsync_times_ms(folder: Path, times: int = 200) -> list[float]:
    """How long that disk takes to have 4 kB safely."""
    took_ms: list[float] = []
    with (folder / "fsync").open("wb", buffering=0) as file:
        for _ in range(times):
            file.write(bytes(4096))
            began_s = time.perf_counter()
            os.fsync(file.fileno())
            took_ms.append(1e3 * (time.perf_counter() - began_s))
    return took_ms


def show(result: Result) -> None:
    """Print it for people."""
    print(f"the log, {result.records} records of {result.record_bytes} bytes:")
    for rate in result.rates:
        verdict = f"{'within' if rate.holds else 'OVER'} the budget of {rate.budget:,g}" if rate.budget else ""
        print(f"  {rate.what:<20}{rate.per_s:>8,g}/s  {verdict}".rstrip())
    print(
        f"  fsync of this disk p50 {result.fsync_p50_ms} ms, p99 {result.fsync_p99_ms} ms; "
        f"load {result.load} on {result.cores} cores"
    )


def main() -> int:
    """0 when the budgets hold."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--folder", type=Path, help="where to write; a temporary folder if not named")
    arguments.add_argument("--json", type=Path, help="write the figures there")
    given = arguments.parse_args()
    with TemporaryDirectory(dir=given.folder) as folder:
        result = measure(Path(folder))
    if given.json:
        given.json.write_text(
            json.dumps(structs.asdict(result) | {"rates": [structs.asdict(one) for one in result.rates]}, indent=1)
        )
    show(result)
    return 0 if result.holds else 1


if __name__ == "__main__":
    sys.exit(main())
