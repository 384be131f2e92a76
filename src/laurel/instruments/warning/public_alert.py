"""The alert that wakes a country up: two officers issue it, one cancels it.

The alerts that officers see are the node's own, within seconds. This one is for the public, and takes two persons
(`office/approve`). It rests on an own alert in force and says nothing of another member's land: one authority for
one area. What it rests on may fall away: then its row says so and suggests the cancel, which an officer sends by
one key; nothing cancels itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from laurel.core.errors import BadField, Nothing
from laurel.core.fields import RecordId
from laurel.core.instrument import Command, Desk, Item, NoAsk, Query, Role, View
from laurel.core.label import join, label
from laurel.core.record import Draft, Precedence
from laurel.instruments.warning import said as said_alerts
from laurel.instruments.warning import view as tables
from laurel.instruments.warning.alerts import clock
from laurel.instruments.warning.commands import own_alert
from laurel.instruments.warning.public_said import SaidPublic, cancels_in, fold_public_alert, public, recent, told_of
from laurel.instruments.warning.public_words import alert_words, cancel_words, wrong_words
from laurel.instruments.warning.records import (
    PUBLIC_ALERT,
    AlertState,
    Area,
    CancelReason,
    PublicAlert,
    PublicAlertState,
    TrackState,
    Words,
)
from laurel.instruments.warning.releases import outward

CONFIRM = "LIVE: wake the public, a missile is on its way. This is real."
DRILL = "EXERCISE: play the public alert. No missile flies, nobody outside is woken."
OFFICERS = frozenset({Role.WATCH_OFFICER, Role.PRINCIPAL})


class IssuePublicAlertAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Wake the public: tell everyone in these areas of ours, in these words, what an own alert in force predicts.

    `after` names the last cancel of a public alert on the same threat, if there was one: so that what was proposed
    before a cancel cannot be approved after it.
    """

    alert: RecordId
    areas: tuple[Area, ...]
    words: tuple[Words, ...]
    after: RecordId | None = None


class CancelPublicAlertAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Tell all who were told of a public alert of ours that it holds no more, and why. One person does it."""

    public_alert: RecordId
    reason: CancelReason = CancelReason.ERROR


class PublicAlertRow(Struct, frozen=True):
    """A public alert as it stands. `doubt` says why it should be cancelled now.

    `cancel_words` are what its cancel says, or would say for the `cancel_reason` that fits now.
    """

    id: str
    member: str
    by: str
    said_at: datetime
    state: PublicAlertState
    areas: tuple[Area, ...]
    words: tuple[Words, ...]
    alert: str
    banner: str
    doubt: str | None
    cancelled_at: datetime | None
    cancelled_by: str | None
    cancel_reason: CancelReason
    cancel_words: tuple[Words, ...]


class ReadyPublicAlert(Struct, frozen=True):
    """What a member could tell its public of one of its alerts in force: an ask, all filled in.

    `question` is what both officers read.
    """

    member: str
    tracks: tuple[str, ...]
    question: str
    ask: IssuePublicAlertAsk


class PublicAlerts(Struct, frozen=True):
    """Public alerts, newest first, and what may be issued."""

    at: datetime
    alerts: tuple[PublicAlertRow, ...]
    ready: tuple[ReadyPublicAlert, ...]


# Asked


def issue_public_alert(ask: IssuePublicAlertAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say FLASH what the public is told, to whoever may have the alert it rests on. Raises Nothing, BadField."""
    chain = said_alerts.followed(view, own_alert(ask.alert, view, desk))
    last = chain[-1]
    fallen = next((one for one in chain if one.alert.state is not AlertState.PREDICTED), None)
    if fallen is not None:
        must_be = f"an alert in force; it was {fallen.alert.state.value} at {clock(fallen.said_at)}"
        raise BadField(field="alert", value=ask.alert, must_be=must_be)
    mine = tuple(sorted(one for one in last.alert.areas if one.member == desk.member))
    if not ask.areas or not set(ask.areas) <= set(mine):
        must_be = f"areas of {desk.member} that the alert predicts: {', '.join(one.extent for one in mine) or 'none'}"
        raise BadField(
            field="areas", value=", ".join(f"{one.member} {one.extent}" for one in ask.areas), must_be=must_be
        )
    told, cancel = told_of(view, recent(view, desk.now), desk.member, last.record)
    if set(ask.areas) <= told:
        raise BadField(field="areas", value=ask.alert, must_be="told of yet; a public alert says this already")
    if ask.after != cancel:
        raise BadField(field="after", value=ask.after, must_be=f"the last cancel of this alert: {cancel}")
    wrong = wrong_words(ask.words, desk.world.exercise)
    if wrong is not None:
        raise BadField(field="words", must_be=wrong)
    body = PublicAlert(PublicAlertState.ISSUED, ask.alert, ask.areas, ask.words)
    told_to = join(outward(view, desk)[0], last.label)
    return (Draft(body, told_to, Precedence.FLASH, about=(ask.alert, *([cancel] if cancel else []))),)


def cancel_public_alert(ask: CancelPublicAlertAsk, view: View, desk: Desk) -> Sequence[Draft]:
    """Say FLASH to the same audience, in ready words, that it holds no more. Raises Nothing, BadField."""
    said = recent(view, desk.now)
    found = next((one for one in said if one.record == ask.public_alert), None)
    if found is None:
        raise Nothing(public_alert=ask.public_alert)
    if found.member != desk.member or found.body.state is not PublicAlertState.ISSUED:
        must_be = f"a public alert that {desk.member} issued"
        raise BadField(field="public_alert", value=ask.public_alert, must_be=must_be)
    before = cancels_in(said).get(found.record)
    if before is not None:
        must_be = f"in force; {before.author} cancelled it at {clock(before.said_at)}"
        raise BadField(field="public_alert", value=ask.public_alert, must_be=must_be)
    body = PublicAlert(
        PublicAlertState.CANCELLED,
        found.body.alert,
        found.body.areas,
        cancel_words(found.body.areas, found.said_at, ask.reason, desk.world.exercise),
        cancels=found.record,
        reason=ask.reason,
    )
    # Who has left since cannot be named any more; a cancel must not fail for that.
    still = set(found.label.rel_to) & {*desk.members, desk.member}
    same = label(found.label.classification, still, frozenset(found.label.caveats))
    return (Draft(body, same, Precedence.FLASH, about=(found.record, found.body.alert), answers=found.record),)


def propose_public_alert(view: View, desk: Desk) -> IssuePublicAlertAsk:
    """What the last alert of ours in force would tell the public. Raises Nothing."""
    own = [one for one in _ready(view, recent(view, desk.now)) if one.member == desk.member]
    if not own:
        raise Nothing(alert="in force over our own land or sea, and not yet told to the public", member=desk.member)
    return own[-1].ask


def propose_public_cancel(view: View, desk: Desk) -> CancelPublicAlertAsk:
    """The last public alert of ours in force, with the reason that fits. Raises Nothing."""
    rows = [one for one in _rows(view, recent(view, desk.now), desk.now) if one.member == desk.member]
    standing = [one for one in rows if one.state is PublicAlertState.ISSUED]
    if not standing:
        raise Nothing(public_alert="in force", member=desk.member)
    return CancelPublicAlertAsk(standing[-1].id, standing[-1].cancel_reason)


# Shown


def answer_public_alerts(ask: NoAsk, view: View, now: datetime) -> PublicAlerts:
    """What the public is told, what should be cancelled and why, and what may be issued."""
    del ask
    said = recent(view, now)
    return PublicAlerts(now, tuple(reversed(_rows(view, said, now))), tuple(_ready(view, said)))


def _rows(view: View, said: Sequence[SaidPublic], now: datetime) -> list[PublicAlertRow]:
    cancels = cancels_in(said)
    return [_row(view, one, cancels.get(one.record), now) for one in said if one.body.state is PublicAlertState.ISSUED]


def _row(view: View, one: SaidPublic, cancel: SaidPublic | None, now: datetime) -> PublicAlertRow:
    doubt, fits = (None, CancelReason.ERROR) if cancel else _doubt(view, one, now)
    reason = (cancel.body.reason if cancel else None) or fits
    ready = cancel.body.words if cancel else cancel_words(one.body.areas, one.said_at, reason, one.exercise)
    return PublicAlertRow(
        id=one.record,
        member=one.member,
        by=one.author,
        said_at=one.said_at,
        state=PublicAlertState.CANCELLED if cancel else PublicAlertState.ISSUED,
        areas=one.body.areas,
        words=one.body.words,
        alert=one.body.alert,
        banner=one.label.banner,
        doubt=doubt,
        cancelled_at=cancel and cancel.said_at,
        cancelled_by=cancel and cancel.author,
        cancel_reason=reason,
        cancel_words=ready,
    )


def _doubt(view: View, one: SaidPublic, now: datetime) -> tuple[str | None, CancelReason]:
    """Why it should be cancelled, and the reason that fits. Of an alert that never reached us nothing is known."""
    found = said_alerts.alert_said(view, one.body.alert)
    if found is None and view.record(one.body.alert) is not None:
        return f"What it rests on was retracted by {one.member}, as if it had never been said.", CancelReason.WITHDRAWN
    if found is None or found.member != one.member:
        return None, CancelReason.ERROR
    last = said_alerts.followed(view, found)[-1]
    if last.alert.state is AlertState.WITHDRAWN:
        return f"What it rests on was taken back at {clock(last.said_at)}: {last.alert.words}", CancelReason.WITHDRAWN
    if last.alert.state is AlertState.ENDED:
        return f"What it rests on is over since {clock(last.said_at)}: {last.alert.words}", CancelReason.OVER
    tracks = [report.track for report in tables.member_tracks(view, now) if report.name in last.alert.tracks]
    if tracks and all(track.state is TrackState.LOST for track in tracks):
        seen_at = max(track.seen_at for track in tracks)
        return f"Its track is lost: nobody has seen it since {clock(seen_at)}.", CancelReason.WITHDRAWN
    return None, CancelReason.ERROR


def _ready(view: View, said: Sequence[SaidPublic]) -> list[ReadyPublicAlert]:
    """For each alert in force over its member's own areas, what is not yet told of it, in the order of saying."""
    ready: list[ReadyPublicAlert] = []
    for one in said_alerts.open_alerts(view):
        mine = tuple(sorted(area for area in one.alert.areas if area.member == one.member))
        if not mine:
            continue
        told, cancel = told_of(view, said, one.member, one.record)
        if not set(mine) <= told:
            words = alert_words(one.alert, mine, one.exercise)
            question = CONFIRM if one.exercise is None else DRILL
            filled = IssuePublicAlertAsk(one.record, mine, words, cancel)
            ready.append(ReadyPublicAlert(one.member, one.alert.tracks, question, filled))
    return ready


def docket(view: View, now: datetime) -> Sequence[Item]:
    """One line for each public alert in force."""
    said = recent(view, now)
    cancels = cancels_in(said)
    return [
        Item(
            subject=one.record,
            title=f"{one.member}: the public is told to take cover",
            state=PublicAlertState.ISSUED.value,
            due=None,
            offices=("watch officer", "principal"),
            label=one.label,
            summary=_doubt(view, one, now)[0] or one.body.words[0].text,
        )
        for one in said
        if one.body.state is PublicAlertState.ISSUED and one.record not in cancels
    ]


TABLES = (public,)
FOLDS = {PUBLIC_ALERT.name: fold_public_alert}
COMMANDS = (
    Command(
        "issue-public-alert",
        IssuePublicAlertAsk,
        issue_public_alert,
        OFFICERS,
        persons=2,
        confirm=CONFIRM,
        drill=DRILL,
        prefill=propose_public_alert,
    ),
    Command("cancel-public-alert", CancelPublicAlertAsk, cancel_public_alert, OFFICERS, prefill=propose_public_cancel),
)
QUERIES = (Query("public-alerts", NoAsk, PublicAlerts, answer_public_alerts, live=True),)
