"""The terminal: what an officer at a plain console reads and does, against a real node."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from tests.cli.terminal import Lossy, Seoul, console, two_capitals
from tests.nodes.door import PASSWORD, Served, served
from tests.nodes.three import laurel

from laurel.cli.terminal.pages import ConversationPage
from laurel.cli.terminal.wire import Wire
from laurel.core.instrument import Role
from laurel.instruments.hotline.board_types import Reached, ReadbackState
from laurel.instruments.hotline.receipts import AcknowledgeAsk, JudgeReadbackAsk
from laurel.instruments.hotline.translations import TranslateAsk

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("talk")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def capitals(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[tuple[Served, Seoul]]:
    async with two_capitals(tmp_path_factory.mktemp("talk")) as both:
        yield both


@pytest.fixture
def network() -> Lossy:
    return Lossy()


@pytest_asyncio.fixture(loop_scope="module")
async def wire(capitals: tuple[Served, Seoul], network: Lossy) -> AsyncGenerator[Wire]:
    tokyo, _ = capitals
    async with httpx.AsyncClient(transport=network) as to:
        yield Wire(tokyo.url, tokyo.bearer(Role.WATCH_OFFICER), to)


async def test_a_message_is_written_sent_and_shown_with_how_far_it_came(
    capitals: tuple[Served, Seoul], wire: Wire
) -> None:
    _, seoul = capitals
    async with console(wire) as one:
        await one.reads("LIVE camp-david", "JPN", "connected", "SECRET//REL TO USA, JPN, KOR")
        await one.press("n")
        await one.reads("A new conversation")
        marks = {"precedence": "f", "classification": "s", "language": "ja"}
        await one.fill("西方で一発を探知した。", to="kor", subject="発射の件", **marks)
        await one.press("ctrl+s")
        await one.reads("[ja, original] 西方で一発を探知した。", "KOR · sent")
        await seoul.exchange()
        await one.reads("KOR ↓ delivered")
        await one.press("escape")
        await one.reads("発射の件", "** FLASH **, waits for KOR, 1 message")


async def test_what_is_on_the_screen_is_told_as_shown_and_an_officer_acknowledges_by_office_and_answers(
    capitals: tuple[Served, Seoul], wire: Wire
) -> None:
    _, seoul = capitals
    async with console(wire, office="統幕 当直", language="ja") as one:
        await one.reads("connected")
        message = await seoul.send()
        await one.reads("** FLASH ** from KOR, waits", "발사 건: 한 발을 탐지했다.", "1 WAIT FOR YOU")
        await one.press("c")
        await one.reads("[ko, original] 한 발을 탐지했다.", "JPN ○ shown")
        assert (await seoul.shows(message)).reach[0].reached is Reached.SHOWN
        await one.press("a")
        await one.reads("Acknowledge: KOR: 한 발을 탐지했다.")
        await one.press("ctrl+s")
        await one.reads("JPN √ acknowledged", "by 統幕 当直")
        reach = (await seoul.shows(message)).reach[0]
        assert (reach.reached, reach.office) == (Reached.ACKNOWLEDGED, "統幕 当直")
        await one.until(lambda: "waits" not in one.words)
        await one.press("r")
        await one.fill("了解。", precedence="imm", classification="SEC")
        await one.press("ctrl+s")
        await one.reads("answers #1", "了解。", "JPN ◄ answered")


async def test_what_must_not_be_misheard_is_read_back_and_judged(capitals: tuple[Served, Seoul], wire: Wire) -> None:
    _, seoul = capitals
    async with console(wire, office="Watch 2") as one:
        await one.reads("connected")
        message = await seoul.send("두 발이 동쪽으로.", readback=True)
        await one.reads("WANTS A READBACK")
        await one.press("c")
        await one.reads("두 발이", "JPN ○ shown")
        await one.press("a")
        await one.reads("READ BACK in your own words")
        await one.press("ctrl+s")
        await one.reads("Refused", "readback")
        await one.fill("一発、東へ。")
        await one.press("ctrl+s")
        await one.reads('(read back, not judged: "一発、東へ。")')
        given = (await seoul.shows(message)).reach[0].acknowledgement
        assert given is not None
        await seoul.say("judge-readback", JudgeReadbackAsk(given, right=False, remark="둘"))
        await one.reads("read back WRONG", "** FLASH ** from KOR, waits")
        await one.press("a")
        await one.reads("READ BACK")
        await one.fill("二発、東へ。")
        await one.press("ctrl+s")
        await one.reads('(read back, not judged: "二発、東へ。")')
    assert (await seoul.shows(message)).reach[0].readback is ReadbackState.GIVEN


async def test_we_judge_what_was_read_back_of_our_own_message(capitals: tuple[Served, Seoul], wire: Wire) -> None:
    _, seoul = capitals
    async with console(wire) as one:
        await one.reads("connected")
        await one.press("n")
        marks = {"precedence": "i", "classification": "r", "language": "ja", "readback": "y"}
        await one.fill("三発。", to="KOR", subject="確認", **marks)
        await one.press("ctrl+s")
        await one.reads("三発。", "readback awaited")
        await seoul.exchange()
        assert isinstance(one.app.screen, ConversationPage)
        row = one.app.screen.chosen
        assert row is not None
        await seoul.say("acknowledge", AcknowledgeAsk(row.id, "합참", "세 발."))
        await one.reads('(read back, not judged: "세 발.")')
        await one.press("j")
        await one.fill(right="yes")
        await one.press("ctrl+s")
        await one.reads('(read back RIGHT: "세 발.")')


async def test_words_are_kept_while_the_node_is_away_and_said_once_when_an_answer_was_lost(
    capitals: tuple[Served, Seoul], wire: Wire, network: Lossy
) -> None:
    tokyo, _ = capitals
    async with console(wire) as one:
        await one.reads("connected")
        await one.press("n")
        await one.fill("雨の中。", to="KOR", subject="失われた返事", precedence="r", classification="u", language="ja")
        there, wire.url = wire.url, "http://127.0.0.1:9/camp-david"
        await one.press("ctrl+s")
        await one.reads("does not answer", "雨の中。")
        wire.url = there
        await one.press("escape")
        await one.press("n")
        await one.reads("雨の中。", "失われた返事")
        before = tokyo.records()
        network.loses = 2
        await one.press("ctrl+s")
        await one.until(lambda: not network.loses)
        await one.reads("does not answer")
        assert tokyo.records() == before + 1
        await one.press("ctrl+s")
        await one.reads("失われた返事", "KOR · sent")
        assert tokyo.records() == before + 1
        assert one.app.drafts == {}


async def test_nothing_is_marked_before_an_officer_has_typed_it_and_a_draft_keeps_one_from_leaving(
    capitals: tuple[Served, Seoul], wire: Wire
) -> None:
    tokyo, _ = capitals
    before = tokyo.records()
    async with console(wire) as one:
        await one.reads("connected")
        await one.press("n")
        await one.fill("x", to="KOR", subject="x", language="ja")
        await one.press("ctrl+s")
        await one.reads("precedence", "one of ROUTINE, PRIORITY, IMMEDIATE, FLASH")
        await one.fill(precedence="R")
        await one.press("ctrl+s")
        await one.reads("one of UNCLASSIFIED, RESTRICTED, CONFIDENTIAL, SECRET, TOP SECRET")
        await one.press("ctrl+q")
        await one.reads("There are drafts that were not sent")
    assert tokyo.records() == before


async def test_a_translation_stands_beside_the_original_and_says_that_it_is_a_draft(
    capitals: tuple[Served, Seoul], wire: Wire
) -> None:
    _, seoul = capitals
    message = await seoul.send("훈련이다.", subject="번역")
    await seoul.say("translate", TranslateAsk(message, "en", "This is a drill.", "Made-up Engine", engine=True))
    async with console(wire) as one:
        await one.reads("번역")
        await one.press("enter")
        await one.reads(
            "[ko, original] 훈련이다.",
            "[en, DRAFT translation, not reviewed, by ENGINE Made-up Engine of KOR]",
            "This is a drill.",
        )


async def test_an_officer_signs_in_under_his_own_name_and_unlocks_without_losing_a_word(tmp_path: Path) -> None:
    async with served(tmp_path) as node, httpx.AsyncClient(trust_env=False) as to:
        node.people.officers.add("sato", "Watch 2", frozenset({Role.WATCH_OFFICER}), datetime.now(UTC))
        node.people.officers.set_password("sato", PASSWORD)
        wire = Wire(node.url, {}, to)
        await wire.sign_in("sato", PASSWORD)
        async with console(wire, language="ja") as one:
            await one.reads("connected")
            await one.press("n")
            await one.fill("鍵の前に。", to="KOR", subject="施錠", precedence="r", classification="u")
            await node.ask("/sign-in/lock", None, wire.headers)
            await one.press("ctrl+s")
            await one.reads("The screen is locked")
            await one.fill(password=PASSWORD)
            await one.press("enter")
            await one.reads("鍵の前に。", "A new conversation")
            await one.press("ctrl+s")
            await one.reads("施錠", "JPN officer:sato", "KOR · sent")


async def test_without_a_terminal_it_names_the_verbs_that_scripts_ask(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("x")
    complaint = await laurel("talk", "--url", "http://127.0.0.1:9/camp-david", "--token", token, fails=True)
    assert "laurel hotline board" in complaint
    assert "--officer or --token" in await laurel("talk", fails=True)
