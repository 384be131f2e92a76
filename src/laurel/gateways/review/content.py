"""What a review says on paper, part by part: the same for HTML and PDF."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from laurel.gateways.page import language, marked, utc
from laurel.gateways.review import engaged, told
from laurel.gateways.review.blocks import Facts, Figure, Names, Paper, Section, Table, Words
from laurel.gateways.review.charts import charts
from laurel.instruments.exercise.plan.run import Verdict
from laurel.instruments.exercise.records import Finding
from laurel.instruments.exercise.review.chain import Measure, Step
from laurel.instruments.exercise.review.review import AfterActionReview

Block = Words | Facts | Table | Figure

TITLE: Names = (("en", "After-action review"), ("ja", "事後検討報告"), ("ko", "사후 검토 보고"))
FINDINGS: Names = (("en", "In short"), ("ja", "要点"), ("ko", "요지"))
OBJECTIVES: Names = (("en", "Objectives"), ("ja", "訓練目標"), ("ko", "훈련 목표"))
EXPECTED: Names = (("en", "Expected actions"), ("ja", "期待された行動"), ("ko", "기대 조치"))
COURSE: Names = (("en", "Course of play"), ("ja", "演習の経過"), ("ko", "연습 경과"))
MEASURES: Names = (("en", "How fast"), ("ja", "所要時間"), ("ko", "소요 시간"))
COVERAGE: Names = (("en", "Who saw what"), ("ja", "探知範囲"), ("ko", "탐지 범위"))
ACCURACY: Names = (("en", "How near the truth"), ("ja", "精度"), ("ko", "정확도"))
HALTS: Names = (("en", "Halts and pauses"), ("ja", "中止と一時停止"), ("ko", "중지와 일시 정지"))
OBSERVATIONS: Names = (("en", "Observations"), ("ja", "所見"), ("ko", "관찰 사항"))
IMPROVEMENTS: Names = (("en", "Improvement plan"), ("ja", "改善計画"), ("ko", "개선 계획"))
SOURCES: Names = (("en", "What this rests on"), ("ja", "根拠となる記録"), ("ko", "근거 기록"))
NONE = Words("None.")
MOST_LINES = 400
MOST_THREATS = 12
STEPS = (
    "A step counts from the last one before it that came; the first from the launch, where that is known. In brackets: "
    "what the step took. Seconds of play, by each member's own clock."
)


def paper(review: AfterActionReview) -> Paper:
    """The whole of it."""
    drawn = charts(review)
    parts: list[tuple[Names, Iterable[Block]]] = [
        (FINDINGS, _in_short(review)),
        (OBJECTIVES, _objectives(review)),
        (EXPECTED, _expected(review, drawn)),
        (COURSE, _course(review, drawn)),
        (MEASURES, _measures(review, drawn)),
        (COVERAGE, _coverage(review, drawn)),
        (ACCURACY, _accuracy(review, drawn)),
        *([(engaged.ENGAGEMENT, engaged.blocks(review))] if review.engagement else []),
        (HALTS, _halts(review)),
        (OBSERVATIONS, _observations(review)),
        (IMPROVEMENTS, _improvements(review)),
        (SOURCES, _sources(review)),
    ]
    return Paper(
        title=review.title,
        banner=marked(review.exercise, review.label),
        exercise=review.exercise,
        heading=TITLE,
        facts=(
            ("Exercise", f"{review.exercise}, {review.compact}"),
            *(("What was changed", one) for one in review.changed),
            ("Took part", ", ".join(review.members)),
            ("Play began", f"{utc(review.begins_at)}, in the exercise's own time"),
            ("Play ended", f"{utc(review.ends_at)}, after {told.seconds(review.played_s)}"),
            ("Made for", ", ".join(review.readers)),
            ("Records", str(review.records)),
        ),
        sections=tuple(Section(names, tuple(blocks) or (NONE,)) for names, blocks in parts),
        made_at=review.ends_at,
    )


def _in_short(review: AfterActionReview) -> Iterable[Block]:
    if review.summary:
        yield Words(review.summary)
    rows: list[tuple[str, str]] = []
    if review.actions:
        count = {one: sum(action.verdict is one for action in review.actions) for one in Verdict}
        judged = ", ".join(f"{many} {one.value}" for one, many in count.items() if many)
        doubtful = sum(one.doubt for one in review.actions)
        unsure = f"; what would answer {doubtful} of these may be left out" if doubtful else ""
        rows.append(("Expected actions", f"{len(review.actions)}: {judged}{unsure}"))
    rows += [(f"Slowest, {one.member}", _slowest(one)) for one in review.measures if review.threats]
    rows.append(("Threats", str(len(review.threats))))
    strengths = sum(one.finding is Finding.STRENGTH for one in review.observations)
    rows.append(("Observed", f"{told.count(strengths, 'strength')}, {len(review.observations) - strengths} to improve"))
    rows.append(("To be done", f"{told.count(len(review.improvements), 'action')} proposed"))
    yield Facts(tuple(rows))
    for note in review.notes:
        yield Words(f"Note: {note}.")


def _slowest(one: Measure) -> str:
    if one.slowest is None:
        return "no step can be measured"
    step = next(step for step in one.steps if step.step is one.slowest)
    never = [step.step.value for step in one.steps if step.never and not step.came]
    also = f"; never came: {', '.join(never)}" if never else ""
    return f"{one.slowest.value}, {told.seconds(step.median_s)} median of all threats{also}"


def _objectives(review: AfterActionReview) -> Iterable[Block]:
    for one in review.objectives:
        judged = ", ".join(f"{many} {verdict}" for verdict, many in one.verdicts.items() if many)
        rows = [("Objective", f"{one.id}: {one.words}"), ("Capability", one.capability)]
        rows.append(("Expected actions", judged or "none"))
        rows += [(f"Rated by {given.member}", told.RATINGS[given.rating]) for given in one.ratings]
        if one.unrated_by:
            rows.append(("Not rated by", ", ".join(one.unrated_by)))
        yield Facts(tuple(rows))
        for given in one.ratings:
            by = f"{given.member}, {given.author}, {utc(given.at)}, {language(given.language)}"
            yield Words(given.text, given.language, by)


def _expected(review: AfterActionReview, drawn: Mapping[str, Figure]) -> Iterable[Block]:
    if not review.actions:
        return
    yield from _drawn(drawn, "answers")
    rows = (
        (
            one.member,
            one.id,
            one.criterion,
            one.inject_title,
            told.seconds(one.within_s),
            told.seconds(one.took_s),
            told.verdict(one.verdict) + (", may be left out" if one.doubt else ""),
            told.short(one.record),
        )
        for one in review.actions
    )
    head = ("Member", "Action", "Criterion", "After", "Within", "Took", "Verdict", "Record")
    yield Table(head, tuple(rows), (4, 5))


def _course(review: AfterActionReview, drawn: Mapping[str, Figure]) -> Iterable[Block]:
    if not review.timeline:
        return
    yield from _drawn(drawn, "course")
    shown = review.timeline[:MOST_LINES]
    rows = (
        (told.play(one.play_s), one.side.value, one.member or "all", one.subject, one.words, told.short(one.record))
        for one in shown
    )
    yield Table(("Play", "What", "Member", "Of", "Words", "Record"), tuple(rows))
    yield from _more(len(shown), len(review.timeline), "lines")


def _measures(review: AfterActionReview, drawn: Mapping[str, Figure]) -> Iterable[Block]:
    if not review.threats:
        return
    yield Words(STEPS)
    yield from _drawn(drawn, "steps")
    head = ("Member", *(f"{step.value}, median" for step in Step), "Slowest")
    rows = (
        (
            one.member,
            *(told.seconds(step.median_s, _absent(step.came, step.never, step.not_seen)) for step in one.steps),
            one.slowest.value if one.slowest else "none",
        )
        for one in review.measures
    )
    yield Table(head, tuple(rows), tuple(range(1, 8)))
    yield from _drawn(drawn, "chain")
    names = [one.name for one in review.threats][:MOST_THREATS]
    lines = (
        (one.threat, one.member, *(told.reached(step) for step in one.steps), one.slowest.value if one.slowest else "")
        for one in review.chains
        if one.threat in names
    )
    yield Table(("Threat", "Member", *(step.value for step in Step), "Slowest"), tuple(lines))
    yield from _more(len(names), len(review.threats), "threats")


def _absent(came: int, never: int, not_seen: int) -> str:
    if came:
        return "came, from no known beginning"
    return "never" if never and not not_seen else "not seen"


def _coverage(review: AfterActionReview, drawn: Mapping[str, Figure]) -> Iterable[Block]:
    if not review.threats:
        return
    yield from _drawn(drawn, "coverage")
    names = [one.name for one in review.threats][:MOST_THREATS]
    rows = (
        (
            one.threat,
            one.member,
            one.sensor,
            told.seconds(one.begins_s),
            told.seconds(one.ends_s),
            str(one.plots),
            "" if one.share is None else f"{one.share:.0%}",
        )
        for one in review.coverage
        if one.threat in names
    )
    head = ("Threat", "Track of", "Sensor", "First plot", "Last plot", "Plots", "Of the flight")
    yield Table(head, tuple(rows), (3, 4, 5, 6))
    yield from _more(len(names), len(review.threats), "threats")
    missed = [f"{one.threat} ({one.member})" for one in review.unseen]
    if missed:
        yield Words(f"Not tracked: {', '.join(missed[:MOST_LINES])}.")


def _accuracy(review: AfterActionReview, drawn: Mapping[str, Figure]) -> Iterable[Block]:
    if not review.truth_known:
        yield Words("The truth was not given, so nothing is measured against it.")
        return
    yield from _drawn(drawn, "accuracy")
    names = [one.name for one in review.threats][:MOST_THREATS]
    rows = (
        (
            one.threat,
            one.member,
            told.distance(one.median_m),
            told.distance(one.nine_in_ten_m),
            "none"
            if one.first is None
            else f"{told.distance(one.first.error_m)}, {told.seconds(one.first.lead_s)} before",
            "none"
            if one.last is None
            else f"{told.distance(one.last.error_m)}, {told.seconds(one.last.lead_s)} before",
            "none" if one.observed is None else told.distance(one.observed.error_m),
        )
        for one in review.accuracy
        if one.threat in names
    )
    head = (
        "Threat",
        "Member",
        "Track, median",
        "Track, 9 in 10",
        "First impact said",
        "Last impact said",
        "Seen impact",
    )
    yield Table(head, tuple(rows), (2, 3, 4, 5, 6))
    yield from _more(len(names), len(review.threats), "threats")
    yield Facts(
        (
            ("Alerts of nothing that flew", str(len(review.false_alerts))),
            ("Tracks of nothing that flew", str(review.stray_tracks)),
        )
    )


def _halts(review: AfterActionReview) -> Iterable[Block]:
    for one in review.halts:
        rows = (("Halted", f"{told.play(one.play_s)}, {utc(one.at)}, by {one.by}, {one.author}"), ("Why", one.reason))
        yield Facts(rows)
    if review.clock:
        rows = tuple(
            (
                utc(one.real_at),
                utc(one.exercise_at),
                told.rate(one.rate) if one.steps == 1 else f"stepped {one.steps} times",
                told.seconds(one.lasted_real_s, "to the end"),
                told.seconds(one.jump_s) if abs(one.jump_s) >= 0.05 else "none",
                one.by,
            )
            for one in review.clock
        )
        yield Table(("Real time", "Exercise time", "Rate", "Lasted, real", "Time moved by", "Set by"), rows, (2, 3, 4))
    for area in review.no_play:
        corners = "; ".join(f"{lat_deg:.2f}, {lon_deg:.2f}" for lat_deg, lon_deg in area.corners_deg)
        yield Facts(
            (
                ("No play", f"{area.name}, by {area.by}: {area.why}"),
                ("When", f"{utc(area.begins_at)} to {utc(area.ends_at)}"),
                ("Corners", corners),
            )
        )


def _observations(review: AfterActionReview) -> Iterable[Block]:
    for one in review.observations:
        of = f", {one.objective}" if one.objective else ""
        by = (
            f"{one.finding.value.capitalize()}{of}. {one.member}, {one.author}, {told.play(one.play_s)},"
            f" {language(one.language)}"
        )
        yield Words(one.text, one.language, by)


def _improvements(review: AfterActionReview) -> Iterable[Block]:
    if review.improvements:
        rows = tuple(
            (
                one.action,
                one.member,
                one.office,
                utc(one.due)[:10],
                one.objective or "",
                one.proposed_by,
                told.short(one.record),
            )
            for one in review.improvements
        )
        yield Table(("Action", "Member", "Office", "Due", "Objective", "Proposed by", "Record"), rows)
        yield Words(
            "Proposed, not promised: each becomes a commitment when that member commits to it, after the exercise has "
            "ended there (laurel exercise commit review.json)."
        )


def _sources(review: AfterActionReview) -> Iterable[Block]:
    for one in review.archives:
        known = "known at this node by the members' cards" if one.vouched else "named by the file itself"
        yield Facts(
            (
                ("Log of", one.node),
                ("File", f"{one.file}, {told.count(one.records, 'record')}"),
                ("SHA-256", one.sha256),
                ("Checked", f"{one.checked}; keys {known}"),
            )
        )
    yield Words(
        "This paper proves nothing by itself. The signed logs do, for who has the members' keys from themselves."
    )


def _drawn(drawn: Mapping[str, Figure], name: str) -> Iterable[Block]:
    if name in drawn:
        yield drawn[name]


def _more(shown: int, of: int, what: str) -> Iterable[Block]:
    if shown < of:
        yield Words(f"The first {shown} of {of} {what}. All are in review.json.")
