"""What the terminal tells of policies: which decided, what others would change, whether their examples hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.node.test_policies import put
from typer.testing import CliRunner

from laurel.cli import app
from laurel.cli.policy import ExampleFails
from laurel.core.errors import LaurelError, Nothing
from laurel.core.record import World
from laurel.instruments.line.trouble import ReportFork
from laurel.node.asked import Asked
from laurel.node.clock import RealClock
from laurel.node.home.keys import init_node
from laurel.node.home.layout import Layout, Settings
from laurel.node.serve import open_world
from laurel.node.trial import BadExamples

CHECKOUT = Path(__file__).parents[2]
EXAMPLES = CHECKOUT / "examples" / "policies"
EVERYONE = ("JPN", "KOR", "USA")
NO_FORKS = """@id("no-forks") @why("forks are not told to {member}")
forbid (principal == Member::"KOR", action == Action::"release", resource) when { resource.kind == "line.forked.v1" };
"""


@pytest.fixture
def node(tmp_path: Path) -> tuple[Path, str]:
    """Japan's folder, with one record to everyone in its log, and the record's id."""
    folder = tmp_path / "jpn"
    init_node(Layout(folder), Settings("JPN", "Japan", "camp-david", "127.0.0.1", 8440, 4440), RealClock().now())
    world = open_world(Layout(folder), World("camp-david"))
    ask = ReportFork("KOR", EVERYONE, 0, 7, "a" * 64, "b" * 64)
    (record,) = world.say(Asked(world.author, "line/report-fork", ask, "fork:0001")).records
    world.store.close()
    return folder, record


def printed(*words: object) -> Any:
    ran = CliRunner().invoke(app, ["policy", *map(str, words), "--json"], catch_exceptions=True)
    if isinstance(ran.exception, LaurelError):
        raise ran.exception
    assert ran.exit_code == 0, ran.output
    return json.loads(ran.output)


def written(folder: Path, files: Mapping[str, str]) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def test_explain_names_the_policy_and_cites_it_and_what_the_audit_said(node: tuple[Path, str]) -> None:
    folder, record = node
    told = printed("explain", folder, record, "KOR")
    assert (told["decision"], told["policy"], told["action"]) == ("yes", "rel-to", "release")
    assert told["policies"][0]["file"] == "house/releasability.cedar"
    assert "permit (principal" in told["policies"][0]["text"]
    assert [(one["decision"], one["policy"], one["digest"]) for one in told["then"]] == [
        ("release", "rel-to", told["digest"])
    ]
    other = printed("explain", folder, record, "THA")
    assert (other["decision"], other["policy"]) == ("no", "members-only, rel-to")
    assert "THA is no peer in camp-david" in other["why"]
    assert other["then"] == []
    with pytest.raises(Nothing):
        printed("explain", folder, "0" * 64, "KOR")


def test_a_trial_shows_what_would_change_over_the_log_and_changes_nothing(
    node: tuple[Path, str], tmp_path: Path
) -> None:
    folder, record = node
    before = printed("show", folder)
    tried = printed("test", folder, "--policies", written(tmp_path / "own", {"a.cedar": NO_FORKS}))
    assert tried["changes"] == [
        {
            "action": "release",
            "member": "KOR",
            "kind": "line.forked.v1",
            "label": "RESTRICTED//REL TO USA, JPN, KOR",
            "before": "yes, rel-to",
            "after": "no, no-forks",
            "records": 1,
            "first": record,
        }
    ]
    assert printed("show", folder) == before
    assert tried["digest"] != before["digest"]
    nothing = "// nothing of our own"
    assert printed("test", folder, "--policies", written(tmp_path / "none", {"a.cedar": nothing}))["changes"] == []


def test_after_a_change_explain_says_what_decides_now_and_what_decided_then(node: tuple[Path, str]) -> None:
    folder, record = node
    world = open_world(Layout(folder), World("camp-david"))
    then = world.policies.digest
    putting = put(world, {"a.cedar": NO_FORKS})
    world.store.close()
    told = printed("explain", folder, record, "KOR")
    assert (told["decision"], told["policy"], told["put_by"]) == ("no", "no-forks", putting)
    assert told["policies"] == [
        {"file": "own/a.cedar", "line": 1, "rule": "no-forks", "text": told["policies"][0]["text"]}
    ]
    assert [(one["policy"], one["digest"]) for one in told["then"]] == [("rel-to", then)]
    assert printed("show", folder)["put_by"] == putting


def test_the_published_examples_hold_for_the_published_policies(node: tuple[Path, str]) -> None:
    folder, _ = node
    tried = printed("test", folder, "--policies", EXAMPLES, "--examples", EXAMPLES / "japan.toml")
    assert tried["failed"] == 0
    assert tried["examples"] == len(tried["verdicts"]) >= 6
    assert all(one["why"] for one in tried["verdicts"])


def test_an_example_that_fails_fails_the_trial_and_says_which(node: tuple[Path, str], tmp_path: Path) -> None:
    folder, _ = node
    without = (EXAMPLES / "japan.cedar").read_text().replace('unless { principal == Member::"USA" }', "")
    own = written(tmp_path / "own", {"japan.cedar": without})
    with pytest.raises(ExampleFails, match="What bears KAGE goes to the United States"):
        printed("test", folder, "--policies", own, "--examples", EXAMPLES / "japan.toml")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[[example]]",
        'example = "x"',
        '[[example]]\nsays="a"\nmember="KOR"\nkind="k"\nrel_to=["JPN"]\nexpect="maybe"',
    ],
    ids=["empty", "no fields", "no table", "not yes or no"],
)
def test_examples_that_cannot_be_read_are_refused(node: tuple[Path, str], tmp_path: Path, text: str) -> None:
    folder, _ = node
    file = tmp_path / "bad.toml"
    file.write_text(text)
    with pytest.raises(BadExamples, match=r"bad\.toml"):
        printed("test", folder, "--policies", EXAMPLES, "--examples", file)


def test_every_verb_explains_itself() -> None:
    for verb in ("explain", "test", "put", "show"):
        ran = CliRunner().invoke(app, ["policy", verb, "--help"])
        assert ran.exit_code == 0
        assert "--json" in ran.output
