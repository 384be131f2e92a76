"""A small exercise played by hand, as three members' logs: its figures can be worked out on paper."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import cos, radians, sin
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from laurel.core.instrument import Kind
from laurel.core.label import Classification, Label, label
from laurel.core.record import Lane, Precedence, Record, Sealed, World, envelope, key_id, seal
from laurel.instruments.consult import records as consult
from laurel.instruments.consult.words import Ground, Level, Position
from laurel.instruments.exercise import records as exercise
from laurel.instruments.exercise.review.log import Numbered
from laurel.instruments.exercise.review.review import AfterActionReview, ArchiveRead, review
from laurel.instruments.exercise.review.threats import Fell
from laurel.instruments.warning import records as warning

Body = TypeVar("Body", bound=Struct)
WORLD = World("camp-david", "freedom-27")
MEMBERS = ("JPN", "KOR", "USA")
ALL = label(Classification.RESTRICTED, set(MEMBERS))
BEGINS = datetime(2027, 3, 1, tzinfo=UTC)
REAL = datetime(2026, 10, 5, 1, 0, tzinfo=UTC)
LAUNCHED_S, FLIGHT_S = 60.0, 600.0
KEYS = {code: Ed25519PrivateKey.from_private_bytes(hashlib.sha256(code.encode()).digest()) for code in MEMBERS}
JAPANESE, KOREAN = "警報は<b>一分</b>以内に出た。\n良好。", "공유가 늦었다. 절차를 고쳐야 한다."
HOSTILE = '</div><script>alert("x")</script><img src=x onerror=y> #panic() \u202egnirts'

PLAN = """
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
id = "watch-kor"
member = "KOR"
role = "training"
office = "Operations centre"

[[injects]]
id = "launch"
title = "One missile, over northern Japan"
cell = "control"
words = "Start the feed of the scenario."
at_s = 60.0

[[injects.expects]]
id = "alert-jpn"
member = "JPN"
kind = "warning.alert.v1"
within_s = 120.0
objective = "warn"
criterion = "The alert names Japan's territory"

[[injects.expects]]
id = "alert-kor"
member = "KOR"
kind = "warning.alert.v1"
within_s = 60.0
objective = "warn"
criterion = "The alert names the launch"

[[injects]]
id = "question"
title = "A journalist asks the ministry"
cell = "control"
words = "Has a missile flown over us?"
after = ["launch"]

[[injects.expects]]
id = "request"
member = "JPN"
kind = "consult.requested.v1"
within_s = 900.0
objective = "consult"
criterion = "The request cites the alert"

[[injects.expects]]
id = "answer-usa"
member = "USA"
kind = "consult.responded.v1"
within_s = 300.0
objective = "consult"
criterion = "The United States respond"

[[injects]]
id = "storm"
title = "A storm takes a ship off its station"
cell = "control"
words = "Only if time is left."
by_hand = true

[[injects.expects]]
id = "report"
member = "KOR"
kind = "region.incident.v1"
within_s = 300.0
objective = "consult"
criterion = "The storm is reported"
"""


def place(since_s: float) -> tuple[float, float, float]:
    """Where the one missile is, so many seconds after its launch: an arc 300 km above a round Earth, ECEF metres."""
    turn = radians(40.0) * since_s / FLIGHT_S
    return 6_678_000.0 * cos(turn), 6_678_000.0 * sin(turn), 0.0


@dataclass(frozen=True)
class Arc:
    """What truly flew."""

    name: str = "T1"
    launched_at: datetime = BEGINS + timedelta(seconds=LAUNCHED_S)
    attacks: bool = True

    @property
    def fell(self) -> Fell | None:
        return Fell(0.0, 40.0, self.launched_at + timedelta(seconds=FLIGHT_S))

    def at(self, seconds: float) -> Sequence[float] | None:
        return place(seconds) if 0.0 <= seconds <= FLIGHT_S else None


@dataclass
class Play:
    """Members speak; every record is numbered, linked and signed as a node would."""

    sealed: list[tuple[Sealed, Record[Any]]] = field(default_factory=list[tuple[Sealed, Record[Any]]])
    lanes: dict[Lane, tuple[int, str]] = field(default_factory=dict[Lane, tuple[int, str]])

    def say(
        self,
        member: str,
        at_s: float,
        kind: Kind[Body],
        body: Body,
        to: Label = ALL,
        about: tuple[str, ...] = (),
    ) -> str:
        """Its id. `at_s` is seconds of play."""
        lane = Lane(WORLD, member, to.rel_to, Precedence.ROUTINE)
        number, prev = self.lanes.get(lane, (0, None))
        record: Record[Any] = Record(
            kind=kind.name,
            compact=WORLD.compact,
            exercise=WORLD.exercise,
            origin=member,
            author=f"officer:{member.lower()}",
            at=BEGINS + timedelta(seconds=at_s),
            label=to,
            precedence=Precedence.ROUTINE,
            number=number + 1,
            prev=prev,
            about=about,
            answers=None,
            salt=bytes(16),
            body=body,
        )
        key = KEYS[member]
        sealed = seal(record, key, key_id(key.public_key()))
        self.sealed.append((sealed, record))
        self.lanes[lane] = (number + 1, sealed.id)
        return sealed.id

    def records(self, member: str | None = None) -> list[Numbered]:
        """All that member holds; everything without one."""
        return [
            (sealed.id, msgspec.json.decode(sealed.payload, type=Record[msgspec.Raw]))
            for sealed, record in self.sealed
            if member is None or member in record.label.rel_to
        ]

    def archive(self, member: str, folder: Path) -> Path:
        """The member's own log, as laurel log export writes it."""
        keys = {
            code: {key_id(key.public_key()): key.public_key().public_bytes_raw().hex()} for code, key in KEYS.items()
        }
        lines = [msgspec.json.encode({"world": WORLD.name, "node": member, "keys": keys})]
        lines += [msgspec.json.encode(envelope(one)) for one, record in self.sealed if member in record.label.rel_to]
        file = folder / f"{member}.jsonl"
        file.write_bytes(b"".join(line + b"\n" for line in lines))
        return file


def home(member: str) -> Label:
    """What stays with that member."""
    return label(Classification.RESTRICTED, {member})


def track(member: str, since_s: float, *, first_s: float, off_m: float, plots: int) -> warning.Track:
    """The member's track 7: off by so much towards the axis of the Earth."""
    x, y, z = place(since_s)
    at = BEGINS + timedelta(seconds=LAUNCHED_S + since_s)
    source = warning.Source(f"{member}/NORTH", BEGINS + timedelta(seconds=LAUNCHED_S + first_s), at, plots)
    return warning.Track(
        number=7,
        state=warning.TrackState.TRACKED,
        phase=warning.Phase.COAST,
        first_at=source.first_at,
        at=at,
        seen_at=at,
        position_ecef_m=(x, y, z + off_m),
        velocity_ecef_mps=(0.0, 7_000.0, 0.0),
        covariance=(0.0,) * 21,
        plots=plots,
        sensors=("NORTH",),
        kinds=(warning.SensorKind.RADAR,),
        launch=None,
        pedigree=(source,),
    )


def report(member: str, since_s: float, *, first_s: float, off_m: float, plots: int) -> warning.TrackReport:
    """A report of that track alone."""
    one = track(member, since_s, first_s=first_s, off_m=off_m, plots=plots)
    return warning.TrackReport(one.at, (one,))


def alert(*tracks: str, lon_deg: float, words: str = "A ballistic missile.") -> warning.Alert:
    """An impact, predicted on the equator at that longitude, at the true time."""
    return warning.Alert(
        reason=warning.AlertReason.IMPACT,
        state=warning.AlertState.PREDICTED,
        tracks=tracks,
        areas=(),
        confidence="two kinds",
        launched_at=None,
        impact_at=BEGINS + timedelta(seconds=LAUNCHED_S + FLIGHT_S),
        impact_lat_deg=0.0,
        impact_lon_deg=lon_deg,
        words=words,
    )


def said_by_hand() -> Play:
    """The whole exercise.

    Seconds after the launch (which is 60 s of play): Japan detects at 20, tracks at 30, shares at 42, alerts at 50,
    acknowledges at 90, requests at 300, decides at 900. Korea detects at 10, tracks and shares at 25, alerts at 100,
    acknowledges never, responds at 400. The United States track nothing, acknowledge at 80, respond at 700, decide
    at 650, before they respond.
    """
    play = Play()
    at = LAUNCHED_S.__add__
    play.say("USA", 0.0, exercise.CLOCK_SET, exercise.ClockSet(REAL, BEGINS, 1.0))
    play.say("USA", 1.0, exercise.STARTED, exercise.Started(PLAN))
    play.say("USA", 60.0, exercise.INJECTED, exercise.Injected("launch", exercise.InjectOutcome.DONE))
    play.say("USA", 60.5, exercise.INJECTED, exercise.Injected("question", exercise.InjectOutcome.DONE))
    play.say("KOR", at(25.0), warning.TRACK_REPORT, report("KOR", 24.0, first_s=10.0, off_m=3_000.0, plots=5))
    play.say(
        "JPN", at(30.0), warning.TRACK_REPORT, report("JPN", 30.0, first_s=20.0, off_m=900.0, plots=4), home("JPN")
    )
    play.say("JPN", at(42.0), warning.TRACK_REPORT, report("JPN", 42.0, first_s=20.0, off_m=700.0, plots=9))
    said = play.say("JPN", at(50.0), warning.ALERT, alert("JPN-7", lon_deg=41.0))
    usa = play.say("USA", at(80.0), warning.ACKNOWLEDGED, warning.AlertAcknowledged(said, "NMCC"))
    play.say("JPN", at(90.0), warning.ACKNOWLEDGED, warning.AlertAcknowledged(said, "Operations centre"))
    play.say("KOR", at(100.0), warning.ALERT, alert("JPN-7", "KOR-7", lon_deg=40.5, words=HOSTILE))
    play.say("JPN", at(200.0), warning.TRACK_REPORT, report("JPN", 200.0, first_s=20.0, off_m=100.0, plots=160))
    source = consult.Source(said, warning.ALERT.name, "JPN", BEGINS, "A ballistic missile.")
    asked = play.say(
        "JPN",
        at(300.0),
        consult.REQUESTED,
        consult.ConsultationRequest(
            subject="発射について協議したい",
            ground=Ground.THREAT,
            level=Level.ADVISER,
            language="ja",
            opinion="協議を求める。",
            members=MEMBERS,
            respond_within_s=1_800,
            sources=(source,),
        ),
    )
    play.say("KOR", at(400.0), consult.RESPONDED, consult.Responded(asked, "Blue House", "ko", "동의합니다."))
    play.say("USA", at(650.0), consult.STANCE, consult.Stance(asked, usa, Position.SUPPORTS, "en", "Agreed."))
    play.say("USA", at(700.0), consult.RESPONDED, consult.Responded(asked, "NSC", "en", "We agree."))
    play.say("JPN", at(900.0), consult.STANCE, consult.Stance(asked, said, Position.SUPPORTS, "ja", "賛成。"))
    real = REAL + timedelta(seconds=1_000)
    play.say("USA", 1_000.0, exercise.CLOCK_SET, exercise.ClockSet(real, BEGINS + timedelta(seconds=1_000), 0.0))
    back = real + timedelta(seconds=300)
    play.say("USA", 1_001.0, exercise.CLOCK_SET, exercise.ClockSet(back, BEGINS + timedelta(seconds=1_600), 2.0))
    play.say("JPN", 1_700.0, exercise.OBSERVED, exercise.Observed(exercise.Finding.STRENGTH, JAPANESE, "ja", "warn"))
    play.say("KOR", 1_650.0, exercise.OBSERVED, exercise.Observed(exercise.Finding.TO_IMPROVE, KOREAN, "ko", None))
    play.say("USA", 1_660.0, exercise.OBSERVED, exercise.Observed(exercise.Finding.TO_IMPROVE, HOSTILE, "en", "warn"))
    for text, rating in (("First.", exercise.Rating.UNABLE), ("警報は速かった。", exercise.Rating.PERFORMED)):
        play.say("JPN", 1_800.0 + len(text), exercise.RATED, exercise.Rated("warn", rating, text, "ja"))
    play.say("KOR", 1_810.0, exercise.RATED, exercise.Rated("warn", exercise.Rating.MAJOR_CHALLENGES, KOREAN, "ko"))
    due = datetime(2027, 1, 31, tzinfo=UTC)
    action = exercise.ActionProposed("Share the first track at once", "KOR", "Joint Staff", due, "warn")
    play.say("KOR", 1_900.0, exercise.ACTION_PROPOSED, action)
    play.say("KOR", 2_000.0, exercise.HALTED, exercise.Halted("freedom-27", "Enough was learnt."))
    return play


def archives(*members: str) -> tuple[ArchiveRead, ...]:
    """As if each of them had given its log."""
    return tuple(ArchiveRead(f"{one}.jsonl", "0" * 64, one, 1, "made by hand", vouched=True) for one in members)


def made(play: Play, *members: str, flights: Sequence[Arc] | None = (Arc(),)) -> AfterActionReview:
    """The review of what these members hold."""
    records = [one for member in members for one in play.records(member)]
    return review(records, archives(*members), flights)
