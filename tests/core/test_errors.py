"""Every error says what happened, where, and what to do about it."""

from __future__ import annotations

import pytest

from laurel.core import errors
from laurel.core.errors import BadAsk, Broken, LaurelError, Untrusted, WrongWorld

GROUPS = {LaurelError, Untrusted, BadAsk, Broken}
NAMED = {one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, LaurelError)}
LEAVES = sorted(NAMED - GROUPS, key=str)


@pytest.mark.parametrize("error", LEAVES)
def test_an_error_has_words_and_a_remedy_of_its_own(error: type[LaurelError]) -> None:
    assert sum(issubclass(error, group) for group in (Untrusted, BadAsk, Broken)) == 1
    assert "says" in vars(error)
    assert "remedy" in vars(error)
    assert error().code == error.__name__
    assert str(error()) == f"{error.says}. {error.remedy}"


def test_an_error_names_its_facts_before_the_remedy() -> None:
    error = WrongWorld(record_id="ab", said_in="camp-david.freedom-27", offered_to="camp-david")
    facts = "record_id=ab, said_in=camp-david.freedom-27, offered_to=camp-david"
    assert str(error) == f"{WrongWorld.says} ({facts}). {WrongWorld.remedy}"
    assert error.facts["offered_to"] == "camp-david"
