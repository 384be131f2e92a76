"""What a hostile peer might send, invented by a coverage-guided fuzzer: fuzz.py TARGET RUNS REPORT.

Each input is a change of something genuine that libFuzzer found worth trying. It must be refused as `Untrusted`; a
crash of any other kind ends the run, and whatever is let in without being genuine is counted as accepted.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["laurel.border", "laurel.core", "laurel.node.witness"]):
    import msgspec
    from tests.border.sealing import sealed, sign
    from tests.border.test_admit import KINDS, POLICIES, Held
    from tests.node.worlds import LIVE, MEMBERS, SEALING, SECRETS, Worlds, members

    from laurel.border.admit import Admitted, admit
    from laurel.border.parcel import LENGTH_BYTES, Parcel, open_parcel, padded, read_outside, seal_parcel
    from laurel.border.sealing import seal_bytes
    from laurel.core.errors import Untrusted
    from laurel.core.record import Precedence, Sealed
    from laurel.core.roster import open_card, sign_card
    from laurel.node.outbox import Outbox
    from laurel.node.witness import Witness


Verdict = str
GENUINE, REFUSED, ACCEPTED = "genuine", "refused", "accepted"
PAGE = os.sysconf("SC_PAGE_SIZE")


def of_records() -> tuple[list[bytes], Callable[[bytes], Verdict]]:
    """Records from Japan, altered; or written by the United States with its own true key."""
    who = members()
    us, policies = who.roster("KOR"), POLICIES
    genuine = [sealed(who, text, number=number) for number, text in enumerate(("hello", "日本", "x" * 300), 1)]
    ids = {one.id for one in genuine}

    def try_one(data: bytes) -> Verdict:
        mode, rest = data[:1], data[1:]
        like = genuine[len(data) % len(genuine)]
        one = {
            b"s": lambda: Sealed(like.payload, rest, like.key_id),
            b"k": lambda: Sealed(like.payload, like.signature, rest.decode(errors="replace")),
            b"u": lambda: sign(who, rest, "USA"),
        }.get(mode, lambda: Sealed(rest, like.signature, like.key_id))()
        decision = admit(one, us, policies, Held(), KINDS)
        if not isinstance(decision, Admitted):
            return REFUSED
        # What the United States signs and says in its own name is its own word, whatever it says.
        own = mode == b"u" and decision.record.origin == "USA"
        return GENUINE if own or (one.id in ids and one.signature == like.signature) else ACCEPTED

    seeds = [mode + part for one in genuine for mode, part in ((b"p", one.payload), (b"u", one.payload))]
    return [*seeds, b"s" + genuine[0].signature, b"k" + genuine[0].key_id.encode()], try_one


def of_parcels() -> tuple[list[bytes], Callable[[bytes], Verdict]]:
    """Parcels for Korea, altered on the way; or sealed for Korea by one who puts what he likes inside."""
    who = members()
    inside = Parcel("JPN", MEMBERS, Precedence.FLASH, (sealed(who, precedence=Precedence.FLASH),))
    genuine = seal_parcel(inside, LIVE.name, "JPN", "KOR", SEALING["KOR"])
    outside = read_outside(genuine)
    keys = {SEALING["KOR"].name: SECRETS["KOR"]}

    def try_one(data: bytes) -> Verdict:
        mode, rest = data[:1], data[1:]
        if mode == b"i":
            empty = msgspec.structs.replace(outside, sealed=b"")
            made = seal_bytes(rest, SEALING["KOR"].public, empty.bound)
            rest = msgspec.msgpack.encode(msgspec.structs.replace(outside, sealed=made))
        opened = open_parcel(rest, LIVE.name, "KOR", keys)
        # Whoever knows a public key may seal for it: what stands inside is then for `admit` to judge.
        whole = opened.origin in {"JPN", "KOR"} and "KOR" in opened.audience
        return GENUINE if (mode == b"i" and whole) or rest == genuine else ACCEPTED

    packed = msgspec.msgpack.encode(inside)
    plain = len(packed).to_bytes(LENGTH_BYTES) + packed
    return [b"p" + genuine, b"i" + plain.ljust(padded(len(plain)), b"\0")], try_one


def of_heads() -> tuple[list[bytes], Callable[[bytes], Verdict]]:
    """Heads of Korea for Japan, altered."""
    worlds = Worlds(Path(tempfile.mkdtemp()))
    ours, theirs = worlds.open("JPN"), worlds.open("KOR")
    witness = Witness(ours, Outbox(ours))
    genuine = Witness(theirs, Outbox(theirs)).heads("JPN")

    def try_one(data: bytes) -> Verdict:
        heads = witness.open("KOR", data)
        return GENUINE if heads is None or data == genuine else ACCEPTED

    return [genuine], try_one


def of_cards() -> tuple[list[bytes], Callable[[bytes], Verdict]]:
    """Member cards, altered."""
    who = members()
    genuine = sign_card(who.cards["JPN"], who.keys["JPN"])

    def try_one(data: bytes) -> Verdict:
        return GENUINE if open_card(data) == who.cards["JPN"] else ACCEPTED

    return [genuine], try_one


TARGETS: Mapping[str, Callable[[], tuple[list[bytes], Callable[[bytes], Verdict]]]] = {
    "records": of_records,
    "parcels": of_parcels,
    "heads": of_heads,
    "cards": of_cards,
}


def resident_b() -> int:
    """What this process holds in memory now, bytes."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE


def main(target: str, runs: str, report: str) -> None:
    """Fuzz until so many inputs were tried; the report is written at the last."""
    seeds, try_one = TARGETS[target]()
    verdicts = Counter[Verdict]()
    early_b = 0

    def test_one(data: bytes) -> None:
        nonlocal early_b
        try:
            verdicts[try_one(data)] += 1
        except Untrusted:
            verdicts[REFUSED] += 1
        done = verdicts.total()
        if done == int(runs) // 5:
            early_b = resident_b()
        if done == int(runs):
            memory = {"early_b": early_b, "late_b": resident_b()}
            Path(report).write_text(json.dumps({"target": target, **verdicts, **memory}), encoding="utf-8")

    corpus = Path(tempfile.mkdtemp())
    for number, seed in enumerate(seeds):
        (corpus / str(number)).write_bytes(seed)
    atheris.Setup(
        [
            sys.argv[0],
            str(corpus),
            f"-atheris_runs={runs}",
            "-max_len=4096",
            "-seed=4",
            "-verbosity=0",
            "-rss_limit_mb=0",
        ],
        test_one,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
