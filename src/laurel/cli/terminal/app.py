"""The terminal as a program: what it knows of the node, and the pages that show it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

import msgspec
from textual.app import App
from textual.binding import Binding, BindingType
from typing_extensions import override

from laurel.cli.terminal import words
from laurel.cli.terminal.forms import Unlock
from laurel.cli.terminal.page import Page
from laurel.cli.terminal.pages import ConversationPage, Home
from laurel.cli.terminal.wire import Away, Here, Locked, Wire
from laurel.cli.verbs import NodeRefused, NodeUnreachable
from laurel.core.record import Precedence
from laurel.instruments.hotline.board_types import Board, Conversation

CALLS_ALOUD = frozenset({Precedence.IMMEDIATE, Precedence.FLASH})
MESSAGES = 50
HAND_EVERY_S = 60.0
AWAY = "NODE AWAY"


class Talk(App[None]):
    """Read, write, acknowledge, watch."""

    ENABLE_COMMAND_PALETTE = False
    # What the terminal's own colours make of it; no state is told by colour.
    CSS = """
    Screen { background: ansi_default; color: ansi_default; }
    #banner { height: 2; width: 100%; text-style: bold reverse; }
    #notice { max-height: 3; width: 100%; }
    #notice { text-style: bold; display: none; }
    #calls { max-height: 4; width: 100%; border-bottom: ascii ansi_default; display: none; }
    OptionList, #messages { height: 1fr; width: 100%; border: none; padding: 0; background: ansi_default; }
    OptionList > .option-list--option-highlighted { text-style: reverse; background: ansi_default; }
    Form Horizontal { height: 1; }
    Form Horizontal Label { width: 16; }
    #title, #subject { width: 100%; text-style: bold; }
    Form Input { width: 1fr; background: ansi_default; }
    Form Input:focus { text-style: underline; }
    Form TextArea { height: 1fr; border: ascii ansi_default; background: ansi_default; }
    Footer { background: ansi_default; color: ansi_default; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+q", "quit", "Leave", priority=True)]

    def __init__(self, wire: Wire, office: str = "", language: str = "") -> None:
        super().__init__(ansi_color=True)
        self.wire = wire
        self.office = office
        self.language = language
        self.here: words.World | None = None
        self.now: datetime | None = None
        self.board: Board | None = None
        self.line_state = "connecting"
        self.notice = ""
        self.locked = False
        self.drafts: dict[str, dict[str, str]] = {}
        self._nonces: dict[str, str] = {}
        self._rung: set[str] = set()
        self._shown: set[str] = set()
        self._hand_s = 0.0

    def on_mount(self) -> None:
        """Show the list, and follow the node."""
        self.push_screen(Home(self))
        self.run_worker(self._follow, name="follow")

    # What the node pushes

    async def _follow(self) -> None:
        async for told in self.wire.watch():
            if isinstance(told, Here):
                self.line_state = "connected"
                await self._introduce()
            elif isinstance(told, Away):
                # Told once: whatever was said of words that wait here must not be covered by another try.
                if self.line_state != AWAY:
                    self.line_state = AWAY
                    self.say(f"The node is away, what is shown is old: {words.line(told.why)}. Trying again.")
            elif told.type == "clock":
                self.now = datetime.fromisoformat(told.message["now"])
            elif told.type == "session":
                self.locked = told.message["session"]["locked"] is not None
                self.line_state = "LOCKED: u unlocks" if self.locked else "connected"
            elif told.type == "board":
                await self._take_board(msgspec.convert(told.message["board"], Board))
            self._refresh_pages()

    async def _introduce(self) -> None:
        try:
            self.here = await self.wire.look("about", words.World)
        except (NodeRefused, NodeUnreachable) as error:
            self.say(str(error))
        else:
            self.now = self.here.now
            self.say("")

    async def _take_board(self, board: Board) -> None:
        self.board = board
        self.now = board.at
        aloud = {one.message for one in board.calls if one.precedence in CALLS_ALOUD}
        if aloud - self._rung:
            self.bell()
        self._rung = aloud
        for page in self.screen_stack:
            if isinstance(page, ConversationPage):
                page.want_again()

    def _refresh_pages(self) -> None:
        for page in self.screen_stack:
            if isinstance(page, Page):
                page.show_top()

    # What pages ask for

    def say(self, notice: str) -> None:
        """One plain line, until the next."""
        self.notice = words.line(notice)
        self._refresh_pages()

    async def conversation(self, conversation: str) -> Conversation | None:
        """As the node shows it now; None, and a notice, when it does not answer."""
        try:
            return await self.wire.look("hotline/conversation", Conversation, id=conversation, most=MESSAGES)
        except (NodeRefused, NodeUnreachable) as error:
            self.say(str(error))
            return None

    async def ask(self, draft: str, command: str, ask: Mapping[str, Any]) -> list[str] | None:
        """What the node said of it, None when it did not. The same words are the same ask, so nothing is said twice."""
        text = json.dumps(ask, sort_keys=True)
        nonce = self._nonces.setdefault(draft, secrets.token_hex(8))
        ask_id = f"talk:{nonce}:{hashlib.sha256(f'{command} {text}'.encode()).hexdigest()[:24]}"
        # What was said of the ask before this one is no answer to this one.
        self.say("")
        try:
            records = await self.wire.ask(command, ask, ask_id)
        except Locked as error:
            self.say(str(error))
            self.push_screen(Unlock(self))
            return None
        except NodeUnreachable:
            self.say(
                "The node does not answer. Your words are kept: send them again, unchanged, and nothing is said twice."
            )
            return None
        except NodeRefused as error:
            self.say(f"Refused: {error}")
            return None
        self._nonces.pop(draft, None)
        self.drafts.pop(draft, None)
        self.say("")
        return records

    def open(self, conversation: str) -> None:
        """Show it."""
        self.push_screen(ConversationPage(self, conversation))

    async def on_key(self) -> None:
        """An officer's hand is at the keys: the session does not lock yet."""
        now_s = asyncio.get_running_loop().time()
        if self.wire.officer is not None and not self.locked and now_s - self._hand_s > HAND_EVERY_S:
            self._hand_s = now_s
            self.run_worker(self._tell_hand, name="hand")

    async def _tell_hand(self) -> None:
        try:
            await self.wire.tell_hand()
        except (NodeRefused, NodeUnreachable) as error:
            self.say(str(error))

    async def unlock(self, password: str) -> bool:
        """Sign in again as the same officer."""
        try:
            await self.wire.sign_in(self.wire.officer or "", password)
        except (NodeRefused, NodeUnreachable) as error:
            self.say(str(error))
            return False
        self.locked, self.line_state = False, "connected"
        # The stream ends with the session before, and is opened again with this one.
        self.say("")
        return True

    async def tell_shown(self, messages: list[str]) -> None:
        """These were on this screen to their ends."""
        new = [one for one in messages if one not in self._shown]
        if new and not self.locked:
            self._shown.update(new)
            ask_id = f"talk:shown:{hashlib.sha256(' '.join(sorted(new)).encode()).hexdigest()[:24]}"
            try:
                await self.wire.ask("hotline/shown", {"messages": new}, ask_id)
            except (NodeRefused, NodeUnreachable) as error:
                # It is told when they are next on the screen.
                self._shown.difference_update(new)
                self.say(f"The others were not told that this was shown: {error}")

    @override
    async def action_quit(self) -> None:
        """Leave, but not with words that nobody has read."""
        if self.drafts and not self.notice.startswith("There are drafts"):
            self.say(f"There are drafts that were not sent ({len(self.drafts)}). Press again to leave and lose them.")
            return
        self.exit()
