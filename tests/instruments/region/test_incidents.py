"""Incidents: one member's word, every member's assessment, and sources that contradict each other."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from tests.instruments.harness import MemoryView, record_of
from tests.instruments.region.desk import NOON, Desk, all_three, incident, lasting, source

from laurel.core.errors import BadField, Nothing, NotPermitted
from laurel.core.instrument import Desk as NodeDesk
from laurel.core.label import Classification, Label
from laurel.core.record import Draft, Record
from laurel.instruments.consult.records import REQUESTED, ConsultationRequest, Source
from laurel.instruments.consult.words import Ground, Level
from laurel.instruments.region import INSTRUMENT
from laurel.instruments.region.checks import BadOutline, TooWide
from laurel.instruments.region.disputed import BadCharter, near, region_charter
from laurel.instruments.region.filing import (
    AmendIncidentAsk,
    AssessIncidentAsk,
    ImportPastAsk,
    ReportIncidentAsk,
    report,
)
from laurel.instruments.region.incidents import IncidentAsk, IncidentsAsk, answer_incident, answer_incidents
from laurel.instruments.region.records import (
    Confidence,
    Corner,
    Count,
    DatasetLine,
    Disputed,
    Graded,
    Incident,
    IncidentAmended,
    IncidentAssessed,
    NamedBy,
    Place,
    Severity,
    Spot,
    Stated,
)
from laurel.instruments.region.reports import ReportsAsk, answer_reports
from laurel.instruments.region.years import YearsAsk, answer_years
from laurel.node.rehearsal import WORLD


def assess(desk: Desk, member: str, of: str, severity: Severity, **changes: Any) -> None:
    ask = AssessIncidentAsk(of, severity, Confidence.MODERATE, "en", f"{member} thinks so.", all_three())
    desk.ask(member, "assess-incident", structs.replace(ask, **changes), NOON + timedelta(minutes=1))


def test_each_members_assessment_stands_beside_the_others_and_its_last_one_holds(desk: Desk) -> None:
    of = desk.report("JPN", incident())
    assess(desk, "KOR", of, Severity.GRAVE, text="엄중한 도발이다.", language="ko", attribution="북한")
    assess(desk, "USA", of, Severity.MINOR)
    assess(desk, "USA", of, Severity.SERIOUS, place="Sea east of the peninsula")
    found = desk.whole("JPN", of)
    assert [(one.member, one.severity, one.revised) for one in found.assessments] == [
        ("KOR", Severity.GRAVE, 0),
        ("USA", Severity.SERIOUS, 1),
    ]
    assert found.assessments[0].attribution == "북한"
    assert found.incident.gravest is Severity.GRAVE
    assert [one.word for one in found.confidences] == list(Confidence)
    assert [one.word for one in found.severities] == list(Severity)


def test_only_its_member_amends_an_incident_and_the_words_before_are_kept(desk: Desk) -> None:
    of = desk.report("JPN", incident())
    with pytest.raises(NotPermitted, match="assess it"):
        desk.ask("KOR", "amend-incident", AmendIncidentAsk(of, incident("Ours now"), "no"))
    desk.ask("JPN", "amend-incident", AmendIncidentAsk(of, incident("Two missiles fell"), "a second was found"))
    found = desk.whole("KOR", of)
    assert (found.incident.id, found.incident.title, found.incident.amended) == (of, "Two missiles fell", 1)
    assert [one.reason for one in found.amendments] == ["a second was found"]
    listed = desk.look("KOR", "incidents", IncidentsAsk())
    assert [one.title for one in listed.incidents] == ["Two missiles fell"]


def test_sources_that_contradict_each_other_are_said_so_and_nothing_is_averaged(desk: Desk) -> None:
    first = desk.file(
        "JPN", source(publisher="One", stated=Stated(lasting(-4.0), Spot(39.0, 133.0), outcome="success"))
    )
    two = (Count("missiles", 2, 2), Count("casualties", 0))
    second = desk.file(
        "KOR",
        source(publisher="Two", grade="C3", stated=Stated(lasting(-9.0), Spot(41.0, 133.0, 50e3), two, "failure")),
    )
    third = desk.file(
        "USA", source(publisher="Three", stated=Stated(counts=(Count("missiles", 3), Count("casualties", 4))))
    )
    of = desk.report("JPN", incident(reports=(first, second, third)))
    found = desk.whole("JPN", of)
    said = {(one.fact, one.first.said_by, one.second.said_by) for one in found.contradictions}
    assert said == {
        ("when", "JPN itself", "Two"),
        ("where", "JPN itself", "Two"),
        ("when", "One", "Two"),
        ("where", "One", "Two"),
        ("outcome", "One", "Two"),
        ("count", "Two", "Three"),
    }
    by_fact = {one.fact: one.words for one in found.contradictions}
    assert by_fact["outcome"] == "One (B2) says success; Two (C3) says failure."
    assert by_fact["count"] == "Two (C3) says 2 missiles; Three (B2) says at least 3 missiles."
    assert "222 km away" in by_fact["where"]
    assert found.incident.contradictions == 6
    assert found.incident.when == lasting(-4.0)


def test_sources_that_agree_or_do_not_say_contradict_nothing(desk: Desk) -> None:
    first = desk.file("JPN", source(stated=Stated(lasting(-4.0), Spot(39.001, 133.0), (Count("missiles", 2),))))
    second = desk.file("JPN", source(stated=Stated(lasting(-3.5), None, (Count("missiles", 2, 3),))))
    of = desk.report("JPN", incident(reports=(first, second)))
    assert desk.whole("JPN", of).contradictions == ()


def test_a_source_that_is_not_here_is_named(desk: Desk) -> None:
    both = Label(Classification.RESTRICTED, ("JPN", "KOR"))
    secret = desk.file("JPN", source(), both)
    with pytest.raises(TooWide):
        desk.report("JPN", incident(reports=(secret,)))
    of = desk.report("JPN", incident(reports=(secret,)), both)
    assert [one.id for one in desk.whole("KOR", of).sources] == [secret]
    with pytest.raises(Nothing):
        desk.whole("USA", of)
    with pytest.raises(Nothing):
        desk.report("JPN", incident(reports=("f" * 64,)))


def test_a_report_lists_the_incidents_that_rest_on_it_as_they_are_said_now(desk: Desk) -> None:
    read = desk.file("JPN", source())
    of = desk.report("JPN", incident(reports=(read,)))
    assert desk.look("KOR", "reports", ReportsAsk()).reports[0].incidents == (of,)
    desk.ask("JPN", "amend-incident", AmendIncidentAsk(of, incident(), "it was about another"))
    assert desk.look("KOR", "reports", ReportsAsk()).reports[0].incidents == ()


def test_incidents_are_found_by_time_area_type_and_words(desk: Desk) -> None:
    early = desk.report("JPN", incident("Shells at the border", type="artillery", when=lasting(-100.0), where=None))
    across = Place("Aleutians", "en", outline=(Corner(50.0, 179.0), Corner(50.0, -179.0), Corner(52.0, 180.0)))
    bering = desk.report("USA", incident("Aircraft in the zone", type="airspace", when=lasting(-50.0), where=across))
    sea = desk.report("KOR", incident("동해상 발사", language="ko", when=lasting(-4.0)))

    def found(**ask: Any) -> list[str]:
        return [one.id for one in desk.look("USA", "incidents", IncidentsAsk(**ask)).incidents]

    assert found() == [sea, bering, early]
    assert found(since=NOON - timedelta(hours=60)) == [sea, bering]
    assert found(until=NOON - timedelta(hours=60)) == [early]
    assert found(type="airspace") == [bering]
    assert found(words="동해상") == [sea]
    assert found(south=35.0, west=130.0, north=45.0, east=135.0) == [sea]
    assert found(south=45.0, west=170.0, north=55.0, east=-170.0) == [bering]
    assert found(south=45.0, west=-179.5, north=55.0, east=-170.0) == [bering]
    assert found(south=-10.0, west=-180.0, north=90.0, east=180.0) == [sea, bering]
    assert desk.look("USA", "incidents", IncidentsAsk(most=2)).more
    with pytest.raises(BadField):
        found(south=1.0)


def test_what_an_officer_mistypes_is_refused_with_what_to_do(desk: Desk) -> None:
    with pytest.raises(BadField, match="missile-launch, artillery"):
        desk.report("JPN", incident(type="misile"))
    with pytest.raises(BadField, match="not before"):
        desk.report("JPN", incident(when=lasting(-1.0, -2.0)))
    with pytest.raises(BadField, match="not after"):
        desk.report("JPN", incident(when=lasting(2.0)))
    bow = (Corner(0.0, 0.0), Corner(1.0, 1.0), Corner(1.0, 0.0), Corner(0.0, 1.0))
    with pytest.raises(BadOutline, match="edges=1-2 and 3-4"):
        desk.report("JPN", incident(where=Place("Here", "en", outline=bow)))
    with pytest.raises(BadOutline, match="pole"):
        desk.report(
            "JPN", incident(where=Place("Ice", "en", outline=(Corner(80, 0), Corner(80, 120), Corner(80, -120))))
        )
    with pytest.raises(BadOutline, match="twice"):
        desk.report("JPN", incident(where=Place("Here", "en", outline=(*bow[:3], bow[0]))))


# Areas in dispute

TWO_NAMES: dict[str, Any] = {
    "area": "an-island",
    "lat_deg": 37.24,
    "lon_deg": 131.87,
    "within_km": 40.0,
    "names": [
        {"claimant": "KOR", "language": "ko", "name": "독도"},
        {"claimant": "JPN", "language": "ja", "name": "竹島"},
    ],
    "source": "as each publishes it",
}
CHARTER = {"region": {"disputed": [TWO_NAMES], "types": ["balloon"]}}


def test_an_incident_near_a_disputed_area_names_every_claimant_whatever_its_author_wrote() -> None:
    at_sea = Place("Here", "en", Spot(37.5, 131.9, 1e3))
    desk = NodeDesk(WORLD, "USA", "officer:a", NOON, ("JPN", "KOR", "USA"), charter=CHARTER)
    third = NamedBy("USA", "en", "Liancourt Rocks")
    given = incident(where=at_sea, disputed=(Disputed("an-island", (third, third)),))
    view = MemoryView(INSTRUMENT, "USA")
    [draft] = report(ReportIncidentAsk(given, all_three()), view, desk)
    view.close()
    assert isinstance(draft.body, Incident)
    [area] = draft.body.disputed
    assert [(one.claimant, one.name) for one in area.names[:2]] == [("JPN", "竹島"), ("KOR", "독도")]
    assert third in area.names
    areas = region_charter(CHARTER).disputed
    assert near(Place("Far", "en", Spot(35.0, 129.0)), areas) == ()
    around = (Corner(37.0, 131.0), Corner(37.0, 133.0), Corner(38.0, 133.0), Corner(38.0, 131.0))
    assert [one.area for one in near(Place("All of it", "en", outline=around), areas)] == ["an-island"]
    assert near(Place("Nowhere", "en"), areas) == ()


def test_the_camp_david_file_names_every_claimant_of_what_its_members_dispute() -> None:
    text = (Path(__file__).parents[3] / "compacts" / "camp-david.toml").read_text(encoding="utf-8")
    areas = region_charter(tomllib.loads(text)["charter"]).disputed
    [rocks] = near(Place("At sea", "en", Spot(37.2, 131.8, 1e3)), areas)
    assert {one.claimant for one in rocks.names} >= {"JPN", "KOR"}
    assert {one.language for one in rocks.names} >= {"ja", "ko"}


def test_a_compacts_file_may_add_sorts_of_incident_and_a_mistake_in_it_is_named(desk: Desk) -> None:
    del desk
    assert region_charter(CHARTER).types == ("balloon",)
    with pytest.raises(BadCharter, match="names"):
        region_charter({"region": {"disputed": [{**TWO_NAMES, "names": TWO_NAMES["names"][:1]}]}})


# Consulted over


def test_a_recent_incident_stands_on_the_docket_and_an_old_one_does_not(desk: Desk) -> None:
    of = desk.report("JPN", incident())
    desk.report("JPN", incident("Long ago", when=lasting(-24 * 30.0)))
    assess(desk, "KOR", of, Severity.SERIOUS)
    [item] = desk.nodes.of["USA"].view.docket(NOON)
    assert (item.subject, item.state, item.records) == (of, "serious", (of,))
    assert "The sea" in item.summary
    assert "KOR: serious" in item.summary
    desk.ask("JPN", "amend-incident", AmendIncidentAsk(of, incident("Put right"), "a mistake"))
    [item] = desk.nodes.of["USA"].view.docket(NOON)
    assert item.title == "Incident: Put right"
    assert len(item.records) == 2
    assert desk.nodes.of["USA"].view.docket(NOON + timedelta(days=20)) == []


def test_a_consultation_over_an_incident_is_linked_to_it(desk: Desk) -> None:
    of = desk.report("JPN", incident())
    cited = Source(of, "region.incident.v1", "JPN", NOON, "A missile fell into the sea")
    body = ConsultationRequest(
        "The missile", Ground.PROVOCATION, Level.ADVISER, "en", "We ask.", ("JPN", "KOR", "USA"), 3_600, (), (cited,)
    )
    record = Record(
        kind=REQUESTED.name,
        compact="camp-david",
        exercise=None,
        origin="KOR",
        author="officer:kim",
        at=NOON,
        label=all_three(),
        precedence=Draft(body, all_three()).precedence,
        number=9,
        prev=None,
        about=(of,),
        answers=None,
        salt=bytes(16),
        body=body,
    )
    for node in desk.nodes.of.values():
        node.view.fold("c" * 64, record)
    found = desk.whole("USA", of)
    assert [(one.id, one.member, one.subject) for one in found.consultations] == [("c" * 64, "KOR", "The missile")]
    assert found.incident.consultations == 1


# Past incidents


def past(line: str, **changes: Any) -> Incident:
    return incident(taken_from=DatasetLine("a-list", line), when=lasting(-24 * 400.0), **changes)


def test_a_published_list_is_taken_once_and_what_it_says_otherwise_later_is_amended(desk: Desk) -> None:
    first = ImportPastAsk((past("1"), past("2", outcome="failure")), all_three())
    assert len(desk.ask("JPN", "import-past", first)) == 2
    assert desk.ask("JPN", "import-past", first) == []
    later = ImportPastAsk((past("1"), past("2", outcome="success"), past("3")), all_three())
    assert len(desk.ask("JPN", "import-past", later)) == 2
    assert desk.ask("JPN", "import-past", later) == []
    [year] = desk.look("USA", "years", YearsAsk(dataset="a-list")).years
    assert (year.year, year.incidents) == (2025, 3)
    assert {one.outcome: one.incidents for one in year.outcomes} == {"": 2, "success": 1}
    assert desk.nodes.of["USA"].view.docket(NOON) == []


def test_what_two_members_took_from_one_line_counts_once(desk: Desk) -> None:
    ask = ImportPastAsk((past("1"), past("2")), all_three())
    assert len(desk.ask("JPN", "import-past", ask)) == len(desk.ask("KOR", "import-past", ask)) == 2
    desk.report("USA", incident())
    assert desk.look("USA", "years", YearsAsk()).incidents == 3
    assert desk.look("USA", "years", YearsAsk(type="cyber")).incidents == 0


def test_a_list_without_lines_or_with_one_twice_is_refused(desk: Desk) -> None:
    with pytest.raises(BadField, match="taken_from"):
        desk.ask("JPN", "import-past", ImportPastAsk((incident(),), all_three()))
    with pytest.raises(BadField, match="twice"):
        desk.ask("JPN", "import-past", ImportPastAsk((past("1"), past("1")), all_three()))


# Any order


def spoken() -> list[tuple[str, Record[Any]]]:
    """A story of three members, as their logs hold it: an incident, its sources, and what becomes of both."""
    said: list[tuple[str, Record[Any]]] = []

    def say(member: str, body: Any, minute: int) -> str:
        desk = NodeDesk(WORLD, member, "officer:a", NOON + timedelta(minutes=minute), ("JPN", "KOR", "USA"))
        said.append(record_of(INSTRUMENT, Draft(body, all_three()), desk, len(said) + 1))
        return said[-1][0]

    read = say("JPN", source(stated=Stated(outcome="failure")), 0)
    of = say("JPN", incident(reports=(read,), outcome="success"), 1)
    plain = incident()
    changed: dict[str, Any] = {name: getattr(plain, name) for name in Incident.__struct_fields__}

    def amended(title: str, reason: str) -> IncidentAmended:
        fields: dict[str, Any] = {**changed, "title": title, "amends": of, "reason": reason}
        return IncidentAmended(**fields)

    say("JPN", amended("Once more", "first"), 3)
    say("JPN", amended("Twice", "second"), 3)
    say("KOR", amended("Not ours", "no right to"), 4)
    say("KOR", IncidentAssessed(of, Severity.MINOR, Confidence.LOW, "en", "Little."), 2)
    say("KOR", IncidentAssessed(of, Severity.GRAVE, Confidence.HIGH, "en", "Much."), 2)
    say("USA", Graded(read, "D4", "en", "It erred before."), 5)
    say("USA", past("1"), 6)
    say("KOR", past("1", outcome="success"), 7)
    return said


@given(st.permutations(range(10)))
def test_any_order_of_arrival_gives_the_same_view(order: list[int]) -> None:
    story = spoken()
    shown: list[tuple[Any, ...]] = []
    for turn in (range(10), order):
        view = MemoryView(INSTRUMENT, "JPN")
        for place in turn:
            view.fold(*story[place])
        shown.append(
            (
                view.contents(),
                answer_incident(IncidentAsk(story[1][0]), view, NOON),
                answer_incidents(IncidentsAsk(), view, NOON),
                answer_reports(ReportsAsk(), view, NOON),
                answer_years(YearsAsk(), view, NOON),
                view.docket(NOON),
            )
        )
        view.close()
    assert shown[0] == shown[1]
    assert shown[0][1].incident.title == "Twice"
