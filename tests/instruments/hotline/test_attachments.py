"""Attachments: said in parts, put together by their hash, and spoilt by nobody."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.instruments.harness import Nodes

from laurel.core.errors import BadField, Nothing
from laurel.core.label import Classification, label
from laurel.core.record import Draft
from laurel.instruments.hotline import INSTRUMENT
from laurel.instruments.hotline.attachments import (
    AttachAsk,
    FileForFewer,
    HeldFiles,
    OfFile,
    check_attached,
    content_of,
    files_of,
    parts_of,
    rows_of,
    sha256_of,
)
from laurel.instruments.hotline.records import MAX_FILE_BYTES, MAX_PART_BYTES, Attachment, FileChecked, Part

NOW = datetime(2026, 8, 18, 3, 0, tzinfo=UTC)
SATO = "officer:sato"
BOTH = ("JPN", "KOR")
CONTENT = b"".join(bytes([number]) * 70_000 for number in range(4))


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def asks(content: bytes, to: Sequence[str] = BOTH, name: str | None = None) -> list[AttachAsk]:
    """One ask for each part."""
    parts = parts_of(len(content))
    cut = [content[index * MAX_PART_BYTES : (index + 1) * MAX_PART_BYTES] for index in range(parts)]
    hashed = name or sha256(content)
    return [
        AttachAsk(tuple(to), Classification.SECRET, hashed, len(content), index, parts, piece)
        for index, piece in enumerate(cut)
    ]


def upload(nodes: Nodes, wanted: Sequence[AttachAsk], member: str = "JPN") -> int:
    return sum(len(nodes.ask(member, "attach", ask, SATO, NOW)) for ask in wanted)


def held(nodes: Nodes, member: str, content: bytes = CONTENT) -> HeldFiles:
    return nodes.of[member].query("attachment", OfFile(sha256(content)), NOW)


def attachment(content: bytes = CONTENT) -> Attachment:
    return Attachment(sha256(content), "map.pdf", "application/pdf", len(content))


def trio() -> Nodes:
    return Nodes(INSTRUMENT, ("JPN", "KOR", "USA"))


def test_a_file_is_whole_at_each_reader_and_absent_elsewhere() -> None:
    nodes = trio()
    first, *rest = asks(CONTENT)
    upload(nodes, [first])
    [row] = rows_of(nodes.of["KOR"].view, [[attachment()]])[0]
    assert (row.parts, row.held, row.whole) == (3, 1, None)
    upload(nodes, rest)
    for member in BOTH:
        [row] = rows_of(nodes.of[member].view, [[attachment()]])[0]
        assert (row.parts, row.held, row.whole) == (3, 3, True)
        [file] = held(nodes, member).files
        assert (file.member, file.held, file.size) == ("JPN", (0, 1, 2), len(CONTENT))
        assert file.banner == "SECRET//REL TO JPN, KOR"
    [row] = rows_of(nodes.of["USA"].view, [[attachment()]])[0]
    assert (row.held, row.whole) == (0, None)
    view = nodes.of["KOR"].view
    assert b"".join(content_of(view, files_of(view, [sha256(CONTENT)])[sha256(CONTENT)][0])) == CONTENT


def test_whether_a_file_is_right_is_said_once_and_at_home() -> None:
    nodes = trio()
    upload(nodes, asks(CONTENT))
    for member in BOTH:
        [said] = nodes.of[member].said(FileChecked)
        assert said.label.rel_to == (member,)
        assert (said.body.right, said.body.size) == (True, len(CONTENT))


def test_a_part_that_is_there_is_not_said_again() -> None:
    nodes = trio()
    wanted = asks(CONTENT)
    assert upload(nodes, [*wanted[:2], *wanted, *wanted]) == 3
    assert upload(nodes, asks(CONTENT, to=("KOR", "USA"))) == 3
    assert upload(nodes, asks(CONTENT, to=("JPN",)), "KOR") == 3


@pytest.mark.parametrize("content", [b"", b"x", bytes(MAX_PART_BYTES), bytes(MAX_PART_BYTES + 1)])
def test_files_of_every_edge_size_come_whole(content: bytes) -> None:
    nodes = trio()
    upload(nodes, asks(content))
    [file] = held(nodes, "KOR", content).files
    assert (file.whole, file.size) == (True, len(content))


WRONG = {
    "parts that do not fit the size": {"parts": 4},
    "fewer parts": {"parts": 2},
    "an index beyond": {"index": 3},
    "a short part": {"content": b"short"},
    "another part's length": {"index": 2},
    "another size": {"size": len(CONTENT) - 1, "index": 2, "content": CONTENT[2 * MAX_PART_BYTES :]},
}


@pytest.mark.parametrize("what", WRONG)
def test_a_part_that_does_not_fit_is_refused(what: str) -> None:
    nodes, right = trio(), asks(CONTENT)[0]
    with pytest.raises(BadField):
        upload(
            nodes, [AttachAsk(**{**{name: getattr(right, name) for name in right.__struct_fields__}, **WRONG[what]})]
        )
    assert held(nodes, "JPN").files == ()


def test_the_largest_file_has_the_most_parts() -> None:
    assert parts_of(MAX_FILE_BYTES) * MAX_PART_BYTES == MAX_FILE_BYTES


def test_a_small_file_of_another_hash_is_refused() -> None:
    with pytest.raises(BadField):
        upload(trio(), asks(b"small", name="0" * 64))


def test_a_file_that_is_not_what_its_hash_says_is_shown_as_wrong_until_it_is_said_right() -> None:
    nodes, wanted = trio(), asks(CONTENT)
    wrong = asks(bytes(len(CONTENT)), name=sha256(CONTENT))
    upload(nodes, [wrong[0], *wanted[1:]])
    [row] = rows_of(nodes.of["KOR"].view, [[attachment()]])[0]
    assert (row.held, row.whole) == (3, False)
    upload(nodes, [wanted[0]])
    [row] = rows_of(nodes.of["KOR"].view, [[attachment()]])[0]
    assert row.whole is True
    assert [said.body.right for said in nodes.of["KOR"].said(FileChecked)] == [False, True]


@pytest.mark.attack("attachment")
def test_another_member_cannot_spoil_a_file_by_parts_of_its_own() -> None:
    nodes = trio()
    upload(nodes, asks(bytes(len(CONTENT)), name=sha256(CONTENT)), "KOR")
    upload(nodes, asks(CONTENT))
    upload(nodes, asks(bytes(len(CONTENT)), ("JPN",), name=sha256(CONTENT)), "KOR")
    [row] = rows_of(nodes.of["KOR"].view, [[attachment()]])[0]
    assert row.whole is True
    assert [file.whole for file in held(nodes, "JPN").files] == [True, False]


@pytest.mark.attack("attachment")
def test_parts_that_contradict_each_other_make_no_file() -> None:
    """A peer may say what no command of ours would: an index beyond its own count, another count for each part."""
    nodes = trio()
    told = label(Classification.SECRET, set(BOTH))
    desk = nodes.of["KOR"].desk(SATO, NOW)
    for body in (Part("a" * 64, 5, 2, b"x"), Part("a" * 64, 0, 2, b"x"), Part("a" * 64, 1, 3, b"y")):
        nodes.say(Draft(body, told), desk)
    nodes.settle(NOW)
    files = nodes.of["JPN"].query("attachment", OfFile("a" * 64), NOW).files
    assert [(one.parts, one.held, one.whole) for one in files] == [(2, (0,), None), (3, (1,), None)]
    with pytest.raises(Nothing):
        sha256_of(nodes.of["JPN"].view, files_of(nodes.of["JPN"].view, ["a" * 64])["a" * 64][0])


def test_a_file_of_another_size_than_its_message_says_is_not_whole() -> None:
    nodes = trio()
    upload(nodes, asks(CONTENT))
    other = Attachment(sha256(CONTENT), "map.pdf", "application/pdf", len(CONTENT) + 1)
    [[row]] = rows_of(nodes.of["KOR"].view, [[other]])
    assert row.whole is False


def test_a_message_to_more_members_than_its_file_is_refused() -> None:
    nodes = trio()
    view = nodes.of["JPN"].view
    check_attached(view, ("JPN", "KOR", "USA"), [attachment()])
    upload(nodes, asks(CONTENT)[:1])
    check_attached(view, BOTH, [attachment()])
    with pytest.raises(FileForFewer, match="said_to=JPN, KOR"):
        check_attached(view, ("JPN", "KOR", "USA"), [attachment()])
    upload(nodes, asks(CONTENT, to=("KOR", "USA"))[:1])
    check_attached(view, ("JPN", "KOR", "USA"), [attachment()])


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_parts_in_any_order_and_as_often_as_one_likes_make_the_same_file(data: st.DataObject) -> None:
    nodes, wanted = trio(), asks(CONTENT)
    more = data.draw(st.lists(st.sampled_from(wanted), max_size=3))
    upload(nodes, data.draw(st.permutations([*wanted, *more])))
    [file] = held(nodes, "KOR").files
    assert (file.held, file.whole) == ((0, 1, 2), True)
    assert len(nodes.of["KOR"].said(FileChecked)) == 1
