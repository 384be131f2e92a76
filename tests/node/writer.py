"""A node's process that writes until it is killed, telling on a pipe what it has acknowledged."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.node.worlds import Members, cards_of, note, open_world


def write_until_killed(
    database: Path, secrets: Mapping[str, bytes], turn: int, parcels: list[bytes], acknowledged: Connection
) -> None:
    """Say, receive and react as Korea. Repeats the last ask of the turn before, as a client would."""
    keys = {code: Ed25519PrivateKey.from_private_bytes(secret) for code, secret in secrets.items()}
    world = open_world(database, Members(keys, cards_of(keys)), "KOR")
    acknowledged.send(("open", turn, ()))
    for number in count():
        asks = [note(f"tally {turn}.{number}.{place}") for place in range(1 + number % 3)]
        for asked, said in zip(asks, world.say_many(asks), strict=True):
            assert not isinstance(said, Exception)
            acknowledged.send(("said", asked.ask_id, said.records))
        parcel = parcels[number % len(parcels)]
        world.receive("JPN", [parcel])
        acknowledged.send(("received", number % len(parcels), ()))
        world.react()
