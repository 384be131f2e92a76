from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from laurel.core.errors import BadField, DiskFull
from laurel.core.record import World
from laurel.node.home.layout import (
    PRIVATE_FILE,
    BadNodeFile,
    CannotWrite,
    Layout,
    NoNodeHere,
    Settings,
    join_address,
    make_folder,
    read_settings,
    split_address,
    write_file,
    write_settings,
)

JAPAN = Settings("JPN", "Japan", "camp-david", "nats.jpn.example", 8080, 4222)


@given(name=st.text(min_size=1, max_size=80).filter(lambda name: name.isprintable() and name.strip()))
def test_a_node_is_read_as_it_was_written(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    layout = Layout(tmp_path_factory.mktemp("node"))
    settings = Settings("KOR", name, "camp-david", "::1", 1, 65_535)
    write_settings(layout, settings)
    assert read_settings(layout) == settings


def test_a_folder_without_a_node_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(NoNodeHere, match="laurel init"):
        read_settings(Layout(tmp_path))


@pytest.mark.parametrize(
    "text",
    [
        "member = ",
        'member = "JPN"',
        'member = "jpn"\nname = "x"\ncompact = "c"\nhost = "h"\nhttp_port = 1\nnats_port = 2',
    ],
)
def test_a_damaged_description_is_named(tmp_path: Path, text: str) -> None:
    layout = Layout(tmp_path)
    layout.settings.write_text(text)
    with pytest.raises(BadNodeFile, match=r"node\.toml"):
        read_settings(layout)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("member", "JP"),
        ("compact", "../escape"),
        ("host", "host name"),
        ("host", "-leading.example"),
        ("host", ""),
        ("name", "line\nbreak"),
        ("http_port", 0),
        ("nats_port", 65_536),
    ],
)
def test_what_no_node_can_have_is_refused_by_name(tmp_path: Path, field: str, value: object) -> None:
    settings = replace(JAPAN, **{field: value})
    with pytest.raises(BadField, match=field):
        write_settings(Layout(tmp_path), settings)
    assert not list(tmp_path.iterdir())


def test_a_node_on_this_machine_alone_listens_on_this_machine_alone() -> None:
    alone = Settings("JPN", "Japan", "camp-david", "127.0.0.1", 8080, 4222)
    assert (alone.listens_on, alone.own_host, alone.address) == ("127.0.0.1", "127.0.0.1", "127.0.0.1:4222")
    assert (JAPAN.listens_on, JAPAN.own_host, JAPAN.address) == ("", "127.0.0.1", "nats.jpn.example:4222")


@given(
    host=st.sampled_from(["localhost", "10.0.0.1", "::1", "2001:db8::7", "nats.kor.example"]),
    port=st.integers(1, 65_535),
)
def test_an_address_comes_apart_as_it_was_put_together(host: str, port: int) -> None:
    assert split_address(join_address(host, port)) == (host, port)


@pytest.mark.parametrize("address", ["", "host", "host:", ":4222", "host:99999", "host:x", "a b:1", "host:१", "u@h:1"])
def test_an_address_that_leads_nowhere_is_refused(address: str) -> None:
    with pytest.raises(BadField):
        split_address(address)


@pytest.mark.parametrize("world", [World("Camp"), World("camp-david", "../x"), World("camp-david", "a.b"), World("")])
def test_a_world_cannot_name_a_folder_outside_its_place(world: World) -> None:
    with pytest.raises(BadField):
        Layout(Path("node")).world(world)


def test_a_private_file_is_private_from_its_first_byte(tmp_path: Path) -> None:
    make_folder(tmp_path / "keys")
    write_file(tmp_path / "keys" / "secret", b"1", PRIVATE_FILE)
    assert stat.S_IMODE((tmp_path / "keys" / "secret").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_a_write_that_breaks_off_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "card"
    write_file(path, b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull, match="card"):
        write_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["card"]


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="absent"):
        write_file(tmp_path / "absent" / "file", b"")
