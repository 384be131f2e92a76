"""Files at a node's doors and at its terminal: attachments in parts, exports as signed bundles and pages."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.gateways.talk import CONSULTATION, JAPANESE, say, stated
from tests.nodes.door import Served, served
from tests.nodes.three import laurel, seen, three_nodes
from typer.testing import CliRunner

from laurel.cli import app
from laurel.core.instrument import Role
from laurel.core.label import Classification, label
from laurel.core.record import Draft
from laurel.gateways.bundle import check
from laurel.instruments.consult.records import ConsultationRequest, JointStatement
from laurel.instruments.consult.words import Ground, Level
from laurel.instruments.hotline.attachments import parts_of
from laurel.instruments.hotline.records import MAX_PART_BYTES, PART, Delivered, Message, Translation

HOME = label(Classification.SECRET, {"JPN"})
PUBLIC = label(Classification.UNCLASSIFIED, {"JPN"})
CONTENT = bytes(range(256)) * 1_300
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@dataclass(frozen=True)
class Desk:
    """A node, and a terminal at it."""

    node: Served
    folder: Path

    async def run(self, *arguments: str | Path, fails: bool = False) -> Any:
        """What a verb prints as JSON; or, where it must fail, its complaint."""
        given = [*map(str, arguments), "--json"]
        if arguments[0] != "bundle":
            given += ["--url", self.node.url, "--token", str(self.folder / "token")]
        ran = await asyncio.to_thread(CliRunner().invoke, app, given)
        assert (ran.exit_code != 0) is fails, f"{ran.output}{ran.exception!r}"
        return f"{ran.exception}" if fails else json.loads(ran.stdout)

    def parts(self) -> int:
        """How many parts the log holds."""
        store = self.node.site.station.inner.store
        with store.reading() as from_:
            return len(store.of_kind(from_, PART.name))

    async def say(self, *drafts: Draft) -> list[str]:
        station = self.node.site.station
        return await station.writing(lambda: say(station.inner, "officer:sato", *drafts))

    async def attach(self, index: int, **more: Any) -> httpx.Response:
        """One part of the file, asked for without the terminal."""
        ask: dict[str, Any] = {
            "to": [],
            "classification": "SECRET",
            "sha256": SHA256,
            "size": len(CONTENT),
            "index": index,
        }
        part = CONTENT[index * MAX_PART_BYTES : (index + 1) * MAX_PART_BYTES]
        ask |= {"parts": parts_of(len(CONTENT)), "content": base64.b64encode(part).decode(), **more}
        token = (self.folder / "token").read_text()
        headers = {"Authorization": f"Bearer {token}", "Ask-Id": f"part:{index}:{len(more)}"}
        return await self.node.ask("/camp-david/hotline/attach", ask, headers)


def files_in(folder: Path, pattern: str) -> list[Path]:
    return list(folder.glob(pattern))


@asynccontextmanager
async def desk(folder: Path) -> AsyncGenerator[Desk]:
    async with served(folder) as node:
        token = node.people.program("test", [Role.WATCH_OFFICER, Role.RELEASE_AUTHORITY])
        (folder / "token").write_text(token)
        yield Desk(node, folder)


async def test_a_file_goes_up_in_parts_goes_on_where_it_broke_off_and_comes_down_whole(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        (tmp_path / "地図.pdf").write_bytes(CONTENT)
        assert (await at.attach(1)).is_success
        assert (await at.attach(1, caveats=[])).json()["records"] == []
        too_early = await at.run("hotline", "download", SHA256, "--to", tmp_path / "early", fails=True)
        assert "not here whole" in too_early
        assert files_in(tmp_path, "early*") == []
        made = await at.run("hotline", "upload", tmp_path / "地図.pdf", "--to", "", "--classification", "SECRET")
        assert made == {"sha256": SHA256, "name": "地図.pdf", "media_type": "application/pdf", "size": len(CONTENT)}
        assert at.parts() == parts_of(len(CONTENT)) == 3
        await at.run("hotline", "upload", tmp_path / "地図.pdf", "--to", "", "--classification", "SECRET")
        assert at.parts() == 3
        await at.run("hotline", "download", SHA256, "--to", tmp_path / "again.pdf")
        assert (tmp_path / "again.pdf").read_bytes() == CONTENT
        assert files_in(tmp_path, "*.part") == []


@pytest.mark.attack("attachment")
async def test_a_download_is_for_saving_only_and_only_for_who_is_signed_in(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        for index in range(parts_of(len(CONTENT))):
            assert (await at.attach(index)).is_success
        path, headers = f"/camp-david/hotline/attachments/{SHA256}", at.node.bearer(Role.ANALYST)
        got = await at.node.look(f"{path}?name=../../%22%0d%0aX-Evil:1%E2%80%AEfdp.exe", headers)
        assert got.content == CONTENT
        assert got.headers["content-type"] == "application/octet-stream"
        assert got.headers["x-content-type-options"] == "nosniff"
        assert got.headers["content-security-policy"].startswith("default-src 'none'")
        called = got.headers["content-disposition"]
        assert called == f"attachment; filename=\"{SHA256[:16]}\"; filename*=UTF-8''X-Evil1fdp.exe"
        assert "x-evil" not in got.headers
        assert (await at.node.look(path, {})).status_code == 401
        assert (await at.node.look(path, at.node.sensor("NORTH"))).status_code == 403
        assert (await at.node.look(path[:-1] + "g", headers)).status_code == 400
        assert (await at.node.look(path[:-64] + "0" * 64, headers)).status_code == 404
        looks = [line.policy for line in await at.node.audit() if line.decision == "saw"]
        assert "hotline/attachments" in looks


async def test_a_conversation_is_exported_signed_audited_and_checked_without_a_node(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        [opening] = await at.say(Draft(Message("ja", JAPANESE, subject="発射 <b>"), HOME))
        more = (Delivered(opening), Translation(opening, "en", "They <launched>.", "engine", engine=True))
        await at.say(*(Draft(body, HOME) for body in more), Draft(Message("ja", "別の話", subject="別"), HOME))
        bundle, page, card = tmp_path / "talk.jsonl", tmp_path / "talk.html", tmp_path / "JPN.card"
        wrote = await at.run("hotline", "export", opening, "--bundle", bundle, "--page", page)
        assert wrote["label"] == "SECRET//REL TO JPN"
        opened = check(bundle.read_bytes())
        assert opened.verdict.faults == ()
        kinds = {record.kind for _, record in opened.records}
        assert kinds >= {"hotline.message.v1", "hotline.delivered.v1", "hotline.translation.v1"}
        assert "別の話".encode() not in b"".join(sealed.payload for sealed, _ in opened.records)
        printed = page.read_text()
        assert "DRAFT" in printed
        assert "They &lt;launched&gt;." in printed
        assert hashlib.sha256(bundle.read_bytes()).hexdigest() in printed
        [line] = [line for line in await at.node.audit() if line.decision == "exported"]
        assert (line.author, line.record, line.policy) == ("program:test", opening, "hotline/export")
        card.write_bytes(at.node.site.layout.world(at.node.site.station.world).card("JPN").read_bytes())
        found = await at.run("bundle", "verify", bundle, "--card", card)
        assert found["signers"][0]["rests_on"] == "given"
        assert f"JPN signed {wrote['records']} records: by the card or key that you gave." in found["proven"]
        bundle.write_bytes(bundle.read_bytes().replace(b'"keyid":"', b'"keyid": "', 1))
        assert "does not hold" in await at.run("bundle", "verify", bundle, fails=True)
        url = f"/camp-david/hotline/export/{opening}/page"
        answer = await at.node.ask(url, None, at.node.bearer(Role.AUDITOR, name="auditor"))
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'unsafe-inline'")
        assert (await at.node.ask(url, None, at.node.bearer(Role.ANALYST, name="analyst"))).status_code == 403
        assert (await at.node.ask(url, None, {})).status_code == 401
        assert "no such thing" in await at.run("hotline", "export", "0" * 64, "--bundle", bundle, fails=True)


CANARIES = ("CANARY-subject", "CANARY-opinion", "CANARY-message", "CANARY-other-statement")


@pytest.mark.attack("publishing")
async def test_nothing_but_the_joint_statement_is_published(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        request = ConsultationRequest(
            "CANARY-subject", Ground.THREAT, Level.MINISTER, "en", "CANARY-opinion", ("JPN",), 600
        )
        other = stated("JPN", consultation="b" * 64, text_hash="a" * 64, compact="CANARY-other-statement")
        drafts = [Draft(request, HOME), Draft(Message("en", "CANARY-message", subject="x"), HOME), Draft(other, PUBLIC)]
        await at.say(*drafts, Draft(stated("JPN"), PUBLIC))
        file, page = tmp_path / "statement.jsonl", tmp_path / "statement.html"
        await at.run("consult", "publish", CONSULTATION, "--file", file, "--page", page)
        inside = b"".join(base64.b64decode(json.loads(line)["payload"]) for line in file.read_bytes().splitlines())
        for canary in (*CANARIES, "127.0.0.1", "BEGIN CERTIFICATE"):
            assert canary.encode() not in inside + file.read_bytes()
            assert canary not in page.read_text()
        public = at.node.site.station.inner.key.public_key().public_bytes_raw().hex()
        found = await at.run("bundle", "verify", file, "--key", f"JPN={public}")
        assert (found["stated_by"], found["not_stated_by"]) == (["JPN"], ["KOR", "USA"])
        assert found["signers"][0]["rests_on"] == "given"
        assert "another key" in await at.run("bundle", "verify", file, "--key", f"JPN={'0' * 64}", fails=True)
        [line] = [line for line in await at.node.audit() if line.decision == "exported"]
        assert line.policy == "consult/publish"


@pytest.mark.attack("publishing")
async def test_a_statement_that_was_not_said_as_unclassified_is_not_published(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        statement: JointStatement = stated("JPN")
        await at.say(Draft(statement, HOME))
        said = await at.run("consult", "publish", CONSULTATION, "--file", tmp_path / "no", fails=True)
        assert "not said as unclassified" in said
        assert not (tmp_path / "no").exists()


@pytest.mark.long
@pytest.mark.timeout(400)
async def test_an_upload_survives_a_power_cut_and_comes_down_whole_in_another_country(tmp_path: Path) -> None:
    content = bytes(range(251)) * 12_000
    file = tmp_path / "minutes.ogg"
    file.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    async with three_nodes(tmp_path / "nodes") as nodes:
        japan, korea = nodes["JPN"], nodes["KOR"]
        options: dict[str, tuple[str | Path, ...]] = {}
        for node in (japan, korea, nodes["USA"]):
            token = tmp_path / f"{node.member}.token"
            token.write_text(node.token(Role.WATCH_OFFICER))
            options[node.member] = ("--url", node.live.url, "--token", token, "--json")
        up = ("hotline", "upload", file, "--to", "KOR", "--classification", "RESTRICTED", *options["JPN"])

        async def first_parts() -> bool:
            return japan.counts().get(("JPN", "hotline.part.v1"), 0) >= 3

        uploading = asyncio.create_task(laurel(*up, fails=True))
        await seen(first_parts, "the first parts")
        await japan.cut_power()
        assert "does not answer" in await uploading
        before = japan.counts()["JPN", "hotline.part.v1"]
        assert before < parts_of(len(content))
        await japan.start()
        await seen(lambda: japan.live.answers(japan.to), "the node again")
        await laurel(*up)
        assert japan.counts()["JPN", "hotline.part.v1"] == parts_of(len(content))

        async def whole() -> bool:
            found = await laurel("hotline", "attachment", "--sha256", sha256, *options["KOR"])
            return any(one["whole"] for one in found["files"])

        await seen(whole, "the whole file in Korea")
        await laurel("hotline", "download", sha256, "--to", tmp_path / "down", *options["KOR"])
        assert (tmp_path / "down").read_bytes() == content
        absent = await laurel("hotline", "attachment", "--sha256", sha256, *options["USA"])
        assert absent["files"] == []
        assert "no such thing" in await laurel(
            *("hotline", "download", sha256, "--to", tmp_path / "none"), *options["USA"], fails=True
        )
