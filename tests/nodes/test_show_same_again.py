"""Show 3: the same seed gives the same logs, a replay answers as the node did, and a change changes what it must."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from msgspec import Raw
from tests.nodes.three import MEMBERS, client, seen

from laurel.core.instrument import Role
from laurel.core.record import Record, World
from laurel.gateways.demo.play import Stage
from laurel.gateways.exercise.normal import normal_sha256
from laurel.gateways.exercise.run import AS_PLANNED, COMPACT, Ran, Run, play_out, read
from laurel.gateways.exercise.stepping import Stepping
from laurel.gateways.review.archives import open_all
from laurel.gateways.review.compared import paper
from laurel.gateways.review.files import read_review, write
from laurel.instruments import INSTRUMENTS
from laurel.instruments.consult.records import REQUESTED
from laurel.instruments.exercise.review.compare import compare
from laurel.instruments.exercise.review.review import AfterActionReview
from laurel.instruments.exercise.whatif import Changes, changes
from laurel.instruments.hotline.records import MESSAGE
from laurel.instruments.warning.picture_types import MemberTracks
from laurel.instruments.warning.records import SCAN, Scan
from laurel.node.carry import tether
from laurel.node.doorstep import people
from laurel.node.keep.ledger import records_of

pytestmark = [pytest.mark.long, pytest.mark.timeout(3_600)]

PLAN = Path(__file__).parent / "short" / "plan.toml"
SENSOR = "NOTIONAL-OMINATO"
OWN_ROUTES = ("docket", "exercise/msel")

Answers = dict[str, tuple[int, bytes]]


@dataclass
class Played:
    """One run: what came of it, its files, and what every query answered just before the end, member by member."""

    run: Run
    place: Path
    ran: Ran | None = None
    tokens: dict[str, str] = field(default_factory=dict[str, str])
    answers: dict[str, Answers] = field(default_factory=dict[str, Answers])

    def archive(self, member: str) -> Path:
        return self.run.out / f"{member}.log"

    @property
    def review(self) -> AfterActionReview:
        return read_review(self.run.out / "review.json")

    def log(self, member: str) -> tuple[tuple[str, Record[Raw]], ...]:
        """From the signed archive, checked."""
        return open_all([self.archive(member)], lambda: None).records

    def hashes(self) -> dict[str, str]:
        return {member: normal_sha256(self.log(member)) for member in MEMBERS}

    def scans(self) -> dict[str, list[Scan]]:
        """Every scan that a node took in, by its sensor."""
        found: defaultdict[str, list[Scan]] = defaultdict(list)
        for member in MEMBERS:
            for _, record in self.log(member):
                if record.kind == SCAN.name:
                    scan = msgspec.json.decode(record.body, type=Scan)
                    found[scan.sensor].append(scan)
        return found

    async def look(self, stage: Stage) -> None:
        """Ask every node everything, its clock standing at the end of play as its own log says it."""
        await Stepping(stage).step(self.run.ends_at)
        for node in stage.nodes:
            token = people(node.layout).program("looks", tuple(Role))
            asked = questions(dict(records_of(node.layout, World(COMPACT, self.run.name))), self.run.name)
            self.tokens[node.member] = token
            self.answers[node.member] = await answered(stage.to, stage.doors[node.member].url, token, asked)


def questions(log: Mapping[str, Record[Raw]], name: str) -> list[str]:
    """Every query that needs no field, and those of what was played that do."""
    asked = [
        f"{instrument.name}/{query.name}"
        for instrument in INSTRUMENTS
        for query in instrument.queries
        if not any(one.required for one in msgspec.structs.fields(query.ask))
    ]
    for record_id, record in log.items():
        if record.kind == MESSAGE.name:
            asked += [f"hotline/conversation?id={record_id}", f"hotline/opening?record={record_id}"]
        if record.kind == REQUESTED.name:
            asked.append(f"consult/consultation?consultation={record_id}")
    return [*asked, f"exercise/planned?exercise={name}", *OWN_ROUTES]


async def answered(to: httpx.AsyncClient, url: str, token: str, asked: list[str]) -> Answers:
    headers = {"Authorization": f"Bearer {token}"}
    found: Answers = {}
    for one in asked:
        answer = await to.get(f"{url}/{one}", headers=headers)
        found[one] = answer.status_code, answer.content
    if "warning/tracks" not in found:
        return found
    held = msgspec.json.decode(found["warning/tracks"][1], type=MemberTracks)
    return found | await answered(to, url, token, [f"warning/track?number={one.name}" for one in held.tracks])


def played(place: Path, plan: Path = PLAN, wanted: Changes = AS_PLANNED) -> Played:
    """One run of the plan, in a folder of its own."""
    folder = place / "nodes"
    folder.mkdir()
    once = Played(read(plan, place / "out", wanted), folder)
    once.ran = asyncio.run(play_out(once.run, folder, once.look))
    return once


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return played(tmp_path_factory.mktemp("first"))


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return played(tmp_path_factory.mktemp("again"))


@pytest.fixture(scope="module")
def reseeded(tmp_path_factory: pytest.TempPathFactory) -> Played:
    place = tmp_path_factory.mktemp("reseeded")
    plan = place / "short" / "plan.toml"
    plan.parent.mkdir()
    plan.write_bytes(PLAN.read_bytes())
    world = (PLAN.parent / "world.toml").read_bytes()
    assert b"seed = 7" in world
    (plan.parent / "world.toml").write_bytes(world.replace(b"seed = 7", b"seed = 8"))
    return played(place, plan)


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return played(tmp_path_factory.mktemp("without"), wanted=changes([SENSOR], [], []))


@asynccontextmanager
async def replay(of: Played, member: str, to: httpx.AsyncClient) -> AsyncGenerator[str]:
    """The member's archive shown again in a process of its own, standing at the end of play: its address."""
    command = (sys.executable, "-m", "laurel.cli", "replay", str(of.archive(member)), "--node", str(of.place / member))
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, tether.__file__, str(os.getpid()), *command), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert child.stdout is not None
        url = ""
        while not url.startswith("http"):
            url = (await child.stdout.readline()).decode().strip()
        url = url.rstrip("/")
        headers = {"Authorization": f"Bearer {of.tokens[member]}"}

        async def open_() -> bool:
            about = (await to.get(f"{url}/about", headers=headers)).json()
            return about["replay"]["opening"] is None

        await seen(open_, f"the replay of {member}")
        gone = await to.post(f"{url}/replay/go", json={"at": of.run.ends_at.isoformat()}, headers=headers)
        shown: dict[str, Any] = gone.json()
        assert gone.is_success, gone.text
        assert (shown["position"], shown["at"]) == (shown["records"], shown["to_at"])
        yield url
    finally:
        child.terminate()
        await child.wait()


@pytest.mark.parametrize("member", MEMBERS)
async def test_a_replay_of_the_archive_answers_every_query_as_the_node_did_byte_for_byte(
    first: Played, member: str
) -> None:
    original = first.answers[member]
    assert sum(status == 200 for status, _ in original.values()) > 50
    async with client() as to, replay(first, member, to) as url:
        told = await answered(to, url, first.tokens[member], [one for one in original if "number=" not in one])
    assert list(told) == list(original)
    assert [one for one in original if told[one] != original[one]] == []


def test_two_runs_of_one_seed_say_the_same_but_for_keys_and_salt(first: Played, again: Played) -> None:
    assert first.hashes() == again.hashes()
    for member in MEMBERS:
        ids = [{record_id for record_id, _ in one.log(member)} for one in (first, again)]
        assert not ids[0] & ids[1], "keys and salt differ, so nothing has the same id"


def test_without_a_sensor_its_plots_are_gone_and_all_others_are_as_they_were(first: Played, without: Played) -> None:
    before, after = first.scans(), without.scans()
    assert set(before) - set(after) == {SENSOR}
    assert all(after[sensor] == before[sensor] for sensor in after)


def test_what_was_changed_is_said_and_set_side_by_side(first: Played, without: Played, tmp_path: Path) -> None:
    assert first.ran is not None
    assert without.ran is not None
    assert without.ran.plan_sha256 == first.ran.plan_sha256
    assert (first.ran.exercise, without.ran.exercise) == ("short", "short-what-if")
    assert (first.review.changed, without.review.changed) == ((), (f"sensor {SENSOR} of JPN is not there",))
    made = compare(first.review, without.review)
    plots = {(one.member, one.sensor): (one.first_plots, one.second_plots) for one in made.coverage}
    assert plots["JPN", f"JPN/{SENSOR}"][0] > 0
    assert plots["JPN", f"JPN/{SENSOR}"][1] == 0
    assert made.doubts == ()
    written = write(made, paper(made), tmp_path, "comparison")
    assert [one.suffix for one in written.files] == [".json", ".html", ".pdf"]
    assert f"sensor {SENSOR} of JPN is not there" in written.files[1].read_text(encoding="utf-8")


def test_another_seed_gives_another_log_for_everyone(first: Played, reseeded: Played) -> None:
    assert first.run.plan == reseeded.run.plan
    before, after = first.hashes(), reseeded.hashes()
    assert [member for member in MEMBERS if before[member] == after[member]] == []
