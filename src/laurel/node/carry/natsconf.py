"""What the NATS server is told: its configuration, and the streams on it. Pure.

Each world has one account that owns its streams, and each peer in it an account of its own that is
kept empty. The owner exports to that account three things and nothing else: the next message of the
stream made for this peer, its acknowledgement, and the subjects meant for it live. So a reply subject
that a peer makes up only ever points into its own empty account.

The accounts of all members that the compact names are there before their cards are: admitting one
then needs a single reload.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from laurel.core.record import Precedence, World
from laurel.node.home.layout import join_address

MAX_MESSAGE_BYTES = 1024 * 1024
# A peer only ever asks and acknowledges.
MAX_PEER_MESSAGE_BYTES = 4096
MAX_PEER_CONNECTIONS = 4
MAX_PEER_SUBSCRIPTIONS = 16
MAX_STORE_BYTES = 256 * 1024**3
MAX_MEMORY_BYTES = 64 * 1024**2
MAX_LOG_BYTES = 16 * 1024**2
LOGS_KEPT = 3
MAX_STREAM_BYTES = 256 * 1024**2
SECOND_NS = 1_000_000_000
# What a line that just died had asked for is handed out again after that: too soon costs a repeat, no more.
AGAIN_AFTER_S: Mapping[Precedence, int] = {
    precedence: 5 if precedence is Precedence.ROUTINE else 1 for precedence in Precedence
}


@dataclass(frozen=True)
class Grants:
    """Who may sign in for one world: our courier, and each peer once its key is known."""

    world: World
    local_key: str
    peers: Mapping[str, str | None]


@dataclass(frozen=True)
class Place:
    """Where the server listens and keeps its files."""

    name: str
    host: str
    port: int
    store: Path
    log: Path
    pid: Path
    certificate: Path
    key: Path
    authorities: Path


def stream(peer: str) -> str:
    """The stream that holds what waits for a peer."""
    return f"OUT_{peer}"


def outbound(peer: str, precedence: Precedence) -> str:
    """The subject of parcels for a peer. The durable consumer is named by the precedence too."""
    return f"out.{peer}.{precedence.name}"


def heads(peer: str) -> str:
    """The subject, never stored, of our heads for a peer."""
    return f"live.{peer}.heads"


def heads_of(sender: str, peer: str) -> str:
    """The subject, never stored, of another member's heads for a peer, which we hand on. `*` for any sender."""
    return f"live.{peer}.heads.{sender}"


def onward(peer: str, recipient: str) -> str:
    """The subject, never stored, of our heads for a member that a peer is to hand on. `*` for any recipient."""
    return f"live.{peer}.onward.{recipient}"


def inbox(member: str) -> str:
    """Where replies to a member come in: the only subjects it may subscribe to beside `live`."""
    return f"_INBOX_{member}"


def next_message(peer: str, precedence: Precedence) -> str:
    """The service that hands a peer the next message of its own stream."""
    return f"$JS.API.CONSUMER.MSG.NEXT.{stream(peer)}.{precedence.name}"


def stream_ask(peer: str) -> dict[str, Any]:
    """What to ask of `$JS.API.STREAM.CREATE` for the stream of a peer."""
    return {
        "name": stream(peer),
        "subjects": [outbound(peer, precedence) for precedence in Precedence],
        # What the peer acknowledged is gone from the road: it is in its log, and in ours.
        "retention": "workqueue",
        "storage": "file",
        "discard": "new",
        "max_bytes": MAX_STREAM_BYTES,
        # A repeat after a publish that timed out comes well within this; lanes catch the rest.
        "duplicate_window": 20 * SECOND_NS,
        "deny_delete": True,
        "deny_purge": True,
    }


def consumer_ask(peer: str, precedence: Precedence) -> dict[str, Any]:
    """What to ask of `$JS.API.CONSUMER.DURABLE.CREATE` for one precedence of a peer's stream."""
    return {
        "stream_name": stream(peer),
        "config": {
            "durable_name": precedence.name,
            "filter_subject": outbound(peer, precedence),
            "deliver_policy": "all",
            "replay_policy": "instant",
            "ack_policy": "explicit",
            "ack_wait": AGAIN_AFTER_S[precedence] * SECOND_NS,
            "max_waiting": 16,
        },
    }


def pull_ask(parcels: int, for_s: float) -> dict[str, Any]:
    """What to ask of `next_message`: that many, as they come, for that long."""
    return {"batch": parcels, "expires": int(for_s * SECOND_NS)}


def pull_now_ask(parcels: int) -> dict[str, Any]:
    """What to ask of `next_message`: up to that many, of what is there."""
    return {"batch": parcels, "no_wait": True}


def configuration(place: Place, worlds: Iterable[Grants]) -> str:
    """The text of the configuration file. JSON, which the server reads, so that nothing can be injected."""
    accounts: dict[str, Any] = {"SYS": {"users": []}}
    for grants in worlds:
        accounts |= _accounts(grants)
    return json.dumps(
        {
            "server_name": place.name,
            "listen": join_address(place.host, place.port),
            "pid_file": str(place.pid),
            "log_file": str(place.log),
            "logfile_size_limit": MAX_LOG_BYTES,
            "logfile_max_num": LOGS_KEPT,
            "logtime_utc": True,
            "max_payload": MAX_MESSAGE_BYTES,
            "max_connections": 1024,
            "write_deadline": "5s",
            "ping_interval": "10s",
            "ping_max": 2,
            "authorization": {"timeout": 5},
            "tls": {
                "cert_file": str(place.certificate),
                "key_file": str(place.key),
                "ca_file": str(place.authorities),
                "verify": True,
                "min_version": "1.3",
                "timeout": 5,
            },
            "jetstream": {
                "store_dir": str(place.store),
                "max_file_store": MAX_STORE_BYTES,
                "max_memory_store": MAX_MEMORY_BYTES,
                # What was acknowledged is on the disk: the outbox forgets it then.
                "sync_interval": "always",
            },
            "accounts": accounts,
            "system_account": "SYS",
        },
        indent=1,
        ensure_ascii=False,
    )


def account_names(configured: str) -> frozenset[str]:
    """The accounts of a configuration made here; none for an empty text."""
    return frozenset(json.loads(configured)["accounts"]) if configured else frozenset()


def _accounts(grants: Grants) -> dict[str, Any]:
    owner = grants.world.name
    named = {peer: f"{owner}/{peer}" for peer in grants.peers}
    exports = [export for peer, account in named.items() for export in _exports(peer, account)]
    accounts: dict[str, Any] = {
        owner: {"jetstream": "enabled", "users": [{"nkey": grants.local_key}], "exports": exports}
    }
    for peer, account in named.items():
        accounts[account] = _peer_account(owner, peer, grants.peers[peer])
    return accounts


def _services(peer: str) -> list[str]:
    acknowledge = [f"$JS.ACK.{stream(peer)}.{precedence.name}.>" for precedence in Precedence]
    return [next_message(peer, precedence) for precedence in Precedence] + acknowledge


def _live(peer: str) -> str:
    return f"live.{peer}.>"


def _exports(peer: str, account: str) -> list[dict[str, Any]]:
    # One request is answered by many messages.
    many = {"response_type": "stream"}
    services = [
        {"service": subject, "accounts": [account], **({} if subject.startswith("$JS.ACK.") else many)}
        for subject in _services(peer)
    ]
    return [*services, {"stream": _live(peer), "accounts": [account]}]


def _peer_account(owner: str, peer: str, key: str | None) -> dict[str, Any]:
    services = [{"service": {"account": owner, "subject": subject}} for subject in _services(peer)]
    permissions = {
        "publish": {"allow": _services(peer)},
        "subscribe": {"allow": [f"{inbox(peer)}.>", _live(peer)]},
    }
    return {
        "users": [] if key is None else [{"nkey": key, "permissions": permissions}],
        "imports": [*services, {"stream": {"account": owner, "subject": _live(peer)}}],
        "limits": {
            "max_connections": MAX_PEER_CONNECTIONS,
            "max_subscriptions": MAX_PEER_SUBSCRIPTIONS,
            "max_payload": MAX_PEER_MESSAGE_BYTES,
        },
    }
