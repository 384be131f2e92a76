"""What the hotline carries: messages and how far each came, translations, files, line checks, who is on duty."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from laurel.core.fields import Code, Language, Line, Name, RecordId, Sha256, Text
from laurel.core.instrument import FOREVER, Kind
from laurel.core.record import Utc

MAX_PART_BYTES = 128 * 1024
MAX_PARTS = 256
MAX_FILE_BYTES = MAX_PART_BYTES * MAX_PARTS

Slot = Annotated[int, Meta(ge=0, le=2**53)]
Seconds = Annotated[int, Meta(ge=1, le=30 * 86_400)]


class Attachment(Struct, frozen=True):
    """A file that goes with a message. Its parts are records of their own; the hash is of the whole file."""

    sha256: Sha256
    name: Name
    media_type: Annotated[str, Meta(pattern="^[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}$")]
    size: Annotated[int, Meta(ge=0, le=MAX_FILE_BYTES)]


class Call(Struct, frozen=True):
    """A call by voice or video, of which a message is the minutes. Neither is carried here."""

    means: Annotated[str, Meta(pattern="^(voice|video)$")]
    began_at: Utc
    ended_at: Utc
    offices: tuple[Name, ...]


class Message(Struct, frozen=True):
    """One message, in its writer's own language: that text alone is authoritative.

    One without a `conversation` opens one, which is called by its id, and has a `subject`. A message that answers
    another names it in the record's `answers`; what it speaks of stands in `about`. `readback`: whoever acknowledges
    it must say in his own words what he understood.
    """

    language: Language
    text: Text
    conversation: RecordId | None = None
    subject: Line | None = None
    readback: bool = False
    attachments: Annotated[tuple[Attachment, ...], Meta(max_length=20)] = ()
    minutes_of: Call | None = None


class Delivered(Struct, frozen=True):
    """Our node has this message on its disk. Said by the node."""

    message: RecordId


class Shown(Struct, frozen=True):
    """This message was on the screen of one of our officers."""

    message: RecordId


class Acknowledged(Struct, frozen=True):
    """An officer has understood this message and answers for it by his office. `readback` is what he understood."""

    message: RecordId
    office: Name
    readback: Text | None = None


class ReadbackJudged(Struct, frozen=True):
    """The writer's word on what was read back: that is what was meant, or it is not."""

    acknowledgement: RecordId
    right: bool
    remark: Line | None = None


class Translation(Struct, frozen=True):
    """What a message says in another language, by a named translator: a person, or an engine at the member's house.

    It is a draft until somebody reviews it. What an engine makes is a draft always, until a person has.
    """

    message: RecordId
    language: Language
    text: Text
    translator: Name
    engine: bool = False


class TranslationReviewed(Struct, frozen=True):
    """A person who reads both languages stands by this very translation. Another says it than who made it."""

    translation: RecordId
    reviewer: Name


class TranslationWanted(Struct, frozen=True):
    """Our own translation engine shall translate this message. Stays at home."""

    message: RecordId
    language: Language


class Part(Struct, frozen=True):
    """One part of a file, said ROUTINE, so that no message waits for it. All but the last are `MAX_PART_BYTES` long."""

    sha256: Sha256
    index: Annotated[int, Meta(ge=0, lt=MAX_PARTS)]
    parts: Annotated[int, Meta(ge=1, le=MAX_PARTS)]
    content: Annotated[bytes, Meta(max_length=MAX_PART_BYTES)]


class FileChecked(Struct, frozen=True):
    """All parts of a file that a member said to this audience are here: whether they are what its hash says.

    Said by the node, kept at home. `last` is the part with which the file was whole; a part said anew asks anew.
    """

    sha256: Sha256
    last: RecordId
    size: Annotated[int, Meta(ge=0, le=MAX_FILE_BYTES)]
    right: bool


class CheckPlan(Struct, frozen=True):
    """How often the line between two members is checked, and within what time what must happen. Said to the other.

    The one said last holds, whoever of the two said it. Slot n begins `every_s` * n seconds after 1970.
    """

    every_s: Seconds
    deliver_within_s: Seconds
    answer_within_s: Seconds


class CheckRound(Struct, frozen=True):
    """Our node's own clock came to this slot. `peers` are those it has a line to by that plan; kept at home.

    The two of a pair take turns: in an even slot the first of them by code checks, in an odd one the other.
    """

    slot: Slot
    peers: tuple[Code, ...]
    every_s: Seconds
    deliver_within_s: Seconds
    answer_within_s: Seconds


class LineCheck(Struct, frozen=True):
    """A check of the line. It is no message: it has no words of its own, only the number of a reviewed text."""

    slot: Slot
    text: Annotated[int, Meta(ge=0, le=999)]


class CheckHeard(Struct, frozen=True):
    """The other node has the check on its disk. Said by the node."""

    check: RecordId


class CheckAnswered(Struct, frozen=True):
    """An officer read the check's text and answers it by his office, with the text's own counterword."""

    check: RecordId
    office: Name
    counterword: Line


class CheckMeasured(Struct, frozen=True):
    """By the checker's own clock: how long until the check was heard, or answered. Kept at home."""

    check: RecordId
    member: Code
    heard_after_s: float | None = None
    answered_after_s: float | None = None


class Step(Struct, frozen=True):
    """Who is called when nobody has acknowledged for `after_s`: an office, by these of the member's own notifiers."""

    after_s: Annotated[int, Meta(ge=0, le=86_400)]
    office: Name
    by: tuple[Name, ...] = ()


class DutyListPut(Struct, frozen=True):
    """Our duty list from now on, the first to be called first. Stays at home.

    Messages of others in another language are handed to our own translation engine by themselves, for each of
    `translate_into`.
    """

    steps: Annotated[tuple[Step, ...], Meta(min_length=1, max_length=20)]
    translate_into: Annotated[tuple[Language, ...], Meta(max_length=5)] = ()


class Escalated(Struct, frozen=True):
    """Nobody had acknowledged this message, or answered this check, in time: the next of the duty list is called.

    Said by the node, kept at home. `step` counts from 0 and names what the list said then; `late_s` is how much later
    than the list asks it was called, since the node was down or the list was changed.
    """

    subject: RecordId
    step: Annotated[int, Meta(ge=0, le=19)]
    office: Name
    by: tuple[Name, ...]
    late_s: Annotated[int, Meta(ge=0)] = 0


class ErrandOutcome(StrEnum):
    """What became of something that was asked of the world outside."""

    DONE = "done"
    FAILED = "failed"


class Notified(Struct, frozen=True):
    """A notifier of ours was tried for this escalation, and what came of it. Kept at home."""

    escalation: RecordId
    by: Name
    outcome: ErrandOutcome
    why: Annotated[str, Meta(max_length=1_000)] = ""


class TranslationFailed(Struct, frozen=True):
    """Our translation engine did not translate this. Kept at home."""

    wanted: RecordId
    why: Annotated[str, Meta(max_length=1_000)]


YEAR = timedelta(days=365)

MESSAGE = Kind("hotline.message.v1", Message, FOREVER, retractable=True)
DELIVERED = Kind("hotline.delivered.v1", Delivered, FOREVER)
SHOWN = Kind("hotline.shown.v1", Shown, FOREVER)
ACKNOWLEDGED = Kind("hotline.acknowledged.v1", Acknowledged, FOREVER, undone_by="send a message that puts it right")
READBACK_JUDGED = Kind("hotline.readback-judged.v1", ReadbackJudged, FOREVER)
TRANSLATION = Kind("hotline.translation.v1", Translation, FOREVER, retractable=True, falls_with="message")
TRANSLATION_REVIEWED = Kind("hotline.translation-reviewed.v1", TranslationReviewed, FOREVER, retractable=True)
TRANSLATION_WANTED = Kind("hotline.translation-wanted.v1", TranslationWanted, YEAR)
TRANSLATION_FAILED = Kind("hotline.translation-failed.v1", TranslationFailed, YEAR)
PART = Kind("hotline.part.v1", Part, YEAR, undone_by="it is forgotten after a year")
FILE_CHECKED = Kind("hotline.file-checked.v1", FileChecked, YEAR)
CHECK_PLAN = Kind("hotline.check-plan.v1", CheckPlan, FOREVER, undone_by="say another plan")
CHECK_ROUND = Kind("hotline.check-round.v1", CheckRound, YEAR)
LINE_CHECK = Kind("hotline.line-check.v1", LineCheck, YEAR)
CHECK_HEARD = Kind("hotline.check-heard.v1", CheckHeard, YEAR)
CHECK_ANSWERED = Kind("hotline.check-answered.v1", CheckAnswered, YEAR)
CHECK_MEASURED = Kind("hotline.check-measured.v1", CheckMeasured, YEAR)
DUTY_LIST_PUT = Kind("hotline.duty-list-put.v1", DutyListPut, FOREVER, undone_by="put another list")
ESCALATED = Kind("hotline.escalated.v1", Escalated, FOREVER)
NOTIFIED = Kind("hotline.notified.v1", Notified, FOREVER)

KINDS = (
    MESSAGE,
    DELIVERED,
    SHOWN,
    ACKNOWLEDGED,
    READBACK_JUDGED,
    TRANSLATION,
    TRANSLATION_REVIEWED,
    TRANSLATION_WANTED,
    TRANSLATION_FAILED,
    PART,
    FILE_CHECKED,
    CHECK_PLAN,
    CHECK_ROUND,
    LINE_CHECK,
    CHECK_HEARD,
    CHECK_ANSWERED,
    CHECK_MEASURED,
    DUTY_LIST_PUT,
    ESCALATED,
    NOTIFIED,
)
