"""The figures of one review."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from laurel.gateways.review.blocks import Figure
from laurel.gateways.review.figures import (
    BLUE,
    GREEN,
    INK,
    PALE,
    RUST,
    Sheet,
    colour_of,
    draw,
    log_metres,
    log_seconds,
    many,
    mark_of,
    rows_of,
)
from laurel.instruments.exercise.plan.run import Verdict
from laurel.instruments.exercise.review.chain import Chain, Step
from laurel.instruments.exercise.review.coverage import Coverage
from laurel.instruments.exercise.review.review import AfterActionReview
from laurel.instruments.exercise.review.timeline import Side

MOST_ROWS = 36
MOST_THREATS = 8
OF_VERDICTS = {Verdict.DONE: ("o", GREEN), Verdict.LATE: ("^", RUST), Verdict.MISSED: ("x", INK)}
OF_STEPS = {
    Step.DETECT: "o",
    Step.TRACK: "s",
    Step.SHARE: ">",
    Step.ALERT: "^",
    Step.ACKNOWLEDGE: "D",
    Step.CONSULT: "P",
    Step.DECIDE: "*",
}
UNITS = ((7_200.0, 60.0, "minutes"), (172_800.0, 3_600.0, "hours"), (float("inf"), 86_400.0, "days"))
TWICE = 2.0
"""An answer that took longer than twice its time stands at the edge."""


def charts(review: AfterActionReview) -> dict[str, Figure]:
    """Those for which there is something to show, by name."""
    drawn = (answers(review), course(review), chain(review), steps(review), coverage(review), accuracy(review))
    return {one.name: one for one in drawn if one is not None}


def answers(review: AfterActionReview) -> Figure | None:
    """How much of its time each expected action took."""
    asked = [one for one in review.actions if one.took_s is not None or one.verdict is Verdict.MISSED]
    shown = asked[:MOST_ROWS]
    if not shown:
        return None

    def onto(all_axes: Sequence[Axes]) -> None:
        [axes] = all_axes
        rows_of(axes, [f"{one.member}  {one.id}" for one in shown])
        axes.barh(range(len(shown)), [100.0] * len(shown), height=0.62, color=PALE)
        for row, one in enumerate(shown):
            mark, colour = OF_VERDICTS[one.verdict]
            part = TWICE if one.took_s is None else min(TWICE, one.took_s / max(one.within_s, 1e-9))
            axes.scatter([100.0 * part], [row], marker=mark, color=colour, s=26, zorder=3, clip_on=False)
        for verdict, (mark, colour) in OF_VERDICTS.items():
            axes.scatter([], [], marker=mark, color=colour, s=26, label=verdict.value)
        axes.axvline(100.0, color=INK, linewidth=0.8)
        axes.set_xlim(0.0, 100.0 * TWICE)
        axes.set_xlabel("share of the time allowed, %; at the right edge: twice and more, or never")

    caption = (
        "Expected actions: when each was done, as a share of the time allowed for it."
        f"{many(len(shown), len(asked), 'that were asked')}"
    )
    return draw(Sheet("answers", review.exercise, "Expected actions", caption, _height(len(shown), 0.19, 1.5)), onto)


def course(review: AfterActionReview) -> Figure | None:
    """The whole course of play: injects, what was due and what came, halts."""
    moments = [one for one in review.timeline if one.side is not Side.CONTROL or one.subject == "halt"]
    if not moments:
        return None
    lanes = ["injects", *review.members]
    unit, name = next((unit, name) for most_s, unit, name in UNITS if review.played_s <= most_s)

    def onto(all_axes: Sequence[Axes]) -> None:
        [axes] = all_axes
        rows_of(axes, lanes)
        injects = [one.play_s / unit for one in moments if one.side is Side.INJECT]
        axes.scatter(injects, [0.0] * len(injects), marker="v", color=INK, s=22, label="inject", zorder=3)
        for side, mark, colour, off, label in (
            (Side.EXPECTED, "|", BLUE, -0.16, "due"),
            (Side.ACTUAL, "o", GREEN, 0.16, "came"),
        ):
            found = [one for one in moments if one.side is side and one.member in review.members]
            rows = [lanes.index(one.member) + off for one in found]
            axes.scatter([one.play_s / unit for one in found], rows, marker=mark, color=colour, s=24, label=label)
        for one in review.halts[:1]:
            axes.axvline(one.play_s / unit, color=RUST, linewidth=1.2, linestyle="--", label="halt")
        axes.set_xlim(min(0.0, *(one.play_s for one in moments)) / unit, max(review.played_s, 1.0) * 1.02 / unit)
        axes.set_xlabel(f"{name} of play")

    caption = "The course of play: injects, when expected actions were due, and what each member did."
    return draw(Sheet("course", review.exercise, "Course of play", caption, 1.5 + 0.34 * len(lanes)), onto)


def chain(review: AfterActionReview) -> Figure | None:
    """Each member's steps for each threat, the slowest drawn thick."""
    names = [one.name for one in review.threats if any(_came(found) for found in _of(review, one.name))]
    shown = names[:MOST_THREATS]
    found = [one for name in shown for one in _of(review, name) if _came(one)]
    latest_s = max((at_s for one in found for at_s in _came(one).values()), default=0.0)
    if not found:
        return None

    def onto(all_axes: Sequence[Axes]) -> None:
        [axes] = all_axes
        rows_of(axes, [f"{one.threat}  {one.member}" for one in found])
        for row, one in enumerate(found):
            colour = colour_of(one.member, review.members)
            came = {step: max(1.0, at_s) for step, at_s in _came(one).items()}
            axes.plot([min(came.values()), max(came.values())], [row, row], color=colour, linewidth=0.9)
            if one.slowest is not None:
                took_s = next(step.took_s for step in one.steps if step.step is one.slowest)
                end_s = came[one.slowest]
                axes.plot(
                    [max(1.0, end_s - (took_s or 0.0)), end_s], [row, row], color=colour, linewidth=5.0, alpha=0.35
                )
            for step, at_s in came.items():
                axes.scatter([at_s], [row], marker=OF_STEPS[step], color=colour, s=26, zorder=3)
        for step, mark in OF_STEPS.items():
            axes.scatter([], [], marker=mark, color=INK, s=26, label=step.value)
        log_seconds(axes, 0.8, max(100.0, latest_s) * 1.6)
        axes.set_xlabel("since the launch" if review.truth_known else "since it was first seen")

    caption = (
        "From detection to decision, each member's steps for each threat; the slowest step is drawn thick."
        f"{many(len(shown), len(names), 'threats')}"
    )
    title = "From detection to decision"
    return draw(Sheet("chain", review.exercise, title, caption, _height(len(found), 0.22, 1.5)), onto)


def _of(review: AfterActionReview, threat: str) -> list[Chain]:
    return [one for one in review.chains if one.threat == threat]


def _came(one: Chain) -> dict[Step, float]:
    return {step.step: step.since_s for step in one.steps if step.since_s is not None}


def steps(review: AfterActionReview) -> Figure | None:
    """What each step took, the median of all threats, by member."""
    took = {
        (one.member, step.step): max(0.1, step.median_s)
        for one in review.measures
        for step in one.steps
        if step.median_s is not None
    }
    if not took:
        return None

    def onto(all_axes: Sequence[Axes]) -> None:
        [axes] = all_axes
        order = list(Step)
        rows_of(axes, [step.value for step in order])
        spread = 0.5 / max(1, len(review.members))
        for place, member in enumerate(review.members):
            own = {step: took[member, step] for step in order if (member, step) in took}
            rows = [order.index(step) + spread * (place - (len(review.members) - 1) / 2) for step in own]
            colour = colour_of(member, review.members)
            axes.scatter(
                list(own.values()), rows, marker=mark_of(member, review.members), color=colour, s=30, label=member
            )
            slowest = next((one.slowest for one in review.measures if one.member == member), None)
            if slowest is not None and slowest in own:
                row = rows[list(own).index(slowest)]
                axes.scatter([own[slowest]], [row], marker="o", s=120, facecolors="none", edgecolors=colour)
        log_seconds(axes, 0.08, max(100.0, *took.values()) * 1.6)
        axes.set_xlabel("what the step took after the one before, median of all threats")

    caption = (
        "What each step took, by member; a ring marks each member's slowest. What took no time, or came before its"
        " turn, stands at the left edge; what never came has no mark."
    )
    return draw(Sheet("steps", review.exercise, "Which step is slowest", caption, 2.9), onto)


def coverage(review: AfterActionReview) -> Figure | None:
    """Which sensor saw what, and when."""
    names = [one.name for one in review.threats if any(seen.threat == one.name for seen in review.coverage)]
    shown, rows = list[str](), list[Coverage]()
    for name in names[:MOST_THREATS]:
        of_threat = [one for one in review.coverage if one.threat == name]
        if shown and len(rows) + len(of_threat) > MOST_ROWS:
            break
        shown.append(name)
        rows += of_threat
    if not rows:
        return None
    falls_s = {
        one.name: (one.fell.at - one.begins_at).total_seconds()
        for one in review.threats
        if one.fell is not None and one.begins_at is not None
    }

    def onto(all_axes: Sequence[Axes]) -> None:
        [axes] = all_axes
        rows_of(axes, [f"{one.threat}  {one.sensor}" for one in rows])
        seen = set[str]()
        for row, one in enumerate(rows):
            label = None if one.member in seen else one.member
            seen.add(one.member)
            place = review.members.index(one.member) if one.member in review.members else 0
            axes.barh(
                [row],
                [max(one.ends_s - one.begins_s, 0.5)],
                left=[one.begins_s],
                height=0.6,
                color=colour_of(one.member, review.members),
                hatch=("", "///", "...", "xx")[place % 4],
                edgecolor="white",
                label=label,
            )
            if one.threat in falls_s:
                axes.plot([falls_s[one.threat]] * 2, [row - 0.45, row + 0.45], color=INK, linewidth=1.4)
        if falls_s:
            axes.plot([], [], color=INK, linewidth=1.4, label="impact")
        latest_s = max((*falls_s.values(), *(one.ends_s for one in rows)))
        axes.set_xlim(min(0.0, *(one.begins_s for one in rows)), latest_s * 1.04)
        axes.set_xlabel("seconds since the launch" if review.truth_known else "seconds since it was first seen")

    caption = (
        "Coverage: from the first to the last plot of each sensor that a track rests on; there may be holes between."
        f"{many(len(shown), len(names), 'threats')}"
    )
    return draw(Sheet("coverage", review.exercise, "Coverage", caption, _height(len(rows), 0.2, 1.5)), onto)


def accuracy(review: AfterActionReview) -> Figure | None:
    """How far tracks and predicted impacts were from the truth."""
    if not review.accuracy:
        return None
    shown = [one.name for one in review.threats if any(found.threat == one.name for found in review.accuracy)]
    found = [one for one in review.accuracy if one.threat in shown[:MOST_THREATS]]

    def onto(all_axes: Sequence[Axes]) -> None:
        left, right = all_axes
        told = set[str]()
        for one in found:
            colour, mark = colour_of(one.member, review.members), mark_of(one.member, review.members)
            label = None if one.member in told else one.member
            told.add(one.member)
            off_m = [max(sample.error_m, 1.0) for sample in one.samples]
            left.scatter([sample.since_s for sample in one.samples], off_m, marker=mark, color=colour, s=5, label=label)
            lead_s = [predicted.lead_s for predicted in one.predicted]
            off_m = [max(predicted.error_m, 10.0) for predicted in one.predicted]
            right.plot(lead_s, off_m, marker=mark, color=colour, markersize=4, linewidth=0.8)
        log_metres(left, [max(sample.error_m, 1.0) for one in found for sample in one.samples] or [1.0])
        log_metres(right, [max(predicted.error_m, 10.0) for one in found for predicted in one.predicted] or [10.0])
        left.set_xlabel("seconds since the launch")
        left.set_ylabel("tracks, from the truth")
        right.set_xlabel("seconds before the impact")
        right.set_ylabel("predicted impacts, from the true")
        right.invert_xaxis()

    caption = (
        "Accuracy against the truth: where tracks were (left), and where alerts said it would fall (right)."
        f"{many(min(len(shown), MOST_THREATS), len(shown), 'threats')}"
    )
    return draw(Sheet("accuracy", review.exercise, "Accuracy", caption, 2.9, columns=2), onto)


def _height(rows: int, each: float, more: float) -> float:
    return more + each * rows
