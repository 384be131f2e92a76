"""What line checks say, in rotation: a few lines on plants, birds and weather, read in three languages.

They are shaped unlike any warning: no number, no place, no word that a warning uses (a test holds that). Each names
the counterword by which an officer shows that he has read it; a counterword of any of the three languages will do.
A text's number goes over the line, so texts are added at the end, and none is ever changed.
"""

from __future__ import annotations

import re
import unicodedata

from msgspec import Struct


class CheckText(Struct, frozen=True):
    """One text, by ISO 639-1 language, and its counterword in each."""

    says: dict[str, str]
    counterwords: dict[str, str]

    @property
    def shown(self) -> str:
        """The text in its three languages, one to a line."""
        return "\n".join(self.says.values())


def _text(en: tuple[str, str], ja: tuple[str, str], ko: tuple[str, str]) -> CheckText:
    says = {
        "en": f"{en[0]} Counterword: {en[1]}.",
        "ja": f"{ja[0]}合い言葉は「{ja[1]}」です。",
        "ko": f"{ko[0]} 확인어는 '{ko[1]}'입니다.",
    }
    return CheckText(says, {"en": en[1], "ja": ja[1], "ko": ko[1]})


TEXTS: tuple[CheckText, ...] = (
    _text(
        ("A laurel stays green all winter.", "laurel"),
        ("月桂樹は冬のあいだも青々としています。", "月桂樹"),
        ("월계수는 겨울에도 늘 푸릅니다.", "월계수"),
    ),
    _text(
        ("The heron stands still until the water is calm.", "heron"),
        ("さぎは水が静まるまで動きません。", "さぎ"),
        ("왜가리는 물이 잔잔해질 때까지 움직이지 않습니다.", "왜가리"),
    ),
    _text(
        ("The persimmon is sweet in late autumn.", "persimmon"),
        ("柿は秋がいちばん甘いものです。", "柿"),
        ("감은 가을에 가장 맛이 좋습니다.", "감"),
    ),
    _text(
        ("An old pine leans towards the morning sun.", "pine"),
        ("古い松は朝日のほうへ傾いています。", "松"),
        ("늙은 소나무는 아침 해 쪽으로 기울어 있습니다.", "소나무"),
    ),
    _text(
        ("The swallow comes back to the same roof.", "swallow"),
        ("つばめは同じ軒先に帰ってきます。", "つばめ"),
        ("제비는 같은 지붕으로 돌아옵니다.", "제비"),
    ),
    _text(
        ("The garden is quiet under fresh snow.", "garden"),
        ("新雪が積もると庭は静かになります。", "庭"),
        ("갓 내린 눈이 쌓이면 정원은 고요해집니다.", "정원"),
    ),
    _text(
        ("A plum tree blossoms before its leaves appear.", "plum"),
        ("梅は葉より先に花を咲かせます。", "梅"),
        ("매화나무는 잎보다 꽃이 먼저 핍니다.", "매화"),
    ),
    _text(
        ("Tea is best with water that has rested a little.", "tea"),
        ("お茶は少し冷ました湯で淹れるのがいちばんです。", "お茶"),
        ("차는 조금 식힌 물로 우릴 때 가장 맛있습니다.", "차"),
    ),
    _text(
        ("The cricket sings more slowly as evenings grow cool.", "cricket"),
        ("夕べが涼しくなると、こおろぎはゆっくり鳴きます。", "こおろぎ"),
        ("저녁이 서늘해지면 귀뚜라미는 더 천천히 웁니다.", "귀뚜라미"),
    ),
)


def number_for(slot: int) -> int:
    """Which text goes in that slot. Each side of a pair gets to all of them, since their number is odd."""
    return slot % len(TEXTS)


def text_of(number: int) -> CheckText | None:
    """The text, or None: the checker has more of them than we do."""
    return TEXTS[number] if number < len(TEXTS) else None


def is_counterword(number: int, said: str) -> bool:
    """Whether that is the counterword of this text, in any of its languages."""
    text = text_of(number)
    return text is not None and _plain(said) in {_plain(one) for one in text.counterwords.values()}


def _plain(word: str) -> str:
    """However it was typed: wide letters, capitals and the marks around it do not matter."""
    return re.sub(r"^\W+|\W+$", "", unicodedata.normalize("NFKC", word)).casefold()
