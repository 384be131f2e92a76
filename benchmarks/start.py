"""How soon the terminal answers, and how soon a node that was there before shows its first page."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import httpx
from msgspec import Struct, structs

from laurel.gateways.demo.nodes import DemoNode, make_nodes
from laurel.node.home.compact import load_compact

BUDGET_HELP_S, BUDGET_PAGE_S = 0.3, 3.0
GIVE_UP_S = 60.0
LOOK_EVERY_S = 0.005


class Result(Struct, frozen=True):
    """Seconds: the median of `runs`, and the longest of them."""

    runs: int
    help_s: float
    help_worst_s: float
    page_s: float
    page_worst_s: float
    load: float
    holds: bool


def time_help() -> float:
    """Seconds that `laurel --help` takes, from the command to its end."""
    began_s = time.perf_counter()
    subprocess.run([laurel(), "--help"], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began_s


def laurel() -> str:
    """The command beside this Python."""
    return str(Path(sys.executable).with_name("laurel"))


def time_page(node: DemoNode) -> float:
    """Seconds from starting the node's process until its page has come whole, with its script and its style."""
    began_s = time.perf_counter()
    with running(node), httpx.Client(trust_env=False) as to:
        page = _page(node, to, began_s)
        for asset in _assets(page.text):
            to.get(page.url.join(asset)).raise_for_status()
        return time.perf_counter() - began_s


@contextmanager
def running(node: DemoNode) -> Generator[None]:
    """The node's process."""
    with node.log.open("ab") as log:
        child = subprocess.Popen([laurel(), "node", node.layout.folder], stdout=log, stderr=log)
        try:
            yield
        finally:
            child.terminate()
            child.wait()


def _page(node: DemoNode, to: httpx.Client, began_s: float) -> httpx.Response:
    while True:
        try:
            page = to.get(f"{node.live.url}/")
        except httpx.TransportError:
            if time.perf_counter() - began_s > GIVE_UP_S:
                raise SystemExit(f"the node did not answer: {node.last_words}") from None
            time.sleep(LOOK_EVERY_S)
        else:
            return page.raise_for_status()


def _assets(page: str) -> list[str]:
    """What the page itself loads at once."""
    return [
        part.partition('"')[0] for part in page.replace('href="', 'src="').split('src="')[1:] if "assets/" in part[:20]
    ]


def measure(folder: Path, runs: int) -> Result:
    """The medians of so many runs. The first of each is thrown away: it warms the disk's cache."""
    node = make_nodes(folder, load_compact("camp-david"))[0]
    helps = [time_help() for _ in range(runs + 1)][1:]
    pages = [time_page(node) for _ in range(runs + 1)][1:]
    return Result(
        runs=runs,
        help_s=round(median(helps), 3),
        help_worst_s=round(max(helps), 3),
        page_s=round(median(pages), 2),
        page_worst_s=round(max(pages), 2),
        load=round(os.getloadavg()[0], 1),
        holds=median(helps) <= BUDGET_HELP_S and median(pages) <= BUDGET_PAGE_S,
    )


def show(result: Result) -> None:
    """Print it for people."""
    print(
        f"laurel --help: {result.help_s} s (worst {result.help_worst_s} s), budget {BUDGET_HELP_S} s\n"
        f"node start to first page: {result.page_s} s (worst {result.page_worst_s} s), budget {BUDGET_PAGE_S} s\n"
        f"  medians of {result.runs} runs; {'within' if result.holds else 'OVER'} the budgets; "
        f"load {result.load} on {os.cpu_count()} cores"
    )


def main() -> int:
    """0 when the budgets hold."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--runs", type=int, default=7, help="how many of each")
    arguments.add_argument("--json", type=Path, help="write the figures there")
    given = arguments.parse_args()
    with TemporaryDirectory() as folder:
        result = measure(Path(folder), given.runs)
    if given.json:
        given.json.write_text(json.dumps(structs.asdict(result), indent=1))
    show(result)
    return 0 if result.holds else 1


if __name__ == "__main__":
    sys.exit(main())
