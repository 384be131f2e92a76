"""The audit at the door: for auditors alone, page by page, checked and saved; and who looked is in it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from functools import partial
from pathlib import Path

from tests.nodes.door import Served, served

from laurel.core.instrument import Role

VERIFY_AUDIT = Path(__file__).parents[1] / "vectors" / "verify_audit.py"
LOOKS = ("audit", "audit/stand", "audit/hours", "audit/check", "audit/record/7d01c3e97d01c3e9")


async def fill(node: Served, lines: int) -> None:
    station = node.site.station
    subjects = [(f"{number:064x}", "try") for number in range(lines)]
    await station.writing(lambda: station.inner.note("exported", subjects, author="officer:test"))


async def test_only_an_auditor_reads_checks_or_saves_the_audit(tmp_path: Path) -> None:
    async with served(tmp_path) as node:
        watch = node.bearer(Role.WATCH_OFFICER, Role.PRINCIPAL)
        for path in LOOKS:
            answer = await node.look(f"/camp-david/{path}", watch)
            assert (answer.status_code, answer.json()["error"]) == (403, "NotPermitted"), path
        assert (await node.ask("/camp-david/audit/export", {}, watch)).status_code == 403
        assert "asked-refused" in {line.decision for line in await node.audit()}


async def test_an_auditor_pages_checks_and_saves_it_and_a_stranger_checks_what_was_saved(tmp_path: Path) -> None:
    async with served(tmp_path) as node:
        auditor = node.bearer(Role.AUDITOR, name="auditor")
        await fill(node, 3_000)
        last = (await node.look("/camp-david/audit?limit=3", auditor)).json()
        assert len(last["lines"]) == 3
        before = (await node.look(f"/camp-david/audit?limit=3&before={last['before']}", auditor)).json()
        assert before["lines"][-1]["line"] == last["lines"][0]["line"] - 1
        checked = (await node.look("/camp-david/audit/check", auditor)).json()
        beyond = await node.look(f"/camp-david/audit/check?after={2**70}", auditor)
        assert (beyond.status_code, beyond.json()["done"]) == (200, True)
        assert (checked["done"], checked["fault"]) == (True, None)
        saved = await node.ask("/camp-david/audit/export", {}, auditor)
        assert saved.status_code == 200
        assert json.loads(saved.content.splitlines()[0])["node"] == "JPN"
        command = [sys.executable, "-I", str(VERIFY_AUDIT)]
        check = partial(subprocess.run, command, input=saved.content, capture_output=True, check=False)
        assert (await asyncio.to_thread(check)).returncode == 0
        told = {(line.decision, line.author, line.policy) for line in await node.audit()}
        assert ("exported", "program:auditor", "audit/export") in told


async def test_what_cannot_be_looked_for_is_said_and_nothing_is_lost_of_the_rest(tmp_path: Path) -> None:
    async with served(tmp_path) as node:
        auditor = node.bearer(Role.AUDITOR)
        for query in ("limit=0", "limit=100000", "since=yesterday", "colour=red", "before=x"):
            answer = await node.look(f"/camp-david/audit?{query}", auditor)
            assert (answer.status_code, answer.json()["error"]) == (400, "BadField"), query
        assert (await node.look("/camp-david/audit/record/7d01", auditor)).status_code == 400
