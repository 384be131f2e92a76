"""The duty list alone, with commands that say what the rest of the hotline says: a message, a receipt, a word."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from laurel.core.instrument import Command, Desk, Noun, Role, View, of_nouns
from laurel.core.label import Classification, Label, label
from laurel.core.record import Draft, Precedence
from laurel.instruments.hotline import duty
from laurel.instruments.hotline.records import KINDS, Acknowledged, Delivered, Message

MEMBERS = ("JPN", "KOR", "USA")
EVERYONE = label(Classification.SECRET, set(MEMBERS))
ANYONE = frozenset(Role)


class SayAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Say something with that urgency."""

    text: str
    precedence: Precedence = Precedence.FLASH
    subject: str | None = "Launch"
    conversation: str | None = None
    language: str = "ko"


class OfAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Say of that message that it is here, or understood."""

    message: str


def say(ask: SayAsk, view: View, desk: Desk) -> Sequence[Draft]:
    del view, desk
    body = Message(ask.language, ask.text, ask.conversation, ask.subject)
    return (Draft(body, EVERYONE, ask.precedence),)


def deliver(ask: OfAsk, view: View, desk: Desk) -> Sequence[Draft]:
    del desk
    return (Draft(Delivered(ask.message), *_as_of(ask.message, view)),)


def acknowledge(ask: OfAsk, view: View, desk: Desk) -> Sequence[Draft]:
    del desk
    return (Draft(Acknowledged(ask.message, "watch officer"), *_as_of(ask.message, view)),)


def _as_of(message: str, view: View) -> tuple[Label, Precedence]:
    found = view.record(message)
    assert found is not None
    return found.label, found.precedence


SPOKEN = Noun(
    commands=(
        Command("say", SayAsk, say, ANYONE),
        Command("deliver", OfAsk, deliver, ANYONE),
        Command("acknowledge", OfAsk, acknowledge, ANYONE),
    )
)
CALLING = of_nouns("hotline", 1, KINDS, (duty.NOUN, SPOKEN))
