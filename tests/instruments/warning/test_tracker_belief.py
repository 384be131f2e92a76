"""Marginal association probabilities, against the sum over every joint assignment."""

from __future__ import annotations

from math import exp

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from laurel.instruments.warning.tracker.belief import beliefs
from laurel.physics.compiled import Vector

TRACKS, PLOTS = 4, 4
WORTHS = st.dictionaries(
    st.tuples(st.integers(0, TRACKS - 1), st.integers(0, PLOTS - 1)), st.floats(-4.0, 12.0), max_size=9
)
"""Pairs of a gate, and their log-likelihood ratios."""


def enumerated(worths: dict[tuple[int, int], float]) -> tuple[dict[tuple[int, int], float], list[float]]:
    """The same by counting all: each pair's probability, and that a track has none."""
    pair = dict.fromkeys(worths, 0.0)
    none = [0.0] * TRACKS
    whole = 0.0

    def follow(row: int, taken: list[int], weight: float) -> None:
        nonlocal whole
        if row == TRACKS:
            whole += weight
            for i, k in enumerate(taken):
                if k < 0:
                    none[i] += weight
                else:
                    pair[i, k] += weight
            return
        follow(row + 1, [*taken, -1], weight)
        for (i, k), worth in worths.items():
            if i == row and k not in taken:
                follow(row + 1, [*taken, k], weight * exp(worth))

    follow(0, [], 1.0)
    return {key: value / whole for key, value in pair.items()}, [value / whole for value in none]


def believed(worths: dict[tuple[int, int], float]) -> tuple[dict[tuple[int, int], float], Vector]:
    row = np.array([i for i, _ in worths], dtype=np.int64)
    plot = np.array([k for _, k in worths], dtype=np.int64)
    share, none = beliefs(row, plot, np.array(list(worths.values()), dtype=np.float64), TRACKS, PLOTS)
    return dict(zip(worths, share.tolist(), strict=True)), none


def looped(worths: dict[tuple[int, int], float]) -> bool:
    """Whether pairs close a circle of tracks and plots."""
    island = list(range(TRACKS + PLOTS))
    for i, k in worths:
        a, b = island[i], island[TRACKS + k]
        if a == b:
            return True
        island = [a if at == b else at for at in island]
    return False


@given(WORTHS)
def test_without_loops_beliefs_are_exact(worths: dict[tuple[int, int], float]) -> None:
    tree: dict[tuple[int, int], float] = {}
    for key, worth in worths.items():
        if not looped({**tree, key: worth}):
            tree[key] = worth
    share, none = believed(tree)
    exact, missed = enumerated(tree)
    assert all(abs(share[key] - exact[key]) < 1e-4 for key in tree)
    assert np.allclose(none, missed, atol=1e-4)


@given(WORTHS)
def test_with_loops_beliefs_are_near_and_still_probabilities(worths: dict[tuple[int, int], float]) -> None:
    share, none = believed(worths)
    exact, _ = enumerated(worths)
    for i in range(TRACKS):
        mine = [share[key] for key in worths if key[0] == i]
        assert abs(sum(mine) + none[i] - 1.0) < 1e-9
        assert all(0.0 <= value <= 1.0 for value in mine)
    gaps = [abs(share[key] - exact[key]) for key in worths]
    # Two rivals for two sure plots: belief propagation takes the better way for surer than it is.
    assert max(gaps, default=0.0) < 0.5
    assert float(np.mean(gaps or [0.0])) < 0.25


def test_beliefs_among_false_plots_err_by_little() -> None:
    dice = np.random.default_rng(1)
    gaps: list[float] = []
    for _ in range(200):
        keys = {(int(i), int(k)) for i, k in dice.integers(0, 4, (8, 2))}
        worths = {key: float(dice.uniform(-2.0, 4.0)) for key in sorted(keys)}
        share, exact = believed(worths)[0], enumerated(worths)[0]
        gaps += [abs(share[key] - exact[key]) for key in worths]
    assert float(np.mean(gaps)) < 0.02
    assert max(gaps) < 0.2


def test_two_tracks_with_equal_claims_on_two_plots_share_them_evenly() -> None:
    share, none = believed({(i, k): 14.0 for i in (0, 1) for k in (0, 1)})
    assert all(abs(value - 0.5) < 0.01 for value in share.values())
    assert (none[:2] < 0.01).all()
