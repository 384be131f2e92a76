"""How long a person waits: for `laurel --help`, and from starting a node to its first page.

Medians of several starts of real processes, with all that is compiled already compiled.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import httpx

from laurel.gateways.demo.nodes import make_nodes
from laurel.node.compact import load_compact

TIMES = 5
WITHIN_S = 60.0
HELP_S = 0.3
PAGE_S = 3.0
LAUREL = (sys.executable, "-m", "laurel.cli")


def help_s() -> float:
    """One `laurel --help`."""
    began_s = time.perf_counter()
    subprocess.run([*LAUREL, "--help"], check=True, capture_output=True)
    return time.perf_counter() - began_s


def page_s(folder: Path) -> float:
    """From starting a node, made before, to the bytes of its page."""
    made = make_nodes(folder, load_compact("camp-david"))[0]
    began_s = time.perf_counter()
    with made.log.open("ab") as log:
        node = subprocess.Popen([*LAUREL, "node", str(made.layout.folder)], stdout=log, stderr=log)
    try:
        while time.perf_counter() - began_s < WITHIN_S:
            try:
                if httpx.get(f"{made.live.url}/", trust_env=False).is_success:
                    return time.perf_counter() - began_s
            except httpx.TransportError:
                time.sleep(0.01)
    finally:
        node.terminate()
        node.wait()
    raise SystemExit(f"no page within {WITHIN_S:.0f} s: {made.log.read_text()}")


def main() -> int:
    """0 when the budgets hold."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--json", action="store_true", help="print JSON")
    as_json: bool = arguments.parse_args().json
    helped = median(help_s() for _ in range(TIMES))
    pages: list[float] = []
    for _ in range(TIMES):
        with tempfile.TemporaryDirectory() as folder:
            pages.append(page_s(Path(folder)))
    result = {"help_s": round(helped, 3), "page_s": round(median(pages), 2)}
    if as_json:
        print(json.dumps(result))
    else:
        print(f"laurel --help      {result['help_s']:.2f} s  (budget {HELP_S} s)")
        print(f"node to its page   {result['page_s']:.2f} s  (budget {PAGE_S} s)")
    return 0 if helped <= HELP_S and median(pages) <= PAGE_S else 1


if __name__ == "__main__":
    raise SystemExit(main())
