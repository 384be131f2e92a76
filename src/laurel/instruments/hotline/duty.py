"""The duty list: who is called when nobody acknowledges an IMMEDIATE or FLASH message of another member.

`climb.py` judges how far each message came. Here is what is asked: to put a list, and by the node itself to call the
next, to send its notifiers out, and to write down what came of that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import Row

from laurel.core.errors import BadField
from laurel.core.fields import Language, Name, RecordId
from laurel.core.instrument import (
    Command,
    Desk,
    Due,
    Errand,
    Item,
    NoAsk,
    Noun,
    Outcome,
    Query,
    Role,
    View,
)
from laurel.core.label import Classification, Label
from laurel.core.record import Draft, Precedence, Record
from laurel.instruments.hotline.board_types import DutyList
from laurel.instruments.hotline.climb import (
    FOLDS,
    TABLES,
    Called,
    calls_of,
    duty_list,
    next_of,
    open_among,
    open_now,
)
from laurel.instruments.hotline.records import (
    MESSAGE,
    DutyListPut,
    ErrandOutcome,
    Escalated,
    Message,
    Notified,
    Step,
    TranslationWanted,
)

LATE_S = 30
"""A call that comes by so much after its time says so."""
NOTIFIER = "notify:"

# Asked


class PutDutyListAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Put another duty list in force: the first to be called first. `by` are notifiers of the node's services.toml."""

    steps: Annotated[tuple[Step, ...], Meta(min_length=1, max_length=20)]
    translate_into: Annotated[tuple[Language, ...], Meta(max_length=5)] = ()


class EscalateAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """By our own clock the next of this duty list is to be called, after so many calls for this message."""

    message: RecordId
    duty_list: str
    after_calls: int


class NoteNotifiedAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """What came of an errand of the node."""

    escalation: RecordId
    by: Name
    outcome: ErrandOutcome
    why: str


def put_duty_list(ask: PutDutyListAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """In force at once, for what is still open too. Raises BadField."""
    del view
    for before, after in zip(ask.steps, ask.steps[1:], strict=False):
        if after.after_s < before.after_s:
            raise BadField(field="steps", value=after.after_s, office=after.office, must_be=f">= {before.after_s}")
    return (Draft(DutyListPut(ask.steps, ask.translate_into), _home(desk)),)


def escalate(ask: EscalateAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Call the next; nobody if the message was acknowledged or the list changed since the alarm rang."""
    name, duty = duty_list(view)
    rows, calls = open_among(view, [ask.message]), calls_of(view, [ask.message]).get(ask.message, [])
    coming = next_of(duty, rows[0], calls) if rows else None
    if coming is None or (name, len(calls)) != (ask.duty_list, ask.after_calls):
        return ()
    late_s = int((desk.now - coming.at).total_seconds())
    body = Escalated(ask.message, coming.step, coming.office, coming.by, late_s if late_s >= LATE_S else 0)
    return (Draft(body, _home(desk), Precedence(rows[0].precedence), about=(ask.message,)),)


def note_notified(ask: NoteNotifiedAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """What came of an errand, for our own officers."""
    del view
    body = Notified(ask.escalation, ask.by, ask.outcome, ask.why[:1_000])
    return (Draft(body, _home(desk), about=(ask.escalation,)),)


def _home(desk: Desk) -> Label:
    return Label(Classification.SECRET, (desk.member,))


def on_message(record_id: str, record: Record[Message], view: View, desk: Desk) -> Sequence[Draft]:
    """What our own engine shall translate by itself: another's message, into each language that the list names."""
    if record.origin == desk.member:
        return ()
    _, duty = duty_list(view)
    wanted = [one for one in duty.translate_into if one != record.body.language]
    return [
        Draft(TranslationWanted(record_id, one), _home(desk), record.precedence, about=(record_id,)) for one in wanted
    ]


# Due, and asked of the world outside


def due(view: View) -> Sequence[Due]:
    """The next call for each message that nobody of ours has acknowledged."""
    name, duty = duty_list(view)
    rows = open_now(view)
    calls = calls_of(view, [row.id for row in rows])
    dues: list[Due] = []
    for row in rows:
        made = len(calls.get(row.id, ()))
        coming = next_of(duty, row, calls.get(row.id, ()))
        if coming is not None:
            # Each call of a message has a key of its own, and a changed list asks again.
            key = f"escalate:{row.id}:{name}:{made}"
            dues.append(Due(coming.at, key, "escalate", EscalateAsk(row.id, name, made)))
    return dues


def errands(view: View) -> Sequence[Errand]:
    """Every notifier of every call that was made for a message still open, and was not tried."""
    rows = {row.id: row for row in open_now(view)}
    return [
        _errand(view, rows[message], one, by)
        for message, made in calls_of(view, list(rows)).items()
        for one in made
        for by in dict.fromkeys(one.by)
        if by not in one.tried
    ]


def _errand(view: View, row: Row[Any], call: Called, by: str) -> Errand:
    def then(outcome: Outcome) -> NoteNotifiedAsk:
        word = ErrandOutcome.DONE if outcome.done else ErrandOutcome.FAILED
        return NoteNotifiedAsk(call.id, by, word, outcome.why[:1_000])

    return Errand(f"notify:{call.id}:{by}", f"{NOTIFIER}{by}", _facts(view, row, call), "note-notified", then)


def _facts(view: View, row: Row[Any], call: Called) -> Mapping[str, str]:
    """What there is to tell. How much of it a notifier tells is the node's to decide: it leaves the house."""
    found = view.record(row.id)
    message = None if found is None else msgspec.json.decode(found.body, type=Message)
    late = f", {call.late_s} s later than the duty list asks" if call.late_s else ""
    return {
        "id": call.id,
        "office": call.office,
        "notice": f"Something on the hotline waits for the {call.office}{late}.",
        "message": row.id,
        "member": row.by_member,
        "precedence": Precedence(row.precedence).name,
        "label": msgspec.json.decode(row.label, type=Label).banner,
        "subject": _subject(view, row),
        "language": "" if message is None else message.language,
        "text": "" if message is None else message.text,
    }


def _subject(view: View, row: Row[Any]) -> str:
    """What its conversation is about."""
    if row.subject or row.conversation is None:
        return row.subject or ""
    found = view.record(row.conversation)
    return "" if found is None else str(msgspec.json.decode(found.body).get("subject") or "")


# Shown


def answer_duty(ask: NoAsk, view: View, now: datetime) -> DutyList:
    """Who is called, and when, if nobody acknowledges."""
    del ask, now
    return duty_list(view)[1]


def docket(view: View, now: datetime) -> Sequence[Item]:
    """One line for each message still open whose call did not get through by one of its notifiers."""
    del now
    rows = {row.id: row for row in open_now(view)}
    label = Label(Classification.SECRET, (view.member,))
    return [
        Item(
            subject=message,
            title=f"Could not call the {one.office} by {by}",
            state="failed",
            due=None,
            offices=("watch officer", "administrator"),
            label=label,
            summary=f"{why}. Call by hand, and acknowledge the message of {rows[message].by_member}.",
        )
        for message, made in calls_of(view, list(rows)).items()
        for one in made
        for by, why in one.tried.items()
        if why
    ]


NODE = frozenset({Role.NODE})
COMMANDS: tuple[Command[Any], ...] = (
    Command(
        "put-duty-list",
        PutDutyListAsk,
        put_duty_list,
        frozenset({Role.WATCH_OFFICER, Role.PRINCIPAL, Role.ADMINISTRATOR}),
        confirm="Call these offices from now on, in this order?",
    ),
    Command("escalate", EscalateAsk, escalate, NODE),
    Command("note-notified", NoteNotifiedAsk, note_notified, NODE),
)
QUERIES: tuple[Query[Any, Any], ...] = (Query("duty", NoAsk, DutyList, answer_duty, live=True),)
NOUN = Noun(
    tables=TABLES,
    folds=FOLDS,
    commands=COMMANDS,
    queries=QUERIES,
    reactions={MESSAGE.name: on_message},
    due=due,
    errands=errands,
    docket=docket,
)
