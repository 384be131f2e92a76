"""Years: who meets and when the next is owed, what was promised by which office, and what is handed on."""

from __future__ import annotations

from laurel.core.instrument import of_nouns
from laurel.instruments.dialogue import (
    agenda,
    calendar,
    charter,
    commitments,
    dossier,
    meeting_board,
    meetings,
    offices,
    pledges,
    series,
)
from laurel.instruments.dialogue.records import KINDS

INSTRUMENT = of_nouns(
    "dialogue",
    3,
    KINDS,
    (
        series.NOUN,
        meetings.NOUN,
        meeting_board.NOUN,
        agenda.NOUN,
        commitments.NOUN,
        pledges.NOUN,
        offices.NOUN,
        dossier.NOUN,
        calendar.NOUN,
        charter.NOUN,
    ),
)
