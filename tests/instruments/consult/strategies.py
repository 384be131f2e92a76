"""Options and caveats of every sort, and caveats that forbid no less than another."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from msgspec import structs
from tests.instruments.consult.capitals import AT, MEMBERS

from laurel.instruments.consult.course_types import CaveatRow
from laurel.instruments.consult.records import Caveat, Option, Part
from laurel.instruments.consult.words import Activity, Binds, Field

FEW = list(Activity)[:5]
PLACES = ("JPN", "KOR", "high-seas")
_activities = st.lists(st.sampled_from(FEW), max_size=4, unique=True).map(tuple)
_places = st.lists(st.sampled_from(PLACES), max_size=3, unique=True).map(tuple)
_days = st.integers(-3, 3).map(lambda days: AT + timedelta(days=days))

OPTIONS = st.builds(
    Option,
    consultation=st.just("0" * 64),
    title=st.just("Escort"),
    field=st.just(Field.DEFENSIVE),
    language=st.just("en"),
    text=st.just("Escort ships."),
    parts=st.lists(
        st.builds(Part, member=st.sampled_from(MEMBERS), activities=_activities, where=_places),
        min_size=1,
        max_size=3,
        unique_by=lambda part: part.member,
    ).map(tuple),
    begins_at=_days,
    instead=st.none(),
)
_caveats = st.builds(
    Caveat,
    name=st.sampled_from(("one", "two", "three")),
    title=st.just("A caveat"),
    source=st.just("A law"),
    binds=st.sampled_from(Binds),
    activities=_activities.filter(bool),
    where=_places,
    allows=_activities,
    consent_lifts=st.booleans(),
    valid_from=st.none() | _days,
    valid_until=st.none() | _days,
)
CAVEATS = st.builds(
    CaveatRow,
    member=st.sampled_from(MEMBERS),
    record=st.text("0123456789abcdef", min_size=64, max_size=64),
    caveat=_caveats,
    at=st.just(AT),
)


@st.composite
def tightened(draw: st.DrawFn, caveat: Caveat) -> Caveat:
    """One that forbids all that this forbids: more activities, more places, longer, fewer left open, no consent."""
    more = draw(_activities)
    fewer = draw(st.lists(st.sampled_from(caveat.allows), unique=True)) if caveat.allows else []
    return structs.replace(
        caveat,
        activities=tuple(dict.fromkeys((*caveat.activities, *more))),
        where=tuple(dict.fromkeys((*caveat.where, *draw(_places)))) if caveat.where and draw(st.booleans()) else (),
        allows=tuple(fewer),
        consent_lifts=caveat.consent_lifts and draw(st.booleans()),
        valid_from=draw(st.sampled_from((caveat.valid_from, None))),
        valid_until=draw(st.sampled_from((caveat.valid_until, None))),
    )
