"""The dossier of an office as a page to print: what its next holder takes over, its hash, and who signed for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from laurel.gateways.page import Html, document, heading, marked, pairs, part, table, tag, text, utc, words
from laurel.instruments.dialogue.commitment_types import (
    DossierAnswer,
    DossierCommitment,
    DossierItem,
    DossierMeeting,
    Signature,
)
from laurel.instruments.dialogue.records import Citation, Milestone, Part

TITLE = (("en", "Dossier"), ("ja", "引継書"), ("ko", "인계서"))
COMMITMENTS = (("en", "Commitments"), ("ja", "約束事項"), ("ko", "약속 사항"))
MEETINGS = (("en", "Meetings"), ("ja", "会合"), ("ko", "회의"))
CONSULTATIONS = (("en", "Consultations"), ("ja", "協議"), ("ko", "협의"))
OPEN = (("en", "Open items"), ("ja", "未処理事項"), ("ko", "미결 사항"))
SIGNED = (("en", "Signed for"), ("ja", "署名"), ("ko", "서명"))
PARTS = {Part.LEAVING: "hands over", Part.COMING: "takes over"}
HASHED = "The hash is over the dossier's canonical JSON, as laurel dialogue dossier tells it: who signs, signs that."


def dossier_page(answer: DossierAnswer, compact: str, exercise: str | None) -> str:
    """The page. Times are UTC; a meeting's also that of its place."""
    dossier = answer.dossier
    title = f"{dossier.office}, {dossier.member}"
    facts = (
        ("Office", " / ".join((dossier.office, *dossier.also))),
        ("Member", dossier.member),
        ("World", compact if exercise is None else f"{compact}, exercise {exercise}"),
        ("As of", utc(answer.at) if answer.now else f"as it was signed; printed {utc(answer.at)}"),
        ("SHA-256", answer.sha256),
    )
    body = [
        heading("h1", *TITLE),
        tag("p", text(title)),
        pairs(facts),
        tag("small", text(HASHED)),
        *part(COMMITMENTS, [_commitment(one) for one in dossier.commitments]),
        *part(MEETINGS, [_meeting(one) for one in dossier.meetings]),
        *part(CONSULTATIONS, [_item(one) for one in dossier.consultations]),
        *part(OPEN, [_item(one) for one in dossier.items]),
        *part(SIGNED, [_signatures(answer.signatures)] if answer.signatures else []),
    ]
    return document(title, marked(exercise, answer.label), body)


def _commitment(one: DossierCommitment) -> Html:
    facts = [("State", one.state), ("Due", "no day" if one.due_at is None else utc(one.due_at))]
    facts += [("Promised as", one.office), ("From", one.source)]
    facts += cited(one.citation)
    facts += [("Last word", one.last_word)] if one.last_word else []
    facts += [("Reviews", "; ".join(one.reviews))] if one.reviews else []
    facts += [("Label", one.banner), ("Record", one.id)]
    return tag("article", words(one.words, one.language) + pairs(facts) + milestones(one.milestones, one.reached))


def _meeting(one: DossierMeeting) -> Html:
    facts = (
        ("When", there(one.begins_at, one.ends_at, one.time_zone)),
        ("Where", one.place),
        ("Series", one.series),
        ("State", one.state),
        ("Label", one.banner),
        ("Record", one.id),
    )
    return tag("article", words(one.title, one.language) + pairs(facts))


def _item(one: DossierItem) -> Html:
    facts = (
        ("Due", "no day" if one.due is None else utc(one.due)),
        ("Summary", one.summary),
        ("Label", one.banner),
        ("Subject", one.subject),
    )
    return tag("article", tag("p", text(one.title), mark="text") + pairs(facts))


def _signatures(signed: Sequence[Signature]) -> Html:
    rows = ((PARTS[one.part], one.holder, one.author, utc(one.said_at), one.id) for one in signed)
    return table(("What", "Holder", "Signed by", "When", "Record"), rows)


def there(begins_at: datetime, ends_at: datetime, time_zone: str) -> str:
    """A span in UTC, and in the time of its place."""
    zone = ZoneInfo(time_zone)
    local = f"{begins_at.astimezone(zone):%Y-%m-%d %H:%M} to {ends_at.astimezone(zone):%Y-%m-%d %H:%M} {time_zone}"
    return f"{utc(begins_at)} to {utc(ends_at)} ({local})"


def cited(citation: Citation | None) -> list[tuple[str, str]]:
    """A public source, as a row of facts."""
    return [] if citation is None else [("Source", f"{citation.title}, {citation.date}, {citation.url}")]


def milestones(all_of: Sequence[Milestone], reached: Sequence[int]) -> Html:
    """The steps of a promise, and which are reached."""
    if not all_of:
        return ""
    rows = (
        (one.title, "" if one.due_at is None else utc(one.due_at), "reached" if number in reached else "open")
        for number, one in enumerate(all_of)
    )
    return table(("Milestone", "Due", "State"), rows)
