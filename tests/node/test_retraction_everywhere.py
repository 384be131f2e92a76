"""Every query of every instrument forgets what was taken back; and the node does not say it by itself again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from msgspec import Struct, structs
from tests.border.sealing import sealed
from tests.instruments.cyber.partners import AUTHOR, indicator, raw, stix_id
from tests.instruments.warning.flights import EVERYONE, after, over_japan, track_of
from tests.node.test_retraction import retract
from tests.node.worlds import LIVE, OFFICER, Worlds, log_of, wrapped

from laurel.core.errors import BadAsk
from laurel.core.instrument import Role, Terms
from laurel.core.label import Classification
from laurel.core.record import Precedence, Sealed, decode
from laurel.core.record import World as WorldName
from laurel.core.words import words_in
from laurel.instruments import INSTRUMENTS
from laurel.instruments.consult.records import (
    INFORMATION_ANSWERED,
    INFORMATION_REQUESTED,
    InformationAnswered,
    InformationRequested,
    Version,
)
from laurel.instruments.cyber import records as cyber
from laurel.instruments.cyber.records import (
    ADVISORY,
    BUNDLE,
    IDENTITY_CLAIMED,
    STIX_OBJECT,
    Advisory,
    Bundle,
    IdentityClaimed,
    StixObject,
    Tlp,
)
from laurel.instruments.dialogue.records import (
    AGENDA,
    MEETING,
    MINUTES,
    OFFICE_HELD,
    OFFICE_OPENED,
    PAPER,
    Agenda,
    AgendaItem,
    Meeting,
    Minutes,
    OfficeHeld,
    OfficeOpened,
    Paper,
)
from laurel.instruments.exercise.records import (
    ACTION_PROPOSED,
    NO_PLAY,
    OBSERVED,
    ActionProposed,
    Finding,
    NoPlay,
    Observed,
)
from laurel.instruments.hotline.records import (
    MESSAGE,
    TRANSLATION,
    TRANSLATION_REVIEWED,
    Message,
    Translation,
    TranslationReviewed,
)
from laurel.instruments.line.records import RETRACTED, Retracted
from laurel.instruments.region.records import (
    GRADED,
    INCIDENT,
    INCIDENT_AMENDED,
    INCIDENT_ASSESSED,
    NOTICE_CANCELLED,
    NOTIFIED_LAUNCH,
    REPORT,
    Confidence,
    Graded,
    Incident,
    IncidentAmended,
    IncidentAssessed,
    Interval,
    LaunchClass,
    NoticeCancelled,
    NotifiedLaunch,
    ReadFrom,
    Severity,
    SourcedReport,
    Spot,
)
from laurel.instruments.supply.records import (
    DEPENDENCE,
    HELP_ACCEPTED,
    HELP_OFFERED,
    HELP_REQUESTED,
    MEASURE,
    MET,
    NOTICE,
    NOTICE_CLOSED,
    Cell,
    Dependence,
    DisruptionNotice,
    Duration,
    HelpAccepted,
    HelpOffered,
    HelpRequested,
    InputShares,
    MeasureNotified,
    Met,
    NoticeClosed,
)
from laurel.instruments.supply.words import Basis, MeasureSort
from laurel.instruments.warning.coarse import coarse_alert, coarse_tracks
from laurel.instruments.warning.commands import ReleaseTracksAsk
from laurel.instruments.warning.records import (
    ALERT,
    COARSE_ALERT,
    COARSE_TRACKS,
    TRACK_REPORT,
    Alert,
    AlertReason,
    AlertState,
    Phase,
    TrackReport,
)
from laurel.node.asked import Asked
from laurel.node.author import Author
from laurel.node.keep.docket import docket
from laurel.node.keep.find import find
from laurel.node.keep.reader import Reader
from laurel.node.keep.standing import whole
from laurel.node.world import World

PLAY = WorldName(LIVE.compact, "freedom-27")
CANARY = "NOTIONAL-CANARY"
SEARCH = "search"
TEMPLATES = {ALERT.name}
"""Kinds whose words a template writes: nobody looks for them."""
HISTORY = "line/retractions"
"""The one place that still tells of what was taken back."""
PLAYED = {NO_PLAY.name, OBSERVED.name, ACTION_PROPOSED.name}
"""Kinds that count in an exercise alone."""
RETRACTABLE = {kind.name for instrument in INSTRUMENTS for kind in instrument.kinds if kind.retractable}


def boosting(t_s: float) -> TrackReport:
    track = track_of(over_japan(), t_s, phase=Phase.BOOST)
    return TrackReport(after(t_s), (structs.replace(track, sensors=(CANARY,)),))


LAUNCH = Alert(
    AlertReason.LAUNCH, AlertState.PREDICTED, ("KOR-1",), (), "low", None, None, None, None, f"Launched: {CANARY}"
)
TERMS = Terms(10_000, 0, (CANARY,), Classification.RESTRICTED)


def told(body: Struct | None) -> Struct:
    assert body is not None
    return body


def report(words: str) -> SourcedReport:
    return SourcedReport(words, "en", words, words, after(0.0), "0" * 64, ReadFrom.OFFICER, "B2")


def incident(words: str) -> Incident:
    return Incident("other", words, "en", words, Interval(after(0.0), after(60.0)))


def amended(words: str) -> IncidentAmended:
    return IncidentAmended(
        "other", words, "en", words, Interval(after(0.0), after(60.0)), amends=QUESTION_ID, reason=words
    )


def notice(words: str) -> NotifiedLaunch:
    window = Interval(after(-600.0), after(3_600.0))
    return NotifiedLaunch(
        words, words, words, "B2", LaunchClass.OTHER, (window,), words, Spot(40.0, 129.0), "en", words
    )


MESSAGE_ID, QUESTION_ID, TRANSLATION_ID = "MESSAGE", "QUESTION", "TRANSLATION"
"""Where a body names the record before it."""
MEETING_BODY = Meeting(
    "before", "Before", "en", after(0.0) - timedelta(days=1), after(0.0) - timedelta(days=1), "Before", "Etc/UTC"
)

NOTICE_ID, REQUEST_ID, OFFER_ID = "NOTICE", "REQUEST", "OFFER"


def a_notice(words: str) -> DisruptionNotice:
    at = after(0.0)
    return DisruptionNotice(
        "kor-1", words, "en", words, words, at, Duration(), (words,), (words,), words, words, words, meeting=True
    )


def a_request(words: str) -> HelpRequested:
    return HelpRequested(words, "en", words, words, 1.0, "t", after(60.0), words)


def an_offer(words: str, request: str | None) -> HelpOffered:
    return HelpOffered(words, "en", words, words, 1.0, "t", after(60.0), words, request)


BODIES: dict[str, Struct] = {
    TRACK_REPORT.name: boosting(60.0),
    ALERT.name: LAUNCH,
    COARSE_TRACKS.name: told(coarse_tracks(boosting(60.0), TERMS)),
    COARSE_ALERT.name: coarse_alert(LAUNCH, TERMS),
    MESSAGE.name: Message("en", CANARY, subject=CANARY),
    TRANSLATION.name: Translation(MESSAGE_ID, "ja", CANARY, CANARY),
    TRANSLATION_REVIEWED.name: TranslationReviewed(TRANSLATION_ID, CANARY),
    INFORMATION_REQUESTED.name: InformationRequested(CANARY, "en", CANARY, 60),
    INFORMATION_ANSWERED.name: InformationAnswered(QUESTION_ID, "en", CANARY, "B2"),
    REPORT.name: report(CANARY),
    GRADED.name: Graded(QUESTION_ID, "C3", "en", CANARY),
    INCIDENT.name: incident(CANARY),
    INCIDENT_AMENDED.name: amended(CANARY),
    INCIDENT_ASSESSED.name: IncidentAssessed(QUESTION_ID, Severity.MINOR, Confidence.LOW, "en", CANARY),
    NOTIFIED_LAUNCH.name: notice(CANARY),
    NOTICE_CANCELLED.name: NoticeCancelled(QUESTION_ID, "en", CANARY),
    AGENDA.name: Agenda(QUESTION_ID, "en", (AgendaItem(CANARY, "en"),)),
    PAPER.name: Paper(QUESTION_ID, CANARY, (Version("en", CANARY),)),
    MINUTES.name: Minutes(QUESTION_ID, (Version("en", CANARY),)),
    OFFICE_HELD.name: OfficeHeld("Before", CANARY),
    NO_PLAY.name: NoPlay(CANARY, ((35.0, 139.0), (35.0, 140.0), (36.0, 139.0)), after(0.0), after(60.0), CANARY),
    OBSERVED.name: Observed(Finding.STRENGTH, CANARY, "en"),
    ACTION_PROPOSED.name: ActionProposed(CANARY, "JPN", CANARY, after(60.0)),
    STIX_OBJECT.name: StixObject(raw(indicator(name=CANARY)), Tlp.CLEAR),
    BUNDLE.name: Bundle(stix_id("bundle", 1), ("0" * 64,)),
    ADVISORY.name: Advisory(cyber.Severity.HIGH, "en", CANARY, CANARY, CANARY, objects=(stix_id("indicator", 1),)),
    IDENTITY_CLAIMED.name: IdentityClaimed(AUTHOR, CANARY),
    NOTICE.name: a_notice(CANARY),
    MET.name: Met(NOTICE_ID, after(0.0), "en", CANARY),
    NOTICE_CLOSED.name: NoticeClosed(NOTICE_ID, "en", CANARY),
    HELP_REQUESTED.name: a_request(CANARY),
    HELP_OFFERED.name: an_offer(CANARY, None),
    HELP_ACCEPTED.name: HelpAccepted(REQUEST_ID, OFFER_ID, "en", CANARY),
    MEASURE.name: MeasureNotified(
        MeasureSort.EXPORT_CONTROL, CANARY, "en", CANARY, CANARY, (), (CANARY,), after(0.0), None, CANARY
    ),
    DEPENDENCE.name: Dependence(
        CANARY.lower(),
        CANARY,
        CANARY,
        CANARY,
        None,
        (InputShares(CANARY, Basis.SITE, (Cell("CHN", 25.0, 50.0),), (2025,), (CANARY,)),),
    ),
}
BEFORE: dict[str, tuple[tuple[str, Struct], ...]] = {
    TRANSLATION.name: ((MESSAGE.name, Message("en", "Said before.", subject="Before")),),
    TRANSLATION_REVIEWED.name: (
        (MESSAGE.name, Message("en", "Said before.", subject="Before")),
        (TRANSLATION.name, Translation(MESSAGE_ID, "ja", "Before.", "Before")),
    ),
    INFORMATION_ANSWERED.name: ((INFORMATION_REQUESTED.name, InformationRequested("Before", "en", "Before?", 60)),),
    GRADED.name: ((REPORT.name, report("Before")),),
    INCIDENT_AMENDED.name: ((INCIDENT.name, incident("Before")),),
    INCIDENT_ASSESSED.name: ((INCIDENT.name, incident("Before")),),
    NOTICE_CANCELLED.name: ((NOTIFIED_LAUNCH.name, notice("Before")),),
    AGENDA.name: ((MEETING.name, MEETING_BODY),),
    PAPER.name: ((MEETING.name, MEETING_BODY),),
    MINUTES.name: ((MEETING.name, MEETING_BODY),),
    OFFICE_HELD.name: ((OFFICE_OPENED.name, OfficeOpened("Before")),),
    MET.name: ((NOTICE.name, a_notice("Before")),),
    NOTICE_CLOSED.name: ((NOTICE.name, a_notice("Before")),),
    HELP_ACCEPTED.name: (
        (HELP_REQUESTED.name, a_request("Before")),
        (HELP_OFFERED.name, an_offer("Before", None)),
    ),
}
"""What must have been said, and is not taken back, before such a record tells anything."""
NAMED = {
    MESSAGE.name: MESSAGE_ID,
    TRANSLATION.name: TRANSLATION_ID,
    NOTICE.name: NOTICE_ID,
    HELP_REQUESTED.name: REQUEST_ID,
    HELP_OFFERED.name: OFFER_ID,
}


@pytest.fixture
def worlds(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Worlds]:
    """The live worlds of the three members; those of an exercise for what counts there alone."""
    kind = request.getfixturevalue("kind") if "kind" in request.fixturenames else None
    with Worlds(tmp_path, PLAY if kind in PLAYED else LIVE) as opened:
        yield opened


@pytest.fixture
def japan(worlds: Worlds) -> World:
    """Japan's node with every instrument, a minute into a flight."""
    worlds.clock.at = after(60.0)
    world = worlds.open("JPN", *INSTRUMENTS)
    ask = ReleaseTracksAsk(EVERYONE, "an exercise of the test")
    world.say(Asked(Author("officer:mori", frozenset({Role.RELEASE_AUTHORITY})), "warning/release-tracks", ask, "go"))
    return world


def from_korea(worlds: Worlds, body: Struct, kind: str, **fields: Any) -> Sealed:
    fields = {"label": EVERYONE, "precedence": Precedence.IMMEDIATE, "world": worlds.name, **fields}
    return sealed(worlds.who, origin="KOR", author="node", at=worlds.clock.at, kind=kind, body=body, **fields)


def said_in_turn(worlds: Worlds, kind: str) -> list[Sealed]:
    """The records that come before one of that kind, and the record; each in a lane of its own."""
    said: list[Sealed] = []
    names: dict[str, str] = {}
    for precedence, (of, body) in enumerate((*BEFORE.get(kind, ()), (kind, BODIES[kind]))):
        named = {one: names[value] for one in body.__struct_fields__ if (value := getattr(body, one)) in [*names]}
        said.append(from_korea(worlds, structs.replace(body, **named), of, precedence=Precedence(precedence)))
        names[NAMED.get(of, QUESTION_ID)] = said[-1].id
    return said


def filled(ask: type[Struct], record_id: str) -> Struct:
    """An ask about that record, whatever its fields are called."""
    described = cast("msgspec.inspect.StructType", msgspec.inspect.type_info(ask))
    # Some answers repeat what was asked: words that are part of the canary, a file's own hash.
    texts = {"words": CANARY.partition("-")[2], "sha256": "0" * 64}
    values: dict[str, Any] = {}
    for one in described.fields:
        match one.type:
            case msgspec.inspect.EnumType(cls=choices) if one.required:
                values[one.name] = next(iter(choices))
            case msgspec.inspect.DateTimeType() if one.required:
                values[one.name] = after(60.0)
            case msgspec.inspect.IntType() if one.required:
                values[one.name] = 1
            case _ if one.required:
                values[one.name] = texts.get(one.name, record_id)
            case _:
                continue
    return ask(**values)


def answers(world: World, *record_ids: str) -> Iterator[tuple[str, str]]:
    """What every query, asked about each of these records, and the docket tell, as JSON."""
    for instrument in world.catalogue.instruments:
        for query in instrument.queries:
            for ask in dict.fromkeys(filled(query.ask, one) for one in record_ids):
                yield f"{instrument.name}/{query.name}", msgspec.json.encode(answer(world, query, ask)).decode()
    with world.store.reading() as from_:
        items = docket(world.catalogue.instruments, Reader(from_), world.clock.now())
        found = find(from_, world.catalogue, CANARY.partition("-")[2], 50)
    yield "docket", msgspec.json.encode(items).decode()
    yield SEARCH, msgspec.json.encode(found).decode()


def answer(world: World, query: Any, ask: Struct) -> Any:
    with world.store.reading() as from_:
        try:
            return query.answer(ask, Reader(from_), world.clock.now())
        except BadAsk:
            return None


def test_every_kind_that_can_be_taken_back_is_tried_here() -> None:
    assert set(BODIES) == RETRACTABLE


@pytest.mark.parametrize("kind", sorted(BODIES))
@pytest.mark.parametrize("order", ["before", "after"])
def test_no_query_shows_what_was_taken_back(kind: str, order: str, japan: World, worlds: Worlds) -> None:
    *before, record = said_in_turn(worlds, kind)
    japan.receive("KOR", [wrapped(one, to="JPN", world=worlds.name) for one in before])
    ids = [one.id for one in (*before, record)]
    undo = from_korea(worlds, Retracted(record.id, "a test"), RETRACTED.name, precedence=Precedence.FLASH)
    if order == "after":
        japan.receive("KOR", [wrapped(record, to="JPN", world=worlds.name)])
        told = {name for name, answer in answers(japan, *ids) if CANARY in answer or record.id in answer}
        assert told, f"no query shows a {kind} at all"
        if kind not in TEMPLATES and CANARY in words_in(msgspec.json.decode(msgspec.json.encode(BODIES[kind]))):
            assert SEARCH in told
        japan.receive("KOR", [wrapped(undo, to="JPN", world=worlds.name)])
    else:
        japan.receive("KOR", [wrapped(undo, to="JPN", world=worlds.name)])
        japan.receive("KOR", [wrapped(record, to="JPN", world=worlds.name)])
    japan.react()
    for name, answer in answers(japan, *ids):
        assert name == HISTORY or record.id not in answer, name
        assert name == HISTORY or CANARY not in answer, name
    assert record.id in {one.id for one in log_of(japan)}


def test_every_table_of_every_instrument_hides_by_the_record_it_follows_from(japan: World) -> None:
    with japan.store.reading() as from_:
        views = from_.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'view'").all()
    shown = {row.name: row.sql for row in views}
    assert len(japan.store.tables) > 15
    for kept in japan.store.tables:
        assert f"taken_back.record = {whole(kept).name}.{kept.source}" in shown[kept.table.name].replace('"', "")


def launches(world: World) -> list[str]:
    """The launch alerts that this node said, by id."""
    found: list[str] = []
    for one in log_of(world):
        record = decode(one.payload)
        if record.kind == ALERT.name and record.origin == "JPN":
            found.append(one.id)
    return found


def test_an_alert_that_was_taken_back_is_not_said_again_by_the_node_itself(japan: World, worlds: Worlds) -> None:
    first = from_korea(worlds, boosting(60.0), TRACK_REPORT.name)
    japan.receive("KOR", [wrapped(first, to="JPN")])
    japan.react()
    [alert] = launches(japan)
    retract(japan, alert, "it was a test of the motor")
    worlds.clock.at = after(75.0)
    then = from_korea(worlds, boosting(75.0), TRACK_REPORT.name, number=2, prev=first.id)
    japan.receive("KOR", [wrapped(then, to="JPN")])
    japan.react()
    assert launches(japan) == [alert]
    assert (
        alert
        not in msgspec.json.encode(
            japan.judge("warning/alerts", japan.catalogue.query("warning/alerts").ask())
        ).decode()
    )


def test_another_missile_is_still_told_of(japan: World, worlds: Worlds) -> None:
    first = from_korea(worlds, boosting(60.0), TRACK_REPORT.name)
    japan.receive("KOR", [wrapped(first, to="JPN")])
    japan.react()
    [alert] = launches(japan)
    retract(japan, alert)
    worlds.clock.at = after(90.0)
    track = track_of(over_japan(), 75.0, phase=Phase.BOOST, number=2)
    shifted = structs.replace(track, first_at=after(70.0), at=after(90.0), seen_at=after(90.0))
    other = from_korea(worlds, TrackReport(after(90.0), (shifted,)), TRACK_REPORT.name, number=2, prev=first.id)
    japan.receive("KOR", [wrapped(other, to="JPN")])
    japan.react()
    assert len(launches(japan)) == 2


def test_the_officer_that_takes_back_has_a_role_for_it() -> None:
    command = next(one for one in INSTRUMENTS[0].commands if one.name == "retract")
    assert command.roles == {Role.WATCH_OFFICER, Role.RELEASE_AUTHORITY, Role.PRINCIPAL}
    assert OFFICER.roles <= command.roles
