"""What became of what a TAXII client added: told for a day, whatever happens to the node's process meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from laurel.api.taxii_status import Detail, Statuses
from laurel.core.errors import Nothing


def test_a_status_outlives_the_process_and_what_it_left_undone_is_to_be_added_again(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    statuses = Statuses(tmp_path / "taxii")
    begun = statuses.begin("program:hunter", [Detail("indicator--1", "", "waits")], now)
    assert statuses.find(begun.id, "program:hunter").resource["status"] == "pending"
    left = Statuses(tmp_path / "taxii").find(begun.id, "program:hunter").resource
    assert (left["status"], left["failure_count"]) == ("complete", 1)
    assert "add it again" in left["failures"][0].message
    done = replace(begun, pending=(), successes=begun.pending)
    statuses.end(done)
    assert Statuses(tmp_path / "taxii").find(begun.id, "program:hunter") == done


def test_a_status_is_kept_for_a_day(tmp_path: Path) -> None:
    statuses = Statuses(tmp_path / "taxii")
    now = datetime.now(UTC)
    first = statuses.begin("program:hunter", [], now)
    statuses.end(first)
    statuses.begin("program:hunter", [], now + timedelta(hours=23))
    assert statuses.find(first.id, "program:hunter") == first
    statuses.begin("program:hunter", [], now + timedelta(hours=25))
    with pytest.raises(Nothing):
        statuses.find(first.id, "program:hunter")
