"""What the docket and search show in the scene `talk`, for looking at the console without a node. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.browser.talk import CONSULTATION, CONVERSATION, ROOMS

from laurel.core.instrument import Item
from laurel.core.label import Classification, Label
from laurel.core.words import excerpt
from laurel.node.keep.find import Found

ALL = Label(Classification.SECRET, ("JPN", "KOR", "USA"))
TWO = Label(Classification.RESTRICTED, ("JPN", "USA"))
HOME = Label(Classification.CONFIDENTIAL, ("JPN",))
NOTICE, INCIDENT, BEACON = "41" * 32, "42" * 32, "43" * 32


def items(scene: str, now: datetime) -> list[Item]:
    """Something late, something soon, something of our own house and something without a date."""
    if scene not in ROOMS:
        return []
    hour, day = timedelta(hours=1), timedelta(days=1)
    return [
        Item(
            NOTICE,
            "Gallium: shipments held at the border",
            "meeting overdue",
            now - 3 * hour,
            ("Economic Security Bureau",),
            ALL,
            "Notice of Japan; the members were asked to meet within 15 days.",
            instrument="supply",
            opens=NOTICE,
        ),
        Item(
            CONSULTATION,
            "Consultation: missile over Tohoku",
            "responses",
            now + 2 * hour,
            ("principal", "watch-officer"),
            ALL,
            "Waits for KOR: respond.",
            instrument="consult",
            opens=CONSULTATION,
        ),
        Item(
            BEACON,
            "Beacon seen in two countries",
            "seen by two",
            now + 20 * hour,
            ("analyst",),
            TWO,
            "The same indicator was seen by Japan and the United States.",
            about=("44" * 32,),
            instrument="cyber",
            opens=BEACON,
        ),
        Item(
            "45" * 32,
            "JPN, Ministry of Economy, Trade and Industry: report on the early warning pilot for critical minerals",
            "due",
            now + 9 * day,
            ("Economic Security Bureau",),
            ALL,
            "Promised on 18 Aug 2023 in consultation c5c5c5c5c5c5.",
            instrument="dialogue",
            opens="45" * 32,
        ),
        Item(
            INCIDENT,
            "Buoy adrift near the northern lane",
            "open",
            None,
            (),
            HOME,
            "Reported by one source, graded B3.",
            instrument="region",
            opens=INCIDENT,
        ),
    ]


SAID = (
    (
        "hotline.message.v1",
        "KOR",
        "officer:kim",
        CONVERSATION,
        "ko",
        "동북 지역 상공 통과를 확인했습니다. 귀측의 관측과 일치하는지 회답 바랍니다. Tohoku.",
    ),
    (
        "consult.requested.v1",
        "USA",
        "officer:hill",
        CONSULTATION,
        "en",
        "Missile over Tohoku\nIn our opinion the following affects our collective interests and security.",
    ),
    (
        "supply.notice.v1",
        "JPN",
        "officer:abe",
        NOTICE,
        "ja",
        "ガリウムの輸出が差し止められている。Tohoku の工場の在庫は 40 日分。",
    ),
)


def found(words: str, now: datetime) -> list[Found]:
    """What of that holds all these words."""
    wanted = words.lower().split()
    return [
        Found(
            record=f"{index:02x}" * 32,
            kind=kind,
            origin=origin,
            author=author,
            at=now - timedelta(minutes=4 * index + 1),
            banner=ALL.banner,
            of=of,
            language=language,
            excerpt=excerpt(text, wanted),
        )
        for index, (kind, origin, author, of, language, text) in enumerate(SAID)
        if all(word in text.lower() for word in wanted)
    ]
