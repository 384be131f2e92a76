"""The console reads what the node says, by the node's own names."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

import msgspec
import pytest

from laurel.api.door import Mistake
from laurel.api.shared import About, MemberRow
from laurel.instruments.consult import course_types, words
from laurel.instruments.consult import records as consult
from laurel.instruments.cyber import records as cyber_records
from laurel.instruments.cyber import shown as cyber
from laurel.instruments.hotline import board_types
from laurel.instruments.hotline import records as hotline
from laurel.instruments.line.retraction import Retraction
from laurel.instruments.line.trouble import SeenFork
from laurel.instruments.office import twofold, watch
from laurel.instruments.warning import picture_types, public_alert, records
from laurel.node.asked import Said
from laurel.node.carry.link import LinkState
from laurel.node.site import LinkRow, Trouble, WorldLink

SOURCE = Path(__file__).parents[2] / "console" / "src"
FILES = (
    "picture.ts",
    "office/office.ts",
    "ask.ts",
    "hotline/board.ts",
    "hotline/writing.ts",
    "consult/course.ts",
    "cyber/cyber.ts",
)
TYPES = "".join((SOURCE / name).read_text(encoding="utf-8") for name in FILES)

SHAPES: dict[str, type[msgspec.Struct]] = {
    "Picture": picture_types.Picture,
    "SystemTrack": picture_types.SystemTrack,
    "NoticeMatch": picture_types.NoticeMatch,
    "VehicleClass": picture_types.VehicleClass,
    "StandingAlert": picture_types.StandingAlert,
    "AlertAcknowledgement": picture_types.AlertAcknowledgement,
    "SensorSite": picture_types.SensorSite,
    "Warn": picture_types.Warn,
    "ObservedImpactPoint": picture_types.ObservedImpactPoint,
    "PredictedImpactPoint": picture_types.PredictedImpactPoint,
    "Launch": picture_types.Launch,
    "Ellipse": picture_types.Ellipse,
    "Position": picture_types.Position,
    "Area": records.Area,
    "About": About,
    "Member": MemberRow,
    "WorldLink": WorldLink,
    "Link": LinkRow,
    "Trouble": Trouble,
    "Proposal": twofold.Proposal,
    "Offer": watch.Offer,
    "HandOver": watch.HandOver,
    "Watch": watch.Watch,
    "Words": records.Words,
    "PublicAlert": public_alert.PublicAlertRow,
    "PublicAlerts": public_alert.PublicAlerts,
    "Ready": public_alert.ReadyPublicAlert,
    "IssueAsk": public_alert.IssuePublicAlertAsk,
    "Fork": SeenFork,
    "Retraction": Retraction,
    "Board": board_types.Board,
    "CallRow": board_types.CallRow,
    "ConversationRow": board_types.ConversationRow,
    "Conversation": board_types.Conversation,
    "MessageRow": board_types.MessageRow,
    "Reach": board_types.Reach,
    "TranslationRow": board_types.TranslationRow,
    "AttachmentRow": board_types.AttachmentRow,
    "Attachment": hotline.Attachment,
    "Call": hotline.Call,
    "Lines": board_types.Lines,
    "LineRow": board_types.LineRow,
    "LineSpan": board_types.LineSpan,
    "CheckRow": board_types.CheckRow,
    "Consultations": course_types.Consultations,
    "ConsultationRow": course_types.ConsultationRow,
    "Consultation": course_types.Consultation,
    "ResponseRow": course_types.ResponseRow,
    "AssessmentRow": course_types.AssessmentRow,
    "StanceRow": course_types.StanceRow,
    "ForbiddenRow": course_types.ForbiddenRow,
    "OptionRow": course_types.OptionRow,
    "VoteRow": course_types.VoteRow,
    "RemarkRow": course_types.RemarkRow,
    "TextRow": course_types.TextRow,
    "ActionRow": course_types.ActionRow,
    "StatementRow": course_types.StatementRow,
    "CaveatRow": course_types.CaveatRow,
    "Caveats": course_types.Caveats,
    "Caveat": consult.Caveat,
    "Source": consult.Source,
    "Convening": consult.Convening,
    "Part": consult.Part,
    "Edit": consult.Edit,
    "Version": consult.Version,
    "SightingRow": cyber.SightingRow,
    "IndicatorRow": cyber.IndicatorRow,
    "Indicators": cyber.Indicators,
    "EventRow": cyber.EventRow,
    "Events": cyber.Events,
    "Advisory": cyber_records.Advisory,
    "AdvisoryVersion": cyber_records.Version,
    "AdvisoryRow": cyber.AdvisoryRow,
    "Advisories": cyber.Advisories,
    "ObjectRow": cyber.ObjectRow,
    "Objects": cyber.Objects,
    "Told": cyber.Told,
    "Relation": cyber.Relation,
    "ObjectCourse": cyber.ObjectCourse,
    "Said": Said,
    "Mistake": Mistake,
}
WORDS: dict[str, type[StrEnum]] = {
    "SensorKind": records.SensorKind,
    "Phase": records.Phase,
    "TrackState": records.TrackState,
    "Flag": records.Flag,
    "NoticeFit": records.NoticeFit,
    "AlertReason": records.AlertReason,
    "AlertState": records.AlertState,
    "LineHealth": LinkState,
    "ProposalState": twofold.ProposalState,
    "PublicAlertState": records.PublicAlertState,
    "CancelReason": records.CancelReason,
    "Reached": board_types.Reached,
    "ReadbackState": board_types.ReadbackState,
    "LineState": board_types.LineState,
    "Stage": course_types.Stage,
    "TextState": course_types.TextState,
    "VoteKind": course_types.VoteKind,
    "TalkLevel": words.Level,
    "Ground": words.Ground,
    "Means": words.Means,
    "OptionField": words.Field,
    "Activity": words.Activity,
    "Position": words.Position,
    "Purpose": words.Purpose,
    "RemarkKind": words.RemarkKind,
    "Tlp": cyber_records.Tlp,
    "Severity": cyber_records.Severity,
}


def fields_of(name: str) -> set[str]:
    """What the console reads of it, with what it takes from another shape."""
    if alias := re.search(rf"^export type {name} = (\w+)$", TYPES, re.MULTILINE):
        return fields_of(alias[1])
    body = re.search(rf"interface {name}(?: extends (\w+))? {{\n(.*?)\n}}", TYPES, re.DOTALL)
    assert body is not None
    own = set(re.findall(r"^  readonly (\w+)", body[2], re.MULTILINE))
    return own | (fields_of(body[1]) if body[1] else set())


@pytest.mark.parametrize("name", SHAPES)
def test_the_console_asks_for_no_field_that_the_node_does_not_send(name: str) -> None:
    read = fields_of(name)
    assert read
    assert read <= set(SHAPES[name].__struct_fields__)


@pytest.mark.parametrize("name", WORDS)
def test_the_console_knows_every_word_the_node_may_say(name: str) -> None:
    line = re.search(rf"type {name} = (.*)", TYPES)
    assert line is not None
    assert set(re.findall(r"'([^']+)'", line[1])) == {word.value for word in WORDS[name]}


def test_a_path_point_has_its_parts_in_the_nodes_order() -> None:
    line = re.search(r"type PathPoint = readonly \[(.*)\]", TYPES)
    assert line is not None
    assert tuple(re.findall(r"(\w+):", line[1])) == picture_types.PathPoint.__struct_fields__
