"""TLP and labels: what a marking asks of a label, and what marking a label asks for. The stricter wins, both ways.

Traffic Light Protocol 2.0, FIRST, August 2022 (https://www.first.org/tlp/). The ids are those that OASIS published for
STIX 2.1: of TLP 2.0 in its extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d, of TLP 1.0 in section 7.2.1.4.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from typing import Any

import msgspec
from msgspec import Raw

from laurel.core.label import Classification, Label
from laurel.instruments.cyber.records import Tlp

STRICTEST = Tlp.RED

IDS: Mapping[Tlp, str] = {
    Tlp.CLEAR: "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    Tlp.GREEN: "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    Tlp.AMBER: "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    Tlp.AMBER_STRICT: "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    Tlp.RED: "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
_FIRST_IDS: Mapping[str, Tlp] = {
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": Tlp.CLEAR,
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": Tlp.GREEN,
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": Tlp.AMBER,
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": Tlp.RED,
}
LEVELS: Mapping[str, Tlp] = {**_FIRST_IDS, **{marking: tlp for tlp, marking in IDS.items()}}
"""The level of each marking of TLP 1.0 and 2.0."""

CLASSIFIED: Mapping[Tlp, Classification] = {
    Tlp.CLEAR: Classification.UNCLASSIFIED,
    Tlp.GREEN: Classification.UNCLASSIFIED,
    Tlp.AMBER: Classification.RESTRICTED,
    Tlp.AMBER_STRICT: Classification.CONFIDENTIAL,
    Tlp.RED: Classification.SECRET,
}
"""What a marking asks of a label: so much at least. FIRST says that TLP is no classification; a house needs one."""

MARKED: Mapping[Classification, Tlp] = {
    Classification.UNCLASSIFIED: Tlp.CLEAR,
    Classification.RESTRICTED: Tlp.AMBER,
    Classification.CONFIDENTIAL: Tlp.AMBER_STRICT,
    Classification.SECRET: Tlp.RED,
    Classification.TOP_SECRET: Tlp.RED,
}
"""What a classification asks of a marking: so much at least."""


def ranked(rank: int) -> Tlp:
    """The level of that rank."""
    return tuple(Tlp)[rank]


def stricter(first: Tlp, second: Tlp) -> Tlp:
    """The one of the two that lets less out."""
    return max(first, second, key=lambda one: one.rank)


def tlp_of(label: Label) -> Tlp:
    """The least strict level that lets no more out than the label, as far as the label alone tells.

    A caveat is for named readers only. What is released to nobody stays in the house.
    """
    if label.caveats:
        return Tlp.RED
    home = Tlp.AMBER_STRICT if len(label.rel_to) == 1 else Tlp.CLEAR
    return stricter(MARKED[label.classification], home)


def tlp_among(label: Label, members: Collection[str]) -> Tlp:
    """As `tlp_of`; and what is not for every member of the compact is nobody's community's."""
    return tlp_of(label) if set(members) <= set(label.rel_to) else stricter(tlp_of(label), Tlp.AMBER)


def label_under(tlp: Tlp, said: Label, member: str, red_to: Collection[str]) -> Label:
    """The label of something so marked that an officer of `member` labelled `said`: the stricter of each part.

    RED reaches those alone whom he named for it, one by one; home is always among them.
    """
    rel_to = said.rel_to
    if tlp is Tlp.RED:
        rel_to = tuple(sorted({member} | (set(said.rel_to) & set(red_to))))
    classification = max(said.classification, CLASSIFIED[tlp], key=lambda one: one.rank)
    return Label(classification, rel_to, said.caveats)


def leaving(stix: Raw, tlp: Tlp) -> Raw:
    """The object as it may leave this house: as it is, if its own TLP markings are that strict, else marked so.

    A CLEAR label asks for no marking: what its author left unmarked leaves unmarked.
    """
    if tlp is Tlp.CLEAR:
        return stix
    written: dict[str, Any] = msgspec.json.decode(stix)
    refs = [one for one in written.get("object_marking_refs", ()) if isinstance(one, str)]
    own = max((LEVELS[one].rank for one in refs if one in LEVELS), default=-1)
    if own >= tlp.rank:
        return stix
    # One level each: two of them on one object would contradict each other.
    kept = [one for one in refs if one not in LEVELS]
    return Raw(msgspec.json.encode({**written, "object_marking_refs": [*kept, IDS[tlp]]}))


def collection_id(tlp: Tlp, rel_to: tuple[str, ...]) -> str:
    """Where a TAXII client finds what is so marked and for these members: a UUID of version 8 (RFC 9562).

    It follows from both alone, so a collection is called the same on every node.
    """
    digest = hashlib.sha256(f"laurel collection {tlp} {' '.join(rel_to)}".encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-8{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"


def collection_title(tlp: Tlp, rel_to: tuple[str, ...]) -> str:
    """`TLP:GREEN to USA, JPN, KOR`."""
    return f"{tlp} to {', '.join(sorted(rel_to, key=lambda code: (code != 'USA', code)))}"
