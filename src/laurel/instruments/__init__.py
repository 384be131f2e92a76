"""What members do together. A sovereign node knows what it runs, so the tuple is explicit."""

from __future__ import annotations

from laurel.instruments.consult import INSTRUMENT as CONSULT
from laurel.instruments.cyber import INSTRUMENT as CYBER
from laurel.instruments.dialogue import INSTRUMENT as DIALOGUE
from laurel.instruments.exercise import INSTRUMENT as EXERCISE
from laurel.instruments.hotline import INSTRUMENT as HOTLINE
from laurel.instruments.line import INSTRUMENT as LINE
from laurel.instruments.office import INSTRUMENT as OFFICE
from laurel.instruments.region import INSTRUMENT as REGION
from laurel.instruments.supply import INSTRUMENT as SUPPLY
from laurel.instruments.warning import INSTRUMENT as WARNING

INSTRUMENTS = (
    LINE,
    WARNING,
    HOTLINE,
    CONSULT,
    DIALOGUE,
    CYBER,
    SUPPLY,
    REGION,
    EXERCISE,
    OFFICE,
)
