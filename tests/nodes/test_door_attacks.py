"""Somebody hostile at the doors of a node: each try is refused, and nothing of the node has changed."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncGenerator, Coroutine, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import msgspec
import pytest
import pytest_asyncio
import websockets
from litestar import Litestar
from tests.nodes.door import PASSWORD, Served, served
from tests.nodes.screen import message
from tests.nodes.three import a_scan, a_sensor

from laurel.api.door import RATES
from laurel.api.wire import BoundedProtocol
from laurel.core.instrument import Role
from laurel.instruments import INSTRUMENTS
from laurel.node.people.credentials import Narrow
from laurel.node.people.limits import Rate

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("door-attacks")]

COMMANDS = [(one.name, made) for one in INSTRUMENTS for made in one.commands if made.for_people]
QUERIES = [f"{one.name}/{query.name}" for one in INSTRUMENTS for query in one.queries]
ROLES = [role for role in Role if role is not Role.NODE]
OFFICERS = [role for role in ROLES if role is not Role.SENSOR]
REPORT = "/camp-david/warning/report-scan"
RADAR, OTHER = "NOTIONAL-ONE", "NOTIONAL-TWO"


class Impatient(BoundedProtocol):
    head_within_s = 0.3
    # Eight bombs of a megabyte at once take their time.
    body_within_s = 3.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def node(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Served]:
    async with served(tmp_path_factory.mktemp("attacked"), wire=Impatient) as node:
        for name in (RADAR, OTHER):
            await register(node, name)
        yield node


async def register(node: Served, sensor: str) -> None:
    asked = {**node.bearer(Role.ADMINISTRATOR), "Ask-Id": f"register:{sensor}"}
    ask = msgspec.to_builtins(a_sensor(sensor))
    assert (await node.ask("/camp-david/warning/register-sensor", ask, asked)).status_code == 200


def now() -> datetime:
    return datetime.now(UTC)


def scan(sensor: str) -> Any:
    return msgspec.to_builtins(a_scan(sensor, now()))


async def raw(node: Served, *parts: bytes, wait_s: float = 2.0) -> bytes:
    """What a connection gets that says exactly this."""
    reader, writer = await asyncio.open_connection("127.0.0.1", node.port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        async with asyncio.timeout(wait_s):
            return await reader.read(65_536)
    except (ConnectionError, TimeoutError):
        return b""
    finally:
        writer.close()


# Roles


@pytest.mark.attack("roles")
@pytest.mark.parametrize(("instrument", "command"), COMMANDS, ids=lambda one: getattr(one, "name", one))
async def test_each_role_is_refused_each_command_that_is_not_its_own(
    node: Served, instrument: str, command: Any
) -> None:
    before = node.records()
    path = f"/camp-david/{instrument}/{command.name}"
    for role in ROLES:
        # Each in a name of its own: one name may not ask that often.
        headers = node.sensor(RADAR) if role is Role.SENSOR else node.bearer(role, name=f"a-{role.value}")
        for way in (path, f"{path}/many"):
            # What it says does not matter: it is not read.
            answer = await node.ask(way, {"nonsense": True}, {**headers, "Ask-Id": "escalate:1"})
            if role in command.roles:
                assert answer.status_code in {200, 400}, answer.text
            else:
                assert (answer.status_code, answer.json()["error"]) == (403, "NotPermitted")
    for role in OFFICERS:
        if role in command.roles:
            continue
        page = await node.link_in(f"of-{role.value}", role)
        answer = await node.ask(path, {"nonsense": True}, {**page, "Ask-Id": "escalate:2"})
        assert (answer.status_code, answer.json()["error"]) == (403, "NotPermitted")
    assert node.records() == before


@pytest.mark.attack("roles")
async def test_nobody_writes_a_role_into_a_request(node: Served) -> None:
    analyst = node.bearer(Role.ANALYST)
    said = {"X-Role": "administrator", "X-Forwarded-User": "admin", "Role": "administrator", "Ask-Id": "escalate:3"}
    sensor = msgspec.to_builtins(a_sensor("NOTIONAL-THREE"))
    for path in ("/camp-david/warning/register-sensor", "/camp-david/warning/register-sensor?role=administrator"):
        answer = await node.ask(path, {**sensor, "roles": ["administrator"]}, {**analyst, **said})
        assert answer.status_code == 403


@pytest.mark.attack("roles")
@pytest.mark.parametrize("path", ["line/report-fork", "warning/end-alert", "line/report-quarantine"])
async def test_what_the_node_alone_may_say_has_no_door(node: Served, path: str) -> None:
    everything = node.bearer(*OFFICERS)
    assert (await node.ask(f"/camp-david/{path}", {}, {**everything, "Ask-Id": "node:0001"})).status_code == 404


# Credentials


@pytest.mark.attack("sensor-credential")
async def test_a_stolen_sensor_credential_opens_no_door_but_its_own(node: Served) -> None:
    stolen = node.sensor(RADAR)
    before = node.records()
    opened: set[str] = set()
    headers = {**stolen, "Ask-Id": "stolen:001"}
    # Every route there is, also those added tomorrow.
    every = [
        (method, route.path_format.replace("{exercise}", "x").replace("{name}", "x").replace("{record}", "x"))
        for route in cast("Litestar", node.app.inner).routes
        for method in sorted(set(getattr(route, "methods", ())) - {"OPTIONS", "HEAD"})
    ]
    tries = (node.to.request(method, node.origin + path, headers=headers, json={"link": "x"}) for method, path in every)
    for (method, path), answer in zip(every, await few_at_once(tries), strict=True):
        if answer.status_code not in {401, 403, 404}:
            opened.add(f"{method} {path}")
    # The page and its parts are for everybody: who has not signed in must see how to.
    public = {"GET /", "GET /camp-david", "GET /healthz", "GET /schema", "GET /sign-in"}
    documents = {one for one in opened if one.startswith("GET /schema")}
    assert opened - public - documents == {f"POST {REPORT}", f"POST {REPORT}/many"}
    others = await node.ask(REPORT, scan(OTHER), {**stolen, "Ask-Id": "stolen:002"})
    assert (others.status_code, others.json()["error"]) == (403, "NotPermitted")
    assert node.records() == before


@pytest.mark.attack("sensor-credential")
async def test_a_stolen_credential_ends_when_it_is_revoked_or_late(node: Served) -> None:
    stolen, late = node.sensor("NOTIONAL-GONE"), node.sensor(RADAR, Narrow(expires_at=now() - timedelta(seconds=1)))
    other = node.sensor(RADAR, Narrow(worlds=frozenset({"camp-david.play"})))
    assert (await node.ask(REPORT, scan("NOTIONAL-GONE"), {**stolen, "Ask-Id": "gone:00001"})).status_code == 404
    node.people.credentials.revoke("sensor", "NOTIONAL-GONE")
    for headers, status in ((stolen, 401), (late, 401), (other, 403)):
        answer = await node.ask(REPORT, scan(RADAR), {**headers, "Ask-Id": "gone:00002"})
        assert answer.status_code == status


@pytest.mark.attack("sensor-credential")
async def test_a_gateways_token_asks_what_it_names_and_nothing_else(node: Served) -> None:
    only = frozenset({"warning/picture", "warning/register-sensor"})
    token = node.bearer(Role.ADMINISTRATOR, Role.WATCH_OFFICER, good_for=Narrow(only))
    for path in ("about", "docket", *QUERIES):
        answer = await node.look(f"/camp-david/{path}", token)
        assert (answer.status_code == 403) is (path not in only), path
    for instrument, command in COMMANDS:
        path = f"{instrument}/{command.name}"
        answer = await node.ask(f"/camp-david/{path}", {}, {**token, "Ask-Id": "narrow:001"})
        assert (answer.status_code == 400) is (path in only), answer.text
    with pytest.raises(websockets.ConnectionClosed):
        await _first(node, token)


@pytest.mark.attack("session")
async def test_a_credential_is_no_cookie_and_a_session_no_bearer_token(node: Served) -> None:
    page = await node.link_in("watch", Role.WATCH_OFFICER)
    name, _, token = page["Cookie"].partition("=")
    program = node.bearer(Role.WATCH_OFFICER)["Authorization"].removeprefix("Bearer ")
    for headers in ({"Authorization": f"Bearer {token}"}, {**node.page, "Cookie": f"{name}={program}"}):
        assert (await node.look("/camp-david/about", headers)).status_code == 401


# Sessions


@pytest.mark.attack("session")
@pytest.mark.parametrize("planted", ["chosen-by-an-attacker", "'; DROP TABLE session; --", "x" * 9_000])
async def test_a_planted_cookie_is_never_adopted(node: Served, planted: str) -> None:
    link = node.people.link("victim", (Role.WATCH_OFFICER,), now())
    answer = await node.ask("/sign-in/link", {"link": link}, {**node.page, "Cookie": f"laurel-jpn={planted}"})
    page = node.session(answer)
    assert planted not in page["Cookie"]
    as_attacker = {**node.page, "Cookie": f"laurel-jpn={planted}"}
    assert (await node.look("/camp-david/about", as_attacker)).status_code == 401


@pytest.mark.attack("session")
async def test_a_session_of_the_attackers_own_that_is_planted_ends_when_the_victim_signs_in(node: Served) -> None:
    attackers = await node.link_in("attacker", Role.ANALYST)
    link = node.people.link("victim", (Role.WATCH_OFFICER,), now())
    victims = node.session(await node.ask("/sign-in/link", {"link": link}, attackers))
    assert victims["Cookie"] != attackers["Cookie"]
    assert (await node.look("/sign-in/session", attackers)).status_code == 401
    assert (await node.look("/sign-in/session", victims)).json()["officer"] == "victim"


@pytest.mark.attack("session")
async def test_a_cookie_of_one_node_means_nothing_to_another_on_the_same_host(
    node: Served, tmp_path_factory: pytest.TempPathFactory
) -> None:
    async with served(tmp_path_factory.mktemp("korea"), "KOR") as korea:
        token = (await node.link_in("watch", Role.WATCH_OFFICER))["Cookie"].partition("=")[2]
        for cookie in (f"laurel-jpn={token}", f"laurel-kor={token}", f"laurel-jpn={token}; laurel-kor={token}"):
            answer = await korea.look("/camp-david/about", {**korea.page, "Cookie": cookie})
            assert answer.status_code == 401


@pytest.mark.attack("session")
async def test_who_guesses_a_password_waits_and_the_officer_gets_in_by_other_ways(node: Served) -> None:
    page = await node.link_in("guessed", Role.WATCH_OFFICER)
    page = node.session(await node.ask("/account/password", {"new": PASSWORD}, page))
    told: set[str] = set()
    for officer in ("guessed", "nobody-at-all"):
        for _ in range(5):
            answer = await node.ask("/sign-in/password", {"officer": officer, "password": "guess"})
            assert answer.status_code == 401
            told.add(answer.text)
        shut = await node.ask("/sign-in/password", {"officer": officer, "password": PASSWORD})
        assert (shut.status_code, shut.json()["error"]) == (429, "TooMany")
        assert 29 <= int(shut.headers["Retry-After"]) <= 31
    assert len(told) == 5
    # The screen that is open goes on, locks and unlocks; a link of the administrator's opens a new one.
    assert (await node.ask("/sign-in/lock", {}, page)).status_code == 200
    own = {"officer": "guessed", "password": PASSWORD}
    assert (await node.ask("/sign-in/password", own, page)).status_code == 200
    assert await node.link_in("guessed", Role.WATCH_OFFICER)


@pytest.mark.attack("session")
async def test_who_tries_many_names_from_one_address_waits_too(tmp_path: Path) -> None:
    async with served(tmp_path) as node:
        tries = [{"officer": f"officer-{number}", "password": "Password2027!!!"} for number in range(40)]
        answers = await asyncio.gather(*(node.ask("/sign-in/password", one) for one in tries))
        assert sorted({answer.status_code for answer in answers}) == [401, 429]
        assert 30 <= sum(answer.status_code == 401 for answer in answers) <= 34
        assert await node.link_in("watch", Role.WATCH_OFFICER)


# Another page


CROSS = {
    "nothing said": {"Origin": None, "Sec-Fetch-Site": None},
    "another origin": {"Origin": "https://attacker.example", "Sec-Fetch-Site": None},
    "no origin to speak of": {"Origin": "null", "Sec-Fetch-Site": None},
    "another port of this host": {"Origin": "http://127.0.0.1:1", "Sec-Fetch-Site": None},
    "this host over TLS": {"Origin": "https://127.0.0.1", "Sec-Fetch-Site": None},
    "another site, says the browser": {"Sec-Fetch-Site": "cross-site"},
    "a neighbour, says the browser": {"Sec-Fetch-Site": "same-site"},
    "a bookmark": {"Origin": None, "Sec-Fetch-Site": "none"},
    "a form of our own page": {"Laurel-Console": None},
    "another word": {"Laurel-Console": "0"},
}


@pytest.mark.attack("csrf")
@pytest.mark.parametrize("changed", CROSS.values(), ids=CROSS.keys())
async def test_a_page_elsewhere_does_nothing_with_an_officers_cookie(
    node: Served, changed: dict[str, str | None]
) -> None:
    page = await node.link_in("lured", *OFFICERS)
    before = node.records()
    headers = {name: value for name, value in {**page, "Ask-Id": "lured:0001", **changed}.items() if value is not None}
    paths = [
        "/account/password",
        "/sign-in/lock",
        "/sign-in/here",
        "/sign-out",
        "/camp-david/exercise/join-here/x",
        "/camp-david/exercise/end-here/x",
        *(f"/camp-david/{name}/{command.name}" for name, command in COMMANDS if Role.SENSOR not in command.roles),
    ]
    bodies: list[dict[str, Any]] = [{"json": {"new": PASSWORD}}]
    if changed.get("Sec-Fetch-Site") != "none":
        # What a form can send without asking first.
        text = {"Content-Type": "text/plain"}
        bodies += [{"data": {"everywhere": "true"}}, {"content": b'{"everywhere":true}', "headers": text}]
    asked = [(path, body) for path in paths for body in bodies]

    async def lure(path: str, body: dict[str, Any]) -> httpx.Response:
        sent = {**headers, **body.get("headers", {})}
        rest = {name: value for name, value in body.items() if name != "headers"}
        return await node.to.post(node.origin + path, headers=sent, **rest)

    for (path, _), answer in zip(asked, await few_at_once(lure(*one) for one in asked), strict=True):
        assert answer.status_code in {400, 403}, f"{path} {answer.text}"
    many = await node.to.post(f"{node.url}/warning/register-sensor/many", content=b"{}", headers=headers)
    assert many.json()["error"] == "CrossSite"
    session = (await node.look("/sign-in/session", page)).json()
    assert (session["locked"], session["has_password"]) == (None, False)
    assert node.records() == before


@pytest.mark.attack("csrf")
async def test_a_page_elsewhere_signs_nobody_in_as_somebody_else(node: Served) -> None:
    link = node.people.link("attacker", (Role.ANALYST,), now())
    for headers in ({}, {"Origin": "https://attacker.example", "Laurel-Console": "1"}, {"Origin": node.origin}):
        answer = await node.ask("/sign-in/link", {"link": link}, headers)
        assert (answer.status_code, answer.json()["error"]) == (403, "CrossSite")
        assert "set-cookie" not in answer.headers
    assert (await node.ask("/sign-in/link", {"link": link})).status_code == 200


@pytest.mark.attack("csrf")
async def test_a_page_elsewhere_reads_nothing_and_hears_no_stream(node: Served) -> None:
    page = await node.link_in("read", Role.WATCH_OFFICER)
    for changed in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://a.example"}):
        assert (await node.look("/camp-david/about", {**page, **changed})).json()["error"] == "CrossSite"
    cookie = {"Cookie": page["Cookie"]}
    for headers in (cookie, {**cookie, "Origin": "http://a.example"}, {**cookie, "Origin": "http://127.0.0.1:1"}):
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await _first(node, headers)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4403
    assert await _first(node, {**cookie, "Origin": node.origin})


@pytest.mark.attack("csrf")
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "TRACE", "HEAD"])
async def test_no_other_method_does_what_a_post_does(node: Served, method: str) -> None:
    page = await node.link_in("method", *OFFICERS)
    override = {"X-HTTP-Method-Override": "POST", "X-Method-Override": "POST"}
    for path in ("/sign-out", "/account/password", "/camp-david/warning/register-sensor"):
        answer = await node.to.request(method, node.origin + path, headers={**page, **override})
        assert answer.status_code in {404, 405}
    assert (await node.look("/sign-in/session", page)).status_code == 200


async def few_at_once(asks: Iterable[Coroutine[Any, Any, httpx.Response]]) -> list[httpx.Response]:
    """Their answers, in their order."""
    turns = asyncio.Semaphore(8)

    async def in_turn(ask: Coroutine[Any, Any, httpx.Response]) -> httpx.Response:
        async with turns:
            return await ask

    return await asyncio.gather(*map(in_turn, asks))


async def _first(node: Served, headers: dict[str, str]) -> str | bytes:
    url = f"ws{node.url.removeprefix('http')}/stream"
    async with websockets.connect(url, additional_headers=headers, proxy=None) as socket:
        return await asyncio.wait_for(socket.recv(), 10)


# Names, paths, headers


@pytest.mark.attack("injection")
@pytest.mark.parametrize(
    "host",
    [
        "attacker.example",
        "",
        "127.0.0.1.attacker.example",
        "attacker.example:{port}",
        "127.0.0.1@attacker.example",
        "127.0.0.1:{port}@attacker.example",
        "localhost.",
        "127.0.0.1:x",
        "0x7f.1",
        "[::ffff:127.0.0.1]",
        "127.0.0.1\r\nHost: attacker.example",
    ],
)
async def test_only_the_nodes_own_names_are_answered_to(node: Served, host: str) -> None:
    said = f"GET /healthz HTTP/1.1\r\nHost: {host.format(port=node.port)}\r\nConnection: close\r\n\r\n"
    answer = await raw(node, said.encode())
    assert answer.split()[1] in {b"421", b"400"}
    assert b"camp-david" not in answer


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST:{port}", "[::1]:{port}"])
async def test_the_nodes_own_names_are(node: Served, host: str) -> None:
    said = f"GET /healthz HTTP/1.1\r\nHost: {host.format(port=node.port)}\r\nConnection: close\r\n\r\n"
    assert (await raw(node, said.encode())).startswith(b"HTTP/1.1 200")


@pytest.mark.attack("injection")
@pytest.mark.parametrize(
    "path",
    [
        "/camp-david/assets/../../../people.db",
        "/camp-david/assets/..%2f..%2fpeople.db",
        "/camp-david/assets/%2e%2e/%2e%2e/node.toml",
        "/camp-david/assets/..%5c..%5cnode.toml",
        "/camp-david/assets/index.js%00.css",
        "/camp-david/assets//etc/passwd",
        "/camp-david/../../etc/passwd",
        "//etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "http://attacker.example/etc/passwd",
        "/camp-david/exercise/join-here/..%2f..%2fx",
        "/camp-david/exercise/end-here/..%2f..%2fx",
    ],
)
async def test_no_path_leads_out_of_the_page(node: Served, path: str) -> None:
    before = sorted(node.site.layout.folder.rglob("*"))
    token = node.bearer(Role.EXERCISE_CONTROL)["Authorization"]
    for method in ("GET", "POST"):
        said = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAuthorization: {token}\r\n"
        answer = await raw(node, f"{said}Ask-Id: path:00001\r\nContent-Length: 0\r\n\r\n".encode())
        assert answer.split()[1] in {b"404", b"400", b"405"}, answer
        assert b"root:" not in answer
        assert b"SQLite" not in answer
    assert sorted(node.site.layout.folder.rglob("*")) == before


@pytest.mark.attack("injection")
async def test_nothing_that_is_said_becomes_a_header_or_a_line_of_its_own(node: Served) -> None:
    for said in (
        b"GET /sign-in?link=x%0d%0aSet-Cookie:%20laurel-jpn=planted HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /sign-in?link=aaaaaaaaaaaaaaaaaaaaaaaaa%0aX-Planted:1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: a\r\n\tplanted: b\r\n\r\n",
        b"POST " + REPORT.encode() + b" HTTP/1.1\r\nHost: localhost\r\nAsk-Id: a\rb\r\nContent-Length: 0\r\n\r\n",
    ):
        head = (await raw(node, said)).partition(b"\r\n\r\n")[0].lower()
        assert b"planted" not in head
    before = node.people.officers.rows()
    for name in ("a\nofficer:chief signed-in", "x" * 65, "\u202enimda", "a\x00b"):
        answer = await node.ask("/sign-in/password", {"officer": name, "password": "x"})
        assert answer.status_code in {400, 401}
    assert node.people.officers.rows() == before
    assert not [line for line in await node.audit() if "\n" in "".join(map(str, line))]


async def test_every_answer_tells_the_browser_what_not_to_do(node: Served) -> None:
    for path in ("/", "/camp-david/", "/healthz", "/nothing", "/camp-david/about", "/schema/openapi.json"):
        headers = (await node.to.get(node.origin + path)).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"
        assert "geolocation=()" in headers["permissions-policy"]
        assert "server" not in headers


# Sizes, bombs, floods


@pytest.mark.attack("bomb")
async def test_a_head_without_end_or_in_drops_is_cut_off(node: Served) -> None:
    start = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
    assert not await raw(node, start, b"X-Endless: ", *([b"a" * 16_384] * 20))
    assert not await raw(node, start)
    assert not await raw(node, b"")
    post = b"POST /sign-in/link HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{"
    assert not (await raw(node, post)).startswith(b"HTTP/1.1 200")
    for head in (b"".join(b"X-%d: y\r\n" % number for number in range(200)), b"X: " + b"y" * 20_000 + b"\r\n"):
        assert (await raw(node, start + head + b"\r\n")).startswith(b"HTTP/1.1 431")
    long = await node.to.get(f"{node.origin}/{'x' * 20_000}")
    assert long.status_code == 431


@pytest.mark.attack("bomb")
@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"a":' * 50_000 + b"1", b"9" * 1_000_000, b'"' + b"\\u0000" * 9_999]
)
async def test_a_nesting_bomb_is_refused_wherever_it_is_posted(node: Served, body: bytes) -> None:
    before = node.records()
    everything = node.bearer(*OFFICERS)
    page = await node.link_in("bombed", *OFFICERS)
    asks = [(f"/camp-david/{name}/{command.name}", everything) for name, command in COMMANDS]
    asks += [(path, page) for path in ("/sign-in/passkey", "/account/passkeys", "/sign-in/password", "/sign-out")]
    asks += [(REPORT, node.sensor(RADAR))]
    sent = {"Ask-Id": "bomb:00001", "Content-Type": "application/json"}
    bombs = (node.to.post(node.origin + path, content=body, headers={**who, **sent}) for path, who in asks)
    for (path, _), answer in zip(asks, await few_at_once(bombs), strict=True):
        assert answer.status_code in {400, 403}, f"{path} {answer.text[:300]}"
    nested: Any = 1
    for _ in range(400):
        nested = {"response": nested}
    assert (await node.ask("/sign-in/passkey", {"credential": nested}, page)).status_code == 400
    assert node.records() == before


@pytest.mark.attack("bomb")
async def test_nothing_is_unpacked_at_the_door(node: Served) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    for encoding in ("gzip", "deflate", "br", "gzip, identity"):
        headers = {**node.sensor(RADAR), "Ask-Id": "gzip:00001", "Content-Encoding": encoding}
        answer = await node.to.post(node.origin + REPORT, content=bomb, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (415, "Encoded")
    page = await node.link_in("deflated", Role.WATCH_OFFICER)
    url = f"ws{node.url.removeprefix('http')}/stream"
    headers = {"Cookie": page["Cookie"], "Origin": node.origin}
    async with websockets.connect(url, additional_headers=headers, proxy=None, compression="deflate") as socket:
        await socket.send(" " * 20_000_000)
        with pytest.raises(websockets.ConnectionClosed):
            await message(socket, "nothing more")


@pytest.mark.attack("bomb")
async def test_a_body_without_end_is_refused(node: Served) -> None:
    async def endless() -> AsyncGenerator[bytes]:
        for _ in range(100):
            yield b" " * 65_536

    headers = {**node.sensor(RADAR), "Ask-Id": "endless:01"}
    try:
        answer = await node.to.post(node.origin + REPORT, content=endless(), headers=headers)
    except httpx.TransportError:
        return
    assert answer.status_code == 413


@pytest.mark.attack("flood")
async def test_a_flood_by_one_sensor_lets_the_others_through(tmp_path: Path) -> None:
    rates = replace(RATES, asks=Rate(5.0, 20.0))
    async with served(tmp_path, rates=rates) as node:
        for name in (RADAR, OTHER):
            await register(node, name)
        flooding, quiet = node.sensor(RADAR), node.sensor(OTHER)
        # Taken before the flood, so that the flood is of scans in time: late ones cost the tracker more.
        first = scan(OTHER)
        lines = [json.dumps({"ask_id": f"flood:{number:05}", "ask": scan(RADAR)}) for number in range(300)]
        content = {**flooding, "Content-Type": "application/x-ndjson"}
        flood = asyncio.create_task(
            node.to.post(f"{node.origin}{REPORT}/many", content="\n".join(lines).encode(), headers=content)
        )
        await asyncio.sleep(0.05)
        answer = await node.ask(REPORT, first, {**quiet, "Ask-Id": "quiet:0001"})
        assert answer.status_code == 200
        assert not flood.done()
        assert (await flood).status_code == 200
        looks = [await node.look("/camp-david/about", flooding) for _ in range(30)]
        refused = [one for one in looks if one.status_code == 429]
        assert refused
        assert int(refused[0].headers["Retry-After"]) >= 1
        assert (await node.ask(REPORT, scan(OTHER), {**quiet, "Ask-Id": "quiet:0002"})).status_code == 200


@pytest.mark.attack("flood")
async def test_one_officer_holds_so_many_streams_and_no_more(node: Served) -> None:
    page = await node.link_in("streams", Role.WATCH_OFFICER)
    url = f"ws{node.url.removeprefix('http')}/stream"
    headers = {"Cookie": page["Cookie"], "Origin": node.origin}
    opened = [await websockets.connect(url, additional_headers=headers, proxy=None) for _ in range(RATES.streams + 1)]
    with pytest.raises(websockets.ConnectionClosed) as closed:
        await asyncio.wait_for(opened[-1].recv(), 10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4429
    for socket in opened:
        await socket.close()
