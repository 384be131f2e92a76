"""What the hotline shows: conversations, how far each message came at each member, who is called, how the lines are."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from laurel.core.record import Precedence
from laurel.instruments.hotline.records import Call, Step


class Reached(StrEnum):
    """How far a message came at one member. Each is said by a signed record but the first, which is the message."""

    SENT = "sent"
    DELIVERED = "delivered"
    SHOWN = "shown"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"


class ReadbackState(StrEnum):
    """Where a readback stands: right and wrong are the writer's word."""

    AWAITED = "awaited"
    GIVEN = "given"
    RIGHT = "right"
    WRONG = "wrong"


class Reach(Struct, frozen=True):
    """How far a message came at one member, since when it says so, and by which office it was acknowledged."""

    member: str
    reached: Reached
    since: datetime | None
    office: str | None
    readback: ReadbackState | None
    readback_text: str | None
    acknowledgement: str | None


class TranslationRow(Struct, frozen=True):
    """A translation. A draft is shown as one, with its translator; a reviewed one names its reviewer."""

    id: str
    member: str
    language: str
    text: str
    translator: str
    engine: bool
    draft: bool
    reviewer: str | None


class AttachmentRow(Struct, frozen=True):
    """A file, and how much of it is here. `whole` once all parts are here: whether they are what the hash says."""

    sha256: str
    name: str
    media_type: str
    size: int
    parts: int
    held: int
    whole: bool | None


class MessageRow(Struct, frozen=True):
    """A message, original first. `banner` is its label in words."""

    id: str
    conversation: str
    member: str
    author: str
    at: datetime
    precedence: Precedence
    banner: str
    language: str
    text: str
    answers: str | None
    about: tuple[str, ...]
    readback: bool
    reach: tuple[Reach, ...]
    translations: tuple[TranslationRow, ...]
    attachments: tuple[AttachmentRow, ...]
    minutes_of: Call | None


class ConversationRow(Struct, frozen=True):
    """One conversation in the list. `waits_for` are members that have not acknowledged its last message.

    `messages` are those among the last 500 of all; `unacknowledged` are those that wait for our own officers.
    """

    id: str
    subject: str
    banner: str
    members: tuple[str, ...]
    precedence: Precedence
    opened_by: str
    opened_at: datetime
    last_at: datetime
    last_member: str
    last_text: str
    last_language: str
    messages: int
    waits_for: tuple[str, ...]
    unacknowledged: int


class CallRow(Struct, frozen=True):
    """A message of another that no officer of ours has acknowledged. `called` are the offices called so far."""

    message: str
    conversation: str
    subject: str
    member: str
    at: datetime
    since: datetime
    precedence: Precedence
    language: str
    text: str
    readback: bool
    called: tuple[str, ...]
    next_office: str | None
    next_at: datetime | None
    failed: tuple[str, ...]


class Board(Struct, frozen=True):
    """What waits for us, the most urgent first; and the latest conversations, the last spoken in first."""

    at: datetime
    calls: tuple[CallRow, ...]
    conversations: tuple[ConversationRow, ...]


class Conversation(Struct, frozen=True):
    """One conversation, oldest first: its last messages, and how many there are before these."""

    id: str
    subject: str
    banner: str
    members: tuple[str, ...]
    messages: tuple[MessageRow, ...]
    earlier: int


class LineState(StrEnum):
    """Which part of the line to a member works, as far as we can tell."""

    HEALTHY = "healthy"
    UNANSWERED = "unanswered"
    """The other node heard our check, but no officer answered it in time."""
    UNHEARD = "unheard"
    """The path and the node seem to work, but our check was not heard, or theirs did not come, in time."""
    NODE_DOWN = "node-down"
    PATH_DOWN = "path-down"
    UNCHECKED = "unchecked"
    """No check was due yet."""


class LineSpan(Struct, frozen=True):
    """The line was so from then until then; None while it still is."""

    state: LineState
    since: datetime
    until: datetime | None


class CheckRow(Struct, frozen=True):
    """One check of a line: by whom, and how long until the other node heard it and an officer answered."""

    id: str | None
    slot: int
    by: str
    at: datetime
    text: str | None
    heard_after_s: float | None
    answered_after_s: float | None
    office: str | None
    waits_for_us: bool


class LineRow(Struct, frozen=True):
    """The line to one member: its state and since when, whether it alarms, its history and its checks, newest first."""

    member: str
    state: LineState
    since: datetime | None
    alarm: bool
    via: str
    every_s: int
    next_at: datetime | None
    worst_delay_s: float | None
    history: tuple[LineSpan, ...]
    checks: tuple[CheckRow, ...]


class Lines(Struct, frozen=True):
    """The line to every other member."""

    at: datetime
    lines: tuple[LineRow, ...]


class DutyList(Struct, frozen=True):
    """Who is called, and when, if nobody acknowledges. Put by nobody: what holds until somebody puts another."""

    steps: tuple[Step, ...]
    translate_into: tuple[str, ...]
    put_by: str | None
    put_at: datetime | None
