"""Errands: what is wanted of the world outside is done, its outcome said once, and nobody waits for it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tests.node.outside import calling, program, running, runs, until, web
from tests.node.worlds import EXERCISE, Worlds, check_log, note, parked, texts

from laurel.core.instrument import Errand, Instrument, View
from laurel.node.errands import AT_ONCE, PARKED
from laurel.node.services.settings import FILE
from laurel.node.station import Station
from laurel.node.world import World


def outcomes(world: World) -> list[str]:
    return sorted(one for one in texts(world) if ": " in one)


def pager(folder: Path, script: str, *, name: str = "pager", more: str = "") -> None:
    """A notifier that is a program, beside those there are."""
    said = f'[notify.{name}]\nkind = "command"\nargv = ["{program(folder / name, script)}"]\n{more}\n'
    with (folder / FILE).open("a") as file:
        file.write(said)


@asynccontextmanager
async def at_work(
    worlds: Worlds, folder: Path | None, tries_after_s: Sequence[float] = (0.0, 0.05, 0.05)
) -> AsyncGenerator[Station]:
    """Japan's world, which calls by what that folder says."""
    station = Station(worlds.open("JPN", calling()))
    async with running(station, folder, tries_after_s):
        yield station


def times(path: Path) -> int:
    """How often a program wrote its line."""
    return len(path.read_text().splitlines()) if path.exists() else 0


async def test_an_errand_is_run_and_its_outcome_said_once(worlds: Worlds, tmp_path: Path) -> None:
    pager(tmp_path, f"echo called >> {tmp_path}/calls; echo by voice")
    async with at_work(worlds, tmp_path) as station:
        await station.say(note("call pager"))
        await until(lambda: outcomes(station.inner) != [])
        assert outcomes(station.inner) == ["call pager: done by voice"]
        await station.say(note("something else"))
        await asyncio.sleep(0.6)
    assert times(tmp_path / "calls") == 1
    async with at_work(worlds, tmp_path) as station:
        await asyncio.sleep(0.4)
        assert check_log(station.inner) == 3
    assert times(tmp_path / "calls") == 1


async def test_an_errand_is_tried_three_times_and_then_has_failed(worlds: Worlds, tmp_path: Path) -> None:
    pager(tmp_path, f"echo called >> {tmp_path}/calls; echo no line >&2; exit 1")
    async with at_work(worlds, tmp_path) as station:
        await station.say(note("call pager"))
        await until(lambda: outcomes(station.inner) != [])
        assert outcomes(station.inner) == ["call pager: failed tried 3 times; the last time it ended with 1: no line"]
    assert times(tmp_path / "calls") == 3


async def test_a_second_try_that_succeeds_is_done(worlds: Worlds, tmp_path: Path) -> None:
    pager(tmp_path, f"echo called >> {tmp_path}/calls; test $(wc -l < {tmp_path}/calls) -ge 2")
    async with at_work(worlds, tmp_path) as station:
        await station.say(note("call pager"))
        await until(lambda: outcomes(station.inner) != [])
        assert outcomes(station.inner) == ["call pager: done"]


async def test_an_errand_to_nobody_we_have_fails_at_once_and_says_what_to_do(worlds: Worlds, tmp_path: Path) -> None:
    async with at_work(worlds, tmp_path) as station:
        await station.say(note("call pager"))
        await until(lambda: outcomes(station.inner) != [])
        [said] = outcomes(station.inner)
    assert "failed this node has no such service (service=notify:pager" in said
    assert "laurel services check" in said


async def test_an_exercise_sends_nobody_out(tmp_path: Path) -> None:
    with Worlds(tmp_path, EXERCISE) as worlds:
        pager(tmp_path, f"echo called >> {tmp_path}/calls")
        async with at_work(worlds, None) as station:
            await station.say(note("call pager"))
            await until(lambda: outcomes(station.inner) != [])
            [said] = outcomes(station.inner)
    assert said.startswith("call pager: failed an exercise sends nobody out")
    assert times(tmp_path / "calls") == 0


async def test_a_slow_service_holds_up_neither_another_nor_the_writer_nor_the_end(
    worlds: Worlds, tmp_path: Path
) -> None:
    pager(tmp_path, f"echo $$ >> {tmp_path}/pids; exec sleep 60", name="slow", more="timeout_s = 60")
    pager(tmp_path, "exit 0")
    async with at_work(worlds, tmp_path) as station:
        await asyncio.gather(*(station.say(note(f"call slow {number}")) for number in range(3 * AT_ONCE)))
        await until(lambda: times(tmp_path / "pids") == AT_ONCE)
        began_s = time.monotonic()
        await station.say(note("call pager"))
        assert time.monotonic() - began_s < 5.0
        await until(lambda: outcomes(station.inner) == ["call pager: done"], within_s=5.0)
        assert times(tmp_path / "pids") == AT_ONCE
        ending_s = time.monotonic()
    assert time.monotonic() - ending_s < 10.0
    assert not any(runs(pid) for pid in (tmp_path / "pids").read_text().split())


async def test_a_list_of_services_that_is_mended_is_read_again_and_what_was_wrong_is_shown(
    worlds: Worlds, tmp_path: Path
) -> None:
    file = tmp_path / FILE
    async with at_work(worlds, tmp_path) as station:
        world = station.inner
        file.write_text('[notify.pager]\nkind = "command"\nargv = ["page"]\n')
        await until(lambda: parked(world) != [])
        [(what, subject, error)] = parked(world)
        assert (what, subject) == (PARKED, "notify:pager")
        assert "whole path" in error
        await station.say(note("call pager"))
        await until(lambda: outcomes(world) != [])
        assert "call pager: failed this service is set up wrongly" in outcomes(world)[0]

        file.write_text("")
        pager(tmp_path, "exit 0")
        await until(lambda: parked(world) == [])
        await station.say(note("call pager again"))
        await until(lambda: len(outcomes(world)) == 2)
        assert "call pager again: done" in outcomes(world)

        file.write_text("[notify")
        await until(lambda: [one[1] for one in parked(world)] == [FILE])
        await station.say(note("call pager as before"))
        await until(lambda: len(outcomes(world)) == 3)
        assert "call pager as before: done" in outcomes(world)


async def test_an_engine_answers_for_the_log(worlds: Worlds, tmp_path: Path) -> None:
    async with web((200, json.dumps({"text": "何かが発射された。"}).encode())) as there:
        (tmp_path / FILE).write_text(f'[translate]\nkind = "http"\nurl = "http://127.0.0.1:{there.port}/"\n')
        async with at_work(worlds, tmp_path) as station:
            await station.say(note("translate 무엇인가 발사되었습니다."))
            await until(lambda: outcomes(station.inner) != [])
            assert outcomes(station.inner) == ["translate 무엇인가 발사되었습니다.: done 何かが発射された。"]
    assert json.loads(there.posts[0].body)["text"] == "무엇인가 발사되었습니다."


async def test_an_outcome_that_is_refused_is_set_aside_and_the_service_called_no_more(
    worlds: Worlds, tmp_path: Path
) -> None:
    pager(tmp_path, f"echo called >> {tmp_path}/calls; echo refuse this")
    async with at_work(worlds, tmp_path) as station:
        [said] = (await station.say(note("call pager"))).records
        await until(lambda: parked(station.inner) != [])
        assert parked(station.inner) == [("node.notebook/answered", f"errand:{said}", "ValueError: refuse this")]
        await asyncio.sleep(0.6)
    assert times(tmp_path / "calls") == 1


async def test_an_instrument_that_cannot_tell_its_errands_is_shown_and_silences_no_other(
    worlds: Worlds, tmp_path: Path
) -> None:
    def broken(_: View) -> list[Errand]:
        raise KeyError("view")

    other = Instrument(name="other", version=1, kinds=(), errands=broken)
    pager(tmp_path, "exit 0")
    station = Station(worlds.open("JPN", other, calling()))
    async with running(station, tmp_path, (0.0,)):
        await station.say(note("call pager"))
        await until(lambda: outcomes(station.inner) != [])
        assert parked(station.inner) == [("other.errands", "every look", "KeyError: 'view'")]


async def test_an_errand_nobody_wants_any_more_is_not_tried_again(worlds: Worlds, tmp_path: Path) -> None:
    pager(tmp_path, f"echo called >> {tmp_path}/calls; exit 1")
    async with at_work(worlds, tmp_path, tries_after_s=(0.0, 0.7, 0.7)) as station:
        await station.say(note("call pager"))
        await until(lambda: times(tmp_path / "calls") == 1)
        await station.say(note("never mind"))
        await asyncio.sleep(1.2)
        assert (outcomes(station.inner), times(tmp_path / "calls")) == ([], 1)
