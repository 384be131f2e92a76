"""A conversation of the hotline as a page to print, made from its bundle: originals first, then how far each came."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec
from msgspec import Raw

from laurel.core.errors import Malformed
from laurel.core.record import Precedence, Record
from laurel.gateways.bundle import check
from laurel.gateways.page import Html, banner, document, language, pairs, signatures, table, tag, text, utc, words
from laurel.instruments.hotline.records import KINDS, Attachment, Call, Message

BODIES = {kind.name: kind.body for kind in KINDS}

Said = Record[Any]


@dataclass(frozen=True)
class _Thread:
    """The records of a conversation, by id, and what speaks of each."""

    by_id: dict[str, Said]

    @cached_property
    def about(self) -> dict[tuple[str, str], list[str]]:
        """By (kind, record spoken of), the ids of the records that speak of it, the first said first."""
        found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for record_id, record in self.by_id.items():
            body = record.body
            names = ("message", "translation", "acknowledgement")
            spoken_of = next((getattr(body, name) for name in names if hasattr(body, name)), record.answers)
            if spoken_of is not None:
                found[record.kind, spoken_of].append(record_id)
        for ids in found.values():
            ids.sort(key=lambda one: (self.by_id[one].at, one))
        return found

    def of(self, kind: str, record_id: str, member: str | None = None) -> list[tuple[str, Said]]:
        """Those of a kind that speak of this record, of one member if one is named."""
        found = ((one, self.by_id[one]) for one in self.about.get((f"hotline.{kind}.v1", record_id), ()))
        return [(one, record) for one, record in found if member in {None, record.origin}]


def conversation_page(bundle: bytes) -> str:
    """The page of a conversation's bundle. Raises Malformed for a bundle that does not hold."""
    opened = check(bundle)
    head = opened.verdict.head
    if head is None or not opened.verdict.whole:
        raise Malformed(what="bundle", why="; ".join(opened.verdict.faults)[:400])
    thread = _Thread({sealed.id: _read(record) for sealed, record in opened.records})
    messages = [(one, said) for one, said in thread.by_id.items() if isinstance(said.body, Message)]
    messages.sort(key=lambda pair: (pair[1].at, pair[0]))
    numbers = {one: number for number, (one, _) in enumerate(messages, 1)}
    opening = thread.by_id.get(head.subject)
    title = tag("h1", text(head.title), lang=opening.body.language if opening is not None else "")
    facts = (
        ("Conversation", head.subject),
        ("Members", ", ".join(opening.label.rel_to if opening is not None else head.label.rel_to)),
        ("World", head.compact if head.exercise is None else f"{head.compact}, exercise {head.exercise}"),
        ("Exported by", f"{head.exporter}, {head.author}, {utc(head.at)}"),
        ("Holds", f"{len(messages)} messages, {len(opened.records)} signed records; files are named, not contained"),
    )
    note = "All times are what each author's own clock claimed, in UTC. The original text alone is authoritative."
    parts = [_message(thread, numbers, one, said) for one, said in messages]
    sha256 = hashlib.sha256(bundle).hexdigest()
    body = [title, pairs(facts), tag("small", text(note)), *parts, signatures(opened.verdict, sha256)]
    return document(head.title, banner(head), body)


def _read(record: Record[Raw]) -> Said:
    try:
        return msgspec.structs.replace(record, body=msgspec.json.decode(record.body, type=BODIES[record.kind]))
    except (KeyError, ValueError) as error:
        raise Malformed(kind=record.kind, why=str(error)) from None


def _message(thread: _Thread, numbers: dict[str, int], one: str, said: Said) -> Html:
    body: Message = said.body
    heading = f"{numbers[one]}. {said.origin} · {utc(said.at)} · {Precedence(said.precedence).name}"
    facts = [("By", said.author), ("Label", said.label.banner), ("Original in", language(body.language))]
    if said.answers is not None:
        answered = numbers.get(said.answers)
        facts.append(("Answers", f"message {answered}" if answered else said.answers))
    if body.subject is not None:
        facts.append(("Subject", body.subject))
    if body.readback:
        facts.append(("Readback", "asked for: who acknowledges says what he understood"))
    facts += _call(body.minutes_of) + [_file(attached) for attached in body.attachments]
    facts += [("Speaks of", record) for record in said.about]
    inside = [tag("h2", text(heading)), pairs(facts), words(body.text, body.language, "text original")]
    inside += [_translation(thread, *pair) for pair in thread.of("translation", one)]
    inside += [_states(thread, one, said), tag("small", text(f"Record {one}"), mark="id")]
    return tag("article", "\n".join(inside))


def _call(call: Call | None) -> list[tuple[str, str]]:
    if call is None:
        return []
    span = f"{call.means}, {utc(call.began_at)} to {utc(call.ended_at)}, {', '.join(call.offices)}"
    return [("Minutes of a call", span)]


def _file(one: Attachment) -> tuple[str, str]:
    return "File", f"{one.name} ({one.media_type}, {one.size} bytes, SHA-256 {one.sha256})"


def _translation(thread: _Thread, one: str, said: Said) -> Html:
    body = said.body
    reviews = thread.of("translation-reviewed", one)
    made = f"into {language(body.language)} by {body.translator}{' (machine)' if body.engine else ''}, {said.origin}"
    if reviews:
        by = ", ".join(f"{review.body.reviewer}, {review.origin}" for _, review in reviews)
        mark = text(f"Translation {made}. Reviewed by {by}.")
    else:
        mark = tag("span", "DRAFT", mark="draft") + text(f" translation {made}. Reviewed by nobody.")
    return tag("div", tag("small", mark) + words(body.text, body.language), mark="translation")


def _states(thread: _Thread, one: str, said: Said) -> Html:
    """How far a message came at each of its readers."""
    head = ("Member", "Delivered", "Shown", "Acknowledged", "Readback", "Answered")
    return table(head, [_reached(thread, one, member) for member in said.label.rel_to if member != said.origin])


def _reached(thread: _Thread, one: str, member: str) -> Sequence[str]:
    acknowledged = thread.of("acknowledged", one, member)
    offices = "; ".join(f"{said.body.office}, {utc(said.at)}" for _, said in acknowledged)
    readback = "; ".join(_readback(thread, *pair) for pair in acknowledged if pair[1].body.readback is not None)
    answered = [said for _, said in thread.of("message", one, member)]
    return (
        member,
        _first(said for _, said in thread.of("delivered", one, member)),
        _first(said for _, said in thread.of("shown", one, member)),
        offices or "no",
        readback,
        _first(answered),
    )


def _readback(thread: _Thread, one: str, said: Said) -> str:
    judged = [judgement.body.right for _, judgement in thread.of("readback-judged", one)]
    verdict = {True: "right", False: "WRONG"}[judged[-1]] if judged else "not judged"
    return f"“{said.body.readback}” ({verdict})"


def _first(records: Iterable[Said]) -> str:
    found = next(iter(records), None)
    return "no" if found is None else utc(found.at)
