"""A run that was killed goes on from its checkpoint, and comes out as one that nobody disturbed."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from tests.nodes.three import MEMBERS

from laurel.core.record import World
from laurel.gateways.exercise.checkpoint import abandoned, listed
from laurel.gateways.exercise.ran import Ran
from laurel.gateways.exercise.reading import COMPACT
from laurel.gateways.review.archives import open_all
from laurel.gateways.review.files import read_review
from laurel.instruments.exercise.review.review import AfterActionReview
from laurel.node.home.layout import Layout
from laurel.node.keep.ledger import records_of

pytestmark = [pytest.mark.long, pytest.mark.timeout(3_600)]

PLAN = Path(__file__).parent / "short" / "plan.toml"
WORLD = World(COMPACT, "short")
PATIENCE_S = 1_200.0


@dataclass
class Terminal:
    """Runs of the short plan as they are typed, in one folder."""

    place: Path

    @property
    def nodes(self) -> Path:
        return self.place / "nodes"

    def started(self, *options: str) -> subprocess.Popen[bytes]:
        told = ("--out", str(self.place / "out"), "--json", str(self.place / "ran.json"), "--folder", str(self.nodes))
        command = (sys.executable, "-m", "laurel.cli", "exercise", "run", str(PLAN), *told, *options)
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def ran(self, *options: str) -> Ran:
        child = self.started(*options)
        said, _ = child.communicate(timeout=PATIENCE_S)
        assert child.returncode == 0, said.decode()
        return msgspec.json.decode((self.place / "ran.json").read_bytes(), type=Ran)

    @property
    def review(self) -> AfterActionReview:
        return read_review(self.place / "out" / "review.json")

    def archived(self, member: str) -> set[str]:
        """The ids of all records in the member's signed archive, which is checked."""
        opened = open_all([self.place / "out" / f"{member}.log"], lambda: None)
        return {record_id for record_id, _ in opened.records}


def until(holds: Callable[[], bool], child: subprocess.Popen[bytes]) -> None:
    last_s = time.monotonic() + PATIENCE_S
    while not holds():
        assert child.poll() is None, child.communicate()[0].decode()
        assert time.monotonic() < last_s
        time.sleep(0.05)


def records(place: Path, member: str) -> int:
    database = Layout(place / member).world(WORLD).database
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as looking:
        return int(looking.execute("SELECT count(*) FROM log").fetchone()[0])


def ids(place: Path, member: str) -> set[str]:
    return {record_id for record_id, _ in records_of(Layout(place / member), WORLD)}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    at = Terminal(tmp_path_factory.mktemp("whole"))
    assert at.ran().holds
    return at


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """Killed at once, in play, after its checkpoint; and gone on from there to the end."""
    at = Terminal(tmp_path_factory.mktemp("killed"))
    child = at.started("--checkpoint", "0:05:30")
    until(lambda: bool(listed(at.nodes)), child)
    shutil.copytree(listed(at.nodes)[0].folder, at.place / "checkpoint")
    until(lambda: all(records(at.nodes, one) > records(at.place / "checkpoint", one) for one in MEMBERS), child)
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()
    assert at.ran("--from", "last").holds
    return at


def ran(at: Terminal) -> Ran:
    return msgspec.json.decode((at.place / "ran.json").read_bytes(), type=Ran)


def test_a_run_that_was_killed_and_went_on_from_its_checkpoint_says_what_an_undisturbed_one_says(
    whole: Terminal, killed: Terminal
) -> None:
    assert ran(killed).members == ran(whole).members, "equal but for keys and salts"
    assert (ran(killed).steps, ran(killed).scans) == (ran(whole).steps, ran(whole).scans)
    assert ran(killed).injects == ran(whole).injects


def test_its_review_judges_every_expected_action_as_that_of_an_undisturbed_one(
    whole: Terminal, killed: Terminal
) -> None:
    assert ran(killed).verdicts == ran(whole).verdicts
    judged = [[(one.id, one.verdict, one.took_s) for one in at.review.actions] for at in (whole, killed)]
    assert judged[0] == judged[1]
    assert len(judged[0]) == 4


@pytest.mark.parametrize("member", MEMBERS)
def test_what_was_said_before_a_checkpoint_stays_and_nothing_of_the_line_that_was_left_behind_comes_over(
    killed: Terminal, member: str
) -> None:
    before, after = ids(killed.place / "checkpoint", member), killed.archived(member)
    (behind,) = abandoned(killed.nodes)
    for settings in behind.glob("*/node.toml.abandoned"):
        shutil.copyfile(settings, settings.with_name("node.toml"))
    left = ids(behind, member)
    assert before < after
    assert before < left, "the log that was left behind is whole"
    assert (left - before) & after == set()
