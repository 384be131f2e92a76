"""What may be asked of the line, by officers and by the node itself."""

from __future__ import annotations

from laurel.instruments.line import gaps, keys, receipts, retraction, standing, trouble

COMMANDS = (
    *trouble.COMMANDS,
    *keys.COMMANDS,
    *standing.COMMANDS,
    *retraction.COMMANDS,
    *gaps.COMMANDS,
    *receipts.COMMANDS,
)
REACTIONS = {**trouble.REACTIONS, **standing.REACTIONS, **retraction.REACTIONS}
