"""What stands on the terminal, as text: no state is told by colour, and nothing that a peer wrote moves the cursor."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct
from rich.text import Text

from laurel.core.record import Precedence
from laurel.instruments.hotline.board_types import (
    CallRow,
    ConversationRow,
    MessageRow,
    Reach,
    Reached,
    ReadbackState,
    TranslationRow,
)

STATES: Mapping[Reached, str] = {
    Reached.SENT: "·",
    Reached.DELIVERED: "↓",
    Reached.SHOWN: "○",
    Reached.ACKNOWLEDGED: "√",
    Reached.ANSWERED: "◄",
}
"""Each has its word beside it. All are in the character set of a PC's own console (code page 437)."""
READBACKS: Mapping[ReadbackState, str] = {
    ReadbackState.AWAITED: "readback awaited",
    ReadbackState.GIVEN: "read back, not judged",
    ReadbackState.RIGHT: "read back RIGHT",
    ReadbackState.WRONG: "read back WRONG",
}
URGENT: Mapping[Precedence, str] = {
    Precedence.ROUTINE: "routine",
    Precedence.PRIORITY: "priority",
    Precedence.IMMEDIATE: "IMMEDIATE",
    Precedence.FLASH: "** FLASH **",
}
GONE = "\ufffd"
# What turns the order of writing: a peer's text must not make another's words read otherwise.
BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class World(Struct, frozen=True):
    """What `about` tells of where we are."""

    member: str
    world: str
    exercise: str | None
    banner: str
    now: datetime
    officer: str | None = None


def plain(text: str) -> str:
    """Text of others, without what a terminal obeys: only line ends are left of the control characters."""
    return "".join(one if _harmless(one) else GONE for one in text.replace("\r\n", "\n").replace("\t", "    "))


def _harmless(one: str) -> bool:
    return one == "\n" or (unicodedata.category(one) not in {"Cc", "Cs", "Zl", "Zp"} and one not in BIDI)


def line(text: str) -> str:
    """The same on one line."""
    return " ".join(plain(text).split())


def clock(at: datetime) -> str:
    """The time of day, UTC; the date stands in the banner."""
    return f"{at:%H:%M:%S}Z"


def waited(since: datetime, now: datetime) -> str:
    """How long it has waited, in one unit."""
    seconds = max(0, int((now - since).total_seconds()))
    for unit, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * unit:
            return f"{seconds // unit} {name}"
    return f"{seconds} s"


def banner(world: World | None, now: datetime | None, line_state: str) -> Text:
    """Where we are: LIVE, or EXERCISE and its name, in words; what time it is; the line; what this screen may hold."""
    if world is None:
        return Text(f" {line_state} ", style="bold reverse")
    where = f"LIVE {world.world}" if world.exercise is None else f"EXERCISE {world.exercise} - NOT REAL"
    mark = world.banner if world.exercise is None else f"EXERCISE EXERCISE EXERCISE//{world.banner}"
    at = "" if now is None else f"{now:%Y-%m-%d %H:%M:%S} UTC"
    return Text(f" {where} | {world.member} | {line_state} | {at} \n {mark} ", style="bold reverse")


def call(row: CallRow, now: datetime) -> Text:
    """One line: what waits for our officers."""
    shown = Text(no_wrap=True, overflow="ellipsis")
    shown.append(f"{URGENT[row.precedence]} from {row.member}", style="bold")
    shown.append(f", waits {waited(row.since, now)}")
    if row.readback:
        shown.append(", WANTS A READBACK")
    if row.called:
        shown.append(f", called: {', '.join(map(line, row.called))}")
    if row.failed:
        shown.append(f", NOT REACHED: {', '.join(map(line, row.failed))}")
    shown.append(f": {line(row.subject)}: {line(row.text)}")
    return shown


def conversation(row: ConversationRow) -> Text:
    """Two lines: what it is about, and how it stands."""
    shown = Text(no_wrap=True, overflow="ellipsis")
    shown.append(line(row.subject), style="bold")
    shown.append(f"  {row.banner}\n")
    ours = f"{row.unacknowledged} WAIT FOR YOU, " if row.unacknowledged else ""
    others = f"waits for {', '.join(row.waits_for)}, " if row.waits_for else ""
    number = f"{row.messages} message{'s' * (row.messages > 1)}"
    shown.append(f"  {URGENT[row.precedence]}, {ours}{others}{number}, {clock(row.last_at)} {row.last_member}: ")
    shown.append(line(row.last_text))
    return shown


def message(row: MessageRow, numbers: Mapping[str, int]) -> Text:
    """A message: who and when, the original first, translations marked, and how far it came at each member."""
    number = numbers.get(row.id)
    shown = Text()
    shown.append(f"#{number} {clock(row.at)} {row.member} {line(row.author)}  {URGENT[row.precedence]}", style="bold")
    if row.answers is not None:
        shown.append(f"  answers #{numbers.get(row.answers, '(earlier)')}")
    if row.readback:
        shown.append("  WANTS A READBACK", style="bold")
    shown.append(f"\n  {row.banner}\n")
    if row.minutes_of is not None:
        call = row.minutes_of
        shown.append(f"  minutes of a {call.means} call, {clock(call.began_at)} to {clock(call.ended_at)}\n")
    shown.append(_indented(f"[{row.language}, original] {plain(row.text)}"))
    for one in row.translations:
        shown.append(_indented(f"{_translation(one)} {plain(one.text)}"), style="dim" if one.draft else "")
    for file in row.attachments:
        held = "here" if file.whole else f"{file.held} of {file.parts} parts here"
        bad = "  NOT WHAT ITS HASH SAYS" if file.whole is False else ""
        shown.append(f"  file {line(file.name)}, {file.size} bytes, {held}{bad}\n")
    for record in row.about:
        shown.append(f"  about record {record[:12]}\n")
    for one in row.reach:
        shown.append(f"  {reach(one)}\n")
    shown.rstrip()
    return shown


def _translation(one: TranslationRow) -> str:
    made = f"{'ENGINE ' if one.engine else ''}{line(one.translator)} of {one.member}"
    if one.draft:
        return f"[{one.language}, DRAFT translation, not reviewed, by {made}]"
    return f"[{one.language}, translation by {made}, reviewed by {line(one.reviewer or '')}]"


def reach(one: Reach) -> str:
    """A member and how far the message came there: symbol, word, since when, by which office."""
    words = [f"{one.member} {STATES[one.reached]} {one.reached.value}"]
    if one.since is not None:
        words.append(clock(one.since))
    if one.office is not None:
        words.append(f"by {line(one.office)}")
    if one.readback is not None:
        said = "" if one.readback_text is None else f': "{line(one.readback_text)}"'
        words.append(f"({READBACKS[one.readback]}{said})")
    return " ".join(words)


def _indented(text: str) -> str:
    return "".join(f"  {one}\n" for one in text.split("\n"))
