"""Who waits for whom: nobody for more than one ask of each of the others."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.core.errors import TooMany
from laurel.node.turns import Turns


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=200), st.integers(1, 70))
def test_everything_is_taken_once_in_its_authors_order_and_authors_take_turns(authors: list[str], limit: int) -> None:
    async def drained() -> list[tuple[str, int]]:
        turns: Turns[tuple[str, int]] = Turns()
        for number, author in enumerate(authors):
            turns.put(author, (author, number))
        taken: list[tuple[str, int]] = []
        while len(taken) < len(authors):
            batch = await turns.take(limit)
            assert 1 <= len(batch) <= limit
            taken += batch
        return taken

    taken = asyncio.run(drained())
    assert sorted(number for _, number in taken) == list(range(len(authors)))
    for author in "abcd":
        own = [number for name, number in taken if name == author]
        assert own == sorted(own)
        # Its first is taken before anybody has had two.
        if own:
            before = [name for name, _ in taken[: taken.index((author, own[0]))]]
            assert len(before) == len(set(before))


@pytest.mark.attack("flood")
async def test_whoever_floods_fills_their_own_line_and_nobody_elses() -> None:
    turns: Turns[int] = Turns(most=100, each=80)
    for number in range(80):
        turns.put("flood", number)
    with pytest.raises(TooMany):
        turns.put("flood", 80)
    for number in range(20):
        turns.put("other", number)
    with pytest.raises(TooMany):
        turns.put("other", 20)
    # The room is full, and who has nothing waiting still gets in.
    turns.put("quiet", 1_000)
    assert 1_000 in await turns.take(3)
    turns.put("other", 20)
