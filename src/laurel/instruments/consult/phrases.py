"""The phrases of which a first draft is made, in three languages. People edit what is made of them.

They stand beside what members wrote in their own words, which is quoted as it is and never translated here. Sentences
are made so that no name changes the words around it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from laurel.instruments.consult.words import Activity, Field, Ground


@dataclass(frozen=True)
class Phrases:
    """One language. `{}` stands for what is filled in."""

    language: str
    countries: Mapping[str, str]
    grounds: Mapping[Ground, str]
    fields: Mapping[Field, str]
    activities: Mapping[Activity, str]
    languages: Mapping[str, str]
    date: str
    comma: str
    last: str
    quote: str
    original: str
    consulted: str
    requested: str
    matter: str
    facts: str
    assessed: str
    own: str
    assessment: str
    response: str
    option: str
    part: str
    nothing: str

    def day(self, at: datetime) -> str:
        """A date, of the year, the month and the day in UTC."""
        return self.date.format(y=at.year, m=at.month, d=at.day, month=MONTHS[at.month - 1])

    def country(self, code: str) -> str:
        """A member's name; its code where we have none."""
        return self.countries.get(code, code)

    def all_of(self, codes: Sequence[str]) -> str:
        """Members, one after the other."""
        names = [self.country(code) for code in codes]
        return names[0] if len(names) == 1 else self.comma.join(names[:-1]) + self.last + names[-1]

    def quoted(self, text: str, language: str) -> str:
        """What somebody wrote, as it is; and in what, where that is another language."""
        said = self.quote.format(text)
        if language == self.language:
            return said
        return said + self.original.format(self.languages.get(language, language))


MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

ENGLISH = Phrases(
    language="en",
    countries={
        "AUS": "Australia",
        "GBR": "the United Kingdom",
        "IND": "India",
        "JPN": "Japan",
        "KOR": "the Republic of Korea",
        "USA": "the United States of America",
    },
    grounds={Ground.CHALLENGE: "challenge", Ground.PROVOCATION: "provocation", Ground.THREAT: "threat"},
    fields={one: one.value.capitalize() for one in Field},
    activities={one: one.value.replace("-", " ") for one in Activity},
    languages={"en": "English", "ja": "Japanese", "ko": "Korean"},
    date="{d} {month} {y}",
    comma=", ",
    last=" and ",
    quote="“{}”",
    original=" [original in {}]",
    consulted="{} (hereinafter “the participating countries”) have consulted, following the request below.",
    requested="Requested by: {}, on {}",
    matter="Matter ({}): {}",
    facts="Reported:",
    assessed="Assessments of the participating countries:",
    own="- {}: {}",
    assessment="Common assessment:",
    response="The participating countries respond together as follows:",
    option="- {}: {} (from {})",
    part="  - {}: {}",
    nothing="The participating countries continue to consult.",
)
JAPANESE = Phrases(
    language="ja",
    countries={
        "AUS": "オーストラリア連邦",
        "GBR": "英国",
        "IND": "インド",
        "JPN": "日本国",
        "KOR": "大韓民国",
        "USA": "アメリカ合衆国",
    },
    grounds={Ground.CHALLENGE: "課題", Ground.PROVOCATION: "挑発", Ground.THREAT: "脅威"},
    fields={
        Field.DIPLOMATIC: "外交",
        Field.ECONOMIC: "経済",
        Field.INFORMATIONAL: "情報発信",
        Field.DEFENSIVE: "防衛",
        Field.HUMANITARIAN: "人道",
        Field.CYBER: "サイバー",
    },
    activities={
        Activity.STATEMENT: "声明の発出",
        Activity.SANCTIONS: "制裁措置",
        Activity.EXPORT_MEASURES: "輸出に関する措置",
        Activity.INFORMATION_SHARING: "情報共有",
        Activity.SURVEILLANCE: "警戒監視",
        Activity.CYBER_DEFENCE: "サイバー防御",
        Activity.EVACUATION: "退避の支援",
        Activity.HUMANITARIAN_RELIEF: "人道支援",
        Activity.LOGISTICAL_SUPPORT: "後方支援",
        Activity.MISSILE_DEFENCE: "ミサイル防衛",
        Activity.EXERCISE: "共同訓練",
        Activity.DEPLOYMENT: "部隊の展開",
        Activity.USE_OF_FORCE: "武力の行使",
    },
    languages={"en": "英語", "ja": "日本語", "ko": "韓国語"},
    date="{y}年{m}月{d}日",
    comma="、",
    last="及び",
    quote="「{}」",
    original="［原文は{}］",
    consulted="{}（以下「参加国」という。）は、次の要請を受けて協議した。",
    requested="要請国及び要請日：{}、{}",
    matter="事案（{}）：{}",
    facts="報告された事実：",
    assessed="各参加国の評価：",
    own="- {}：{}",
    assessment="共通の評価：",
    response="参加国は、次のとおり共に対応する。",
    option="- {}：{}（{}から）",
    part="  - {}：{}",
    nothing="参加国は、引き続き協議する。",
)
KOREAN = Phrases(
    language="ko",
    countries={
        "AUS": "호주",
        "GBR": "영국",
        "IND": "인도",
        "JPN": "일본국",
        "KOR": "대한민국",
        "USA": "미합중국",
    },
    grounds={Ground.CHALLENGE: "도전", Ground.PROVOCATION: "도발", Ground.THREAT: "위협"},
    fields={
        Field.DIPLOMATIC: "외교",
        Field.ECONOMIC: "경제",
        Field.INFORMATIONAL: "정보·홍보",
        Field.DEFENSIVE: "방위",
        Field.HUMANITARIAN: "인도적 대응",
        Field.CYBER: "사이버",
    },
    activities={
        Activity.STATEMENT: "성명 발표",
        Activity.SANCTIONS: "제재",
        Activity.EXPORT_MEASURES: "수출 관련 조치",
        Activity.INFORMATION_SHARING: "정보 공유",
        Activity.SURVEILLANCE: "감시 및 경계",
        Activity.CYBER_DEFENCE: "사이버 방어",
        Activity.EVACUATION: "대피 지원",
        Activity.HUMANITARIAN_RELIEF: "인도적 구호",
        Activity.LOGISTICAL_SUPPORT: "군수 지원",
        Activity.MISSILE_DEFENCE: "미사일 방어",
        Activity.EXERCISE: "공동 훈련",
        Activity.DEPLOYMENT: "부대 전개",
        Activity.USE_OF_FORCE: "무력 사용",
    },
    languages={"en": "영어", "ja": "일본어", "ko": "한국어"},
    date="{y}년 {m}월 {d}일",
    comma=", ",
    last=" 및 ",
    quote="“{}”",
    original=" [원문은 {}]",
    consulted="{}(이하 ‘참가국’)은 다음 요청에 따라 협의하였다.",
    requested="요청국 및 요청일: {}, {}",
    matter="사안({}): {}",
    facts="보고된 사실:",
    assessed="각 참가국의 평가:",
    own="- {}: {}",
    assessment="공동 평가:",
    response="참가국은 다음과 같이 함께 대응한다.",
    option="- {}: {} ({}부터)",
    part="  - {}: {}",
    nothing="참가국은 계속 협의한다.",
)
EACH = (ENGLISH, JAPANESE, KOREAN)
