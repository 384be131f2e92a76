"""What the terminal tells of a node's own services, and the errand by which one is tried before it is needed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.node.outside import program
from typer.testing import CliRunner

from laurel.cli import app
from laurel.cli.services import BadlySetUp
from laurel.node.clock import RealClock
from laurel.node.home.keys import init_node
from laurel.node.home.layout import Layout, Settings
from laurel.node.services import NoSuchService, ServiceFailed
from laurel.node.services.settings import FILE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Japan's folder, with a pager that writes down what it is told and an engine that shouts."""
    folder = tmp_path / "jpn"
    init_node(Layout(folder), Settings("JPN", "Japan", "camp-david", "127.0.0.1", 8440, 4440), RealClock().now())
    page, engine = program(tmp_path / "page", f"cat > {tmp_path}/told"), program(tmp_path / "engine", "tr a-z A-Z")
    (folder / FILE).write_text(
        f'[notify.pager]\nkind = "command"\nargv = ["{page}"]\n[translate]\nkind = "command"\nargv = ["{engine}"]\n'
        '[notify.dead]\nkind = "command"\nargv = ["/bin/false"]\n'
    )
    return folder


def test_services_that_are_in_order_are_listed_and_what_they_tell(folder: Path) -> None:
    ran = CliRunner().invoke(app, ["services", "check", str(folder), "--json"])
    found = json.loads(ran.stdout)
    assert (ran.exit_code, found["faults"]) == (0, {})
    assert found["services"]["notify:pager"]["tells"] == "that-there-is-one"
    assert sorted(found["services"]) == ["notify:dead", "notify:pager", "translate"]


def test_one_that_would_call_nobody_is_named_and_the_verb_fails(folder: Path) -> None:
    with (folder / FILE).open("a") as file:
        file.write('[notify.typo]\nkind = "command"\nargv = ["page"]\n')
    ran = CliRunner().invoke(app, ["services", "check", str(folder), "--json"])
    assert isinstance(ran.exception, BadlySetUp)
    assert list(json.loads(ran.stdout)["faults"]) == ["notify:typo"]


def test_a_notifier_is_tried_by_an_errand_that_says_it_is_a_test(folder: Path, tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["services", "try", str(folder), "pager", "--json"])
    assert json.loads(ran.stdout) == {"tried": "pager", "done": True, "answered": ""}
    told = json.loads((tmp_path / "told").read_text())
    assert told["notice"] == "This is a test by the node of Japan. Nothing waits."


def test_an_engine_is_tried_on_a_text(folder: Path) -> None:
    ran = CliRunner().invoke(app, ["services", "try", str(folder), "translate", "--text", "a launch", "--json"])
    assert json.loads(ran.stdout)["answered"] == "A LAUNCH"


def test_a_try_that_fails_says_why(folder: Path) -> None:
    failed = CliRunner().invoke(app, ["services", "try", str(folder), "dead"]).exception
    assert isinstance(failed, ServiceFailed)
    assert failed.why == "it ended with 1"
    unknown = CliRunner().invoke(app, ["services", "try", str(folder), "nobody"]).exception
    assert isinstance(unknown, NoSuchService)
