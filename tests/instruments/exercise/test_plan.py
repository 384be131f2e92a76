"""The plan of an exercise: read, checked, carried on, judged."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from laurel.instruments import INSTRUMENTS
from laurel.instruments.exercise.plan.check import CannotBegin, Finding, House, Level, check
from laurel.instruments.exercise.plan.fill import QuotesNothing, filled, tried, watched
from laurel.instruments.exercise.plan.msel import BadPlan, Condition, Expected, Heard, Inject, Plan, parse
from laurel.instruments.exercise.plan.run import Course, Verdict, due, judged, next_s

HOUSE = House(
    asks={f"{one.name}/{command.name}": command.ask for one in INSTRUMENTS for command in one.commands},
    kinds=frozenset(kind.name for one in INSTRUMENTS for kind in one.kinds),
    members=frozenset({"JPN", "KOR", "USA"}),
)

FILE = b"""
title = "Freedom 27, first day"
summary = "A launch, a call, a consultation."
starts_at = 2027-03-01T00:00:00Z
lasts_s = 3600.0

[[objectives]]
id = "warn"
words = "Warn of a launch within a minute"
capability = "Missile warning"

[[objectives]]
id = "consult"
words = "Ask for a consultation within a quarter of an hour"
capability = "Consultation"

[[cells]]
id = "control"
member = "USA"
role = "control"
office = "Exercise control"

[[cells]]
id = "watch-jpn"
member = "JPN"
role = "training"
office = "Operations centre"

[[cells]]
id = "control-jpn"
member = "JPN"
role = "control"
office = "Exercise control"

[[injects]]
id = "launch"
title = "One missile, over northern Japan"
cell = "control"
words = "Start the feed of the scenario."
at_s = 60.0

[[injects.expects]]
id = "alert"
member = "JPN"
kind = "warning.alert.v1"
within_s = 120.0
objective = "warn"
criterion = "The alert names Japan's territory"

[[injects]]
id = "question"
title = "A journalist asks the ministry"
cell = "control"
words = "Read out over the telephone: has a missile flown over us?"
after = ["launch"]
delay_s = 30.0
when = { kind = "warning.alert.v1", by = "JPN" }

[[injects.expects]]
id = "request"
member = "JPN"
kind = "consult.requested.v1"
within_s = 900.0
objective = "consult"
criterion = "The request cites the alert"
"""


def plan(**changed: Any) -> Plan:
    """The plan of the file above, changed."""
    return structs.replace(parse(FILE), **changed)


def inject(name: str, **changed: Any) -> Inject:
    """One that goes at once, and that nobody answers."""
    return structs.replace(Inject(name, "Something", "control", words="Read this out.", at_s=0.0), **changed)


def with_injects(*more: Inject) -> Plan:
    """The plan of the file and these."""
    return plan(injects=(*parse(FILE).injects, *more))


def errors(found: tuple[Finding, ...]) -> dict[str, str]:
    """What keeps it from beginning, by what it is about."""
    return {one.about: one.words for one in found if one.level is Level.ERROR}


def test_a_plan_without_fault_may_begin_and_every_rule_says_pass() -> None:
    found = check(plan(), HOUSE)
    assert errors(found) == {}
    CannotBegin.unless(found)
    passed = [one.about for one in found if one.level is Level.PASS]
    assert passed == [
        "names",
        "cells",
        "dependencies",
        "injects",
        "answers",
        "conditions",
        "expected actions",
        "objectives",
    ]


@pytest.mark.parametrize(
    ("file", "field"),
    [
        (b'title = "x"', "(the whole file)"),
        (FILE.replace(b"lasts_s = 3600.0", b"lasts_s = -1.0"), "lasts_s"),
        (FILE.replace(b'role = "control"', b'role = "chief"', 1), "cells[0].role"),
        (FILE.replace(b"within_s = 120.0", b'within_s = "soon"'), "injects[0].expects[0].within_s"),
        (FILE.replace(b'title = "One', b'tittle = "One'), "injects[0]"),
    ],
)
def test_a_file_that_is_no_plan_is_refused_by_its_field(file: bytes, field: str) -> None:
    with pytest.raises(BadPlan) as refused:
        parse(file)
    assert refused.value.facts["field"] == field


@pytest.mark.parametrize("file", [b"\xff\xfe", b"title = ", b"x" * 2_000_000], ids=["no text", "no TOML", "too large"])
def test_what_is_no_file_of_ours_is_refused(file: bytes) -> None:
    with pytest.raises(BadPlan):
        parse(file)


def test_injects_that_wait_for_each_other_in_a_circle_are_named_in_order() -> None:
    circle = (
        inject("a", after=("b",)),
        inject("b", after=("c",)),
        inject("c", after=("a",)),
        inject("d", after=("d",)),
    )
    found = errors(check(with_injects(*circle), HOUSE))
    assert found == {
        "inject a": "they wait for each other in a circle: a -> b -> c -> a",
        "inject d": "they wait for each other in a circle: d -> d",
    }


def test_an_objective_that_nobody_can_meet_is_an_error() -> None:
    lonely = structs.replace(plan().objectives[0], id="lonely")
    found = errors(check(plan(objectives=(*plan().objectives, lonely)), HOUSE))
    assert found == {"objective lonely": "nobody can meet it: no expected action of anybody who is trained serves it"}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (inject("x", after=("nothing",)), "it waits for nothing, which is no inject"),
        (inject("x", at_s=None), "nothing says when it goes"),
        (inject("x", by_hand=True), "it goes by hand, and also by itself"),
        (inject("x", at_s=3_601.0), "it goes after the end of play"),
        (inject("x", cell="nobody"), "nobody is no cell of this plan"),
        (inject("x", cell="watch-jpn"), "who is trained injects nothing"),
        (inject("x", words=None), "it does nothing"),
        (inject("x", command="hotline/shout"), "hotline/shout is no command here"),
        (inject("x", command="exercise/halt", ask={}), "exercise/halt cannot be asked so: "),
        (inject("x", when=Condition("weather.rain.v1")), "nobody can say weather.rain.v1"),
        (inject("x", when=Condition("warning.alert.v1", "KOR")), "it waits for KOR, which takes no part"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_an_inject_that_cannot_go_is_an_error(wrong: Inject, words: str) -> None:
    found = errors(check(with_injects(wrong), HOUSE))
    assert found["inject x"].startswith(words)


def test_an_expected_action_must_be_possible() -> None:
    of = plan().injects[0].expects[0]
    wrong = (
        structs.replace(of, id="k", kind="warning.guess.v1"),
        structs.replace(of, id="m", member="USA"),
        structs.replace(of, id="o", objective="other"),
    )
    found = errors(check(with_injects(inject("x", expects=wrong)), HOUSE))
    assert found == {
        "expected action k of x": "nobody can say warning.guess.v1",
        "expected action m of x": "USA trains nobody in this exercise",
        "expected action o of x": "other is no objective",
    }


def test_cells_that_do_not_fit_are_found() -> None:
    cells = plan().cells
    strangers = plan(cells=(*cells, structs.replace(cells[0], id="far", member="AUS")))
    assert errors(check(strangers, HOUSE)) == {"cell far": "AUS is no member here"}
    untrained = errors(check(plan(cells=cells[:1]), HOUSE))
    assert untrained["cells"] == "nobody is trained"
    unsteered = check(plan(cells=cells[:2]), HOUSE)
    CannotBegin.unless(unsteered)
    assert [one.about for one in unsteered if one.level is Level.WARNING] == ["member JPN"]


def test_a_name_that_is_used_twice_is_an_error() -> None:
    found = errors(check(plan(injects=parse(FILE).injects * 2), HOUSE))
    assert found == {
        "inject launch": "the name is used 2 times",
        "inject question": "the name is used 2 times",
        "expected action alert": "the name is used 2 times",
        "expected action request": "the name is used 2 times",
    }


def test_what_nothing_brings_about_or_answers_is_a_warning() -> None:
    found = check(with_injects(inject("x", when=Condition("hotline.message.v1"))), HOUSE)
    words = [one.words for one in found if one.level is Level.WARNING]
    assert words == [
        "nothing is expected to follow, so nothing will be judged",
        "it waits for hotline.message.v1, which nothing in the plan is expected to bring about",
    ]
    CannotBegin.unless(found)


def test_an_inject_goes_when_its_time_and_its_condition_and_those_before_it_have_come() -> None:
    whole = plan()
    assert next_s(whole.injects, Course()) == 60.0
    assert due(whole.injects, Course(), 59.9) == ()
    assert [one.id for one in due(whole.injects, Course(), 60.0)] == ["launch"]
    fired = {"launch": 61.0}
    assert due(whole.injects, Course(fired), 3_000.0) == (), "nobody has warned"
    assert due(whole.injects, Course(fired, heard=(Heard("warning.alert.v1", "USA", 100.0),)), 3_000.0) == (), (
        "not the one it waits for"
    )
    said = (Heard("warning.alert.v1", "JPN", 100.0),)
    assert next_s(whole.injects, Course(fired, heard=said)) == 130.0
    assert [one.id for one in due(whole.injects, Course(fired, heard=said), 130.0)] == ["question"]
    assert due(whole.injects, Course({**fired, "question": 130.0}, heard=said), 3_000.0) == ()


def test_what_a_jump_of_the_clock_passes_over_goes_all_the_same_in_the_order_of_its_times() -> None:
    moves = (inject("late", at_s=3_000.0), inject("early", at_s=60.0), inject("after", at_s=None, after=("late",)))
    assert [one.id for one in due(moves, Course(), 86_400.0)] == ["early", "late"]
    gone = {"early": 86_400.0, "late": 86_400.0}
    assert [one.id for one in due(moves, Course(gone), 86_400.0)] == ["after"]
    assert due(moves, Course(gone, over={"after": 86_400.0}), 86_400.0) == ()


def test_what_goes_by_hand_waits_for_a_hand() -> None:
    assert due((inject("x", at_s=None, by_hand=True),), Course(), 1e6) == ()


def test_a_condition_may_want_several() -> None:
    twice = plan(injects=(inject("x", at_s=None, when=Condition("hotline.message.v1", times=2)),))
    said = (Heard("hotline.message.v1", "KOR", 9.0), Heard("hotline.message.v1", "JPN", 5.0))
    assert next_s(twice.injects, Course(heard=said[:1])) is None
    assert next_s(twice.injects, Course(heard=said)) == 9.0


@pytest.mark.parametrize(
    ("heard_at_s", "now_s", "verdict", "took_s"),
    [
        (100.0, 200.0, Verdict.DONE, 40.0),
        (200.0, 300.0, Verdict.LATE, 140.0),
        (None, 300.0, Verdict.MISSED, None),
        (None, 100.0, Verdict.AWAITED, None),
        (30.0, 300.0, Verdict.MISSED, None),
    ],
)
def test_every_expected_action_is_judged(
    heard_at_s: float | None, now_s: float, verdict: Verdict, took_s: float | None
) -> None:
    said = () if heard_at_s is None else (Heard("warning.alert.v1", "JPN", heard_at_s),)
    first, second = judged(plan(), Course({"launch": 60.0}, heard=said), now_s)
    assert (first.expected.id, first.verdict, first.took_s) == ("alert", verdict, took_s)
    assert second.verdict is Verdict.NOT_ASKED


def test_one_record_answers_one_expected_action() -> None:
    alert = plan().injects[0].expects[0]
    second = structs.replace(alert, id="again")
    two = plan(injects=(inject("a", expects=(alert,)), inject("b", at_s=10.0, expects=(second,))))
    said = (Heard("warning.alert.v1", "JPN", 20.0),)
    found = judged(two, Course({"a": 0.0, "b": 10.0}, heard=said), 500.0)
    assert [(one.expected.id, one.verdict) for one in found] == [("alert", Verdict.DONE), ("again", Verdict.MISSED)]


ALERT = Expected("e", "JPN", "warning.alert.v1", 60.0, "warn", "Any")


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=20), st.integers(1, 6))
def test_a_plan_without_a_circle_is_played_to_its_end(pairs: list[tuple[int, int]], count: int) -> None:
    after = {n: tuple({str(b) for a, b in pairs if a == n and b < count}) for n in range(count)}
    whole = plan(injects=tuple(inject(str(n), after=after[n], expects=(ALERT,)) for n in range(count)))
    circles = [one for one in check(whole, HOUSE) if "circle" in one.words]
    fired: dict[str, float] = {}
    for now_s in range(count + 1):
        fired |= {one.id: float(now_s) for one in due(whole.injects, Course(fired), float(now_s))}
    assert (len(fired) == count) == (not circles)
    assert all(fired[one] <= fired[name] for name in fired for one in after[int(name)])


# What an inject quotes


def asking(**ask: Any) -> Inject:
    return inject("later", command="hotline/send", ask=ask)


def no_field(record: str, name: str) -> None:
    """A body that has no such field."""
    del record, name


def test_an_inject_quotes_what_play_has_said_and_times_of_play() -> None:
    whole = plan()
    said = (Heard("hotline.message.v1", "JPN", 1.0, "a" * 64), Heard("hotline.message.v1", "USA", 2.0, "b" * 64))
    fields = filled(
        whole,
        asking(
            answers="{record:launch:2}",
            about=["{heard:hotline.message.v1}", "{heard:hotline.message.v1:JPN}"],
            nested={"at": "{time:+90.5}", "hash": "{record:launch#text_hash}"},
            text="{time:+90.5} stays when more stands beside it",
        ),
        {"launch": ("1" * 64, "2" * 64)},
        said,
        lambda record, name: f"{name} of {record[:3]}",
    )
    assert fields == {
        "answers": "2" * 64,
        "about": ["b" * 64, "a" * 64],
        "nested": {"at": "2027-03-01T00:01:30.500000+00:00", "hash": "text_hash of 111"},
        "text": "{time:+90.5} stays when more stands beside it",
    }


@pytest.mark.parametrize(
    "quote", ["{record:launch}", "{record:launch:3}", "{heard:warning.alert.v1}", "{heard:hotline.message.v1:KOR}"]
)
def test_what_was_never_said_is_not_quoted(quote: str) -> None:
    said = (Heard("hotline.message.v1", "JPN", 1.0, "a" * 64),)
    records = {"launch": ("1" * 64, "2" * 64)} if ":3" in quote else {}
    with pytest.raises(QuotesNothing, match="quotes="):
        filled(plan(), asking(answers=quote), records, said, no_field)


def test_a_field_that_a_body_does_not_have_is_not_quoted() -> None:
    with pytest.raises(QuotesNothing):
        filled(plan(), asking(answers="{record:launch#other}"), {"launch": ("1" * 64,)}, (), no_field)


def test_when_a_record_was_said_is_a_time_before_anybody_has_said_it() -> None:
    quoted = tried(
        plan(), asking(at="{heard:warning.alert.v1:JPN#said_at}", words="{heard:warning.alert.v1:JPN#words}")
    )
    assert quoted == {"at": "2027-03-01T00:00:00.000000+00:00", "words": "0" * 64}


def test_the_kinds_that_a_plan_looks_at_are_those_of_conditions_expectations_and_quotes() -> None:
    quotes = asking(about=["{heard:consult.requested.v1:JPN}"])
    whole = plan(injects=(inject("a", when=Condition("cyber.advisory.v1")),), answers=(quotes,))
    expected = {one.kind for _, one in whole.expected}
    assert watched(whole) == {"cyber.advisory.v1", "consult.requested.v1"} | expected


def test_an_answer_is_of_the_trained_goes_in_a_dry_run_alone_and_expects_nothing() -> None:
    whole = plan()
    does = inject("does", cell="watch-jpn", words="Acknowledged.", expects=())
    dry = structs.replace(whole, answers=(does,))
    assert errors(check(dry, HOUSE)) == {}
    assert dry.moves(dry=False) == whole.injects
    assert dry.moves(dry=True) == (*whole.injects, does)
    waits = structs.replace(dry, injects=(*whole.injects, inject("waits", after=("does",), expects=())))
    assert errors(check(waits, HOUSE)) == {"inject waits": "it waits for does, which goes in a dry run alone"}
    steered = structs.replace(does, cell="control")
    assert errors(check(structs.replace(whole, answers=(steered,)), HOUSE)) == {
        "inject does": "only who is trained answers"
    }


def test_a_quote_of_an_inject_that_is_not_waited_for_is_doubtful() -> None:
    quotes = asking(answers="{record:launch}")
    found = check(structs.replace(plan(), injects=(*plan().injects, structs.replace(quotes, expects=()))), HOUSE)
    doubts = [one.words for one in found if one.about == "inject later" and one.level is Level.WARNING]
    assert "it quotes a record of launch without waiting for it" in doubts


def test_an_inject_that_is_called_goes_at_once_and_one_that_is_over_holds_nobody_up() -> None:
    first, second = inject("first", at_s=500.0), inject("second", at_s=None, after=("first",), delay_s=5.0)
    assert due((first,), Course(called={"first": 7.0}), 7.0) == (first,)
    assert due((first, second), Course(over={"first": 10.0}), 14.0) == ()
    assert due((first, second), Course(over={"first": 10.0}), 15.0) == (second,)
