"""A defence worked out by hand, and the play that it stands against: `test_engagement.py` says how."""

from __future__ import annotations

from tests.instruments.exercise.played import BEGINS, LAUNCHED_S, PLAN, REAL, Play, report

from laurel.instruments.exercise import records as exercise
from laurel.instruments.warning.records import TRACK_REPORT

DEFENCE = """
doctrine = { salvo = 1, look_s = 15.0, last = 2 }
areas = [{ member = "JPN", name = "east", lat_deg = 0.0, lon_deg = 40.0, radius_km = 100.0 }]
sharing = [{ seer = "JPN", shooter = "USA", latency_s = 2.0, error_m = 200.0 }]
caveats = []

[[batteries]]
member = "USA"
name = "SHIP"
interceptor = "midcourse"
place = "a ship under the middle of the way"
lat_deg = 0.0
lon_deg = 20.0
alt_m = 10.0
rounds = 6
channels = 2
reaction_s = 20.0
"""


def with_a_defence() -> tuple[Play, str]:
    """Japan tracks 30 s after the launch and tells all at 42; its first report's id."""
    play, at = Play(), LAUNCHED_S.__add__
    play.say("USA", 0.0, exercise.CLOCK_SET, exercise.ClockSet(REAL, BEGINS, 1.0))
    play.say("USA", 1.0, exercise.STARTED, exercise.Started(PLAN))
    first = play.say("JPN", at(42.0), TRACK_REPORT, report("JPN", 42.0, first_s=20.0, off_m=700.0, plots=9))
    play.say("USA", 2_000.0, exercise.HALTED, exercise.Halted("freedom-27", "Enough."))
    return play, first
