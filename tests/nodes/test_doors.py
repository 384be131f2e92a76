"""The doors of one running node: who may come in, what is refused and how, and what the screens are sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest
import pytest_asyncio
import websockets
from tests.nodes.screen import message, stream
from tests.nodes.three import PATIENCE_S, PLOT, Node, a_scan, a_sensor, client, make_three, run_nodes

from laurel.core.instrument import Role
from laurel.gateways.demo.door import Door
from laurel.gateways.demo.nodes import sign_in_link
from laurel.instruments.warning.picture_types import Sensors

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("doors")]

RADAR, OTHER = "NOTIONAL-ONE", "NOTIONAL-TWO"
REPORT = "warning/report-scan"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def node(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Node]:
    async with client() as to:
        made = make_three(tmp_path_factory.mktemp("doors"), to)["JPN"]
        async with run_nodes(made):
            for name in (RADAR, OTHER):
                await made.live.ask(to, "warning/register-sensor", a_sensor(name), f"register:{name}")
            yield made


def now() -> datetime:
    return datetime.now(UTC)


async def post(node: Node, door: Door, command: str, ask: object, ask_id: str | None = None) -> httpx.Response:
    content = ask if isinstance(ask, bytes) else msgspec.json.encode(ask)
    headers = {**door.headers, "Content-Type": "application/json"}
    if ask_id is not None:
        headers["Ask-Id"] = ask_id
    return await node.to.post(f"{door.url}/{command}", content=content, headers=headers)


def names_fault(answer: httpx.Response, status: int, error: str, *words: str) -> None:
    """It says which fault, where, and what to do."""
    told = answer.json()
    assert (answer.status_code, told["error"]) == (status, error), told
    assert told["says"]
    assert told["remedy"]
    for word in words:
        assert word in answer.text


# Who may come in


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nobodys"}, {"Authorization": "Basic bm9ib2R5OngK"}])
@pytest.mark.parametrize("path", ["about", "docket", "search?words=scan", "warning/picture", REPORT, f"{REPORT}/many"])
async def test_who_does_not_sign_in_learns_and_does_nothing(node: Node, path: str, headers: dict[str, str]) -> None:
    before = node.counts()
    address = f"{node.live.url}/{path}"
    if path.startswith(REPORT):
        scan = msgspec.json.encode(a_scan(RADAR, now()))
        answer = await node.to.post(address, content=scan, headers={**headers, "Ask-Id": "nobody:1"})
    else:
        answer = await node.to.get(address, headers=headers)
    names_fault(answer, 401, "SignInNeeded", "laurel officer link")
    assert node.counts() == before


async def test_a_sensor_reports_its_own_scans_and_does_nothing_else(node: Node) -> None:
    door = node.sensor_door(RADAR)
    assert (await post(node, door, REPORT, a_scan(RADAR, now()), "own:00001")).status_code == 200
    before = node.counts()
    another = await post(node, door, REPORT, a_scan(OTHER, now()), "other:0001")
    names_fault(another, 403, "NotPermitted", RADAR, OTHER)
    register = await post(node, door, "warning/register-sensor", a_sensor("NOTIONAL-THREE"), "register:3")
    names_fault(register, 403, "NotPermitted", "administrator")
    for path in ("about", "docket", "search?words=scan", "warning/picture", "warning/sensors", "exercise/exercises"):
        look = await node.to.get(f"{door.url}/{path}", headers=door.headers)
        names_fault(look, 403, "NotPermitted", f"sensor:{RADAR}")
    assert node.counts() == before


async def test_a_role_is_needed_for_each_command(node: Node) -> None:
    analyst = Door(node.live.url, node.token(Role.ANALYST))
    refused = await post(node, analyst, REPORT, a_scan(RADAR, now()), "analyst:1")
    names_fault(refused, 403, "NotPermitted", "sensor")
    assert (await node.to.get(f"{analyst.url}/warning/picture", headers=analyst.headers)).status_code == 200


async def test_a_one_time_link_opens_the_door_once(node: Node) -> None:
    link = httpx.URL(sign_in_link(node.made, node.live))
    # What opens addresses ahead of people is sent no token, and spends none.
    for ahead in (link, link.join(f"/sign-in?{link.fragment}")):
        assert "set-cookie" not in (await node.to.get(ahead)).headers
    origin = str(link.join("/")).rstrip("/")
    page = {"Origin": origin, "Laurel-Console": "1"}
    token = {"link": link.fragment.removeprefix("link=")}
    opened = await node.to.post(f"{origin}/sign-in/link", json=token, headers=page)
    assert opened.status_code == 200
    given = opened.headers["set-cookie"]
    assert "HttpOnly" in given
    assert "SameSite=strict" in given
    node.to.cookies.clear()
    cookie = {"Cookie": given.partition(";")[0]}
    about = await node.to.get(f"{node.live.url}/about", headers=cookie)
    assert about.json()["officer"] == "officer:watch"
    async with stream(node.live, **cookie, Origin=origin) as socket:
        assert (await message(socket, "session"))["session"]["locked"] is None
        assert (await message(socket, "picture"))["picture"]["tracks"] == []
    names_fault(await node.to.post(f"{origin}/sign-in/link", json=token, headers=page), 401, "SignInNeeded", "used")
    bearer = Door("", token["link"]).headers
    names_fault(await node.to.get(f"{node.live.url}/about", headers=bearer), 401, "SignInNeeded")


# What is refused, and how


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "path"),
        (b"{", "path"),
        (b"[]", "array"),
        (b'{"sensor":"NOTIONAL-ONE","plots":[]}', "at"),
        (b'{"sensor":"NOTIONAL-ONE","at":"2026-08-18T03:00:00","plots":[]}', "at"),
        (b'{"sensor":"NOTIONAL-ONE","at":"2026-08-18T03:00:00Z","plots":[],"secret":1}', "secret"),
        (b'{"sensor":"../../x","at":"2026-08-18T03:00:00Z","plots":[]}', "sensor"),
        (b'{"sensor":"NOTIONAL-ONE","at":"2026-08-18T03:00:00Z","plots":[[0.0,NaN,0.1,1000.0,20.0]]}', "path"),
        (b'{"sensor":"NOTIONAL-ONE","at":"2026-08-18T03:00:00Z","plots":[[0.0,1e999,0.1,1000.0,20.0]]}', "path"),
        (b'{"sensor":"NOTIONAL-ONE","at":"2026-08-18T03:00:00Z","plots":[[0.0,9.0,0.1,1000.0,20.0]]}', "plots"),
        (b"\xff\xfe", "path"),
        (b'{"sensor":"\xff"}', "path"),
        (b"[" * 100_000, "path"),
    ],
    ids=[
        "empty",
        "torn",
        "a list",
        "no time",
        "no zone",
        "unknown field",
        "bad name",
        "NaN",
        "infinite",
        "angle",
        "no text",
        "torn text",
        "nested",
    ],
)
async def test_a_body_that_is_no_such_ask_is_refused_whole(node: Node, body: bytes, word: str) -> None:
    before = node.counts()
    answer = await post(node, node.sensor_door(RADAR), REPORT, body, "bad-body:1")
    names_fault(answer, 400, "BadField", word)
    assert node.counts() == before


async def test_a_body_that_is_too_large_is_refused(node: Node) -> None:
    answer = await post(node, node.sensor_door(RADAR), REPORT, b" " * 3_000_000, "too-large:1")
    names_fault(answer, 413, "BadField")


async def test_a_scan_that_no_such_sensor_can_have_made_is_refused(node: Node) -> None:
    before = node.counts()
    door = node.sensor_door(RADAR)
    for number, (scan, word) in enumerate(
        [
            (a_scan(RADAR, now() + timedelta(minutes=1)), "at"),
            (a_scan(RADAR, now() - timedelta(minutes=11)), "at"),
            (a_scan(RADAR, now(), msgspec.structs.replace(PLOT, range_m=2.5e6)), "plots[0].range_m"),
            (a_scan(RADAR, now(), PLOT, msgspec.structs.replace(PLOT, elevation_rad=-0.5)), "plots[1].elevation_rad"),
            (a_scan(RADAR, now(), msgspec.structs.replace(PLOT, range_m=None)), "plots[0].range_m"),
        ]
    ):
        names_fault(await post(node, door, REPORT, scan, f"impossible:{number}"), 400, "BadScan", word)
    unknown = node.sensor_door("NOTIONAL-UNKNOWN")
    told = await post(node, unknown, REPORT, a_scan("NOTIONAL-UNKNOWN", now()), "unknown:1")
    names_fault(told, 404, "Nothing", "register")
    assert node.counts() == before


@pytest.mark.parametrize("ask_id", [None, "", "short", "x" * 121, "with space"])
async def test_an_ask_needs_a_name(node: Node, ask_id: str | None) -> None:
    before = node.counts()
    answer = await post(node, node.sensor_door(RADAR), REPORT, a_scan(RADAR, now()), ask_id)
    names_fault(answer, 400, "BadField", "Ask-Id", "8 to 120")
    assert node.counts() == before


async def test_a_repeated_ask_says_nothing_twice_and_another_under_its_name_is_refused(node: Node) -> None:
    door = node.sensor_door(RADAR)
    scan = a_scan(RADAR, now())
    first = (await post(node, door, REPORT, scan, "again:0001")).json()
    held = node.counts()
    again = (await post(node, door, REPORT, scan, "again:0001")).json()
    assert again == {"records": first["records"], "again": True, "waits": False}
    other = await post(node, door, REPORT, a_scan(RADAR, now()), "again:0001")
    names_fault(other, 409, "AskReused", "again:0001")
    assert node.counts() == held
    # The name is this author's alone.
    mine = a_scan(OTHER, now())
    assert not (await post(node, node.sensor_door(OTHER), REPORT, mine, "again:0001")).json()["again"]


async def test_of_many_lines_each_counts_for_itself(node: Node) -> None:
    def line(ask_id: str, ask: object) -> bytes:
        return msgspec.json.encode({"ask_id": ask_id, "ask": ask})

    scan = a_scan(RADAR, now())
    lines = [
        line("many:0001", scan),
        b"not json",
        line("many:0001", scan),
        line("short", scan),
        b"",
        line("many:0002", a_scan(OTHER, now())),
        line("many:0003", {"sensor": RADAR}),
        b"[" * 100_000,
        b'{"ask_id":"many:0005","ask":{"sensor":"\xff"}}',
        line("many:0004", a_scan(RADAR, now())),
    ]
    before = node.counts().get(("JPN", "warning.scan.v1"), 0)
    answer = await post(node, node.sensor_door(RADAR), f"{REPORT}/many", b"\n".join(lines))
    outcomes = answer.json()
    assert [one["line"] for one in outcomes] == list(range(1, 10))
    errors = [one["mistake"]["error"] if "mistake" in one else None for one in outcomes]
    bad = "BadField"
    assert errors == [None, bad, None, bad, "NotPermitted", bad, bad, bad, None]
    assert outcomes[2] == {"line": 3, "records": outcomes[0]["records"], "again": True}
    assert node.counts()["JPN", "warning.scan.v1"] == before + 2


async def test_more_lines_than_a_thousand_are_refused_whole(node: Node) -> None:
    before = node.counts()
    lines = b"\n".join(msgspec.json.encode({"ask_id": f"flood:{number:04}", "ask": {}}) for number in range(1_001))
    names_fault(await post(node, node.sensor_door(RADAR), f"{REPORT}/many", lines), 400, "BadField", "1001", "1000")
    assert node.counts() == before


async def test_what_is_not_there_is_said_clearly(node: Node) -> None:
    for path in ("warning/no-such-query", "no-such-instrument/x", "../etc/passwd", "line/report-fork"):
        answer = await node.to.get(f"{node.live.url}/{path}", headers=node.live.headers)
        names_fault(answer, 404, "UnknownAsk", "laurel --help")
    bad = await node.to.get(f"{node.live.url}/warning/picture?colour=red", headers=node.live.headers)
    names_fault(bad, 400, "BadField", "colour")
    track = await node.to.get(f"{node.live.url}/warning/track?number=JPN-1", headers=node.live.headers)
    names_fault(track, 404, "Nothing", "JPN-1")


# What the screens are sent


async def test_what_officers_wrote_is_found_by_its_words(node: Node) -> None:
    officer = Door(node.live.url, node.token(Role.WATCH_OFFICER))
    ask = {
        "classification": "RESTRICTED",
        "precedence": 0,
        "language": "ja",
        "text": "潮位計の値は正しいか。",
        "to": ["KOR"],
        "subject": "Tide gauge",
    }
    told = await post(node, officer, "hotline/send", ask, "search:sent")
    [record] = told.json()["records"]
    for words in ("TIDE", "潮位計 tide"):
        found = await node.to.get(f"{officer.url}/search", params={"words": words}, headers=officer.headers)
        [one] = found.json()
        assert (one["record"], one["of"], one["origin"], one["language"]) == (record, record, "JPN", "ja")
        assert one["banner"] == "RESTRICTED//REL TO JPN, KOR"
    for bad in ({}, {"words": ""}, {"words": "tide", "most": "0"}, {"words": "tide", "most": "100000"}):
        names_fault(await node.to.get(f"{officer.url}/search", params=bad, headers=officer.headers), 400, "BadField")


async def test_the_stream_needs_a_sign_in_and_is_not_for_sensors(node: Node) -> None:
    sensor = node.sensor_door(RADAR)
    for headers, code in (({}, 4401), ({"Authorization": "Bearer nobodys"}, 4401), (sensor.headers, 4403)):
        async with stream(node.live, **headers) as socket:
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await asyncio.wait_for(socket.recv(), PATIENCE_S)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == code


async def test_the_stream_shows_a_scan_soon_after_it_was_said(node: Node) -> None:
    async with stream(node.live, **node.live.headers) as socket:
        first = await message(socket, "picture")
        assert {one["name"] for one in first["picture"]["sensors"]} == {RADAR, OTHER}
        clock = await message(socket, "clock")
        assert clock["rate"] == 1.0
        assert abs(datetime.fromisoformat(clock["now"]) - now()) < timedelta(seconds=PATIENCE_S)
        lines = await message(socket, "links")
        assert {row["member"] for row in lines["links"]} == {"KOR", "USA"}
        assert (lines["trouble"]["parked"], lines["trouble"]["disagreements"]) == ([], [])
        # Its peers do not run: it listens for them some seconds, and then speaks.
        assert lines["trouble"]["resumption"] is None or lines["trouble"]["resumption"]["state"] == "listening"
        # Without a commit there is silence for some seconds; what follows one comes at once.
        scan = a_scan(OTHER, now())
        assert (await post(node, node.sensor_door(OTHER), REPORT, scan, "stream:0001")).status_code == 200
        while True:
            sensors = (await message(socket, "picture"))["picture"]["sensors"]
            heard = next(one["last_scan_at"] for one in sensors if one["name"] == OTHER)
            if heard is not None and datetime.fromisoformat(heard) >= scan.at:
                break


async def test_many_screens_see_the_same_and_one_that_leaves_disturbs_nobody(node: Node) -> None:
    async with stream(node.live, **node.live.headers) as first, stream(node.live, **node.live.headers) as second:
        for socket in (first, second):
            await message(socket, "links")
        await first.close()
        scan = a_scan(RADAR, now())
        assert (await post(node, node.sensor_door(RADAR), REPORT, scan, "screens:001")).status_code == 200
        told = await message(second, "picture")
        answer = await node.live.look(node.to, "warning/sensors", Sensors)
        heard = next(one.last_scan_at for one in answer.sensors if one.name == RADAR)
        assert heard == scan.at
        assert {one["name"] for one in told["picture"]["sensors"]} == {RADAR, OTHER}


async def test_a_scan_that_was_acknowledged_is_in_the_log(node: Node) -> None:
    held = node.counts()["JPN", "warning.scan.v1"]
    asks = (post(node, node.sensor_door(RADAR), REPORT, a_scan(RADAR, now()), f"burst:{n:04}") for n in range(40))
    answers = await asyncio.gather(*asks)
    assert [answer.status_code for answer in answers] == [200] * 40
    assert node.counts()["JPN", "warning.scan.v1"] == held + 40
