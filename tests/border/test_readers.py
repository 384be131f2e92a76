"""What a reader may say and be told, said in plain words before the policies decide."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.border.sealing import sealed
from tests.border.test_admit import KINDS, POLICIES, Held
from tests.node.worlds import members

from laurel.border.admit import Refused, admit
from laurel.border.readers import FROM_READERS, ReadersAreToldDerived, ReadersListen, check_saying, goes_to_readers
from laurel.core.errors import NotInStanding, ReaderSpoke
from laurel.core.roster import Roster, Standing

WHO = members()


def roster(me: str, **standings: Standing) -> Roster:
    one = WHO.roster(me)
    return replace(one, standings={**one.standings, **standings})


@pytest.mark.attack("reader")
def test_a_reader_says_receipts_and_its_keys_and_nothing_else() -> None:
    reader = roster("JPN", JPN=Standing.READER)
    for kind in FROM_READERS:
        check_saying(kind, ("JPN", "KOR"), reader)
    check_saying("warning.scan.v1", ("JPN",), reader)
    with pytest.raises(ReadersListen, match="receipts alone"):
        check_saying("warning.alert.v1", ("JPN", "KOR"), reader)


@pytest.mark.attack("widen")
def test_a_label_that_names_a_reader_is_refused_but_for_what_was_derived_and_the_lines_own_business() -> None:
    with_reader = roster("JPN", KOR=Standing.READER)
    for kind in ("line.key-changed.v1", "warning.coarse-alert.v1"):
        assert goes_to_readers(kind)
        check_saying(kind, ("JPN", "KOR"), with_reader)
    with pytest.raises(ReadersAreToldDerived, match="KOR"):
        check_saying("warning.alert.v1", ("JPN", "KOR", "USA"), with_reader)
    check_saying("warning.alert.v1", ("JPN", "USA"), with_reader)


@pytest.mark.attack("membership")
@pytest.mark.parametrize(
    ("now", "error"),
    [
        (Standing.READER, ReaderSpoke),
        (Standing.SUSPENDED, NotInStanding),
        (Standing.EXPELLED, NotInStanding),
    ],
)
def test_nothing_is_taken_from_one_whose_standing_does_not_let_it_speak(now: Standing, error: type[Exception]) -> None:
    decision = admit(sealed(WHO), roster("KOR", JPN=now), POLICIES, Held(), KINDS)
    assert isinstance(decision, Refused)
    assert isinstance(decision.error, error)
