"""What the supply room shows: real answers, of the instrument itself, on notional data. For looking without a node.

With `CHIPS=FOLDER` it takes the data set in that folder instead.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.inspect import VarTupleType, type_info
from msgspec.structs import fields as fields_of
from tests.browser.flight import LAUNCHED

from laurel.core.label import Classification, Label
from laurel.gateways.chips import COLUMNS, read_chips
from laurel.instruments.supply import INSTRUMENT
from laurel.instruments.supply.assistance import OfferHelpAsk, RequestHelpAsk
from laurel.instruments.supply.dataset import PutDatasetAsk, PutRowsAsk
from laurel.instruments.supply.measures import NotifyMeasureAsk
from laurel.instruments.supply.notices import FileNoticeAsk, SayMetAsk
from laurel.instruments.supply.records import Edge, FirmNamed, Input, Provider, Provision
from laurel.instruments.supply.stocks import PutStockAsk
from laurel.instruments.supply.words import Counts, EdgeSort, MeasureSort, ProviderSort
from laurel.node.rehearsal import Nodes

ALL = Label(Classification.RESTRICTED, ("JPN", "KOR", "USA"))
ABE, KIM = "officer:abe", "officer:kim"
DAY = timedelta(days=1)
DIGEST = "0a" * 32

# key, name, sort, stage: what goes into what is below.
INPUTS = (
    ("G1", "Gallium", "material_resource", "Materials"),
    ("G2", "Compound wafers", "material_resource", "Materials"),
    ("G3", "Photoresist", "material_resource", "Materials"),
    ("G4", "Power amplifiers", "ultimate_output", "Fabrication"),
    ("G5", "Lithography", "process", "Fabrication"),
    ("G6", "Handsets", "ultimate_output", "Assembly"),
)
EDGES = (("G1", "G2"), ("G2", "G4"), ("G3", "G5"), ("G5", "G4"), ("G4", "G6"), ("G6", "G5"))
FIRMS = (
    ("F1", "Notional Metals", "CHN"),
    ("F2", "Notional Wafers", "JPN"),
    ("F3", "Notional Resist", "JPN"),
    ("F4", "Notional Amplifiers", "KOR"),
    ("F5", "Notional Radio", "USA"),
)
SHARES = (
    ("CHN", "G1", 83.0, "Notional Survey of Minerals"),
    ("JPN", "G1", 6.0, "Notional Survey of Minerals"),
    ("KOR", "G1", 4.0, "Notional Survey of Minerals"),
    ("F1", "G1", 55.0, "Notional Survey of Minerals"),
    ("JPN", "G2", 52.0, "Notional Wafer Report"),
    ("USA", "G2", 21.0, "Notional Wafer Report"),
    ("TWN", "G2", 18.0, "Notional Wafer Report"),
    ("F2", "G2", 44.0, "Notional Wafer Report"),
    ("F3", "G3", 61.0, ""),
    ("JPN", "G3", 88.0, "Notional Resist Report"),
    ("F4", "G4", 35.0, "Notional Radio Report"),
    ("F5", "G4", 40.0, "Notional Radio Report"),
    ("USA", "G4", 62.0, "Notional Radio Report"),
    ("KOR", "G4", 61.0, "Notional Radio Report"),
    ("F9", "G6", None, ""),
)


def _notional() -> tuple[PutDatasetAsk, tuple[PutRowsAsk, ...]]:
    countries = sorted({provider for provider, *_ in SHARES if provider.isalpha()})
    rows = PutRowsAsk(
        DIGEST,
        0,
        inputs=tuple(
            Input(key, name, sort, stage, text=f"{name}, as it is sold.") for key, name, sort, stage in INPUTS
        ),
        providers=(
            *(Provider(key, name, ProviderSort.FIRM, country=country) for key, name, country in FIRMS),
            *(Provider(code, code, ProviderSort.COUNTRY, country=code) for code in countries),
        ),
        provisions=tuple(
            Provision(provider, key, share, 2021, source, Counts.SITE if provider.isalpha() else None)
            for provider, key, share, source in SHARES
        ),
        edges=tuple(Edge(one, into, EdgeSort.GOES_INTO) for one, into in EDGES),
    )
    header = PutDatasetAsk(
        name="notional",
        title="Notional supply chain",
        source="Made up for looking at the console",
        licence="CC0",
        digest=DIGEST,
        chunks=1,
        inputs=len(INPUTS),
        providers=len(rows.providers),
        provisions=len(SHARES),
        edges=len(EDGES),
    )
    return header, (rows,)


@cache
def nodes() -> Nodes:
    """Three members; Japan holds a data set and stocks, has filed a notice whose time is up, and asks for help."""
    made = Nodes(INSTRUMENT, ("JPN", "KOR", "USA"))
    folder = os.environ.get("CHIPS")
    header, parts = (
        _notional() if folder is None else read_chips({name: (Path(folder) / name).read_bytes() for name in COLUMNS})
    )

    def ask(member: str, command: str, body: Struct, ago: timedelta) -> list[str]:
        return made.ask(member, command, body, ABE if member == "JPN" else KIM, LAUNCHED - ago)

    for part in parts:
        ask("JPN", "put-rows", part, 40 * DAY)
    ask("JPN", "put-dataset", header, 40 * DAY)
    for name, cover, lead in (
        ("Gallium", 40.0, 30.0),
        ("Compound wafers", 25.0, 14.0),
        ("Power amplifiers", 10.0, 7.0),
    ):
        stock = PutStockAsk(name, cover, cover * 1.5, lead, lead * 2, LAUNCHED - 20 * DAY, "Survey of makers")
        ask("JPN", "put-stock", stock, 20 * DAY)
    [notice, *_] = ask("JPN", "file-notice", NOTICE, 16 * DAY)
    [later, *_] = ask("KOR", "file-notice", LATER, 3 * DAY)
    ask("USA", "say-met", SayMetAsk(later, LAUNCHED - DAY, "en", "The three offices met by video."), DAY)
    wanted = RequestHelpAsk(
        "Gallium for two quarters",
        "ja",
        "在庫が尽きるまでに融通をお願いしたい。",
        "Gallium",
        LAUNCHED + 20 * DAY,
        "Economic Security Bureau",
        ALL,
        12.0,
        "tonnes",
        notice,
    )
    [request] = ask("JPN", "request-help", wanted, 10 * DAY)
    offer = OfferHelpAsk(
        "갈륨 재고",
        "ko",
        "비축분에서 융통할 수 있습니다.",
        "Gallium",
        LAUNCHED + 5 * DAY,
        "Supply Chain Office",
        ALL,
        4.0,
        "tonnes",
        request,
    )
    ask("KOR", "offer-help", offer, 2 * DAY)
    ask("USA", "notify-measure", MEASURE, 12 * DAY)
    return made


NOTICE = FileNoticeAsk(
    reference="gallium-2022",
    title="ガリウムの輸出許可が止まっている",
    language="ja",
    summary="国内の化合物半導体用ウェハーの生産が、在庫の尽きる順に止まるおそれがある。",
    cause="輸出許可の審査が 9 月 10 日から行われていない。",
    begins_at=LAUNCHED - 20 * DAY,
    sectors=("Semiconductors", "Telecommunications"),
    office="Economic Security Bureau",
    label=ALL,
    meeting=True,
    least_days=60.0,
    most_days=180.0,
    inputs=("Gallium",),
    measures="備蓄の放出を準備している。",
    help_wanted="代替の供給元と在庫の融通。",
    firms=(FirmNamed("Notional Compound", ("NC",), "JPN", "Buys a third of it."),),
)
LATER = FileNoticeAsk(
    reference="resist-2022",
    title="감광액 공장 화재",
    language="ko",
    summary="감광액 출하가 3주간 줄어듭니다.",
    cause="공장 화재.",
    begins_at=LAUNCHED - 5 * DAY,
    sectors=("Semiconductors",),
    office="Supply Chain Office",
    label=ALL,
    meeting=True,
    least_days=21.0,
    inputs=("Photoresist",),
)
MEASURE = NotifyMeasureAsk(
    MeasureSort.EXPORT_CONTROL,
    "Licences for etching tools",
    "en",
    "A licence is needed for the export of certain etching tools.",
    "A notional regulation, part 7",
    LAUNCHED + 10 * DAY,
    "Bureau of Industry",
    ALL,
    concerns=("CHN",),
    inputs=("Lithography",),
)


def answer(query: str, given: Mapping[str, Sequence[str]], now: datetime) -> Any:
    """The answer of that query to Japan, asked as by HTTP."""
    ask = next(one.ask for one in INSTRUMENT.queries if one.name == query)
    lists = {one.encode_name for one in fields_of(ask) if isinstance(type_info(one.type), VarTupleType)}
    values = {name: value if name in lists else value[0] for name, value in given.items()}
    return nodes().of["JPN"].query(query, msgspec.convert(values, ask, strict=False), now)
