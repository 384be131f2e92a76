"""What an exercise taught becomes a live commitment: confirmed by an officer, citing its end, once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from tests.instruments.exercise.played import MEMBERS, made, said_by_hand
from tests.nodes.door import LIVE, Served, served
from typer.testing import CliRunner

from laurel.cli import app
from laurel.core.instrument import NoAsk, Role
from laurel.core.label import Classification, label
from laurel.core.record import World
from laurel.instruments.exercise.commands import AnnounceAsk, EndedAsk, JoinAsk
from laurel.instruments.exercise.review.review import AfterActionReview, ArchiveRead, ImprovementAction
from laurel.node.asked import Asked
from laurel.node.author import Author
from laurel.node.home import keys
from laurel.node.keep.reader import Reader

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("promises")]

NAME = "freedom-27"
SHA = "5c" * 32
PLAYED = "7e" * 32
US = label(Classification.RESTRICTED, {"JPN"})
EVERYONE = label(Classification.UNCLASSIFIED, set(MEMBERS))
SATO = Author("officer:sato", frozenset({Role.EXERCISE_CONTROL, Role.NODE}))
WORDS = "最初の航跡を直ちに共有する"


@dataclass(frozen=True)
class Desk:
    """A node at which an exercise has ended, and a terminal at it."""

    node: Served
    folder: Path
    end: str

    def review(self, *actions: ImprovementAction, archive: str = SHA, exercise: str = NAME) -> Path:
        read = ArchiveRead("JPN.jsonl", archive, "JPN", 12, "made by hand", vouched=True)
        facts = {"exercise": exercise, "archives": (read,), "improvements": actions, "label": US}
        file = self.folder / "review.json"
        file.write_bytes(msgspec.json.encode(msgspec.structs.replace(WHOLE, **facts)))
        return file

    async def commit(self, *words: str | Path, who: str = "sato", says: str = "", fails: bool = False) -> str:
        """What the verb prints; or, where it must fail, its complaint."""
        token = self.folder / who
        token.write_text(self.node.people.program(who, (Role.PRINCIPAL,)))
        given = ["exercise", "commit", *map(str, words), "--url", self.node.url, "--token", str(token)]
        ran = await asyncio.to_thread(CliRunner().invoke, app, given, input=says)
        assert (ran.exit_code != 0) is fails, f"{ran.output}{ran.exception!r}"
        return f"{ran.exception}" if fails else ran.stdout if "--json" in words else ran.output

    async def promised(self) -> list[dict[str, Any]]:
        bearer = self.node.bearer(Role.AUDITOR)
        answer = await self.node.look(f"/{LIVE.name}/dialogue/commitments?about={self.end}", bearer)
        return answer.json()["commitments"]


WHOLE: AfterActionReview = made(said_by_hand(), *MEMBERS)


def an_action(words: str = WORDS, member: str = "JPN", due_days: int = 30) -> ImprovementAction:
    due = datetime.now(UTC).replace(microsecond=0) + timedelta(days=due_days)
    return ImprovementAction(words, member, "統合幕僚監部", due, "warn", "KOR", PLAYED)


@pytest_asyncio.fixture(loop_scope="module")
async def desk(tmp_path: Path) -> AsyncGenerator[Desk]:
    async with served(tmp_path) as node:
        layout, now, world = node.site.layout, datetime.now(UTC), World(LIVE.compact, NAME)
        keys.make_world(layout, world, now)
        card = keys.card(layout, world, now).decode()
        asks = {
            "announce": AnnounceAsk(NAME, "Freedom", now, "ab" * 32, EVERYONE),
            "join": JoinAsk(NAME, card, EVERYONE),
            "ended": EndedAsk(NAME, SHA, 12, EVERYONE),
        }
        for command, ask in asks.items():
            await node.site.station.say(Asked(SATO, f"exercise/{command}", ask, f"test:{command:0>8}"))
        [own] = (await node.site.station.judge("exercise/exercises", NoAsk())).exercises[0].members
        yield Desk(node, tmp_path, own.ended.record)


async def test_an_action_that_an_officer_confirms_becomes_a_live_commitment(desk: Desk) -> None:
    action = an_action()
    printed = await desk.commit(desk.review(action, an_action(member="KOR")), says="y\n")
    assert f"{WORDS}\nPromise 1, live, for 統合幕僚監部 by {action.due:%Y-%m-%d}, under {US.banner}?" in printed
    assert "1 is promised" in printed
    [row] = await desk.promised()
    assert (row["member"], row["office"], row["words"], row["language"]) == ("JPN", "統合幕僚監部", WORDS, "ja")
    assert datetime.fromisoformat(row["due_at"]) == action.due
    assert row["banner"] == US.banner


async def test_a_commitment_cites_the_live_end_and_no_record_of_play(desk: Desk) -> None:
    await desk.commit(desk.review(an_action()), "--yes", "1")
    [row] = await desk.promised()
    with desk.node.site.station.inner.store.reading() as from_:
        said = Reader(from_).record(row["id"])
    assert said is not None
    assert said.about == (desk.end,)
    folder = desk.node.site.layout.world(LIVE).folder
    dump = b"".join(file.read_bytes() for file in folder.glob("world.db*"))
    assert row["id"].encode() in dump
    assert PLAYED.encode() not in dump


async def test_what_is_not_confirmed_is_not_promised(desk: Desk) -> None:
    actions = an_action(), an_action("別の措置を取る", due_days=60)
    await desk.commit(desk.review(*actions), says="n\ny\n")
    assert [one["words"] for one in await desk.promised()] == ["別の措置を取る"]
    listed = json.loads(await desk.commit(desk.review(*actions), "--json"))
    assert [one["commitment"] is None for one in listed] == [True, False]


async def test_a_repeat_makes_no_second_commitment_whoever_asks(desk: Desk) -> None:
    review = desk.review(an_action())
    await desk.commit(review, "--yes", "1")
    [row] = await desk.promised()
    for who in ("sato", "tanaka"):
        assert f"was promised already: {row['id']}" in await desk.commit(review, "--yes", "1", who=who)
    assert [one["id"] for one in await desk.promised()] == [row["id"]]


async def test_a_review_of_another_archive_is_refused(desk: Desk) -> None:
    for review in (desk.review(an_action(), archive="0d" * 32), desk.review(an_action(), exercise="freedom-28")):
        told = await desk.commit(review, "--yes", "1", fails=True)
        assert "no end that was said live names an archive of this review" in told
    assert await desk.promised() == []


async def test_an_action_that_is_not_ours_is_not_there_to_be_promised(desk: Desk) -> None:
    assert "yes" in await desk.commit(desk.review(an_action(member="KOR")), "--yes", "1", fails=True)


async def test_an_action_that_was_due_before_it_was_promised_is_refused(desk: Desk) -> None:
    assert "due_at" in await desk.commit(desk.review(an_action(due_days=-1)), "--yes", "1", fails=True)
    assert await desk.promised() == []


async def test_what_people_wrote_in_play_is_shown_as_text(desk: Desk) -> None:
    hostile = an_action("close [/x] it \x1b[2Know")
    printed = await desk.commit(desk.review(hostile), says="n\n")
    assert "close [/x] it [2Know" in printed
    assert "\x1b" not in printed
