"""How far each message came at each member: delivered, shown, acknowledged, answered; and readbacks."""

from __future__ import annotations

from laurel.core.instrument import Noun

NOUN = Noun()
