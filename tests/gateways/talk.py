"""A conversation and a joint statement of three members, said at three worlds with real keys, for tests of exports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import msgspec
from tests.node.worlds import LIVE, MEMBERS, START, Members, Worlds, exchange, log_of

from laurel.core.label import Classification, label
from laurel.core.record import Draft, Precedence, Sealed, decode, key_id
from laurel.core.roster import sign_card
from laurel.gateways.bundle import Export, What, make
from laurel.instruments.consult import INSTRUMENT as CONSULT
from laurel.instruments.consult.clauses import FREEDOM
from laurel.instruments.consult.records import JOINT_STATEMENT, JointStatement, Remarked, Version
from laurel.instruments.consult.words import RemarkKind
from laurel.instruments.hotline import INSTRUMENT as HOTLINE
from laurel.instruments.hotline.records import (
    Acknowledged,
    Attachment,
    Call,
    Delivered,
    Message,
    ReadbackJudged,
    Shown,
    Translation,
    TranslationReviewed,
)
from laurel.node.world import World

EVERYBODY = label(Classification.CONFIDENTIAL, set(MEMBERS))
PUBLIC = label(Classification.UNCLASSIFIED, set(MEMBERS))
JAPANESE = "北朝鮮が弾道ミサイルを発射した。\n直ちに協議したい。"
KOREAN = "확인했습니다. 즉시 협의합시다."
ENGLISH = "North Korea has launched a ballistic missile."
HOSTILE = '</div><script>alert("x")</script><img src=x onerror=y> & \u202egnirts \x07'
CONSULTATION, TEXT = "c" * 64, "d" * 64


@dataclass(frozen=True)
class Talk:
    """What stands in a log, who signed it, and what to call its parts."""

    records: Sequence[Sealed]
    names: Mapping[str, str]
    who: Members

    @property
    def cards(self) -> dict[str, bytes]:
        return {code: sign_card(card, self.who.keys[code]) for code, card in self.who.cards.items()}

    def bundle(self, cards: Mapping[str, bytes] | None = None, exporter: str = "JPN") -> bytes:
        """The conversation, exported by that member."""
        return self._made(What.CONVERSATION, self.names["opening"], JAPANESE[:12], self.records, cards, exporter)

    def statement(self, records: Sequence[Sealed] | None = None) -> bytes:
        """The joint statement, which holds no card."""
        said = [one for one in self.records if decode(one.payload).kind == JOINT_STATEMENT.name]
        return self._made(What.JOINT_STATEMENT, CONSULTATION, "Joint statement", records or said, {}, "JPN")

    def _made(
        self,
        what: What,
        subject: str,
        title: str,
        records: Sequence[Sealed],
        cards: Mapping[str, bytes] | None,
        exporter: str,
    ) -> bytes:
        keys = {code: {key_id(key.public_key()): key.public_key()} for code, key in self.who.keys.items()}
        given = self.cards if cards is None else cards
        export = Export(what, subject, title, records, given, keys, exporter, "officer:sato", START)
        key = self.who.keys[exporter]
        return make(export, key_id(key.public_key()), key)


def say(world: World, author: str, *drafts: Draft) -> list[str]:
    """Say these as that author, whatever commands there are."""
    with world._writing() as to:
        return [world._say_draft(to, draft, world.desk(author)) for draft in drafts]


def conversation(folder: Path) -> Talk:
    """Japan asks, Korea answers, the United States reads; one translation is reviewed and one is not."""
    with Worlds(folder) as worlds:
        world = {me: worlds.open(me, HOTLINE, CONSULT) for me in MEMBERS}
        names: dict[str, str] = {}

        def said(name: str, me: str, body: msgspec.Struct, answers: str | None = None) -> None:
            worlds.clock.at += timedelta(seconds=7)
            draft = Draft(body, EVERYBODY, Precedence.FLASH, answers=answers)
            [names[name]] = say(world[me], f"officer:{me.lower()}", draft)
            exchange(*world.values())

        file = Attachment("a" * 64, "地図.pdf", "application/pdf", 1234)
        said("opening", "JPN", Message("ja", JAPANESE, subject="発射", readback=True, attachments=(file,)))
        opening = names["opening"]
        said("delivered", "KOR", Delivered(opening))
        said("shown", "KOR", Shown(opening))
        said("acknowledged", "KOR", Acknowledged(opening, "Crisis Management Center", "발사를 이해함"))
        said("judged", "JPN", ReadbackJudged(names["acknowledged"], right=True))
        said("delivered by USA", "USA", Delivered(opening))
        said("draft", "USA", Translation(opening, "en", ENGLISH, "engine-7", engine=True))
        said("translated", "JPN", Translation(opening, "ko", KOREAN, "Kimura"))
        said("reviewed", "JPN", TranslationReviewed(names["translated"], "Tanaka"))
        said("answer", "KOR", Message("ko", KOREAN, conversation=opening), answers=opening)
        call = Call("voice", START, START + timedelta(minutes=5), ("Blue House", "Kantei"))
        said("hostile", "USA", Message("en", HOSTILE, conversation=opening, subject=HOSTILE, minutes_of=call))
        return Talk(log_of(world["JPN"]), names, worlds.who)


def stated(member: str, **changes: object) -> JointStatement:
    """What a member states."""
    versions = (
        Version("en", "We stand together."),
        Version("ja", "我々は共に立つ。"),
        Version("ko", "우리는 함께한다."),
    )
    remark = Remarked(CONSULTATION, TEXT, RemarkKind.RESERVATION, "ja", "憲法の範囲内で。")
    remarks = (remark,) if member == "JPN" else ()
    one = JointStatement(
        CONSULTATION, TEXT, "e" * 64, LIVE.compact, MEMBERS, versions, FREEDOM, remarks, START + timedelta(hours=1)
    )
    return msgspec.structs.replace(one, **changes)


def joint_statement(folder: Path, **by_usa: object) -> Talk:
    """All three state the same; the United States may be made to state something else."""
    with Worlds(folder) as worlds:
        world = {me: worlds.open(me, HOTLINE, CONSULT) for me in MEMBERS}
        for me, one in world.items():
            say(one, "officer:hill", Draft(stated(me, **(by_usa if me == "USA" else {})), PUBLIC))
        exchange(*world.values())
        return Talk(log_of(world["JPN"]), {}, worlds.who)
