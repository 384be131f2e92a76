"""What a comparison of two reviews says on paper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from matplotlib.axes import Axes

from laurel.core.errors import BadAsk
from laurel.core.label import Classification, Label
from laurel.gateways.page import marked, utc
from laurel.gateways.review import told
from laurel.gateways.review.blocks import Facts, Figure, Names, Paper, Section, Table, Words
from laurel.gateways.review.content import ACCURACY as NEAR
from laurel.gateways.review.content import COVERAGE, EXPECTED, FINDINGS, MEASURES, NONE, SOURCES, Block
from laurel.gateways.review.engaged import ENGAGEMENT
from laurel.gateways.review.figures import PALE, Sheet, colour_of, draw, log_seconds, rows_of
from laurel.instruments.exercise.review.compare import Comparison, StepChange
from laurel.instruments.exercise.review.review import AfterActionReview

TITLE: Names = (("en", "Two exercises compared"), ("ja", "演習の比較"), ("ko", "연습 비교"))


class NobodyMayReadBoth(BadAsk):
    """What is set side by side is for those alone who may have each."""

    says = "no member may read both of these reviews"
    remedy = "make both for the same members: laurel exercise review --for"


def paper(made: Comparison) -> Paper:
    """The whole of it, under the stricter of both labels, for those who may have both. Raises NobodyMayReadBoth."""
    first, second = made.first, made.second
    names = " / ".join(dict.fromkeys((first.exercise, second.exercise)))
    parts: list[tuple[Names, Iterable[Block]]] = [
        (FINDINGS, _in_short(made)),
        (EXPECTED, _actions(made)),
        (MEASURES, _steps(made)),
        (COVERAGE, _coverage(made)),
        (NEAR, _accuracy(made)),
        *([(ENGAGEMENT, _engagement(made))] if made.engagement else []),
        (SOURCES, [_source("First", first), _source("Second", second)]),
    ]
    return Paper(
        title=f"{first.title} / {second.title}" if first.title != second.title else first.title,
        banner=marked(names, _label(first, second)),
        exercise=names,
        heading=TITLE,
        facts=(*_facts("First", first), *_facts("Second", second)),
        sections=tuple(Section(heading, tuple(blocks) or (NONE,)) for heading, blocks in parts),
        made_at=max(first.ends_at, second.ends_at),
    )


def _label(first: AfterActionReview, second: AfterActionReview) -> Label:
    """Raises NobodyMayReadBoth."""
    strictest: Classification = max(first.label.classification, second.label.classification, key=lambda one: one.rank)
    readers = sorted(set(first.readers) & set(second.readers))
    if not readers:
        raise NobodyMayReadBoth(first=", ".join(first.readers), second=", ".join(second.readers))
    return Label(strictest, tuple(readers), tuple(sorted({*first.label.caveats, *second.label.caveats})))


def _named(review: AfterActionReview) -> str:
    return f"{review.exercise}, {utc(review.begins_at)}, {told.seconds(review.played_s)} of play"


def _facts(name: str, review: AfterActionReview) -> Iterable[tuple[str, str]]:
    yield name, _named(review)
    yield from ((f"Changed in the {name.lower()}", one) for one in review.changed)


def _in_short(made: Comparison) -> Iterable[Block]:
    changed = [one for one in made.actions if one.changed]
    rows = [("Verdicts changed", f"{len(changed)} of {len(made.actions)}")]
    for one in made.slowest:
        before, after = (step.value if step else "none" for step in (one.first, one.second))
        same = f"{before}, in both" if before == after else f"{before}, then {after}"
        rows.append((f"Slowest, {one.member}", same))
    yield Facts(tuple(rows))
    yield Words("What is different says nothing of why: that is what was changed between the two.")
    for doubt in made.doubts:
        yield Words(f"Note: {doubt}.")


def _actions(made: Comparison) -> Iterable[Block]:
    if made.actions:
        ordered = sorted(made.actions, key=lambda one: not one.changed)
        rows = (
            (
                one.member,
                one.id,
                one.criterion,
                told.verdict(one.first),
                told.verdict(one.second),
                told.seconds(one.first_took_s),
                told.seconds(one.second_took_s),
                "changed" if one.changed else "",
            )
            for one in ordered
        )
        head = ("Member", "Action", "Criterion", "First", "Second", "First took", "Second took", "")
        yield Table((*head[:-1], "Verdict"), tuple(rows), (5, 6))


def _steps(made: Comparison) -> Iterable[Block]:
    rows = [one for one in made.steps if one.first_came or one.second_came]
    if not rows:
        return
    figure = _figure(made, rows)
    if figure is not None:
        yield figure
    lines = (
        (
            one.member,
            one.step.value,
            told.seconds(one.first_s),
            told.seconds(one.second_s),
            "none" if one.more_s is None else f"{'+' if one.more_s >= 0 else ''}{told.seconds(one.more_s)}",
            str(one.first_came),
            str(one.second_came),
        )
        for one in rows
    )
    head = ("Member", "Step", "First, median", "Second, median", "Difference", "First, threats", "Second, threats")
    yield Table(head, tuple(lines), (2, 3, 4, 5, 6))


def _figure(made: Comparison, rows: Sequence[StepChange]) -> Figure | None:
    members = tuple(one.member for one in made.slowest)
    both = [
        (one, max(0.1, one.first_s), max(0.1, one.second_s))
        for one in rows
        if one.first_s is not None and one.second_s is not None
    ]
    if not both:
        return None

    def onto(all_axes: Sequence[Axes]) -> None:
        [axes] = all_axes
        rows_of(axes, [f"{one.member}  {one.step.value}" for one, _, _ in both])
        for row, (one, first_s, second_s) in enumerate(both):
            colour = colour_of(one.member, members)
            axes.plot([first_s, second_s], [row, row], color=PALE, linewidth=3.0)
            axes.scatter([first_s], [row], marker="o", s=34, facecolors="white", edgecolors=colour, zorder=3)
            axes.scatter([second_s], [row], marker="o", s=34, color=colour, zorder=4)
        axes.scatter([], [], marker="o", s=34, facecolors="white", edgecolors="black", label="first")
        axes.scatter([], [], marker="o", s=34, color="black", label="second")
        log_seconds(axes, 0.08, max(100.0, *(max(one[1:]) for one in both)) * 1.6)
        axes.set_xlabel("what the step took after the one before, median of all threats")

    names = " / ".join(dict.fromkeys((made.first.exercise, made.second.exercise)))
    caption = (
        "What each step took in the first (hollow) and in the second (full), by member, where it came in both. "
        "At the left edge: 0.1 s and less, or before the step that it counts from."
    )
    return draw(Sheet("compared", names, "Step by step, first and second", caption, 1.5 + 0.22 * len(both)), onto)


def _coverage(made: Comparison) -> Iterable[Block]:
    if made.coverage:
        rows = (
            (
                one.member,
                one.sensor,
                str(one.first_threats),
                str(one.second_threats),
                str(one.first_plots),
                str(one.second_plots),
            )
            for one in made.coverage
        )
        head = ("Track of", "Sensor", "First, threats", "Second, threats", "First, plots", "Second, plots")
        yield Table(head, tuple(rows), (2, 3, 4, 5))


def _accuracy(made: Comparison) -> Iterable[Block]:
    if made.first.truth_known and made.second.truth_known:
        rows = (
            (
                one.member,
                told.distance(one.first_position_m),
                told.distance(one.second_position_m),
                told.distance(one.first_impact_m),
                told.distance(one.second_impact_m),
            )
            for one in made.accuracy
        )
        head = ("Member", "First, track", "Second, track", "First, last impact said", "Second, last impact said")
        yield Table(head, tuple(rows), (1, 2, 3, 4))


def _engagement(made: Comparison) -> Iterable[Block]:
    rows = tuple(
        (
            one.area or "all",
            *("none" if mean is None else f"{mean:.2f}" for mean in (one.first_mean, one.second_mean)),
            *("none" if share is None else f"{share:.0%}" for share in (one.first_none, one.second_none)),
        )
        for one in made.engagement
    )
    head = ("Area", "First, come through", "Second, come through", "First, none does", "Second, none does")
    yield Table(head, rows, (1, 2, 3, 4))
    yield Words("Notional, for training: the mean of many runs of each, as they were played.")


def _source(name: str, review: AfterActionReview) -> Facts:
    logs = tuple((f"Log of {one.node}", f"{one.file}, SHA-256 {one.sha256}") for one in review.archives)
    return Facts(((name, _named(review)), *logs))
