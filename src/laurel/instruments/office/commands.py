"""What our own people may ask of the office."""

from __future__ import annotations

from laurel.instruments.office import anchors, policies, twofold, watch

COMMANDS = (*twofold.COMMANDS, *watch.COMMANDS, *policies.COMMANDS, *anchors.COMMANDS)
