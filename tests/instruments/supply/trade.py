"""Three members with a small data set of a notional trade: ore goes into metal, metal and gas into chips."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct
from tests.instruments.harness import Nodes

from laurel.core.instrument import Item, NoAsk
from laurel.core.label import Classification, Label, label
from laurel.instruments.supply import INSTRUMENT
from laurel.instruments.supply.assistance import OfferHelpAsk, RequestHelpAsk
from laurel.instruments.supply.dataset import PutDatasetAsk, PutRowsAsk
from laurel.instruments.supply.measures import NotifyMeasureAsk
from laurel.instruments.supply.notices import FileNoticeAsk
from laurel.instruments.supply.records import Edge, Input, Provider, Provision
from laurel.instruments.supply.stocks import PutStockAsk
from laurel.instruments.supply.words import Counts, EdgeSort, MeasureSort, ProviderSort

JPN, KOR, USA = "JPN", "KOR", "USA"
MEMBERS = (JPN, KOR, USA)
EVERYONE = label(Classification.RESTRICTED, set(MEMBERS))
START = datetime(2026, 8, 18, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)
OFFICER = "officer:mori"
DIGEST = "ab" * 32
LICENCE, SOURCE = "CC0: a notional licence", "Notional statistics of trade"

INPUTS = (("N1", "Ore"), ("N2", "Metal"), ("N3", "Gas"), ("N4", "Chips"))
EDGES = (
    Edge("N1", "N2", EdgeSort.GOES_INTO),
    Edge("N2", "N4", EdgeSort.GOES_INTO),
    Edge("N3", "N4", EdgeSort.GOES_INTO),
)


def inputs(*named: tuple[str, str]) -> tuple[Input, ...]:
    return tuple(Input(key, name, "material") for key, name in named)


def firm(key: str, name: str, country: str = "", alias: str = "") -> Provider:
    return Provider(key, name, ProviderSort.FIRM, alias, country)


def country(key: str, code: str) -> Provider:
    return Provider(key, code, ProviderSort.COUNTRY)


def share(provider: str, of: str, pct: float | None, counts: Counts | None = None) -> Provision:
    return Provision(provider, of, pct, 2025, SOURCE, counts)


PROVIDERS = (
    country("C1", JPN),
    country("C2", "CHN"),
    country("C3", "AUS"),
    firm("F1", "Amatsu Works", JPN, "Amatsu Kōgyō"),
    firm("F2", "Beihai Metal Co., Ltd.", "CHN"),
    firm("F3", "青海鉱業", "CHN"),
)
PROVISIONS = (
    share("C2", "N1", 60.0),
    share("C3", "N1", 40.0),
    share("C1", "N2", 50.0),
    share("C2", "N2", 30.0),
    share("F1", "N2", 50.0),
    share("F2", "N2", 20.0),
    share("F3", "N2", None),
)


def rows(
    *,
    named: Sequence[tuple[str, str]] = INPUTS,
    providers: Sequence[Provider] = PROVIDERS,
    provisions: Sequence[Provision] = PROVISIONS,
    edges: Sequence[Edge] = EDGES,
) -> PutRowsAsk:
    return PutRowsAsk(DIGEST, 0, inputs(*named), tuple(providers), tuple(provisions), tuple(edges))


def header(chunks: int = 1, **changed: Any) -> PutDatasetAsk:
    given: dict[str, Any] = {"inputs": len(INPUTS), "providers": 6, "provisions": 7, "edges": 3, **changed}
    return PutDatasetAsk("trade", "Notional trade", SOURCE, LICENCE, DIGEST, chunks, **given)


class Trade:
    """Three nodes. Time goes on when a test says so."""

    def __init__(self, members: Iterable[str] = MEMBERS) -> None:
        self.nodes = Nodes(INSTRUMENT, members)
        self.now = START

    def ask(self, member: str, command: str, ask: Struct) -> list[str]:
        self.now += timedelta(seconds=1)
        return self.nodes.ask(member, command, ask, OFFICER, self.now)

    def query(self, member: str, name: str, ask: Struct | None = None) -> Any:
        return self.nodes.of[member].query(name, ask or NoAsk(), self.now)

    def docket(self, member: str) -> list[Item]:
        return list(INSTRUMENT.docket(self.nodes.of[member].view, self.now))

    def put(self, ask: PutRowsAsk | None = None, member: str = JPN) -> None:
        """Imports a small data set, instead of the one before."""
        part = ask or rows()
        digest = hashlib.sha256(msgspec.json.encode(part)).hexdigest()
        self.ask(member, "put-dataset", msgspec.structs.replace(header(), digest=digest))
        self.ask(member, "put-rows", msgspec.structs.replace(part, digest=digest))

    def stock(self, name: str, *, cover: float | None, lead: float | None, member: str = JPN) -> None:
        """What is known to the day."""
        self.ask(member, "put-stock", PutStockAsk(name, cover, cover, lead, lead))

    def notice(self, member: str = JPN, reference: str = "jpn-2026-1", **changed: Any) -> str:
        return self.ask(member, "file-notice", notice(reference, **changed))[0]

    def request(self, member: str = JPN, **changed: Any) -> str:
        return self.ask(member, "request-help", request(self.now + 10 * DAY, **changed))[0]

    def offer(self, member: str = USA, **changed: Any) -> str:
        return self.ask(member, "offer-help", offer(self.now + DAY, **changed))[0]

    def measure(self, member: str = USA, **changed: Any) -> str:
        return self.ask(member, "notify-measure", measure(self.now + 10 * DAY, **changed))[0]


def notice(reference: str = "jpn-2026-1", **changed: Any) -> FileNoticeAsk:
    given: Mapping[str, Any] = {
        "title": "Gallium is not delivered",
        "language": "en",
        "summary": "No gallium reaches the makers of power chips; the economy is affected within weeks.",
        "cause": "An export licence is not given.",
        "begins_at": START,
        "sectors": ("semiconductors",),
        "office": "Ministry of Economy",
        "label": EVERYONE,
        "meeting": True,
        "inputs": ("Metal",),
    }
    return FileNoticeAsk(reference, **{**given, **changed})


def request(needed_by: datetime, **changed: Any) -> RequestHelpAsk:
    given: Mapping[str, Any] = {
        "title": "Five tonnes of metal",
        "language": "en",
        "text": "We ask for five tonnes.",
        "input": "Metal",
        "office": "Ministry of Economy",
        "label": EVERYONE,
        "quantity": 5.0,
        "unit": "t",
    }
    return RequestHelpAsk(needed_by=needed_by, **{**given, **changed})


def offer(available_from: datetime, **changed: Any) -> OfferHelpAsk:
    given: Mapping[str, Any] = {
        "title": "Two tonnes of metal",
        "language": "en",
        "text": "We can give two tonnes.",
        "input": "metal",
        "office": "Department of Commerce",
        "label": EVERYONE,
        "quantity": 2.0,
        "unit": "t",
    }
    return OfferHelpAsk(available_from=available_from, **{**given, **changed})


def measure(in_force_from: datetime, **changed: Any) -> NotifyMeasureAsk:
    given: Mapping[str, Any] = {
        "sort": MeasureSort.EXPORT_CONTROL,
        "title": "Licences for tools that etch",
        "language": "en",
        "text": "Exports of tools that etch need a licence.",
        "legal_basis": "A notional act, section 1",
        "office": "Bureau of a notional department",
        "label": EVERYONE,
        "concerns": ("CHN",),
    }
    return NotifyMeasureAsk(in_force_from=in_force_from, **{**given, **changed})


def to(*members: str) -> Label:
    return label(Classification.RESTRICTED, set(members))
