"""The proof of a fork: it convinces whoever holds the key, and nobody else is accused by it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from tests.border.sealing import lane, sealed
from tests.node.notebook import NOTE
from tests.node.worlds import LIVE, MEMBERS, members

from laurel.border.admit import Kinds
from laurel.border.forks import MAX_PROOF_BYTES, flaw, proof_of
from laurel.core.record import Lane, Precedence, Sealed, open_envelope
from laurel.instruments.line.records import GAP_DECLARED, GapDeclared

WHO, STRANGERS = members(), members()
US = WHO.roster("KOR")
KINDS = Kinds({kind.name: kind for kind in (NOTE, GAP_DECLARED)})
LANE = Lane(LIVE, "JPN", MEMBERS, Precedence.ROUTINE)
ONE, TWO, THREE = lane(WHO, "one", "two", "three")
OTHER = sealed(WHO, "other", number=2, prev=ONE.id)
GAP = sealed(WHO, kind=GAP_DECLARED.name, body=GapDeclared(2, 5, "lost"), number=6, prev=ONE.id)
FIVE = sealed(WHO, "five", number=5, prev="b" * 64)


def judged(*versions: Sealed, number: int = 2, ids: Sequence[str] | None = None) -> str:
    named = [one.id for one in versions] if ids is None else ids
    return flaw(proof_of(*versions), LANE, number, named, US, KINDS)


def test_two_records_under_one_number_prove_a_fork() -> None:
    assert judged(TWO, OTHER) == ""


def test_a_record_that_follows_another_than_the_one_before_proves_a_fork() -> None:
    stray = sealed(WHO, "three", number=3, prev=OTHER.id)
    assert judged(TWO, stray, number=3, ids=[stray.id]) == ""
    gap = sealed(WHO, kind=GAP_DECLARED.name, body=GapDeclared(3, 5, "lost"), number=6, prev=OTHER.id)
    assert judged(TWO, gap, number=6, ids=[gap.id]) == ""


FALSE: dict[str, Callable[[], str]] = {
    "nothing": lambda: flaw((), LANE, 2, [], US, KINDS),
    "one record": lambda: judged(TWO),
    "one record twice": lambda: judged(TWO, TWO),
    "the lane as it is": lambda: judged(TWO, THREE, number=3, ids=[THREE.id]),
    "two records far apart": lambda: judged(ONE, THREE, number=3, ids=[THREE.id]),
    "a declared gap and what it hid": lambda: judged(FIVE, GAP, number=6, ids=[GAP.id]),
    "another number": lambda: judged(TWO, OTHER, number=3),
    "other records than it names": lambda: judged(TWO, OTHER, ids=["a" * 64, OTHER.id]),
    "a record that it does not name": lambda: judged(TWO, OTHER, ids=[TWO.id]),
    "a signature of the accuser": lambda: judged(TWO, sealed(WHO, "other", number=2, prev=ONE.id, signed_by="USA")),
    "a signature of a stranger": lambda: judged(TWO, sealed(STRANGERS, "other", number=2, prev=ONE.id)),
    "a signature of nothing": lambda: judged(TWO, Sealed(OTHER.payload, bytes(64), OTHER.key_id)),
    "another lane": lambda: judged(TWO, sealed(WHO, "other", number=2, rel_to=("JPN", "KOR"))),
    "no envelopes": lambda: flaw(("{}", "noise"), LANE, 2, [TWO.id], US, KINDS),
    "envelopes of something else": lambda: flaw(
        tuple(one.replace("record.v1", "card.v1") for one in proof_of(TWO, OTHER)), LANE, 2, [OTHER.id], US, KINDS
    ),
    "bad text": lambda: flaw(
        tuple(one.replace('payload":"', 'payload":"?') for one in proof_of(TWO, OTHER)), LANE, 2, [], US, KINDS
    ),
}


@pytest.mark.attack("forge")
@pytest.mark.parametrize("accusation", FALSE.values(), ids=FALSE.keys())
def test_what_proves_no_fork_accuses_nobody(accusation: Callable[[], str]) -> None:
    assert accusation() != ""


def test_what_is_too_large_to_go_along_is_told_by_its_ids_alone() -> None:
    long = sealed(WHO, "x" * MAX_PROOF_BYTES, number=2, prev=ONE.id)
    assert proof_of(TWO, long) == ()
    assert judged(TWO, long) == "it does not show two records"


def test_an_envelope_opens_to_what_was_closed() -> None:
    [text] = proof_of(TWO)
    assert open_envelope(text) == TWO
