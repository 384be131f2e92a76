"""The doors against their own description: Schemathesis makes asks that fit the OpenAPI document and asks that do not.

No answer is a fault of ours, nothing that the document forbids is taken, and memory stays flat. Hypothesis makes the
asks; they reach the doors in process, without a socket. As many as one has time for:

    python -m tests.nodes.test_door_schema 300000
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from tests.nodes.door import Served, served

from laurel.api.door import RATES, Rates
from laurel.core.instrument import Role
from laurel.node.people.limits import Rate

WIDE = Rate(1e9, 1e9)
UNLIMITED = Rates(asks=WIDE, sign_ins=WIDE, refusals=RATES.refusals, streams=16)
OFFICERS = tuple(role for role in Role if role not in {Role.NODE, Role.SENSOR})
GROWS_AT_MOST_KB = 150_000


class Knocking:
    """Who knocks: nobody, or an officer with every role, who signs in again whenever an ask has ended the session."""

    def __init__(
        self, node: Served, to: httpx.AsyncClient, loop: asyncio.AbstractEventLoop, *, signed_in: bool
    ) -> None:
        self._node = node
        self._to = to
        self._loop = loop
        self._signed_in = signed_in
        self._page: dict[str, str] = {}
        self.statuses: Counter[str] = Counter()

    def knock(self, case: Any, mode: GenerationMode) -> None:
        """Ask, and judge the answer."""
        asked = case.as_transport_kwargs(base_url="http://127.0.0.1")
        body = asked.get("data")
        if "json" in asked:
            body = json.dumps(asked["json"]).encode(errors="surrogatepass")
        given_headers = {name: value for name, value in asked["headers"].items() if not name.startswith("X-Schema")}
        try:
            request = self._to.build_request(
                asked["method"],
                asked["url"],
                params=asked.get("params"),
                content=body,
                headers=given_headers | self._page,
            )
        except (ValueError, TypeError, httpx.InvalidURL):
            self.statuses["no HTTP"] += 1
            return
        answer = asyncio.run_coroutine_threadsafe(self._to.send(request), self._loop).result()
        # Nobody stays nobody: what an answer sets (a new session, say) is not sent along with the next ask.
        self._to.cookies.clear()
        self.statuses[f"{answer.status_code // 100}xx"] += 1
        told = f"{asked['method']} {request.url} {body!r:.500}: {answer.status_code} {answer.text:.300}"
        assert answer.status_code < 500, told
        if mode is GenerationMode.NEGATIVE or not self._signed_in:
            assert not answer.is_success, told
        if answer.status_code in {401, 423} and self._signed_in:
            self.sign_in()

    def sign_in(self) -> None:
        """As the officer, at a new page."""
        people, now = self._node.people, datetime.now(UTC)
        if not people.officers.known("fuzzed"):
            people.officers.add("fuzzed", "", OFFICERS, now)
        token = people.sessions.open("fuzzed", "link", now)
        page = {"Origin": "http://127.0.0.1", "Sec-Fetch-Site": "same-origin", "Laurel-Console": "1"}
        self._page = {**page, "Cookie": f"laurel-jpn={token}"}


def drive(node: Served, to: httpx.AsyncClient, loop: asyncio.AbstractEventLoop, each: int) -> Counter[str]:
    """So many asks of each operation in each way: those that fit and those that do not, by an officer and by nobody."""
    get = asyncio.run_coroutine_threadsafe(to.get("http://127.0.0.1/schema/openapi.json"), loop)
    schema = schemathesis.openapi.from_dict(get.result().json())
    statuses: Counter[str] = Counter()
    for signed_in in (True, False):
        knocking = Knocking(node, to, loop, signed_in=signed_in)
        if signed_in:
            knocking.sign_in()
        operations: list[Any] = [found.ok() for found in cast("Any", schema).get_all_operations()]
        for operation in operations:
            # What has no body has nothing that the description could forbid.
            for mode in GenerationMode if list(operation.body) else (GenerationMode.POSITIVE,):
                _fuzz(knocking, operation, mode, each)
        statuses += knocking.statuses
    return statuses


def _fuzz(knocking: Knocking, operation: Any, mode: GenerationMode, each: int) -> None:
    @settings(
        max_examples=each,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=cast("Any", list(HealthCheck)),
        derandomize=each < 1_000,
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def knock(case: Any) -> None:
        knocking.knock(case, mode)

    knock()


async def fuzz(folder: Path, each: int) -> tuple[Counter[str], int]:
    """The answers by class, and how many kB this program has grown since a tenth of it was done."""
    async with served(folder, rates=UNLIMITED) as node:
        transport = httpx.ASGITransport(app=cast("Any", node.app), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, timeout=60.0) as to:
            loop = asyncio.get_running_loop()
            statuses = await asyncio.to_thread(drive, node, to, loop, max(1, each // 10))
            before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            statuses += await asyncio.to_thread(drive, node, to, loop, each)
            return statuses, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb


@pytest.mark.long
@pytest.mark.attack("injection")
async def test_no_ask_that_the_description_allows_or_forbids_brings_the_doors_down(tmp_path: Path) -> None:
    statuses, _ = await fuzz(tmp_path, 1)
    assert statuses["4xx"] > statuses["2xx"] > 0
    assert not statuses["5xx"]


@pytest.mark.long
@pytest.mark.walk
@pytest.mark.attack("injection")
@pytest.mark.timeout(1_800)
async def test_no_ask_of_thousands_brings_the_doors_down_or_fills_the_memory(tmp_path: Path) -> None:
    statuses, grown_kb = await fuzz(tmp_path, 15)
    assert sum(statuses.values()) > 5_000
    assert grown_kb < GROWS_AT_MOST_KB


def main() -> None:
    """So many asks in all, roughly; what the doors answered."""
    with tempfile.TemporaryDirectory() as folder:
        statuses, grown_kb = asyncio.run(fuzz(Path(folder), max(1, int(sys.argv[1]) // 105)))
    sys.stdout.write(f"{sum(statuses.values())} asks: {dict(statuses)}; grown by {grown_kb} kB\n")


if __name__ == "__main__":
    main()
