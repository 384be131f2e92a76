"""Officers, sessions, links and credentials, without a door."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from laurel.core.errors import (
    BadField,
    LaurelError,
    NewerDatabase,
    Nothing,
    NotPermitted,
    SignInNeeded,
    SignInRefused,
    TooMany,
)
from laurel.core.instrument import Role
from laurel.node.people import People
from laurel.node.people.credentials import Narrow
from laurel.node.people.limits import FORGOTTEN_AFTER, LONGEST_WAIT, Buckets, Rate, wait_after
from laurel.node.people.officers import LINK_LASTS
from laurel.node.people.passwords import DUMMY, Passwords, hasher
from laurel.node.people.register import digest
from laurel.node.people.sessions import LOCK_AFTER, SESSION_LASTS

NOW = datetime(2027, 3, 1, 3, 0, tzinfo=UTC)
LIVE = "camp-david"
PASSWORD = "correct horse battery staple"
LIGHT = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    made = People(tmp_path / "people.db", by=LIGHT)
    yield made
    made.close()


def signed_in(people: People, name: str = "watch", *roles: Role) -> str:
    if not people.officers.known(name):
        people.officers.add(name, "", roles or (Role.WATCH_OFFICER,), NOW)
    return people.sessions.open(name, "link", NOW)


def locked(people: People, token: str, at: datetime) -> str | None:
    session = people.who(token, LIVE, at).session
    assert session is not None
    return session.locked


# Links


def test_a_link_is_good_once_and_for_an_hour(people: People) -> None:
    link = people.link("watch", (Role.ANALYST,), NOW)
    assert people.officers.redeem(link, NOW + LINK_LASTS - timedelta(seconds=1)) == "watch"
    late = people.link("watch", (Role.ANALYST,), NOW)
    for token, at in ((link, NOW), (late, NOW + LINK_LASTS), ("nobodys", NOW), ("\ud800", NOW)):
        with pytest.raises(SignInNeeded):
            people.officers.redeem(token, at)


@pytest.mark.attack("session")
def test_a_link_that_two_try_to_spend_at_once_is_spent_by_one(people: People, tmp_path: Path) -> None:
    link = people.link("watch", (Role.ANALYST,), NOW)
    others = [People(tmp_path / "people.db", by=LIGHT) for _ in range(4)]

    def spend(door: People) -> str:
        try:
            return door.officers.redeem(link, NOW)
        except SignInNeeded:
            return ""

    with ThreadPoolExecutor(4) as at_once:
        assert sorted(at_once.map(spend, others)) == ["", "", "", "watch"]
    for other in others:
        other.close()


# Sessions


def test_a_session_lasts_twelve_hours_however_busy_it_is(people: People) -> None:
    token = signed_in(people)
    for minutes in range(0, 12 * 60, 10):
        session = people.who(token, LIVE, at := NOW + timedelta(minutes=minutes)).session
        assert session is not None
        assert session.locked is None
        people.sessions.seen(session, at)
    with pytest.raises(SignInNeeded):
        people.who(token, LIVE, NOW + SESSION_LASTS)


def test_a_session_locks_when_nobody_has_touched_it_for_a_quarter_of_an_hour(people: People) -> None:
    token = signed_in(people)
    assert locked(people, token, NOW + LOCK_AFTER - timedelta(seconds=1)) is None
    assert locked(people, token, NOW + LOCK_AFTER) == "idle"
    # A hand on a locked screen unlocks nothing.
    session = people.who(token, LIVE, NOW + LOCK_AFTER).session
    assert session is not None
    people.sessions.seen(session, NOW + LOCK_AFTER)
    assert locked(people, token, NOW + LOCK_AFTER) == "idle"


def test_what_the_administrator_changes_holds_at_the_next_request_in_every_process(
    people: People, tmp_path: Path
) -> None:
    other = People(tmp_path / "people.db", by=LIGHT)
    token = signed_in(people, "watch", Role.WATCH_OFFICER)
    assert other.who(token, LIVE, NOW).author.roles == {Role.WATCH_OFFICER}
    people.officers.set_roles("watch", (Role.ANALYST,))
    caller = other.who(token, LIVE, NOW)
    assert caller.author.roles == {Role.ANALYST}
    assert locked(other, token, NOW) == "roles"
    again = people.sessions.open("watch", "password", NOW, instead_of=token)
    assert locked(other, again, NOW) is None
    people.officers.disable("watch", NOW)
    for one in (token, again):
        with pytest.raises(SignInNeeded):
            other.who(one, LIVE, NOW)
    with pytest.raises(SignInNeeded):
        other.sessions.open("watch", "link", NOW)
    people.officers.enable("watch")
    assert locked(other, signed_in(people), NOW) is None
    other.close()


@pytest.mark.attack("session")
def test_a_token_that_an_attacker_chose_is_never_adopted(people: People) -> None:
    planted = "chosen-by-somebody-else"
    signed_in(people)
    opened = people.sessions.open("watch", "link", NOW, instead_of=planted)
    assert opened != planted
    with pytest.raises(SignInNeeded):
        people.who(planted, LIVE, NOW)


def test_only_digests_of_tokens_lie_on_the_disk(people: People, tmp_path: Path) -> None:
    tokens = [signed_in(people), people.officers.link("watch", NOW), people.credential("R"), people.program("p", ())]
    people.officers.set_password("watch", PASSWORD)
    people.close()
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert not [secret for secret in (*tokens, PASSWORD) if secret.encode() in kept]
    assert digest(tokens[2]).encode() in kept
    assert {file.stat().st_mode & 0o077 for file in tmp_path.iterdir()} == {0}


# Passwords


def test_a_password_lets_its_officer_in_and_changing_it_shuts_the_others_out(people: People) -> None:
    token = signed_in(people)
    people.officers.set_password("watch", PASSWORD)
    with pytest.raises(SignInNeeded):
        people.who(token, LIVE, NOW)
    assert people.officers.by_password("watch", PASSWORD, NOW) == "watch"


@pytest.mark.parametrize("password", ["", "short", "x" * 14, "aaaaaaaaaaaaaaaaaaaa", "watchwatchwatch", "x" * 257])
def test_a_poor_password_is_not_taken(people: People, password: str) -> None:
    signed_in(people)
    with pytest.raises(BadField):
        people.officers.set_password("watch", password)


def test_one_password_typed_on_two_keyboards_is_one(people: People) -> None:
    signed_in(people)
    people.officers.set_password("watch", "가나다라마바사아자차카타파하 12345")
    decomposed = "\u1100\u1161" + "나다라마바사아자차카타파하 12345"
    assert people.officers.by_password("watch", decomposed, NOW) == "watch"


class Counting(PasswordHasher):
    """Notes what each verification costs."""

    def __init__(self) -> None:
        super().__init__(time_cost=3, memory_cost=65_536, parallelism=4)
        self.work: list[str] = []

    def verify(self, *given: Any, **named: Any) -> Literal[True]:
        self.work.append(str(given[0]).split("$")[3])
        return super().verify(*given, **named)


@pytest.mark.attack("session")
def test_whoever_guesses_cannot_tell_by_the_work_done_or_the_words_whether_an_officer_exists(tmp_path: Path) -> None:
    counting = Counting()
    people = People(tmp_path / "people.db", by=counting)
    for name in ("known", "disabled", "without"):
        people.officers.add(name, "", (), NOW)
    for name in ("known", "disabled"):
        people.officers.set_password(name, PASSWORD)
    people.officers.disable("disabled", NOW)
    said: set[str] = set()
    for name, password in (("known", "wrong"), ("disabled", PASSWORD), ("without", "wrong"), ("nobody", "wrong")):
        with pytest.raises(SignInRefused) as refused:
            people.officers.by_password(name, password, NOW)
        said.add(str(refused.value))
    people.close()
    assert len(said) == 1
    assert counting.work == ["m=65536,t=3,p=4"] * 4


def test_what_stands_in_for_a_missing_password_costs_what_ours_cost() -> None:
    assert not hasher().check_needs_rehash(DUMMY)
    assert not Passwords().right(None, PASSWORD)


# Failed tries


def test_the_wait_grows_from_half_a_minute_to_an_hour() -> None:
    waits = [wait_after(failures).total_seconds() for failures in range(14)]
    assert waits == [0] * 5 + [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]
    assert wait_after(10**6) == LONGEST_WAIT


@pytest.mark.attack("session")
@pytest.mark.parametrize("name", ["watch", "nobody"])
def test_who_guesses_waits_ever_longer_and_the_right_password_does_not_help(people: People, name: str) -> None:
    signed_in(people)
    people.officers.set_password("watch", PASSWORD)
    for _ in range(5):
        with pytest.raises(SignInRefused):
            people.officers.by_password(name, "wrong", NOW)
    with pytest.raises(TooMany) as wait:
        people.officers.by_password(name, PASSWORD, NOW)
    assert 30 <= int(str(wait.value.facts["wait_s"])) <= 31
    # The wait that others caused leaves open sessions, links and the officer's own locked screen alone.
    signed_in(people)
    link = people.officers.link("watch", NOW)
    assert people.officers.redeem(link, NOW) == "watch"
    assert people.officers.by_password("watch", PASSWORD, NOW, tried="session:own") == "watch"
    with pytest.raises(SignInRefused):
        people.officers.by_password(name, "wrong", NOW + timedelta(seconds=31))
    with pytest.raises(TooMany):
        people.officers.by_password(name, "wrong", NOW + timedelta(seconds=90))
    after = NOW + FORGOTTEN_AFTER + timedelta(hours=1)
    with pytest.raises(SignInRefused) as forgotten:
        people.officers.by_password(name, "wrong", after)
    assert forgotten.value.facts["failures"] == 1


@pytest.mark.attack("session")
def test_a_hundred_guesses_at_once_are_a_hundred(tmp_path: Path) -> None:
    doors = [People(tmp_path / "people.db", by=LIGHT) for _ in range(4)]

    def guess(number: int) -> type[LaurelError]:
        try:
            doors[number % 4].officers.by_password("watch", str(number), NOW)
        except LaurelError as error:
            return type(error)
        raise AssertionError(number)

    with ThreadPoolExecutor(8) as at_once:
        outcomes = list(at_once.map(guess, range(100)))
    assert outcomes.count(SignInRefused) == 5
    assert outcomes.count(TooMany) == 95
    for door in doors:
        door.close()


@pytest.mark.attack("flood")
@given(asks=st.lists(st.tuples(st.sampled_from("abc"), st.floats(0.0, 2.0)), max_size=200))
def test_nobody_gets_more_than_the_rate_and_nobody_takes_anothers(asks: list[tuple[str, float]]) -> None:
    now = [0.0]
    buckets = Buckets(Rate(2.0, 5.0), lambda: now[0])
    taken = dict.fromkeys("abc", 0)
    refused = dict.fromkeys("abc", 0)
    for name, wait_s in asks:
        now[0] += wait_s
        try:
            buckets.take(name)
        except TooMany:
            refused[name] += 1
        else:
            taken[name] += 1
    for name in "abc":
        assert taken[name] <= 5 + 2.0 * now[0] + 1e-6
        if sum(1 for one, _ in asks if one == name) <= 5:
            assert refused[name] == 0


@pytest.mark.attack("flood")
def test_made_up_names_fill_no_memory() -> None:
    buckets = Buckets(Rate(1.0, 1.0), lambda: 0.0, most=100)
    for number in range(10_000):
        buckets.take(f"name-{number}")
    assert len(buckets) == 100


# Credentials


@pytest.mark.attack("sensor-credential")
def test_a_credential_is_good_for_what_it_names_until_it_ends(people: People) -> None:
    good_for = Narrow(frozenset({"hotline/send"}), frozenset({LIVE}), NOW + timedelta(days=1))
    token = people.program("gateway", (Role.WATCH_OFFICER,), good_for)
    author = people.who(token, LIVE, NOW).author
    author.reach("hotline/send")
    with pytest.raises(NotPermitted, match="warning/picture"):
        author.reach("warning/picture")
    with pytest.raises(NotPermitted, match=r"camp-david\.play"):
        people.who(token, "camp-david.play", NOW)
    with pytest.raises(SignInNeeded):
        people.who(token, LIVE, NOW + timedelta(days=1))


@pytest.mark.attack("sensor-credential")
def test_a_revoked_credential_ends_at_once_and_the_others_go_on(people: People, tmp_path: Path) -> None:
    other = People(tmp_path / "people.db", by=LIGHT)
    first, second, third = people.credential("NORTH"), people.credential("NORTH"), people.credential("SOUTH")
    program = people.program("NORTH", (Role.ANALYST,))
    assert other.who(first, LIVE, NOW).author.name == "sensor:NORTH"
    (one, _) = [row for row in people.credentials.rows("sensor") if row.name == "NORTH"]
    assert people.credentials.revoke("sensor", one.id) == 1
    assert people.credentials.revoke("sensor", "NORTH") == 1
    for token in (first, second):
        with pytest.raises(SignInNeeded):
            other.who(token, LIVE, NOW)
    for token in (third, program):
        assert other.who(token, LIVE, NOW)
    with pytest.raises(Nothing):
        people.credentials.revoke("sensor", "NORTH")
    other.close()


# The register


def test_a_register_of_an_older_node_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "people.db"
    rows = [
        (digest("sensor"), "credential", "sensor:NORTH", "sensor", None),
        (digest("program"), "credential", "program:demo", "administrator release-authority", None),
        (digest("link"), "link", "officer:watch", "analyst watch-officer", (NOW + timedelta(hours=2)).isoformat()),
        (digest("session"), "session", "officer:watch", "administrator", (NOW + timedelta(hours=1)).isoformat()),
        (digest("other"), "session", "officer:chief", "principal", (NOW + timedelta(hours=1)).isoformat()),
    ]
    with sqlite3.connect(path) as old:
        old.execute("CREATE TABLE token (digest TEXT PRIMARY KEY, use TEXT, author TEXT, roles TEXT, expires_at TEXT)")
        old.executemany("INSERT INTO token VALUES (?, ?, ?, ?, ?)", rows)
    old.close()
    for _ in range(2):
        people = People(path, by=LIGHT)
        assert people.who("sensor", LIVE, NOW).author.roles == {Role.SENSOR}
        assert people.who("program", LIVE, NOW).author.name == "program:demo"
        for session in ("session", "other"):
            with pytest.raises(SignInNeeded):
                people.who(session, LIVE, NOW)
        assert {row.name: row.roles for row in people.officers.rows()} == {
            "chief": ("principal",),
            "watch": ("analyst", "watch-officer"),
        }
        people.close()
    people = People(path, by=LIGHT)
    assert people.officers.redeem("link", NOW) == "watch"
    people.close()


def test_a_register_of_a_newer_node_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "people.db"
    People(path, by=LIGHT).close()
    with sqlite3.connect(path) as newer:
        newer.execute("UPDATE meta SET value = '99'")
    newer.close()
    with pytest.raises(NewerDatabase):
        People(path, by=LIGHT)


@pytest.mark.parametrize("name", ["", "with space", "-x", "a/b", "a:b", "x" * 65, "naïve"])
def test_an_officers_name_is_plain(people: People, name: str) -> None:
    with pytest.raises(BadField):
        people.officers.add(name, "", (), NOW)
