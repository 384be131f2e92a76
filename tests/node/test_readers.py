"""A reader from end to end: told what a policy derives for it, gives receipts, and never holds the original."""

from __future__ import annotations

import pytest
from tests.node.test_derive import COARSE_NOTE, coarse_notebook, terms
from tests.node.test_policies import put
from tests.node.test_standing import assent, propose
from tests.node.worlds import MEMBERS, Worlds, exchange, log_of, note, parked, texts

from laurel.core.instrument import NoAsk
from laurel.core.record import decode
from laurel.core.roster import Standing
from laurel.instruments.line.receipts import Receipts
from laurel.instruments.line.standing import ProposeStanding
from laurel.instruments.office import INSTRUMENT as OFFICE

CANARY = "canary-of-the-original " * 9


@pytest.mark.attack("reader")
def test_a_reader_holds_exactly_what_was_derived_for_it_and_says_receipts_alone(worlds: Worlds) -> None:
    jpn, kor, usa = (worlds.open(member, coarse_notebook(), OFFICE) for member in MEMBERS)
    one = propose(jpn, ProposeStanding("KOR", Standing.READER, "listens from now on"))
    exchange(jpn, kor, usa)
    assent(usa, one)
    exchange(jpn, kor, usa)
    put(jpn, terms(member="KOR"))
    jpn.say(note(CANARY, to=("JPN", "USA")))
    exchange(jpn, kor, usa)

    # Exactly the derived record, and nothing of the original on its disk.
    told = [one.id for one in log_of(kor) if decode(one.payload).kind == COARSE_NOTE.name]
    assert len(told) == 1
    assert texts(usa) == [CANARY]
    assert texts(kor) == []
    kinds = {decode(one.payload).kind for one in log_of(kor)} - {COARSE_NOTE.name}
    assert all(kind.startswith("line.") for kind in kinds)
    worlds.close("KOR")
    disk = b"".join(file.read_bytes() for file in worlds.folder.glob("KOR.*"))
    assert told[0].encode() in disk
    assert b"canary-of-the-original" not in disk

    # Its receipt reached the origin, and the origin alone.
    got: Receipts = jpn.judge("line/receipts", NoAsk())
    assert [(one.record, [by.member for by in one.by]) for one in got.receipts] == [(told[0], ["KOR"])]
    assert usa.judge("line/receipts", NoAsk()) == Receipts(())
    said = {decode(one.payload).kind for one in log_of(jpn) if decode(one.payload).origin == "KOR"}
    assert said == {"line.receipt-given.v1"}
    assert parked(jpn) == parked(usa) == []
