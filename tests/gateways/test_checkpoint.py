"""Checkpoints of a run: whole or not there, of one run alone, and only ever copied from."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from laurel.cli import exercise as verbs
from laurel.core.errors import BadField, DiskFull, Nothing
from laurel.core.record import Precedence
from laurel.gateways.exercise import checkpoint
from laurel.gateways.exercise.checkpoint import (
    BadCheckpoint,
    Belongs,
    Checkpoint,
    FolderInUse,
    Kept,
    NoCheckpoint,
    OtherRun,
    Rhythm,
    Stand,
)
from laurel.gateways.exercise.run import run_exercise
from laurel.instruments.exercise.records import ClockSet
from laurel.instruments.exercise.whatif import changes
from laurel.node.excon import Settled
from laurel.node.home.layout import CannotWrite
from laurel.node.level import LaneRow

MEMBERS = ("JPN", "KOR", "USA")
STARTS_AT = datetime(2027, 3, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OF = Belongs("freedom-27", "a" * 64, "b" * 64, ())
REST = Settled(STARTS_AT, (LaneRow("JPN", "JPN KOR", Precedence.FLASH, 3),), STARTS_AT + timedelta(seconds=5))
STAND = Stand(STARTS_AT, ClockSet(NOW, STARTS_AT, 0.0), 3, 4, dict.fromkeys(MEMBERS, REST))
SHORT = Path(__file__).parents[1] / "nodes" / "short" / "plan.toml"

moments = st.timedeltas(timedelta(), timedelta(days=5_000)).map(lambda since: NOW + since)
lanes = st.builds(LaneRow, st.sampled_from(MEMBERS), st.just("JPN KOR"), st.sampled_from(Precedence), st.integers(0))
settled = st.builds(Settled, moments, st.lists(lanes).map(tuple), st.none() | moments)
clocks = st.builds(ClockSet, moments, moments, st.just(0.0))
stands = st.builds(
    Stand, moments, clocks, st.integers(0), st.integers(0), st.dictionaries(st.sampled_from(MEMBERS), settled)
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Three nodes that do not run."""
    for member in MEMBERS:
        write(tmp_path, member, "at first")
    return tmp_path


def write(place: Path, member: str, log: str) -> None:
    world = place / member / "worlds" / "camp-david.short"
    (world / "keys").mkdir(parents=True, exist_ok=True)
    (place / member / "node.toml").write_text(f'member = "{member}"\n')
    (world / "world.db").write_text(log)
    key = world / "keys" / "signing.key"
    key.write_text("secret")
    key.chmod(0o600)


def logs(place: Path) -> list[str]:
    return [(place / member / "worlds" / "camp-david.short" / "world.db").read_text() for member in MEMBERS]


def keep(place: Path, as_of_s: float = 360.0) -> Kept:
    return checkpoint.keep(place, OF, as_of_s, STAND, NOW)


@given(stands, st.floats(0.0, 1e7))
def test_what_is_told_of_a_checkpoint_reads_back_as_it_was(stand: Stand, as_of_s: float) -> None:
    made = Checkpoint(OF, as_of_s, NOW, 1, stand)
    assert msgspec.json.decode(msgspec.json.encode(made), type=Checkpoint) == made


@settings(max_examples=1_000)
@given(st.lists(st.floats(0.001, 5_000.0), min_size=1, max_size=60), st.floats(1.0, 10_000.0))
def test_a_checkpoint_is_due_once_in_each_stretch_of_play_and_stands_for_all_that_was_done(
    steps: list[float], every_s: float
) -> None:
    rhythm, found = Rhythm(every_s), list[float]()
    for last_s, next_s in pairwise(accumulate(steps, initial=0.0)):
        due = rhythm.due(last_s, next_s)
        if due is not None:
            assert last_s <= due < next_s
            assert due >= every_s
            rhythm.made.append(due)
            found.append(due)
        # A run that goes on from there makes none again.
        assert rhythm.due(last_s, next_s) is None
    assert found == sorted(set(found))


def test_without_a_rhythm_none_is_due() -> None:
    assert Rhythm(None).due(0.0, 1e6) is None
    assert Rhythm(360.0).due(355.0, 360.0) is None, "what is due at that very second goes first"
    assert Rhythm(360.0).due(360.0, 365.0) == 360.0
    assert Rhythm(360.0).due(355.0, 1_090.0) == 1_080.0
    assert Rhythm(360.0).due(370.0, 375.0) == 370.0, "a link was cut until then"


def test_a_checkpoint_goes_back_to_where_all_stood_and_sets_aside_what_came_after(place: Path) -> None:
    kept = keep(place)
    for member in MEMBERS:
        write(place, member, f"{member} went on")
    checkpoint.restore(place, kept)
    assert logs(place) == ["at first"] * 3
    (left,) = checkpoint.abandoned(place)
    assert logs(left) == [f"{member} went on" for member in MEMBERS], "a log is never edited"
    assert not list(left.glob("*/node.toml")), "none of them starts again"
    key = place / "JPN" / "worlds" / "camp-david.short" / "keys" / "signing.key"
    assert key.stat().st_mode & 0o777 == 0o600
    checkpoint.restore(place, kept)
    assert logs(place) == ["at first"] * 3
    assert len(checkpoint.abandoned(place)) == 2
    assert logs(kept.folder) == ["at first"] * 3


def test_the_nearest_before_is_gone_on_from(place: Path) -> None:
    for as_of_s in (360.0, 720.0, 1_080.5):
        keep(place, as_of_s)
    found = checkpoint.listed(place)
    assert [one.checkpoint.as_of_s for one in found] == [360.0, 720.0, 1_080.5]
    assert checkpoint.line(found[0]) == "checkpoint 0:06:00  0.0 MB  made 2026-11-23 12:00:00Z"
    assert checkpoint.before(place, 720.0, OF) == found[1]
    assert checkpoint.before(place, 1_000.0, OF) == found[1]
    assert checkpoint.before(place, float("inf"), OF) == found[2]
    with pytest.raises(NoCheckpoint, match="0:06:00"):
        checkpoint.before(place, 359.0, OF)


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("exercise", "freedom-28"),
        ("plan_sha256", "c" * 64),
        ("world_sha256", None),
        ("changed", ("sensor NOTIONAL-SADO of JPN is not there",)),
        ("version", "0.0.0"),
    ],
)
def test_another_plan_change_or_version_is_refused_and_named(place: Path, field: str, other: Any) -> None:
    keep(place)
    with pytest.raises(OtherRun) as refused:
        checkpoint.before(place, 360.0, replace(OF, **{field: other}))
    assert refused.value.facts["differs"] == field
    assert logs(place) == ["at first"] * 3


def failing_at(call: int) -> Iterator[None]:
    yield from [None] * (call - 1)
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("call", range(1, 14, 3))
def test_a_checkpoint_that_does_not_fit_on_the_disk_is_not_there(
    place: Path, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    keep(place)
    calls, sync = failing_at(call), os.fsync

    def failing(file: int) -> None:
        next(calls)
        sync(file)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", failing)
        with pytest.raises(DiskFull):
            keep(place, 720.0)
    assert [one.checkpoint.as_of_s for one in checkpoint.listed(place)] == [360.0]
    assert [one.name for one in (place / "checkpoints").iterdir()] == ["0000h06m00s"]
    assert logs(place) == ["at first"] * 3


def test_what_a_kill_left_half_written_is_not_listed_and_in_nobodys_way(place: Path) -> None:
    half = place / "checkpoints" / ".0000h06m00s.part"
    (half / "JPN").mkdir(parents=True)
    (half / "JPN" / "node.toml").write_text("half")
    assert checkpoint.listed(place) == ()
    with pytest.raises(NoCheckpoint):
        checkpoint.before(place, 360.0, OF)
    keep(place)
    assert len(checkpoint.listed(place)) == 1
    assert not half.exists()


def test_a_restoration_that_was_broken_off_is_done_again_whole(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = keep(place)
    for member in MEMBERS:
        write(place, member, f"{member} went on")
    rename = Path.rename

    def failing(self: Path, to: Path) -> Path:
        if to.name == "KOR" and to.parent == place:
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, to)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", failing)
        with pytest.raises(CannotWrite):
            checkpoint.restore(place, kept)
    assert (place / "USA" / "worlds").exists()
    checkpoint.restore(place, kept)
    assert logs(place) == ["at first"] * 3
    told = {log for left in checkpoint.abandoned(place) for log in left.glob("*/worlds/*/world.db")}
    assert {log.read_text() for log in told} >= {f"{member} went on" for member in MEMBERS}


def test_a_checkpoint_that_lacks_a_file_or_reads_as_nothing_is_told_of_and_changes_nothing(place: Path) -> None:
    kept = keep(place)
    (kept.folder / "USA" / "node.toml").unlink()
    with pytest.raises(BadCheckpoint):
        checkpoint.restore(place, kept)
    assert logs(place) == ["at first"] * 3
    assert checkpoint.abandoned(place) == ()
    (kept.folder / "checkpoint.json").write_text("{")
    with pytest.raises(BadCheckpoint, match="0000h06m00s"):
        checkpoint.listed(place)


def test_one_run_at_a_time_plays_in_a_folder(place: Path) -> None:
    with checkpoint.playing(place), pytest.raises(FolderInUse):
        checkpoint.playing(place).__enter__()
    with checkpoint.playing(place):
        pass


def test_checkpoints_need_a_folder_and_no_link_that_is_cut_for_all_of_play(tmp_path: Path) -> None:
    with pytest.raises(BadField, match="checkpoints are kept there"):
        run_exercise(SHORT, out=tmp_path, to=None, folder=None, every_s=60.0)
    with pytest.raises(BadField, match="checkpoints are kept there"):
        run_exercise(SHORT, out=tmp_path, to=None, folder=None, from_s=60.0)
    cut = changes([], ["JPN-KOR"], [])
    with pytest.raises(BadField, match="not all are at rest"):
        run_exercise(SHORT, out=tmp_path, to=None, folder=tmp_path / "nodes", every_s=60.0, wanted=cut)
    with pytest.raises(NoCheckpoint):
        run_exercise(SHORT, out=tmp_path, to=None, folder=tmp_path, from_s=60.0)
    keep(tmp_path)
    with pytest.raises(BadField, match="--from goes on"):
        run_exercise(SHORT, out=tmp_path, to=None, folder=tmp_path)


@pytest.mark.parametrize("typed", ["soon", "nan", "inf", "-60", "1:60:00", ""])
def test_a_time_of_play_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(BadField, match="h:mm:ss, or seconds"):
        verbs.run(SHORT, checkpoint=typed)
    with pytest.raises(BadField, match="h:mm:ss, or seconds"):
        verbs.run(SHORT, from_=typed)
    with pytest.raises(BadField, match="more than nothing"):
        verbs.run(SHORT, checkpoint="0:00:00")


def test_checkpoints_are_listed_with_their_times_and_what_they_take_on_the_disk(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = keep(place)
    keep(place, 21_600.0)
    checkpoint.restore(place, kept)
    verbs.checkpoints(place)
    assert capsys.readouterr().out.splitlines() == [
        "checkpoint 0:06:00  0.0 MB  made 2026-11-23 12:00:00Z",
        "checkpoint 6:00:00  0.0 MB  made 2026-11-23 12:00:00Z",
        "2 checkpoints, 0.0 MB",
        "1 line of play left behind, in abandoned/, 0.0 MB",
    ]
    verbs.checkpoints(place, as_json=True)
    told = msgspec.json.decode(capsys.readouterr().out)
    assert [(one["as_of_s"], Path(one["folder"]).name) for one in told] == [
        (360.0, "0000h06m00s"),
        (21_600.0, "0006h00m00s"),
    ]
    with pytest.raises(Nothing):
        verbs.checkpoints(place / "elsewhere")
