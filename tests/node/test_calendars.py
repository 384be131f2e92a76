"""Addresses of calendar feeds in the register of people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from laurel.core.errors import Nothing
from laurel.core.label import Classification
from laurel.node.people import People
from laurel.node.people.calendars import Shown

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SHOWN = Shown("camp-david", "ministers", Classification.RESTRICTED)


def test_an_address_opens_one_world_until_it_lapses_and_its_token_is_kept_by_nobody(tmp_path: Path) -> None:
    people = People(tmp_path / "people.db")
    token, row = people.calendars.issue("Minister's office", SHOWN, "officer:abe", NOW, NOW + timedelta(days=1))
    found = people.calendars.find(token, "camp-david", NOW)
    assert found is not None
    assert (found.id, found.shows) == (row.id, SHOWN)
    assert people.calendars.find(token, "quad", NOW) is None
    assert people.calendars.find(token, "camp-david", NOW + timedelta(days=1)) is None
    assert people.calendars.find("", "camp-david", NOW) is None
    people.close()
    assert token.encode() not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


def test_an_address_is_revoked_in_its_own_world_alone(tmp_path: Path) -> None:
    people = People(tmp_path / "people.db")
    token, row = people.calendars.issue("x", SHOWN, "officer:abe", NOW, NOW + timedelta(days=1))
    with pytest.raises(Nothing):
        people.calendars.revoke(row.id, "quad")
    assert people.calendars.rows("camp-david") == [row]
    assert people.calendars.rows("quad") == []
    people.calendars.revoke(row.id, "camp-david")
    assert people.calendars.find(token, "camp-david", NOW) is None
    with pytest.raises(Nothing):
        people.calendars.revoke(row.id, "camp-david")
    people.close()
