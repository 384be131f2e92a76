"""The chapter of a review on how a defence would have ended what flew: notional, and said so in every figure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil

from matplotlib.axes import Axes

from laurel.gateways.review import told
from laurel.gateways.review.blocks import Facts, Figure, Names, Table, Words
from laurel.gateways.review.figures import BLUE, GREEN, INK, PALE, RUST, Sheet, colour_of, draw, rows_of
from laurel.instruments.exercise.review.engagement import PLAYED, Engagement, EngagementCase, Leakers
from laurel.instruments.exercise.review.review import AfterActionReview

ENGAGEMENT: Names = (("en", "Engagement, notional"), ("ja", "迎撃―想定上の値"), ("ko", "교전 - 가상 수치"))
NOTIONAL = (
    "Notional, for training. Interceptors are of three invented classes with the same assumed chance of a hit; nothing "
    "here describes equipment of any country. What flew is the truth of the scenario; a member shoots on what it saw, "
    "and on what had reached it from a partner, in this exercise."
)
MOST_THREATS = 12


def blocks(review: AfterActionReview) -> Iterable[Words | Facts | Table | Figure]:
    """What the chapter says; nothing where no defence stood against anything."""
    found = review.engagement
    if found is None:
        return
    played = found.cases[0]
    yield Words(NOTIONAL)
    yield Facts(
        (
            ("Bound for a defended area", told.count(played.leakers[0].threats, "threat")),
            ("Bound for none, and spared", told.count(found.spared, "threat")),
            *((("Still flew when play ended", told.count(found.unfinished, "threat")),) if found.unfinished else ()),
            ("Stood against them", "1 battery" if found.batteries == 1 else f"{found.batteries} batteries"),
            ("Played", f"{found.runs} times, with dice of their own each time"),
        )
    )
    yield _leaked(review, found, played)
    yield Table(
        ("Area", "Threats", "Come through, mean", "Nine runs in ten", "None comes through"),
        tuple(
            (one.area or "all", str(one.threats), f"{one.mean:.2f}", _between(one.low, one.high), f"{one.none:.0%}")
            for one in played.leakers
        ),
        (1, 2, 3, 4),
    )
    if len(found.cases) > 1:
        yield _cost(review, found)
    yield Table(
        ("Case", "Come through, mean", "Nine runs in ten", "None comes through", "Rounds fired, of those held"),
        tuple(
            (
                one.name,
                f"{one.leakers[0].mean:.2f}",
                _between(one.leakers[0].low, one.leakers[0].high),
                f"{one.leakers[0].none:.0%}",
                rounds(one),
            )
            for one in found.cases
        ),
        (1, 2, 3),
    )
    shown = found.threats[:MOST_THREATS]
    yield Table(
        ("Threat", "Area", "Flew", "Tracked by", "A battery's member had a track after", "Came through, of runs"),
        tuple(
            (
                one.threat,
                one.area,
                told.seconds(one.flew_s),
                ", ".join(one.tracked_by) or "nobody",
                ", ".join(f"{member} {told.seconds(from_s)}" for member, from_s in one.had_by) or "never",
                f"{one.through:.0%}",
            )
            for one in shown
        ),
        (2, 5),
    )
    if len(shown) < len(found.threats):
        yield Words(f"The first {len(shown)} of {len(found.threats)} threats. All are in review.json.")


def rounds(case: EngagementCase) -> str:
    """What each member fired, the middle of all runs, of what it held."""
    return ", ".join(f"{one.member} {one.middle} of {one.held} ({_between(one.low, one.high)})" for one in case.fired)


def _between(low: int, high: int) -> str:
    return str(low) if low == high else f"{low} to {high}"


def _leaked(review: AfterActionReview, found: Engagement, played: EngagementCase) -> Figure:
    """How many came through, in which share of the runs: all together, then each area where there are several."""
    everywhere, *each = played.leakers
    shown = [everywhere, *each] if len(each) > 1 else each

    most = max(100.0 * times / found.runs for one in shown for times in one.counts)

    def onto(all_axes: Sequence[Axes]) -> None:
        for axes, one in zip(all_axes, shown, strict=True):
            _bars(axes, one, INK if one.area is None else colour_of(one.area, review.members), found.runs)
            axes.set_ylim(0.0, min(100.0, 10.0 * ceil(most / 9.0)))
        all_axes[0].set_ylabel("share of runs, %")

    caption = (
        f"As played: how many threats came through in {found.runs} runs, by the area that they were bound for."
        " Notional."
    )
    sheet = Sheet("leakers", review.exercise, "NOTIONAL: who came through", caption, 2.6, columns=len(shown))
    return draw(sheet, onto)


def _bars(axes: Axes, one: Leakers, colour: str, runs: int) -> None:
    came = [many for many, times in enumerate(one.counts) if times]
    low, high = min(came), max(came)
    axes.bar(
        range(low, high + 1), [100.0 * times / runs for times in one.counts[low : high + 1]], width=0.8, color=colour
    )
    axes.set_title(f"{one.area or 'all areas'}: {told.count(one.threats, 'threat')}", fontsize=8)
    axes.set_xlabel("threats that came through")
    axes.set_xlim(low - 0.7, max(high, low + 3) + 0.7)
    axes.grid(visible=False, axis="x")
    axes.set_xticks(range(low, max(high, low + 3) + 1, 1 + (high - low) // 8))


def _cost(review: AfterActionReview, found: Engagement) -> Figure:
    """What each caveat, and the sharing, costs or gains."""

    def onto(all_axes: Sequence[Axes]) -> None:
        [axes] = all_axes
        rows_of(axes, [one.name for one in found.cases])
        played = found.cases[0].leakers[0].mean
        axes.axvline(played, color=INK, linewidth=0.8, linestyle="--")
        for row, case in enumerate(found.cases):
            one = case.leakers[0]
            colour = BLUE if case.name == PLAYED or one.mean == played else RUST if one.mean > played else GREEN
            axes.plot([one.low, one.high], [row, row], color=PALE, linewidth=6.0, solid_capstyle="butt")
            axes.scatter([one.mean], [row], marker="D" if case.name == PLAYED else "o", color=colour, s=34, zorder=3)
        axes.set_xlim(-0.3, max(one.leakers[0].high for one in found.cases) + 0.6)
        axes.set_xlabel("threats that come through: the mean, and between which nine runs in ten lie")

    caption = (
        "What sharing and caveats cost: the same threats, sights and batteries with one thing changed. The dashed"
        " line is as it was played. Notional."
    )
    height = 1.1 + 0.3 * len(found.cases)
    return draw(Sheet("cost", review.exercise, "NOTIONAL: what each thing costs", caption, height), onto)
