"""A raid against two members, with and without a caveat: how many come through, in 500 runs of each.

    python examples/stop_a_raid.py --out raid.png

Batteries, hit chances and the raid are notional, and have one seed. Nothing of this runs outside an exercise.
"""

# %% What is needed
from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from laurel.core.record import World
from laurel.instruments.exercise.defeat.arsenal import LOWER_TIER, MIDCOURSE, UPPER_TIER, Battery
from laurel.instruments.exercise.defeat.engage import Distribution, distribution
from laurel.instruments.exercise.defeat.play import Play
from laurel.instruments.exercise.defeat.raid import Caveat, Doctrine, Raid, Sharing, Sight
from laurel.instruments.exercise.defeat.window import Threat, threat
from laurel.physics.boost import Site, launch
from laurel.physics.earth import ecef_to_geodetic
from laurel.physics.vehicles import MRBM

SEED, THREATS, RUNS = 7, 12, 500
LAUREL, CAVEAT = "#0b6e4f", "#c8553d"


# %% Twelve launches within two minutes, all towards Japan
def coming(dice: np.random.Generator) -> tuple[Threat, ...]:
    """The raid."""
    return tuple(
        threat(
            f"A{n}",
            launch(
                MRBM,
                Site(40.0 + float(dice.uniform(-0.8, 0.8)), 128.5 + float(dice.uniform(-0.8, 0.8))),
                azimuth_deg=float(dice.uniform(110.0, 125.0)),
                kick_deg=float(dice.uniform(7.0, 9.0)),
            ),
            launched_s=float(dice.uniform(0.0, 120.0)),
            aimed_at="JPN",
        )
        for n in range(THREATS)
    )


# %% Who stands against it: a ship of each member at sea, and two tiers where the raid comes down
def raid(threats: tuple[Threat, ...]) -> Raid:
    """All that bears on how it ends, but for chance."""
    middle = np.mean([one.position_ecef_m[-1] for one in threats], axis=0)
    lat_deg, lon_deg, _ = ecef_to_geodetic(middle)
    batteries = (
        Battery("JPN-SHIP", "JPN", 37.5, 134.5, 10.0, MIDCOURSE, 8, 4, 20.0),
        Battery("KOR-SHIP", "KOR", 38.0, 131.5, 10.0, MIDCOURSE, 8, 4, 20.0),
        Battery("JPN-UPPER", "JPN", lat_deg, lon_deg, 50.0, UPPER_TIER, 8, 4, 10.0),
        Battery("JPN-LOWER", "JPN", lat_deg, lon_deg, 50.0, LOWER_TIER, 16, 8, 5.0),
    )
    # A minute and a half after a launch, Korea and Japan see it well enough; each passes its tracks on in two seconds.
    sights = tuple(
        Sight(member, one.name, float(one.t_s[0]) + after_s, 300.0)
        for one in threats
        for member, after_s in (("KOR", 90.0), ("JPN", 120.0))
    )
    sharing = {("KOR", "JPN"): Sharing(2.0, 200.0), ("JPN", "KOR"): Sharing(2.0, 200.0)}
    play = Play(World("camp-david", "freedom-27"))
    return Raid(play, threats, batteries, sights, Doctrine(salvo=1, look_s=15.0, last=2), sharing)


def said(name: str, runs: Distribution) -> str:
    """How it went, in a sentence."""
    low, high = runs.nine_in_ten()
    rounds = ", ".join(f"{member} {float(np.median(fired)):.0f}" for member, fired in runs.rounds.items())
    through = f"{float(runs.leaked.mean()):.1f} of {runs.threats} come through ({low} to {high} in nine runs of ten)"
    return f"{name}: {through}; none in {runs.chance_of_none():.0%}; rounds {rounds}"


# %% Both, side by side
def main() -> None:
    """Says and draws both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("stop_a_raid.png"), help="where to draw it")
    out: Path = parser.parse_args().out
    whole = raid(coming(np.random.default_rng(SEED)))
    alone = replace(whole, caveats=(Caveat("KOR", own_area_only=True),))
    cases = {
        "together": distribution(whole, RUNS, SEED),
        "KOR engages for its own area only": distribution(alone, RUNS, SEED),
    }
    figure = Figure(figsize=(7.5, 3.6), layout="constrained")
    axes: Axes = figure.add_subplot()
    for offset, (name, runs), colour in zip((-0.2, 0.2), cases.items(), (LAUREL, CAVEAT), strict=True):
        print(said(name, runs))
        counts = np.bincount(runs.leaked, minlength=THREATS + 1) / RUNS
        axes.bar(np.arange(THREATS + 1) + offset, counts, width=0.4, color=colour, label=name)
    axes.set_xlabel("threats that come through")
    axes.set_ylabel("share of runs")
    axes.set_title("EXERCISE, notional: how a raid ends")
    axes.legend(frameon=False)
    out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(out, dpi=120)
    print(out)


if __name__ == "__main__":
    main()
