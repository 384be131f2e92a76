"""Who belongs changes by record: for the next record, at every node, and never for the past."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.node.notebook import Note
from tests.node.worlds import (
    LIVE,
    MEMBERS,
    START,
    Worlds,
    audited,
    cards_of,
    check_log,
    deliver,
    exchange,
    log_of,
    note,
    set_pages,
    texts,
    wrapped,
)

from laurel.border.readers import ReadersAreToldDerived, ReadersListen
from laurel.core.errors import BadField, BadLabel, DiskFull, LaurelError, NotPermitted
from laurel.core.instrument import NoAsk, Role
from laurel.core.label import Classification, label
from laurel.core.record import Precedence, Record, Sealed, decode, key_id, seal
from laurel.core.roster import Standing, fingerprint, sign_card
from laurel.instruments.line.receipts import Receipts
from laurel.instruments.line.records import ReceiptGiven, StandingAssented, StandingProposed
from laurel.instruments.line.standing import (
    AssentStanding,
    Changes,
    DeclineStanding,
    LiveChangesOnly,
    NoLongerOpen,
    NotAsked,
    NotThatCard,
    ProposeStanding,
    TooFewAsked,
    VoteSpent,
)
from laurel.node.asked import Asked
from laurel.node.author import Author
from laurel.node.keep import schema
from laurel.node.keep.views import rebuild
from laurel.node.outbox import Outbox
from laurel.node.witness import Witness
from laurel.node.world import World

PRINCIPAL = Author("officer:abe", frozenset({Role.PRINCIPAL}))
OUT = ProposeStanding("KOR", Standing.EXPELLED, "left the grouping")
PAUSE = ProposeStanding("KOR", Standing.SUSPENDED, "its border leaks")
BACK = ProposeStanding("KOR", Standing.MEMBER, "mended")


def propose(world: World, ask: ProposeStanding, author: Author = PRINCIPAL) -> str:
    """The proposal's id."""
    asked = Asked(author, "line/propose-standing", ask, f"propose:{len(log_of(world))}")
    return world.say(asked).records[0]


def assent(world: World, proposal: str, shown: str | None = None) -> str:
    asked = Asked(PRINCIPAL, "line/assent-standing", AssentStanding(proposal, shown), f"assent:{len(log_of(world))}")
    return world.say(asked).records[0]


def decline(world: World, proposal: str) -> str:
    asked = Asked(PRINCIPAL, "line/decline-standing", DeclineStanding(proposal, "no"), f"decline:{proposal}")
    return world.say(asked).records[0]


def agree(by: World, with_: World, ask: ProposeStanding) -> str:
    """Proposed by one, assented to by the other; carried between the two alone."""
    one = propose(by, ask)
    deliver(by, with_)
    assent(with_, one)
    deliver(with_, by)
    return one


def three(worlds: Worlds) -> tuple[World, World, World]:
    return worlds.open("JPN"), worlds.open("KOR"), worlds.open("USA")


def standings(world: World) -> dict[str, Standing]:
    return dict(world.roster.standings)


def test_a_change_that_all_others_assent_to_is_in_force_everywhere(worlds: Worlds) -> None:
    jpn, kor, usa = three(worlds)
    one = propose(jpn, PAUSE)
    exchange(jpn, kor, usa)
    assert {world.roster.standings["KOR"] for world in (jpn, kor, usa)} == {Standing.MEMBER}
    assent(usa, one)
    assert usa.roster.standings["KOR"] is Standing.SUSPENDED
    assert usa.desk("node").members == ("JPN", "USA")
    exchange(jpn, usa)
    assert jpn.roster.standings == usa.roster.standings
    told: Changes = jpn.judge("line/standings", NoAsk())
    assert [(one.by, one.asked, one.assented) for one in told.changes] == [("JPN", ("JPN", "USA"), ("JPN", "USA"))]
    assert "nothing more goes to it" in told.changes[0].words


def test_all_come_to_the_same_whatever_the_order_of_arrival(worlds: Worlds) -> None:
    jpn, kor, usa = three(worlds)
    one = propose(jpn, PAUSE)
    deliver(jpn, usa)
    assent(usa, one)
    # The assent comes first to Korea, the proposal after.
    deliver(usa, kor)
    assert kor.roster.standings["KOR"] is Standing.MEMBER
    deliver(jpn, kor)
    deliver(usa, jpn)
    assert standings(jpn) == standings(kor) == standings(usa)


def test_it_survives_a_restart_and_a_rebuild(worlds: Worlds) -> None:
    jpn, _, usa = three(worlds)
    agree(jpn, usa, PAUSE)
    again = worlds.open("JPN")
    assert again.roster.standings["KOR"] is Standing.SUSPENDED
    before, after, _ = rebuild(again.store, again.catalogue)
    assert before == after


def test_nothing_is_released_to_a_suspended_member_nor_taken_from_it(worlds: Worlds) -> None:
    jpn, kor, usa = three(worlds)
    agree(jpn, usa, PAUSE)
    with pytest.raises(BadLabel):
        jpn.say(note("to all"))
    jpn.say(note("to the others", to=("JPN", "USA")))
    assert "KOR" not in {row[0] for row in waiting(jpn) if row[1] == "to the others"}
    kor.say(note("from the suspended"))
    received = kor_speaks_to(kor, jpn)
    assert [one.policy for one in received] == ["members-only"]
    assert texts(jpn) == ["to the others"]
    # It keeps what it has.
    assert check_log(kor) == len(log_of(kor))


def waiting(world: World) -> list[tuple[str, str]]:
    """Who waits for which note."""
    return [
        (peer, text)
        for peer in MEMBERS
        for sealed in waiting_for(world, peer)
        for text in texts(world)
        if f'"{text}"'.encode() in sealed.payload
    ]


def waiting_for(world: World, peer: str) -> list[Sealed]:
    """What the outbox holds for a member, sealed or not."""
    with world.store.reading() as from_:
        positions = from_.execute(sa.select(schema.outbox.c.position).where(schema.outbox.c.peer == peer)).scalars()
        return [one.sealed for one in world.store.at_positions(from_, list(positions))]


def kor_speaks_to(kor: World, to: World) -> list[Any]:
    """What the other refuses of all that waits for it."""
    refused: list[Any] = []
    for parcel in Outbox(kor).waiting(to.roster.me, 1_000):
        refused += to.receive("KOR", [parcel.wrapped]).refused
        Outbox(kor).carried([parcel])
    return refused


def test_a_reinstated_member_says_again_what_was_refused_meanwhile(worlds: Worlds) -> None:
    jpn, kor, usa = three(worlds)
    agree(jpn, usa, PAUSE)
    kor.say(note("said meanwhile"))
    assert kor_speaks_to(kor, jpn)
    assert texts(jpn) == []
    agree(usa, jpn, BACK)
    witnesses = {world.roster.me: Witness(world, Outbox(world)) for world in (jpn, kor, usa)}
    for _ in range(4):
        for one, other in permutations((jpn, kor, usa), 2):
            witnesses[other.roster.me].hear(one.roster.me, witnesses[one.roster.me].heads(other.roster.me))
        exchange(jpn, kor, usa)
    assert texts(jpn) == ["said meanwhile"]
    # It was told by both who belongs, and follows what comes next.
    assert standings(kor) == standings(jpn) == dict.fromkeys(MEMBERS, Standing.MEMBER)
    later = propose(jpn, ProposeStanding("USA", Standing.SUSPENDED, "why"))
    exchange(jpn, kor, usa)
    assent(kor, later)
    exchange(jpn, kor)
    assert standings(kor) == standings(jpn) == {**dict.fromkeys(MEMBERS, Standing.MEMBER), "USA": Standing.SUSPENDED}


def test_a_change_takes_effect_for_the_next_record_of_the_same_parcel(worlds: Worlds) -> None:
    jpn, kor, usa = three(worlds)
    one = propose(jpn, PAUSE)
    deliver(jpn, usa)
    kor.say(note("before", precedence=Precedence.IMMEDIATE, to=("KOR", "USA")))
    kor.say(note("after", precedence=Precedence.IMMEDIATE, to=("JPN", "KOR", "USA")))
    before, after = [sealed for sealed in log_of(kor) if b"notebook" in sealed.payload]
    # USA's own assent is the last that is missing; it arrives at Japan between two records of Korea.
    done = assent(usa, one)
    completing = next(sealed for sealed in log_of(usa) if sealed.id == done)
    received = jpn.receive("KOR", [wrapped(completing, to="JPN"), wrapped(after, to="JPN")])
    assert [refused.policy for refused in received.refused] == ["members-only"]
    assert usa.receive("KOR", [wrapped(before, to="USA")]).refused[0].policy == "members-only"


def test_a_transaction_that_fails_changes_nobodys_standing(worlds: Worlds) -> None:
    jpn, _, usa = three(worlds)
    one = propose(jpn, PAUSE)
    deliver(jpn, usa)
    before = standings(usa)
    set_pages(usa, 0)
    ask = Asked(PRINCIPAL, "line/assent-standing", AssentStanding(one), "assent:0001")
    much = [note("x" * 4_000, f"fill:{number:04}", to=("USA",)) for number in range(20)]
    with pytest.raises(DiskFull):
        usa.say_many([ask, *much])
    assert standings(usa) == before
    set_pages(usa, None)
    assent(usa, one)
    assert standings(usa)["KOR"] is Standing.SUSPENDED


@pytest.mark.attack("membership")
@pytest.mark.parametrize(
    ("ask", "error"),
    [
        (ProposeStanding("JPN", Standing.READER, "us"), NotAsked),
        (ProposeStanding("KOR", Standing.MEMBER, "it is"), BadField),
        (ProposeStanding("NZL", Standing.MEMBER, "no card", "New Zealand"), BadField),
        (ProposeStanding("NZL", Standing.EXPELLED, "not here", "New Zealand", "card"), BadField),
        (ProposeStanding("NZL", Standing.MEMBER, "torn card", "New Zealand", "card"), BadField),
        (ProposeStanding("KOR", Standing.SUSPENDED, "with a card", None, "card"), BadField),
    ],
)
def test_a_proposal_that_cannot_be_is_refused_to_its_author(
    worlds: Worlds, ask: ProposeStanding, error: type[LaurelError]
) -> None:
    jpn = worlds.open("JPN")
    with pytest.raises(error):
        propose(jpn, ask)
    assert log_of(jpn) == []


@pytest.mark.attack("roles")
@pytest.mark.parametrize("role", sorted(set(Role) - {Role.PRINCIPAL}))
def test_no_other_role_speaks_for_a_government_on_who_belongs(worlds: Worlds, role: Role) -> None:
    jpn, _, usa = three(worlds)
    author = Author("officer:other", frozenset({role}))
    with pytest.raises(NotPermitted):
        propose(jpn, OUT, author)
    one = propose(usa, OUT)
    deliver(usa, jpn)
    for command, ask in (("assent", AssentStanding(one)), ("decline", DeclineStanding(one, "no"))):
        with pytest.raises(NotPermitted):
            jpn.say(Asked(author, f"line/{command}-standing", ask, "other:0001"))
    assert standings(jpn)["KOR"] is Standing.MEMBER


def test_each_speaks_once_and_only_to_what_is_open(worlds: Worlds) -> None:
    jpn, kor, usa = three(worlds)
    one = propose(jpn, OUT)
    with pytest.raises(VoteSpent):
        propose(jpn, PAUSE)
    with pytest.raises(VoteSpent):
        assent(jpn, one)
    exchange(jpn, kor, usa)
    with pytest.raises(NotAsked):
        assent(kor, one)
    decline(usa, one)
    with pytest.raises(NoLongerOpen):
        assent(usa, one)
    exchange(jpn, kor, usa)
    told: Changes = kor.judge("line/standings", NoAsk())
    assert [(one.assented, one.declined) for one in told.changes] == [(("JPN",), ("USA",))]
    # Declined: the next turn is open at once.
    agree(usa, jpn, PAUSE)
    assert standings(jpn)["KOR"] is Standing.SUSPENDED
    with pytest.raises(TooFewAsked):
        propose(jpn, ProposeStanding("USA", Standing.EXPELLED, "alone"))


def test_an_exercise_has_the_members_of_its_compact(tmp_path: Any) -> None:
    with (
        Worlds(tmp_path, msgspec.structs.replace(LIVE, exercise="freedom-27")) as worlds,
        pytest.raises(LiveChangesOnly),
    ):
        propose(worlds.open("JPN"), OUT)


# What somebody hostile sends


def signed(
    world: World, worlds: Worlds, body: msgspec.Struct, *, origin: str, number: int = 1, **fields: Any
) -> Sealed:
    """A record as a member with its own key could sign it, without the checks of its own node."""
    key = worlds.who.keys[fields.pop("signed_by", origin)]
    told = fields.pop("rel_to", MEMBERS)
    record: Record[Any] = Record(
        kind=world.catalogue.kind_of(body).name,
        compact=LIVE.compact,
        exercise=None,
        origin=origin,
        author="officer:x",
        at=START,
        label=label(Classification.RESTRICTED, set(told)),
        precedence=Precedence.IMMEDIATE,
        number=number,
        prev=None,
        about=(),
        answers=None,
        salt=bytes(16),
        body=body,
    )
    record = msgspec.structs.replace(record, **fields)
    return seal(record, key, key_id(key.public_key()))


def a_proposal(member: str, standing: Standing, asked: tuple[str, ...], **fields: Any) -> StandingProposed:
    return StandingProposed(member, member, standing, "why", None, 1, asked, **fields)


@pytest.mark.attack("membership")
@pytest.mark.parametrize("asked", [("KOR",), ("KOR", "USA"), ("JPN", "KOR"), ()])
def test_a_lone_member_expels_nobody_whatever_its_record_claims(worlds: Worlds, asked: tuple[str, ...]) -> None:
    jpn, _, usa = three(worlds)
    alone = signed(jpn, worlds, a_proposal("USA", Standing.EXPELLED, asked), origin="KOR")
    again = signed(jpn, worlds, StandingAssented(alone.id, None, 1), origin="KOR", number=2, prev=alone.id)
    for world in (jpn, usa):
        world.receive("KOR", [wrapped(alone, again, to=world.roster.me)])
        assert standings(world) == dict.fromkeys(MEMBERS, Standing.MEMBER)


@pytest.mark.attack("speak-for-another")
def test_a_member_that_assents_in_anothers_name_is_refused(worlds: Worlds) -> None:
    jpn, kor, usa = three(worlds)
    one = propose(jpn, OUT)
    forged = signed(jpn, worlds, StandingAssented(one, None, 1), origin="USA", signed_by="KOR")
    assert jpn.receive("KOR", [wrapped(forged, to="JPN")]).refused
    assert standings(jpn)["KOR"] is Standing.MEMBER
    del kor, usa


@pytest.mark.attack("replay")
def test_an_old_assent_that_is_played_again_changes_nothing(worlds: Worlds) -> None:
    jpn, kor, usa = three(worlds)
    first = agree(jpn, usa, PAUSE)
    agree(usa, jpn, BACK)
    before = standings(jpn)
    old = [sealed for sealed in log_of(usa) if decode(sealed.payload).answers == first]
    assert jpn.receive("USA", [wrapped(*old, to="JPN")]).places == {"duplicate": 1}
    assert standings(jpn) == before == dict.fromkeys(MEMBERS, Standing.MEMBER)
    # The old proposal again under a new number, by its own proposer: it follows a base that is past.
    with pytest.raises(NoLongerOpen):
        assent(usa, first)
    del kor


@pytest.mark.attack("membership")
def test_an_expelled_member_that_keeps_sending_is_refused_in_every_way(worlds: Worlds) -> None:
    jpn, kor, usa = three(worlds)
    agree(jpn, usa, OUT)
    for number, precedence in enumerate(Precedence):
        kor.say(note(f"still here {number}", precedence=precedence))
    count = len(log_of(jpn))
    assert {one.policy for one in kor_speaks_to(kor, jpn)} == {"members-only"}
    with pytest.raises(LaurelError):
        Witness(jpn, Outbox(jpn)).hear("KOR", Witness(kor, Outbox(kor)).heads("JPN"))
    assert len(log_of(jpn)) == count
    assert ("refused", "KOR", "members-only") in audited(jpn)
    # Nothing of what the others say goes to it, nor by heads.
    jpn.say(note("without them", to=("JPN", "USA")))
    assert {peer for peer, text in waiting(jpn) if text == "without them"} == {"USA"}


@pytest.mark.attack("alter")
def test_a_forged_card_in_a_proposal_is_seen_by_those_who_assent(worlds: Worlds) -> None:
    jpn, _, usa = three(worlds)
    cards = {
        name: card_of("NZL", address) for name, address in (("true", "nz.example:4440"), ("forged", "x.example:1"))
    }
    ask = ProposeStanding("NZL", Standing.MEMBER, "joins", "New Zealand", cards["forged"][0])
    one = propose(jpn, ask)
    deliver(jpn, usa)
    for read_out in (None, cards["true"][1], ""):
        with pytest.raises(NotThatCard):
            assent(usa, one, read_out)
    told: Changes = usa.judge("line/standings", NoAsk())
    assert told.changes[0].fingerprint == cards["forged"][1]
    assert cards["forged"][1] in told.changes[0].words
    decline(usa, one)
    assert "NZL" not in standings(usa)


def card_of(member: str, address: str) -> tuple[str, str]:
    """A whole card, and what is read out of it."""
    key = Ed25519PrivateKey.generate()
    made = msgspec.structs.replace(cards_of({"JPN": key})["JPN"], member=member, name=member, address=address)
    return sign_card(made, key).decode(), fingerprint(made)


def test_the_past_is_never_granted_to_one_that_is_admitted(worlds: Worlds) -> None:
    jpn, kor, usa = three(worlds)
    jpn.say(note("before they came"))
    exchange(jpn, kor, usa)
    card, shown = card_of("NZL", "nz.example:4440")
    one = propose(jpn, ProposeStanding("NZL", Standing.MEMBER, "joins", "New Zealand", card))
    exchange(jpn, kor, usa)
    for world in (kor, usa):
        assent(world, one, shown)
    exchange(jpn, kor, usa)
    for world in (jpn, kor, usa):
        world.react()
    assert jpn.roster.names == {"NZL": "New Zealand"}
    everyone = tuple(sorted((*MEMBERS, "NZL")))
    jpn.say(note("since they came", to=everyone))
    for world in (jpn, kor, usa):
        held = waiting_for(world, "NZL")
        assert all("NZL" in decode(sealed.payload).label.rel_to for sealed in held)
        kinds = {decode(sealed.payload).kind for sealed in held}
        assert kinds == {"line.standings-told.v1", *(["notebook.note.v1"] if world is jpn else [])}
        # By heads no more than by the outbox: no lane of before names it.
        with world.store.writing() as to:
            old = [lane for lane in to.stands if "NZL" not in lane.audience]
            assert old
            assert all(world.roster.me == lane.origin or lane.origin in MEMBERS for lane in old)


# Readers


def three_and_a_reader(worlds: Worlds) -> tuple[World, World, World]:
    """Korea made a reader of the two others, by agreement."""
    jpn, kor, usa = three(worlds)
    one = propose(jpn, ProposeStanding("KOR", Standing.READER, "one way from now on"))
    exchange(jpn, kor, usa)
    assent(usa, one)
    exchange(jpn, kor, usa)
    assert {world.roster.standings["KOR"] for world in (jpn, kor, usa)} == {Standing.READER}
    assert {world.desk("node").members for world in (jpn, kor, usa)} == {("JPN", "USA")}
    return jpn, kor, usa


@pytest.mark.attack("reader")
def test_a_reader_says_nothing_to_anyone_and_its_officers_are_told_why(worlds: Worlds) -> None:
    jpn, kor, _ = three_and_a_reader(worlds)
    for to in (MEMBERS, ("JPN", "KOR")):
        with pytest.raises(ReadersListen, match="receives, and says receipts alone"):
            kor.say(note("a word", to=to))
    with pytest.raises(NotAsked):
        propose(kor, ProposeStanding("USA", Standing.EXPELLED, "a reader has no voice"))
    # What stays at home is its own affair.
    kor.say(note("among ourselves", to=("KOR",)))
    assert waiting_for(kor, "JPN") == []
    assert texts(jpn) == []


@pytest.mark.attack("reader")
def test_a_reader_whose_node_is_hostile_is_refused_by_its_peers(worlds: Worlds) -> None:
    jpn, _, usa = three_and_a_reader(worlds)
    count = len(log_of(jpn))
    bodies = [
        Note("topic", "a word"),
        a_proposal("USA", Standing.EXPELLED, ("JPN", "KOR")),
        StandingAssented("0" * 64, None, 1),
    ]
    for number, body in enumerate(bodies, 1):
        for precedence in Precedence:
            said = signed(jpn, worlds, body, origin="KOR", number=number, precedence=precedence)
            [refused] = jpn.receive("KOR", [wrapped(said, to="JPN")]).refused
            assert refused.policy == "readers-say-receipts"
    assert len(log_of(jpn)) == count
    assert standings(jpn)["USA"] is Standing.MEMBER
    receipt = signed(
        jpn, worlds, ReceiptGiven("0" * 64), origin="KOR", rel_to=("JPN", "KOR"), precedence=Precedence.ROUTINE
    )
    assert jpn.receive("KOR", [wrapped(receipt, to="JPN")]).refused == []
    told: Receipts = jpn.judge("line/receipts", NoAsk())
    assert [(one.record, [by.member for by in one.by]) for one in told.receipts] == [("0" * 64, ["KOR"])]
    del usa


@pytest.mark.attack("widen")
def test_no_label_names_a_reader_but_for_the_lines_own_business(worlds: Worlds) -> None:
    jpn, kor, usa = three_and_a_reader(worlds)
    with pytest.raises(ReadersAreToldDerived, match="KOR"):
        jpn.say(note("widened"))
    jpn.say(note("to members", to=("JPN", "USA")))
    exchange(jpn, kor, usa)
    assert (texts(kor), texts(usa)) == ([], ["to members"])
    # Who belongs a reader must know: it hears of it, and comes to the same.
    back = agree(usa, jpn, BACK)
    deliver(usa, kor)
    deliver(jpn, kor)
    assert standings(kor) == standings(jpn) == dict.fromkeys(MEMBERS, Standing.MEMBER)
    assert back in {one.id for one in log_of(kor)}
