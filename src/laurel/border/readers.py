"""What a reader may say, and what may be said to one.

The policies decide at the border; this tells an asker before, in plain words.
"""

from __future__ import annotations

from laurel.core.errors import BadAsk
from laurel.core.roster import Roster, Standing

# A reader whose keys could not change would be shut out by its first rotation.
FROM_READERS = frozenset(
    {"line.receipt-given.v1", "line.honoured.v1", "line.key-changed.v1", "line.sealing-key-changed.v1"}
)


class ReadersListen(BadAsk):
    """Our own border says so before our peers' do."""

    says = "this member is a reader here: it receives, and says receipts alone"
    remedy = "ask the members to make this member one of them (laurel line propose-standing)"


class ReadersAreToldDerived(BadAsk):
    """Whoever names a reader would keep its lane from the others too."""

    says = "the label names a reader, which is told only what a policy derives for it"
    remedy = "leave the reader out; a policy that sanitises this kind tells it what it may know"


def goes_to_readers(kind: str) -> bool:
    """Whether a record of that kind may name a reader: the line's own business, and what was sanitised."""
    return kind.startswith("line.") or ".coarse-" in kind


def check_saying(kind: str, audience: tuple[str, ...], roster: Roster) -> None:
    """Raises ReadersListen, ReadersAreToldDerived for what may not leave by who reads and who speaks."""
    others = set(audience) - {roster.me}
    if not others:
        return
    if roster.standings.get(roster.me) is Standing.READER and kind not in FROM_READERS:
        raise ReadersListen(kind=kind, member=roster.me)
    readers = others.intersection(roster.readers)
    if readers and not goes_to_readers(kind):
        raise ReadersAreToldDerived(kind=kind, readers=", ".join(sorted(readers)))
