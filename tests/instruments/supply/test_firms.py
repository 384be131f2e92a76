"""Aggregates cross, firms do not: no field for one, no text that names one, no share that tells of one."""

from __future__ import annotations

from typing import Any, cast

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.instruments.harness import Node
from tests.instruments.supply.test_notices import met
from tests.instruments.supply.trade import EVERYONE, JPN, KOR, START, USA, Trade, firm, notice, rows, share

from laurel.core.errors import BadField, Nothing
from laurel.core.instrument import NoAsk
from laurel.gateways.chips import COLUMNS, read_chips
from laurel.instruments.supply.answers import NotShared, ShareRow, ShareSet, ToShare
from laurel.instruments.supply.assistance import AcceptHelpAsk
from laurel.instruments.supply.cells import (
    BAND_PCT,
    NARROWEST_PCT,
    as_set,
    bounds,
    cells_of,
    follows,
)
from laurel.instruments.supply.firms import NamesFirm, named_in, names
from laurel.instruments.supply.notices import CloseNoticeAsk
from laurel.instruments.supply.records import CROSSES, HOME, Dependence, FirmNamed
from laurel.instruments.supply.shares import index
from laurel.instruments.supply.sharing import SOURCE_WITHHELD, SharedAsk, ShareDependenceAsk, ToShareAsk
from laurel.instruments.supply.words import Basis

CANARY = "Zymurgic Canary"

# No field


def fields_of(body: type[Any]) -> set[str]:
    """The names of all fields of a body, however deep, and of the types they are of."""
    found: set[str] = set()
    waiting: list[Any] = [msgspec.inspect.type_info(body)]
    while waiting:
        one = waiting.pop()
        if isinstance(one, msgspec.inspect.StructType):
            found |= {one.cls.__name__, *(each.name for each in one.fields)}
            waiting += [each.type for each in one.fields]
        elif isinstance(one, msgspec.inspect.VarTupleType):
            waiting.append(one.item_type)
        elif isinstance(one, msgspec.inspect.UnionType):
            waiting += one.types
    return found


@pytest.mark.parametrize("kind", CROSSES, ids=lambda kind: kind.name)
def test_nothing_that_crosses_has_a_field_for_a_firm(kind: Any) -> None:
    found = {name.lower() for name in fields_of(kind.body)}
    assert not [name for name in found if "firm" in name or "provider" in name or "company" in name]


def test_what_has_one_stays_at_home() -> None:
    home = {name for kind in HOME for name in fields_of(kind.body)}
    assert {"firms", "FirmNamed", "providers", "Provider"} <= home


# No name


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Amatsu Kōgyō", "The works of amatsu kogyo stand still."),
        ("Amatsu Works", "ＡＭＡＴＳＵ　ＷＯＲＫＳ"),
        ("Amatsu Works", "Amatsu\u00adWorks and AMATSU-WORKS"),
        ("Beihai Metal Co., Ltd.", "Only Beihai Metal makes it."),
        ("Beihai Metal (BHM)", "bhm stopped."),
        ("Beihai Metal (BHM)", "What Beihai   Metal says"),
        ("株式会社青海鉱業", "青海鉱業の工場が停止した。"),
        ("青海鉱業", "供給元は青海鉱業である。"),
        ("삼천 전자", "삼천전자의 공장"),
        ("ATX", "ATXの装置"),
        ("Łódź Ore", "lodz ore"),
    ],
)
def test_a_text_that_names_a_firm_is_found_out(name: str, text: str) -> None:
    assert named_in(text, names([name])) == [name]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ATX", "atxenic, matx and at x"),
        ("Amatsu Works", "Amatsu does not work"),
        ("Co., Ltd.", "The company is limited."),
        ("Disco", "It was discovered."),
        ("", "Anything at all."),
        ("株式会社", "株式会社は多い。"),
    ],
)
def test_parts_of_words_and_legal_forms_name_nobody(name: str, text: str) -> None:
    assert named_in(text, names([name])) == []


@pytest.mark.parametrize("where", ["title", "summary", "cause", "measures", "help_wanted", "office"])
def test_a_notice_that_names_a_firm_of_our_data_is_refused_with_the_words(where: str) -> None:
    trade = Trade()
    trade.put()
    with pytest.raises(NamesFirm) as refused:
        trade.notice(**{where: "It is all made by Beihai metal, and by AMATSU WORKS."})
    assert refused.value.facts == {where: "Amatsu Works, Beihai Metal Co., Ltd."}
    assert trade.nodes.of[KOR].log == []


def test_nor_may_one_of_its_lists() -> None:
    trade = Trade()
    trade.put()
    named = ("semiconductors", "青海鉱業の鉱石")
    for wrong in (notice(sectors=named), notice(inputs=named)):
        with pytest.raises(NamesFirm) as refused:
            trade.ask(JPN, "file-notice", wrong)
        assert set(refused.value.facts.values()) == {"青海鉱業"}


def test_a_firm_named_for_this_very_notice_is_known_at_once_and_from_then_on() -> None:
    trade = Trade()
    firms = (FirmNamed(CANARY, ("ZymCan",)),)
    with pytest.raises(NamesFirm):
        trade.notice(cause="A fire at zymcan.", firms=firms)
    filed = trade.notice(firms=firms)
    for command, ask in (
        ("say-met", msgspec.structs.replace(met(filed, trade.now), text="ZYMCAN will deliver.")),
        ("close-notice", CloseNoticeAsk(filed, "en", "Zymurgic canary delivers again.")),
    ):
        with pytest.raises(NamesFirm):
            trade.ask(JPN, command, ask)
    asked, offered = trade.request(), trade.offer()
    with pytest.raises(NamesFirm):
        trade.ask(JPN, "accept-help", AcceptHelpAsk(asked, offered, "en", "Send it to ZymCan."))
    for member, say in ((JPN, trade.request), (JPN, trade.offer), (JPN, trade.measure)):
        with pytest.raises(NamesFirm):
            say(member, text="It is for Zymcan.")
    assert trade.offer(USA, text="Our own data know nobody called Zymcan.")


# No share


def tell(trade: Trade, member: str = JPN, basis: Basis = Basis.HEADQUARTERS, *inputs: str) -> Dependence:
    trade.ask(member, "share-dependence", ShareDependenceAsk(basis, EVERYONE, inputs=inputs))
    return cast("Dependence", trade.nodes.of[KOR].log[-1][1].body)


def of_many(trade: Trade, *, largest: float = 12.0) -> None:
    """Ore that three of Japan's firms make, three of China's, and one of Australia's."""
    firms = [firm(f"F{number}", f"Notional {number}", "JPN" if number < 3 else "CHN") for number in range(6)]
    firms.append(firm("F6", CANARY, "AUS"))
    shares = [share("F0", "N1", largest), *(share(f"F{number}", "N1", 12.0) for number in range(1, 6))]
    trade.put(rows(providers=firms, provisions=[*shares, share("F6", "N1", 28.0)]))


def test_a_share_that_one_firm_makes_is_told_as_a_band_and_another_with_it() -> None:
    trade = Trade()
    of_many(trade)
    [told] = tell(trade).inputs
    assert {one.country: (one.least_pct, one.most_pct) for one in told.cells} == {
        "AUS": (25.0, 50.0),
        "CHN": (25.0, 50.0),
        "JPN": (36.0, 36.0),
    }
    assert (told.years, told.sources) == ((2025,), ("Notional statistics of trade",))
    assert CANARY.encode() not in msgspec.json.encode(told)


def test_a_share_that_one_firm_dominates_is_a_band_as_well() -> None:
    trade = Trade()
    of_many(trade, largest=0.0)
    trade.put(
        rows(
            providers=[firm(f"F{number}", f"Notional {number}", "JPN") for number in range(3)],
            provisions=[share("F0", "N1", 50.0), share("F1", "N1", 1.0), share("F2", "N1", 1.0)],
        )
    )
    preview: ToShare = trade.query(JPN, "to-share", ToShareAsk(Basis.HEADQUARTERS))
    assert preview.inputs == ()
    assert [one.input for one in preview.withheld] == ["Ore"]
    with pytest.raises(Nothing):
        tell(trade)


def test_firms_are_no_basis_to_share_and_source_and_licence_go_with_the_numbers() -> None:
    trade = Trade()
    of_many(trade)
    with pytest.raises(BadField):
        tell(trade, JPN, Basis.FIRM)
    told = tell(trade)
    assert (told.licence, told.title) == ("CC0: a notional licence", "Notional trade")


def test_what_members_told_stands_side_by_side_and_the_last_word_of_each_holds() -> None:
    trade = Trade()
    of_many(trade)
    tell(trade)
    trade.put(member=KOR)
    tell(trade, KOR, Basis.UNSTATED)
    tell(trade)
    for member in (JPN, KOR, USA):
        shared = trade.query(member, "shared", SharedAsk("ore"))
        [one] = shared.inputs
        assert [(each.member, each.shares.basis) for each in one.sets] == [
            (JPN, Basis.HEADQUARTERS),
            (KOR, Basis.UNSTATED),
        ]
        index_of = one.sets[0].shares.herfindahl
        assert index_of.least <= 36.0**2 + 36.0**2 + 28.0**2 <= index_of.most
        assert one.sets[0].licence == "CC0: a notional licence"


SETS = st.lists(st.floats(0.1, 60.0), min_size=1, max_size=7).map(
    lambda given: [one * 100 / max(sum(given), 100) for one in given]
)
FIRMS = st.lists(st.lists(st.floats(0.1, 9.0), max_size=5), min_size=7, max_size=7)


def a_set(shares: list[float]) -> ShareSet:
    shown = tuple(ShareRow(f"C{place}", pct, pct) for place, pct in enumerate(shares))
    unknown = max(100.0 - sum(shares), 0.0)
    herfindahl = index(shares, unknown, Basis.UNSTATED, given=shares)
    return ShareSet(
        input="N1",
        name="Ore",
        basis=Basis.UNSTATED,
        shares=shown,
        unnumbered=(),
        known_pct=sum(shares),
        unknown_pct=unknown,
        scaled=False,
        herfindahl=herfindahl,
        years=(),
        sources=(),
    )


def check_cells(shares: list[float], firms: list[list[float]]) -> None:
    made = {("N1", f"C{place}"): tuple(each) for place, each in enumerate(firms)}
    told = cells_of(a_set(shares), made)
    if isinstance(told, NotShared):
        return
    truth = {f"C{place}": pct for place, pct in enumerate(shares)}
    assert {one.country for one in told.cells} == set(truth)
    for cell in told.cells:
        assert cell.least_pct <= truth[cell.country] <= cell.most_pct
        assert cell.most_pct - cell.least_pct in {0.0, BAND_PCT}
        if cell.least_pct == cell.most_pct:
            assert len(made["N1", cell.country]) >= 3
    for least, most in follows(told.cells, sum(shares)):
        assert most - least >= NARROWEST_PCT
    square = sum(one * one for one in shares)
    found = bounds(told.cells, Basis.UNSTATED)
    assert found.least - 1e-6 <= square <= found.most + 1e-6
    assert as_set(told).herfindahl == found


@given(SETS, FIRMS)
def test_whatever_the_shares_are_no_band_is_narrower_than_ten_points_for_who_subtracts(
    shares: list[float], firms: list[list[float]]
) -> None:
    check_cells(shares, firms)


@pytest.mark.long
@settings(max_examples=5_000)
@given(SETS, FIRMS)
def test_no_band_is_narrower_than_ten_points_at_length(shares: list[float], firms: list[list[float]]) -> None:
    check_cells(shares, firms)


def test_of_the_semiconductor_data_set_no_firm_is_told(shared_data: Any) -> None:
    trade = Trade()
    head, parts = read_chips({name: (shared_data / "chips" / name).read_bytes() for name in COLUMNS})
    for part in parts:
        trade.ask(JPN, "put-rows", part)
    trade.ask(JPN, "put-dataset", head)
    preview: ToShare = trade.query(JPN, "to-share", ToShareAsk(Basis.UNSTATED))
    assert len(preview.inputs) + len(preview.withheld) == 94
    assert preview.inputs
    assert tell(trade, JPN, Basis.UNSTATED).inputs == preview.inputs
    assert SOURCE_WITHHELD in {source for one in preview.inputs for source in one.sources}


# Nowhere


def bytes_of(node: Node) -> bytes:
    """All that a node holds: its log, its tables, and what it shows."""
    log = msgspec.json.encode([record for _, record in node.log])
    return log + repr((node.view.contents(), node.query("notices", NoAsk(), START))).encode()


def test_names_of_firms_are_nowhere_at_the_other_nodes() -> None:
    trade = Trade()
    providers = [firm("F1", CANARY, "AUS", "Canarius Zymurgicus"), firm("F2", "Notional", "AUS")]
    trade.put(rows(providers=providers, provisions=[share("F1", "N1", 55.0), share("F2", "N1", 20.0)]))
    trade.notice(firms=(FirmNamed(CANARY, ("Canarius",), "AUS", f"{CANARY} makes 55 %"),))
    trade.stock("Ore", cover=20.0, lead=3.0)
    trade.request()
    for basis in (Basis.HEADQUARTERS, Basis.UNSTATED):
        with pytest.raises(Nothing):
            tell(trade, JPN, basis)
    assert CANARY.encode() in bytes_of(trade.nodes.of[JPN])
    for member in (KOR, USA):
        held = bytes_of(trade.nodes.of[member])
        assert [word for word in (b"anar", b"ymurg", b"55 %", b"55.0") if word in held] == []
