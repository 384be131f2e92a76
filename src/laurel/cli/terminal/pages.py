"""The pages of the terminal: all conversations, and one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Label, OptionList, Static
from textual.widgets.option_list import Option
from typing_extensions import override

from laurel.cli.terminal import words
from laurel.cli.terminal.forms import Acknowledge, Judge, Opening, Reply, Unlock
from laurel.cli.terminal.page import Page
from laurel.instruments.hotline.board_types import Conversation, MessageRow, ReadbackState

if TYPE_CHECKING:
    from laurel.cli.terminal.app import Talk


class Conversations(OptionList):
    """The list, whose key stands below with the others."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select", "Open")]


class Home(Page):
    """All conversations, the last spoken in first."""

    BINDINGS: Sequence[BindingType] = (
        Binding("n", "write", "New"),
        Binding("c", "call", "First call"),
        Binding("u", "unlock", "Unlock"),
    )

    @override
    def body(self) -> ComposeResult:
        yield Conversations(id="conversations")

    @override
    def show_top(self) -> None:
        super().show_top()
        board = self.talk.board
        if board is None or not self.query(OptionList):
            return
        shown = self.query_one(OptionList)
        chosen = None if shown.highlighted is None else shown.get_option_at_index(shown.highlighted).id
        ids = [row.id for row in board.conversations]
        if ids == [option.id for option in shown.options]:
            for row in board.conversations:
                shown.replace_option_prompt(row.id, words.conversation(row))
            return
        shown.clear_options()
        shown.add_options([Option(words.conversation(row), id=row.id) for row in board.conversations])
        if ids:
            shown.highlighted = ids.index(chosen) if chosen in ids else 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter opens."""
        if event.option.id is not None:
            self.talk.push_screen(ConversationPage(self.talk, event.option.id))

    def action_write(self) -> None:
        """Open a conversation."""
        self.talk.push_screen(Opening(self.talk))

    def action_call(self) -> None:
        """Open the conversation of the most urgent call."""
        board = self.talk.board
        if board is not None and board.calls:
            call = board.calls[0]
            self.talk.push_screen(ConversationPage(self.talk, call.conversation, call.message))

    def action_unlock(self) -> None:
        """Sign in again."""
        if self.talk.locked:
            self.talk.push_screen(Unlock(self.talk))


class MessageBox(Static):
    """One message."""

    def __init__(self, row: MessageRow) -> None:
        super().__init__(id=f"m{row.id}", markup=False)
        self.row = row


class ConversationPage(Page):
    """One conversation, oldest first. The chosen message has a mark at its left edge."""

    BINDINGS: Sequence[BindingType] = (
        Binding("escape", "back", "Back"),
        Binding("tab", "choose(1)", "Next message", priority=True),
        Binding("shift+tab", "choose(-1)", "Before", priority=True, show=False),
        Binding("r", "reply", "Reply"),
        Binding("a", "acknowledge", "Acknowledge"),
        Binding("j", "judge", "Judge"),
    )

    def __init__(self, talk: Talk, conversation: str, message: str | None = None) -> None:
        super().__init__(talk)
        self._id = conversation
        self._chosen = message
        self._found: Conversation | None = None
        self._looking = False
        self._again = False

    @override
    def body(self) -> ComposeResult:
        yield Label("", id="subject", markup=False)
        yield VerticalScroll(id="messages")

    def on_mount(self) -> None:
        """Look it up."""
        super().on_mount()
        scroll = self.query_one("#messages", VerticalScroll)
        self.watch(scroll, "scroll_y", self._see, init=False)
        scroll.focus()
        self.want_again()

    def on_screen_resume(self) -> None:
        """It is in front again."""
        super().on_screen_resume()
        self.want_again()

    def want_again(self) -> None:
        """Something has changed. However much does, it is looked up once in a while."""
        self._again = True
        if not self._looking:
            self._looking = True
            self.run_worker(self._look, name="look")

    async def _look(self) -> None:
        while self._again:
            self._again = False
            found = await self.talk.conversation(self._id)
            # A page that is not made up yet looks again when it is; one that is leaving shows nothing any more.
            if found is not None and self._is_whole():
                await self._show(found)
                if self.talk.screen is self:
                    self.call_after_refresh(self._see)
        self._looking = False

    def _is_whole(self) -> bool:
        return self.is_attached and bool(self.query("#subject")) and bool(self.query("#messages"))

    async def _show(self, found: Conversation) -> None:
        last_before = self._found.messages[-1].id if self._found is not None else None
        self._found = found
        subject = f"{words.line(found.subject)}  {found.banner}"
        earlier = f"  ({found.earlier} earlier messages are not shown)" if found.earlier else ""
        self.query_one("#subject", Label).update(Text(subject + earlier, style="bold"))
        scroll = self.query_one("#messages", VerticalScroll)
        boxes = {box.row.id: box for box in scroll.query(MessageBox)}
        shown = {row.id for row in found.messages}
        for gone in boxes.keys() - shown:
            await boxes.pop(gone).remove()
        if self._chosen not in shown:
            self._chosen = found.messages[-1].id
        for place, row in enumerate(found.messages):
            if not self._is_whole():
                return
            if row.id in boxes:
                boxes[row.id].row = row
                if list(scroll.children)[place] is not boxes[row.id]:
                    scroll.move_child(boxes[row.id], before=place)
            else:
                boxes[row.id] = MessageBox(row)
                await scroll.mount(boxes[row.id], before=place if place < len(scroll.children) else None)
        self._mark()
        if self._is_whole() and last_before != found.messages[-1].id:
            self.call_after_refresh(self._scroll_to_chosen if last_before is None else self._scroll_if_at_end)

    def _mark(self) -> None:
        numbers = self._numbers()
        for box in self.query(MessageBox):
            mark = "> " if box.row.id == self._chosen else "  "
            shown = words.message(box.row, numbers)
            marked = Text("\n").join(Text(mark).append_text(one) for one in shown.split("\n"))
            box.update(marked.append("\n"))

    def _numbers(self) -> Mapping[str, int]:
        found = self._found
        return {} if found is None else {row.id: n for n, row in enumerate(found.messages, found.earlier + 1)}

    def _scroll_to_chosen(self) -> None:
        for box in self.query(MessageBox):
            if box.row.id == self._chosen:
                box.scroll_visible(animate=False, top=True)

    def _scroll_if_at_end(self) -> None:
        if not self._is_whole():
            return
        # Who reads further up is not torn away: the calls on top tell of what came.
        scroll = self.query_one("#messages", VerticalScroll)
        last = list(scroll.query(MessageBox))[-1]
        if scroll.max_scroll_y - scroll.scroll_y <= last.outer_size.height:
            scroll.scroll_end(animate=False)

    def _see(self) -> None:
        """Tell of those messages of others whose end is on the screen."""
        if self.talk.screen is not self or self.talk.here is None or not self._is_whole():
            return
        view = self.query_one("#messages", VerticalScroll).region
        seen = [
            box.row.id
            for box in self.query(MessageBox)
            if box.row.member != self.talk.here.member and view.y < box.region.bottom <= view.bottom
        ]
        if seen:
            self.run_worker(partial(self.talk.tell_shown, seen), name="shown")

    # Keys

    @property
    def chosen(self) -> MessageRow | None:
        """The message that keys speak of."""
        found = self._found
        return next((row for row in found.messages if row.id == self._chosen), None) if found is not None else None

    def action_back(self) -> None:
        """To the list."""
        self.talk.pop_screen()

    def action_choose(self, step: int) -> None:
        """The next message, or the one before."""
        if self._found is None:
            return
        ids = [row.id for row in self._found.messages]
        place = ids.index(self._chosen) + step if self._chosen in ids else len(ids) - 1
        self._chosen = ids[max(0, min(place, len(ids) - 1))]
        self._mark()
        self._scroll_to_chosen()

    def action_reply(self) -> None:
        """Answer the chosen message."""
        if self.chosen is not None:
            self.talk.push_screen(Reply(self.talk, self.chosen))

    def action_acknowledge(self) -> None:
        """Acknowledge the chosen message."""
        chosen, here = self.chosen, self.talk.here
        if chosen is None or here is None:
            return
        if chosen.member == here.member:
            self.talk.say("This message is our own: those it was sent to acknowledge it.")
            return
        self.talk.push_screen(Acknowledge(self.talk, chosen))

    def action_judge(self) -> None:
        """Say whether what was read back of our message is right."""
        chosen, here = self.chosen, self.talk.here
        if chosen is None or here is None or chosen.member != here.member:
            self.talk.say("Choose a message of ours that was read back.")
            return
        for one in chosen.reach:
            if one.readback is ReadbackState.GIVEN and one.acknowledgement is not None:
                self.talk.push_screen(Judge(self.talk, one.acknowledgement, f'{one.member}: "{one.readback_text}"'))
                return
        self.talk.say("Nothing was read back of this message that waits for your word.")
