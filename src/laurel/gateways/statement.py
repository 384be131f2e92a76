"""A public joint statement: a bundle of nothing but what each member said of it, and a page to print.

Every member's record carries the same words and the same hash. Anyone who has the members' public keys from the members
themselves can check them, with our code or without: `docs/verifying.md`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from msgspec import Raw

from laurel.core.errors import BadAsk, Malformed
from laurel.core.label import Classification
from laurel.core.record import Record
from laurel.gateways.bundle import Opened, What
from laurel.gateways.page import Html, document, language, pairs, signatures, tag, text, utc, words
from laurel.instruments.consult.clauses import words_of
from laurel.instruments.consult.records import JOINT_STATEMENT, JointStatement
from laurel.instruments.consult.words import RemarkKind

TITLE = "Joint statement"
REMARKS = {RemarkKind.RESERVATION: "Reservation", RemarkKind.INTERPRETATION: "Interpretative statement"}


class NotPublic(BadAsk):
    """Publishing lowers no label."""

    says = "this statement was not said as unclassified"
    remedy = "issue it unclassified: laurel consult issue-statement"


@dataclass(frozen=True)
class Statement:
    """What members stated, who of those named has signed, and every fault as a sentence."""

    said: Mapping[str, JointStatement]
    members: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Members whose word is not here."""
        return tuple(one for one in self.members if one not in self.said)


def read_statement(opened: Opened) -> Statement:
    """What a bundle states, beyond what every bundle must hold.

    1. It holds statements and nothing else, unclassified, one of each member at the most.
    2. They state the same: consultation, text, hash, compact, members, versions and clauses.
    3. Whoever stated is one of the members that they name.
    """
    head = opened.verdict.head
    if head is None or head.what is not What.JOINT_STATEMENT:
        return Statement({}, (), ("this is not the bundle of a joint statement",))
    faults: list[str] = []
    said: dict[str, JointStatement] = {}
    for sealed, record in opened.records:
        if record.kind != JOINT_STATEMENT.name or record.origin in said:
            faults.append(f"record {sealed.id} does not belong here: {record.kind} of {record.origin}")
            continue
        said[record.origin] = statement_in(record)
        if record.label.classification is not Classification.UNCLASSIFIED:
            faults.append(f"record {sealed.id} is not for everybody: {record.label.banner}")
    same = {_alike(one) for one in said.values()}
    if len(same) > 1:
        faults.append("the members do not state the same")
    members = next(iter(said.values())).members if said else ()
    faults += [f"{one} stated this, and is none of its members" for one in said if one not in members]
    return Statement(said, members, tuple(faults))


def statement_in(record: Record[Raw]) -> JointStatement:
    """The statement that a record holds. Raises Malformed."""
    try:
        return msgspec.json.decode(record.body, type=JointStatement)
    except ValueError as error:
        raise Malformed(kind=record.kind, why=str(error)) from None


def _alike(one: JointStatement) -> bytes:
    """All but when it was issued and what each member remarks."""
    return msgspec.json.encode(
        (one.consultation, one.text, one.text_hash, one.compact, one.members, one.versions, one.clauses)
    )


def statement_page(bundle: bytes, opened: Opened) -> str:
    """The page of a statement. Raises Malformed for one that does not hold."""
    head, stated = opened.verdict.head, read_statement(opened)
    faults = (*opened.verdict.faults, *stated.faults)
    if head is None or faults or not stated.said:
        raise Malformed(what="joint statement", why="; ".join(faults)[:400])
    one = next(iter(stated.said.values()))
    missing = ", ".join(stated.missing)
    facts = [
        ("Members", ", ".join(stated.members)),
        ("Signed by", "; ".join(f"{member}, {utc(said.issued_at)}" for member, said in stated.said.items())),
        *([("Not signed yet by", missing)] if missing else []),
        ("Hash of the adopted text", f"SHA-256 {one.text_hash}"),
    ]
    body = [tag("h1", text(f"{TITLE}, {one.compact}")), pairs(facts)]
    body += [_version(version.language, version.text) for version in one.versions]
    body += [_clauses(one.clauses)]
    body += [_remarks(member, said) for member, said in stated.said.items() if said.remarks]
    body.append(signatures(opened.verdict, hashlib.sha256(bundle).hexdigest()))
    plays = "" if head.exercise is None else f"EXERCISE {head.exercise} EXERCISE — "
    return document(f"{TITLE}, {one.compact}", f"{plays}{head.label.classification.value} — FOR EVERYBODY", body)


def _version(code: str, said: str) -> Html:
    return tag("article", tag("h2", text(language(code))) + words(said, code, "text original"))


def _clauses(slug: str) -> Html:
    known = words_of(slug)
    said = "".join(words(one.text, one.language) for one in known) if known else tag("p", text(slug))
    return tag("article", tag("h2", "In every text") + said)


def _remarks(member: str, said: JointStatement) -> Html:
    parts = (
        tag("p", text(f"{REMARKS[one.what]} ({language(one.language)})")) + words(one.words, one.language)
        for one in said.remarks
    )
    return tag("article", tag("h2", text(f"Remarks of {member}")) + "".join(parts))
