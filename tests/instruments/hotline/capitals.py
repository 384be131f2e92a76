"""Three capitals that talk: their nodes in memory, and officers who ask."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct
from tests.instruments.harness import Nodes

from laurel.core.instrument import NoAsk
from laurel.core.label import Classification
from laurel.core.record import Precedence
from laurel.instruments.hotline import INSTRUMENT
from laurel.instruments.hotline.board import ConversationAsk
from laurel.instruments.hotline.board_types import Board, Conversation, MessageRow, Reach
from laurel.instruments.hotline.conversation import SendAsk
from laurel.instruments.hotline.receipts import AcknowledgeAsk, JudgeReadbackAsk, ShownAsk

START = datetime(2026, 8, 18, 3, 0, tzinfo=UTC)
MEMBERS = ("JPN", "KOR", "USA")
SATO, KIM, SMITH = "officer:sato", "officer:kim", "officer:smith"
OFFICERS: dict[str, str] = dict(zip(MEMBERS, (SATO, KIM, SMITH), strict=True))
UNKNOWN = "f" * 64


class Capitals:
    """Every ask comes a second after the one before."""

    def __init__(self, members: Iterable[str] = MEMBERS) -> None:
        self.nodes = Nodes(INSTRUMENT, members)
        self.now = START

    def ask(self, member: str, command: str, ask: Struct, author: str | None = None) -> list[str]:
        self.now += timedelta(seconds=1)
        return self.nodes.ask(member, command, ask, author or OFFICERS[member], self.now)

    def open(self, member: str, *to: str, subject: str = "発射の件", text: str = "探知した。", **more: Any) -> str:
        return self.ask(member, "send", a_message(text, to=to, subject=subject, **more))[0]

    def reply(self, member: str, text: str = "알겠습니다.", **more: Any) -> str:
        return self.ask(member, "send", a_message(text, **more))[0]

    def show(self, member: str, *messages: str) -> list[str]:
        return self.ask(member, "shown", ShownAsk(messages))

    def acknowledge(self, member: str, message: str, office: str = "Watch 2", readback: str | None = None) -> str:
        return self.ask(member, "acknowledge", AcknowledgeAsk(message, office, readback))[0]

    def judge(self, member: str, acknowledgement: str, *, right: bool) -> str:
        return self.ask(member, "judge-readback", JudgeReadbackAsk(acknowledgement, right))[0]

    def board(self, member: str) -> Board:
        return self.nodes.of[member].query("board", NoAsk(), self.now)

    def conversation(self, member: str, conversation: str, **more: Any) -> Conversation:
        return self.nodes.of[member].query("conversation", ConversationAsk(conversation, **more), self.now)

    def message(self, member: str, message: str) -> MessageRow:
        """A message as that member's node shows it."""
        found = [
            row
            for one in self.board(member).conversations
            for row in self.conversation(member, one.id, most=500).messages
            if row.id == message
        ]
        return found[0]

    def reach(self, at: str, message: str, of: str) -> Reach:
        """How far it came at that member, as another node shows it."""
        return next(one for one in self.message(at, message).reach if one.member == of)


def a_message(text: str = "探知した。", **more: Any) -> SendAsk:
    given: dict[str, Any] = {
        "classification": Classification.SECRET,
        "precedence": Precedence.FLASH,
        "language": "ja",
        "text": text,
    }
    return SendAsk(**(given | more))
