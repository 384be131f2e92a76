"""What an office and the line show in some scenes, for looking at the console without a node. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec
from tests.browser.flight import BANNER, JAPAN

from laurel.instruments.office.twofold import Proposal, Proposals, ProposalState
from laurel.instruments.office.watch import HandOver, Offer, Watch
from laurel.instruments.warning.public_alert import (
    CONFIRM,
    DRILL,
    IssuePublicAlertAsk,
    PublicAlertRow,
    PublicAlerts,
    ReadyPublicAlert,
)
from laurel.instruments.warning.public_words import alert_words, cancel_words
from laurel.instruments.warning.records import Alert, AlertReason, AlertState, CancelReason, PublicAlertState

ALERT = "5e" * 32
KEPT, OTHER = "0a" * 32, "0b" * 32


def said(scene: str, exercise: str | None, now: datetime) -> dict[str, object]:
    """Answers of the live queries of an office, by their names."""
    return {
        "proposals": Proposals(now, _proposals(scene, exercise, now)),
        "public-alerts": _public(scene, exercise, now),
        "watch": _watch(scene, now),
        "trouble": {"forks": _forks(scene), "false_accusations": (), "quarantined": (), "members": ()},
        "retractions": {"retractions": _retractions(scene, now)},
    }


def _ask(exercise: str | None, now: datetime) -> IssuePublicAlertAsk:
    impact_at = now + timedelta(minutes=9)
    alert = Alert(
        AlertReason.IMPACT, AlertState.PREDICTED, ("JPN-1",), (JAPAN,), "two kinds", None, impact_at, 38.0, 140.0, ""
    )
    return IssuePublicAlertAsk(ALERT, (JAPAN,), alert_words(alert, (JAPAN,), exercise))


def _proposals(scene: str, exercise: str | None, now: datetime) -> tuple[Proposal, ...]:
    if scene != "proposed":
        return ()
    ask = msgspec.json.encode(_ask(exercise, now)).decode()
    words = DRILL if exercise else CONFIRM
    policy = '{"files":{"home.cedar":"forbid (principal, action, resource);"},"reason":"new caveat"}'
    asked = (
        ("7d01c3e9" * 8, "warning/issue-public-alert", ask, words, "officer:sato", 95),
        ("19fe22b0" * 8, "office/put-policy", policy, "Put these policies in force?", "officer:abe", 30),
    )
    return tuple(
        Proposal(
            id=name,
            member="JPN",
            command=command,
            ask=text,
            words=told,
            by=by,
            at=now - timedelta(seconds=ago_s),
            until=now + timedelta(seconds=600 - ago_s),
            state=ProposalState.OPEN,
            settled_by=None,
            settled_at=None,
            reason="",
        )
        for name, command, text, told, by, ago_s in asked
    )


def _public(scene: str, exercise: str | None, now: datetime) -> PublicAlerts:
    ask = _ask(exercise, now)
    ready = ReadyPublicAlert("JPN", ("JPN-12",), DRILL if exercise else CONFIRM, ask)
    if scene not in {"public", "cancelled"}:
        return PublicAlerts(now, (), (ready,) if scene in {"midflight", "proposed"} else ())
    issued_at = now - timedelta(minutes=4)
    over = scene == "cancelled"
    doubt = "What it rests on was taken back at 22:27:40 UTC: Withdrawn: the predicted impact no longer touches JPN."
    row = PublicAlertRow(
        id="c4" * 32,
        member="JPN",
        by="officer:sato+officer:abe",
        said_at=issued_at,
        state=PublicAlertState.CANCELLED if over else PublicAlertState.ISSUED,
        areas=(JAPAN,),
        words=ask.words,
        alert=ALERT,
        banner=BANNER,
        doubt=None if over else doubt,
        cancelled_at=now - timedelta(seconds=20) if over else None,
        cancelled_by="officer:abe" if over else None,
        cancel_reason=CancelReason.WITHDRAWN,
        cancel_words=cancel_words((JAPAN,), issued_at, CancelReason.WITHDRAWN, exercise),
    )
    return PublicAlerts(now, (row,), ())


def _watch(scene: str, now: datetime) -> Watch:
    if scene == "calm":
        return Watch(None, None, None, ())
    since = now - timedelta(hours=3)
    before = HandOver("officer:sato", since, "officer:mori", "KOR line was cut at 04:10", "")
    offer = Offer("d7" * 32, "officer:sato", "officer:abe", now, "All quiet since the flight", ("Missile JPN-1, lost",))
    return Watch("officer:sato", since, offer if scene == "proposed" else None, (before,))


def _forks(scene: str) -> tuple[Mapping[str, object], ...]:
    if scene != "lost":
        return ()
    return ({"origin": "KOR", "audience": ("JPN", "KOR", "USA"), "number": 412, "proven": True, "said_so": None},)


def _retractions(scene: str, now: datetime) -> tuple[Mapping[str, object], ...]:
    if scene != "lost":
        return ()
    said_so = {"member": "USA", "at": now - timedelta(minutes=3), "reason": "wrong sensor", "kind": "warning.alert.v1"}
    title = "alert: Missile launched at 22:21:02 UTC"
    return ({"retraction": KEPT, "title": title, "waiting": ("KOR",), "void": False, **said_so},)
