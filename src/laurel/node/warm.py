"""What is compiled, so that it can be compiled before anyone waits for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from laurel.instruments.warning.records import Plot, Scan, Sensor, SensorKind
