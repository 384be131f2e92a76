"""What is filled in to write, to acknowledge, to judge a readback and to unlock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Label, TextArea
from typing_extensions import override

from laurel.cli.terminal import words
from laurel.cli.terminal.page import Page
from laurel.core.errors import BadField
from laurel.core.label import Classification
from laurel.core.record import Precedence
from laurel.instruments.hotline.board_types import MessageRow

if TYPE_CHECKING:
    from laurel.cli.terminal.app import Talk

PRECEDENCES: Mapping[str, Any] = {one.name: int(one) for one in Precedence}
CLASSIFICATIONS: Mapping[str, Any] = {one.value: one.value for one in Classification}
YES_NO: Mapping[str, Any] = {"YES": True, "NO": False}


def one_of(field: str, typed: str, choices: Mapping[str, Any]) -> Any:
    """What was meant by a word or its beginning. Raises BadField."""
    found = [value for word, value in choices.items() if typed.strip() and word.startswith(typed.strip().upper())]
    if len(found) != 1:
        raise BadField(field=field, value=typed, must_be=f"one of {', '.join(choices)}, or how it begins")
    return found[0]


class Form(Page):
    """Fields and a text. What is typed is kept until the node has taken it, also when the page is left."""

    BINDINGS: Sequence[BindingType] = (
        Binding("ctrl+s", "send", "Send", priority=True),
        Binding("escape", "back", "Back, keep draft", priority=True),
    )
    COMMAND = ""

    def __init__(self, talk: Talk, draft: str, heading: str) -> None:
        super().__init__(talk)
        self.draft = draft
        self.heading = heading
        self._sending = False

    def fields(self) -> Sequence[tuple[str, str, str]]:
        """Name, what to type, and what stands there at first."""
        raise NotImplementedError

    def text(self) -> str | None:
        """What to write into the text, None for a form without one."""
        return None

    def made(self, typed: Mapping[str, str]) -> dict[str, Any]:
        """The ask. Raises BadField."""
        raise NotImplementedError

    @override
    def body(self) -> ComposeResult:
        kept = self.talk.drafts.get(self.draft, {})
        yield Label(self.heading, id="title", markup=False)
        for name, hint, value in self.fields():
            with Horizontal():
                yield Label(name.replace("_", " "))
                yield Input(kept.get(name, value), id=name, placeholder=hint, compact=True, password=name == "password")
        if self.text() is not None:
            yield TextArea(kept.get("text", ""), id="text", placeholder=self.text() or "")

    def on_mount(self) -> None:
        """The first empty place is where one types."""
        super().on_mount()
        empty = [one for one in self.query(Input) if not one.value]
        if empty:
            empty[0].focus()
        elif self.text() is not None:
            self.query_one(TextArea).focus()

    def on_input_submitted(self) -> None:
        """Enter goes to the next field; behind the last one it sends a form without a text."""
        if self.text() is None and self.focused is list(self.query(Input))[-1]:
            self.action_send()
        else:
            self.focus_next()

    def on_input_changed(self) -> None:
        """Kept at each key."""
        self._keep()

    def on_text_area_changed(self) -> None:
        """Kept at each key."""
        self._keep()

    def typed(self) -> dict[str, str]:
        """What stands in the form."""
        typed = {str(one.id): one.value for one in self.query(Input)}
        if self.text() is not None:
            typed["text"] = self.query_one(TextArea).text
        return typed

    def _keep(self) -> None:
        if self.is_mounted and self.typed().get("text", "").strip():
            self.talk.drafts[self.draft] = self.typed()

    def action_back(self) -> None:
        """Leave; the draft is here when it is opened again."""
        self.talk.pop_screen()

    def action_send(self) -> None:
        """Ask the node."""
        if not self._sending:
            self._sending = True
            self.run_worker(self._send, name="send")

    async def _send(self) -> None:
        try:
            records = await self.send(self.made(self.typed()))
        except BadField as error:
            self.talk.say(str(error))
            records = None
        self._sending = False
        if records is not None:
            if self.is_current:
                self.talk.pop_screen()
            self.sent(records)

    async def send(self, ask: Mapping[str, Any]) -> list[str] | None:
        """What the node said of it; None when it did not take it."""
        return await self.talk.ask(self.draft, self.COMMAND, ask)

    def sent(self, records: Sequence[str]) -> None:
        """What follows."""


class Opening(Form):
    """A message that opens a conversation."""

    COMMAND = "hotline/send"

    def __init__(self, talk: Talk, draft: str = "new", heading: str = "A new conversation") -> None:
        super().__init__(talk, draft, heading)

    @override
    def fields(self) -> Sequence[tuple[str, str, str]]:
        return (
            ("to", "members, such as KOR USA", ""),
            ("subject", "what it is about", ""),
            *self.marks(),
        )

    def marks(self) -> Sequence[tuple[str, str, str]]:
        """What every message needs, and nothing stands there before an officer typed it."""
        return (
            ("precedence", ", ".join(PRECEDENCES), ""),
            ("classification", ", ".join(CLASSIFICATIONS), ""),
            ("language", "of your text: en, ja, ko", self.talk.language),
            ("readback", "yes: who acknowledges says what he understood", "no"),
        )

    @override
    def text(self) -> str:
        return "in your own language: this text alone is authoritative"

    @override
    def made(self, typed: Mapping[str, str]) -> dict[str, Any]:
        return {
            **self.marked(typed),
            "to": typed["to"].upper().replace(",", " ").split(),
            "subject": typed["subject"],
        }

    def marked(self, typed: Mapping[str, str]) -> dict[str, Any]:
        """The parts that every message has. Raises BadField."""
        return {
            "precedence": one_of("precedence", typed["precedence"], PRECEDENCES),
            "classification": one_of("classification", typed["classification"], CLASSIFICATIONS),
            "language": typed["language"].strip().lower(),
            "readback": one_of("readback", typed["readback"], YES_NO),
            "text": typed["text"],
        }

    @override
    async def send(self, ask: Mapping[str, Any]) -> list[str] | None:
        self.talk.language = ask["language"]
        return await super().send(ask)

    @override
    def sent(self, records: Sequence[str]) -> None:
        self.talk.open(records[0])


class Reply(Opening):
    """A message that answers another."""

    def __init__(self, talk: Talk, row: MessageRow) -> None:
        super().__init__(talk, f"reply {row.id}", f"An answer to {row.member}: {words.line(row.text)[:50]}")
        self._row = row

    @override
    def fields(self) -> Sequence[tuple[str, str, str]]:
        return (("to", "fewer members; empty for all who were told", ""), *self.marks())

    @override
    def made(self, typed: Mapping[str, str]) -> dict[str, Any]:
        return {
            **self.marked(typed),
            "to": typed["to"].upper().replace(",", " ").split(),
            "answers": self._row.id,
        }

    @override
    def sent(self, records: Sequence[str]) -> None:
        del records


class Acknowledge(Form):
    """An officer's acknowledgement, by office."""

    COMMAND = "hotline/acknowledge"

    def __init__(self, talk: Talk, row: MessageRow) -> None:
        wants = "READ BACK in your own words" if row.readback else "Acknowledge"
        super().__init__(talk, f"acknowledge {row.id}", f"{wants}: {row.member}: {words.line(row.text)[:50]}")
        self._row = row

    @override
    def fields(self) -> Sequence[tuple[str, str, str]]:
        return (("office", "your office, such as Watch 2", self.talk.office),)

    @override
    def text(self) -> str:
        return "what you understood, in your own words" if self._row.readback else "nothing, or what you understood"

    @override
    def made(self, typed: Mapping[str, str]) -> dict[str, Any]:
        if not typed["office"].strip():
            raise BadField(field="office", value="", must_be="the office you answer for")
        self.talk.office = typed["office"].strip()
        return {"message": self._row.id, "office": self.talk.office, "readback": typed["text"].strip() or None}


class Judge(Form):
    """Whether what was read back is what we meant."""

    COMMAND = "hotline/judge-readback"

    def __init__(self, talk: Talk, acknowledgement: str, said: str) -> None:
        super().__init__(talk, f"judge {acknowledgement}", f"Read back by {words.line(said)[:70]}")
        self._acknowledgement = acknowledgement

    @override
    def fields(self) -> Sequence[tuple[str, str, str]]:
        return (("right", "yes or no: is that what we meant?", ""), ("remark", "nothing, or what was wrong", ""))

    @override
    def made(self, typed: Mapping[str, str]) -> dict[str, Any]:
        return {
            "acknowledgement": self._acknowledgement,
            "right": one_of("right", typed["right"], YES_NO),
            "remark": typed["remark"].strip() or None,
        }


class Unlock(Form):
    """The officer's session is locked."""

    def __init__(self, talk: Talk) -> None:
        super().__init__(talk, "unlock", "The screen is locked. What you were writing is kept.")

    @override
    def fields(self) -> Sequence[tuple[str, str, str]]:
        return (("password", f"the password of {self.talk.wire.officer or 'this officer'}", ""),)

    @override
    def made(self, typed: Mapping[str, str]) -> dict[str, Any]:
        return {"password": typed["password"]}

    @override
    async def send(self, ask: Mapping[str, Any]) -> list[str] | None:
        return [] if await self.talk.unlock(ask["password"]) else None
