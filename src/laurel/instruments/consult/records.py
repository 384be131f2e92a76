"""What members say when they consult: requests, assessments, options, stances, texts and how each was met.

Two audiences never mix: all that one consultation says goes to the members its request names, with the urgency
that `PROCEDURE` names, so that what one member says in it stands in one lane, and its numbers say what came first.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from msgspec import Meta, Struct

from laurel.core.fields import Code, Language, Line, Name, RecordId, Sha256, Slug, Text
from laurel.core.instrument import FOREVER, Kind
from laurel.core.record import Precedence, Utc
from laurel.instruments.consult.words import (
    Activity,
    Binds,
    Field,
    Ground,
    Level,
    Means,
    Position,
    Purpose,
    RemarkKind,
)

PROCEDURE = Precedence.IMMEDIATE

Round = Annotated[int, Meta(ge=1, le=1_000)]
Seconds = Annotated[int, Meta(ge=1, le=366 * 86_400)]


class Source(Struct, frozen=True):
    """A record that a consultation rests on, as its reader will find it: kind, origin, when, and its own words."""

    record: RecordId
    kind: Annotated[str, Meta(max_length=100)]
    origin: Code
    at: Utc
    words: Annotated[str, Meta(max_length=2_000)]


class Convening(Struct, frozen=True):
    """A way and a time to meet."""

    means: Means
    at: Utc
    place: Annotated[str, Meta(max_length=200)] = ""


class ConsultationRequest(Struct, frozen=True):
    """One member, in its own opinion, asks the others to consult. The consultation is called by this record's id.

    `members` take part, the requester included: they are the record's audience, and fixed. A first response is asked
    for within `respond_within_s`.
    """

    subject: Line
    ground: Ground
    level: Level
    language: Language
    opinion: Text
    members: tuple[Code, ...]
    respond_within_s: Seconds
    convening: Annotated[tuple[Convening, ...], Meta(max_length=10)] = ()
    sources: Annotated[tuple[Source, ...], Meta(max_length=50)] = ()


class Responded(Struct, frozen=True):
    """A member's answer to a request: by which office, and which of the ways to meet suits it, by its place."""

    consultation: RecordId
    office: Name
    language: Language
    text: Text
    convening: Annotated[int, Meta(ge=0, le=9)] | None = None


class ResponseMeasured(Struct, frozen=True):
    """By the requester's own clock: how long until this member first responded."""

    consultation: RecordId
    member: Code
    seconds: float


class Convened(Struct, frozen=True):
    """The members meet, or met, so."""

    consultation: RecordId
    convening: Convening


class Assessed(Struct, frozen=True):
    """A member's own assessment of the situation. Its last one holds. The common one is a text that all adopt."""

    consultation: RecordId
    language: Language
    text: Text


class Part(Struct, frozen=True):
    """What one member would do in an option, and where (member codes, or `high-seas`). Nothing: it takes no part."""

    member: Code
    activities: tuple[Activity, ...]
    where: tuple[Annotated[str, Meta(pattern="^([A-Z]{3}|high-seas|cyberspace|space)$")], ...] = ()
    office: Annotated[str, Meta(max_length=120)] = ""


class Option(Struct, frozen=True):
    """A response that could be made together, with each member's part in it. `instead` is the option it replaces.

    Stances are on this very record: on another that replaces it, nobody has taken one.
    """

    consultation: RecordId
    title: Line
    field: Field
    language: Language
    text: Text
    parts: Annotated[tuple[Part, ...], Meta(max_length=20)]
    begins_at: Utc
    instead: RecordId | None = None


class Stance(Struct, frozen=True):
    """A member's position on this very option or text, and why. Its last one holds. It binds nobody.

    `consents` names caveats of this member, by their records, that it lifts for this option.
    """

    consultation: RecordId
    on: RecordId
    position: Position
    language: Language
    reason: Line
    consents: tuple[RecordId, ...] = ()


class Caveat(Struct, frozen=True):
    """What a member's law or policy does not let it do, or lets others do only with its consent.

    It speaks of a part that has one of `activities` and acts in one of `where` (anywhere when empty), on a day from
    `valid_from` until before `valid_until`. `allows` are activities that stay open to the member all the same: what a
    partial role is made of. `illustration`: an example, not legal advice.
    """

    name: Slug
    title: Line
    source: Line
    binds: Binds
    activities: Annotated[tuple[Activity, ...], Meta(min_length=1)]
    where: tuple[Annotated[str, Meta(pattern="^([A-Z]{3}|high-seas|cyberspace|space)$")], ...] = ()
    allows: tuple[Activity, ...] = ()
    consent_lifts: bool = False
    valid_from: Utc | None = None
    valid_until: Utc | None = None
    illustration: bool = False


class CaveatDeclared(Struct, frozen=True):
    """A caveat of ours, as it stands from now on. One of the same name said later replaces it."""

    caveat: Caveat


class CaveatEnded(Struct, frozen=True):
    """A caveat of ours stands no more."""

    name: Slug
    reason: Line


class Version(Struct, frozen=True):
    """A joint text in one language."""

    language: Language
    text: Text


class JointText(Struct, frozen=True):
    """A text that all whom it asks shall adopt, in every version, by keeping silence until the deadline.

    `text_hash` is over purpose, versions, options and clauses, as `texts.hash_of` computes it. `asked` are the
    request's members, without those that left (`without`, the records by which they did). The first of a purpose is
    round 1; every later one of that purpose, whether its words or only its deadline changed, opens a round of its own
    and names the text that it `amends`. It is its proposer's assent. A node that took it in late keeps silence for no
    less than `least_s`.
    """

    consultation: RecordId
    purpose: Purpose
    round: Round
    versions: Annotated[tuple[Version, ...], Meta(min_length=1, max_length=6)]
    options: tuple[RecordId, ...]
    clauses: Slug
    text_hash: Sha256
    asked: tuple[Code, ...]
    deadline: Utc
    least_s: Seconds
    amends: RecordId | None = None
    without: tuple[RecordId, ...] = ()
    reason: Annotated[str, Meta(max_length=1_000)] = ""


class TextHeld(Struct, frozen=True):
    """Our node has this text on its disk, since then by its own clock. Said by the node."""

    text: RecordId


class TextShown(Struct, frozen=True):
    """This text was before one of our officers, whole: who was not shown it cannot keep silence on it."""

    text: RecordId
    office: Name


class Assented(Struct, frozen=True):
    """We agree to this very text: by our silence, until after the deadline on our own clock, or expressly before.

    `shown_to` are our offices that had it before them.
    """

    consultation: RecordId
    text: RecordId
    text_hash: Sha256
    purpose: Purpose
    round: Round
    silent: bool
    shown_to: tuple[Name, ...]


class Objected(Struct, frozen=True):
    """We do not agree to this text. It can be adopted no more."""

    consultation: RecordId
    text: RecordId
    purpose: Purpose
    round: Round
    language: Language
    reason: Text


class Edit(Struct, frozen=True):
    """In that version, these words (once in it) become others."""

    language: Language
    old: Text
    new: Annotated[str, Meta(max_length=40_000)]


class Amended(Struct, frozen=True):
    """We would agree to this text if it were changed so. It can be adopted no more; a next round may take this up."""

    consultation: RecordId
    text: RecordId
    purpose: Purpose
    round: Round
    edits: Annotated[tuple[Edit, ...], Meta(min_length=1, max_length=200)]
    language: Language
    reason: Text


class Remarked(Struct, frozen=True):
    """A reservation or an interpretative statement of ours: it goes wherever our assent to this text goes."""

    consultation: RecordId
    text: RecordId
    what: RemarkKind
    language: Language
    words: Text


class Departed(Struct, frozen=True):
    """We leave this consultation. Nothing that we say in it after this counts, and nothing is asked of us."""

    consultation: RecordId
    reason: Line


class Closed(Struct, frozen=True):
    """We have done with this consultation: we assent to nothing more in it."""

    consultation: RecordId
    reason: Line


class ResponseAction(Struct, frozen=True):
    """What follows from an adopted text: an office of one member does this until then. A commitment, in `dialogue`."""

    consultation: RecordId
    text: RecordId
    member: Code
    office: Name
    words: Line
    due_at: Utc
    option: RecordId | None = None


class JointStatement(Struct, frozen=True):
    """An adopted text, told to everybody. Each member says the very same `text_hash`; anyone checks the signatures."""

    consultation: RecordId
    text: RecordId
    text_hash: Sha256
    compact: Annotated[str, Meta(max_length=80)]
    members: tuple[Code, ...]
    versions: tuple[Version, ...]
    clauses: Slug
    remarks: tuple[Remarked, ...]
    issued_at: Utc


class InformationRequested(Struct, frozen=True):
    """The small sister of a consultation: one question, to be answered within that time."""

    subject: Line
    language: Language
    question: Text
    answer_within_s: Seconds
    sources: Annotated[tuple[Source, ...], Meta(max_length=50)] = ()


class InformationAnswered(Struct, frozen=True):
    """What a member knows of it, graded: how far the source is to be trusted (A-F), how likely it is true (1-6).

    The Admiralty code. No `grade` when it says that it does not know, or may not tell.
    """

    request: RecordId
    language: Language
    text: Text
    grade: Annotated[str, Meta(pattern="^[A-F][1-6]$")] | None


YEARS = timedelta(days=3_653)

REQUESTED = Kind("consult.requested.v1", ConsultationRequest, FOREVER, undone_by="close the consultation")
RESPONDED = Kind("consult.responded.v1", Responded, FOREVER, undone_by="respond again")
RESPONSE_MEASURED = Kind("consult.response-measured.v1", ResponseMeasured, FOREVER)
CONVENED = Kind("consult.convened.v1", Convened, FOREVER, undone_by="convene anew")
ASSESSED = Kind("consult.assessed.v1", Assessed, FOREVER, undone_by="assess anew")
OPTION = Kind("consult.option.v1", Option, FOREVER, undone_by="offer another instead")
STANCE = Kind("consult.stance.v1", Stance, FOREVER, undone_by="take another stance")
CAVEAT_DECLARED = Kind("consult.caveat-declared.v1", CaveatDeclared, FOREVER, undone_by="end the caveat")
CAVEAT_ENDED = Kind("consult.caveat-ended.v1", CaveatEnded, FOREVER, undone_by="declare it again")
JOINT_TEXT = Kind("consult.joint-text.v1", JointText, FOREVER, undone_by="propose the next round")
TEXT_HELD = Kind("consult.text-held.v1", TextHeld, FOREVER)
TEXT_SHOWN = Kind("consult.text-shown.v1", TextShown, FOREVER)
ASSENTED = Kind("consult.assented.v1", Assented, FOREVER, undone_by="an assent stands")
OBJECTED = Kind("consult.objected.v1", Objected, FOREVER, undone_by="propose the next round")
AMENDED = Kind("consult.amended.v1", Amended, FOREVER, undone_by="propose the next round")
REMARKED = Kind("consult.remarked.v1", Remarked, FOREVER, undone_by="say another remark")
DEPARTED = Kind("consult.departed.v1", Departed, FOREVER, undone_by="request a consultation")
CLOSED = Kind("consult.closed.v1", Closed, FOREVER, undone_by="request a consultation")
RESPONSE_ACTION = Kind("consult.response-action.v1", ResponseAction, FOREVER, undone_by="review the commitment")
JOINT_STATEMENT = Kind("consult.joint-statement.v1", JointStatement, FOREVER, undone_by="adopt and issue another")
INFORMATION_REQUESTED = Kind("consult.information-requested.v1", InformationRequested, YEARS, retractable=True)
INFORMATION_ANSWERED = Kind("consult.information-answered.v1", InformationAnswered, YEARS, retractable=True)

KINDS = (
    REQUESTED,
    RESPONDED,
    RESPONSE_MEASURED,
    CONVENED,
    ASSESSED,
    OPTION,
    STANCE,
    CAVEAT_DECLARED,
    CAVEAT_ENDED,
    JOINT_TEXT,
    TEXT_HELD,
    TEXT_SHOWN,
    ASSENTED,
    OBJECTED,
    AMENDED,
    REMARKED,
    DEPARTED,
    CLOSED,
    RESPONSE_ACTION,
    JOINT_STATEMENT,
    INFORMATION_REQUESTED,
    INFORMATION_ANSWERED,
)
