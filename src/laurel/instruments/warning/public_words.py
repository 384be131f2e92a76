"""What the public reads, from ready templates: an alert, an alert that is played, and the cancel of either.

On 13 January 2018 Hawaii's alert and its drill shared one prompt, the text said both EXERCISE and NOT A DRILL, and
no cancel was ready for 38 minutes. So a text begins with an opening that its world and its kind alone have, and
may hold no word that is kept for another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from laurel.instruments.warning.records import Alert, AlertReason, Area, CancelReason, Words

LANGUAGES = ("en", "ja", "ko")


@dataclass(frozen=True)
class Phrases:
    """One language. `live`, `drill` and `cancel` open a text; `marks` are kept for each: no other may hold them."""

    live: str
    drill: str
    cancel: str
    marks: dict[str, str]
    impact: str
    overflight: str
    shelter: str
    played: str
    soon: str
    at: str
    zone: str
    join: str
    cancelled: str
    reasons: dict[CancelReason, str]
    leave: str
    drill_over: str
    places: dict[str, str]


PHRASES = {
    "en": Phrases(
        live="MISSILE WARNING. TAKE COVER NOW.",
        drill="EXERCISE EXERCISE EXERCISE.",
        cancel="CANCELLED.",
        marks={"live": "MISSILE WARNING", "drill": "EXERCISE", "cancel": "CANCELLED"},
        impact="A missile is predicted to come down in {where} {when}.",
        overflight="A missile is predicted to pass over {where} {when}.",
        shelter="Go into a strong building or underground, away from windows, and stay there.",
        played="No missile is in flight. An alert is played for {where}, {when}. Do nothing.",
        soon="within minutes",
        at="at about {time}",
        zone="the sea around {place}",
        join=" and ",
        cancelled="The missile alert of {time} for {where} does not hold any more.",
        reasons={
            CancelReason.ERROR: "It was issued in error.",
            CancelReason.WITHDRAWN: "What it rested on was withdrawn.",
            CancelReason.OVER: "The danger has passed.",
        },
        leave="You may leave shelter.",
        drill_over="The played alert of {time} is over.",
        places={
            "AUS": "Australia",
            "GBR": "the United Kingdom",
            "IND": "India",
            "JPN": "Japan",
            "KOR": "the Republic of Korea",
            "USA": "the United States",
        },
    ),
    "ja": Phrases(
        live="ミサイル警報。ただちに避難してください。",
        drill="訓練、訓練、訓練。",
        cancel="警報解除。",
        marks={"live": "ミサイル警報", "drill": "訓練", "cancel": "解除"},
        impact="ミサイルが{when}、{where}に落下すると予測されます。",
        overflight="ミサイルが{when}、{where}の上空を通過すると予測されます。",
        shelter="頑丈な建物の中か地下に入り、窓から離れてください。",
        played="ミサイルは飛んでいません。{where}、{when}の想定です。行動は不要です。",
        soon="数分以内に",
        at="{time}ごろ",
        zone="{place}の周辺海域",
        join="と",
        cancelled="{time}に{where}に出したミサイルの知らせは、取り消します。",
        reasons={
            CancelReason.ERROR: "誤って出されたものです。",
            CancelReason.WITHDRAWN: "根拠となった予測が取り下げられました。",
            CancelReason.OVER: "危険は去りました。",
        },
        leave="避難をやめて構いません。",
        drill_over="{time}の想定を終わります。",
        places={
            "AUS": "オーストラリア",
            "GBR": "英国",
            "IND": "インド",
            "JPN": "日本",
            "KOR": "韓国",
            "USA": "米国",
        },
    ),
    "ko": Phrases(
        live="미사일 경보. 즉시 대피하십시오.",
        drill="훈련, 훈련, 훈련.",
        cancel="경보 해제.",
        marks={"live": "미사일 경보", "drill": "훈련", "cancel": "해제"},
        impact="미사일이 {when} {where}에 떨어질 것으로 예측됩니다.",
        overflight="미사일이 {when} {where} 상공을 통과할 것으로 예측됩니다.",
        shelter="튼튼한 건물이나 지하로 들어가 창문에서 떨어져 계십시오.",
        played="비행 중인 미사일은 없습니다. {where}, {when} 상황을 가정합니다. 아무 행동도 필요하지 않습니다.",
        soon="몇 분 안에",
        at="{time}경",
        zone="{place} 주변 해역",
        join=" 및 ",
        cancelled="{time}에 {where}에 보낸 미사일 알림은 더 이상 유효하지 않습니다.",
        reasons={
            CancelReason.ERROR: "잘못 보낸 것입니다.",
            CancelReason.WITHDRAWN: "근거가 된 예측이 철회되었습니다.",
            CancelReason.OVER: "위험이 지나갔습니다.",
        },
        leave="대피를 마쳐도 됩니다.",
        drill_over="{time} 가정 상황을 마칩니다.",
        places={
            "AUS": "호주",
            "GBR": "영국",
            "IND": "인도",
            "JPN": "일본",
            "KOR": "대한민국",
            "USA": "미국",
        },
    ),
}

ZONES = {"JPN": ("JST", timedelta(hours=9)), "KOR": ("KST", timedelta(hours=9))}
"""Members with one time of day, all the year."""


def alert_words(alert: Alert, areas: Sequence[Area], exercise: str | None) -> tuple[Words, ...]:
    """The ready text of an alert for these areas, in every language: what comes, where, when, what to do."""
    return tuple(Words(language, _alert(PHRASES[language], alert, areas, exercise)) for language in LANGUAGES)


def _alert(say: Phrases, alert: Alert, areas: Sequence[Area], exercise: str | None) -> str:
    lands = alert.reason is AlertReason.IMPACT and alert.impact_at is not None
    when = say.at.format(time=_time(alert.impact_at, areas)) if lands and alert.impact_at else say.soon
    facts = {"where": _where(say, areas), "when": when}
    if exercise is not None:
        return f"{say.drill} {say.played.format(**facts)}"
    comes = say.impact if alert.reason is AlertReason.IMPACT else say.overflight
    return f"{say.live} {comes.format(**facts)} {say.shelter}"


def cancel_words(
    areas: Sequence[Area], issued_at: datetime, reason: CancelReason, exercise: str | None
) -> tuple[Words, ...]:
    """The ready text of a cancel, in every language: which alert, why, what to do."""
    return tuple(
        Words(language, _cancel(PHRASES[language], areas, issued_at, reason, exercise)) for language in LANGUAGES
    )


def _cancel(
    say: Phrases, areas: Sequence[Area], issued_at: datetime, reason: CancelReason, exercise: str | None
) -> str:
    time = _time(issued_at, areas)
    if exercise is not None:
        return f"{say.drill} {say.cancel} {say.drill_over.format(time=time)}"
    told = say.cancelled.format(time=time, where=_where(say, areas))
    return f"{say.cancel} {told} {say.reasons[reason]} {say.leave}"


def wrong_words(words: Sequence[Words], exercise: str | None) -> str | None:
    """Why these may not stand in an alert of this world; None when they may."""
    if tuple(one.language for one in words) != LANGUAGES:
        return f"one text for each of {', '.join(LANGUAGES)}, in this order"
    for one in words:
        say = PHRASES[one.language]
        opening, kept = (say.live, ("drill", "cancel")) if exercise is None else (say.drill, ("live", "cancel"))
        if not one.text.startswith(opening):
            return f"a text ({one.language}) that begins with: {opening}"
        strange = [say.marks[name] for name in kept if say.marks[name].casefold() in one.text.casefold()]
        if strange:
            return f"a text ({one.language}) without {', '.join(strange)}: that is said elsewhere"
    return None


def _where(say: Phrases, areas: Sequence[Area]) -> str:
    """Land alone where there is land: who shelters there needs not be told of the sea around it."""
    lands = sorted({one.member for one in areas if one.extent == "territory"})
    seas = sorted({one.member for one in areas} - set(lands))
    names = [say.places.get(code, code) for code in lands]
    names += [say.zone.format(place=say.places.get(code, code)) for code in seas]
    return say.join.join(names)


def _time(at: datetime | None, areas: Sequence[Area]) -> str:
    """`07:44 JST (22:44 UTC)`, or UTC alone where the clocks of a country differ."""
    if at is None:
        return ""
    zones = {ZONES.get(one.member) for one in areas}
    zone = zones.pop() if len(zones) == 1 else None
    return f"{at:%H:%M} UTC" if zone is None else f"{at + zone[1]:%H:%M} {zone[0]} ({at:%H:%M} UTC)"
