"""Replays, their moments, the shelf and the exercises, as the feed tells them."""

from __future__ import annotations

from datetime import datetime, timedelta

from laurel.core.label import Classification, label
from laurel.core.record import Halt, Precedence
from laurel.instruments.exercise.view import Exercise, Exercises, Member
from laurel.node.replay.marks import Mark, MarkKind
from laurel.node.replay.shown import LogOpening, OpeningStage, Replay, Shelf, ShelfKind, Shelved

SUFFIX = ".replay"
RECORDS = 4_153

SHELF = Shelf(
    (
        Shelved("camp-david", ShelfKind.LIVE, "camp-david", None, "Camp David", "JPN", 812, ended=False),
        Shelved(
            *("camp-david.freedom-27", ShelfKind.EXERCISE, "camp-david.freedom-27", "freedom-27", "Freedom 27", "JPN"),
            RECORDS,
            ended=True,
            url="/midflight.freedom-27.replay/",
        ),
        Shelved(
            *("korea.jsonl", ShelfKind.FILE, "", None, "<b>korea</b>.jsonl", "", 0),
            ended=True,
            trouble="this log cannot be replayed (line=1)",
        ),
    ),
    "/srv/laurel/archives",
)


def is_one(world: str) -> bool:
    return world.endswith(SUFFIX)


def shown(world: str, exercise: str | None, launched: datetime, played_s: float) -> Replay | None:
    """Where it stands; of the scene `launch`, how far it is opened."""
    if not is_one(world):
        return None
    opening = LogOpening(OpeningStage.CHECKING, 60_000, 100_000) if world.startswith("launch") else None
    return Replay(
        world=world.removesuffix(SUFFIX),
        exercise=exercise,
        node="JPN",
        vouched=False,
        opening=opening,
        records=RECORDS,
        from_at=launched,
        to_at=launched + timedelta(minutes=30),
        at=launched + timedelta(seconds=played_s),
        position=800,
        playing=False,
        speed=1.0,
        live_url="/midflight/",
    )


def marks(launched: datetime) -> list[Mark]:
    def mark(position: int, minute: float, kind: MarkKind, words: str = "") -> Mark:
        at = launched + timedelta(minutes=minute)
        return Mark(position, at, kind, "JPN", "node", Precedence.FLASH, f"{position:064x}", words)

    return [
        mark(7, 0.0, MarkKind.CLOCK, "20"),
        mark(220, 3.5, MarkKind.LAUNCH, "Missile launched near 40.6 N 126.4 E."),
        mark(465, 4.0, MarkKind.MESSAGE, "Height < 500 km & climbing: do you see it too?"),
        mark(2_451, 12.5, MarkKind.LINE_CUT, "KOR"),
        mark(3_229, 25.0, MarkKind.IMPACT, "JPN-12"),
    ]


def exercises(at: datetime, *, announced: bool) -> Exercises:
    """One that goes on, and one that was halted; an exercise hears of none."""
    if not announced:
        return Exercises(())

    def one(name: str, halted: Halt | None, *members: str) -> Exercise:
        joined = tuple(Member(member, at, "", None, None) for member in members)
        said = label(Classification.UNCLASSIFIED, {"JPN", "KOR", "USA"})
        return Exercise(name, "Freedom 27", at, "5e" * 32, "USA", at, "1" * 64, said, joined, halted)

    halt = Halt("KOR", "officer:kim", "a real launch", at)
    return Exercises((one("freedom-27", None, "JPN", "USA"), one("freedom-26", halt, "JPN", "KOR", "USA")))
