"""TLP and labels: the stricter wins, both ways."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.instruments.cyber.partners import MEMBERS, STATEMENT, indicator, marked, raw

from laurel.core.label import Classification, Label, label
from laurel.instruments.cyber.records import Tlp
from laurel.instruments.cyber.stix import read
from laurel.instruments.cyber.tlp import (
    IDS,
    LEVELS,
    collection_id,
    label_under,
    leaving,
    ranked,
    stricter,
    tlp_among,
    tlp_of,
)

levels = st.sampled_from(Tlp)


@st.composite
def labels(draw: st.DrawFn) -> Label:
    """A label of ours."""
    to = draw(st.sets(st.sampled_from(MEMBERS)))
    caveats = draw(st.sampled_from([frozenset[str](), frozenset({"ORCON"})]))
    return label(draw(st.sampled_from(Classification)), {"JPN", *to}, caveats)


@given(levels, labels(), st.sets(st.sampled_from(MEMBERS)))
def test_a_marked_thing_is_labelled_no_less_strictly_than_it_was_said(tlp: Tlp, said: Label, red: set[str]) -> None:
    told = label_under(tlp, said, "JPN", red)
    assert told.classification.rank >= said.classification.rank
    assert set(told.rel_to) <= set(said.rel_to)
    assert told.caveats == said.caveats
    if tlp.rank >= Tlp.AMBER.rank:
        # What the label alone tells another house is no looser than the marking was.
        assert tlp_of(told).rank >= tlp.rank


@given(labels(), st.sets(st.sampled_from(MEMBERS)))
def test_red_reaches_nobody_who_was_not_named(said: Label, red: set[str]) -> None:
    told = label_under(Tlp.RED, said, "JPN", red)
    assert set(told.rel_to) == {"JPN"} | (red & set(said.rel_to))
    assert label_under(Tlp.RED, said, "JPN", ()).rel_to == ("JPN",)


@given(levels, levels, levels)
def test_of_two_markings_the_stricter_wins_whatever_the_order(one: Tlp, two: Tlp, three: Tlp) -> None:
    assert stricter(one, two) == stricter(two, one)
    assert stricter(stricter(one, two), three) == stricter(one, stricter(two, three))
    assert stricter(one, two).rank >= one.rank
    assert ranked(one.rank) is one


@given(st.lists(st.sampled_from(sorted(LEVELS)), max_size=3), levels)
def test_what_leaves_is_marked_no_looser_than_it_may(refs: list[str], tlp: Tlp) -> None:
    made = {**indicator(), "object_marking_refs": [STATEMENT, *refs]}
    out = leaving(raw(made), tlp)
    assert read(out).own_tlp.rank >= tlp.rank
    assert STATEMENT in json.loads(bytes(out))["object_marking_refs"]
    if read(raw(made)).own_tlp.rank >= tlp.rank and (refs or tlp is Tlp.CLEAR):
        assert bytes(out) == bytes(raw(made))


def test_a_marking_of_a_part_holds_for_the_whole() -> None:
    part = {"selectors": ["description"], "marking_ref": IDS[Tlp.RED]}
    assert read(raw({**marked(indicator(), Tlp.GREEN), "granular_markings": [part]})).own_tlp is Tlp.RED


@pytest.mark.parametrize(
    ("classification", "to", "tlp"),
    [
        (Classification.UNCLASSIFIED, set(MEMBERS), Tlp.CLEAR),
        (Classification.UNCLASSIFIED, {"JPN", "KOR"}, Tlp.AMBER),
        (Classification.UNCLASSIFIED, {"JPN"}, Tlp.AMBER_STRICT),
        (Classification.RESTRICTED, set(MEMBERS), Tlp.AMBER),
        (Classification.CONFIDENTIAL, set(MEMBERS), Tlp.AMBER_STRICT),
        (Classification.SECRET, set(MEMBERS), Tlp.RED),
        (Classification.TOP_SECRET, {"JPN"}, Tlp.RED),
    ],
)
def test_a_label_asks_for_a_marking_that_lets_no_more_out(
    classification: Classification, to: set[str], tlp: Tlp
) -> None:
    assert tlp_among(label(classification, to), MEMBERS) is tlp


def test_the_markings_of_tlp_1_are_known_by_their_ids() -> None:
    first: dict[str, Any] = {
        "613f2e26-407d-48c7-9eca-b8e91df99dc9": Tlp.CLEAR,
        "34098fce-860f-48ae-8e50-ebd3cc5e41da": Tlp.GREEN,
        "f88d31f6-486f-44da-b317-01333bde0b82": Tlp.AMBER,
        "5e57c739-391a-4eb3-b6be-7d15ca92d5ed": Tlp.RED,
    }
    assert {f"marking-definition--{one}": LEVELS[f"marking-definition--{one}"] for one in first} == {
        f"marking-definition--{one}": level for one, level in first.items()
    }


def test_a_collection_is_called_the_same_on_every_node_and_no_two_are() -> None:
    audiences = [("JPN",), ("JPN", "KOR"), MEMBERS]
    ids = {collection_id(tlp, to) for tlp in Tlp for to in audiences}
    assert len(ids) == len(Tlp) * len(audiences)
    assert collection_id(Tlp.GREEN, MEMBERS) == collection_id(Tlp.GREEN, ("JPN", "KOR", "USA"))
