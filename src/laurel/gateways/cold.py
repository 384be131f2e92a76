"""Whether what is compiled was compiled: asked at every start, so nothing of it is loaded for that."""

from __future__ import annotations

import hashlib
import sys
from importlib.metadata import version
from pathlib import Path

import laurel

PACKAGE = Path(laurel.__file__).parent
STAMP = PACKAGE / "physics" / "__pycache__" / "warm"


def cold() -> bool:
    """Whether some kernel may have to be compiled still: nothing was warmed since one of them changed."""
    try:
        return STAMP.read_text(encoding="utf-8") != kernels_now()
    except OSError:
        return True


def kernels_now() -> str:
    """The hash of every file with kernels, and of what compiles them."""
    digest = hashlib.sha256(f"{sys.version} {version('numba')}".encode())
    for source in sorted([*PACKAGE.glob("physics/*.py"), *PACKAGE.glob("instruments/**/*.py")]):
        text = source.read_bytes()
        if b"\n@compiled\n" in text:
            digest.update(text)
    return digest.hexdigest()
