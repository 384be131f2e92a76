"""A member's own services: a real program, a real web server and a real mail server do what they are asked."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest
from tests.node.mailroom import certificate, mailroom
from tests.node.outside import FACTS, program, runs, secret, until, web

from laurel.core.errors import LaurelError
from laurel.node import services
from laurel.node.clock import RealClock
from laurel.node.services.failing import MAX_ANSWER_BYTES
from laurel.node.services.settings import FILE, BadService, BadServices, Services, read_services
from laurel.node.services.web import signature

BARE = {name: FACTS[name] for name in ("id", "office", "notice")}
TEXT = {"text": "무엇인가 발사되었습니다.", "source": "ko", "target": "ja"}


def toml(value: float | str | Path | list[str] | dict[str, str]) -> str:
    """As TOML writes it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {json.dumps(one)}" for name, one in value.items()) + "}"
    return json.dumps(value, default=str)


def set_up(folder: Path, name: str, **said: Any) -> Services:
    """services.toml with one service; how it is read."""
    lines = [f"[{name}]", *(f"{key} = {toml(value)}" for key, value in said.items())]
    (folder / FILE).write_text("\n".join(lines))
    return read_services(folder)


async def tried(found: Services, name: str = "notify:pager", facts: dict[str, str] = FACTS) -> str:
    return await services.run(services.service_of(found, name), "key", facts, RealClock().now())


async def failure(found: Services, name: str = "notify:pager", facts: dict[str, str] = FACTS) -> str:
    with pytest.raises(services.ServiceFailed) as caught:
        await tried(found, name, facts)
    return caught.value.why


# A program


@pytest.mark.parametrize(("tells", "told"), [("that-there-is-one", BARE), ("everything", FACTS)])
async def test_a_program_learns_what_its_setting_allows_and_nothing_else(
    tmp_path: Path, tells: str, told: dict[str, str]
) -> None:
    page = program(tmp_path / "page", f'cat > {tmp_path}/got; env > {tmp_path}/env; printf "%s" "$*" > {tmp_path}/argv')
    found = set_up(tmp_path, "notify.pager", kind="command", argv=[page, "--to", "$HOME; rm *"], tells=tells)
    os.environ["LAUREL_SECRET"] = "not for programs"
    try:
        await tried(found)
    finally:
        del os.environ["LAUREL_SECRET"]
    assert json.loads((tmp_path / "got").read_text()) == told
    assert (tmp_path / "argv").read_text() == "--to $HOME; rm *"
    given = {line.partition("=")[0] for line in (tmp_path / "env").read_text().splitlines()}
    assert given <= {"PATH", "LANG", "PWD", "SHLVL", "_", "OLDPWD", "LC_CTYPE"}


async def test_a_notifier_tells_outside_no_more_than_that_there_is_one_unless_it_is_told_to(tmp_path: Path) -> None:
    page = program(tmp_path / "page", "cat")
    found = set_up(tmp_path, "notify.pager", kind="command", argv=[page])
    assert json.loads(await tried(found)) == BARE


async def test_a_program_that_fails_says_why(tmp_path: Path) -> None:
    page = program(tmp_path / "page", "echo no line to the exchange >&2; exit 3")
    assert await failure(set_up(tmp_path, "notify.pager", kind="command", argv=[page])) == (
        "it ended with 3: no line to the exchange"
    )


async def test_a_program_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    page = program(tmp_path / "page", f"sleep 60 & echo $! > {tmp_path}/child; sleep 60")
    found = set_up(tmp_path, "notify.pager", kind="command", argv=[page], timeout_s=0.5)
    assert await failure(found) == "it was not done within 0.5 s"
    await until(lambda: not runs((tmp_path / "child").read_text()))


async def test_a_program_that_never_stops_talking_is_cut_off(tmp_path: Path) -> None:
    page = program(tmp_path / "page", "yes")
    found = set_up(tmp_path, "notify.pager", kind="command", argv=[page])
    assert await failure(found) == f"it answered more than {MAX_ANSWER_BYTES} bytes"


async def test_a_program_that_reads_nothing_does_its_work_all_the_same(tmp_path: Path) -> None:
    page = program(tmp_path / "page", "exec 0<&-; echo rung")
    found = set_up(tmp_path, "notify.pager", kind="command", argv=[page], tells="everything")
    assert await tried(found, facts={**FACTS, "text": "x" * 200_000}) == "rung"


async def test_whoever_stops_waiting_ends_the_program(tmp_path: Path) -> None:
    page = program(tmp_path / "page", f"echo $$ > {tmp_path}/pid; exec sleep 60")
    found = set_up(tmp_path, "notify.pager", kind="command", argv=[page], timeout_s=60)
    task = asyncio.create_task(tried(found))
    await until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text() != "")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: not runs((tmp_path / "pid").read_text()))


# A web address


async def test_a_webhook_is_signed_and_knows_an_errand_again(tmp_path: Path) -> None:
    secret(tmp_path / "hmac", "a shared secret\n")
    secret(tmp_path / "token", "Bearer abc\n")
    async with web() as there:
        found = set_up(
            tmp_path,
            "notify.pager",
            kind="webhook",
            url=f"http://127.0.0.1:{there.port}/laurel",
            secret_file="hmac",
            headers={"X-Room": "watch"},
            header_files={"Authorization": "token"},
        )
        await tried(found)
        await tried(found)
    first, second = there.posts
    assert json.loads(first.body) == BARE
    assert first.headers["x-laurel-signature"] == signature("a shared secret", first.body)
    assert (first.headers["authorization"], first.headers["x-room"]) == ("Bearer abc", "watch")
    assert first.headers["x-laurel-errand"] == second.headers["x-laurel-errand"]


async def test_a_webhook_that_refuses_or_moves_has_failed(tmp_path: Path) -> None:
    async with web((500, b"no"), (302, b"elsewhere")) as there:
        found = set_up(tmp_path, "notify.pager", kind="webhook", url=f"http://127.0.0.1:{there.port}/")
        assert [await failure(found), await failure(found)] == ["it answered HTTP 500", "it answered HTTP 302"]


async def test_a_webhook_that_is_silent_or_gone_or_endless_has_failed(tmp_path: Path) -> None:
    async with web(wait_s=30) as there:
        url = f"http://127.0.0.1:{there.port}/"
        found = set_up(tmp_path, "notify.pager", kind="webhook", url=url, timeout_s=0.2)
        assert await failure(found) == "it was not done within 0.2 s"
    assert "ConnectError" in await failure(set_up(tmp_path, "notify.pager", kind="webhook", url=url))
    async with web((200, b"x" * (MAX_ANSWER_BYTES + 1))) as there:
        found = set_up(tmp_path, "notify.pager", kind="webhook", url=f"http://127.0.0.1:{there.port}/")
        assert "more than" in await failure(found)


# Mail


async def test_a_mail_is_handed_over_by_tls_with_a_password(tmp_path: Path) -> None:
    believed, context = certificate(tmp_path)
    secret(tmp_path / "password", "open sesame\n")
    said = {
        "kind": "email",
        "host": "127.0.0.1",
        "sender": "laurel@jpn.example",
        "to": ["watch@jpn.example", "director@jpn.example"],
        "tells": "everything",
        "user": "laurel",
        "password_file": "password",
        "authority": believed,
    }
    async with mailroom(starttls=context, password=True) as room:
        found = set_up(tmp_path, "notify.pager", port=room.port, tls="starttls", **said)
        await tried(found)
        await tried(found)
        secret(tmp_path / "password", "close sesame\n")
        assert "535" in await failure(found)
    (sender, to, mail), (_, _, again) = room.taken
    assert (sender, to) == ("laurel@jpn.example", ["watch@jpn.example", "director@jpn.example"])
    assert mail["Subject"] == FACTS["notice"]
    assert mail["Message-ID"] == again["Message-ID"]
    body = mail.get_content()
    assert FACTS["text"] in body
    assert "member: KOR" in body


async def test_a_mail_by_tls_from_the_first_byte_tells_no_more_than_it_may(tmp_path: Path) -> None:
    believed, context = certificate(tmp_path)
    said = {"kind": "email", "host": "127.0.0.1", "tls": "tls", "sender": "a@b.example", "to": ["c@d.example"]}
    async with mailroom(tls=context) as room:
        await tried(set_up(tmp_path, "notify.pager", port=room.port, authority=believed, **said))
        stranger = await failure(set_up(tmp_path, "notify.pager", port=room.port, **said))
    assert "CERTIFICATE_VERIFY_FAILED" in stranger
    [(_, _, mail)] = room.taken
    assert mail.get_content().strip() == FACTS["notice"]


async def test_a_mail_server_that_refuses_or_is_silent_has_failed(tmp_path: Path) -> None:
    said = {"kind": "email", "host": "127.0.0.1", "tls": "none", "sender": "a@b.example", "to": ["c@d.example"]}
    async with mailroom(answer="554 not here") as room:
        assert "554" in await failure(set_up(tmp_path, "notify.pager", port=room.port, **said))
    # What waits for a request says nothing to a mail program.
    async with web() as there:
        found = set_up(tmp_path, "notify.pager", port=there.port, timeout_s=0.3, **said)
        assert await failure(found) == "it was not done within 0.3 s"


# Translation


async def test_an_engine_that_is_a_program_gets_the_text_and_the_languages(tmp_path: Path) -> None:
    engine = program(tmp_path / "engine", 'echo "$1 $2:"; cat')
    found = set_up(tmp_path, "translate", kind="command", argv=[engine, "{source}", "{target}"])
    assert await tried(found, "translate", TEXT) == f"ko ja:\n{TEXT['text']}"


async def test_an_engine_at_an_address_answers_in_the_field_it_is_asked_for(tmp_path: Path) -> None:
    answers = ((200, '{"translatedText": "何かが発射された。"}'.encode()), (200, b"<html>"), (200, b"{}"))
    async with web(*answers) as there:
        url = f"http://127.0.0.1:{there.port}/translate"
        found = set_up(tmp_path, "translate", kind="http", url=url, text_field="q", answer_field="translatedText")
        assert await tried(found, "translate", TEXT) == "何かが発射された。"
        asked = {"q": TEXT["text"], "source": "ko", "target": "ja"}
        assert json.loads(there.posts[0].body) == asked
        for _ in range(2):
            assert await failure(found, "translate", TEXT) == ("its answer has no field 'translatedText' with a text")


async def test_an_engine_without_an_answer_has_failed(tmp_path: Path) -> None:
    found = set_up(tmp_path, "translate", kind="command", argv=[program(tmp_path / "engine", "cat > /dev/null")])
    assert await failure(found, "translate", TEXT) == "its answer is empty"


# services.toml

MAIL = {"kind": "email", "host": "mail.example", "port": 25, "sender": "a@b.example", "to": ["c@d.example"]}
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a program by its name alone": ({"kind": "command", "argv": ["page"]}, "whole path"),
    "a program that is none": ({"kind": "command", "argv": ["/dev/null"]}, "may run"),
    "a shell's words": ({"kind": "command", "argv": "page watch"}, "Expected `array`"),
    "a webhook in the clear": ({"kind": "webhook", "url": "http://room.example/"}, "safe without TLS"),
    "a webhook by another protocol": ({"kind": "webhook", "url": "file:///etc/passwd"}, "https://"),
    "a header that holds two": ({"kind": "webhook", "url": "https://a.example", "headers": {"A\nB": "c"}}, "headers"),
    "a secret that is not there": (
        {"kind": "webhook", "url": "https://a.example", "secret_file": "no"},
        "No such file",
    ),
    "a secret that others may read": (
        {"kind": "webhook", "url": "https://a.example", "secret_file": FILE},
        "chmod 600",
    ),
    "a mail in the clear": ({**MAIL, "tls": "none"}, "safe without TLS"),
    "a mail without a word on TLS": (MAIL, "`tls`"),
    "a password in the clear": (
        {**MAIL, "host": "127.0.0.1", "tls": "none", "user": "a", "password_file": "b"},
        "a password goes to no server",
    ),
    "a user without a password": ({**MAIL, "tls": "tls", "user": "a"}, "together"),
    "an address that is none": ({**MAIL, "tls": "tls", "to": ["a@b.example, c"]}, "a mail address"),
    "a word that is not known": ({"kind": "command", "argv": ["/bin/true"], "tell": "everything"}, "`tell`"),
    "no kind": ({"argv": ["/bin/true"]}, "`kind`"),
}


@pytest.mark.parametrize(("said", "why"), WRONG.values(), ids=WRONG.keys())
def test_what_is_set_up_wrongly_is_named_and_does_nothing(tmp_path: Path, said: dict[str, Any], why: str) -> None:
    found = set_up(tmp_path, "notify.pager", **said)
    assert found.of == {}
    with pytest.raises(BadService) as caught:
        services.service_of(found, "notify:pager")
    assert why in str(caught.value)
    assert "laurel services check" in str(caught.value)


def test_one_that_is_wrong_leaves_the_others(tmp_path: Path) -> None:
    good = 'kind = "command"\nargv = ["/bin/true"]\n'
    bad = '[translate]\nkind = "http"\nurl = "no"\n'
    (tmp_path / FILE).write_text(f'[notify.good]\n{good}[notify."Bad Name"]\n{good}{bad}')
    found = read_services(tmp_path)
    assert (set(found.of), set(found.faults)) == ({"notify:good"}, {"notify:Bad Name", "translate"})


@pytest.mark.parametrize("text", ["[notify", "[pager]\nkind = 'command'", "notify = 3", "\xff"])
def test_a_file_that_is_no_list_of_services_is_refused_whole(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_bytes(text.encode("latin-1"))
    with pytest.raises(BadServices, match="stays in force"):
        read_services(tmp_path)


def test_a_node_without_the_file_has_no_services(tmp_path: Path) -> None:
    found = read_services(tmp_path)
    assert found == Services()
    with pytest.raises(LaurelError, match="there_are=none"):
        services.service_of(found, "notify:pager")
