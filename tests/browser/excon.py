"""An exercise as its control sees it half an hour into play, in every state that an inject and an answer can have.

`raid` is seen by an officer who is trained; in `launch` nothing was started yet.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.instruments.exercise.test_plan import FILE

from laurel.api.exercises import Msel, msel_of
from laurel.api.sign_in import SignedIn
from laurel.core.errors import Nothing, NotPermitted
from laurel.core.instrument import Role
from laurel.instruments.exercise.plan.msel import Heard, Plan, parse
from laurel.instruments.exercise.plan.run import Course
from laurel.instruments.exercise.played import Area, Areas, Fate, Play
from laurel.instruments.exercise.records import Called, InjectOutcome
from laurel.node.excon import Stand
from laurel.node.home.terms import PlanHere

PLAYED = timedelta(minutes=30)
TRAINED, UNSTARTED = "raid", "launch"

_CONTROL = """
[[cells]]
id = "control-jpn"
member = "JPN"
role = "control"
office = "Exercise control"
"""
SAID = FILE.decode().replace(_CONTROL, "")

PLAN = """
title = "Freedom 27, first day"
summary = "A launch, a call, a consultation, a cyber advisory."
starts_at = 2022-10-03T22:00:00Z
lasts_s = 5400.0

[[objectives]]
id = "talk"
words = "Acknowledge a FLASH within two minutes"
capability = "Operational communications"

[[objectives]]
id = "consult"
words = "Consult within the hour"
capability = "Operational coordination"

[[cells]]
id = "white-usa"
member = "USA"
role = "white"
office = "White cell"

[[cells]]
id = "control-kor"
member = "KOR"
role = "control"
office = "Exercise control"

[[cells]]
id = "watch-jpn"
member = "JPN"
role = "training"
office = "Operations centre"

[[injects]]
id = "call"
title = "The United States warns by hotline"
cell = "white-usa"
at_s = 300.0
command = "hotline/send"
words = "Two vehicles on the move, eastward."
[[injects.expects]]
id = "ack-jpn"
member = "JPN"
kind = "hotline.acknowledged.v1"
within_s = 120.0
objective = "talk"
criterion = "Acknowledged by office"
[[injects.expects]]
id = "ack-kor"
member = "KOR"
kind = "hotline.acknowledged.v1"
within_s = 120.0
objective = "talk"
criterion = "Acknowledged by office & read back"

[[injects]]
id = "more"
title = "More of it, once Japan has acknowledged"
cell = "control-kor"
when = {kind = "hotline.acknowledged.v1", by = "JPN"}
delay_s = 30.0
after = ["call"]
command = "hotline/send"
[[injects.expects]]
id = "consult-jpn"
member = "JPN"
kind = "consult.requested.v1"
within_s = 900.0
objective = "consult"
criterion = "A consultation is requested with the alert as its basis"

[[injects]]
id = "wrong"
title = "A message to nobody"
cell = "control-kor"
at_s = 900.0
command = "hotline/send"

[[injects]]
id = "left-out"
title = "Weather closes the range <b>today</b>"
cell = "white-usa"
at_s = 1200.0
words = "Nothing flies."

[[injects]]
id = "advisory"
title = "A cyber advisory about the port of Busan"
cell = "white-usa"
at_s = 1500.0
command = "cyber/publish"
[[injects.expects]]
id = "sighting-kor"
member = "KOR"
kind = "cyber.sighting.v1"
within_s = 1200.0
objective = "consult"
criterion = "A sighting is said, or that there is none"

[[injects]]
id = "called"
title = "The press asks at once"
cell = "control-kor"
by_hand = true
words = "What is known of the launch?"

[[injects]]
id = "second"
title = "A second warning"
cell = "white-usa"
at_s = 2700.0
command = "hotline/send"
[[injects.expects]]
id = "second-jpn"
member = "JPN"
kind = "hotline.acknowledged.v1"
within_s = 120.0
objective = "talk"
criterion = "Acknowledged by office"

[[injects]]
id = "by-hand"
title = "A notice read out, when control thinks it fit"
cell = "white-usa"
by_hand = true
words = "The press asks again."

[[injects]]
id = "joint"
title = "Capitals ask for joint words"
cell = "control-kor"
when = {kind = "consult.requested.v1"}
after = ["second"]
words = "Joint words by noon."
"""


def msel(scene: str, began: datetime, now: datetime) -> Msel:
    """As `exercise/msel` answers of a scene that began then. Raises NotPermitted, Nothing."""
    if scene == TRAINED:
        raise NotPermitted(author="officer:abe", needs="a role that reads the plan")
    if scene == UNSTARTED:
        raise Nothing(exercise="camp-david.freedom-27", plan="none is played yet")
    plan = _plan(began)

    def second(at_s: float) -> datetime:
        return plan.starts_at + timedelta(seconds=at_s)

    def fate(outcome: InjectOutcome, at_s: float, records: int = 0, why: str = "") -> Fate:
        return Fate(outcome, second(at_s), "USA", tuple(f"{n:064x}" for n in range(1, records + 1)), why)

    fates = {
        "call": fate(InjectOutcome.DONE, 300.0, 1),
        "more": fate(InjectOutcome.DONE, 402.0, 1),
        "wrong": fate(InjectOutcome.REFUSED, 900.0, why="this field of the ask is wrong (field=to, must_be=named)"),
        "left-out": fate(InjectOutcome.SKIPPED, 1_100.0, why="no time"),
        "advisory": fate(InjectOutcome.DONE, 1_500.0, 1),
    }
    called = {"left-out": Called("left-out", skip=True, why="no time"), "called": Called("called")}
    called_at = {"left-out": second(1_100.0), "called": second(1_798.0)}
    course = Course(
        fired={"call": 300.0, "more": 402.0, "advisory": 1_500.0},
        over={"wrong": 900.0, "left-out": 1_100.0},
        called={"left-out": 1_100.0, "called": 1_798.0},
        heard=(
            Heard("hotline.acknowledged.v1", "JPN", 372.0),
            Heard("hotline.acknowledged.v1", "KOR", 520.0),
        ),
    )
    return msel_of(
        Stand(
            Play(plan, dry=False, called=called, called_at=called_at, fates=fates),
            course,
            (now - plan.starts_at).total_seconds(),
        )
    )


def _plan(began: datetime) -> Plan:
    """Play began half an hour before the scene."""
    starts_at = (began - PLAYED).replace(second=0, microsecond=0)
    return parse(PLAN.replace("2022-10-03T22:00:00Z", f"{starts_at:%Y-%m-%dT%H:%M:%SZ}").encode())


def planned(began: datetime) -> PlanHere:
    """The plan that was said live: it can begin, and the node warns of a member without control."""
    return PlanHere(3, "KOR", "officer:kim", began - timedelta(days=1), SAID)


def signed_in(now: datetime) -> SignedIn:
    """The officer of every scene, who may do all that play asks for."""
    roles = (Role.WATCH_OFFICER.value, Role.EXERCISE_CONTROL.value)
    return SignedIn(
        officer="officer:abe",
        roles=roles,
        opened_by="password",
        opened_at=now,
        expires_at=now + timedelta(hours=8),
        locked=None,
        lock_after_s=900,
        has_password=True,
        passkeys=(),
    )


def areas(began: datetime, now: datetime) -> Areas:
    """One that is in force and ours, one that is to come."""

    def area(n: int, member: str, name: str, begins_h: float, *corners: tuple[float, float]) -> Area:
        begins_at = (began + timedelta(hours=begins_h)).replace(second=0, microsecond=0)
        ends_at = begins_at + timedelta(hours=6)
        return Area(
            f"{n:064x}", name, corners, begins_at, ends_at, "fishing season", member, begins_at <= now < ends_at
        )

    sea = ((38.5, 133.0), (38.5, 136.0), (37.0, 136.0), (37.0, 133.0))
    coast = ((35.5, 129.5), (36.5, 130.5), (35.0, 131.0))
    return Areas((area(1, "JPN", "Yamato bank", -2.0, *sea), area(2, "KOR", "Ulsan approach", 4.0, *coast)))
