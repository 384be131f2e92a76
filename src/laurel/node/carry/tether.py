"""Become a program that dies with the one that started it: tether.py PARENT PROGRAM ARGUMENT...

Runs alone, as a file: what kills a node at once must not leave its server behind.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, command: list[str]) -> None:
    """Ask the kernel (Linux) to end us when our parent dies, then become the command."""
    if sys.platform == "linux":
        # The kernel means the thread that started us: a node starts its children from its main one.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    # The parent may have died before the kernel was asked.
    if os.getppid() == parent:
        os.execv(command[0], command)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
