"""What the administrator does at the machine: officers, programs and sensors, in and out."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.nodes.door import PASSWORD, make_node
from typer.testing import CliRunner

from laurel.cli import app
from laurel.core.errors import BadField, LaurelError, Nothing, NotPermitted, SignInNeeded
from laurel.node.people import People

LIVE = "camp-david"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_node(tmp_path)[0].folder


def laurel(*words: str | Path, says: str = "") -> Any:
    ran = CliRunner().invoke(app, [*map(str, words), "--json"], input=says, catch_exceptions=True)
    if isinstance(ran.exception, LaurelError):
        raise ran.exception
    assert ran.exit_code == 0, ran.output
    return json.loads(ran.output[ran.output.index("{") :])


def now() -> datetime:
    return datetime.now(UTC)


def test_an_officer_is_added_listed_changed_shut_out_and_let_in_again(folder: Path) -> None:
    laurel("officer", "add", folder, "lee", "--role", "watch-officer", "--role", "analyst", "--office", "Watch 2")
    people = People(folder / "people.db")
    session = people.sessions.open("lee", "link", now())
    (row,) = laurel("officer", "list", folder)["officers"]
    assert (row["name"], row["office"], row["roles"]) == ("lee", "Watch 2", ["analyst", "watch-officer"])
    assert (row["sessions"], row["password"], row["disabled_at"]) == (1, False, None)
    assert laurel("officer", "roles", folder, "lee", "--role", "auditor", "--office", "Audit")["roles"] == ["auditor"]
    caller = people.who(session, LIVE, now())
    assert caller.session is not None
    assert (caller.session.locked, sorted(caller.author.roles)) == ("roles", ["auditor"])
    laurel("officer", "disable", folder, "lee")
    with pytest.raises(SignInNeeded):
        people.who(session, LIVE, now())
    with pytest.raises(BadField, match="enable"):
        laurel("officer", "link", folder, "lee")
    laurel("officer", "enable", folder, "lee")
    link = laurel("officer", "link", folder, "lee")["link"]
    assert people.officers.redeem(link.partition("#link=")[2], now()) == "lee"
    # A link without roles leaves them as they are.
    assert laurel("officer", "list", folder)["officers"][0]["roles"] == ["auditor"]
    people.close()


def test_a_password_is_asked_for_and_never_an_argument(folder: Path) -> None:
    laurel("officer", "add", folder, "lee")
    people = People(folder / "people.db")
    laurel("officer", "password", folder, "lee", "--stdin", says=f"{PASSWORD}\n")
    assert people.officers.by_password("lee", PASSWORD, now()) == "lee"
    other = PASSWORD + " again"
    laurel("officer", "password", folder, "lee", says=f"{other}\n{other}\n")
    assert people.officers.by_password("lee", other, now()) == "lee"
    with pytest.raises(BadField, match="twice"):
        laurel("officer", "password", folder, "lee", says=f"{other}\n{PASSWORD}\n")
    assert CliRunner().invoke(app, ["officer", "password", str(folder), "lee", PASSWORD]).exit_code == 2
    people.close()


def test_a_programs_token_is_as_narrow_as_it_was_made(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "gateway.token"
    narrow = ("--only", "warning/picture", "--world", LIVE, "--days", "30")
    laurel("officer", "token", folder, "gateway", "--to", file, "--role", "analyst", *narrow)
    assert file.stat().st_mode & 0o077 == 0
    people, token = People(folder / "people.db"), file.read_text().strip()
    author = people.who(token, LIVE, now()).author
    assert (author.name, author.only) == ("program:gateway", {"warning/picture"})
    with pytest.raises(NotPermitted):
        people.who(token, "camp-david.play", now())
    with pytest.raises(SignInNeeded):
        people.who(token, LIVE, now() + timedelta(days=31))
    (row,) = laurel("officer", "list", folder)["programs"]
    assert (row["name"], row["only"], row["worlds"]) == ("gateway", ["warning/picture"], [LIVE])
    assert laurel("officer", "revoke", folder, row["id"])["tokens_ended"] == 1
    with pytest.raises(SignInNeeded):
        people.who(token, LIVE, now())
    with pytest.raises(BadField, match="no-such/thing"):
        laurel("officer", "token", folder, "gateway", "--to", file, "--only", "no-such/thing")
    with pytest.raises(Nothing, match="atlantis"):
        laurel("officer", "token", folder, "gateway", "--to", file, "--world", "atlantis")
    people.close()


def test_a_sensors_credential_is_made_listed_and_revoked(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "north.credential"
    laurel("sensor", "credential", folder, "NORTH", "--to", file)
    (row,) = laurel("sensor", "list", folder)["sensors"]
    assert (row["name"], row["roles"]) == ("NORTH", ["sensor"])
    assert laurel("sensor", "revoke", folder, "NORTH")["ended"] == 1
    assert laurel("sensor", "list", folder)["sensors"] == []
    with pytest.raises(Nothing):
        laurel("sensor", "revoke", folder, "NORTH")


def test_revoking_an_officer_ends_every_screen(folder: Path) -> None:
    laurel("officer", "add", folder, "lee")
    people = People(folder / "people.db")
    session = people.sessions.open("lee", "link", now())
    laurel("officer", "revoke", folder, "lee", "--passkeys")
    with pytest.raises(SignInNeeded):
        people.who(session, LIVE, now())
    assert people.sessions.open("lee", "link", now())
    people.close()
