"""Officers at the doors of a node: in by link, password and passkey; locked, unlocked, out."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
import websockets
from tests.nodes.device import PRESENT, Device
from tests.nodes.door import PASSWORD, Served, served
from tests.nodes.screen import message, stream

from laurel.core.instrument import Role
from laurel.gateways.demo.door import Door

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("door-people")]

ROLES = (Role.WATCH_OFFICER, Role.ANALYST)
READ = ("/camp-david/about", "/camp-david/warning/picture")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def node(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Served]:
    async with served(tmp_path_factory.mktemp("door"), names=("laurel.example",)) as node:
        yield node


def now() -> datetime:
    return datetime.now(UTC)


def by_name(node: Served, page: dict[str, str]) -> dict[str, str]:
    """The same page, opened under a name instead of an address."""
    return {**page, "Host": f"localhost:{node.port}", "Origin": f"http://localhost:{node.port}"}


async def test_an_officer_comes_in_by_link_sets_a_password_and_comes_in_by_that(node: Served) -> None:
    page = await node.link_in("by-link", *ROLES)
    about = (await node.look("/camp-david/about", page)).json()
    assert about["officer"] == "officer:by-link"
    changed = await node.ask("/account/password", {"new": PASSWORD}, page)
    assert changed.json()["has_password"]
    # The session that changed it has a new token; the old one is gone.
    assert (await node.look("/sign-in/session", page)).status_code == 401
    assert (await node.look("/sign-in/session", node.session(changed))).status_code == 200
    page = node.session(await node.ask("/sign-in/password", {"officer": "by-link", "password": PASSWORD}))
    session = (await node.look("/sign-in/session", page)).json()
    assert (session["opened_by"], session["roles"]) == ("password", ["analyst", "watch-officer"])
    assert (await node.ask("/sign-out", {}, page)).json() == {"signed_out": "by-link"}
    assert (await node.look("/camp-david/about", page)).status_code == 401


async def test_signing_out_everywhere_ends_every_screen(node: Served) -> None:
    here, there = [await node.link_in("everywhere", *ROLES) for _ in range(2)]
    assert (await node.ask("/sign-out", {"everywhere": True}, here)).status_code == 200
    for page in (here, there):
        assert (await node.look("/sign-in/session", page)).status_code == 401


async def test_a_locked_screen_still_warns_and_does_nothing_else(node: Served) -> None:
    page = await node.link_in("locked", *ROLES)
    await node.ask("/account/password", {"new": PASSWORD}, page)
    page = node.session(await node.ask("/sign-in/password", {"officer": "locked", "password": PASSWORD}))
    async with stream(Door(node.url, ""), **page) as socket:
        assert (await message(socket, "session"))["session"]["locked"] is None
        assert (await node.ask("/sign-in/lock", {}, page)).json()["locked"] == "asked"
        node.site.station.stir()
        assert (await message(socket, "session"))["session"]["locked"] == "asked"
        assert (await message(socket, "picture"))["picture"]["tracks"] == []
    for path in READ:
        assert (await node.look(path, page)).status_code == 200
    for answer in (
        await node.look("/camp-david/docket", page),
        await node.look("/camp-david/warning/track?number=JPN-1", page),
        await node.ask("/camp-david/warning/cancel-alert", {}, {**page, "Ask-Id": "locked:0001"}),
        await node.ask("/camp-david/exercise/join-here/x", {}, {**page, "Ask-Id": "locked:0002"}),
        await node.ask("/account/password", {"new": PASSWORD + "!"}, page),
        await node.ask("/account/passkeys/options", {}, page),
    ):
        # A body that fits no ask may be refused for that first: neither changes anything.
        assert answer.status_code in {423, 400}
        assert answer.json()["error"] in {"SessionLocked", "BadField"}
    assert (await node.look("/camp-david/docket", page)).json()["error"] == "SessionLocked"
    unlocked = node.session(await node.ask("/sign-in/password", {"officer": "locked", "password": PASSWORD}, page))
    assert unlocked["Cookie"] != page["Cookie"]
    assert (await node.look("/camp-david/docket", unlocked)).status_code == 200
    assert (await node.look("/camp-david/about", page)).status_code == 401


async def test_a_screen_locks_by_itself_and_a_hand_keeps_it_open(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    async with served(tmp_path_factory.mktemp("idle"), lock_after=timedelta(seconds=1.5)) as node:
        page = await node.link_in("idle", *ROLES)
        for _ in range(5):
            await asyncio.sleep(0.4)
            assert (await node.ask("/sign-in/here", {}, page)).json()["locked"] is None
        for _ in range(5):
            # Looking is not a hand: the page looks by itself.
            await asyncio.sleep(0.4)
            await node.look("/camp-david/about", page)
        assert (await node.look("/sign-in/session", page)).json()["locked"] == "idle"
        assert (await node.ask("/sign-in/here", {}, page)).json()["locked"] == "idle"


async def test_an_officer_who_is_shut_out_sees_no_more(node: Served) -> None:
    page = await node.link_in("shut-out", *ROLES)
    async with stream(Door(node.url, ""), **page) as socket:
        await message(socket, "session")
        node.people.officers.disable("shut-out", now())
        node.site.station.stir()
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await message(socket, "nothing more")
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401


async def test_a_password_is_changed_only_by_whoever_proved_it_lately_or_knows_it(node: Served) -> None:
    page = await node.link_in("stale", *ROLES)
    page = node.session(await node.ask("/account/password", {"new": PASSWORD}, page))
    with closing(sqlite3.connect(node.site.layout.people)) as register, register:
        long_ago = (now() - timedelta(minutes=11)).isoformat()
        register.execute("UPDATE session SET opened_at = ? WHERE officer = 'stale'", (long_ago,))
    other = "another battery, another horse"
    refused = await node.ask("/account/password", {"new": other}, page)
    assert (refused.status_code, refused.json()["error"]) == (403, "ProveAgain")
    assert (await node.ask("/account/passkeys/options", {}, page)).json()["error"] == "ProveAgain"
    wrong = await node.ask("/account/password", {"new": other, "current": "no"}, page)
    assert wrong.json()["error"] == "SignInRefused"
    assert (await node.ask("/account/password", {"new": other, "current": PASSWORD}, page)).status_code == 200


async def test_everything_at_the_door_is_in_the_audit(node: Served) -> None:
    page = await node.link_in("audited", *ROLES)
    await node.ask("/sign-in/password", {"officer": "audited", "password": "wrong"})
    await node.ask("/sign-in/password", {"officer": "typed-a-password-here", "password": "wrong"})
    await node.look("/camp-david/docket", page)
    await node.ask("/sign-in/lock", {}, page)
    await node.look("/camp-david/docket", page)
    link = node.people.link("audited", ROLES, now())
    page = node.session(await node.ask("/sign-in/link", {"link": link}, page))
    await node.ask("/sign-out", {}, page)
    lines = [(line.decision, line.author) for line in await node.audit()]
    for decision in ("signed-in", "sign-in-refused", "saw", "locked", "refused-while-locked", "unlocked", "signed-out"):
        assert (decision, "officer:audited") in lines
    assert ("sign-in-refused", "officer:unknown") in lines
    assert not [line for line in lines if "typed-a-password-here" in line[1]]


# Passkeys


async def with_passkey(node: Served, officer: str) -> tuple[Device, dict[str, str]]:
    page = by_name(node, await node.link_in(officer, *ROLES))
    device = Device(page["Origin"], "localhost")
    options = (await node.ask("/account/passkeys/options", {}, page)).json()
    assert options["authenticatorSelection"]["userVerification"] == "required"
    made = await node.ask("/account/passkeys", {"name": "My key", "credential": device.make(options)}, page)
    assert made.json()["name"] == "My key"
    return device, page


async def sign_in(node: Served, device: Device, page: dict[str, str] | None = None) -> tuple[int, str]:
    page = page or by_name(node, node.page)
    options = (await node.ask("/sign-in/passkey/options", {}, page)).json()
    device.count += 1
    answer = await node.ask("/sign-in/passkey", {"credential": device.sign(options)}, page)
    told = answer.json()
    return answer.status_code, told.get("officer") or told["error"]


async def test_an_officer_comes_in_by_passkey_without_saying_a_name(node: Served) -> None:
    device, page = await with_passkey(node, "key")
    options = (await node.ask("/sign-in/passkey/options", {}, by_name(node, node.page))).json()
    assert "allowCredentials" not in options or not options["allowCredentials"]
    assert options["userVerification"] == "required"
    assert await sign_in(node, device) == (200, "key")
    rows = (await node.look("/sign-in/session", page)).json()["passkeys"]
    assert [row["name"] for row in rows] == ["My key"]
    assert (await node.ask("/account/passkeys/remove", {"id": rows[0]["id"]}, page)).json()["passkeys"] == []
    assert await sign_in(node, device) == (401, "SignInRefused")


@pytest.mark.attack("session")
async def test_a_passkey_that_breaks_a_promise_signs_nobody_in(node: Served) -> None:
    device, _ = await with_passkey(node, "promises")
    assert await sign_in(node, device) == (200, "promises")
    for broken in (
        replace(device, flags=PRESENT),
        replace(device, origin="http://localhost:1"),
        replace(device, origin="https://laurel.example"),
        replace(device, host="laurel.example"),
        replace(device, key=Device("", "").key),
        replace(device, id=b"nobody's"),
        replace(device, count=0),
    ):
        assert await sign_in(node, broken) == (401, "SignInRefused")
    assert await sign_in(node, replace(device, cross_origin=True)) == (400, "PasskeyRefused")
    device.count = 10
    assert await sign_in(node, device) == (200, "promises")
    node.people.officers.disable("promises", now())
    assert await sign_in(node, device) == (401, "SignInRefused")


@pytest.mark.attack("session")
async def test_an_answer_of_a_device_is_good_once_and_for_what_it_was_asked(node: Served) -> None:
    device, page = await with_passkey(node, "once")
    out = by_name(node, node.page)
    options = (await node.ask("/sign-in/passkey/options", {}, out)).json()
    device.count += 1
    signed = {"credential": device.sign(options)}
    assert (await node.ask("/sign-in/passkey", signed, out)).status_code == 200
    again = await node.ask("/sign-in/passkey", signed, out)
    assert again.json()["error"] == "PasskeyRefused"
    # A challenge for signing in adds no passkey, and one made for another officer neither.
    options = (await node.ask("/sign-in/passkey/options", {}, out)).json()
    other = by_name(node, await node.link_in("other", *ROLES))
    theirs = (await node.ask("/account/passkeys/options", {}, other)).json()
    for challenge in (options, theirs):
        made = Device(page["Origin"], "localhost").make(challenge)
        added = await node.ask("/account/passkeys", {"name": "x", "credential": made}, page)
        assert added.json()["error"] == "PasskeyRefused"


async def test_no_passkey_is_made_for_a_bare_address(node: Served) -> None:
    answer = await node.ask("/sign-in/passkey/options", {}, node.page)
    assert (answer.status_code, answer.json()["error"]) == (400, "BadField")
    assert "localhost" in answer.text


@pytest.mark.parametrize(
    "credential", [{}, {"response": 1}, {"response": {"clientDataJSON": "!"}}, {"id": ["x"]}, {"response": {"a": {}}}]
)
async def test_what_is_no_answer_of_a_device_is_refused(node: Served, credential: dict[str, object]) -> None:
    answer = await node.ask("/sign-in/passkey", {"credential": credential}, by_name(node, node.page))
    assert (answer.status_code, answer.json()["error"]) == (400, "PasskeyRefused")


async def test_behind_tls_a_cookie_is_this_hosts_alone(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("tls")
    async with served(folder, behind_tls=True, names=("laurel.example",)) as node:
        link = node.people.link("watch", ROLES, now())
        page = {"Host": "laurel.example", "Origin": "https://laurel.example", "Laurel-Console": "1"}
        answer = await node.ask("/sign-in/link", {"link": link}, page)
        given = answer.headers["set-cookie"]
        assert given.startswith("__Host-laurel-jpn=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=strict"} <= {part.strip() for part in given.split(";")}
        assert "Domain" not in given
        assert answer.headers["strict-transport-security"].startswith("max-age=")
        plain = await node.ask("/sign-in/link", {"link": link}, {**page, "Origin": "http://laurel.example"})
        assert plain.json()["error"] == "CrossSite"
