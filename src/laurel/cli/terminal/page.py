"""What every page of the terminal has on top."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Footer, Static
from typing_extensions import override

from laurel.cli.terminal import words

if TYPE_CHECKING:
    from laurel.cli.terminal.app import Talk

CALLS = 3


class Page(Screen[None]):
    """What stands on top of every page: where we are, what calls, what is the matter."""

    def __init__(self, talk: Talk) -> None:
        super().__init__()
        self.talk = talk

    @override
    def compose(self) -> ComposeResult:
        yield Static(id="banner")
        yield Static(id="notice")
        yield Static(id="calls")
        yield from self.body()
        yield Footer(compact=True, show_command_palette=False)

    def body(self) -> ComposeResult:
        """What is this page's own."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Show what is known."""
        self.show_top()

    def on_screen_resume(self) -> None:
        """Show what came meanwhile."""
        self.show_top()

    def show_top(self) -> None:
        """Banner, notice and calls as they are now."""
        talk = self.talk
        self.query_one("#banner", Static).update(words.banner(talk.here, talk.now, talk.line_state))
        notice = self.query_one("#notice", Static)
        notice.update(Text(f"! {talk.notice}"))
        notice.display = bool(talk.notice)
        calls = self.query_one("#calls", Static)
        rows = () if talk.board is None else talk.board.calls
        shown = [words.call(row, talk.now or row.since) for row in rows[:CALLS]]
        if len(rows) > CALLS:
            shown[-1] = Text(f"{shown[-1].plain[:60]}...  and {len(rows) - CALLS + 1} more wait for you")
        calls.update(Text("\n", no_wrap=True, overflow="ellipsis").join(shown))
        calls.display = bool(rows)
