"""Seconds: scans become tracks, tracks become one shared picture, the picture becomes an alert."""

from __future__ import annotations

from laurel.core.instrument import Instrument
from laurel.instruments.warning.records import KINDS

INSTRUMENT = Instrument(name="warning", version=1, kinds=KINDS)
