"""The log at rest: counted, verified, exported, and its views made again."""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from tests.border.sealing import sealed
from tests.node.nodes import make_nodes, report, running
from tests.node.worlds import EXERCISE, LIVE, Members, deliver, digests, members

from laurel.core.errors import DatabaseFailed, Nothing, WorldInUse
from laurel.core.record import PAYLOAD_TYPE, Sealed, key_id
from laurel.node.home import keys
from laurel.node.home.layout import Layout
from laurel.node.keep import ledger

KIND = "line.quarantined.v1"


@pytest.fixture
def nodes(tmp_path: Path) -> dict[str, Layout]:
    """Three nodes; Japan has said three records to Korea and two to the United States, and heard two from Korea."""
    made = make_nodes(tmp_path)
    with running(made["JPN"]) as japan, running(made["KOR"]) as korea:
        report(japan, "one", "two", "three", to="KOR")
        report(japan, "four", "five", to="USA")
        report(korea, "six", "seven", to="JPN")
        deliver(korea, japan)
        deliver(japan, korea)
    return made


def tamper(layout: Layout, *statements: str, values: tuple[object, ...] = ()) -> None:
    with closing(sqlite3.connect(layout.world(LIVE).database, isolation_level=None)) as database:
        for one in statements:
            database.execute(one, values)


# Counting


def test_records_are_counted_by_origin_and_kind(nodes: dict[str, Layout]) -> None:
    assert ledger.counts(nodes["JPN"], LIVE) == [
        {"origin": "JPN", "kind": KIND, "records": 5},
        {"origin": "KOR", "kind": KIND, "records": 2},
    ]
    assert ledger.counts(nodes["KOR"], LIVE) == [
        {"origin": "JPN", "kind": KIND, "records": 3},
        {"origin": "KOR", "kind": KIND, "records": 2},
    ]


def test_a_node_that_never_ran_has_no_log_to_read(nodes: dict[str, Layout]) -> None:
    for read in (ledger.counts, ledger.verify, ledger.rebuild):
        with pytest.raises(Nothing, match="log_of=camp-david"):
            read(nodes["USA"], LIVE)
    with pytest.raises(Nothing):
        ledger.export(nodes["USA"], LIVE, io.BytesIO())
    assert not nodes["USA"].world(LIVE).database.exists()


# Verifying


def test_a_log_that_was_left_alone_holds(nodes: dict[str, Layout]) -> None:
    found = ledger.verify(nodes["JPN"], LIVE)
    assert found == {"world": "camp-david", "records": 7, "lanes": 3, "held": 0, "forks": 0, "faults": []}


def test_a_log_holds_while_its_node_goes_on_saying(nodes: dict[str, Layout]) -> None:
    with running(nodes["JPN"]) as japan:
        for number in range(20):
            report(japan, f"more {number}", to="KOR")
            assert ledger.verify(nodes["JPN"], LIVE)["faults"] == []


def plant(layout: Layout, one: Sealed) -> None:
    row = (100, one.id, 1, 4, KIND, "", one.payload, one.signature, one.key_id)
    insert = "INSERT INTO log (position, id, lane, number, kind, taken_at, payload, signature, key_id) VALUES "
    tamper(layout, insert + "(?, ?, ?, ?, ?, ?, ?, ?, ?)", values=row)


def plant_forged(layout: Layout) -> None:
    plant(layout, sealed(members(), "forged", number=4))


def plant_exercise(layout: Layout) -> None:
    who = Members({"JPN": keys.signing_key(layout, LIVE)}, {})
    plant(layout, sealed(who, "play", world=EXERCISE, number=4))


def payload_of(layout: Layout, position: int) -> bytes:
    with closing(sqlite3.connect(layout.world(LIVE).database)) as database:
        return database.execute("SELECT payload FROM log WHERE position = ?", (position,)).fetchone()[0]


def alter(layout: Layout, *, forge_id: bool) -> None:
    payload = payload_of(layout, 2).replace(b'"two"', b'"too"')
    tamper(layout, "UPDATE log SET payload = ? WHERE position = 2", values=(payload,))
    if forge_id:
        tamper(layout, "UPDATE log SET id = ? WHERE position = 2", values=(Sealed(payload, b"", "").id,))


def blank(layout: Layout) -> None:
    empty = Sealed(b"{}", b"", "")
    tamper(layout, "UPDATE log SET payload = ?, id = ? WHERE position = 2", values=(empty.payload, empty.id))


def swap(layout: Layout, *columns: str) -> None:
    """Exchange these columns of the first two records."""
    for column in columns:
        with closing(sqlite3.connect(layout.world(LIVE).database)) as database:
            rows = database.execute(f"SELECT {column} FROM log WHERE position IN (1, 2) ORDER BY position").fetchall()
        first, second = rows[0][0], rows[1][0]
        aside = -1 if column == "number" else "aside"
        for position, value in ((1, aside), (2, first), (1, second)):
            tamper(layout, f"UPDATE log SET {column} = ? WHERE position = ?", values=(value, position))


HEAD = "does not end with its head"
WRITTEN = "the log is not as it was written"
FAULTS: dict[str, tuple[Callable[[Layout], None], list[str]]] = {
    "a byte of a record": (lambda one: alter(one, forge_id=False), [WRITTEN]),
    "a byte of a record, and its id": (lambda one: alter(one, forge_id=True), ["the signature does not hold", WRITTEN]),
    "bytes that are no record": (blank, ["these bytes are not a record", WRITTEN]),
    "a signature": (
        lambda one: tamper(one, "UPDATE log SET signature = zeroblob(64) WHERE position = 3"),
        ["the signature does not hold"],
    ),
    "the name of a key": (
        lambda one: tamper(one, "UPDATE log SET key_id = 'other' WHERE position = 3"),
        ["a key that the member has not told us of"],
    ),
    "a record removed from the middle": (lambda one: tamper(one, "DELETE FROM log WHERE position = 2"), [WRITTEN]),
    "the first record removed": (lambda one: tamper(one, "DELETE FROM log WHERE position = 1"), [WRITTEN]),
    "the last record removed": (lambda one: tamper(one, "DELETE FROM log WHERE position = 3"), [HEAD]),
    "a whole lane removed": (lambda one: tamper(one, "DELETE FROM log WHERE lane = 3"), [HEAD]),
    "the last record removed, and the head moved": (
        lambda one: tamper(
            one,
            "DELETE FROM log WHERE position = 2",
            "UPDATE log SET number = 2 WHERE position = 3",
            "UPDATE lane SET number = 2 WHERE lane = 1",
        ),
        [WRITTEN],
    ),
    "a head moved": (lambda one: tamper(one, "UPDATE lane SET number = 2 WHERE lane = 1"), [HEAD]),
    "two numbers swapped": (lambda one: swap(one, "number"), [WRITTEN, WRITTEN]),
    "two ids swapped": (lambda one: swap(one, "id"), [WRITTEN, WRITTEN]),
    "two records swapped": (lambda one: swap(one, "payload", "signature"), [WRITTEN, WRITTEN]),
    "a kind renamed": (lambda one: tamper(one, "UPDATE log SET kind = 'line.forked.v1' WHERE position = 3"), [WRITTEN]),
    "an audience widened": (
        lambda one: tamper(one, "UPDATE lane SET audience = 'JPN KOR USA' WHERE lane = 1"),
        [WRITTEN] * 3,
    ),
    "a lane forgotten": (lambda one: tamper(one, "DELETE FROM lane WHERE lane = 1"), [WRITTEN] * 3),
    "a record added under another key": (plant_forged, ["a key that the member has not told us of", HEAD]),
    "a record of an exercise": (plant_exercise, ["a record of one world was offered to another", HEAD]),
}


@pytest.mark.parametrize(("plant_fault", "says"), FAULTS.values(), ids=FAULTS.keys())
def test_every_fault_that_is_planted_is_found(
    plant_fault: Callable[[Layout], None], says: list[str], nodes: dict[str, Layout]
) -> None:
    plant_fault(nodes["JPN"])
    faults = ledger.verify(nodes["JPN"], LIVE)["faults"]
    assert len(faults) >= len(says)
    for words in says:
        found = next(fault for fault in faults if words in fault)
        faults.remove(found)
    assert ledger.verify(nodes["KOR"], LIVE)["faults"] == []


def test_faults_say_where_they_are(nodes: dict[str, Layout]) -> None:
    tamper(nodes["JPN"], "UPDATE log SET signature = zeroblob(64) WHERE position = 3", "DELETE FROM log WHERE lane = 3")
    signature, lane = ledger.verify(nodes["JPN"], LIVE)["faults"]
    assert signature.startswith("position 3: the signature does not hold (record_id=")
    assert lane == "the PRIORITY lane of KOR to JPN KOR does not end with its head, number 2"


def test_a_member_whose_card_is_gone_is_named(nodes: dict[str, Layout]) -> None:
    keys.expel_member(nodes["JPN"], LIVE, "KOR")
    faults = ledger.verify(nodes["JPN"], LIVE)["faults"]
    assert len(faults) == 2
    assert all("member=KOR" in fault for fault in faults)


def test_a_damaged_file_is_named(nodes: dict[str, Layout]) -> None:
    path = nodes["JPN"].world(LIVE).database
    path.write_bytes(b"\x00" * path.stat().st_size)
    with pytest.raises(DatabaseFailed):
        ledger.verify(nodes["JPN"], LIVE)


# Exporting


def test_an_export_has_the_keys_and_one_envelope_for_each_record_in_log_order(nodes: dict[str, Layout]) -> None:
    to = io.BytesIO()
    ledger.export(nodes["JPN"], LIVE, to)
    head, *envelopes = map(json.loads, to.getvalue().splitlines())
    roster = keys.load_roster(nodes["JPN"], LIVE)
    public = {code: {key_id(card.key): card.signing_key.hex()} for code, card in roster.cards.items()}
    assert head == {"world": "camp-david", "node": "JPN", "keys": public}
    assert [one["payloadType"] for one in envelopes] == [PAYLOAD_TYPE] * 7
    exported = [msgspec.json.decode(f'"{one["payload"]}"', type=bytes) for one in envelopes]
    assert exported == [payload_of(nodes["JPN"], position) for position in range(1, 8)]


# Rebuilding


def test_a_rebuild_gives_identical_views(nodes: dict[str, Layout]) -> None:
    with running(nodes["JPN"]) as japan:
        before = digests(japan)
    result = ledger.rebuild(nodes["JPN"], LIVE)
    assert (result["records"], result["views"], result["differs"]) == (7, before, [])
    with running(nodes["KOR"]) as korea:
        assert digests(korea)["line_quarantined"] != before["line_quarantined"]


def test_a_rebuild_names_the_views_that_were_not_what_the_log_says(nodes: dict[str, Layout]) -> None:
    tamper(nodes["JPN"], "UPDATE line_quarantined_all SET why = 'because' WHERE record = 'six'")
    assert ledger.rebuild(nodes["JPN"], LIVE)["differs"] == ["line_quarantined"]
    assert ledger.rebuild(nodes["JPN"], LIVE)["differs"] == []


def test_a_rebuild_waits_for_the_node_to_stop(nodes: dict[str, Layout]) -> None:
    with running(nodes["JPN"]), pytest.raises(WorldInUse, match="stop that process first"):
        ledger.rebuild(nodes["JPN"], LIVE)
    assert ledger.rebuild(nodes["JPN"], LIVE)["differs"] == []
