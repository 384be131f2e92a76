"""Requests for information: one question, graded answers."""

from __future__ import annotations

from laurel.core.instrument import Noun

NOUN = Noun()
