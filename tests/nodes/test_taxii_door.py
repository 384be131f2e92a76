"""Who may knock at the TAXII door, in which media type, and what is told to whom it turns away."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from tests.nodes.door import Served, served
from tests.nodes.test_taxii import ACCEPT, CLEAR, indicator

from laurel.api import taxii_add
from laurel.core.instrument import Role
from laurel.node.people.credentials import Narrow

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("taxii-door")]

ROOT = "/camp-david/taxii2/"
TAXII = {**ACCEPT, "Content-Type": "application/taxii+json;version=2.1"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def node(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Served]:
    async with served(tmp_path_factory.mktemp("taxii")) as node:
        yield node


def basic(name: str, token: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(f'{name}:{token}'.encode()).decode()}"}


async def objects_of(node: Served, who: dict[str, str], title: str = CLEAR) -> str:
    rows = (await node.look(f"{ROOT}collections/", who | ACCEPT)).json()["collections"]
    return f"{ROOT}collections/{next(row['id'] for row in rows if row['title'] == title)}/objects/"


async def add(node: Served, who: dict[str, str], body: bytes, path: str | None = None) -> httpx.Response:
    at = path or await objects_of(node, who)
    return await node.to.post(node.origin + at, content=body, headers=TAXII | who)


def told(answer: httpx.Response, status: int) -> dict[str, Any]:
    """What went wrong, as TAXII tells it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/taxii+json;version=2.1"
    wrong = answer.json()
    assert wrong["http_status"] == str(status)
    assert wrong["title"]
    assert wrong["description"]
    return wrong


# Media types


async def test_a_client_of_another_version_is_told_which_one_we_speak(node: Served) -> None:
    who = node.bearer(Role.ANALYST)
    for accept in ("application/taxii+json;version=2.0", "application/json", "text/html"):
        for path in ("/taxii2/", ROOT, f"{ROOT}collections/"):
            assert told(await node.look(path, who | {"Accept": accept}), 406)["error_code"] == "NotAcceptable"
    for accept in ("*/*", "application/taxii+json"):
        assert (await node.look("/taxii2/", who | {"Accept": accept})).status_code == 200
    path = await objects_of(node, who)
    sent = who | {**ACCEPT, "Content-Type": "application/json"}
    assert told(await node.to.post(node.origin + path, content=b"{}", headers=sent), 415)["error_code"] == "NotTaxii"


# Who knocks


async def test_nobody_is_asked_to_sign_in_by_basic(node: Served) -> None:
    for headers in ({}, basic("hunter", "x"), {"Authorization": "Basic ???"}, {"Authorization": "Basic aGk="}):
        answer = await node.look("/taxii2/", headers | ACCEPT)
        told(answer, 401)
        assert answer.headers["www-authenticate"] == 'Basic realm="Laurel JPN camp-david", charset="UTF-8"'


@pytest.mark.attack("authorisation")
async def test_a_token_is_good_under_its_own_name_alone(node: Served) -> None:
    token = node.people.program("hunter", [Role.ANALYST])
    assert (await node.look("/taxii2/", basic("hunter", token) | ACCEPT)).status_code == 200
    for name in ("", "Hunter", "program:hunter", "watcher"):
        told(await node.look("/taxii2/", basic(name, token) | ACCEPT), 401)


@pytest.mark.attack("csrf")
async def test_basic_opens_no_other_door(node: Served) -> None:
    token = node.people.program("wide", list(Role))
    assert (await node.look("/camp-david/about", basic("wide", token))).status_code == 401


@pytest.mark.attack("authorisation")
async def test_a_sensor_reads_nothing_and_an_auditor_adds_nothing(node: Served) -> None:
    told(await node.look("/taxii2/", node.sensor("NOTIONAL-NINE") | ACCEPT), 403)
    auditor = node.bearer(Role.AUDITOR)
    rows = (await node.look(f"{ROOT}collections/", auditor | ACCEPT)).json()["collections"]
    assert {row["can_write"] for row in rows} == {False}
    assert {row["can_read"] for row in rows} == {True}
    told(await add(node, auditor, b'{"objects": []}'), 403)


@pytest.mark.attack("authorisation")
async def test_a_narrow_credential_does_here_what_it_names(node: Served) -> None:
    reads = node.bearer(Role.ANALYST, good_for=Narrow(only=frozenset({"taxii2/read"})), name="reads")
    path = await objects_of(node, reads)
    assert (await node.look(path, reads | ACCEPT)).status_code == 200
    told(await add(node, reads, b'{"objects": []}', path), 403)
    elsewhere = node.bearer(Role.ANALYST, good_for=Narrow(only=frozenset({"hotline/send"})), name="elsewhere")
    told(await node.look(path, elsewhere | ACCEPT), 403)
    assert (await node.look("/camp-david/about", reads)).status_code == 403


async def test_who_reads_which_collection_and_who_is_turned_away_is_in_the_audit(node: Served) -> None:
    noted = node.bearer(Role.AUDITOR, name="noted")
    path = await objects_of(node, noted)
    await node.look(path, noted | ACCEPT)
    await add(node, noted, b"{}", path)
    lines = [(one.decision, one.policy, one.why) for one in await node.audit() if one.author == "program:noted"]
    saw = {policy for decision, policy, _ in lines if decision == "saw"}
    assert saw == {"taxii2/read", path.removeprefix("/camp-david/").removesuffix("/objects/")}
    assert ("asked-refused", "door", "taxii2/add") in lines


# What is there


async def test_what_is_not_there_is_told_as_the_standard_has_it(node: Served) -> None:
    who = node.bearer(Role.ANALYST)
    path = await objects_of(node, who)
    nowhere = f"{ROOT}collections/91a7b528-80eb-42ed-a74d-c6fbd5a26116/"
    for missing in (nowhere, f"{nowhere}objects/", f"{nowhere}manifest/", f"{path}indicator--1/", f"{path}x/versions/"):
        told(await node.look(missing, who | ACCEPT), 404)
    told(await node.to.delete(f"{node.origin}{path}indicator--1/", headers=who | ACCEPT), 404)
    told(await node.look(f"{ROOT}status/2d086da7-4bdc-4f91-900e-d77486753710/", who | ACCEPT), 404)
    told(await node.look(f"{ROOT}status/x/", who | ACCEPT), 400)
    for bad in ("limit=0", "next=x", "added_after=now", "match[version]=new", "match[colour]=red"):
        told(await node.look(f"{path}?{bad}", who | ACCEPT), 400)
    assert (await node.look(f"{path}?unheard_of=1", who | ACCEPT)).json() == {}


# What is added


@pytest.mark.attack("injection")
@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b"null", b'{"objects": 3}', b"\xff", b'{"objects": [' * 2_000],
    ids=["nothing", "a list", "half", "null", "no list", "no text", "a nesting bomb"],
)
async def test_what_is_no_envelope_is_refused_whole(node: Served, body: bytes) -> None:
    records = node.records()
    assert told(await add(node, node.bearer(Role.ANALYST), body), 400)["details"]["field"] == "envelope"
    assert node.records() == records


async def test_more_than_is_stated_is_refused(node: Served) -> None:
    who = node.bearer(Role.ANALYST)
    limit = (await node.look(ROOT, who | ACCEPT)).json()["max_content_length"]
    told(await add(node, who, b" " * (limit + 1)), 413)


async def test_one_object_that_is_wrong_does_not_hold_up_the_others(node: Served) -> None:
    who = node.bearer(Role.ANALYST)
    objects = [indicator(70), 3, None, {"type": "indicator"}, {**indicator(71), "pattern": "["}, indicator(72)]
    answer = await add(node, who, json.dumps({"objects": objects}).encode())
    status = answer.json()
    assert (answer.status_code, status["status"]) == (202, "complete")
    assert (status["total_count"], status["success_count"], status["failure_count"]) == (6, 2, 4)
    assert [one["id"] for one in status["successes"]] == [indicator(70)["id"], indicator(72)["id"]]
    assert all(one["message"] for one in status["failures"])
    assert (await node.look(f"{ROOT}status/{status['id']}/", who | ACCEPT)).json() == status


async def test_a_status_is_told_to_whom_it_concerns_and_to_nobody_else(node: Served) -> None:
    status = (await add(node, node.bearer(Role.ANALYST), b'{"objects": []}')).json()
    assert (status["status"], status["total_count"]) == ("complete", 0)
    path = f"{ROOT}status/{status['id']}/"
    told(await node.look(path, node.bearer(Role.ANALYST, name="another") | ACCEPT), 404)
    assert (await node.look(path, node.bearer(Role.ANALYST) | ACCEPT)).json() == status


async def test_what_takes_long_is_asked_for_until_it_is_done(node: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taxii_add, "ANSWER_WITHIN_S", 0.0)
    who = node.bearer(Role.ANALYST)
    status = (await add(node, who, json.dumps({"objects": [indicator(90), {"id": "none"}]}).encode())).json()
    assert (status["status"], status["pending_count"], status["total_count"]) == ("pending", 2, 2)
    assert [one["id"] for one in status["pendings"]] == [indicator(90)["id"], "none"]
    while status["status"] == "pending":
        await asyncio.sleep(0.05)
        status = (await node.look(f"{ROOT}status/{status['id']}/", who | ACCEPT)).json()
    assert (status["success_count"], status["failure_count"], "pendings" in status) == (1, 1, False)


async def test_who_adds_more_than_can_wait_is_asked_to_wait(node: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taxii_add, "MOST_AT_ONCE", 0)
    answer = await add(node, node.bearer(Role.ANALYST), b'{"objects": []}')
    told(answer, 429)
    assert answer.headers["retry-after"] == "5"


async def test_an_envelope_of_too_many_objects_is_refused_whole(node: Served) -> None:
    body = b'{"objects": [' + b",".join([b"{}"] * 20_001) + b"]}"
    assert told(await add(node, node.bearer(Role.ANALYST), body), 400)["details"]["limit"] == "20000"


async def test_what_was_told_is_not_deleted_and_goes_when_it_is_taken_back(node: Served) -> None:
    who = node.bearer(Role.ANALYST, Role.WATCH_OFFICER)
    path = await objects_of(node, who)
    await add(node, who, json.dumps({"objects": [indicator(80)]}).encode())
    one = f"{path}{indicator(80)['id']}/"
    refused = told(await node.to.delete(node.origin + one, headers=who | ACCEPT), 403)
    assert "laurel line retract" in refused["description"]
    assert (await node.look(one, who | ACCEPT)).status_code == 200
    record = (await node.look(f"/camp-david/cyber/object?id={indicator(80)['id']}", who)).json()
    ask = {"record": record["versions"][0]["row"]["record"], "reason": "Not what it seemed."}
    taken_back = await node.ask("/camp-david/line/retract", ask, who | {"Ask-Id": "retract:80"})
    assert taken_back.status_code == 200, taken_back.text
    told(await node.look(one, who | ACCEPT), 404)
