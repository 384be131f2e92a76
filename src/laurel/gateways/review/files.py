"""A review and a comparison as files in a folder."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

from laurel.core.errors import BadAsk, Nothing
from laurel.core.record import UNREADABLE
from laurel.gateways.review.blocks import Paper
from laurel.gateways.review.html import as_html
from laurel.gateways.review.pdf import as_pdf
from laurel.instruments.exercise.review.review import AfterActionReview


class NoReview(BadAsk):
    """Not what `laurel exercise review` writes."""

    says = "this is no review"
    remedy = "name a review.json that laurel exercise review of this version wrote"


class Written(Struct, frozen=True):
    """The files, and the letters that no typeface of this machine has: the PDF names them by number."""

    files: tuple[Path, ...]
    faceless: tuple[str, ...]


def write(made: Struct, paper: Paper, folder: Path, name: str) -> Written:
    """`NAME.json`, `NAME.html` and `NAME.pdf`. Raises CannotPrint, once the first two are written."""
    folder.mkdir(parents=True, exist_ok=True)
    files = tuple(folder / f"{name}.{suffix}" for suffix in ("json", "html", "pdf"))
    as_json = msgspec.json.encode(made, order="deterministic")
    files[0].write_bytes(msgspec.json.format(as_json, indent=1) + b"\n")
    files[1].write_text(as_html(paper), encoding="utf-8")
    printed = as_pdf(paper)
    files[2].write_bytes(printed.pdf)
    return Written(files, printed.faceless)


def read_review(file: Path) -> AfterActionReview:
    """The review in a file. Raises Nothing, NoReview."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=AfterActionReview)
    except OSError as error:
        raise Nothing(file=file, why=error.strerror) from None
    except UNREADABLE as error:
        raise NoReview(file=file, why=str(error)) from None
