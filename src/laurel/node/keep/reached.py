"""How far this machine's log once went, and the highest number it ever gave, in a file beside the database.

A backup of the database that is restored does not bring this file back with it: a log that ends before what stands
here is an old one, and its node knows so without asking anybody. It is a hint, not an authority: written without
waiting for the disk, it may lag behind after a power cut, and is then as if it were not there.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

_MARK = struct.Struct(">qq")


class Reached:
    """The file, open for as long as the world runs."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

        found = os.pread(self._file, _MARK.size, 0)
        self._position, self.top = _MARK.unpack(found) if len(found) == _MARK.size else (0, 0)

    def behind(self, position: int) -> int:
        """How many records the log once held beyond this position."""
        return max(0, self._position - position)

    def note(self, position: int, top: int) -> None:
        """The log goes to here now, and no lane of ours beyond that number."""
        self._position, self.top = position, max(self.top, top)
        os.pwrite(self._file, _MARK.pack(self._position, self.top), 0)

    def close(self) -> None:
        """Let the file go."""
        os.close(self._file)
