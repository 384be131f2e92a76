"""Files: said in parts, put together by their hash."""

from __future__ import annotations

from collections.abc import Sequence

from laurel.core.instrument import Noun, View
from laurel.instruments.hotline.board_types import AttachmentRow
from laurel.instruments.hotline.records import MAX_PART_BYTES, Attachment


def check_attached(view: View, rel_to: tuple[str, ...], named: Sequence[Attachment]) -> None:
    """Nothing is uploaded yet."""
    del view, rel_to, named


def rows_of(view: View, named: Sequence[Sequence[Attachment]]) -> list[tuple[AttachmentRow, ...]]:
    """Nothing is uploaded yet."""
    del view
    return [tuple(_row(one) for one in each) for each in named]


def _row(one: Attachment) -> AttachmentRow:
    parts = max(1, -(-one.size // MAX_PART_BYTES))
    return AttachmentRow(one.sha256, one.name, one.media_type, one.size, parts, 0, None)


NOUN = Noun()
