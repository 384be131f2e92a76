"""What was taken back disappears with all that hung on it, and nobody answers it: at worlds with real databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import Struct
from tests.instruments.hotline.capitals import a_message
from tests.node.worlds import OFFICER, Worlds, exchange

from laurel.core.instrument import NoAsk
from laurel.instruments.hotline import INSTRUMENT
from laurel.instruments.hotline.board import ConversationAsk
from laurel.instruments.hotline.conversation import NOT_HERE, TakenBack
from laurel.instruments.hotline.receipts import AcknowledgeAsk, ShownAsk
from laurel.instruments.hotline.translations import TranslateAsk
from laurel.instruments.line.retraction import RetractAsk
from laurel.node.asked import Asked
from laurel.node.world import World


def say(world: World, command: str, ask: Struct, number: int) -> str:
    return world.say(Asked(OFFICER, command, ask, f"ask:{command}:{number}")).records[0]


def test_a_message_that_was_taken_back_takes_its_translations_and_its_call_along(tmp_path: Path) -> None:
    with Worlds(tmp_path) as worlds:
        tokyo, seoul = (worlds.open(member, INSTRUMENT) for member in ("JPN", "KOR"))
        opening = say(tokyo, "hotline/send", a_message(to=("KOR",), subject="発射の件"), 1)
        second = say(tokyo, "hotline/send", a_message("二発目。", conversation=opening), 2)
        exchange(tokyo, seoul)
        say(seoul, "hotline/translate", TranslateAsk(opening, "ko", "탐지했다.", "Kim", engine=False), 3)
        exchange(tokyo, seoul)
        assert len(seoul.judge("hotline/board", NoAsk()).calls) == 2
        say(tokyo, "line/retract", RetractAsk(opening, "sent to the wrong lane"), 4)
        exchange(tokyo, seoul)
        for world in (tokyo, seoul):
            shown = world.judge("hotline/conversation", ConversationAsk(opening))
            assert (shown.subject, [one.id for one in shown.messages]) == (NOT_HERE, [second])
        assert [one.message for one in seoul.judge("hotline/board", NoAsk()).calls] == [second]
        with pytest.raises(TakenBack):
            say(seoul, "hotline/acknowledge", AcknowledgeAsk(opening, "Watch"), 5)
        with pytest.raises(TakenBack):
            say(seoul, "hotline/translate", TranslateAsk(opening, "en", "Seen.", "Kim", engine=False), 6)
        # A screen that still shows it asks in vain, and is not in anybody's way.
        assert seoul.say(Asked(OFFICER, "hotline/shown", ShownAsk((opening,)), "ask:shown:7")).records == ()
        assert say(seoul, "hotline/send", a_message("알겠습니다.", conversation=opening), 8)
