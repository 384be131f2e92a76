"""The TAXII door of a real node, driven by the clients that others wrote: taxii2-client and stix2, unmodified."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import stix2
import taxii2client.v21 as client
from tests.nodes.door import Served, served

from laurel.core.instrument import Role
from laurel.instruments.cyber.records import Tlp
from laurel.instruments.cyber.tlp import IDS
from laurel.node.people.credentials import Narrow

ACCEPT = {"Accept": "application/taxii+json;version=2.1"}
CLEAR, GREEN, AMBER = (f"TLP:{level} to USA, JPN, KOR" for level in ("CLEAR", "GREEN", "AMBER"))
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"


def indicator(number: int, version: int = 0, **more: Any) -> dict[str, Any]:
    """An indicator; its later versions are the same but for `modified` and the name."""
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{uuid.UUID(int=number, version=4)}",
        "created": stamp(BEGAN),
        "modified": stamp(BEGAN + timedelta(days=version)),
        "name": f"Beacon {number}, version {version}",
        "pattern": f"[domain-name:value = 'host{number}.example.net']",
        "pattern_type": "stix",
        "valid_from": stamp(BEGAN),
        **more,
    }


def malware(number: int) -> dict[str, Any]:
    return {
        "type": "malware",
        "spec_version": "2.1",
        "id": f"malware--{uuid.UUID(int=number, version=4)}",
        "created": stamp(BEGAN),
        "modified": stamp(BEGAN),
        "name": f"Loader {number}",
        "is_family": False,
    }


async def drive(do: Callable[..., Any], *given: Any) -> Any:
    """The clients block, so they run beside the node."""
    return await asyncio.to_thread(do, *given)


def analyst(node: Served, *roles: Role, **narrow: Any) -> dict[str, str]:
    token = node.people.program("hunter", roles or (Role.ANALYST,), Narrow(**narrow))
    return {"user": "hunter", "password": token}


def collection(node: Served, who: dict[str, str], title: str = CLEAR) -> client.Collection:
    root = client.Server(f"{node.origin}/taxii2/", **who).default
    assert root is not None
    return next(one for one in root.collections if one.title == title)


async def test_the_client_of_oasis_finds_adds_and_reads_what_a_node_holds(tmp_path: Path) -> None:
    async with served(tmp_path) as node:
        await drive(_finds_adds_and_reads, node, analyst(node))


def _finds_adds_and_reads(node: Served, who: dict[str, str]) -> None:
    server = client.Server(f"{node.origin}/taxii2/", **who)
    assert "Japan" in server.title or "JPN" in server.title
    root = server.default
    assert root is not None
    assert root.versions == ["application/taxii+json;version=2.1"]
    assert root.max_content_length == 8 * 1024 * 1024
    clear = collection(node, who)
    assert (clear.can_read, clear.can_write) == (True, True)
    assert clear.get_objects() == {}

    given = [indicator(1), indicator(1, version=1), malware(2), indicator(3), indicator(4)]
    status = clear.add_objects({"objects": given})
    status.wait_until_final()
    assert (status.status, status.success_count, status.failures) == ("complete", 5, [])
    # As it was written, in the order in which it was taken, and of each object the last version.
    assert clear.get_objects()["objects"] == given[1:]
    assert clear.get_objects(version="all")["objects"] == given

    records = node.records()
    again = clear.add_objects({"objects": given})
    assert (again.success_count, node.records()) == (5, records)

    wrong = {**indicator(5), "id": "indicator--5"}
    mixed = clear.add_objects({"objects": [wrong, indicator(6)]})
    assert (mixed.success_count, mixed.failure_count) == (1, 1)
    assert mixed.failures[0]["id"] == "indicator--5"
    assert "no STIX 2.1 object" in mixed.failures[0]["message"]
    later = root.get_status(mixed.id)
    assert (later.status, later.successes, later.failures) == ("complete", mixed.successes, mixed.failures)

    pages = list(client.as_pages(clear.get_objects, per_request=2))
    assert [len(page["objects"]) for page in pages] == [2, 2, 1]
    assert [one for page in pages for one in page["objects"]] == [*given[1:], indicator(6)]
    entries = [one for page in client.as_pages(clear.get_manifest, per_request=3) for one in page["objects"]]
    assert [one["id"] for one in entries] == [one["id"] for one in [*given[1:], indicator(6)]]
    added = [one["date_added"] for one in entries]
    assert added == sorted(added)
    assert [one["id"] for one in clear.get_objects(added_after=added[-2])["objects"]] == [indicator(6)["id"]]
    assert clear.get_objects(added_after=added[-1]) == {}

    assert clear.get_objects(type="malware")["objects"] == [malware(2)]
    assert clear.get_objects(id=[indicator(1)["id"], malware(2)["id"]], version="first")["objects"] == [
        indicator(1),
        malware(2),
    ]
    assert clear.get_objects(version=indicator(1)["modified"], id=indicator(1)["id"])["objects"] == [indicator(1)]
    assert clear.get_objects(spec_version="2.0") == {}
    assert clear.get_object(indicator(1)["id"])["objects"] == [indicator(1, version=1)]
    assert clear.object_versions(indicator(1)["id"])["versions"] == [one["modified"] for one in given[:2]]
    with pytest.raises(requests.HTTPError, match="404"):
        clear.get_object(indicator(99)["id"])
    with pytest.raises(requests.HTTPError, match="403"):
        clear.delete_object(indicator(1)["id"])


async def test_stix2_reads_and_writes_a_collection_as_a_store(tmp_path: Path) -> None:
    async with served(tmp_path) as node:
        await drive(_as_a_store, node, analyst(node))


def _as_a_store(node: Served, who: dict[str, str]) -> None:
    clear = collection(node, who)
    sink, source = stix2.TAXIICollectionSink(clear), stix2.TAXIICollectionSource(clear, items_per_page=2)
    made = stix2.parse(indicator(1))
    sink.add([made, stix2.parse(indicator(2)), json.dumps(malware(3))])
    sink.add(stix2.parse(indicator(1, version=1)))
    records = node.records()
    sink.add([made, stix2.parse(indicator(2))])
    assert node.records() == records
    assert source.get(made.id) == stix2.parse(indicator(1, version=1))
    assert source.all_versions(made.id) == [made, stix2.parse(indicator(1, version=1))]
    assert source.query([stix2.Filter("type", "=", "malware")]) == [stix2.parse(malware(3))]
    assert len(source.query()) == 3
    assert source.get(indicator(99)["id"]) is None


async def test_what_leaves_is_marked_and_what_is_marked_more_strictly_is_found_there(tmp_path: Path) -> None:
    async with served(tmp_path) as node:
        await drive(_marked, node, analyst(node))


def _marked(node: Served, who: dict[str, str]) -> None:
    unmarked, strict = indicator(1), indicator(2, object_marking_refs=[IDS[Tlp.AMBER]])
    given = {"objects": [unmarked, strict]}
    assert collection(node, who, GREEN).add_objects(given).success_count == 2
    marked = {**unmarked, "object_marking_refs": [IDS[Tlp.GREEN]]}
    assert collection(node, who, GREEN).get_objects()["objects"] == [marked]
    assert collection(node, who, AMBER).get_objects()["objects"] == [strict]
    assert collection(node, who, CLEAR).get_objects() == {}


async def test_ics_attack_added_and_read_through_taxii_equals_the_file(
    tmp_path: Path, shared_data: Path, record_property: Callable[[str, object], None]
) -> None:
    file = shared_data / "attack" / "ics-attack.json"
    async with served(tmp_path) as node:
        for name, seconds in (await drive(_whole, node, analyst(node), json.loads(file.read_text()))).items():
            record_property(name, seconds)


def _whole(node: Served, who: dict[str, str], bundle: dict[str, Any]) -> dict[str, float]:
    """How many seconds it took to add all of it, to read it by pages, and by stix2."""
    given: list[dict[str, Any]] = bundle["objects"]
    clear = collection(node, who)
    began_s = time.monotonic()
    status = clear.add_objects(bundle, poll_interval=0.2, timeout=300)
    added_s = time.monotonic()
    assert (status.status, status.success_count, status.failures) == ("complete", len(given), [])
    read = [one for page in client.as_pages(clear.get_objects, per_request=500) for one in page["objects"]]
    read_s = time.monotonic()
    # Markings come before what bears them; else all is in the order in which it was given.
    assert read == sorted(given, key=lambda one: one["type"] != "marking-definition")
    parsed = stix2.TAXIICollectionSource(clear).query()
    parsed_s = time.monotonic()
    assert sorted(one["id"] for one in parsed) == sorted(one["id"] for one in given)
    techniques = clear.get_objects(type="attack-pattern", limit=500)["objects"]
    assert techniques == [one for one in given if one["type"] == "attack-pattern"]
    return {"add_s": added_s - began_s, "read_s": read_s - added_s, "stix2_s": parsed_s - read_s}
