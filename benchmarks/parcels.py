"""What sealing and opening a parcel costs: one short record, a full parcel of 64, and the largest.

The seal stands alone, without disk or network: what it takes from the way of a record between two members. Each figure
is processor time, the median over parts of the run.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from msgspec import Struct, structs

from laurel.border.parcel import Parcel, open_parcel, seal_parcel
from laurel.border.sealing import SECRET_BYTES, public_bytes, secret_from
from laurel.core.record import Precedence, Sealed
from laurel.core.roster import sealing_key

MEMBERS = ("JPN", "KOR", "USA")
WORLD = "camp-david"
SIZES = {"1 record of 1 kB": (1, 1_000), "64 records of 1 kB": (64, 1_000), "2 records of 256 kB": (2, 256_000)}
PARTS = 9
TIMES = 100


class Cost(Struct, frozen=True):
    """Microseconds to seal and to open one parcel, its bytes, and how many of them the seal and its padding add."""

    what: str
    seal_us: float
    open_us: float
    wrapped_bytes: int
    added_bytes: int


def measure() -> list[Cost]:
    """Each size in turn."""
    raw = os.urandom(SECRET_BYTES)
    key = sealing_key(0, public_bytes(raw))
    secrets = {key.name: secret_from(raw)}
    costs: list[Cost] = []
    for what, (many, size) in SIZES.items():
        records = tuple(Sealed(os.urandom(size), bytes(64), "0" * 32) for _ in range(many))
        parcel = Parcel("JPN", MEMBERS, Precedence.FLASH, records)
        wrapped = seal_parcel(parcel, WORLD, "JPN", "KOR", key)
        costs.append(
            Cost(
                what,
                round(_timed_us(lambda one=parcel: seal_parcel(one, WORLD, "JPN", "KOR", key)), 1),
                round(_timed_us(lambda one=wrapped: open_parcel(one, WORLD, "KOR", secrets)), 1),
                len(wrapped),
                len(wrapped) - many * (size + 64 + 32),
            )
        )
    return costs


def _timed_us(work: Callable[[], object]) -> float:
    took_us: list[float] = []
    for _ in range(PARTS):
        began_s = time.process_time()
        for _ in range(TIMES):
            work()
        took_us.append(1e6 * (time.process_time() - began_s) / TIMES)
    return median(took_us)


def main() -> int:
    """Always 0: the budget is the whole way's, in end_to_end.py."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--json", type=Path, help="write the figures there")
    given = arguments.parse_args()
    costs = measure()
    if given.json:
        given.json.write_text(json.dumps([structs.asdict(one) for one in costs], indent=1))
    for one in costs:
        print(
            f"  {one.what:<22} sealed in {one.seal_us:>7,g} us, opened in {one.open_us:>7,g} us; "
            f"{one.wrapped_bytes:>8,} bytes, {one.added_bytes:,} of them added"
        )
    print(f"  load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return 0


if __name__ == "__main__":
    sys.exit(main())
