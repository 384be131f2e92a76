"""What nodes tell each other about the line itself: trouble, keys, standing, what is taken back, what is lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from msgspec import Meta, Struct

from laurel.core.fields import Code, Line, RecordId
from laurel.core.instrument import FOREVER, Kind
from laurel.core.record import MAX_NUMBER, Utc
from laurel.core.roster import SEALING_NAME, Standing

Number = Annotated[int, Meta(ge=1, le=MAX_NUMBER)]
Turn = Annotated[int, Meta(ge=1, le=1_000)]


class Quarantined(Struct, frozen=True):
    """To an origin: your record is authentic but we do not understand it. We keep it."""

    record: str
    kind: str
    why: str


class Forked(Struct, frozen=True):
    """Evidence: one origin said two things under one number. Both are kept.

    `proof` holds both as DSSE envelopes (JSON) where they are small enough to go along, so that whoever hears of
    it can check the two signatures alone.
    """

    origin: str
    audience: tuple[str, ...]
    precedence: int
    number: int
    kept: str
    other: str
    proof: tuple[str, ...] = ()


class ForkJudged(Struct, frozen=True):
    """What our own node found when it checked the proof of somebody's report of a fork. Kept at home.

    `why` says what is wrong with it; the proof holds when that is empty.
    """

    report: RecordId
    why: str


class LaneEnd(Struct, frozen=True):
    """The last number of one of the speaker's lanes that its old key signed."""

    audience: tuple[str, ...]
    precedence: int
    number: Number


class KeyChanged(Struct, frozen=True):
    """From now on we sign with another key: said to each peer alone, signed by the old key, as its last word.

    `ends` names every lane that this peer may read and its last number under the old key, this record's lane
    included. In a lane that is not named the old key signed nothing and never will.
    """

    old: str
    new: Annotated[bytes, Meta(min_length=32, max_length=32)]
    ends: tuple[LaneEnd, ...]


class SealingKeyChanged(Struct, frozen=True):
    """From now on, seal what you send us with this key. The one before opens no more after `horizon_days`."""

    name: Annotated[str, Meta(pattern=SEALING_NAME)]
    public: Annotated[bytes, Meta(min_length=1216, max_length=1216)]
    horizon_days: Annotated[int, Meta(ge=1, le=3_650)]


class Held(Struct, frozen=True):
    """One member as those who agree hold it: its code, its English name and its standing."""

    code: Code
    name: Annotated[str, Meta(min_length=1, max_length=80)]
    standing: Standing


class StandingProposed(Struct, frozen=True):
    """What a member shall be from now on, and why. `card` introduces one that is new (a DSSE envelope).

    In force once all whom the compact names have assented to this very record. It changes who may be named by
    the next record, and grants nothing of the past. `after` is the change in force that it follows, None for the
    compact's own file; `turn` is 1, or one more than that of proposals which can no longer be agreed. `asked` are
    those whom the compact names for it, the proposer included.
    """

    member: Code
    name: Annotated[str, Meta(min_length=1, max_length=80)]
    standing: Standing
    reason: Line
    after: RecordId | None
    turn: Turn
    asked: tuple[Code, ...]
    card: Annotated[str, Meta(min_length=1, max_length=64_000)] | None = None


class StandingAssented(Struct, frozen=True):
    """We agree to this change of standing. `proposal` is the id of the record that our officer saw.

    `after` and `turn` are those of the proposal, so that it can be placed before the proposal arrives.
    """

    proposal: RecordId
    after: RecordId | None
    turn: Turn


class StandingDeclined(Struct, frozen=True):
    """We do not agree to this change of standing. It cannot come into force any more, if we were asked."""

    proposal: RecordId
    after: RecordId | None
    turn: Turn
    reason: Line


class StandingsTold(Struct, frozen=True):
    """To one that has just come in, or come back: who belongs since the change `after`. It heard none of it."""

    after: RecordId
    held: tuple[Held, ...]


class Retracted(Struct, frozen=True):
    """We take this record of ours back: it is history, and stands no more. `instead` is what we said in its place."""

    record: RecordId
    reason: Line
    instead: RecordId | None = None


class Honoured(Struct, frozen=True):
    """A receipt: our node has taken this retraction in, and shows the record as taken back."""

    retraction: RecordId


class GapDeclared(Struct, frozen=True):
    """We said numbers `first` to `last` of this lane and lost them: no peer we reached has them.

    They are never used again. Stands in that lane itself, at `last` + 1; its `prev` is the id at `first` - 1.
    """

    first: Number
    last: Number
    reason: Line


class ReceiptGiven(Struct, frozen=True):
    """A receipt of a reader: this release reached us."""

    record: RecordId


class LinkChanged(Struct, frozen=True):
    """Our own node sees the line to a peer otherwise than before: `state` is that of `node/carry/link.py`.

    Kept at home. `gone` is the state of a peer to which there is no line any more. `via` is the member through which
    the line goes, empty for the direct path. The first after a start says when this node was last alive before it.
    """

    peer: Code
    state: Annotated[str, Meta(max_length=20)]
    since: Utc
    via: Annotated[str, Meta(max_length=3)] = ""
    alive_before: Utc | None = None


QUARANTINED = Kind("line.quarantined.v1", Quarantined, FOREVER)
FORKED = Kind("line.forked.v1", Forked, FOREVER)
FORK_JUDGED = Kind("line.fork-judged.v1", ForkJudged, FOREVER)
KEY_CHANGED = Kind("line.key-changed.v1", KeyChanged, FOREVER)
SEALING_KEY_CHANGED = Kind("line.sealing-key-changed.v1", SealingKeyChanged, FOREVER)
STANDING_PROPOSED = Kind("line.standing-proposed.v1", StandingProposed, FOREVER)
STANDING_ASSENTED = Kind("line.standing-assented.v1", StandingAssented, FOREVER)
STANDING_DECLINED = Kind("line.standing-declined.v1", StandingDeclined, FOREVER)
STANDINGS_TOLD = Kind("line.standings-told.v1", StandingsTold, FOREVER)
RETRACTED = Kind("line.retracted.v1", Retracted, FOREVER)
HONOURED = Kind("line.honoured.v1", Honoured, FOREVER)
GAP_DECLARED = Kind("line.gap-declared.v1", GapDeclared, FOREVER, skips=lambda gap: (gap.first, gap.last))
RECEIPT_GIVEN = Kind("line.receipt-given.v1", ReceiptGiven, FOREVER)
LINK_CHANGED = Kind("line.link-changed.v1", LinkChanged, timedelta(days=365))

KINDS = (
    QUARANTINED,
    FORKED,
    FORK_JUDGED,
    KEY_CHANGED,
    SEALING_KEY_CHANGED,
    STANDING_PROPOSED,
    STANDING_ASSENTED,
    STANDING_DECLINED,
    STANDINGS_TOLD,
    RETRACTED,
    HONOURED,
    GAP_DECLARED,
    RECEIPT_GIVEN,
    LINK_CHANGED,
)
