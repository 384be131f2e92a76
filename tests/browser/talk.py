"""What the hotline and consultations show in some scenes, for looking at the console without a node. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from tests.browser.flight import BANNER

from laurel.core.record import Precedence
from laurel.instruments.consult import course_types as course
from laurel.instruments.consult.records import Convening, Edit, Part, Source, Version
from laurel.instruments.consult.words import (
    Activity,
    Field,
    Ground,
    Level,
    Means,
    Position,
    Purpose,
    RemarkKind,
)
from laurel.instruments.hotline.board_types import (
    AttachmentRow,
    Board,
    CallRow,
    CheckRow,
    Conversation,
    ConversationRow,
    LineRow,
    Lines,
    LineSpan,
    LineState,
    MessageRow,
    Reach,
    Reached,
    ReadbackState,
    TranslationRow,
)

FLASH, MINE, CALL = "f1" * 32, "a2" * 32, "b3" * 32
CONVERSATION = FLASH
CONSULTATION, OPTION, TEXT, BEFORE = "c5" * 32, "d6" * 32, "e7" * 32, "e8" * 32
CHECK = "9c" * 32
CHECKED = "The harbour lights are lit. Counterword: dawn\n港の灯がともる。合言葉: 暁\n항구의 등이 켜진다. 암호: 새벽"
MEMBERS = ("JPN", "KOR", "USA")
SUBJECT = "Missile over Tohoku"
ROUND = "round 2 of the joint response"
ROOMS = frozenset({"talk", "provisional", "adopted"})
"""The scenes in which there is more than nothing to see."""


def said(scene: str, now: datetime) -> dict[str, object]:
    """Answers of the live queries of the hotline and of consultations, by their names."""
    if scene not in ROOMS:
        return {"board": Board(now, (), ()), "consultations": course.Consultations(now, ())}
    return {
        "board": _board(scene, now),
        "lines": _lines(now),
        "consultations": course.Consultations(now, (_row(scene, now),)),
    }


# Hotline


def _board(scene: str, now: datetime) -> Board:
    calls = (_call(now),) if scene == "talk" else ()
    row = ConversationRow(
        id=CONVERSATION,
        subject=SUBJECT,
        banner=BANNER,
        members=MEMBERS,
        precedence=Precedence.FLASH,
        opened_by="USA",
        opened_at=now - timedelta(minutes=4),
        last_at=now - timedelta(seconds=50),
        last_member="KOR",
        last_text="동북 지역 상공 통과를 확인했습니다.",
        last_language="ko",
        messages=3,
        waits_for=("USA",),
        unacknowledged=len(calls),
    )
    return Board(now, calls, (row,))


def _call(now: datetime) -> CallRow:
    return CallRow(
        message=CALL,
        conversation=CONVERSATION,
        subject=SUBJECT,
        member="KOR",
        at=now - timedelta(seconds=52),
        since=now - timedelta(seconds=50),
        precedence=Precedence.FLASH,
        language="ko",
        text="동북 지역 상공 통과를 확인했습니다. 귀측의 관측과 일치하는지 회답 바랍니다.",
        readback=True,
        called=("Duty officer",),
        next_office="Principal",
        next_at=now + timedelta(seconds=70),
        failed=("pager",),
    )


def _reach(
    member: str,
    reached: Reached,
    since: datetime,
    office: str | None = None,
    readback: ReadbackState | None = None,
    text: str | None = None,
) -> Reach:
    acknowledgement = "ac" * 32 if reached is Reached.ACKNOWLEDGED else None
    return Reach(member, reached, since, office, readback, text, acknowledgement)


def conversation(now: datetime) -> Conversation:
    """Another's message, translated; our own, read back, with files; one that still calls."""

    def ago(seconds: int) -> datetime:
        return now - timedelta(seconds=seconds)

    first = MessageRow(
        id=FLASH,
        conversation=CONVERSATION,
        member="USA",
        author="officer:hill",
        at=ago(240),
        precedence=Precedence.FLASH,
        banner=BANNER,
        language="en",
        text="We hold a track over Tohoku. Do you hold it too?",
        answers=None,
        about=("5e" * 32,),
        readback=False,
        reach=(
            _reach("JPN", Reached.ANSWERED, ago(150)),
            _reach("KOR", Reached.ACKNOWLEDGED, ago(200), "Crisis room, Seoul"),
        ),
        translations=(
            _translation(
                "71", "ja", "東北上空に航跡を保持している。貴方も保持しているか。", "house engine", engine=True
            ),
            _translation("72", "ko", "동북 상공의 항적을 추적 중. 귀측도 추적 중인가?", "Han", reviewer="Yoon"),
        ),
        attachments=(),
        minutes_of=None,
    )
    ours = MessageRow(
        id=MINE,
        conversation=CONVERSATION,
        member="JPN",
        author="officer:abe",
        at=ago(150),
        precedence=Precedence.FLASH,
        banner=BANNER,
        language="ja",
        text="我が国も航跡を保持している。上空通過は二十二時二十九分の見込み。迎撃の意図はない。",
        answers=FLASH,
        about=(),
        readback=True,
        reach=(
            _reach("KOR", Reached.SHOWN, ago(120), readback=ReadbackState.AWAITED),
            _reach(
                "USA",
                Reached.ACKNOWLEDGED,
                ago(90),
                "Situation room",
                ReadbackState.GIVEN,
                "You hold it as well, it passes over at 22:29, and you do not intend to intercept.",
            ),
        ),
        translations=(
            _translation(
                "73",
                "en",
                "We hold the track as well. Overflight is expected at 22:29. We do not intend to intercept.",
                "Mori",
            ),
        ),
        attachments=(
            AttachmentRow("f0" * 32, "track-plot.pdf", "application/pdf", 1_204_331, 10, 10, whole=True),
            AttachmentRow("f2" * 32, "radar.bin", "application/octet-stream", 4_000_000, 31, 12, whole=None),
        ),
        minutes_of=None,
    )
    called = _call(now)
    theirs = MessageRow(
        id=CALL,
        conversation=CONVERSATION,
        member="KOR",
        author="officer:kim",
        at=called.at,
        precedence=Precedence.FLASH,
        banner=BANNER,
        language=called.language,
        text=called.text,
        answers=MINE,
        about=(),
        readback=True,
        reach=(
            _reach("JPN", Reached.DELIVERED, called.since, readback=ReadbackState.AWAITED),
            Reach("USA", Reached.SENT, None, None, ReadbackState.AWAITED, None, None),
        ),
        translations=(),
        attachments=(),
        minutes_of=None,
    )
    return Conversation(CONVERSATION, SUBJECT, BANNER, MEMBERS, (first, ours, theirs), earlier=0)


def _translation(
    name: str, language: str, text: str, translator: str, *, engine: bool = False, reviewer: str | None = None
) -> TranslationRow:
    return TranslationRow(name * 32, "JPN", language, text, translator, engine, reviewer is None, reviewer)


def _lines(now: datetime) -> Lines:
    hour, since = now - timedelta(hours=1), now - timedelta(minutes=12)

    def check(slot: int, by: str, at: datetime, answered_s: float | None, *, ours: bool = False) -> CheckRow:
        text = CHECKED if ours else None
        office = None if answered_s is None else "Crisis room, Seoul"
        return CheckRow(CHECK if ours else None, slot, by, at, text, None if ours else 0.21, answered_s, office, ours)

    korea = LineRow(
        member="KOR",
        state=LineState.UNANSWERED,
        since=since,
        alarm=True,
        via="",
        every_s=3_600,
        next_at=now + timedelta(minutes=33),
        worst_delay_s=1.4,
        history=(LineSpan(LineState.UNANSWERED, since, None), LineSpan(LineState.HEALTHY, hour, since)),
        checks=(check(9, "JPN", since, None), check(8, "KOR", hour, 44.0)),
    )
    america = LineRow(
        member="USA",
        state=LineState.HEALTHY,
        since=hour,
        alarm=False,
        via="",
        every_s=3_600,
        next_at=now + timedelta(minutes=33),
        worst_delay_s=0.4,
        history=(LineSpan(LineState.HEALTHY, hour, None),),
        checks=(check(9, "USA", now - timedelta(seconds=40), None, ours=True), check(8, "JPN", hour, 31.0)),
    )
    return Lines(now, (korea, america))


# Consultations


def _row(scene: str, now: datetime) -> course.ConsultationRow:
    text = _text(scene, now)
    waits = ", ".join(text.waits_for)
    silence = f"Our silence on {ROUND} is assent at {text.deadline:%d %b %H:%M} UTC"
    state = "adopted" if scene == "adopted" else f"{ROUND} provisional, waiting for {waits}"
    if scene == "talk":
        state = f"{ROUND} open until {text.deadline:%d %b %H:%M} UTC"
    return course.ConsultationRow(
        id=CONSULTATION,
        subject="Missile launched at 22:22:00 UTC: overflight of Japan",
        member="JPN",
        members=MEMBERS,
        ground=Ground.PROVOCATION,
        level=Level.ADVISER,
        banner=BANNER,
        at=now - timedelta(hours=2),
        stage=course.Stage.ADOPTED if scene == "adopted" else course.Stage.TEXT,
        state=state,
        waits_for=text.waits_for,
        waits_for_us=silence if scene == "talk" else None,
        due=None if scene == "adopted" else text.deadline,
    )


def consultation(scene: str, now: datetime) -> course.Consultation:
    """One with a caveat, a broken round and a text that waits, or is adopted."""

    def ago(minutes: int) -> datetime:
        return now - timedelta(minutes=minutes)

    def response(member: str, office: str, seconds: float, at: datetime) -> course.ResponseRow:
        return course.ResponseRow(member, office, "en", "We will take part.", 0, at, seconds, overdue=False)

    adopted = scene == "adopted"
    return course.Consultation(
        row=_row(scene, now),
        language="ja",
        opinion="我が国は、次の事案が我々の共通の利益と安全保障に影響を及ぼすものと考え、協議を求める。",
        sources=(
            Source(
                "5e" * 32,
                "warning.alert.v1",
                "JPN",
                ago(130),
                "A missile is predicted to pass over the territory of JPN.",
            ),
        ),
        convening=(Convening(Means.VIDEO, ago(90), "secure conference 4"),),
        convened=Convening(Means.VIDEO, ago(90), "secure conference 4"),
        responses=(
            response("KOR", "National Security Office", 212.4, ago(116)),
            response("USA", "National Security Council", 95.0, ago(118)),
        ),
        assessments=(
            course.AssessmentRow("JPN", "ja", "発射は一発。上空通過を確認。", ago(80)),
            course.AssessmentRow("USA", "en", "One missile of intermediate range. No damage.", ago(75)),
        ),
        options=(_option(now),),
        texts=(_broken(now), _text(scene, now)),
        actions=(
            course.ActionRow("ab" * 32, "USA", "State, press office", "Issue the statement at 14:00", ago(-60), OPTION),
        )
        if adopted
        else (),
        statement=course.StatementRow(TEXT, "ad" * 32, ("JPN",), ("KOR", "USA")) if adopted else None,
        departed=(),
        closed_by=(),
    )


def _option(now: datetime) -> course.OptionRow:
    caveat = course.ForbiddenRow(
        member="JPN",
        of_member="JPN",
        caveat="jpn-collective-defence",
        title="Use of force beyond self-defence",
        source="Constitution of Japan, Article 9 (illustration)",
        activities=(Activity.MISSILE_DEFENCE,),
        consent_lifts=False,
        open_activities=(Activity.LOGISTICAL_SUPPORT, Activity.SURVEILLANCE),
    )
    return course.OptionRow(
        id=OPTION,
        member="USA",
        title="Combined missile defence watch in the Sea of Japan",
        field=Field.DEFENSIVE,
        language="en",
        text="Ships of all three share one watch for a week.",
        parts=(
            Part("JPN", (Activity.MISSILE_DEFENCE,), ("high-seas",), "Maritime Staff"),
            Part("KOR", (Activity.SURVEILLANCE,), ("KOR",), "Joint Chiefs"),
            Part("USA", (Activity.MISSILE_DEFENCE, Activity.SURVEILLANCE), ("high-seas",), "Seventh Fleet"),
        ),
        begins_at=now + timedelta(days=1),
        at=now - timedelta(minutes=70),
        available_to=("KOR", "USA"),
        forbidden=(caveat,),
        stances=(course.StanceRow("KOR", Position.ACCEPTS, "ko", "감시에 한하여 동의.", now - timedelta(minutes=60)),),
        instead=None,
        replaced_by=None,
    )


CLAUSES = (
    Version("en", "Each member keeps the freedom to take all appropriate actions."),
    Version("ja", "各国は、あらゆる適切な行動をとる自由を保持する。"),
    Version("ko", "각국은 모든 적절한 조치를 취할 자유를 보유한다."),
)
WORDS = {
    "en": "We condemn the launch of 4 October, which passed over Japan without notice.",
    "ja": "我々は、予告なく日本上空を通過した十月四日の発射を非難する。",
    "ko": "우리는 예고 없이 일본 상공을 통과한 10월 4일의 발사를 규탄한다.",
}


def _vote(member: str, vote: course.VoteKind | None, at: datetime | None, **carried: datetime) -> course.VoteRow:
    shown = ("National Security Secretariat",) if vote is not None else ()
    return course.VoteRow(member, vote, at, None, carried.get("held_at"), shown, "", None, ())


def _broken(now: datetime) -> course.TextRow:
    """The first round, which another member asked to change."""
    at = now - timedelta(minutes=50)
    first = tuple(Version(code, text.replace(" without notice", "")) for code, text in WORDS.items())
    edit = Edit("en", "over Japan", "over Japan without notice")
    votes = (
        _vote("JPN", course.VoteKind.PROPOSED, at, held_at=at),
        course.VoteRow(
            "KOR", course.VoteKind.AMENDED, at, "ee" * 32, at, ("Crisis room",), "It had no notice.", "en", (edit,)
        ),
        _vote("USA", None, None, held_at=at),
    )
    return _joint(BEFORE, 1, first, at, now - timedelta(minutes=35), course.TextState.BROKEN, (), votes)


def _text(scene: str, now: datetime) -> course.TextRow:
    at, ahead = now - timedelta(minutes=30), timedelta(minutes=12)
    adopted, open_ = scene == "adopted", scene == "talk"
    state = course.TextState.ADOPTED if adopted else course.TextState.PROVISIONAL
    deadline = now + ahead if open_ else now - timedelta(minutes=3)
    voted = now - timedelta(minutes=1)
    korea = _vote("KOR", course.VoteKind.AGREED, voted, held_at=at) if adopted else _vote("KOR", None, None, held_at=at)
    silent = None if open_ else course.VoteKind.SILENT
    votes = (
        _vote("JPN", silent, None if open_ else deadline, held_at=at),
        korea,
        _vote("USA", course.VoteKind.PROPOSED, at, held_at=at),
    )
    return _joint(
        TEXT,
        2,
        tuple(Version(code, text) for code, text in WORDS.items()),
        at,
        deadline,
        course.TextState.OPEN if open_ else state,
        () if adopted else ("JPN", "KOR") if open_ else ("KOR",),
        votes,
    )


def _joint(
    name: str,
    number: int,
    versions: tuple[Version, ...],
    at: datetime,
    deadline: datetime,
    state: course.TextState,
    waits_for: tuple[str, ...],
    votes: tuple[course.VoteRow, ...],
) -> course.TextRow:
    words = "国会の承認を要する措置は留保する。"
    remarks = (course.RemarkRow("JPN", RemarkKind.RESERVATION, "ja", words, at),) if number > 1 else ()
    return course.TextRow(
        id=name,
        member="USA" if number > 1 else "JPN",
        purpose=Purpose.RESPONSE,
        round=number,
        versions=versions,
        clauses=CLAUSES,
        options=(OPTION,),
        text_hash="ad31c0de" * 8,
        deadline=deadline,
        at=at,
        amends=BEFORE if number > 1 else None,
        reason="",
        state=state,
        waits_for=waits_for,
        votes=votes,
        remarks=remarks,
        stances=(),
    )


def ready(now: datetime) -> Mapping[str, object]:
    """A request, filled in from an alert."""
    whole = consultation("talk", now)
    return {
        "subject": "A missile is predicted to pass over the territory of JPN.",
        "ground": Ground.PROVOCATION,
        "level": Level.ADVISER,
        "language": "en",
        "opinion": "In our opinion the following affects our collective interests and security.",
        "label": {"classification": "SECRET", "rel_to": MEMBERS, "caveats": ()},
        "respond_within_s": 1_800,
        "convening": whole.convening,
        "sources": whole.sources,
    }
