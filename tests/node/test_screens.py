"""What the screens are told: all that is new at once, and nothing that is older than a second."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Struct
from tests.node.notebook import Count, notebook
from tests.node.worlds import OFFICER, Worlds, note

from laurel.api import stream
from laurel.api.stream import Message, Screens
from laurel.core.errors import TooLarge
from laurel.core.instrument import Instrument, NoAsk, Query, View
from laurel.instruments.line import INSTRUMENT as LINE
from laurel.instruments.line.retraction import RetractAsk
from laurel.node.asked import Asked
from laurel.node.home.compact import load_compact
from laurel.node.home.layout import Layout, Settings
from laurel.node.site import Site
from laurel.node.station import Station

NEVER_S = 3_600.0
"""With this age no answer is given again for its age alone."""


class Stage:
    """One world, its station and its screens; and how often each live query was answered."""

    def __init__(self, worlds: Worlds) -> None:
        self.answered: Counter[str] = Counter()
        live = {query.name for query in LINE.queries if query.live} | {"count"}
        instruments = [self._counted(one, live) for one in (LINE, notebook())]
        self.station = Station(worlds.open("JPN", *instruments))
        settings = Settings("JPN", "Japan", "camp-david", "127.0.0.1", 1, 2)
        compact = load_compact("camp-david")
        site = Site(self.station, Layout(worlds.folder), settings, compact, compact.title, dict, None)
        self.screens = Screens(site)

    def _counted(self, instrument: Instrument, live: set[str]) -> Instrument:
        queries = tuple(replace(one, answer=self._counting(one), live=one.name in live) for one in instrument.queries)
        return replace(instrument, queries=queries)

    def _counting(self, query: Query[Any, Any]) -> Any:
        def answer(ask: Struct, view: View, now: datetime) -> Any:
            self.answered[query.name] += 1
            return query.answer(ask, view, now)

        return answer

    async def write(self, text: str) -> str:
        return (await self.station.say(note(text))).records[0]

    async def notes(self) -> int:
        """How many notes a screen shows now."""
        return _notes(await self.screens.messages())


def _notes(messages: Mapping[str, Message]) -> int:
    return msgspec.convert(msgspec.json.decode(messages["count"].json)["count"], type=Count).notes


@asynccontextmanager
async def staged(folder: Path) -> AsyncGenerator[Stage]:
    with Worlds(folder) as worlds:
        stage = Stage(worlds)
        running = asyncio.create_task(stage.station.run())
        try:
            yield stage
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_a_record_has_those_alone_answered_again_who_fold_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "AGAIN_S", NEVER_S)
    async with staged(tmp_path) as stage:
        assert await stage.notes() == 0
        first = stage.answered.copy()
        assert set(first.values()) == {1}
        for number in range(1, 4):
            await stage.write(f"note {number}")
            assert await stage.notes() == number
        assert stage.answered - first == Counter(count=3)


async def test_a_commit_that_changes_no_answer_has_none_given_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "AGAIN_S", NEVER_S)
    async with staged(tmp_path) as stage:
        before = await stage.screens.messages()
        answered = stage.answered.copy()
        stage.station.stir()
        after = await stage.screens.messages()
        assert stage.answered == answered
        assert {name for name in after if after[name] != before[name]} <= {"clock"}
        with pytest.raises(TooLarge):
            await stage.station.say(note("x", ask_id="refused", topic="y" * 2_000_000))
        await stage.screens.messages()
        assert stage.answered == answered


async def test_what_is_taken_back_is_gone_from_the_next_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "AGAIN_S", NEVER_S)
    async with staged(tmp_path) as stage:
        written = await stage.write("not so")
        assert await stage.notes() == 1
        await stage.station.say(Asked(OFFICER, "line/retract", RetractAsk(written, "a mistake"), "retract:1"))
        assert await stage.notes() == 0


async def test_nothing_shown_is_older_than_a_second(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.screens.messages()
        first = stage.answered.copy()
        await asyncio.sleep(stream.AGAIN_S)
        await stage.screens.messages()
        assert stage.answered == first + first
        # Looked at as often, and answered again when as old: twice that is the oldest.
        assert 2 * stream.AGAIN_S <= 1.0


async def test_many_who_look_while_much_is_written_see_at_once_what_was_written_and_never_less(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        acknowledged: list[str] = []
        shown: list[int] = []

        async def write_and_look(number: int) -> None:
            await asyncio.sleep(number * 0.001)
            acknowledged.append(await stage.write(f"note {number}"))
            written = len(acknowledged)
            seen = await stage.notes()
            assert seen >= written
            shown.append(seen)

        await asyncio.gather(*(write_and_look(number) for number in range(60)))
        assert shown == sorted(shown)
        assert await stage.notes() == 60


async def test_a_screen_that_goes_while_it_waits_keeps_no_other_waiting(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        waiting = asyncio.create_task(stage.screens.messages())
        await asyncio.sleep(0)
        waiting.cancel()
        await stage.write("a note")
        assert await stage.notes() == 1
        assert (await stage.station.judge("notebook/count", NoAsk())).notes == 1
