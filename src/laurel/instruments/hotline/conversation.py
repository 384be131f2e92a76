"""Conversations: messages in their writers' own languages, to any audience of the compact."""

from __future__ import annotations

from laurel.core.instrument import Noun

NOUN = Noun()
