"""The course of a consultation: requested, responded to, convened, assessed, closed."""

from __future__ import annotations

from laurel.core.instrument import Noun

NOUN = Noun()
