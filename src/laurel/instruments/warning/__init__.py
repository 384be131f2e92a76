"""Seconds: scans become tracks, tracks become one shared picture, the picture becomes an alert."""

from __future__ import annotations

from laurel.core.instrument import Instrument
from laurel.instruments.region.records import NOTICE_CANCELLED, NOTIFIED_LAUNCH
from laurel.instruments.warning import acknowledged, coarse, notices, public_alert, taken_back, view
from laurel.instruments.warning.alerts import on_track_report
from laurel.instruments.warning.commands import COMMANDS
from laurel.instruments.warning.follow import TRACKER
from laurel.instruments.warning.queries import QUERIES, docket, due
from laurel.instruments.warning.records import (
    ALERT,
    KINDS,
    SCAN,
    SENSOR,
    SENSOR_DOUBT,
    STANDING_RELEASE,
    TRACK_REPORT,
)

INSTRUMENT = Instrument(
    name="warning",
    version=6,
    kinds=KINDS,
    commands=(*COMMANDS, *acknowledged.COMMANDS, *public_alert.COMMANDS),
    queries=(*QUERIES, *public_alert.QUERIES, *coarse.QUERIES),
    tables=(
        *(*view.TABLES, *acknowledged.TABLES, *taken_back.TABLES),
        *(*notices.TABLES, *public_alert.TABLES, *coarse.TABLES),
    ),
    folds={
        SENSOR.name: view.fold_sensor,
        SCAN.name: view.fold_scan,
        SENSOR_DOUBT.name: view.fold_doubt,
        TRACK_REPORT.name: view.fold_track_report,
        STANDING_RELEASE.name: view.fold_release,
        ALERT.name: view.fold_alert,
        NOTIFIED_LAUNCH.name: notices.fold_notice,
        NOTICE_CANCELLED.name: notices.fold_cancelled,
        **acknowledged.FOLDS,
        **taken_back.FOLDS,
        **public_alert.FOLDS,
        **coarse.FOLDS,
    },
    reactions={TRACK_REPORT.name: on_track_report},
    memories=(TRACKER,),
    sanitises={TRACK_REPORT.name: coarse.coarse_tracks, ALERT.name: coarse.coarse_alert},
    due=due,
    docket=docket,
)
