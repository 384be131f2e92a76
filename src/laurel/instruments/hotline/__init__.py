"""Minutes: three capitals talk at once, each in its own language, and know that they were heard."""

from __future__ import annotations

from laurel.core.instrument import of_nouns
from laurel.instruments.hotline import (
    archive,
    attachments,
    board,
    checks,
    conversation,
    duty,
    lines,
    reach,
    receipts,
    translations,
)
from laurel.instruments.hotline.records import KINDS

INSTRUMENT = of_nouns(
    "hotline",
    1,
    KINDS,
    (
        conversation.NOUN,
        reach.NOUN,
        receipts.NOUN,
        translations.NOUN,
        board.NOUN,
        attachments.NOUN,
        archive.NOUN,
        checks.NOUN,
        lines.NOUN,
        duty.NOUN,
    ),
)
