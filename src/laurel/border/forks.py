"""The proof of a fork: two records that one member signed and that cannot stand in one lane.

Whoever holds the member's public key can check it alone, and whoever cannot show it accuses nobody.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from laurel.border.admit import Kinds
from laurel.core.errors import LaurelError, Malformed
from laurel.core.record import Lane, Record, Sealed, check_signature, decode, envelope, open_envelope
from laurel.core.roster import Roster

MAX_PROOF_BYTES = 160_000
"""What both envelopes may take of a record's 256 kB. Of larger ones only the ids are told."""


def proof_of(*versions: Sealed) -> tuple[str, ...]:
    """Both records as DSSE envelopes, or nothing where they are too large to go along."""
    envelopes = tuple(msgspec.json.encode(envelope(one)).decode() for one in versions)
    return envelopes if sum(map(len, envelopes)) <= MAX_PROOF_BYTES else ()


def flaw(proof: Sequence[str], lane: Lane, number: int, ids: Sequence[str], roster: Roster, kinds: Kinds) -> str:
    """What is wrong with the proof that the lane's origin forked it at that number; empty where it holds.

    It holds when the origin signed both: two records under that number, or one under it that follows another
    record than the one before. `ids` are those that the report names; the proof must be of them.
    """
    if len(proof) != 2:
        return "it does not show two records"
    try:
        (first, first_id), (second, second_id) = (_signed(one, lane, roster) for one in proof)
    except LaurelError as error:
        return str(error)
    if not set(ids) <= {first_id, second_id} or second.number != number or second_id not in ids:
        return "it is of other records than the report names"
    if first.number == number:
        return "" if first_id != second_id else "it shows one record twice"
    skipped = kinds.skipped(kinds.read(second)[0])
    if first.number + 1 != (number if skipped is None else skipped[0]):
        return "the two records can both stand in that lane"
    return "" if second.prev != first_id else "the second record follows the first"


def _signed(text: str, lane: Lane, roster: Roster) -> tuple[Record[msgspec.Raw], str]:
    """The record in an envelope, once it is certain that the lane's origin signed it there. Raises Untrusted."""
    sealed = open_envelope(text)
    record = decode(sealed.payload)
    if record.lane != lane:
        raise Malformed(what="proof of a fork", why="a record of another lane", record_id=sealed.id)
    check_signature(sealed, roster.key_for(lane, record.number, sealed.key_id))
    return record, sealed.id
