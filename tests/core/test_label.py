"""Labels: who may read, and how strictly. Joining two never lets more people read more."""

from __future__ import annotations

from functools import reduce

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from laurel.core.errors import BadLabel
from laurel.core.label import Classification, Label, join, label

CODES = ("AUS", "JPN", "KOR", "PHL", "USA")
CAVEATS = ("NO-COMBAT", "ORIGINATOR CONTROLLED", "SELF-DEFENCE ONLY")

labels = st.builds(
    label,
    st.sampled_from(Classification),
    st.sets(st.sampled_from(CODES), min_size=1),
    st.frozensets(st.sampled_from(CAVEATS)),
)


def readers_meet(*some: Label) -> bool:
    return bool(set[str].intersection(*(set(one.rel_to) for one in some)))


@given(labels, labels)
def test_joining_does_not_depend_on_the_order(first: Label, second: Label) -> None:
    assume(readers_meet(first, second))
    assert join(first, second) == join(second, first)


@given(labels, labels, labels)
def test_joining_does_not_depend_on_the_grouping(first: Label, second: Label, third: Label) -> None:
    assume(readers_meet(first, second, third))
    assert join(join(first, second), third) == join(first, join(second, third))


@given(labels)
def test_joining_a_label_with_itself_changes_nothing(one: Label) -> None:
    assert join(one, one) == one


@given(st.lists(labels, min_size=1, max_size=5))
def test_a_joined_label_is_never_less_strict_than_any_of_its_parts(parts: list[Label]) -> None:
    assume(readers_meet(*parts))
    joined = reduce(join, parts)
    for part in parts:
        assert joined.classification.rank >= part.classification.rank
        assert set(joined.rel_to) <= set(part.rel_to)
        assert set(joined.caveats) >= set(part.caveats)


@given(labels, labels)
def test_what_nobody_may_read_both_parts_of_cannot_be_labelled(first: Label, second: Label) -> None:
    assume(not readers_meet(first, second))
    with pytest.raises(BadLabel, match="rel_to"):
        join(first, second)


def test_classifications_are_ordered_from_least_to_most_strict() -> None:
    assert [one.rank for one in Classification] == [0, 1, 2, 3, 4]
    assert Classification.SECRET.rank < Classification.TOP_SECRET.rank


def test_the_banner_names_the_united_states_first_and_the_caveats_last() -> None:
    shared = label(Classification.SECRET, {"USA", "KOR", "JPN"}, frozenset({"NO-COMBAT"}))
    assert shared.banner == "SECRET//REL TO USA, JPN, KOR//NO-COMBAT"
    assert label(Classification.RESTRICTED, {"KOR", "JPN"}).banner == "RESTRICTED//REL TO JPN, KOR"


@pytest.mark.parametrize(
    "rel_to",
    [(), ("USA", "JPN"), ("JPN", "JPN"), ("jpn",), ("JP",), ("JPN ",), ("JPNX",), ("ＪＰＮ",)],
    ids=["nobody", "unsorted", "twice", "small letters", "two letters", "a blank", "four letters", "wide letters"],
)
def test_a_malformed_audience_is_refused(rel_to: tuple[str, ...]) -> None:
    with pytest.raises(BadLabel):
        Label(Classification.SECRET, rel_to)


@pytest.mark.parametrize("caveats", [("B", "A"), ("A", "A")], ids=["unsorted", "twice"])
def test_malformed_caveats_are_refused(caveats: tuple[str, ...]) -> None:
    with pytest.raises(BadLabel):
        Label(Classification.SECRET, ("JPN",), caveats)
