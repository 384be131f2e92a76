"""What the stand-in for a node answers of the region. Every place name, outlet and text of it is invented."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from laurel.instruments.region.board_types import (
    AssessmentRow,
    Claim,
    ConsultationOver,
    Contradiction,
    GradeRow,
    IncidentRow,
    Incidents,
    IncidentWhole,
    MatchRow,
    NoticeRow,
    Notices,
    OutcomeCount,
    ReportRow,
    Reports,
    ReportWhole,
    YearCount,
    Years,
)
from laurel.instruments.region.records import (
    Confidence,
    Corner,
    DatasetLine,
    Disputed,
    Figure,
    HazardArea,
    Interval,
    LaunchClass,
    NamedBy,
    NotifiedLaunch,
    Place,
    ReadFrom,
    Severity,
    Spot,
    Stated,
)
from laurel.instruments.region.scales import CONFIDENCES, SEVERITIES
from laurel.instruments.warning.records import NoticeFit

BANNER = "RESTRICTED//REL TO USA, JPN, KOR"
LAUNCH = datetime(2022, 10, 3, 22, 22, tzinfo=UTC)


def called(name: str) -> str:
    """The id that a record of that name would have."""
    return hashlib.sha256(name.encode()).hexdigest()


INCIDENT, KOREAN, JAPANESE, NOTICE = (called(name) for name in ("incident", "report-ko", "report-ja", "notice"))
KO = (
    "이 기사는 시험을 위하여 지어낸 글입니다. 가상의 에스크 항만 사무소에 따르면 화요일 해가 뜬 직후 어부들이 서쪽에서 "
    "동쪽으로 날아가는 밝은 물체 하나를 보았습니다."
)
JA = (
    "この記事は試験のために作られたものです。架空の江須港の管理事務所によると、火曜日の日の出のすぐ後、漁師たちが"
    "西から東へ飛ぶ明るい物体を二つ見ました。"
)


def reports(now: datetime) -> Reports:
    kor = GradeRow("KOR", "B2", "usually reliable, probably true", "", "", LAUNCH + timedelta(hours=2))
    doubt = GradeRow("USA", "C3", "fairly reliable, possibly true", "en", "Reads as if copied.", kor.at)
    jpn = GradeRow("JPN", "C4", "fairly reliable, doubtful", "", "", LAUNCH + timedelta(hours=3))
    rows = (
        ReportRow(
            id=KOREAN,
            member="KOR",
            author="officer:kim",
            at=kor.at,
            title="[시험용] 에스크 해협 상공을 지나간 발사체",
            language="ko",
            excerpt=KO,
            publisher="에스크 시험 신문",
            url="https://esk.test/2022/10/04/haehyeop.html",
            published_at=LAUNCH + timedelta(minutes=43),
            retrieved_at=LAUNCH + timedelta(hours=1),
            sha256=called(KO),
            read_from=ReadFrom.ARTICLE,
            licence="",
            stated=Stated(when=Interval(LAUNCH, LAUNCH + timedelta(minutes=5)), outcome="success"),
            grades=(kor, doubt),
            incidents=(INCIDENT,),
            doubts=(),
            banner=BANNER,
        ),
        ReportRow(
            id=JAPANESE,
            member="JPN",
            author="officer:abe",
            at=jpn.at,
            title="【試験用】江須海峡の上空を飛翔体が通過",
            language="ja",
            excerpt=JA,
            publisher="江須試験新聞",
            url="",
            published_at=None,
            retrieved_at=LAUNCH + timedelta(hours=2),
            sha256=called(JA),
            read_from=ReadFrom.FEED,
            licence="",
            stated=Stated(outcome="failure"),
            grades=(jpn,),
            incidents=(INCIDENT,),
            doubts=("It does not say when it was published.",),
            banner=BANNER,
        ),
    )
    return Reports(now, rows, more=False)


def report(report_id: str, now: datetime) -> ReportWhole:
    row = next(one for one in reports(now).reports if one.id == report_id)
    return ReportWhole(now, row, KO if report_id == KOREAN else JA, whole=True, history=row.grades)


def incidents(now: datetime) -> Incidents:
    first = IncidentRow(
        id=INCIDENT,
        member="JPN",
        at=LAUNCH + timedelta(hours=3),
        type="missile-launch",
        title="Object over the strait of Esk",
        language="en",
        when=Interval(LAUNCH, LAUNCH),
        where=Place("Esk test range", "en", Spot(40.61, 126.43, 2_000.0)),
        disputed=(Disputed("orm-rocks", (NamedBy("KOR", "ko", "오름"), NamedBy("JPN", "ja", "織島"))),),
        outcome="success",
        taken_from=None,
        grades=("B2", "C4"),
        reports=2,
        assessments=2,
        gravest=Severity.SERIOUS,
        contradictions=1,
        consultations=1,
        amended=1,
        recent=True,
        banner=BANNER,
    )
    return Incidents(now, (first, *(past(nth) for nth in range(40))), more=False)


SITES = ((39.66, 124.71), (40.85, 129.67), (39.2, 125.67), (38.99, 127.62), (40.04, 128.18))


def past(nth: int) -> IncidentRow:
    begins = datetime(2022 - nth // 3, 3 + nth % 3, 1 + nth % 28, tzinfo=UTC)
    lat_deg, lon_deg = SITES[(nth * nth) % 5]
    return IncidentRow(
        id=called(f"past {nth}"),
        member="JPN",
        at=LAUNCH,
        type="missile-launch",
        title=f"Test launch {nth} of a list",
        language="en",
        when=Interval(begins, begins + timedelta(days=1)),
        where=Place(f"Test site {nth % 5}", "en", Spot(lat_deg, lon_deg)) if nth % 7 else None,
        disputed=(),
        outcome=("success", "failure", None)[nth % 3],
        taken_from=DatasetLine("test-list", f"{begins:%Y-%m-%d}-1"),
        grades=("B2",),
        reports=1,
        assessments=0,
        gravest=None,
        contradictions=0,
        consultations=0,
        amended=0,
        recent=False,
        banner=BANNER,
    )


def incident(incident_id: str, now: datetime) -> IncidentWhole:
    row = next(one for one in incidents(now).incidents if one.id == incident_id)
    if incident_id != INCIDENT:
        return IncidentWhole(
            now, row, "A line of a list.", (), (), (called("gone"),), (), (), (), (), (), SEVERITIES, CONFIDENCES
        )
    sources = reports(now).reports
    said, other = sources[0], sources[1]
    return IncidentWhole(
        at=now,
        incident=row,
        text="An object flew from west to east over the invented strait of Esk. TEST DATA.",
        figures=(Figure("apogee", 970.0, "km"), Figure("distance", 4_500.0, "km")),
        sources=sources,
        not_here=(),
        rests_on=(called("alert"),),
        assessments=(
            AssessmentRow(
                "JPN",
                Severity.SERIOUS,
                Confidence.HIGH,
                "",
                "織島沖",
                "ja",
                "試験用の評価です。飛翔体は上空を通過し、被害は確認されていません。",
                LAUNCH + timedelta(hours=4),
                1,
                BANNER,
            ),
            AssessmentRow(
                "KOR",
                Severity.MINOR,
                Confidence.MODERATE,
                "가상의 발사 주체",
                "",
                "ko",
                "시험용 평가입니다. 항로가 통지된 것과 다르지 않습니다.",
                LAUNCH + timedelta(hours=5),
                0,
                BANNER,
            ),
        ),
        contradictions=(
            Contradiction(
                "outcome",
                Claim(said.id, said.publisher, "B2", "success"),
                Claim(other.id, other.publisher, "C4", "failure"),
                f"{said.publisher} (B2) says success; {other.publisher} (C4) says failure.",
            ),
        ),
        amendments=(),
        consultations=(ConsultationOver(called("c"), "JPN", "The object over Esk", LAUNCH + timedelta(hours=6)),),
        severities=SEVERITIES,
        confidences=CONFIDENCES,
    )


def notices(now: datetime) -> Notices:
    outline = tuple(Corner(*one) for one in ((41.0, 152.0), (42.0, 157.0), (39.0, 158.0), (38.0, 153.0)))
    body = NotifiedLaunch(
        notifier="Test launch agency",
        number="TEST 7/2022",
        source="NAVAREA warning (test data)",
        grade="B2",
        vehicle=LaunchClass.SATELLITE_LAUNCH,
        windows=(
            Interval(LAUNCH - timedelta(hours=1), LAUNCH + timedelta(hours=3)),
            Interval(LAUNCH + timedelta(hours=23), LAUNCH + timedelta(hours=27)),
        ),
        site_name="Esk test range",
        site=Spot(40.61, 126.43, 20_000.0),
        language="en",
        words="TEST DATA. ROCKET LAUNCH. DANGEROUS TO NAVIGATION IN AREA BOUNDED BY THE POSITIONS BELOW.",
        areas=(HazardArea("Area A", outline),),
        direction_deg=80.0,
    )
    row = NoticeRow(
        id=NOTICE,
        member="USA",
        at=LAUNCH - timedelta(days=2),
        notice=body,
        grade_means="usually reliable, probably true",
        state="standing",
        because="",
        replaced_by=None,
        matches=(
            MatchRow(
                called("alert"),
                "JPN",
                LAUNCH + timedelta(minutes=2),
                ("JPN-1", "USA-4"),
                fit=NoticeFit.AS_NOTIFIED,
                words="Launched within the window and 8 km from the notified site, 3° from the notified direction.",
            ),
        ),
        banner=BANNER,
    )
    return Notices(now, (row,), more=False)


def years(now: datetime) -> Years:
    known = {1984: 6, 1993: 4, 1998: 1, 2006: 7, 2009: 8, 2014: 19, 2016: 24, 2017: 21, 2019: 27, 2022: 69, 2024: 41}
    rows = tuple(
        YearCount(
            year,
            n,
            (OutcomeCount("success", n - n // 4 - n // 8), OutcomeCount("failure", n // 4), OutcomeCount("", n // 8)),
        )
        for year, n in known.items()
    )
    return Years(now, sum(known.values()), rows)
