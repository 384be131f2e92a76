"""Handover: the dossier has what the office owes, its hash stays while nothing changes, and two persons sign."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from tests.instruments.dialogue.houses import ALL, MINISTER, TWO, Houses, an_action

from laurel.core.errors import BadField, Nothing, NotPermitted
from laurel.core.label import Classification, label
from laurel.instruments.dialogue.dossier import DossierChanged, SignDossierAsk, SignedAlready, content_of
from laurel.instruments.dialogue.offices import AbolishOfficeAsk, OpenOfficeAsk
from laurel.instruments.dialogue.pledges import NoteProgressAsk, ReviewAsk
from laurel.instruments.dialogue.records import Handover, Part, Step


@pytest.fixture
def houses() -> Houses:
    houses = Houses()
    houses.declare()
    houses.ask("JPN", "open-office", OpenOfficeAsk(MINISTER, ALL, ("外務大臣",)))
    return houses


def sign(houses: Houses, sha256: str, part: Part, who: str = "officer:sato", office: str = MINISTER) -> str:
    return houses.ask("JPN", "sign-dossier", SignDossierAsk(office, part, f"N. N. ({part})", sha256), who)


def test_the_dossier_has_what_the_office_owes_and_nothing_of_other_offices(houses: Houses) -> None:
    promise = houses.commit("JPN", office="外務大臣")
    action = houses.response_action("JPN", MINISTER, "Shares its warning data", days=9)
    houses.commit("KOR")
    houses.commit("JPN", office="Somebody else")
    meeting = houses.convene()
    houses.later(days=21)
    _, minuted, _ = houses.minute("JPN", meeting, an_action("JPN"), an_action("KOR"))
    houses.ask("KOR", "review", ReviewAsk(promise, -1, "Late.", "en", ALL))
    coming = houses.convene()
    found = houses.dossier("JPN").dossier
    assert {one.id for one in found.commitments} == {promise, action, minuted}
    assert {one.id: one.reviews for one in found.commitments}[promise] == ("KOR -1",)
    assert [one.id for one in found.meetings] == [coming]
    assert [one.title for one in found.items] == [
        "Foreign ministers' meeting: the next is overdue",
        "Foreign ministers in Seoul",
    ]


def test_the_hash_is_over_the_canonical_content_and_stays_while_nothing_changes(houses: Houses) -> None:
    promise = houses.commit("JPN")
    first = houses.dossier()
    assert first.sha256 == hashlib.sha256(content_of(first.dossier).encode()).hexdigest()
    houses.later(days=2)
    assert houses.dossier(office="外務大臣").sha256 == first.sha256
    houses.ask("JPN", "note-progress", NoteProgressAsk(promise, Step.UNDER_WAY, "Begun.", "en", ALL))
    assert houses.dossier().sha256 != first.sha256


def test_who_leaves_and_who_comes_sign_for_the_very_same_dossier(houses: Houses) -> None:
    houses.commit("JPN", label=label(Classification.SECRET, {"JPN", "KOR"}))
    read = houses.dossier()
    with pytest.raises(Nothing):
        sign(houses, read.sha256, Part.COMING)
    leaving = sign(houses, read.sha256, Part.LEAVING)
    # What comes after it changes nothing of what was handed over.
    houses.commit("JPN", words="A new promise", language="en")
    with pytest.raises(NotPermitted, match="two persons"):
        sign(houses, read.sha256, Part.COMING)
    with pytest.raises(BadField, match="office"):
        sign(houses, read.sha256, Part.COMING, "officer:mori", "Other")
    coming = sign(houses, read.sha256, Part.COMING, "officer:mori")
    kept = houses.dossier(sha256=read.sha256)
    assert (kept.dossier, kept.now) == (read.dossier, False)
    assert [(one.id, one.part, one.author) for one in kept.signatures] == [
        (leaving, Part.LEAVING, "officer:sato"),
        (coming, Part.COMING, "officer:mori"),
    ]
    assert houses.dossier().signatures == ()
    with pytest.raises(SignedAlready):
        sign(houses, read.sha256, Part.LEAVING, "officer:mori")
    record = houses.nodes.of["JPN"].view.record(leaving)
    assert record is not None
    assert record.label == label(Classification.SECRET, {"JPN"})
    assert houses.nodes.of["KOR"].view.record(leaving) is None


def test_nobody_signs_for_what_he_has_not_read(houses: Houses) -> None:
    read = houses.dossier()
    houses.commit("JPN")
    with pytest.raises(DossierChanged, match=read.sha256):
        sign(houses, read.sha256, Part.LEAVING)
    with pytest.raises(Nothing):
        houses.dossier(sha256="0" * 64)
    with pytest.raises(Nothing):
        houses.dossier(office="No such office")
    with pytest.raises(Nothing):
        houses.dossier("KOR")


def test_what_a_peer_says_of_a_handover_counts_for_nothing(houses: Houses) -> None:
    read = houses.dossier()
    houses.say("KOR", Handover(MINISTER, Part.LEAVING, "N. N.", read.sha256, content_of(read.dossier)), TWO)
    assert houses.dossier().signatures == ()


def test_the_dossier_of_an_heir_has_what_it_inherited(houses: Houses) -> None:
    promise = houses.commit("JPN", due_at=houses.at + timedelta(days=90))
    houses.ask("JPN", "open-office", OpenOfficeAsk("Minister for External Relations", ALL))
    houses.ask("JPN", "abolish-office", AbolishOfficeAsk(MINISTER, "Renamed.", "Minister for External Relations"))
    found = houses.dossier(office="Minister for External Relations").dossier
    assert [(one.id, one.office) for one in found.commitments] == [(promise, MINISTER)]
