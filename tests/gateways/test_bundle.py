"""Bundles: whoever has one can tell what was signed by whom, and that no byte was altered, without a node."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.gateways.talk import CONSULTATION, ENGLISH, JAPANESE, Talk, conversation, joint_statement
from tests.node.worlds import MEMBERS, members

from laurel.core.errors import Malformed, WrongWorld
from laurel.core.record import World, decode
from laurel.core.roster import Card, fingerprint, open_card, sign_card
from laurel.gateways.bundle import Proof, check
from laurel.gateways.conversation_page import conversation_page
from laurel.gateways.statement import read_statement, statement_page


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Talk:
    return conversation(tmp_path_factory.mktemp("talk"))


@pytest.fixture(scope="module")
def bundle(talk: Talk) -> bytes:
    return talk.bundle()


@pytest.fixture(scope="module")
def statement(tmp_path_factory: pytest.TempPathFactory) -> Talk:
    return joint_statement(tmp_path_factory.mktemp("statement"))


# What a check proves


def test_a_bundle_is_whole_and_names_who_signed_and_on_what_that_rests(talk: Talk, bundle: bytes) -> None:
    verdict = check(bundle).verdict
    assert verdict.faults == ()
    assert {one.member: (one.proof, one.records) for one in verdict.signers} == {
        "JPN": (Proof.CARD_IN_FILE, 4),
        "KOR": (Proof.CARD_IN_FILE, 4),
        "USA": (Proof.CARD_IN_FILE, 3),
    }
    assert {one.fingerprint for one in verdict.signers} == {fingerprint(card) for card in talk.who.cards.values()}
    assert verdict.exporter is not None
    assert verdict.exporter.member == "JPN"
    assert verdict.banner == "CONFIDENTIAL//REL TO USA, JPN, KOR"


def test_a_card_that_the_checker_holds_proves_who_signed(talk: Talk, bundle: bytes) -> None:
    verdict = check(bundle, [talk.who.cards["KOR"]]).verdict
    assert verdict.faults == ()
    assert [one.proof for one in verdict.signers] == [Proof.CARD_IN_FILE, Proof.GIVEN, Proof.CARD_IN_FILE]


def test_without_cards_a_bundle_rests_on_its_exporter_and_says_so(talk: Talk) -> None:
    verdict = check(talk.bundle(cards={})).verdict
    assert verdict.faults == ()
    assert {one.proof for one in verdict.signers} == {Proof.EXPORTER}
    by_key = check(talk.bundle(cards={}), keys={"KOR": talk.who.keys["KOR"].public_key()}).verdict
    assert [one.proof for one in by_key.signers] == [Proof.EXPORTER, Proof.GIVEN, Proof.EXPORTER]


@pytest.mark.attack("forged-bundle")
def test_a_bundle_of_made_up_members_does_not_stand_against_one_true_card(talk: Talk, tmp_path: Path) -> None:
    forged = conversation(tmp_path).bundle()
    assert check(forged).verdict.faults == ()
    faults = check(forged, [talk.who.cards["KOR"]]).verdict.faults
    assert len(faults) == 4
    assert all("another key than those you gave" in one for one in faults)


def test_a_card_of_another_world_is_refused(bundle: bytes) -> None:
    other = members(World("camp-david", "freedom-27")).cards["KOR"]
    with pytest.raises(WrongWorld):
        check(bundle, [other])


# Altered


def flipped(bundle: bytes, place: int, by: int) -> bytes:
    altered = bytearray(bundle)
    altered[place % len(bundle)] ^= by
    return bytes(altered)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 255))
def test_any_byte_altered_is_found(bundle: bytes, place: int, by: int) -> None:
    assert check(flipped(bundle, place, by)).verdict.faults


@pytest.mark.long
def test_every_byte_altered_is_found(bundle: bytes) -> None:
    unnoticed = [place for place in range(len(bundle)) if not check(flipped(bundle, place, 1)).verdict.faults]
    assert unnoticed == []


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9), st.binary(max_size=3), st.integers(0, 3))
def test_anything_put_in_or_cut_out_is_found(bundle: bytes, place: int, more: bytes, less: int) -> None:
    place %= len(bundle) + 1
    altered = bundle[:place] + more + bundle[place + less :]
    assert altered == bundle or check(altered).verdict.faults


def lines(change: Callable[[list[bytes]], Any], bundle: bytes) -> bytes:
    given_lines = bundle.splitlines(keepends=True)
    change(given_lines)
    return b"".join(given_lines)


def swap(given_lines: list[bytes]) -> None:
    given_lines[2], given_lines[3] = given_lines[3], given_lines[2]


def respell(given_lines: list[bytes]) -> None:
    given_lines[2] = json.dumps(json.loads(given_lines[2])).encode() + b"\n"


def another_field(given_lines: list[bytes]) -> None:
    given_lines[2] = given_lines[2].replace(b'{"payloadType"', b'{"note":1,"payloadType"', 1)


def loose_base64(given_lines: list[bytes]) -> None:
    """The last letter before the padding has bits to spare: two ways to write the same bytes."""
    found = re.search(rb'([A-Za-z0-9+/])=+"', given_lines[2])
    assert found is not None
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = letters[letters.index(found.group(1)) ^ 1]
    line = bytearray(given_lines[2])
    line[found.start()] = other
    given_lines[2] = bytes(line)


ALTERED: dict[str, tuple[Callable[[list[bytes]], Any], str]] = {
    "a record left out": (lambda lines: lines.pop(3), "missing: record"),
    "the last record left out": (lambda lines: lines.pop(11), "missing: record"),
    "a card left out": (lambda lines: lines.pop(), "missing: card"),
    "a record twice": (lambda lines: lines.insert(3, lines[3]), "order"),
    "two records exchanged": (swap, "order"),
    "written in another way": (respell, "one way"),
    "one field more": (another_field, "one way"),
    "loose base64": (loose_base64, "one way"),
    "the end cut off": (lambda lines: lines.append(lines.pop().rstrip()), "whole line"),
    "an empty line": (lambda lines: lines.append(b"\n"), "line 16"),
    "no first line": (lambda lines: lines.pop(0), "line 1"),
    "nothing": (lambda lines: lines.clear(), "line 1"),
}


@pytest.mark.attack("forged-bundle")
@pytest.mark.parametrize("what", ALTERED)
def test_what_was_done_to_a_bundle_is_named(what: str, bundle: bytes) -> None:
    change, says = ALTERED[what]
    faults = check(lines(change, bundle)).verdict.faults
    assert any(says in one for one in faults), faults


def test_what_is_missing_is_named_by_its_id(talk: Talk, bundle: bytes) -> None:
    without = lines(lambda given_lines: given_lines.pop(4), bundle)
    assert check(without).verdict.missing == (talk.records[3].id,)


@pytest.mark.attack("forged-bundle")
def test_a_first_line_signed_anew_by_another_is_found(talk: Talk, bundle: bytes) -> None:
    thief = talk.who.keys["JPN"], Ed25519PrivateKey.generate()
    talk.who.keys["JPN"] = thief[1]
    try:
        card = sign_card(talk.who.cards["JPN"], thief[0])
        forged = talk.bundle(cards={**talk.cards, "JPN": card})
    finally:
        talk.who.keys["JPN"] = thief[0]
    faults = check(forged, list(talk.who.cards.values())).verdict.faults
    assert any(one.startswith("line 1") for one in faults)
    assert check(bundle, list(talk.who.cards.values())).verdict.faults == ()


def test_a_label_lower_than_its_records_is_found(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    lower = decode(talk.records[0].payload).label
    monkeypatch.setattr("laurel.gateways.bundle.joined", lambda _: type(lower)(lower.classification, ("JPN", "KOR")))
    made = talk.bundle()
    monkeypatch.undo()
    assert any("join of the labels" in one for one in check(made).verdict.faults)


# The page


class Page(HTMLParser):
    """What a browser would see: elements with what they bear, and all text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


def test_the_page_shows_originals_first_states_and_drafts_as_drafts(bundle: bytes) -> None:
    page = conversation_page(bundle)
    seen = Page(page)
    assert page.index(JAPANESE.splitlines()[0]) < page.index(ENGLISH)
    assert "DRAFT translation into English by engine-7 (machine), USA. Reviewed by nobody." in seen.words
    assert "Translation into 한국어 (Korean) by Kimura, JPN. Reviewed by Tanaka, JPN." in seen.words
    assert "Crisis Management Center, 2026-08-18 03:00:28 UTC" in seen.words
    assert "“발사를 이해함” (right)" in seen.words
    assert "地図.pdf (application/pdf, 1234 bytes" in seen.words
    assert seen.words.index("CONFIDENTIAL//REL TO USA, JPN, KOR") < seen.words.index("발사")
    assert {element[1].get("lang") for element in seen.elements} >= {"ja", "ko", "en"}


@pytest.mark.attack("page-injection")
def test_hostile_words_stay_words_and_nothing_comes_from_elsewhere(bundle: bytes) -> None:
    page = conversation_page(bundle)
    seen = Page(page)
    assert '</div><script>alert("x")</script>' in seen.words
    names = {name for name, _ in seen.elements}
    assert not names & {"script", "img", "link", "iframe", "form", "object", "embed", "svg", "a", "base"}
    attributes = {attribute for _, attributes in seen.elements for attribute in attributes}
    assert attributes <= {"lang", "class", "charset", "name", "content", "http-equiv"}
    assert "http://" not in page
    assert "https://" not in page
    assert "⟨U+202E⟩" in seen.words
    assert "\u202e" not in page
    assert "\x07" not in page


def test_an_altered_bundle_makes_no_page(bundle: bytes) -> None:
    with pytest.raises(Malformed):
        conversation_page(flipped(bundle, 3_000, 1))


# Joint statements


def test_a_statement_tells_who_signed_it(statement: Talk) -> None:
    opened = check(statement.statement(), keys={code: key.public_key() for code, key in statement.who.keys.items()})
    assert opened.verdict.faults == ()
    assert {one.proof for one in opened.verdict.signers} == {Proof.GIVEN}
    found = read_statement(opened)
    assert (tuple(found.said), found.missing, found.faults) == (MEMBERS, (), ())
    page = Page(statement_page(statement.statement(), opened)).words
    assert "UNCLASSIFIED — FOR EVERYBODY" in page
    assert "我々は共に立つ。" in page
    assert "It is not intended to give rise to rights or obligations" in page
    assert page.index("Remarks of JPN") < page.index("憲法の範囲内で。")


def test_a_statement_that_a_member_has_not_signed_yet_says_so(statement: Talk) -> None:
    two = [one for one in statement.records if decode(one.payload).origin != "KOR"]
    opened = check(statement.statement(two))
    assert read_statement(opened).missing == ("KOR",)
    assert "Not signed yet by" in statement_page(statement.statement(two), opened)


@pytest.mark.parametrize("changes", [{"text_hash": "f" * 64}, {"versions": ()}, {"members": ("JPN", "KOR")}])
def test_members_that_do_not_state_the_same_have_no_joint_statement(changes: dict[str, Any], tmp_path: Path) -> None:
    opened = check(joint_statement(tmp_path, **changes).statement())
    assert opened.verdict.faults == ()
    assert "the members do not state the same" in read_statement(opened).faults


def test_a_conversation_is_no_statement(bundle: bytes, talk: Talk) -> None:
    assert read_statement(check(bundle)).faults
    assert read_statement(check(talk.statement(talk.records))).faults
    with pytest.raises(Malformed):
        statement_page(bundle, check(bundle))


def cards_in(file: bytes) -> list[Card]:
    return [open_card(line) for line in file.splitlines() if b"laurel.card" in line]


def test_a_public_statement_holds_no_card_and_no_address(statement: Talk, bundle: bytes) -> None:
    made = statement.statement()
    assert len(cards_in(bundle)) == 3
    assert cards_in(made) == []
    payloads = b"".join(base64.b64decode(json.loads(line)["payload"]) for line in made.splitlines())
    assert CONSULTATION.encode() in payloads
    assert b"localhost:1" not in payloads
