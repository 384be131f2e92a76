"""Calendars at addresses of their own, and the dialogue's pages to print: at a node's doors and at its terminal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import icalendar
import pytest
from tests.nodes.door import Served, served
from typer.testing import CliRunner

from laurel.cli import app
from laurel.core.instrument import Role

OPEN = {"classification": "UNCLASSIFIED", "rel_to": ["JPN", "KOR", "USA"], "caveats": []}
SECRET = {**OPEN, "classification": "SECRET"}
HOME = {"classification": "RESTRICTED", "rel_to": ["JPN"], "caveats": []}
MAKER = (Role.WATCH_OFFICER, Role.PRINCIPAL)


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

    async def say(self, command: str, ask: dict[str, Any], name: str) -> str:
        token = (self.folder / "token").read_text()
        headers = {"Authorization": f"Bearer {token}", "Ask-Id": f"test:{name:0>8}"}
        answer = await self.node.ask(f"/camp-david/dialogue/{command}", ask, headers)
        assert answer.is_success, answer.text
        return answer.json()["records"][0]

    async def read(self, address: str) -> httpx.Response:
        """As a calendar program does: with nothing but the address."""
        async with httpx.AsyncClient(timeout=15.0, trust_env=False) as program:
            return await program.get(address)


@asynccontextmanager
async def desk(folder: Path) -> AsyncGenerator[Desk]:
    async with served(folder) as node:
        (folder / "token").write_text(node.people.program("test", MAKER))
        yield Desk(node, folder)


def meeting_at(begins_at: datetime, title: str, label: dict[str, Any]) -> dict[str, Any]:
    times = {"begins_at": begins_at.isoformat(), "ends_at": (begins_at + timedelta(hours=2)).isoformat()}
    facts = {"series": "foreign-ministers", "title": title, "language": "en", "place": "Washington"}
    return {**facts, **times, "time_zone": "America/New_York", "host": "USA", "label": label}


def titles(answer: httpx.Response) -> dict[str, Any]:
    assert answer.is_success, answer.text
    return {str(one["SUMMARY"]): one for one in icalendar.Calendar.from_ical(answer.content).events}


def kept_in(folder: Path) -> bytes:
    """All that the node keeps of people, and of this world."""
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file() and file.name != "token")


async def test_a_calendar_is_read_at_its_address_moves_with_the_meeting_and_ends_when_revoked(tmp_path: Path) -> None:
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=90)
    async with desk(tmp_path) as here:
        await here.say("declare-charter", {"label": OPEN}, "charter")
        meeting = await here.say("convene", meeting_at(at, "Autumn", OPEN), "autumn")
        await here.say("convene", meeting_at(at, "Between us", SECRET), "secret")
        made = await here.run(
            *("calendar", "make", "Minister's office", "--tier", "ministers"),
            *("--ceiling", "RESTRICTED", "--days", "30"),
        )
        answer = await here.read(made["address"])
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        found = titles(answer)
        assert found["Autumn"]["DTSTART"].dt == at
        assert found["Autumn"]["SEQUENCE"] == 0
        # Above the ceiling, of another tier.
        assert not {"Between us", "Leaders"} & found.keys()
        assert {"Foreign Ministers", "Share missile warning data on DPRK launches in real time"} & found.keys()
        moved = at + timedelta(days=7)
        ask = {"meeting": meeting, "begins_at": moved.isoformat(), "ends_at": (moved + timedelta(hours=1)).isoformat()}
        await here.say("move-meeting", {**ask, "reason": "a storm"}, "moved")
        again = titles(await here.read(made["address"]))["Autumn"]
        assert (again["DTSTART"].dt, again["SEQUENCE"]) == (moved, 1)
        assert again["UID"] == found["Autumn"]["UID"] == f"{meeting}@camp-david"
        [row] = (await here.run("calendar", "list"))["calendars"]
        assert row == made["calendar"]
        assert (row["tier"], row["ceiling"], row["made_by"]) == ("ministers", "RESTRICTED", "program:test")
        assert await here.run("calendar", "revoke", row["id"]) == {"calendars": []}
        ended = await here.read(made["address"])
        never = await here.read(made["address"].replace("/calendar/", "/calendar/x"))
        assert (ended.status_code, ended.text) == (never.status_code, never.text)
        assert ended.status_code == 404
        lines = await here.node.audit()
        told = [(line.decision, line.author) for line in lines if "calendar" in f"{line.decision} {line.author}"]
        assert ("calendar-made", "program:test") in told
        assert ("saw", f"calendar:{row['id']}") in told
        assert ("calendar-revoked", "program:test") in told
        assert ("calendar-refused", "127.0.0.1") in told
        token = made["address"].rpartition("/")[2].removesuffix(".ics")
        assert all(token not in f"{line}" for line in lines)
        assert token.encode() not in kept_in(tmp_path)


@pytest.mark.attack("calendar")
async def test_only_who_may_release_makes_an_address_and_its_token_opens_nothing_else(tmp_path: Path) -> None:
    ask = {"name": "x", "tier": "leaders", "ceiling": "SECRET", "days": 1}
    async with served(tmp_path) as node:
        for roles in ((Role.WATCH_OFFICER,), (Role.ANALYST, Role.AUDITOR)):
            assert (await node.ask("/camp-david/calendar/make", ask, node.bearer(*roles))).status_code == 403
        assert (await node.ask("/camp-david/calendar/make", ask, {})).status_code == 401
        maker = node.bearer(Role.RELEASE_AUTHORITY)
        for wrong in ({"days": 0}, {"days": 4_000}, {"tier": "kings"}, {"ceiling": "COSMIC"}, {"more": 1}):
            assert (await node.ask("/camp-david/calendar/make", {**ask, **wrong}, maker)).status_code == 400
        made = (await node.ask("/camp-david/calendar/make", ask, maker)).json()
        token = made["address"].rpartition("/")[2].removesuffix(".ics")
        for path in ("docket", "dialogue/series", "calendar"):
            answer = await node.look(f"/camp-david/{path}", {"Authorization": f"Bearer {token}"})
            assert answer.status_code == 401
        assert (await node.look(f"/camp-david/calendar/{token}", {})).status_code == 404
        assert (await node.look(f"/camp-david/calendar/{token}.ics", {})).is_success
        gone = [(await node.look(f"/camp-david/calendar/{token}.ics", {})).status_code for _ in range(30)]
        assert gone.count(200) >= 15
        assert gone[-1] == 429


async def test_a_dossier_and_minutes_are_printed_with_their_labels_and_languages(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await a_signed_dossier_is_printed(here, tmp_path)
        await minutes_are_printed(here, tmp_path)


async def a_signed_dossier_is_printed(here: Desk, tmp_path: Path) -> None:
    await here.say("open-office", {"office": "Minister for Foreign Affairs", "label": OPEN}, "office")
    await here.say("declare-charter", {"label": OPEN}, "charter")
    promise = {"office": "Minister for Foreign Affairs", "words": "<b>港</b>を開く", "language": "ja"}
    await here.say("commit", {**promise, "topic": "ports", "label": HOME}, "promise")
    dossier = await here.run("dialogue", "dossier", "--office", "Minister for Foreign Affairs")
    signed = {"office": "Minister for Foreign Affairs", "holder": "伊藤", "sha256": dossier["sha256"]}
    await here.say("sign-dossier", {**signed, "part": "leaving"}, "leaving")
    out = tmp_path / "dossier.html"
    await here.run("dialogue", "print-dossier", "Minister for Foreign Affairs", "--out", out)
    page = out.read_text()
    assert page.count("RESTRICTED//REL TO JPN") >= 3
    assert dossier["sha256"] in page
    assert "伊藤" in page
    assert '<div class="text" lang="ja">&lt;b&gt;港&lt;/b&gt;を開く</div>' in page
    assert "Foreign Ministers&#x27; Meeting in Kuala Lumpur" in page
    assert "<script" not in page
    later = {**promise, "words": "Later", "language": "en", "topic": "ports", "label": OPEN}
    await here.say("commit", later, "later")
    then = tmp_path / "then.html"
    as_signed = ("--sha256", dossier["sha256"], "--out", then)
    await here.run("dialogue", "print-dossier", "Minister for Foreign Affairs", *as_signed)
    assert "Later" not in then.read_text()
    assert "as it was signed" in then.read_text()
    assert "no such thing" in await here.run("dialogue", "print-dossier", "Nobody", "--out", out, fails=True)
    exported = [line for line in await here.node.audit() if line.decision == "exported"]
    assert {(line.author, line.policy) for line in exported} == {("program:test", "dialogue/dossier")}


async def minutes_are_printed(here: Desk, folder: Path) -> None:
    out = folder / "minutes.html"
    at = datetime.now(UTC) + timedelta(seconds=1)
    meeting = await here.say("convene", meeting_at(at, "Spring <i>", OPEN), "spring")
    item = {"title": "鉱物", "language": "ja"}
    await here.say("set-agenda", {"meeting": meeting, "language": "ja", "items": [item], "label": OPEN}, "agenda")
    await asyncio.sleep(1.0)
    versions = [{"language": "ja", "text": "合意した。"}, {"language": "ko", "text": "합의했다."}]
    action = {"member": "JPN", "office": "Ports", "words": "Open the port", "language": "en", "topic": "ports"}
    minutes = {"meeting": meeting, "versions": versions, "label": SECRET, "actions": [action]}
    await here.say("take-minutes", minutes, "minutes")
    await here.run("dialogue", "print-minutes", meeting, "--out", out)
    page = out.read_text()
    assert page.count('<div class="banner">SECRET//REL TO USA, JPN, KOR</div>') == 2
    assert '<h1 lang="en">Spring &lt;i&gt;</h1>' in page
    assert '<div class="text original" lang="ja">合意した。</div>' in page
    assert '<div class="text" lang="ko">합의했다.</div>' in page
    assert "Open the port" in page
    assert "America/New_York" in page
    answer = await here.node.ask("/camp-david/dialogue/minutes/page?meeting=zz", {}, here.node.bearer(Role.PRINCIPAL))
    assert answer.status_code == 400
