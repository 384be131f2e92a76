"""The table at which tests of joint texts sit: three nodes, a consultation, and what each asks there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import structs
from tests.instruments.harness import Nodes

from laurel.core.instrument import Noun, of_nouns
from laurel.core.label import Classification, Label
from laurel.core.record import Draft
from laurel.instruments.consult import said, texts
from laurel.instruments.consult.course_types import TextRow
from laurel.instruments.consult.procedure import Procedure, procedure, text_rows
from laurel.instruments.consult.records import KINDS, PROCEDURE, Closed, ConsultationRequest, Departed, Version
from laurel.instruments.consult.texts import ProposeTextAsk, ShownTextAsk
from laurel.instruments.consult.words import Ground, Level, Purpose
from laurel.instruments.hotline.records import CHECK_MEASURED
from laurel.instruments.line.records import GAP_DECLARED

THREE = ("JPN", "KOR", "USA")
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TO_ALL = Label(Classification.SECRET, THREE)
VERSIONS = (Version("en", "We act together."), Version("ja", "共に行動する。"), Version("ko", "함께 행동한다."))
INSTRUMENT = of_nouns(
    "consult",
    1,
    (*KINDS, GAP_DECLARED, CHECK_MEASURED),
    (Noun(tables=said.TABLES, folds=said.FOLDS), texts.NOUN),
)


class Table:
    """Three nodes and one consultation between them."""

    def __init__(self) -> None:
        self.nodes = Nodes(INSTRUMENT, THREE)
        request = ConsultationRequest("Launch", Ground.THREAT, Level.ADVISER, "en", "It fell near us.", THREE, 3_600)
        self.consultation = self.say("JPN", request)

    def say(self, member: str, body: Any, label: Label = TO_ALL, now: datetime = NOW) -> str:
        """Said as it is, whatever a command would have refused."""
        desk = self.nodes.of[member].desk("officer:someone", now)
        said_ = self.nodes.say(Draft(body, label, PROCEDURE), desk)
        self.nodes.settle(now)
        return said_

    def ask(self, member: str, command: str, ask: Any, now: datetime = NOW) -> str:
        """The record that the command said."""
        return self.nodes.ask(member, command, ask, "officer:someone", now)[0]

    def propose(self, member: str, **changes: Any) -> str:
        """A joint response, its deadline in an hour."""
        now = changes.pop("now", NOW)
        ask = ProposeTextAsk(self.consultation, Purpose.RESPONSE, VERSIONS, NOW + HOUR, least_s=60)
        return self.ask(member, "propose-text", structs.replace(ask, **changes), now)

    def show(self, member: str, text: str, now: datetime = NOW) -> None:
        """Before an officer of that member."""
        self.ask(member, "shown-text", ShownTextAsk(text, f"{member} watch"), now)

    def found(self, member: str = "JPN") -> Procedure:
        """What that node knows."""
        return procedure(self.nodes.of[member].view, self.consultation)

    def row(self, text: str, now: datetime = NOW) -> TextRow:
        """How every node shows that text: they all show the same."""
        rows = [
            next(row for row in text_rows(procedure(node.view, self.consultation), now) if row.id == text)
            for node in self.nodes.of.values()
        ]
        assert all(row == rows[0] for row in rows)
        return rows[0]

    def leave(self, member: str) -> str:
        """It leaves."""
        return self.say(member, Departed(self.consultation, "We must leave."))

    def close(self, member: str) -> str:
        """It closes the consultation."""
        return self.say(member, Closed(self.consultation, "That is all."))
