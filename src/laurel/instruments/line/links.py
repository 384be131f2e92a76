"""How the line to each peer was, by what our own node saw: a record whenever that changes."""

from __future__ import annotations

from laurel.core.instrument import Noun

NOUN = Noun()
