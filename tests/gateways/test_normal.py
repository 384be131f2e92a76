"""A normalised log keeps all but what keys, salts and real time make."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import pytest
from msgspec import Raw, Struct
from msgspec.structs import replace

from laurel.core.label import Classification, label
from laurel.core.record import Precedence, Record
from laurel.gateways.exercise.normal import ELSEWHERE, normal, normal_sha256
from laurel.instruments.exercise.records import CLOCK_SET, ClockSet
from laurel.instruments.hotline.records import ACKNOWLEDGED

AT = datetime(2027, 3, 1, tzinfo=UTC)

Log = list[tuple[str, Record[Raw]]]


class Acknowledges(Struct, frozen=True):
    """A body with an id in it, and the hash of something that is no record."""

    message: str
    office: str = "Operations centre"
    sha256: str = "0" * 64


def record(
    number: int, body: Struct, prev: str | None = None, about: Sequence[str] = (), kind: str = ""
) -> Record[Raw]:
    return Record(
        kind=kind or ACKNOWLEDGED.name,
        compact="camp-david",
        exercise="short",
        origin="JPN",
        author="cell:watch-jpn",
        at=AT,
        label=label(Classification.SECRET, {"JPN", "KOR"}),
        precedence=Precedence.ROUTINE,
        number=number,
        prev=prev,
        about=tuple(about),
        answers=None,
        salt=bytes(16),
        body=Raw(msgspec.json.encode(body)),
    )


def a_log(salt: str, office: str = "Operations centre", real_at: datetime = AT) -> Log:
    """Three records, the later two saying the first one's id; ids follow from the salt, as they do in life."""
    ids = [hashlib.sha256(f"{salt}{number}".encode()).hexdigest() for number in range(3)]
    clock = record(1, ClockSet(real_at, AT, 0.0), kind=CLOCK_SET.name)
    second = record(2, Acknowledges(ids[0], office), ids[0], [ids[0]])
    third = record(3, Acknowledges(ids[1]), ids[1])
    salted = hashlib.sha256(salt.encode()).digest()[:16]
    return [(name, replace(one, salt=salted)) for name, one in zip(ids, (clock, second, third), strict=True)]


def test_other_salts_and_the_ids_that_follow_from_them_leave_the_hash_as_it_is() -> None:
    assert normal_sha256(a_log("one")) == normal_sha256(a_log("other"))
    assert normal_sha256(a_log("one")) == normal_sha256(reversed(a_log("one")))
    assert normal_sha256(a_log("one")) == normal_sha256(a_log("one", real_at=datetime(2030, 1, 1, tzinfo=UTC)))


def test_a_word_that_was_said_otherwise_is_another_hash() -> None:
    assert normal_sha256(a_log("one")) != normal_sha256(a_log("one", office="Another office"))


@pytest.mark.parametrize(
    "otherwise",
    [
        {"at": datetime(2027, 3, 1, 0, 0, 1, tzinfo=UTC)},
        {"author": "officer:abe"},
        {"origin": "KOR"},
        {"precedence": Precedence.FLASH},
        {"label": label(Classification.UNCLASSIFIED, {"JPN", "KOR"})},
        {"about": ()},
        {"prev": None},
        {"answers": "0" * 64},
        {"number": 4},
    ],
    ids=lambda otherwise: next(iter(otherwise)),
)
def test_nothing_else_of_a_record_is_left_out(otherwise: dict[str, object]) -> None:
    log = a_log("one")
    changed = [*log[:1], (log[1][0], replace(log[1][1], **otherwise)), *log[2:]]
    assert normal_sha256(changed) != normal_sha256(log)


def test_that_a_record_means_another_record_is_another_hash() -> None:
    log = a_log("one")
    name, last = log[2]
    other = replace(last, body=Raw(msgspec.json.encode(Acknowledges(log[0][0]))))
    assert normal_sha256([*log[:2], (name, other)]) != normal_sha256(log)


def citing(cited: str, *, sha256: str = "0" * 64) -> Log:
    """A log whose last record cites another, in every way in which it can."""
    log = a_log("one")
    name, last = log[2]
    body = Raw(msgspec.json.encode(Acknowledges(cited, f"after message={cited}, at once", sha256)))
    return [*log[:2], (name, replace(last, about=(cited,), answers=cited, body=body))]


def test_a_record_that_is_cited_and_not_held_here_is_elsewhere_whatever_its_id() -> None:
    one, other = (hashlib.sha256(salt).hexdigest() for salt in (b"one", b"other"))
    assert normal_sha256(citing(one)) == normal_sha256(citing(other))
    told = normal(citing(one))[-1]
    assert one not in told
    assert told.count(ELSEWHERE) == 4


def test_to_cite_a_record_that_is_held_here_is_not_to_cite_one_elsewhere() -> None:
    held = a_log("one")[0][0]
    assert normal_sha256(citing(held)) != normal_sha256(citing("0" * 64))
    assert ELSEWHERE not in normal(citing(held))[-1]


def test_a_hash_of_something_that_is_no_record_is_kept() -> None:
    assert normal_sha256(citing("0" * 64, sha256="1" * 64)) != normal_sha256(citing("0" * 64, sha256="2" * 64))
