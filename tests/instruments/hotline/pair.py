"""Two nodes without disk or wire: clocks that differ, paths that can be cut, nodes and officers that can sleep."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct

from laurel.core.instrument import NoAsk, of_nouns
from laurel.core.record import Draft, Record
from laurel.instruments.hotline import checks, lines
from laurel.instruments.hotline.board_types import LineRow, Lines, LineState
from laurel.instruments.hotline.check_texts import TEXTS
from laurel.instruments.hotline.checks import AnswerCheck, PlanChecks
from laurel.instruments.hotline.records import KINDS
from laurel.instruments.line import links
from laurel.instruments.line.links import NoteLinks
from laurel.instruments.line.records import KINDS as LINE_KINDS
from laurel.instruments.line.records import LinkChanged
from laurel.node.rehearsal import NODE, Node, record_of

START = datetime(2026, 8, 18, 3, 0, tzinfo=UTC)
JPN, KOR = "JPN", "KOR"
OFFICER = "officer:sato"
INSTRUMENT = of_nouns("hotline", 1, (*KINDS, *LINE_KINDS), (checks.NOUN, lines.NOUN, links.NOUN))


@dataclass
class Pair:
    """Japan and Korea. `now` is the true time, `ahead` how far a clock is ahead of it."""

    now: datetime = START
    ahead: dict[str, timedelta] = field(default_factory=lambda: defaultdict(timedelta))
    cut: set[str] = field(default_factory=set[str])
    asleep: set[str] = field(default_factory=set[str])
    absent: set[str] = field(default_factory=set[str])
    number: int = 0

    def __post_init__(self) -> None:
        self.of = {member: Node(member, (JPN, KOR), INSTRUMENT) for member in (JPN, KOR)}
        self.coming: dict[str, list[tuple[str, Record[Any]]]] = {JPN: [], KOR: []}
        self.asked: dict[str, set[str]] = {JPN: set(), KOR: set()}
        self.fired: list[tuple[str, str]] = []

    # What they do

    def clock(self, member: str) -> datetime:
        return self.now + self.ahead[member]

    def ask(self, member: str, command: str, ask: Struct, author: str = OFFICER) -> list[str]:
        node = self.of[member]
        decide = next(one.decide for one in INSTRUMENT.commands if one.name == command)
        said = [
            self.say(member, draft, author) for draft in decide(ask, node.view, node.desk(author, self.clock(member)))
        ]
        self.settle()
        return said

    def say(self, member: str, draft: Draft, author: str = NODE) -> str:
        self.number += 1
        desk = self.of[member].desk(author, self.clock(member))
        record_id, record = record_of(INSTRUMENT, draft, desk, self.number)
        self._take(member, record_id, record)
        for other in set(record.label.rel_to) - {member}:
            self.coming[other].append((record_id, record))
        return record_id

    def _take(self, member: str, record_id: str, record: Record[Any]) -> None:
        self.of[member].view.fold(record_id, record)
        self.of[member].log.append((record_id, record))

    def settle(self) -> None:
        """What is on its way comes, where there is a way; and what follows from it is said."""
        going = True
        while going:
            going = False
            for member, node in self.of.items():
                if member in self.asleep:
                    continue
                if member not in self.cut:
                    for record_id, record in self.coming[member]:
                        self._take(member, record_id, record)
                    self.coming[member] = []
                while node.reacted < len(node.log):
                    going = True
                    record_id, record = node.log[node.reacted]
                    node.reacted += 1
                    react = INSTRUMENT.reactions.get(record.kind)
                    desk = node.desk(NODE, self.clock(member))
                    for draft in react(record_id, record, node.view, desk) if react else ():
                        self.say(member, draft)
            going |= any(self.coming[one] and one not in self.cut | self.asleep for one in self.coming)

    def wake(self) -> None:
        """Every node that is awake asks what is due by its own clock, each due once."""
        for member, node in self.of.items():
            for due in INSTRUMENT.due(node.view) if member not in self.asleep else ():
                if due.at <= self.clock(member) and due.key not in self.asked[member]:
                    self.asked[member].add(due.key)
                    self.fired.append((member, due.key))
                    self.ask(member, due.command, due.ask, NODE)

    def answer(self) -> None:
        """Each officer who is there answers what waits for him."""
        for member in {JPN, KOR} - self.absent - self.asleep:
            for one in self.line(member).checks:
                if one.waits_for_us and one.id is not None:
                    self.ask(member, "answer-check", AnswerCheck(one.id, "watch", word_in(one.text or "")))

    def run(self, for_s: float, step_s: float = 10.0) -> None:
        """Time goes on."""
        until = self.now + timedelta(seconds=for_s)
        while self.now < until:
            self.now = min(self.now + timedelta(seconds=step_s), until)
            self.settle()
            self.wake()
            self.answer()

    # What the courier sees

    def sees(self, member: str, state: str, alive_before: datetime | None = None) -> None:
        other = KOR if member == JPN else JPN
        at = self.clock(member)
        self.ask(member, "note-links", NoteLinks((LinkChanged(other, state, at, "", alive_before),)), NODE)

    def meet(self) -> None:
        """Both see each other well, and their clocks begin to mark."""
        for member in (JPN, KOR):
            self.sees(member, "healthy")
        self.wake()
        self.answer()

    def plan(self, every_s: int, deliver_within_s: int, answer_within_s: int) -> None:
        self.ask(JPN, "plan-checks", PlanChecks(KOR, every_s, deliver_within_s, answer_within_s))

    # What they show

    def line(self, member: str) -> LineRow:
        shown: Lines = self.of[member].query("lines", NoAsk(), self.clock(member))
        return shown.lines[0]

    def states(self) -> tuple[LineState, LineState]:
        return self.line(JPN).state, self.line(KOR).state

    def close(self) -> None:
        for node in self.of.values():
            node.view.close()


def word_in(shown: str) -> str:
    """The counterword that stands in a text, as an officer reads it."""
    return next(text.counterwords["ko"] for text in TEXTS if text.shown == shown)
