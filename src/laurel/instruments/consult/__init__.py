"""Minutes to days: the duty to consult, from a request to a text that all adopt, and what follows from it."""

from __future__ import annotations

from laurel.core.instrument import of_nouns
from laurel.instruments.consult import (
    archive,
    board,
    caveats,
    course,
    first_draft,
    information,
    options,
    ready,
    statement,
    texts,
)
from laurel.instruments.consult.records import KINDS

INSTRUMENT = of_nouns(
    "consult",
    1,
    KINDS,
    (
        course.NOUN,
        ready.NOUN,
        options.NOUN,
        caveats.NOUN,
        texts.NOUN,
        first_draft.NOUN,
        statement.NOUN,
        information.NOUN,
        board.NOUN,
        archive.NOUN,
    ),
)
