"""An alert is taken back on three live nodes while one of them is down; the audit tells all of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec import structs
from tests.nodes.flying import SCENARIO, records
from tests.nodes.three import EVERYONE, LIVE, MEMBERS, Node, laurel, run_nodes, seen, three_nodes

from laurel.core.instrument import Item, Role
from laurel.core.record import Precedence
from laurel.gateways.demo import find_scenario
from laurel.gateways.demo.door import Door
from laurel.instruments.exercise.scenario import Scenario, parse
from laurel.instruments.exercise.simulate import scans, solve
from laurel.instruments.line.records import HONOURED, RETRACTED
from laurel.instruments.line.retraction import RetractAsk, Retraction, Retractions
from laurel.instruments.warning.commands import ReleaseTracksAsk
from laurel.instruments.warning.picture_types import Alerts
from laurel.instruments.warning.records import ALERT, Scan

VERIFY_AUDIT = Path(__file__).parents[1] / "vectors" / "verify_audit.py"
FROM_S, UNTIL_S = 100.0, 160.0


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_an_alert_is_taken_back_while_one_node_is_down_and_honoured_by_all_in_the_end(tmp_path: Path) -> None:
    async with three_nodes(tmp_path) as nodes:
        japan, korea, usa = (nodes[member] for member in MEMBERS)
        alert = await an_alert_of(japan, nodes.values())
        await korea.stop()
        ask = RetractAsk(alert, "the radar was being tested")
        await japan.live.ask(japan.to, "line/retract", ask, "retract:0001")
        await is_gone(alert, japan, usa)
        await honoured_by(alert, {"USA"}, japan, usa)
        assert (await retraction_of(alert, japan)).waiting == ("KOR",)
        assert "waiting for KOR" in [one.state for one in await japan.live.look(japan.to, "docket", list[Item])]

        async with run_nodes(korea):
            await is_gone(alert, *nodes.values())
            await honoured_by(alert, {"KOR", "USA"}, *nodes.values())
            honoured = await retraction_of(alert, korea)
            assert honoured.waiting == ()
            docket = await japan.live.look(japan.to, "docket", list[Item])
            assert honoured.retraction not in {one.subject for one in docket}
            await only_auditors_ask_the_audit(japan, alert)
            for node in nodes.values():
                await the_log_still_has_it(node, alert)
            await the_audit_tells_it(japan, alert, tmp_path / "jpn.audit")
    a_stranger_checks(tmp_path / "jpn.audit")


async def an_alert_of(japan: Node, everyone: Iterable[Node]) -> str:
    """The first alert that Japan says of a flight which its sensors saw a minute ago, once everybody shows it."""
    scenario = parse(find_scenario(SCENARIO).read_bytes())
    await japan.live.ask(japan.to, "warning/release-tracks", ReleaseTracksAsk(EVERYONE, "a test"), "release:0001")
    for sensor in scenario.sensors["JPN"]:
        await japan.live.ask(japan.to, "warning/register-sensor", sensor, f"register:{sensor.name}")
    doors = {sensor.name: japan.sensor_door(sensor.name) for sensor in scenario.sensors["JPN"]}
    for number, scan in enumerate(just_now(scenario)):
        await doors[scan.sensor].ask(japan.to, "warning/report-scan", scan, f"scan:{number:06}")
    nodes, found = list(everyone), list[str]()

    async def shown() -> bool:
        found[:] = [one.id for one in (await alerts(japan)).alerts if one.member == "JPN"][-1:]
        return bool(found) and all([shows(found[0], await alerts(node)) for node in nodes])

    await seen(shown, "an alert of Japan on every node")
    return found[0]


def just_now(scenario: Scenario) -> list[Scan]:
    """A minute of what Japan's sensors saw, as if it ended now."""
    first, last = (scenario.starts_at + timedelta(seconds=seconds) for seconds in (FROM_S, UNTIL_S))
    piece = [scan for scan in scans(scenario, solve(scenario), "JPN") if first <= scan.at <= last]
    late = datetime.now(UTC) - last
    return [structs.replace(scan, at=scan.at + late) for scan in piece]


async def alerts(node: Node) -> Alerts:
    return await node.live.look(node.to, "warning/alerts", Alerts)


def shows(record: str, of: Alerts) -> bool:
    return record in {one.id for one in of.alerts}


async def retraction_of(record: str, node: Node) -> Retraction:
    found = (await node.live.look(node.to, "line/retractions", Retractions)).retractions
    return next(one for one in found if one.record == record)


async def is_gone(record: str, *nodes: Node) -> None:
    async def gone() -> bool:
        return not any([shows(record, await alerts(node)) for node in nodes])

    await seen(gone, f"no alert {record[:8]} at {', '.join(node.member for node in nodes)}")


async def honoured_by(record: str, members: set[str], *nodes: Node) -> None:
    async def so() -> bool:
        told = [await retraction_of(record, node) for node in nodes]
        return all({each.member for each in one.honoured} == members for one in told)

    await seen(so, f"the retraction honoured by {', '.join(sorted(members))}")


async def only_auditors_ask_the_audit(node: Node, record: str) -> None:
    auditor, analyst = (Door(node.live.url, node.token(role)) for role in (Role.AUDITOR, Role.ANALYST))
    for path in ("audit", f"audit/record/{record}"):
        assert (await node.to.get(f"{analyst.url}/{path}", headers=analyst.headers)).status_code == 403
        assert (await node.to.get(f"{auditor.url}/{path}", headers=auditor.headers)).status_code == 200
    page = (await node.to.get(f"{auditor.url}/audit?record={record}&limit=1", headers=auditor.headers)).json()
    assert [one["record"] for one in page["lines"]] == [record]
    assert page["before"] == page["lines"][0]["line"]
    assert (await node.to.get(f"{auditor.url}/audit?recrod=x", headers=auditor.headers)).status_code == 400
    told = (await node.to.get(f"{auditor.url}/audit/record/{record}", headers=auditor.headers)).json()["story"]
    assert told[0]["what"] == "in the log"


async def the_log_still_has_it(node: Node, alert: str) -> None:
    log = dict(records(node, LIVE))
    assert log[alert].kind == ALERT.name
    assert (await laurel("log", "verify", node.made.layout.folder, "--json"))["faults"] == []
    [retraction] = [one for one in log.values() if one.kind == RETRACTED.name]
    assert (retraction.label, retraction.precedence) == (log[alert].label, Precedence.FLASH)
    assert {one.origin for one in log.values() if one.kind == HONOURED.name} == {"KOR", "USA"}


async def the_audit_tells_it(node: Node, alert: str, exported: Path) -> None:
    folder = node.made.layout.folder
    told = (await laurel("audit", folder, "--record", alert[:16], "--json"))["story"]
    what = [(event["what"], event["who"]) for event in told]
    assert ("in the log", "JPN node") in what
    for member in ("KOR", "USA"):
        assert {("let go to", member), ("carried: on the road's disk, to", member), ("honoured by", member)} <= set(
            what
        )
    assert "taken back by" in {one for one, _ in what}
    assert "not honoured by" not in {one for one, _ in what}
    assert any("the radar was being tested" in event["more"] for event in told)
    assert "honoured" in await laurel("audit", folder, "--record", alert)
    assert "release" in await laurel("audit", folder, "--member", "KOR", "--decision", "release", "--limit", "3")
    assert (await laurel("audit", folder, "--verify", "--json"))["fault"] is None
    await laurel("audit", folder, "--export", exported)


def a_stranger_checks(exported: Path) -> None:
    """With `cryptography` alone."""
    text = exported.read_bytes()
    assert len(text.splitlines()) > 10
    subprocess.run([sys.executable, "-I", VERIFY_AUDIT], input=text, check=True)
