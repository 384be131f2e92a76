"""Injects as Hypothesis draws them, and what a spreadsheet may be given."""

from __future__ import annotations

from hypothesis import strategies as st
from msgspec import structs

from laurel.instruments.exercise.plan.cast import Cast
from laurel.instruments.exercise.plan.msel import Cell, CellRole, Condition, Expected, Inject, Objective

NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,10}", fullmatch=True)
LETTERS = st.characters(exclude_categories=("Cs", "Cc", "Cn"))
WORDS = (
    st.text(LETTERS, min_size=1, max_size=40)
    | st.sampled_from(["=1+1", "-7", "+1", "@cmd", "#N/A", "2027-03-01", "0:05", "1e5", " spaced ", "two\nlines", "'"])
    | st.just("미사일 발사 " * 250)
)
SECONDS = st.floats(0.0, 86_400.0) | st.integers(0, 31 * 86_400).map(float)
VALUES = st.recursive(
    WORDS | st.integers(-(2**53), 2**53) | st.booleans() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2),
    max_leaves=4,
)
EXPECTED = st.builds(
    Expected, NAMES, st.just("JPN"), st.just("warning.alert.v1"), SECONDS, objective=NAMES, criterion=WORDS
)
INJECT = st.builds(
    Inject,
    id=NAMES,
    title=WORDS,
    cell=NAMES,
    command=st.none() | st.just("hotline/send"),
    ask=st.dictionaries(NAMES, VALUES, max_size=3),
    words=st.none() | WORDS,
    at_s=st.none() | SECONDS,
    when=st.none()
    | st.builds(Condition, st.just("warning.alert.v1"), st.sampled_from([None, "KOR"]), st.integers(1, 9)),
    by_hand=st.booleans(),
    delay_s=SECONDS,
    expects=st.lists(EXPECTED, max_size=3).map(tuple),
)
CAST = st.builds(
    Cast,
    st.lists(st.builds(Objective, NAMES, WORDS, WORDS), min_size=1, max_size=3, unique_by=lambda one: one.id).map(
        tuple
    ),
    st.lists(
        st.builds(Cell, NAMES, st.just("JPN"), st.sampled_from(CellRole), WORDS),
        min_size=1,
        max_size=3,
        unique_by=lambda one: one.id,
    ).map(tuple),
)


@st.composite
def msels(draw: st.DrawFn, most: int = 5) -> tuple[Inject, ...]:
    """Injects whose names and whose actions' names stand once, and that wait for each other."""
    drawn = draw(st.lists(INJECT, max_size=most, unique_by=lambda one: one.id))
    names = [one.id for one in drawn]
    used: set[str] = set()
    found: list[Inject] = []
    for one in drawn:
        expects = tuple(each for each in one.expects if each.id not in used and not used.add(each.id))
        after = tuple(draw(st.lists(st.sampled_from(names), max_size=2)))
        found.append(structs.replace(one, after=after, expects=expects))
    return tuple(found)
