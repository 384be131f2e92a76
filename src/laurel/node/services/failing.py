"""What it is called when a service did not do what it was asked."""

from __future__ import annotations

from laurel.core.errors import Broken

MAX_ANSWER_BYTES = 256 * 1024
"""No record holds more, so nobody reads more."""


class ServiceFailed(Broken):
    """The service was reached or not; it did not do it."""

    says = "a service of this node did not do what it was asked"
    remedy = "try it: laurel services try"

    @property
    def why(self) -> str:
        """What to show an officer."""
        return str(self.facts.get("why", self))


def too_long() -> ServiceFailed:
    """It answers more than anybody reads."""
    return ServiceFailed(why=f"it answered more than {MAX_ANSWER_BYTES} bytes")


def too_late(timeout_s: float) -> ServiceFailed:
    """It did not answer in time."""
    return ServiceFailed(why=f"it was not done within {timeout_s:g} s")
